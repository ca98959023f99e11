#include "engine/speech/prosody.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/speech/percentile.h"

enum {
    STEP_DOWN = 4, /* 16 kHz to 4 kHz: pitch lives below 420 Hz, its first harmonics below 900 */
    SLOW_HZ = SPEECH_RATE_HZ / STEP_DOWN,
    LOWPASS_TAPS = 63,
    LOWEST_HZ = 60,   /* a deep man */
    HIGHEST_HZ = 420, /* a lively child */
    LAG_MIN = SLOW_HZ / HIGHEST_HZ,
    LAG_MAX = SLOW_HZ / LOWEST_HZ + 1,
    LAGS = LAG_MAX - LAG_MIN + 1,
    WINDOW = SLOW_HZ * 3 / 80, /* 37.5 ms compared with itself: two periods of a deep voice */
    CANDIDATES = 5,            /* of pitch, and one more for no pitch */
    STATES = CANDIDATES + 1,
};
#define LOWPASS_HZ      900.0
#define UNVOICED_SCORE  0.42f /* a correlation below this is noise more often than voice */
#define SHORT_LAG_BONUS 0.12f /* of the shortest over the longest: else octaves below win */
#define JUMP_PER_OCTAVE 1.2f  /* cost of moving within one frame, up to JUMP_MAX */
#define JUMP_MAX        0.6f
#define ONSET_COST      0.12f /* of a voice beginning or ending */
#define QUIET_DB        (-40.0f)
#define ROOM_PEAK       (-10.0f) /* ln of mel power: voices peak above it, empty rooms below */

static const float decibel_per_nat = 4.3429448f;

struct candidate {
    float hz, octave, score; /* octave: log2(hz) */
    int from;                /* best predecessor's state */
};

static void lowpass_init(float taps[LOWPASS_TAPS])
{
    double sum = 0.0, pi = 3.141592653589793;
    for (int i = 0; i < LOWPASS_TAPS; i++) {
        double x = i - LOWPASS_TAPS / 2, cut = 2.0 * LOWPASS_HZ / SPEECH_RATE_HZ;
        double sinc = x == 0.0 ? cut : sin(pi * cut * x) / (pi * x);
        double hann = 0.5 - 0.5 * cos(2.0 * pi * (i + 1) / (LOWPASS_TAPS + 1));
        taps[i] = (float)(sinc * hann);
        sum += sinc * hann;
    }
    for (int i = 0; i < LOWPASS_TAPS; i++)
        taps[i] = (float)((double)taps[i] / sum);
}

static void slow_down(float *slow, int64_t slow_count, const float *samples, int64_t count)
{
    float taps[LOWPASS_TAPS];
    lowpass_init(taps);
    for (int64_t t = 0; t < slow_count; t++) {
        int64_t first = t * STEP_DOWN - LOWPASS_TAPS / 2;
        float sum = 0.0f;
        for (int i = 0; i < LOWPASS_TAPS; i++)
            if (first + i >= 0 && first + i < count)
                sum += taps[i] * samples[first + i];
        slow[t] = sum;
    }
}

/* Correlation of x[0..WINDOW) with itself `lag` later, -1..1, constant parts taken away. */
static void correlate(float score[LAGS], const float *x)
{
    float mean = 0.0f;
    for (int i = 0; i < WINDOW + LAG_MAX; i++)
        mean += x[i] / (WINDOW + LAG_MAX);
    float centred[WINDOW + LAG_MAX], own = 1e-7f;
    for (int i = 0; i < WINDOW + LAG_MAX; i++)
        centred[i] = x[i] - mean;
    for (int i = 0; i < WINDOW; i++)
        own += centred[i] * centred[i];
    for (int k = 0; k < LAGS; k++) {
        const float *later = centred + LAG_MIN + k;
        float both = 0.0f, other = 1e-7f;
        for (int i = 0; i < WINDOW; i++) {
            both += centred[i] * later[i];
            other += later[i] * later[i];
        }
        score[k] = both / sqrtf(own * other);
    }
}

/* The highest peaks of the correlation, best first; empty places score -1. */
static void find_candidates(struct candidate out[STATES], const float score[LAGS])
{
    for (int c = 0; c < CANDIDATES; c++)
        out[c] = (struct candidate){.hz = LOWEST_HZ, .octave = log2f(LOWEST_HZ), .score = -1.0f};
    out[CANDIDATES] = (struct candidate){.score = UNVOICED_SCORE};
    for (int k = 1; k + 1 < LAGS; k++) {
        if (!(score[k] > score[k - 1] && score[k] >= score[k + 1]))
            continue;
        float bend = score[k - 1] - 2.0f * score[k] + score[k + 1];
        float offset = bend < 0.0f ? 0.5f * (score[k - 1] - score[k + 1]) / bend : 0.0f;
        float lag = (float)(LAG_MIN + k) + offset;
        float longer = log2f(lag / LAG_MIN) / log2f((float)LAG_MAX / LAG_MIN);
        struct candidate found = {.hz = SLOW_HZ / lag,
                                  .octave = log2f(SLOW_HZ / lag),
                                  .score = score[k] - SHORT_LAG_BONUS * longer};
        for (int c = 0; c < CANDIDATES; c++) {
            if (found.score > out[c].score) {
                struct candidate pushed = out[c];
                out[c] = found;
                found = pushed;
            }
        }
    }
}

static float move_cost(const struct candidate *from, int from_state, const struct candidate *to,
                       int to_state)
{
    if (from_state == CANDIDATES || to_state == CANDIDATES)
        return from_state == to_state ? 0.0f : ONSET_COST;
    return fminf(JUMP_PER_OCTAVE * fabsf(from->octave - to->octave), JUMP_MAX);
}

/* Viterbi: scores become sums along the best path to each state, `from` its last step. */
static void choose_path(struct candidate (*column)[STATES], int64_t count)
{
    for (int64_t t = 1; t < count; t++) {
        for (int to = 0; to < STATES; to++) {
            float best = -INFINITY;
            for (int from = 0; from < STATES; from++) {
                float sum = column[t - 1][from].score -
                            move_cost(&column[t - 1][from], from, &column[t][to], to);
                if (sum > best) {
                    best = sum;
                    column[t][to].from = from;
                }
            }
            column[t][to].score += best;
        }
    }
}

static enum orator_status measure_level(struct speech_frame *frames, int64_t count,
                                        const float *energy, int64_t rows, struct orator_error *err)
{
    float *sorted = malloc((size_t)rows * sizeof(*sorted));
    if (!sorted)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the level of %lld rows",
                           (long long)rows);
    memcpy(sorted, energy, (size_t)rows * sizeof(*sorted));
    float reference = fmaxf(percentile(sorted, rows, 0.97),
                            ROOM_PEAK); /* else an empty room would be as loud as a voice */
    free(sorted);
    for (int64_t t = 0; t < count; t++) {
        int64_t first = 2 * t, second = 2 * t + 1 < rows ? 2 * t + 1 : first;
        float power = 0.5f * (expf(energy[first]) + expf(energy[second]));
        frames[t].level_db = decibel_per_nat * (logf(power) - reference);
    }
    return ORATOR_OK;
}

enum orator_status prosody_measure(struct speech_frame *frames, int64_t count, const float *energy,
                                   int64_t rows, const float *samples, int64_t samples_count,
                                   struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    int64_t slow_count = samples_count / STEP_DOWN;
    int64_t around = WINDOW + LAG_MAX; /* zeros on both sides, so that every frame has its window */
    float *slow = calloc((size_t)(slow_count + 2 * around), sizeof(*slow));
    struct candidate(*column)[STATES] = malloc((size_t)count * sizeof(*column));
    if (!slow || !column) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for the pitch of %lld frames",
                        (long long)count);
        goto done;
    }
    TRY(measure_level(frames, count, energy, rows, err));

    slow_down(slow + around, slow_count, samples, samples_count);
    for (int64_t t = 0; t < count; t++) {
        float score[LAGS];
        /* the frame's centre, 5 ms after its start, in the middle of what is compared */
        int64_t centre = (4 * t + 1) * SLOW_HZ / (4 * SPEECH_FRAMES_HZ);
        int64_t first = centre - around / 2 < slow_count ? centre - around / 2 : slow_count;
        correlate(score, slow + around + first);
        find_candidates(column[t], score);
        if (frames[t].viseme[VISEME_SIL] > 0.5f || frames[t].level_db < QUIET_DB)
            for (int c = 0; c < CANDIDATES; c++)
                column[t][c].score -= 1.0f; /* no voice there, whatever hums */
    }
    choose_path(column, count);

    int state = 0;
    for (int k = 1; k < STATES; k++)
        if (column[count - 1][k].score > column[count - 1][state].score)
            state = k;
    for (int64_t t = count - 1; t >= 0; t--) {
        frames[t].pitch_hz = state == CANDIDATES ? 0.0f : column[t][state].hz;
        if (t > 0)
            state = column[t][state].from;
    }
done:
    free(column);
    free(slow);
    return s;
}
