/* kling.c - Kling's own service makes the video: submit, look until it is done, fetch, take in.
 *
 * A try that was lost (a server that stopped) leaves its task at Kling, under our task's id and a number; each try
 * looks for it before it submits anew, so that nothing is made and paid twice.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "engine/adopt.h"
#include "engine/engine.h"
#include "server/fetch/call.h"
#include "server/maker/adopt.h"
#include "server/maker/kind.h"
#include "server/maker/kling_words.h"

enum {
    VOICE_MAX_BYTES = 5 << 20, /* Kling's limit; mp3, wav, m4a and aac */
    ANSWER_MAX_BYTES = 1 << 20,
    VIDEO_MAX_BYTES = 512 << 20, /* five minutes of 1080p take a third of it */
    VIDEO_TIME_MS = 600000,
    POLL_MAX_MS = 10000,
    FAULTS_MAX = 6, /* answers in a row that are none */
    TRIES_MAX = 9,
};

struct maker_kling {
    char routes[640], access_key[128], secret_key[256], folder[PATH_MAX];
    struct fetch_policy fetch;
    int64_t limit_ms, poll_ms;
    const struct log *log;
};

/* One video on its way. */
struct errand {
    const struct maker_kling *maker;
    const struct maker_job *job;
    struct maker_progress now;
    int64_t end_ms; /* steady */
    int64_t wait_ms;
    int faults;
};

static enum orator_status call(struct errand *e, const char *what, const char *body,
                               struct kling_answer *out, struct orator_error *err)
{
    const struct maker_kling *m = e->maker;
    char url[800], token[KLING_TOKEN_SIZE], authorization[KLING_TOKEN_SIZE + 32];
    struct bytes answer = {0};
    int status = 0;
    snprintf(token, sizeof(token), "%s", m->secret_key);
    if (m->access_key[0] &&
        !kling_sign(token, m->access_key, m->secret_key, clock_wall_ms() / 1000))
        return orator_fail(err, ORATOR_BAD_SETTING, "the engine's keys are too long");
    snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", token);
    snprintf(url, sizeof(url), "%s%s%s", m->routes, *what ? "/" : "", what);
    const char *const headers[] = {authorization, "Content-Type: application/json",
                                   "Accept: application/json", NULL};
    enum orator_status s = fetch_call(&answer, &status,
                                      &(struct fetch_call){.url = url,
                                                           .headers = headers,
                                                           .body = body,
                                                           .body_size = body ? strlen(body) : 0,
                                                           .limit_bytes = ANSWER_MAX_BYTES},
                                      &m->fetch, e->job->stop, err);
    if (s == ORATOR_OK)
        kling_read(out, status, &answer);
    else if (s != ORATOR_CANCELED && s != ORATOR_NO_MEMORY) {
        *out = (struct kling_answer){.state = KLING_BUSY, .code = -1};
        snprintf(out->text, sizeof(out->text), "the engine behind this model does not answer");
        s = ORATOR_OK;
    }
    bytes_fini(&answer);
    if (s == ORATOR_OK &&
        (out->state == KLING_BUSY || (out->state == KLING_REFUSED && (body || out->code < 1200))))
        log_warn(m->log, "engine.kling", "task=%s http=%d code=%d text=%s", e->job->task->id,
                 status, out->code, out->text);
    return s;
}

/* Longer each time; ends early when the task does. */
static enum orator_status wait_a_little(struct errand *e, struct orator_error *err)
{
    int64_t until_ms = clock_steady_ms() + e->wait_ms;
    e->wait_ms = e->wait_ms * 3 / 2 < POLL_MAX_MS ? e->wait_ms * 3 / 2 : POLL_MAX_MS;
    enum orator_status s = ORATOR_OK;
    while (s == ORATOR_OK && clock_steady_ms() < until_ms) {
        nanosleep(&(struct timespec){0, 50000000}, NULL);
        if (*e->job->stop)
            s = orator_fail(err, ORATOR_CANCELED, "it was stopped");
        else if (clock_steady_ms() >= e->end_ms)
            s = orator_fail(err, ORATOR_STAGE_TIMEOUT, "the engine took longer than %g seconds",
                            (double)e->maker->limit_ms / 1000);
    }
    return s == ORATOR_OK ? e->job->progress(e->job->ctx, &e->now, err) : s;
}

/* Whether what was answered is to be asked again; if so, after a while. */
static enum orator_status again(struct errand *e, const struct kling_answer *a, bool *ask,
                                struct orator_error *err)
{
    *ask = a->state == KLING_BUSY;
    if (a->state == KLING_REFUSED || a->state == KLING_FAILED)
        return orator_fail(err, a->status, "%s", a->text);
    e->faults = *ask && a->code < 0 ? e->faults + 1 : 0;
    if (e->faults >= FAULTS_MAX)
        return orator_fail(err, ORATOR_RENDER_FAILED, "%s", a->text);
    return *ask ? wait_a_little(e, err) : ORATOR_OK;
}

/* The name of the next submit. A task of an earlier try that Kling knows and that has not failed is taken up
 * again: out->task_id. */
static enum orator_status find_earlier(struct errand *e, char name[KLING_ID_SIZE],
                                       struct kling_answer *out, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    for (int i = 1; i <= TRIES_MAX; i++) {
        bool ask = true;
        snprintf(name, KLING_ID_SIZE, "%s_%d", e->job->task->id, i);
        while (ask) {
            TRY(call(e, name, NULL, out, err));
            if (out->state == KLING_FAILED)
                break;
            if (out->state == KLING_REFUSED && out->status == ORATOR_INVALID_PARAMETER) {
                out->task_id[0] = '\0'; /* it knows none of this name */
                return ORATOR_OK;
            }
            TRY(again(e, out, &ask, err));
        }
        if (out->state != KLING_FAILED)
            return ORATOR_OK;
    }
    s = orator_fail(err, ORATOR_RENDER_FAILED, "%s", out->text);
done:
    return s;
}

static enum orator_status submit(struct errand *e, const char *name, struct kling_answer *out,
                                 struct orator_error *err)
{
    enum orator_status s;
    const struct maker_job *job = e->job;
    struct bytes mp3 = {0};
    const struct bytes *voice = job->voice;
    const char *kind = kind_of_sound(voice);
    char *body = NULL;
    bool ask = true;
    if (strcmp(kind, "ogg") == 0 || strcmp(kind, "flac") == 0 || voice->size > VOICE_MAX_BYTES) {
        TRY(engine_voice_as_mp3(&mp3, voice, job->max_voice_ms, err));
        voice = &mp3;
    }
    body = kling_submit_body(job, voice, name);
    if (!body)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for a job"));
    while (ask) {
        TRY(call(e, "", body, out, err));
        TRY(again(e, out, &ask, err));
    }
    if (!out->task_id[0])
        s = orator_fail(err, ORATOR_RENDER_FAILED, "the engine took the work and named no task");
done:
    free(body);
    bytes_fini(&mp3);
    return s;
}

static enum orator_status fetch_video(struct errand *e, const char *url, const char *path,
                                      struct orator_error *err)
{
    enum orator_status s;
    struct bytes video = {0};
    struct fetch_policy policy = e->maker->fetch;
    policy.total_timeout_ms = VIDEO_TIME_MS;
    s = fetch_url(&video, url, &policy, VIDEO_MAX_BYTES, ORATOR_DOWNLOAD_FAILED, e->job->stop, err);
    if (s != ORATOR_OK && s != ORATOR_CANCELED)
        s = orator_fail(err, ORATOR_RENDER_FAILED, "the engine's video could not be fetched");
    if (s == ORATOR_OK)
        s = file_write(path, video.data, video.size, err);
    bytes_fini(&video);
    return s;
}

static enum orator_status make(const void *self, const struct maker_job *job,
                               struct maker_result *out, struct orator_error *err)
{
    enum orator_status s;
    struct errand e = {.maker = self, .job = job};
    struct engine_facts facts = {0};
    struct kling_answer *answer = calloc(1, sizeof(*answer));
    char path[PATH_MAX + 48], id[KLING_ID_SIZE];
    bool ask;
    *out = (struct maker_result){0};
    if (!answer)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a job");
    snprintf(path, sizeof(path), "%s/%s.%d.mp4", e.maker->folder, job->task->id,
             job->task->attempt);
    e.end_ms = clock_steady_ms() + e.maker->limit_ms;
    e.wait_ms = e.maker->poll_ms;

    TRY(job->progress(job->ctx, &(struct maker_progress){.stage = "inspect"}, err));
    TRY(engine_inspect(NULL, NULL, job->voice, job->max_voice_ms, &facts, err));
    e.now = (struct maker_progress){.stage = "render", .voice_us = facts.voice_us};
    TRY(job->progress(job->ctx, &e.now, err));
    TRY(folder_make(e.maker->folder, err));
    TRY(find_earlier(&e, id, answer, err));
    if (!answer->task_id[0])
        TRY(submit(&e, id, answer, err));
    e.wait_ms = e.maker->poll_ms;
    snprintf(id, sizeof(id), "%s", answer->task_id);
    while (answer->state != KLING_DONE) {
        TRY(wait_a_little(&e, err));
        TRY(call(&e, id, NULL, answer, err));
        TRY(again(&e, answer, &ask, err));
    }
    TRY(fetch_video(&e, answer->video_url, path, err));
    TRY(maker_adopt(job, path, facts.voice_us, out, err));
done:
    remove(path);
    free(answer);
    return s;
}

enum orator_status maker_kling_open(struct maker_kling **out, const struct maker_kling_setup *setup,
                                    struct orator_error *err)
{
    struct maker_kling *m = calloc(1, sizeof(*m));
    *out = m;
    if (!m)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for an engine");
    snprintf(m->routes, sizeof(m->routes), "%s/v1/videos/avatar/image2video", setup->url);
    snprintf(m->access_key, sizeof(m->access_key), "%s",
             setup->access_key ? setup->access_key : "");
    snprintf(m->secret_key, sizeof(m->secret_key), "%s", setup->secret_key);
    snprintf(m->folder, sizeof(m->folder), "%s", setup->folder);
    m->fetch = setup->fetch;
    m->limit_ms = setup->limit_ms;
    m->poll_ms = setup->poll_ms;
    m->log = setup->log;
    return ORATOR_OK;
}

void maker_kling_free(struct maker_kling **m)
{
    free(*m);
    *m = NULL;
}

struct maker maker_kling(const struct maker_kling *m)
{
    return (struct maker){
        .name = "kling", .needs_inputs = true, .limit_ms = m->limit_ms, .make = make, .self = m};
}
