/* plate_sheet - look at how a portrait comes apart into person and background, and at large turns.
 *
 *     plate_sheet PORTRAIT MODELS/face OUT.png [HEIGHT_PX]
 *
 * Writes one picture: the person on green, the backdrop, and six poses of the whole picture; prints what
 * the parting cost and whether it is trusted. For eyes, not for machines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "engine/render/rig.h"

enum { ACROSS = 4, DOWN = 2, POSES = 6 };
#define DEGREES 0.0174533f

static const struct pose shown[POSES] = {
    {.yaw_rad = 8 * DEGREES},
    {.yaw_rad = -8 * DEGREES},
    {.pitch_rad = 6 * DEGREES},
    {.pitch_rad = -6 * DEGREES},
    {.roll_rad = 3 * DEGREES},
    {.yaw_rad = 10 * DEGREES, .pitch_rad = -4 * DEGREES, .roll_rad = -3 * DEGREES, .breath = 1}};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* Alpha above green. */
static void cut(struct image *im, const struct matte *m)
{
    static const int green[3] = {0, 200, 0};
    for (int y = 0; y < im->height_px; y++)
        for (int x = 0; x < im->width_px; x++)
            for (int k = 0; k < 3; k++) {
                uint8_t *v = im->rgb + y * im->stride + 3 * x + k;
                int alpha = m->alpha[y * m->width_px + x];
                *v = (uint8_t)((*v * alpha + green[k] * (255 - alpha)) / 255);
            }
}

static void place(struct image *sheet, const struct image *im, int n)
{
    for (int y = 0; y < im->height_px; y++)
        memcpy(sheet->rgb + (n / ACROSS * im->height_px + y) * sheet->stride +
                   3 * (n % ACROSS * im->width_px),
               im->rgb + y * im->stride, 3 * (size_t)im->width_px);
}

static enum orator_status draw(struct render_rig *rig, const char *path, struct orator_error *err)
{
    enum orator_status s;
    struct image sheet = {0}, im = {0};
    struct matte matte = {0};
    double start = cpu_ms();
    TRY(matte_find(&matte, &rig->still, &rig->head, err));
    printf("matte %.0f ms, ", cpu_ms() - start);
    struct backdrop *again = NULL;
    struct backdrop_trust t;
    start = cpu_ms();
    TRY(backdrop_new(&again, &t, &rig->plate, &rig->still, &matte, &rig->head, err));
    backdrop_free(&again);
    printf(
        "backdrop %.0f ms; surprise %.1f, worst %.1f, covered %.3f, free %.2f, certain %.2f: %s\n",
        cpu_ms() - start, (double)t.surprise, (double)t.worst, (double)t.covered, (double)t.free,
        (double)t.certain, t.good ? "trusted" : "warped along");

    TRY(image_new(&sheet, ACROSS * rig->plate.width_px, DOWN * rig->plate.height_px, err));
    TRY(image_from_picture(&im, &rig->plate, err));
    cut(&im, &matte);
    place(&sheet, &im, 0);
    image_fini(&im);
    TRY(image_from_picture(&im, rig->backdrop ? backdrop_picture(rig->backdrop) : &rig->plate,
                           err));
    place(&sheet, &im, 1);
    for (int k = 0; k < POSES; k++) {
        image_fini(&im);
        TRY(image_from_picture(&im, render_frame(rig, &shown[k]), err));
        place(&sheet, &im, 2 + k);
    }
    TRY(image_write_png(&sheet, path, err));
done:
    matte_fini(&matte);
    image_fini(&im);
    image_fini(&sheet);
    return s;
}

/* In turn, so that a busy machine treats both alike. */
static void time_frames(struct render_rig *rig)
{
    enum { FRAMES = 80 };
    struct backdrop *hidden = rig->backdrop;
    double least[2] = {1e9, 1e9};
    for (int i = 0; i < FRAMES; i++) {
        rig->backdrop = i & 1 ? hidden : NULL;
        double start = cpu_ms();
        (void)render_frame(rig, &shown[POSES - 1]);
        double took = cpu_ms() - start;
        least[i & 1] = took < least[i & 1] ? took : least[i & 1];
    }
    printf("%.2f ms a frame warped along, %.2f over the backdrop, ", least[0], least[1]);
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
    TRY(render_rig_new(
        &rig, &portrait, &face,
        &(struct render_options){.width_px = width, .height_px = height, .dsp = &dsp}, err));
    printf("%d x %d, E %.0f px: ", width, height, (double)rig->axes.eye_px);
    time_frames(rig);
    TRY(draw(rig, argv[3], err));
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
        fprintf(stderr, "usage: plate_sheet PORTRAIT MODELS/face OUT.png [HEIGHT_PX]\n");
        return 2;
    }
    enum orator_status s = run(argv, argc > 4 ? atoi(argv[4]) : 0, &err);
    if (s != ORATOR_OK)
        fprintf(stderr, "%s\n", err.text);
    return orator_status_exit(s);
}
