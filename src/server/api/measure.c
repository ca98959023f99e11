#include "server/api/measure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/api/limits.h"
#include "server/store/name.h"

enum { LEFT_MS = 120000 /* nobody came for it: the client hung up */ };

struct measure {
    struct measures *all;
    char id[MEASURE_ID_SIZE]; /* "": free */
    const struct api_setup *api;
    const struct shape *shape;
    struct submission in;
    struct inputs inputs;
    struct facts facts; /* of an estimate */
    struct orator_error err;
    enum orator_status status;
    bool done;
    int64_t begun_ms;
};

struct measures {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t over;
    struct measure rows[MEASURES_MAX];
    int running;
    atomic_int stop;
};

enum orator_status measures_open(struct measures **out, struct orator_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for measuring voices");
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_cond_init(&(*out)->over, NULL);
    return ORATOR_OK;
}

static void clear(struct measure *m)
{
    inputs_drop(&m->inputs);
    submission_fini(&m->in);
    *m = (struct measure){0};
}

void measures_close(struct measures **measures)
{
    struct measures *all = *measures;
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->stop = 1;
    while (all->running > 0)
        pthread_cond_wait(&all->over, &all->lock);
    for (int i = 0; i < MEASURES_MAX; i++)
        if (all->rows[i].id[0])
            clear(&all->rows[i]);
    pthread_mutex_unlock(&all->lock);
    pthread_cond_destroy(&all->over);
    pthread_mutex_destroy(&all->lock);
    free(all);
    *measures = NULL;
}

static enum orator_status load_voice(struct measure *m, struct bytes *out, struct orator_error *err)
{
    enum orator_status s;
    const struct api_setup *api = m->api;
    if (m->inputs.audio_blob[0])
        return blob_get(api->blobs, m->inputs.audio_blob + strlen("blob:"), LIMIT_AUDIO_BYTES, out,
                        err);
    TRY(fetch_url(out, m->inputs.audio_url, &api->fetch, LIMIT_AUDIO_BYTES, ORATOR_AUDIO_TOO_LARGE,
                  &m->all->stop, err));
    if (!input_audio_extension(&(struct upload){out->data, out->size}))
        s = orator_fail(err, ORATOR_UNSUPPORTED_AUDIO_FORMAT,
                        "what the URL leads to is no mp3, wav, m4a, aac, ogg or flac file");
done:
    return s;
}

/* What an estimate does without is a problem of the job, not of the estimate. */
static enum orator_status lacks(const char *name, struct orator_error *err)
{
    return orator_fail_param(err, ORATOR_MISSING_PARAMETER, name, "%s is missing", name);
}

static enum orator_status load_portrait(struct measure *m, struct bytes *out,
                                        struct orator_error *err)
{
    if (m->inputs.image_blob[0])
        return blob_get(m->api->blobs, m->inputs.image_blob + strlen("blob:"), LIMIT_IMAGE_BYTES,
                        out, err);
    return fetch_url(out, m->inputs.image_url, &m->api->fetch, LIMIT_IMAGE_BYTES,
                     ORATOR_IMAGE_TOO_LARGE, &m->all->stop, err);
}

/* How long is the voice? It is kept as the task's. */
static enum orator_status measure_voice(struct measure *m, struct orator_error *err)
{
    enum orator_status s;
    struct bytes voice = {0};
    const struct api_setup *api = m->api;
    TRY(load_voice(m, &voice, err));
    if (!m->inputs.audio_blob[0]) {
        struct upload bytes = {voice.data, voice.size};
        TRY(inputs_put_audio(&m->inputs, &bytes, input_audio_extension(&bytes), err));
    }
    TRY(api->voice_ms(api->voice_ctx, &voice, model_max_voice_ms(api), &m->in.declared_ms, err));
    if (m->in.declared_ms < LIMIT_AUDIO_MIN_MS)
        s = orator_fail(err, ORATOR_AUDIO_TOO_SHORT, "the sound lasts %.3f seconds, need %g",
                        (double)m->in.declared_ms / 1000, LIMIT_AUDIO_MIN_MS / 1000.0);
done:
    bytes_fini(&voice);
    if (s != ORATOR_OK && !err->param[0])
        snprintf(err->param, sizeof(err->param), "audio_url");
    return s;
}

/* Everything that can be said of both; what cannot be had is a problem, not a failure. */
static enum orator_status examine(struct measure *m, struct orator_error *err)
{
    enum orator_status s;
    struct bytes portrait = {0}, voice = {0};
    struct orator_error image_why = {0}, audio_why = {0};
    const struct api_setup *api = m->api;
    const double *face_box = m->in.options.face_box;
    enum orator_status image = m->inputs.image_url ? load_portrait(m, &portrait, &image_why)
                                                   : lacks("image_url", &image_why);
    enum orator_status audio =
        m->inputs.audio_url ? load_voice(m, &voice, &audio_why) : lacks("audio_url", &audio_why);
    TRY(api->examine(api->voice_ctx, image == ORATOR_OK ? &portrait : NULL,
                     audio == ORATOR_OK ? &voice : NULL, face_box[2] > 0 ? face_box : NULL,
                     model_max_voice_ms(api), &m->facts, err));
    if (image != ORATOR_OK)
        facts_add(&m->facts, image, &image_why, "image_url");
    if (audio != ORATOR_OK)
        facts_add(&m->facts, audio, &audio_why, "audio_url");
done:
    bytes_fini(&portrait);
    bytes_fini(&voice);
    return s;
}

static void *measure_run(void *ctx)
{
    struct measure *m = ctx;
    struct measures *all = m->all;
    struct orator_error err = {0};
    enum orator_status s = m->shape
                               ? measure_voice(m, &err)
                               : examine(m, &err); /* the row is this thread's until it is done */
    pthread_mutex_lock(&all->lock);
    m->err = err;
    m->status = s;
    m->done = true;
    all->running--;
    pthread_cond_broadcast(&all->over);
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

enum orator_status measure_begin(const struct api_setup *api, struct submission *in,
                                 struct inputs *inputs, const struct shape *shape,
                                 char id[MEASURE_ID_SIZE], struct orator_error *err)
{
    struct measures *all = api->measures;
    struct measure *m = NULL;
    pthread_t thread;
    pthread_attr_t detached;
    enum orator_status s = ORATOR_OK;
    if (!shape && (!all || !api->examine))
        return orator_fail(err, ORATOR_NOT_FOUND, "this server makes no estimates");
    if (!all || (shape && !api->voice_ms))
        return orator_fail_param(err, ORATOR_MISSING_PARAMETER, "audio_duration_seconds",
                                 "audio_duration_seconds is missing");
    pthread_mutex_lock(&all->lock);
    for (int i = 0; i < MEASURES_MAX; i++) {
        struct measure *row = &all->rows[i];
        if (row->id[0] && row->done && clock_steady_ms() - row->begun_ms > LEFT_MS)
            clear(row);
        if (!row->id[0])
            m = row;
    }
    if (!m) {
        s = orator_fail(err, ORATOR_QUEUE_FULL, "%d sounds are being measured; try again",
                        MEASURES_MAX);
        goto done;
    }
    *m = (struct measure){.all = all, .api = api, .shape = shape, .begun_ms = clock_steady_ms()};
    name_new(m->id, "measure_", 20);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    m->in = *in;
    inputs_move(&m->inputs, inputs);
    if (pthread_create(&thread, &detached, measure_run, m) != 0) {
        inputs_move(inputs, &m->inputs);
        *m = (struct measure){0};
        s = orator_fail(err, ORATOR_NO_MEMORY, "no thread to measure a sound");
    } else {
        all->running++;
        *in = (struct submission){0};
        snprintf(id, MEASURE_ID_SIZE, "%s", m->id);
    }
    pthread_attr_destroy(&detached);
done:
    pthread_mutex_unlock(&all->lock);
    return s;
}

enum orator_status measure_end(const struct api_setup *api, const char *id, struct submission *in,
                               struct inputs *inputs, const struct shape **shape,
                               struct facts *facts, bool *done, struct orator_error *err)
{
    struct measures *all = api->measures;
    enum orator_status s =
        orator_fail(err, ORATOR_INTERNAL, "the sound was measured and then forgotten");
    *done = true;
    pthread_mutex_lock(&all->lock);
    for (int i = 0; i < MEASURES_MAX; i++) {
        struct measure *m = &all->rows[i];
        if (strcmp(m->id, id) != 0)
            continue;
        *done = m->done;
        s = m->done ? m->status : ORATOR_OK;
        if (m->done) {
            *err = m->err;
            *shape = m->shape;
            if (facts)
                *facts = m->facts;
            *in = m->in;
            inputs_move(inputs, &m->inputs);
            *m = (struct measure){0};
        }
        break;
    }
    pthread_mutex_unlock(&all->lock);
    return s;
}
