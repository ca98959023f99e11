#include "engine/speech/feature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/speech/percentile.h"

#define POWER_FLOOR    1e-9f /* keeps the logarithm finite: about -90 dB of full scale in a band */
#define FLOOR_BELOW    13.8f /* nats under the peak, 60 dB: quieter is the room, not the voice */
#define SPEAKING_BELOW 8.0f  /* nats under the peak, 35 dB: rows that count as voice */
#define PRIOR_ROWS     100   /* the average voice weighs as much as one second of this one */
#define SPREAD         3.0f  /* brings the rows near unit variance */

/* The average voice's spectrum above its own mean, every eighth band; linear between, flat after. */
static const float prior_knots[SPECTRUM_BANDS / 8] = {4.0f,  3.5f,  1.0f,  -0.3f,
                                                      -0.8f, -0.6f, -2.0f, -4.0f};

static float prior(int band)
{
    int knot = band / 8, last = SPECTRUM_BANDS / 8 - 1;
    if (knot >= last)
        return prior_knots[last];
    return prior_knots[knot] + (prior_knots[knot + 1] - prior_knots[knot]) * (float)(band % 8) / 8;
}

static void measure(struct features *f, const float *samples, int64_t count)
{
    struct spectrum spectrum;
    spectrum_init(&spectrum);
    for (int64_t t = 0; t < f->count; t++) {
        float window[SPECTRUM_WINDOW], bands[SPECTRUM_BANDS];
        int64_t first = t * FEATURE_HOP - (SPECTRUM_WINDOW - FEATURE_HOP) / 2 - 1;
        for (int i = 0; i < SPECTRUM_WINDOW; i++) {
            int64_t at = first + i;
            window[i] = at >= 0 && at < count ? samples[at] : 0.0f;
        }
        spectrum_bands(&spectrum, bands, window);

        float *row = f->rows + t * SPECTRUM_BANDS;
        double sum = 0.0;
        for (int b = 0; b < SPECTRUM_BANDS; b++) {
            row[b] = logf(bands[b] + POWER_FLOOR);
            sum += (double)(bands[b] + POWER_FLOOR);
        }
        f->energy[t] = (float)log(sum / SPECTRUM_BANDS);
    }
}

static void normalise(struct features *f)
{
    double mean[SPECTRUM_BANDS] = {0}, level = 0.0;
    int64_t speaking = 0;
    float floor = f->peak - FLOOR_BELOW;
    for (int64_t t = 0; t < f->count; t++) {
        float *row = f->rows + t * SPECTRUM_BANDS;
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            row[b] = fmaxf(row[b], floor);
        if (f->energy[t] > f->peak - SPEAKING_BELOW) {
            speaking++;
            for (int b = 0; b < SPECTRUM_BANDS; b++)
                mean[b] += (double)row[b];
        }
    }
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        mean[b] /= speaking ? (double)speaking : 1.0;
        level += mean[b] / SPECTRUM_BANDS;
    }
    float offset[SPECTRUM_BANDS];
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        offset[b] = (float)((mean[b] * (double)speaking + (level + (double)prior(b)) * PRIOR_ROWS) /
                            (double)(speaking + PRIOR_ROWS));
    for (int64_t t = 0; t < f->count; t++)
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            f->rows[t * SPECTRUM_BANDS + b] =
                (f->rows[t * SPECTRUM_BANDS + b] - offset[b]) / SPREAD;
}

enum orator_status features_compute(struct features *out, const float *samples, int64_t count,
                                    struct orator_error *err)
{
    struct features f = {.count = count / FEATURE_HOP};
    float *scratch = NULL;
    enum orator_status s = ORATOR_OK;
    *out = (struct features){0};
    if (f.count < 1)
        return orator_fail(err, ORATOR_AUDIO_TOO_SHORT, "the sound has %lld samples, need %d",
                           (long long)count, FEATURE_HOP);
    if (f.count > PTRDIFF_MAX / (int64_t)(SPECTRUM_BANDS * sizeof(float)))
        return orator_fail(err, ORATOR_AUDIO_TOO_LONG, "the sound has too many samples");

    f.rows = malloc((size_t)f.count * SPECTRUM_BANDS * sizeof(*f.rows));
    f.energy = malloc((size_t)f.count * sizeof(*f.energy));
    scratch = malloc((size_t)f.count * sizeof(*scratch));
    if (!f.rows || !f.energy || !scratch) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for %lld rows of features",
                        (long long)f.count);
        goto done;
    }
    measure(&f, samples, count);
    memcpy(scratch, f.energy, (size_t)f.count * sizeof(*scratch));
    f.peak = percentile(scratch, f.count, 0.97);
    normalise(&f);
    *out = f;
    f = (struct features){0};
done:
    free(scratch);
    features_fini(&f);
    return s;
}

void features_fini(struct features *f)
{
    free(f->rows);
    free(f->energy);
    *f = (struct features){0};
}
