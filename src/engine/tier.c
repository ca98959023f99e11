#include "engine/tier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* crf: 18 keeps the texture of skin that moves; at 20 it goes soft. preset: the slowest whose encoder keeps
 * two cores faster than real time beside the renderer (bench/render prints it). */
static const struct tier {
    const char *resolution;
    int fps, crf;
    const char *preset;
} tiers[ENGINE_TIER_COUNT] = {
    [ENGINE_STANDARD] = {"720p", 25, 18, "veryfast"},
    [ENGINE_PRO] = {"1080p", 48, 18, "veryfast"},
};

static const struct class
{
    const char *word;
    int short_side_px, long_side_px; /* of 16:9 */
} classes[] = {
    {"480p", 480, 854}, {"720p", 720, 1280}, {"1080p", 1080, 1920}, {"source", 1080, 1920}};

static const struct class *class_of(const char *word)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strcmp(word, classes[i].word) == 0)
            return &classes[i];
    return NULL;
}

static int nearest_even(double v) { return v < 2 ? 2 : 2 * (int)lround(v / 2.0); }

enum orator_status tier_format(struct video_format *out, enum engine_tier which,
                               const char *resolution, int fps, const struct framing *f,
                               struct orator_error *err)
{
    const struct tier *tier = &tiers[which];
    const struct class *class =
        class_of(resolution && resolution[0] ? resolution : tier->resolution);
    if (!class)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "resolution",
                                 "resolution is %.20s, need 480p, 720p, 1080p or source",
                                 resolution);
    if (fps && (fps < TIER_FPS_MIN || fps > TIER_FPS_MAX))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "fps",
                                 "fps is %d, need a whole number from %d to %d", fps, TIER_FPS_MIN,
                                 TIER_FPS_MAX);

    double w = f->across, h = f->down;
    double by_side = class->short_side_px / fmin(w, h);
    double by_area = sqrt((double)class->short_side_px * class->long_side_px / (w * h));
    if (strcmp(class->word, "source") == 0) /* never larger than the window is */
        by_side = f->width_px / w;
    double scale = fmin(by_side, by_area);
    *out = (struct video_format){
        .width_px = nearest_even(w * scale),
        .height_px = nearest_even(h * scale),
        .fps = fps ? fps : tier->fps,
        .crf = tier->crf,
        .preset = tier->preset,
    };
    return ORATOR_OK;
}
