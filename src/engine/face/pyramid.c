#include "engine/face/pyramid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_SIDE_PX = 64 }; /* halving goes on above this; the networks take 128 and 192 px */

static void halve(struct image *to, const struct image *from)
{
    for (int y = 0; y < to->height_px; y++) {
        const uint8_t *a = from->rgb + from->stride * 2 * y, *b = a + from->stride;
        uint8_t *d = to->rgb + y * to->stride;
        for (int x = 0; x < to->width_px; x++, a += 6, b += 6, d += 3)
            for (int c = 0; c < 3; c++)
                d[c] = (uint8_t)((a[c] + a[c + 3] + b[c] + b[c + 3] + 2) >> 2);
    }
}

enum orator_status pyramid_init(struct pyramid *p, const struct image *portrait,
                                struct orator_error *err)
{
    *p = (struct pyramid){.level[0] = *portrait, .count = 1};
    while (p->count < PYRAMID_LEVELS) {
        const struct image *last = &p->level[p->count - 1];
        if (last->width_px < 2 * SMALLEST_SIDE_PX || last->height_px < 2 * SMALLEST_SIDE_PX)
            break;
        struct image half = {.width_px = last->width_px / 2, .height_px = last->height_px / 2};
        half.stride = (ptrdiff_t)half.width_px * 3;
        half.rgb = malloc((size_t)half.stride * (size_t)half.height_px + IMAGE_SPARE_BYTES);
        if (!half.rgb) {
            pyramid_fini(p);
            return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a portrait of %d x %d px",
                               portrait->width_px, portrait->height_px);
        }
        halve(&half, last);
        p->level[p->count++] = half;
    }
    return ORATOR_OK;
}

void pyramid_fini(struct pyramid *p)
{
    for (int i = 1; i < p->count; i++)
        free(p->level[i].rgb);
    *p = (struct pyramid){0};
}

void region_to_portrait(struct region_px r, float u, float v, float *x, float *y)
{
    float c = cosf(r.turn_rad), s = sinf(r.turn_rad);
    float a = (u - 0.5f) * r.side, b = (v - 0.5f) * r.side;
    *x = r.x + a * c - b * s;
    *y = r.y + a * s + b * c;
}

/* Red, green, blue and a fourth number that nobody looks at: one register of any x86-64 or arm64. */
typedef float colour __attribute__((vector_size(16)));

static inline colour pixel(const uint8_t *rgb)
{
    typedef uint8_t bytes __attribute__((vector_size(16)));
    typedef uint16_t words __attribute__((vector_size(16)));
    typedef int32_t numbers __attribute__((vector_size(16)));
    int32_t four;
    memcpy(&four, rgb, sizeof(four));
    const bytes low = (bytes)(numbers){four, 0, 0, 0};
    const words each = (words)__builtin_shuffle(
        low, (bytes){0}, (bytes){0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23});
    const numbers v =
        (numbers)__builtin_shuffle(each, (words){0}, (words){0, 8, 1, 9, 2, 10, 3, 11});
    return __builtin_convertvector(v, colour);
}

/* Adds the colour at (x, y), in pixel centres of the level, times `weight`. */
static inline void add_sample(colour *sum, const struct image *m, float x, float y, float weight)
{
    float right = (float)(m->width_px - 1), bottom = (float)(m->height_px - 1);
    x = x > 0 ? x < right ? x : right : 0; /* NaN becomes 0 */
    y = y > 0 ? y < bottom ? y : bottom : 0;
    int ix = (int)x, iy = (int)y;
    float fx = x - (float)ix, fy = y - (float)iy;
    const uint8_t *a = m->rgb + iy * m->stride + (ptrdiff_t)ix * 3;
    const uint8_t *b = iy + 1 < m->height_px ? a + m->stride : a;
    int next = ix + 1 < m->width_px ? 3 : 0;
    float w11 = fx * fy * weight, w10 = fy * weight - w11, w01 = fx * weight - w11;
    float w00 = weight - w01 - w10 - w11;
    *sum += w00 * pixel(a) + w01 * pixel(a + next) + w10 * pixel(b) + w11 * pixel(b + next);
}

void pyramid_cut(float *out, const struct pyramid *p, struct region_px r, int size, float low,
                 float high, enum pyramid_edge edge)
{
    const struct image *whole = &p->level[0];
    float step = r.side / (float)size; /* pixels of the level from one value to the next */
    int depth = 0;
    for (; depth + 1 < p->count && step >= 2; depth++)
        step /= 2;
    const struct image *m = &p->level[depth];
    float shrink_x = (float)m->width_px / (float)whole->width_px;
    float shrink_y = (float)m->height_px / (float)whole->height_px;

    /* between 1 and 2 pixels a step, four samples are the mean of what lies between */
    int split = step > 1.01f ? 2 : 1;
    float weight = (high - low) / (255.0f * (float)(split * split));
    float c = cosf(r.turn_rad), s = sinf(r.turn_rad);
    float fine = r.side / (float)(size * split); /* portrait pixels between samples */
    float first = (0.5f - 0.5f * (float)(size * split)) * fine;

    for (int row = 0; row < size; row++) {
        for (int col = 0; col < size; col++, out += 3) {
            colour sum = {0};
            for (int k = 0; k < split * split; k++) {
                int across = col * split + k % split, down = row * split + k / split;
                float a = first + (float)across * fine, b = first + (float)down * fine;
                float x = r.x + a * c - b * s, y = r.y + a * s + b * c;
                if (edge == PYRAMID_BLACK &&
                    (x < 0 || y < 0 || x > (float)whole->width_px || y > (float)whole->height_px))
                    continue;
                add_sample(&sum, m, x * shrink_x - 0.5f, y * shrink_y - 0.5f, weight);
            }
            for (int k = 0; k < 3; k++)
                out[k] = low + sum[k];
        }
    }
}
