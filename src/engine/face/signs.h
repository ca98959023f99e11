/* signs.h - what a portrait shows about how well its face can be animated, as numbers.
 *
 * What:    small patches at points of the mesh, compared with each other: is there light, are there
 *          lips, does hair or something else lie over them, do frames cross the nose.
 * Units:   luma 0..1, full range; lengths in eye distances (E). 0 means "nothing of it" throughout.
 * Threads: pure; the picture decides, bit for bit.
 */
#pragma once

#include "engine/face/face.h"

struct face_signs {
    float luma;     /* median of the face's skin */
    float clipped;  /* share of the face that is at the white end */
    float contrast; /* of the face: 98th less 2nd percentile of luma */
    float relief;   /* of luma from lip to lip, over its mean: a dark line, a gap or teeth */
    float lip_red, skin_red; /* red less green, as a share of the light; of the lips, the brow */
    float beard;     /* how much darker than the face the place above or below the lips is ... */
    float hairiness; /* ... and how much rougher than the cheeks, difference of luma */
    float frames;    /* the weakest of the lines that make spectacles, over the skin's luma */
};

struct face_signs face_signs_of(const struct image *, const struct face *);
