/* colours.h - a mixture of a few colours, learnt from cells of a grid: "what the background looks like".
 *
 * Units:   colours as in grid.h; costs are negative natural logs of densities.  Threads: pure.
 */
#pragma once

#include "engine/render/grid.h"

enum { COLOURS = 6 };

struct colours {
    int count; /* 0: nothing was learnt */
    float mean[COLOURS][3], inverse_variance[COLOURS][3];
    float cost[COLOURS]; /* of belonging to this one, at its mean */
};

/* From the cells where use[] is not set to 0. */
void colours_learn(struct colours *out, const struct grid *, const uint8_t *use);

/* How unlike all of them a colour is, at most COLOURS_UNLIKE. */
#define COLOURS_UNLIKE 22.0f
float colours_cost(const struct colours *, const float colour[3]);
