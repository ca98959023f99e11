/* cubic.h - the meaning of the warps, shared by their C and their vector builds.
 *
 * Catmull-Rom (R. Keys 1981, a = -1/2) at 64 steps a pixel, weights in 64ths that sum to exactly 64,
 * so flat colour stays flat and whole pixels are copied. Two rounds of 6 bits, one rounding at the end.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/dsp/dsp.h"

enum { CUBIC_STEPS = 64, CUBIC_APRON = 2 };

/* Polynomials of f = 64 t, times 8192, rounded to nearest; the nearer middle tap takes the rest. */
// clang-format off
#define CUBIC_ROUND(v) ((((v) + 64 * 8192 + 4096) >> 13) - 64)
#define CUBIC_OUT(f)   CUBIC_ROUND((f) * (f) * (128 - (f)) - 4096 * (f))
#define CUBIC_IN(f)    CUBIC_ROUND(524288 + (f) * (f) * (3 * (f) - 320))
#define CUBIC_REST(f)  (64 - CUBIC_OUT(f) - CUBIC_OUT(64 - (f)))
#define CUBIC_ROW(f)   {CUBIC_OUT(f),                                                      \
                        (f) <= 32 ? CUBIC_REST(f) - CUBIC_IN(64 - (f)) : CUBIC_IN(f),      \
                        (f) <= 32 ? CUBIC_IN(64 - (f)) : CUBIC_REST(f) - CUBIC_IN(f),      \
                        CUBIC_OUT(64 - (f))}
#define CUBIC_8(f) CUBIC_ROW(f), CUBIC_ROW((f) + 1), CUBIC_ROW((f) + 2), CUBIC_ROW((f) + 3), \
                   CUBIC_ROW((f) + 4), CUBIC_ROW((f) + 5), CUBIC_ROW((f) + 6), CUBIC_ROW((f) + 7)
#define CUBIC_TABLE {CUBIC_8(0), CUBIC_8(8), CUBIC_8(16), CUBIC_8(24), \
                     CUBIC_8(32), CUBIC_8(40), CUBIC_8(48), CUBIC_8(56)}
// clang-format on

static const int8_t cubic_weights[CUBIC_STEPS][4] = CUBIC_TABLE;

/* A position (pixel centres at + 0.5) in 64ths of a pixel, counted from the centre of pixel 0. Far
 * outside, and for NaN, it stays within reach of the border, where every tap is the border pixel. */
static inline int cubic_fixed(float at, int size)
{
    float lowest = -CUBIC_APRON, highest = (float)(size + CUBIC_APRON);
    at = at > lowest ? at : lowest;
    at = at < highest ? at : highest;
    /* + 4 px so that the truncation rounds the same way on both sides of 0; - 32 for the centre */
    return (int)(at * 64.0f + 224.5f) - 256;
}

static inline int cubic_tap(int at, int size) { return at < 0 ? 0 : at >= size ? size - 1 : at; }

/* The sample at fx, fy in 64ths of a pixel, as cubic_fixed() gives them. */
static inline uint8_t cubic_at(const uint8_t *src, ptrdiff_t stride, int width, int height, int fx,
                               int fy)
{
    int sum = 0;
    const int8_t *wx = cubic_weights[fx & 63], *wy = cubic_weights[fy & 63];
    for (int j = 0; j < 4; j++) {
        const uint8_t *row = src + cubic_tap((fy >> 6) - 1 + j, height) * stride;
        int across = 0;
        for (int i = 0; i < 4; i++)
            across += wx[i] * row[cubic_tap((fx >> 6) - 1 + i, width)];
        sum += wy[j] * across;
    }
    sum = (sum + 2048) >> 12;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static inline uint8_t cubic_sample(const uint8_t *src, ptrdiff_t stride, int width, int height,
                                   float x, float y)
{
    return cubic_at(src, stride, width, height, cubic_fixed(x, width), cubic_fixed(y, height));
}

/* Where the line `j` of a block begins, and its step from pixel to pixel; WARP_ONE is a pixel. */
struct cubic_line {
    int x, y, dx, dy;
};

static inline struct cubic_line cubic_line(const struct warp_block *b, int j)
{
    int left_x = 8 * b->x[0] + j * (b->x[2] - b->x[0]),
        left_y = 8 * b->y[0] + j * (b->y[2] - b->y[0]);
    int right_x = 8 * b->x[1] + j * (b->x[3] - b->x[1]),
        right_y = 8 * b->y[1] + j * (b->y[3] - b->y[1]);
    return (struct cubic_line){left_x >> 3, left_y >> 3, (right_x - left_x) >> 6,
                               (right_y - left_y) >> 6};
}

/* WARP_ONE to 64ths, rounded. */
static inline int cubic_of_line(int at) { return (at + WARP_ONE / 128) >> 6; }

static inline void cubic_block(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
                               ptrdiff_t stride, int width, int height, const struct warp_block *b)
{
    for (int j = 0; j < WARP_BLOCK; j++, dst += dst_stride) {
        struct cubic_line line = cubic_line(b, j);
        for (int i = 0; i < WARP_BLOCK; i++)
            dst[i] = cubic_at(src, stride, width, height, cubic_of_line(line.x + i * line.dx),
                              cubic_of_line(line.y + i * line.dy));
    }
}
