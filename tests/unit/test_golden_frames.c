/* Frames of the drawn presenter as they were when somebody last looked at them and found them good.
 * ORATOR_REGOLD=1 writes them anew, and prints by how much each differed: look before you commit. */
#include "claims.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/render/render.h"

enum { FRAME_PX = 512, CROP_X = 146, CROP_Y = 96, CROP_WIDTH = 220, CROP_HEIGHT = 236 };
#define PSNR_MIN_DB \
    42.0 /* one grey level everywhere is 48 dB; compilers may round a little otherwise */

static const struct {
    const char *name;
    struct pose pose;
} poses[] = {
    {"rest", {.closure = 0}},
    {"open", {.au = {[AU_JAW] = .6f, [AU_UPPER_RAISE] = .4f, [AU_LOWER_DROP] = .4f}}},
    {"ee",
     {.au = {[AU_JAW] = .1f, [AU_WIDE] = .6f, [AU_UPPER_RAISE] = .6f, [AU_LOWER_DROP] = .6f}}},
    {"oo", {.au = {[AU_JAW] = .08f, [AU_PUCKER] = .75f, [AU_FUNNEL] = .45f}}},
    {"closed", {.au = {[AU_PRESS] = .6f}, .closure = 1}},
    {"blink_smile", {.au = {[AU_SMILE] = .5f}, .blink_left = 1, .blink_right = 1}},
    {"turned", {.yaw_rad = .10f, .pitch_rad = -.05f, .roll_rad = .03f, .gaze_x = .5f}},
};

static struct face_model *model;
static struct render_rig *rig;
static struct image portrait;

static int make_rig(void **state)
{
    (void)state;
    struct orator_error err = {0};
    static struct dsp dsp;
    struct bytes file;
    struct face face;
    char path[1024];
    const char *models = getenv("ORATOR_MODELS");
    snprintf(path, sizeof(path), "%s/face", models ? models : "models");
    dsp_init(&dsp, dsp_isa_wanted());
    if (face_model_open(&model, path, &err) != ORATOR_OK)
        return 0; /* a clone without the face model: the claims skip */
    if (file_read(&file, ORATOR_SOURCE "/tests/data/presenter.png", 10 << 20, &err) != ORATOR_OK ||
        image_decode(&portrait, file.data, file.size, &err) != ORATOR_OK ||
        face_find(&face, model, &portrait, &err) != ORATOR_OK ||
        render_rig_new(&rig, &portrait, &face,
                       &(struct render_options){
                           .width_px = FRAME_PX, .height_px = FRAME_PX, .seed = 1, .dsp = &dsp},
                       &err) != ORATOR_OK)
        fail_msg("%s", err.text);
    bytes_fini(&file);
    return 0;
}

static int drop_rig(void **state)
{
    (void)state;
    render_rig_free(&rig);
    face_model_free(&model);
    image_fini(&portrait);
    return 0;
}

static double psnr_db(const struct image *a, const struct image *b, int x0, int y0)
{
    double sum = 0;
    for (int y = 0; y < b->height_px; y++)
        for (int x = 0; x < 3 * b->width_px; x++) {
            int d = a->rgb[(y + y0) * a->stride + 3 * x0 + x] - b->rgb[y * b->stride + x];
            sum += d * d;
        }
    double mean = sum / (3.0 * b->width_px * b->height_px);
    return mean > 0 ? 10 * log10(255.0 * 255.0 / mean) : 99;
}

static void frames_look_as_they_did(void **state)
{
    (void)state;
    if (!rig)
        skip();
    for (size_t i = 0; i < sizeof(poses) / sizeof(poses[0]); i++) {
        struct orator_error err = {0};
        struct image frame = {0}, golden = {0}, crop = {0};
        struct bytes file = {0};
        char path[1024];
        snprintf(path, sizeof(path), ORATOR_SOURCE "/tests/golden/frames/%s.png", poses[i].name);
        assert_int_equal(image_from_picture(&frame, render_frame(rig, &poses[i].pose), &err),
                         ORATOR_OK);
        double same_db = 0;
        if (file_read(&file, path, 1 << 20, &err) == ORATOR_OK) {
            assert_int_equal(image_decode(&golden, file.data, file.size, &err), ORATOR_OK);
            same_db = psnr_db(&frame, &golden, CROP_X, CROP_Y);
        }
        if (getenv("ORATOR_REGOLD")) {
            printf("%-12s %.1f dB from the last\n", poses[i].name, same_db);
            assert_int_equal(image_new(&crop, CROP_WIDTH, CROP_HEIGHT, &err), ORATOR_OK);
            for (int y = 0; y < CROP_HEIGHT; y++)
                memcpy(crop.rgb + y * crop.stride,
                       frame.rgb + (y + CROP_Y) * frame.stride + 3 * CROP_X, 3 * CROP_WIDTH);
            assert_int_equal(image_write_png(&crop, path, &err), ORATOR_OK);
            image_fini(&crop);
        } else if (same_db < PSNR_MIN_DB) {
            fail_msg("%s: %.1f dB from tests/golden/frames, need %.0f", poses[i].name, same_db,
                     PSNR_MIN_DB);
        }
        bytes_fini(&file);
        image_fini(&golden);
        image_fini(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_look_as_they_did)};
    return cmocka_run_group_tests(tests, make_rig, drop_rig);
}
