/* The same frames on every CPU: every set of kernels draws the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "drawn_face.h"
#include "engine/render/render.h"

enum { WIDTH = 248, HEIGHT = 266, EYES = 44, POSES = 5 }; /* blocks that the borders cut */

static const struct pose poses[POSES] = {
    {.breath = 0.4f, .sway = 0.3f},
    {.au = {[AU_JAW] = 0.8f, [AU_WIDE] = 0.5f}, .yaw_rad = 0.12f, .pitch_rad = -0.07f},
    {.au = {[AU_PUCKER] = 0.9f}, .roll_rad = 0.05f, .blink_left = 0.7f, .gaze_x = 0.6f},
    {.closure = 1.0f, .yaw_rad = -0.3f, .pitch_rad = 0.2f, .shift_x = 0.4f, .shift_y = -0.3f},
    {.au = {[AU_JAW] = 1.0f, [AU_FUNNEL] = 0.6f}, .roll_rad = 0.35f, .tongue = 0.5f},
};

static size_t frame_bytes(uint8_t *out, const struct picture *frame)
{
    uint8_t *to = out;
    for (int p = 0; p < 3; p++)
        for (int y = 0, half = p > 0; y < HEIGHT >> half; y++, to += WIDTH >> half)
            memcpy(to, frame->plane[p] + y * frame->stride[p], WIDTH >> half);
    return (size_t)(to - out);
}

/* All frames one after the other with the kernels of one CPU; false if this one lacks them. */
static bool draw_all(uint8_t *out, enum dsp_isa isa)
{
    struct dsp dsp;
    struct image portrait = {0};
    struct render_rig *rig = NULL;
    const float x = WIDTH / 2, y = 0.6f * HEIGHT;
    const struct face face = drawn_face(x, y, EYES);
    dsp_init(&dsp, isa);
    if (dsp.isa != isa)
        return false;
    assert_int_equal(image_new(&portrait, WIDTH, HEIGHT, NULL), ORATOR_OK);
    draw_portrait(&portrait, x, y, EYES, false);
    const struct render_options options = {WIDTH, HEIGHT, 7, &dsp, false};
    assert_int_equal(render_rig_new(&rig, &portrait, &face, &options, NULL), ORATOR_OK);
    for (int i = 0; i < POSES; i++)
        out += frame_bytes(out, render_frame(rig, &poses[i]));
    render_rig_free(&rig);
    image_fini(&portrait);
    return true;
}

static void the_same_frames_on_every_cpu(void **state)
{
    (void)state;
    const size_t size = (size_t)POSES * WIDTH * HEIGHT * 3 / 2;
    uint8_t *want = malloc(size), *got = malloc(size);
    assert_non_null(want);
    assert_non_null(got);
    assert_true(draw_all(want, DSP_C));
    for (int isa = DSP_AVX2; isa < DSP_ISA_COUNT; isa++)
        if (draw_all(got, (enum dsp_isa)isa))
            assert_memory_equal(got, want, size);
    free(want);
    free(got);
}

static void the_poses_differ(void **state)
{
    (void)state;
    const size_t each = (size_t)WIDTH * HEIGHT * 3 / 2;
    uint8_t *all = malloc(POSES * each);
    assert_non_null(all);
    assert_true(draw_all(all, DSP_C));
    for (size_t i = 1; i < POSES; i++)
        assert_memory_not_equal(all, all + i * each, each);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_frames_on_every_cpu),
        cmocka_unit_test(the_poses_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
