#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/tier.h"

static struct framing whole(int w, int h) { return (struct framing){0, 0, w, h, w, h}; }

static struct video_format format_of(enum engine_tier tier, const char *resolution, int fps,
                                     struct framing f)
{
    struct video_format v;
    struct orator_error err = {0};
    if (tier_format(&v, tier, resolution, fps, &f, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return v;
}

static void each_class_gives_its_sizes(void **state)
{
    (void)state;
    static const struct {
        enum engine_tier tier;
        const char *resolution;
        int across, down, width_px, height_px;
    } rows[] = {
        {ENGINE_STANDARD, NULL, 16, 9, 1280, 720},  {ENGINE_STANDARD, "", 9, 16, 720, 1280},
        {ENGINE_STANDARD, NULL, 1, 1, 720, 720},    {ENGINE_STANDARD, NULL, 4, 3, 960, 720},
        {ENGINE_STANDARD, NULL, 3, 4, 720, 960},    {ENGINE_PRO, NULL, 16, 9, 1920, 1080},
        {ENGINE_PRO, NULL, 9, 16, 1080, 1920},      {ENGINE_PRO, "480p", 16, 9, 854, 480},
        {ENGINE_STANDARD, "480p", 9, 16, 480, 854}, {ENGINE_STANDARD, "1080p", 1, 1, 1080, 1080},
        {ENGINE_PRO, "720p", 4, 3, 960, 720},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct framing f = {0, 0, 333, 333, rows[i].across, rows[i].down};
        struct video_format v = format_of(rows[i].tier, rows[i].resolution, 0, f);
        if (v.width_px != rows[i].width_px || v.height_px != rows[i].height_px)
            fail_msg("row %zu: %d x %d", i, v.width_px, v.height_px);
    }
}

static void odd_pictures_give_even_videos_of_their_ratio_within_the_class(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int short_px, pixels;
    } classes[] = {{"480p", 480, 854 * 480},
                   {"720p", 720, 1280 * 720},
                   {"1080p", 1080, 1920 * 1080},
                   {"source", 8192, 1920 * 1080}};
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        for (int w = 129; w <= 8191; w += 421) {
            for (int h = 131; h <= 8191; h += 467) {
                if (w * 2 > h * 5 || h * 2 > w * 5)
                    continue;
                struct video_format v = format_of(ENGINE_STANDARD, classes[i].word, 0, whole(w, h));
                int side = v.width_px < v.height_px ? v.width_px : v.height_px;
                assert_true(v.width_px % 2 == 0 && v.height_px % 2 == 0 && side > 0);
                assert_true(side <= classes[i].short_px);
                /* rounding to even adds a pixel to each side at most */
                assert_true(v.width_px * v.height_px <=
                            classes[i].pixels + v.width_px + v.height_px);
                assert_true(fabs((double)v.width_px * h / w - v.height_px) <= 1.01 + (double)h / w);
            }
        }
    }
}

static void source_keeps_the_portrait_s_pixels(void **state)
{
    (void)state;
    struct video_format v = format_of(ENGINE_PRO, "source", 0, whole(512, 768));
    assert_int_equal(v.width_px, 512);
    assert_int_equal(v.height_px, 768);
    v = format_of(ENGINE_PRO, "source", 0, (struct framing){0, -20, 320, 180, 16, 9});
    assert_int_equal(v.width_px, 320);
    assert_int_equal(v.height_px, 180);
    v = format_of(ENGINE_STANDARD, "source", 0, whole(8000, 8000));
    assert_int_equal(v.width_px, 1440); /* as many as 1920 x 1080 has */
}

static void a_rate_of_its_own_replaces_the_tier_s(void **state)
{
    (void)state;
    assert_int_equal(format_of(ENGINE_STANDARD, NULL, 0, whole(9, 16)).fps, 25);
    assert_int_equal(format_of(ENGINE_PRO, NULL, 0, whole(9, 16)).fps, 48);
    assert_int_equal(format_of(ENGINE_PRO, NULL, 12, whole(9, 16)).fps, 12);
    assert_int_equal(format_of(ENGINE_STANDARD, NULL, 60, whole(9, 16)).fps, 60);
}

static void what_is_not_offered_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *resolution;
        int fps;
        const char *param;
    } rows[] = {{"4k", 0, "resolution"},   {"720", 0, "resolution"},
                {"720P", 0, "resolution"}, {"source ", 0, "resolution"},
                {"720p", 11, "fps"},       {"720p", 61, "fps"},
                {NULL, -25, "fps"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct video_format v;
        struct orator_error err = {0};
        struct framing f = whole(640, 480);
        assert_int_equal(
            tier_format(&v, ENGINE_STANDARD, rows[i].resolution, rows[i].fps, &f, &err),
            ORATOR_INVALID_PARAMETER);
        assert_string_equal(err.param, rows[i].param);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_gives_its_sizes),
        cmocka_unit_test(odd_pictures_give_even_videos_of_their_ratio_within_the_class),
        cmocka_unit_test(source_keeps_the_portrait_s_pixels),
        cmocka_unit_test(a_rate_of_its_own_replaces_the_tier_s),
        cmocka_unit_test(what_is_not_offered_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
