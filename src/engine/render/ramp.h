/* ramp.h - soft steps: how the painters of mouth and lids go from one thing to another.
 *
 * Threads: pure.
 */
#pragma once

static inline float ramp_clamp(float v, float lo, float hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* fminf and fmaxf are calls, for the sake of NaN; these are one instruction. */
static inline float lesser(float a, float b) { return a < b ? a : b; }
static inline float greater(float a, float b) { return a > b ? a : b; }

/* 0 at and before `a`, 1 at and beyond `b`, with flat ends; a < b. */
static inline float ramp(float a, float b, float v)
{
    float t = ramp_clamp((v - a) / (b - a), 0, 1);
    return t * t * (3 - 2 * t);
}

static inline float ramp_mix(float from, float to, float share)
{
    return from + (to - from) * share;
}
