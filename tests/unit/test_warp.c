/* Maps and warps: every pixel from one place, whole pixels copied, flat colour kept; blocks likewise. */
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
static float map_x[PIXELS + RASTER_SPARE], map_y[PIXELS + RASTER_SPARE], scratch[WIDTH];
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

static void map_identity(struct sheet_map *map)
{
    const struct rect r = map->region;
    float *x = map->x, *y = map->y;
    for (int j = r.y0; j < r.y1; j++) {
        for (int i = r.x0; i < r.x1; i++) {
            *x++ = (float)i + 0.5f;
            *y++ = (float)j + 0.5f;
        }
    }
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

/* ---- in blocks ---- */

enum { NOT_WHOLE_WIDTH = 90, NOT_WHOLE_HEIGHT = 58 }; /* borders cut blocks of luma and of chroma */

static struct picture cut_picture(uint8_t *bytes)
{
    struct picture p = picture_over(bytes);
    p.width_px = NOT_WHOLE_WIDTH;
    p.height_px = NOT_WHOLE_HEIGHT;
    return p;
}

static void push_blocks(struct block_map *map, const float a[6])
{
    const int n = map->corner.region.x1 * map->corner.region.y1;
    block_map_identity(map);
    for (int i = 0; i < n; i++) {
        float x = map->corner.x[i], y = map->corner.y[i];
        map->corner.x[i] = a[0] * x + a[1] * y + a[2];
        map->corner.y[i] = a[3] * x + a[4] * y + a[5];
    }
}

static void warp_in_blocks(const float a[6], struct rect hidden)
{
    struct picture still = cut_picture(still_bytes), frame = cut_picture(frame_bytes);
    struct block_map blocks;
    const struct rect all = {0, 0, NOT_WHOLE_WIDTH, NOT_WHOLE_HEIGHT};
    memset(frame_bytes, 0xA5, sizeof(frame_bytes));
    assert_int_equal(block_map_new(&blocks, all, NULL), ORATOR_OK);
    push_blocks(&blocks, a);
    warp_blocks(&frame, &still, &blocks, hidden, NULL, NULL, &dsp);
    block_map_fini(&blocks);
}

static const float at_rest[6] = {1, 0, 0, 0, 1, 0};
static const struct rect nothing = {0, 0, 0, 0};

static void blocks_at_rest_are_copied_and_nothing_else_is_touched(void **state)
{
    (void)state;
    fill_noise(6);
    warp_in_blocks(at_rest, nothing);
    for (int p = 0, i = 0; p < 3; p++)
        for (int y = 0, half = p > 0; y < HEIGHT >> half; y++)
            for (int x = 0; x < WIDTH >> half; x++, i++) {
                bool inside = x < NOT_WHOLE_WIDTH >> half && y < NOT_WHOLE_HEIGHT >> half;
                assert_int_equal(frame_bytes[i], inside ? still_bytes[i] : 0xA5);
            }
}

static void what_moves_by_less_than_can_be_seen_is_copied(void **state)
{
    (void)state;
    fill_noise(7);
    warp_in_blocks((float[6]){1, 0, 0.005f, 0, 1, -0.005f}, nothing);
    for (int y = 0; y < NOT_WHOLE_HEIGHT; y++)
        assert_memory_equal(frame_bytes + y * WIDTH, still_bytes + y * WIDTH, NOT_WHOLE_WIDTH);
    warp_in_blocks((float[6]){1, 0, 0.02f, 0, 1, 0}, nothing);
    assert_memory_not_equal(frame_bytes, still_bytes, NOT_WHOLE_WIDTH);
}

static void blocks_move_as_a_map_of_every_pixel_does(void **state)
{
    (void)state;
    static uint8_t want[sizeof(frame_bytes)];
    for (size_t i = 0; i < sizeof(still_bytes); i++) /* slow waves */
        still_bytes[i] =
            (uint8_t)(128 + 60 * sinf(0.13f * (float)(i % WIDTH)) + 50 * sinf(0.002f * (float)i));
    static const float maps[][6] = {{1.02f, -0.03f, 2.3f, 0.02f, 0.97f, 3.6f},
                                    {0.7f, 0.3f, 9.0f, -0.4f, 0.8f, 20.0f},
                                    {-1, 0, WIDTH, 0, 1, 0}};
    for (size_t m = 0; m < sizeof(maps) / sizeof(maps[0]); m++) {
        const float *a = maps[m];
        map_identity(&whole);
        for (int i = 0; i < PIXELS; i++) {
            float x = map_x[i], y = map_y[i];
            map_x[i] = a[0] * x + a[1] * y + a[2];
            map_y[i] = a[3] * x + a[4] * y + a[5];
        }
        struct picture still = cut_picture(still_bytes), frame = cut_picture(frame_bytes);
        whole.region = (struct rect){0, 0, WIDTH, NOT_WHOLE_HEIGHT};
        frame.width_px = WIDTH; /* its rows are that wide */
        warp_picture(&frame, &still, &whole, &dsp, scratch);
        whole.region = (struct rect){0, 0, WIDTH, HEIGHT};
        memcpy(want, frame_bytes, sizeof(want));
        warp_in_blocks(a, nothing);
        for (int y = 0; y < NOT_WHOLE_HEIGHT; y++)
            assert_int_equal(frame_bytes[y * WIDTH + NOT_WHOLE_WIDTH], 0xA5);
        for (int p = 0; p < 3; p++) {
            const ptrdiff_t plane = p == 0 ? 0 : p == 1 ? PIXELS : PIXELS * 5 / 4;
            for (int y = 0, half = p > 0; y < NOT_WHOLE_HEIGHT >> half; y++)
                for (int x = 0; x < NOT_WHOLE_WIDTH >> half; x++) {
                    ptrdiff_t at = plane + y * (WIDTH >> half) + x;
                    assert_true(abs(frame_bytes[at] - want[at]) <= 2);
                }
        }
    }
}

static void hidden_blocks_are_left_alone(void **state)
{
    (void)state;
    fill_noise(8);
    warp_in_blocks(at_rest, (struct rect){10, 8, 40, 48});
    for (int y = 0; y < NOT_WHOLE_HEIGHT; y++)
        for (int x = 0; x < NOT_WHOLE_WIDTH; x++) { /* whole blocks inside: 16..40, 8..48 */
            bool hidden = x >= 16 && x < 40 && y >= 8 && y < 48;
            assert_int_equal(frame_bytes[y * WIDTH + x],
                             hidden ? 0xA5 : still_bytes[y * WIDTH + x]);
        }
}

static void a_mesh_says_where_blocks_come_from(void **state)
{
    (void)state;
    struct block_map blocks;
    float x[4] = {-40, 140, -40, 140}, y[4] = {-40, -40, 120, 120}; /* a square, pushed by 3, -2 */
    float from_u[4] = {-43, 137, -43, 137}, from_v[4] = {-38, -38, 122, 122};
    assert_int_equal(block_map_new(&blocks, (struct rect){18, 6, 70, 50}, NULL), ORATOR_OK);
    block_map_identity(&blocks);
    block_map_mesh(&blocks, &(struct raster_mesh){2, 2, x, y, from_u, from_v, NULL, 0, 0, 1}, &dsp);
    const struct rect r = blocks.corner.region;
    for (int j = 0; j < r.y1; j++)
        for (int i = 0; i < r.x1; i++) {
            float px = (float)(blocks.region.x0 + 8 * i) + 0.5f;
            float py = (float)(blocks.region.y0 + 8 * j) + 0.5f;
            assert_true(fabsf(blocks.corner.x[j * r.x1 + i] - (px - 3)) < 1e-3f);
            assert_true(fabsf(blocks.corner.y[j * r.x1 + i] - (py + 2)) < 1e-3f);
        }
    block_map_fini(&blocks);
}

/* ---- meshes ---- */

enum { COLUMNS = 13, ROWS = 9, CORNERS = COLUMNS * ROWS };
static float to_x[CORNERS], to_y[CORNERS], from_x[CORNERS], from_y[CORNERS];
static uint8_t skip[CORNERS];
static const struct raster_mesh mesh = {COLUMNS, ROWS, to_x, to_y, from_x, from_y, skip, 0, 0, 1};

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
            raster_mesh(&whole, &mesh, &dsp);
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
    raster_mesh(&whole, &mesh, &dsp);
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
    raster_mesh(&whole, &mesh, &dsp);
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
    raster_mesh(&whole, &mesh, &dsp);
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
        cmocka_unit_test(blocks_at_rest_are_copied_and_nothing_else_is_touched),
        cmocka_unit_test(what_moves_by_less_than_can_be_seen_is_copied),
        cmocka_unit_test(blocks_move_as_a_map_of_every_pixel_does),
        cmocka_unit_test(hidden_blocks_are_left_alone),
        cmocka_unit_test(a_mesh_says_where_blocks_come_from),
        cmocka_unit_test(a_bent_mesh_covers_every_pixel_once),
        cmocka_unit_test(a_mesh_at_rest_is_the_identity),
        cmocka_unit_test(pixels_beside_a_mesh_are_left_alone),
        cmocka_unit_test(wild_corners_are_survived),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
