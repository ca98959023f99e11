#include "engine/render/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/ramp.h"

/* Kr, Kg, Kb of ITU-R BT.709. */
#define KR 0.2126f
#define KG 0.7152f
#define KB 0.0722f

/* U and V over Y: what noise and JPEG make of one hue; real lips differ by .1 and more. */
#define ONE_HUE 0.02f

void look_rgb(const float yuv[3], float rgb[3])
{
    const float y = yuv[0] / 219, cb = yuv[1] / 112, cr = yuv[2] / 112;
    rgb[0] = y + (1 - KR) * cr;
    rgb[2] = y + (1 - KB) * cb;
    rgb[1] = (y - KR * rgb[0] - KB * rgb[2]) / KG;
}

void look_yuv(const float rgb[3], float yuv[3])
{
    const float y = KR * rgb[0] + KG * rgb[1] + KB * rgb[2];
    yuv[0] = 219 * y;
    yuv[1] = 112 * (rgb[2] - y) / (1 - KB);
    yuv[2] = 112 * (rgb[0] - y) / (1 - KR);
}

static int clamp_to(int v, int count) { return v < 0 ? 0 : v >= count ? count - 1 : v; }

static int luma_at(const struct texture *t, int x, int y)
{
    return t->plane[0][clamp_to(y, t->height_px) * t->stride + clamp_to(x, t->width_px)];
}

static void yuv_at(const struct texture *t, float x_px, float y_px, float yuv[3])
{
    static const float zero[3] = {16, 128, 128};
    ptrdiff_t at = clamp_to((int)floorf(y_px), t->height_px) * t->stride +
                   clamp_to((int)floorf(x_px), t->width_px);
    for (int c = 0; c < 3; c++)
        yuv[c] = (float)t->plane[c][at] - zero[c];
}

static void colour_at(const struct texture *t, float x_px, float y_px, float rgb[3])
{
    float yuv[3];
    yuv_at(t, x_px, y_px, yuv);
    look_rgb(yuv, rgb);
}

static float luma_of(const float rgb[3]) { return KR * rgb[0] + KG * rgb[1] + KB * rgb[2]; }

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Cheeks and chin of the mesh; the median of patches, so that one in shadow or under hair is
 * outvoted. Grain is the median residue there against the four neighbours. */
static void look_at_skin(struct look *out, const struct texture *t, const struct face *face,
                         const struct face_frame *f)
{
    enum { PATCHES = 8, SIDE = 7 };
    static const int points[PATCHES] = {50, 205, 207, 280, 425, 427, 199, 200};
    float luma[PATCHES], rest[PATCHES * SIDE * SIDE], mean[3] = {0};
    int residues = 0;
    for (int i = 0; i < PATCHES; i++) {
        float patch[3] = {0};
        for (int j = 0; j < SIDE * SIDE; j++) {
            float step = 0.012f * f->eye_px, rgb[3];
            float x = face->points[points[i]][0] + (float)(j % SIDE - SIDE / 2) * step;
            float y = face->points[points[i]][1] + (float)(j / SIDE - SIDE / 2) * step;
            colour_at(t, x, y, rgb);
            for (int c = 0; c < 3; c++)
                patch[c] += rgb[c] / (SIDE * SIDE);
            int px = (int)floorf(x), py = (int)floorf(y);
            int around = luma_at(t, px - 1, py) + luma_at(t, px + 1, py) + luma_at(t, px, py - 1) +
                         luma_at(t, px, py + 1);
            rest[residues++] = fabsf((float)luma_at(t, px, py) - 0.25f * (float)around);
        }
        luma[i] = luma_of(patch);
        for (int c = 0; c < 3; c++)
            mean[c] += patch[c] / PATCHES;
    }
    qsort(luma, PATCHES, sizeof luma[0], by_size);
    qsort(rest, (size_t)residues, sizeof rest[0], by_size);
    out->luma = ramp_clamp(0.5f * (luma[PATCHES / 2 - 1] + luma[PATCHES / 2]), 0.02f, 1);
    for (int c = 0; c < 3; c++)
        out->tint[c] = ramp_clamp(mean[c] / fmaxf(luma_of(mean), 0.02f), 0.3f, 2);
    /* deviation = 1.48 median; a residue against four neighbours holds 1.25 times the variance */
    out->grain = rest[residues / 2] * 1.48f / 1.118f;
}

/* A step blurred by a Gaussian rises over +-h by erf(h / (sigma sqrt 2)): the largest rises over 1
 * and over 3 pixels together tell sigma. */
float look_blur_px(const struct texture *t, const struct face_frame *f)
{
    enum { CODES = 256 };
    int near[CODES] = {0}, far[CODES] = {0};
    const int reach = (int)f->eye_px;
    const int cx = (int)f->origin_px[0], cy = (int)(f->origin_px[1] - 0.5f * f->eye_px);
    long count = 0;
    for (int y = cy - reach; y < cy + reach; y++)
        for (int x = cx - reach; x < cx + reach; x++) {
            if (x < 3 || y < 3 || x + 3 >= t->width_px || y + 3 >= t->height_px)
                continue;
            near[abs(luma_at(t, x, y + 1) - luma_at(t, x, y - 1))]++;
            far[abs(luma_at(t, x, y + 3) - luma_at(t, x, y - 3))]++;
            count++;
        }
    int n = CODES - 1, m = CODES - 1; /* the steepest 0.3 % */
    for (long rest = count * 3 / 1000; n > 0 && (rest -= near[n]) > 0;)
        n--;
    for (long rest = count * 3 / 1000; m > 0 && (rest -= far[m]) > 0;)
        m--;
    float ratio = (float)n / (float)(m > 0 ? m : 1), sigma = 0.4f;
    while (sigma < 3 && erff(0.7071f / sigma) > ratio * erff(2.1213f / sigma))
        sigma += 0.05f;
    return sigma;
}

/* How much a colour between the lips is that of a tooth: bright for this face, and far less red than
 * its lips. */
static float tooth_colour(const struct look *look, const float yuv[3])
{
    float luma = yuv[0] / (219 * look->luma), red = yuv[2] / fmaxf(yuv[0], 8);
    return ramp(0.36f, 0.55f, luma) * (1 - ramp(0.36f, 0.60f, red / look->lip_red));
}

float look_tooth(const struct look *look, const struct seam *s, float x, float down)
{
    float at[2] = {
        (x - s->left_x) / (s->right_x - s->left_x) * MATTE_COLUMNS - 0.5f,
        down * MATTE_ROWS - 0.5f,
    };
    at[0] = ramp_clamp(at[0], 0, MATTE_COLUMNS - 1.001f);
    at[1] = ramp_clamp(at[1], 0, MATTE_ROWS - 1.001f);
    int i = (int)at[0], j = (int)at[1];
    const float *a = look->teeth_matte[j] + i, *b = look->teeth_matte[j + 1] + i;
    float f = at[0] - (float)i;
    return ramp_mix(ramp_mix(a[0], a[1], f), ramp_mix(b[0], b[1], f), at[1] - (float)j);
}

/* Lines between teeth and the grain of a small picture are no holes in a row of teeth. */
static void matte_soften(struct look *out, float row_mm)
{
    enum { ACROSS = 4 }; /* passes of 1 2 1, deviation 1.4 columns of about 0.8 mm */
    int down = (int)(2 * 1.0f / (row_mm * row_mm + 0.05f));
    down = down > 24 ? 24 : down;
    for (int pass = 0; pass < ACROSS + down; pass++) {
        const bool across = pass < ACROSS;
        const int count = across ? MATTE_ROWS : MATTE_COLUMNS;
        const int length = across ? MATTE_COLUMNS : MATTE_ROWS;
        const int step = across ? 1 : MATTE_COLUMNS;
        for (int line = 0; line < count; line++) {
            float *v = &out->teeth_matte[0][0] + line * (across ? MATTE_COLUMNS : 1);
            float last = v[0];
            for (int i = 0; i < length; i++) {
                float here = v[i * step], next = i + 1 < length ? v[(i + 1) * step] : here;
                v[i * step] = 0.25f * last + 0.5f * here + 0.25f * next;
                last = here;
            }
        }
    }
    for (int j = 0; j < MATTE_ROWS; j++)
        for (int i = 0; i < MATTE_COLUMNS; i++)
            out->teeth_matte[j][i] = ramp(0.25f, 0.60f, out->teeth_matte[j][i]);
}

static void look_at_lips(struct look *out, const struct texture *t, const struct face_frame *f,
                         const struct seam *s)
{
    enum { COLUMNS = 17 };
    float skin[3], lip_blue = 0;
    out->lip_red = 0;
    look_yuv(out->tint, skin);
    for (int i = 0; i < 2 * COLUMNS; i++) {
        float u = (float)(i / 2) / (COLUMNS - 1) - 0.5f, p[2], yuv[3];
        float x = u < 0 ? -u * s->left_x : u * s->right_x;
        frame_to_px(f, x, i & 1 ? seam_lower(s, x) + 0.045f : seam_upper(s, x) - 0.045f, p);
        yuv_at(t, p[0], p[1], yuv);
        out->lip_red += yuv[2] / fmaxf(yuv[0], 8) / (2 * COLUMNS);
        lip_blue += yuv[1] / fmaxf(yuv[0], 8) / (2 * COLUMNS);
    }
    out->one_hue = hypotf(out->lip_red - skin[2] / skin[0], lip_blue - skin[1] / skin[0]) < ONE_HUE;
    out->lip_red = fmaxf(out->lip_red, 0.08f); /* pale lips: every red is too red for a tooth */
}

/* Teeth between parted lips. White is what the brighter of them have; the edge is where they end in
 * the middle columns, by the median. A glimpse of tooth, under a seventh of the gap, cannot
 * be continued and counts as none. */
static void look_at_teeth(struct look *out, const struct texture *t, const struct face_frame *f,
                          const struct seam *s)
{
    float colour[MATTE_COLUMNS * MATTE_ROWS][4], edge[MATTE_COLUMNS];
    int teeth = 0, edges = 0;
    for (int i = 0; i < MATTE_COLUMNS; i++) {
        float x = ramp_mix(s->left_x, s->right_x, ((float)i + 0.5f) / MATTE_COLUMNS);
        float top = seam_upper(s, x), bottom = seam_lower(s, x), last = NAN;
        for (int j = 0; j < MATTE_ROWS; j++) {
            float y = ramp_mix(top, bottom, ((float)j + 0.5f) / MATTE_ROWS), p[2], yuv[3];
            frame_to_px(f, x, y, p);
            yuv_at(t, p[0], p[1], yuv);
            out->teeth_matte[j][i] = tooth_colour(out, yuv);
            if (out->teeth_matte[j][i] < 0.5f)
                continue;
            look_rgb(yuv, &colour[teeth][1]);
            colour[teeth++][0] = yuv[0];
            last = y;
        }
        if (!isnan(last) && fabsf(seam_u(s, x)) < 0.5f)
            edge[edges++] = last;
    }
    if (teeth < MATTE_COLUMNS * MATTE_ROWS / 7 || edges < MATTE_COLUMNS / 8) {
        memset(out->teeth_matte, 0, sizeof out->teeth_matte);
        return;
    }
    qsort(colour, (size_t)teeth, sizeof colour[0], by_size);
    qsort(edge, (size_t)edges, sizeof edge[0], by_size);
    int from = teeth * 7 / 10, to = teeth * 19 / 20;
    for (int i = from; i < to; i++)
        for (int c = 0; c < 3; c++)
            out->teeth_white[c] += colour[i][c + 1] / (float)(to - from);
    out->teeth_edge = edge[edges / 2];
    for (int side = 0; side < 2; side++) {
        int i = side ? MATTE_COLUMNS - 1 : 0;
        for (float seen = 0; i > 0 || side == 0; i += side ? -1 : 1) {
            for (int j = 0; j < MATTE_ROWS; j++)
                seen = fmaxf(seen, out->teeth_matte[j][i]);
            if (seen > 0.5f || i == (side ? 1 : MATTE_COLUMNS - 1))
                break;
        }
        out->teeth_reach[side] = ramp_mix(s->left_x, s->right_x, ((float)i + 0.5f) / MATTE_COLUMNS);
    }
    out->teeth = true;
    matte_soften(out, s->gap_max * EYE_DISTANCE_MM / MATTE_ROWS);
}

struct look look_at(const struct texture *still, const struct face *face,
                    const struct face_frame *f, const struct seam *seam)
{
    struct look out = {0};
    look_at_skin(&out, still, face, f);
    out.blur_px = look_blur_px(still, f);
    look_at_lips(&out, still, f, seam);
    if (seam->parted)
        look_at_teeth(&out, still, f, seam);
    return out;
}
