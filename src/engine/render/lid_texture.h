/* lid_texture.h - the skin of a shut lid, made from what surrounds an open eye.
 *
 * What:    the picture around the eye is averaged into a coarse grid in the eye's own axes, closed
 *          (in the sense of morphology: thin dark lashes and lines vanish), and the eye with a margin
 *          is filled from its border by a membrane, the smoothest surface that meets it; towards the
 *          lashes it takes on the colour of the lid that shows above them, with its make-up.
 * Units:   t and h of eye_shape.h; colours 0..255 as in the planes.
 * Threads: one owner; read-only after lid_texture_make().
 */
#pragma once

#include "engine/render/eye_shape.h"
#include "engine/render/eyes.h"

#define LID_STRAYS_OUTER (-0.22f) /* t: beyond the outer corner liner stays where it is */

enum { LID_COLUMNS = 64, LID_ROWS = 48 };

struct lid_texture {
    float colour[3][LID_ROWS][LID_COLUMNS];
    float lash[3]; /* what the edge of the upper lid looks like: lashes, or the shadow under it */
    float crease,
        crease_at; /* how much darker its fold is, 0 on a monolid; E above the lid's edge */
    float strays[LID_ROWS][LID_COLUMNS]; /* 0..1: thin and dark above the lid, gone when it shuts */
    float scratch[3][LID_ROWS][LID_COLUMNS];
};

/* How far the skin is replaced above the upper lid at t, E. */
float lid_margin_above(const struct eye_shape *, float t);

/* Behind a `lens` the rim may be anywhere above: the lid then has the colour of the skin under the eye. */
void lid_texture_make(struct lid_texture *out, const struct texture *still,
                      const struct eye_shape *, bool lens);
/* The smooth skin at a place, without its grain. */
void lid_texture_at(const struct lid_texture *, float t, float h, float out[3]);
/* How far above the lid that reaches, E. */
float lid_strays_reach(const struct eye_shape *);
/* How much of a place is lashes and fine lines; 0 near the brow and beyond the corners. */
float lid_strays_at(const struct lid_texture *, float t, float h);
/* Grain of the cheek below the eye, to be laid over the smooth skin: luma, around 0. */
float lid_grain_at(const struct texture *still, const struct eye_shape *, float t, float h);
