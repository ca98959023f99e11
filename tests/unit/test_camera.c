#include "claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/camera.h"

enum { WIDE = 320, HIGH = 240, FPS = 25, FRAMES = 250 };

static struct camera_plan planned(enum camera_move move, float amount, int64_t frames)
{
    return camera_plan(&(struct direction){.camera = move, .camera_amount = amount}, WIDE, HIGH,
                       FPS, frames);
}

static struct camera *ready(const struct camera_plan *plan, float x, float y)
{
    struct camera *camera;
    assert_int_equal(camera_new(&camera, plan, x, y, NULL), ORATOR_OK);
    return camera;
}

/* Luma grows to the right, chroma downwards: a value says where it was drawn. */
static struct picture slope(const struct camera_plan *plan)
{
    struct picture p;
    assert_int_equal(picture_new(&p, plan->drawn_width_px, plan->drawn_height_px, NULL), ORATOR_OK);
    for (int k = 0; k < 3; k++)
        for (int y = 0; y < p.height_px / (k ? 2 : 1); y++)
            for (int x = 0; x < p.width_px / (k ? 2 : 1); x++)
                p.plane[k][y * p.stride[k] + x] =
                    (uint8_t)(k ? 16 + 200 * y / p.height_px : 16 + 200 * x / p.width_px);
    return p;
}

static void a_still_camera_passes_frames_through(void **state)
{
    (void)state;
    struct camera_plan plan = planned(CAMERA_STILL, 1, FRAMES);
    assert_true(plan.drawn_width_px == WIDE && plan.drawn_height_px == HIGH);
    struct picture drawn = slope(&plan);
    struct camera *camera = ready(&plan, 0.5f, 0.5f);
    assert_ptr_equal(camera_shoot(camera, &drawn, 7), &drawn);
    camera_free(&camera);
    picture_fini(&drawn);
}

static void what_is_drawn_is_as_large_as_the_closest_view_needs(void **state)
{
    (void)state;
    struct camera_plan plan = planned(CAMERA_ZOOM_IN, 1, FRAMES);
    assert_in_range(plan.drawn_width_px, WIDE * 110 / 100, WIDE * 118 / 100);
    assert_true(plan.drawn_width_px % 2 == 0 && plan.drawn_height_px % 2 == 0);
    struct camera_plan brief = planned(CAMERA_ZOOM_IN, 1, 50);
    assert_true(brief.drawn_width_px < plan.drawn_width_px && brief.drawn_width_px > WIDE);
    struct camera_plan faint = planned(CAMERA_ZOOM_IN, 0.5f, FRAMES);
    assert_true(faint.drawn_width_px < plan.drawn_width_px);
    assert_int_equal(planned(CAMERA_ZOOM_IN, 1, 30 * FRAMES).drawn_width_px, plan.drawn_width_px);
}

/* A zoom that ends in the corner ends on the corner's own bytes. */
static void the_closest_view_is_not_blown_up(void **state)
{
    (void)state;
    struct camera_plan plan = planned(CAMERA_ZOOM_IN, 1, FRAMES);
    struct picture drawn = slope(&plan);
    struct camera *camera = ready(&plan, 0, 0);
    const struct picture *last = camera_shoot(camera, &drawn, FRAMES - 1);
    assert_true(last->width_px == WIDE && last->height_px == HIGH);
    for (int k = 0; k < 3; k++)
        for (int y = 0; y < HIGH / (k ? 2 : 1); y++)
            assert_memory_equal(last->plane[k] + y * last->stride[k],
                                drawn.plane[k] + y * drawn.stride[k], WIDE / (k ? 2 : 1));
    camera_free(&camera);
    picture_fini(&drawn);
}

static void a_zoom_goes_from_the_whole_to_the_face_and_back(void **state)
{
    (void)state;
    struct camera_plan in = planned(CAMERA_ZOOM_IN, 1, FRAMES);
    struct camera_plan out = planned(CAMERA_ZOOM_OUT, 1, FRAMES);
    struct picture drawn = slope(&in);
    struct camera *nearer = ready(&in, 0.75f, 0.5f), *farther = ready(&out, 0.75f, 0.5f);
    int left = 0, right = 255;
    for (int64_t i = 0; i < FRAMES; i++) {
        const struct picture *p = camera_shoot(nearer, &drawn, i);
        int now_left = p->plane[0][0], now_right = p->plane[0][WIDE - 1];
        if (i == 0)
            assert_true(now_left <= 17 && now_right >= 213); /* the whole */
        assert_true(now_left >= left && now_left <= left + 17 && now_right <= right);
        left = now_left;
        right = now_right;
        const struct picture *q = camera_shoot(farther, &drawn, FRAMES - 1 - i);
        for (int k = 0; k < 3; k++)
            for (int y = 0; y < HIGH / (k ? 2 : 1); y += 7)
                assert_memory_equal(p->plane[k] + y * p->stride[k], q->plane[k] + y * q->stride[k],
                                    WIDE / (k ? 2 : 1));
    }
    assert_true(left > 25 && right - left < 185);
    camera_free(&nearer);
    camera_free(&farther);
    picture_fini(&drawn);
}

static void a_pan_crosses_the_picture_without_a_jump(void **state)
{
    (void)state;
    struct camera_plan plan = planned(CAMERA_PAN_RIGHT, 1, FRAMES);
    struct picture drawn = slope(&plan);
    struct camera *camera = ready(&plan, 0.5f, 0.5f);
    int last = camera_shoot(camera, &drawn, 0)->plane[0][WIDE / 2], first = last;
    for (int64_t i = 1; i < FRAMES; i++) {
        int now = camera_shoot(camera, &drawn, i)->plane[0][WIDE / 2];
        assert_in_range(now, last, last + 1);
        last = now;
    }
    assert_true(last - first > 12);
    camera_free(&camera);
    picture_fini(&drawn);
}

static void a_plain_wall_stays_plain(void **state)
{
    (void)state;
    for (int move = CAMERA_ZOOM_IN; move <= CAMERA_PAN_RIGHT; move++) {
        struct camera_plan plan = planned((enum camera_move)move, 2, FRAMES);
        struct picture drawn = slope(&plan);
        for (int k = 0; k < 3; k++)
            memset(drawn.plane[k], 77, (size_t)(drawn.stride[k] * (drawn.height_px / (k ? 2 : 1))));
        struct camera *camera = ready(&plan, 0.9f, 0.1f);
        for (int64_t i = 0; i < FRAMES; i += 31) {
            const struct picture *p = camera_shoot(camera, &drawn, i);
            for (int k = 0; k < 3; k++)
                for (int y = 0; y < HIGH / (k ? 2 : 1); y++)
                    for (int x = 0; x < WIDE / (k ? 2 : 1); x++)
                        assert_int_equal(p->plane[k][y * p->stride[k] + x], 77);
        }
        camera_free(&camera);
        picture_fini(&drawn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_still_camera_passes_frames_through),
        cmocka_unit_test(what_is_drawn_is_as_large_as_the_closest_view_needs),
        cmocka_unit_test(the_closest_view_is_not_blown_up),
        cmocka_unit_test(a_zoom_goes_from_the_whole_to_the_face_and_back),
        cmocka_unit_test(a_pan_crosses_the_picture_without_a_jump),
        cmocka_unit_test(a_plain_wall_stays_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
