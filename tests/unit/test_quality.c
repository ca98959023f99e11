/* Each verdict has a picture that gets it and one that does not: a drawn face, repainted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn_face.h"
#include "engine/face/quality.h"

enum { SIDE = 480, EYE_PX = 90, MOUTH_X = 240, MOUTH_Y = 300 };

struct sitting {
    struct image image;
    struct face face;
};

static struct sitting sit(int side, float eye_px)
{
    struct sitting s = {0};
    assert_int_equal(image_new(&s.image, side, side, NULL), ORATOR_OK);
    float x = (float)side * MOUTH_X / SIDE, y = (float)side * MOUTH_Y / SIDE;
    draw_portrait(&s.image, x, y, eye_px, false);
    s.face = drawn_face(x, y, eye_px);
    s.face.faces_seen = 1;
    return s;
}

static struct sitting plain(void) { return sit(SIDE, EYE_PX); }

static bool warned(const struct face_quality *q, const char *code)
{
    for (int i = 0; i < q->warnings.count; i++)
        if (strcmp(q->warnings.list[i].code, code) == 0)
            return true;
    return false;
}

static struct face_quality judged(const struct sitting *s)
{
    struct face_quality q;
    struct orator_error err;
    enum orator_status status = face_judge(&q, &s->image, &s->face, &err);
    if (status != ORATOR_OK)
        fail_msg("refused: %s", err.text);
    return q;
}

static struct face_quality judged_once(struct sitting *s)
{
    struct face_quality q = judged(s);
    image_fini(&s->image);
    return q;
}

static void assert_refused(struct sitting *s, const char *why)
{
    struct face_quality q;
    struct orator_error err;
    assert_int_equal(face_judge(&q, &s->image, &s->face, &err), ORATOR_FACE_UNUSABLE);
    if (!strstr(err.text, why))
        fail_msg("it says: %s", err.text);
    image_fini(&s->image);
}

/* Every pixel by a rule; x and y in eye distances from mid-mouth. */
typedef void (*brush)(uint8_t rgb[3], float x, float y);

static void repaint(struct sitting *s, brush paint)
{
    for (int j = 0; j < s->image.height_px; j++)
        for (int i = 0; i < s->image.width_px; i++) {
            float eye_px = s->face.eye_distance_px;
            float x = (float)s->image.width_px * MOUTH_X / SIDE;
            float y = (float)s->image.height_px * MOUTH_Y / SIDE;
            paint(s->image.rgb + j * s->image.stride + (ptrdiff_t)3 * i,
                  ((float)i + 0.5f - x) / eye_px, ((float)j + 0.5f - y) / eye_px);
        }
}

static void set(uint8_t rgb[3], int r, int g, int b)
{
    rgb[0] = (uint8_t)r;
    rgb[1] = (uint8_t)g;
    rgb[2] = (uint8_t)b;
}

static uint8_t byte(float v) { return (uint8_t)fminf(fmaxf(v, 0), 255); }

static void scale(uint8_t rgb[3], float by, float add)
{
    for (int c = 0; c < 3; c++)
        rgb[c] = byte((float)rgb[c] * by + add);
}

static void dim(uint8_t rgb[3], float x, float y) { (void)x, (void)y, scale(rgb, 0.1f, 0); }
static void flood(uint8_t rgb[3], float x, float y) { (void)x, (void)y, scale(rgb, 2.2f, 60); }
static void fog(uint8_t rgb[3], float x, float y) { (void)x, (void)y, scale(rgb, 0.08f, 120); }

static void grey(uint8_t rgb[3], float x, float y)
{
    (void)x, (void)y;
    int v = (54 * rgb[0] + 183 * rgb[1] + 19 * rgb[2]) >> 8;
    set(rgb, v, v, v);
}

static void mask(uint8_t rgb[3], float x, float y)
{
    if (fabsf(x) < 0.95f && y > -0.5f && y < 0.8f)
        set(rgb, 90, 125, 145);
}

static void hand(uint8_t rgb[3], float x, float y)
{
    if (drawn_ellipse(x, y, 0, 0, 0.8f, 0.4f) < 1)
        set(rgb, 195, 152, 133);
}

static void microphone(uint8_t rgb[3], float x, float y)
{
    int mesh = (int)floorf(y * 30) & 1 ? 40 : 70; /* as light and dark as lips and their line */
    if (drawn_ellipse(x, y, 0, 0.1f, 0.35f, 0.4f) < 1)
        set(rgb, mesh, mesh, mesh);
}

static void beard(uint8_t rgb[3], float x, float y)
{
    bool lips = drawn_ellipse(x, y, 0, 0, 0.44f, 0.2f) < 1;
    if (lips || drawn_ellipse(x, y, 0, 0.1f, 0.9f, 0.62f) >= 1)
        return;
    int strand = (int)floorf(x * 40) & 1 ? 30 : -30;
    set(rgb, 75 + strand, 60 + strand, 50 + strand);
}

/* A lock of hair over one half of the chin. */
static void lock_of_hair(uint8_t rgb[3], float x, float y)
{
    if (x > 0)
        beard(rgb, x, y);
}

/* A shadow that falls on one side of the face, as smooth as shadows are. */
static void shadow(uint8_t rgb[3], float x, float y)
{
    (void)y;
    scale(rgb, x < 0 ? 1 : fmaxf(0.35f, 1 - 1.5f * x), 0);
}

static bool on_frames(float x, float y)
{
    float side = fabsf(x), lens = drawn_ellipse(side, y, 0.535f, -1.08f, 0.36f, 0.27f);
    return (lens > 0.85f && lens < 1.15f) || (side < 0.18f && fabsf(y + 1.12f) < 0.02f);
}

static void spectacles(uint8_t rgb[3], float x, float y)
{
    if (on_frames(x, y))
        set(rgb, 35, 28, 25);
}

static void bridge_alone(uint8_t rgb[3], float x, float y)
{
    if (fabsf(x) < 0.18f && on_frames(x, y))
        set(rgb, 35, 28, 25);
}

static void a_good_portrait_gets_no_warning(void **state)
{
    (void)state;
    struct sitting s = plain();
    struct face_quality q = judged_once(&s);
    if (q.warnings.count)
        fail_msg("warned: %s", q.warnings.list[0].text);
    assert_true(q.head_gain == 1 && q.mouth_gain == 1 && q.brow_gain == 1);
    assert_false(q.spectacles);
}

static void a_repainted_face_gets_the_warning_it_deserves(void **state)
{
    (void)state;
    static const struct {
        brush paint;
        const char *code; /* NULL: none */
    } rows[] = {{dim, "dark_face"},   {flood, "bright_face"},
                {fog, "flat_face"},   {spectacles, "spectacles"},
                {bridge_alone, NULL}, {beard, "beard"},
                {shadow, NULL},       {lock_of_hair, NULL},
                {grey, NULL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sitting s = plain();
        repaint(&s, rows[i].paint);
        struct face_quality q = judged_once(&s);
        if (rows[i].code ? !warned(&q, rows[i].code) : q.warnings.count > 0)
            fail_msg("row %zu: %d warnings, first: %s", i, q.warnings.count,
                     q.warnings.count ? q.warnings.list[0].code : "-");
    }
}

static void a_covered_mouth_is_refused(void **state)
{
    (void)state;
    static const brush covers[] = {mask, hand, microphone};
    for (size_t i = 0; i < sizeof(covers) / sizeof(covers[0]); i++) {
        struct sitting s = plain();
        repaint(&s, covers[i]);
        assert_refused(&s, "no lips");
    }
}

static void nothing_is_said_about_lips_that_the_light_hides(void **state)
{
    (void)state;
    struct sitting s = plain();
    repaint(&s, mask);
    repaint(&s, dim);
    (void)judged_once(&s);
}

static void a_beard_slows_the_mouth_and_spectacles_the_brows(void **state)
{
    (void)state;
    struct sitting a = plain(), b = plain();
    repaint(&a, beard);
    repaint(&b, spectacles);
    struct face_quality bearded = judged_once(&a), framed = judged_once(&b);
    assert_true(bearded.mouth_gain < 1 && bearded.brow_gain == 1);
    assert_true(framed.brow_gain < 1 && framed.mouth_gain == 1 && framed.spectacles);
}

static void small_faces_and_pictures_are_named_with_their_numbers(void **state)
{
    (void)state;
    struct sitting face = sit(SIDE, 31), side = sit(280, 52), fine = sit(300, 56);
    struct face_quality q = judged_once(&face);
    assert_true(warned(&q, "small_face") && strstr(q.warnings.list[0].text, "31 px"));
    q = judged_once(&side);
    assert_true(warned(&q, "small_image") && strstr(q.warnings.list[0].text, "280 x 280"));
    q = judged_once(&fine);
    assert_int_equal(q.warnings.count, 0);
}

static void a_turned_face_moves_less_the_further_it_is_turned(void **state)
{
    (void)state;
    float last = 1;
    for (int degrees = 17; degrees <= 38; degrees += 7) {
        struct sitting s = plain();
        s.face.yaw_rad = (float)-degrees / 57.29578f;
        struct face_quality q = judged_once(&s);
        assert_int_equal(warned(&q, "turned_face"), degrees > 25);
        assert_true(degrees > 25 ? q.head_gain < last : q.head_gain == 1);
        last = q.head_gain;
    }
}

static void a_head_on_its_side_is_asked_about_and_one_on_its_head_refused(void **state)
{
    (void)state;
    struct sitting s = plain(), below = plain();
    s.face.roll_rad = 0.5f;
    struct face_quality q = judged(&s);
    assert_false(warned(&q, "tilted_face"));
    s.face.roll_rad = -1.5f;
    q = judged_once(&s);
    assert_true(warned(&q, "tilted_face"));
    below.face.roll_rad = 3.1f;
    assert_refused(&below, "upside down");
}

static void smaller_faces_are_counted(void **state)
{
    (void)state;
    struct sitting s = plain();
    s.face.faces_seen = 3;
    struct face_quality q = judged_once(&s);
    assert_true(warned(&q, "several_faces") && strstr(q.warnings.list[0].text, "3 faces"));
}

static void a_warning_too_many_is_dropped(void **state)
{
    (void)state;
    struct warnings w = {0};
    char json[WARNINGS_JSON_SIZE];
    struct text t = text_over(json, sizeof(json));
    for (int i = 0; i < 2 * WARNINGS_MAX; i++)
        warnings_add(&w, "beard", "%0300d \"\\\n", i);
    assert_int_equal(w.count, WARNINGS_MAX);
    warnings_add_json(&t, &w);
    assert_false(t.cut);
}

/* Faces found at the border of the picture are looked at as far as it goes. */
static void points_outside_the_picture_do_no_harm(void **state)
{
    (void)state;
    static const float shifts[][2] = {{-400, 0}, {400, 300}, {0, -1e6f}, {1e9f, 1e9f}};
    for (size_t k = 0; k < sizeof(shifts) / sizeof(shifts[0]); k++) {
        struct sitting s = plain();
        struct face_quality q;
        for (int i = 0; i < FACE_POINTS; i++) {
            s.face.points[i][0] += shifts[k][0];
            s.face.points[i][1] += shifts[k][1];
        }
        enum orator_status status = face_judge(&q, &s.image, &s.face, NULL);
        assert_true(status == ORATOR_OK || status == ORATOR_FACE_UNUSABLE);
        image_fini(&s.image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_portrait_gets_no_warning),
        cmocka_unit_test(a_repainted_face_gets_the_warning_it_deserves),
        cmocka_unit_test(a_covered_mouth_is_refused),
        cmocka_unit_test(nothing_is_said_about_lips_that_the_light_hides),
        cmocka_unit_test(a_beard_slows_the_mouth_and_spectacles_the_brows),
        cmocka_unit_test(small_faces_and_pictures_are_named_with_their_numbers),
        cmocka_unit_test(a_turned_face_moves_less_the_further_it_is_turned),
        cmocka_unit_test(a_head_on_its_side_is_asked_about_and_one_on_its_head_refused),
        cmocka_unit_test(smaller_faces_are_counted),
        cmocka_unit_test(a_warning_too_many_is_dropped),
        cmocka_unit_test(points_outside_the_picture_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
