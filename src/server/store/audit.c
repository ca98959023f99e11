#include <stdio.h>
#include <string.h>

#include "server/store/connection.h"
#include "server/store/ledger_rows.h"

enum { PIECE = 1000 }; /* rows of a chain that are in memory at once */

static const char accounts_sql[] = "SELECT id FROM accounts ORDER BY id";
static const char walk_sql[] =
    "SELECT " LEDGER_COLUMNS " FROM ledger WHERE account_id = ?1 AND number > ?2"
    " ORDER BY number LIMIT ?3";

/* What one query finds is one sentence; each gives at most one row, the name of the first that is wrong. */
static const struct {
    const char *sql, *sentence;
} checks[] = {
    {"SELECT account_id FROM ledger WHERE account_id NOT IN (SELECT id FROM accounts) LIMIT 1",
     "the ledger has rows of the account %s, which is not there"},
    {"SELECT task_id FROM ledger WHERE task_id IS NOT NULL"
     " AND task_id NOT IN (SELECT id FROM tasks) LIMIT 1",
     "the ledger has rows of the task %s, which is not there"},
    {"SELECT l.task_id FROM ledger l JOIN tasks t ON t.id = l.task_id"
     " WHERE l.account_id <> t.account_id OR l.key_id <> t.key_id LIMIT 1",
     "the ledger books %s on another key or account than its own"},
    {"SELECT id FROM tasks t WHERE reserved_micro IS DISTINCT FROM (SELECT amount_micro FROM "
     "ledger l WHERE"
     " l.task_id = t.id AND kind = 'reserve') LIMIT 1",
     "the reserve of %s is not what the ledger says"},
    {"SELECT id FROM tasks t WHERE (state >= 2) <> (billing > 0) OR (state = 2 AND billing <> 1) OR"
     " (billing = 1) <> EXISTS (SELECT 1 FROM ledger l WHERE l.task_id = t.id AND kind = 'charge')"
     " OR charged_micro <> coalesce((SELECT amount_micro FROM ledger l WHERE l.task_id = t.id AND"
     " kind = 'charge'), 0) LIMIT 1",
     "the charge of %s does not go with its state"},
    {"SELECT id FROM tasks t WHERE CASE WHEN state >= 2 THEN 0 ELSE reserved_micro END <> (SELECT "
     "sum(CASE kind"
     " WHEN 'reserve' THEN amount_micro ELSE -amount_micro END) FROM ledger l WHERE"
     " l.task_id = t.id) LIMIT 1",
     "reserve, charge and release of %s do not add up"},
    {"SELECT id FROM keys k WHERE used_micro <> (SELECT coalesce(sum(CASE kind WHEN 'reserve' THEN"
     " amount_micro WHEN 'release' THEN -amount_micro ELSE 0 END), 0) FROM ledger l WHERE"
     " l.key_id = k.id AND task_id IS NOT NULL) LIMIT 1",
     "what %s has used is not what the ledger says"},
    {"SELECT id FROM keys k WHERE open_tasks <>"
     " (SELECT count(*) FROM tasks t WHERE t.key_id = k.id AND t.state < 2) LIMIT 1",
     "the open tasks of %s are not as many as it counts"},
};

/* One account's chain, from its first row to the end that the account remembers. */
static enum orator_status check_chain(struct connection *c, const char *account_id, int64_t *rows,
                                      struct orator_error *err)
{
    enum orator_status s;
    struct account kept, sum = {0};
    struct ledger_row r;
    unsigned char hash[32];
    struct statement *st;
    bool row;
    TRY(accounts_get(c, account_id, &kept, err));
    int64_t read = 0, last = 0;
    for (;;) {
        if (read++ % PIECE == 0) {
            TRY(statement(c, walk_sql, &st, err));
            bind_text(st, 1, account_id);
            bind_int(st, 2, last);
            bind_int(st, 3, PIECE);
        }
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        ledger_read_row(st, &r);
        last = r.number;
        TRY(ledger_apply(&sum, r.kind, r.amount_micro, err));
        ledger_hash(&r, hash);
        if (r.number != sum.ledger_rows + 1 || memcmp(r.prev_hash, sum.ledger_hash, 32) != 0 ||
            memcmp(r.hash, hash, 32) != 0 ||
            (r.format == 1 && strcmp(r.account_id, ACCOUNT_DEFAULT) != 0)) {
            s = orator_fail(err, ORATOR_INTERNAL,
                            "ledger row %lld of %s does not continue row %lld", (long long)r.number,
                            account_id, (long long)sum.ledger_rows);
            goto done;
        }
        if (r.balance_micro != sum.balance_micro) {
            s = orator_fail(err, ORATOR_INTERNAL,
                            "ledger row %lld of %s says a balance of %lld, it is %lld",
                            (long long)r.number, account_id, (long long)r.balance_micro,
                            (long long)sum.balance_micro);
            goto done;
        }
        sum.ledger_rows++;
        ++*rows;
        memcpy(sum.ledger_hash, hash, 32);
    }
    if (kept.ledger_rows != sum.ledger_rows ||
        memcmp(kept.ledger_hash, sum.ledger_hash, sizeof(sum.ledger_hash)) != 0)
        s = orator_fail(
            err, ORATOR_INTERNAL,
            "the ledger of %s ends with row %lld, its account remembers %lld: the tail is"
            " cut off or replaced",
            account_id, (long long)sum.ledger_rows, (long long)kept.ledger_rows);
    else if (kept.balance_micro != sum.balance_micro || kept.held_micro != sum.held_micro ||
             kept.spent_micro != sum.spent_micro)
        s = orator_fail(err, ORATOR_INTERNAL,
                        "balance, held and spent of %s are %lld, %lld, %lld; its ledger says %lld,"
                        " %lld, %lld",
                        account_id, (long long)kept.balance_micro, (long long)kept.held_micro,
                        (long long)kept.spent_micro, (long long)sum.balance_micro,
                        (long long)sum.held_micro, (long long)sum.spent_micro);
done:
    return s;
}

static enum orator_status check_all(struct connection *c, int i, struct orator_error *err)
{
    struct statement *st;
    char name[64];
    bool row;
    enum orator_status s = statement(c, checks[i].sql, &st, err);
    if (s == ORATOR_OK)
        s = step(c, st, &row, err);
    if (s != ORATOR_OK || !row)
        return s;
    column_copy(st, 0, name, sizeof(name));
    char text[200];
    const char *at = strstr(checks[i].sentence, "%s");
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - checks[i].sentence), checks[i].sentence,
             name, at + 2);
    return orator_fail(err, ORATOR_INTERNAL, "%s", text);
}

static enum orator_status verify(struct store *store, bool all, int64_t *rows,
                                 struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    *rows = 0;
    TRY(store_read(store, &c, err));
    TRY(statement(c, accounts_sql, &st, err));
    for (;;) {
        char id[ACCOUNT_ID_SIZE];
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, id, sizeof(id));
        TRY(check_chain(c, id, rows, err));
    }
    for (int i = 0; all && i < (int)(sizeof(checks) / sizeof(checks[0])); i++)
        TRY(check_all(c, i, err));
done:
    return store_end(&c, s, err);
}

enum orator_status ledger_verify(struct store *store, int64_t *rows, struct orator_error *err)
{
    return verify(store, true, rows, err);
}

enum orator_status ledger_verify_chains(struct store *store, int64_t *rows,
                                        struct orator_error *err)
{
    return verify(store, false, rows, err);
}
