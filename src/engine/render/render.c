#include <math.h>
#include <string.h>

#include "engine/render/ramp.h"
#include "engine/render/raster.h"
#include "engine/render/rig.h"

/* Around what moves with the lips, for the mouth's soft border. */
#define AROUND_LIPS    0.065f /* E */
#define AROUND_LIPS_PX 2.0f

static bool is_rest(const struct pose *pose)
{
    for (int unit = 0; unit < AU_COUNT; unit++)
        if (pose->au[unit] != 0.0f)
            return false;
    return pose->closure == 0.0f && pose->tongue == 0.0f && pose->blink_left == 0.0f &&
           pose->blink_right == 0.0f && pose->gaze_x == 0.0f && pose->gaze_y == 0.0f &&
           pose->yaw_rad == 0.0f && pose->pitch_rad == 0.0f && pose->roll_rad == 0.0f &&
           pose->shift_x == 0.0f && pose->shift_y == 0.0f && pose->breath == 0.0f &&
           pose->sway == 0.0f;
}

static float within(float v, float least, float most)
{
    return v >= least ? fminf(v, most) : v < least ? least : 0.0f; /* NaN: at rest */
}

/* The nearest pose that one picture can show: everything behind this line may trust its numbers. */
static struct pose tamed(const struct pose *wild)
{
    const float turn = 0.35f, shift = 0.5f; /* rad, E: far beyond what looks well */
    struct pose p = *wild;
    for (int unit = 0; unit < AU_COUNT; unit++)
        p.au[unit] = within(p.au[unit], 0.0f, 1.0f);
    p.closure = within(p.closure, 0.0f, 1.0f);
    p.tongue = within(p.tongue, 0.0f, 1.0f);
    p.blink_left = within(p.blink_left, 0.0f, 1.0f);
    p.blink_right = within(p.blink_right, 0.0f, 1.0f);
    p.gaze_x = within(p.gaze_x, -1.0f, 1.0f);
    p.gaze_y = within(p.gaze_y, -1.0f, 1.0f);
    p.yaw_rad = within(p.yaw_rad, -turn, turn);
    p.pitch_rad = within(p.pitch_rad, -turn, turn);
    p.roll_rad = within(p.roll_rad, -turn, turn);
    p.shift_x = within(p.shift_x, -shift, shift);
    p.shift_y = within(p.shift_y, -shift, shift);
    p.breath = within(p.breath, 0.0f, 1.0f);
    p.sway = within(p.sway, -1.0f, 1.0f);
    return p;
}

/* By how much the eyes changed chroma samples first .. first + n - 1 of row j: the texture's differences
 * around their places, each on the left of its two columns (1 2 1) and between its two rows. */
static void change_chroma(struct picture *to, const struct picture *plate,
                          const struct texture *live, const struct texture *still, int plane,
                          int first, int n, int j)
{
    enum { TOGETHER = 64 };
    int16_t change[2 * TOGETHER + 1]; /* of both rows, from the column before the first sample's */
    const int width = live->width_px;
    const uint8_t *restrict now = live->plane[plane] + 2 * (ptrdiff_t)j * live->stride;
    const uint8_t *restrict was = still->plane[plane] + 2 * (ptrdiff_t)j * still->stride;
    const uint8_t *restrict now_below = now + live->stride, *restrict was_below =
                                                                was + still->stride;
    for (; n > 0; n -= TOGETHER, first += TOGETHER) {
        const int these = n < TOGETHER ? n : TOGETHER, left = 2 * first - 1;
        /* the picture's border goes on */
        const int from = left < 0 ? 1 : 0, count = 2 * these + 1;
        const int to_x = left + count > width ? width - left : count;
        for (int x = from; x < to_x; x++)
            change[x] = (int16_t)(now[left + x] - was[left + x] + now_below[left + x] -
                                  was_below[left + x]);
        if (from)
            change[0] = change[1];
        if (to_x < count)
            change[to_x] = change[to_x - 1];
        const uint8_t *restrict in = plate->plane[plane] + j * plate->stride[plane] + first;
        uint8_t *restrict out = to->plane[plane] + j * to->stride[plane] + first;
        for (int i = 0; i < these; i++) {
            int sum = change[2 * i] + 2 * change[2 * i + 1] + change[2 * i + 2];
            int v = in[i] + ((sum + 3 + (sum > 0)) >> 3); /* rounded, a half away from 0 */
            out[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

/* This frame's eyes, in the planes that the warp reads. Eyes at rest give the plate's bytes again. */
static void open_eyes(struct render_rig *rig, const struct pose *pose)
{
    eyes_draw(rig->eyes, &rig->live, &rig->still, pose);
    for (int eye = 0; eye < 2; eye++) {
        const struct rect r = eyes_patch(rig->eyes, eye);
        for (int y = r.y0; y < r.y1; y++)
            memcpy(rig->eyed.plane[0] + y * rig->eyed.stride[0] + r.x0,
                   rig->live.plane[0] + y * rig->live.stride + r.x0, (size_t)(r.x1 - r.x0));
        const int end =
            r.x1 / 2 + 1 < rig->plate.width_px / 2 ? r.x1 / 2 + 1 : rig->plate.width_px / 2;
        for (int p = 1; p < 3; p++)
            for (int j = r.y0 / 2; j < (r.y1 + 1) / 2; j++)
                change_chroma(&rig->eyed, &rig->plate, &rig->live, &rig->still, p, r.x0 / 2,
                              end - r.x0 / 2, j);
    }
}

/* Of vertices first .. first + n - 1. */
static void sum_fields(float *restrict dx, float *restrict dy, const struct fields *f,
                       enum sheet sheet, const float weights[FIELD_COUNT], int first, int n)
{
    memset(dx, 0, sizeof(*dx) * (size_t)n);
    memset(dy, 0, sizeof(*dy) * (size_t)n);
    for (int unit = 0; unit < FIELD_COUNT; unit++) {
        const float w = weights[unit];
        if (w == 0.0f)
            continue;
        const float *restrict from_x = f->dx[sheet][unit] + first;
        const float *restrict from_y = f->dy[sheet][unit] + first;
#pragma omp simd
        for (int k = 0; k < n; k++) {
            dx[k] += w * from_x[k];
            dy[k] += w * from_y[k];
        }
    }
}

/* The skin of rows `from` and below, before row `to` of vertices; shares its memory. */
static struct skin rows_of(const struct skin *s, int from, int to)
{
    const ptrdiff_t k = (ptrdiff_t)from * s->columns;
    return (struct skin){.columns = s->columns,
                         .rows = to - from,
                         .x = s->x + k,
                         .y = s->y + k,
                         .from_x = s->from_x + k,
                         .from_y = s->from_y + k,
                         .z = s->z + k,
                         .head = s->head + k,
                         .body = s->body + k,
                         .to_x = s->to_x + k,
                         .to_y = s->to_y + k};
}

/* Both sheets are one but for the rows beside the lips, where the lower one has its own. */
static struct skin lower_lip(const struct render_rig *rig)
{
    struct skin s = rows_of(&rig->fine, rig->lips.y0, rig->lips.y1);
    s.to_x = rig->lower_x;
    s.to_y = rig->lower_y;
    return s;
}

static void move_sheets(struct render_rig *rig, const float weights[FIELD_COUNT],
                        const struct stance *stance)
{
    const int columns = rig->fine.columns;
    struct skin lip = lower_lip(rig);
    sum_fields(rig->dx, rig->dy, &rig->fields, SHEET_LOWER, weights, rig->lips.y0 * columns,
               lip.rows * columns);
    skin_move(&lip, &rig->head, stance, rig->dx, rig->dy);
    sum_fields(rig->dx, rig->dy, &rig->fields, SHEET_UPPER, weights, 0, rig->fine.rows * columns);
    skin_move(&rig->fine, &rig->head, stance, rig->dx, rig->dy);
}

static struct raster_mesh mesh_of(const struct skin *s, const uint8_t *skip)
{
    return (struct raster_mesh){.columns = s->columns,
                                .rows = s->rows,
                                .to_x = s->to_x,
                                .to_y = s->to_y,
                                .from_x = s->from_x,
                                .from_y = s->from_y,
                                .skip = skip,
                                .pixel = 1};
}

static void draw_blocks(struct render_rig *rig, const struct skin *s, const uint8_t *skip)
{
    const struct raster_mesh mesh = mesh_of(s, skip);
    block_map_mesh(&rig->blocks, &mesh, rig->dsp);
}

static void draw_skin(struct render_rig *rig, enum sheet sheet, const struct skin *s, int first_row)
{
    const uint8_t *skip = rig->skip_fine[sheet] + (ptrdiff_t)first_row * s->columns;
    const struct raster_mesh mesh = mesh_of(s, skip);
    raster_mesh(&rig->sheets[sheet], &mesh, rig->dsp);
}

static void draw_sheets(struct render_rig *rig)
{
    const struct skin *fine = &rig->fine, lip = lower_lip(rig);
    const int from = rig->lips.y0, to = rig->lips.y1;
    const struct skin above = rows_of(fine, 0, from + 1), below = rows_of(fine, to - 1, fine->rows);
    map_nowhere(&rig->sheets[SHEET_UPPER]);
    map_nowhere(&rig->sheets[SHEET_LOWER]);
    draw_skin(rig, SHEET_UPPER, fine, 0);
    draw_skin(rig, SHEET_LOWER, &above, 0);
    draw_skin(rig, SHEET_LOWER, &lip, from);
    draw_skin(rig, SHEET_LOWER, &below, to - 1);
}

/* The mouth's region goes where the head carries the mouth, by whole chroma samples, inside the moving
 * region. */
static struct rect carried_region(const struct render_rig *rig, const struct stance *stance)
{
    struct rect r = mouth_region(rig->mouth);
    const struct rect box = rig->moving;
    const int width = r.x1 - r.x0, height = r.y1 - r.y0;
    float lips = rig->head.teeth_z, local[2], px[2];
    head_move(local, &rig->head, stance, 0.0f, 0.0f, lips);
    frame_to_px(&rig->axes, local[0], local[1], px);
    r.x0 += 2 * (int)lrintf(0.5f * (px[0] - rig->axes.origin_px[0]));
    r.y0 += 2 * (int)lrintf(0.5f * (px[1] - rig->axes.origin_px[1]));
    r.x0 = r.x0 > box.x1 - width ? box.x1 - width : r.x0;
    r.y0 = r.y0 > box.y1 - height ? box.y1 - height : r.y0;
    r.x0 = r.x0 < box.x0 ? box.x0 : r.x0;
    r.y0 = r.y0 < box.y0 ? box.y0 : r.y0;
    return (struct rect){r.x0, r.y0, r.x0 + width, r.y0 + height};
}

/* Of the mouth's region what this frame's lips need: most of it is for jaws that drop. */
static struct rect region_of_lips(const struct render_rig *rig, const struct stance *stance)
{
    const struct rect most = carried_region(rig, stance), lips = rig->lips;
    const struct skin of[2] = {rows_of(&rig->fine, lips.y0, lips.y1), lower_lip(rig)};
    float x0 = of[0].to_x[lips.x0], x1 = x0, y0 = of[0].to_y[lips.x0], y1 = y0;
    for (int sheet = 0; sheet < 2; sheet++)
        for (int j = 0; j < of[sheet].rows; j++)
            for (int i = lips.x0; i < lips.x1; i++) {
                const float x = of[sheet].to_x[j * rig->fine.columns + i];
                const float y = of[sheet].to_y[j * rig->fine.columns + i];
                x0 = lesser(x0, x), x1 = greater(x1, x);
                y0 = lesser(y0, y), y1 = greater(y1, y);
            }
    const float around = AROUND_LIPS * rig->axes.eye_px + AROUND_LIPS_PX;
    const struct rect r = {
        (int)ramp_clamp(x0 - around, (float)most.x0, (float)most.x1) & ~1,
        (int)ramp_clamp(y0 - around, (float)most.y0, (float)most.y1) & ~1,
        ((int)ramp_clamp(x1 + around, (float)most.x0, (float)most.x1) + 1) & ~1,
        ((int)ramp_clamp(y1 + around, (float)most.y0, (float)most.y1) + 1) & ~1,
    };
    return r.x0 < r.x1 && r.y0 < r.y1 ? r : most;
}

/* Where the upper sheet is torn the frame shows the lower one, and where both are, the still picture;
 * the mouth is painted over that. */
static void choose_shown(struct sheet_map *shown, const struct sheet_map *upper,
                         const struct sheet_map *lower)
{
    const struct rect r = shown->region;
    const ptrdiff_t width = r.x1 - r.x0;
    for (int y = r.y0; y < r.y1; y++) {
        const ptrdiff_t at = (y - r.y0) * width;
        const float *restrict upper_x = upper->x + at, *restrict upper_y = upper->y + at;
        const float *restrict lower_x = lower->x + at, *restrict lower_y = lower->y + at;
        float *restrict out_x = shown->x + at, *restrict out_y = shown->y + at;
#pragma omp simd
        for (int i = 0; i < width; i++) {
            bool above = upper_x[i] >= MAP_NOWHERE + 1.0f;
            bool below = lower_x[i] >= MAP_NOWHERE + 1.0f;
            float still_x = (float)(r.x0 + i) + 0.5f, still_y = (float)y + 0.5f;
            out_x[i] = above ? upper_x[i] : below ? lower_x[i] : still_x;
            out_y[i] = above ? upper_y[i] : below ? lower_y[i] : still_y;
        }
    }
}

/* A plane at the teeth's depth moves as a whole: three of its points tell how, and the inverse tells
 * where a pixel of the frame was. */
static struct head_affine teeth_affine(const struct render_rig *rig, const struct stance *stance)
{
    static const float corners[3][2] = {{0, 0}, {1, 0}, {0, 1}};
    float from[3][2], to[3][2], local[2];
    for (int k = 0; k < 3; k++) {
        frame_to_px(&rig->axes, corners[k][0], corners[k][1], from[k]);
        head_move(local, &rig->head, stance, corners[k][0], corners[k][1], rig->head.teeth_z);
        frame_to_px(&rig->axes, local[0], local[1], to[k]);
    }
    float ax = to[1][0] - to[0][0], ay = to[1][1] - to[0][1];
    float bx = to[2][0] - to[0][0], by = to[2][1] - to[0][1];
    float inverse = 1.0f / (ax * by - ay * bx);
    struct head_affine h;
    for (size_t k = 0; k < 2; k++) {
        float right = from[1][k] - from[0][k], down = from[2][k] - from[0][k];
        h.m[3 * k] = (right * by - down * ay) * inverse;
        h.m[3 * k + 1] = (down * ax - right * bx) * inverse;
        h.m[3 * k + 2] = from[0][k] - h.m[3 * k] * to[0][0] - h.m[3 * k + 1] * to[0][1];
    }
    return h;
}

const struct picture *render_frame(struct render_rig *rig, const struct pose *wild)
{
    const struct pose pose = tamed(wild);
    if (is_rest(&pose))
        return &rig->plate;

    float weights[FIELD_COUNT];
    const struct stance stance = stance_of(&pose);
    struct sheet_map *upper = &rig->sheets[SHEET_UPPER], *lower = &rig->sheets[SHEET_LOWER];
    fields_weights(weights, &pose, &rig->seam);
    open_eyes(rig, &pose);

    move_sheets(rig, weights, &stance);
    upper->region = lower->region = rig->shown.region = region_of_lips(rig, &stance);
    draw_sheets(rig);
    block_map_identity(&rig->blocks);
    skin_move(&rig->coarse, &rig->head, &stance, NULL, NULL);
    draw_blocks(rig, &rig->coarse, rig->skip_coarse);
    draw_blocks(rig, &rig->fine, NULL); /* of the upper sheet: the mouth hides its tears */
    choose_shown(&rig->shown, upper, lower);

    const int turn = rig->next;
    rig->next = (turn + 1) % RIG_FRAMES;
    struct picture *frame = &rig->frames[turn];
    const struct warp_held held = {rig->held[turn], rig->relight->region};
    warp_blocks(frame, &rig->eyed, &rig->blocks, upper->region, rig->backdrop, &held, rig->dsp);
    if (rig->backdrop)
        backdrop_draw(rig->backdrop, frame, &rig->eyed, &rig->shown, rig->dsp);
    else
        warp_picture(frame, &rig->eyed, &rig->shown, rig->dsp, rig->scratch);
    const struct head_affine teeth = teeth_affine(rig, &stance);
    mouth_draw(rig->mouth, frame, upper, lower, &teeth, &pose);
    relight_frame(rig->relight, frame, &rig->shown, &rig->blocks, weights, rig->dsp);
    return frame;
}
