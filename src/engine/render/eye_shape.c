#include "engine/render/eye_shape.h"

#include <math.h>

enum { LID_POINTS = 9, BROW_POINTS = 5, IRIS_RING = 4 };

/* Points of the mesh; lids from the outer corner to the inner one, brows along their lower edge. */
static const struct {
    short upper[LID_POINTS], lower[LID_POINTS], brow[BROW_POINTS], iris;
} mesh[EYE_COUNT] = {
    [EYE_LEFT] = {{33, 246, 161, 160, 159, 158, 157, 173, 133},
                  {33, 7, 163, 144, 145, 153, 154, 155, 133},
                  {46, 53, 52, 65, 55},
                  468},
    [EYE_RIGHT] = {{263, 466, 388, 387, 386, 385, 384, 398, 362},
                   {263, 249, 390, 373, 374, 380, 381, 382, 362},
                   {276, 283, 282, 295, 285},
                   473},
};

/* A lid is 4 t (1 - t) times a cubic in 2 t - 1: it meets the other one at the corners, and seven mesh
 * points leave four terms no room to wiggle. */
static void lid_terms(float t, double out[LID_TERMS])
{
    double bow = 4.0 * (double)t * (1.0 - (double)t), s = 2.0 * (double)t - 1.0;
    for (int k = 0; k < LID_TERMS; k++, bow *= s)
        out[k] = bow;
}

static float lid_height(const float lid[LID_TERMS], float t)
{
    if (!(t > 0 && t < 1))
        return 0;
    float s = 2 * t - 1;
    return 4 * t * (1 - t) * (lid[0] + s * (lid[1] + s * (lid[2] + s * lid[3])));
}

float eye_upper(const struct eye_shape *s, float t) { return lid_height(s->upper, t); }
float eye_lower(const struct eye_shape *s, float t) { return lid_height(s->lower, t); }

static void point_in_eye(const struct eye_shape *s, const struct face *face, int point, float *t,
                         float *h)
{
    eye_from_px(s, face->points[point], t, h);
}

/* Least squares through the points, by normal equations. */
static void lid_fit(float lid[LID_TERMS], const struct eye_shape *s, const struct face *face,
                    const short points[LID_POINTS])
{
    double a[LID_TERMS][LID_TERMS + 1] = {0};
    for (int i = 1; i < LID_POINTS - 1; i++) {
        float t, h;
        double term[LID_TERMS];
        point_in_eye(s, face, points[i], &t, &h);
        lid_terms(t, term);
        for (int r = 0; r < LID_TERMS; r++) {
            for (int c = 0; c < LID_TERMS; c++)
                a[r][c] += term[r] * term[c];
            a[r][LID_TERMS] += term[r] * (double)h;
        }
    }
    for (int r = 0; r < LID_TERMS; r++)
        a[r][r] += 1e-4; /* points in a heap give a flat lid, not a division by zero */
    for (int p = 0; p < LID_TERMS; p++) /* symmetric and positive: needs no pivoting */
        for (int r = 0; r < LID_TERMS; r++) {
            double f = r == p ? 0 : a[r][p] / a[p][p];
            for (int c = p; c <= LID_TERMS; c++)
                a[r][c] -= f * a[p][c];
        }
    for (int k = 0; k < LID_TERMS; k++)
        lid[k] = (float)(a[k][LID_TERMS] / a[k][k]);
}

static void iris_find(struct eye_shape *s, const struct face *face, int centre)
{
    float h, t;
    point_in_eye(s, face, centre, &s->iris_t, &s->iris_h);
    s->iris_radius_t = 0;
    for (int i = 1; i <= IRIS_RING;
         i++) { /* the two points of the ring beside the centre lie widest */
        point_in_eye(s, face, centre + i, &t, &h);
        s->iris_radius_t = fmaxf(s->iris_radius_t, fabsf(t - s->iris_t));
    }
}

bool eye_shape_of(struct eye_shape *out, const struct face *face, const struct face_frame *frame,
                  int eye)
{
    const float *outer = face->points[mesh[eye].upper[0]];
    const float *inner = face->points[mesh[eye].upper[LID_POINTS - 1]];
    struct eye_shape s = {.corner_px = {outer[0], outer[1]}, .eye_px = frame->eye_px};
    s.along_px[0] = inner[0] - outer[0];
    s.along_px[1] = inner[1] - outer[1];
    s.width_px = sqrtf(s.along_px[0] * s.along_px[0] + s.along_px[1] * s.along_px[1]);
    if (!(s.width_px >= 2 && s.eye_px >= 4 && s.width_px < 1e5f && s.eye_px < 1e5f))
        return false;
    float x = -s.along_px[1] / s.width_px, y = s.along_px[0] / s.width_px;
    float side = x * frame->down[0] + y * frame->down[1] < 0 ? -s.eye_px : s.eye_px;
    s.down_px[0] = x * side;
    s.down_px[1] = y * side;

    lid_fit(s.upper, &s, face, mesh[eye].upper);
    lid_fit(s.lower, &s, face, mesh[eye].lower);
    iris_find(&s, face, mesh[eye].iris);
    for (float t = 0.1f; t < 0.95f; t += 0.1f)
        s.opening = fmaxf(s.opening, eye_lower(&s, t) - eye_upper(&s, t));

    s.forehead = 1;
    for (int i = 0; i < BROW_POINTS; i++) {
        float t, h;
        point_in_eye(&s, face, mesh[eye].brow[i], &t, &h);
        if (t > 0.05f && t < 0.95f)
            s.forehead = fminf(s.forehead, eye_upper(&s, t) - h);
    }
    /* comparisons that also refuse NaN */
    if (!(s.opening > 0 && s.opening < 1 && s.iris_t > -1 && s.iris_t < 2 && s.iris_radius_t < 1 &&
          s.iris_h > -1 && s.iris_h < 1))
        return false;
    *out = s;
    return true;
}
