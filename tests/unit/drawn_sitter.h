/* drawn_sitter.h - a portrait of four colours, so that a test knows for each pixel whose it is: a ground, a
 * mass of hair, a face, shoulders. The face's points are drawn_face.h's.
 */
#pragma once

#include <math.h>
#include <stdlib.h>

#include "drawn_face.h"
#include "engine/render/rig.h"

enum { SITTER_WIDTH = 420, SITTER_HEIGHT = 460 };
#define SITTER_X  205.0f /* mid-mouth; off the middle */
#define SITTER_Y  250.0f
#define SITTER_PX 56.0f

enum ground { GROUND_FLAT, GROUND_SLOPE, GROUND_NOISE };

static const float sitter_hair[3] = {52, 36, 28};
static const float sitter_ground[3] = {150, 165, 170};

/* Signed distance in E from the sitter's outline at local (x, y), about; inside is negative. */
static inline float sitter_outline(float x, float y)
{
    float hair = (hypotf(x / 1.55f, (y + 1.0f) / 1.85f) - 1.0f) * 1.6f;
    float neck = y > 0 && y < 1.4f ? fabsf(x) - 0.6f : 1e3f;
    float shoulders = (hypotf(x / 2.4f, (y - 2.6f) / 1.7f) - 1.0f) * 1.9f;
    float trunk = y > 2.6f ? fabsf(x) - 2.4f : 1e3f;
    return fminf(fminf(hair, neck), fminf(shoulders, trunk));
}

static inline unsigned sitter_noise(int x, int y)
{
    unsigned v = (unsigned)x * 73856093u ^ (unsigned)y * 19349663u;
    v = (v ^ (v >> 13)) * 1274126177u;
    return (v ^ (v >> 16)) & 255u;
}

static inline void sitter_colour(float c[3], float x, float y, int i, int j, enum ground ground)
{
    memcpy(c, sitter_ground, 3 * sizeof(float));
    for (int k = 0; k < 3 && ground == GROUND_SLOPE; k++)
        c[k] += 0.2f * (float)(i - SITTER_WIDTH / 2) - 0.1f * (float)(j - SITTER_HEIGHT / 2);
    for (int k = 0; k < 3 && ground == GROUND_NOISE; k++)
        c[k] = (float)sitter_noise(i / 12 + 7 * k, j / 12);
    if (sitter_outline(x, y) >= 0)
        return;
    memcpy(c, y > 0.9f ? (float[3]){60, 70, 120} : sitter_hair, 3 * sizeof(float));
    if (drawn_ellipse(x, y, 0, -.68f, 1.1f, 1.36f) < 1 || (fabsf(x) < .6f && y > 0 && y < 1.3f))
        memcpy(c, (float[3]){205, 160, 140}, 3 * sizeof(float));
    if (drawn_ellipse(x, y, 0, 0, .43f, .19f) < 1)
        memcpy(c, (float[3]){170, 85, 90}, 3 * sizeof(float));
    if (fabsf(x) < .4f && fabsf(y) < .02f)
        memcpy(c, (float[3]){70, 30, 35}, 3 * sizeof(float));
    if (drawn_ellipse(fabsf(x), y, .535f, -1.13f, .235f, .085f) < 1)
        memcpy(c, (float[3]){225, 222, 220}, 3 * sizeof(float));
    if (drawn_ellipse(fabsf(x), y, .54f, -1.13f, .075f, .075f) < 1)
        memcpy(c, (float[3]){60, 45, 40}, 3 * sizeof(float));
}

static inline void sitter_local(float x_px, float y_px, float out[2])
{
    out[0] = (x_px - SITTER_X) / SITTER_PX;
    out[1] = (y_px - SITTER_Y) / SITTER_PX;
}

static inline void draw_sitter(struct image *im, enum ground ground, bool mirrored)
{
    for (int j = 0; j < im->height_px; j++)
        for (int i = 0; i < im->width_px; i++) {
            uint8_t *rgb = im->rgb + j * im->stride + 3 * (mirrored ? im->width_px - 1 - i : i);
            float at[2], c[3];
            sitter_local((float)i + 0.5f, (float)j + 0.5f, at);
            sitter_colour(c, at[0], at[1], i, j, ground);
            for (int k = 0; k < 3; k++)
                rgb[k] = (uint8_t)fminf(fmaxf(c[k], 0), 255);
        }
}

/* NULL when the portrait is refused. */
static inline struct render_rig *sitter_rig(enum ground ground, bool mirrored,
                                            const struct dsp *dsp)
{
    struct image im = {0};
    struct render_rig *rig = NULL;
    struct face face =
        drawn_face(mirrored ? SITTER_WIDTH - SITTER_X : SITTER_X, SITTER_Y, SITTER_PX);
    if (image_new(&im, SITTER_WIDTH, SITTER_HEIGHT, NULL) != ORATOR_OK)
        return NULL;
    draw_sitter(&im, ground, mirrored);
    const struct render_options options = {SITTER_WIDTH, SITTER_HEIGHT, 7, dsp, false};
    if (render_rig_new(&rig, &im, &face, &options, NULL) != ORATOR_OK)
        rig = NULL;
    image_fini(&im);
    return rig;
}
