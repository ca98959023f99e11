#include "engine/camera.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ZOOM_WHOLE 0.14f /* how much closer an ordinary zoom comes, at most, */
#define ZOOM_A_SEC 0.02f /* and in a second: slow enough not to be seen beginning */
#define PAN_WHOLE  0.12f /* of the picture's width, likewise */
#define PAN_A_SEC  0.015f

enum {
    TAPS = 4, /* Catmull-Rom: sharp, and exact where view and drawn frame agree */
    UNIT_BITS = 14,
    KEPT_BITS = 6 /* below a grey level, between the two passes */
};

/* Where the samples of one axis come from. */
struct axis {
    int count;
    int32_t *start;          /* the first of TAPS */
    int16_t (*weight)[TAPS]; /* sum 1 << UNIT_BITS */
};

struct camera {
    struct camera_plan plan;
    float face_x, face_y;
    struct picture view;
    struct axis across, down; /* as long as luma needs; chroma uses a part */
    int16_t *rows[TAPS];      /* filtered across, kept by row number modulo TAPS */
    int row_of[TAPS];
    void *memory;
};

struct rectangle {
    double x, y, width, height;
};

static int nearest_even(double v) { return 2 * (int)lround(v / 2.0); }

struct camera_plan camera_plan(const struct direction *d, int width_px, int height_px, int fps,
                               int64_t frames)
{
    struct camera_plan p = {.width_px = width_px,
                            .height_px = height_px,
                            .frames = frames,
                            .drawn_width_px = width_px,
                            .drawn_height_px = height_px};
    if (d->camera == CAMERA_STILL || frames < 2)
        return p;
    bool zooms = d->camera == CAMERA_ZOOM_IN || d->camera == CAMERA_ZOOM_OUT;
    float seconds = (float)frames / (float)fps;
    p.move = d->camera;
    p.reach = d->camera_amount *
              fminf(zooms ? ZOOM_WHOLE : PAN_WHOLE, seconds * (zooms ? ZOOM_A_SEC : PAN_A_SEC));
    p.drawn_width_px = nearest_even((double)width_px * (1.0 + (double)p.reach));
    p.drawn_height_px = nearest_even((double)height_px * (1.0 + (double)p.reach));
    return p;
}

enum orator_status camera_new(struct camera **out, const struct camera_plan *plan, float face_x,
                              float face_y, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    const size_t w = (size_t)plan->width_px, h = (size_t)plan->height_px;
    struct camera *c = calloc(1, sizeof(*c));
    *out = NULL;
    if (!c)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a camera");
    c->plan = *plan;
    c->face_x = face_x;
    c->face_y = face_y;
    if (plan->move != CAMERA_STILL) {
        TRY(picture_new(&c->view, plan->width_px, plan->height_px, err));
        size_t axes = (w + h) * (sizeof(int32_t) + TAPS * sizeof(int16_t));
        c->memory = calloc(1, axes + TAPS * w * sizeof(int16_t));
        if (!c->memory) {
            s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a moving camera");
            goto done;
        }
        c->across.start = c->memory;
        c->down.start = c->across.start + w;
        c->across.weight = (int16_t(*)[TAPS])(void *)(c->down.start + h);
        c->down.weight = c->across.weight + w;
        for (int k = 0; k < TAPS; k++)
            c->rows[k] = (int16_t *)(c->down.weight + h) + (size_t)k * w;
    }
    *out = c;
    c = NULL;
done:
    camera_free(&c);
    return s;
}

void camera_free(struct camera **camera)
{
    if (!*camera)
        return;
    picture_fini(&(*camera)->view);
    free((*camera)->memory);
    free(*camera);
    *camera = NULL;
}

/* The view of the video's size around the face, inside the drawn frame. */
static struct rectangle closest(const struct camera *c)
{
    const struct camera_plan *p = &c->plan;
    double w = p->drawn_width_px, h = p->drawn_height_px;
    struct rectangle r = {0, 0, p->width_px, p->height_px};
    r.x = fmin(fmax((double)c->face_x * w - 0.5 * r.width, 0), w - r.width);
    r.y = fmin(fmax((double)c->face_y * h - 0.45 * r.height, 0), h - r.height);
    return r;
}

static struct rectangle view_at(const struct camera *c, int64_t frame)
{
    const struct camera_plan *p = &c->plan;
    double u = (double)frame / (double)(p->frames - 1);
    struct rectangle far = {0, 0, p->drawn_width_px, p->drawn_height_px}, near = closest(c);
    u = fmin(fmax(u, 0), 1);
    u = u * u * (3 - 2 * u);
    if (p->move == CAMERA_PAN_LEFT || p->move == CAMERA_PAN_RIGHT) {
        near.x = (p->move == CAMERA_PAN_RIGHT ? u : 1 - u) * (far.width - near.width);
        return near;
    }
    u = p->move == CAMERA_ZOOM_OUT ? 1 - u : u;
    return (struct rectangle){far.x + u * (near.x - far.x), far.y + u * (near.y - far.y),
                              far.width + u * (near.width - far.width),
                              far.height + u * (near.height - far.height)};
}

static float catmull_rom(float x)
{
    x = fabsf(x);
    if (x < 1)
        return 1 + x * x * (1.5f * x - 2.5f);
    return x < 2 ? 2 + x * (-4 + x * (2.5f - 0.5f * x)) : 0;
}

/* Sample k of the view lies at (k * step + centre) luma pixels; so do those of the drawn frame, of
 * which there are `size`. */
static void lay_axis(struct axis *a, int count, int size, double from, double scale, int step,
                     double centre)
{
    a->count = count;
    for (int k = 0; k < count; k++) {
        double at = (from + (k * step + centre) * scale - centre) / step;
        int first = (int)floor(at) - 1;
        int start = first < 0 ? 0 : first > size - TAPS ? size - TAPS : first;
        int left = 1 << UNIT_BITS, heaviest = 0, weight[TAPS] = {0};
        for (int j = 0; j < TAPS; j++) { /* what lies outside is the edge's */
            int to = first + j - start;
            to = to < 0 ? 0 : to >= TAPS ? TAPS - 1 : to;
            int w = (int)lrintf(catmull_rom((float)(at - (first + j))) * (1 << UNIT_BITS));
            weight[to] += w;
            left -= w;
        }
        for (int j = 0; j < TAPS; j++)
            heaviest = weight[j] > weight[heaviest] ? j : heaviest;
        weight[heaviest] += left;
        a->start[k] = start;
        for (int j = 0; j < TAPS; j++)
            a->weight[k][j] = (int16_t)weight[j];
    }
}

static const int16_t *filtered_row(struct camera *c, const uint8_t *plane, ptrdiff_t stride, int y)
{
    int16_t *restrict to = c->rows[y % TAPS];
    if (c->row_of[y % TAPS] == y)
        return to;
    c->row_of[y % TAPS] = y;
    const uint8_t *restrict row = plane + y * stride;
    const int32_t *restrict start = c->across.start;
    const int16_t(*restrict weight)[TAPS] = (const int16_t(*)[TAPS])c->across.weight;
    for (int x = 0; x < c->across.count; x++) {
        const uint8_t *from = row + start[x];
        int sum = from[0] * weight[x][0] + from[1] * weight[x][1] + from[2] * weight[x][2] +
                  from[3] * weight[x][3];
        to[x] = (int16_t)((sum + (1 << (UNIT_BITS - KEPT_BITS - 1))) >> (UNIT_BITS - KEPT_BITS));
    }
    return to;
}

static void shoot_plane(struct camera *c, uint8_t *to, ptrdiff_t to_stride, const uint8_t *from,
                        ptrdiff_t from_stride)
{
    const int shift = UNIT_BITS + KEPT_BITS;
    for (int k = 0; k < TAPS; k++)
        c->row_of[k] = -1;
    for (int y = 0; y < c->down.count; y++) {
        const int16_t *restrict row[TAPS];
        const int16_t *w = c->down.weight[y];
        uint8_t *restrict out = to + y * to_stride;
        for (int k = 0; k < TAPS; k++)
            row[k] = filtered_row(c, from, from_stride, c->down.start[y] + k);
        const int16_t *restrict a = row[0], *restrict b = row[1], *restrict e = row[2],
                                *restrict f = row[3];
        const int wa = w[0], wb = w[1], we = w[2], wf = w[3];
        for (int x = 0; x < c->across.count; x++) {
            int v = (a[x] * wa + b[x] * wb + e[x] * we + f[x] * wf + (1 << (shift - 1))) >> shift;
            out[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

const struct picture *camera_shoot(struct camera *c, const struct picture *drawn, int64_t frame)
{
    const struct camera_plan *p = &c->plan;
    if (p->move == CAMERA_STILL)
        return drawn;
    const struct rectangle r = view_at(c, frame);
    const double sx = r.width / p->width_px, sy = r.height / p->height_px;
    for (int plane = 0; plane < 3; plane++) {
        int step = plane ? 2 : 1; /* chroma: at the left of its two columns, between its two rows */
        if (plane < 2) {
            lay_axis(&c->across, p->width_px / step, p->drawn_width_px / step, r.x, sx, step, 0.5);
            lay_axis(&c->down, p->height_px / step, p->drawn_height_px / step, r.y, sy, step,
                     plane ? 1.0 : 0.5);
        }
        shoot_plane(c, c->view.plane[plane], c->view.stride[plane], drawn->plane[plane],
                    drawn->stride[plane]);
    }
    return &c->view;
}
