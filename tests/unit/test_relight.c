/* Skin that is lit anew: within bounds, smooth, where the mouth moves it and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "drawn_face.h"
#include "engine/render/head.h"
#include "engine/render/relight.h"

enum { SIDE = 600, EYE = 120, MIDDLE_X = 300, MIDDLE_Y = 330 };

static struct dsp dsp;

/* A grey face, brighter toward one side when the light comes from there. */
static struct scene {
    struct face face;
    struct face_frame frame;
    struct seam seam;
    struct fields fields;
    struct skin skin;
    struct texture still;
    struct relight *relight;
    struct sheet_map map;
    struct picture plate, out;
} frontal, from_left, from_right, white;

static struct seam drawn_seam(void)
{
    struct seam s = {.left_x = -.38f, .right_x = .38f, .gap_max = 0.01f};
    for (int i = 0; i < SEAM_KNOTS; i++) {
        float u = 2.0f * (float)i / (SEAM_KNOTS - 1) - 1.0f;
        s.upper_y[i] = -0.02f * u * u - 0.005f * (1.0f - u * u);
        s.lower_y[i] = -0.02f * u * u + 0.005f * (1.0f - u * u);
    }
    return s;
}

static void scene_new(struct scene *s, float luma, float aside)
{
    *s = (struct scene){.face = drawn_face(MIDDLE_X, MIDDLE_Y, EYE), .seam = drawn_seam()};
    s->frame = face_frame_of(&s->face);
    assert_int_equal(fields_solve(&s->fields, &s->face, &s->frame, &s->seam, &dsp, NULL),
                     ORATOR_OK);
    struct head head = head_of(&s->face, &s->frame, SIDE, SIDE);
    assert_int_equal(skin_new(&s->skin, s->fields.columns, s->fields.rows, NULL), ORATOR_OK);
    for (int j = 0; j < s->fields.rows; j++)
        for (int i = 0; i < s->fields.columns; i++) {
            s->skin.x[j * s->fields.columns + i] = s->fields.left + s->fields.step * (float)i;
            s->skin.y[j * s->fields.columns + i] = s->fields.top + s->fields.step * (float)j;
        }
    skin_lay(&s->skin, &head);
    s->still = (struct texture){.stride = SIDE, .width_px = SIDE, .height_px = SIDE};
    for (int p = 0; p < 3; p++)
        s->still.plane[p] = malloc(SIDE * SIDE);
    assert_int_equal(picture_new(&s->plate, SIDE, SIDE, NULL), ORATOR_OK);
    assert_int_equal(picture_new(&s->out, SIDE, SIDE, NULL), ORATOR_OK);
    s->map = (struct sheet_map){{0, 0, SIDE, SIDE},
                                malloc(SIDE * SIDE * sizeof(float)),
                                malloc(SIDE * SIDE * sizeof(float))};
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float lit = luma + aside * ((float)x + 0.5f - MIDDLE_X) / EYE;
            s->still.plane[0][y * SIDE + x] = (uint8_t)lit;
            s->plate.plane[0][y * s->plate.stride[0] + x] = (uint8_t)lit;
            s->map.x[y * SIDE + x] = (float)x + 0.5f;
            s->map.y[y * SIDE + x] = (float)y + 0.5f;
        }
    assert_int_equal(relight_new(&s->relight, &s->fields, s->skin.z, &s->face, &s->frame, &s->seam,
                                 &s->still, NULL),
                     ORATOR_OK);
}

static void scene_end(struct scene *s)
{
    relight_free(&s->relight);
    skin_fini(&s->skin);
    fields_fini(&s->fields);
    picture_fini(&s->plate);
    picture_fini(&s->out);
    for (int p = 0; p < 3; p++)
        free(s->still.plane[p]);
    free(s->map.x);
    free(s->map.y);
}

static int set_up(void **state)
{
    (void)state;
    scene_new(&frontal, 150, 0);
    scene_new(&from_left, 150, -40);
    scene_new(&from_right, 150, 40);
    scene_new(&white, 235, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scene_end(&frontal);
    scene_end(&from_left);
    scene_end(&from_right);
    scene_end(&white);
    return 0;
}

static int before(const struct scene *s, int x, int y)
{
    return s->plate.plane[0][y * s->plate.stride[0] + x];
}

static int after(const struct scene *s, int x, int y)
{
    return s->out.plane[0][y * s->out.stride[0] + x];
}

static void light(struct scene *s, const float weights[FIELD_COUNT])
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            s->out.plane[0][y * s->out.stride[0] + x] = (uint8_t)before(s, x, y);
    relight_frame(s->relight, &s->out, &s->map, &(struct block_map){0}, weights, &dsp);
}

static float gain(const struct scene *s, int unit, float x, float y)
{
    const struct relight *r = s->relight;
    int i = (int)((x - r->left) / r->step + 0.5f), j = (int)((y - r->top) / r->step + 0.5f);
    return r->gain[unit][j * r->columns + i];
}

static void a_mouth_at_rest_keeps_every_pixel(void **state)
{
    (void)state;
    float w[FIELD_COUNT] = {0};
    light(&frontal, w);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            assert_int_equal(after(&frontal, x, y), before(&frontal, x, y));
    w[AU_BROW_LEFT] = w[AU_BROW_DOWN] = 1; /* brows are not its affair */
    light(&frontal, w);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            assert_int_equal(after(&frontal, x, y), before(&frontal, x, y));
}

static void no_pose_changes_luma_by_more_than_an_eighth(void **state)
{
    (void)state;
    float w[FIELD_COUNT];
    for (int k = 0; k < FIELD_COUNT; k++)
        w[k] = 1;
    light(&from_left, w);
    int changed = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float was = (float)before(&from_left, x, y) - 16;
            float now = (float)after(&from_left, x, y) - 16;
            assert_true(fabsf(now - was) <= RELIGHT_MOST * was + 0.51f);
            changed += now != was;
        }
    assert_true(changed > 10000);
}

static void overexposed_skin_stays_white(void **state)
{
    (void)state;
    float w[FIELD_COUNT];
    for (int k = 0; k < FIELD_COUNT; k++)
        w[k] = 1;
    light(&white, w);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            assert_int_equal(after(&white, x, y), before(&white, x, y));
}

static void gains_are_smooth_and_end_before_the_region_does(void **state)
{
    (void)state;
    for (int unit = 0; unit < FIELD_COUNT; unit++) {
        const struct relight *r = frontal.relight;
        const float *g = r->gain[unit];
        if (!g)
            continue;
        for (int j = 1; j < r->rows; j++)
            for (int i = 1; i < r->columns; i++) {
                const float *at = g + j * r->columns + i;
                assert_true(fabsf(*at) < RELIGHT_MOST); /* false for NaN */
                assert_true(fabsf(at[0] - at[-1]) < 0.07f);
                assert_true(fabsf(at[0] - at[-r->columns]) < 0.07f);
                float x = r->left + r->step * (float)i, y = r->top + r->step * (float)j;
                if (fabsf(x) > 1.05f || fabsf(y) > 0.95f)
                    assert_true(*at == 0);
            }
    }
    float w[FIELD_COUNT] = {[AU_SMILE] = 1, [AU_PUCKER] = 1, [AU_JAW] = 1};
    light(&frontal, w);
    const struct rect r = frontal.relight->region;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            bool inside = x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1;
            if (!inside)
                assert_int_equal(after(&frontal, x, y), before(&frontal, x, y));
            if (x && y) /* no steps where the lattice's nodes lie */
                assert_true(abs(after(&frontal, x, y) - after(&frontal, x - 1, y)) <= 3);
        }
}

static void light_from_the_other_side_gives_the_mirrored_gain(void **state)
{
    (void)state;
    for (int unit = 0; unit < FIELD_COUNT; unit++) {
        const struct relight *a = from_left.relight, *b = from_right.relight;
        if (!a->gain[unit])
            continue;
        for (int j = 0; j < a->rows; j++)
            for (int i = 0; i < a->columns; i++)
                assert_true(fabsf(a->gain[unit][j * a->columns + i] -
                                  b->gain[unit][j * b->columns + b->columns - 1 - i]) < 0.01f);
    }
}

static void light_is_found_on_the_brighter_side(void **state)
{
    (void)state;
    assert_true(from_left.relight->light[0] < -0.1f);
    assert_true(from_right.relight->light[0] > 0.1f);
    assert_true(fabsf(frontal.relight->light[0]) < 0.05f);
    assert_true(frontal.relight->light[1] < 0 && frontal.relight->light[2] > 0.5f);
}

static void protruding_lips_shine_above_and_shade_below(void **state)
{
    (void)state;
    assert_true(gain(&frontal, AU_PUCKER, 0, -0.15f) > 0.02f);
    assert_true(gain(&frontal, AU_PUCKER, 0, 0.24f) < -0.02f);
}

static void a_smile_deepens_the_fold_and_lights_the_cheek(void **state)
{
    (void)state;
    const float *fold = frontal.face.points[206]; /* halfway from nose to mouth */
    float at[2];
    frame_to_local(&frontal.frame, fold[0], fold[1], at);
    float in_fold = gain(&frontal, AU_SMILE, at[0], at[1]);
    assert_true(in_fold < -0.02f);
    assert_true(gain(&frontal, AU_SMILE, at[0] - 0.13f, at[1] - 0.10f) > in_fold + 0.03f);
}

static void gains_go_where_the_skin_goes(void **state)
{
    (void)state;
    enum { SHIFT = 24 };
    struct scene *s = &frontal;
    const float w[FIELD_COUNT] = {[AU_SMILE] = 1};
    uint8_t *still = malloc(SIDE * SIDE);
    light(s, w);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            still[y * SIDE + x] = (uint8_t)after(s, x, y);
    for (int k = 0; k < SIDE * SIDE; k++)
        s->map.x[k] -= SHIFT;
    light(s, w);
    for (int y = 0; y < SIDE; y++)
        for (int x = SHIFT; x < SIDE; x++)
            assert_true(abs(after(s, x, y) - still[y * SIDE + x - SHIFT]) <= 1);
    for (int k = 0; k < SIDE * SIDE; k++)
        s->map.x[k] += SHIFT;
    free(still);
}

int main(void)
{
    dsp_init(&dsp, dsp_isa_wanted());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mouth_at_rest_keeps_every_pixel),
        cmocka_unit_test(no_pose_changes_luma_by_more_than_an_eighth),
        cmocka_unit_test(overexposed_skin_stays_white),
        cmocka_unit_test(gains_are_smooth_and_end_before_the_region_does),
        cmocka_unit_test(light_from_the_other_side_gives_the_mirrored_gain),
        cmocka_unit_test(light_is_found_on_the_brighter_side),
        cmocka_unit_test(protruding_lips_shine_above_and_shade_below),
        cmocka_unit_test(a_smile_deepens_the_fold_and_lights_the_cheek),
        cmocka_unit_test(gains_go_where_the_skin_goes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
