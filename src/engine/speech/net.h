/* net.h - the network: rows of features in, what the mouth does out, while the sound is still coming.
 *
 * What:    one convolution that halves the rate, residual blocks of dilated convolutions with little
 *          look-ahead (the whole network sees 180 ms of the future), and one linear head. Frame t needs rows
 *          until 2t + 18 of the trained weights.
 * Threads: a network belongs to one thread, its model is shared. Sums run in fixed lanes: same bits on every
 *          CPU, and however the rows are cut into calls.
 */
#pragma once

#include "engine/speech/feature.h"
#include "engine/speech/model.h"
#include "engine/speech/tape.h"

struct net {
    const struct speech_model *model; /* not owned */
    struct tape
        layer[MODEL_BLOCKS_MAX + 1]; /* what each block reads; the last is what the head reads */
    int64_t made[MODEL_BLOCKS_MAX +
                 1]; /* how many rows have been made of the first convolution, and of each block */
    float *taps;     /* owned; the inputs of one step, and behind them its outputs */
};

ORATOR_MUST_CHECK enum orator_status net_init(struct net *, const struct speech_model *,
                                              struct orator_error *err);
void net_fini(struct net *);

/* Takes the rows of `rows`, forgets those it is done with, and appends the frames that are certain to
 * `frames`, whose rows are MODEL_OUTPUTS probabilities and articulators. `over`: no row will follow.
 * DECODE_FAILED when the weights, each sensible, overflow together. */
ORATOR_MUST_CHECK enum orator_status net_push(struct net *, struct tape *frames, struct tape *rows,
                                              bool over, struct orator_error *err);
