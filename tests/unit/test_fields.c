/* What action units do to the skin: met at their controls, calm at the borders, torn only at the lips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "drawn_face.h"
#include "engine/render/action_units.h"
#include "engine/render/banded.h"

static struct dsp dsp;

static struct scene {
    struct face face;
    struct face_frame frame;
    struct seam seam;
    struct fields fields;
} closed, parted;

/* Two arcs between the corners, this far apart in the middle. */
static struct seam drawn_seam(float gap)
{
    struct seam s = {.parted = gap > 0.05f, .left_x = -.38f, .right_x = .38f, .gap_max = gap};
    for (int i = 0; i < SEAM_KNOTS; i++) {
        float u = 2.0f * (float)i / (SEAM_KNOTS - 1) - 1.0f;
        s.upper_y[i] = -0.02f * u * u - 0.5f * gap * (1.0f - u * u);
        s.lower_y[i] = -0.02f * u * u + 0.5f * gap * (1.0f - u * u);
    }
    return s;
}

static int set_up(void **state)
{
    (void)state;
    struct scene *all[2] = {&closed, &parted};
    dsp_init(&dsp, dsp_isa_wanted());
    for (int k = 0; k < 2; k++) {
        all[k]->face = drawn_face(300, 320, 90);
        all[k]->frame = face_frame_of(&all[k]->face);
        all[k]->seam = drawn_seam(k ? 0.15f : 0.01f);
        if (fields_solve(&all[k]->fields, &all[k]->face, &all[k]->frame, &all[k]->seam, &dsp, NULL))
            return 1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fields_fini(&closed.fields);
    fields_fini(&parted.fields);
    return 0;
}

static float sample(const struct fields *f, const float *field, float x, float y)
{
    float fx = (x - f->left) / f->step, fy = (y - f->top) / f->step;
    int i = (int)fx, j = (int)fy;
    float a = fx - (float)i, b = fy - (float)j;
    const float *p = field + j * f->columns + i, *q = p + f->columns;
    return (1 - b) * ((1 - a) * p[0] + a * p[1]) + b * ((1 - a) * q[0] + a * q[1]);
}

static void a_banded_system_is_solved(void **state)
{
    (void)state;
    enum { N = 40, WIDTH = 5 };
    struct banded m;
    double full[N][N] = {{0}}, want[N][BANDED_SIDES], x[N][BANDED_SIDES] = {{0}};
    assert_true(banded_init(&m, N, WIDTH));
    for (int i = 0; i < N; i++) {
        for (int side = 0; side < BANDED_SIDES; side++)
            want[i][side] = sin(i + 5 * side);
        for (int j = i; j < N && j <= i + WIDTH; j++) {
            double v = i == j ? 9.0 : cos(i * 7 + j * 3);
            banded_add(&m, j, i, v);
            full[i][j] = full[j][i] = v;
        }
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int side = 0; side < BANDED_SIDES; side++)
                x[i][side] += full[i][j] * want[j][side];
    assert_true(banded_factor(&m, &dsp));
    banded_solve(&m, x[0], &dsp);
    for (int i = 0; i < N; i++)
        for (int side = 0; side < BANDED_SIDES; side++)
            assert_true(fabs(x[i][side] - want[i][side]) < 1e-12);
    banded_fini(&m);
}

static void an_indefinite_system_is_refused(void **state)
{
    (void)state;
    struct banded m;
    assert_true(banded_init(&m, 2, 1));
    banded_add(&m, 0, 0, 1.0);
    banded_add(&m, 1, 1, 1.0);
    banded_add(&m, 0, 1, 2.0);
    assert_false(banded_factor(&m, &dsp));
    banded_fini(&m);
}

static void all_fields_are_finite_and_calm_at_the_border(void **state)
{
    (void)state;
    const struct fields *f = &parted.fields;
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++)
        for (int unit = 0; unit < FIELD_COUNT; unit++)
            for (int j = 0; j < f->rows; j++)
                for (int i = 0; i < f->columns; i++) {
                    float dx = f->dx[sheet][unit][j * f->columns + i];
                    float dy = f->dy[sheet][unit][j * f->columns + i];
                    assert_true(fabsf(dx) < 0.5f && fabsf(dy) < 0.5f); /* false for NaN */
                    if (i == 0 || j == 0 || i == f->columns - 1 || j == f->rows - 1)
                        assert_true(dx == 0.0f && dy == 0.0f);
                }
}

static void controls_are_met(void **state)
{
    (void)state;
    const struct scene *scenes[2] = {&closed, &parted};
    for (int k = 0; k < 2; k++) {
        const struct scene *s = scenes[k];
        struct controls c;
        controls_place(&c, &s->face, &s->frame, &s->seam, 0.6f * s->fields.step);
        for (int unit = 0; unit < FIELD_COUNT; unit++) {
            double miss = 0.0, size = 1e-9;
            for (int i = 0; i < c.count; i++) {
                const struct control *at = &c.list[i];
                bool lower = at->group == SEAM_LOWER || at->group == LIP_LOWER;
                int sheet = lower ? SHEET_LOWER : SHEET_UPPER;
                float want[2];
                control_push(want, &c, i, unit);
                float dx = sample(&s->fields, s->fields.dx[sheet][unit], at->x, at->y) - want[0];
                float dy = sample(&s->fields, s->fields.dy[sheet][unit], at->x, at->y) - want[1];
                miss += (double)(dx * dx + dy * dy);
                size += (double)(want[0] * want[0] + want[1] * want[1]);
                assert_true(hypotf(dx, dy) < 0.03f);
            }
            /* within an eighth over all controls; a smile's cheeks swell on top of the solve */
            assert_true(sqrt(miss) < 0.12 * sqrt(size));
        }
    }
}

static void left_and_right_mirror_each_other(void **state)
{
    (void)state;
    const struct fields *f = &closed.fields;
    for (int sheet = 0; sheet < SHEET_COUNT; sheet++)
        for (int unit = 0; unit < FIELD_COUNT; unit++) {
            int twin = unit == AU_BROW_LEFT    ? AU_BROW_RIGHT
                       : unit == AU_BROW_RIGHT ? AU_BROW_LEFT
                                               : unit;
            for (int j = 0; j < f->rows; j++)
                for (int i = 0; i < f->columns; i++) {
                    int a = j * f->columns + i, b = j * f->columns + f->columns - 1 - i;
                    assert_true(fabsf(f->dx[sheet][unit][a] + f->dx[sheet][twin][b]) < 2e-4f);
                    assert_true(fabsf(f->dy[sheet][unit][a] - f->dy[sheet][twin][b]) < 2e-4f);
                }
        }
}

static void the_skin_tears_only_between_the_corners(void **state)
{
    (void)state;
    const struct fields *f = &closed.fields;
    const float *upper = f->dy[SHEET_UPPER][AU_JAW], *lower = f->dy[SHEET_LOWER][AU_JAW];
    float widest = 0.0f;
    for (int j = 1; j < f->rows - 1; j++)
        for (int i = 1; i < f->columns - 1; i++) {
            float x = f->left + f->step * (float)i, y = f->top + f->step * (float)j;
            float cut = 0.5f * (seam_upper(&closed.seam, x) + seam_lower(&closed.seam, x));
            int k = j * f->columns + i;
            bool at_cut = fabsf(seam_u(&closed.seam, x)) < 1.0f &&
                          fabsf(y - cut) < (FIELDS_BEYOND + 0.01f) * f->step;
            if (at_cut)
                widest = fmaxf(widest, lower[k] - upper[k]);
            else
                assert_true(upper[k] == lower[k]);
        }
    assert_true(widest > 0.25f);          /* the jaw opens the mouth by nearly its own drop */
    for (int j = 1; j < f->rows - 1; j++) /* beside the mouth nothing jumps */
        for (int i = 1; i < f->columns - 1; i++)
            if (fabsf(seam_u(&closed.seam, f->left + f->step * (float)i)) > 1.15f)
                assert_true(fabsf(upper[(j + 1) * f->columns + i] - upper[j * f->columns + i]) <
                            0.04f);
}

static void a_sheet_goes_on_across_the_cut(void **state)
{
    (void)state;
    const struct fields *f = &closed.fields;
    float below = seam_lower(&closed.seam, 0.0f) + 2.0f * f->step;
    float above = seam_upper(&closed.seam, 0.0f) - 2.0f * f->step;
    assert_true(fabsf(sample(f, f->dy[SHEET_UPPER][AU_JAW], 0.0f, below)) < 0.03f);
    assert_true(sample(f, f->dy[SHEET_LOWER][AU_JAW], 0.0f, above) > 0.25f);
}

static void a_smile_lifts_the_cheeks(void **state)
{
    (void)state;
    const struct fields *f = &closed.fields;
    for (float side = -1.0f; side <= 1.0f; side += 2.0f) {
        float x = 0.73f * side, y = -0.5f;
        assert_true(sample(f, f->dy[SHEET_UPPER][AU_SMILE], x, y) < -0.03f);
        assert_true(sample(f, f->dx[SHEET_UPPER][AU_SMILE], x, y) * side > 0.01f);
    }
}

/* Width of the mouth between its corners under a field at full amplitude, and how high they stand above
 * its middle. */
static float pushed(const struct scene *s, int unit, float *lift)
{
    float push[2][2], at[2] = {s->seam.left_x, s->seam.right_x}, high = 0.0f, width = 0.0f;
    const struct fields *f = &s->fields;
    for (int side = 0; side < 2; side++) {
        float x = 0.99f * at[side], y = seam_upper(&s->seam, at[side]);
        push[side][0] = sample(f, f->dx[SHEET_UPPER][unit], x, y);
        push[side][1] = sample(f, f->dy[SHEET_UPPER][unit], x, y);
        width += (side ? 1.0f : -1.0f) * (at[side] + push[side][0]);
        high -= 0.5f * (y + push[side][1]);
    }
    float upper = seam_upper(&s->seam, 0.0f), lower = seam_lower(&s->seam, 0.0f);
    upper += sample(f, f->dy[SHEET_UPPER][unit], 0.0f, upper - f->step);
    lower += sample(f, f->dy[SHEET_LOWER][unit], 0.0f, lower + f->step);
    *lift = high + 0.5f * (upper + lower);
    return width;
}

/* The drawn face with a mouth of this width whose corners stand this high. */
static void solve_mouth(struct scene *s, float width, float lift)
{
    *s = (struct scene){.face = drawn_face(300, 320, 90), .seam = drawn_seam(0.01f)};
    s->frame = face_frame_of(&s->face);
    float wider = width / (s->seam.right_x - s->seam.left_x);
    s->seam.left_x *= wider;
    s->seam.right_x *= wider;
    for (int i = 0; i < SEAM_KNOTS; i++) {
        float u = 2.0f * (float)i / (SEAM_KNOTS - 1) - 1.0f;
        s->seam.upper_y[i] = -lift * u * u - 0.005f * (1.0f - u * u);
        s->seam.lower_y[i] = -lift * u * u + 0.005f * (1.0f - u * u);
    }
    for (int i = 0; i < FACE_MESH_POINTS; i++) { /* all of the face that is the mouth */
        float *p = s->face.points[i], far = fabsf(p[0] - 300) / 90, down = fabsf(p[1] - 320) / 90;
        if (far < 0.52f && down < 0.22f)
            p[0] = 300 + (p[0] - 300) * wider;
    }
    assert_int_equal(fields_solve(&s->fields, &s->face, &s->frame, &s->seam, &dsp, NULL),
                     ORATOR_OK);
}

static void a_pucker_narrows_a_smile(void **state)
{
    (void)state;
    struct scene smiling, small;
    float lift, smiling_lift, wide, narrow;
    solve_mouth(&smiling, 1.00f, 0.08f);
    solve_mouth(&small, 0.64f, 0.0f);
    wide = pushed(&smiling, AU_PUCKER, &smiling_lift);
    narrow = pushed(&small, AU_PUCKER, &lift);
    assert_true(wide < 0.66f);   /* from 1.00: hardly wider than the others */
    assert_true(narrow > 0.38f); /* from 0.64: as small as u gets */
    assert_true(smiling_lift < 0.0f);
    fields_fini(&smiling.fields);
    fields_fini(&small.fields);
}

static void who_smiles_already_smiles_less_on_top(void **state)
{
    (void)state;
    struct scene smiling, calm;
    float lift;
    solve_mouth(&smiling, 1.00f, 0.08f);
    solve_mouth(&calm, 0.76f, 0.0f);
    float more = pushed(&smiling, AU_SMILE, &lift) - 1.00f;
    float first = pushed(&calm, AU_SMILE, &lift) - 0.76f;
    assert_true(first > 0.12f);
    assert_true(more > 0.02f && more < 0.5f * first);
    fields_fini(&smiling.fields);
    fields_fini(&calm.fields);
}

static void a_press_hides_most_of_the_red(void **state)
{
    (void)state;
    const struct fields *f = &closed.fields;
    for (float u = -0.5f; u <= 0.5f; u += 0.25f) {
        float x = 0.38f * u;
        float upper = seam_upper(&closed.seam, x), lower = seam_lower(&closed.seam, x);
        float past = sample(f, f->dy[SHEET_UPPER][AU_PRESS], x, upper - f->step) -
                     sample(f, f->dy[SHEET_LOWER][AU_PRESS], x, lower + f->step);
        /* the drawn lips are 0.15 and 0.19 E high at mid-mouth, 0.13 and 0.17 at a half */
        assert_true(past > 0.4f * 0.30f && past < 0.6f * 0.34f);
    }
}

static void skin_follows_the_corners_as_on_people(void **state)
{
    (void)state;
    const struct fields *f = &closed.fields;
    const float *fold = closed.face.points[426]; /* seen to follow by a quarter */
    float at[2], lift;
    frame_to_local(&closed.frame, fold[0], fold[1], at);
    float corner = 0.5f * (pushed(&closed, AU_PUCKER, &lift) - 0.76f);
    float here = sample(f, f->dx[SHEET_UPPER][AU_PUCKER], at[0], at[1]);
    assert_true(here / corner > 0.18f && here / corner < 0.34f);
}

static void rest_is_no_motion_at_all(void **state)
{
    (void)state;
    float w[FIELD_COUNT];
    fields_weights(w, &(struct pose){0}, &parted.seam);
    for (int k = 0; k < FIELD_COUNT; k++)
        assert_true(w[k] == 0.0f);
    /* a glance is not speech */
    fields_weights(w, &(struct pose){.gaze_x = 1, .yaw_rad = 0.1f, .blink_left = 1}, &parted.seam);
    for (int k = 0; k < FIELD_COUNT; k++)
        assert_true(w[k] == 0.0f);
}

static void a_closure_takes_openings_back(void **state)
{
    (void)state;
    float w[FIELD_COUNT];
    struct pose p = {.au = {[AU_JAW] = 0.8f, [AU_WIDE] = 0.5f}, .closure = 1.0f};
    fields_weights(w, &p, &parted.seam);
    assert_true(w[AU_JAW] == 0.0f);
    assert_true(w[AU_WIDE] == 0.5f);
    assert_true(w[FIELD_CLOSE] == 1.0f);
    const float press_of_a_smile = w[AU_PRESS];
    fields_weights(w, &p, &closed.seam);
    assert_true(w[FIELD_CLOSE] == 0.0f);
    assert_true(w[AU_PRESS] > 0.3f);
    assert_true(press_of_a_smile > 0.1f && press_of_a_smile < 0.5f * w[AU_PRESS]);
}

static void closing_brings_parted_lips_together(void **state)
{
    (void)state;
    const struct fields *f = &parted.fields;
    for (float u = -0.6f; u <= 0.6f; u += 0.2f) {
        float x = 0.38f * u, upper = seam_upper(&parted.seam, x),
              lower = seam_lower(&parted.seam, x);
        float left_open = lower + sample(f, f->dy[SHEET_LOWER][FIELD_CLOSE], x, lower) -
                          (upper + sample(f, f->dy[SHEET_UPPER][FIELD_CLOSE], x, upper));
        assert_true(fabsf(left_open) < 0.12f * (lower - upper));
    }
}

static void wild_amplitudes_are_held_in_range(void **state)
{
    (void)state;
    float w[FIELD_COUNT];
    struct pose p = {.closure = NAN};
    for (int k = 0; k < AU_COUNT; k++)
        p.au[k] = k % 3 == 0 ? NAN : k % 3 == 1 ? 1e9f : -1e9f;
    fields_weights(w, &p, &parted.seam);
    for (int k = 0; k < FIELD_COUNT; k++)
        assert_true(w[k] >= 0.0f && w[k] <= 1.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_banded_system_is_solved),
        cmocka_unit_test(an_indefinite_system_is_refused),
        cmocka_unit_test(all_fields_are_finite_and_calm_at_the_border),
        cmocka_unit_test(controls_are_met),
        cmocka_unit_test(left_and_right_mirror_each_other),
        cmocka_unit_test(the_skin_tears_only_between_the_corners),
        cmocka_unit_test(a_sheet_goes_on_across_the_cut),
        cmocka_unit_test(a_smile_lifts_the_cheeks),
        cmocka_unit_test(a_pucker_narrows_a_smile),
        cmocka_unit_test(who_smiles_already_smiles_less_on_top),
        cmocka_unit_test(a_press_hides_most_of_the_red),
        cmocka_unit_test(skin_follows_the_corners_as_on_people),
        cmocka_unit_test(rest_is_no_motion_at_all),
        cmocka_unit_test(a_closure_takes_openings_back),
        cmocka_unit_test(closing_brings_parted_lips_together),
        cmocka_unit_test(wild_amplitudes_are_held_in_range),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
