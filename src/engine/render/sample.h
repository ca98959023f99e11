/* sample.h - a part of the portrait that the painters of mouth and lids take colours from.
 *
 * What:    its pixels as numbers, Y U V side by side, so that a sample works on all three at once; beyond the
 *          picture's border its pixels go on.
 * Units:   pixels of the portrait, centres at + 0.5; Y U V as the planes have them.
 * Owns:    colours_new() its memory, until colours_fini().  Threads: reading is pure.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */

typedef float colour __attribute__((vector_size(16))); /* Y U V and a number that nobody reads */

struct colours {
    struct rect around;
    colour *pixels; /* row-major */
};

/* Of the pixels that samples inside `part` read. */
ORATOR_MUST_CHECK enum orator_status colours_new(struct colours *out, const struct texture *,
                                                 struct rect part, struct orator_error *err);
void colours_fini(struct colours *);

/* Catmull-Rom: of the pixels at -1, 0, 1 and 2, for a place `f` past the one at 0. */
static inline colour cubic_weights(float f)
{
    static const colour c0 = {0, 1, 0, 0}, c1 = {-0.5f, 0, 0.5f, 0}, c2 = {1, -2.5f, 2, -0.5f},
                        c3 = {-0.5f, 1.5f, -1.5f, 0.5f};
    return ((c3 * f + c2) * f + c1) * f + c0;
}

/* floorf is a call on plain x86-64. */
static inline int floor_int(float v)
{
    int n = (int)v;
    return n - (v < (float)n);
}

static inline int clamp_int(int v, int high) { return v < 0 ? 0 : v > high ? high : v; }

/* Beyond what colours_new() was told, the nearest that there is. */
static inline colour colour_at(const struct colours *c, float x_px, float y_px)
{
    const struct rect r = c->around;
    const ptrdiff_t columns = r.x1 - r.x0;
    const int x = floor_int(x_px - 0.5f), y = floor_int(y_px - 0.5f);
    const colour wx = cubic_weights(x_px - 0.5f - (float)x),
                 wy = cubic_weights(y_px - 0.5f - (float)y);
    const colour *p = c->pixels + clamp_int(y - 1 - r.y0, r.y1 - r.y0 - 4) * columns +
                      clamp_int(x - 1 - r.x0, (int)columns - 4);
    colour sum = {0};
    for (int k = 0; k < 4; k++, p += columns)
        sum += wy[k] * (wx[0] * p[0] + wx[1] * p[1] + wx[2] * p[2] + wx[3] * p[3]);
    return sum;
}
