/* pose_sheet - look at a portrait in named poses, and see what a frame costs.
 *
 *     pose_sheet PORTRAIT MODELS/face OUT.png [HEIGHT_PX]
 *
 * Writes one picture with sixteen poses around the face and prints the time of the rig and of frames.
 * For eyes, not for machines: what a test can claim is in tests/unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "engine/render/render.h"

enum { ACROSS = 4, DOWN = 4, BENCH_FRAMES = 40 };
#define DEGREES 0.0174533f

static const struct {
    const char *name;
    struct pose pose;
} shown[ACROSS * DOWN] = {
    {"rest", {.closure = 0}},
    {"AA", {.au = {[AU_JAW] = .75f, [AU_UPPER_RAISE] = .25f, [AU_LOWER_DROP] = .2f}}},
    {"EE",
     {.au = {[AU_JAW] = .16f, [AU_WIDE] = .8f, [AU_UPPER_RAISE] = .55f, [AU_LOWER_DROP] = .5f}}},
    {"OH", {.au = {[AU_JAW] = .45f, [AU_FUNNEL] = .7f, [AU_PUCKER] = .25f}}},
    {"UU", {.au = {[AU_JAW] = .12f, [AU_PUCKER] = .85f, [AU_FUNNEL] = .45f}}},
    {"M", {.closure = 1}},
    {"F", {.au = {[AU_JAW] = .06f, [AU_LABIODENTAL] = 1}}},
    {"smile", {.au = {[AU_SMILE] = .8f}}},
    {"right", {.yaw_rad = 8 * DEGREES}},
    {"left", {.yaw_rad = -8 * DEGREES}},
    {"down", {.pitch_rad = 6 * DEGREES}},
    {"up", {.pitch_rad = -6 * DEGREES}},
    {"brows", {.au = {[AU_BROW_LEFT] = 1, [AU_BROW_RIGHT] = 1}, .gaze_x = 1}},
    {"worry", {.au = {[AU_BROW_INNER] = 1, [AU_FROWN] = 1}}},
    {"shut", {.blink_left = 1, .blink_right = 1, .breath = 1}},
    {"talk",
     {.au = {[AU_JAW] = .5f, [AU_SMILE] = .5f},
      .yaw_rad = 5 * DEGREES,
      .pitch_rad = -3 * DEGREES,
      .roll_rad = 3 * DEGREES}},
};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int clip(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }

static enum orator_status draw_sheet(struct render_rig *rig, const int crop[4], const char *path,
                                     struct orator_error *err)
{
    enum orator_status s;
    struct image sheet = {0}, frame = {0};
    const int width = crop[2] - crop[0], height = crop[3] - crop[1];
    TRY(image_new(&sheet, ACROSS * width, DOWN * height, err));
    for (int i = 0; i < ACROSS * DOWN; i++) {
        TRY(image_from_picture(&frame, render_frame(rig, &shown[i].pose), err));
        for (int y = 0; y < height; y++)
            memcpy(sheet.rgb + (i / ACROSS * height + y) * sheet.stride + 3 * (i % ACROSS * width),
                   frame.rgb + (crop[1] + y) * frame.stride + 3 * crop[0], 3 * (size_t)width);
        image_fini(&frame);
        printf("%s%s", shown[i].name, i % ACROSS == ACROSS - 1 ? "\n" : ", ");
    }
    TRY(image_write_png(&sheet, path, err));
done:
    image_fini(&frame);
    image_fini(&sheet);
    return s;
}

static enum orator_status run(char **argv, int height_px, struct orator_error *err)
{
    enum orator_status s;
    struct bytes file = {0};
    struct image portrait = {0};
    struct face_model *model = NULL;
    struct face face;
    struct dsp dsp;
    struct render_rig *rig = NULL;
    dsp_init(&dsp, DSP_AVX512);
    TRY(file_read(&file, argv[1], IMAGE_MAX_BYTES, err));
    TRY(image_decode(&portrait, file.data, file.size, err));
    TRY(face_model_open(&model, argv[2], err));
    TRY(face_find(&face, model, &portrait, err));

    float scale = (float)(height_px ? height_px : portrait.height_px) / (float)portrait.height_px;
    int width = (int)((float)portrait.width_px * scale) & ~1;
    int height = (int)((float)portrait.height_px * scale) & ~1;
    double start = cpu_ms();
    TRY(render_rig_new(
        &rig, &portrait, &face,
        &(struct render_options){.width_px = width, .height_px = height, .dsp = &dsp}, err));
    printf("%d x %d px, eyes %.0f px apart, rig %.0f ms, ", width, height,
           (double)(face.eye_distance_px * scale), cpu_ms() - start);
    start = cpu_ms();
    for (int i = 0; i < BENCH_FRAMES; i++)
        (void)render_frame(rig, &shown[ACROSS * DOWN - 1].pose);
    printf("%.2f ms a frame (%s)\n", (cpu_ms() - start) / BENCH_FRAMES, dsp_isa_name(dsp.isa));

    float e = face.eye_distance_px * scale;
    float x = scale * face.points[13][0], y = scale * face.points[13][1];
    const int crop[4] = {clip((int)(x - 2.2f * e), 0, width), clip((int)(y - 2.9f * e), 0, height),
                         clip((int)(x + 2.2f * e), 0, width), clip((int)(y + 1.7f * e), 0, height)};
    TRY(draw_sheet(rig, crop, argv[3], err));
done:
    render_rig_free(&rig);
    face_model_free(&model);
    image_fini(&portrait);
    bytes_fini(&file);
    return s;
}

int main(int argc, char **argv)
{
    struct orator_error err = {0};
    if (argc < 4) {
        fprintf(stderr, "usage: pose_sheet PORTRAIT MODELS/face OUT.png [HEIGHT_PX]\n");
        return 2;
    }
    enum orator_status s = run(argv, argc > 4 ? atoi(argv[4]) : 0, &err);
    if (s != ORATOR_OK)
        fprintf(stderr, "%s\n", err.text);
    return orator_status_exit(s);
}
