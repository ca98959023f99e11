/* Person and background are told apart by colour; the drawing knows the truth. */
#include "claims.h"

#include "drawn_sitter.h"
#include "engine/render/matte.h"

static struct dsp dsp;

static int set_up(void **state)
{
    (void)state;
    dsp_init(&dsp, DSP_AVX512);
    return 0;
}

static struct matte matte_on(enum ground ground, bool mirrored)
{
    struct matte m;
    struct render_rig *rig = sitter_rig(ground, mirrored, &dsp);
    assert_non_null(rig);
    assert_int_equal(matte_find(&m, &rig->still, &rig->head, NULL), ORATOR_OK);
    render_rig_free(&rig);
    return m;
}

static void a_sitter_on_plain_ground_is_found_to_the_pixel(void **state)
{
    (void)state;
    for (enum ground ground = GROUND_FLAT; ground <= GROUND_SLOPE; ground++) {
        struct matte m = matte_on(ground, false);
        int wrong = 0, all = 0;
        assert_true(m.found && m.certain > 0.97f);
        for (int y = m.window.y0; y < m.window.y1; y++)
            for (int x = m.window.x0; x < m.window.x1; x++) {
                float at[2];
                sitter_local((float)x + 0.5f, (float)y + 0.5f, at);
                float far = sitter_outline(at[0], at[1]) * SITTER_PX;
                int alpha = m.alpha[y * m.width_px + x];
                if (fabsf(far) < 2.0f) /* px; the outline itself is soft */
                    continue;
                all++;
                wrong += far < 0 ? alpha < 200 : alpha > 55;
            }
        assert_true(all > 100000);
        assert_true(wrong < all / 500);
        matte_fini(&m);
    }
}

static void face_and_far_corners_are_sure(void **state)
{
    (void)state;
    struct matte m = matte_on(GROUND_SLOPE, false);
    assert_int_equal(m.alpha[(int)SITTER_Y * m.width_px + (int)SITTER_X], 255);
    assert_int_equal(m.alpha[(int)(SITTER_Y - 2.4f * SITTER_PX) * m.width_px + (int)SITTER_X], 255);
    assert_int_equal(m.alpha[4 * m.width_px + 4], 0);
    assert_int_equal(m.alpha[4 * m.width_px + m.width_px - 4], 0);
    matte_fini(&m);
}

static void a_mirrored_picture_gives_a_mirrored_matte(void **state)
{
    (void)state;
    struct matte a = matte_on(GROUND_SLOPE, false), b = matte_on(GROUND_SLOPE, true);
    double sum = 0;
    int large = 0;
    for (int y = 0; y < a.height_px; y++)
        for (int x = 0; x < a.width_px; x++) {
            int off =
                abs(a.alpha[y * a.width_px + x] - b.alpha[y * a.width_px + a.width_px - 1 - x]);
            sum += off;
            large += off > 64;
        }
    assert_true(sum / (a.width_px * a.height_px) < 1.0);
    assert_true(large < a.width_px * a.height_px / 400);
    matte_fini(&a);
    matte_fini(&b);
}

static void the_same_picture_gives_the_same_matte(void **state)
{
    (void)state;
    struct matte a = matte_on(GROUND_NOISE, false), b = matte_on(GROUND_NOISE, false);
    assert_memory_equal(a.alpha, b.alpha, (size_t)a.width_px * (size_t)a.height_px);
    matte_fini(&a);
    matte_fini(&b);
}

static void a_face_that_fills_the_picture_has_no_background(void **state)
{
    (void)state;
    struct image im = {0};
    struct render_rig *rig = NULL;
    struct matte m;
    struct face face = drawn_face(100, 120, 82);
    const struct render_options options = {200, 200, 7, &dsp, false};
    assert_int_equal(image_new(&im, 200, 200, NULL), ORATOR_OK);
    draw_portrait(&im, 100, 120, 82, false);
    assert_int_equal(render_rig_new(&rig, &im, &face, &options, NULL), ORATOR_OK);
    assert_int_equal(matte_find(&m, &rig->still, &rig->head, NULL), ORATOR_OK);
    assert_false(m.found);
    assert_null(rig->backdrop);
    matte_fini(&m);
    render_rig_free(&rig);
    image_fini(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sitter_on_plain_ground_is_found_to_the_pixel),
        cmocka_unit_test(face_and_far_corners_are_sure),
        cmocka_unit_test(a_mirrored_picture_gives_a_mirrored_matte),
        cmocka_unit_test(the_same_picture_gives_the_same_matte),
        cmocka_unit_test(a_face_that_fills_the_picture_has_no_background),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
