/* net.h - the network: rows of features in, what the mouth does out.
 *
 * What:    one convolution that halves the rate, residual blocks of dilated convolutions with little
 *          look-ahead (the whole network sees 180 ms of the future), and one linear head.
 * Threads: a model is read-only and shared. Sums run in fixed lanes: same bits on every CPU.
 */
#pragma once

#include <stddef.h>

#include "engine/speech/feature.h"

enum { NET_OUTPUTS = VISEME_COUNT + ARTICULATOR_COUNT };

/* The weights as bytes; the layout is drawn in net.c. DECODE_FAILED when they are not a model. */
ORATOR_MUST_CHECK enum orator_status speech_model_parse(struct speech_model **out,
                                                        const void *bytes, size_t size,
                                                        struct orator_error *err);

/* Fills viseme and articulator of frames [0, (features->count + 1) / 2). DECODE_FAILED when the weights,
 * each sensible, overflow together. */
ORATOR_MUST_CHECK enum orator_status net_run(const struct speech_model *,
                                             struct speech_frame *frames, const struct features *,
                                             struct orator_error *err);
