#include "server/store/keys.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "server/store/connection.h"
#include "server/store/name.h"

#define LAST_USED_STEP_MS 60000 /* a commit a minute per busy key, not one a request */

enum {
    SECRET_LETTERS = 32, /* 190 bits */
    CHECK_LETTERS = 6,   /* 62^6 > 2^32 */
    PREFIX_LETTERS = 7,
    WHOLE = 3 + SECRET_LETTERS + CHECK_LETTERS,
    HASH_BYTES = SHA256_DIGEST_LENGTH
};

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
enum { LETTERS = sizeof(letters) - 1 };

#define COLUMNS                                                                                 \
    "id, name, prefix, created_ms, last_used_ms, revoked_ms, account_id, scopes, budget_micro," \
    " used_micro, expires_ms, rate_per_minute, parallel, open_tasks"
enum { COLUMN_COUNT = 14 };

static const char add_sql[] =
    "INSERT INTO keys (id, name, prefix, hash, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
static const char find_sql[] = "SELECT " COLUMNS ", hash FROM keys WHERE hash = ?1";
static const char list_sql[] = "SELECT " COLUMNS " FROM keys ORDER BY seq";
static const char used_sql[] = "UPDATE keys SET last_used_ms = ?2 WHERE id = ?1";
static const char match_sql[] = "SELECT id FROM keys WHERE id = ?1 OR prefix = ?1 LIMIT 2";
static const char revoke_sql[] = "UPDATE keys SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms = 0";

const char *key_scope_word(enum key_scope scope)
{
    switch (scope) {
    case SCOPE_READ:
        return "read";
    case SCOPE_WRITE:
        return "write";
    case SCOPE_BILLING:
        return "billing";
    case SCOPE_ADMIN:
        return "admin";
    case SCOPE_USUAL:
        break;
    }
    return "";
}

/* CRC-32 as in zip and PNG (polynomial 0xEDB88320, reflected). */
static uint32_t crc32(const char *s, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)s[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void put_check(const char *secret, char out[CHECK_LETTERS])
{
    uint32_t crc = crc32(secret, SECRET_LETTERS);
    for (int i = CHECK_LETTERS - 1; i >= 0; i--, crc /= LETTERS)
        out[i] = letters[crc % LETTERS];
}

static void make_secret(char out[KEY_SIZE])
{
    memcpy(out, "sk-", 3);
    for (int i = 0; i < SECRET_LETTERS;) {
        unsigned char random;
        random_secret(&random, 1);
        if (random < 256 / LETTERS * LETTERS) /* else the first letters would come more often */
            out[3 + i++] = letters[random % LETTERS];
    }
    put_check(out + 3, out + 3 + SECRET_LETTERS);
    out[WHOLE] = '\0';
}

static bool well_formed(const char *key)
{
    char check[CHECK_LETTERS];
    if (strlen(key) != WHOLE || !text_starts(key, "sk-") || strspn(key + 3, letters) != WHOLE - 3)
        return false;
    put_check(key + 3, check);
    return memcmp(check, key + 3 + SECRET_LETTERS, CHECK_LETTERS) == 0;
}

static void read_row(sqlite3_stmt *st, struct api_key *out)
{
    column_copy(st, 0, out->id, sizeof(out->id));
    column_copy(st, 1, out->name, sizeof(out->name));
    column_copy(st, 2, out->prefix, sizeof(out->prefix));
    out->created_ms = sqlite3_column_int64(st, 3);
    out->last_used_ms = sqlite3_column_int64(st, 4);
    out->revoked_ms = sqlite3_column_int64(st, 5);
    column_copy(st, 6, out->account_id, sizeof(out->account_id));
    out->scopes = (unsigned)sqlite3_column_int(st, 7);
    out->budget_micro =
        sqlite3_column_type(st, 8) == SQLITE_NULL ? -1 : sqlite3_column_int64(st, 8);
    out->used_micro = sqlite3_column_int64(st, 9);
    out->expires_ms = sqlite3_column_int64(st, 10);
    out->rate_per_minute = sqlite3_column_int(st, 11);
    out->parallel = sqlite3_column_int(st, 12);
    out->open_tasks = sqlite3_column_int(st, 13);
}

enum orator_status key_create(struct store *store, const char *name, struct api_key *out,
                              char secret[KEY_SIZE], struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    sqlite3_stmt *st;
    unsigned char hash[HASH_BYTES];
    char key[KEY_SIZE];
    secret[0] = '\0';
    *out = (struct api_key){.created_ms = store_now_ms(store),
                            .account_id = ACCOUNT_DEFAULT,
                            .scopes = SCOPE_USUAL,
                            .budget_micro = -1};
    if (strlen(name) >= KEY_NAME_SIZE)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "name",
                                 "the name has %zu bytes, at most %d are kept", strlen(name),
                                 KEY_NAME_SIZE - 1);
    make_secret(key);
    SHA256((const unsigned char *)key, WHOLE, hash);
    name_new(out->id, "key_", 20);
    snprintf(out->name, sizeof(out->name), "%s", name);
    snprintf(out->prefix, sizeof(out->prefix), "%.*s", PREFIX_LETTERS, key);

    TRY(store_write(store, &c, err));
    TRY(statement(c, add_sql, &st, err));
    bind_text(st, 1, out->id);
    bind_text(st, 2, out->name);
    bind_text(st, 3, out->prefix);
    bind_hash(st, 4, hash);
    sqlite3_bind_int64(st, 5, out->created_ms);
    TRY(step(c, st, NULL, err));
done:
    s = store_end(&c, s, err);
    if (s == ORATOR_OK)
        memcpy(secret, key, KEY_SIZE);
    OPENSSL_cleanse(key, sizeof(key));
    return s;
}

/* When a key was last used is worth knowing and not worth failing a request for. */
static void note_use(struct store *store, struct api_key *key, int64_t now_ms)
{
    struct connection *c = NULL;
    sqlite3_stmt *st;
    enum orator_status s;
    TRY(store_write(store, &c, NULL));
    TRY(statement(c, used_sql, &st, NULL));
    bind_text(st, 1, key->id);
    sqlite3_bind_int64(st, 2, now_ms);
    TRY(step(c, st, NULL, NULL));
done:
    if (store_end(&c, s, NULL) == ORATOR_OK)
        key->last_used_ms = now_ms;
}

enum orator_status key_check(struct store *store, const char *secret, struct api_key *out,
                             struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct connection *c = NULL;
    sqlite3_stmt *st;
    unsigned char hash[HASH_BYTES];
    bool row = false, good = false;
    *out = (struct api_key){0};
    if (well_formed(secret)) {
        SHA256((const unsigned char *)secret, WHOLE, hash);
        TRY(store_read(store, &c, err));
        TRY(statement(c, find_sql, &st, err));
        bind_hash(st, 1, hash);
        TRY(step(c, st, &row, err));
        if (row) {
            read_row(st, out);
            good = sqlite3_column_bytes(st, COLUMN_COUNT) == HASH_BYTES &&
                   CRYPTO_memcmp(sqlite3_column_blob(st, COLUMN_COUNT), hash, HASH_BYTES) == 0 &&
                   out->revoked_ms == 0;
        }
    }
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK)
        return s;
    if (!good) {
        *out = (struct api_key){0};
        return orator_fail(err, ORATOR_INVALID_API_KEY, "the API key is unknown or revoked");
    }
    int64_t now_ms = store_now_ms(store);
    if (out->expires_ms > 0 && now_ms >= out->expires_ms) {
        *out = (struct api_key){0};
        return orator_fail(err, ORATOR_EXPIRED_API_KEY,
                           "the API key has expired; ask for a new one");
    }
    if (now_ms - out->last_used_ms >= LAST_USED_STEP_MS)
        note_use(store, out, now_ms);
    return ORATOR_OK;
}

enum orator_status key_list(struct store *store, void (*each)(void *ctx, const struct api_key *),
                            void *ctx, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    sqlite3_stmt *st;
    bool row;
    TRY(store_read(store, &c, err));
    TRY(statement(c, list_sql, &st, err));
    for (;;) {
        struct api_key key = {0};
        TRY(step(c, st, &row, err));
        if (!row)
            break;
        read_row(st, &key);
        each(ctx, &key);
    }
done:
    return store_end(&c, s, err);
}

enum orator_status key_revoke(struct store *store, const char *id_or_prefix,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    sqlite3_stmt *match, *revoke;
    char id[KEY_ID_SIZE];
    bool row, second = false;
    TRY(store_write(store, &c, err));
    TRY(statement(c, match_sql, &match, err));
    bind_text(match, 1, id_or_prefix);
    TRY(step(c, match, &row, err));
    if (row) {
        column_copy(match, 0, id, sizeof(id));
        TRY(step(c, match, &second, err));
    }
    if (!row || second) {
        s = orator_fail(err, ORATOR_NOT_FOUND, "%s key has this id or prefix",
                        second ? "more than one" : "no");
        goto done;
    }
    TRY(statement(c, revoke_sql, &revoke, err));
    bind_text(revoke, 1, id);
    sqlite3_bind_int64(revoke, 2, store_now_ms(store));
    TRY(step(c, revoke, NULL, err));
done:
    return store_end(&c, s, err);
}
