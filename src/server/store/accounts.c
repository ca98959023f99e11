#include "server/store/accounts.h"

#include <stdio.h>
#include <string.h>

#include "server/store/connection.h"
#include "server/store/name.h"

#define COLUMNS                                                                            \
    "id, name, prepaid, balance_micro, held_micro, spent_micro, ledger_rows, created_ms, " \
    "ledger_hash"

static const char add_sql[] =
    "INSERT INTO accounts (id, name, prepaid, created_ms) VALUES (?1, ?2, ?3, ?4)";
static const char get_sql[] = "SELECT " COLUMNS " FROM accounts WHERE id = ?1";
static const char list_sql[] = "SELECT " COLUMNS " FROM accounts ORDER BY created_ms, id";
static const char prepaid_sql[] = "UPDATE accounts SET prepaid = ?2 WHERE id = ?1";
static const char update_sql[] =
    "UPDATE accounts SET balance_micro = ?2, held_micro = ?3, spent_micro = ?4, ledger_rows = ?5,"
    " ledger_hash = ?6 WHERE id = ?1";

static void read_row(struct statement *st, struct account *out)
{
    *out = (struct account){0};
    column_copy(st, 0, out->id, sizeof(out->id));
    column_copy(st, 1, out->name, sizeof(out->name));
    out->prepaid = column_int(st, 2) != 0;
    out->balance_micro = column_int(st, 3);
    out->held_micro = column_int(st, 4);
    out->spent_micro = column_int(st, 5);
    out->ledger_rows = column_int(st, 6);
    out->created_ms = column_int(st, 7);
    (void)column_hash(st, 8, out->ledger_hash); /* NULL: no row yet */
}

enum orator_status accounts_get(struct connection *c, const char *id, struct account *out,
                                struct orator_error *err)
{
    struct statement *st;
    bool row = false;
    *out = (struct account){0};
    enum orator_status s = statement_to_change(c, get_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    s = step(c, st, &row, err);
    if (s == ORATOR_OK && !row)
        return orator_fail(err, ORATOR_NOT_FOUND, "no account has this id");
    if (s == ORATOR_OK)
        read_row(st, out);
    return s;
}

enum orator_status accounts_update(struct connection *c, const struct account *a,
                                   struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, update_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, a->id);
    bind_int(st, 2, a->balance_micro);
    bind_int(st, 3, a->held_micro);
    bind_int(st, 4, a->spent_micro);
    bind_int(st, 5, a->ledger_rows);
    bind_hash(st, 6, a->ledger_hash);
    return step(c, st, NULL, err);
}

enum orator_status account_add(struct connection *c, const char *name, bool prepaid,
                               struct account *out, struct orator_error *err)
{
    struct statement *st;
    *out = (struct account){.prepaid = prepaid, .created_ms = connection_now_ms(c)};
    if (strlen(name) >= sizeof(out->name))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "name",
                                 "the name has %zu bytes, at most %zu are kept", strlen(name),
                                 sizeof(out->name) - 1);
    name_new(out->id, "acct_", 20);
    snprintf(out->name, sizeof(out->name), "%s", name);
    enum orator_status s = statement(c, add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, out->id);
    bind_text(st, 2, out->name);
    bind_int(st, 3, prepaid);
    bind_int(st, 4, out->created_ms);
    return step(c, st, NULL, err);
}

enum orator_status account_create(struct store *store, const char *name, bool prepaid,
                                  struct account *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    TRY(store_write(store, &c, err));
    TRY(account_add(c, name, prepaid, out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status account_get(struct store *store, const char *id, struct account *out,
                               struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct account){0};
    TRY(store_read(store, &c, err));
    TRY(accounts_get(c, id, out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status account_set_prepaid(struct store *store, const char *id, bool prepaid,
                                       struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct account a;
    struct statement *st;
    TRY(store_write(store, &c, err));
    TRY(accounts_get(c, id, &a, err));
    TRY(statement(c, prepaid_sql, &st, err));
    bind_text(st, 1, id);
    bind_int(st, 2, prepaid);
    TRY(step(c, st, NULL, err));
done:
    return store_end(&c, s, err);
}

enum orator_status account_list(struct store *store,
                                void (*each)(void *ctx, const struct account *), void *ctx,
                                struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    TRY(store_read(store, &c, err));
    TRY(statement(c, list_sql, &st, err));
    for (;;) {
        struct account a;
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        read_row(st, &a);
        each(ctx, &a);
    }
done:
    return store_end(&c, s, err);
}
