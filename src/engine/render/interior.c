#include "engine/render/interior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "engine/render/ramp.h"

/* A row of teeth unrolled: columns along the arch, rows from the biting edge toward the gum. Colour
 * is premultiplied with the fourth channel, cover. */
enum { SIDE_MM = 32, HIGH_MM = 16, TEXELS_A_MM_MOST = 8 };
#define SOFT_MM   0.3f  /* a picture more blurred than this needs half as many texels */
#define DARK_SKIN 0.16f /* luma; the darkest skin in fair light has about this */
#define EDGE_MM   1.5f  /* of the rows lie before the biting edge's mean */

enum { TEETH = 7, CANINE = 2 }; /* of one side, from the midline */
/* Crown widths of adults, mm, from the midline outward; drop: how far the biting edge stays behind
 * the central incisor's; round: of its corners (Ash & Nelson, Dental Anatomy). */
struct arch {
    float width[TEETH], drop[TEETH], round[TEETH], shade[TEETH];
    float radius, crown; /* mm */
    bool upper;
};
static const struct arch upper_arch = {
    .width = {8.5f, 6.6f, 7.6f, 7.0f, 6.8f, 10, 10},
    .drop = {0, 0.75f, 0.2f, 0.9f, 1.4f, 1.8f, 2.2f},
    .round = {0.55f, 0.85f, 1.5f, 1.2f, 1, 1, 1},
    .shade = {1, 0.98f, 0.93f, 0.92f, 0.90f, 0.87f, 0.85f},
    .radius = 25,
    .crown = 10.2f,
    .upper = true,
};
static const struct arch lower_arch = {
    .width = {5.3f, 5.8f, 6.8f, 7, 7, 10, 10},
    .drop = {0, 0.1f, 0.2f, 0.8f, 1.2f, 1.6f, 2},
    .round = {0.35f, 0.45f, 1, 1, 1, 1, 1},
    .shade = {1, 0.99f, 0.95f, 0.93f, 0.9f, 0.87f, 0.85f},
    .radius = 21.5f,
    .crown = 9,
    .upper = false,
};

struct column {
    float top, bottom, u;
    float arc[2];    /* mm along the upper and the lower arch */
    float facing[2]; /* 1 toward the viewer .. 0 aside */
};

struct interior {
    struct interior_look look;
    float white[3];
    float upper_edge, lower_edge; /* y in this frame, mm */
    float tongue_top, tongue_lift;
    float light; /* what the lips let in */
    float left_mm, columns_a_mm;
    struct column column[INTERIOR_COLUMNS];
    int texels_a_mm, width, height; /* of the painted rows */
    ptrdiff_t pitch;                /* from one of their lines to the next */
    float *row[2];                  /* height x width x 4: upper, lower */
};

/* One tooth, as it grew in this mouth. */
struct tooth {
    float start, width, drop, round; /* mm; start: of its inner side, from the midline */
    float shade, warm;               /* against the row's white */
    float lean;                      /* of its edge, mm from side to side */
    float neck;                      /* where the gum begins, mm */
};

/* Left and right differ a little, as in people. */
static struct tooth tooth_grown(const struct arch *arch, int i, float start, struct random *chance)
{
    float any[5]; /* -1..1 */
    for (int k = 0; k < 5; k++)
        any[k] = 2 * random_unit(chance) - 1;
    return (struct tooth){
        .start = start,
        .width = arch->width[i] * (1 + 0.035f * any[0]),
        .drop = arch->drop[i] + 0.28f * any[1],
        .round = arch->round[i],
        .shade = arch->shade[i] * (1 + 0.035f * any[2]),
        .warm = (i == CANINE ? 0.055f : 0.012f) * (1 + 0.6f * any[3]),
        .lean = 0.18f * any[4],
        .neck = arch->crown + 0.3f * arch->drop[i],
    };
}

/* Colour, relative to white, and cover of a tooth `along` mm from its inner side and `v` mm from the
 * row's edge; *flesh: share of gum there. */
static float tooth_texel(const struct tooth *tooth, float along, float v, float rgb[3],
                         float *flesh)
{
    float t = 2 * along / tooth->width - 1;             /* -1..1 from side to side */
    float beside = lesser(along, tooth->width - along); /* mm from the neighbour */
    float edge = tooth->drop + tooth->round * fabsf(t * t * t) + tooth->lean * t;
    float neck = tooth->neck - 1.5f * t * t;
    float high = (v - edge) / (neck - edge); /* 0 at the biting edge, 1 at the gum */

    /* the enamel turns away at its sides; where two teeth touch there is a soft line, open toward the
     * biting edge: shadow, not ink */
    float lit = tooth->shade * (1 - 0.10f * t * t * t * t);
    lit *= 1 - 0.17f * expf(-beside * beside / 0.055f);
    lit *= 1 - 0.30f * expf(-beside * beside / 0.20f) * (1 - ramp(0, 0.28f, high));
    /* the biting edge lets light through, the neck lies in the gum's shadow, the middle shines */
    lit *= 1 - 0.11f * (1 - ramp(-0.02f, 0.32f, high)) - 0.12f * ramp(0.55f, 1.05f, high);
    lit *= 1 + 0.08f * expf(-(t + 0.2f) * (t + 0.2f) / 0.14f) *
                   expf(-(high - 0.45f) * (high - 0.45f) / 0.05f);
    float yellow = tooth->warm + 0.05f * ramp(0.5f, 1, high);
    rgb[0] = lit * (1 + 0.2f * yellow);
    rgb[1] = lit * (1 - 0.25f * yellow);
    rgb[2] = lit * (1 - 1.4f * yellow);
    *flesh = ramp(neck - 0.35f, neck + 0.35f, v);
    return ramp(edge - 0.12f, edge + 0.18f, v);
}

static void paint_row(float *out, const struct arch *arch, const struct interior *in)
{
    static const float gum[3] = {0.74f, 0.43f, 0.43f};
    struct random chance = random_seeded(in->look.seed, arch->upper ? 11 : 12);
    const float gum_light = 0.30f + 0.72f * in->look.luma, texels = (float)in->texels_a_mm;
    const int middle = in->width / 2;
    for (int side = 0; side < 2; side++) {
        struct tooth tooth = tooth_grown(arch, 0, 0, &chance);
        for (int a = 0, i = 0; a < middle; a++) {
            float from_midline = ((float)a + 0.5f) / texels;
            if (from_midline >= tooth.start + tooth.width && i + 1 < TEETH)
                tooth = tooth_grown(arch, ++i, tooth.start + tooth.width, &chance);
            const int texel = side ? middle + a : middle - 1 - a;
            for (int r = 0; r < in->height; r++) {
                float v = ((float)r + 0.5f) / texels - EDGE_MM, rgb[3], flesh;
                float cover = tooth_texel(&tooth, from_midline - tooth.start, v, rgb, &flesh);
                float *p = out + r * in->pitch + 4 * texel;
                for (int c = 0; c < 3; c++)
                    p[c] = cover * ramp_mix(rgb[c] * in->white[c], gum[c] * gum_light, flesh);
                p[3] = cover;
            }
        }
    }
}

/* Gaussian along one axis; beyond the ends the last texel goes on. */
static void blur_axis(float *texels, float *line, int length, int count, ptrdiff_t step,
                      ptrdiff_t next, float deviation)
{
    enum { MOST = 48 };
    float kernel[MOST + 1], sum = 0;
    int reach = (int)ceilf(2.5f * deviation);
    reach = reach > MOST ? MOST : reach;
    for (int i = 0; i <= reach; i++) {
        kernel[i] = expf(-0.5f * (float)(i * i) / (deviation * deviation));
        sum += i ? 2 * kernel[i] : kernel[i];
    }
    for (int j = 0; j < count; j++)
        for (int c = 0; c < 4; c++) {
            float *v = texels + j * next + c;
            for (int i = 0; i < length; i++)
                line[i] = v[i * step];
            for (int i = 0; i < length; i++) {
                float total = kernel[0] * line[i];
                for (int k = 1; k <= reach; k++)
                    total += kernel[k] *
                             (line[i > k ? i - k : 0] + line[i + k < length ? i + k : length - 1]);
                v[i * step] = total / sum;
            }
        }
}

enum orator_status interior_new(struct interior **out, const struct interior_look *look,
                                struct orator_error *err)
{
    const int texels_a_mm = look->blur_mm < SOFT_MM ? TEXELS_A_MM_MOST : TEXELS_A_MM_MOST / 2;
    const int width = 2 * SIDE_MM * texels_a_mm, height = HIGH_MM * texels_a_mm;
    const int pitch = 4 * (width + 4); /* not a power of 2, or lines share places in the cache */
    const size_t texels = (size_t)pitch * (size_t)height;
    *out = NULL;
    struct interior *in = calloc(1, sizeof *in);
    float *rows = malloc((2 * texels + (size_t)width) * sizeof *rows);
    if (!in || !rows) {
        free(in);
        free(rows);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the teeth");
    }
    in->look = *look;
    in->texels_a_mm = texels_a_mm;
    in->width = width;
    in->height = height;
    in->pitch = pitch;
    in->row[0] = rows;
    in->row[1] = rows + texels;

    /* Real teeth reach 1.25 to 1.40 of the cheek's brightness, near white under the face's light. */
    float white = ramp_clamp(1.34f * look->luma + 0.05f, 0.25f, 0.92f);
    static const float enamel[3] = {1, 0.957f, 0.90f}, skin[3] = {1.26f, 0.94f, 0.83f};
    for (int c = 0; c < 3; c++) {
        /* what tints skin otherwise than most is its light's colour, and tints teeth too */
        float light = look->tint[c] / skin[c] / greater(look->tint[1] / skin[1], 0.1f);
        float mine = white * enamel[c] * greater(0.74f + 0.26f * light, c ? 0.80f : 0.985f);
        float own = look->white[c]; /* seen through a narrow gap: an open mouth lights them more */
        in->white[c] = own <= 0 ? mine : own < mine ? 0.5f * (own + mine) : own;
    }
    const struct arch *arches[2] = {&upper_arch, &lower_arch};
    for (int i = 0; i < 2; i++) {
        paint_row(in->row[i], arches[i], in);
        float deviation = greater(look->blur_mm, 0.05f) * (float)texels_a_mm;
        blur_axis(in->row[i], rows + 2 * texels, width, height, 4, pitch, deviation);
        blur_axis(in->row[i], rows + 2 * texels, height, width, pitch, 4, deviation);
    }
    *out = in;
    return ORATOR_OK;
}

void interior_free(struct interior **in)
{
    if (*in) {
        free((*in)->row[0]);
        free(*in);
    }
    *in = NULL;
}

void interior_pose(struct interior *in, const struct opening *o, const float weights[FIELD_COUNT],
                   const struct pose *pose)
{
    const float pucker = weights[AU_PUCKER], funnel = weights[AU_FUNNEL];
    /* parted lips that close take the jaw along by most of their gap */
    float parted = 0.80f * in->look.gap_mm * (1 - 0.6f * weights[FIELD_CLOSE]);
    float rest_edge = greater(in->look.own_edge_mm, 2.5f); /* incisors show 2 to 3 mm at rest */
    /* who smiles with bare upper teeth holds the lower ones right behind them */
    if (in->look.own_edge_mm > 0)
        parted = lesser(parted, rest_edge - 0.6f);
    in->upper_edge = rest_edge - 2.4f * pucker - 1.3f * funnel;
    /* half of a small opening is the lips' alone: both rows stay close together and fill it */
    float jaw = weights[AU_JAW] * (0.50f + 0.50f * ramp(0.10f, 0.60f, weights[AU_JAW]));
    in->lower_edge = 0.3f + parted + 0.80f * JAW_DROP_MM * jaw + 2 * pucker + 2 * funnel;
    in->tongue_lift = pose->tongue;
    /* the tongue's back is seen over the lower teeth, higher in spread vowels than in open ones; for
     * l, th and t its tip comes up behind the upper ones */
    float between = greater(in->lower_edge - in->upper_edge, 0);
    float high = ramp_clamp(0.60f + 0.35f * weights[AU_WIDE] - 0.12f * weights[AU_JAW], 0.4f, 0.9f);
    in->tongue_top = ramp_mix(in->lower_edge - high * between - 0.4f, in->upper_edge - 1.5f,
                              0.92f * pose->tongue);
    in->light = 1 - 0.68f * ramp_clamp(pucker + 0.35f * funnel, 0, 1);

    in->left_mm = o->left_mm;
    in->columns_a_mm = (INTERIOR_COLUMNS - 1) / (o->right_mm - o->left_mm);
    const float yaw = ramp_clamp(in->look.yaw_rad + pose->yaw_rad, -0.6f, 0.6f);
    const float turned = sinf(yaw), radius[2] = {upper_arch.radius, lower_arch.radius};
    const float wide = in->look.wide;
    for (int k = 0; k < INTERIOR_COLUMNS; k++) {
        struct column *c = &in->column[k];
        float x = o->left_mm + (float)k / in->columns_a_mm;
        c->top = o->top_mm[k];
        c->bottom = o->bottom_mm[k];
        c->u = o->u[k];
        for (int i = 0; i < 2; i++) {
            /* an arch of teeth is flatter in front than a circle: 0.93, and grows to the sides */
            float along = asinf(ramp_clamp(x / (wide * radius[i]) + turned, -0.999f, 0.999f)) - yaw;
            c->arc[i] = radius[i] * 0.93f * along * (1 + 0.05f * along * along);
            c->facing[i] = cosf(ramp_clamp(along + yaw, -1.5f, 1.5f));
        }
    }
}

/* Lays the row over `rgb`, lit by how far the arch faces the viewer. */
static void lay_row(float rgb[3], const struct interior *in, int which, float arc_mm,
                    float from_edge_mm, float light)
{
    const float texels = (float)in->texels_a_mm;
    float x = (arc_mm + SIDE_MM) * texels - 0.5f;
    float y = (from_edge_mm + EDGE_MM) * texels - 0.5f;
    if (y <= 0 || x < 0 || x >= (float)(in->width - 1))
        return;
    y = lesser(y, (float)in->height - 1.01f);
    int i = (int)x, j = (int)y;
    float fx = x - (float)i, fy = y - (float)j;
    const float *a = in->row[which] + j * in->pitch + 4 * i, *b = a + in->pitch;
    float p[4];
    for (int c = 0; c < 4; c++)
        p[c] = ramp_mix(ramp_mix(a[c], a[c + 4], fx), ramp_mix(b[c], b[c + 4], fx), fy);
    /* what reaches the teeth at the sides has been off lips and cheeks */
    const float lit[3] = {light, light * (0.84f + 0.16f * light), light * (0.79f + 0.21f * light)};
    for (int c = 0; c < 3; c++)
        rgb[c] = rgb[c] * (1 - p[3]) + p[c] * lit[c];
}

/* Of the light on the front teeth, what reaches one that faces aside: canines have three quarters. */
static float lit_aside(float facing) { return 0.12f + 0.88f * ramp(0.05f, 1.02f, facing); }

/* What was mixed above is flesh and enamel in the light of a fair picture. A very dark one has less of it
 * than its skin suggests, and one without colours gets none. */
static void suit_portrait(const struct interior_look *look, float rgb[3])
{
    const float dim = ramp_clamp(look->luma / DARK_SKIN, 0, 1);
    const float grey = 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
    for (int c = 0; c < 3; c++)
        rgb[c] = dim * (look->one_hue ? grey * look->tint[c] : rgb[c]);
}

void interior_colour(const struct interior *in, float x, float y, float rgb[3])
{
    float at = ramp_clamp((x - in->left_mm) * in->columns_a_mm, 0, INTERIOR_COLUMNS - 1.001f);
    int k = (int)at;
    const float f = at - (float)k;
    const struct column *p = &in->column[k], *q = p + 1;
    const float luma = in->look.luma;
    const float below_top = y - ramp_mix(p->top, q->top, f);
    const float above_bottom = ramp_mix(p->bottom, q->bottom, f) - y;

    /* cavity: never black, blood shines through */
    static const float cavity[3] = {0.27f, 0.082f, 0.082f}, flesh[3] = {0.72f, 0.39f, 0.39f};
    for (int c = 0; c < 3; c++)
        rgb[c] = cavity[c] * (0.35f + luma);

    float rise = in->tongue_top + 0.011f * x * x;
    float tongue = ramp(-1.8f, 2.2f, y - rise) * (1 - ramp(11, 17, fabsf(x)));
    if (tongue > 0) {
        float deep = ramp(-1.5f, 6, y - rise); /* its front is nearer to the light */
        float lit = (0.40f + 0.80f * luma) * (0.62f + 0.36f * deep + 0.15f * in->tongue_lift);
        lit *= 1 - 0.30f * ramp(2, 14, fabsf(x)) - 0.10f / (1 + x * x / 1.5f); /* the groove */
        for (int c = 0; c < 3; c++)
            rgb[c] = ramp_mix(rgb[c], flesh[c] * lit, tongue);
    }

    /* a portrait whose teeth end in dark corners keeps these */
    const float *own = in->look.own_reach_mm;
    float past = own[0] < own[1] ? greater(own[0] - x, x - own[1]) : -9;
    const float corner = 1 - 0.66f * ramp(-1.0f, 4.5f, past);

    float facing = ramp_mix(p->facing[1], q->facing[1], f);
    float light = lit_aside(facing);
    float depth = ramp_clamp(0.93f - 0.009f * (in->lower_edge - in->upper_edge), 0.6f, 1);
    lay_row(rgb, in, 1, ramp_mix(p->arc[1], q->arc[1], f), y - in->lower_edge - 1.2f * (1 - facing),
            light * depth * corner);

    facing = ramp_mix(p->facing[0], q->facing[0], f);
    light = lit_aside(facing);
    float from_edge = in->upper_edge - y - 3.2f * (1 - facing);
    float shadow = 1 - ramp(0, 3.2f, -from_edge); /* of the upper teeth, below them */
    rgb[0] *= 1 - 0.24f * shadow;
    rgb[1] *= 1 - 0.32f * shadow;
    rgb[2] *= 1 - 0.34f * shadow;
    lay_row(rgb, in, 0, ramp_mix(p->arc[0], q->arc[0], f), from_edge, light * corner);

    float aside = fabsf(ramp_mix(p->u, q->u, f));
    float occlusion = (0.66f + 0.34f * ramp(0, 1.8f, below_top)) *
                      (0.82f + 0.18f * ramp(-0.2f, 1.3f, above_bottom)) *
                      (0.38f + 0.62f * (1 - ramp(0.58f, 0.99f, aside))) * in->light;
    /* light that got here off lips and cheeks is red */
    rgb[0] *= occlusion;
    const float red = 0.68f + 0.32f * occlusion - 0.12f * (1 - in->light);
    rgb[1] *= occlusion * red;
    rgb[2] *= occlusion * (red + 0.02f);
    suit_portrait(&in->look, rgb);
}
