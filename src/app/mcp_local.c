/* mcp_local.c - videos made by this process, one after the other, on one thread. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/mcp_maker.h"
#include "app/report.h"

enum { JOBS_MAX = 256, WORDS_MAX = 24 };

struct job {
    char id[24];
    struct video_request request; /* its words are copies */
    char *words[WORDS_MAX];
    const char *status, *stage;
    int64_t frames_done, frames_total;
    bool canceled;
    json_t *end; /* of report.h; NULL: not over */
};

struct local {
    struct engine *engine;
    int64_t max_voice_ms;
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t thread;
    bool started;
    struct job *jobs[JOBS_MAX]; /* in the order they came */
    int count, next;            /* next: the first that has not begun */
    atomic_bool closing;
};

/* What the thread hands to its progress. */
struct running {
    struct local *local;
    struct job *job;
};

static enum orator_status on_progress(void *ctx, const struct engine_progress *now,
                                      struct orator_error *err)
{
    struct running *r = ctx;
    pthread_mutex_lock(&r->local->lock);
    r->job->stage = engine_stage_name(now->stage);
    r->job->frames_done = now->frames_done;
    r->job->frames_total = now->frames_total;
    bool stop = r->job->canceled;
    pthread_mutex_unlock(&r->local->lock);
    if (stop || atomic_load(&r->local->closing))
        return orator_fail(err, ORATOR_CANCELED, "stopped by request");
    return ORATOR_OK;
}

static json_t *end_of(enum orator_status s, const struct job *job, const struct video_made *made,
                      const struct orator_error *err)
{
    char *memory = malloc(REPORT_SIZE);
    json_t *end = NULL;
    if (memory) {
        struct text t = text_over(memory, REPORT_SIZE);
        if (s == ORATOR_OK)
            report_video(&t, &job->request, made);
        else
            report_failure(&t, err);
        end = json_loads(memory, 0, NULL);
    }
    free(memory);
    return end ? end : json_pack("{s:s}", "status", "failed");
}

static void run_job(struct local *l, struct job *job)
{
    struct orator_error err = {0};
    struct video_made made = {0};
    struct running running = {l, job};
    enum orator_status s =
        video_make(l->engine, &job->request, l->max_voice_ms, on_progress, &running, &made, &err);
    json_t *end = end_of(s, job, &made, &err);
    pthread_mutex_lock(&l->lock);
    job->end = end;
    job->status = s == ORATOR_OK ? "completed" : "failed";
    pthread_mutex_unlock(&l->lock);
}

static void *work(void *ctx)
{
    struct local *l = ctx;
    pthread_mutex_lock(&l->lock);
    while (!atomic_load(&l->closing)) {
        if (l->next == l->count) {
            pthread_cond_wait(&l->more, &l->lock);
            continue;
        }
        struct job *job = l->jobs[l->next++];
        if (job->end) /* canceled before it began */
            continue;
        job->status = "processing";
        pthread_mutex_unlock(&l->lock);
        run_job(l, job);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static void job_free(struct job *job)
{
    if (!job)
        return;
    for (int i = 0; i < WORDS_MAX; i++)
        free(job->words[i]);
    json_decref(job->end);
    free(job);
}

/* The request's words become the job's own. */
static bool copy_words(struct job *job, const struct video_request *request)
{
    int count = 0;
    job->request = *request;
    for (const struct option *o = video_words; o->name; o++) {
        char *place = (char *)&job->request + o->offset, *word;
        memcpy(&word, place, sizeof(word));
        if (!o->value || !word)
            continue;
        assert(count < WORDS_MAX);
        if (!(word = job->words[count++] = strdup(word)))
            return false;
        memcpy(place, &word, sizeof(word));
    }
    return true;
}

static struct job *find(struct local *l, const char *id)
{
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->jobs[i]->id, id) == 0)
            return l->jobs[i];
    return NULL;
}

/* Under the lock. */
static json_t *show(const struct local *l, const struct job *job)
{
    int place = 0;
    while (place < l->count && l->jobs[place] != job)
        place++;
    json_t *o = json_pack("{s:s, s:s, s:s}", "id", job->id, "status", job->status, "output",
                          job->request.out);
    if (job->end) {
        json_object_update_missing(o, job->end);
        json_object_set_new(o, "status", json_string(job->status));
    } else if (strcmp(job->status, "queued") == 0) {
        json_object_set_new(o, "queue_position", json_integer(place - l->next + 1));
    } else {
        int64_t total = job->frames_total;
        json_object_set_new(o, "stage", json_string(job->stage));
        json_object_set_new(o, "progress",
                            json_integer(total > 0 ? job->frames_done * 100 / total : 0));
        json_object_set_new(o, "frames_done", json_integer(job->frames_done));
        json_object_set_new(o, "frames_total", json_integer(total));
    }
    return o;
}

static enum orator_status start(void *self, const struct video_request *request, json_t **out,
                                struct orator_error *err)
{
    struct local *l = self;
    enum orator_status s;
    struct job *job = NULL;
    TRY(video_check(request, err));
    job = calloc(1, sizeof(*job));
    if (!job || !copy_words(job, request)) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a job");
        goto done;
    }
    job->status = "queued";
    job->stage = "";
    pthread_mutex_lock(&l->lock);
    if (l->count == JOBS_MAX) {
        s = orator_fail(err, ORATOR_QUEUE_FULL, "%d jobs were made here; start anew", JOBS_MAX);
    } else {
        snprintf(job->id, sizeof(job->id), "local_%d", l->count + 1);
        l->jobs[l->count++] = job;
        *out = show(l, job);
        job = NULL;
        pthread_cond_signal(&l->more);
    }
    pthread_mutex_unlock(&l->lock);
done:
    job_free(job);
    return s;
}

static enum orator_status look(void *self, const char *id, json_t **out, struct orator_error *err)
{
    struct local *l = self;
    pthread_mutex_lock(&l->lock);
    const struct job *job = find(l, id);
    *out = job ? show(l, job) : NULL;
    pthread_mutex_unlock(&l->lock);
    return *out ? ORATOR_OK
                : orator_fail_param(err, ORATOR_TASK_NOT_FOUND, "id", "no job is called %.40s", id);
}

static enum orator_status list(void *self, int limit, json_t **out, struct orator_error *err)
{
    struct local *l = self;
    (void)err;
    *out = json_array();
    pthread_mutex_lock(&l->lock);
    for (int i = l->count - 1; i >= 0 && l->count - i <= limit; i--)
        json_array_append_new(*out, show(l, l->jobs[i]));
    pthread_mutex_unlock(&l->lock);
    return ORATOR_OK;
}

static enum orator_status cancel(void *self, const char *id, json_t **out, struct orator_error *err)
{
    struct local *l = self;
    const struct orator_error canceled = {ORATOR_CANCELED, "stopped by request", ""};
    pthread_mutex_lock(&l->lock);
    struct job *job = find(l, id);
    if (job && !job->end) {
        job->canceled = true;
        if (strcmp(job->status, "queued") == 0) {
            job->end = end_of(ORATOR_CANCELED, job, NULL, &canceled);
            job->status = "failed";
        }
    }
    pthread_mutex_unlock(&l->lock);
    return look(self, id, out, err);
}

static enum orator_status inspect(void *self, const char *image, const char *audio, json_t **out,
                                  struct orator_error *err)
{
    struct local *l = self;
    enum orator_status s = ORATOR_OK;
    struct bytes portrait = {0}, voice = {0};
    struct engine_facts facts;
    char memory[WARNINGS_JSON_SIZE];
    struct text warnings = text_over(memory, sizeof(memory));
    if (image)
        TRY(file_read(&portrait, image, 64 << 20, err));
    if (audio)
        TRY(file_read(&voice, audio, 256 << 20, err));
    TRY(engine_inspect(l->engine, image ? &portrait : NULL, audio ? &voice : NULL, l->max_voice_ms,
                       &facts, err));
    *out = json_object();
    if (audio)
        json_object_set_new(*out, "audio_duration_seconds",
                            json_real((double)facts.voice_us / 1e6));
    if (image) {
        warnings_add_json(&warnings, &facts.warnings);
        json_object_set_new(*out, "width", json_integer(facts.width_px));
        json_object_set_new(*out, "height", json_integer(facts.height_px));
        json_object_set_new(*out, "eye_distance_px", json_real((double)facts.eye_distance_px));
        json_object_set_new(*out, "face_box",
                            json_pack("[f, f, f, f]", (double)facts.face_box[0],
                                      (double)facts.face_box[1], (double)facts.face_box[2],
                                      (double)facts.face_box[3]));
        json_object_set_new(*out, "warnings", json_loads(memory, 0, NULL));
    }
done:
    bytes_fini(&voice);
    bytes_fini(&portrait);
    return s;
}

static void close_local(void *self)
{
    struct local *l = self;
    if (l->started) {
        atomic_store(&l->closing, true);
        pthread_mutex_lock(&l->lock);
        pthread_cond_signal(&l->more);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
    }
    for (int i = 0; i < l->count; i++)
        job_free(l->jobs[i]);
    engine_free(&l->engine);
    free(l);
}

enum orator_status mcp_local(struct mcp_maker *out, const struct settings *settings,
                             struct orator_error *err)
{
    enum orator_status s;
    struct local *l = calloc(1, sizeof(*l));
    if (!l)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the maker");
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    l->max_voice_ms = settings->max_audio_seconds * 1000;
    TRY(engine_open(&l->engine, settings->models, err));
    l->started = pthread_create(&l->thread, NULL, work, l) == 0;
    if (!l->started)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no thread for the maker");
done:
    if (s != ORATOR_OK) {
        close_local(l);
        return s;
    }
    *out = (struct mcp_maker){.self = l,
                              .where = "Videos are made on this machine, one after the other; "
                                       "portraits and voices are files, by absolute paths.",
                              .start = start,
                              .look = look,
                              .list = list,
                              .cancel = cancel,
                              .inspect = inspect,
                              .close = close_local};
    return ORATOR_OK;
}
