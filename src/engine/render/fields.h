/* fields.h - what each action unit does to the skin: smooth displacement fields, cut at the lips.
 *
 * What:    for each action unit, control displacements on the mesh's points and along the seam are
 *          spread by one biharmonic solve on a grid whose edges across the seam are removed. Sheet UPPER
 *          is the whole face with the upper lip, sheet LOWER the lower lip and jaw; each is continued
 *          across the cut so that it can be sampled a little beyond its own lip.
 * Units:   local coordinates and displacements, E. Grid vertex (i, j) lies at
 *          left + i * step, top + j * step. Zero on the grid's border.
 * Owns:    its arrays, freed by fields_fini.  Threads: read-only after fields_solve().
 */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/motion/motion.h"
#include "engine/render/seam.h"

enum sheet { SHEET_UPPER, SHEET_LOWER, SHEET_COUNT };

/* AU_COUNT, and one of the renderer's own: brings the lips of a parted portrait together. */
enum { FIELD_CLOSE = AU_COUNT, FIELD_COUNT };

/* Rows of the grid by which a sheet goes on across the cut; further away it is the other sheet. */
enum { FIELDS_BEYOND = 3 };

struct fields {
    int columns, rows;
    float left, top, step;                                              /* local */
    float *dx[SHEET_COUNT][FIELD_COUNT], *dy[SHEET_COUNT][FIELD_COUNT]; /* columns x rows each */
    float *memory;
};

ORATOR_MUST_CHECK enum orator_status fields_solve(struct fields *out, const struct face *face,
                                                  const struct face_frame *, const struct seam *,
                                                  const struct dsp *, struct orator_error *err);
void fields_fini(struct fields *);

/* The weights with which a pose drives the fields: its action units, openings taken back by closure,
 * FIELD_CLOSE for parted portraits. The one place where pose becomes field amplitudes. */
void fields_weights(float out[FIELD_COUNT], const struct pose *, const struct seam *);
