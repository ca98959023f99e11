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
    float contrast; /* of the face: 95th less 5th percentile of luma */
    float lips;     /* how the lips differ from what surrounds them, relative to its light */
    float lip_red, skin_red; /* red less green as shares of the light; of the brow's skin */
    float foreign;   /* how the hue around the mouth differs from that of brow and nose ... */
    float dusk;      /* ... and how much darker it is, as a share */
    float beard;     /* how much darker than the brow the place above or below the lips is ... */
    float hairiness; /* ... and how much rougher than the cheeks, difference of luma */
    float frames;    /* strength of the weakest of the lines that make spectacles, of luma */
};

struct face_signs face_signs_of(const struct image *, const struct face *);
