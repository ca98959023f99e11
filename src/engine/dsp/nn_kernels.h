/* nn_kernels.h - the inner loops of the networks, as a table of functions.
 *
 * What:    `nn_kernels.c` is compiled once per instruction set, like kernels.c. Every output adds its
 *          products one after the other in the order of the inputs, whatever the width of the
 *          registers: same bits on every CPU.
 * Units:   pictures of floats are rows x columns x channels, channels adjacent.
 * Threads: the table is read-only after nn_dsp_init and may be shared.
 */
#pragma once

#include "engine/dsp/dsp.h"

enum {
    NN_OUTPUTS = 16, /* outputs of one block of packed weights: one AVX-512 register of floats */
    NN_ALIGN = 64,   /* bytes; what packed weights and biases begin at */
};

/* A window that walks over a picture. What lies outside the picture counts as nothing. */
struct nn_window {
    int in_h, in_w, channels, out_h, out_w;
    int kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
};

struct nn_dsp {
    /* y[p * n_out + o] = bias[o] + sum over i of x[p * n_in + i] * weight(o, i), for n_rows rows p.
     * weight(o, i) lies at w[(o / 16 * n_in + i) * 16 + o % 16]; w and bias are filled up to a
     * multiple of 16 outputs and aligned to NN_ALIGN. */
    void (*matmul)(float *y, const float *x, const float *w, const float *bias, int n_rows,
                   int n_in, int n_out);

    /* Each channel by itself; w is kernel_h x kernel_w x channels. */
    void (*depthwise)(float *y, const float *x, const float *w, const float *bias,
                      const struct nn_window *);
    void (*maxpool)(float *y, const float *x, const struct nn_window *);

    /* y = x above 0, x * slope[channel] below; n pixels. */
    void (*prelu)(float *y, const float *x, const float *slope, int n, int channels);
    void (*relu)(float *y, const float *x, int n);
    void (*add)(float *y, const float *a, const float *b, int n);

    enum dsp_isa isa;
};

/* Best table for this CPU, but not above `max`. */
void nn_dsp_init(struct nn_dsp *d, enum dsp_isa max);
