#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "engine/tier.h"

static const struct {
    const char *word;
    int across, down;
} ratios[] = {{"16:9", 16, 9}, {"9:16", 9, 16}, {"1:1", 1, 1}, {"4:3", 4, 3}, {"3:4", 3, 4}};
enum { RATIOS = sizeof(ratios) / sizeof(ratios[0]) };

/* A face that is an ellipse of points; only its extent and its eyes count. */
static struct face face_at(float x, float y, float width, float height)
{
    struct face f = {.box = {x - width / 2, y - height / 2, width, height},
                     .eye_distance_px = width * 0.5f};
    for (int i = 0; i < FACE_POINTS; i++) {
        float turn = 6.2831853f * (float)i / FACE_MESH_POINTS;
        f.points[i][0] = x + 0.5f * width * cosf(turn);
        f.points[i][1] = y + 0.5f * height * sinf(turn);
        f.points[i][2] = 0.1f * width * sinf(3 * turn);
    }
    f.points[33][1] = f.points[263][1] = y - 0.15f * height;
    f.points[33][0] = x - 0.25f * width;
    f.points[263][0] = x + 0.25f * width;
    return f;
}

/* A picture in which every place has a colour of its own. */
static struct image picture_of(int width_px, int height_px)
{
    struct image im;
    assert_int_equal(image_new(&im, width_px, height_px, NULL), ORATOR_OK);
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++) {
            uint8_t *p = im.rgb + y * im.stride + 3 * x;
            p[0] = (uint8_t)(255 * x / width_px);
            p[1] = (uint8_t)(255 * y / height_px);
            p[2] = 40;
        }
    return im;
}

static float uniform(struct random *r, float from, float to)
{
    return from + (to - from) * (float)(random_u32(r) % 10000) / 10000;
}

/* A picture of any allowed shape with a face of any size, wholly inside. */
static struct face any_face(struct random *r, int *w, int *h)
{
    *w = (int)uniform(r, 128, 1000);
    *h = (int)((float)*w * uniform(r, 0.4f, 2.5f));
    float height = fminf((float)*h, (float)*w / 0.8f) * uniform(r, 0.1f, 1.0f);
    float width = 0.8f * height;
    return face_at(uniform(r, width / 2, (float)*w - width / 2),
                   uniform(r, height / 2, (float)*h - height / 2), width, height);
}

static struct framing chosen(const char *ratio, int w, int h, const struct face *face)
{
    struct framing f;
    struct orator_error err = {0};
    if (framing_choose(&f, ratio, w, h, face, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    return f;
}

static void a_face_stays_inside_with_its_margins(void **state)
{
    (void)state;
    struct random r = random_seeded(1, 1);
    for (int i = 0; i < 2000; i++) {
        int w, h;
        struct face face = any_face(&r, &w, &h);
        struct framing f = chosen(ratios[i % RATIOS].word, w, h, &face);
        const float *b = face.box;
        float above = fmaxf(0, b[1] - 0.45f * b[3]);
        float below = fminf((float)h, b[1] + 1.25f * b[3]);
        float left = fmaxf(0, b[0] - 0.15f * b[2]);
        float right = fminf((float)w, b[0] + 1.15f * b[2]);
        if ((float)f.x_px > left + 1 || (float)f.y_px > above + 1 ||
            (float)(f.x_px + f.width_px) < right - 1 || (float)(f.y_px + f.height_px) < below - 1)
            fail_msg("%d x %d, face %g %g %g %g: window %d %d %d %d", w, h, (double)b[0],
                     (double)b[1], (double)b[2], (double)b[3], f.x_px, f.y_px, f.width_px,
                     f.height_px);
    }
}

static void a_window_has_the_asked_ratio_and_leaves_the_picture_on_one_axis_only(void **state)
{
    (void)state;
    struct random r = random_seeded(2, 1);
    for (int i = 0; i < 2000; i++) {
        int w, h;
        struct face face = any_face(&r, &w, &h);
        int across = ratios[i % RATIOS].across, down = ratios[i % RATIOS].down;
        struct framing f = chosen(ratios[i % RATIOS].word, w, h, &face);
        assert_true(fabs((double)f.width_px - (double)f.height_px * across / down) <
                    1.01 + (double)across / down);
        bool wide = f.x_px < 0 || f.x_px + f.width_px > w;
        bool tall = f.y_px < 0 || f.y_px + f.height_px > h;
        assert_false(wide && tall);
        /* a picture that is extended is shown from edge to edge */
        if (wide)
            assert_true(f.x_px <= 0 && f.x_px + f.width_px >= w);
        if (tall)
            assert_true(f.y_px <= 0 && f.y_px + f.height_px >= h);
    }
}

static void a_close_up_keeps_the_ratio_and_the_head(void **state)
{
    (void)state;
    struct random r = random_seeded(3, 1);
    int closer = 0;
    for (int i = 0; i < 2000; i++) {
        int w, h;
        struct face face = any_face(&r, &w, &h);
        struct framing f = chosen(ratios[i % RATIOS].word, w, h, &face), was = f;
        framing_come_closer(&f, w, h, &face);
        const float *b = face.box;
        assert_true(f.across == was.across && f.down == was.down);
        assert_true(f.width_px <= was.width_px && f.width_px * 100 >= was.width_px * 44);
        if (f.width_px == was.width_px)
            continue;
        closer++;
        assert_true(fabs((double)f.width_px - (double)f.height_px * f.across / f.down) <
                    1.01 + (double)f.across / f.down);
        assert_true(f.x_px >= 0 && f.y_px >= 0 && f.x_px + f.width_px <= w &&
                    f.y_px + f.height_px <= h);
        assert_true((float)f.x_px <= b[0] && (float)(f.x_px + f.width_px) >= b[0] + b[2]);
        assert_true((float)f.y_px <= fmaxf(0, b[1] - 0.3f * b[3]) + 1);
        assert_true((float)(f.y_px + f.height_px) >= fminf((float)h, b[1] + 1.2f * b[3]) - 1);
    }
    assert_true(closer > 300);
}

static void a_face_that_has_room_comes_to_the_middle(void **state)
{
    (void)state;
    struct face face = face_at(700, 300, 120, 150);
    struct framing f = chosen("9:16", 1200, 800, &face);
    assert_int_equal(f.y_px, 0);
    assert_int_equal(f.height_px, 800);
    assert_in_range(f.x_px + f.width_px / 2, 698, 702);
    f = chosen("1:1", 800, 1200, &face);
    assert_int_equal(f.x_px, 0);
    assert_int_equal(f.width_px, 800);
}

static void the_source_s_own_ratio_leaves_the_picture_alone(void **state)
{
    (void)state;
    static const char *const words[] = {NULL, "", "source", "1:1"};
    struct face face = face_at(100, 90, 60, 80), before = face;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct image im = picture_of(202, 202);
        const uint8_t *rgb = im.rgb;
        struct framing f = chosen(words[i], 202, 202, &face);
        assert_int_equal(framing_apply(&im, &face, &f, 720, 720, NULL), ORATOR_OK);
        assert_ptr_equal(im.rgb, rgb);
        assert_memory_equal(&face, &before, sizeof(face));
        image_fini(&im);
    }
}

static void ratios_that_are_not_offered_are_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"16:10", "16x9", "SOURCE", " 1:1", "1:1 "};
    struct face face = face_at(100, 90, 60, 80);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct framing f;
        struct orator_error err = {0};
        assert_int_equal(framing_choose(&f, words[i], 202, 202, &face, &err),
                         ORATOR_INVALID_PARAMETER);
        assert_string_equal(err.param, "aspect_ratio");
        assert_non_null(strstr(err.text, words[i]));
    }
}

/* Each place has its colour, so the colour under a moved point says where it came from. */
static void the_face_moves_with_the_picture(void **state)
{
    (void)state;
    struct random r = random_seeded(3, 1);
    for (int i = 0; i < 40; i++) {
        int w, h;
        struct face face = any_face(&r, &w, &h), before = face;
        struct framing f = chosen(ratios[i % RATIOS].word, w, h, &face);
        struct video_format v;
        assert_int_equal(tier_format(&v, ENGINE_STANDARD, "480p", 0, &f, NULL), ORATOR_OK);
        struct image im = picture_of(w, h);
        assert_int_equal(framing_apply(&im, &face, &f, v.width_px, v.height_px, NULL), ORATOR_OK);
        if (f.width_px != w || f.height_px != h) {
            assert_int_equal(im.width_px, v.width_px);
            assert_int_equal(im.height_px, v.height_px);
        }
        float scale = (float)im.width_px / (float)f.width_px;
        assert_true(fabsf(face.eye_distance_px / before.eye_distance_px / scale - 1) < 0.02f);
        for (int k = 0; k < FACE_POINTS; k += 13) {
            /* away from the soft seam, where the picture is all there is */
            float far = 0.05f * (float)(w < h ? w : h), *b = before.points[k];
            int x = (int)face.points[k][0], y = (int)face.points[k][1];
            if (b[0] < far || b[1] < far || b[0] > (float)w - far || b[1] > (float)h - far)
                continue;
            assert_in_range(x, 0, im.width_px - 1);
            assert_in_range(y, 0, im.height_px - 1);
            const uint8_t *p = im.rgb + y * im.stride + 3 * x;
            float tolerance = 3 + 255.0f / (float)(w < h ? w : h);
            assert_true(fabsf((float)p[0] - 255 * b[0] / (float)w) < tolerance);
            assert_true(fabsf((float)p[1] - 255 * b[1] / (float)h) < tolerance);
        }
        image_fini(&im);
    }
}

static struct image mirrored(const struct image *in)
{
    struct image out;
    assert_int_equal(image_new(&out, in->width_px, in->height_px, NULL), ORATOR_OK);
    for (int y = 0; y < in->height_px; y++)
        for (int x = 0; x < in->width_px; x++)
            memcpy(out.rgb + y * out.stride + 3 * x,
                   in->rgb + y * in->stride + 3 * (in->width_px - 1 - x), 3);
    return out;
}

static void a_mirrored_picture_gives_the_mirrored_window(void **state)
{
    (void)state;
    for (int i = 0; i < RATIOS; i++) {
        struct face face = face_at(180, 150, 160, 210), other = face_at(300 - 180, 150, 160, 210);
        struct framing f = chosen(ratios[i].word, 300, 320, &face);
        struct framing g = chosen(ratios[i].word, 300, 320, &other);
        assert_int_equal(f.width_px, g.width_px);
        assert_int_equal(f.height_px, g.height_px);
        assert_int_equal(f.y_px, g.y_px);
        assert_true(abs(f.x_px + f.width_px + g.x_px - 300) <= 1);

        g.x_px = 300 - f.x_px - f.width_px; /* the rounding apart, the picture mirrors too */
        struct image a = picture_of(300, 320), b = mirrored(&a);
        assert_int_equal(framing_apply(&a, &face, &f, 640, 480, NULL), ORATOR_OK);
        assert_int_equal(framing_apply(&b, &other, &g, 640, 480, NULL), ORATOR_OK);
        if (a.width_px != 640)
            fail_msg("%s left the picture alone", ratios[i].word);
        struct image c = mirrored(&b);
        double off = 0;
        for (int y = 0; y < a.height_px; y++)
            for (int x = 0; x < 3 * a.width_px; x++)
                off += abs(a.rgb[y * a.stride + x] - c.rgb[y * c.stride + x]);
        assert_true(off / (3.0 * a.width_px * a.height_px) < 1.0);
        image_fini(&a);
        image_fini(&b);
        image_fini(&c);
    }
}

/* Beside a plain wall there is more wall: no step at the seam, a little darker far away. */
static void a_plain_background_goes_on_without_a_seam(void **state)
{
    (void)state;
    struct image im;
    assert_int_equal(image_new(&im, 300, 300, NULL), ORATOR_OK);
    for (int y = 0; y < 300; y++)
        memset(im.rgb + y * im.stride, 120, 900);
    struct face face = face_at(150, 150, 180, 230);
    struct framing f = chosen("16:9", 300, 300, &face);
    assert_true(f.x_px < 0);
    assert_int_equal(framing_apply(&im, &face, &f, 1280, 720, NULL), ORATOR_OK);
    const uint8_t *row = im.rgb + 360 * im.stride;
    for (int x = 1; x < 1280; x++)
        assert_true(abs(row[3 * x] - row[3 * x - 3]) <= 1);
    assert_int_equal(row[3 * 640], 120);
    assert_in_range(row[0], 85, 110);
    image_fini(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_face_stays_inside_with_its_margins),
        cmocka_unit_test(a_window_has_the_asked_ratio_and_leaves_the_picture_on_one_axis_only),
        cmocka_unit_test(a_close_up_keeps_the_ratio_and_the_head),
        cmocka_unit_test(a_face_that_has_room_comes_to_the_middle),
        cmocka_unit_test(the_source_s_own_ratio_leaves_the_picture_alone),
        cmocka_unit_test(ratios_that_are_not_offered_are_refused),
        cmocka_unit_test(the_face_moves_with_the_picture),
        cmocka_unit_test(a_mirrored_picture_gives_the_mirrored_window),
        cmocka_unit_test(a_plain_background_goes_on_without_a_seam),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
