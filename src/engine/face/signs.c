#include "engine/face/signs.h"

#include <math.h>
#include <stdlib.h>

#define PATCH 0.03f /* E: half the side of a patch; smaller than a lip, larger than a pore */

/* The picture under the face's own axes. */
struct view {
    const struct image *image;
    const struct face *face;
    float right[2], down[2], eye_px;
    float eyes[3]; /* the middle between them */
};

struct colour {
    float rgb[3], luma;
};

static struct view view_of(const struct image *image, const struct face *face)
{
    struct view v = {.image = image, .face = face};
    const float *a = face->points[33], *b = face->points[133];
    const float *c = face->points[362], *d = face->points[263];
    float x = (c[0] + d[0] - a[0] - b[0]) / 2, y = (c[1] + d[1] - a[1] - b[1]) / 2;
    v.eye_px = fmaxf(hypotf(x, y), 1);
    v.right[0] = x / v.eye_px;
    v.right[1] = y / v.eye_px;
    for (int k = 0; k < 2; k++)
        v.eyes[k] = (a[k] + b[k] + c[k] + d[k]) / 4;
    v.down[0] = -v.right[1];
    v.down[1] = v.right[0];
    return v;
}

static float luma_of(const uint8_t *rgb)
{
    return (0.2126f * (float)rgb[0] + 0.7152f * (float)rgb[1] + 0.0722f * (float)rgb[2]) / 255;
}

static const uint8_t *pixel_at(const struct view *v, float x, float y)
{
    float w = (float)v->image->width_px - 1, h = (float)v->image->height_px - 1;
    return v->image->rgb + (ptrdiff_t)fminf(fmaxf(y, 0), h) * v->image->stride +
           3 * (ptrdiff_t)fminf(fmaxf(x, 0), w);
}

/* A place (x, y) E away from a point of the mesh, in pixels. */
static void place(const struct view *v, const float point[3], float x, float y, float out[2])
{
    for (int k = 0; k < 2; k++)
        out[k] = point[k] + (x * v->right[k] + y * v->down[k]) * v->eye_px;
}

static struct colour patch_at(const struct view *v, const float at[2])
{
    enum { SIDE = 5 }; /* samples a side, however large the picture */
    struct colour out = {0};
    float step = 2 * PATCH * v->eye_px / (SIDE - 1);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const uint8_t *p = pixel_at(v, at[0] + step * (float)(i % SIDE - SIDE / 2),
                                    at[1] + step * (float)(i / SIDE - SIDE / 2));
        for (int c = 0; c < 3; c++)
            out.rgb[c] += (float)p[c] / (255.0f * SIDE * SIDE);
        out.luma += luma_of(p) / (SIDE * SIDE);
    }
    return out;
}

static struct colour patch_near(const struct view *v, int point, float x, float y)
{
    float at[2];
    place(v, v->face->points[point], x, y, at);
    return patch_at(v, at);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float percentile(float *values, int count, float share)
{
    qsort(values, (size_t)count, sizeof(values[0]), by_size);
    return values[(int)(share * (float)(count - 1) + 0.5f)];
}

/* ---- light ---- */

/* From the brows to the chin, from cheek to cheek. */
static void see_light(struct face_signs *out, const struct view *v)
{
    static const short skin[] = {151, 9, 108, 337, 50, 280, 205, 425, 199, 195};
    enum { SKIN = sizeof(skin) / sizeof(skin[0]), ACROSS = 31, DOWN = 41 };
    float lit[SKIN], all[ACROSS * DOWN];
    int clipped = 0;
    for (int i = 0; i < SKIN; i++)
        lit[i] = patch_near(v, skin[i], 0, 0).luma;
    out->luma = percentile(lit, SKIN, 0.5f);

    for (int i = 0; i < ACROSS * DOWN; i++) {
        float x = ((float)(i % ACROSS) / (ACROSS - 1) - 0.5f) * 1.5f, at[2];
        float y = (float)(i / ACROSS) / (DOWN - 1) * 1.8f - 0.3f;
        place(v, v->eyes, x, y, at);
        all[i] = luma_of(pixel_at(v, at[0], at[1]));
        clipped += all[i] > 0.985f;
    }
    out->clipped = (float)clipped / (ACROSS * DOWN);
    out->contrast = percentile(all, ACROSS * DOWN, 0.98f) - percentile(all, ACROSS * DOWN, 0.02f);
}

/* ---- the mouth's surroundings ---- */

/* Of colour without its light: red less green as shares of the sum. */
static float redness(const struct colour *c)
{
    return (c->rgb[0] - c->rgb[1]) / fmaxf(c->rgb[0] + c->rgb[1] + c->rgb[2], 0.05f);
}

static void see_red(struct face_signs *out, const struct view *v)
{
    enum { BROW = 6, LIPS = 10 };
    static const short brow[BROW] = {151, 9, 108, 337, 6, 197}; /* and the nose */
    static const short contours[LIPS][2] = {{40, 80}, {37, 82}, {0, 13},  {267, 312}, {270, 310},
                                            {91, 88}, {84, 87}, {17, 14}, {314, 317}, {321, 318}};
    float skin[BROW], lips[LIPS];
    for (int i = 0; i < BROW; i++) {
        struct colour c = patch_near(v, brow[i], 0, 0);
        skin[i] = redness(&c);
    }
    for (int i = 0; i < LIPS; i++) {
        const float *outer = v->face->points[contours[i][0]];
        const float *inner = v->face->points[contours[i][1]];
        struct colour c =
            patch_at(v, (float[2]){(outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2});
        lips[i] = redness(&c);
    }
    out->skin_red = percentile(skin, BROW, 0.5f);
    out->lip_red = percentile(lips, LIPS, 0.5f);
}

/* Along lines from the upper lip's contour to the lower one's. */
static void see_relief(struct face_signs *out, const struct view *v)
{
    enum { LINES = 5, STEPS = 25 };
    static const short ends[LINES][2] = {{39, 181}, {37, 84}, {0, 17}, {267, 314}, {269, 405}};
    float relief[LINES];
    for (int i = 0; i < LINES; i++) {
        const float *a = v->face->points[ends[i][0]], *b = v->face->points[ends[i][1]];
        float least = 1, most = 0, mean = 0;
        for (int k = 0; k < STEPS; k++) {
            float t = (float)k / (STEPS - 1);
            float luma = luma_of(pixel_at(v, a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])));
            least = fminf(least, luma);
            most = fmaxf(most, luma);
            mean += luma / STEPS;
        }
        relief[i] = (most - least) / fmaxf(mean, 0.02f);
    }
    out->relief = percentile(relief, LINES, 0.5f);
}

/* How uneven a place is at the width of a hair: mean difference of neighbours 0.02 E apart. */
static float roughness_at(const struct view *v, const float at[2])
{
    enum { SIDE = 7 };
    float sum = 0, step = fmaxf(0.02f * v->eye_px, 1);
    for (int i = 0; i < SIDE * SIDE; i++) {
        float x = at[0] + step * (float)(i % SIDE - SIDE / 2),
              y = at[1] + step * (float)(i / SIDE - SIDE / 2);
        float here = luma_of(pixel_at(v, x, y));
        sum += fabsf(luma_of(pixel_at(v, x + step, y)) - here) +
               fabsf(luma_of(pixel_at(v, x, y + step)) - here);
    }
    return sum / (2 * SIDE * SIDE);
}

/* Dark and rough on both sides of the middle, above the lips or below: the less sure of the sides
 * counts, so that a shadow on one is none; hair covers rows, so the better row counts. */
static void see_beard(struct face_signs *out, const struct view *v)
{
    static const struct {
        short left, right;
        float x, y;
    } rows[] = {{37, 267, 0.08f, -0.08f}, {84, 314, 0.10f, 0.20f}};
    float cheek[2], rough[2], at[2];
    static const short cheeks[2] = {50, 280};
    float skin = fmaxf(patch_near(v, 151, 0, 0).luma, 0.02f);
    for (int i = 0; i < 2; i++) {
        place(v, v->face->points[cheeks[i]], 0, 0, at);
        cheek[i] = patch_at(v, at).luma;
        rough[i] = roughness_at(v, at);
    }
    skin = fminf(skin, fmaxf(fminf(cheek[0], cheek[1]), 0.02f));
    for (int row = 0; row < 2; row++) {
        float dark[2], hair[2];
        for (int i = 0; i < 2; i++) {
            place(v, v->face->points[i ? rows[row].right : rows[row].left],
                  i ? rows[row].x : -rows[row].x, rows[row].y, at);
            dark[i] = 1 - patch_at(v, at).luma / skin;
            hair[i] = roughness_at(v, at) - fminf(rough[0], rough[1]); /* hair may fall on one */
        }
        float dark_both = fminf(dark[0], dark[1]), hair_both = fminf(hair[0], hair[1]);
        if (dark_both * hair_both > out->beard * out->hairiness && dark_both > 0 && hair_both > 0) {
            out->beard = dark_both;
            out->hairiness = hair_both;
        }
    }
}

/* ---- spectacles ---- */

/* The clearest thin line across a walk of `length` E down from a place: how far it stands out, on both
 * sides alike, from what lies a little above and below it. */
static float line_below(const struct view *v, const float from[2], float length)
{
    const float width = 0.02f, beside = 0.055f; /* E: half a rim and a bit; clear of the rim */
    float best = 0;
    for (float y = 0; y < length; y += 0.01f) {
        float luma[3];
        for (int k = 0; k < 3; k++) {
            luma[k] = 0;
            for (int i = -1; i <= 1; i++) {
                float at = y + beside * (float)(k - 1) + width * (float)i / 2;
                luma[k] += luma_of(pixel_at(v, from[0] + at * v->eye_px * v->down[0],
                                            from[1] + at * v->eye_px * v->down[1])) /
                           3;
            }
        }
        float up = luma[1] - luma[0], down = luma[1] - luma[2];
        if (up * down > 0)
            best = fmaxf(best, fminf(fabsf(up), fabsf(down)));
    }
    return best;
}

/* A bridge over the nose and a rim under both eyes. Brows, wrinkles, shadows and bags make one of them,
 * never all three. */
static void see_frames(struct face_signs *out, const struct view *v)
{
    enum { NOSE = 5, RIM = 9 };
    static const short corners[2][2] = {{33, 133}, {263, 362}};
    static const short lowest[2] = {145, 374};
    float bridge[NOSE], rim[RIM], at[2];
    for (int i = 0; i < NOSE; i++) {
        place(v, v->eyes, 0.03f * (float)(i - NOSE / 2), -0.14f, at);
        bridge[i] = line_below(v, at, 0.38f);
    }
    out->frames = percentile(bridge, NOSE, 0.25f);
    for (int eye = 0; eye < 2; eye++) {
        const float *a = v->face->points[corners[eye][0]], *b = v->face->points[corners[eye][1]];
        const float *low = v->face->points[lowest[eye]];
        for (int i = 0; i < RIM; i++) {
            float t = 0.1f + 0.8f * (float)i / (RIM - 1), start[3] = {0}, drop = 0;
            for (int k = 0; k < 2; k++)
                start[k] = a[k] + t * (b[k] - a[k]);
            for (int k = 0; k < 2; k++)
                drop += (low[k] - (a[k] + b[k]) / 2) * v->down[k] / v->eye_px;
            place(v, start, 0, drop + 0.07f, at);
            rim[i] = line_below(v, at, 0.34f);
        }
        out->frames = fminf(out->frames, percentile(rim, RIM, 0.25f));
    }
    out->frames /= fmaxf(out->luma, 0.02f);
}

struct face_signs face_signs_of(const struct image *image, const struct face *face)
{
    struct face_signs out = {0};
    struct view v = view_of(image, face);
    see_light(&out, &v);
    see_relief(&out, &v);
    see_red(&out, &v);
    see_beard(&out, &v);
    see_frames(&out, &v);
    return out;
}
