#include "engine/speech/speech.h"

#include <stdlib.h>

#include "engine/speech/prosody.h"
#include "engine/speech/stream.h"

static enum orator_status check(const struct sound *mono, struct orator_error *err)
{
    if (mono->channels != 1 || mono->rate_hz != SPEECH_RATE_HZ)
        return orator_fail(err, ORATOR_INTERNAL,
                           "speech needs mono at %d Hz, was given %d at %d Hz", SPEECH_RATE_HZ,
                           mono->channels, mono->rate_hz);
    return ORATOR_OK;
}

enum orator_status speech_analyse(struct speech *out, const struct speech_model *model,
                                  const struct sound *mono, struct orator_error *err)
{
    struct speech_stream *stream = NULL;
    struct speech speech = {0};
    enum orator_status s;
    *out = (struct speech){0};

    TRY(check(mono, err));
    TRY(speech_stream_begin(&stream, model, err));
    TRY(speech_stream_push(stream, mono->samples, mono->frames, err));
    TRY(speech_stream_finish(stream, err));
    speech.samples = mono->frames;
    speech.count = stream->frames.end;
    speech.frames = calloc((size_t)speech.count, sizeof(*speech.frames));
    if (!speech.frames)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld frames of speech",
                        (long long)speech.count));
    speech_stream_take(stream, speech.frames, speech.count);
    TRY(prosody_measure(speech.frames, speech.count, stream->features->energy.memory,
                        stream->features->rows, mono->samples, mono->frames, err));
    *out = speech;
    speech = (struct speech){0};
done:
    speech_fini(&speech);
    speech_stream_free(&stream);
    return s;
}

void speech_fini(struct speech *speech)
{
    free(speech->frames);
    *speech = (struct speech){0};
}
