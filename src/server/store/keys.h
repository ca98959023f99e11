/* keys.h - API keys: "sk-" + 160 random bits + checksum; shown once, kept as a hash.
 *
 * Format:  "sk-" and 38 characters of [0-9A-Za-z]: 32 carry the secret, the last 6 a CRC-32 of it,
 *          so that a mistyped key is refused without asking the store.
 * Kept:    SHA-256 of the whole key, the first 7 characters for people, a name, times, and what it may do.
 * Belongs: to an account (accounts.h), whose balance it spends.
 * Units:   money in micro-units, times in ms since 1970.
 */
#pragma once

#include <stdbool.h>

#include "server/store/store.h"

enum {
    KEY_SIZE = 48,
    KEY_ID_SIZE = 32,
    KEY_NAME_SIZE = 64,
    ACCOUNT_ID_SIZE = 32,
    KEY_REMEMBERED_MS = 100, /* a server may take a key's word for so long without asking */
};
#define ACCOUNT_DEFAULT "acct_default" /* there from the first day */

enum key_scope {                    /* the store keeps the bits: only ever add */
                 SCOPE_READ = 1,    /* see one's tasks, files, events */
                 SCOPE_WRITE = 2,   /* submit, cancel, delete, upload */
                 SCOPE_BILLING = 4, /* see balance, usage and ledger of the account */
                 SCOPE_ADMIN =
                     8, /* make and change keys and accounts; only the command line gives it first */
                 SCOPE_USUAL = SCOPE_READ | SCOPE_WRITE | SCOPE_BILLING,
};

enum { KEY_PRIORITY_MAX = 9 };

struct api_key {
    char id[KEY_ID_SIZE]; /* "key_..." */
    char name[KEY_NAME_SIZE];
    char prefix[12];                              /* "sk-AbCd" */
    int64_t created_ms, last_used_ms, revoked_ms; /* 0: never */
    char account_id[ACCOUNT_ID_SIZE];
    unsigned scopes;
    int64_t budget_micro, used_micro; /* budget -1: none; used: what is held and what was charged */
    int64_t expires_ms;               /* 0: never */
    int rate_per_minute, parallel;    /* requests; tasks not yet over; 0: as the server has it */
    int open_tasks;
    int priority; /* 0: usual; to KEY_PRIORITY_MAX: its tasks are claimed before those of lower ones */
};

/* "read", "write", "billing", "admin"; "" for anything else. */
const char *key_scope_word(enum key_scope);

/* "read,write": false for an unknown word or none. */
bool key_scopes_parse(const char *words, unsigned *out);

/* What a new key may do; {0} is a usual one. */
struct key_terms {
    const char *name;
    const char *account_id; /* NULL: ACCOUNT_DEFAULT */
    unsigned scopes;        /* 0: SCOPE_USUAL */
    bool has_budget;
    int64_t budget_micro, expires_ms;
    int rate_per_minute, parallel, priority;
};

/* `secret` receives the only copy of the key there will ever be. NOT_FOUND: no such account. */
ORATOR_MUST_CHECK enum orator_status key_create(struct store *, const struct key_terms *,
                                                struct api_key *out, char secret[KEY_SIZE],
                                                struct orator_error *err);
/* INVALID_API_KEY for malformed, unknown and revoked ones alike, in constant time for the hash;
 * EXPIRED_API_KEY for who holds one that was good. */
ORATOR_MUST_CHECK enum orator_status key_check(struct store *, const char *secret,
                                               struct api_key *out, struct orator_error *err);
/* SHA-256 of a key that is well formed; false otherwise. Asks nobody. */
bool key_hash(const char *secret, unsigned char out[32]);
/* Calls `each` for every key, oldest first; of one account, or (NULL) of all. */
ORATOR_MUST_CHECK enum orator_status key_list(struct store *, const char *account_id,
                                              void (*each)(void *ctx, const struct api_key *),
                                              void *ctx, struct orator_error *err);
/* These three by id or by prefix; NOT_FOUND if none or, for a prefix, more than one. */
ORATOR_MUST_CHECK enum orator_status key_get(struct store *, const char *id_or_prefix,
                                             struct api_key *out, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status key_revoke(struct store *, const char *id_or_prefix,
                                                struct orator_error *err);
/* A new secret for the same key, its tasks and its limits; the old one is worth nothing from now on. */
ORATOR_MUST_CHECK enum orator_status key_rotate(struct store *, const char *id_or_prefix,
                                                struct api_key *out, char secret[KEY_SIZE],
                                                struct orator_error *err);
/* Writes name, scopes, budget, expiry, rate, slots and priority as they stand in *key. */
ORATOR_MUST_CHECK enum orator_status key_update(struct store *, const struct api_key *,
                                                struct orator_error *err);

/* Within a transaction: what stands in the store now; *found = false: no key has this id. */
struct connection;
ORATOR_MUST_CHECK enum orator_status keys_get(struct connection *, const char *id,
                                              struct api_key *out, bool *found,
                                              struct orator_error *err);
