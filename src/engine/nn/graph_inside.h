/* graph_inside.h - the plan of a graph, shared by graph.c (makes it) and graph_run.c (follows it). */
#pragma once

#include "engine/dsp/nn_kernels.h"
#include "engine/nn/graph.h"
#include "engine/nn/region.h"
#include "engine/nn/tflite.h"

enum op_kind {
    OP_CONV,          /* weights packed for nn_dsp.matmul */
    OP_DEPTHWISE,     /* weights kernel_h x kernel_w x channels */
    OP_MAXPOOL,       /* */
    OP_ADD,           /* two values */
    OP_MUL,           /* a value and weights of its size */
    OP_PRELU,         /* weights are the slopes */
    OP_RELU,          /* */
    OP_COPY,          /* another shape for the same numbers */
    OP_PAD,           /* with zeros, in any dimension */
    OP_CONCAT,        /* along `axis` */
    OP_SLICE,         /* a box of the input, from `from` */
    OP_REGION_MATRIX, /* region.h */
    OP_REGION_SAMPLE,
    OP_REGION_POINTS,
};

/* A tensor that is computed. Shapes are brought to four dimensions by ones in front. */
struct value {
    int dim[TFLITE_MAX_RANK];
    int count;
    size_t offset;  /* in a run's memory, in floats */
    int born, last; /* the operations that write it and read it last; -1: before the first */
};

struct op {
    enum op_kind kind;
    int x[TFLITE_MAX_INPUTS], x_count, y; /* values */
    float *weights, *bias;                /* owned, aligned to NN_ALIGN; NULL if it has none */
    struct nn_window window;              /* OP_CONV, OP_DEPTHWISE, OP_MAXPOOL */
    int from[TFLITE_MAX_RANK];            /* OP_PAD: where the input begins; OP_SLICE: the output */
    int axis;
    struct region region;
};

struct graph {
    struct nn_dsp dsp;
    struct value *values; /* one for each tensor of the file; count 0 where it is a constant */
    struct op *ops;
    int value_count, op_count;
    int inputs[TFLITE_MAX_INPUTS], outputs[TFLITE_MAX_INPUTS], input_count, output_count;
    size_t run_floats;    /* memory of a run for values ... */
    size_t gather_floats; /* ... and for one row of windows laid side by side */
};
