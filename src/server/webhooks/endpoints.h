/* endpoints.h - what an account says and asks about its webhooks; each call is one transaction.
 *
 * What:    endpoints with a secret each; a secret that is replaced signs beside the new one for
 *          WEBHOOK_OLD_MS, so that a receiver has time to change. The endpoint "default" is the account's
 *          own secret, made when it is first needed; it signs what goes to a callback_url.
 * Owns:    what is returned is the caller's to _fini(), also half read after an error.
 * Errors:  those of the store; NOT_FOUND; INVALID_PARAMETER for one endpoint too many.
 * Threads: any.
 */
#pragma once

#include "server/store/webhooks_table.h"

enum { WEBHOOK_ENDPOINTS_MAX = 16 /* of an account: each is one delivery more for every task */ };
#define WEBHOOK_OLD_MS (24LL * 3600 * 1000)
#define WEBHOOK_TEST   "webhook.test"

struct endpoint_request { /* borrowed */
    const char *account_id, *url, *events, *description, *base_url;
};
ORATOR_MUST_CHECK enum orator_status endpoint_create(struct store *,
                                                     const struct endpoint_request *,
                                                     struct webhook_endpoint *out,
                                                     struct orator_error *err);
/* The same within a transaction of the caller's. */
ORATOR_MUST_CHECK enum orator_status endpoint_add(struct connection *,
                                                  const struct endpoint_request *, int64_t now_ms,
                                                  struct webhook_endpoint *out,
                                                  struct orator_error *err);
/* "default" is made if it is not there yet. */
ORATOR_MUST_CHECK enum orator_status endpoint_get(struct store *, const char *account_id,
                                                  const char *id, struct webhook_endpoint *out,
                                                  struct orator_error *err);
/* A new secret; the one before signs too for WEBHOOK_OLD_MS. Also enables what 410 has disabled. */
ORATOR_MUST_CHECK enum orator_status endpoint_rotate(struct store *, const char *account_id,
                                                     const char *id, struct webhook_endpoint *out,
                                                     struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status endpoint_delete(struct store *, const char *account_id,
                                                     const char *id, struct orator_error *err);
/* Calls `each` for every endpoint with a URL, oldest first. */
ORATOR_MUST_CHECK enum orator_status endpoint_list(struct store *, const char *account_id,
                                                   void (*each)(void *ctx,
                                                                const struct webhook_endpoint *),
                                                   void *ctx, struct orator_error *err);
/* A delivery of the event "webhook.test", due at once. */
ORATOR_MUST_CHECK enum orator_status endpoint_test(struct store *, const char *account_id,
                                                   const char *id, struct webhook_delivery *out,
                                                   struct orator_error *err);
/* What signs a delivery now: one secret or two. endpoint_id "": the account's own. */
ORATOR_MUST_CHECK enum orator_status webhook_secrets(struct store *, const char *account_id,
                                                     const char *endpoint_id,
                                                     char out[2][WEBHOOK_KEY_SIZE], int *count,
                                                     struct orator_error *err);

/* A delivery with its attempts. */
struct delivery_log {
    struct webhook_delivery delivery;
    struct webhook_attempt *attempts; /* owned */
    int count;
};
void delivery_log_fini(struct delivery_log *);
ORATOR_MUST_CHECK enum orator_status delivery_get(struct store *, const char *account_id,
                                                  const char *id, struct delivery_log *out,
                                                  struct orator_error *err);
/* Newest first, `limit` at most, older than the delivery `after` (NULL: from the newest on). */
ORATOR_MUST_CHECK enum orator_status
delivery_list(struct store *, const struct delivery_filter *, const char *after, int limit,
              void (*each)(void *ctx, const struct delivery_log *), void *ctx, bool *more,
              struct orator_error *err);
/* Sends it again, with a body made anew, whatever became of it; its id stays, for the receiver to know. */
ORATOR_MUST_CHECK enum orator_status delivery_replay(struct store *, const char *account_id,
                                                     const char *id, struct delivery_log *out,
                                                     struct orator_error *err);
