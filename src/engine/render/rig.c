#include "engine/render/rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/ramp.h"

#define COARSE_STEP  0.10f /* E; bends of the head's fade stay under 0.2 px up to 1080p */
#define COARSE_LEAST 8.0f  /* px */
#define BEYOND       0.50f /* E that the coarse mesh reaches past the borders of the picture */

#define REACH_BENT 0.3f /* a textured wall that swims beside the head is seen at once */

static int even_down(int v) { return v & ~1; }
static int even_up(int v) { return (v + 1) & ~1; }
static int clip(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }

/* The face as the detector saw it, in pixels of the video. */
static struct face scaled_face(const struct face *face, const struct image *from, int width_px,
                               int height_px)
{
    struct face out = *face;
    float sx = (float)width_px / (float)from->width_px,
          sy = (float)height_px / (float)from->height_px;
    for (int i = 0; i < FACE_POINTS; i++) {
        out.points[i][0] *= sx;
        out.points[i][1] *= sy;
        out.points[i][2] *= 0.5f * (sx + sy);
    }
    for (int k = 0; k < 4; k++)
        out.box[k] *= k & 1 ? sy : sx;
    out.eye_distance_px = face_frame_of(&out).eye_px;
    return out;
}

static enum orator_status texture_new(struct texture *t, int width_px, int height_px,
                                      struct orator_error *err)
{
    *t = (struct texture){.stride = width_px, .width_px = width_px, .height_px = height_px};
    size_t each = (size_t)width_px * (size_t)height_px;
    t->plane[0] = malloc(3 * each);
    if (!t->plane[0])
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a texture of %d x %d px", width_px,
                           height_px);
    t->plane[1] = t->plane[0] + each;
    t->plane[2] = t->plane[0] + 2 * each;
    return ORATOR_OK;
}

/* Luma is the plate's own, so that still eyes give the plate's bytes; chroma is BT.709, limited range,
 * at every pixel: lids and lips are too thin for half of it. */
static void texture_fill(struct texture *t, const struct image *image, const struct picture *plate)
{
    for (int y = 0; y < t->height_px; y++) {
        const uint8_t *rgb = image->rgb + y * image->stride;
        memcpy(t->plane[0] + y * t->stride, plate->plane[0] + y * plate->stride[0],
               (size_t)t->width_px);
        for (int x = 0; x < t->width_px; x++, rgb += 3) {
            float r = rgb[0], g = rgb[1], b = rgb[2],
                  luma = 0.2126f * r + 0.7152f * g + 0.0722f * b;
            float u = 128.5f + (b - luma) * (224.0f / (255.0f * 1.8556f));
            float v = 128.5f + (r - luma) * (224.0f / (255.0f * 1.5748f));
            t->plane[1][y * t->stride + x] = (uint8_t)u;
            t->plane[2][y * t->stride + x] = (uint8_t)v;
        }
    }
}

static void copy_picture(struct picture *to, const struct picture *from)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0, half = p > 0; y < from->height_px >> half; y++)
            memcpy(to->plane[p] + y * to->stride[p], from->plane[p] + y * from->stride[p],
                   (size_t)(from->width_px >> half));
}

static enum orator_status make_pictures(struct render_rig *rig, const struct image *scaled,
                                        struct orator_error *err)
{
    enum orator_status s;
    int width = scaled->width_px, height = scaled->height_px;
    TRY(picture_from_image(&rig->plate, scaled, err));
    for (int k = 0; k < RIG_FRAMES; k++)
        TRY(picture_new(&rig->frames[k], width, height, err));
    TRY(picture_new(&rig->eyed, width, height, err));
    TRY(texture_new(&rig->still, width, height, err));
    TRY(texture_new(&rig->live, width, height, err));
    for (int k = 0; k < RIG_FRAMES; k++)
        copy_picture(&rig->frames[k], &rig->plate);
    copy_picture(&rig->eyed, &rig->plate);
    texture_fill(&rig->still, scaled, &rig->plate);
    memcpy(rig->live.plane[0], rig->still.plane[0], 3 * (size_t)width * (size_t)height);
done:
    return s;
}

/* A cell whose corners disagree about being continued across the cut would smear one lip over the
 * other: it is left out. */
static void skip_torn(uint8_t *skip, const struct fields *f, const struct seam *seam,
                      enum sheet sheet)
{
    float forward = sheet == SHEET_UPPER ? 1.0f : -1.0f;
    for (int j = 0; j + 1 < f->rows; j++) {
        for (int i = 0; i + 1 < f->columns; i++) {
            bool continued = false, other_side = false;
            for (int k = 0; k < 4; k++) {
                float x = f->left + f->step * (float)(i + (k & 1));
                float y = f->top + f->step * (float)(j + (k >> 1));
                float past = (y - 0.5f * (seam_upper(seam, x) + seam_lower(seam, x))) * forward;
                if (fabsf(seam_u(seam, x)) >= 1.0f || past <= 0.0f)
                    continue;
                if (past > FIELDS_BEYOND * f->step)
                    other_side = true;
                else
                    continued = true;
            }
            skip[j * f->columns + i] = continued && other_side;
        }
    }
}

/* Whole rows and columns of vertices that hold whatever a cut tears or continues, and the lips. */
static struct rect around_lips(const struct fields *f, const struct seam *seam)
{
    float top = 1e9f, bottom = -1e9f;
    for (int k = 0; k < SEAM_KNOTS; k++) {
        top = fminf(top, seam->upper_y[k]);
        bottom = fmaxf(bottom, seam->lower_y[k]);
    }
    const float beyond = (FIELDS_BEYOND + 1) * f->step, left = seam->left_x - f->left,
                right = seam->right_x - f->left;
    return (struct rect){clip((int)floorf(left / f->step), 0, f->columns - 2),
                         clip((int)floorf((top - beyond - f->top) / f->step), 0, f->rows - 2),
                         clip((int)ceilf(right / f->step) + 1, 2, f->columns),
                         clip((int)ceilf((bottom + beyond - f->top) / f->step) + 1, 2, f->rows)};
}

static enum orator_status make_fine(struct render_rig *rig, struct orator_error *err)
{
    enum orator_status s;
    const struct fields *f = &rig->fields;
    const size_t cells = (size_t)f->columns * (size_t)f->rows;
    TRY(skin_new(&rig->fine, f->columns, f->rows, err));
    for (int j = 0; j < f->rows; j++) {
        for (int i = 0; i < f->columns; i++) {
            rig->fine.x[j * f->columns + i] = f->left + f->step * (float)i;
            rig->fine.y[j * f->columns + i] = f->top + f->step * (float)j;
        }
    }
    skin_lay(&rig->fine, &rig->head);
    rig->dx = calloc(4 * cells, sizeof(float));
    rig->skip_fine[0] = calloc(SHEET_COUNT * cells, 1);
    if (!rig->dx || !rig->skip_fine[0])
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the face's mesh");
    rig->dy = rig->dx + cells;
    rig->lower_x = rig->dx + 2 * cells;
    rig->lower_y = rig->dx + 3 * cells;
    rig->lips = around_lips(f, &rig->seam);
    rig->skip_fine[1] = rig->skip_fine[0] + cells;
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++)
        skip_torn(rig->skip_fine[sheet], f, &rig->seam, (enum sheet)sheet);
done:
    return s;
}

static void join(struct rect *r, int x0, int y0, int x1, int y1)
{
    r->x0 = x0 < r->x0 ? x0 : r->x0;
    r->y0 = y0 < r->y0 ? y0 : r->y0;
    r->x1 = x1 > r->x1 ? x1 : r->x1;
    r->y1 = y1 > r->y1 ? y1 : r->y1;
}

/* The box around all that can move: by the head or the shoulders, by the face's fields, and the mouth
 * wherever the head may carry it. */
static struct rect moving_box(const struct render_rig *rig, int step)
{
    const int width = rig->plate.width_px, height = rig->plate.height_px;
    struct rect box = {width, height, 0, 0}, mouth = mouth_region(rig->mouth);
    for (int y = 0; y < height + step; y += step) {
        for (int x = 0; x < width + step; x += step) {
            float at[2];
            frame_to_local(&rig->axes, (float)x, (float)y, at);
            if (head_weight(&rig->head, at[0], at[1]) > 0.0f ||
                body_weight(&rig->head, at[0], at[1]) > 0.0f)
                join(&box, x - step, y - step, x + step, y + step);
        }
    }
    const struct skin *fine = &rig->fine;
    for (int j = 0; j < fine->rows; j += fine->rows - 1) {
        for (int i = 0; i < fine->columns; i += fine->columns - 1) {
            int x = (int)fine->from_x[j * fine->columns + i];
            int y = (int)fine->from_y[j * fine->columns + i];
            join(&box, x, y, x + 1, y + 1);
        }
    }
    int carried = (int)rig->axes.eye_px;
    join(&box, mouth.x0 - carried, mouth.y0 - carried, mouth.x1 + carried, mouth.y1 + carried);
    return (struct rect){even_down(clip(box.x0, 0, width)), even_down(clip(box.y0, 0, height)),
                         even_up(clip(box.x1, 0, width)), even_up(clip(box.y1, 0, height))};
}

/* The fine mesh covers what lies inside it, up to one of its own steps. */
static bool under_fine(const struct render_rig *rig, float x, float y, float margin)
{
    const struct fields *f = &rig->fields;
    return x > f->left + margin && x < f->left + f->step * (float)(f->columns - 1) - margin &&
           y > f->top + margin && y < f->top + f->step * (float)(f->rows - 1) - margin;
}

static enum orator_status make_coarse(struct render_rig *rig, struct orator_error *err)
{
    enum orator_status s;
    float e = rig->axes.eye_px, step = fmaxf(COARSE_STEP * e, COARSE_LEAST);
    rig->moving = moving_box(rig, (int)step);
    /* one cell more than the box everywhere; where the box ends with the picture, far enough that what
     * moves inward uncovers nothing */
    int past = (int)ceilf(fmaxf(BEYOND * e, step) / step);
    const struct rect r = rig->moving;
    int columns = (int)ceilf((float)(r.x1 - r.x0) / step) + 2 * past + 1;
    int rows = (int)ceilf((float)(r.y1 - r.y0) / step) + 2 * past + 1;
    TRY(skin_new(&rig->coarse, columns, rows, err));
    for (int j = 0; j < rows; j++) {
        for (int i = 0; i < columns; i++) {
            float at[2];
            frame_to_local(&rig->axes, (float)r.x0 + step * (float)(i - past),
                           (float)r.y0 + step * (float)(j - past), at);
            rig->coarse.x[j * columns + i] = at[0];
            rig->coarse.y[j * columns + i] = at[1];
        }
    }
    skin_lay(&rig->coarse, &rig->head);

    rig->skip_coarse = calloc((size_t)columns * (size_t)rows, 1);
    if (!rig->skip_coarse)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for the picture's mesh");
    for (int j = 0; j + 1 < rows; j++) {
        for (int i = 0; i + 1 < columns; i++) {
            bool all = true;
            for (int k = 0; k < 4; k++) {
                int at = (j + (k >> 1)) * columns + i + (k & 1);
                all =
                    all && under_fine(rig, rig->coarse.x[at], rig->coarse.y[at], rig->fields.step);
            }
            rig->skip_coarse[j * columns + i] = all;
        }
    }
done:
    return s;
}

static enum orator_status map_new(struct sheet_map *map, struct rect region,
                                  struct orator_error *err)
{
    size_t pixels = (size_t)(region.x1 - region.x0) * (size_t)(region.y1 - region.y0);
    *map = (struct sheet_map){.region = region,
                              .x = malloc((2 * pixels + RASTER_SPARE) * sizeof(float))};
    if (!map->x)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a map of %zu pixels", pixels);
    map->y = map->x + pixels;
    return ORATOR_OK;
}

static enum orator_status make_maps(struct render_rig *rig, struct orator_error *err)
{
    enum orator_status s;
    struct rect mouth = mouth_region(rig->mouth);
    TRY(block_map_new(&rig->blocks, rig->moving, err));
    for (int k = 0; k < RIG_FRAMES; k++) {
        rig->held[k] = calloc(block_map_blocks(&rig->blocks), 1);
        if (!rig->held[k])
            TRY(orator_fail(err, ORATOR_NO_MEMORY, "no memory for a map of blocks"));
    }
    TRY(map_new(&rig->shown, mouth, err));
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++)
        TRY(map_new(&rig->sheets[sheet], mouth, err));
    rig->scratch = malloc(warp_scratch_floats(rig->plate.width_px) * sizeof(float));
    if (!rig->scratch)
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a row of a map");
done:
    return s;
}

static enum orator_status make_backdrop(struct render_rig *rig, struct orator_error *err)
{
    enum orator_status s;
    struct matte matte = {0};
    TRY(matte_find(&matte, &rig->still, &rig->head, err));
    TRY(backdrop_new(&rig->backdrop, &rig->trust, &rig->plate, &rig->still, &matte, &rig->head,
                     err));
    if (rig->backdrop) {
        const struct head_outline outline = matte_outline(&matte, &rig->head);
        head_set_outline(&rig->head, &outline);
    }
done:
    matte_fini(&matte);
    return s;
}

static enum orator_status check_size(const struct image *portrait,
                                     const struct render_options *options, struct orator_error *err)
{
    int w = options->width_px, h = options->height_px;
    if (w < 2 || h < 2 || w % 2 || h % 2 || w > IMAGE_MAX_SIDE_PX || h > IMAGE_MAX_SIDE_PX)
        return orator_fail(err, ORATOR_INTERNAL, "a video of %d x %d px was asked for", w, h);
    if (portrait->width_px < 1 || portrait->height_px < 1)
        return orator_fail(err, ORATOR_INTERNAL, "the portrait is empty");
    return ORATOR_OK;
}

enum orator_status render_rig_new(struct render_rig **out, const struct image *portrait,
                                  const struct face *face, const struct render_options *options,
                                  struct orator_error *err)
{
    enum orator_status s;
    struct image scaled = {0};
    struct render_rig *rig = NULL;
    TRY(check_size(portrait, options, err));
    rig = calloc(1, sizeof(*rig));
    if (!rig) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a rig");
        goto done;
    }
    rig->dsp = options->dsp;
    struct face here = scaled_face(face, portrait, options->width_px, options->height_px);
    rig->axes = face_frame_of(&here);
    if (!(rig->axes.eye_px >= 4.0f)) { /* below that a lip is less than a pixel */
        s = orator_fail(err, ORATOR_FACE_UNUSABLE,
                        "the eyes are %.1f px apart in the video, need at least 4",
                        (double)rig->axes.eye_px);
        goto done;
    }
    TRY(image_scale(&scaled, portrait, options->width_px, options->height_px, err));
    TRY(make_pictures(rig, &scaled, err));
    TRY(seam_find(&rig->seam, &scaled, &here, &rig->axes, err));
    TRY(fields_solve(&rig->fields, &here, &rig->axes, &rig->seam, rig->dsp, err));
    TRY(eyes_new(&rig->eyes, &rig->still, &here, &rig->axes, options->spectacles, err));
    TRY(mouth_new(&rig->mouth, &rig->still, &here, &rig->axes, &rig->seam, options->seed, err));
    rig->head = head_of(&here, &rig->axes, options->width_px, options->height_px);
    TRY(make_backdrop(rig, err));
    TRY(make_fine(rig, err));
    TRY(relight_new(&rig->relight, &rig->fields, rig->fine.z, &here, &rig->axes, &rig->seam,
                    &rig->still, err));
    TRY(make_coarse(rig, err));
    TRY(make_maps(rig, err));
    *out = rig;
    rig = NULL;
done:
    render_rig_free(&rig);
    image_fini(&scaled);
    return s;
}

float render_rig_reach(const struct render_rig *rig) { return rig->backdrop ? 1.0f : REACH_BENT; }

void render_rig_free(struct render_rig **p)
{
    struct render_rig *rig = *p;
    if (!rig)
        return;
    free(rig->scratch);
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++)
        free(rig->sheets[sheet].x);
    free(rig->shown.x);
    block_map_fini(&rig->blocks);
    free(rig->skip_coarse);
    skin_fini(&rig->coarse);
    free(rig->skip_fine[0]);
    free(rig->dx);
    skin_fini(&rig->fine);
    relight_free(&rig->relight);
    backdrop_free(&rig->backdrop);
    mouth_free(&rig->mouth);
    eyes_free(&rig->eyes);
    fields_fini(&rig->fields);
    free(rig->live.plane[0]);
    free(rig->still.plane[0]);
    picture_fini(&rig->eyed);
    for (int k = 0; k < RIG_FRAMES; k++) {
        picture_fini(&rig->frames[k]);
        free(rig->held[k]);
    }
    picture_fini(&rig->plate);
    free(rig);
    *p = NULL;
}
