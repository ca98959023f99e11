/* signature.h - how a receiver knows that a webhook is ours (Standard Webhooks 1.0).
 *
 *     webhook-id         the same for every attempt at one delivery
 *     webhook-timestamp  seconds since 1970, of this attempt
 *     webhook-signature  "v1," + base64(HMAC-SHA256(key, id "." timestamp "." body)), perhaps two of
 *                        them with a space between while a secret is being replaced
 *
 * A secret is "whsec_" + standard base64 of the key. Threads: pure, but for the chance in a new secret.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    WEBHOOK_SECRET_SIZE = 64, /* "whsec_" + 32 bytes in base64 + NUL, with room */
    WEBHOOK_SIGNATURE_SIZE = 64
};

void webhook_secret_new(char out[WEBHOOK_SECRET_SIZE]);
/* INVALID_PARAMETER if `secret` is no secret of 24 to 64 bytes. */
ORATOR_MUST_CHECK enum orator_status webhook_sign(char out[WEBHOOK_SIGNATURE_SIZE],
                                                  const char *secret, const char *id,
                                                  int64_t timestamp_s, const void *body,
                                                  size_t size, struct orator_error *err);
