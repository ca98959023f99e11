/* keys.h - API keys: "sk-" + 160 random bits + checksum; shown once, kept as a hash.
 *
 * Format:  "sk-" and 38 characters of [0-9A-Za-z]: 32 carry the secret, the last 6 a CRC-32 of it,
 *          so that a mistyped key is refused without asking the store.
 * Kept:    SHA-256 of the whole key, the first 7 characters for people, a name, times.
 */
#pragma once

#include <stdbool.h>

#include "server/store/store.h"

enum { KEY_SIZE = 48, KEY_ID_SIZE = 32, KEY_NAME_SIZE = 64 };

struct api_key {
    char id[KEY_ID_SIZE]; /* "key_..." */
    char name[KEY_NAME_SIZE];
    char prefix[12];                              /* "sk-AbCd" */
    int64_t created_ms, last_used_ms, revoked_ms; /* 0: never */
};

/* `secret` receives the only copy of the key there will ever be. */
ORATOR_MUST_CHECK enum orator_status key_create(struct store *, const char *name,
                                                struct api_key *out, char secret[KEY_SIZE],
                                                struct orator_error *err);
/* INVALID_API_KEY for malformed, unknown and revoked ones alike, in constant time for the hash. */
ORATOR_MUST_CHECK enum orator_status key_check(struct store *, const char *secret,
                                               struct api_key *out, struct orator_error *err);
/* Calls `each` for every key, oldest first. */
ORATOR_MUST_CHECK enum orator_status key_list(struct store *,
                                              void (*each)(void *ctx, const struct api_key *),
                                              void *ctx, struct orator_error *err);
/* By id or by prefix; NOT_FOUND if none or, for a prefix, more than one. */
ORATOR_MUST_CHECK enum orator_status key_revoke(struct store *, const char *id_or_prefix,
                                                struct orator_error *err);
