#include "app/video.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/voice/voice.h"

enum {
    PICTURE_READ_MAX = 64 << 20,
    VOICE_READ_MAX = 256 << 20
}; /* the engine's limits are smaller */

const struct option video_words[] = {
    {"image", "FILE", "", offsetof(struct video_request, image), 0},
    {"audio", "FILE", "", offsetof(struct video_request, audio), 0},
    {"out", "FILE", "", offsetof(struct video_request, out), 0},
    {"preview", "FILE", "", offsetof(struct video_request, preview), 0},
    VIDEO_OPTIONS(0),
    VIDEO_SPEECH(0),
    VIDEO_FILES(0),
    {0},
};

static enum orator_status tier_from(const char *model, enum engine_tier *out,
                                    struct orator_error *err)
{
    const char *word = model && strrchr(model, '-') ? strrchr(model, '-') + 1 : model;
    if (!word || strcmp(word, "standard") == 0)
        *out = ENGINE_STANDARD;
    else if (strcmp(word, "pro") == 0)
        *out = ENGINE_PRO;
    else
        return orator_fail_param(err, ORATOR_MODEL_NOT_FOUND, "model",
                                 "there is no model %.60s; there are standard and pro", model);
    return ORATOR_OK;
}

/* A whole number or a fraction within [low, high]; left as it is if `text` is NULL. */
static enum orator_status read_whole(int64_t *out, const char *name, const char *text, int64_t low,
                                     int64_t high, struct orator_error *err)
{
    if (!text || text_to_i64(text, low, high, out))
        return ORATOR_OK;
    return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                             "%s is %.40s, need a whole number from %lld to %lld", name, text,
                             (long long)low, (long long)high);
}

static enum orator_status read_factor(float *out, const char *name, const char *text,
                                      struct orator_error *err)
{
    double v = (double)*out;
    if (text && !text_to_f64(text, 0, 2, &v))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, name,
                                 "%s is %.40s, need a number from 0 to 2", name, text);
    *out = (float)v;
    return ORATOR_OK;
}

static enum orator_status read_box(float box[4], const char *text, struct orator_error *err)
{
    int end = 0;
    if (sscanf(text, "%f,%f,%f,%f%n", &box[0], &box[1], &box[2], &box[3], &end) == 4 &&
        text[end] == '\0' && box[2] > 0 && box[3] > 0)
        return ORATOR_OK;
    return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "face-box",
                             "face-box is %.60s, need x,y,width,height in pixels", text);
}

static enum orator_status read_speech(struct voice_order *o, const struct video_request *r,
                                      struct orator_error *err)
{
    *o = (struct voice_order){
        .text = r->say, .voice = r->voice ? r->voice : "en-us", .speed = 1, .format = "wav"};
    if (r->speed && !text_to_f64(r->speed, 0.25, 4, &o->speed))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "speed",
                                 "speed is %.40s, need a number from 0.25 to 4", r->speed);
    if (r->say && !*r->say)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "say", "there is nothing to say");
    return ORATOR_OK;
}

static enum orator_status speak(struct voice_sound *out, const struct voice_order *order,
                                struct orator_error *err)
{
    char program[4096];
    if (!voice_find_program(program, sizeof(program)))
        return orator_fail_param(err, ORATOR_NOT_FOUND, "say",
                                 "this build has no voices (orator doctor says how to have them)");
    return voice_speak(out, program, order, NULL, err);
}

/* The job with the memory that it points to. */
struct order {
    struct engine_job job;
    struct motion_gains gains;
    float face_box[4];
    int64_t seed;
    struct voice_order speech;
};

static enum orator_status order_from(struct order *o, const struct video_request *r,
                                     struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    const struct {
        const char *name, *value;
    } needed[] = {{"image", r->image}, {"audio", r->say ? r->say : r->audio}, {"out", r->out}};
    int64_t fps = 0;
    for (int i = 0; i < 3; i++)
        if (!needed[i].value)
            return orator_fail_param(err, ORATOR_MISSING_PARAMETER, needed[i].name,
                                     "--%s is missing", needed[i].name);
    if (r->say && r->audio)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "say",
                                 "say and audio exclude each other: a text or a recording");
    *o = (struct order){.gains = {1, 1, 1, 1, !r->no_blink}, .seed = 1};
    o->job = (struct engine_job){.output_path = r->out,
                                 .captions_path = r->captions,
                                 .thumbnail_path = r->thumbnail,
                                 .preview_path = r->preview,
                                 .text = r->text ? r->text : r->say,
                                 .prompt = r->prompt,
                                 .resolution = r->resolution,
                                 .aspect_ratio = r->aspect_ratio,
                                 .label = r->label,
                                 .gains = &o->gains};
    TRY(tier_from(r->model, &o->job.tier, err));
    TRY(read_whole(&o->seed, "seed", r->seed, 0, INT64_MAX, err));
    TRY(read_whole(&fps, "fps", r->fps, 12, 60, err));
    TRY(read_factor(&o->gains.head, "motion-head", r->motion_head, err));
    TRY(read_factor(&o->gains.expression, "motion-expression", r->motion_expression, err));
    TRY(read_speech(&o->speech, r, err));
    if (r->face_box) {
        TRY(read_box(o->face_box, r->face_box, err));
        o->job.face_box = o->face_box;
    }
    o->job.seed = (uint64_t)o->seed;
    o->job.fps = (int)fps;
done:
    return s;
}

enum orator_status video_check(const struct video_request *request, struct orator_error *err)
{
    struct order order;
    return order_from(&order, request, err);
}

enum orator_status video_make(const struct engine *engine, const struct video_request *request,
                              int64_t max_voice_ms, video_progress *progress, void *ctx,
                              struct video_made *out, struct orator_error *err)
{
    enum orator_status s;
    struct order order;
    struct bytes portrait = {0}, recording = {0};
    struct voice_sound speech = {0};
    int64_t began_ms = clock_steady_ms();

    TRY(order_from(&order, request, err));
    TRY(file_read(&portrait, request->image, PICTURE_READ_MAX, err));
    order.job.portrait = &portrait;
    if (request->say) {
        order.speech.max_ms = max_voice_ms;
        TRY(speak(&speech, &order.speech, err));
        order.job.voice = &speech.file;
        order.job.notes = &speech.notes;
    } else {
        TRY(file_read(&recording, request->audio, VOICE_READ_MAX, err));
        order.job.voice = &recording;
    }
    order.job.max_voice_ms = max_voice_ms;
    order.job.progress = progress;
    order.job.ctx = ctx;
    *out = (struct video_made){.seed = order.seed};
    TRY(engine_run(engine, &order.job, &out->result, err));
    out->took_ms = clock_steady_ms() - began_ms;
done:
    voice_sound_fini(&speech);
    bytes_fini(&recording);
    bytes_fini(&portrait);
    return s;
}
