/* tflite.h - what a .tflite file says: tensors and the operations between them, nothing computed yet.
 *
 * What:    the subset of TensorFlow Lite's schema (version 3) that MediaPipe's face models use. One
 *          subgraph, shapes fixed, tensors of at most four dimensions.
 * Owns:    its two tables; constants and custom options point into the file, which must outlive it.
 * Errors:  BAD_SETTING when the file is damaged or needs what we do not have. The file is untrusted:
 *          every index here is in range, every shape positive, every constant as long as its shape.
 * Threads: read-only after parsing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/nn/flexbuffer.h"

enum {
    TFLITE_MAX_RANK = 4,
    TFLITE_MAX_INPUTS = 8,       /* of one operation, or of the graph */
    TFLITE_MAX_VALUES = 1 << 22, /* in one tensor: 16 MiB of floats; the largest in use is 147456 */
    TFLITE_MAX_TENSORS = 4096,   /* the attention mesh has 1096 */
};

enum tflite_type { TFLITE_F32 = 0, TFLITE_F16 = 1, TFLITE_I32 = 2 }; /* the schema's numbers */

enum tflite_code { /* the schema's numbers */
                   TFLITE_ADD = 0,
                   TFLITE_CONCATENATION = 2,
                   TFLITE_CONV = 3,
                   TFLITE_DEPTHWISE = 4,
                   TFLITE_DEQUANTIZE = 6,
                   TFLITE_MAX_POOL = 17,
                   TFLITE_MUL = 18,
                   TFLITE_RELU = 19,
                   TFLITE_RESHAPE = 22,
                   TFLITE_CUSTOM = 32,
                   TFLITE_PAD = 34,
                   TFLITE_STRIDED_SLICE = 45,
                   TFLITE_PRELU = 54,
};

struct tflite_tensor {
    enum tflite_type type;
    int rank, dim[TFLITE_MAX_RANK];
    int count;           /* of values: the product of the dimensions */
    const uint8_t *data; /* of a constant, in the file; NULL if it is computed */
};

struct tflite_op {
    int code; /* enum tflite_code, or a number we do not know */
    int version;
    char custom[32]; /* name of a custom operation */
    int in[TFLITE_MAX_INPUTS], in_count, out;

    bool same; /* padding: as large as the input (over stride); else only full windows */
    int stride_h, stride_w;           /* convolutions and pooling */
    int kernel_h, kernel_w;           /* pooling only; a convolution's are in its weights */
    int axis;                         /* concatenation */
    int begin_mask, end_mask;         /* strided slice: a set bit means "from the edge" */
    bool extras;                      /* asks for an activation, dilation, ...: none of ours does */
    struct flexbuffer custom_options; /* size 0: none */
};

struct tflite {
    struct tflite_tensor *tensors;
    struct tflite_op *ops; /* in the order to run them */
    int tensor_count, op_count;
    int inputs[TFLITE_MAX_INPUTS], outputs[TFLITE_MAX_INPUTS], input_count, output_count;
};

ORATOR_MUST_CHECK enum orator_status tflite_parse(struct tflite *out, const void *bytes,
                                                  size_t size, struct orator_error *err);
void tflite_fini(struct tflite *);

const char *tflite_code_name(int code);
