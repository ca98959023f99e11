/* nn_kernels.c - compiled once for each instruction set with -DDSP_ISA=c|avx2|avx512.
 *
 * The vector types are as wide as the registers: wider ones are legal but gcc keeps them in memory
 * (measured on SSE2: four times slower). A lane is one output and lanes never meet, so the width
 * does not change a bit of the result. */
#include <string.h>

#include "engine/dsp/nn_kernels.h"

#define PASTE2(a, b) a##_##b
#define PASTE(a, b)  PASTE2(a, b)
#define KERNEL(name) PASTE(name, DSP_ISA)

/* Rows x registers of sums must leave room for the weights and one input: 16 registers, or 32. */
#if defined(__AVX512F__)
enum { LANES = 16, ROWS = 12 };
#elif defined(__AVX2__)
enum { LANES = 8, ROWS = 6 };
#else
enum { LANES = 4, ROWS = 3 };
#endif
enum { PARTS = NN_OUTPUTS / LANES }; /* registers that hold one block of outputs */

typedef float lanes __attribute__((vector_size(LANES * 4)));                        /* aligned */
typedef float loose __attribute__((vector_size(LANES * 4), aligned(4), may_alias)); /* anywhere */

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

void KERNEL(nn_dsp_fill)(struct nn_dsp *d);

INLINE const lanes *packed(const float *w)
{
    return (const lanes *)__builtin_assume_aligned(w, 64);
}

/* `rows` rows of one block of 16 outputs; `rows` is a constant at every call. */
INLINE void block(int rows, float *y, int n_out, const float *x, int n_in, const float *w,
                  const float *bias, int outputs)
{
    lanes sum[ROWS][PARTS];
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int k = 0; k < PARTS; k++) sum[r][k] =
        packed(bias)[k];

    for (int i = 0; i < n_in; i++, w += NN_OUTPUTS)
        UNROLL for (int r = 0; r < rows; r++) UNROLL for (int k = 0; k < PARTS; k++) sum[r][k] +=
            packed(w)[k] * x[(ptrdiff_t)r * n_in + i];

    UNROLL for (int r = 0; r < rows; r++)
    {
        float *to = y + (ptrdiff_t)r * n_out;
        if (outputs == NN_OUTPUTS) {
            UNROLL for (int k = 0; k < PARTS; k++)((loose *)to)[k] = sum[r][k];
        } else {
            memcpy(to, sum[r], sizeof(float) * (size_t)outputs);
        }
    }
}

static void matmul(float *y, const float *x, const float *w, const float *bias, int n_rows,
                   int n_in, int n_out)
{
    for (int o = 0; o < n_out; o += NN_OUTPUTS, w += (ptrdiff_t)n_in * NN_OUTPUTS) {
        int outputs = n_out - o < NN_OUTPUTS ? n_out - o : NN_OUTPUTS;
        int r = 0;
        for (; r + ROWS <= n_rows; r += ROWS)
            block(ROWS, y + (ptrdiff_t)r * n_out + o, n_out, x + (ptrdiff_t)r * n_in, n_in, w,
                  bias + o, outputs);
        for (; r < n_rows; r++)
            block(1, y + (ptrdiff_t)r * n_out + o, n_out, x + (ptrdiff_t)r * n_in, n_in, w,
                  bias + o, outputs);
    }
}

/* The part of a window that lies inside the picture, for one output pixel. */
struct reach {
    int row0, row1, col0, col1; /* rows and columns of the window, half-open */
    ptrdiff_t origin;           /* of the window's first value in the picture; may lie outside */
};

INLINE struct reach reach_of(const struct nn_window *v, int out_row, int out_col)
{
    int top = out_row * v->stride_h - v->pad_top, left = out_col * v->stride_w - v->pad_left;
    return (struct reach){
        .origin = ((ptrdiff_t)top * v->in_w + left) * v->channels,
        .row0 = top < 0 ? -top : 0,
        .row1 = v->in_h - top < v->kernel_h ? v->in_h - top : v->kernel_h,
        .col0 = left < 0 ? -left : 0,
        .col1 = v->in_w - left < v->kernel_w ? v->in_w - left : v->kernel_w,
    };
}

static void depthwise(float *y, const float *x, const float *w, const float *bias,
                      const struct nn_window *v)
{
    ptrdiff_t n = v->channels, row_step = v->in_w * n;
    for (int row = 0; row < v->out_h; row++) {
        for (int col = 0; col < v->out_w; col++, y += n) {
            struct reach in = reach_of(v, row, col);
            ptrdiff_t c = 0;
            for (; c < n && n >= LANES; c += LANES) {
                c = c + LANES > n ? n - LANES : c; /* the last step may repeat some channels */
                lanes sum = *(const loose *)(bias + c);
                for (int i = in.row0; i < in.row1; i++)
                    for (int j = in.col0; j < in.col1; j++)
                        sum += *(const loose *)(x + (in.origin + i * row_step + j * n + c)) *
                               *(const loose *)(w + (i * v->kernel_w + j) * n + c);
                *(loose *)(y + c) = sum;
            }
            for (; c < n; c++) {
                float sum = bias[c];
                for (int i = in.row0; i < in.row1; i++)
                    for (int j = in.col0; j < in.col1; j++)
                        sum += x[in.origin + i * row_step + j * n + c] *
                               w[(i * v->kernel_w + j) * n + c];
                y[c] = sum;
            }
        }
    }
}

static void maxpool(float *restrict y, const float *restrict x, const struct nn_window *v)
{
    ptrdiff_t n = v->channels, row_step = v->in_w * n;
    for (int row = 0; row < v->out_h; row++) {
        for (int col = 0; col < v->out_w; col++, y += n) {
            struct reach in = reach_of(v, row, col);
            memcpy(y, x + (in.origin + in.row0 * row_step + in.col0 * n),
                   sizeof(float) * (size_t)n);
            for (int i = in.row0; i < in.row1; i++) {
                for (int j = in.col0; j < in.col1; j++) {
                    const float *pixel = x + (in.origin + i * row_step + j * n);
                    for (ptrdiff_t c = 0; c < n; c++)
                        y[c] = pixel[c] > y[c] ? pixel[c] : y[c];
                }
            }
        }
    }
}

static void prelu(float *restrict y, const float *restrict x, const float *restrict slope, int n,
                  int channels)
{
    for (int p = 0; p < n; p++, x += channels, y += channels) {
        for (int c = 0; c < channels; c++) {
            float below = x[c] * slope[c];
            y[c] = x[c] > 0 ? x[c] : below;
        }
    }
}

static void relu(float *restrict y, const float *restrict x, int n)
{
    for (int i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

static void add(float *restrict y, const float *restrict a, const float *restrict b, int n)
{
    for (int i = 0; i < n; i++)
        y[i] = a[i] + b[i];
}

void KERNEL(nn_dsp_fill)(struct nn_dsp *d)
{
    d->matmul = matmul;
    d->depthwise = depthwise;
    d->maxpool = maxpool;
    d->prelu = prelu;
    d->relu = relu;
    d->add = add;
}
