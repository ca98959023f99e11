#include "engine/dsp/nn_kernels.h"

void nn_dsp_fill_c(struct nn_dsp *d);
#if defined(__x86_64__)
void nn_dsp_fill_avx2(struct nn_dsp *d);
void nn_dsp_fill_avx512(struct nn_dsp *d);
#endif

void nn_dsp_init(struct nn_dsp *d, enum dsp_isa max)
{
    struct dsp best;
    dsp_init(&best, max); /* one place decides what this CPU has */
    d->isa = best.isa;
    nn_dsp_fill_c(d);
#if defined(__x86_64__)
    if (best.isa == DSP_AVX2)
        nn_dsp_fill_avx2(d);
    if (best.isa == DSP_AVX512)
        nn_dsp_fill_avx512(d);
#endif
}
