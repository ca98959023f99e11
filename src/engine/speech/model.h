/* model.h - the weights of the network, as net.c uses them.
 *
 * Threads: a model is read-only and shared.
 */
#pragma once

#include <stddef.h>

#include "engine/dsp/dsp.h"
#include "engine/speech/spectrum.h"
#include "engine/speech/speech.h"

enum {
    MODEL_OUTPUTS = VISEME_COUNT + ARTICULATOR_COUNT,
    MODEL_FIRST_TAPS = 5,
    MODEL_FIRST_STEP = 2, /* rows of features a frame */
    MODEL_BLOCK_TAPS = 3,
    MODEL_CHANNELS_MAX = 512,
    MODEL_BLOCKS_MAX = 16,
};

struct model_convolution {
    float *weight; /* [output][tap][input], into the model's memory: one dot product an output */
    float *bias;
    int inputs, taps, dilation, lookahead;
};

struct speech_model {
    int channels, blocks;
    struct model_convolution first, block[MODEL_BLOCKS_MAX], head;
    struct dsp dsp;
    float memory[]; /* all weights */
};

/* The weights as bytes; the layout is drawn in model.c. DECODE_FAILED when they are not a model. */
ORATOR_MUST_CHECK enum orator_status speech_model_parse(struct speech_model **out,
                                                        const void *bytes, size_t size,
                                                        struct orator_error *err);
