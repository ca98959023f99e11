#include "engine/render/mouth.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "engine/render/lips.h"
#include "engine/render/look.h"
#include "engine/render/ramp.h"
#include "engine/render/sample.h"

enum { NOISE = 128 }; /* side of the tile of grain */
/* E from a lip's contour its colour is gone from the portrait's own teeth; and deviations of its blur. */
#define OWN_CLEAN      0.022f
#define OWN_CLEAN_BLUR 1.7f

#define BROAD_SMILE 0.08f /* E between the lips */
/* Half the rise of a smooth step, in deviations of the Gaussian that makes the same edge. */
#define STEP_OF_BLUR 2.4f

struct mouth {
    struct lips lips;
    struct rect region;
    struct colours colours; /* of the region, which is also all that the lips are drawn of */
    struct interior *interior;
    struct look look;
    float soft;                 /* half width of a lip's edge, E */
    float own_clean;            /* E */
    float band[2];              /* how far the dark line reaches into each lip, E */
    float line, line_mm;        /* depth and half width of the line where lips touch */
    float shade;                /* of this frame: rounded lips keep the light out */
    float grain[NOISE * NOISE]; /* luma codes */
    int width_px, height_px;
    float *row[2][3]; /* U, V, mask of two lines */
};

/* ---- once a portrait ---- */

/* Grain with the portrait's own strength and softness, the same for every frame. */
static void make_grain(struct mouth *m, uint64_t seed)
{
    enum { MASK = NOISE - 1 };
    struct random chance = random_seeded(seed, 13);
    for (int i = 0; i < NOISE * NOISE; i++)
        m->grain[i] = random_normal(&chance);
    int passes = (int)(2 * m->look.blur_px * m->look.blur_px); /* each adds 1/2 to the variance */
    for (int pass = 0; pass < 2 * passes; pass++) {
        const int step = pass & 1 ? NOISE : 1;
        for (int line = 0; line < NOISE; line++) {
            float *v = m->grain + (ptrdiff_t)line * (step == 1 ? NOISE : 1);
            float first = v[0], last = v[(ptrdiff_t)MASK * step];
            for (int i = 0; i < NOISE; i++) {
                float here = v[(ptrdiff_t)i * step];
                float next = i < MASK ? v[(ptrdiff_t)(i + 1) * step] : first;
                v[(ptrdiff_t)i * step] = 0.25f * last + 0.5f * here + 0.25f * next;
                last = here;
            }
        }
    }
    float sum = 0;
    for (int i = 0; i < NOISE * NOISE; i++)
        sum += m->grain[i] * m->grain[i];
    /* more than 0.8 % of full scale looks like a fault inside a dark mouth */
    float scale = lesser(m->look.grain, 0.008f * 255) / sqrtf(sum / (NOISE * NOISE) + 1e-9f);
    for (int i = 0; i < NOISE * NOISE; i++)
        m->grain[i] *= scale;
}

/* Lips part by up to 0.43 E and corners move by 0.14 E; a margin for the soft border around that. */
static struct rect reach_of(const struct mouth *m)
{
    const float left = m->lips.seam.left_x - 0.22f, right = m->lips.seam.right_x + 0.22f;
    const float corner[4][2] = {{left, -0.34f}, {right, -0.34f}, {left, 0.80f}, {right, 0.80f}};
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    for (int i = 0; i < 4; i++) {
        float p[2];
        frame_to_px(&m->lips.frame, corner[i][0], corner[i][1], p);
        for (int c = 0; c < 2; c++) {
            lo[c] = lesser(lo[c], p[c]);
            hi[c] = greater(hi[c], p[c]);
        }
    }
    const int w = m->width_px, h = m->height_px;
    struct rect r = {
        (int)ramp_clamp(lo[0], 0, (float)w) & ~1,
        (int)ramp_clamp(lo[1], 0, (float)h) & ~1,
        ((int)ramp_clamp(hi[0], 0, (float)w) + 1) & ~1,
        ((int)ramp_clamp(hi[1], 0, (float)h) + 1) & ~1,
    };
    r.x1 = r.x1 > w ? w & ~1 : r.x1;
    r.y1 = r.y1 > h ? h & ~1 : r.y1;
    return r;
}

static struct interior_look interior_light(const struct mouth *m, const struct face *face,
                                           uint64_t seed)
{
    const struct look *look = &m->look;
    const float blur_px = look->blur_px + 0.35f * greater(look->blur_px - 1.2f, 0);
    const float half_mm = 0.5f * (m->lips.seam.right_x - m->lips.seam.left_x) * m->lips.mm_a_E;
    struct interior_look out = {
        .luma = look->luma,
        .one_hue = look->one_hue,
        .blur_mm = greater(blur_px, 0.5f) / m->lips.frame.eye_px * m->lips.mm_a_E,
        .gap_mm = m->lips.seam.parted ? m->lips.seam.gap_max * m->lips.mm_a_E : 0,
        .wide = ramp_clamp(half_mm / 27, 1, 1.12f),
        .yaw_rad = face->yaw_rad,
        .seed = seed,
    };
    memcpy(out.tint, look->tint, sizeof out.tint);
    if (look->teeth) {
        memcpy(out.white, look->teeth_white, sizeof out.white);
        /* between narrowly parted lips teeth are hidden at the sides, not missing */
        for (int side = 0; side < 2 && m->lips.seam.gap_max > BROAD_SMILE; side++)
            out.own_reach_mm[side] = (look->teeth_reach[side] - m->lips.middle[0]) * m->lips.mm_a_E;
        out.own_edge_mm = (look->teeth_edge - m->lips.middle[1]) * m->lips.mm_a_E;
    }
    return out;
}

enum orator_status mouth_new(struct mouth **out, const struct texture *still,
                             const struct face *face, const struct face_frame *frame,
                             const struct seam *seam, uint64_t seed, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    *out = NULL;
    struct mouth *m = calloc(1, sizeof *m);
    const size_t line = (size_t)still->width_px + 4;
    float *rows = calloc(6 * line, sizeof *rows);
    if (!m || !rows) {
        free(m);
        free(rows);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the mouth");
    }
    for (int i = 0; i < 6; i++)
        m->row[i / 3][i % 3] = rows + (size_t)i * line + 2;
    m->width_px = still->width_px;
    m->height_px = still->height_px;
    m->look = look_at(still, face, frame, seam);
    lips_init(&m->lips, face, frame, seam);
    m->soft = greater(greater(0.9f, STEP_OF_BLUR * m->look.blur_px) / frame->eye_px, 0.008f);
    const float blur_mm = m->look.blur_px / frame->eye_px * EYE_DISTANCE_MM;
    m->line_mm = hypotf(0.9f, 1.5f * blur_mm);
    m->line = 0.34f * sqrtf(0.9f / m->line_mm);
    m->own_clean = greater(OWN_CLEAN, OWN_CLEAN_BLUR * m->look.blur_px / frame->eye_px);
    const float bleeds = greater(0.006f, lesser(1.1f * m->look.blur_px / frame->eye_px, MM(1.6f)));
    m->band[UPPER] = seam->parted ? bleeds : 1.3f * seam->dark_upper;
    m->band[LOWER] = seam->parted ? bleeds : 1.6f * seam->dark_lower;
    make_grain(m, seed);
    m->region = reach_of(m);
    TRY(colours_new(&m->colours, still, m->region, err));
    struct interior_look light = interior_light(m, face, seed);
    TRY(interior_new(&m->interior, &light, err));
    *out = m;
    return ORATOR_OK;
done:
    mouth_free(&m);
    return s;
}

void mouth_free(struct mouth **m)
{
    if (*m) {
        free((*m)->row[0][0] - 2);
        interior_free(&(*m)->interior);
        colours_fini(&(*m)->colours);
        free(*m);
    }
    *m = NULL;
}

struct rect mouth_region(const struct mouth *m) { return m->region; }

/* ---- once a pixel ---- */

static const colour black = {16, 128, 128, 0};

/* Y above black, U and V around 0: darkening is then one factor for all three. */
static colour sample(const struct mouth *m, const float p[2])
{
    return colour_at(&m->colours, p[0], p[1]) - black;
}

static colour mix(colour from, colour to, float share) { return from + (to - from) * share; }

/* A bell without exp(), so that every CPU gives the same bits. */
static float bell(float z)
{
    float v = 1 / (1 + z * z);
    return v * v;
}

/* A lip near its edge, as one function of the distance `d` across it, from the outer skin over the
 * edge to the inner side: texture mirrored out of the dark line, turning away from the light. */
static colour sample_lip(const struct mouth *m, const struct place *p, const struct bin *b, int lip)
{
    /* no further than red goes, but for corners that are squeezed */
    const float red = ramp_mix(b->red[lip], greater(b->red[lip], 1.9f * m->band[lip]), b->drawn_in);
    const float band = ramp_clamp(0.45f * red - 0.006f, 0, m->band[lip]),
                mm = (p->d + lesser(b->roll[lip], 0)) * EYE_DISTANCE_MM;
    float at[2] = {p->px[0], p->px[1]};
    const float folded = greater(greater(b->open, b->contact), b->drawn_in);
    if (folded > 0) {
        /* its texture is drawn up to the edge from where the dark line's shade ends, and goes on beyond the
         * edge as its mirror image */
        const float far = lesser(2.6f * band, greater(0.9f * red, 1.2f * band));
        const float from = band + fabsf(p->d) * (1 - band / greater(far, 1e-4f));
        float shift = folded * greater(from - p->d, 0);
        shift *= (lip == UPPER ? -1.0f : 1.0f) * m->lips.frame.eye_px;
        at[0] += shift * m->lips.frame.down[0];
        at[1] += shift * m->lips.frame.down[1];
    }
    float shade = 1;
    if (b->open > 0) {
        if (lip == UPPER)
            shade = 0.58f + 0.42f * ramp(-0.9f, 1.0f, mm);
        else
            shade = 0.72f + 0.28f * ramp(-1.9f, 0.6f, mm) + 0.05f * bell((mm - 1.3f) / 0.8f);
        shade = ramp_mix(1, shade, b->open);
    }
    if (b->corner > 0)
        shade *=
            1 - 0.66f * b->corner * ramp(-0.6f, greater(1.8f, b->roll[lip] * EYE_DISTANCE_MM), -mm);
    /* a rolled-in lip turns away from the light toward the line where both meet */
    if (b->contact > 0)
        shade *=
            1 - b->contact * (m->line * bell(mm / m->line_mm) + 0.14f * (1 - ramp(0, 2.6f, mm)));
    /* thin skin in shadow is redder, not greyer */
    const float hue = 0.4f + 0.6f * shade;
    return sample(m, at) * (colour){shade, hue, hue, 0};
}

/* Skin beside a rounded mouth is drawn in and stretched: the end of the line between the lips, a shade in
 * the portrait, would become a long crease. What lies above and below closes over it. */
static bool close_beside(const struct mouth *m, const struct place *on, colour *out)
{
    struct bin b = lips_bin(&m->lips, on->u);
    b.drawn_in *= 1 - ramp(1.1f, LIPS_BESIDE, fabsf(on->u));
    if (b.drawn_in <= 0)
        return false;
    struct place below = *on;
    below.d = -on->d;
    const float soft = greater(m->soft, 0.5f * m->band[LOWER]), t = ramp(-soft, soft, below.d);
    *out = mix(sample_lip(m, on, &b, UPPER), sample_lip(m, &below, &b, LOWER), t);
    return true;
}

/* What is seen between the lips at a pixel of the frame. */
static colour sample_inside(const struct mouth *m, const struct place on[2], const float head[2],
                            const struct bin *b)
{
    const float between = on[UPPER].d + on[LOWER].d; /* < 0: minus the gap here */
    float share = 0;                                 /* of the portrait's own */
    colour own = {0};
    if (!m->lips.seam.parted && b->own > 0 && on[UPPER].here && on[LOWER].here) {
        /* the line between closed lips, widened with the gap: between both sheets by distance */
        float t = between < -1e-5f ? ramp_clamp(on[UPPER].d / between, 0, 1) : 0.5f;
        const float p[2] = {ramp_mix(on[UPPER].px[0], on[LOWER].px[0], t),
                            ramp_mix(on[UPPER].px[1], on[LOWER].px[1], t)};
        own = sample(m, p);
        share = b->own;
    } else if (m->lips.seam.parted) {
        /* the portrait's own teeth stay on the skull; where a lip has moved away from them they are drawn
         * up to it from where its shade ends, and go on beyond as their own mirror image */
        struct cut c = lips_cut(&m->lips, head[0]);
        float inside[2] = {(head[1] - c.y[UPPER]) * c.lean, (c.y[LOWER] - head[1]) * c.lean};
        float y = head[1];
        if (on[UPPER].here) {
            const float far = 2.5f * m->own_clean;
            float from = m->own_clean + sqrtf(inside[UPPER] * inside[UPPER] + MM(0.3f) * MM(0.3f)) *
                                            (1 - m->own_clean / far);
            float bared = greater(from - inside[UPPER], 0);
            bared *= ramp(0, 0.02f, fabsf(inside[UPPER] + on[UPPER].d));
            inside[UPPER] += bared;
            inside[LOWER] -= bared;
            y += bared / c.lean;
        }
        share = (1 - ramp(0.86f, 1, fabsf(c.u)) * b->open) * (1 - m->shade);
        for (int lip = 0; lip < 2; lip++) {
            float moved = fabsf(inside[lip] + on[lip].d);
            float clean = ramp(0.002f, m->own_clean, inside[lip]);
            share *= on[lip].here ? ramp_mix(1, clean, ramp(0, 0.03f, moved)) : clean;
        }
        if (share > 0) {
            float p[2];
            frame_to_px(&m->lips.frame, head[0], y, p);
            own = sample(m, p);
            /* only teeth stay where they are; darkness and tongue give way to the painted ones */
            float down = (y - c.y[UPPER]) / greater(c.y[LOWER] - c.y[UPPER], 1e-3f);
            float tooth = look_tooth(&m->look, &m->lips.seam, head[0], down);
            share *= ramp_mix(1, tooth, b->open);
            /* a lip that has come off them throws its shadow on them */
            float lit = 1 - 0.22f * b->open * (1 - ramp(0, MM(1.8f), -on[UPPER].d));
            lit *= 1 - m->shade;
            /* light that got there off the lips is red */
            own[2] += 0.08f * (1 - lit) * own[0];
            own *= lit;
        }
    }
    if (share >= 1)
        return own;
    float rgb[3], painted[3];
    interior_colour(m->interior, (head[0] - m->lips.middle[0]) * m->lips.mm_a_E,
                    (head[1] - m->lips.middle[1]) * m->lips.mm_a_E, rgb);
    look_yuv(rgb, painted);
    float p[2];
    frame_to_px(&m->lips.frame, head[0], head[1], p);
    painted[0] += m->grain[((int)p[1] & (NOISE - 1)) * NOISE + ((int)p[0] & (NOISE - 1))];
    return mix((colour){painted[0], painted[1], painted[2]}, own, share);
}

/* So far from its edge a lip is as in the portrait. */
static float plain_from(const struct lips *lips) { return MM(3.2f) + lips->hidden; }

#define SAME_PX 0.02f /* no further apart, two sheets show the same */

/* The mouth's colour at a pixel, and whether it has one there: false leaves the frame's. `at` is the
 * pixel's index in the maps. */
static bool paint(const struct mouth *m, const struct sheet_map *sheets[2], ptrdiff_t at,
                  float x_px, float y_px, colour *out)
{
    const float plain = plain_from(&m->lips);
    struct place on[2];
    on[UPPER] = lips_place(&m->lips, sheets[UPPER], at, UPPER);
    if (on[UPPER].d > plain)
        return false;
    const bool same = fabsf(sheets[UPPER]->x[at] - sheets[LOWER]->x[at]) < SAME_PX &&
                      fabsf(sheets[UPPER]->y[at] - sheets[LOWER]->y[at]) < SAME_PX;
    if (same && on[UPPER].here && fabsf(on[UPPER].u) >= 1)
        return -on[UPPER].d < plain && close_beside(m, &on[UPPER], out);
    on[LOWER] = lips_place(&m->lips, sheets[LOWER], at, LOWER);
    if (same && on[LOWER].d > plain)
        return false;
    float aside =
        greater(on[UPPER].here ? fabsf(on[UPPER].u) : 0, on[LOWER].here ? fabsf(on[LOWER].u) : 0);

    struct bin b[2] = {lips_bin(&m->lips, on[on[UPPER].here ? UPPER : LOWER].u),
                       lips_bin(&m->lips, on[on[LOWER].here ? LOWER : UPPER].u)};
    float cover[2];
    for (int lip = 0; lip < 2; lip++) {
        float s = m->soft + 0.3f * greater(b[lip].roll[lip], 0);
        cover[lip] = on[lip].here ? ramp(-s, s, on[lip].d + b[lip].roll[lip]) : 0;
    }
    colour lips[2] = {{0}}, inside = {0};
    const float single = greater(ramp(m->lips.single_from, 1, aside), b[UPPER].drawn_in);
    const float behind = (1 - cover[UPPER]) * (1 - cover[LOWER]);
    for (int lip = 0; lip < 2; lip++)
        if (on[lip].here && (cover[lip] > 0 || single > 0 || b[lip].contact > 0))
            lips[lip] = sample_lip(m, &on[lip], &b[lip], lip);
    if (behind > 0 && single < 1) {
        float head[2];
        lips_head(&m->lips, x_px, y_px, head);
        inside = sample_inside(m, on, head, &b[UPPER]);
    }
    if (behind > 0 && single > 0) { /* corners close softly: one sheet there */
        float between = on[UPPER].d + on[LOWER].d;
        float t = !on[UPPER].here                       ? 1
                  : !on[LOWER].here || between > -1e-5f ? 0
                                                        : ramp(0, 1, on[UPPER].d / between);
        inside = mix(inside, mix(lips[UPPER], lips[LOWER], t), single);
    }
    /* where lips touch there is nothing between them */
    const float touch = on[UPPER].here && on[LOWER].here ? b[UPPER].contact : 0;
    inside = mix(inside, 0.45f * (lips[UPPER] + lips[LOWER]), touch);
    *out = mix(mix(inside, lips[LOWER], cover[LOWER]), lips[UPPER], cover[UPPER]);
    return true;
}

/* ---- into the frame ---- */

static uint8_t to_byte(float v) { return (uint8_t)(ramp_clamp(v, 0, 255) + 0.5f); }

/* Pixels of a row, counted from the region's left. */
struct span {
    int from, to;
};

/* The pixels of a row that paint() may find something at: most of a region lies away from the lips' box,
 * where both sheets agree and the frame is as it should be. `may` is scratch, of a row's length. */
static struct span span_to_paint(const struct sheet_map *sheets[2], ptrdiff_t row, int width,
                                 const struct face_frame *frame, const struct lip_box *near,
                                 float *restrict may)
{
    const struct sheet_map *upper = sheets[UPPER], *lower = sheets[LOWER];
    const float *restrict upper_x = upper->x + row, *restrict upper_y = upper->y + row;
    const float *restrict lower_x = lower->x + row, *restrict lower_y = lower->y + row;
    const struct face_frame f = *frame;
    const float across[2] = {f.right[0] / f.eye_px, f.right[1] / f.eye_px};
    const float down[2] = {f.down[0] / f.eye_px, f.down[1] / f.eye_px};
    const struct lip_box box = *near;
#pragma omp simd
    for (int i = 0; i < width; i++) {
        float dx = upper_x[i] - f.origin_px[0], dy = upper_y[i] - f.origin_px[1];
        float x = dx * across[0] + dy * across[1], y = dx * down[0] + dy * down[1];
        float away = greater(greater(box.x0 - x, x - box.x1), greater(box.y0 - y, y - box.y1));
        float apart = greater(fabsf(upper_x[i] - lower_x[i]), fabsf(upper_y[i] - lower_y[i]));
        bool here = upper_x[i] > MAP_NOWHERE + 1;
        may[i] = (away > 0) & (apart < SAME_PX) & here ? 0.0f : 1.0f;
    }
    struct span s = {0, width};
    while (s.from < s.to && may[s.from] == 0)
        s.from++;
    while (s.to > s.from && may[s.to - 1] == 0)
        s.to--;
    return s;
}

/* 1 inside the region, falling to 0 on its border pixels. */
static float border(int at, int from, int to, float fade)
{
    int inside = at - from < to - 1 - at ? at - from : to - 1 - at;
    return (float)inside >= fade ? 1 : ramp(0, fade, (float)inside);
}

/* Chroma of 4:2:0 stands on the even column, between two rows: weights 1 2 1 across. A sample that is
 * partly painted takes the rest from the upper sheet, as the frame did. */
static void lay_chroma(const struct mouth *m, struct picture *frame, const struct sheet_map *upper,
                       int y, struct span reach)
{
    const struct rect r = upper->region;
    const int first = r.x0 + (reach.from & ~1), last = r.x0 + reach.to;
    for (int x = first; x <= last && x < r.x1; x += 2) {
        float mask = 0, sum[2] = {0};
        for (int line = 0; line < 2; line++)
            for (int k = -1; k <= 1; k++)
                mask = greater(mask, m->row[line][2][x - r.x0 + k]);
        if (mask <= 0)
            continue;
        for (int line = 0; line < 2; line++)
            for (int k = -1; k <= 1; k++) {
                const float w = k ? 0.125f : 0.25f;
                const int i = x - r.x0 + k;
                const ptrdiff_t at = (ptrdiff_t)(y + line - r.y0) * (r.x1 - r.x0) + (i < 0 ? 0 : i);
                float uv[2] = {m->row[line][0][i], m->row[line][1][i]};
                if (m->row[line][2][i] <= 0) {
                    const colour there = sample(m, (const float[2]){upper->x[at], upper->y[at]});
                    uv[0] = there[1];
                    uv[1] = there[2];
                }
                for (int c = 0; c < 2; c++)
                    sum[c] += w * uv[c];
            }
        for (int c = 0; c < 2; c++) {
            uint8_t *out = frame->plane[c + 1] + (y / 2) * frame->stride[c + 1] + x / 2;
            *out = to_byte(ramp_mix(*out, sum[c] + 128, mask));
        }
    }
}

void mouth_draw(struct mouth *m, struct picture *frame, const struct sheet_map *upper,
                const struct sheet_map *lower, const struct head_affine *head,
                const struct pose *pose)
{
    const struct sheet_map *sheets[2] = {upper, lower};
    const struct rect r = upper->region;
    const int width = r.x1 - r.x0;
    assert(!(r.x0 & 1) && !(r.y0 & 1) && !(r.x1 & 1) && !(r.y1 & 1));
    if (width <= 0 || width > m->width_px)
        return;

    lips_follow(&m->lips, sheets, head, pose);
    float weights[FIELD_COUNT];
    fields_weights(weights, pose, &m->lips.seam);
    interior_pose(m->interior, &m->lips.opening, weights, pose);
    m->shade = 0.70f * ramp_clamp(weights[AU_PUCKER] + 0.35f * weights[AU_FUNNEL], 0, 1);

    const float fade = greater(3, 0.06f * m->lips.frame.eye_px);
    const struct lip_box near = lips_box(&m->lips, plain_from(&m->lips));
    struct span both = {width, 0}; /* of two rows */
    for (int y = r.y0; y < r.y1; y++) {
        float **row = m->row[y & 1];
        uint8_t *luma = frame->plane[0] + y * frame->stride[0];
        const float edge_y = border(y, r.y0, r.y1, fade);
        const ptrdiff_t start = (ptrdiff_t)(y - r.y0) * width;
        const struct span span = span_to_paint(sheets, start, width, &m->lips.frame, &near, row[2]);
        memset(row[2] - 1, 0, (size_t)(width + 2) * sizeof(float));
        if (span.from < span.to)
            both = (struct span){span.from < both.from ? span.from : both.from,
                                 span.to > both.to ? span.to : both.to};
        for (int i = span.from; i < span.to; i++) {
            const int x = r.x0 + i;
            colour yuv;
            const float mask = edge_y * border(x, r.x0, r.x1, fade);
            if (mask <= 0 || !paint(m, sheets, start + i, (float)x + 0.5f, (float)y + 0.5f, &yuv))
                continue;
            luma[x] = to_byte(ramp_mix(luma[x], yuv[0] + 16, mask));
            row[0][i] = yuv[1];
            row[1][i] = yuv[2];
            row[2][i] = mask;
        }
        if (y & 1) {
            lay_chroma(m, frame, upper, y - 1, both);
            both = (struct span){width, 0};
        }
    }
}
