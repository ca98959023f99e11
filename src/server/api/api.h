/* api.h - the public HTTP API over the queue: routes, validation, the shapes of the answers.
 *
 * What:    routes.c is a table of method, path and handler; one file a resource. Knows the contract,
 *          never the engine and never the worker: they meet in the store. A refused request leaves
 *          nothing behind.
 * Errors:  words of base/error.h; http/ gives them their form.
 * Threads: api_admit() and api_handle() from any.
 */
#pragma once

#include "server/api/facts.h"
#include "server/fetch/fetch.h"
#include "server/http/http.h"
#include "server/store/blobs.h"
#include "server/store/webhooks_table.h"
#include "server/tasks/intake.h"

enum {
    /* A picture and a sound of full size as data: URLs are 80 MiB of base64; the rest is small. For
     * http_setup.body_limit_bytes. */
    API_BODY_MAX_BYTES = 84 << 20,
};

/* A text to be spoken, and what came of it; the notes are those of engine/voice. */
struct speech_order {
    const char *text, *voice, *format;
    double speed;
    int64_t max_ms;
    const atomic_int *stop;
};
struct speech_file {
    struct bytes audio, notes;
    int64_t duration_ms;
};

/* Who makes videos in this process. */
struct api_workers {
    int workers, busy;
    int64_t done, failed,
        lost; /* since the start: completed; failed, or to be tried again; leases lost */
};

struct api_setup {
    struct store *store;
    struct blobs *blobs;
    struct intake
        *intake; /* NULL: each submit is a transaction of its own, on its request's thread */
    struct fetch_policy fetch;
    const char *public_url; /* "https://api.example.com", no slash at the end; NULL: from Host */
    int64_t price_standard_micro, price_pro_micro; /* per second of video */
    const char *currency;                          /* "USD" */
    int64_t retention_ms;       /* of a job that does not ask for less; 0: for ever */
    unsigned char link_key[32]; /* signs the addresses of media: link.h */
    int64_t link_ms;            /* how long they stay open; 0: a day */
    bool redirect_media;        /* of an object store: deliver.h */
    struct metrics *metrics;    /* metrics.h; NULL: nobody counts */
    bool local; /* only this machine can reach us: it may see /metrics without a key */
    struct known_keys *known_keys; /* known_keys.h; NULL: the store is asked each time */
    struct rates *rates;           /* rates.h; NULL: nobody counts requests */
    int rate_per_minute;           /* of a key that has no rate of its own; 0: any number */
    int64_t queue_max;             /* queued tasks of all keys; 0: QUEUE_MAX */
    int parallel;                  /* tasks not yet over of such a key; 0: any number */
    int64_t max_voice_ms;          /* 0: 300 s */
    /* The length of a sound, for submits that do not say it; NULL: they must. From any thread. */
    enum orator_status (*voice_ms)(void *voice_ctx, const struct bytes *voice, int64_t max_ms,
                                   int64_t *out, struct orator_error *err);
    /* What can be said of both sources; either may be NULL, face_box too. Fails for want of memory alone. */
    enum orator_status (*examine)(void *voice_ctx, const struct bytes *portrait,
                                  const struct bytes *voice, const double *face_box, int64_t max_ms,
                                  struct facts *out, struct orator_error *err);
    void *voice_ctx;
    struct measures *measures; /* measure.h */
    /* Speaks; NULL: this server cannot. *out is the caller's. From any thread. */
    enum orator_status (*speak)(void *speak_ctx, const struct speech_order *,
                                struct speech_file *out, struct orator_error *err);
    void *speak_ctx;
    struct speeches *speeches;                /* speech.h */
    void (*submitted)(void *ctx);             /* wakes the workers; may be NULL */
    struct api_workers (*workers)(void *ctx); /* NULL: none */
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
