#include "engine/tier.h"

#include <math.h>

/* crf: 20 and 18 are visually lossless at their viewing size. preset: the slowest whose encoder keeps
 * two cores faster than real time beside the renderer (bench/render prints it). */
static const struct tier tiers[ENGINE_TIER_COUNT] = {
    [ENGINE_STANDARD] = {"standard", 720, 1280, 25, 20, "veryfast"},
    [ENGINE_PRO] = {"pro", 1080, 1920, 48, 18, "veryfast"},
};

const struct tier *tier_of(enum engine_tier t) { return &tiers[t]; }

static int nearest_even(double v) { return 2 * (int)lround(v / 2.0); }

struct video_format tier_format(const struct tier *t, const struct image *portrait,
                                const char *comment)
{
    double w = portrait->width_px, h = portrait->height_px;
    double by_side = t->short_side_px / fmin(w, h);
    double by_area = sqrt((double)t->short_side_px * t->long_side_px / (w * h));
    double scale = fmin(by_side, by_area);
    return (struct video_format){
        .width_px = nearest_even(w * scale),
        .height_px = nearest_even(h * scale),
        .fps = t->fps,
        .crf = t->crf,
        .preset = t->preset,
        .comment = comment,
    };
}
