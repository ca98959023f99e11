/* pyramid.h - a portrait at several sizes, and square, turned cuttings of it for the networks.
 *
 * What:    level 0 is the portrait itself, borrowed; each further level halves the one before, so
 *          that a cutting never skips pixels, however large the face.
 * Units:   regions are in pixels of the portrait, pixel k covers k..k+1; turned clockwise on screen.
 * Owns:    its levels but the first. Threads: read-only after pyramid_init.
 */
#pragma once

#include "engine/media/media.h"

enum { PYRAMID_LEVELS = 8 }; /* 8192 px down to 64 */

struct pyramid {
    struct image level[PYRAMID_LEVELS];
    int count;
};

/* A square. The point (u, v), 0..1 from its own top left corner, lies at
 * centre + turn(((u, v) - 1/2) * side). */
struct region_px {
    float x, y, side, turn_rad;
};

enum pyramid_edge {
    PYRAMID_BLACK,  /* beyond the portrait all is black: what the detector was trained on */
    PYRAMID_REPEAT, /* the portrait's edge goes on: likewise the mesh */
};

ORATOR_MUST_CHECK enum orator_status pyramid_init(struct pyramid *, const struct image *portrait,
                                                  struct orator_error *err);
void pyramid_fini(struct pyramid *);

/* size x size x 3 floats, black = low, white = high. */
void pyramid_cut(float *out, const struct pyramid *, struct region_px, int size, float low,
                 float high, enum pyramid_edge);

/* From a point of the cutting, 0..1, to the portrait. */
void region_to_portrait(struct region_px, float u, float v, float *x, float *y);
