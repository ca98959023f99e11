/* viseme_targets.h - how wide real lips are in each sound, and which way they round.
 *
 * Units:   width: 0 = the speaker's 5th percentile, 1 = the 95th, 0.6 at rest. The rest are shares 0..1.
 *          Widths were fitted to the lips of four people speaking; shapes are what phonetics says.
 */
#pragma once

#include "engine/speech/speech.h"

struct viseme_target {
    float width;
    float pucker; /* of the narrowing, the part that draws the corners in and the lips forward */
    float tongue; /* at the teeth */
};

extern const struct viseme_target viseme_targets[VISEME_COUNT];
