#include "engine/framing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parts of the face's height and width around it. With the first a head is whole; with the second it
 * has air above and shoulders below. The window grows beyond the picture only where the first does
 * not fit, and then as far as the second asks, so that no thin stripe is ever filled. */
struct margins {
    float above, below, beside;
};
static const struct margins tight = {0.50f, 0.30f, 0.20f}, comfortable = {0.60f, 0.75f, 0.45f};

static const struct margins close_up = {0.42f, 0.28f, 0.30f};
#define CLOSEST 0.45f /* of the window before: closer, a portrait goes soft */

#define EYES_AT 0.38f /* of the window's height, from above: where portraits have them */

enum {
    FILL_SIDE_PX = 90, /* of the small picture that the fill is made of: its blur costs nothing */
    FILL_RADIUS_PX = 5 /* of a box over it, three times: about a sixteenth of the picture */
};
#define FILL_DARKER 0.25f /* at most, from FILL_FADE of the longer side away from the picture */
#define FILL_FADE   0.15f
#define SEAM_SIDE   0.04f /* of the picture's part, in which it goes over into the fill */

enum { EYE_RIGHT = 33, EYE_LEFT = 263 }; /* outer corners */

struct span {
    float from, to;
};

static struct span face_span(const struct face *face, int axis)
{
    struct span s = {face->points[0][axis], face->points[0][axis]};
    for (int i = 1; i < FACE_MESH_POINTS; i++) {
        s.from = fminf(s.from, face->points[i][axis]);
        s.to = fmaxf(s.to, face->points[i][axis]);
    }
    return s;
}

/* The face with its margins, as far as the picture has them. */
static struct span widened(struct span face, float before, float after, int size_px)
{
    float length = face.to - face.from;
    return (struct span){fmaxf(0, face.from - before * length),
                         fminf((float)size_px, face.to + after * length)};
}

/* Where a window starts that would best start at `at`: inside the picture, or around it, and with
 * `kept` inside. */
static int start_of(float at, int window_px, int size_px, struct span kept)
{
    float low = fminf(0, (float)(size_px - window_px)),
          high = fmaxf(0, (float)(size_px - window_px));
    if (window_px < size_px) {
        low = fmaxf(low, ceilf(kept.to) - (float)window_px);
        high = fminf(high, floorf(kept.from));
    }
    return (int)lrintf(fminf(fmaxf(at, low), high));
}

static bool read_ratio(const char *word, int *across, int *down)
{
    static const struct {
        const char *word;
        int across, down;
    } ratios[] = {{"16:9", 16, 9}, {"9:16", 9, 16}, {"1:1", 1, 1}, {"4:3", 4, 3}, {"3:4", 3, 4}};
    for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
        if (strcmp(word, ratios[i].word) != 0)
            continue;
        *across = ratios[i].across;
        *down = ratios[i].down;
        return true;
    }
    return false;
}

/* Puts a window of this width where the eyes are best. */
static void place(struct framing *out, float wide, float ratio, int width_px, int height_px,
                  const struct face *face, struct span x, struct span y)
{
    const float *right = face->points[EYE_RIGHT], *left = face->points[EYE_LEFT];
    const struct span face_x = face_span(face, 0);
    float middle = 0.5f * (face_x.from + face_x.to), eyes = 0.5f * (right[1] + left[1]);
    out->width_px = (int)ceilf(wide - 0.01f);
    out->height_px = (int)ceilf(wide / ratio - 0.01f);
    out->x_px = start_of(middle - 0.5f * wide, out->width_px, width_px, x);
    out->y_px = start_of(eyes - EYES_AT * wide / ratio, out->height_px, height_px, y);
}

void framing_come_closer(struct framing *f, int width_px, int height_px, const struct face *face)
{
    const float ratio = (float)f->across / (float)f->down, wide = (float)f->width_px;
    const struct margins *m = &close_up;
    struct span x = widened(face_span(face, 0), m->beside, m->beside, width_px);
    struct span y = widened(face_span(face, 1), m->above, m->below, height_px);
    float need = fmaxf(fmaxf(x.to - x.from, (y.to - y.from) * ratio), CLOSEST * wide);
    if (need < wide && need <= fminf((float)width_px, (float)height_px * ratio))
        place(f, need, ratio, width_px, height_px, face, x, y);
}

enum orator_status framing_choose(struct framing *out, const char *aspect_ratio, int width_px,
                                  int height_px, const struct face *face, struct orator_error *err)
{
    *out = (struct framing){0, 0, width_px, height_px, width_px, height_px};
    if (!aspect_ratio || !aspect_ratio[0] || strcmp(aspect_ratio, "source") == 0)
        return ORATOR_OK;
    if (!read_ratio(aspect_ratio, &out->across, &out->down))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "aspect_ratio",
                                 "aspect_ratio is %.20s, need source, 16:9, 9:16, 1:1, 4:3 or 3:4",
                                 aspect_ratio);

    const float w = (float)width_px, h = (float)height_px;
    const float ratio = (float)out->across / (float)out->down;
    const struct span face_x = face_span(face, 0), face_y = face_span(face, 1);
    const struct margins *m = &tight;
    struct span x, y;
    float wide = fminf(w, h * ratio); /* the largest window inside */
    for (;;) {
        x = widened(face_x, m->beside, m->beside, width_px);
        y = widened(face_y, m->above, m->below, height_px);
        float need = fmaxf(x.to - x.from, (y.to - y.from) * ratio);
        if (need <= wide)
            break;
        if (m == &comfortable) {
            wide = need;
            break;
        }
        m = &comfortable;
    }
    place(out, wide, ratio, width_px, height_px, face, x, y);
    return ORATOR_OK;
}

/* Where the window and the picture meet, in the picture and in the video. */
struct part {
    int from_x, from_y, from_width, from_height;
    int to_x, to_y, to_width, to_height;
};

static void part_axis(int window, int window_px, int size_px, int video_px, int *from,
                      int *from_size, int *to, int *to_size)
{
    double scale = (double)video_px / window_px;
    int end = window + window_px < size_px ? window + window_px : size_px;
    *from = window > 0 ? window : 0;
    *from_size = end - *from;
    *to = (int)lrint((*from - window) * scale);
    *to_size = (int)lrint((end - window) * scale) - *to;
}

static void move_face(struct face *f, const struct part *p)
{
    float sx = (float)p->to_width / (float)p->from_width;
    float sy = (float)p->to_height / (float)p->from_height, s = sqrtf(sx * sy);
    for (int i = 0; i < FACE_POINTS; i++) {
        f->points[i][0] = (float)p->to_x + (f->points[i][0] - (float)p->from_x) * sx;
        f->points[i][1] = (float)p->to_y + (f->points[i][1] - (float)p->from_y) * sy;
        f->points[i][2] *= s;
    }
    f->box[0] = (float)p->to_x + (f->box[0] - (float)p->from_x) * sx;
    f->box[1] = (float)p->to_y + (f->box[1] - (float)p->from_y) * sy;
    f->box[2] *= sx;
    f->box[3] *= sy;
    f->eye_distance_px *= s;
}

static int clamped(int i, int n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

/* A box along lines of `n` pixels that lie `step` bytes apart; edges are repeated. */
static void box_line(uint8_t *line, uint8_t *was, int n, ptrdiff_t step)
{
    enum { BOX = 2 * FILL_RADIUS_PX + 1 };
    for (int c = 0; c < 3; c++) {
        unsigned sum = 0;
        for (int i = 0; i < n; i++)
            was[i] = line[i * step + c];
        for (int i = -FILL_RADIUS_PX; i <= FILL_RADIUS_PX; i++)
            sum += was[clamped(i, n)];
        for (int i = 0; i < n; i++) {
            line[i * step + c] = (uint8_t)((sum + BOX / 2) / BOX);
            sum += was[clamped(i + FILL_RADIUS_PX + 1, n)];
            sum -= was[clamped(i - FILL_RADIUS_PX, n)];
        }
    }
}

static enum orator_status blur(struct image *im, struct orator_error *err)
{
    int longest = im->width_px > im->height_px ? im->width_px : im->height_px;
    uint8_t *line = malloc((size_t)longest);
    if (!line)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to blur a picture");
    for (int turn = 0; turn < 3; turn++) {
        for (int y = 0; y < im->height_px; y++)
            box_line(im->rgb + y * im->stride, line, im->width_px, 3);
        for (int x = 0; x < im->width_px; x++)
            box_line(im->rgb + 3 * x, line, im->height_px, im->stride);
    }
    free(line);
    return ORATOR_OK;
}

/* The picture's part, small, in its place, its edge repeated outward; blurred, and then large. */
static enum orator_status make_fill(struct image *out, const struct image *shown,
                                    const struct part *p, int width_px, int height_px,
                                    struct orator_error *err)
{
    enum orator_status s;
    struct image small = {0}, canvas = {0};
    double scale = (double)FILL_SIDE_PX / (width_px < height_px ? width_px : height_px);
    int w = (int)ceil(p->to_width * scale), h = (int)ceil(p->to_height * scale);
    int left = (int)lrint(p->to_x * scale), top = (int)lrint(p->to_y * scale);
    TRY(image_scale(&small, shown, w, h, err));
    TRY(image_new(&canvas, (int)lrint(width_px * scale), (int)lrint(height_px * scale), err));
    for (int y = 0; y < canvas.height_px; y++) {
        const uint8_t *from = small.rgb + clamped(y - top, h) * small.stride;
        for (int x = 0; x < canvas.width_px; x++)
            memcpy(canvas.rgb + y * canvas.stride + 3 * x, from + 3 * clamped(x - left, w), 3);
    }
    TRY(blur(&canvas, err));
    TRY(image_scale(out, &canvas, width_px, height_px, err));
done:
    image_fini(&canvas);
    image_fini(&small);
    return s;
}

static float smooth(float v)
{
    v = fminf(fmaxf(v, 0), 1);
    return v * v * (3 - 2 * v);
}

/* How far inside the part a pixel lies, of those sides that do not reach the video's edge. */
static float depth(int at, int from, int size, int video_px)
{
    float before = (float)(at - from) + 0.5f, after = (float)(from + size - at) - 0.5f;
    return fminf(from > 0 ? before : INFINITY, from + size < video_px ? after : INFINITY);
}

/* The part over its fill; further out the fill grows darker. */
static void lay_over(struct image *fill, const struct image *shown, const struct part *p)
{
    const int w = fill->width_px, h = fill->height_px;
    const float seam =
        fmaxf(1, SEAM_SIDE * (float)(p->to_width < p->to_height ? p->to_width : p->to_height));
    const float fade = FILL_FADE * (float)(w > h ? w : h);
    for (int y = 0; y < h; y++) {
        float depth_y = depth(y, p->to_y, p->to_height, h);
        uint8_t *to = fill->rgb + y * fill->stride;
        const uint8_t *over = shown->rgb + clamped(y - p->to_y, p->to_height) * shown->stride;
        for (int x = 0; x < w; x++, to += 3) {
            float inside = fminf(depth_y, depth(x, p->to_x, p->to_width, w));
            float share = smooth(inside / seam);
            float light = 1 - FILL_DARKER * smooth(-inside / fade);
            const uint8_t *from = over + 3 * clamped(x - p->to_x, p->to_width);
            for (int c = 0; c < 3; c++)
                to[c] =
                    (uint8_t)(share * (float)from[c] + (1 - share) * light * (float)to[c] + 0.5f);
        }
    }
}

enum orator_status framing_apply(struct image *portrait, struct face *face, const struct framing *f,
                                 int width_px, int height_px, struct orator_error *err)
{
    enum orator_status s;
    struct part p;
    struct image shown = {0}, fill = {0};
    if (f->width_px == portrait->width_px && f->height_px == portrait->height_px)
        return ORATOR_OK;
    part_axis(f->x_px, f->width_px, portrait->width_px, width_px, &p.from_x, &p.from_width, &p.to_x,
              &p.to_width);
    part_axis(f->y_px, f->height_px, portrait->height_px, height_px, &p.from_y, &p.from_height,
              &p.to_y, &p.to_height);
    const struct image cut = {portrait->rgb + p.from_y * portrait->stride + (ptrdiff_t)3 * p.from_x,
                              p.from_width, p.from_height, portrait->stride}; /* a view */
    TRY(image_scale(&shown, &cut, p.to_width, p.to_height, err));
    if (p.to_width < width_px || p.to_height < height_px) {
        TRY(make_fill(&fill, &shown, &p, width_px, height_px, err));
        lay_over(&fill, &shown, &p);
    }
    move_face(face, &p);
    image_fini(portrait);
    *portrait = fill.rgb ? fill : shown;
    *(fill.rgb ? &fill : &shown) = (struct image){0};
done:
    image_fini(&fill);
    image_fini(&shown);
    return s;
}
