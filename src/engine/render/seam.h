/* seam.h - where the lips part: the inner contours of the upper and the lower lip in the portrait.
 *
 * What:    two smooth curves over local x, found in the picture near the mesh's inner lip ring. In a
 *          closed mouth they run along both sides of the dark line, which belongs to neither lip; in
 *          a parted one along the two lip edges, with the portrait's own teeth between them.
 * Units:   local (geometry.h).  Threads: read-only after seam_find().
 */
#pragma once

#include "engine/render/geometry.h"

enum { SEAM_KNOTS = 65 };

struct seam {
    bool parted;                                    /* the portrait shows an open mouth */
    float left_x, right_x;                          /* the corners */
    float upper_y[SEAM_KNOTS], lower_y[SEAM_KNOTS]; /* at x evenly from left_x to right_x */
    float gap_max;                                  /* largest lower - upper */
    float dark_upper, dark_lower; /* half widths of the dark line above and below the seam, E */
};

ORATOR_MUST_CHECK enum orator_status seam_find(struct seam *out, const struct image *portrait,
                                               const struct face *face, const struct face_frame *,
                                               struct orator_error *err);

/* Beyond the corners the curves go on smoothly and meet. */
float seam_upper(const struct seam *, float x);
float seam_lower(const struct seam *, float x);
/* -1 at the left corner, 1 at the right, 0 at local x 0 (so each side has its own scale). */
float seam_u(const struct seam *, float x);
