/* drawn_voice.h - a voice made of nothing: pulses of a throat through the resonances of a mouth that says
 * syllables by chance, so that no recording of anybody lies in the tree.
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define DRAWN_TURN 6.283185307179586

/* A resonance: two poles, gain 1 at 0 Hz. */
struct drawn_resonance {
    double a, b, c, y1, y2;
};

static void drawn_tune(struct drawn_resonance *r, double hz, double width_hz, double rate_hz)
{
    r->c = -exp(-DRAWN_TURN * width_hz / rate_hz);
    r->b = 2 * exp(-DRAWN_TURN / 2 * width_hz / rate_hz) * cos(DRAWN_TURN * hz / rate_hz);
    r->a = 1 - r->b - r->c;
}

static double drawn_pass(struct drawn_resonance *r, double x)
{
    double y = r->a * x + r->b * r->y1 + r->c * r->y2;
    r->y2 = r->y1;
    r->y1 = y;
    return y;
}

/* Mono, -1..1. Phrases of seven syllables (m, b, s or d, then a, i or u), then 0.4 s of nothing. */
static void drawn_voice(float *out, int64_t count, int rate_hz, uint64_t seed)
{
    static const double vowels[3][3] = {{730, 1190, 2500}, {290, 2250, 3000}, {330, 870, 2300}};
    struct random chance = random_seeded(seed, 7);
    struct drawn_resonance mouth[3] = {{0}};
    double phase = 0, formant[3] = {500, 1500, 2500};
    int64_t t = 0;
    for (int syllable = 0; t < count; syllable++) {
        if (syllable % 8 == 7) {
            for (int64_t end = t + rate_hz * 2 / 5; t < end && t < count; t++)
                out[t] = 0.0002f * random_normal(&chance);
            continue;
        }
        const double *vowel = vowels[random_u32(&chance) % 3];
        int onset = (int)(random_u32(&chance) % 4);
        double pitch = 115 - 3 * (syllable % 8) + 12 * (double)random_unit(&chance);
        int64_t start = t, open_at = t + rate_hz * (onset == 2 ? 110 : 75) / 1000,
                end = open_at + rate_hz * (130 + (int)(random_u32(&chance) % 70)) / 1000;
        for (; t < end && t < count; t++) {
            bool consonant = t < open_at;
            double toward = consonant ? 0.002 : 0.006, gain = consonant ? 0.12 : 1;
            for (int k = 0; k < 3; k++) {
                double to = consonant ? (k == 0 ? 250 : k == 1 ? 1000 : 2200) : vowel[k];
                formant[k] += (to - formant[k]) * toward * 16000 / rate_hz;
                drawn_tune(&mouth[k], formant[k], 60 + 30 * k, rate_hz);
            }
            phase += pitch / rate_hz;
            double pulse = 0, noise = (double)random_normal(&chance);
            if (phase >= 1) {
                phase -= 1;
                pulse = rate_hz / 16000.0;
            }
            double v = consonant && onset == 2 ? 0 : gain * pulse;
            for (int k = 0; k < 3; k++)
                v = drawn_pass(&mouth[k], v);
            double edge = fmin((double)(end - t), (double)(t - start)) / (0.02 * rate_hz);
            v = 4 * v * fmin(edge, 1);
            if (consonant && onset == 2)
                v = 0.05 * noise * fmin(edge, 1);
            out[t] = (float)fmax(-1, fmin(1, v));
        }
    }
}
