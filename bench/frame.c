/* frame - how long a frame takes on one core, by what moves in it; no network, no encoder.
 *
 *     meson test -C build --benchmark frame --verbose
 *
 * A drawn face, at the sizes of both tiers, with every set of kernels this CPU has. Each column adds
 * one thing to the one before it, so that their differences are what each thing costs. */
#include <stdio.h>
#include <time.h>

#include "../tests/unit/drawn_face.h"
#include "engine/render/render.h"

enum { FRAMES = 40, RUNS = 3, COLUMNS = 4 };

static const char *const names[COLUMNS] = {"body", "+ head", "+ mouth", "+ eyes"};

static struct pose pose_of(int column, float t)
{
    struct pose p = {.breath = t, .sway = 0.5f * t};
    if (column > 0) {
        p.yaw_rad = 0.1f * t;
        p.roll_rad = 0.03f * t;
    }
    if (column > 1) {
        p.au[AU_JAW] = 0.2f + 0.6f * t;
        p.au[AU_WIDE] = 0.5f * t;
        p.au[AU_LOWER_DROP] = 0.4f;
    }
    if (column > 2) {
        p.gaze_x = 0.5f - t;
        p.blink_left = p.blink_right = t;
    }
    return p;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* The least of a few runs: what else the machine does only ever adds. */
static double frame_ms(struct render_rig *rig, int column)
{
    double least = 1e9;
    for (int run = 0; run < RUNS; run++) {
        double began = cpu_ms();
        for (int i = 0; i < FRAMES; i++) {
            const struct pose p = pose_of(column, (float)(i + 1) / FRAMES);
            render_frame(rig, &p);
        }
        double each = (cpu_ms() - began) / FRAMES;
        least = each < least ? each : least;
    }
    return least;
}

static void measure(enum dsp_isa isa, int width, int height)
{
    struct dsp dsp;
    struct image portrait = {0};
    struct render_rig *rig = NULL;
    const float eyes = 0.2f * (float)height, x = 0.5f * (float)width, y = 0.6f * (float)height;
    const struct face face = drawn_face(x, y, eyes);
    dsp_init(&dsp, isa);
    if (dsp.isa != isa || image_new(&portrait, width, height, NULL) != ORATOR_OK)
        return;
    draw_portrait(&portrait, x, y, eyes, false);
    double began = cpu_ms();
    const struct render_options options = {width, height, 1, &dsp, false};
    if (render_rig_new(&rig, &portrait, &face, &options, NULL) == ORATOR_OK) {
        printf("%-7s %4d x %4d  rig %6.1f ms", dsp_isa_name(isa), width, height, cpu_ms() - began);
        for (int column = 0; column < COLUMNS; column++)
            printf("   %s %6.2f", names[column], frame_ms(rig, column));
        printf(" ms a frame\n");
    }
    render_rig_free(&rig);
    image_fini(&portrait);
}

int main(void)
{
    static const int sizes[][2] = {{720, 720}, {1280, 720}, {1920, 1080}};
    for (int isa = DSP_C; isa < DSP_ISA_COUNT; isa++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
            measure((enum dsp_isa)isa, sizes[i][0], sizes[i][1]);
    return 0;
}
