/* head.h - how the whole head and the shoulders move: a bent sheet of paper seen from the front.
 *
 * What:    each point of the picture has a depth and two weights, how much it follows the head and how
 *          much the shoulders. The head turns about the neck as a solid body, seen from far away;
 *          its motion fades into the background around it and into the neck.
 * Units:   local (geometry.h); z toward the viewer in E, which is minus the mesh's z.
 * Owns:    nothing, except a skin its vertices.  Threads: pure; a skin is read-only once laid.
 */
#pragma once

#include "engine/motion/motion.h"
#include "engine/render/geometry.h"

enum { HEAD_RIM = 64 };

struct head {
    struct face_frame frame;
    float points[FACE_MESH_POINTS][3]; /* the mesh, local */
    float middle_x, half_width;        /* between the ears */
    float centre_y, crown_y, chin_y;   /* of the skull's ellipsoid; top of the hair; chin */
    float hair_width;                  /* from the middle; what is within it moves fully */
    float rim_y;                       /* middle of the mesh's outline; its x is middle_x */
    float rim[HEAD_RIM];               /* how far the outline is from there, by angle from -pi */
    float rim_z[HEAD_RIM], inner_z[HEAD_RIM]; /* depths there, and where its slope begins */
    float pivot[3];                           /* in the neck */
    float teeth_z;
    float width, height;                /* of the picture */
    float pin_left, pin_right, pin_top; /* how far from that border motion has its full size */
};

struct head head_of(const struct face *, const struct face_frame *, int width_px, int height_px);

/* For a head over a background that stays: it moves fully as far as its hair reaches, and to the very
 * borders that it does not touch. */
struct head_outline {
    float hair_width, crown_y; /* local, as in struct head */
    bool touches_left, touches_right, touches_top;
};
void head_set_outline(struct head *, const struct head_outline *);

float head_depth(const struct head *, float x, float y);
float head_weight(const struct head *, float x, float y);
float body_weight(const struct head *, float x, float y);

/* A lattice of vertices over the picture, with all that does not change from frame to frame. */
struct skin {
    int columns, rows;
    float *x, *y;           /* at rest, local */
    float *from_x, *from_y; /* at rest, pixels */
    float *z, *head, *body; /* depth and weights */
    float *to_x, *to_y;     /* pixels in this frame; written by skin_move() */
    float *memory;
};

ORATOR_MUST_CHECK enum orator_status skin_new(struct skin *out, int columns, int rows,
                                              struct orator_error *err);
void skin_fini(struct skin *);
/* After x and y are set: everything else at rest. */
void skin_lay(struct skin *, const struct head *);

/* A pose as numbers to multiply with. */
struct stance {
    float across[3], down[3]; /* rows of the rotation */
    float shift[2], shoulders[2];
};
struct stance stance_of(const struct pose *);

/* Where every vertex goes; dx, dy: what the skin itself does, NULL for nothing. */
void skin_move(struct skin *, const struct head *, const struct stance *, const float *dx,
               const float *dy);
/* Where one point of the picture goes, local in, local out. */
void head_move(float out[2], const struct head *, const struct stance *, float x, float y, float z);
