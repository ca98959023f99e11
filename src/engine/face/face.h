/* face.h - where the face of a portrait is: 478 points in three dimensions, pose, and a verdict.
 *
 * What:    MediaPipe's short-range detector over a pyramid, then its attention mesh on the region
 *          found, refined and averaged; run by engine/nn from the files in `models/face`.
 * Units:   points in source pixels, x right, y down, pixel k covers k..k+1; z in the same scale,
 *          smaller is nearer, mean 0. Angles in radians: yaw > 0 turns the nose to the picture's
 *          right, pitch > 0 lowers it, roll > 0 tilts the head clockwise on the picture. Roll is
 *          applied last: yaw and pitch are about the head's own axes however it is tilted.
 * Errors:  FACE_NOT_FOUND, FACE_UNUSABLE (two faces of similar size, half a face, too small, turned
 *          too far); the text says what was seen and what is needed. An unusable face is filled in
 *          nevertheless, as far as it was seen. A search takes at most a second or so.
 * Threads: a model is read-only and shared; face_find() keeps its state on its own heap.
 */
#pragma once

#include "engine/dsp/dsp.h"
#include "engine/media/media.h"

enum {
    FACE_MESH_POINTS = 468, /* the canonical mesh */
    FACE_POINTS = 478, /* and the irises: 468 right centre, 469..472 ring; 473 left, 474..477 */
    FACE_MIN_EYE_DISTANCE_PX = 12,
};

struct face {
    float points[FACE_POINTS][3];
    float box[4];     /* x, y, width, height of the detector's box, upright in the face's frame */
    float confidence; /* detector's, 0..1, after confirmation */
    float presence_logit;  /* the mesh's own; real faces 14..36 */
    float eye_distance_px; /* between the midpoints of the eyes' corners (33, 133) and (362, 263) */
    float yaw_rad, pitch_rad, roll_rad;
    int faces_seen; /* this one and smaller ones */
};

/* One of the faces in a picture, as an estimate shows it. */
struct face_seen {
    float box[4]; /* as in struct face */
    float confidence, yaw_rad, eye_distance_px;
    bool usable; /* if it were alone in the picture */
};
enum { FACE_SEEN_MAX = 8 };

struct face_model;

/* Loads the three files that tools/setup puts into `folder`. Missing: NOT_FOUND, with the cure. */
ORATOR_MUST_CHECK enum orator_status face_model_open(struct face_model **out, const char *folder,
                                                     struct orator_error *err);
/* The same with instruction sets up to `max` only; results are the same bits (tests, measurements). */
ORATOR_MUST_CHECK enum orator_status face_model_open_for(struct face_model **out,
                                                         const char *folder, enum dsp_isa max,
                                                         struct orator_error *err);
void face_model_free(struct face_model **);

ORATOR_MUST_CHECK enum orator_status face_find(struct face *out, const struct face_model *,
                                               const struct image *portrait,
                                               struct orator_error *err);
/* The face whose middle lies in `box` (x, y, width, height), where several are in the picture; others
 * are then no rivals. FACE_NOT_FOUND, naming "face_box", if none does. NULL: as face_find(). */
ORATOR_MUST_CHECK enum orator_status face_find_in(struct face *out, const struct face_model *,
                                                  const struct image *portrait, const float *box,
                                                  struct orator_error *err);
/* The same, with every face of the picture, the largest first, also where none can be used. */
ORATOR_MUST_CHECK enum orator_status face_find_seen(struct face *out,
                                                    struct face_seen seen[FACE_SEEN_MAX],
                                                    int *seen_count, const struct face_model *,
                                                    const struct image *portrait, const float *box,
                                                    struct orator_error *err);
