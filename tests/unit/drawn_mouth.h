/* A face of skin with a drawn mouth, whose contours are known: for the tests of seam and mouth.
 * 400 x 400 px, eyes 120 px apart; local y of the contours are parabolas over u. */
#pragma once

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/mouth.h"

enum { DRAWN_SIDE = 400, DRAWN_EYE = 120 };

struct drawing {
    float bow;        /* the lips' line, y at mid-mouth less at the corners, E */
    float gap;        /* between the lips at mid-mouth, E */
    bool teeth;       /* in the gap; else darkness */
    float ring_gap;   /* what the mesh says instead */
    float ring_error; /* by how much its ring is too low, E */
    float noise;      /* codes */
    bool mirrored;
};

#define DRAWN_HALF_WIDTH 0.40f /* corners, E */

static inline float drawn_line(const struct drawing *d, float u) { return d->bow * (1 - u * u); }

static inline float drawn_half_gap(const struct drawing *d, float u)
{
    return 0.5f * d->gap * fmaxf(1 - u * u, 0);
}

/* Skin, lips, what is between them. */
static inline void drawn_colour(const struct drawing *d, float x, float y, float rgb[3])
{
    static const float skin[3] = {205, 165, 145}, lip[3] = {175, 95, 95},
                       tooth[3] = {232, 228, 216}, dark[3] = {55, 22, 22};
    float u = x / DRAWN_HALF_WIDTH, v = y - drawn_line(d, u);
    float lips = 0.10f * sqrtf(fmaxf(1 - u * u, 0)) + drawn_half_gap(d, u);
    const float *c = fabsf(v) < lips ? lip : skin;
    memcpy(rgb, c, 3 * sizeof *rgb);
    float inside = drawn_half_gap(d, u) - fabsf(v);
    if (fabsf(u) < 1 && inside > 0 && d->teeth)
        memcpy(rgb, tooth, sizeof tooth);
    else if (fabsf(u) < 1 && inside > -0.008f)
        memcpy(rgb, dark, sizeof dark);
    if (fabsf(u) < 1 && d->teeth && fabsf(inside) < 0.004f)
        memcpy(rgb, lip, sizeof lip);
}

static inline struct image drawn_portrait(const struct drawing *d)
{
    enum { FINE = 4 }; /* each pixel is the mean of 4 x 4 points */
    struct image im = {malloc((size_t)DRAWN_SIDE * DRAWN_SIDE * 3), DRAWN_SIDE, DRAWN_SIDE,
                       (ptrdiff_t)3 * DRAWN_SIDE};
    unsigned chance = 1;
    for (int y = 0; y < DRAWN_SIDE; y++)
        for (int x = 0; x < DRAWN_SIDE; x++) {
            float sum[3] = {0};
            for (int k = 0; k < FINE * FINE; k++) {
                float fx = (float)x + ((float)(k % FINE) + 0.5f) / FINE;
                float fy = (float)y + ((float)(k / FINE) + 0.5f) / FINE, rgb[3];
                fx = d->mirrored ? DRAWN_SIDE - fx : fx;
                /* the mouth is drawn a little aside, so that a mirror shows */
                drawn_colour(d, (fx - 190) / DRAWN_EYE, (fy - 240) / DRAWN_EYE, rgb);
                for (int c = 0; c < 3; c++)
                    sum[c] += rgb[c] / (FINE * FINE);
            }
            chance = chance * 1664525u + 1013904223u;
            float noise = d->noise * ((float)(chance >> 16) / 32768 - 1);
            for (int c = 0; c < 3; c++)
                im.rgb[y * im.stride + (ptrdiff_t)3 * x + c] =
                    (uint8_t)fminf(fmaxf(sum[c] + noise + 0.5f, 0), 255);
        }
    return im;
}

/* The points that seam and mouth read. */
static inline struct face drawn_face(const struct drawing *d)
{
    enum { RING = 11 };
    static const int upper[RING] = {78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308};
    static const int lower[RING] = {78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308};
    static const struct {
        int point;
        float x, y;
    } others[] = {
        {61, -0.405f, 0},     {291, 0.405f, 0},     {33, -0.66f, -1.05f}, {133, -0.34f, -1.05f},
        {362, 0.34f, -1.05f}, {263, 0.66f, -1.05f}, {50, -0.6f, -0.3f},   {280, 0.6f, -0.3f},
        {205, -0.5f, -0.2f},  {425, 0.5f, -0.2f},   {207, -0.55f, 0.1f},  {427, 0.55f, 0.1f},
        {199, 0, 0.4f},       {200, 0, 0.35f},
    };
    struct face f = {0};
    const float middle = d->mirrored ? DRAWN_SIDE - 190 : 190;
    for (int i = 0; i < RING; i++)
        for (int lip = 0; lip < 2; lip++) {
            float u = 2 * (float)i / (RING - 1) - 1;
            float open = 0.5f * d->ring_gap * (1 - u * u) * (lip ? 1 : -1);
            float *p = f.points[lip ? lower[i] : upper[i]];
            p[0] = middle + u * 0.385f * DRAWN_EYE; /* drawn symmetric: the mirror swaps nothing */
            p[1] = 240 + (drawn_line(d, u) + open + d->ring_error * (1 - u * u)) * DRAWN_EYE;
        }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        f.points[others[i].point][0] = middle + others[i].x * DRAWN_EYE;
        f.points[others[i].point][1] = 240 + others[i].y * DRAWN_EYE;
    }
    f.eye_distance_px = DRAWN_EYE;
    return f;
}

static inline struct face_frame drawn_frame(const struct drawing *d)
{
    return (struct face_frame){
        .origin_px = {d->mirrored ? DRAWN_SIDE - 190 : 190, 240},
        .right = {1, 0},
        .down = {0, 1},
        .eye_px = DRAWN_EYE,
    };
}
