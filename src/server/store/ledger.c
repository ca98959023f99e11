#include "server/store/ledger.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "server/store/connection.h"

/* A row's hash is SHA-256 over
 *
 *     32 bytes   hash of the row before; zeros before the first
 *     text       id "\n" task_id "\n" key_id "\n" kind "\n" amount_micro "\n" at_ms "\n"
 *
 * with numbers in decimal. Ids hold no line feed, so no two rows have the same text. */
enum { HASH_BYTES = SHA256_DIGEST_LENGTH };

struct row {
    int64_t id;
    struct ledger_entry entry;
    const char *kind;
    const unsigned char *prev;
};

static const char *const kind_words[] = {"reserve", "charge", "release"};

static const char last_sql[] = "SELECT id, hash FROM ledger ORDER BY id DESC LIMIT 1";
static const char add_sql[] =
    "INSERT INTO ledger (id, task_id, key_id, kind, amount_micro, at_ms, prev_hash, hash)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char sum_sql[] =
    "SELECT kind, sum(amount_micro) FROM ledger WHERE ?1 IS NULL OR key_id = ?1 GROUP BY kind";
static const char walk_sql[] = "SELECT id, task_id, key_id, kind, amount_micro, at_ms, prev_hash,"
                               " hash FROM ledger ORDER BY id";

static enum orator_status hash_row(const struct row *r, unsigned char out[HASH_BYTES],
                                   struct orator_error *err)
{
    unsigned char text[HASH_BYTES + 256];
    memcpy(text, r->prev, HASH_BYTES);
    int n = snprintf((char *)text + HASH_BYTES, sizeof(text) - HASH_BYTES,
                     "%lld\n%s\n%s\n%s\n%lld\n%lld\n", (long long)r->id, r->entry.task_id,
                     r->entry.key_id, r->kind, (long long)r->entry.amount_micro,
                     (long long)r->entry.at_ms);
    if (n < 0 || (size_t)n >= sizeof(text) - HASH_BYTES)
        return orator_fail(err, ORATOR_INTERNAL, "ledger row %lld has an id that is too long",
                           (long long)r->id);
    SHA256(text, HASH_BYTES + (size_t)n, out);
    return ORATOR_OK;
}

enum orator_status ledger_add(struct connection *c, const struct ledger_entry *entry,
                              struct orator_error *err)
{
    enum orator_status s;
    unsigned char prev[HASH_BYTES] = {0}, hash[HASH_BYTES];
    struct row r = {.id = 1, .entry = *entry, .kind = kind_words[entry->kind], .prev = prev};
    sqlite3_stmt *last, *add;
    bool row;
    TRY(statement(c, last_sql, &last, err));
    TRY(step(c, last, &row, err));
    if (row && sqlite3_column_bytes(last, 1) == HASH_BYTES) {
        r.id = sqlite3_column_int64(last, 0) + 1;
        memcpy(prev, sqlite3_column_blob(last, 1), HASH_BYTES);
    }
    TRY(hash_row(&r, hash, err));

    TRY(statement(c, add_sql, &add, err));
    sqlite3_bind_int64(add, 1, r.id);
    bind_text(add, 2, entry->task_id);
    bind_text(add, 3, entry->key_id);
    bind_text(add, 4, r.kind);
    sqlite3_bind_int64(add, 5, entry->amount_micro);
    sqlite3_bind_int64(add, 6, entry->at_ms);
    bind_hash(add, 7, prev);
    bind_hash(add, 8, hash);
    TRY(step(c, add, NULL, err));
    sqlite3_reset(add); /* it borrowed prev and hash, which end here */
    sqlite3_clear_bindings(add);
done:
    return s;
}

enum orator_status ledger_sum(struct store *store, const char *key_id, struct ledger_sums *out,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    sqlite3_stmt *st;
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
                out->micro[k] = sqlite3_column_int64(st, 1);
    }
done:
    return store_end(&c, s, err);
}

enum orator_status ledger_verify(struct store *store, int64_t *rows, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    unsigned char prev[HASH_BYTES] = {0}, hash[HASH_BYTES];
    sqlite3_stmt *st;
    bool row;
    *rows = 0;
    TRY(store_read(store, &c, err));
    TRY(statement(c, walk_sql, &st, err));
    for (;;) {
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        struct row r = {
            .id = sqlite3_column_int64(st, 0),
            .entry = {.task_id = (const char *)sqlite3_column_text(st, 1),
                      .key_id = (const char *)sqlite3_column_text(st, 2),
                      .amount_micro = sqlite3_column_int64(st, 4),
                      .at_ms = sqlite3_column_int64(st, 5)},
            .kind = (const char *)sqlite3_column_text(st, 3),
            .prev = prev,
        };
        TRY(hash_row(&r, hash, err));
        if (sqlite3_column_bytes(st, 6) != HASH_BYTES ||
            sqlite3_column_bytes(st, 7) != HASH_BYTES ||
            memcmp(sqlite3_column_blob(st, 6), prev, HASH_BYTES) != 0 ||
            memcmp(sqlite3_column_blob(st, 7), hash, HASH_BYTES) != 0) {
            s = orator_fail(err, ORATOR_INTERNAL, "ledger row %lld does not continue row %lld",
                            (long long)r.id, (long long)*rows);
            goto done;
        }
        memcpy(prev, hash, HASH_BYTES);
        ++*rows;
    }
done:
    return store_end(&c, s, err);
}
