#include "server/store/ledger.h"

#include <stdio.h>
#include <string.h>

#include "server/store/connection.h"
#include "server/store/digest.h"
#include "server/store/ledger_rows.h"

/* A row's hash is SHA-256 over
 *
 *     32 bytes   hash of the account's row before; zeros before the first
 *     text       2 "\n" account_id "\n" number "\n" task_id "\n" key_id "\n" kind "\n" amount_micro "\n"
 *                balance_micro "\n" at_ms "\n" note "\n"
 *
 * with numbers in decimal and "" for no task. The rows of schema 1 have format 1, without the first two
 * lines, the balance and the note, and with the row's id in front: id "\n" task_id "\n" key_id "\n" kind "\n"
 * amount_micro "\n" at_ms "\n". Ids hold no line feed and a note is last, so no two rows have the same text. */
enum { HASH_BYTES = DIGEST_BYTES };
_Static_assert(HASH_BYTES == 32, "the structs say so");

static const char *const kind_words[] = {"reserve", "charge", "release", "credit", "debit"};
const char *ledger_kind_word(enum ledger_kind kind) { return kind_words[kind]; }

static const char add_sql[] =
    "INSERT INTO ledger (format, account_id, number, task_id, key_id, kind, amount_micro,"
    " balance_micro, note, at_ms, prev_hash, hash)"
    " VALUES (2, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
static const char key_sql[] = "UPDATE keys SET used_micro = used_micro + ?2,"
                              " open_tasks = open_tasks + ?3 WHERE id = ?1";
static const char sum_sql[] = "SELECT kind, CAST(sum(amount_micro) AS BIGINT) FROM ledger WHERE ?1 "
                              "IS NULL OR key_id = ?1 GROUP BY kind";
static const char page_sql[] = "SELECT " LEDGER_COLUMNS " FROM ledger WHERE account_id = ?1"
                               " AND number > ?2 ORDER BY number LIMIT ?3";
static const char back_sql[] = "SELECT " LEDGER_COLUMNS " FROM ledger WHERE account_id = ?1"
                               " AND number < ?2 ORDER BY number DESC LIMIT ?3";

void ledger_hash(const struct ledger_row *r, unsigned char out[32])
{
    char text[HASH_BYTES + 512];
    const size_t room = sizeof(text) - HASH_BYTES;
    int n;
    memcpy(text, r->prev_hash, HASH_BYTES);
    if (r->format == 1)
        n = snprintf(text + HASH_BYTES, room, "%lld\n%s\n%s\n%s\n%lld\n%lld\n", (long long)r->id,
                     r->task_id, r->key_id, kind_words[r->kind], (long long)r->amount_micro,
                     (long long)r->at_ms);
    else
        n = snprintf(text + HASH_BYTES, room, "2\n%s\n%lld\n%s\n%s\n%s\n%lld\n%lld\n%lld\n%s\n",
                     r->account_id, (long long)r->number, r->task_id, r->key_id,
                     kind_words[r->kind], (long long)r->amount_micro, (long long)r->balance_micro,
                     (long long)r->at_ms, r->note);
    /* three ids of 31, five numbers of 20 and a note of 200 are under 512 */
    digest_sha256(text, HASH_BYTES + (size_t)n, out);
}

void ledger_read_row(struct statement *st, struct ledger_row *out)
{
    char word[16];
    *out = (struct ledger_row){0};
    out->id = column_int(st, 0);
    out->format = (int)column_int(st, 1);
    column_copy(st, 2, out->account_id, sizeof(out->account_id));
    out->number = column_int(st, 3);
    column_copy(st, 4, out->task_id, sizeof(out->task_id));
    column_copy(st, 5, out->key_id, sizeof(out->key_id));
    column_copy(st, 6, word, sizeof(word));
    for (int k = 0; k < LEDGER_KIND_COUNT; k++)
        if (strcmp(word, kind_words[k]) == 0)
            out->kind = (enum ledger_kind)k;
    out->amount_micro = column_int(st, 7);
    out->balance_micro = column_int(st, 8);
    column_copy(st, 9, out->note, sizeof(out->note));
    out->at_ms = column_int(st, 10);
    (void)column_hash(st, 11, out->prev_hash); /* zeros if it is damaged: they fit no chain */
    (void)column_hash(st, 12, out->hash);
}

/* What a row of each kind does, times its amount. */
static const struct {
    int balance, held, spent, used;
} effects[] = {
    [LEDGER_RESERVE] = {-1, +1, 0, +1}, [LEDGER_CHARGE] = {0, -1, +1, 0},
    [LEDGER_RELEASE] = {+1, -1, 0, -1}, [LEDGER_CREDIT] = {+1, 0, 0, 0},
    [LEDGER_DEBIT] = {-1, 0, 0, 0},
};

enum orator_status ledger_apply(struct account *a, enum ledger_kind kind, int64_t amount_micro,
                                struct orator_error *err)
{
    if (amount_micro < 0 ||
        __builtin_add_overflow(a->balance_micro, effects[kind].balance * amount_micro,
                               &a->balance_micro) ||
        __builtin_add_overflow(a->held_micro, effects[kind].held * amount_micro, &a->held_micro) ||
        __builtin_add_overflow(a->spent_micro, effects[kind].spent * amount_micro, &a->spent_micro))
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "an amount of %lld micro-units does not fit the account",
                           (long long)amount_micro);
    return ORATOR_OK;
}

static enum orator_status insert(struct connection *c, const struct ledger_row *r,
                                 struct orator_error *err)
{
    struct statement *st;
    enum orator_status s = statement(c, add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, r->account_id);
    bind_int(st, 2, r->number);
    bind_text(st, 3, r->task_id[0] ? r->task_id : NULL);
    bind_text(st, 4, r->key_id);
    bind_text(st, 5, kind_words[r->kind]);
    bind_int(st, 6, r->amount_micro);
    bind_int(st, 7, r->balance_micro);
    bind_text(st, 8, r->note);
    bind_int(st, 9, r->at_ms);
    bind_hash(st, 10, r->prev_hash);
    bind_hash(st, 11, r->hash);
    return step(c, st, NULL, err);
}

static enum orator_status write_accounts(struct ledger_batch *b, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    for (int i = 0; i < b->accounts_known; i++)
        if (b->accounts[i].changed)
            TRY(accounts_update(b->c, &b->accounts[i].now, err));
    b->accounts_known = 0;
done:
    return s;
}

static enum orator_status write_keys(struct ledger_batch *b, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct statement *st;
    for (int i = 0; i < b->keys_known; i++) {
        if (b->keys[i].used_change == 0 && b->keys[i].open_change == 0)
            continue;
        TRY(statement(b->c, key_sql, &st, err));
        bind_text(st, 1, b->keys[i].now.id);
        bind_int(st, 2, b->keys[i].used_change);
        bind_int(st, 3, b->keys[i].open_change);
        TRY(step(b->c, st, NULL, err));
    }
    b->keys_known = 0;
done:
    return s;
}

enum orator_status ledger_batch_account(struct ledger_batch *b, const char *id,
                                        struct account **out, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    for (int i = 0; i < b->accounts_known; i++) {
        *out = &b->accounts[i].now;
        if (strcmp((*out)->id, id) == 0)
            return ORATOR_OK;
    }
    if (b->accounts_known == LEDGER_BATCH_KINDS)
        TRY(write_accounts(b, err));
    *out = &b->accounts[b->accounts_known].now;
    b->accounts[b->accounts_known].changed = false;
    TRY(accounts_get(b->c, id, *out, err));
    b->accounts_known++;
done:
    return s;
}

/* The place of a key; not read from the store yet if it is new. */
static enum orator_status place_key(struct ledger_batch *b, const char *id, int *place,
                                    struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    for (*place = 0; *place < b->keys_known; ++*place)
        if (strcmp(b->keys[*place].now.id, id) == 0)
            return ORATOR_OK;
    if (b->keys_known == LEDGER_BATCH_KINDS)
        TRY(write_keys(b, err));
    *place = b->keys_known++;
    memset(&b->keys[*place], 0, sizeof(b->keys[0]));
    snprintf(b->keys[*place].now.id, sizeof(b->keys[0].now.id), "%s", id);
done:
    return s;
}

enum orator_status ledger_batch_key(struct ledger_batch *b, const char *id, struct api_key **out,
                                    struct orator_error *err)
{
    enum orator_status s;
    int i;
    struct api_key key;
    TRY(place_key(b, id, &i, err));
    if (!b->keys[i].read) {
        TRY(keys_get(b->c, id, &key, &b->keys[i].there, err));
        if (b->keys[i].there) {
            b->keys[i].now = key;
            b->keys[i].now.used_micro += b->keys[i].used_change;
            b->keys[i].now.open_tasks += b->keys[i].open_change;
        }
        b->keys[i].read = true;
    }
    *out = b->keys[i].there ? &b->keys[i].now : NULL;
done:
    return s;
}

static enum orator_status change_key(struct ledger_batch *b, const struct ledger_entry *e,
                                     struct orator_error *err)
{
    int i;
    int64_t used = effects[e->kind].used * e->amount_micro;
    if (used == 0 && e->open_change == 0)
        return ORATOR_OK;
    enum orator_status s = place_key(b, e->key_id, &i, err);
    if (s != ORATOR_OK)
        return s;
    b->keys[i].used_change += used;
    b->keys[i].open_change += e->open_change;
    b->keys[i].now.used_micro += used;
    b->keys[i].now.open_tasks += e->open_change;
    return ORATOR_OK;
}

static void mark_changed(struct ledger_batch *b, const struct account *a)
{
    for (int i = 0; i < b->accounts_known; i++)
        if (&b->accounts[i].now == a)
            b->accounts[i].changed = true;
}

enum orator_status ledger_batch_add(struct ledger_batch *b, const struct ledger_entry *e,
                                    int64_t *number, struct orator_error *err)
{
    enum orator_status s;
    struct account *a;
    struct ledger_row r = {
        .format = 2, .kind = e->kind, .amount_micro = e->amount_micro, .at_ms = e->at_ms};
    TRY(ledger_batch_account(b, e->account_id && *e->account_id ? e->account_id : ACCOUNT_DEFAULT,
                             &a, err));
    TRY(ledger_apply(a, e->kind, e->amount_micro, err));
    memcpy(r.prev_hash, a->ledger_hash, HASH_BYTES);
    r.number = ++a->ledger_rows;
    r.balance_micro = a->balance_micro;
    snprintf(r.account_id, sizeof(r.account_id), "%s", a->id);
    snprintf(r.task_id, sizeof(r.task_id), "%s", e->task_id ? e->task_id : "");
    snprintf(r.key_id, sizeof(r.key_id), "%s", e->key_id);
    snprintf(r.note, sizeof(r.note), "%s", e->note ? e->note : "");
    ledger_hash(&r, r.hash);
    memcpy(a->ledger_hash, r.hash, HASH_BYTES);
    mark_changed(b, a);
    TRY(insert(b->c, &r, err));
    TRY(change_key(b, e, err));
    if (number)
        *number = r.number;
done:
    return s;
}

enum orator_status ledger_batch_end(struct ledger_batch *b, struct orator_error *err)
{
    enum orator_status s = write_accounts(b, err);
    return s == ORATOR_OK ? write_keys(b, err) : s;
}

enum orator_status ledger_add(struct connection *c, const struct ledger_entry *e, int64_t *number,
                              struct orator_error *err)
{
    struct ledger_batch b;
    b.c = c;
    b.accounts_known = b.keys_known = 0;
    enum orator_status s = ledger_batch_add(&b, e, number, err);
    return s == ORATOR_OK ? ledger_batch_end(&b, err) : s;
}

enum orator_status ledger_top_up(struct store *store, const struct ledger_entry *e,
                                 struct account *after, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct ledger_entry entry = *e;
    *after = (struct account){0};
    if (e->note && strlen(e->note) > LEDGER_NOTE_MAX)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "note",
                                 "the note has %zu bytes, at most %d are kept", strlen(e->note),
                                 LEDGER_NOTE_MAX);
    TRY(store_write(store, &c, err));
    entry.at_ms = store_now_ms(store);
    TRY(ledger_add(c, &entry, NULL, err));
    TRY(accounts_get(c, e->account_id, after, err));
done:
    return store_end(&c, s, err);
}

enum orator_status ledger_sum(struct store *store, const char *key_id, struct ledger_sums *out,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    *out = (struct ledger_sums){0};
    TRY(store_read(store, &c, err));
    TRY(statement(c, sum_sql, &st, err));
    bind_text(st, 1, key_id);
    for (;;) {
        char word[16];
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        column_copy(st, 0, word, sizeof(word));
        for (int k = 0; k < LEDGER_KIND_COUNT; k++)
            if (strcmp(word, kind_words[k]) == 0)
                out->micro[k] = column_int(st, 1);
    }
done:
    return store_end(&c, s, err);
}

enum orator_status ledger_page(struct store *store, const char *account_id, int64_t after,
                               bool oldest_first, int limit,
                               void (*each)(void *ctx, const struct ledger_row *), void *ctx,
                               struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    TRY(store_read(store, &c, err));
    TRY(statement(c, oldest_first ? page_sql : back_sql, &st, err));
    bind_text(st, 1, account_id);
    bind_int(st, 2, oldest_first || after > 0 ? after : INT64_MAX);
    bind_int(st, 3, limit);
    for (;;) {
        struct ledger_row r;
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        ledger_read_row(st, &r);
        each(ctx, &r);
    }
done:
    return store_end(&c, s, err);
}
