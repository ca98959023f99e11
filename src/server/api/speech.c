/* A text is spoken: POST /v1/audio/speech, in OpenAI's shape. What is answered is kept as a file too. */
#include "server/api/speech.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/api/body.h"
#include "server/api/files.h"
#include "server/api/limits.h"
#include "server/api/models.h"
#include "server/store/name.h"

enum {
    ID_SIZE = 32,
    LOOK_MS = 20,
    LEFT_MS = 120000, /* nobody came for it: the client hung up */
    KEPT_HOURS = 24,
};

static const struct format {
    const char *word, *media_type, *extension; /* NULL: not kept, for nobody could read it again */
} formats[] = {
    {"mp3", "audio/mpeg", "mp3"}, {"wav", "audio/wav", "wav"},  {"flac", "audio/flac", "flac"},
    {"aac", "audio/aac", "aac"},  {"opus", "audio/ogg", "ogg"}, {"pcm", "audio/pcm", NULL},
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

struct speech_row {
    struct speeches *all;
    char id[ID_SIZE]; /* "": free */
    const struct api_setup *api;
    char *text, voice[64];
    double speed;
    const struct format *format;
    struct speech_file file;
    struct orator_error err;
    enum orator_status status;
    bool done;
    int64_t begun_ms;
};

struct speeches {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t over;
    struct speech_row rows[SPEECHES_MAX];
    int running;
    atomic_int stop;
};

enum orator_status speeches_open(struct speeches **out, struct orator_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to speak");
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_cond_init(&(*out)->over, NULL);
    return ORATOR_OK;
}

static void clear(struct speech_row *r)
{
    free(r->text);
    bytes_fini(&r->file.audio);
    bytes_fini(&r->file.notes);
    *r = (struct speech_row){0};
}

void speeches_close(struct speeches **speeches)
{
    struct speeches *all = *speeches;
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->stop = 1;
    while (all->running > 0)
        pthread_cond_wait(&all->over, &all->lock);
    for (int i = 0; i < SPEECHES_MAX; i++)
        clear(&all->rows[i]);
    pthread_mutex_unlock(&all->lock);
    pthread_cond_destroy(&all->over);
    pthread_mutex_destroy(&all->lock);
    free(all);
    *speeches = NULL;
}

static void *speak_run(void *ctx)
{
    struct speech_row *r = ctx;
    struct speeches *all = r->all;
    struct orator_error err = {0};
    struct speech_file file = {0};
    enum orator_status s =
        r->api->speak(r->api->speak_ctx,
                      &(struct speech_order){.text = r->text,
                                             .voice = r->voice,
                                             .speed = r->speed,
                                             .format = r->format->word,
                                             .max_ms = model_max_voice_ms(r->api),
                                             .stop = &all->stop},
                      &file, &err);
    pthread_mutex_lock(&all->lock);
    r->file = file;
    r->err = err;
    r->status = s;
    r->done = true;
    all->running--;
    pthread_cond_broadcast(&all->over);
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

static enum orator_status read_speed(double *out, const json_t *body, struct orator_error *err)
{
    const json_t *v = body_field(body, "speed");
    if (!v)
        return ORATOR_OK;
    *out = json_number_value(v);
    if (!json_is_number(v) || !(*out >= 0.25 && *out <= 4))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "speed",
                                 "speed must be a number from 0.25 to 4, where 1 is usual");
    return ORATOR_OK;
}

static enum orator_status read_order(struct speech_row *r, const json_t *body,
                                     struct orator_error *err)
{
    enum orator_status s;
    const char *model = NULL, *input = NULL, *voice = NULL, *format = "mp3", *stream = "audio";
    TRY(body_text(body, "model", 64, &model, err));
    TRY(body_text(body, "input", SPEECH_INPUT_MAX, &input, err));
    TRY(body_text(body, "voice", sizeof(r->voice) - 1, &voice, err));
    TRY(body_text(body, "response_format", 16, &format, err));
    TRY(body_text(body, "stream_format", 16, &stream, err));
    TRY(read_speed(&r->speed, body, err));
    const char *const needed[][2] = {{"model", model}, {"input", input}, {"voice", voice}};
    for (int i = 0; i < 3; i++)
        if (!needed[i][1] || !*needed[i][1])
            return orator_fail_param(err, ORATOR_MISSING_PARAMETER, needed[i][0], "%s is missing",
                                     needed[i][0]);
    if (strspn(input, " \t\r\n") == strlen(input))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "input",
                                 "there is nothing in the text that can be said");
    if (strcmp(stream, "audio") != 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "stream_format",
                                 "stream_format must be audio");
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].word, format) == 0)
            r->format = &formats[i];
    if (!r->format)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "response_format",
                                 "response_format must be mp3, wav, flac, aac, opus or pcm");
    snprintf(r->voice, sizeof(r->voice), "%s", voice);
    r->text = strdup(input);
    if (!r->text)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory to speak");
done:
    return s;
}

/* Takes the order over when it returns OK. */
static enum orator_status begin(const struct api_setup *api, struct speech_row *order,
                                char id[ID_SIZE], struct orator_error *err)
{
    struct speeches *all = api->speeches;
    struct speech_row *r = NULL;
    pthread_t thread;
    pthread_attr_t detached;
    enum orator_status s = ORATOR_OK;
    pthread_mutex_lock(&all->lock);
    for (int i = 0; i < SPEECHES_MAX; i++) {
        struct speech_row *row = &all->rows[i];
        if (row->id[0] && row->done && clock_steady_ms() - row->begun_ms > LEFT_MS)
            clear(row);
        if (!row->id[0])
            r = row;
    }
    if (!r) {
        s = orator_fail(err, ORATOR_QUEUE_FULL, "%d texts are being spoken; try again",
                        SPEECHES_MAX);
        goto done;
    }
    *r = *order;
    r->all = all;
    r->api = api;
    r->begun_ms = clock_steady_ms();
    name_new(r->id, "speech_", 20);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &detached, speak_run, r) != 0) {
        *r = (struct speech_row){0};
        s = orator_fail(err, ORATOR_NO_MEMORY, "no thread to speak");
    } else {
        all->running++;
        snprintf(id, ID_SIZE, "%s", r->id);
        *order = (struct speech_row){0};
    }
    pthread_attr_destroy(&detached);
done:
    pthread_mutex_unlock(&all->lock);
    return s;
}

/* *done = false: not yet; otherwise *out is the caller's to clear(). */
static enum orator_status end(const struct api_setup *api, const char *id, struct speech_row *out,
                              bool *done, struct orator_error *err)
{
    struct speeches *all = api->speeches;
    enum orator_status s = orator_fail(err, ORATOR_INTERNAL, "the speech was made and forgotten");
    *done = true;
    pthread_mutex_lock(&all->lock);
    for (int i = 0; i < SPEECHES_MAX; i++) {
        struct speech_row *r = &all->rows[i];
        if (strcmp(r->id, id) != 0)
            continue;
        *done = r->done;
        s = r->done ? r->status : ORATOR_OK;
        if (r->done) {
            *err = r->err;
            *out = *r;
            *r = (struct speech_row){0};
        }
        break;
    }
    pthread_mutex_unlock(&all->lock);
    return s;
}

static enum orator_status keep(struct call *call, const struct speech_row *r, struct stored_file *f,
                               struct orator_error *err)
{
    enum orator_status s;
    *f = (struct stored_file){.purpose = "audio",
                              .duration_ms = r->file.duration_ms,
                              .expires_ms = KEPT_HOURS * 3600000LL};
    snprintf(f->account_id, sizeof(f->account_id), "%s", call->key->account_id);
    snprintf(f->key_id, sizeof(f->key_id), "%s", call->key->id);
    snprintf(f->filename, sizeof(f->filename), "speech.%s", r->format->extension);
    snprintf(f->media_type, sizeof(f->media_type), "%s", r->format->media_type);
    TRY(file_keep(call->api, f, r->file.audio.data, r->file.audio.size, r->format->extension, NULL,
                  err));
    TRY(blob_note(call->api->blobs, f->blob_name, r->file.notes.data, r->file.notes.size, err));
done:
    return s;
}

static enum orator_status answer(struct call *call, struct speech_row *r, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct stored_file f = {0};
    char seconds[24];
    const char *accept = http_header(call->request, "Accept");
    bool wants_json = accept && strstr(accept, "application/json");
    if (wants_json && !r->format->extension)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "response_format",
                                 "bare samples (pcm) are not kept as a file; ask for wav");
    if (r->format->extension)
        s = keep(call, r, &f, err);
    if (s != ORATOR_OK && (wants_json || s != ORATOR_REQUEST_TOO_LARGE))
        return s; /* without room for a file there is the sound still */
    if (wants_json)
        return call_answer_json(call, file_json(call, &f), err);
    snprintf(seconds, sizeof(seconds), "%.3f", (double)r->file.duration_ms / 1000);
    http_answer_header(call->answer, "x-audio-duration-seconds", seconds);
    if (s == ORATOR_OK && f.id[0])
        http_answer_header(call->answer, "x-file-id", f.id);
    call->answer->content_type = r->format->media_type;
    call->answer->body = (char *)r->file.audio.data;
    call->answer->body_size = r->file.audio.size;
    r->file.audio = (struct bytes){0};
    return ORATOR_OK;
}

enum orator_status speech_create(struct call *call, struct orator_error *err)
{
    enum orator_status s;
    json_t *body = NULL;
    struct speech_row row = {.speed = 1};
    bool done = false;
    if (!call->api->speak || !call->api->speeches)
        return orator_fail(err, ORATOR_NOT_FOUND, "this server was built without text to speech");
    if (call->answer->note[0]) {
        TRY(end(call->api, call->answer->note, &row, &done, err));
    } else {
        TRY(body_object(&body, call->request->body, call->request->body_size, err));
        TRY(read_order(&row, body, err));
        TRY(begin(call->api, &row, call->answer->note, err));
    }
    if (!done && http_is_stopping(call->request))
        s = orator_fail(err, ORATOR_SHUTTING_DOWN, "the server is stopping; try again");
    else if (!done)
        call->answer->again_ms = LOOK_MS;
    else
        TRY(answer(call, &row, err));
done:
    json_decref(body);
    clear(&row);
    return s;
}
