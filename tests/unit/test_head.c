/* The head is as deep as the mesh says, and turns without folds. */
#include "claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "drawn_face.h"
#include "engine/render/head.h"

enum { SIDE = 600 };
#define EYE    90.0f
#define DEGREE 0.017453293f
#define STEP   0.02f /* E */

static struct head drawn_head(void)
{
    struct face face = drawn_face(SIDE * 0.5f, SIDE * 0.55f, EYE);
    struct face_frame frame = face_frame_of(&face);
    return head_of(&face, &frame, SIDE, SIDE);
}

/* The drawn presenter as the model sees it: a mesh with all its points in their places. */
static struct head presenter_head(void)
{
    struct orator_error err = {0};
    struct face_model *model;
    struct bytes file;
    struct image portrait;
    struct face face;
    char path[1024];
    const char *models = getenv("ORATOR_MODELS");
    snprintf(path, sizeof(path), "%s/face", models ? models : "models");
    if (face_model_open(&model, path, &err) != ORATOR_OK)
        skip(); /* a clone without the face model */
    if (file_read(&file, ORATOR_SOURCE "/tests/data/presenter.png", 10 << 20, &err) != ORATOR_OK ||
        image_decode(&portrait, file.data, file.size, &err) != ORATOR_OK ||
        face_find(&face, model, &portrait, &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    const struct face_frame frame = face_frame_of(&face);
    const struct head h = head_of(&face, &frame, portrait.width_px, portrait.height_px);
    image_fini(&portrait);
    bytes_fini(&file);
    face_model_free(&model);
    return h;
}

static float depth_at(const struct head *h, int point)
{
    return head_depth(h, h->points[point][0], h->points[point][1]);
}

/* What a turn shows is this difference: a mean over neighbours leaves less than two thirds. */
static void from_nose_to_ear_the_head_is_as_deep_as_the_mesh(void **state)
{
    (void)state;
    const struct head h = presenter_head();
    const float nose = h.points[4][2];
    for (int side = 0; side < 2; side++) {
        int ear = side ? 323 : 93;
        float mesh = nose - h.points[ear][2], drawn = depth_at(&h, 4) - depth_at(&h, ear);
        assert_true(drawn > 0.72f * mesh && drawn < 1.10f * mesh);
    }
    assert_true(depth_at(&h, 4) > nose - 0.06f);
}

/* Behind the ears the skull is widest: its outline stays nearly where it is when the head turns. */
static void a_turn_hardly_moves_the_outline_of_the_hair(void **state)
{
    (void)state;
    const struct head h = drawn_head();
    const struct stance s = stance_of(&(struct pose){.yaw_rad = 10 * DEGREE});
    const float nose = h.points[4][0], y = h.points[4][1], side = h.middle_x + h.half_width + 0.7f;
    float to[2], swept;
    head_move(to, &h, &s, nose, y, head_depth(&h, nose, y));
    swept = to[0] - nose;
    head_move(to, &h, &s, side, y, head_depth(&h, side, y));
    assert_true(swept > 0.2f);
    assert_true(fabsf(to[0] - side) < 0.2f * swept);
}

static void no_turn_folds_the_face(void **state)
{
    (void)state;
    static const struct pose turns[] = {{.yaw_rad = 12 * DEGREE},
                                        {.yaw_rad = -12 * DEGREE},
                                        {.pitch_rad = 6 * DEGREE},
                                        {.pitch_rad = -6 * DEGREE}};
    const struct head h = presenter_head();
    for (size_t k = 0; k < sizeof(turns) / sizeof(turns[0]); k++) {
        const struct stance s = stance_of(&turns[k]);
        for (float y = -2.6f; y < 1.0f; y += STEP) {
            for (float x = -1.8f; x < 1.8f; x += STEP) {
                float at[2], right[2], below[2];
                head_move(at, &h, &s, x, y, head_depth(&h, x, y));
                head_move(right, &h, &s, x + STEP, y, head_depth(&h, x + STEP, y));
                head_move(below, &h, &s, x, y + STEP, head_depth(&h, x, y + STEP));
                float area = (right[0] - at[0]) * (below[1] - at[1]) -
                             (right[1] - at[1]) * (below[0] - at[0]);
                assert_true(area > 0.3f * STEP * STEP);
                assert_true(area < 1.8f * STEP * STEP);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_nose_to_ear_the_head_is_as_deep_as_the_mesh),
        cmocka_unit_test(a_turn_hardly_moves_the_outline_of_the_hair),
        cmocka_unit_test(no_turn_folds_the_face),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
