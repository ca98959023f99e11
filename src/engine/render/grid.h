/* grid.h - a picture made small: the mean colour of each cell, and a few things done to such grids.
 *
 * Units:   cells are `step_px` wide and high and start at the window's corner; colours are planes of
 *          floats 0..255, Y U V.
 * Owns:    its colours; grid_fini() gives them back.  Threads: pure.
 */
#pragma once

#include "base/error.h"
#include "engine/render/eyes.h" /* struct texture */

struct grid {
    struct rect window; /* pixels */
    int step_px, columns, rows;
    float *colour[3];
};

/* Cells that the window cuts are the mean of what it leaves of them. */
ORATOR_MUST_CHECK enum orator_status grid_new(struct grid *out, const struct texture *,
                                              struct rect window, int step_px,
                                              struct orator_error *err);
void grid_fini(struct grid *);

static inline int grid_cells(const struct grid *g) { return g->columns * g->rows; }

/* The middle of a cell, in pixels. */
static inline void grid_centre(const struct grid *g, int i, int j, float out_px[2])
{
    out_px[0] = (float)g->window.x0 + ((float)i + 0.5f) * (float)g->step_px;
    out_px[1] = (float)g->window.y0 + ((float)j + 0.5f) * (float)g->step_px;
}

/* A value between the cells' centres; beyond them the border's goes on. */
float grid_at(const struct grid *, const float *values, float x_px, float y_px);

/* Mean over the square of cells within `radius`, cut at the border. `scratch` is as large as a grid. */
void grid_blur(const struct grid *, float *values, int radius, float *scratch);

/* Distance of each cell to the nearest one where inside[] is set, in cells; chamfer, within 6 %. */
void grid_distance(const struct grid *, float *out, const uint8_t *inside);

/* Where known[] is not set the values become a membrane held by those that are: first from coarse to
 * fine, then relaxed. At least one must be known. */
ORATOR_MUST_CHECK enum orator_status grid_fill(const struct grid *, float *values,
                                               const uint8_t *known, struct orator_error *err);
