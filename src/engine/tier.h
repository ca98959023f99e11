/* tier.h - what a video of each tier looks like: its size, rate and quality.
 *
 * A tier is a class of sizes: the shorter side reaches the class, the picture keeps its own aspect
 * ratio, and no video has more pixels than a 16:9 one of that class.
 */
#pragma once

#include "engine/engine.h"
#include "engine/media/media.h"

struct tier {
    const char *name; /* "standard", "pro": the word after the last '-' of a model's name */
    int short_side_px, long_side_px;
    int fps;
    int crf;
    const char *preset;
};

const struct tier *tier_of(enum engine_tier);
struct video_format tier_format(const struct tier *, const struct image *portrait,
                                const char *comment);
