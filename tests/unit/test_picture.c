#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/media/media.h"

static const uint8_t *pixel(const struct image *image, int x, int y)
{
    return image->rgb + y * image->stride + (ptrdiff_t)3 * x;
}

static void assert_near(const uint8_t *seen, const uint8_t *want, int within)
{
    for (int c = 0; c < 3; c++)
        if (abs(seen[c] - want[c]) > within)
            fail_msg("saw %d %d %d, want %d %d %d", seen[0], seen[1], seen[2], want[0], want[1],
                     want[2]);
}

static struct image noise(int width, int height)
{
    struct image image;
    assert_int_equal(image_new(&image, width, height, NULL), ORATOR_OK);
    uint32_t v = 1;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < 3 * width; x++)
            image.rgb[y * image.stride + x] = (uint8_t)((v = v * 1664525u + 1013904223u) >> 24);
    return image;
}

static void the_same_size_changes_nothing(void **state)
{
    (void)state;
    struct image image = noise(33, 21), same;
    assert_int_equal(image_scale(&same, &image, 33, 21, NULL), ORATOR_OK);
    for (int y = 0; y < 21; y++)
        assert_memory_equal(pixel(&image, 0, y), pixel(&same, 0, y), 3 * 33);
    image_fini(&image);
    image_fini(&same);
}

static void shrinking_by_three_is_the_mean_of_nine(void **state)
{
    (void)state;
    struct image image = noise(63, 33), small;
    assert_int_equal(image_scale(&small, &image, 21, 11, NULL), ORATOR_OK);
    for (int y = 0; y < 11; y++)
        for (int x = 0; x < 21; x++)
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int i = 0; i < 9; i++)
                    sum += pixel(&image, 3 * x + i % 3, 3 * y + i / 3)[c];
                assert_in_range(9 * pixel(&small, x, y)[c] + 5, sum, sum + 10);
            }
    image_fini(&image);
    image_fini(&small);
}

static void a_plain_picture_stays_plain_at_any_size(void **state)
{
    (void)state;
    struct image image, scaled;
    assert_int_equal(image_new(&image, 50, 40, NULL), ORATOR_OK);
    memset(image.rgb, 77, (size_t)image.stride * 40);
    static const int sizes[][2] = {{1, 1}, {49, 41}, {50, 7}, {200, 39}, {333, 555}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(image_scale(&scaled, &image, sizes[i][0], sizes[i][1], NULL), ORATOR_OK);
        for (int y = 0; y < scaled.height_px; y++)
            for (int x = 0; x < scaled.width_px; x++)
                assert_near(pixel(&scaled, x, y), (const uint8_t[]){77, 77, 77}, 0);
        image_fini(&scaled);
    }
    image_fini(&image);
}

/* The centre of pixel x of 80 lies at (x + 0.5) / 4 - 0.5 of 20. */
static void growing_keeps_things_where_they_are(void **state)
{
    (void)state;
    struct image image, large;
    assert_int_equal(image_new(&image, 20, 20, NULL), ORATOR_OK);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 20; x++)
            memcpy(image.rgb + y * image.stride + 3 * x,
                   (uint8_t[]){(uint8_t)(12 * x), (uint8_t)(12 * y), 9}, 3);
    assert_int_equal(image_scale(&large, &image, 80, 80, NULL), ORATOR_OK);
    for (int y = 12; y < 68; y++)
        for (int x = 12; x < 68; x++)
            assert_near(pixel(&large, x, y),
                        (uint8_t[]){(uint8_t)(3 * x - 4), (uint8_t)(3 * y - 4), 9}, 1);
    image_fini(&image);
    image_fini(&large);
}

/* Highest less lowest of what an enlargement makes of stripes that pass between 60 and 180 in 2.5 px. */
static int stripes_enlarged(int percent)
{
    enum { SIDE = 80 };
    static const uint8_t stripe[5] = {60, 180, 90, 150, 120};
    struct image image, large;
    assert_int_equal(image_new(&image, SIDE, SIDE, NULL), ORATOR_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            memset(image.rgb + y * image.stride + 3 * x, stripe[x % 5], 3);
    const int side = SIDE * percent / 100;
    assert_int_equal(image_scale(&large, &image, side, side, NULL), ORATOR_OK);
    int low = 255, high = 0;
    for (int x = side / 4; x < 3 * side / 4; x++) {
        low = pixel(&large, x, side / 2)[0] < low ? pixel(&large, x, side / 2)[0] : low;
        high = pixel(&large, x, side / 2)[0] > high ? pixel(&large, x, side / 2)[0] : high;
    }
    image_fini(&image);
    image_fini(&large);
    return high - low;
}

static void what_is_enlarged_far_keeps_less_of_its_finest_detail(void **state)
{
    (void)state;
    const int little = stripes_enlarged(150), far = stripes_enlarged(300);
    assert_true(little > 110);
    assert_in_range(far, little * 6 / 10, little * 9 / 10);
}

static void sides_without_sense_are_refused(void **state)
{
    (void)state;
    struct image image, in = noise(4, 4);
    struct picture picture;
    assert_int_equal(image_new(&image, 0, 5, NULL), ORATOR_INVALID_PARAMETER);
    assert_int_equal(image_new(&image, 5, IMAGE_MAX_SIDE_PX + 1, NULL), ORATOR_INVALID_PARAMETER);
    assert_int_equal(image_scale(&image, &in, -1, 5, NULL), ORATOR_INVALID_PARAMETER);
    assert_int_equal(picture_new(&picture, 5, 4, NULL), ORATOR_INVALID_PARAMETER);
    image_fini(&in);
    image_fini(&(struct image){0});
    picture_fini(&(struct picture){0});
}

/* From BT.709: 8-bit codes of the colour bars at full amplitude. */
static void known_colours_have_their_codes(void **state)
{
    (void)state;
    static const struct {
        uint8_t rgb[3], yuv[3];
    } cases[] = {
        {{255, 255, 255}, {235, 128, 128}}, {{0, 0, 0}, {16, 128, 128}},
        {{255, 0, 0}, {63, 102, 240}},      {{0, 255, 0}, {173, 42, 26}},
        {{0, 0, 255}, {32, 240, 118}},      {{255, 255, 0}, {219, 16, 138}},
        {{0, 255, 255}, {188, 154, 16}},    {{255, 0, 255}, {78, 214, 230}},
        {{128, 128, 128}, {126, 128, 128}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct image image, back;
        struct picture picture;
        assert_int_equal(image_new(&image, 6, 4, NULL), ORATOR_OK);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 6; x++)
                memcpy(image.rgb + y * image.stride + 3 * x, cases[i].rgb, 3);
        assert_int_equal(picture_from_image(&picture, &image, NULL), ORATOR_OK);
        for (int p = 0; p < 3; p++)
            for (int x = 0; x < (p ? 3 : 6); x++)
                assert_int_equal(picture.plane[p][picture.stride[p] + x], cases[i].yuv[p]);
        assert_int_equal(image_from_picture(&back, &picture, NULL), ORATOR_OK);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 6; x++)
                assert_near(pixel(&back, x, y), cases[i].rgb, 2);
        image_fini(&image);
        image_fini(&back);
        picture_fini(&picture);
    }
}

static void greys_survive_yuv_within_one_step(void **state)
{
    (void)state;
    struct image image, back;
    struct picture picture;
    assert_int_equal(image_new(&image, 256, 8, NULL), ORATOR_OK);
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 256; x++)
            memset(image.rgb + y * image.stride + 3 * x, x, 3);
    assert_int_equal(picture_from_image(&picture, &image, NULL), ORATOR_OK);
    assert_int_equal(image_from_picture(&back, &picture, NULL), ORATOR_OK);
    for (int x = 0; x < 256; x++)
        assert_near(pixel(&back, x, 3), (uint8_t[]){(uint8_t)x, (uint8_t)x, (uint8_t)x}, 1);
    image_fini(&image);
    image_fini(&back);
    picture_fini(&picture);
}

/* Slow changes of colour come back where they were: half a pixel of chroma shift would cost 4. */
static void colours_stay_in_place_through_yuv(void **state)
{
    (void)state;
    struct image image, back;
    struct picture picture;
    assert_int_equal(image_new(&image, 32, 32, NULL), ORATOR_OK);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
            memcpy(image.rgb + y * image.stride + 3 * x,
                   (uint8_t[]){(uint8_t)(8 * x), (uint8_t)(8 * (31 - x)), (uint8_t)(8 * y)}, 3);
    assert_int_equal(picture_from_image(&picture, &image, NULL), ORATOR_OK);
    assert_int_equal(image_from_picture(&back, &picture, NULL), ORATOR_OK);
    for (int y = 2; y < 30; y++)
        for (int x = 2; x < 30; x++)
            assert_near(pixel(&back, x, y), pixel(&image, x, y), 2);
    image_fini(&image);
    image_fini(&back);
    picture_fini(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_size_changes_nothing),
        cmocka_unit_test(shrinking_by_three_is_the_mean_of_nine),
        cmocka_unit_test(a_plain_picture_stays_plain_at_any_size),
        cmocka_unit_test(growing_keeps_things_where_they_are),
        cmocka_unit_test(what_is_enlarged_far_keeps_less_of_its_finest_detail),
        cmocka_unit_test(sides_without_sense_are_refused),
        cmocka_unit_test(known_colours_have_their_codes),
        cmocka_unit_test(greys_survive_yuv_within_one_step),
        cmocka_unit_test(colours_stay_in_place_through_yuv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
