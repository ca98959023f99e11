/* action_units.h - the muscles: which points of the face each action unit moves, and how far.
 *
 * What:    controls are points of the mesh and of the seam, sorted into groups; a table of pushes says
 *          what each action unit does to a group at amplitude 1. fields.c spreads them over the skin.
 * Units:   local (geometry.h): E, x outward from the middle of the mouth, y down.
 * Owns:    a control set is plain data in the caller's memory.  Threads: pure.
 */
#pragma once

#include "engine/render/fields.h"

enum control_group {
    SEAM_UPPER, /* the edge of the upper lip, along the seam */
    SEAM_LOWER,
    LIP_UPPER, /* the outer ring of the lips, without its corners */
    LIP_LOWER,
    JAW_LINE,
    FOLLOWING, /* skin around the mouth, in skin_follow.h */
    NOSE,
    LIDS_UPPER,
    LIDS_LOWER,
    BROW_LEFT, /* of the picture, without its inner end */
    BROW_LEFT_INNER,
    BROW_RIGHT,
    BROW_RIGHT_INNER,
    FOREHEAD_LEFT,
    FOREHEAD_RIGHT,
    OUTLINE, /* temples, ears, top of the forehead, neck: they stay */
    CONTROL_GROUPS
};

enum { CONTROLS_MAX = 256, BUMPS_MAX = 4, MEASURES = 8, LIP_RING = 11 };

struct control {
    float x, y;
    float u;      /* -1 at the left corner of the mouth, 1 at the right; clamped */
    float weight; /* how much of its group's push this point follows */
    enum control_group group;
    int follower; /* row of skin_follow */
};

struct controls {
    struct control list[CONTROLS_MAX];
    int count;
    float bump_x[BUMPS_MAX], bump_y[BUMPS_MAX]; /* middle of each cheek, left and right */
    struct seam seam;
    float measure[MEASURES]; /* of this portrait's mouth: how far its pushes reach */
    float ring_u[2][LIP_RING], ring_height[2][LIP_RING]; /* the red of both lips, left to right */
};

/* Where the controls of this face lie. Grid step: seam controls stand this little off the cut. */
void controls_place(struct controls *, const struct face *, const struct face_frame *,
                    const struct seam *, float off_cut);

/* The displacement of control `k` by field `unit` at amplitude 1. */
void control_push(float out[2], const struct controls *, int k, int unit);

/* A soft swelling around each cheek's middle, added after the solve: cheeks follow everything else. */
#define BUMP_SIGMA 0.17f
void cheek_push(float out[2], const struct controls *, int side, int unit);
