/* link.h - addresses of media that open for a while without a key.
 *
 * Format:  BASE/media/NAME?exp=SECONDS&sig=SIGNATURE. The signature is the first 128 bits of HMAC-SHA256 over
 *          "NAME\nSECONDS" with a key that stays in the data folder, in base64url. The time is rounded up to
 *          an hour, so that a job shows the same address all the while and caches can keep what is behind it.
 * Errors:  PERMISSION_DENIED for a signature that is missing or wrong, EXPIRED for one that was good.
 * Threads: pure. Private to api/.
 */
#pragma once

#include "server/api/call.h"

enum { LINK_SIZE = 512, LINK_USUAL_MS = 24 * 3600 * 1000 };

/* `until_ms` 0: for as long as the setup says; else no longer than that. */
void link_make(char out[LINK_SIZE], const struct api_setup *, const char *base_url,
               const char *name, int64_t until_ms);
/* *left_s is how long it stays open. */
ORATOR_MUST_CHECK enum orator_status link_check(const struct api_setup *, const char *name,
                                                const char *exp, const char *sig, int64_t *left_s,
                                                struct orator_error *err);
