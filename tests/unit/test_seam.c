#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawn_mouth.h"

static const struct drawing closed = {.bow = 0.03f, .ring_error = 0.02f, .noise = 4};
static const struct drawing toothy = {.bow = 0.02f,
                                      .gap = 0.13f,
                                      .teeth = true,
                                      .ring_gap = 0.085f,
                                      .ring_error = 0.004f,
                                      .noise = 4};

static struct seam found(const struct drawing *d)
{
    struct seam s;
    struct orator_error err;
    struct image portrait = drawn_portrait(d);
    struct face face = drawn_face(d);
    struct face_frame frame = drawn_frame(d);
    assert_int_equal(seam_find(&s, &portrait, &face, &frame, &err), ORATOR_OK);
    free(portrait.rgb);
    return s;
}

static void the_line_of_closed_lips_is_found_within_a_pixel(void **state)
{
    (void)state;
    struct seam s = found(&closed);
    for (float x = -0.33f; x < 0.33f; x += 0.01f) {
        float middle = 0.5f * (seam_upper(&s, x) + seam_lower(&s, x));
        float off_px = (middle - drawn_line(&closed, x / DRAWN_HALF_WIDTH)) * DRAWN_EYE;
        assert_true(fabsf(off_px) < 1);
    }
}

static void the_edges_of_parted_lips_are_found_within_a_pixel(void **state)
{
    (void)state;
    struct seam s = found(&toothy);
    for (float x = -0.27f; x < 0.27f; x += 0.01f) {
        float u = x / DRAWN_HALF_WIDTH, line = drawn_line(&toothy, u);
        float half = drawn_half_gap(&toothy, u);
        assert_true(fabsf(seam_upper(&s, x) - (line - half)) * DRAWN_EYE < 1);
        assert_true(fabsf(seam_lower(&s, x) - (line + half)) * DRAWN_EYE < 1);
    }
}

static void what_the_gap_shows_decides_whether_a_mouth_is_open(void **state)
{
    (void)state;
    static const struct {
        struct drawing d;
        bool parted;
    } table[] = {
        {{.bow = 0.03f}, false},
        {{.bow = 0.03f, .ring_gap = 0.03f}, false}, /* the mesh errs */
        {{.bow = 0.03f, .gap = 0.04f, .teeth = true, .ring_gap = 0.035f}, true},
        {{.bow = 0.03f, .gap = 0.02f, .ring_gap = 0.03f}, false}, /* a thick dark line */
        {{.bow = 0.02f, .gap = 0.13f, .teeth = true, .ring_gap = 0.12f}, true},
        {{.bow = 0.02f, .gap = 0.13f, .ring_gap = 0.12f}, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(found(&table[i].d).parted, table[i].parted);
}

static void a_mirrored_portrait_gives_the_mirrored_seam(void **state)
{
    (void)state;
    const struct drawing *drawings[] = {&closed, &toothy};
    for (int i = 0; i < 2; i++) {
        struct drawing plain = *drawings[i], mirror = plain;
        plain.noise = mirror.noise = 0;
        mirror.mirrored = true;
        struct seam a = found(&plain), b = found(&mirror);
        assert_true(fabsf(a.left_x + b.right_x) < 1e-5f);
        for (float x = -0.5f; x < 0.5f; x += 0.01f) {
            assert_true(fabsf(seam_upper(&a, x) - seam_upper(&b, -x)) < 1e-3f);
            assert_true(fabsf(seam_lower(&a, x) - seam_lower(&b, -x)) < 1e-3f);
        }
    }
}

static void no_lip_line_wobbles(void **state)
{
    (void)state;
    struct drawing noisy = closed;
    noisy.noise = 40;
    struct seam s = found(&noisy);
    for (int k = 2; k + 2 < SEAM_KNOTS; k++) {
        float bend = s.upper_y[k - 2] - 2 * s.upper_y[k] + s.upper_y[k + 2];
        assert_true(fabsf(bend) < 0.0022f); /* a parabola of 0.03 E bends by 0.0002 here */
    }
}

static void curves_meet_in_the_corners_and_go_on_without_a_kink(void **state)
{
    (void)state;
    struct drawing smiling = toothy;
    smiling.bow = 0.08f;
    struct seam s = found(&smiling);
    const float ends[2] = {s.left_x, s.right_x}, out[2] = {-0.002f, 0.002f};
    for (int i = 0; i < 2; i++) {
        assert_true(fabsf(seam_lower(&s, ends[i]) - seam_upper(&s, ends[i])) < 1e-4f);
        for (float x = ends[i]; fabsf(x) < 0.9f; x += out[i]) {
            assert_true(fabsf(seam_lower(&s, x) - seam_upper(&s, x)) < 1e-4f);
            assert_true(fabsf(seam_upper(&s, x + out[i]) - seam_upper(&s, x)) < 0.31f * 0.002f);
        }
        assert_true(fabsf(fabsf(seam_u(&s, ends[i])) - 1) < 1e-5f);
    }
    assert_true(fabsf(seam_u(&s, 0)) < 1e-6f);
}

static void in_a_tiny_portrait_the_mesh_is_trusted(void **state)
{
    (void)state;
    struct drawing d = closed;
    struct image portrait = drawn_portrait(&d);
    struct face face = drawn_face(&d);
    struct face_frame frame = drawn_frame(&d);
    struct orator_error err;
    struct seam s;
    const int shrink = 6; /* E = 20 px */
    int side = DRAWN_SIDE / shrink;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int k = 0; k < shrink * shrink; k++)
                    sum += portrait.rgb[(shrink * y + k / shrink) * portrait.stride +
                                        (ptrdiff_t)3 * (shrink * x + k % shrink) + c];
                portrait.rgb[y * portrait.stride + (ptrdiff_t)3 * x + c] =
                    (uint8_t)(sum / (shrink * shrink));
            }
    portrait.width_px = portrait.height_px = side;
    for (int i = 0; i < FACE_POINTS; i++)
        for (int c = 0; c < 2; c++)
            face.points[i][c] /= (float)shrink;
    frame.origin_px[0] /= (float)shrink;
    frame.origin_px[1] /= (float)shrink;
    frame.eye_px /= (float)shrink;
    assert_int_equal(seam_find(&s, &portrait, &face, &frame, &err), ORATOR_OK);
    for (float x = -0.3f; x < 0.3f; x += 0.05f) {
        float u = x / DRAWN_HALF_WIDTH, middle = 0.5f * (seam_upper(&s, x) + seam_lower(&s, x));
        assert_true(fabsf(middle - drawn_line(&d, u) - d.ring_error * (1 - u * u)) <
                    0.010f); /* 0.2 px */
    }
    free(portrait.rgb);
}

static void lips_that_are_nowhere_are_refused(void **state)
{
    (void)state;
    struct drawing d = closed;
    struct image portrait = drawn_portrait(&d);
    struct face face = {0};
    struct face_frame frame = drawn_frame(&d);
    struct orator_error err;
    struct seam s;
    assert_int_equal(seam_find(&s, &portrait, &face, &frame, &err), ORATOR_FACE_UNUSABLE);
    free(portrait.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_of_closed_lips_is_found_within_a_pixel),
        cmocka_unit_test(the_edges_of_parted_lips_are_found_within_a_pixel),
        cmocka_unit_test(what_the_gap_shows_decides_whether_a_mouth_is_open),
        cmocka_unit_test(a_mirrored_portrait_gives_the_mirrored_seam),
        cmocka_unit_test(no_lip_line_wobbles),
        cmocka_unit_test(curves_meet_in_the_corners_and_go_on_without_a_kink),
        cmocka_unit_test(in_a_tiny_portrait_the_mesh_is_trusted),
        cmocka_unit_test(lips_that_are_nowhere_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
