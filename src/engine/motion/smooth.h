/* smooth.h - curves over time, and what one does to them. Everything here works on ticks.
 *
 * Motion is made on a grid of its own, MOTION_TICKS_HZ, and read at the frames' times at the end: so it
 * is the same motion at 25 and at 60 frames a second.
 */
#pragma once

#include <stdint.h>

#include "base/random.h"

enum { MOTION_TICKS_HZ = 100 };
#define TICKS(ms) ((ms)*MOTION_TICKS_HZ / 1000)

static inline float clampf(float v, float low, float high)
{
    return v < low ? low : v > high ? high : v; /* NaN stays: inputs are finite */
}

/* 0 up to `from`, 1 from `to` on, smooth between. */
static inline float ramp(float from, float to, float v)
{
    float x = clampf((v - from) / (to - from), 0.0f, 1.0f);
    return x * x * (3.0f - 2.0f * x);
}

/* Gaussian of deviation `sigma` ticks, at most SMOOTH_SIGMA_MAX; the ends are held. `scratch` has
 * `count` floats. Nothing moves in time. */
enum { SMOOTH_SIGMA_MAX = 64 };
void smooth_gauss(float *curve, float *scratch, int64_t count, float sigma);

/* Adds a wandering curve without corners (a cubic B-spline through chance), mean 0, deviation
 * `amount`, that turns about every `period` ticks and never repeats. */
void smooth_wander(float *curve, int64_t count, float period, float amount, struct random *r);

/* Adds a pulse that rises from `start` for `rise` ticks and falls for `fall`. */
void smooth_pulse(float *curve, int64_t count, int64_t start, int rise, int fall, float amount);
