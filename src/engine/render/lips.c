#include "engine/render/lips.h"

#include <math.h>

#include "engine/render/ramp.h"

/* Of the lower lip's red, what f and v hide behind the upper teeth at mid-mouth, E. */
#define TUCKED MM(3.2f)

static float bin_u(int b) { return (float)b / ((BINS - 1) / 2) - 1; }

static float x_of_u(const struct seam *s, float u)
{
    return u < 0 ? -u * s->left_x : u * s->right_x;
}

static void table_cut(struct lips *lips)
{
    const float step = 2 * CUT_REACH / CUT_STEPS;
    for (int i = 0; i < CUT_STEPS + 2; i++) {
        float x = (float)i * step - CUT_REACH;
        float before =
            seam_upper(&lips->seam, x - 4 * step) + seam_lower(&lips->seam, x - 4 * step);
        float after = seam_upper(&lips->seam, x + 4 * step) + seam_lower(&lips->seam, x + 4 * step);
        float slope = (after - before) / (16 * step);
        lips->cut[i] = (struct cut){
            .y = {seam_upper(&lips->seam, x), seam_lower(&lips->seam, x)},
            .u = seam_u(&lips->seam, x),
            .lean = 1 / sqrtf(1 + slope * slope),
        };
    }
}

/* From the contours to the outer ring of the mesh. */
static void table_red(struct lips *lips, const struct face *face)
{
    enum { RING = 11 };
    static const int ring[2][RING] = {{61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291},
                                      {61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291}};
    for (int lip = 0; lip < 2; lip++) {
        float at[RING][2];
        for (int k = 0; k < RING; k++)
            frame_to_local(&lips->frame, face->points[ring[lip][k]][0],
                           face->points[ring[lip][k]][1], at[k]);
        for (int b = 0, k = 0; b < BINS; b++) {
            float x = x_of_u(&lips->seam, bin_u(b));
            while (k + 2 < RING && at[k + 1][0] < x)
                k++;
            float f = ramp_clamp((x - at[k][0]) / greater(at[k + 1][0] - at[k][0], 1e-3f), 0, 1);
            float y = ramp_mix(at[k][1], at[k + 1][1], f);
            lips->red[lip][b] = greater(
                lip == UPPER ? seam_upper(&lips->seam, x) - y : y - seam_lower(&lips->seam, x), 0);
        }
    }
}

void lips_init(struct lips *out, const struct face *face, const struct face_frame *frame,
               const struct seam *seam)
{
    *out = (struct lips){.frame = *frame, .seam = *seam};
    /* mouths of adults are 0.8 E wide */
    out->mm_a_E =
        EYE_DISTANCE_MM / ramp_clamp((seam->right_x - seam->left_x) / 0.80f, 0.85f, 1.15f);
    frame_to_local(frame, face->points[13][0], face->points[13][1], out->middle);
    out->middle[1] = seam_upper(seam, out->middle[0]);
    if (!seam->parted)
        out->middle[1] = 0.5f * (out->middle[1] + seam_lower(seam, out->middle[0]));
    table_cut(out);
    table_red(out, face);
}

struct cut lips_cut(const struct lips *lips, float x)
{
    float at = ramp_clamp((x + CUT_REACH) * (CUT_STEPS / (2 * CUT_REACH)), 0, CUT_STEPS);
    int i = (int)at;
    float f = at - (float)i;
    const struct cut *a = &lips->cut[i], *b = a + 1;
    return (struct cut){
        .y = {ramp_mix(a->y[0], b->y[0], f), ramp_mix(a->y[1], b->y[1], f)},
        .u = ramp_mix(a->u, b->u, f),
        .lean = ramp_mix(a->lean, b->lean, f),
    };
}

struct lip_box lips_box(const struct lips *lips, float far)
{
    /* the margin: a step of the table, and what sheets may differ by that agree */
    const float step = 2 * CUT_REACH / CUT_STEPS, margin = step + 0.05f / lips->frame.eye_px;
    struct lip_box box = {lips->beside * lips->seam.left_x - margin, 1e9f,
                          lips->beside * lips->seam.right_x + margin, -1e9f};
    int first = (int)((box.x0 + CUT_REACH) / step), last = (int)((box.x1 + CUT_REACH) / step) + 1;
    first = first < 0 ? 0 : first;
    last = last > CUT_STEPS + 1 ? CUT_STEPS + 1 : last;
    for (int i = first; i <= last; i++) {
        const struct cut *c = &lips->cut[i];
        float away = far / c->lean;
        box.y0 = lesser(box.y0, lesser(c->y[UPPER], c->y[LOWER]) - away);
        box.y1 = greater(box.y1, greater(c->y[UPPER], c->y[LOWER]) + away);
    }
    box.y0 -= margin;
    box.y1 += margin;
    return box;
}

struct place lips_place(const struct lips *lips, const struct sheet_map *map, ptrdiff_t at, int lip)
{
    struct place p = {.px = {map->x[at], map->y[at]}};
    p.here = p.px[0] > MAP_NOWHERE + 1;
    if (!p.here) {
        p.d = -1;
        return p;
    }
    float local[2];
    frame_to_local(&lips->frame, p.px[0], p.px[1], local);
    struct cut c = lips_cut(lips, local[0]);
    p.x = local[0];
    p.y = local[1];
    p.u = c.u;
    p.d = (lip == UPPER ? c.y[UPPER] - local[1] : local[1] - c.y[LOWER]) * c.lean;
    return p;
}

struct bin lips_bin(const struct lips *lips, float u)
{
    float at = ramp_clamp((u + 1) * ((BINS - 1) / 2), 0, BINS - 1);
    int i = (int)at;
    float f = at - (float)i;
    const struct bin *a = &lips->bin[i], *b = a + 1;
    return (struct bin){
        .open = ramp_mix(a->open, b->open, f),
        .own = ramp_mix(a->own, b->own, f),
        .roll = {ramp_mix(a->roll[0], b->roll[0], f), ramp_mix(a->roll[1], b->roll[1], f)},
        .corner = ramp_mix(a->corner, b->corner, f),
        .contact = ramp_mix(a->contact, b->contact, f),
        .drawn_in = ramp_mix(a->drawn_in, b->drawn_in, f),
        .red = {ramp_mix(a->red[0], b->red[0], f), ramp_mix(a->red[1], b->red[1], f)},
    };
}

void lips_head(const struct lips *lips, float x_px, float y_px, float local[2])
{
    const float *a = lips->to_local;
    local[0] = a[0] * x_px + a[1] * y_px + a[2];
    local[1] = a[3] * x_px + a[4] * y_px + a[5];
}

/* Bins without a pixel of their own lie between those that have one; corners do not part. */
static void fill_gaps(float v[BINS], const float weight[BINS])
{
    int last = -1;
    for (int b = 0; b < BINS; b++) {
        if (!(weight[b] > 0))
            continue;
        for (int k = last + 1; k < b; k++)
            v[k] = last < 0 ? v[b] : ramp_mix(v[last], v[b], (float)(k - last) / (float)(b - last));
        last = b;
    }
    for (int k = last + 1; k < BINS; k++)
        v[k] = last < 0 ? 0 : v[last];
}

/* How far each edge has moved from where the portrait has it, from the pixels near it. */
static void follow_edges(struct lips *lips, const struct sheet_map *sheets[2])
{
    const struct rect r = sheets[UPPER]->region;
    const float near = greater(0.03f, 1.5f / lips->frame.eye_px);
    const struct lip_box box = lips_box(lips, near);
    const struct face_frame frame = lips->frame;
    const int step = lips->frame.eye_px > 60 ? (int)(lips->frame.eye_px / 60) : 1;
    for (int lip = 0; lip < 2; lip++) {
        float weight[BINS] = {0}, dx[BINS] = {0}, dy[BINS] = {0};
        for (int y = r.y0; y < r.y1; y += step)
            for (int x = r.x0; x < r.x1; x += step) {
                const ptrdiff_t k = (ptrdiff_t)(y - r.y0) * (r.x1 - r.x0) + (x - r.x0);
                float from[2];
                frame_to_local(&frame, sheets[lip]->x[k], sheets[lip]->y[k], from);
                if (from[0] < box.x0 || from[0] > box.x1 || from[1] < box.y0 || from[1] > box.y1)
                    continue;
                struct place p = lips_place(lips, sheets[lip], k, lip);
                float w = near - fabsf(p.d);
                if (!p.here || w <= 0 || fabsf(p.u) >= 1)
                    continue;
                float h[2];
                lips_head(lips, (float)x + 0.5f, (float)y + 0.5f, h);
                float at = (p.u + 1) * ((BINS - 1) / 2);
                int b = (int)at;
                float share[2] = {w * (1 - (at - (float)b)), w * (at - (float)b)};
                for (int i = 0; i < 2 && b + i < BINS; i++) {
                    weight[b + i] += share[i];
                    dx[b + i] += share[i] * (h[0] - p.x);
                    dy[b + i] += share[i] * (h[1] - p.y);
                }
            }
        for (int b = 0; b < BINS; b++)
            if (weight[b] > 0) {
                dx[b] /= weight[b];
                dy[b] /= weight[b];
            }
        fill_gaps(dx, weight);
        fill_gaps(dy, weight);
        for (int b = 0; b < BINS; b++) {
            lips->bin[b].dx[lip] = dx[b];
            lips->bin[b].dy[lip] = dy[b];
        }
    }
}

static void judge_opening(struct lips *lips, const struct pose *pose)
{
    lips->hidden = 0;
    /* E of opening at which the line between closed lips has become an inside; for f and v the teeth
     * stand on the lip at once */
    const float shown = 0.030f - 0.010f * pose->au[AU_LABIODENTAL];
    /* rounded lips close in from further inside: their opening is an oval, not a slit */
    const float rounded = ramp_clamp(pose->au[AU_PUCKER] + 0.7f * pose->au[AU_FUNNEL], 0, 1);
    const float corner_from = 0.66f - 0.46f * rounded, corner_to = 0.97f - 0.05f * rounded;
    lips->single_from = 0.92f - 0.10f * rounded;
    lips->beside = rounded > 0 ? LIPS_BESIDE : 1;
    for (int b = 0; b < BINS; b++) {
        struct bin *v = &lips->bin[b];
        float u = bin_u(b), x = x_of_u(&lips->seam, u);
        float rest = greater(seam_lower(&lips->seam, x) - seam_upper(&lips->seam, x), 0);
        float over = v->dy[LOWER] - v->dy[UPPER];
        /* lips that have gone past each other meet in the middle, each hiding its share; for f and v
         * the lower one's edge goes behind the teeth */
        float past = 0.5f * greater(-rest - over, 0);
        float tucked = TUCKED * pose->au[AU_LABIODENTAL] * (1 - u * u) * (1 - u * u);
        over += 2 * past + tucked;
        float gap = rest + over;
        /* an oval's end */
        float end = ramp_clamp((fabsf(u) - corner_from) / (corner_to - corner_from), 0, 1);
        v->corner = (1 - sqrtf(1 - end * end)) * ramp(0, 0.03f, over);
        v->open = ramp(0.003f, 0.045f, over) * (1 - ramp(0.94f, 1, fabsf(u)));
        v->own = 1 - ramp(0.006f, shown, over);
        v->drawn_in = lesser(1.2f * rounded, 1) * ramp(0.70f, 1, fabsf(u));
        v->own *= 1 - v->drawn_in;
        v->red[UPPER] = lips->red[UPPER][b];
        v->red[LOWER] = lips->red[LOWER][b];
        /* in the corners the inner sides of both lips meet: no opening ends in a straight cut */
        gap = greater(gap, 0);
        v->roll[UPPER] = v->open * lesser(MM(0.4f), 0.06f * gap) + 0.46f * v->corner * gap - past;
        v->roll[LOWER] = v->open * lesser(MM(0.8f), 0.10f * gap) * (1 - ramp(0, 0.02f, tucked)) +
                         0.50f * v->corner * gap - past - tucked;
        v->contact =
            ramp(0, 0.03f, 2 * past) + ramp(0, 0.02f, -over) * (1 - ramp(0.003f, 0.02f, gap));
        v->contact = lesser(v->contact, 1);
        lips->hidden = greater(lips->hidden, -lesser(v->roll[UPPER], v->roll[LOWER]));
    }
    lips->bin[BINS] = lips->bin[BINS - 1];
}

/* The same edges over x, as the painter of the interior wants them. */
static void measure_opening(struct lips *lips)
{
    struct opening *o = &lips->opening;
    float at_x[2][BINS], at_y[2][BINS];
    for (int lip = 0; lip < 2; lip++)
        for (int b = 0; b < BINS; b++) {
            float x = x_of_u(&lips->seam, bin_u(b));
            float y = lip == UPPER ? seam_upper(&lips->seam, x) : seam_lower(&lips->seam, x);
            at_x[lip][b] = (x + lips->bin[b].dx[lip] - lips->middle[0]) * lips->mm_a_E;
            float rolled_in = lesser(lips->bin[b].roll[lip], 0) * (lip == UPPER ? 1 : -1);
            at_y[lip][b] = (y + lips->bin[b].dy[lip] + rolled_in - lips->middle[1]) * lips->mm_a_E;
        }
    float left = 0.5f * (at_x[UPPER][0] + at_x[LOWER][0]);
    float right = 0.5f * (at_x[UPPER][BINS - 1] + at_x[LOWER][BINS - 1]);
    right = greater(right, left + 1);
    o->left_mm = left;
    o->right_mm = right;
    for (int lip = 0; lip < 2; lip++) {
        float *out = lip == UPPER ? o->top_mm : o->bottom_mm;
        int b = 0;
        for (int k = 0; k < INTERIOR_COLUMNS; k++) {
            float x = ramp_mix(left, right, (float)k / (INTERIOR_COLUMNS - 1));
            while (b + 2 < BINS && at_x[lip][b + 1] < x)
                b++;
            float run = at_x[lip][b + 1] - at_x[lip][b];
            float f = run > 1e-3f ? ramp_clamp((x - at_x[lip][b]) / run, 0, 1) : 0;
            out[k] = ramp_mix(at_y[lip][b], at_y[lip][b + 1], f);
            o->u[k] = 2 * (x - left) / (right - left) - 1;
        }
    }
}

void lips_follow(struct lips *lips, const struct sheet_map *sheets[2],
                 const struct head_affine *head, const struct pose *pose)
{
    /* frame's pixel -> portrait's pixel -> local */
    float origin[2], across[2], down[2];
    const float *a = head->m;
    frame_to_local(&lips->frame, a[2], a[5], origin);
    frame_to_local(&lips->frame, a[0] + a[2], a[3] + a[5], across);
    frame_to_local(&lips->frame, a[1] + a[2], a[4] + a[5], down);
    for (int c = 0; c < 2; c++) {
        lips->to_local[3 * c] = across[c] - origin[c];
        lips->to_local[3 * c + 1] = down[c] - origin[c];
        lips->to_local[3 * c + 2] = origin[c];
    }
    lips->beside = 1;
    follow_edges(lips, sheets);
    judge_opening(lips, pose);
    measure_opening(lips);
}
