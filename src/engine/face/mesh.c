#include "engine/face/mesh.h"

#include <math.h>
#include <string.h>

/* The orders in which the model lists the points it looks at again; its own numbers, also found in
 * the options of its custom operations. */
const short mesh_lips[MESH_LIPS] = {
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0,  267, 269, 270, 409,
    78, 95,  88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
    76, 77,  90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
    62, 96,  89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
};
const short mesh_right_eye[MESH_EYE] = {
    33,  7,   163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25,
    110, 24,  23,  22,  26,  112, 243, 247, 30,  29,  27,  28,  56,  190, 226, 31,  228, 229,
    230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189, 35,  124, 46,  53,  52,  65,
    143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70,  63,  105, 66,  107, 55,  193,
};
const short mesh_left_eye[MESH_EYE] = {
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255,
    339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449,
    450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295,
    372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417,
};

/* Outputs of the attention mesh, in the file's order. */
enum {
    OUT_MESH,
    OUT_LIPS,
    OUT_RIGHT_EYE, /* the model calls it left: it is on the picture's left */
    OUT_LEFT_EYE,
    OUT_RIGHT_IRIS,
    OUT_LEFT_IRIS,
    OUT_PRESENCE,
};

/* Eight squares on a small circle, each a little larger or smaller and turned. The set is its own
 * mirror image, so that a mirrored portrait gives mirrored points. */
enum { NUDGES = 8 };
#define NUDGE_SHIFT    0.01f /* of the side */
#define NUDGE_SCALE    0.02f
#define NUDGE_TURN_RAD 0.02f

#define MARGIN 1.5f /* side of the square over the larger side of the face's box; as trained */

static void replace_xy(struct mesh *m, const short *which, int count, const float *xy)
{
    for (int i = 0; i < count; i++, xy += 2) {
        m->points[which[i]][0] = xy[0];
        m->points[which[i]][1] = xy[1];
    }
}

/* Irises have no depth of their own; they lie where the edges of the lids lie. */
static void put_iris(struct mesh *m, int first, const float *xy, const short *eye)
{
    float z = 0;
    for (int i = 0; i < MESH_EYE_RIM; i++)
        z += m->points[eye[i]][2] / MESH_EYE_RIM;
    for (int i = 0; i < MESH_IRIS; i++, xy += 2) {
        m->points[first + i][0] = xy[0];
        m->points[first + i][1] = xy[1];
        m->points[first + i][2] = z;
    }
}

static void fit(struct mesh *m, struct graph_run *run, const struct pyramid *p,
                struct region_px square)
{
    pyramid_cut(graph_input(run, 0), p, square, MESH_INPUT_PX, 0, 1, PYRAMID_REPEAT);
    graph_compute(run);

    memcpy(m->points, graph_output(run, OUT_MESH), sizeof(float) * 3 * FACE_MESH_POINTS);
    m->presence_logit = *graph_output(run, OUT_PRESENCE);
    replace_xy(m, mesh_lips, MESH_LIPS, graph_output(run, OUT_LIPS));
    replace_xy(m, mesh_right_eye, MESH_EYE, graph_output(run, OUT_RIGHT_EYE));
    replace_xy(m, mesh_left_eye, MESH_EYE, graph_output(run, OUT_LEFT_EYE));
    put_iris(m, FACE_MESH_POINTS, graph_output(run, OUT_RIGHT_IRIS), mesh_right_eye);
    put_iris(m, FACE_MESH_POINTS + MESH_IRIS, graph_output(run, OUT_LEFT_IRIS), mesh_left_eye);

    for (int i = 0; i < FACE_POINTS; i++) {
        float *q = m->points[i];
        region_to_portrait(square, q[0] / MESH_INPUT_PX, q[1] / MESH_INPUT_PX, &q[0], &q[1]);
        q[2] *= square.side / MESH_INPUT_PX;
    }
}

/* The square around a mesh: eyes level, the box of its points in the face's own frame. */
static struct region_px around(const struct mesh *m)
{
    const float *right = m->points[MESH_RIGHT_EYE_OUTER], *left = m->points[MESH_LEFT_EYE_OUTER];
    float turn = atan2f(left[1] - right[1], left[0] - right[0]), c = cosf(turn), s = sinf(turn);
    float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < FACE_POINTS; i++) {
        float x = m->points[i][0] * c + m->points[i][1] * s;
        float y = m->points[i][1] * c - m->points[i][0] * s;
        x0 = fminf(x0, x);
        x1 = fmaxf(x1, x);
        y0 = fminf(y0, y);
        y1 = fmaxf(y1, y);
    }
    float x = (x0 + x1) / 2, y = (y0 + y1) / 2;
    return (struct region_px){
        .x = x * c - y * s,
        .y = x * s + y * c,
        .side = MARGIN * fmaxf(x1 - x0, y1 - y0),
        .turn_rad = turn,
    };
}

void mesh_first(struct mesh *m, struct graph_run *run, const struct pyramid *p,
                const struct detection *d)
{
    struct region_px square = {d->x, d->y, MARGIN * fmaxf(d->width, d->height), d->tilt_rad};
    fit(m, run, p, square);
    fit(m, run, p, around(m));
}

void mesh_refine(struct mesh *m, struct graph_run *run, const struct pyramid *p)
{
    struct region_px square = around(m);
    struct mesh mean = {0};
    for (int k = 0; k < NUDGES; k++) {
        struct region_px nudged = square;
        float angle = (float)k * (float)(2 * M_PI / NUDGES);
        nudged.x += NUDGE_SHIFT * square.side * cosf(angle);
        nudged.y += NUDGE_SHIFT * square.side * sinf(angle);
        nudged.side *= 1 + NUDGE_SCALE * sinf(3 * angle);
        nudged.turn_rad += NUDGE_TURN_RAD * cosf(3 * angle);
        fit(m, run, p, nudged);
        for (int i = 0; i < FACE_POINTS; i++)
            for (int c = 0; c < 3; c++)
                mean.points[i][c] += m->points[i][c] / NUDGES;
        mean.presence_logit += m->presence_logit / NUDGES;
    }
    *m = mean;
}

float mesh_eye_distance(const struct mesh *m)
{
    const float *a = m->points[MESH_RIGHT_EYE_OUTER], *b = m->points[MESH_RIGHT_EYE_INNER];
    const float *c = m->points[MESH_LEFT_EYE_INNER], *d = m->points[MESH_LEFT_EYE_OUTER];
    return hypotf(c[0] + d[0] - a[0] - b[0], c[1] + d[1] - a[1] - b[1]) / 2;
}
