/* webhooks_table.h - rows of webhook endpoints, callbacks, deliveries and their attempts.
 *
 * What:    a state change of a task makes one delivery for its callback_url and one for each endpoint of
 *          its account that asked for the event, in the same transaction. webhooks/ sends them.
 * Owns:    what was read is the caller's to _fini().
 * Units:   times in ms since 1970, UTC.
 * Errors:  those of the store; NOT_FOUND where it says so.
 * Threads: calls stand between store_write() or store_read() and store_end().
 */
#pragma once

#include <stdbool.h>

#include "server/store/transaction.h"
#include "server/tasks/task.h"

enum {
    WEBHOOK_ID_SIZE = 32,
    WEBHOOK_EVENTS_SIZE = 128,
    WEBHOOK_BASE_SIZE = 304,
    WEBHOOK_KEY_SIZE = 96, /* a secret as text */
    WEBHOOK_DESCRIPTION_SIZE = 256,
};

struct webhook_endpoint {
    char id[WEBHOOK_ID_SIZE]; /* "we_..." */
    char account_id[32];
    char *url;                        /* "": the secret for callback_url alone */
    char events[WEBHOOK_EVENTS_SIZE]; /* " video.completed video.failed " */
    char description[WEBHOOK_DESCRIPTION_SIZE];
    char base_url[WEBHOOK_BASE_SIZE];
    char secret[WEBHOOK_KEY_SIZE], old_secret[WEBHOOK_KEY_SIZE];
    int64_t old_until_ms, disabled_ms, created_ms; /* 0: never */
};
void webhook_endpoint_fini(struct webhook_endpoint *);

enum delivery_state { DELIVERY_WAITING, DELIVERY_DONE, DELIVERY_FAILED, DELIVERY_STATE_COUNT };

struct webhook_delivery {
    char id[WEBHOOK_ID_SIZE]; /* "msg_..." */
    char account_id[32];
    char endpoint_id[WEBHOOK_ID_SIZE]; /* "": a callback_url */
    char task_id[TASK_ID_SIZE];        /* "": a test */
    char event[32];
    char *url;
    char base_url[WEBHOOK_BASE_SIZE];
    char shape[16]; /* "job", "kling", "replicate", "fal" */
    char *body;     /* NULL: not made yet */
    enum delivery_state state;
    int attempt, attempts; /* since it was made or replayed; ever */
    int64_t next_ms, created_ms, ended_ms;
};
void webhook_delivery_fini(struct webhook_delivery *);

struct webhook_attempt {
    int number, status; /* status 0: no answer came */
    int64_t at_ms, took_ms;
    char why[128];
};

/* --- endpoints --- */
ORATOR_MUST_CHECK enum orator_status
endpoints_insert(struct connection *, const struct webhook_endpoint *, struct orator_error *err);
/* Everything but id, account, url and creation. */
ORATOR_MUST_CHECK enum orator_status
endpoints_update(struct connection *, const struct webhook_endpoint *, struct orator_error *err);
/* `account_id` must own it; NULL: any. "default" is the account's own secret. NOT_FOUND. */
ORATOR_MUST_CHECK enum orator_status endpoints_get(struct connection *, const char *id,
                                                   const char *account_id,
                                                   struct webhook_endpoint *out,
                                                   struct orator_error *err);
/* The first after row `after` (0: of all) with a URL; *after becomes its row. *found = false: none. */
ORATOR_MUST_CHECK enum orator_status endpoints_next(struct connection *, const char *account_id,
                                                    int64_t *after, struct webhook_endpoint *out,
                                                    bool *found, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status endpoints_count(struct connection *, const char *account_id,
                                                     int64_t *out, struct orator_error *err);
/* With its deliveries. */
ORATOR_MUST_CHECK enum orator_status endpoints_delete(struct connection *, const char *id,
                                                      struct orator_error *err);

/* --- callbacks and deliveries --- */
struct webhook_callback {
    const char *url, *events, *base_url, *shape; /* borrowed; events as in an endpoint */
};
ORATOR_MUST_CHECK enum orator_status callbacks_insert(struct connection *, const char *task_id,
                                                      const struct webhook_callback *,
                                                      struct orator_error *err);
/* One delivery for each who asked for `event` ("video.completed") of this task, due at once. */
ORATOR_MUST_CHECK enum orator_status deliveries_enqueue(struct connection *, const struct task *,
                                                        const char *event, int64_t now_ms,
                                                        struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status
deliveries_insert(struct connection *, const struct webhook_delivery *, struct orator_error *err);
/* What changes in its life: body, state, attempts, times. */
ORATOR_MUST_CHECK enum orator_status
deliveries_update(struct connection *, const struct webhook_delivery *, struct orator_error *err);
/* `account_id` must own it; NULL: any. NOT_FOUND. */
ORATOR_MUST_CHECK enum orator_status deliveries_get(struct connection *, const char *id,
                                                    const char *account_id,
                                                    struct webhook_delivery *out,
                                                    struct orator_error *err);
/* Those of an account, newest first: the next one before row *before (0: the newest), which becomes
 * its row. `task_id`, `endpoint_id` and state (-1) may be NULL: any. */
struct delivery_filter {
    const char *account_id, *task_id, *endpoint_id;
    int state;
};
ORATOR_MUST_CHECK enum orator_status deliveries_next(struct connection *,
                                                     const struct delivery_filter *,
                                                     int64_t *before, struct webhook_delivery *out,
                                                     bool *found, struct orator_error *err);
/* The row of a delivery, for *before above; 0: there is none. */
ORATOR_MUST_CHECK enum orator_status deliveries_row(struct connection *, const char *id,
                                                    int64_t *out, struct orator_error *err);
/* The first that waits and is due. */
ORATOR_MUST_CHECK enum orator_status deliveries_due(struct connection *, int64_t now_ms,
                                                    struct webhook_delivery *out, bool *found,
                                                    struct orator_error *err);
/* What is planned for after `first_ms` before it was tried once, or after `later_ms`, is due now. */
ORATOR_MUST_CHECK enum orator_status deliveries_hasten(struct connection *, int64_t now_ms,
                                                       int64_t first_ms, int64_t later_ms,
                                                       struct orator_error *err);
/* Removes what ended before `until_ms`. */
ORATOR_MUST_CHECK enum orator_status deliveries_forget(struct connection *, int64_t until_ms,
                                                       struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status attempts_insert(struct connection *, const char *delivery_id,
                                                     const struct webhook_attempt *,
                                                     struct orator_error *err);
/* The first after number `after`. */
ORATOR_MUST_CHECK enum orator_status attempts_next(struct connection *, const char *delivery_id,
                                                   int after, struct webhook_attempt *out,
                                                   bool *found, struct orator_error *err);
