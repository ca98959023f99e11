/* Maps and warps: every pixel from one place, whole pixels copied, flat colour kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "engine/render/raster.h"
#include "engine/render/warp.h"

enum { WIDTH = 96, HEIGHT = 64, PIXELS = WIDTH * HEIGHT };

static struct dsp dsp;
static float map_x[PIXELS], map_y[PIXELS], scratch[WIDTH];
static struct sheet_map whole = {{0, 0, WIDTH, HEIGHT}, map_x, map_y};
static uint8_t still_bytes[PIXELS * 3 / 2], frame_bytes[PIXELS * 3 / 2];

static struct picture picture_over(uint8_t *bytes)
{
    return (struct picture){{bytes, bytes + PIXELS, bytes + PIXELS * 5 / 4},
                            {WIDTH, WIDTH / 2, WIDTH / 2},
                            WIDTH,
                            HEIGHT};
}

static void warp(void)
{
    struct picture still = picture_over(still_bytes), frame = picture_over(frame_bytes);
    memset(frame_bytes, 0xA5, sizeof(frame_bytes));
    warp_picture(&frame, &still, &whole, &dsp, scratch);
}

static void fill_noise(uint64_t seed)
{
    struct random r = random_seeded(seed, 0);
    for (size_t i = 0; i < sizeof(still_bytes); i++)
        still_bytes[i] = (uint8_t)random_u32(&r);
}

static int set_up(void **state)
{
    (void)state;
    dsp_init(&dsp, DSP_AVX512);
    return 0;
}

static void the_identity_copies_every_byte(void **state)
{
    (void)state;
    fill_noise(1);
    map_identity(&whole);
    warp();
    assert_memory_equal(frame_bytes, still_bytes, sizeof(still_bytes));
}

static void flat_colour_stays_flat_under_any_map(void **state)
{
    (void)state;
    struct random r = random_seeded(2, 0);
    memset(still_bytes, 77, PIXELS);
    memset(still_bytes + PIXELS, 201, PIXELS / 2);
    for (int i = 0; i < PIXELS; i++) {
        map_x[i] = (random_unit(&r) * 3.0f - 1.0f) * WIDTH;
        map_y[i] = (random_unit(&r) * 3.0f - 1.0f) * HEIGHT;
    }
    warp();
    assert_memory_equal(frame_bytes, still_bytes, sizeof(still_bytes));
}

static void a_shift_by_whole_samples_shifts_bytes(void **state)
{
    (void)state;
    enum { RIGHT = 4, DOWN = 6 }; /* even, so that chroma moves by whole samples too */
    fill_noise(3);
    map_identity(&whole);
    for (int i = 0; i < PIXELS; i++) {
        map_x[i] -= RIGHT;
        map_y[i] -= DOWN;
    }
    warp();
    struct picture still = picture_over(still_bytes), frame = picture_over(frame_bytes);
    for (int p = 0; p < 3; p++)
        for (int y = 0, half = p > 0; y < HEIGHT >> half; y++)
            for (int x = 0; x < WIDTH >> half; x++) {
                int from_x = x - (RIGHT >> half), from_y = y - (DOWN >> half);
                from_x = from_x < 0 ? 0 : from_x; /* the border goes on */
                from_y = from_y < 0 ? 0 : from_y;
                assert_int_equal(frame.plane[p][y * frame.stride[p] + x],
                                 still.plane[p][from_y * still.stride[p] + from_x]);
            }
}

static void colour_moves_with_brightness(void **state)
{
    (void)state;
    /* a ramp in all planes, by position in luma pixels: v = x + 2 y */
    struct picture still = picture_over(still_bytes), frame = picture_over(frame_bytes);
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < HEIGHT >> (p > 0); y++)
            for (int x = 0; x < WIDTH >> (p > 0); x++) {
                float at_x = p ? 2.0f * (float)x + 0.5f : (float)x + 0.5f;
                float at_y = p ? 2.0f * (float)y + 1.0f : (float)y + 0.5f;
                still.plane[p][y * still.stride[p] + x] = (uint8_t)(at_x + 2.0f * at_y + 0.5f);
            }
    map_identity(&whole);
    for (int i = 0; i < PIXELS; i++) {
        map_x[i] += 3.25f;
        map_y[i] -= 1.75f;
    }
    warp();
    for (int y = 8; y < HEIGHT / 2 - 8; y++)
        for (int x = 8; x < WIDTH / 2 - 8; x++)
            for (int p = 1; p < 3; p++) { /* each chroma sample as bright as luma at its place */
                float want =
                    2.0f * (float)x + 0.5f + 3.25f + 2.0f * (2.0f * (float)y + 1.0f - 1.75f);
                assert_true(fabsf((float)frame.plane[p][y * frame.stride[p] + x] - want) < 1.1f);
            }
}

enum { COLUMNS = 13, ROWS = 9, CORNERS = COLUMNS * ROWS };
static float to_x[CORNERS], to_y[CORNERS], from_x[CORNERS], from_y[CORNERS];
static uint8_t skip[CORNERS];
static const struct raster_mesh mesh = {COLUMNS, ROWS, to_x, to_y, from_x, from_y, skip};

/* A lattice larger than the map, its inner vertices pushed about by up to `bend` of a cell. */
static void lay_mesh(uint64_t seed, float bend)
{
    struct random r = random_seeded(seed, 0);
    const float step_x = 1.2f * WIDTH / (COLUMNS - 1), step_y = 1.2f * HEIGHT / (ROWS - 1);
    for (int j = 0; j < ROWS; j++)
        for (int i = 0; i < COLUMNS; i++) {
            int k = j * COLUMNS + i;
            from_x[k] = -0.1f * WIDTH + step_x * (float)i;
            from_y[k] = -0.1f * HEIGHT + step_y * (float)j;
            to_x[k] = from_x[k] + bend * step_x * (random_unit(&r) - 0.5f);
            to_y[k] = from_y[k] + bend * step_y * (random_unit(&r) - 0.5f);
            if (seed % 3 == 0) { /* corners on pixel centres and on whole numbers too */
                to_x[k] = floorf(to_x[k]) + 0.5f;
                to_y[k] = floorf(to_y[k]) + 0.5f;
            }
        }
}

static void a_bent_mesh_covers_every_pixel_once(void **state)
{
    (void)state;
    static int covered[PIXELS];
    for (uint64_t seed = 1; seed < 60; seed++) {
        lay_mesh(seed, 0.45f);
        memset(covered, 0, sizeof(covered));
        for (int k = 0; k < CORNERS; k++) { /* one cell at a time */
            memset(skip, 1, sizeof(skip));
            skip[k] = 0;
            map_nowhere(&whole);
            raster_mesh(&whole, &mesh);
            for (int i = 0; i < PIXELS; i++)
                covered[i] += map_x[i] != MAP_NOWHERE;
        }
        for (int i = 0; i < PIXELS; i++)
            assert_int_equal(covered[i], 1);
    }
}

static void a_mesh_at_rest_is_the_identity(void **state)
{
    (void)state;
    lay_mesh(1, 0.0f);
    memset(skip, 0, sizeof(skip));
    map_nowhere(&whole);
    raster_mesh(&whole, &mesh);
    for (int i = 0; i < PIXELS; i++) {
        assert_true(fabsf(map_x[i] - ((float)(i % WIDTH) + 0.5f)) < 1e-3f);
        assert_true(fabsf(map_y[i] - ((float)(i / WIDTH) + 0.5f)) < 1e-3f);
    }
}

static void pixels_beside_a_mesh_are_left_alone(void **state)
{
    (void)state;
    lay_mesh(2, 0.3f);
    for (int k = 0; k < CORNERS; k++)
        to_x[k] = to_x[k] * 0.25f + 30.0f;
    memset(skip, 0, sizeof(skip));
    map_nowhere(&whole);
    raster_mesh(&whole, &mesh);
    assert_true(map_x[10] == MAP_NOWHERE && map_x[WIDTH - 1] == MAP_NOWHERE);
    assert_true(map_x[HEIGHT / 2 * WIDTH + 40] != MAP_NOWHERE);
}

static void wild_corners_are_survived(void **state)
{
    (void)state;
    lay_mesh(4, 0.3f);
    memset(skip, 0, sizeof(skip));
    to_x[20] = NAN;
    to_y[30] = 1e30f;
    to_x[40] = -1e30f;
    to_y[50] = INFINITY;
    map_identity(&whole);
    raster_mesh(&whole, &mesh);
    fill_noise(5);
    warp();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_identity_copies_every_byte),
        cmocka_unit_test(flat_colour_stays_flat_under_any_map),
        cmocka_unit_test(a_shift_by_whole_samples_shifts_bytes),
        cmocka_unit_test(colour_moves_with_brightness),
        cmocka_unit_test(a_bent_mesh_covers_every_pixel_once),
        cmocka_unit_test(a_mesh_at_rest_is_the_identity),
        cmocka_unit_test(pixels_beside_a_mesh_are_left_alone),
        cmocka_unit_test(wild_corners_are_survived),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
