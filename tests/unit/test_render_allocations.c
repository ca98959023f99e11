/* Frames take no memory: malloc, calloc and realloc are counted while they are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "drawn_sitter.h"

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
    dsp_init(&dsp, DSP_AVX512);
    for (enum ground ground = GROUND_FLAT; ground <= GROUND_NOISE; ground++) {
        taken = 0;
        struct render_rig *rig = sitter_rig(ground, false, &dsp);
        assert_non_null(rig);
        assert_true(taken > 0);                                           /* the count works */
        assert_true((rig->backdrop != NULL) == (ground != GROUND_NOISE)); /* both ways to draw */

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
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_take_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
