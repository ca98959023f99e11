/* Lids and glances on a face drawn here: skin with grain, two almond eyes with lashes, white and iris. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "engine/render/eyes.h"

enum { WIDTH = 320, HEIGHT = 200, PIXELS = WIDTH * HEIGHT, LEFT = 0, RIGHT = 1 };

/* The mesh's points about each eye, from the outer corner to the inner one; brow; centre and ring. */
static const short upper_lid[2][9] = {{33, 246, 161, 160, 159, 158, 157, 173, 133},
                                      {263, 466, 388, 387, 386, 385, 384, 398, 362}};
static const short lower_lid[2][9] = {{33, 7, 163, 144, 145, 153, 154, 155, 133},
                                      {263, 249, 390, 373, 374, 380, 381, 382, 362}};
static const short brow[2][5] = {{46, 53, 52, 65, 55}, {276, 283, 282, 295, 285}};
static const short iris[2] = {468, 473};

struct drawing {
    float eye_x[2], eye_y, half_px, upper_px, lower_px, iris_shift_px[2];
};

static const struct drawing plain = {{105, 215}, 100, 25, 11, 7, {0, 3}};

struct scene {
    uint8_t still_bytes[3][PIXELS], live_bytes[3][PIXELS];
    struct texture still, live;
    struct face face;
    struct face_frame frame;
    struct eyes *eyes;
};

static struct texture texture_over(uint8_t bytes[3][PIXELS])
{
    return (struct texture){{bytes[0], bytes[1], bytes[2]}, WIDTH, WIDTH, HEIGHT};
}

static void set_point(struct face *f, int i, float x, float y)
{
    f->points[i][0] = x;
    f->points[i][1] = y;
}

static float bow(float u) { return 1 - u * u; } /* height of a lid at u = -1..1 along the eye */

static void place_points(struct face *f, const struct drawing *d)
{
    for (int e = 0; e < 2; e++) {
        float outward = e == LEFT ? -1 : 1;
        for (int i = 0; i < 9; i++) {
            float u = 1 - (float)i / 4; /* 1 at the outer corner */
            float x = d->eye_x[e] + outward * u * d->half_px;
            set_point(f, upper_lid[e][i], x, d->eye_y - d->upper_px * bow(u));
            set_point(f, lower_lid[e][i], x, d->eye_y + d->lower_px * bow(u));
        }
        for (int i = 0; i < 5; i++)
            set_point(f, brow[e][i], d->eye_x[e] + outward * (24.0f - 12 * (float)i),
                      d->eye_y - 36);
        float x = d->eye_x[e] + d->iris_shift_px[e], r = 0.4f * d->half_px;
        const float ring[5][2] = {{0, 0}, {r, 0}, {0, -r}, {-r, 0}, {0, r}};
        for (int i = 0; i < 5; i++)
            set_point(f, iris[e] + i, x + ring[i][0], d->eye_y + ring[i][1]);
    }
}

static void paint_pixel(struct scene *s, const struct drawing *d, int x, int y)
{
    unsigned noise = (unsigned)(x * 7919 + y * 104729) * 2654435761u >> 28; /* 0..15 */
    int colour[3] = {140 + x / 16 + (int)noise / 4, 112, 150};
    for (int e = 0; e < 2; e++) {
        float dx = (float)x + 0.5f - d->eye_x[e], dy = (float)y + 0.5f - d->eye_y;
        float u = dx / d->half_px;
        if (fabsf(u) >= 1)
            continue;
        float top = -d->upper_px * bow(u), bottom = d->lower_px * bow(u);
        float ix = dx - d->iris_shift_px[e];
        bool in_iris = ix * ix + dy * dy < 0.16f * d->half_px * d->half_px;
        if (dy > top && dy < bottom) {
            colour[0] = in_iris ? 40 : 205;
            colour[1] = colour[2] = 128;
        } else if (dy <= top && dy > top - 3) { /* lashes */
            colour[0] = 36;
            colour[1] = colour[2] = 128;
        }
    }
    for (int c = 0; c < 3; c++)
        s->still_bytes[c][y * WIDTH + x] = (uint8_t)colour[c];
}

static void open_eyes(struct scene *s)
{
    const float *a = s->face.points[33], *b = s->face.points[133];
    const float *c = s->face.points[263], *d = s->face.points[362];
    float x = (c[0] + d[0] - a[0] - b[0]) / 2, y = (c[1] + d[1] - a[1] - b[1]) / 2;
    float e = sqrtf(x * x + y * y);
    s->frame = (struct face_frame){{160, 180}, {x / e, y / e}, {-y / e, x / e}, e};
    s->still = texture_over(s->still_bytes);
    s->live = texture_over(s->live_bytes);
    memcpy(s->live_bytes, s->still_bytes, sizeof(s->live_bytes));
    eyes_free(&s->eyes);
    assert_int_equal(eyes_new(&s->eyes, &s->still, &s->face, &s->frame, false, NULL), ORATOR_OK);
}

static struct scene *scene_new(const struct drawing *d)
{
    struct scene *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    place_points(&s->face, d);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            paint_pixel(s, d, x, y);
    open_eyes(s);
    return s;
}

static void scene_free(struct scene *s)
{
    eyes_free(&s->eyes);
    free(s);
}

static struct pose blinking(float left, float right)
{
    return (struct pose){.blink_left = left, .blink_right = right};
}

static void draw(struct scene *s, struct pose pose)
{
    eyes_draw(s->eyes, &s->live, &s->still, &pose);
}

static bool in_patch(const struct scene *s, int eye, int x, int y)
{
    struct rect r = eyes_patch(s->eyes, eye);
    return x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1;
}

struct light {
    double mean, variance;
    int darkest, darkest_y;
};

/* Of the opening that plain's eye shows in the portrait. */
static struct light light_in_opening(uint8_t bytes[3][PIXELS], int eye)
{
    struct light l = {.darkest = 255};
    double sum = 0, squares = 0;
    int n = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            float u = ((float)x + 0.5f - plain.eye_x[eye]) / plain.half_px;
            float dy = (float)y + 0.5f - plain.eye_y;
            if (fabsf(u) > 0.8f || dy < -plain.upper_px * bow(u) || dy > plain.lower_px * bow(u))
                continue;
            int v = bytes[0][y * WIDTH + x];
            if (v < l.darkest) {
                l.darkest = v;
                l.darkest_y = y;
            }
            sum += v;
            squares += v * v;
            n++;
        }
    l.mean = sum / n;
    l.variance = squares / n - l.mean * l.mean;
    return l;
}

static void open_eyes_are_the_portraits_own_bytes(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    draw(s, blinking(1, 1));
    draw(s, blinking(0, 0));
    assert_memory_equal(s->live_bytes, s->still_bytes, sizeof(s->still_bytes));
    scene_free(s);
}

static void nothing_changes_outside_the_patches(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    memset(s->live_bytes, 77, sizeof(s->live_bytes));
    draw(s, (struct pose){.blink_left = 1, .blink_right = 0.6f, .gaze_x = 1, .gaze_y = -1});
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (!in_patch(s, LEFT, x, y) && !in_patch(s, RIGHT, x, y))
                for (int c = 0; c < 3; c++)
                    assert_int_equal(s->live_bytes[c][y * WIDTH + x], 77);
    scene_free(s);
}

static void a_patch_meets_the_portrait_at_its_border(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    draw(s, blinking(1, 1));
    for (int e = 0; e < 2; e++) {
        struct rect r = eyes_patch(s->eyes, e);
        assert_true(r.x0 > 0 && r.y0 > 0 && r.x1 < WIDTH && r.y1 < HEIGHT);
        for (int y = r.y0; y < r.y1; y++)
            for (int x = r.x0; x < r.x1; x++)
                if (y == r.y0 || y == r.y1 - 1 || x == r.x0 || x == r.x1 - 1)
                    assert_in_range(
                        abs(s->live_bytes[0][y * WIDTH + x] - s->still_bytes[0][y * WIDTH + x]), 0,
                        1);
    }
    scene_free(s);
}

static void a_shut_eye_hides_the_iris(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    draw(s, blinking(1, 1));
    for (int e = 0; e < 2; e++) {
        struct light open = light_in_opening(s->still_bytes, e);
        struct light shut = light_in_opening(s->live_bytes, e);
        assert_true(shut.variance < 0.25 * open.variance);
        /* what is dark lies on the lash line, low in the opening */
        assert_in_range(shut.darkest_y, (int)plain.eye_y, (int)(plain.eye_y + plain.lower_px));
        /* and where the pupil was there is skin */
        int x = (int)(plain.eye_x[e] + plain.iris_shift_px[e]), y = (int)plain.eye_y - 3;
        assert_in_range(s->live_bytes[0][y * WIDTH + x], 125, 175);
    }
    scene_free(s);
}

static void the_same_pose_gives_the_same_bytes(void **state)
{
    (void)state;
    static uint8_t first[3][PIXELS];
    struct pose pose = {.blink_left = 0.4f, .blink_right = 0.7f, .gaze_x = -0.5f, .gaze_y = 0.3f};
    struct scene *s = scene_new(&plain), *again = scene_new(&plain);
    draw(s, pose);
    memcpy(first, s->live_bytes, sizeof(first));
    draw(s, blinking(1, 0.2f));
    draw(s, pose);
    assert_memory_equal(s->live_bytes, first, sizeof(first));
    draw(again, pose);
    assert_memory_equal(again->live_bytes, first, sizeof(first));
    scene_free(s);
    scene_free(again);
}

static double difference(uint8_t a[3][PIXELS], uint8_t b[3][PIXELS])
{
    double sum = 0;
    for (int i = 0; i < PIXELS; i++)
        sum += abs(a[0][i] - b[0][i]);
    return sum;
}

static void half_a_blink_lies_between(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    /* rows of white left under the lid, down the column beside the iris */
    int before = 99;
    for (int step = 0; step <= 4; step++) {
        int x = (int)plain.eye_x[LEFT] + 13, white = 0;
        draw(s, blinking((float)step / 4, (float)step / 4));
        for (int y = 80; y < 115; y++)
            white += s->live_bytes[0][y * WIDTH + x] > 185 &&
                     abs(s->live_bytes[2][y * WIDTH + x] - 128) < 8;
        if (step == 2)
            assert_in_range(white, 3, 9);
        assert_true(white < before || (step == 4 && white == 0));
        before = white;
    }
    assert_int_equal(before, 0);
    scene_free(s);
}

static void a_blink_begins_without_a_jump(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    double change[3];
    const float blink[3] = {0.0005f, 0.005f, 0.05f};
    for (int i = 0; i < 3; i++) {
        draw(s, blinking(blink[i], blink[i]));
        change[i] = difference(s->live_bytes, s->still_bytes);
        for (int k = 0; i == 0 && k < PIXELS; k++) /* the first touch is a level or two */
            assert_in_range(abs(s->live_bytes[0][k] - s->still_bytes[0][k]), 0, 2);
    }
    assert_true(change[0] < change[1] && change[1] < change[2]);
    draw(s, (struct pose){.gaze_x = 0.002f});
    for (int k = 0; k < PIXELS; k++)
        assert_in_range(abs(s->live_bytes[0][k] - s->still_bytes[0][k]), 0, 2);
    scene_free(s);
}

static void a_left_wink_leaves_the_right_eye_alone(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    draw(s, blinking(1, 0));
    for (int y = 0; y < HEIGHT; y++)
        assert_memory_equal(s->live_bytes[0] + y * WIDTH + WIDTH / 2,
                            s->still_bytes[0] + y * WIDTH + WIDTH / 2, WIDTH / 2);
    assert_true(difference(s->live_bytes, s->still_bytes) > 1000);
    scene_free(s);
}

static double iris_x(uint8_t luma[PIXELS], int eye)
{
    double sum = 0, weight = 0;
    for (int y = 97; y < 105; y++)
        for (int x = (int)plain.eye_x[eye] - 20; x < (int)plain.eye_x[eye] + 20; x++)
            if (luma[y * WIDTH + x] < 100) {
                sum += x;
                weight += 1;
            }
    return sum / weight;
}

static void both_eyes_look_the_way_the_gaze_points(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    for (int sign = -1; sign <= 1; sign += 2) {
        draw(s, (struct pose){.gaze_x = (float)sign});
        for (int e = 0; e < 2; e++) {
            double moved = iris_x(s->live_bytes[0], e) - iris_x(s->still_bytes[0], e);
            assert_true(sign * moved > 3 && sign * moved < 8); /* .13 of 50 px */
        }
    }
    scene_free(s);
}

static void looking_down_lowers_the_lid(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    int x = (int)plain.eye_x[LEFT] + 13, top[3] = {0};
    for (int look = 0; look < 3; look++) {
        draw(s, (struct pose){.gaze_y = (float)(look - 1)});
        for (int y = 80; y < 115 && !top[look]; y++)
            if (s->live_bytes[0][y * WIDTH + x] > 185 &&
                abs(s->live_bytes[2][y * WIDTH + x] - 128) < 8)
                top[look] = y;
    }
    assert_true(top[2] > top[1]);
    assert_in_range(top[0], top[1] - 2, top[1]); /* looking up lifts it a little, if at all */
    scene_free(s);
}

/* Rows of the iris in its middle column, below the lashes. */
static int iris_rows(const uint8_t luma[PIXELS], const struct drawing *d, int *first)
{
    int rows = 0, x = (int)(d->eye_x[LEFT] + d->iris_shift_px[LEFT]);
    *first = 0;
    for (int y = 86; y < 120; y++)
        if (luma[y * WIDTH + x] < 90 && luma[y * WIDTH + x - 4] < 90) {
            *first = *first ? *first : y;
            rows++;
        }
    return rows;
}

static void an_iris_that_looks_up_keeps_its_shape(void **state)
{
    (void)state;
    static const struct drawing wide = {{105, 215}, 100, 25, 16, 14, {0, 3}};
    struct scene *s = scene_new(&wide);
    int before, after, top, up_top;
    before = iris_rows(s->still_bytes[0], &wide, &top);
    draw(s, (struct pose){.gaze_y = -1});
    after = iris_rows(s->live_bytes[0], &wide, &up_top);
    assert_in_range(top - up_top, 2, 5);
    assert_in_range(after, before - 1, before + 3);
    /* and what was under it is white, not the iris drawn out */
    int x = (int)wide.eye_x[LEFT];
    for (int y = 100 + 11; y < 100 + 13; y++)
        assert_true(s->live_bytes[0][y * WIDTH + x] > 150);
    scene_free(s);
}

/* Changes the picture above both eyes: between `from` and `to` pixels above the upper lid. */
static void paint_above(struct scene *s, float from, float to, int every, int luma)
{
    for (int e = 0; e < 2; e++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                float u = ((float)x + 0.5f - plain.eye_x[e]) / plain.half_px;
                float above = plain.eye_y - plain.upper_px * bow(u) - (float)y - 0.5f;
                if (fabsf(u) < 0.9f && above > from && above < to && x % every == 0)
                    s->still_bytes[0][y * WIDTH + x] = (uint8_t)luma;
            }
}

static void a_shut_lid_wears_the_make_up_of_the_open_one(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    paint_above(s, 3, 12, 1, 90); /* skin is 140 and more */
    open_eyes(s);
    draw(s, blinking(1, 1));
    for (int e = 0; e < 2; e++)
        for (int y = (int)plain.eye_y - 8; y < (int)plain.eye_y; y++)
            assert_in_range(s->live_bytes[0][y * WIDTH + (int)plain.eye_x[e]], 75, 112);
    scene_free(s);
}

static void hair_over_an_eye_does_not_colour_its_lid(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    paint_above(s, 3, 20, 1, 190);
    for (int i = 0; i < PIXELS; i++)
        if (s->still_bytes[0][i] == 190) /* white hair, where skin has 150 */
            s->still_bytes[1][i] = s->still_bytes[2][i] = 128;
    open_eyes(s);
    draw(s, blinking(1, 1));
    for (int e = 0; e < 2; e++)
        for (int y = (int)plain.eye_y - 5; y < (int)plain.eye_y; y++) {
            const int at = y * WIDTH + (int)plain.eye_x[e];
            assert_in_range(s->live_bytes[2][at], 138, 156);
        }
    scene_free(s);
}

static void long_lashes_go_with_the_lid(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    paint_above(s, 0, 13, 6, 60);
    open_eyes(s);
    draw(s, blinking(1, 1));
    for (int x = 95; x < 116; x++) /* where their ends stood there is skin */
        assert_true(s->live_bytes[0][78 * WIDTH + x] > 115);
    draw(s, blinking(0, 0));
    assert_memory_equal(s->live_bytes, s->still_bytes, sizeof(s->still_bytes));
    scene_free(s);
}

static void behind_spectacles_only_the_lens_moves(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    eyes_free(&s->eyes);
    assert_int_equal(eyes_new(&s->eyes, &s->still, &s->face, &s->frame, true, NULL), ORATOR_OK);
    draw(s, (struct pose){.blink_left = 1, .blink_right = 1, .gaze_x = 1});
    const int above = (int)(plain.upper_px + 0.05f * s->frame.eye_px) + 1;
    const int below = (int)(plain.lower_px + 0.07f * s->frame.eye_px) + 1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int i = y * WIDTH + x;
            if (y < 100 - above || y > 100 + below)
                assert_int_equal(s->live_bytes[0][i], s->still_bytes[0][i]);
        }
    assert_true(light_in_opening(s->live_bytes, LEFT).variance <
                0.4 * light_in_opening(s->still_bytes, LEFT).variance);
    scene_free(s);
}

static void mirror_points(struct face *f)
{
    struct face from = *f;
    for (int e = 0; e < 2; e++) {
        for (int i = 0; i < 9; i++) {
            memcpy(f->points[upper_lid[e][i]], from.points[upper_lid[!e][i]], sizeof(f->points[0]));
            memcpy(f->points[lower_lid[e][i]], from.points[lower_lid[!e][i]], sizeof(f->points[0]));
        }
        for (int i = 0; i < 5; i++) {
            memcpy(f->points[brow[e][i]], from.points[brow[!e][i]], sizeof(f->points[0]));
            memcpy(f->points[iris[e] + i], from.points[iris[!e] + i], sizeof(f->points[0]));
        }
    }
    for (int i = 0; i < FACE_POINTS; i++)
        f->points[i][0] = WIDTH - f->points[i][0];
}

static void a_mirrored_face_gives_mirrored_patches(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain), *m = scene_new(&plain);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < PIXELS; i++)
            m->still_bytes[c][i] = s->still_bytes[c][i / WIDTH * WIDTH + WIDTH - 1 - i % WIDTH];
    mirror_points(&m->face);
    open_eyes(m);
    draw(s, (struct pose){.blink_left = 0.7f, .blink_right = 0.3f, .gaze_x = 0.6f, .gaze_y = 0.5f});
    draw(m,
         (struct pose){.blink_left = 0.3f, .blink_right = 0.7f, .gaze_x = -0.6f, .gaze_y = 0.5f});
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < PIXELS; i++)
            assert_in_range(abs(s->live_bytes[c][i] -
                                m->live_bytes[c][i / WIDTH * WIDTH + WIDTH - 1 - i % WIDTH]),
                            0, 3);
    scene_free(s);
    scene_free(m);
}

static void a_tilted_face_blinks_along_its_own_axes(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    /* the picture turned by a quarter would not fit; a face upside down does */
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < PIXELS / 2; i++) {
            uint8_t keep = s->still_bytes[c][i];
            s->still_bytes[c][i] = s->still_bytes[c][PIXELS - 1 - i];
            s->still_bytes[c][PIXELS - 1 - i] = keep;
        }
    for (int i = 0; i < FACE_POINTS; i++)
        set_point(&s->face, i, WIDTH - s->face.points[i][0], HEIGHT - s->face.points[i][1]);
    open_eyes(s);

    struct scene *upright = scene_new(&plain);
    draw(upright, blinking(0.6f, 0.6f));
    draw(s, blinking(0.6f, 0.6f));
    for (int i = 0; i < PIXELS; i++)
        assert_in_range(abs(s->live_bytes[0][i] - upright->live_bytes[0][PIXELS - 1 - i]), 0, 3);
    scene_free(upright);
    scene_free(s);
}

static void small_eyes_move_less_and_tiny_ones_keep_still(void **state)
{
    (void)state;
    const float half_px[3] = {6.5f, 4.5f, 2.2f}; /* eyes of 13, 9 and 4.4 px */
    double change[3];
    for (int i = 0; i < 3; i++) {
        struct drawing d = {{145, 175},        100,   half_px[i], half_px[i] * 0.4f,
                            half_px[i] * 0.3f, {0, 0}};
        struct scene *s = scene_new(&d);
        draw(s, blinking(1, 1));
        change[i] = difference(s->live_bytes, s->still_bytes);
        scene_free(s);
    }
    assert_true(change[0] > change[1] && change[1] > 0);
    assert_true(change[2] == 0);
}

static void eyes_at_the_rim_or_lost_by_the_mesh_do_no_harm(void **state)
{
    (void)state;
    struct scene *s = scene_new(&plain);
    const float offsets[][2] = {{-100, -95}, {95, 90}, {-5000, 40}, {0, 1e9f}, {NAN, 0}};
    for (size_t k = 0; k < sizeof(offsets) / sizeof(offsets[0]); k++) {
        place_points(&s->face, &plain);
        for (int i = 0; i < FACE_POINTS; i++) {
            s->face.points[i][0] += offsets[k][0];
            s->face.points[i][1] += offsets[k][1];
        }
        open_eyes(s);
        draw(s, (struct pose){.blink_left = 1, .blink_right = 0.5f, .gaze_x = 1, .gaze_y = 1});
    }
    memset(&s->face, 0, sizeof(s->face));
    open_eyes(s);
    draw(s, blinking(1, 1));
    assert_memory_equal(s->live_bytes, s->still_bytes, sizeof(s->still_bytes));
    draw(s, (struct pose){.blink_left = NAN, .blink_right = 7, .gaze_x = NAN, .gaze_y = -9});
    scene_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_eyes_are_the_portraits_own_bytes),
        cmocka_unit_test(nothing_changes_outside_the_patches),
        cmocka_unit_test(a_patch_meets_the_portrait_at_its_border),
        cmocka_unit_test(a_shut_eye_hides_the_iris),
        cmocka_unit_test(the_same_pose_gives_the_same_bytes),
        cmocka_unit_test(half_a_blink_lies_between),
        cmocka_unit_test(a_blink_begins_without_a_jump),
        cmocka_unit_test(a_left_wink_leaves_the_right_eye_alone),
        cmocka_unit_test(both_eyes_look_the_way_the_gaze_points),
        cmocka_unit_test(looking_down_lowers_the_lid),
        cmocka_unit_test(an_iris_that_looks_up_keeps_its_shape),
        cmocka_unit_test(a_shut_lid_wears_the_make_up_of_the_open_one),
        cmocka_unit_test(hair_over_an_eye_does_not_colour_its_lid),
        cmocka_unit_test(long_lashes_go_with_the_lid),
        cmocka_unit_test(behind_spectacles_only_the_lens_moves),
        cmocka_unit_test(a_mirrored_face_gives_mirrored_patches),
        cmocka_unit_test(a_tilted_face_blinks_along_its_own_axes),
        cmocka_unit_test(small_eyes_move_less_and_tiny_ones_keep_still),
        cmocka_unit_test(eyes_at_the_rim_or_lost_by_the_mesh_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
