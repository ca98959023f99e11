/* graph_run.c - follows the plan: one operation after the other, no decisions left. */
#include <stdlib.h>
#include <string.h>

#include "engine/nn/graph_inside.h"

struct graph_run {
    const struct graph *graph;
    float *memory; /* owned; values, then the gather row */
};

static size_t bytes_of(const struct graph *g)
{
    size_t bytes = (g->run_floats + g->gather_floats) * sizeof(float);
    return (bytes + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
}

size_t graph_run_bytes(const struct graph *g) { return bytes_of(g); }

enum orator_status graph_run_new(struct graph_run **out, const struct graph *g,
                                 struct orator_error *err)
{
    *out = NULL;
    struct graph_run *run = calloc(1, sizeof(*run));
    float *memory = aligned_alloc(NN_ALIGN, bytes_of(g));
    if (!run || !memory) {
        free(run);
        free(memory);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to run a network");
    }
    memset(memory, 0, bytes_of(g));
    *run = (struct graph_run){.graph = g, .memory = memory};
    *out = run;
    return ORATOR_OK;
}

void graph_run_free(struct graph_run **run)
{
    if (!*run)
        return;
    free((*run)->memory);
    free(*run);
    *run = NULL;
}

float *graph_input(struct graph_run *run, int index)
{
    return run->memory + run->graph->values[run->graph->inputs[index]].offset;
}

const float *graph_output(const struct graph_run *run, int index)
{
    return run->memory + run->graph->values[run->graph->outputs[index]].offset;
}

static float *zeros(float *to, int n)
{
    for (int i = 0; i < n; i++)
        *to++ = 0;
    return to;
}

/* One row of outputs: the windows side by side as rows of a matrix, zeros where they hang over. */
static void gather_row(float *to, const float *x, const struct nn_window *v, int out_row)
{
    int top = out_row * v->stride_h - v->pad_top, n = v->channels, line = v->kernel_w * n;
    for (int col = 0; col < v->out_w; col++) {
        int left = col * v->stride_w - v->pad_left, right = left + v->kernel_w;
        int over_left = left < 0 ? -left : 0, over_right = right > v->in_w ? right - v->in_w : 0;
        int run = line - (over_left + over_right) * n;
        for (int row = top; row < top + v->kernel_h; row++) {
            if (row < 0 || row >= v->in_h) {
                to = zeros(to, line);
                continue;
            }
            to = zeros(to, over_left * n);
            memcpy(to, x + ((ptrdiff_t)row * v->in_w + left + over_left) * n,
                   sizeof(float) * (size_t)run);
            to = zeros(to + run, over_right * n);
        }
    }
}

static void conv(const struct graph *g, const struct op *op, float *y, const float *x,
                 float *gather)
{
    const struct nn_window *v = &op->window;
    int n_out = g->values[op->y].dim[3], taps = v->kernel_h * v->kernel_w;
    if (taps == 1 && v->stride_h == 1 && v->stride_w == 1) {
        g->dsp.matmul(y, x, op->weights, op->bias, v->out_h * v->out_w, v->channels, n_out);
        return;
    }
    for (int row = 0; row < v->out_h; row++, y += (ptrdiff_t)v->out_w * n_out) {
        gather_row(gather, x, v, row);
        g->dsp.matmul(y, gather, op->weights, op->bias, v->out_w, taps * v->channels, n_out);
    }
}

/* Where the row (a, b, c) of a box begins that stands in a tensor with its corner at `corner`. */
static size_t row_of(const int dim[4], const int corner[4], int a, int b, int c)
{
    size_t row = (size_t)a + (size_t)corner[0];
    row = row * (size_t)dim[1] + (size_t)b + (size_t)corner[1];
    row = row * (size_t)dim[2] + (size_t)c + (size_t)corner[2];
    return row * (size_t)dim[3] + (size_t)corner[3];
}

/* Copies a box of `size` from one tensor into another, each with a corner of its own. */
static void copy_box(float *to, const int to_dim[4], const int to_corner[4], const float *from,
                     const int from_dim[4], const int from_corner[4], const int size[4])
{
    for (int a = 0; a < size[0]; a++) {
        for (int b = 0; b < size[1]; b++) {
            for (int c = 0; c < size[2]; c++)
                memcpy(to + row_of(to_dim, to_corner, a, b, c),
                       from + row_of(from_dim, from_corner, a, b, c),
                       sizeof(float) * (size_t)size[3]);
        }
    }
}

static void concat(const struct graph_run *run, const struct op *op, float *y)
{
    static const int corner[TFLITE_MAX_RANK];
    const struct value *all = run->graph->values;
    int at[TFLITE_MAX_RANK] = {0};
    for (int i = 0; i < op->x_count; i++) {
        const struct value *part = &all[op->x[i]];
        copy_box(y, all[op->y].dim, at, run->memory + part->offset, part->dim, corner, part->dim);
        at[op->axis] += part->dim[op->axis];
    }
}

static void run_op(const struct graph_run *run, const struct op *op)
{
    static const int corner[TFLITE_MAX_RANK];
    const struct graph *g = run->graph;
    const struct value *in = &g->values[op->x[0]], *out = &g->values[op->y];
    const float *x = run->memory + in->offset;
    const float *x2 = op->x_count > 1 ? run->memory + g->values[op->x[1]].offset : NULL;
    float *y = run->memory + out->offset;

    switch (op->kind) {
    case OP_CONV:
        conv(g, op, y, x, run->memory + g->run_floats);
        break;
    case OP_DEPTHWISE:
        g->dsp.depthwise(y, x, op->weights, op->bias, &op->window);
        break;
    case OP_MAXPOOL:
        g->dsp.maxpool(y, x, &op->window);
        break;
    case OP_ADD:
        g->dsp.add(y, x, x2, out->count);
        break;
    case OP_MUL:
        for (int i = 0; i < out->count; i++)
            y[i] = x[i] * op->weights[i];
        break;
    case OP_PRELU:
        g->dsp.prelu(y, x, op->weights, in->count / in->dim[3], in->dim[3]);
        break;
    case OP_RELU:
        g->dsp.relu(y, x, out->count);
        break;
    case OP_COPY:
        memcpy(y, x, sizeof(float) * (size_t)out->count);
        break;
    case OP_PAD:
        memset(y, 0, sizeof(float) * (size_t)out->count);
        copy_box(y, out->dim, op->from, x, in->dim, corner, in->dim);
        break;
    case OP_CONCAT:
        concat(run, op, y);
        break;
    case OP_SLICE:
        copy_box(y, out->dim, corner, x, in->dim, op->from, out->dim);
        break;
    case OP_REGION_MATRIX:
        region_matrix(y, x, &op->region);
        break;
    case OP_REGION_SAMPLE:
        region_sample(y, x, x2, in->dim[1], in->dim[2], in->dim[3], out->dim[1], out->dim[2]);
        break;
    case OP_REGION_POINTS:
        region_points(y, x, x2, in->count / in->dim[3], in->dim[3]);
        break;
    }
}

void graph_compute(struct graph_run *run)
{
    for (int i = 0; i < run->graph->op_count; i++)
        run_op(run, &run->graph->ops[i]);
}
