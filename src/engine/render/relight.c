#include "engine/render/relight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/look.h"
#include "engine/render/ramp.h"

/* What a field does to the skin's relief, E at amplitude 1. */
struct relief {
    int unit;
    float lips;  /* they come forward as a whole */
    float fold;  /* from nose to mouth: depth of the groove, with the cheek's roll beside it */
    float chin;  /* depth of the groove between lower lip and chin */
    float boss;  /* the chin's own swelling under it */
    float apple; /* of the cheeks */
};
static const struct relief reliefs[] = {
    {AU_JAW, 0, -0.004f, -0.008f, 0, 0},
    {AU_WIDE, -0.012f, 0.008f, 0, 0, 0.006f},
    {AU_PUCKER, 0.075f, -0.006f, 0.008f, 0.010f, 0},
    {AU_FUNNEL, 0.060f, -0.004f, 0.004f, 0, 0},
    {AU_PRESS, -0.022f, 0.004f, 0.012f, 0.020f, 0},
    {AU_UPPER_RAISE, 0, 0.007f, 0, 0, 0},
    {AU_LOWER_DROP, 0, 0, 0.005f, 0, 0},
    {AU_LABIODENTAL, -0.010f, 0.003f, 0.012f, 0.014f, 0},
    {AU_SMILE, -0.014f, 0.018f, 0, 0, 0.030f},
    {AU_FROWN, 0, 0.004f, 0.008f, 0.012f, 0},
    {FIELD_CLOSE, 0, -0.004f, 0.004f, 0, 0},
};
enum { RELIEFS = sizeof reliefs / sizeof reliefs[0] };

#define BULGE   0.100f /* E of swelling where skin loses all its area: lips and cheeks are soft */
#define AMBIENT 0.45f  /* share of the light that comes from everywhere */
#define HOLLOW  0.030f /* E: a hollow of curvature 1/E hides this share of the sky */
#define FORWARD 0.36f  /* E from mid-mouth at which protruding lips end */
#define GROOVE  0.036f /* E, half width of a fold */
#define ROLL    0.075f /* E, of the cheek's roll beside it */
#define REACH_X 0.95f  /* E around the mouth: beyond, the light stays */
#define REACH_Y 0.85f
#define CARRIED 0.45f          /* E by which the head may carry it */
#define WHITE   219.0f         /* luma above black */
enum { NODE_PX = WARP_BLOCK }; /* gains are smooth over several of these */

/* Folds in the mesh's numbering, from the nose down. */
enum { FOLD_POINTS = 5 };
static const int folds[2][FOLD_POINTS] = {{129, 203, 206, 216, 212}, {358, 423, 426, 436, 432}};

struct place {
    float x, y;
};

static struct place point_of(const struct face *face, const struct face_frame *f, int vertex)
{
    float at[2];
    frame_to_local(f, face->points[vertex][0], face->points[vertex][1], at);
    return (struct place){at[0], at[1]};
}

/* ---- the light ---- */

/* Slopes of the face itself, over distances at which the mesh's noise is small. */
static void slopes_at(const struct fields *f, const float *depth, float x, float y, float out[2])
{
    enum { WIDE = 3 };
    int i = (int)ramp_clamp((x - f->left) / f->step + 0.5f, WIDE, (float)(f->columns - 1 - WIDE));
    int j = (int)ramp_clamp((y - f->top) / f->step + 0.5f, WIDE, (float)(f->rows - 1 - WIDE));
    const float *z = depth + j * f->columns + i;
    out[0] = (z[WIDE] - z[-WIDE]) / (2 * WIDE * f->step);
    out[1] = (z[WIDE * f->columns] - z[-WIDE * f->columns]) / (2 * WIDE * f->step);
}

static void normal_of(const float slope[2], float n[3])
{
    float length = sqrtf(1 + slope[0] * slope[0] + slope[1] * slope[1]);
    n[0] = -slope[0] / length;
    n[1] = -slope[1] / length;
    n[2] = 1 / length;
}

static float luma_around(const struct texture *t, float x_px, float y_px, float radius)
{
    enum { SIDE = 5 };
    float sum = 0;
    for (int k = 0; k < SIDE * SIDE; k++) {
        float x = x_px + radius * ((float)(k % SIDE) - SIDE / 2) / (SIDE / 2);
        float y = y_px + radius * ((float)(k / SIDE) - SIDE / 2) / (SIDE / 2);
        int i = (int)ramp_clamp(x, 0, (float)(t->width_px - 1));
        int j = (int)ramp_clamp(y, 0, (float)(t->height_px - 1));
        sum += t->plane[0][j * t->stride + i];
    }
    return greater(sum / (SIDE * SIDE) - 16, 0);
}

/* Which light makes this face as bright as it is where it bends: least squares over smooth skin, held
 * near a light from the front and above, where portraits have theirs. */
static void find_light(float light[3], const struct fields *f, const float *depth,
                       const struct face *face, const struct face_frame *frame,
                       const struct texture *still)
{
    enum { POINTS = 14 };
    static const int skin[POINTS] = {50,  280, 205, 425, 117, 346, 207,
                                     427, 67,  297, 151, 199, 187, 411};
    static const float usual[3] = {0, -0.26f, 0.48f};
    const double hold = 2; /* as much as two points */
    double a[3][4] = {{0}};
    float luma[POINTS], n[POINTS][3], mean = 0;
    for (int k = 0; k < POINTS; k++) {
        const float *p = face->points[skin[k]];
        float slope[2];
        struct place at = point_of(face, frame, skin[k]);
        slopes_at(f, depth, at.x, at.y, slope);
        normal_of(slope, n[k]);
        luma[k] = luma_around(still, p[0], p[1], 0.05f * frame->eye_px);
        mean += luma[k] / POINTS;
    }
    mean = greater(mean, 1);
    for (int k = 0; k < POINTS; k++)
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++)
                a[r][c] += (double)(n[k][r] * n[k][c]);
            a[r][3] += (double)(n[k][r] * (luma[k] / mean - AMBIENT));
        }
    for (int r = 0; r < 3; r++) {
        a[r][r] += hold;
        a[r][3] += hold * (double)usual[r];
    }
    for (int r = 0; r < 3; r++) /* positive definite: no pivot needed */
        for (int k = r + 1; k < 3; k++) {
            double share = a[k][r] / a[r][r];
            for (int c = r; c < 4; c++)
                a[k][c] -= share * a[r][c];
        }
    double v[3];
    for (int r = 2; r >= 0; r--) {
        v[r] = a[r][3];
        for (int c = r + 1; c < 3; c++)
            v[r] -= a[r][c] * v[c];
        v[r] /= a[r][r];
    }
    /* a face is seen: its light comes from the viewer's side, and not from the floor */
    float z = greater((float)v[2], 0.2f);
    float x = ramp_clamp((float)v[0], -1.2f * z, 1.2f * z);
    float y = ramp_clamp((float)v[1], -1.2f * z, 0.1f * z);
    float length = sqrtf(x * x + y * y + z * z);
    light[0] = x / length;
    light[1] = y / length;
    light[2] = z / length;
}

/* ---- the relief ---- */

/* Like a Gaussian of deviation 1, but it ends at 2.45. */
static float mound(float z)
{
    float v = 1 - z * z / 6;
    return v > 0 ? v * v * v : 0;
}

/* Distance to a fold, > 0 on its outer side, and how deep it is there: folds end softly. */
static float fold_distance(const struct place *p, float x, float y, float side, float *depth)
{
    float best = 1e9f, sign = 1;
    *depth = 0;
    for (int k = 0; k + 1 < FOLD_POINTS; k++) {
        float ax = p[k + 1].x - p[k].x, ay = p[k + 1].y - p[k].y;
        float length = greater(ax * ax + ay * ay, 1e-6f);
        float t = ramp_clamp(((x - p[k].x) * ax + (y - p[k].y) * ay) / length, 0, 1);
        float dx = x - p[k].x - t * ax, dy = y - p[k].y - t * ay;
        float far = sqrtf(dx * dx + dy * dy);
        if (far >= best)
            continue;
        best = far;
        sign = (dx * ay - dy * ax) * side > 0 ? 1.0f : -1.0f;
        float along = ((float)k + t) / (FOLD_POINTS - 1);
        *depth = ramp(0, 0.35f, along) * (1 - ramp(0.60f, 1, along));
    }
    return best * sign;
}

struct landmarks {
    struct place fold[2][FOLD_POINTS];
    struct place groove, boss; /* under the lower lip; on the chin */
    struct place apple[2];     /* of the cheeks */
    float half_width;          /* of the mouth */
};

static struct landmarks landmarks_of(const struct face *face, const struct face_frame *frame,
                                     const struct seam *seam)
{
    struct landmarks out = {.half_width = 0.5f * (seam->right_x - seam->left_x)};
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < FOLD_POINTS; k++)
            out.fold[side][k] = point_of(face, frame, folds[side][k]);
    struct place lip = point_of(face, frame, 17);
    out.groove = point_of(face, frame, 18);
    out.groove.y = greater(out.groove.y, lip.y + 0.04f);
    out.boss = point_of(face, frame, 199);
    static const int cheeks[2][2] = {{50, 205}, {280, 425}};
    for (int side = 0; side < 2; side++) {
        struct place a = point_of(face, frame, cheeks[side][0]);
        struct place b = point_of(face, frame, cheeks[side][1]);
        out.apple[side] = (struct place){0.5f * (a.x + b.x), 0.5f * (a.y + b.y)};
    }
    return out;
}

static float relief_at(const struct relief *r, const struct landmarks *l, float x, float y)
{
    float far = sqrtf(x * x + 1.3f * (y - 0.02f) * (y - 0.02f)) / FORWARD;
    float out = r->lips * (far < 1 ? (1 - far * far) * (1 - far * far) : 0);
    if (r->fold != 0)
        for (int side = 0; side < 2; side++) {
            float deep, d = fold_distance(l->fold[side], x, y, side ? 1.0f : -1.0f, &deep);
            out -= r->fold * deep * mound(d / GROOVE);
            out += 0.8f * r->fold * deep * mound((d - 1.3f * ROLL) / ROLL);
        }
    const float aside = (x - l->groove.x) / (0.55f * l->half_width);
    out -= r->chin * mound(aside) * mound((y - l->groove.y) / 0.045f);
    out += r->boss * mound((x - l->boss.x) / 0.14f) * mound((y - l->boss.y) / 0.12f);
    for (int side = 0; side < 2; side++)
        out += r->apple * mound((x - l->apple[side].x) / 0.15f) *
               mound((y - l->apple[side].y) / 0.15f);
    return out;
}

/* Skin that is squeezed swells. At the lips the fields are torn, and what they do there is the lips' own
 * affair. */
static float swelling_at(const struct fields *f, int unit, const struct landmarks *l, int i, int j)
{
    float x = f->left + f->step * (float)i, y = f->top + f->step * (float)j;
    float far = sqrtf(x * x / ((l->half_width + 0.10f) * (l->half_width + 0.10f)) + y * y / 0.09f);
    float calm = ramp(0.85f, 1.25f, far);
    if (calm <= 0)
        return 0;
    const float *dx = f->dx[SHEET_UPPER][unit] + j * f->columns + i;
    const float *dy = f->dy[SHEET_UPPER][unit] + j * f->columns + i;
    float loss = -(dx[1] - dx[-1] + dy[f->columns] - dy[-f->columns]) / (2 * f->step);
    return BULGE * calm * loss;
}

/* Binomial blur of a whole grid, deviation 0.7 steps a pass in both directions. */
static void grid_blur(float *v, int columns, int rows, int passes)
{
    for (int pass = 0; pass < 2 * passes; pass++) {
        const bool across = pass & 1;
        const int step = across ? 1 : columns, length = across ? columns : rows;
        for (int line = 0; line < (across ? rows : columns); line++) {
            float *p = v + (ptrdiff_t)line * (across ? columns : 1), last = p[0];
            for (int k = 1; k + 1 < length; k++) {
                float here = p[(ptrdiff_t)k * step];
                p[(ptrdiff_t)k * step] =
                    0.25f * last + 0.5f * here + 0.25f * p[(ptrdiff_t)(k + 1) * step];
                last = here;
            }
        }
    }
}

/* ---- from relief to gain ---- */

/* What reaches the eye, encoded as luma is: the square root stands for its gamma. */
static float shine(const float slope[2], const float light[3])
{
    float n[3];
    normal_of(slope, n);
    float lit = n[0] * light[0] + n[1] * light[1] + n[2] * light[2];
    return sqrtf(AMBIENT + (1 - AMBIENT) * greater(lit, 0));
}

static float limited(float v)
{
    float z = v / RELIGHT_MOST;
    return v / sqrtf(1 + z * z);
}

static void gains_of(struct relight *r, float *gain, const float *relief, const float *depth,
                     const struct fields *f, const struct texture *still)
{
    const int w = r->columns;
    for (int j = 3; j + 3 < r->rows; j++)
        for (int i = 3; i + 3 < w; i++) {
            float x = r->left + r->step * (float)i, y = r->top + r->step * (float)j;
            float far = sqrtf(x * x / (REACH_X * REACH_X) + y * y / (REACH_Y * REACH_Y));
            float fade = 1 - ramp(0.65f, 1, far);
            if (fade <= 0)
                continue;
            float p[2]; /* white that a camera could not hold has no shape to be lit */
            frame_to_px(&r->frame, x, y, p);
            fade *= 1 - ramp(WHITE - 18, WHITE - 3,
                             luma_around(still, p[0], p[1], 0.04f * r->frame.eye_px));
            const float *z = relief + j * w + i;
            float before[2], after[2];
            slopes_at(f, depth, x, y, before);
            after[0] = before[0] + (z[1] - z[-1]) / (2 * r->step);
            after[1] = before[1] + (z[w] - z[-w]) / (2 * r->step);
            float hollow = (z[1] + z[-1] + z[w] + z[-w] - 4 * z[0]) / (r->step * r->step);
            float change = shine(after, r->light) / shine(before, r->light) - 1 - HOLLOW * hollow;
            gain[j * w + i] = fade * limited(change);
        }
}

static struct rect region_of(const struct relight *r, int width_px, int height_px)
{
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    for (int k = 0; k < 4; k++) {
        float p[2];
        frame_to_px(&r->frame, k & 1 ? REACH_X + CARRIED : -REACH_X - CARRIED,
                    k & 2 ? REACH_Y + CARRIED : -REACH_Y - CARRIED, p);
        for (int c = 0; c < 2; c++) {
            lo[c] = lesser(lo[c], p[c]);
            hi[c] = greater(hi[c], p[c]);
        }
    }
    struct rect region = {
        (int)ramp_clamp(lo[0], 0, (float)width_px), (int)ramp_clamp(lo[1], 0, (float)height_px),
        (int)ramp_clamp(hi[0], 0, (float)width_px), (int)ramp_clamp(hi[1], 0, (float)height_px)};
    region.x0 -= region.x0 % NODE_PX;
    region.y0 -= region.y0 % NODE_PX;
    return region;
}

static int nodes_over(int pixels) { return (pixels + NODE_PX - 1) / NODE_PX + 1; }

enum orator_status relight_new(struct relight **out, const struct fields *f, const float *depth,
                               const struct face *face, const struct face_frame *frame,
                               const struct seam *seam, const struct texture *still,
                               struct orator_error *err)
{
    *out = NULL;
    struct relight *r = calloc(1, sizeof *r);
    if (!r)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the face's light");
    r->columns = f->columns;
    r->rows = f->rows;
    r->left = f->left;
    r->top = f->top;
    r->step = f->step;
    r->frame = *frame;
    r->region = region_of(r, still->width_px, still->height_px);
    const size_t cells = (size_t)f->columns * (size_t)f->rows;
    const size_t across = (size_t)nodes_over(r->region.x1 - r->region.x0);
    const size_t nodes = across * (size_t)nodes_over(r->region.y1 - r->region.y0);
    r->memory = calloc(cells * (RELIEFS + 2) + nodes + across, sizeof(float));
    if (!r->memory) {
        free(r);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the face's light");
    }
    float *relief = r->memory;
    r->sum = relief + cells;
    r->line = r->sum + cells;
    r->node = r->line + across;
    find_light(r->light, f, depth, face, frame, still);
    const struct landmarks marks = landmarks_of(face, frame, seam);
    for (int k = 0; k < RELIEFS; k++) {
        const int unit = reliefs[k].unit;
        memset(relief, 0, cells * sizeof *relief);
        for (int j = 1; j + 1 < f->rows; j++)
            for (int i = 1; i + 1 < f->columns; i++)
                relief[j * f->columns + i] = swelling_at(f, unit, &marks, i, j);
        grid_blur(relief, f->columns, f->rows, 6); /* deviation 1.7 steps = 0.07 E */
        for (int j = 1; j + 1 < f->rows; j++)
            for (int i = 1; i + 1 < f->columns; i++)
                relief[j * f->columns + i] += relief_at(
                    &reliefs[k], &marks, f->left + f->step * (float)i, f->top + f->step * (float)j);
        r->gain[unit] = r->node + nodes + (size_t)k * cells;
        gains_of(r, r->gain[unit], relief, depth, f, still);
        grid_blur(r->gain[unit], f->columns, f->rows, 2);
    }
    *out = r;
    return ORATOR_OK;
}

void relight_free(struct relight **r)
{
    if (*r) {
        free((*r)->memory);
        free(*r);
    }
    *r = NULL;
}

/* ---- per frame ---- */

static bool sum_gains(struct relight *r, const float weights[FIELD_COUNT])
{
    const int cells = r->columns * r->rows;
    float *restrict sum = r->sum;
    bool any = false;
    for (int unit = 0; unit < FIELD_COUNT; unit++) {
        const float w = weights[unit];
        const float *restrict gain = r->gain[unit];
        if (!gain || w == 0)
            continue;
        if (!any)
            memset(sum, 0, (size_t)cells * sizeof *sum);
        any = true;
#pragma omp simd
        for (int k = 0; k < cells; k++)
            sum[k] += w * gain[k];
    }
    return any;
}

/* The sum where this pixel of the frame comes from. */
static float gain_at(const struct relight *r, float x_px, float y_px)
{
    float at[2];
    frame_to_local(&r->frame, x_px, y_px, at);
    float fx = (at[0] - r->left) / r->step, fy = (at[1] - r->top) / r->step;
    if (!(fx >= 0 && fy >= 0 && fx < (float)(r->columns - 1) && fy < (float)(r->rows - 1)))
        return 0;
    int i = (int)fx, j = (int)fy;
    const float *a = r->sum + j * r->columns + i, *b = a + r->columns;
    float t = fx - (float)i;
    return limited(ramp_mix(ramp_mix(a[0], a[1], t), ramp_mix(b[0], b[1], t), fy - (float)j));
}

/* The gain of the map's entry (i, j); none beyond it. */
static float gain_of(const struct relight *r, const struct sheet_map *map, int i, int j)
{
    const struct rect box = map->region;
    if (i < box.x0 || i >= box.x1 || j < box.y0 || j >= box.y1)
        return 0;
    ptrdiff_t at = (ptrdiff_t)(j - box.y0) * (box.x1 - box.x0) + i - box.x0;
    return gain_at(r, map->x[at], map->y[at]);
}

static void fill_nodes(struct relight *r, const struct sheet_map *shown,
                       const struct block_map *around)
{
    const struct rect region = r->region, lips = shown->region;
    const int across = nodes_over(region.x1 - region.x0), down = nodes_over(region.y1 - region.y0);
    for (int j = 0; j < down; j++)
        for (int i = 0; i < across; i++) {
            int x = region.x0 + NODE_PX * i, y = region.y0 + NODE_PX * j;
            bool inside = x >= lips.x0 && x < lips.x1 && y >= lips.y0 && y < lips.y1;
            r->node[j * across + i] =
                inside ? gain_of(r, shown, x, y)
                       : gain_of(r, &around->corner, (x - around->region.x0) / NODE_PX,
                                 (y - around->region.y0) / NODE_PX);
        }
}

void relight_frame(struct relight *r, struct picture *frame, const struct sheet_map *shown,
                   const struct block_map *around, const float weights[FIELD_COUNT],
                   const struct dsp *dsp)
{
    _Static_assert((int)NODE_PX == (int)RELIGHT_STEP, "gains at the nodes");
    if (!sum_gains(r, weights))
        return;
    fill_nodes(r, shown, around);
    const struct rect region = r->region;
    const int across = nodes_over(region.x1 - region.x0);
    for (int y = region.y0; y < region.y1; y++) {
        const int j = (y - region.y0) / NODE_PX;
        const float fy = (float)((y - region.y0) % NODE_PX) / NODE_PX;
        const float *restrict above = r->node + (ptrdiff_t)j * across, *below = above + across;
        for (int i = 0; i < across; i++)
            r->line[i] = ramp_mix(above[i], below[i], fy);
        dsp->relight_u8(frame->plane[0] + y * frame->stride[0] + region.x0, r->line,
                        region.x1 - region.x0);
    }
}
