#include "server/store/keys.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "server/store/accounts.h"
#include "server/store/connection.h"
#include "server/store/digest.h"
#include "server/store/name.h"

#define LAST_USED_STEP_MS 60000 /* a commit a minute per busy key, not one a request */

enum {
    SECRET_LETTERS = 32, /* 190 bits */
    CHECK_LETTERS = 6,   /* 62^6 > 2^32 */
    PREFIX_LETTERS = 7,
    WHOLE = 3 + SECRET_LETTERS + CHECK_LETTERS,
    HASH_BYTES = DIGEST_BYTES
};

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
enum { LETTERS = sizeof(letters) - 1 };

#define COLUMNS                                                                                 \
    "id, name, prefix, created_ms, last_used_ms, revoked_ms, account_id, scopes, budget_micro," \
    " used_micro, expires_ms, rate_per_minute, parallel, open_tasks, priority"
enum { COLUMN_COUNT = 15 };

static const char add_sql[] =
    "INSERT INTO keys (id, name, prefix, hash, created_ms, account_id, scopes, budget_micro,"
    " expires_ms, rate_per_minute, parallel, priority)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
static const char get_sql[] = "SELECT " COLUMNS " FROM keys WHERE id = ?1";
static const char rotate_sql[] = "UPDATE keys SET hash = ?2, prefix = ?3 WHERE id = ?1";
static const char update_sql[] =
    "UPDATE keys SET scopes = ?2, budget_micro = ?3, expires_ms = ?4, rate_per_minute = ?5,"
    " parallel = ?6, name = ?7, priority = ?8 WHERE id = ?1";
static const char find_sql[] = "SELECT " COLUMNS ", hash FROM keys WHERE hash = ?1";
static const char list_sql[] =
    "SELECT " COLUMNS " FROM keys WHERE ?1 IS NULL OR account_id = ?1 ORDER BY seq";
static const char used_sql[] = "UPDATE keys SET last_used_ms = ?2 WHERE id = ?1";
static const char match_sql[] = "SELECT " COLUMNS " FROM keys WHERE id = ?1 OR prefix = ?1 LIMIT 2";
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

static void read_row(struct statement *st, struct api_key *out)
{
    column_copy(st, 0, out->id, sizeof(out->id));
    column_copy(st, 1, out->name, sizeof(out->name));
    column_copy(st, 2, out->prefix, sizeof(out->prefix));
    out->created_ms = column_int(st, 3);
    out->last_used_ms = column_int(st, 4);
    out->revoked_ms = column_int(st, 5);
    column_copy(st, 6, out->account_id, sizeof(out->account_id));
    out->scopes = (unsigned)column_int(st, 7);
    out->budget_micro = column_is_null(st, 8) ? -1 : column_int(st, 8);
    out->used_micro = column_int(st, 9);
    out->expires_ms = column_int(st, 10);
    out->rate_per_minute = (int)column_int(st, 11);
    out->parallel = (int)column_int(st, 12);
    out->open_tasks = (int)column_int(st, 13);
    out->priority = (int)column_int(st, 14);
}

bool key_scopes_parse(const char *words, unsigned *out)
{
    unsigned scopes = 0;
    for (const char *p = words; *p;) {
        size_t n = strcspn(p, ",");
        unsigned found = 0;
        for (unsigned bit = SCOPE_READ; bit <= SCOPE_ADMIN; bit <<= 1) {
            const char *word = key_scope_word((enum key_scope)bit);
            if (strlen(word) == n && strncmp(word, p, n) == 0)
                found = bit;
        }
        if (!found)
            return false;
        scopes |= found;
        p += n + (p[n] == ',');
    }
    *out = scopes;
    return scopes != 0;
}

bool key_hash(const char *secret, unsigned char out[32])
{
    if (!well_formed(secret))
        return false;
    digest_sha256(secret, WHOLE, out);
    return true;
}

/* NULL: none. */
static void bind_budget(struct statement *st, int index, int64_t budget_micro)
{
    if (budget_micro >= 0)
        bind_int(st, index, budget_micro);
}

static enum orator_status add(struct connection *c, const struct api_key *k,
                              const unsigned char hash[HASH_BYTES], struct orator_error *err)
{
    struct account account;
    struct statement *st;
    enum orator_status s = accounts_get(c, k->account_id, &account, err);
    if (s == ORATOR_OK)
        s = statement(c, add_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, k->id);
    bind_text(st, 2, k->name);
    bind_text(st, 3, k->prefix);
    bind_hash(st, 4, hash);
    bind_int(st, 5, k->created_ms);
    bind_text(st, 6, k->account_id);
    bind_int(st, 7, (int)k->scopes);
    bind_budget(st, 8, k->budget_micro);
    bind_int(st, 9, k->expires_ms);
    bind_int(st, 10, k->rate_per_minute);
    bind_int(st, 11, k->parallel);
    bind_int(st, 12, k->priority);
    return step(c, st, NULL, err);
}

enum orator_status key_create(struct store *store, const struct key_terms *terms,
                              struct api_key *out, char secret[KEY_SIZE], struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    unsigned char hash[HASH_BYTES];
    char key[KEY_SIZE];
    const char *name = terms->name ? terms->name : "unnamed";
    secret[0] = '\0';
    *out = (struct api_key){.created_ms = store_now_ms(store),
                            .scopes = terms->scopes ? terms->scopes : SCOPE_USUAL,
                            .budget_micro = terms->has_budget ? terms->budget_micro : -1,
                            .expires_ms = terms->expires_ms,
                            .rate_per_minute = terms->rate_per_minute,
                            .parallel = terms->parallel,
                            .priority = terms->priority};
    if (strlen(name) >= KEY_NAME_SIZE)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "name",
                                 "the name has %zu bytes, at most %d are kept", strlen(name),
                                 KEY_NAME_SIZE - 1);
    make_secret(key);
    digest_sha256(key, WHOLE, hash);
    name_new(out->id, "key_", 20);
    snprintf(out->name, sizeof(out->name), "%s", name);
    snprintf(out->prefix, sizeof(out->prefix), "%.*s", PREFIX_LETTERS, key);
    snprintf(out->account_id, sizeof(out->account_id), "%s",
             terms->account_id ? terms->account_id : ACCOUNT_DEFAULT);

    TRY(store_write(store, &c, err));
    TRY(add(c, out, hash, err));
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
    struct statement *st;
    enum orator_status s;
    TRY(store_write(store, &c, NULL));
    TRY(statement(c, used_sql, &st, NULL));
    bind_text(st, 1, key->id);
    bind_int(st, 2, now_ms);
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
    struct statement *st;
    unsigned char hash[HASH_BYTES], kept[HASH_BYTES];
    bool row = false, good = false;
    *out = (struct api_key){0};
    if (key_hash(secret, hash)) {
        TRY(store_read(store, &c, err));
        TRY(statement(c, find_sql, &st, err));
        bind_hash(st, 1, hash);
        TRY(step(c, st, &row, err));
        if (row) {
            read_row(st, out);
            good = column_hash(st, COLUMN_COUNT, kept) &&
                   CRYPTO_memcmp(kept, hash, HASH_BYTES) == 0 && out->revoked_ms == 0;
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

enum orator_status keys_get(struct connection *c, const char *id, struct api_key *out, bool *found,
                            struct orator_error *err)
{
    struct statement *st;
    *found = false;
    *out = (struct api_key){0};
    enum orator_status s = statement_to_change(c, get_sql, &st, err);
    if (s != ORATOR_OK)
        return s;
    bind_text(st, 1, id);
    s = step(c, st, found, err);
    if (*found)
        read_row(st, out);
    return s;
}

enum orator_status key_list(struct store *store, const char *account_id,
                            void (*each)(void *ctx, const struct api_key *), void *ctx,
                            struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    bool row;
    TRY(store_read(store, &c, err));
    TRY(statement(c, list_sql, &st, err));
    bind_text(st, 1, account_id);
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

/* By id or prefix, if that means one key alone. */
static enum orator_status match(struct connection *c, const char *id_or_prefix, struct api_key *out,
                                struct orator_error *err)
{
    enum orator_status s;
    struct statement *st;
    bool row, second = false;
    *out = (struct api_key){0};
    TRY(statement_to_change(c, match_sql, &st, err));
    bind_text(st, 1, id_or_prefix);
    TRY(step(c, st, &row, err));
    if (row) {
        read_row(st, out);
        TRY(step(c, st, &second, err));
    }
    if (!row || second)
        s = orator_fail(err, ORATOR_NOT_FOUND, "%s key has this id or prefix",
                        second ? "more than one" : "no");
done:
    return s;
}

enum orator_status key_get(struct store *store, const char *id_or_prefix, struct api_key *out,
                           struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct api_key){0};
    TRY(store_read(store, &c, err));
    TRY(match(c, id_or_prefix, out, err));
done:
    return store_end(&c, s, err);
}

enum orator_status key_revoke(struct store *store, const char *id_or_prefix,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct api_key key;
    struct statement *st;
    TRY(store_write(store, &c, err));
    TRY(match(c, id_or_prefix, &key, err));
    TRY(statement(c, revoke_sql, &st, err));
    bind_text(st, 1, key.id);
    bind_int(st, 2, store_now_ms(store));
    TRY(step(c, st, NULL, err));
done:
    return store_end(&c, s, err);
}

enum orator_status key_rotate(struct store *store, const char *id_or_prefix, struct api_key *out,
                              char secret[KEY_SIZE], struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    unsigned char hash[HASH_BYTES];
    char key[KEY_SIZE];
    secret[0] = '\0';
    make_secret(key);
    digest_sha256(key, WHOLE, hash);
    TRY(store_write(store, &c, err));
    TRY(match(c, id_or_prefix, out, err));
    snprintf(out->prefix, sizeof(out->prefix), "%.*s", PREFIX_LETTERS, key);
    TRY(statement(c, rotate_sql, &st, err));
    bind_text(st, 1, out->id);
    bind_hash(st, 2, hash);
    bind_text(st, 3, out->prefix);
    TRY(step(c, st, NULL, err));
done:
    s = store_end(&c, s, err);
    if (s == ORATOR_OK)
        memcpy(secret, key, KEY_SIZE);
    OPENSSL_cleanse(key, sizeof(key));
    return s;
}

enum orator_status key_update(struct store *store, const struct api_key *key,
                              struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct statement *st;
    TRY(store_write(store, &c, err));
    TRY(statement(c, update_sql, &st, err));
    bind_text(st, 1, key->id);
    bind_int(st, 2, (int)key->scopes);
    bind_budget(st, 3, key->budget_micro);
    bind_int(st, 4, key->expires_ms);
    bind_int(st, 5, key->rate_per_minute);
    bind_int(st, 6, key->parallel);
    bind_text(st, 7, key->name);
    bind_int(st, 8, key->priority);
    TRY(step(c, st, NULL, err));
done:
    return store_end(&c, s, err);
}
