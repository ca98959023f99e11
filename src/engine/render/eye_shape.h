/* eye_shape.h - where one eye's lids, iris and brow lie, in the eye's own axes.
 *
 * Units: t runs along the eye, 0 at the outer corner, 1 at the inner one, for both eyes: mirrored faces
 *        give the same numbers. h is the height across it in eye distances (E), positive down the face,
 *        0 on the line through the corners. So tilted and turned eyes look alike to their users.
 * Threads: read-only after eye_shape_of().
 */
#pragma once

#include "engine/render/geometry.h"

enum { EYE_LEFT, EYE_RIGHT, EYE_COUNT }; /* on the picture */
enum { LID_TERMS = 4 };

struct eye_shape {
    float corner_px[2];                       /* t = 0, h = 0 */
    float along_px[2], down_px[2];            /* one t, one E */
    float width_px, eye_px;                   /* lengths of both */
    float upper[LID_TERMS], lower[LID_TERMS]; /* lid curves, see eye_upper() */
    float iris_t, iris_h, iris_radius_t;
    float opening;  /* the largest distance of the lids, E */
    float forehead; /* free skin from the upper lid to the brow, E, at the narrowest place */
};

/* False when the mesh has no usable eye here: corners on one spot, lids crossed, not a number. */
bool eye_shape_of(struct eye_shape *out, const struct face *, const struct face_frame *, int eye);

/* Heights of the lid edges in the portrait; both meet at the corners and stay 0 beyond them. */
float eye_upper(const struct eye_shape *, float t);
float eye_lower(const struct eye_shape *, float t);

static inline void eye_to_px(const struct eye_shape *s, float t, float h, float out_px[2])
{
    out_px[0] = s->corner_px[0] + t * s->along_px[0] + h * s->down_px[0];
    out_px[1] = s->corner_px[1] + t * s->along_px[1] + h * s->down_px[1];
}

static inline void eye_from_px(const struct eye_shape *s, const float px[2], float *t, float *h)
{
    float dx = px[0] - s->corner_px[0], dy = px[1] - s->corner_px[1];
    *t = (dx * s->along_px[0] + dy * s->along_px[1]) / (s->width_px * s->width_px);
    *h = (dx * s->down_px[0] + dy * s->down_px[1]) / (s->eye_px * s->eye_px);
}

/* 0 below a, 1 above b, smooth between. */
static inline float smooth_step(float a, float b, float x)
{
    float u = (x - a) / (b - a);
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    return u * u * (3 - 2 * u);
}
