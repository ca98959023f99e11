/* api.h - the public HTTP API over the queue: routes, validation, the shapes of the answers.
 *
 * What:    routes.c is a table of method, path and handler; one file a resource. Knows the contract,
 *          never the engine and never the worker: they meet in the store. A refused request leaves
 *          nothing behind.
 * Errors:  words of base/error.h; http/ gives them their form.
 * Threads: api_admit() and api_handle() from any.
 */
#pragma once

#include "server/fetch/fetch.h"
#include "server/http/http.h"
#include "server/store/blobs.h"
#include "server/store/webhooks_table.h"
#include "server/tasks/queue.h"

enum {
    /* A picture and a sound of full size as data: URLs are 80 MiB of base64; the rest is small. For
     * http_setup.body_limit_bytes. */
    API_BODY_MAX_BYTES = 84 << 20,
};

struct api_setup {
    struct store *store;
    struct blobs *blobs;
    struct fetch_policy fetch;
    const char *public_url; /* "https://api.example.com", no slash at the end; NULL: from Host */
    int64_t price_standard_micro, price_pro_micro; /* per second of video */
    const char *currency;                          /* "USD" */
    int64_t max_voice_ms;                          /* 0: 300 s */
    /* The length of a sound, for submits that do not say it; NULL: they must. From any thread. */
    enum orator_status (*voice_ms)(void *voice_ctx, const struct bytes *voice, int64_t max_ms,
                                   int64_t *out, struct orator_error *err);
    void *voice_ctx;
    struct measures *measures;    /* measure.h */
    void (*submitted)(void *ctx); /* wakes the worker; may be NULL */
    void *ctx;
};

/* For sender_setup.body; ctx is a struct api_setup. */
char *api_webhook_body(void *ctx, const struct webhook_delivery *, const struct task *,
                       struct orator_error *err);

/* For http_setup.admit and .handle; ctx is a struct api_setup. Route, key and type of body are judged
 * by the first, so that a stranger's upload is not even read. */
enum orator_status api_admit(void *ctx, struct http_request *, struct http_answer *,
                             struct orator_error *err);
enum orator_status api_handle(void *ctx, const struct http_request *, struct http_answer *,
                              struct orator_error *err);
