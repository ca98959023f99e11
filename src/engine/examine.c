#include "engine/examine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_inside.h"
#include "engine/face/quality.h"

#define SPEAKS_SILENCE_MAX 0.5f /* of a frame's probability of silence: below, somebody speaks */
#define FULL_SCALE         0.99985f /* 16-bit full scale, and a little */

/* OK, unless it is no problem of the request's. */
static enum orator_status note(struct examination *x, enum orator_status s, const char *param,
                               const struct orator_error *why, struct orator_error *err)
{
    if (s == ORATOR_NO_MEMORY || s == ORATOR_INTERNAL || s == ORATOR_IO) {
        if (err)
            *err = *why;
        return s;
    }
    if (s != ORATOR_OK && x->problem_count < EXAMINE_PROBLEMS_MAX) {
        struct orator_error *p = &x->problems[x->problem_count++];
        *p = *why;
        p->status = s;
        if (!p->param[0])
            snprintf(p->param, sizeof(p->param), "%s", param);
    }
    return ORATOR_OK;
}

static enum orator_status look(const struct engine *e, const struct bytes *portrait,
                               const float *face_box, struct examination *out,
                               struct orator_error *err)
{
    enum orator_status s;
    struct image image = {0};
    struct face face;
    struct face_quality quality;
    TRY(image_decode(&image, portrait->data, portrait->size, err));
    out->width_px = image.width_px;
    out->height_px = image.height_px;
    enum orator_status seen =
        face_find_seen(&face, out->faces, &out->face_count, e->face, &image, face_box, err);
    for (int i = 0; i < out->face_count; i++)
        if (memcmp(out->faces[i].box, face.box, sizeof(face.box)) == 0)
            out->speaker = i;
    for (int i = 0; i < FACE_POINTS; i++)
        memcpy(out->mesh[i], face.points[i], sizeof(out->mesh[i]));
    TRY(seen);
    TRY(face_judge(&quality, &image, &face, err));
    out->warnings = quality.warnings;
done:
    image_fini(&image);
    return s;
}

static float share_at_full_scale(const struct sound *sound)
{
    int64_t count = sound->frames * sound->channels, full = 0;
    for (int64_t i = 0; i < count; i++)
        full += fabsf(sound->samples[i]) >= FULL_SCALE;
    return count > 0 ? (float)full / (float)count : 0;
}

static enum orator_status listen(const struct engine *e, const struct bytes *voice,
                                 int64_t max_voice_ms, struct examination *out,
                                 struct orator_error *err)
{
    enum orator_status s;
    struct sound sound = {0}, mono = {0};
    struct sound_source source;
    struct speech speech = {0};
    TRY(sound_decode_from(&sound, &source, voice->data, voice->size,
                          max_voice_ms ? max_voice_ms : SOUND_MAX_MS, err));
    out->voice_us = sound_length_us(&sound);
    snprintf(out->codec, sizeof(out->codec), "%s", source.codec);
    out->rate_hz = source.rate_hz;
    out->channels = source.channels;
    out->clipping = share_at_full_scale(&sound);
    TRY(sound_to_mono(&mono, &sound, SPEECH_RATE_HZ, err));
    TRY(speech_analyse(&speech, e->speech, &mono, err));
    int64_t speaks = 0;
    for (int64_t i = 0; i < speech.count; i++)
        speaks += speech.frames[i].viseme[VISEME_SIL] < SPEAKS_SILENCE_MAX;
    out->speech_ratio = speech.count > 0 ? (float)speaks / (float)speech.count : 0;
done:
    speech_fini(&speech);
    sound_fini(&mono);
    sound_fini(&sound);
    return s;
}

enum orator_status engine_examine(const struct engine *e, const struct bytes *portrait,
                                  const struct bytes *voice, const float *face_box,
                                  int64_t max_voice_ms, struct examination *out,
                                  struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct orator_error why = {0};
    *out = (struct examination){.speaker = -1};
    if (portrait) {
        enum orator_status seen = look(e, portrait, face_box, out, &why);
        TRY(note(out, seen, "image_url", &why, err));
    }
    why = (struct orator_error){0};
    if (voice) {
        enum orator_status heard = listen(e, voice, max_voice_ms, out, &why);
        TRY(note(out, heard, "audio_url", &why, err));
    }
done:
    return s;
}
