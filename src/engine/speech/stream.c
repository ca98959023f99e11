#include "engine/speech/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 24 hours: far above any limit of the service, and no size below can overflow. */
#define SAMPLES_MAX (24LL * 3600 * SPEECH_RATE_HZ)

enum orator_status speech_stream_begin(struct speech_stream **out, const struct speech_model *model,
                                       struct orator_error *err)
{
    struct speech_stream *stream = calloc(1, sizeof(*stream));
    enum orator_status s;
    *out = NULL;
    if (!stream)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a stream of speech");
    tape_init(&stream->rows, SPECTRUM_BANDS);
    tape_init(&stream->frames, MODEL_OUTPUTS);
    TRY(net_init(&stream->net, model, err));
    TRY(features_new(&stream->features, err));
    *out = stream;
    stream = NULL;
done:
    speech_stream_free(&stream);
    return s;
}

void speech_stream_free(struct speech_stream **stream)
{
    struct speech_stream *it = *stream;
    if (it) {
        features_free(&it->features);
        net_fini(&it->net);
        tape_fini(&it->rows);
        tape_fini(&it->frames);
    }
    free(it);
    *stream = NULL;
}

static enum orator_status check(const struct speech_stream *stream, const float *samples,
                                int64_t count, struct orator_error *err)
{
    if (count > SAMPLES_MAX - stream->samples)
        return orator_fail(err, ORATOR_AUDIO_TOO_LONG,
                           "the sound has %lld samples, need at most %lld",
                           (long long)(stream->samples + count), SAMPLES_MAX);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(samples[i]))
            return orator_fail(err, ORATOR_DECODE_FAILED,
                               "sample %lld of the sound is not a number",
                               (long long)(stream->samples + i));
    return ORATOR_OK;
}

enum orator_status speech_stream_push(struct speech_stream *stream, const float *samples,
                                      int64_t count, struct orator_error *err)
{
    enum orator_status s = check(stream, samples, count, err);
    while (s == ORATOR_OK && count > 0) { /* in pieces, so that little of each layer is kept */
        int64_t some = count < SPEECH_RATE_HZ ? count : SPEECH_RATE_HZ;
        TRY(features_push(stream->features, &stream->rows, samples, some, err));
        TRY(net_push(&stream->net, &stream->frames, &stream->rows, false, err));
        stream->samples += some;
        samples += some;
        count -= some;
    }
done:
    return s;
}

enum orator_status speech_stream_finish(struct speech_stream *stream, struct orator_error *err)
{
    enum orator_status s;
    if (stream->samples < FEATURE_HOP)
        return orator_fail(err, ORATOR_AUDIO_TOO_SHORT, "the sound has %lld samples, need %d",
                           (long long)stream->samples, FEATURE_HOP);
    TRY(features_finish(stream->features, &stream->rows, err));
    TRY(net_push(&stream->net, &stream->frames, &stream->rows, true, err));
done:
    return s;
}

int64_t speech_stream_take(struct speech_stream *stream, struct speech_frame *frames, int64_t room)
{
    struct tape *made = &stream->frames;
    int64_t count = made->end - made->first < room ? made->end - made->first : room;
    for (int64_t t = 0; t < count; t++) {
        const float *row = tape_row(made, made->first + t);
        frames[t] = (struct speech_frame){0};
        memcpy(frames[t].viseme, row, sizeof(frames[t].viseme));
        memcpy(frames[t].articulator, row + VISEME_COUNT, sizeof(frames[t].articulator));
    }
    tape_forget(made, made->first + count);
    return count;
}
