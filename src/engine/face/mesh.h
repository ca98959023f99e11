/* mesh.h - 478 points of one face by the attention mesh.
 *
 * What:    the network takes an upright square around the face and is only as good as that square:
 *          so it is placed anew from the points found, and eight slightly different squares are
 *          averaged (points then repeat to 0.1 % of the eye distance; one square alone 0.5 %).
 * Units:   portrait pixels, as in face.h. Threads: borrows a run of one thread.
 */
#pragma once

#include "engine/face/detector.h"
#include "engine/face/face.h"

enum { MESH_INPUT_PX = 192 };

/* Landmarks by number, where others than the mesh need them. "Right" is the subject's own right,
 * which is the picture's left. */
enum {
    MESH_RIGHT_EYE_OUTER = 33,
    MESH_RIGHT_EYE_INNER = 133,
    MESH_LEFT_EYE_INNER = 362,
    MESH_LEFT_EYE_OUTER = 263,
    MESH_NOSE_TIP = 1,
};

struct mesh {
    float points[FACE_POINTS][3];
    float presence_logit;
};

/* One square first guessed from a detection, placed anew once: enough to tell a face from none. */
void mesh_first(struct mesh *, struct graph_run *, const struct pyramid *,
                const struct detection *);
/* Placed anew once more, then the mean of eight. */
void mesh_refine(struct mesh *, struct graph_run *, const struct pyramid *);
float mesh_eye_distance(const struct mesh *);

/* The landmarks that the networks for lips and eyes give again, in their order. */
enum { MESH_LIPS = 80, MESH_EYE = 71, MESH_IRIS = 5 };
extern const short mesh_lips[MESH_LIPS], mesh_right_eye[MESH_EYE], mesh_left_eye[MESH_EYE];
enum { MESH_EYE_RIM = 16 }; /* the first of an eye's are the edges of its lids */
