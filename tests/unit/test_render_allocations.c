/* Frames take no memory: malloc, calloc and realloc are counted while they are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "drawn_face.h"
#include "engine/render/render.h"

static int taken;
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
    taken++;
    return __real_malloc(n);
}
void *__real_calloc(size_t n, size_t m);
void *__wrap_calloc(size_t n, size_t m);
void *__wrap_calloc(size_t n, size_t m)
{
    taken++;
    return __real_calloc(n, m);
}
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n)
{
    taken++;
    return __real_realloc(p, n);
}

static void frames_take_no_memory(void **state)
{
    (void)state;
    struct dsp dsp;
    struct image im = {0};
    struct render_rig *rig = NULL;
    struct face face = drawn_face(120, 150, 40);
    dsp_init(&dsp, DSP_AVX512);
    assert_int_equal(image_new(&im, 240, 260, NULL), ORATOR_OK);
    draw_portrait(&im, 120, 150, 40, false);
    const struct render_options options = {240, 260, 3, &dsp, false};
    taken = 0;
    assert_int_equal(render_rig_new(&rig, &im, &face, &options, NULL), ORATOR_OK);
    assert_true(taken > 0); /* the count works */

    taken = 0;
    for (int i = 0; i < 12; i++) {
        float t = (float)i / 12.0f;
        struct pose p = {.au = {[AU_JAW] = t, [AU_FUNNEL] = 1.0f - t},
                         .closure = i == 5 ? 1.0f : 0.0f,
                         .blink_left = t,
                         .blink_right = t,
                         .gaze_x = t - 0.5f,
                         .yaw_rad = 0.1f * t,
                         .breath = t};
        assert_non_null(render_frame(rig, &p));
    }
    assert_int_equal(taken, 0);
    render_rig_free(&rig);
    image_fini(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_take_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
