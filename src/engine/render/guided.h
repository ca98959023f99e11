/* guided.h - a coarse matte learns the picture's edges.
 *
 * What:    He, Sun, Tang 2010: in every small window the matte is a linear function of the colours; its
 *          coefficients, found on a grid of middle size, are applied to each pixel of the full one.
 * Threads: pure.
 */
#pragma once

#include "engine/render/grid.h"
#include "engine/render/matte.h"

/* Fills out->alpha inside out->window from `share` (0..1, cells of `coarse`). */
ORATOR_MUST_CHECK enum orator_status guided_matte(struct matte *out, const struct texture *still,
                                                  const struct grid *coarse, const float *share,
                                                  float eye_px, struct orator_error *err);
