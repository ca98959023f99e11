/* feature.h - a voice becomes rows of 64 numbers that do not depend on loudness or microphone.
 *
 * What:    ln of mel power every 10 ms, floored 60 dB under the loud parts, the mean spectrum of the
 *          speaking parts taken away, divided by 3. Loud and mean are those of what has been heard up to
 *          2.1 s later than the row (looked up ten times a second), so that a row needs no more of the sound
 *          than that.
 * Units:   row t is centred at (t + 0.5) / FEATURE_ROWS_HZ seconds.
 */
#pragma once

#include "engine/speech/spectrum.h"
#include "engine/speech/speech.h"
#include "engine/speech/tape.h"

enum {
    FEATURE_ROWS_HZ = 100,
    FEATURE_HOP = SPEECH_RATE_HZ / FEATURE_ROWS_HZ,
    FEATURE_LEVELS = 560, /* steps of 1/16 nat from -21 nats: nothing, to +14: full scale */
};

/* What has been heard so far, by level: how often, and the sum of the rows. */
struct features {
    struct spectrum spectrum;
    struct tape samples, measured; /* measured: rows before they are normalised */
    struct tape energy;            /* a number a row, all of them: ln of the mean mel power */
    int64_t rows, normalised;      /* how many of each there have been */
    int64_t heard[FEATURE_LEVELS], counted;
    double sum[FEATURE_LEVELS][SPECTRUM_BANDS];
    float floor, offset[SPECTRUM_BANDS];
};

ORATOR_MUST_CHECK enum orator_status features_new(struct features **, struct orator_error *err);
void features_free(struct features **);

/* Appends to `rows` the rows that are certain with these samples. How the samples are cut into calls
 * changes nothing. */
ORATOR_MUST_CHECK enum orator_status features_push(struct features *, struct tape *rows,
                                                   const float *samples, int64_t count,
                                                   struct orator_error *err);

/* Appends the last rows: nothing but silence follows. */
ORATOR_MUST_CHECK enum orator_status features_finish(struct features *, struct tape *rows,
                                                     struct orator_error *err);
