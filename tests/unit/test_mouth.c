#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawn_mouth.h"
#include "engine/media/media.h"

/* A mouth in a drawn portrait, and a frame to draw it into. */
struct scene {
    struct drawing d;
    struct seam seam;
    struct face_frame frame;
    struct texture still;
    struct picture plate, out;
    struct mouth *mouth;
    struct sheet_map map[2]; /* upper, lower */
};

enum { UPPER, LOWER };
enum { CHROMA_OFF = 1 }; /* the texture's chroma was rounded before it was averaged */

static struct scene scene_of(struct drawing d)
{
    struct scene s = {.d = d, .frame = drawn_frame(&d)};
    struct orator_error err;
    struct image portrait = drawn_portrait(&d);
    struct face face = drawn_face(&d);
    assert_int_equal(seam_find(&s.seam, &portrait, &face, &s.frame, &err), ORATOR_OK);
    assert_int_equal(picture_from_image(&s.plate, &portrait, &err), ORATOR_OK);
    assert_int_equal(picture_new(&s.out, DRAWN_SIDE, DRAWN_SIDE, &err), ORATOR_OK);
    s.still =
        (struct texture){.stride = DRAWN_SIDE, .width_px = DRAWN_SIDE, .height_px = DRAWN_SIDE};
    for (int p = 0; p < 3; p++)
        s.still.plane[p] = malloc((size_t)DRAWN_SIDE * DRAWN_SIDE);
    for (int y = 0; y < DRAWN_SIDE; y++)
        for (int x = 0; x < DRAWN_SIDE; x++) {
            const uint8_t *c = portrait.rgb + y * portrait.stride + (ptrdiff_t)3 * x;
            float luma = 0.2126f * c[0] + 0.7152f * c[1] + 0.0722f * c[2];
            s.still.plane[0][y * DRAWN_SIDE + x] = s.plate.plane[0][y * s.plate.stride[0] + x];
            s.still.plane[1][y * DRAWN_SIDE + x] =
                (uint8_t)(128.5f + (c[2] - luma) * 224 / (255 * 1.8556f));
            s.still.plane[2][y * DRAWN_SIDE + x] =
                (uint8_t)(128.5f + (c[0] - luma) * 224 / (255 * 1.5748f));
        }
    assert_int_equal(mouth_new(&s.mouth, &s.still, &face, &s.frame, &s.seam, 7, &err), ORATOR_OK);
    free(portrait.rgb);
    struct rect r = mouth_region(s.mouth);
    for (int sheet = 0; sheet < 2; sheet++) {
        size_t n = (size_t)(r.x1 - r.x0) * (size_t)(r.y1 - r.y0);
        s.map[sheet] = (struct sheet_map){r, malloc(n * sizeof(float)), malloc(n * sizeof(float))};
    }
    return s;
}

static void scene_end(struct scene *s)
{
    mouth_free(&s->mouth);
    picture_fini(&s->plate);
    picture_fini(&s->out);
    for (int p = 0; p < 3; p++)
        free(s->still.plane[p]);
    for (int sheet = 0; sheet < 2; sheet++) {
        free(s->map[sheet].x);
        free(s->map[sheet].y);
    }
}

/* The lower lip and all under it go down by `drop` E at mid-mouth, fading aside and below; the upper
 * one stays. The frame starts as the plate, as the upper sheet at rest leaves it. */
static void draw(struct scene *s, float drop, const struct pose *pose)
{
    const struct rect r = s->map[0].region;
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++) {
            ptrdiff_t at = (ptrdiff_t)(y - r.y0) * (r.x1 - r.x0) + x - r.x0;
            float local[2];
            frame_to_local(&s->frame, (float)x + 0.5f, (float)y + 0.5f, local);
            float u = fminf(fabsf(seam_u(&s->seam, local[0])), 1);
            float under = fmaxf(local[1] - 0.1f, 0) / 1.2f;
            float fade = fmaxf(1 - under * under, 0);
            s->map[UPPER].x[at] = s->map[LOWER].x[at] = (float)x + 0.5f;
            s->map[UPPER].y[at] = (float)y + 0.5f;
            s->map[LOWER].y[at] = (float)y + 0.5f - drop * (1 - u * u) * fade * DRAWN_EYE;
        }
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < DRAWN_SIDE >> (p > 0); y++)
            memcpy(s->out.plane[p] + y * s->out.stride[p],
                   s->plate.plane[p] + y * s->plate.stride[p], (size_t)(DRAWN_SIDE >> (p > 0)));
    mouth_draw(s->mouth, &s->out, &s->map[UPPER], &s->map[LOWER],
               &(struct head_affine){{1, 0, 0, 0, 1, 0}}, pose);
}

static int luma(const struct picture *p, int x, int y) { return p->plane[0][y * p->stride[0] + x]; }

static const struct drawing closed = {.bow = 0.03f, .noise = 3};
static const struct drawing toothy = {
    .bow = 0.02f, .gap = 0.13f, .teeth = true, .ring_gap = 0.12f, .noise = 3};
static const struct pose at_rest = {0}, talking = {.au = {[AU_JAW] = 0.6f}, .tongue = 0.2f};

static void lips_that_do_not_move_keep_the_portraits_pixels(void **state)
{
    (void)state;
    const struct drawing *drawings[] = {&closed, &toothy};
    for (int i = 0; i < 2; i++) {
        struct scene s = scene_of(*drawings[i]);
        draw(&s, 0, &at_rest);
        for (int y = 0; y < DRAWN_SIDE; y++)
            for (int x = 0; x < DRAWN_SIDE; x++)
                assert_int_equal(luma(&s.out, x, y), luma(&s.plate, x, y));
        for (int p = 1; p < 3; p++)
            for (int y = 0; y < DRAWN_SIDE / 2; y++)
                for (int x = 0; x < DRAWN_SIDE / 2; x++)
                    assert_true(abs(s.out.plane[p][y * s.out.stride[p] + x] -
                                    s.plate.plane[p][y * s.plate.stride[p] + x]) <= CHROMA_OFF);
        scene_end(&s);
    }
}

static void nothing_outside_the_region_nor_on_its_border_changes(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    const struct rect r = mouth_region(s.mouth);
    assert_true(r.x0 >= 0 && r.y0 >= 0 && r.x1 <= DRAWN_SIDE && r.y1 <= DRAWN_SIDE);
    assert_true(((r.x0 | r.y0 | r.x1 | r.y1) & 1) == 0);
    draw(&s, 0.25f, &talking);
    for (int y = 0; y < DRAWN_SIDE; y++)
        for (int x = 0; x < DRAWN_SIDE; x++)
            if (x <= r.x0 || x >= r.x1 - 1 || y <= r.y0 || y >= r.y1 - 1)
                assert_int_equal(luma(&s.out, x, y), luma(&s.plate, x, y));
    scene_end(&s);
}

static void the_same_pose_gives_the_same_bytes_whatever_came_before(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    uint8_t *first = malloc((size_t)DRAWN_SIDE * DRAWN_SIDE);
    draw(&s, 0.2f, &talking);
    for (int y = 0; y < DRAWN_SIDE; y++)
        memcpy(first + y * DRAWN_SIDE, s.out.plane[0] + y * s.out.stride[0], DRAWN_SIDE);
    draw(&s, 0.05f, &at_rest);
    draw(&s, 0.2f, &talking);
    for (int y = 0; y < DRAWN_SIDE; y++)
        assert_memory_equal(first + y * DRAWN_SIDE, s.out.plane[0] + y * s.out.stride[0],
                            DRAWN_SIDE);
    free(first);
    scene_end(&s);
}

static void an_open_jaw_shows_teeth_and_darkness(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    draw(&s, 0.25f, &talking);
    int darkest = 255, upper = 0, lower = 0;
    for (int y = 240; y < 240 + (int)(0.25f * DRAWN_EYE); y++) {
        int v = luma(&s.out, 190, y);
        darkest = v < darkest ? v : darkest;
        if (y < 252)
            upper = v > upper ? v : upper;
        else if (y < 266)
            lower = v > lower ? v : lower;
    }
    assert_true(darkest < 60); /* lips are 113, the line between them 44 */
    assert_true(upper > 140);  /* teeth in the upper lip's shadow; skin is 164 */
    assert_true(lower > 110);
    scene_end(&s);
}

static void opening_begins_without_a_jump(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    int before[64];
    for (int step = 0; step <= 24; step++) {
        draw(&s, (float)step * 0.0025f, &at_rest); /* 0.3 px a step */
        for (int i = 0; i < 64; i++) {
            int v = luma(&s.out, 190, 210 + i);
            if (step)
                assert_true(abs(v - before[i]) < 45); /* a lip's edge itself moves by as much */
            before[i] = v;
        }
    }
    scene_end(&s);
}

/* Pixels of lip above and below each other in the middle of the mouth: skin is 164, lips are 113. */
static int red_rows(const struct scene *s)
{
    int rows = 0;
    for (int y = 205; y < 285; y++)
        rows += luma(&s->out, 190, y) > 62 && luma(&s->out, 190, y) < 135;
    return rows;
}

static int darkest_row(const struct scene *s)
{
    int best = 225;
    for (int y = 225; y < 260; y++)
        best = luma(&s->out, 190, y) < luma(&s->out, 190, best) ? y : best;
    return best;
}

static void lips_that_go_past_each_other_meet_halfway(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    draw(&s, 0, &at_rest);
    int rest = red_rows(&s), line = darkest_row(&s);
    draw(&s, -0.08f, &at_rest); /* the lower one goes up by 9.6 px */
    assert_in_range(rest - red_rows(&s), 6, 11);
    assert_in_range(line - darkest_row(&s), 3, 7);
    scene_end(&s);
}

static void nothing_is_seen_between_lips_that_touch(void **state)
{
    (void)state;
    struct scene s = scene_of(toothy);
    draw(&s, -0.22f, &at_rest); /* the gap was 0.13 */
    /* neither the dark inside nor a tooth: the lips' own red, shaded */
    assert_in_range(luma(&s.out, 190, darkest_row(&s)), 58, 72);
    scene_end(&s);
}

static void f_tucks_the_lower_lip_under_the_teeth(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    draw(&s, 0.04f, &at_rest);
    int plain = red_rows(&s);
    draw(&s, 0.04f, &(struct pose){.au = {[AU_LABIODENTAL] = 1}});
    assert_true(red_rows(&s) <= plain - 3);
    scene_end(&s);
}

static void a_portraits_own_teeth_stay_on_its_skull(void **state)
{
    (void)state;
    struct scene s = scene_of(toothy);
    draw(&s, 0.12f, &talking);
    for (int y = -2; y <= 2; y++)
        for (int x = -12; x <= 12; x++)
            assert_true(abs(luma(&s.out, 190 + x, 242 + y) - luma(&s.plate, 190 + x, 242 + y)) <
                        12);
    scene_end(&s);
}

static void a_mirrored_portrait_gives_the_mirrored_mouth(void **state)
{
    (void)state;
    struct drawing d = closed;
    d.noise = 0;
    struct scene a = scene_of(d);
    d.mirrored = true;
    struct scene b = scene_of(d);
    draw(&a, 0.2f, &talking);
    draw(&b, 0.2f, &talking);
    long sum = 0, n = 0;
    for (int y = 220; y < 300; y++)
        for (int x = 140; x < 240; x++, n++)
            sum += abs(luma(&a.out, x, y) - luma(&b.out, DRAWN_SIDE - 1 - x, y));
    assert_true(sum < 2 * n); /* teeth differ a little from side to side */
    scene_end(&a);
    scene_end(&b);
}

static void pixels_that_no_sheet_reaches_show_the_inside(void **state)
{
    (void)state;
    struct scene s = scene_of(closed);
    draw(&s, 0.25f, &talking);
    int full = luma(&s.out, 190, 262), there = luma(&s.out, 190, 254);
    /* tear both sheets where neither lip is, as the mesh does far beyond the cut */
    const struct rect r = s.map[0].region;
    for (int y = 250; y < 258; y++)
        for (int x = 180; x < 200; x++)
            s.map[UPPER].x[(ptrdiff_t)(y - r.y0) * (r.x1 - r.x0) + x - r.x0] = MAP_NOWHERE;
    mouth_draw(s.mouth, &s.out, &s.map[UPPER], &s.map[LOWER],
               &(struct head_affine){{1, 0, 0, 0, 1, 0}}, &talking);
    assert_true(abs(luma(&s.out, 190, 262) - full) < 8);
    assert_true(abs(luma(&s.out, 190, 254) - there) < 8);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lips_that_do_not_move_keep_the_portraits_pixels),
        cmocka_unit_test(nothing_outside_the_region_nor_on_its_border_changes),
        cmocka_unit_test(the_same_pose_gives_the_same_bytes_whatever_came_before),
        cmocka_unit_test(an_open_jaw_shows_teeth_and_darkness),
        cmocka_unit_test(opening_begins_without_a_jump),
        cmocka_unit_test(lips_that_go_past_each_other_meet_halfway),
        cmocka_unit_test(nothing_is_seen_between_lips_that_touch),
        cmocka_unit_test(f_tucks_the_lower_lip_under_the_teeth),
        cmocka_unit_test(a_portraits_own_teeth_stay_on_its_skull),
        cmocka_unit_test(a_mirrored_portrait_gives_the_mirrored_mouth),
        cmocka_unit_test(pixels_that_no_sheet_reaches_show_the_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
