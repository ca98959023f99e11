/* lid_texture.h - the skin of a shut lid, made from what surrounds an open eye.
 *
 * What:    the picture around the eye is averaged into a coarse grid in the eye's own axes, closed
 *          (in the sense of morphology: thin dark lashes and lines vanish), and the eye with a margin
 *          is filled from its border by a membrane, the smoothest surface that meets it.
 * Units:   t and h of eye_shape.h; colours 0..255 as in the planes.
 * Threads: one owner; read-only after lid_texture_make().
 */
#pragma once

#include "engine/render/eye_shape.h"
#include "engine/render/eyes.h"

enum { LID_COLUMNS = 64, LID_ROWS = 48 };

struct lid_texture {
    float colour[3][LID_ROWS][LID_COLUMNS];
    float lash[3]; /* what the edge of the upper lid looks like: lashes, or the shadow under it */
    float scratch[3][LID_ROWS][LID_COLUMNS];
};

/* How far the skin is replaced above the upper lid at t, E. */
float lid_margin_above(const struct eye_shape *, float t);

void lid_texture_make(struct lid_texture *out, const struct texture *still,
                      const struct eye_shape *);
/* The smooth skin at a place, without its grain. */
void lid_texture_at(const struct lid_texture *, float t, float h, float out[3]);
/* Grain of the cheek below the eye, to be laid over the smooth skin: luma, around 0. */
float lid_grain_at(const struct texture *still, const struct eye_shape *, float t, float h);
