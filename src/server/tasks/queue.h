/* queue.h - tasks wait here; workers claim, keep and finish them.
 *
 * What:    the rules of task.h's picture over the store: what is accepted, who may work on it, when it
 *          is tried again, and the money that goes with each step. Each call is one transaction, so
 *          kill -9 at any moment loses no accepted task and charges nobody twice.
 * Money:   submit reserves the declared duration x price; finish charges the video's duration x price,
 *          never more than was reserved, and releases the rest; fail releases all of it. Each is a row
 *          of the ledger, written in the transaction that changes the state.
 * Errors:  IO when the store is away; TASK_NOT_FOUND. A lost lease is no error but `*kept = false`.
 * Threads: any number may call; the store serialises writers.
 */
#pragma once

#include "server/store/idempotency.h"
#include "server/store/store.h"
#include "server/store/tasks_table.h"
#include "server/store/webhooks_table.h"
#include "server/tasks/task.h"

enum { QUEUE_MAX = 10000 }; /* a day of work and more: those behind would wait in vain */

/* What is before a task that is not over: a forecast from the queue and from how fast videos were made of
 * late. forecast.c */
struct outlook {
    int64_t position; /* so many tasks will be claimed before it; -1: it is not queued */
    int64_t eta_ms;   /* until it is completed */
};

/* What a client asks for; borrowed for the call. */
struct task_request {
    const char *key_id, *model, *image_url, *audio_url, *prompt; /* prompt may be NULL */
    const char *text; /* as in struct task; NULL: not known */
    int64_t declared_ms;
    uint64_t seed;
    int64_t price_micro_per_s;
    struct task_options options;
    const char *external_task_id, *metadata; /* as in struct task; NULL: none */
    const char *account_id;                  /* NULL: ACCOUNT_DEFAULT */
    int64_t retention_ms;                    /* 0: for ever */
    int64_t queue_max;                       /* 0: QUEUE_MAX */
    int parallel; /* how many a key may have open unless it says otherwise; 0: any number */
    /* Not NULL: answer() says what is kept as the answer, in the transaction: it must not use the store. */
    const struct idempotency *idempotency;
    enum orator_status (*answer)(void *ctx, const struct task *, const struct outlook *,
                                 const char **text, struct orator_error *err);
    void *ctx;
    const struct webhook_callback *callback; /* who is told of the end; NULL: nobody */
};

/* Duration x price, rounded half up to a micro-unit. INVALID_PARAMETER if it does not fit. */
ORATOR_MUST_CHECK enum orator_status queue_price(int64_t duration_ms, int64_t micro_per_s,
                                                 int64_t *out, struct orator_error *err);

/* Stores the request as QUEUED and returns it as it stands; QUEUE_FULL over the store's limit,
 * EXTERNAL_TASK_ID_EXISTS if the key has used the name before, INSUFFICIENT_BALANCE, KEY_BUDGET_EXCEEDED,
 * CONCURRENCY_LIMIT, IDEMPOTENCY_IN_PROGRESS. submit.h takes several at once. */
ORATOR_MUST_CHECK enum orator_status queue_submit(struct store *, const struct task_request *,
                                                  struct task *out, struct orator_error *err);
/* `key_id` must own it; NULL: any (the worker, an operator). */
ORATOR_MUST_CHECK enum orator_status queue_get(struct store *, const char *id, const char *key_id,
                                               struct task *out, struct orator_error *err);
ORATOR_MUST_CHECK enum orator_status queue_outlook(struct store *, const struct task *,
                                                   struct outlook *out, struct orator_error *err);
/* The same for one that would be submitted now. */
ORATOR_MUST_CHECK enum orator_status queue_forecast(struct store *, const char *model,
                                                    int64_t declared_ms, struct outlook *out,
                                                    struct orator_error *err);

/* The oldest task that is queued, or whose lease has run out; *found = false if there is none. Tasks
 * out of attempts are failed here with RENDER_FAILED. */
ORATOR_MUST_CHECK enum orator_status queue_claim(struct store *, const char *worker,
                                                 struct task *out, bool *found,
                                                 struct orator_error *err);
/* Report from the worker: extends the lease. measured_ms 0: not known yet. *kept = false: the lease was
 * lost, stop at once. */
ORATOR_MUST_CHECK enum orator_status queue_beat(struct store *, const char *id, const char *worker,
                                                const char *stage, int64_t frames_done,
                                                int64_t frames_total, int64_t measured_ms,
                                                bool *kept, struct orator_error *err);

/* What is made can be watched by this name until the task is let go; *kept as above. */
ORATOR_MUST_CHECK enum orator_status queue_preview(struct store *, const char *id,
                                                   const char *worker, const char *name, bool *kept,
                                                   struct orator_error *err);

struct task_outcome {
    const char *video_name;
    int64_t duration_ms, size_bytes;
    int width_px, height_px, fps;
    const char *warnings, *thumbnail_name, *captions_name, *sha256, *quality,
        *direction; /* as in struct task; NULL: none */
};
/* PROCESSING -> COMPLETED and the charge, in one transaction, once; *kept as above. */
ORATOR_MUST_CHECK enum orator_status queue_finish(struct store *, const char *id,
                                                  const char *worker, const struct task_outcome *,
                                                  bool *kept, struct orator_error *err);
/* PROCESSING -> QUEUED if `why` is worth another try and attempts remain, else -> FAILED and the
 * reserve is released. A failure of the storage costs no attempt within an hour of the submit. */
ORATOR_MUST_CHECK enum orator_status queue_fail(struct store *, const char *id, const char *worker,
                                                const struct orator_error *why, bool *kept,
                                                struct orator_error *err);
/* PROCESSING -> QUEUED without counting the attempt: a server that stops hands its work back. */
ORATOR_MUST_CHECK enum orator_status queue_hand_back(struct store *, const char *id,
                                                     const char *worker, struct orator_error *err);

/* What a client uploaded is kept no longer than its task needs it. Gives a task that is over and whose
 * image_url or audio_url is still a "blob:NAME"; *found = false: there is none. */
ORATOR_MUST_CHECK enum orator_status queue_spent(struct store *, struct task *out, bool *found,
                                                 struct orator_error *err);
/* Its files are gone: their URLs become "blob:". TASK_NOT_FOUND; a task that is not over is left alone. */
ORATOR_MUST_CHECK enum orator_status queue_forget_inputs(struct store *, const char *id,
                                                         struct orator_error *err);

/* -> FAILED with CANCELED, the reserve released; a second cancel changes nothing. TASK_NOT_CANCELABLE once it
 * is over otherwise. Who works on it loses the lease. */
ORATOR_MUST_CHECK enum orator_status queue_cancel(struct store *, const char *id,
                                                  const char *key_id, struct task *out,
                                                  struct orator_error *err);
/* It is gone, canceled first if need be; only its money stays on record. *out is how it was: its files are
 * the caller's to remove (sweep.h). */
ORATOR_MUST_CHECK enum orator_status queue_delete(struct store *, const char *id,
                                                  const char *key_id, struct task *out,
                                                  struct orator_error *err);
/* One task whose time has come: not over -> FAILED with EXPIRED, the reserve released; completed -> FAILED with
 * EXPIRED, still charged; failed -> gone. *out is how it was, for its files; *found = false: there is none. */
ORATOR_MUST_CHECK enum orator_status queue_expire(struct store *, struct task *out, bool *found,
                                                  struct orator_error *err);

/* Tasks of filter->key_id, behind `after_id` unless that is NULL (INVALID_PARAMETER if it is none of the
 * key's). `out` has room for filter->limit; they are the caller's to task_fini(). */
ORATOR_MUST_CHECK enum orator_status queue_list(struct store *, const struct tasks_filter *,
                                                const char *after_id, struct task *out, int *count,
                                                struct orator_error *err);
