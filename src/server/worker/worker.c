#include "server/worker/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/store/name.h"

enum {
    LOOK_MS = 1000, /* between looks at an empty queue; also retries and lost leases come due */
    TICK_MS = 1000, /* between looks at a running task: what pollers see is at most this old */
    BEAT_MS = 5000, /* between beats without news; TASK_LEASE_MS is three of these */
    OWN_LIMIT_SPARE_MS = 10000, /* who keeps a limit of its own can say so itself */
    PREVIEW_US = 1000000,       /* shown from its first second on */
};

/* Why a task is to be ended before its end. */
enum halt { GOING, STOPPED, LEASE_LOST, TIMED_OUT };

struct worker {
    struct worker_setup setup;
    char name[48]; /* new with each start, so that no other life's lease is taken for ours */
    pthread_t looker, beater;
    atomic_int halt; /* enum halt */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t looker_wake, beater_wake;
    bool woken, closing, draining;
    struct worker_facts facts;
    char task_id[TASK_ID_SIZE]; /* "" while idle */
    char stage[16];
    int64_t stage_end_ms; /* steady */
    int64_t frames_done, frames_total, measured_ms;
    bool news; /* since the last beat */
};

/* Waits for a signal, at most `ms`. */
static void wait_for(struct worker *w, pthread_cond_t *c, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(c, &w->lock, &until);
}

static bool is_pro(const struct task *t) { return strcmp(t->model, "kling-avatar-v2-pro") == 0; }

static const struct maker *maker_of(const struct worker *w, const struct task *t)
{
    return is_pro(t) ? &w->setup.pro : &w->setup.standard;
}

/* How many times the voice's length a stage may take; 20 is a Pro video on one slow core. */
static int64_t stage_time_ms(const struct worker *w, const struct task *t, const char *stage,
                             int64_t voice_ms)
{
    int64_t least_ms = w->setup.stage_ms ? w->setup.stage_ms : WORKER_STAGE_MS;
    int64_t times = strcmp(stage, "render") == 0 ? 20 : 3;
    if (strcmp(stage, "render") == 0 && maker_of(w, t)->limit_ms)
        return maker_of(w, t)->limit_ms + OWN_LIMIT_SPARE_MS;
    if (strcmp(stage, "fetch") == 0)
        return 3 * least_ms; /* two downloads with time limits of their own */
    return voice_ms * times > least_ms ? voice_ms * times : least_ms;
}

static void report(struct worker *w, const struct task *t, const char *stage, int64_t frames_done,
                   int64_t frames_total, int64_t measured_ms)
{
    pthread_mutex_lock(&w->lock);
    if (strcmp(w->stage, stage) != 0) {
        snprintf(w->stage, sizeof(w->stage), "%s", stage);
        w->stage_end_ms = clock_steady_ms() +
                          stage_time_ms(w, t, stage, measured_ms ? measured_ms : t->declared_ms);
        w->news = true;
    }
    w->news = w->news || frames_done != w->frames_done;
    w->frames_done = frames_done;
    w->frames_total = frames_total;
    w->measured_ms = measured_ms;
    pthread_mutex_unlock(&w->lock);
}

/* One beat for the task as it stands; called and left with the lock held. */
static void beat(struct worker *w)
{
    struct orator_error err = {0};
    char id[TASK_ID_SIZE], stage[16];
    int64_t done = w->frames_done, total = w->frames_total, measured_ms = w->measured_ms;
    bool kept;
    snprintf(id, sizeof(id), "%s", w->task_id);
    snprintf(stage, sizeof(stage), "%s", w->stage);
    w->news = false;

    pthread_mutex_unlock(&w->lock);
    enum orator_status s =
        queue_beat(w->setup.store, id, w->name, stage, done, total, measured_ms, &kept, &err);
    if (s != ORATOR_OK) /* a store that is away may be back before the lease is over */
        log_warn(w->setup.log, "worker.beat", "task=%s error=%s text=%s", id, orator_status_word(s),
                 err.text);
    pthread_mutex_lock(&w->lock);

    if (s == ORATOR_OK && !kept && strcmp(id, w->task_id) == 0 && w->halt == GOING) {
        log_warn(w->setup.log, "worker.lease_lost", "task=%s", id);
        w->halt = LEASE_LOST;
    }
}

static void *keep_lease(void *ctx)
{
    struct worker *w = ctx;
    int64_t beat_ms = 0;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        wait_for(w, &w->beater_wake, TICK_MS);
        if (!w->task_id[0] || w->halt != GOING)
            continue; /* a task that hangs gets no more beats, so its lease runs out */
        int64_t now_ms = clock_steady_ms();
        if (now_ms >= w->stage_end_ms) {
            w->halt = TIMED_OUT;
        } else if (w->news || now_ms - beat_ms >= BEAT_MS) {
            beat(w);
            beat_ms = now_ms;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* What belongs to one video, with the memory of its outcome. */
struct product {
    char video_name[BLOB_NAME_SIZE], thumbnail_name[BLOB_NAME_SIZE], preview_name[BLOB_NAME_SIZE];
    char captions_name[BLOB_NAME_SIZE], direction[MAKER_DIRECTION_SIZE];
    char sha256[BLOB_SHA256_SIZE], quality[256], warnings[WARNINGS_JSON_SIZE];
    struct task_outcome outcome;
};

struct run {
    struct worker *worker;
    const struct task *task;
    const struct product *product;
    int64_t render_ms; /* steady; when rendering began; 0: not yet */
    bool shown;        /* the preview */
};

/* Tells that the first second can be watched. */
static void show_preview(struct run *run)
{
    struct worker *w = run->worker;
    struct orator_error err = {0};
    bool kept;
    run->shown = true;
    if (queue_preview(w->setup.store, run->task->id, w->name, run->product->preview_name, &kept,
                      &err) != ORATOR_OK)
        log_warn(w->setup.log, "worker.preview", "task=%s text=%s", run->task->id, err.text);
    else
        log_info(w->setup.log, "task.preview", "task=%s after_ms=%lld", run->task->id,
                 (long long)(clock_steady_ms() - run->render_ms));
}

static enum orator_status on_progress(void *ctx, const struct maker_progress *p,
                                      struct orator_error *err)
{
    struct run *run = ctx;
    struct worker *w = run->worker;
    int64_t declared_ms = run->task->declared_ms, measured_ms = (p->voice_us + 500) / 1000;
    if (!run->render_ms && strcmp(p->stage, "render") == 0)
        run->render_ms = clock_steady_ms();
    if (!run->shown && p->preview_us >= PREVIEW_US && !w->setup.hide_previews)
        show_preview(run);
    report(w, run->task, p->stage, p->frames_done, p->frames_total, measured_ms);
    if (w->halt != GOING)
        return orator_fail(err, ORATOR_CANCELED, "the task was stopped");
    if (p->voice_us > 0 && task_lengths_differ(declared_ms, measured_ms))
        return orator_fail_param(err, ORATOR_AUDIO_DURATION_MISMATCH, "audio_duration_seconds",
                                 "audio_duration_seconds is %.3f, the sound lasts %.3f seconds",
                                 (double)declared_ms / 1000, (double)measured_ms / 1000);
    return ORATOR_OK;
}

/* The bytes behind one of the two inputs. */
static enum orator_status load(struct worker *w, const char *url, const char *param,
                               size_t limit_bytes, enum orator_status too_large, struct bytes *out,
                               struct orator_error *err)
{
    enum orator_status s;
    if (text_starts(url, "blob:")) {
        s = blob_get(w->setup.blobs, url + 5, limit_bytes, out, err);
        if (s == ORATOR_NOT_FOUND)
            s = orator_fail(err, ORATOR_DOWNLOAD_FAILED, "the uploaded file is no longer there");
        if (s == ORATOR_REQUEST_TOO_LARGE)
            s = orator_fail(err, too_large, "the uploaded file is over %zu bytes", limit_bytes);
    } else {
        s = fetch_url(out, url, &w->setup.fetch, limit_bytes, too_large, &w->halt, err);
    }
    if (s != ORATOR_OK && !err->param[0])
        snprintf(err->param, sizeof(err->param), "%s", param);
    return s;
}

static void say_quality(struct product *p, const struct maker_result *r)
{
    struct text t = text_over(p->quality, sizeof(p->quality));
    if (!(r->face.confidence > 0))
        return;
    text_addf(&t,
              "{\"face\":{\"box\":[%.1f,%.1f,%.1f,%.1f],\"yaw\":%.1f,\"confidence\":%.3f,"
              "\"eye_distance\":%.1f},\"brightness\":%.2f,\"contrast\":%.2f}",
              (double)r->face.box[0], (double)r->face.box[1], (double)r->face.box[2],
              (double)r->face.box[3], (double)r->face.yaw_degrees, (double)r->face.confidence,
              (double)r->face.eye_distance_px, (double)r->face.brightness,
              (double)r->face.contrast);
    p->outcome.quality = p->quality;
}

/* The whole road of a task. The video is complete, on the disk, and known to nobody afterwards. */
static enum orator_status make_video(struct worker *w, const struct task *t, struct product *p,
                                     struct orator_error *err)
{
    enum orator_status s;
    struct run run = {.worker = w, .task = t, .product = p};
    struct bytes portrait = {0}, voice = {0}, notes = {0};
    struct maker_result result = {0};
    const struct maker *maker = maker_of(w, t);
    char path[4096], thumbnail_path[4096], preview_path[4096], captions_path[4096];

    report(w, t, "fetch", 0, 0, 0);
    if (maker->needs_inputs) {
        TRY(load(w, t->image_url, "image_url", WORKER_IMAGE_MAX_BYTES, ORATOR_IMAGE_TOO_LARGE,
                 &portrait, err));
        TRY(load(w, t->audio_url, "audio_url", WORKER_AUDIO_MAX_BYTES, ORATOR_AUDIO_TOO_LARGE,
                 &voice, err));
    }
    if (text_starts(t->audio_url, "blob:") &&
        blob_note_get(w->setup.blobs, t->audio_url + 5, &notes, NULL) == ORATOR_NO_MEMORY)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for what a voice says"));
    TRY(blob_path(w->setup.blobs, p->video_name, path, sizeof(path), err));
    TRY(blob_path(w->setup.blobs, p->thumbnail_name, thumbnail_path, sizeof(thumbnail_path), err));
    TRY(blob_path(w->setup.blobs, p->preview_name, preview_path, sizeof(preview_path), err));
    TRY(blob_path(w->setup.blobs, p->captions_name, captions_path, sizeof(captions_path), err));
    TRY(maker->make(maker->self,
                    &(struct maker_job){
                        .task = t,
                        .pro = is_pro(t),
                        .portrait = maker->needs_inputs ? &portrait : NULL,
                        .voice = maker->needs_inputs ? &voice : NULL,
                        .notes = notes.data ? &notes : NULL,
                        .video_path = path,
                        .thumbnail_path = thumbnail_path,
                        .preview_path = preview_path,
                        .captions_path = t->options.captions ? captions_path : NULL,
                        .max_voice_ms = w->setup.max_voice_ms,
                        .progress = on_progress,
                        .ctx = &run,
                        .stop = &w->halt,
                    },
                    &result, err));
    report(w, t, "store", result.frames, result.frames, (result.voice_us + 500) / 1000);
    TRY(blob_sha256(w->setup.blobs, p->video_name, p->sha256, err));
    TRY(blob_publish(w->setup.blobs, p->video_name, &w->halt, err));
    if (result.thumbnail)
        TRY(blob_publish(w->setup.blobs, p->thumbnail_name, &w->halt, err));
    if (result.captions)
        TRY(blob_publish(w->setup.blobs, p->captions_name, &w->halt, err));
    memcpy(p->direction, result.direction, sizeof(p->direction));
    struct text warnings = text_over(p->warnings, sizeof(p->warnings));
    if (result.warnings.count > 0)
        warnings_add_json(&warnings, &result.warnings);
    p->outcome = (struct task_outcome){
        .video_name = p->video_name,
        .thumbnail_name = result.thumbnail ? p->thumbnail_name : NULL,
        .captions_name = result.captions ? p->captions_name : NULL,
        .direction = p->direction[0] ? p->direction : NULL,
        .sha256 = p->sha256,
        .duration_ms = (result.duration_us + 500) / 1000,
        .size_bytes = result.size_bytes,
        .width_px = result.width_px,
        .height_px = result.height_px,
        .fps = result.fps,
        .warnings = result.warnings.count > 0 ? p->warnings : NULL,
    };
    say_quality(p, &result);
done:
    bytes_fini(&notes);
    bytes_fini(&voice);
    bytes_fini(&portrait);
    return s;
}

/* True unless the store says that the task is completed with this very video, or says nothing. */
static bool is_unpublished(struct worker *w, const char *id, const char *video_name)
{
    struct task t;
    enum orator_status s = queue_get(w->setup.store, id, NULL, &t, NULL);
    bool published = s == ORATOR_OK && t.video_name && strcmp(t.video_name, video_name) == 0;
    task_fini(&t);
    return (s == ORATOR_OK || s == ORATOR_TASK_NOT_FOUND) && !published;
}

static void count(struct worker *w, int64_t *what)
{
    pthread_mutex_lock(&w->lock);
    ++*what;
    pthread_mutex_unlock(&w->lock);
}

/* Tells the queue how it went, and why if it went wrong. */
static void settle(struct worker *w, const struct task *t, enum orator_status s,
                   const struct task_outcome *outcome, const struct orator_error *why)
{
    struct log log = w->setup.log ? *w->setup.log : (struct log){0};
    struct log *here = w->setup.log ? &log : NULL;
    struct orator_error err = {0}, slow = {0};
    bool kept = false;
    log.key = "task";
    log.value = t->id;
    enum halt halt = (enum halt)w->halt;

    if (s == ORATOR_OK) {
        s = queue_finish(w->setup.store, t->id, w->name, outcome, &kept, &err);
        log_info(here, "task.done", "kept=%d duration_ms=%lld size_bytes=%lld", kept,
                 (long long)outcome->duration_ms, (long long)outcome->size_bytes);
        count(w, kept ? &w->facts.done : &w->facts.lost);
    } else if (halt == STOPPED) {
        s = queue_hand_back(w->setup.store, t->id, w->name, &err);
        log_info(here, "task.handed_back", "attempt=%d", t->attempt);
    } else if (halt == LEASE_LOST) {
        s = ORATOR_OK; /* somebody else's task now */
        count(w, &w->facts.lost);
    } else {
        if (halt == TIMED_OUT) {
            (void)orator_fail(&slow, ORATOR_STAGE_TIMEOUT, "the %s stage took too long", w->stage);
            why = &slow;
        }
        s = queue_fail(w->setup.store, t->id, w->name, why, &kept, &err);
        log_warn(here, "task.failed", "kept=%d attempt=%d error=%s text=%s", kept, t->attempt,
                 orator_status_word(why->status), why->text);
        count(w, kept ? &w->facts.failed : &w->facts.lost);
    }
    if (s != ORATOR_OK)
        log_error(here, "worker.store", "error=%s text=%s", orator_status_word(s), err.text);
}

static void run_task(struct worker *w, const struct task *t)
{
    struct orator_error err = {0};
    struct product product = {0};
    blob_name_new(product.video_name, "mp4");
    blob_name_new(product.thumbnail_name, BLOB_THUMBNAIL);
    blob_name_new(product.preview_name, BLOB_PREVIEW);
    blob_name_new(product.captions_name, BLOB_CAPTIONS);

    pthread_mutex_lock(&w->lock);
    snprintf(w->task_id, sizeof(w->task_id), "%s", t->id);
    w->stage[0] = '\0';
    w->halt = w->closing ? STOPPED : GOING;
    w->stage_end_ms = INT64_MAX;
    pthread_mutex_unlock(&w->lock);

    enum orator_status s = make_video(w, t, &product, &err);

    pthread_mutex_lock(&w->lock);
    w->task_id[0] = '\0'; /* no more beats; one under way says nothing about us any more */
    pthread_mutex_unlock(&w->lock);

    err.status = s;
    settle(w, t, s, &product.outcome, &err);
    blob_remove(w->setup.blobs, product.preview_name); /* who watches sees its end */
    if (is_unpublished(w, t->id, product.video_name)) {
        blob_remove(w->setup.blobs, product.video_name);
        blob_remove(w->setup.blobs, product.thumbnail_name);
        blob_remove(w->setup.blobs, product.captions_name);
    }
}

/* Uploads of tasks that are over. */
static void remove_spent(struct worker *w)
{
    struct task t;
    bool found = true;
    while (found && queue_spent(w->setup.store, &t, &found, NULL) == ORATOR_OK) {
        if (found) {
            if (text_starts(t.image_url, "blob:"))
                blob_remove(w->setup.blobs, t.image_url + 5);
            if (text_starts(t.audio_url, "blob:"))
                blob_remove(w->setup.blobs, t.audio_url + 5);
            found = queue_forget_inputs(w->setup.store, t.id, NULL) == ORATOR_OK;
        }
        task_fini(&t);
    }
}

/* True: there was a task, and it is over for us. */
static bool take_one(struct worker *w)
{
    struct orator_error err = {0};
    struct task t;
    bool found;
    enum orator_status s = queue_claim(w->setup.store, w->name, &t, &found, &err);
    if (s != ORATOR_OK)
        log_error(w->setup.log, "worker.claim", "error=%s text=%s", orator_status_word(s),
                  err.text);
    if (found)
        run_task(w, &t);
    task_fini(&t);
    remove_spent(w);
    return found;
}

static void *look_for_work(void *ctx)
{
    struct worker *w = ctx;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        bool found = false;
        w->woken = false;
        bool looks = !w->draining;
        w->facts.busy = looks; /* from before the claim on: who waits for us misses none */
        pthread_mutex_unlock(&w->lock);
        if (looks)
            found = take_one(w);
        pthread_mutex_lock(&w->lock);
        w->facts.busy = false;
        if (!found && !w->woken && !w->closing)
            wait_for(w, &w->looker_wake, LOOK_MS);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

void worker_drain(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->draining = true;
    pthread_mutex_unlock(&w->lock);
}

struct worker_facts worker_facts(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    struct worker_facts facts = w->facts;
    pthread_mutex_unlock(&w->lock);
    return facts;
}

void worker_halt(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    if (w->halt == GOING)
        w->halt = STOPPED;
    pthread_cond_signal(&w->looker_wake);
    pthread_cond_signal(&w->beater_wake);
    pthread_mutex_unlock(&w->lock);
}

static void release(struct worker **w)
{
    pthread_cond_destroy(&(*w)->looker_wake);
    pthread_cond_destroy(&(*w)->beater_wake);
    pthread_mutex_destroy(&(*w)->lock);
    free(*w);
    *w = NULL;
}

enum orator_status worker_start(struct worker **out, const struct worker_setup *setup,
                                struct orator_error *err)
{
    pthread_condattr_t steady;
    *out = NULL;
    struct worker *w = calloc(1, sizeof(*w));
    if (!w)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a worker");
    w->setup = *setup;
    name_new(w->name, "worker_", 16);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&w->looker_wake, &steady);
    pthread_cond_init(&w->beater_wake, &steady);
    pthread_condattr_destroy(&steady);

    if (pthread_create(&w->beater, NULL, keep_lease, w) != 0) {
        release(&w);
        return orator_fail(err, ORATOR_NO_MEMORY, "no thread for a worker");
    }
    if (pthread_create(&w->looker, NULL, look_for_work, w) != 0) {
        worker_halt(w);
        pthread_join(w->beater, NULL);
        release(&w);
        return orator_fail(err, ORATOR_NO_MEMORY, "no thread for a worker");
    }
    *out = w;
    return ORATOR_OK;
}

void worker_wake(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->woken = true;
    pthread_cond_signal(&w->looker_wake);
    pthread_mutex_unlock(&w->lock);
}

void worker_stop(struct worker **worker)
{
    struct worker *w = *worker;
    if (!w)
        return;
    worker_halt(w);
    pthread_join(w->looker, NULL);
    pthread_join(w->beater, NULL);
    release(worker);
}
