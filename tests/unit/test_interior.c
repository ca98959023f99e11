/* What lies behind the lips, looked up point by point: where the tongue is seen, how far the light
 * reaches along the teeth, and that both are of the portrait's own light. */
#include "claims.h"

#include <math.h>

#include "engine/render/interior.h"

#define FAIR    0.7f /* luma of a fair cheek */
#define OPEN_MM 12.0f
#define HALF_MM 23.0f

static const struct interior_look fair = {
    .luma = FAIR, .tint = {1.1f, 0.97f, 0.9f}, .blur_mm = 0.3f, .wide = 1, .seed = 7};

static struct interior *inside_of(const struct interior_look *look, const struct pose *pose)
{
    static struct opening open;
    struct interior *in;
    struct orator_error err;
    float weights[FIELD_COUNT] = {0};
    assert_int_equal(interior_new(&in, look, &err), ORATOR_OK);
    open.left_mm = -HALF_MM;
    open.right_mm = HALF_MM;
    for (int k = 0; k < INTERIOR_COLUMNS; k++) {
        float u = 2.0f * (float)k / (INTERIOR_COLUMNS - 1) - 1;
        open.u[k] = u;
        open.top_mm[k] = -2 * (1 - u * u);
        open.bottom_mm[k] = (OPEN_MM - 2) * (1 - u * u);
    }
    for (int i = 0; i < AU_COUNT; i++)
        weights[i] = pose->au[i];
    interior_pose(in, &open, weights, pose);
    return in;
}

static float brightness(const float rgb[3])
{
    return 0.2126f * rgb[0] + 0.7152f * rgb[1] + 0.0722f * rgb[2];
}

/* The brightest on the way down at x, between `from` and `to`. */
static float brightest(const struct interior *in, float x_mm, float from_mm, float to_mm)
{
    float most = 0, rgb[3];
    for (float y = from_mm; y <= to_mm; y += 0.25f) {
        interior_colour(in, x_mm, y, rgb);
        most = fmaxf(most, brightness(rgb));
    }
    return most;
}

static const struct pose ah = {.au = {[AU_JAW] = 0.6f}};
static const struct pose el = {.au = {[AU_JAW] = 0.6f}, .tongue = 1};

static void the_tongue_is_seen_between_the_rows_of_teeth(void **state)
{
    (void)state;
    float rgb[3];
    static const struct pose eh = {.au = {[AU_JAW] = 0.35f}}; /* edges at about 2.5 and 5.3 */
    struct interior *in = inside_of(&fair, &eh);
    interior_colour(in, 0, 4.2f, rgb);
    assert_true(rgb[0] > 0.25f * FAIR);
    assert_true(rgb[0] > 1.3f * rgb[1] && rgb[0] > 1.3f * rgb[2]);
    interior_free(&in);
}

static void the_tongue_rises_to_the_upper_teeth(void **state)
{
    (void)state;
    float low[3], high[3];
    struct interior *in = inside_of(&fair, &ah);
    interior_colour(in, 0, 3.6f, low); /* right under the upper teeth */
    interior_free(&in);
    in = inside_of(&fair, &el);
    interior_colour(in, 0, 3.6f, high);
    interior_free(&in);
    assert_true(high[0] > 1.4f * low[0]);
}

static void nothing_inside_a_fair_mouth_is_black_at_its_middle(void **state)
{
    (void)state;
    struct interior *in = inside_of(&fair, &ah);
    for (float y = 0; y < OPEN_MM - 2; y += 0.25f) {
        float rgb[3];
        interior_colour(in, 0, y, rgb);
        assert_true(rgb[0] > 0.08f);
    }
    interior_free(&in);
}

static void teeth_are_lit_as_far_as_the_canines_and_dark_toward_the_corners(void **state)
{
    (void)state;
    struct interior *in = inside_of(&fair, &ah);
    float front = brightest(in, 4, 0, 2.5f);
    assert_true(front > 1.05f * FAIR); /* 1.25 to 1.4 of the cheek, less what blur and edges take */
    assert_true(brightest(in, 13, 0, 2.5f) > 0.75f * front);
    assert_true(brightest(in, 22, -0.2f, 1) < 0.45f * front);
    interior_free(&in);
}

/* A smile's lower teeth do not sink behind the lip because its lips are parted. */
static void bared_upper_teeth_have_the_lower_ones_right_behind_them(void **state)
{
    (void)state;
    static const struct pose parted = {.au = {[AU_JAW] = 0.15f}};
    struct interior_look smile = fair;
    smile.gap_mm = 11;
    smile.own_edge_mm = 6;
    struct interior *in = inside_of(&smile, &parted);
    assert_true(brightest(in, 3, 8.5f, 9.5f) > 0.6f * FAIR);
    interior_free(&in);
}

static void teeth_beside_the_portraits_own_have_their_white(void **state)
{
    (void)state;
    static const float own[3] = {0.80f, 0.74f, 0.62f};
    float rgb[3];
    struct interior_look seen = fair;
    for (int c = 0; c < 3; c++)
        seen.white[c] = own[c];
    struct interior *in = inside_of(&seen, &ah);
    interior_colour(in, 4, 1.2f, rgb);
    assert_true(rgb[2] < 0.88f * rgb[0]); /* as yellow as they are */
    interior_free(&in);
}

static void the_brightest_tooth(float out[3], const struct interior_look *look)
{
    float most = 0, rgb[3];
    struct interior *in = inside_of(look, &ah);
    for (float y = -1; y <= 3; y += 0.25f) {
        interior_colour(in, 3, y, rgb);
        if (brightness(rgb) <= most)
            continue;
        most = brightness(rgb);
        for (int c = 0; c < 3; c++)
            out[c] = rgb[c];
    }
    interior_free(&in);
}

static void light_that_yellows_the_skin_yellows_the_teeth(void **state)
{
    (void)state;
    struct interior_look candle = fair;
    candle.tint[0] = 1.45f;
    candle.tint[1] = 0.93f;
    candle.tint[2] = 0.45f;
    float plain[3], warm[3];
    the_brightest_tooth(plain, &fair);
    the_brightest_tooth(warm, &candle);
    assert_true(warm[2] / warm[0] < 0.92f * plain[2] / plain[0]);
    assert_true(plain[2] > 0.75f * plain[0] &&
                plain[2] < plain[0]); /* enamel is warm, not yellow */
}

static void a_smile_that_ends_in_dark_corners_keeps_them(void **state)
{
    (void)state;
    struct interior_look smile = fair;
    struct interior *in = inside_of(&smile, &ah);
    const float lit = brightest(in, 15, -1, 4), middle = brightest(in, 3, -1, 3);
    interior_free(&in);
    smile.own_reach_mm[0] = -11;
    smile.own_reach_mm[1] = 11;
    in = inside_of(&smile, &ah);
    assert_true(brightest(in, 15, -1, 4) < 0.7f * lit);
    assert_true(fabsf(brightest(in, 3, -1, 3) - middle) < 0.01f);
    interior_free(&in);
}

static void a_small_opening_is_filled_by_both_rows(void **state)
{
    (void)state;
    static const struct pose ee = {.au = {[AU_JAW] = 0.2f}};
    struct interior *in = inside_of(&fair, &ee);
    for (float y = 0.5f; y < 6; y += 0.25f) {
        float rgb[3];
        interior_colour(in, 2.2f, y, rgb);
        assert_true(brightness(rgb) > 0.45f * FAIR);
    }
    interior_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tongue_is_seen_between_the_rows_of_teeth),
        cmocka_unit_test(the_tongue_rises_to_the_upper_teeth),
        cmocka_unit_test(nothing_inside_a_fair_mouth_is_black_at_its_middle),
        cmocka_unit_test(teeth_are_lit_as_far_as_the_canines_and_dark_toward_the_corners),
        cmocka_unit_test(bared_upper_teeth_have_the_lower_ones_right_behind_them),
        cmocka_unit_test(light_that_yellows_the_skin_yellows_the_teeth),
        cmocka_unit_test(a_smile_that_ends_in_dark_corners_keeps_them),
        cmocka_unit_test(a_small_opening_is_filled_by_both_rows),
        cmocka_unit_test(teeth_beside_the_portraits_own_have_their_white),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
