/* mouth.h - lips over teeth over darkness: the part of a frame that speaks.
 *
 * What:    per frame, the upper and the lower sheet are sampled around the mouth, a mouth interior
 *          (cavity, tongue, two rows of teeth, gums; the portrait's own teeth where it shows them)
 *          is painted where they part, and the result is laid into the frame with a soft mask.
 * Units:   video pixels, of `still` and `face` too; distances in local E or mm (geometry.h).
 * Owns:    mouth_new() owns its scratch. Threads: one rig's own.
 */
#pragma once

#include "engine/render/eyes.h" /* struct texture */
#include "engine/render/seam.h"

/* Where each pixel of a region comes from in the portrait, in pixels; x < MAP_NOWHERE + 1: from
 * nowhere, the sheet does not reach there. Row-major, (x1 - x0) wide. */
#define MAP_NOWHERE (-1e6f)
struct sheet_map {
    struct rect region;
    float *x, *y;
};

/* How the head stands in this frame: takes a pixel of the frame at the depth of the teeth back to the
 * portrait's pixels, x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5]. */
struct head_affine {
    float m[6];
};

struct mouth;
ORATOR_MUST_CHECK enum orator_status mouth_new(struct mouth **out, const struct texture *still,
                                               const struct face *face, const struct face_frame *,
                                               const struct seam *, uint64_t seed,
                                               struct orator_error *err);
void mouth_free(struct mouth **);

/* The largest region that any pose may touch, before the head's own motion, even sides. */
struct rect mouth_region(const struct mouth *);

/* `upper` and `lower` cover the same region, of even sides; `frame` already holds the upper sheet
 * everywhere. The region's border pixels are left as they are. Allocates nothing. */
void mouth_draw(struct mouth *, struct picture *frame, const struct sheet_map *upper,
                const struct sheet_map *lower, const struct head_affine *, const struct pose *);
