/* drawn_face.h - a face that is only drawn: the mesh's points by rule, and a picture that fits them.
 *
 * The points are symmetric about the middle of the face, so that a mirrored picture has the same points,
 * mirrored. Units as in face.h.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "engine/face/face.h"

/* One point on the picture's left and its mirror image (the same index: on the middle line), in eye
 * distances from mid-mouth, y down; z smaller is nearer. */
struct drawn_point {
    short left, right;
    float x, y, z;
};

// clang-format off
static const struct drawn_point drawn_points[] = {
    /* outer lips, upper then lower */
    {61, 291, -.42f, -.03f, .14f}, {185, 409, -.37f, -.07f, .08f}, {40, 270, -.29f, -.11f, .00f}, {39, 269, -.19f, -.145f, -.08f},
    {37, 267, -.09f, -.17f, -.13f}, {0, 0, 0, -.155f, -.15f},
    {146, 375, -.36f, .05f, .07f}, {91, 321, -.28f, .11f, .00f}, {181, 405, -.19f, .16f, -.04f}, {84, 314, -.095f, .195f, -.06f},
    {17, 17, 0, .20f, -.06f},
    /* inner lips */
    {78, 308, -.38f, -.02f, .11f}, {191, 415, -.33f, -.022f, .06f}, {80, 310, -.25f, -.024f, .00f}, {81, 311, -.17f, -.02f, -.05f},
    {82, 312, -.08f, -.012f, -.08f}, {13, 13, 0, -.006f, -.10f},
    {95, 324, -.33f, -.012f, .06f}, {88, 318, -.25f, -.006f, .01f}, {178, 402, -.17f, .002f, -.04f}, {87, 317, -.08f, .005f, -.07f},
    {14, 14, 0, .006f, -.085f},
    /* jaw, from the ear to the chin */
    {127, 356, -1.14f, -1.15f, .92f}, {234, 454, -1.12f, -.95f, 1.04f}, {93, 323, -1.09f, -.70f, 1.09f}, {132, 361, -1.04f, -.45f, 1.10f},
    {58, 288, -.97f, -.18f, 1.05f}, {172, 397, -.87f, .05f, .92f}, {136, 365, -.75f, .22f, .75f}, {150, 379, -.60f, .38f, .62f},
    {149, 378, -.48f, .48f, .52f}, {176, 400, -.35f, .57f, .42f}, {148, 377, -.20f, .64f, .35f}, {152, 152, 0, .66f, .32f},
    /* brows, upper then lower edge */
    {70, 300, -1.0f, -1.40f, .06f}, {63, 293, -.92f, -1.48f, -.09f}, {105, 334, -.78f, -1.50f, -.21f}, {66, 296, -.57f, -1.48f, -.31f},
    {107, 336, -.32f, -1.44f, -.37f}, {46, 276, -.98f, -1.34f, .05f}, {53, 283, -.90f, -1.40f, -.08f}, {52, 282, -.75f, -1.42f, -.18f},
    {65, 295, -.56f, -1.40f, -.27f}, {55, 285, -.34f, -1.36f, -.32f},
    /* lids, upper then lower */
    {33, 263, -.77f, -1.12f, .09f}, {246, 466, -.74f, -1.16f, .05f}, {161, 388, -.69f, -1.19f, .00f}, {160, 387, -.63f, -1.215f, -.04f},
    {159, 386, -.55f, -1.22f, -.07f}, {158, 385, -.47f, -1.21f, -.08f}, {157, 384, -.40f, -1.18f, -.06f}, {173, 398, -.345f, -1.14f, -.02f},
    {133, 362, -.30f, -1.10f, .00f}, {155, 382, -.345f, -1.075f, -.01f}, {154, 381, -.40f, -1.055f, -.03f}, {153, 380, -.47f, -1.045f, -.04f},
    {145, 374, -.55f, -1.04f, -.04f}, {144, 373, -.63f, -1.05f, -.02f}, {163, 390, -.69f, -1.07f, .02f}, {7, 249, -.74f, -1.10f, .06f},
    /* irises; their rings follow below */
    {468, 473, -.54f, -1.13f, -.06f},
    /* nose, cheeks, forehead, temples */
    {168, 168, 0, -1.17f, -.30f}, {6, 6, 0, -1.03f, -.35f}, {197, 197, 0, -.87f, -.42f}, {195, 195, 0, -.73f, -.48f},
    {5, 5, 0, -.58f, -.55f}, {4, 4, 0, -.50f, -.58f}, {1, 1, 0, -.40f, -.53f}, {2, 2, 0, -.29f, -.35f},
    {48, 278, -.22f, -.38f, -.20f}, {64, 294, -.24f, -.33f, -.15f}, {98, 327, -.15f, -.30f, -.22f},
    {50, 280, -.80f, -.58f, .06f}, {205, 425, -.66f, -.42f, .00f}, {10, 10, 0, -2.03f, -.37f}, {109, 338, -.33f, -2.02f, -.32f},
    {67, 297, -.62f, -1.97f, -.22f}, {103, 332, -.86f, -1.87f, -.02f}, {54, 284, -1.02f, -1.74f, .20f}, {21, 251, -1.12f, -1.50f, .45f},
    {162, 389, -1.15f, -1.30f, .75f},
    /* skin around the mouth, from the nose to the chin */
    {164, 164, 0, -.22f, -.24f}, {167, 393, -.12f, -.22f, -.22f}, {165, 391, -.27f, -.20f, -.12f}, {203, 423, -.40f, -.36f, -.05f},
    {206, 426, -.50f, -.27f, -.02f}, {186, 410, -.47f, -.11f, .06f}, {92, 322, -.39f, -.16f, -.04f}, {57, 287, -.50f, -.03f, .12f},
    {43, 273, -.44f, .06f, .12f}, {212, 432, -.60f, 0, .18f}, {216, 436, -.57f, -.16f, .08f}, {207, 427, -.70f, -.25f, .12f},
    {187, 411, -.83f, -.33f, .22f}, {202, 422, -.53f, .12f, .18f}, {204, 424, -.44f, .23f, .14f}, {210, 430, -.60f, .20f, .30f},
    {106, 335, -.37f, .15f, .08f}, {182, 406, -.25f, .23f, .02f}, {83, 313, -.12f, .27f, .00f}, {18, 18, 0, .28f, -.01f},
    {194, 418, -.31f, .32f, .08f}, {201, 421, -.15f, .37f, .04f}, {200, 200, 0, .38f, .02f}, {199, 199, 0, .49f, .04f},
    {129, 358, -.27f, -.40f, -.12f}, {117, 346, -.88f, -.78f, .12f}, {151, 151, 0, -1.72f, -.40f},
};
// clang-format on

static inline void drawn_set(struct face *f, int i, float x, float y, float z, float eye_px)
{
    f->points[i][0] = x;
    f->points[i][1] = y;
    f->points[i][2] = z * eye_px;
}

/* Mid-mouth at (x, y) in pixels. Points without a rule lie in pairs on a dome. */
static inline struct face drawn_face(float x, float y, float eye_px)
{
    struct face f = {.confidence = 0.9f, .presence_logit = 20.0f, .eye_distance_px = eye_px};
    bool placed[FACE_POINTS] = {false};
    for (size_t k = 0; k < sizeof(drawn_points) / sizeof(drawn_points[0]); k++) {
        const struct drawn_point *p = &drawn_points[k];
        drawn_set(&f, p->left, x + p->x * eye_px, y + p->y * eye_px, p->z, eye_px);
        drawn_set(&f, p->right, x - p->x * eye_px, y + p->y * eye_px, p->z, eye_px);
        placed[p->left] = placed[p->right] = true;
    }
    static const float ring[4][2] = {{.075f, 0}, {0, -.075f}, {-.075f, 0}, {0, .075f}};
    for (int eye = 0; eye < 2; eye++)
        for (int k = 0, centre = eye ? 473 : 468; k < 4; k++) {
            drawn_set(&f, centre + 1 + k,
                      f.points[centre][0] + (eye ? -1.0f : 1.0f) * ring[k][0] * eye_px,
                      f.points[centre][1] + ring[k][1] * eye_px, -.06f, eye_px);
            placed[centre + 1 + k] = true;
        }
    int free_points = 0;
    for (int i = 0; i < FACE_MESH_POINTS; i++)
        free_points += !placed[i];
    for (int i = 0, k = 0; i < FACE_MESH_POINTS; i++) {
        if (placed[i])
            continue;
        float pair = (float)(k / 2), r = sqrtf((pair + 0.5f) / ((float)free_points * 0.5f));
        float turn = 2.399963f * pair; /* the golden angle spreads them evenly */
        float across = fabsf(r * cosf(turn)), down = r * sinf(turn);
        if (free_points % 2 && k == free_points - 1)
            across = 0.0f;
        drawn_set(&f, i, x + (k % 2 ? 1.0f : -1.0f) * across * 1.05f * eye_px,
                  y + (-.68f + 1.3f * down) * eye_px, .95f - 1.25f * sqrtf(1.0f - 0.999f * r * r),
                  eye_px);
        k++;
    }
    f.box[0] = x - 1.2f * eye_px;
    f.box[1] = y - 2.0f * eye_px;
    f.box[2] = 2.4f * eye_px;
    f.box[3] = 2.8f * eye_px;
    return f;
}

static inline float drawn_ellipse(float x, float y, float cx, float cy, float rx, float ry)
{
    float dx = (x - cx) / rx, dy = (y - cy) / ry;
    return dx * dx + dy * dy;
}

/* Skin, lips with a dark line between them, eyes, a body and a wall, with soft waves over everything so
 * that any motion shows. `mirrored` is the same picture seen in a mirror. */
static inline void draw_portrait(struct image *im, float x, float y, float eye_px, bool mirrored)
{
    for (int j = 0; j < im->height_px; j++)
        for (int i = 0; i < im->width_px; i++) {
            uint8_t *rgb = im->rgb + j * im->stride + 3 * (mirrored ? im->width_px - 1 - i : i);
            float lx = ((float)i + 0.5f - x) / eye_px, ly = ((float)j + 0.5f - y) / eye_px;
            float c[3] = {70, 90, 120};
            if (ly > 1.1f && fabsf(lx) < 2.4f)
                memcpy(c, (float[3]){40, 50, 70}, sizeof(c));
            if (drawn_ellipse(lx, ly, 0, -.68f, 1.15f, 1.4f) < 1 ||
                (fabsf(lx) < .6f && ly > 0 && ly < 1.3f))
                memcpy(c, (float[3]){205, 160, 140}, sizeof(c));
            if (drawn_ellipse(lx, ly, 0, 0, .43f, .19f) < 1)
                memcpy(c, (float[3]){170, 85, 90}, sizeof(c));
            if (fabsf(lx) < .4f && fabsf(ly + .02f * lx * lx / .16f) < .02f)
                memcpy(c, (float[3]){70, 30, 35}, sizeof(c));
            float side = fabsf(lx);
            if (drawn_ellipse(side, ly, .535f, -1.13f, .235f, .085f) < 1)
                memcpy(c, (float[3]){225, 222, 220}, sizeof(c));
            if (drawn_ellipse(side, ly, .54f, -1.13f, .075f, .075f) < 1)
                memcpy(c, (float[3]){60, 45, 40}, sizeof(c));
            float wave = 8.0f * sinf(6.0f * lx + 2.0f * ly) + 6.0f * sinf(9.0f * ly - 3.0f * lx);
            for (int k = 0; k < 3; k++)
                rgb[k] = (uint8_t)fminf(fmaxf(c[k] + wave, 0), 255);
        }
}
