/* lips.h - how the lips stand in a frame, read back from the maps of the two sheets.
 *
 * What:    the maps say where every pixel comes from; lips.c says which lip that is, how far from its
 *          edge, and along the lips in BINS steps how far they have parted and rolled.
 * Units:   E and local coordinates (geometry.h), unless a name says otherwise.
 * Owns:    nothing.  Threads: lips_follow() writes, the rest only reads.
 */
#pragma once

#include "engine/render/interior.h" /* struct opening */
#include "engine/render/mouth.h"

#define MM(v) ((v) / EYE_DISTANCE_MM) /* millimetres as E */

enum { UPPER, LOWER };

/* The cut, tabled over local x: cheap to ask for every pixel. */
enum { CUT_STEPS = 1024 };
#define CUT_REACH 1.25f /* E to both sides of mid-mouth */
struct cut {
    float y[2]; /* of both contours */
    float u;
    float lean; /* cosine of their slope: makes a distance of a vertical distance */
};

/* What happens along the lips in one frame, by u. */
enum { BINS = 33 };
struct bin {
    float dx[2], dy[2]; /* of both edges since the portrait, E, head's own motion taken out */
    float open;         /* 0 as in the portrait .. 1 lips well apart */
    float own;          /* share of the portrait's own line between closed lips */
    float roll[2];      /* how much of each lip's inner side is seen, E; < 0: of its red, hidden */
    float corner;       /* 0 .. 1 where the inner sides of an open mouth meet */
    float contact;      /* lips touch that did not: a line must be drawn */
    float drawn_in;     /* corners of a rounded mouth: squeezed, they keep no line of their own */
    float red[2];       /* height of each lip's red, E */
};

#define LIPS_BESIDE 1.4f /* |u| up to which a rounded mouth draws in what lies beside it */

/* One pixel's place on a sheet: `d` E inside the lip (< 0: beyond its edge), at `u` along it. */
struct place {
    float d, u, x, y;
    float px[2];
    bool here; /* the sheet reaches this pixel */
};

struct lips {
    struct face_frame frame;
    struct seam seam;
    float middle[2]; /* local point of the interior's 0, 0 */
    float mm_a_E;    /* of the interior: teeth are scaled a little with the mouth */
    struct cut cut[CUT_STEPS + 2];
    float red[2][BINS]; /* height of both lips' red, E */
    /* of the frame being drawn */
    struct bin bin[BINS + 1];
    float single_from; /* |u| from which the corners close as one sheet */
    float beside;      /* |u| up to which skin beside the corners is drawn in */
    float hidden;      /* most of any lip's red that is rolled out of sight, E */
    struct opening opening;
    float to_local[6]; /* pixel of the frame to the head's local coordinates */
};

/* In local coordinates: whatever of a lip lies near its edge. */
struct lip_box {
    float x0, y0, x1, y1;
};

void lips_init(struct lips *out, const struct face *, const struct face_frame *,
               const struct seam *);

/* Looks at a new frame. */
void lips_follow(struct lips *, const struct sheet_map *sheets[2], const struct head_affine *,
                 const struct pose *);

struct cut lips_cut(const struct lips *, float x);
struct bin lips_bin(const struct lips *, float u);

/* Holds every point between the corners whose `d` on either lip is within -far .. far, and a margin. */
struct lip_box lips_box(const struct lips *, float far);

/* Pixel `at` of a sheet's map, seen from its lip. */
struct place lips_place(const struct lips *, const struct sheet_map *, ptrdiff_t at, int lip);

/* The head's local coordinates, at the depth of the teeth, at a point of the frame. */
void lips_head(const struct lips *, float x_px, float y_px, float local[2]);
