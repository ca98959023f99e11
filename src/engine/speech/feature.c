#include "engine/speech/feature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POWER_FLOOR    1e-9f /* keeps the logarithm finite: about -90 dB of full scale in a band */
#define FLOOR_BELOW    13.8f /* nats under the peak, 60 dB: quieter is the room, not the voice */
#define SPEAKING_BELOW 8.0   /* nats under the peak, 35 dB: rows that count as voice */
#define PRIOR_ROWS     100   /* the average voice weighs as much as one second of this one */
#define SPREAD         3.0f  /* brings the rows near unit variance */
#define LEVEL_LOW      (-21.0)
#define LEVELS_A_NAT   16   /* twice as loud is 22 levels: fine enough for loudness not to matter */
#define PEAK_SHARE     0.97 /* of the rows are below the peak: one click does not move it */

enum {
    AHEAD_ROWS = 200, /* two seconds: enough of a voice to know it by */
    UPDATE_ROWS = 10, /* a row's statistics are at most this much younger than another's */
    BEFORE = (SPECTRUM_WINDOW - FEATURE_HOP) / 2 + 1, /* samples of a window before its row */
    AFTER = SPECTRUM_WINDOW - BEFORE,                 /* and from the row's first on */
    BLOCK = 4096,                                     /* samples taken in at once */
};

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

enum orator_status features_new(struct features **out, struct orator_error *err)
{
    struct features *f = calloc(1, sizeof(*f));
    float *silence;
    *out = NULL;
    if (!f)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for features");
    spectrum_init(&f->spectrum);
    tape_init(&f->samples, 1);
    tape_init(&f->measured, SPECTRUM_BANDS);
    tape_init(&f->energy, 1);
    enum orator_status s = tape_extend(&f->samples, BEFORE, &silence, err);
    if (s != ORATOR_OK) {
        features_free(&f);
        return s;
    }
    memset(silence, 0, BEFORE * sizeof(*silence)); /* sample i of the sound is i + BEFORE here */
    *out = f;
    return ORATOR_OK;
}

void features_free(struct features **features)
{
    struct features *f = *features;
    if (f) {
        tape_fini(&f->samples);
        tape_fini(&f->measured);
        tape_fini(&f->energy);
    }
    free(f);
    *features = NULL;
}

static int level_of(float energy)
{
    double level = ((double)energy - LEVEL_LOW) * LEVELS_A_NAT;
    return level < 0.0 ? 0 : level < FEATURE_LEVELS - 1 ? (int)level : FEATURE_LEVELS - 1;
}

/* One more row; its window begins at the row's first sample on the tape. */
static enum orator_status measure(struct features *f, struct orator_error *err)
{
    float bands[SPECTRUM_BANDS], *row, *energy;
    enum orator_status s;
    TRY(tape_extend(&f->measured, 1, &row, err));
    TRY(tape_extend(&f->energy, 1, &energy, err));
    spectrum_bands(&f->spectrum, bands, tape_row(&f->samples, f->rows * FEATURE_HOP));
    double sum = 0.0;
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        row[b] = logf(bands[b] + POWER_FLOOR);
        sum += (double)(bands[b] + POWER_FLOOR);
    }
    *energy = (float)log(sum / SPECTRUM_BANDS);
    f->rows++;
done:
    return s;
}

/* Takes in what has been measured, up to row `end`. */
static void listen(struct features *f, int64_t end)
{
    for (; f->counted < end; f->counted++) {
        const float *row = tape_row(&f->measured, f->counted);
        int level = level_of(*tape_row(&f->energy, f->counted));
        f->heard[level]++;
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            f->sum[level][b] += (double)row[b];
    }
}

/* The peak, and the mean of what is near it. Both move smoothly with loudness, between levels too. */
static void learn(struct features *f)
{
    double wanted = PEAK_SHARE * (double)f->counted, below = (double)f->heard[0];
    int top = 0;
    while (top < FEATURE_LEVELS - 1 && below < wanted)
        below += (double)f->heard[++top];
    double peak = top + 1 - (below - wanted) / (double)f->heard[top];
    f->floor = (float)(LEVEL_LOW + peak / LEVELS_A_NAT) - FLOOR_BELOW;

    double mean[SPECTRUM_BANDS] = {0}, level = 0.0, speaking = 0.0;
    double least = peak - SPEAKING_BELOW * LEVELS_A_NAT;
    for (int k = least > 0.0 ? (int)least : 0; k < FEATURE_LEVELS; k++) {
        double weight = fmin(k + 1 - least, 1.0); /* of a level that is cut: its upper part */
        if (f->heard[k] == 0)
            continue;
        speaking += weight * (double)f->heard[k];
        for (int b = 0; b < SPECTRUM_BANDS; b++)
            mean[b] += weight * f->sum[k][b];
    }
    for (int b = 0; b < SPECTRUM_BANDS; b++) {
        mean[b] = fmax(mean[b] / speaking, (double)f->floor);
        level += mean[b] / SPECTRUM_BANDS;
    }
    for (int b = 0; b < SPECTRUM_BANDS; b++)
        f->offset[b] = (float)((mean[b] * speaking + (level + (double)prior(b)) * PRIOR_ROWS) /
                               (speaking + PRIOR_ROWS));
}

/* Normalises what can be: everything when the sound is over. */
static enum orator_status normalise(struct features *f, struct tape *rows, bool over,
                                    struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    while (f->normalised < f->rows &&
           (over || f->normalised + UPDATE_ROWS + AHEAD_ROWS <= f->rows)) {
        int64_t ahead = f->normalised + UPDATE_ROWS + AHEAD_ROWS, count = f->rows - f->normalised;
        if (count > UPDATE_ROWS)
            count = UPDATE_ROWS;
        if (f->counted < f->rows) {
            listen(f, ahead < f->rows ? ahead : f->rows);
            learn(f);
        }
        float *out;
        TRY(tape_extend(rows, count, &out, err));
        const float *in = tape_row(&f->measured, f->normalised);
        for (int64_t i = 0; i < count * SPECTRUM_BANDS; i++)
            out[i] = (fmaxf(in[i], f->floor) - f->offset[i % SPECTRUM_BANDS]) / SPREAD;
        f->normalised += count;
    }
    tape_forget(&f->measured, f->normalised);
done:
    return s;
}

enum orator_status features_push(struct features *f, struct tape *rows, const float *samples,
                                 int64_t count, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    while (count > 0) {
        int64_t some = count < BLOCK ? count : BLOCK;
        float *at;
        TRY(tape_extend(&f->samples, some, &at, err));
        memcpy(at, samples, (size_t)some * sizeof(*at));
        samples += some;
        count -= some;
        while (f->rows * FEATURE_HOP + SPECTRUM_WINDOW <= f->samples.end)
            TRY(measure(f, err));
        tape_forget(&f->samples, f->rows * FEATURE_HOP);
        TRY(normalise(f, rows, false, err));
    }
done:
    return s;
}

enum orator_status features_finish(struct features *f, struct tape *rows, struct orator_error *err)
{
    int64_t count = (f->samples.end - BEFORE) / FEATURE_HOP;
    enum orator_status s;
    float *silence;
    TRY(tape_extend(&f->samples, AFTER, &silence, err));
    memset(silence, 0, AFTER * sizeof(*silence));
    while (f->rows < count)
        TRY(measure(f, err));
    TRY(normalise(f, rows, true, err));
done:
    return s;
}
