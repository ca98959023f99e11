/* pose.h - which way a head looks: its mesh laid over the canonical head.
 *
 * What:    the rotation, scale and shift that bring the canonical points nearest to those of the
 *          portrait, weighted (Procrustes; B. K. P. Horn, "Closed-form solution of absolute
 *          orientation using unit quaternions", 1987).
 * Format:  the canonical head comes from geometry_pipeline_metadata_landmarks.binarypb, a Protocol
 *          Buffer: field 1 a mesh {3: vertex floats x y z u v}, field 2 repeated {1: landmark,
 *          2: weight}. Untrusted, like every file.
 * Threads: pure.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "engine/face/face.h"

struct canonical_head {
    float points[FACE_MESH_POINTS][3]; /* centimetres; x right, y up, z toward the viewer */
    float weights[FACE_MESH_POINTS];   /* of a point in the fit; 0 where skin moves */
};

ORATOR_MUST_CHECK enum orator_status canonical_parse(struct canonical_head *out, const void *bytes,
                                                     size_t size, struct orator_error *err);

struct pose {
    float yaw_rad, pitch_rad, roll_rad; /* as in face.h; roll is applied last */
};

/* `points` as in face.h: y down, smaller z nearer. */
struct pose pose_of(const struct canonical_head *, const float (*points)[3]);
