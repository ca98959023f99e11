#include "engine/render/eyes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/lid_texture.h"
#include "engine/render/look.h"
#include "engine/render/ramp.h"
#include "engine/render/sample.h"

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

/* What never changes about one pixel of a patch: one line of the cache. */
struct site {
    colour shut;              /* the skin of the shut lid */
    float t, h, upper, lower; /* the lids of this pixel's t */
    float top, cover;        /* where moving skin begins; how far the shut lid's skin replaces it */
    float lash, rim, glance; /* shares of the lash line, the lower lid's rim, the gaze's shift */
    bool moves;
};
_Static_assert(sizeof(struct site) == 64, "one line");

/* Pixels of a patch's row that may move, counted from its left: in a blink, and while only the eyeball does. */
struct span {
    struct {
        int from, to;
    } blink, glance;
};

struct eye {
    struct eye_shape shape;
    struct rect patch;
    float gain;  /* 0..1, how far lids and gaze may go at all */
    float right; /* sign of t's direction on the picture */
    float soft;  /* E, half the width of a drawn edge: as sharp as the portrait */
    bool lens;   /* nothing beyond it moves */
    colour lash;
    struct site *sites;     /* row-major, one a pixel of the patch; owned */
    struct span *spans;     /* one a row of it; owned */
    struct colours colours; /* of the patch */
};

struct eyes {
    struct eye eye[EYE_COUNT];
};

static float clamp_unit(float v) { return v > 0 ? (v < 1 ? v : 1) : 0; } /* NaN gives 0 */

static colour darker(colour yuv, float by)
{
    static const colour black = {16, 128, 128, 0};
    return yuv - (yuv - black) * by;
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

    float shut[3];
    lid_texture_at(skin, t, h, shut);
    p->shut = (colour){shut[0], shut[1], shut[2]};
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
        p->shut =
            darker(p->shut, FOLD_DEPTH * smooth_step(FOLD_NONE, FOLD_CLEAR, skin->crease) *
                                (1 - fold * fold) * (1 - fold * fold) *
                                smooth_step(-0.05f, 0.2f, t) * (1 - smooth_step(0.75f, 1.02f, t)));
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

static bool glances(const struct eye *e, const struct site *p)
{
    const float line = fmaxf(e->soft, LASH_BELOW); /* what is drawn below a lower lid at rest */
    return p->moves && p->h <= p->lower + line;
}

static struct span span_of(const struct eye *e, const struct site *row, int columns)
{
    struct span s = {{0, columns}, {0, columns}};
    while (s.blink.from < s.blink.to && !row[s.blink.from].moves)
        s.blink.from++;
    while (s.blink.to > s.blink.from && !row[s.blink.to - 1].moves)
        s.blink.to--;
    while (s.glance.from < s.glance.to && !glances(e, &row[s.glance.from]))
        s.glance.from++;
    while (s.glance.to > s.glance.from && !glances(e, &row[s.glance.to - 1]))
        s.glance.to--;
    return s;
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
    e->sites = aligned_alloc(sizeof(*e->sites), n * sizeof(*e->sites));
    e->spans = calloc((size_t)(r.y1 - r.y0), sizeof(*e->spans));
    if (!e->sites || !e->spans)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for an eye of %zu pixels", n);
    e->patch = r;
    enum orator_status status = colours_new(&e->colours, still, r, err);
    if (status != ORATOR_OK)
        return status;
    lid_texture_make(skin, still, s, e->lens);
    e->lash = (colour){skin->lash[0], skin->lash[1], skin->lash[2]};
    struct site *row = e->sites;
    for (int y = r.y0; y < r.y1; y++, row += r.x1 - r.x0) {
        for (int x = r.x0; x < r.x1; x++)
            site_init(&row[x - r.x0], e, skin, still, x, y);
        e->spans[y - r.y0] = span_of(e, row, r.x1 - r.x0);
    }
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
            free((*eyes)->eye[i].spans);
            colours_fini(&(*eyes)->eye[i].colours);
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

static colour sample(const struct eye *e, float t, float h)
{
    float at[2];
    eye_to_px(&e->shape, t, h, at);
    return colour_at(&e->colours, at[0], at[1]);
}

static colour mix(colour under, colour over, float share) { return under + (over - under) * share; }

/* The upper lid: its own skin drawn down and stretched, giving way to the skin of a shut lid. */
static colour upper_skin(const struct eye *e, const struct site *p, const struct stance *a,
                         float edge)
{
    float band = lesser(LASH_BAND, 0.5f * (p->upper - p->top));
    float from = p->top, to = edge - band, source = p->h - (edge - p->upper);
    if (p->h < to) {
        /* stretch most near the edge, where the fold unrolls; nothing moves where no lid comes down */
        float drop = edge - p->upper;
        float u = (p->h - from) / (to - from), bend = 0.75f * drop / (fabsf(drop) + 0.05f);
        source = u <= 0 ? p->h : from + (p->upper - band - from) * u * (1 - bend + bend * u);
    }
    return mix(sample(e, p->t, source), p->shut, a->fresh * p->cover);
}

/* The eyeball turns behind its lids: at both edges it is drawn along them, between them it goes the
 * whole way. Looking up, what lies under the iris stretches; looking down, the lid covers the rest. */
static colour eyeball(const struct eye *e, const struct site *p, const struct stance *a, float edge)
{
    float t = p->t - a->gaze_t * p->glance, h = p->h;
    if (a->gaze_t != 0 || a->gaze_h != 0) {
        const float opening = greater(p->lower - p->upper, 0.001f), v = (p->h - p->upper) / opening;
        float low = smooth_step(0.25f, 1, v), high = 1 - smooth_step(0, 0.75f, v);
        h += low * (eye_lower(&e->shape, t) - p->lower) +
             high * (eye_upper(&e->shape, t) - p->upper);
        h -= a->gaze_h * p->glance * (a->gaze_h < 0 ? 1 - smooth_step(0.3f, 1, v) : 1);
    }
    return darker(sample(e, t, h), SHADOW_DEPTH * greater(a->lid, 0) *
                                       (1 - smooth_step(0, SHADOW_REACH, p->h - edge)));
}

static colour site_paint(const struct eye *e, const struct site *p, const struct stance *a)
{
    float opening = p->lower - p->upper;
    float edge = p->upper + UPPER_TRAVEL * opening * a->lid;
    float lower = greater(p->lower - LOWER_TRAVEL * opening * a->shut, edge);
    float above = 1 - smooth_step(-e->soft, e->soft, p->h - edge);
    float below = smooth_step(-e->soft, e->soft, p->h - lower);
    /* where the lids meet nothing of the eye shines through between their soft edges */
    float open = (1 - below) * smooth_step(0.004f, 0.03f, lower - edge);
    colour out = {0};

    if (above < 1) {
        if (open > 0)
            out = eyeball(e, p, a, edge);
        if (open < 1) {
            float rise = LOWER_TRAVEL * opening * a->shut;
            rise *= 1 - smooth_step(0, lower_skin(e), p->h - p->lower);
            colour skin = sample(e, p->t, p->h + rise);
            /* only what is brighter than the lid: lashes and liner below stay */
            float wet = a->shut * a->shut * p->rim * smooth_step(0, 12, skin[0] - p->shut[0]);
            skin = mix(skin, p->shut,
                       wet * (1 - smooth_step(0.3f * RIM_HEIGHT, RIM_HEIGHT, p->h - lower)));
            out = mix(out, skin, 1 - open);
        }
    }
    if (above > 0)
        out = mix(out, upper_skin(e, p, a, edge), above);

    float d = p->h - edge;
    d /= (d < 0 ? -LASH_ABOVE : LASH_BELOW) * (0.6f + 0.4f * p->lash); /* thinner at the ends */
    if (d < 1) {
        float line = (1 - d * d) * (1 - d * d) * LASH_STRENGTH * p->lash * a->fresh;
        if (out[0] > e->lash[0]) /* only ever darkens */
            out = mix(out, e->lash, line);
    }
    return out;
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
    const struct site *row = e->sites;
    for (int y = r->y0; y < r->y1; y++, row += columns) {
        const struct span *span = &e->spans[y - r->y0];
        const int from = a.shut > 0 ? span->blink.from : span->glance.from;
        const int to = a.shut > 0 ? span->blink.to : span->glance.to;
        for (int k = from; k < to; k++) {
            const struct site *p = &row[k];
            __builtin_prefetch(p + 8);
            if (a.shut > 0 ? !p->moves : !glances(e, p))
                continue; /* the still picture's own */
            const colour painted = site_paint(e, p, &a);
            for (int c = 0; c < 3; c++)
                live->plane[c][y * live->stride + r->x0 + k] = to_byte(painted[c]);
        }
    }
}

void eyes_draw(struct eyes *eyes, struct texture *live, const struct texture *still,
               const struct pose *pose)
{
    for (int i = 0; i < EYE_COUNT; i++)
        eye_draw(&eyes->eye[i], live, still, pose, i);
}
