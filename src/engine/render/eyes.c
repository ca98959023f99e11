#include "engine/render/eyes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/lid_texture.h"
#include "engine/render/look.h"

/* Measured on blinks in real footage: the upper lid does nearly all of the way. Shares of the opening. */
#define UPPER_TRAVEL   0.86f
#define LOWER_TRAVEL   0.12f
#define GAZE_DOWN_LID  0.22f  /* of the upper lid's way, at gaze_y 1 */
#define GAZE_ACROSS    0.13f  /* t at gaze_x 1: a third of an iris */
#define GAZE_DOWN      0.05f  /* E at gaze_y 1 */
#define LASH_BAND      0.018f /* E above the edge that moves with it unstretched */
#define LASH_ABOVE     0.030f /* E, reach of the painted lash line from the lid's edge */
#define LASH_BELOW     0.024f
#define LASH_STRENGTH  0.80f
#define RIM_HEIGHT     0.040f /* E: the wet rim of the lower lid, hidden when the lids meet */
#define SHADOW_REACH   0.06f  /* E below the edge of a lowering lid */
#define SHADOW_DEPTH   0.35f
#define LOWER_SKIN     0.20f    /* E below the lower lid that rises with it, less and less */
#define SIDE_OUTER     (-0.16f) /* t: where the painted skin ends beyond the corners */
#define SIDE_INNER     1.12f
#define FOLD_WIDTH     0.030f /* E */
#define FOLD_DEPTH     0.05f  /* where the portrait has a clear one; drawn down it softens */
#define FOLD_CLEAR     0.14f /* as dark as this, of the skin's light; below FOLD_NONE it has none */
#define FOLD_NONE      0.04f
#define GAZE_UP_MOST   0.14f /* of the opening */
#define GAZE_LIFT      0.6f  /* of the eyeball's way up: the upper lid goes along */
#define LENS_TOP       0.05f /* E above the lid, E below it, t beyond the corners: inside any frames */
#define LENS_BOTTOM    0.07f
#define LENS_SIDE      0.06f
#define NARROW_EYE_PX  12.0f /* from here down lids and glances fade ... */
#define TINY_EYE_PX    5.0f  /* ... until nothing moves: there is no lid to see */
#define NARROW_OPENING 0.05f /* E: likewise for eyes that the portrait shows all but shut */
#define SHUT_OPENING   0.02f

/* Samples lie in the patch and read two pixels around it; where it ends with the picture they may lie
 * beyond, and then all four columns or rows that they read repeat the border. */
enum { SAMPLE_REACH = 3 /* px */ };

/* What never changes about one pixel of a patch. */
struct site {
    float t, h, upper, lower; /* the lids of this pixel's t */
    float top, cover;        /* where moving skin begins; how far the shut lid's skin replaces it */
    float lash, rim, glance; /* shares of the lash line, the lower lid's rim, the gaze's shift */
    float shut[3];           /* the skin of the shut lid */
    bool moves;
};

/* Y U V side by side, and one more, so that a sample works on all of them at once. */
typedef float colour[4];

struct eye {
    struct eye_shape shape;
    struct rect patch;
    float gain;  /* 0..1, how far lids and gaze may go at all */
    float right; /* sign of t's direction on the picture */
    float soft;  /* E, half the width of a drawn edge: as sharp as the portrait */
    bool lens;   /* nothing beyond it moves */
    float lash[3];
    struct site *sites; /* row-major, one a pixel of the patch; owned */
    struct rect around; /* the patch and what its samples reach */
    colour *colours;    /* one a pixel of `around`, where the picture's border repeats; owned */
};

struct eyes {
    struct eye eye[EYE_COUNT];
};

static float clamp_unit(float v) { return v > 0 ? (v < 1 ? v : 1) : 0; } /* NaN gives 0 */
static int clamp_int(int v, int high) { return v < 0 ? 0 : v > high ? high : v; }

static void darken(float yuv[3], float by)
{
    yuv[0] -= (yuv[0] - 16) * by;
    yuv[1] -= (yuv[1] - 128) * by;
    yuv[2] -= (yuv[2] - 128) * by;
}

/* How far below the lower lid the skin rises with it, E. */
static float lower_skin(const struct eye *e) { return e->lens ? LENS_BOTTOM : LOWER_SKIN; }

static void site_init(struct site *p, const struct eye *e, const struct lid_texture *skin,
                      const struct texture *still, int x, int y)
{
    const struct eye_shape *s = &e->shape;
    float t, h;
    eye_from_px(s, (float[2]){(float)x + 0.5f, (float)y + 0.5f}, &t, &h);
    float upper = eye_upper(s, t), lower = eye_lower(s, t), margin = lid_margin_above(s, t);
    if (lower < upper)
        lower = upper = 0.5f * (lower + upper); /* a fit may cross by a hair at a corner */

    float outer = e->lens ? -LENS_SIDE : SIDE_OUTER, inner = e->lens ? 1 + LENS_SIDE : SIDE_INNER;
    if (e->lens)
        margin = fminf(margin, LENS_TOP / 1.25f);

    *p = (struct site){.t = t, .h = h, .upper = upper, .lower = lower};
    p->top = upper - 1.25f * margin;
    float strays = e->lens ? 0 : lid_strays_at(skin, t, h);
    p->moves = (t > outer && t < inner && h > p->top && h < lower + lower_skin(e)) ||
               (strays > 0 && h < upper);
    if (!p->moves)
        return;

    p->cover = smooth_step(outer, 0.0f, t) * (1 - smooth_step(1.0f, inner, t)) *
               smooth_step(-1.15f * margin, -0.35f * margin, h - upper);
    p->cover = fmaxf(p->cover, strays);
    p->lash = smooth_step(-0.14f, 0.10f, t) * (1 - smooth_step(0.70f, 1.02f, t));
    p->rim = smooth_step(-0.06f, 0.04f, t) * (1 - smooth_step(0.98f, 1.06f, t));

    /* the iris moves as a whole; the white gives way between it and the corners */
    float from = s->iris_t - s->iris_radius_t, to = s->iris_t + s->iris_radius_t;
    p->glance = smooth_step(fminf(0, from - 0.05f), from, t) *
                (1 - smooth_step(to, fmaxf(1, to + 0.05f), t));

    lid_texture_at(skin, t, h, p->shut);
    float opening = lower - upper;
    if (opening > 0) {
        /* the eyeball rounds the lid: lighter at its middle, darker towards its edge */
        float v = (h - upper) / opening, u = 2 * t - 1;
        float round = 0.05f * (1 - u * u) * (1 - smooth_step(0.1f, 0.7f, fabsf(v))) -
                      0.08f * smooth_step(0.3f, 1.0f, v);
        p->shut[0] += (p->shut[0] - 16) * round * smooth_step(0, 0.05f, opening);
    }
    /* the fold, where the lid leaves the skin that does not move */
    float fold = (h - upper + skin->crease_at) / FOLD_WIDTH;
    if (fold > -1 && fold < 1)
        darken(p->shut, FOLD_DEPTH * smooth_step(FOLD_NONE, FOLD_CLEAR, skin->crease) *
                            (1 - fold * fold) * (1 - fold * fold) * smooth_step(-0.05f, 0.2f, t) *
                            (1 - smooth_step(0.75f, 1.02f, t)));
    if (!e->lens) /* where it would come from there may be a rim */
        p->shut[0] += lid_grain_at(still, s, t, h);
}

static struct rect patch_of(const struct eye_shape *s, const struct texture *still)
{
    float low = -1.25f * lid_margin_above(s, 0), high = 0; /* E */
    float outer = fminf(SIDE_OUTER, LID_STRAYS_OUTER);
    for (float t = 0.05f; t < 1; t += 0.05f) {
        low = fminf(low, eye_upper(s, t) - 1.25f * lid_margin_above(s, t));
        low = fminf(low, eye_upper(s, t) - lid_strays_reach(s));
        high = fmaxf(high, eye_lower(s, t));
    }
    low -= 0.02f; /* what lies between the steps of t */
    high += LOWER_SKIN + 0.02f;
    float x0 = 1e9f, y0 = 1e9f, x1 = -1e9f, y1 = -1e9f;
    for (int k = 0; k < 4; k++) {
        float at[2];
        eye_to_px(s, k & 1 ? SIDE_INNER : outer, k & 2 ? high : low, at);
        x0 = fminf(x0, at[0]);
        x1 = fmaxf(x1, at[0]);
        y0 = fminf(y0, at[1]);
        y1 = fmaxf(y1, at[1]);
    }
    struct rect r = {
        (int)fminf(fmaxf(x0, 0), (float)still->width_px),
        (int)fminf(fmaxf(y0, 0), (float)still->height_px),
        (int)fminf(fmaxf(x1 + 1, 0), (float)still->width_px),
        (int)fminf(fmaxf(y1 + 1, 0), (float)still->height_px),
    };
    return r;
}

static enum orator_status colours_make(struct eye *e, const struct texture *still,
                                       struct orator_error *err)
{
    const struct rect p = e->patch;
    const struct rect r = {p.x0 - SAMPLE_REACH, p.y0 - SAMPLE_REACH, p.x1 + SAMPLE_REACH,
                           p.y1 + SAMPLE_REACH};
    const int right = still->width_px - 1, bottom = still->height_px - 1;
    size_t n = (size_t)(r.x1 - r.x0) * (size_t)(r.y1 - r.y0);
    e->around = r;
    e->colours = calloc(n, sizeof(*e->colours));
    if (!e->colours)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for %zu pixels around an eye", n);
    colour *to = e->colours;
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++, to++)
            for (int c = 0; c < 3; c++)
                (*to)[c] =
                    still->plane[c][clamp_int(y, bottom) * still->stride + clamp_int(x, right)];
    return ORATOR_OK;
}

static enum orator_status eye_init(struct eye *e, const struct texture *still,
                                   const struct face *face, const struct face_frame *frame,
                                   int which, struct lid_texture *skin, struct orator_error *err)
{
    struct eye_shape *s = &e->shape;
    if (!eye_shape_of(s, face, frame, which))
        return ORATOR_OK; /* an eye that the mesh lost keeps still */
    e->gain = clamp_unit((s->width_px - TINY_EYE_PX) / (NARROW_EYE_PX - TINY_EYE_PX)) *
              smooth_step(SHUT_OPENING, NARROW_OPENING, s->opening);
    e->right = s->along_px[0] * frame->right[0] + s->along_px[1] * frame->right[1] < 0 ? -1 : 1;
    e->soft = fmaxf(fmaxf(1, look_blur_px(still, frame)) / s->eye_px, 0.008f);
    struct rect r = patch_of(s, still);
    if (e->gain <= 0 || r.x1 <= r.x0 || r.y1 <= r.y0)
        return ORATOR_OK;

    size_t n = (size_t)(r.x1 - r.x0) * (size_t)(r.y1 - r.y0);
    e->sites = calloc(n, sizeof(*e->sites));
    if (!e->sites)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for an eye of %zu pixels", n);
    e->patch = r;
    enum orator_status status = colours_make(e, still, err);
    if (status != ORATOR_OK)
        return status;
    lid_texture_make(skin, still, s, e->lens);
    memcpy(e->lash, skin->lash, sizeof(e->lash));
    struct site *p = e->sites;
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++)
            site_init(p++, e, skin, still, x, y);
    return ORATOR_OK;
}

enum orator_status eyes_new(struct eyes **out, const struct texture *still, const struct face *face,
                            const struct face_frame *frame, bool spectacles,
                            struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct eyes *eyes = calloc(1, sizeof(*eyes));
    struct lid_texture *skin = malloc(sizeof(*skin));
    if (!eyes || !skin)
        TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for the eyes"));
    for (int i = 0; i < EYE_COUNT; i++) {
        eyes->eye[i].lens = spectacles;
        TRY(eye_init(&eyes->eye[i], still, face, frame, i, skin, err));
    }
    *out = eyes;
    eyes = NULL;
done:
    free(skin);
    eyes_free(&eyes);
    return s;
}

void eyes_free(struct eyes **eyes)
{
    if (*eyes) {
        for (int i = 0; i < EYE_COUNT; i++) {
            free((*eyes)->eye[i].sites);
            free((*eyes)->eye[i].colours);
        }
    }
    free(*eyes);
    *eyes = NULL;
}

struct rect eyes_patch(const struct eyes *eyes, int eye) { return eyes->eye[eye].patch; }

/* How one eye stands in this frame. */
struct stance {
    float shut;  /* 0..1, the lower lid's and the shadow's */
    float lid;   /* 0..1 of the upper lid's way */
    float fresh; /* 0..1, how far the shut lid's own skin has replaced the stretched one */
    float gaze_t, gaze_h;
};

static struct stance stance_of(const struct eye *e, const struct pose *pose, int which)
{
    float blink = clamp_unit(which == EYE_LEFT ? pose->blink_left : pose->blink_right);
    float x = clamp_unit(fabsf(pose->gaze_x)) * (pose->gaze_x < 0 ? -1.0f : 1.0f);
    float y = clamp_unit(fabsf(pose->gaze_y)) * (pose->gaze_y < 0 ? -1.0f : 1.0f);

    /* an iris near a corner has little white to push: at most 3/4 of it is used up */
    const struct eye_shape *s = &e->shape;
    float white = fminf(s->iris_t, 1 - s->iris_t) - s->iris_radius_t;
    float reach = fminf(GAZE_ACROSS, 0.5f * fmaxf(white, 0.05f));

    struct stance a = {.shut = blink * e->gain};
    a.gaze_t = x * e->right * reach * e->gain;
    if (y >= 0) {
        /* looking down uncovers no more of the eyeball than the lid following it covers */
        a.gaze_h = y * fminf(GAZE_DOWN, 0.8f * GAZE_DOWN_LID * s->opening) * e->gain;
        a.lid = a.shut + GAZE_DOWN_LID * y * e->gain * (1 - a.shut);
    } else {
        /* looking up draws out what lies under the iris, which is white or little of it */
        float radius = s->iris_radius_t * s->width_px / s->eye_px;
        float below = eye_lower(s, s->iris_t) - s->iris_h - radius;
        float up = 0.06f * s->opening + 0.5f * fmaxf(below, 0);
        a.gaze_h = y * fminf(GAZE_DOWN, fminf(up, GAZE_UP_MOST * s->opening)) * e->gain;
        a.lid = a.shut + GAZE_LIFT * a.gaze_h / (UPPER_TRAVEL * s->opening) * (1 - a.shut);
    }
    a.fresh = smooth_step(0, 0.55f, a.lid);
    return a;
}

/* Catmull-Rom: of the pixels at -1, 0, 1 and 2, for a place f past the one at 0. */
static void cubic_weights(float w[4], float f)
{
    w[0] = 0.5f * f * (f * (2 - f) - 1);
    w[1] = 0.5f * (f * f * (3 * f - 5) + 2);
    w[2] = 0.5f * f * (f * (4 - 3 * f) + 1);
    w[3] = 0.5f * f * f * (f - 1);
}

/* floorf is a call on plain x86-64, and this is a hot place. */
static int floor_int(float v)
{
    int n = (int)v;
    return n - (v < (float)n);
}

/* The portrait at t, h, from 4 x 4 pixels. */
static void sample(float out[3], const struct eye *e, float t, float h)
{
    const struct rect r = e->around;
    const int columns = r.x1 - r.x0;
    float at[2], wx[4], wy[4];
    eye_to_px(&e->shape, t, h, at);
    const int x = floor_int(at[0] - 0.5f), y = floor_int(at[1] - 0.5f);
    cubic_weights(wx, at[0] - 0.5f - (float)x);
    cubic_weights(wy, at[1] - 0.5f - (float)y);
    const int i = clamp_int(x - 1 - r.x0, columns - 4),
              j = clamp_int(y - 1 - r.y0, r.y1 - r.y0 - 4);
    colour *p = e->colours + (ptrdiff_t)j * columns + i;
    colour sum = {0};
    for (int k = 0; k < 4; k++, p += columns)
        for (int c = 0; c < 4; c++)
            sum[c] +=
                wy[k] * (wx[0] * p[0][c] + wx[1] * p[1][c] + wx[2] * p[2][c] + wx[3] * p[3][c]);
    memcpy(out, sum, 3 * sizeof(*out));
}

static void mix(float under[3], const float over[3], float share)
{
    for (int c = 0; c < 3; c++)
        under[c] += (over[c] - under[c]) * share;
}

/* The upper lid: its own skin drawn down and stretched, giving way to the skin of a shut lid. */
static void upper_skin(float out[3], const struct eye *e, const struct site *p,
                       const struct stance *a, float edge)
{
    float band = fminf(LASH_BAND, 0.5f * (p->upper - p->top));
    float from = p->top, to = edge - band, source = p->h - (edge - p->upper);
    if (p->h < to) {
        /* stretch most near the edge, where the fold unrolls; nothing moves where no lid comes down */
        float drop = edge - p->upper;
        float u = (p->h - from) / (to - from), bend = 0.75f * drop / (fabsf(drop) + 0.05f);
        source = u <= 0 ? p->h : from + (p->upper - band - from) * u * (1 - bend + bend * u);
    }
    sample(out, e, p->t, source);
    mix(out, p->shut, a->fresh * p->cover);
}

/* The eyeball turns behind its lids: at both edges it is drawn along them, between them it goes the
 * whole way. Looking up, what lies under the iris stretches; looking down, the lid covers the rest. */
static void eyeball(float out[3], const struct eye *e, const struct site *p, const struct stance *a,
                    float edge)
{
    float t = p->t - a->gaze_t * p->glance, h = p->h;
    if (a->gaze_t != 0 || a->gaze_h != 0) {
        const float opening = fmaxf(p->lower - p->upper, 0.001f), v = (p->h - p->upper) / opening;
        float low = smooth_step(0.25f, 1, v), high = 1 - smooth_step(0, 0.75f, v);
        h += low * (eye_lower(&e->shape, t) - p->lower) +
             high * (eye_upper(&e->shape, t) - p->upper);
        h -= a->gaze_h * p->glance * (a->gaze_h < 0 ? 1 - smooth_step(0.3f, 1, v) : 1);
    }
    sample(out, e, t, h);
    darken(out, SHADOW_DEPTH * fmaxf(a->lid, 0) * (1 - smooth_step(0, SHADOW_REACH, p->h - edge)));
}

static void site_paint(float out[3], const struct eye *e, const struct site *p,
                       const struct stance *a)
{
    float opening = p->lower - p->upper;
    float edge = p->upper + UPPER_TRAVEL * opening * a->lid;
    float lower = fmaxf(p->lower - LOWER_TRAVEL * opening * a->shut, edge);
    float above = 1 - smooth_step(-e->soft, e->soft, p->h - edge);
    float below = smooth_step(-e->soft, e->soft, p->h - lower);
    /* where the lids meet nothing of the eye shines through between their soft edges */
    float open = (1 - below) * smooth_step(0.004f, 0.03f, lower - edge);
    float skin[3];

    out[0] = out[1] = out[2] = 0;
    if (above < 1) {
        if (open > 0)
            eyeball(out, e, p, a, edge);
        if (open < 1) {
            float rise = LOWER_TRAVEL * opening * a->shut;
            rise *= 1 - smooth_step(0, lower_skin(e), p->h - p->lower);
            sample(skin, e, p->t, p->h + rise);
            /* only what is brighter than the lid: lashes and liner below stay */
            float wet = a->shut * a->shut * p->rim * smooth_step(0, 12, skin[0] - p->shut[0]);
            mix(skin, p->shut,
                wet * (1 - smooth_step(0.3f * RIM_HEIGHT, RIM_HEIGHT, p->h - lower)));
            mix(out, skin, 1 - open);
        }
    }
    if (above > 0) {
        upper_skin(skin, e, p, a, edge);
        mix(out, skin, above);
    }

    float d = p->h - edge;
    d /= (d < 0 ? -LASH_ABOVE : LASH_BELOW) * (0.6f + 0.4f * p->lash); /* thinner at the ends */
    if (d < 1) {
        float line = (1 - d * d) * (1 - d * d) * LASH_STRENGTH * p->lash * a->fresh;
        if (out[0] > e->lash[0]) /* only ever darkens */
            mix(out, e->lash, line);
    }
}

static uint8_t to_byte(float v) { return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)(v + 0.5f); }

static void eye_draw(const struct eye *e, struct texture *live, const struct texture *still,
                     const struct pose *pose, int which)
{
    const struct rect *r = &e->patch;
    size_t columns = (size_t)(r->x1 - r->x0);
    for (int c = 0; c < 3; c++)
        for (int y = r->y0; y < r->y1; y++)
            memcpy(live->plane[c] + y * live->stride + r->x0,
                   still->plane[c] + y * still->stride + r->x0, columns);

    struct stance a = stance_of(e, pose, which);
    if (a.lid == 0 && a.gaze_t == 0 && a.gaze_h == 0)
        return;
    const float line = fmaxf(e->soft, LASH_BELOW); /* what is drawn below a lower lid at rest */
    const struct site *p = e->sites;
    for (int y = r->y0; y < r->y1; y++)
        for (int x = r->x0; x < r->x1; x++, p++) {
            float painted[3];
            if (!p->moves || (a.shut == 0 && p->h > p->lower + line))
                continue; /* the still picture's own */
            site_paint(painted, e, p, &a);
            for (int c = 0; c < 3; c++)
                live->plane[c][y * live->stride + x] = to_byte(painted[c]);
        }
}

void eyes_draw(struct eyes *eyes, struct texture *live, const struct texture *still,
               const struct pose *pose)
{
    for (int i = 0; i < EYE_COUNT; i++)
        eye_draw(&eyes->eye[i], live, still, pose, i);
}
