#include "engine/speech/speech.h"

#include <math.h>
#include <stdlib.h>

#include "engine/speech/feature.h"
#include "engine/speech/net.h"
#include "engine/speech/prosody.h"

/* 24 hours: far above any limit of the service, and no size below can overflow. */
#define SAMPLES_MAX (24LL * 3600 * SPEECH_RATE_HZ)

static enum orator_status check(const struct sound *mono, struct orator_error *err)
{
    if (mono->channels != 1 || mono->rate_hz != SPEECH_RATE_HZ)
        return orator_fail(err, ORATOR_INTERNAL,
                           "speech needs mono at %d Hz, was given %d at %d Hz", SPEECH_RATE_HZ,
                           mono->channels, mono->rate_hz);
    if (mono->frames > SAMPLES_MAX)
        return orator_fail(err, ORATOR_AUDIO_TOO_LONG,
                           "the sound has %lld samples, need at most %lld", (long long)mono->frames,
                           SAMPLES_MAX);
    for (int64_t i = 0; i < mono->frames; i++)
        if (!isfinite(mono->samples[i]))
            return orator_fail(err, ORATOR_DECODE_FAILED,
                               "sample %lld of the sound is not a number", (long long)i);
    return ORATOR_OK;
}

enum orator_status speech_analyse(struct speech *out, const struct speech_model *model,
                                  const struct sound *mono, struct orator_error *err)
{
    struct features features = {0};
    struct speech speech = {0};
    enum orator_status s;
    *out = (struct speech){0};

    TRY(check(mono, err));
    TRY(features_compute(&features, mono->samples, mono->frames, err));
    speech.samples = mono->frames;
    speech.count = (features.count + 1) / 2;
    speech.frames = calloc((size_t)speech.count, sizeof(*speech.frames));
    if (!speech.frames)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld frames of speech",
                        (long long)speech.count));
    TRY(net_run(model, speech.frames, &features, err));
    TRY(prosody_measure(speech.frames, speech.count, &features, mono->samples, mono->frames, err));
    *out = speech;
    speech = (struct speech){0};
done:
    speech_fini(&speech);
    features_fini(&features);
    return s;
}

void speech_fini(struct speech *speech)
{
    free(speech->frames);
    *speech = (struct speech){0};
}
