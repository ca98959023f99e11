#include "server/tasks/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/store/ledger.h"
#include "server/store/queue_table.h"
#include "server/store/tasks_table.h"
#include "server/store/webhooks_table.h"
#include "server/tasks/life.h"

/* The time is read inside a transaction, never before it: a thread that waited for its turn would
 * judge the others' leases by a time that is past. */

/* Before the next try: long enough for a hiccup to pass, shorter than a lease. [attempt - 1] */
static const int64_t backoff_ms[] = {2000, 8000};
/* A disk or an object store that is away is nobody's task's fault. For an hour after the submit it costs no attempt, then the task fails as
 * by any other hiccup, so that one that no disk can hold does not come back for ever. */
enum { STORAGE_PATIENCE_MS = 3600000, STORAGE_BACKOFF_MS = 10000 };
_Static_assert(sizeof(backoff_ms) / sizeof(backoff_ms[0]) >= TASK_ATTEMPTS_MAX - 1, "one a retry");

enum orator_status queue_price(int64_t duration_ms, int64_t micro_per_s, int64_t *out,
                               struct orator_error *err)
{
    int64_t product;
    if (duration_ms < 0 || micro_per_s < 0 ||
        __builtin_mul_overflow(duration_ms, micro_per_s, &product))
        return orator_fail(err, ORATOR_INVALID_PARAMETER, "%lld ms at %lld a second has no price",
                           (long long)duration_ms, (long long)micro_per_s);
    *out = product / 1000 + (product % 1000 >= 500);
    return ORATOR_OK;
}

/* The row as it stands, if `worker` still holds its lease. A lease that ran out is still held while
 * nobody else has claimed the task. */
static enum orator_status get_held(struct connection *c, const char *id, const char *worker,
                                   int64_t now_ms, struct task *out, bool *kept,
                                   struct orator_error *err)
{
    enum orator_status s = tasks_get(c, id, NULL, out, err);
    if (s == ORATOR_TASK_NOT_FOUND)
        s = ORATOR_OK; /* deleted: nobody holds it */
    *kept = s == ORATOR_OK && out->state == TASK_PROCESSING && strcmp(out->worker, worker) == 0;
    out->updated_ms = now_ms;
    return s;
}

/* -> QUEUED, not to be claimed before `at_ms`. */
static enum orator_status requeue(struct connection *c, struct task *t, int64_t at_ms,
                                  struct orator_error *err)
{
    life_let_go(t);
    t->state = TASK_QUEUED;
    t->lease_until_ms = at_ms;
    t->frames_done = t->frames_total = 0;
    return tasks_update(c, t, err);
}

enum orator_status queue_get(struct store *store, const char *id, const char *key_id,
                             struct task *out, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *out = (struct task){0};
    TRY(store_read(store, &c, err));
    TRY(tasks_get(c, id, key_id, out, err));
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK)
        task_fini(out);
    return s;
}

enum orator_status queue_claim(struct store *store, const char *worker, struct task *out,
                               bool *found, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    TRY(store_write(store, &c, err));
    int64_t now_ms = store_now_ms(store);
    for (;;) {
        /* A lease much further away than leases last was given before the clock was set back. */
        TRY(tasks_next(c, now_ms, now_ms + (int64_t)2 * TASK_LEASE_MS, &t, found, err));
        if (!*found)
            break;
        t.updated_ms = now_ms;
        if (t.attempt < TASK_ATTEMPTS_MAX) {
            t.state = TASK_PROCESSING;
            t.started_ms = now_ms;
            t.attempt++;
            t.preview_name[0] = '\0'; /* of who was lost */
            t.lease_until_ms = now_ms + TASK_LEASE_MS;
            t.frames_done = t.frames_total = 0;
            snprintf(t.worker, sizeof(t.worker), "%s", worker);
            snprintf(t.stage, sizeof(t.stage), "fetch");
            TRY(tasks_update(c, &t, err));
            break;
        }
        struct orator_error why = {0};
        (void)orator_fail(&why, ORATOR_RENDER_FAILED, "the worker was lost %d times", t.attempt);
        TRY(life_fail(c, &t, &why, err));
        task_fini(&t);
    }
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK) {
        task_fini(&t);
        *found = false;
    }
    *out = t;
    return s;
}

enum orator_status queue_beat(struct store *store, const char *id, const char *worker,
                              const char *stage, int64_t frames_done, int64_t frames_total,
                              int64_t measured_ms, bool *kept, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    *kept = false;
    TRY(store_write(store, &c, err));
    int64_t now_ms = store_now_ms(store);
    TRY(get_held(c, id, worker, now_ms, &t, kept, err));
    if (*kept) {
        snprintf(t.stage, sizeof(t.stage), "%s", stage);
        t.frames_done = frames_done;
        t.frames_total = frames_total;
        if (measured_ms > 0)
            t.measured_ms = measured_ms;
        t.lease_until_ms = now_ms + TASK_LEASE_MS;
        TRY(tasks_update(c, &t, err));
    }
done:
    s = store_end(&c, s, err);
    task_fini(&t);
    *kept = *kept && s == ORATOR_OK;
    return s;
}

enum orator_status queue_preview(struct store *store, const char *id, const char *worker,
                                 const char *name, bool *kept, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    *kept = false;
    TRY(store_write(store, &c, err));
    TRY(get_held(c, id, worker, store_now_ms(store), &t, kept, err));
    if (*kept) {
        snprintf(t.preview_name, sizeof(t.preview_name), "%s", name);
        TRY(tasks_update(c, &t, err));
    }
done:
    s = store_end(&c, s, err);
    task_fini(&t);
    *kept = *kept && s == ORATOR_OK;
    return s;
}

enum orator_status queue_finish(struct store *store, const char *id, const char *worker,
                                const struct task_outcome *o, bool *kept, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    *kept = false;
    TRY(store_write(store, &c, err));
    TRY(get_held(c, id, worker, store_now_ms(store), &t, kept, err));
    if (*kept) {
        TRY(queue_price(o->duration_ms, t.price_micro_per_s, &t.charged_micro, err));
        if (t.charged_micro > t.reserved_micro)
            t.charged_micro = t.reserved_micro; /* the last frame may outlast the declared voice */
        life_let_go(&t);
        t.state = TASK_COMPLETED;
        t.completed_ms = t.updated_ms;
        t.duration_ms = o->duration_ms;
        t.size_bytes = o->size_bytes;
        t.width_px = o->width_px;
        t.height_px = o->height_px;
        t.fps = o->fps;
        TRY(life_copy(&t.video_name, o->video_name, err));
        if (o->thumbnail_name)
            TRY(life_copy(&t.thumbnail_name, o->thumbnail_name, err));
        if (o->captions_name)
            TRY(life_copy(&t.captions_name, o->captions_name, err));
        if (o->direction)
            TRY(life_copy(&t.direction, o->direction, err));
        if (o->sha256)
            TRY(life_copy(&t.sha256, o->sha256, err));
        if (o->quality)
            TRY(life_copy(&t.quality, o->quality, err));
        if (o->warnings)
            TRY(life_copy(&t.warnings, o->warnings, err));
        t.billing = BILLING_SETTLED;
        if (t.retention_ms > 0)
            t.expires_ms = t.completed_ms + t.retention_ms;
        TRY(life_book(c, &t, LEDGER_CHARGE, t.charged_micro, -1, err));
        if (t.charged_micro < t.reserved_micro)
            TRY(life_book(c, &t, LEDGER_RELEASE, t.reserved_micro - t.charged_micro, 0, err));
        TRY(tasks_update(c, &t, err));
        TRY(speeds_note(c, t.model, t.completed_ms - t.started_ms, t.duration_ms, err));
        TRY(deliveries_enqueue(c, &t, "video.completed", t.updated_ms, err));
    }
done:
    s = store_end(&c, s, err);
    task_fini(&t);
    *kept = *kept && s == ORATOR_OK;
    return s;
}

enum orator_status queue_fail(struct store *store, const char *id, const char *worker,
                              const struct orator_error *why, bool *kept, struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    *kept = false;
    TRY(store_write(store, &c, err));
    int64_t now_ms = store_now_ms(store);
    TRY(get_held(c, id, worker, now_ms, &t, kept, err));
    if (*kept && why->status == ORATOR_IO && now_ms - t.created_ms < STORAGE_PATIENCE_MS) {
        t.attempt--;
        TRY(requeue(c, &t, now_ms + STORAGE_BACKOFF_MS, err));
    } else if (*kept && orator_status_retryable(why->status) && t.attempt < TASK_ATTEMPTS_MAX)
        TRY(requeue(c, &t, now_ms + backoff_ms[t.attempt - 1], err));
    else if (*kept)
        TRY(life_fail(c, &t, why, err));
done:
    s = store_end(&c, s, err);
    task_fini(&t);
    *kept = *kept && s == ORATOR_OK;
    return s;
}

enum orator_status queue_hand_back(struct store *store, const char *id, const char *worker,
                                   struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    bool kept;
    TRY(store_write(store, &c, err));
    int64_t now_ms = store_now_ms(store);
    TRY(get_held(c, id, worker, now_ms, &t, &kept, err));
    if (kept) {
        t.attempt--;
        TRY(requeue(c, &t, now_ms, err));
    }
done:
    s = store_end(&c, s, err);
    task_fini(&t);
    return s;
}

enum orator_status queue_spent(struct store *store, struct task *out, bool *found,
                               struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    *found = false;
    *out = (struct task){0};
    TRY(store_read(store, &c, err));
    TRY(tasks_next_spent(c, out, found, err));
done:
    s = store_end(&c, s, err);
    if (s != ORATOR_OK) {
        task_fini(out);
        *found = false;
    }
    return s;
}

enum orator_status queue_forget_inputs(struct store *store, const char *id,
                                       struct orator_error *err)
{
    enum orator_status s;
    struct connection *c = NULL;
    struct task t = {0};
    TRY(store_write(store, &c, err));
    TRY(tasks_get(c, id, NULL, &t, err));
    if (t.state < TASK_COMPLETED)
        goto done;
    if (text_starts(t.image_url, "blob:"))
        TRY(life_copy(&t.image_url, "blob:", err));
    if (text_starts(t.audio_url, "blob:"))
        TRY(life_copy(&t.audio_url, "blob:", err));
    TRY(tasks_update(c, &t, err));
done:
    s = store_end(&c, s, err);
    task_fini(&t);
    return s;
}
