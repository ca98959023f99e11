/* The head moves, the wall behind it does not, and nothing of the old outline stays on it. */
#include "claims.h"

#include "drawn_sitter.h"

static struct dsp dsp;
static struct render_rig *flat, *slope;
#define DEGREE 0.017453293f

static const struct pose turns[] = {
    {.yaw_rad = 8 * DEGREE},
    {.yaw_rad = -8 * DEGREE},
    {.pitch_rad = 6 * DEGREE},
    {.roll_rad = -4 * DEGREE, .breath = 1, .sway = 1},
    {.shift_x = 0.1f},
    {.yaw_rad = 10 * DEGREE, .pitch_rad = -5 * DEGREE, .shift_y = -0.1f}};
enum { TURNS = sizeof(turns) / sizeof(turns[0]) };

static int set_up(void **state)
{
    (void)state;
    dsp_init(&dsp, DSP_AVX512);
    flat = sitter_rig(GROUND_FLAT, false, &dsp);
    slope = sitter_rig(GROUND_SLOPE, false, &dsp);
    return flat && slope ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    render_rig_free(&flat);
    render_rig_free(&slope);
    return 0;
}

static int luma(const struct picture *p, int x, int y) { return p->plane[0][y * p->stride[0] + x]; }

static void a_plain_ground_gets_a_backdrop_and_a_busy_one_does_not(void **state)
{
    (void)state;
    struct render_rig *busy = sitter_rig(GROUND_NOISE, false, &dsp);
    assert_non_null(busy);
    assert_non_null(flat->backdrop);
    assert_non_null(slope->backdrop);
    assert_null(busy->backdrop);
    assert_true(render_rig_reach(flat) == 1.0f && render_rig_reach(busy) < 0.7f);
    render_rig_free(&busy);
}

static void the_backdrop_goes_on_behind_the_sitter(void **state)
{
    (void)state;
    const struct picture *fill = backdrop_picture(flat->backdrop);
    const int ground = luma(&flat->plate, 3, 3);
    for (int y = 0; y < SITTER_HEIGHT; y++)
        for (int x = 0; x < SITTER_WIDTH; x++)
            assert_true(abs(luma(fill, x, y) - ground) <= 2);
}

/* In what a pose of no size gives, all but the mouth is the portrait. */
static void the_long_road_to_rest_ends_at_the_portrait(void **state)
{
    (void)state;
    const struct picture *frame = render_frame(slope, &(struct pose){.breath = 1e-7f});
    const struct rect mouth = mouth_region(slope->mouth);
    for (int p = 0; p < 3; p++)
        for (int y = 0, half = p > 0; y < SITTER_HEIGHT >> half; y++)
            for (int x = 0; x < SITTER_WIDTH >> half; x++) {
                int at_x = x << half, at_y = y << half;
                if (at_x >= mouth.x0 && at_x < mouth.x1 && at_y >= mouth.y0 && at_y < mouth.y1)
                    continue;
                assert_int_equal(frame->plane[p][y * frame->stride[p] + x],
                                 slope->plate.plane[p][y * slope->plate.stride[p] + x]);
            }
}

static void the_ground_stays_in_every_pose(void **state)
{
    (void)state;
    for (int k = 0; k < TURNS; k++) {
        const struct picture *frame = render_frame(slope, &turns[k]);
        for (int y = 0; y < SITTER_HEIGHT; y++)
            for (int x = 0; x < SITTER_WIDTH; x++) {
                float at[2];
                sitter_local((float)x + 0.5f, (float)y + 0.5f, at);
                float far = sitter_outline(at[0], at[1]);
                int off = abs(luma(frame, x, y) - luma(&slope->plate, x, y));
                if (far > 0.75f)
                    assert_int_equal(off, 0);
                else if (far > 0.45f) /* no pose here carries the hair so far */
                    assert_true(off <= 2);
            }
    }
}

/* On a flat ground a pixel is ground, person, or the soft edge between them: grounds that are neither
 * would be what is left of the outline at rest. */
static void no_ghost_of_the_outline_stays(void **state)
{
    (void)state;
    const int ground = luma(&flat->plate, 3, 3);
    for (int k = 0; k < TURNS; k++) {
        const struct picture *frame = render_frame(flat, &turns[k]);
        for (int y = 0; y < (int)(SITTER_Y - 0.5f * SITTER_PX); y++) {
            /* from the left border: ground, one edge of at most a few pixels, then hair */
            int x = 0, edge = 0;
            while (x < SITTER_WIDTH && abs(luma(frame, x, y) - ground) <= 3)
                x++;
            for (; x < SITTER_WIDTH && luma(frame, x, y) > ground - 90; x++)
                edge++;
            assert_true(x == SITTER_WIDTH || edge <= 24);
        }
    }
}

static void a_shifted_head_uncovers_the_ground(void **state)
{
    (void)state;
    const int ground = luma(&flat->plate, 3, 3);
    const struct picture *frame = render_frame(flat, &(struct pose){.shift_x = 0.25f});
    int y = (int)(SITTER_Y - 1.0f * SITTER_PX), left = (int)(SITTER_X - 1.55f * SITTER_PX);
    int moved = (int)(0.25f * SITTER_PX), uncovered = 0;
    assert_true(luma(&flat->plate, left + 4, y) < ground - 60);
    for (int x = left - 20; x < left + moved - 4; x++, uncovered++)
        assert_true(abs(luma(frame, x, y) - ground) <= 3);
    assert_true(uncovered > 20);
    assert_true(luma(frame, left + moved + 4, y) < ground - 60);
}

/* What keeps the ground in its place must not colour who stands before it. */
static void the_sitter_keeps_their_colours(void **state)
{
    (void)state;
    const struct picture *frame = render_frame(slope, &(struct pose){.shift_x = 0.25f});
    int hair = luma(&slope->plate, (int)SITTER_X, (int)(SITTER_Y - 2.4f * SITTER_PX)), seen = 0;
    for (int y = (int)(SITTER_Y - 2.6f * SITTER_PX); y < SITTER_Y - 2.3f * SITTER_PX; y++)
        for (int x = (int)(SITTER_X - 0.3f * SITTER_PX); x < SITTER_X + 0.7f * SITTER_PX; x++) {
            assert_true(abs(luma(frame, x, y) - hair) <= 1);
            seen++;
        }
    assert_true(seen > 500);
}

static void expect_same_bytes(const struct picture *a, const struct picture *b)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0, half = p > 0; y < SITTER_HEIGHT >> half; y++)
            assert_memory_equal(a->plane[p] + y * a->stride[p], b->plane[p] + y * b->stride[p],
                                SITTER_WIDTH >> half);
}

static void every_cpu_gives_the_same_bytes(void **state)
{
    (void)state;
    struct dsp plain;
    dsp_init(&plain, DSP_C);
    struct render_rig *other = sitter_rig(GROUND_SLOPE, false, &plain);
    assert_non_null(other->backdrop);
    for (int k = 0; k < TURNS; k++) {
        const struct picture *a = render_frame(slope, &turns[k]);
        const struct picture *b = render_frame(other, &turns[k]);
        expect_same_bytes(a, b);
    }
    render_rig_free(&other);
}

/* Ground that is there already is not drawn again; whatever was drawn on it must be. */
static void a_frame_does_not_depend_on_those_before_it(void **state)
{
    (void)state;
    struct render_rig *fresh = NULL;
    for (int i = 0; i < 3 * TURNS; i++) {
        struct pose pose = turns[5 * i % TURNS];
        pose.au[AU_JAW] = 0.3f * (float)(i % 4);
        pose.au[AU_SMILE] = 0.4f * (float)(i % 3);
        if (i % RIG_FRAMES == 0) { /* each of its pictures is used once */
            render_rig_free(&fresh);
            fresh = sitter_rig(GROUND_SLOPE, false, &dsp);
            assert_non_null(fresh);
        }
        expect_same_bytes(render_frame(slope, &pose), render_frame(fresh, &pose));
    }
    render_rig_free(&fresh);
}

static void wild_poses_stay_inside(void **state)
{
    (void)state;
    const float wild[] = {1e9f, -1e9f, INFINITY, NAN};
    for (size_t k = 0; k < sizeof(wild) / sizeof(wild[0]); k++)
        (void)render_frame(flat, &(struct pose){.yaw_rad = wild[k],
                                                .roll_rad = wild[k],
                                                .shift_x = wild[k],
                                                .shift_y = wild[k]}); /* sanitizers watch */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_ground_gets_a_backdrop_and_a_busy_one_does_not),
        cmocka_unit_test(the_backdrop_goes_on_behind_the_sitter),
        cmocka_unit_test(the_long_road_to_rest_ends_at_the_portrait),
        cmocka_unit_test(the_ground_stays_in_every_pose),
        cmocka_unit_test(no_ghost_of_the_outline_stays),
        cmocka_unit_test(a_shifted_head_uncovers_the_ground),
        cmocka_unit_test(the_sitter_keeps_their_colours),
        cmocka_unit_test(every_cpu_gives_the_same_bytes),
        cmocka_unit_test(a_frame_does_not_depend_on_those_before_it),
        cmocka_unit_test(wild_poses_stay_inside),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
