/* detector.h - one look of the short-range detector at one square of the portrait.
 *
 * What:    the network answers with 896 guesses; those that overlap are one face, averaged with
 *          their scores as weights.
 * Units:   portrait pixels; scores 0..1.
 * Threads: a detector belongs to one thread; it borrows the run.
 */
#pragma once

#include "engine/face/pyramid.h"
#include "engine/nn/graph.h"

enum {
    DETECTOR_INPUT_PX = 128,
    DETECTOR_ANCHORS = 896,
    DETECTOR_ROW = 16, /* values of one guess: box 4, key points 6 x 2 */
    DETECTOR_MAX_FACES = 16,
};

struct detection {
    float x, y, width, height; /* centre and size; upright in the square it was seen in */
    float score;
    float tilt_rad; /* of the line from the eye on the left to the other, in the portrait */
};

struct detector {
    struct graph_run *run; /* borrowed */
    int looks_left;        /* bounds the time of a search; a look without any left sees nothing */
};

/* The faces seen, best first, at most DETECTOR_MAX_FACES. */
int detector_look(struct detector *, const struct pyramid *, struct region_px square,
                  struct detection out[DETECTOR_MAX_FACES]);

/* Intersection over union of two boxes as if both were upright in one square. */
float detection_overlap(const struct detection *a, const struct detection *b);
