#include "engine/render/seam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/ramp.h"

/* The inner lip ring of the mesh, from the picture's left to its right. */
enum { RING = 11 };
static const int ring_upper[RING] = {78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308};
static const int ring_lower[RING] = {78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308};
enum { OUTER_LEFT = 61, OUTER_RIGHT = 291 };

/* The picture is searched on a strip around a curve: one column a knot, rows across the lips. */
enum { ROWS = 61, ROW_MID = ROWS / 2 };
#define ROW_STEP 0.0025f /* E; the reach, 0.075 E, is several times the mesh's usual error */

struct strip {
    float luma[SEAM_KNOTS][ROWS]; /* 0..1 */
    float red[SEAM_KNOTS][ROWS];  /* (R - G) over brightness: lips against teeth and darkness */
};

/* Curves of the mesh: the average error of its ring is about 0.01 E. */
#define PRIOR_DEVIATION 0.022f
/* Whittaker's stiffness that halves waves of L knots is (L / 2 pi)^4: nothing shorter than about a
 * third of the mouth's width remains, so no lip line wobbles. */
#define STIFF_PICTURE 300.0
#define STIFF_RING    15.0
/* Below this eye distance a lip line is finer than a pixel: the mesh alone is trusted, E in px. */
#define TRUST_NONE_PX 22.0f
#define TRUST_FULL_PX 70.0f
/* A mesh gap under the first is a closed mouth, over the second a parted one; in between, what the
 * gap shows decides. Measured on 30 portraits. */
#define GAP_CLOSED 0.019f
#define GAP_PARTED 0.045f

static float knot_x(const struct seam *s, int k)
{
    return s->left_x + (s->right_x - s->left_x) * (float)k / (SEAM_KNOTS - 1);
}

/* 0 at the corners, 1 at mid-mouth. */
static float inward(int k)
{
    int nearer = k < SEAM_KNOTS - 1 - k ? k : SEAM_KNOTS - 1 - k;
    return (float)nearer / (float)(SEAM_KNOTS / 2);
}

static void pixel_at(const struct image *im, const float p[2], float rgb[3])
{
    float x = ramp_clamp(p[0] - 0.5f, 0, (float)(im->width_px - 1));
    float y = ramp_clamp(p[1] - 0.5f, 0, (float)(im->height_px - 1));
    int i = (int)x, j = (int)y, right = i + 1 < im->width_px ? 3 : 0;
    float fx = x - (float)i, fy = y - (float)j;
    const uint8_t *above = im->rgb + j * im->stride + (ptrdiff_t)3 * i;
    const uint8_t *below = j + 1 < im->height_px ? above + im->stride : above;
    for (int c = 0; c < 3; c++)
        rgb[c] = ramp_mix(ramp_mix(above[c], above[c + right], fx),
                          ramp_mix(below[c], below[c + right], fx), fy) /
                 255;
}

/* Binomial blur along the column, deviation 2 rows = 0.005 E: grain is finer than a lip. */
static void column_blur(float v[ROWS])
{
    for (int pass = 0; pass < 8; pass++) {
        float last = v[0];
        for (int r = 1; r + 1 < ROWS; r++) {
            float here = v[r];
            v[r] = 0.25f * last + 0.5f * here + 0.25f * v[r + 1];
            last = here;
        }
    }
}

static void strip_sample(struct strip *out, const struct image *im, const struct face_frame *f,
                         const struct seam *s, const float curve[SEAM_KNOTS])
{
    for (int k = 0; k < SEAM_KNOTS; k++) {
        for (int r = 0; r < ROWS; r++) {
            float p[2], rgb[3];
            frame_to_px(f, knot_x(s, k), curve[k] + (float)(r - ROW_MID) * ROW_STEP, p);
            pixel_at(im, p, rgb);
            out->luma[k][r] = 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
            out->red[k][r] = (rgb[0] - rgb[1]) / (0.2f + out->luma[k][r]);
        }
        column_blur(out->luma[k]);
        column_blur(out->red[k]);
    }
}

/* The way from corner to corner of least cost, one row a step at most; rows, with fractions. Forward
 * and backward sums meet in every column, so that a mirrored picture gives the mirrored way. */
static void cheapest_way(float way[SEAM_KNOTS], float cost[SEAM_KNOTS][ROWS])
{
    static const float bend = 0.05f; /* price of one row up or down */
    enum { LAST = SEAM_KNOTS - 1 };
    float forward[SEAM_KNOTS][ROWS], backward[SEAM_KNOTS][ROWS];
    memcpy(forward[0], cost[0], sizeof forward[0]);
    memcpy(backward[LAST], cost[LAST], sizeof backward[LAST]);
    for (int k = 1; k < SEAM_KNOTS; k++) {
        const float *f = forward[k - 1], *b = backward[LAST - k + 1];
        for (int r = 0; r < ROWS; r++) {
            int up = r > 0 ? r - 1 : r, down = r + 1 < ROWS ? r + 1 : r;
            forward[k][r] = cost[k][r] + fminf(f[r], fminf(f[up], f[down]) + bend);
            backward[LAST - k][r] = cost[LAST - k][r] + fminf(b[r], fminf(b[up], b[down]) + bend);
        }
    }
    for (int k = 0; k < SEAM_KNOTS; k++) {
        const float *c = cost[k];
        int best = ROW_MID;
        float least = INFINITY;
        for (int r = 0; r < ROWS; r++) {
            float through = forward[k][r] + backward[k][r] - c[r];
            if (through < least)
                least = through, best = r;
        }
        way[k] = (float)best;
        if (best > 0 && best + 1 < ROWS) { /* vertex of the parabola through the neighbours */
            float bow = c[best - 1] - 2 * c[best] + c[best + 1];
            if (bow > 1e-6f)
                way[k] += ramp_clamp(0.5f * (c[best - 1] - c[best + 1]) / bow, -0.5f, 0.5f);
        }
    }
}

/* The smoothest curve near `v`: least sum of weight (new - v)^2 + stiffness |second difference|^2
 * (Whittaker 1923), solved by L D L' with two bands. */
static void smoothen(float v[SEAM_KNOTS], const float weight[SEAM_KNOTS], double stiffness)
{
    enum { N = SEAM_KNOTS };
    double diagonal[N + 2] = {0}, next[N + 2] = {0}, second[N + 2] = {0}, b[N + 2] = {0};
    for (int k = 0; k < N; k++) {
        diagonal[k] = (double)weight[k] + 1e-9;
        b[k] = diagonal[k] * (double)v[k];
    }
    for (int k = 0; k + 2 < N; k++) {
        diagonal[k] += stiffness;
        diagonal[k + 1] += 4 * stiffness;
        diagonal[k + 2] += stiffness;
        next[k] -= 2 * stiffness;
        next[k + 1] -= 2 * stiffness;
        second[k] += stiffness;
    }
    for (int k = 0; k < N; k++) {
        double l1 = next[k] / diagonal[k], l2 = second[k] / diagonal[k];
        diagonal[k + 1] -= l1 * next[k];
        next[k + 1] -= l1 * second[k];
        diagonal[k + 2] -= l2 * second[k];
        b[k + 1] -= l1 * b[k];
        b[k + 2] -= l2 * b[k];
        next[k] = l1;
        second[k] = l2;
    }
    double after = 0, after_next = 0;
    for (int k = N - 1; k >= 0; k--) {
        double x = b[k] / diagonal[k] - next[k] * after - second[k] * after_next;
        after_next = after;
        after = x;
        v[k] = (float)x;
    }
}

/* The mesh's ring as a smooth curve over the knots. The ring's points run from corner to corner; two
 * that share an x, as on a face turned far, are taken in their order. */
static void ring_curve(float out[SEAM_KNOTS], const struct seam *s, float ring[RING][2])
{
    float one[SEAM_KNOTS];
    int i = 0;
    for (int k = 0; k < SEAM_KNOTS; k++) {
        float x = knot_x(s, k);
        while (i + 2 < RING && ring[i + 1][0] < x)
            i++;
        float run = ring[i + 1][0] - ring[i][0];
        float t = run > 1e-4f ? ramp_clamp((x - ring[i][0]) / run, -0.5f, 1.5f) : 0.5f;
        out[k] = ramp_mix(ring[i][1], ring[i + 1][1], t);
        one[k] = 1;
    }
    smoothen(out, one, STIFF_RING);
}

/* Moves `curve` to where `cost` is low, as far as contrast and resolution allow: a column of no
 * evidence follows its neighbours and the mesh. */
static void refine(float curve[SEAM_KNOTS], float cost[SEAM_KNOTS][ROWS],
                   const float evidence[SEAM_KNOTS], float trust)
{
    float way[SEAM_KNOTS], weight[SEAM_KNOTS];
    for (int k = 0; k < SEAM_KNOTS; k++)
        for (int r = 0; r < ROWS; r++) {
            float off = (float)(r - ROW_MID) * ROW_STEP / PRIOR_DEVIATION;
            cost[k][r] += 0.12f * off * off * (2 - inward(k)); /* the mesh holds the corners best */
        }
    cheapest_way(way, cost);
    for (int k = 0; k < SEAM_KNOTS; k++) {
        float w = trust * evidence[k];
        way[k] = (way[k] - ROW_MID) * ROW_STEP * w / (w + 0.1f);
        weight[k] = w + 0.1f;
    }
    smoothen(way, weight, STIFF_PICTURE);
    for (int k = 0; k < SEAM_KNOTS; k++)
        curve[k] += way[k];
}

/* The dark line between closed lips. */
static void follow_dark_line(float curve[SEAM_KNOTS], const struct strip *strip, float trust)
{
    enum { AROUND = 20 }; /* rows, 0.05 E: thicker than any line, thinner than a lip */
    float cost[SEAM_KNOTS][ROWS], evidence[SEAM_KNOTS], deepest = 0.02f;
    for (int k = 0; k < SEAM_KNOTS; k++) {
        evidence[k] = 0;
        for (int r = 0; r < ROWS; r++) {
            float sum = 0;
            int n = 0;
            for (int q = r - AROUND; q <= r + AROUND; q++)
                if (q >= 0 && q < ROWS)
                    sum += strip->luma[k][q], n++;
            cost[k][r] = strip->luma[k][r] - sum / (float)n;
            evidence[k] = fmaxf(evidence[k], -cost[k][r]);
        }
        deepest = fmaxf(deepest, evidence[k]);
    }
    for (int k = 0; k < SEAM_KNOTS; k++) {
        for (int r = 0; r < ROWS; r++)
            cost[k][r] /= deepest;
        evidence[k] /= deepest;
    }
    refine(curve, cost, evidence, trust);
}

/* Where red lip turns into teeth or darkness: going down (sign 1) redness falls at the upper lip's
 * edge, going up (-1) at the lower one's. The sign keeps both curves from taking one edge. */
static void follow_lip_edge(float curve[SEAM_KNOTS], const struct strip *strip, int sign,
                            float trust)
{
    float cost[SEAM_KNOTS][ROWS], evidence[SEAM_KNOTS], red = 0.02f, luma = 0.02f;
    for (int k = 4; k < SEAM_KNOTS - 4; k++)
        for (int r = 1; r + 1 < ROWS; r++) {
            red = fmaxf(red, fabsf(strip->red[k][r + 1] - strip->red[k][r - 1]));
            luma = fmaxf(luma, fabsf(strip->luma[k][r + 1] - strip->luma[k][r - 1]));
        }
    for (int k = 0; k < SEAM_KNOTS; k++) {
        evidence[k] = 0;
        for (int r = 0; r < ROWS; r++) {
            int up = r > 0 ? r - 1 : r, down = r + 1 < ROWS ? r + 1 : r;
            float fall = (float)sign * (strip->red[k][up] - strip->red[k][down]) / red;
            float step = fabsf(strip->luma[k][up] - strip->luma[k][down]) / luma;
            cost[k][r] = -fall - 0.25f * step;
            evidence[k] = fmaxf(evidence[k], ramp_clamp(fall, 0, 1));
        }
    }
    refine(curve, cost, evidence, trust);
}

/* A mesh gap of middling size is an open mouth if something other than lip fills it: brighter than
 * the darkness between lips, and less red than they are. */
static bool shows_teeth(const struct image *im, const struct face_frame *f, const struct seam *s,
                        const float upper[SEAM_KNOTS], const float lower[SEAM_KNOTS])
{
    float in_luma = 0, in_red = 0, lip_luma = 0, lip_red = 0;
    int n = 0;
    for (int k = SEAM_KNOTS / 4; k <= SEAM_KNOTS - 1 - SEAM_KNOTS / 4; k++, n++) {
        const float at[3] = {0.5f * (upper[k] + lower[k]), upper[k] - 0.045f, lower[k] + 0.045f};
        for (int i = 0; i < 3; i++) {
            float p[2], rgb[3];
            frame_to_px(f, knot_x(s, k), at[i], p);
            pixel_at(im, p, rgb);
            float luma = 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
            float red = (rgb[0] - rgb[1]) / (0.2f + luma);
            *(i ? &lip_luma : &in_luma) += i ? 0.5f * luma : luma;
            *(i ? &lip_red : &in_red) += i ? 0.5f * red : red;
        }
    }
    return in_luma > 0.75f * lip_luma && in_red < lip_red - 0.06f * (float)n;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* How far the dark line reaches from the curve to one side, E: to half of the way up to the
 * brightest of the lip beside it, by the median over the middle columns. */
static float dark_reach(const struct strip *strip, int sign)
{
    enum { FROM = SEAM_KNOTS / 5, COUNT = SEAM_KNOTS - 2 * FROM, REACH = 18 };
    float profile[REACH], low = 0, high = 0;
    for (int d = 0; d < REACH; d++) {
        float column[COUNT];
        for (int k = 0; k < COUNT; k++)
            column[k] = strip->luma[FROM + k][ROW_MID + sign * d];
        qsort(column, COUNT, sizeof column[0], by_size);
        profile[d] = column[COUNT / 2];
        low = d == 0 ? profile[0] : low;
        high = fmaxf(high, profile[d]);
    }
    int d = 0;
    while (d < REACH - 1 && profile[d] < low + 0.5f * (high - low))
        d++;
    return ramp_clamp((float)d * ROW_STEP, 0.006f, 0.03f);
}

/* Both curves leave the line between them by the given halves, and meet in the corners. */
static void part(struct seam *s, const float line[SEAM_KNOTS], const float above[SEAM_KNOTS],
                 const float below[SEAM_KNOTS], float closing)
{
    s->gap_max = 0;
    for (int k = 0; k < SEAM_KNOTS; k++) {
        float open = ramp(0, closing, inward(k));
        s->upper_y[k] = line[k] - above[k] * open;
        s->lower_y[k] = line[k] + below[k] * open;
        s->gap_max = fmaxf(s->gap_max, s->lower_y[k] - s->upper_y[k]);
    }
}

enum orator_status seam_find(struct seam *out, const struct image *portrait,
                             const struct face *face, const struct face_frame *f,
                             struct orator_error *err)
{
    *out = (struct seam){0};
    float upper_ring[RING][2], lower_ring[RING][2], left[2], right[2];
    for (int i = 0; i < RING; i++) {
        const float *u = face->points[ring_upper[i]], *l = face->points[ring_lower[i]];
        frame_to_local(f, u[0], u[1], upper_ring[i]);
        frame_to_local(f, l[0], l[1], lower_ring[i]);
    }
    frame_to_local(f, face->points[OUTER_LEFT][0], face->points[OUTER_LEFT][1], left);
    frame_to_local(f, face->points[OUTER_RIGHT][0], face->points[OUTER_RIGHT][1], right);
    /* the lips part up to a point between the inner ring's end and the outer one's, nearer to it */
    out->left_x = ramp_mix(upper_ring[0][0], left[0], 0.75f);
    out->right_x = ramp_mix(upper_ring[RING - 1][0], right[0], 0.75f);
    if (!(out->left_x < -0.05f && out->right_x > 0.05f && out->left_x > -2 && out->right_x < 2))
        return orator_fail(err, ORATOR_FACE_UNUSABLE, "the lips could not be made out");

    float upper[SEAM_KNOTS], lower[SEAM_KNOTS], line[SEAM_KNOTS];
    float above[SEAM_KNOTS], below[SEAM_KNOTS];
    ring_curve(upper, out, upper_ring);
    ring_curve(lower, out, lower_ring);
    float gap = 0;
    for (int k = 0; k < SEAM_KNOTS; k++) {
        gap = fmaxf(gap, lower[k] - upper[k]);
        line[k] = 0.5f * (upper[k] + lower[k]);
    }
    out->parted =
        gap > GAP_PARTED || (gap > GAP_CLOSED && shows_teeth(portrait, f, out, upper, lower));

    float trust = ramp(TRUST_NONE_PX, TRUST_FULL_PX, f->eye_px);
    struct strip strip;
    if (out->parted) {
        strip_sample(&strip, portrait, f, out, upper);
        follow_lip_edge(upper, &strip, 1, trust);
        strip_sample(&strip, portrait, f, out, lower);
        follow_lip_edge(lower, &strip, -1, trust);
        for (int k = 0; k < SEAM_KNOTS; k++) {
            line[k] = 0.5f * (upper[k] + lower[k]);
            above[k] = below[k] = fmaxf(0.5f * (lower[k] - upper[k]), 0.004f);
        }
        out->dark_upper = out->dark_lower = 0.008f;
        part(out, line, above, below, 0.25f);
    } else {
        strip_sample(&strip, portrait, f, out, line);
        follow_dark_line(line, &strip, trust);
        strip_sample(&strip, portrait, f, out, line);
        out->dark_upper = dark_reach(&strip, -1);
        out->dark_lower = dark_reach(&strip, 1);
        for (int k = 0; k < SEAM_KNOTS; k++) {
            above[k] = ramp_clamp(0.7f * out->dark_upper, 0.005f, 0.02f);
            below[k] = ramp_clamp(0.7f * out->dark_lower, 0.005f, 0.02f);
        }
        part(out, line, above, below, 0.35f);
    }
    return ORATOR_OK;
}

/* Cubic between knots; beyond a corner the line's own slope, fading, so that nothing kinks. */
static float curve_at(const struct seam *s, const float y[SEAM_KNOTS], float x)
{
    static const float fade = 0.15f, steepest = 0.3f; /* E; slopes of real corners stay below */
    const float step = (s->right_x - s->left_x) / (SEAM_KNOTS - 1);
    float t = (x - s->left_x) / step;
    if (t <= 0 || t >= SEAM_KNOTS - 1) {
        int end = t <= 0 ? 0 : SEAM_KNOTS - 1, in = t <= 0 ? 6 : SEAM_KNOTS - 7;
        float run = step * (float)(end - in), out = x - (t <= 0 ? s->left_x : s->right_x);
        float mid = 0.5f * (s->upper_y[in] + s->lower_y[in]);
        float slope = ramp_clamp((s->upper_y[end] - mid) / run, -steepest, steepest);
        return y[end] + slope * out / (1 + fabsf(out) / fade);
    }
    int k = (int)t;
    float f = t - (float)k;
    float p1 = y[k], p2 = y[k + 1];
    float p0 = k > 0 ? y[k - 1] : 2 * p1 - p2, p3 = k + 2 < SEAM_KNOTS ? y[k + 2] : 2 * p2 - p1;
    return p1 + 0.5f * f *
                    (p2 - p0 + f * (2 * p0 - 5 * p1 + 4 * p2 - p3 + f * (3 * (p1 - p2) + p3 - p0)));
}

float seam_upper(const struct seam *s, float x) { return curve_at(s, s->upper_y, x); }
float seam_lower(const struct seam *s, float x) { return curve_at(s, s->lower_y, x); }
float seam_u(const struct seam *s, float x) { return x < 0 ? -x / s->left_x : x / s->right_x; }
