/* Frames of a drawn portrait: rest is the portrait, the still parts stay, the pose alone decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drawn_face.h"
#include "engine/render/rig.h"

enum { WIDTH = 400, HEIGHT = 460 };
#define MOUTH_X 190.0f /* off the middle: nothing may lean on the picture's symmetry */
#define MOUTH_Y 240.0f
#define EYE_PX  60.0f

static struct dsp dsp;
static struct render_rig *rig;
static struct picture plain; /* the portrait as media makes it */

static struct render_rig *new_rig(bool mirrored, enum dsp_isa isa, struct dsp *table)
{
    struct image im = {0};
    struct render_rig *out = NULL;
    struct face face = drawn_face(mirrored ? WIDTH - MOUTH_X : MOUTH_X, MOUTH_Y, EYE_PX);
    dsp_init(table, isa);
    assert_int_equal(image_new(&im, WIDTH, HEIGHT, NULL), ORATOR_OK);
    draw_portrait(&im, MOUTH_X, MOUTH_Y, EYE_PX, mirrored);
    const struct render_options options = {WIDTH, HEIGHT, 7, table, false};
    assert_int_equal(render_rig_new(&out, &im, &face, &options, NULL), ORATOR_OK);
    if (!plain.plane[0])
        assert_int_equal(picture_from_image(&plain, &im, NULL), ORATOR_OK);
    image_fini(&im);
    return out;
}

static int set_up(void **state)
{
    (void)state;
    rig = new_rig(false, DSP_AVX512, &dsp);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    render_rig_free(&rig);
    picture_fini(&plain);
    return 0;
}

static const struct pose speaking = {
    .au = {[AU_JAW] = 0.6f, [AU_WIDE] = 0.3f, [AU_UPPER_RAISE] = 0.4f, [AU_BROW_LEFT] = 0.5f},
    .yaw_rad = 0.1f,
    .pitch_rad = -0.05f,
    .roll_rad = 0.03f,
    .gaze_x = 0.5f,
    .blink_left = 0.4f,
    .breath = 0.7f,
    .sway = 0.3f};
static const struct pose closing = {.au = {[AU_SMILE] = 0.8f}, .closure = 1.0f, .yaw_rad = -0.12f};

static int plane_width(int p) { return p ? WIDTH / 2 : WIDTH; }
static int plane_height(int p) { return p ? HEIGHT / 2 : HEIGHT; }

static bool same_picture(const struct picture *a, const struct picture *b)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < plane_height(p); y++)
            if (memcmp(a->plane[p] + y * a->stride[p], b->plane[p] + y * b->stride[p],
                       (size_t)plane_width(p)) != 0)
                return false;
    return true;
}

static struct picture copy_of(const struct picture *from)
{
    struct picture to;
    assert_int_equal(picture_new(&to, WIDTH, HEIGHT, NULL), ORATOR_OK);
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < plane_height(p); y++)
            memcpy(to.plane[p] + y * to.stride[p], from->plane[p] + y * from->stride[p],
                   (size_t)plane_width(p));
    return to;
}

static void rest_is_the_portrait(void **state)
{
    (void)state;
    assert_true(same_picture(render_frame(rig, &(struct pose){0}), &plain));
    (void)render_frame(rig, &speaking);
    assert_true(same_picture(render_frame(rig, &(struct pose){0}), &plain));
}

/* A pose that moves nothing takes the long road and must still arrive at the portrait. */
static void the_long_road_to_rest_ends_at_the_portrait(void **state)
{
    (void)state;
    const struct picture *frame = render_frame(rig, &(struct pose){.breath = 1e-7f});
    const struct rect mouth = mouth_region(rig->mouth);
    int wrong = 0;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < plane_height(p); y++)
            for (int x = 0; x < plane_width(p); x++) {
                int scale = p ? 2 : 1, at_x = scale * x, at_y = scale * y;
                int off = abs(frame->plane[p][y * frame->stride[p] + x] -
                              plain.plane[p][y * plain.stride[p] + x]);
                bool in_mouth =
                    at_x >= mouth.x0 && at_x < mouth.x1 && at_y >= mouth.y0 && at_y < mouth.y1;
                if (in_mouth)
                    wrong += off > 2;
                else
                    assert_int_equal(off, 0);
            }
    assert_true(wrong < 40); /* of the mouth's region: the painter may round, not repaint */
}

static void nothing_outside_the_moving_region_changes(void **state)
{
    (void)state;
    const struct rect r = rig->moving;
    const struct pose *poses[] = {&speaking, &closing};
    for (int k = 0; k < 2; k++) {
        const struct picture *frame = render_frame(rig, poses[k]);
        for (int p = 0; p < 3; p++)
            for (int y = 0; y < plane_height(p); y++)
                for (int x = 0; x < plane_width(p); x++) {
                    int at_x = p ? 2 * x : x, at_y = p ? 2 * y : y;
                    if (at_x < r.x0 || at_x >= r.x1 || at_y < r.y0 || at_y >= r.y1)
                        assert_int_equal(frame->plane[p][y * frame->stride[p] + x],
                                         plain.plane[p][y * plain.stride[p] + x]);
                }
    }
}

static void a_small_head_moves_a_small_part_of_the_picture(void **state)
{
    (void)state;
    struct image im = {0};
    struct render_rig *small = NULL;
    struct face face = drawn_face(600, 300, 30);
    assert_int_equal(image_new(&im, 1200, 700, NULL), ORATOR_OK);
    draw_portrait(&im, 600, 300, 30, false);
    const struct render_options options = {1200, 700, 7, &dsp, false};
    assert_int_equal(render_rig_new(&small, &im, &face, &options, NULL), ORATOR_OK);
    const struct rect r = small->moving;
    assert_true(r.x0 > 400 && r.x1 < 800 && r.y0 > 120 && r.y1 < 560);
    render_rig_free(&small);
    image_fini(&im);
}

static void same_pose_same_bytes_whatever_came_before(void **state)
{
    (void)state;
    struct picture first = copy_of(render_frame(rig, &speaking));
    (void)render_frame(rig, &closing);
    (void)render_frame(rig, &(struct pose){.blink_left = 1, .blink_right = 1, .gaze_y = 1});
    assert_true(same_picture(render_frame(rig, &speaking), &first));

    struct dsp other_table;
    struct render_rig *other = new_rig(false, DSP_AVX512, &other_table);
    assert_true(same_picture(render_frame(other, &speaking), &first));
    render_rig_free(&other);
    picture_fini(&first);
}

static void every_cpu_gives_the_same_bytes(void **state)
{
    (void)state;
    struct dsp table;
    struct render_rig *portable = new_rig(false, DSP_C, &table);
    const struct picture *a = render_frame(rig, &speaking), *b = render_frame(portable, &speaking);
    assert_true(same_picture(a, b));
    render_rig_free(&portable);
}

static struct pose mirrored_pose(const struct pose *p)
{
    struct pose m = *p;
    m.au[AU_BROW_LEFT] = p->au[AU_BROW_RIGHT];
    m.au[AU_BROW_RIGHT] = p->au[AU_BROW_LEFT];
    m.blink_left = p->blink_right;
    m.blink_right = p->blink_left;
    m.gaze_x = -p->gaze_x;
    m.yaw_rad = -p->yaw_rad;
    m.roll_rad = -p->roll_rad;
    m.shift_x = -p->shift_x;
    m.sway = -p->sway;
    return m;
}

static void a_mirrored_portrait_gives_mirrored_frames(void **state)
{
    (void)state;
    struct dsp table;
    struct render_rig *mirror = new_rig(true, DSP_AVX512, &table);
    const struct pose *poses[] = {&speaking, &closing};
    for (int k = 0; k < 2; k++) {
        const struct pose other = mirrored_pose(poses[k]);
        const struct picture *a = render_frame(rig, poses[k]), *b = render_frame(mirror, &other);
        double sum = 0.0;
        int large = 0;
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                int off = abs(a->plane[0][y * a->stride[0] + x] -
                              b->plane[0][y * b->stride[0] + WIDTH - 1 - x]);
                sum += off;
                large += off > 12;
            }
        assert_true(sum / (WIDTH * HEIGHT) < 0.15);
        assert_true(large < WIDTH * HEIGHT / 2000);
    }
    render_rig_free(&mirror);
}

static void a_blink_changes_the_eyes_alone(void **state)
{
    (void)state;
    const struct picture *frame = render_frame(rig, &(struct pose){.blink_left = 1});
    const struct rect left = eyes_patch(rig->eyes, 0), mouth = mouth_region(rig->mouth);
    int changed = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool in_eye = x >= left.x0 && x < left.x1 && y >= left.y0 && y < left.y1;
            bool in_mouth = x >= mouth.x0 && x < mouth.x1 && y >= mouth.y0 && y < mouth.y1;
            bool same = frame->plane[0][y * frame->stride[0] + x] ==
                        plain.plane[0][y * plain.stride[0] + x];
            assert_true(in_eye || in_mouth || same);
            changed += in_eye && !same;
        }
    assert_true(changed > 100);
    /* the white of the eye is gone in colour, too */
    int at = (int)(MOUTH_Y - 1.13f * EYE_PX) / 2 * (int)frame->stride[2] +
             (int)(MOUTH_X - 0.68f * EYE_PX) / 2;
    assert_true(frame->plane[2][at] > plain.plane[2][at] + 3); /* skin is redder */
}

static void between_parted_lips_neither_sheet_reaches(void **state)
{
    (void)state;
    (void)render_frame(rig, &(struct pose){.au = {[AU_JAW] = 1.0f}});
    int y = (int)(MOUTH_Y + 0.17f * EYE_PX); /* above the lower lip, beyond what the upper hides */
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++) {
        const struct sheet_map *map = &rig->sheets[sheet];
        const struct rect r = map->region;
        float x = map->x[(y - r.y0) * (r.x1 - r.x0) + (int)MOUTH_X - r.x0];
        float chin = map->y[(r.y1 - 4 - r.y0) * (r.x1 - r.x0) + (int)MOUTH_X - r.x0];
        if (sheet == SHEET_UPPER)
            assert_true(x < MAP_NOWHERE + 1.0f);
        else
            assert_true(chin > MOUTH_Y && chin < MOUTH_Y + 0.5f * EYE_PX);
    }
}

/* What is drawn pixel by pixel ends where both lips' sheets are one again. */
static void the_mouths_region_holds_all_that_the_lips_part(void **state)
{
    (void)state;
    const struct pose *poses[] = {&speaking, &closing};
    for (int k = 0; k < 2; k++) {
        (void)render_frame(rig, poses[k]);
        const struct sheet_map *upper = &rig->sheets[SHEET_UPPER],
                               *lower = &rig->sheets[SHEET_LOWER];
        const struct rect r = upper->region;
        int parted = 0;
        for (int y = r.y0; y < r.y1; y++)
            for (int x = r.x0; x < r.x1; x++) {
                const ptrdiff_t at = (ptrdiff_t)(y - r.y0) * (r.x1 - r.x0) + x - r.x0;
                const bool border = x < r.x0 + 2 || y < r.y0 + 2 || x >= r.x1 - 2 || y >= r.y1 - 2;
                const bool one = fabsf(upper->x[at] - lower->x[at]) < 0.02f &&
                                 fabsf(upper->y[at] - lower->y[at]) < 0.02f;
                assert_true(one || !border);
                assert_true(!border || upper->x[at] > MAP_NOWHERE + 1.0f);
                parted += !one;
            }
        assert_true(parted > 50);
    }
}

static void turning_right_moves_the_nose_right(void **state)
{
    (void)state;
    float nose[2], rest[2];
    const float *tip = rig->head.points[4];
    const struct stance still = stance_of(&(struct pose){0});
    const struct stance right = stance_of(&(struct pose){.yaw_rad = 0.1f});
    const struct stance down = stance_of(&(struct pose){.pitch_rad = 0.1f});
    const struct stance tilt = stance_of(&(struct pose){.roll_rad = 0.1f});
    head_move(rest, &rig->head, &still, tip[0], tip[1], tip[2]);
    assert_true(rest[0] == tip[0] && rest[1] == tip[1]);
    head_move(nose, &rig->head, &right, tip[0], tip[1], tip[2]);
    assert_true(nose[0] > rest[0] + 0.1f);
    head_move(nose, &rig->head, &down, tip[0], tip[1], tip[2]);
    assert_true(nose[1] > rest[1] + 0.1f);
    head_move(nose, &rig->head, &tilt, tip[0], tip[1], tip[2]);
    assert_true(nose[0] > rest[0] + 0.03f); /* clockwise about the neck below it */
}

static void poses_beyond_the_range_stay_finite(void **state)
{
    (void)state;
    const float wild[] = {1e9f, -1e9f, INFINITY, NAN, 5.0f};
    for (size_t k = 0; k < sizeof(wild) / sizeof(wild[0]); k++) {
        struct pose p;
        float *values = (float *)(void *)&p;
        for (size_t i = 0; i < sizeof(p) / sizeof(float); i++)
            values[i] = wild[k];
        (void)render_frame(rig, &p); /* sanitizers watch */
        for (int i = 0; i < rig->fine.columns * rig->fine.rows; i++)
            assert_true(isfinite(rig->fine.to_x[i]) && isfinite(rig->fine.to_y[i]));
    }
    assert_true(same_picture(render_frame(rig, &(struct pose){0}), &plain));
}

static void a_face_at_the_border_can_be_animated(void **state)
{
    (void)state;
    const float places[][2] = {{30, 60}, {370, 60}, {200, 450}, {10, 455}};
    for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
        struct image im = {0};
        struct render_rig *close = NULL;
        struct face face = drawn_face(places[k][0], places[k][1], 90);
        assert_int_equal(image_new(&im, WIDTH, HEIGHT, NULL), ORATOR_OK);
        draw_portrait(&im, places[k][0], places[k][1], 90, false);
        const struct render_options options = {WIDTH, HEIGHT, 7, &dsp, false};
        enum orator_status s = render_rig_new(&close, &im, &face, &options, NULL);
        assert_true(s == ORATOR_OK || s == ORATOR_FACE_UNUSABLE);
        if (close) {
            (void)render_frame(close, &speaking);
            (void)render_frame(close, &closing);
        }
        render_rig_free(&close);
        image_fini(&im);
    }
}

static void a_grey_portrait_keeps_a_grey_mouth(void **state)
{
    (void)state;
    struct image im = {0};
    struct render_rig *grey = NULL;
    struct face face = drawn_face(MOUTH_X, MOUTH_Y, EYE_PX);
    assert_int_equal(image_new(&im, WIDTH, HEIGHT, NULL), ORATOR_OK);
    draw_portrait(&im, MOUTH_X, MOUTH_Y, EYE_PX, false);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *rgb = im.rgb + y * im.stride + (ptrdiff_t)3 * x;
            rgb[0] = rgb[2] = rgb[1];
        }
    const struct render_options options = {WIDTH, HEIGHT, 7, &dsp, false};
    assert_int_equal(render_rig_new(&grey, &im, &face, &options, NULL), ORATOR_OK);
    const struct picture *frame = render_frame(grey, &speaking);
    for (int p = 1; p < 3; p++)
        for (int y = 0; y < HEIGHT / 2; y++)
            for (int x = 0; x < WIDTH / 2; x++)
                assert_in_range(frame->plane[p][y * frame->stride[p] + x], 127, 129);
    render_rig_free(&grey);
    image_fini(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rest_is_the_portrait),
        cmocka_unit_test(the_long_road_to_rest_ends_at_the_portrait),
        cmocka_unit_test(nothing_outside_the_moving_region_changes),
        cmocka_unit_test(a_small_head_moves_a_small_part_of_the_picture),
        cmocka_unit_test(same_pose_same_bytes_whatever_came_before),
        cmocka_unit_test(every_cpu_gives_the_same_bytes),
        cmocka_unit_test(a_mirrored_portrait_gives_mirrored_frames),
        cmocka_unit_test(a_blink_changes_the_eyes_alone),
        cmocka_unit_test(between_parted_lips_neither_sheet_reaches),
        cmocka_unit_test(the_mouths_region_holds_all_that_the_lips_part),
        cmocka_unit_test(turning_right_moves_the_nose_right),
        cmocka_unit_test(poses_beyond_the_range_stay_finite),
        cmocka_unit_test(a_face_at_the_border_can_be_animated),
        cmocka_unit_test(a_grey_portrait_keeps_a_grey_mouth),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
