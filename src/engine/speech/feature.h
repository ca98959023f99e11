/* feature.h - a voice becomes rows of 64 numbers that do not depend on loudness or microphone.
 *
 * What:    ln of mel power every 10 ms, floored 60 dB under the loud parts, the mean spectrum of the
 *          speaking parts taken away, divided by 3.
 * Units:   row t is centred at (t + 0.5) / FEATURE_ROWS_HZ seconds.
 * Owns:    its arrays; features_fini() gives them back.
 */
#pragma once

#include "engine/speech/spectrum.h"
#include "engine/speech/speech.h"

enum { FEATURE_ROWS_HZ = 100, FEATURE_HOP = SPEECH_RATE_HZ / FEATURE_ROWS_HZ };

struct features {
    float *rows;   /* owned; count x SPECTRUM_BANDS */
    float *energy; /* owned; count; ln of the mean mel power */
    float peak;    /* 97th percentile of energy: how loud this voice speaks */
    int64_t count;
};

ORATOR_MUST_CHECK enum orator_status features_compute(struct features *out, const float *samples,
                                                      int64_t count, struct orator_error *err);
void features_fini(struct features *);
