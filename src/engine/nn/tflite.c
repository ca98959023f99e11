#include "engine/nn/tflite.h"

#include <stdlib.h>
#include <string.h>

#include "engine/nn/flatbuffer.h"

/* Numbers of the fields we read, as the schema counts them. */
enum { MODEL_VERSION = 0, MODEL_CODES = 1, MODEL_SUBGRAPHS = 2, MODEL_BUFFERS = 4 };
enum { CODE_OLD = 0, CODE_CUSTOM_NAME = 1, CODE_VERSION = 2, CODE_NEW = 3 };
enum { GRAPH_TENSORS = 0, GRAPH_INPUTS = 1, GRAPH_OUTPUTS = 2, GRAPH_OPS = 3 };
enum { TENSOR_SHAPE = 0, TENSOR_TYPE = 1, TENSOR_BUFFER = 2, TENSOR_SPARSITY = 6 };
enum { OP_CODE = 0, OP_INPUTS = 1, OP_OUTPUTS = 2, OP_OPTIONS = 4, OP_CUSTOM_OPTIONS = 5 };
enum { BUFFER_DATA = 0 };

enum { SCHEMA_VERSION = 3 };

static const struct {
    int code;
    const char *name;
} code_names[] = {
    {TFLITE_ADD, "ADD"},
    {TFLITE_CONCATENATION, "CONCATENATION"},
    {TFLITE_CONV, "CONV_2D"},
    {TFLITE_DEPTHWISE, "DEPTHWISE_CONV_2D"},
    {TFLITE_DEQUANTIZE, "DEQUANTIZE"},
    {TFLITE_MAX_POOL, "MAX_POOL_2D"},
    {TFLITE_MUL, "MUL"},
    {TFLITE_RELU, "RELU"},
    {TFLITE_RESHAPE, "RESHAPE"},
    {TFLITE_CUSTOM, "CUSTOM"},
    {TFLITE_PAD, "PAD"},
    {TFLITE_STRIDED_SLICE, "STRIDED_SLICE"},
    {TFLITE_PRELU, "PRELU"},
};

const char *tflite_code_name(int code)
{
    for (size_t i = 0; i < sizeof(code_names) / sizeof(code_names[0]); i++)
        if (code_names[i].code == code)
            return code_names[i].name;
    return "an operation unknown to us";
}

static enum orator_status damaged(struct orator_error *err, const char *what)
{
    return orator_fail(err, ORATOR_BAD_SETTING, "the model file is damaged: %s", what);
}

static int bytes_each(enum tflite_type type) { return type == TFLITE_F16 ? 2 : 4; }

static enum orator_status read_tensor(struct tflite_tensor *t, struct flatbuffer *f, size_t table,
                                      struct flat_vector buffers, struct orator_error *err)
{
    struct flat_vector shape = flat_vector(f, table, TENSOR_SHAPE, 4);
    int type = flat_i8(f, table, TENSOR_TYPE, 0);
    uint32_t buffer = (uint32_t)flat_i32(f, table, TENSOR_BUFFER, 0);
    if (f->bad || buffer >= buffers.count)
        return damaged(err, "a tensor leads outside the file");
    if (shape.count > TFLITE_MAX_RANK || type < TFLITE_F32 || type > TFLITE_I32 ||
        flat_field(f, table, TENSOR_SPARSITY, 4)) {
        return orator_fail(err, ORATOR_BAD_SETTING,
                           "the model has a tensor of %u dimensions and type %d; we read dense "
                           "ones of float32, float16 or int32 and at most %d dimensions",
                           shape.count, type, TFLITE_MAX_RANK);
    }

    *t = (struct tflite_tensor){
        .type = (enum tflite_type)type, .rank = (int)shape.count, .count = 1};
    for (uint32_t i = 0; i < shape.count; i++) {
        int dim = flat_i32_at(f, shape, i);
        if (dim < 1 || dim > TFLITE_MAX_VALUES / t->count)
            return damaged(err, "a tensor's shape is empty or too large");
        t->dim[i] = dim;
        t->count *= dim;
    }

    struct flat_vector data = flat_vector(f, flat_table_at(f, buffers, buffer), BUFFER_DATA, 1);
    if (f->bad)
        return damaged(err, "a constant leads outside the file");
    if (data.count) {
        if (data.count != (uint32_t)t->count * (uint32_t)bytes_each(t->type))
            return damaged(err, "a constant is not as long as its shape");
        t->data = f->bytes + data.at;
    }
    return ORATOR_OK;
}

/* A list of tensors' numbers, each of them in range. */
static enum orator_status read_indices(int *out, int *count, const struct tflite *m,
                                       struct flatbuffer *f, struct flat_vector v,
                                       struct orator_error *err)
{
    if (f->bad || v.count > TFLITE_MAX_INPUTS)
        return damaged(err, "a list of tensors is too long");
    for (uint32_t i = 0; i < v.count; i++) {
        out[i] = flat_i32_at(f, v, i);
        if (out[i] < 0 || out[i] >= m->tensor_count)
            return damaged(err, "a tensor is named that is not there");
    }
    *count = (int)v.count;
    return ORATOR_OK;
}

static void read_options(struct tflite_op *op, struct flatbuffer *f, size_t table)
{
    size_t o = flat_table(f, table, OP_OPTIONS);
    switch (op->code) {
    case TFLITE_CONV:
        op->same = flat_i8(f, o, 0, 0) == 0;
        op->stride_w = flat_i32(f, o, 1, 0);
        op->stride_h = flat_i32(f, o, 2, 0);
        op->extras =
            flat_i8(f, o, 3, 0) != 0 || flat_i32(f, o, 4, 1) != 1 || flat_i32(f, o, 5, 1) != 1;
        break;
    case TFLITE_DEPTHWISE:
        op->same = flat_i8(f, o, 0, 0) == 0;
        op->stride_w = flat_i32(f, o, 1, 0);
        op->stride_h = flat_i32(f, o, 2, 0);
        op->extras = flat_i32(f, o, 3, 0) != 1 || flat_i8(f, o, 4, 0) != 0 ||
                     flat_i32(f, o, 5, 1) != 1 || flat_i32(f, o, 6, 1) != 1;
        break;
    case TFLITE_MAX_POOL:
        op->same = flat_i8(f, o, 0, 0) == 0;
        op->stride_w = flat_i32(f, o, 1, 0);
        op->stride_h = flat_i32(f, o, 2, 0);
        op->kernel_w = flat_i32(f, o, 3, 0);
        op->kernel_h = flat_i32(f, o, 4, 0);
        op->extras = flat_i8(f, o, 5, 0) != 0;
        break;
    case TFLITE_ADD:
    case TFLITE_MUL:
        op->extras = flat_i8(f, o, 0, 0) != 0;
        break;
    case TFLITE_CONCATENATION:
        op->axis = flat_i32(f, o, 0, 0);
        op->extras = flat_i8(f, o, 1, 0) != 0;
        break;
    case TFLITE_STRIDED_SLICE:
        op->begin_mask = flat_i32(f, o, 0, 0);
        op->end_mask = flat_i32(f, o, 1, 0);
        op->extras =
            flat_i32(f, o, 2, 0) != 0 || flat_i32(f, o, 3, 0) != 0 || flat_i32(f, o, 4, 0) != 0;
        break;
    case TFLITE_CUSTOM: {
        struct flat_vector v = flat_vector(f, table, OP_CUSTOM_OPTIONS, 1);
        op->custom_options = (struct flexbuffer){f->bytes + v.at, v.count};
        break;
    }
    default:
        break;
    }
}

static enum orator_status read_op(struct tflite_op *op, const struct tflite *m,
                                  struct flatbuffer *f, size_t table, struct flat_vector codes,
                                  struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    uint32_t number = (uint32_t)flat_i32(f, table, OP_CODE, 0);
    if (f->bad || number >= codes.count)
        return damaged(err, "an operation has no code");

    /* the code moved to a wider field; readers take the larger of the two */
    size_t code = flat_table_at(f, codes, number);
    int old = flat_i8(f, code, CODE_OLD, 0), new = flat_i32(f, code, CODE_NEW, 0);
    *op = (struct tflite_op){.code = old > new ? old : new,
                             .version = flat_i32(f, code, CODE_VERSION, 1)};
    struct flat_vector name = flat_vector(f, code, CODE_CUSTOM_NAME, 1);
    if (name.count >= sizeof(op->custom))
        return damaged(err, "an operation's name is too long");
    if (name.count)
        memcpy(op->custom, f->bytes + name.at, name.count);

    int outputs[TFLITE_MAX_INPUTS], output_count = 0;
    TRY(read_indices(op->in, &op->in_count, m, f, flat_vector(f, table, OP_INPUTS, 4), err));
    TRY(read_indices(outputs, &output_count, m, f, flat_vector(f, table, OP_OUTPUTS, 4), err));
    if (op->in_count < 1 || output_count != 1)
        return damaged(err, "an operation has no input, or not one output");
    op->out = outputs[0];
    read_options(op, f, table);
    if (f->bad)
        return damaged(err, "an operation leads outside the file");
done:
    return s;
}

enum orator_status tflite_parse(struct tflite *out, const void *bytes, size_t size,
                                struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct flatbuffer f = {.bytes = bytes, .size_bytes = size};
    struct tflite m = {0};
    *out = (struct tflite){0};

    if (size < 8 || memcmp(f.bytes + 4, "TFL3", 4) != 0)
        return damaged(err, "it is not a .tflite file");
    size_t root = flat_root(&f);
    int version = flat_i32(&f, root, MODEL_VERSION, 0);
    struct flat_vector codes = flat_vector(&f, root, MODEL_CODES, 4);
    struct flat_vector buffers = flat_vector(&f, root, MODEL_BUFFERS, 4);
    struct flat_vector graphs = flat_vector(&f, root, MODEL_SUBGRAPHS, 4);
    if (f.bad || version != SCHEMA_VERSION || graphs.count != 1)
        return damaged(err, "its root is not that of a version 3 model of one graph");

    size_t graph = flat_table_at(&f, graphs, 0);
    struct flat_vector tensors = flat_vector(&f, graph, GRAPH_TENSORS, 4);
    struct flat_vector ops = flat_vector(&f, graph, GRAPH_OPS, 4);
    if (f.bad || tensors.count < 1 || tensors.count > TFLITE_MAX_TENSORS || ops.count < 1 ||
        ops.count > TFLITE_MAX_TENSORS)
        return damaged(err, "it has no tensors or operations, or too many");

    m.tensors = calloc(tensors.count, sizeof(*m.tensors));
    m.ops = calloc(ops.count, sizeof(*m.ops));
    if (!m.tensors || !m.ops) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a model of %u operations", ops.count);
        goto done;
    }
    m.tensor_count = (int)tensors.count;
    m.op_count = (int)ops.count;
    for (uint32_t i = 0; i < tensors.count; i++)
        TRY(read_tensor(&m.tensors[i], &f, flat_table_at(&f, tensors, i), buffers, err));
    for (uint32_t i = 0; i < ops.count; i++)
        TRY(read_op(&m.ops[i], &m, &f, flat_table_at(&f, ops, i), codes, err));
    TRY(read_indices(m.inputs, &m.input_count, &m, &f, flat_vector(&f, graph, GRAPH_INPUTS, 4),
                     err));
    TRY(read_indices(m.outputs, &m.output_count, &m, &f, flat_vector(&f, graph, GRAPH_OUTPUTS, 4),
                     err));
    if (m.input_count < 1 || m.output_count < 1) {
        s = damaged(err, "it has no input or no output");
        goto done;
    }
    *out = m;
    m = (struct tflite){0};
done:
    tflite_fini(&m);
    return s;
}

void tflite_fini(struct tflite *m)
{
    free(m->tensors);
    free(m->ops);
    *m = (struct tflite){0};
}
