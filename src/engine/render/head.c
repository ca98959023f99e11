#include "engine/render/head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/ramp.h"

/* Behind the mesh: hair, ears and the neck's sides. */
#define FARTHEST   (-1.10f) /* nothing of the head is drawn deeper: where the skull is widest */
#define ROUND      0.90f    /* E over which the head goes round from the mesh's outline to there */
#define HAIR_ABOVE 2.0f     /* crown over the skull's centre */

#define KERNEL_NEAR  0.20f /* E around a place whose points tell its depth, in a nose or lips ... */
#define KERNEL_FAR   0.42f /* ... and on a cheek, where they are sparse */
#define FAR_INSIDE   0.02f
#define FAR_AT_RIM   0.60f /* foreshortened points in a row are bumps */
#define KERNEL_LEAST 1e-4f /* weight of FARTHEST where no point is near */
#define KERNEL_FLAT  2e-4f /* E squared; a slope needs points on both sides */

#define SLOPE 0.35f /* E inside the outline over which a face goes round to it */

#define TURN 6.2831853f

#define NECK_Z     (-1.15f) /* the head turns about the spine, behind the jaw's angle */
#define TEETH_BACK 0.12f    /* E behind the lips' surface */

#define FADE       0.85f /* E over which the head's motion dies out */
#define FADE_FROM  1.25f /* half widths of the head */
#define FADE_BELOW 1.25f /* so much faster than aside, under the chin ... */
#define FADE_ABOVE 1.5f  /* ... and over the crown, where whatever is seen is background */
#define PIN        0.40f /* E from a border to full motion */
#define PIN_LEAST  0.08f
#define UNPINNED   1e-3f

#define HAIR_SPARE 0.20f /* E beyond the outline that still moves fully */

#define BREATH_RISE 0.022f /* E at the shoulders */
#define SWAY        0.030f

/* The mesh's points around the face: forehead, ears, jaw. */
static const short outline[] = {10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288,
                                397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
                                172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109};
enum { OUTLINE = sizeof(outline) / sizeof(outline[0]) };

/* The distance from the middle at which a ray leaves the outline's polygon; the farthest of them, should
 * a strange face have several. */
static float leaves_at(const struct head *h, float angle)
{
    float cx = cosf(angle), cy = sinf(angle), far = 0.1f;
    for (int k = 0; k < OUTLINE; k++) {
        const float *a = h->points[outline[k]], *b = h->points[outline[(k + 1) % OUTLINE]];
        float ax = a[0] - h->middle_x, ay = a[1] - h->rim_y;
        float dx = b[0] - a[0], dy = b[1] - a[1];
        float across = cx * dy - cy * dx;
        if (fabsf(across) < 1e-6f)
            continue;
        float t = (ax * dy - ay * dx) / across, u = (ax * cy - ay * cx) / across;
        if (u >= 0.0f && u <= 1.0f)
            far = fmaxf(far, t);
    }
    return far;
}

static void find_rim(struct head *h)
{
    float raw[HEAD_RIM];
    for (int k = 0; k < HEAD_RIM; k++)
        raw[k] = leaves_at(h, TURN * ((float)k / HEAD_RIM - 0.5f));
    for (int k = 0; k < HEAD_RIM; k++)
        h->rim[k] =
            0.25f * (raw[(k + HEAD_RIM - 1) % HEAD_RIM] + 2.0f * raw[k] + raw[(k + 1) % HEAD_RIM]);
}

static float bump(float square, float reach)
{
    float w = 1.0f - square * (1.0f / (reach * reach));
    return w > 0.0f ? w * w * w * w : 0.0f;
}

/* The plane that fits the mesh's depths around here best, at this place (local linear regression). A mean
 * would do on flat ground, but takes a third of the depth from nose to ear: at the outline all points
 * lie on one side. */
static float mesh_depth(const struct head *h, float x, float y, float far_share)
{
    float w0 = KERNEL_LEAST, wx = 0, wy = 0, wxx = 0, wxy = 0, wyy = 0;
    float z0 = KERNEL_LEAST * FARTHEST, zx = 0, zy = 0;
    for (int i = 0; i < FACE_MESH_POINTS; i++) {
        const float *p = h->points[i];
        float dx = p[0] - x, dy = p[1] - y, square = dx * dx + dy * dy;
        if (square >= KERNEL_FAR * KERNEL_FAR)
            continue;
        float w = bump(square, KERNEL_NEAR) + far_share * bump(square, KERNEL_FAR);
        float z = w * fmaxf(p[2], FARTHEST);
        w0 += w, wx += w * dx, wy += w * dy;
        wxx += w * dx * dx, wxy += w * dx * dy, wyy += w * dy * dy;
        z0 += z, zx += z * dx, zy += z * dy;
    }
    wxx += KERNEL_FLAT * w0, wyy += KERNEL_FLAT * w0;
    float a = wxx * wyy - wxy * wxy, b = wxy * wy - wx * wyy, c = wx * wxy - wxx * wy;
    float z = (a * z0 + b * zx + c * zy) / (a * w0 + b * wx + c * wy);
    return fmaxf(z, FARTHEST);
}

static void smooth_round(float ring[HEAD_RIM], int passes)
{
    for (int pass = 0; pass < passes; pass++) {
        float first = ring[0], last = ring[HEAD_RIM - 1];
        for (int k = 0; k < HEAD_RIM; k++) {
            float here = ring[k], next = k + 1 < HEAD_RIM ? ring[k + 1] : first;
            ring[k] = 0.25f * last + 0.5f * here + 0.25f * next;
            last = here;
        }
    }
}

/* Depths along the outline and where its slope begins, smooth: what wobbles there would wobble in the
 * contour of a turned face. */
static void find_slope(struct head *h)
{
    for (int k = 0; k < HEAD_RIM; k++) {
        float angle = TURN * ((float)k / HEAD_RIM - 0.5f), cx = cosf(angle), cy = sinf(angle);
        float far = h->rim[k], near = fmaxf(far - SLOPE, 0.0f);
        h->rim_z[k] = mesh_depth(h, h->middle_x + far * cx, h->rim_y + far * cy, FAR_AT_RIM);
        h->inner_z[k] = mesh_depth(h, h->middle_x + near * cx, h->rim_y + near * cy, FAR_INSIDE);
    }
    smooth_round(h->rim_z, 24); /* a deviation of 20 degrees around the face */
    smooth_round(h->inner_z, 4);
}

static float along_rim(const float of[HEAD_RIM], float at)
{
    int k = (int)at;
    return ramp_mix(of[k % HEAD_RIM], of[(k + 1) % HEAD_RIM], at - (float)k);
}

struct head head_of(const struct face *face, const struct face_frame *frame, int width_px,
                    int height_px)
{
    struct head h = {.frame = *frame, .width = (float)width_px, .height = (float)height_px};
    for (int i = 0; i < FACE_MESH_POINTS; i++) {
        frame_to_local(frame, face->points[i][0], face->points[i][1], h.points[i]);
        h.points[i][2] = -face->points[i][2] / frame->eye_px;
    }
    const float *left_ear = h.points[234], *right_ear = h.points[454], *chin = h.points[152];
    h.middle_x = 0.5f * (left_ear[0] + right_ear[0]);
    h.half_width = 0.5f * (right_ear[0] - left_ear[0]);
    h.chin_y = chin[1];
    h.centre_y = 0.5f * (h.points[168][1] + h.points[4][1]) - 0.15f;
    h.crown_y = h.centre_y - HAIR_ABOVE;
    h.hair_width = FADE_FROM * h.half_width;
    h.rim_y = 0.5f * (h.points[10][1] + chin[1]);
    find_rim(&h);
    find_slope(&h);
    h.pivot[0] = h.middle_x;
    h.pivot[1] = 0.55f * chin[1] + 0.45f * 0.5f * (left_ear[1] + right_ear[1]);
    h.pivot[2] = NECK_Z;
    h.teeth_z = 0.5f * (h.points[13][2] + h.points[14][2]) - TEETH_BACK;

    /* Motion is pinned at the borders, but never on the face itself, however close the crop. */
    const float *forehead = face->points[10];
    float left_px = fminf(face->points[234][0], face->points[127][0]);
    float right_px = fmaxf(face->points[454][0], face->points[356][0]);
    h.pin_left = ramp_clamp(left_px / frame->eye_px, PIN_LEAST, PIN);
    h.pin_right = ramp_clamp((h.width - right_px) / frame->eye_px, PIN_LEAST, PIN);
    h.pin_top = ramp_clamp(forehead[1] / frame->eye_px, PIN_LEAST, PIN);
    return h;
}

void head_set_outline(struct head *h, const struct head_outline *o)
{
    h->hair_width = fmaxf(h->hair_width, o->hair_width + HAIR_SPARE);
    h->crown_y = fminf(h->crown_y, o->crown_y - HAIR_SPARE);
    h->pin_left = o->touches_left ? h->pin_left : UNPINNED;
    h->pin_right = o->touches_right ? h->pin_right : UNPINNED;
    h->pin_top = o->touches_top ? h->pin_top : UNPINNED;
}

/* Beyond the mesh the head goes round from the depth at its outline, straight towards the middle from
 * here; inside, it comes up to the mesh on an even slope. A mesh seen from the front drops off like a wall
 * at its outline, and a turn would fold it. */
float head_depth(const struct head *h, float x, float y)
{
    float dx = x - h->middle_x, dy = y - h->rim_y;
    float at = (atan2f(dy, dx) / TURN + 0.5f) * HEAD_RIM;
    float beyond = hypotf(dx, dy) - along_rim(h->rim, at), edge = along_rim(h->rim_z, at);
    if (beyond >= 0.0f)
        return ramp_mix(edge, FARTHEST, ramp(0.0f, ROUND, beyond));
    float inside = -beyond / SLOPE;
    if (inside >= 1.0f)
        return mesh_depth(h, x, y, FAR_INSIDE);
    float slope = ramp_mix(edge, along_rim(h->inner_z, at), inside), own = ramp(0.0f, 1.0f, inside);
    return ramp_mix(slope, mesh_depth(h, x, y, ramp_mix(FAR_AT_RIM, FAR_INSIDE, own)), own);
}

/* Distances to the picture's borders in E: how much motion they leave, 0..1. */
static float border_weight(const struct head *h, float x, float y, bool bottom)
{
    float at[2], e = h->frame.eye_px;
    frame_to_px(&h->frame, x, y, at);
    float w = ramp(0.0f, h->pin_left, at[0] / e) * ramp(0.0f, h->pin_right, (h->width - at[0]) / e);
    return w *
           (bottom ? ramp(0.0f, PIN, (h->height - at[1]) / e) : ramp(0.0f, h->pin_top, at[1] / e));
}

float head_weight(const struct head *h, float x, float y)
{
    /* wide hair ends where the shoulders begin */
    float width = ramp_mix(h->hair_width, FADE_FROM * h->half_width,
                           ramp(h->chin_y - 0.5f, h->chin_y + 0.4f, y));
    float dx = fmaxf(fabsf(x - h->middle_x) - width, 0.0f);
    float dy =
        fmaxf(FADE_BELOW * (y - h->chin_y - 0.02f), fmaxf(FADE_ABOVE * (h->crown_y - y), 0.0f));
    return (1.0f - ramp(0.0f, FADE, hypotf(dx, dy))) * border_weight(h, x, y, false);
}

/* The shoulders: from under the chin to the chest, as wide as a body; the rest of it stays. */
float body_weight(const struct head *h, float x, float y)
{
    float from_chin = y - h->chin_y, aside = fabsf(x - h->middle_x);
    return ramp(0.25f, 1.3f, from_chin) * (1.0f - ramp(2.4f, 4.6f, from_chin)) *
           (1.0f - ramp(3.0f, 4.2f, aside)) * border_weight(h, x, y, true);
}

enum orator_status skin_new(struct skin *out, int columns, int rows, struct orator_error *err)
{
    *out = (struct skin){.columns = columns, .rows = rows};
    size_t n = (size_t)columns * (size_t)rows;
    out->memory = calloc(n * 9, sizeof(float));
    if (!out->memory)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a mesh of %d x %d", columns, rows);
    float **all[] = {&out->x,    &out->y,    &out->from_x, &out->from_y, &out->z,
                     &out->head, &out->body, &out->to_x,   &out->to_y};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        *all[i] = out->memory + i * n;
    return ORATOR_OK;
}

void skin_fini(struct skin *s)
{
    free(s->memory);
    *s = (struct skin){0};
}

void skin_lay(struct skin *s, const struct head *h)
{
    for (int i = 0; i < s->columns * s->rows; i++) {
        float at[2], x = s->x[i], y = s->y[i];
        frame_to_px(&h->frame, x, y, at);
        s->from_x[i] = at[0];
        s->from_y[i] = at[1];
        s->head[i] = head_weight(h, x, y);
        s->body[i] = body_weight(h, x, y);
        s->z[i] = s->head[i] > 0.0f ? head_depth(h, x, y) : 0.0f;
    }
}

/* Turned right, then nodded, then tilted on the picture's plane; the viewer is far away. */
struct stance stance_of(const struct pose *p)
{
    float cy = cosf(p->yaw_rad), sy = sinf(p->yaw_rad);
    float cp = cosf(p->pitch_rad), sp = sinf(p->pitch_rad);
    float cr = cosf(p->roll_rad), sr = sinf(p->roll_rad);
    float turned[3] = {cy, 0.0f, sy}, nodded[3] = {-sy * sp, cp, cy * sp};
    struct stance s;
    for (int k = 0; k < 3; k++) {
        s.across[k] = cr * turned[k] - sr * nodded[k];
        s.down[k] = sr * turned[k] + cr * nodded[k];
    }
    s.shift[0] = p->shift_x;
    s.shift[1] = p->shift_y;
    s.shoulders[0] = SWAY * p->sway;
    s.shoulders[1] = -BREATH_RISE * p->breath;
    return s;
}

static inline void move(float *to_x, float *to_y, const struct head *h, const struct stance *s,
                        float x, float y, float z, float head, float body)
{
    float px = x - h->pivot[0], py = y - h->pivot[1], pz = z - h->pivot[2];
    float turned_x = s->across[0] * px + s->across[1] * py + s->across[2] * pz;
    float turned_y = s->down[0] * px + s->down[1] * py + s->down[2] * pz;
    *to_x = x + head * (turned_x - px + s->shift[0]) + body * s->shoulders[0];
    *to_y = y + head * (turned_y - py + s->shift[1]) + body * s->shoulders[1];
}

void skin_move(struct skin *s, const struct head *h, const struct stance *stance, const float *dx,
               const float *dy)
{
    const struct face_frame f = h->frame;
    const float ax = f.right[0] * f.eye_px, bx = f.down[0] * f.eye_px;
    const float ay = f.right[1] * f.eye_px, by = f.down[1] * f.eye_px;
    const float *restrict rest_x = s->x, *restrict rest_y = s->y, *restrict z = s->z;
    float *restrict to_x = s->to_x, *restrict to_y = s->to_y;
    const int n = s->columns * s->rows;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float x = rest_x[i] + (dx ? dx[i] : 0.0f), y = rest_y[i] + (dy ? dy[i] : 0.0f);
        move(&x, &y, h, stance, x, y, z[i], s->head[i], s->body[i]);
        to_x[i] = f.origin_px[0] + x * ax + y * bx;
        to_y[i] = f.origin_px[1] + x * ay + y * by;
    }
}

void head_move(float out[2], const struct head *h, const struct stance *s, float x, float y,
               float z)
{
    move(&out[0], &out[1], h, s, x, y, z, head_weight(h, 0.0f, 0.0f), 0.0f);
}
