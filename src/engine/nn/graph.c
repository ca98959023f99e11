/* graph.c - from what the file says to a plan: check every shape, pack the weights, place the values. */
#include <stdlib.h>
#include <string.h>

#include "engine/nn/graph_inside.h"

/* Bounds for a hostile file, well above the attention mesh: 43.5 million products, 1.2 million
 * weights, 2.1 MiB of values. */
enum {
    MAX_PRODUCTS = 1 << 29,
    MAX_WEIGHTS = 1 << 23,
    MAX_RUN_FLOATS = 1 << 23,
    MAX_KERNEL = 64,
};

struct builder {
    struct tflite *file; /* DEQUANTIZE makes constants of its outputs here */
    struct graph *graph;
    int64_t products, weights; /* spent so far */
    struct orator_error *err;
    int number; /* of the operation in hand, for the texts */
};

static enum orator_status refuse(const struct builder *b, const struct tflite_op *op,
                                 const char *why)
{
    return orator_fail(b->err, ORATOR_BAD_SETTING, "the model's operation %d (%s%s%s): %s",
                       b->number, tflite_code_name(op->code), *op->custom ? " " : "", op->custom,
                       why);
}

/* ---- constants ---- */

static float half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    if (exponent == 0) { /* zero and denormals: fraction x 2^-24 */
        float f = (float)fraction * 0x1p-24f;
        return sign ? -f : f;
    }
    uint32_t bits = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
    float f;
    memcpy(&f, &bits, sizeof(f));
    return f;
}

static int32_t constant_int(const struct tflite_tensor *t, int i)
{
    const uint8_t *p = t->data + 4 * (size_t)i;
    return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                     (uint32_t)p[3] << 24);
}

static float constant_float(const struct tflite_tensor *t, int i)
{
    if (t->type == TFLITE_F16)
        return half_to_float((uint16_t)(t->data[2 * (size_t)i] | t->data[2 * (size_t)i + 1] << 8));
    int32_t bits = constant_int(t, i);
    float f;
    memcpy(&f, &bits, sizeof(f));
    return f;
}

/* Room for weights, all zero; NULL when memory or the model's allowance is gone. */
static float *weights_new(struct builder *b, int64_t count)
{
    b->weights += count;
    if (b->weights > MAX_WEIGHTS)
        return NULL;
    size_t bytes = ((size_t)count * sizeof(float) + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
    float *w = aligned_alloc(NN_ALIGN, bytes);
    if (w)
        memset(w, 0, bytes);
    return w;
}

static enum orator_status no_room(const struct builder *b)
{
    return orator_fail(b->err, ORATOR_NO_MEMORY, "no memory for the model's weights");
}

/* A constant as floats, filled up with zeros to a multiple of 16. */
static float *floats_new(struct builder *b, const struct tflite_tensor *t)
{
    float *w = weights_new(b, ((int64_t)t->count + NN_OUTPUTS - 1) / NN_OUTPUTS * NN_OUTPUTS);
    for (int i = 0; w && i < t->count; i++)
        w[i] = constant_float(t, i);
    return w;
}

static bool is_constant(const struct builder *b, int tensor, enum tflite_type type)
{
    const struct tflite_tensor *t = &b->file->tensors[tensor];
    return t->data && (type == TFLITE_I32 ? t->type == TFLITE_I32 : t->type != TFLITE_I32);
}

/* ---- windows ---- */

/* Length of the output and the padding in front, along one side; 0: no such window. */
static int slide(int in, int kernel, int stride, bool same, int *pad)
{
    *pad = 0;
    if (kernel < 1 || kernel > MAX_KERNEL || stride < 1 || stride > MAX_KERNEL)
        return 0;
    if (!same)
        return in < kernel ? 0 : (in - kernel) / stride + 1;
    int out = (in - 1) / stride + 1, total = (out - 1) * stride + kernel - in;
    *pad = total > 0 ? total / 2 : 0; /* the larger half lies below and to the right */
    return out;
}

static bool window_fits(struct op *op, const struct tflite_op *in, const struct value *x,
                        const struct value *y, int kernel_h, int kernel_w)
{
    struct nn_window *v = &op->window;
    *v = (struct nn_window){.in_h = x->dim[1],
                            .in_w = x->dim[2],
                            .channels = x->dim[3],
                            .kernel_h = kernel_h,
                            .kernel_w = kernel_w,
                            .stride_h = in->stride_h,
                            .stride_w = in->stride_w};
    v->out_h = slide(v->in_h, kernel_h, v->stride_h, in->same, &v->pad_top);
    v->out_w = slide(v->in_w, kernel_w, v->stride_w, in->same, &v->pad_left);
    return v->out_h > 0 && v->out_w > 0 && x->dim[0] == 1 && y->dim[0] == 1 &&
           y->dim[1] == v->out_h && y->dim[2] == v->out_w;
}

/* ---- one function for each kind of operation ---- */

typedef enum orator_status build_function(struct builder *b, struct op *op,
                                          const struct tflite_op *in);

static const struct value *value_x(const struct builder *b, const struct op *op, int i)
{
    return &b->graph->values[op->x[i]];
}

static const struct value *value_y(const struct builder *b, const struct op *op)
{
    return &b->graph->values[op->y];
}

static enum orator_status build_conv(struct builder *b, struct op *op, const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0), *y = value_y(b, op);
    if (in->in_count != 3 || !is_constant(b, in->in[1], TFLITE_F32) ||
        !is_constant(b, in->in[2], TFLITE_F32))
        return refuse(b, in, "its weights and bias must be constants");
    const struct tflite_tensor *w =
        &b->file->tensors[in->in[1]]; /* outputs x rows x columns x inputs */
    const struct tflite_tensor *bias = &b->file->tensors[in->in[2]];
    int n_out = w->dim[0];
    if (w->rank != 4 || w->dim[3] != x->dim[3] || y->dim[3] != n_out || bias->count != n_out ||
        !window_fits(op, in, x, y, w->dim[1], w->dim[2]))
        return refuse(b, in, "shapes do not fit");

    int n_in = w->count / n_out;
    b->products += (int64_t)y->count * n_in;
    op->kind = OP_CONV;
    if (n_in != x->dim[3] || in->stride_h != 1 || in->stride_w != 1) {
        size_t row = (size_t)y->dim[2] * (size_t)n_in;
        if (row > TFLITE_MAX_VALUES)
            return refuse(b, in, "its windows are too large");
        if (row > b->graph->gather_floats)
            b->graph->gather_floats = row;
    }

    int blocks = (n_out + NN_OUTPUTS - 1) / NN_OUTPUTS;
    op->weights = weights_new(b, (int64_t)blocks * n_in * NN_OUTPUTS);
    op->bias = floats_new(b, bias);
    if (!op->weights || !op->bias)
        return no_room(b);
    for (int o = 0; o < n_out; o++)
        for (int i = 0; i < n_in; i++)
            op->weights[((size_t)(o / NN_OUTPUTS) * n_in + i) * NN_OUTPUTS + o % NN_OUTPUTS] =
                constant_float(w, o * n_in + i);
    return ORATOR_OK;
}

static enum orator_status build_depthwise(struct builder *b, struct op *op,
                                          const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0), *y = value_y(b, op);
    if (in->in_count != 3 || !is_constant(b, in->in[1], TFLITE_F32) ||
        !is_constant(b, in->in[2], TFLITE_F32))
        return refuse(b, in, "its weights and bias must be constants");
    const struct tflite_tensor *w =
        &b->file->tensors[in->in[1]]; /* 1 x rows x columns x channels */
    const struct tflite_tensor *bias = &b->file->tensors[in->in[2]];
    if (w->rank != 4 || w->dim[0] != 1 || w->dim[3] != x->dim[3] || y->dim[3] != x->dim[3] ||
        bias->count != x->dim[3] || !window_fits(op, in, x, y, w->dim[1], w->dim[2]))
        return refuse(b, in, "shapes do not fit");

    op->kind = OP_DEPTHWISE;
    b->products += (int64_t)y->count * w->dim[1] * w->dim[2];
    op->weights = floats_new(b, w);
    op->bias = floats_new(b, bias);
    return op->weights && op->bias ? ORATOR_OK : no_room(b);
}

static enum orator_status build_max_pool(struct builder *b, struct op *op,
                                         const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0), *y = value_y(b, op);
    if (y->dim[3] != x->dim[3] || !window_fits(op, in, x, y, in->kernel_h, in->kernel_w))
        return refuse(b, in, "shapes do not fit");
    op->kind = OP_MAXPOOL;
    b->products += (int64_t)y->count * in->kernel_h * in->kernel_w;
    return ORATOR_OK;
}

static enum orator_status build_add(struct builder *b, struct op *op, const struct tflite_op *in)
{
    if (op->x_count != 2 || value_x(b, op, 0)->count != value_y(b, op)->count ||
        value_x(b, op, 1)->count != value_y(b, op)->count)
        return refuse(b, in, "it must add two values of one shape");
    op->kind = OP_ADD;
    return ORATOR_OK;
}

static enum orator_status build_mul(struct builder *b, struct op *op, const struct tflite_op *in)
{
    const struct value *y = value_y(b, op);
    if (in->in_count != 2 || !is_constant(b, in->in[1], TFLITE_F32))
        return refuse(b, in, "its second factor must be a constant");
    const struct tflite_tensor *w = &b->file->tensors[in->in[1]];
    if (value_x(b, op, 0)->count != y->count || (w->count != 1 && w->count != y->count))
        return refuse(b, in, "shapes do not fit");
    op->kind = OP_MUL;
    op->weights = weights_new(b, y->count);
    if (!op->weights)
        return no_room(b);
    for (int i = 0; i < y->count; i++)
        op->weights[i] = constant_float(w, w->count == 1 ? 0 : i);
    return ORATOR_OK;
}

static enum orator_status build_prelu(struct builder *b, struct op *op, const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0);
    if (in->in_count != 2 || !is_constant(b, in->in[1], TFLITE_F32))
        return refuse(b, in, "its slopes must be constants");
    const struct tflite_tensor *slope = &b->file->tensors[in->in[1]];
    if (slope->count != x->dim[3] || value_y(b, op)->count != x->count)
        return refuse(b, in, "shapes do not fit");
    op->kind = OP_PRELU;
    op->weights = floats_new(b, slope);
    return op->weights ? ORATOR_OK : no_room(b);
}

static enum orator_status build_relu(struct builder *b, struct op *op, const struct tflite_op *in)
{
    op->kind = OP_RELU;
    return value_x(b, op, 0)->count == value_y(b, op)->count ? ORATOR_OK
                                                             : refuse(b, in, "shapes do not fit");
}

static enum orator_status build_reshape(struct builder *b, struct op *op,
                                        const struct tflite_op *in)
{
    op->kind = OP_COPY; /* the new shape is the output's own */
    return value_x(b, op, 0)->count == value_y(b, op)->count ? ORATOR_OK
                                                             : refuse(b, in, "shapes do not fit");
}

static enum orator_status build_pad(struct builder *b, struct op *op, const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0), *y = value_y(b, op);
    if (in->in_count != 2 || !is_constant(b, in->in[1], TFLITE_I32))
        return refuse(b, in, "its margins must be constants");
    const struct tflite_tensor *margins = &b->file->tensors[in->in[1]];
    if (margins->count != 2 * TFLITE_MAX_RANK ||
        b->file->tensors[in->in[0]].rank != TFLITE_MAX_RANK)
        return refuse(b, in, "it must have four dimensions");
    for (int i = 0; i < TFLITE_MAX_RANK; i++) {
        int before = constant_int(margins, 2 * i), after = constant_int(margins, 2 * i + 1);
        if (before < 0 || after < 0 || (int64_t)x->dim[i] + before + after != y->dim[i])
            return refuse(b, in, "shapes do not fit");
        op->from[i] = before;
    }
    op->kind = OP_PAD;
    return ORATOR_OK;
}

static enum orator_status build_concat(struct builder *b, struct op *op, const struct tflite_op *in)
{
    const struct value *y = value_y(b, op);
    int rank = b->file->tensors[op->y].rank, axis = in->axis < 0 ? in->axis + rank : in->axis;
    if (axis < 0 || axis >= rank || op->x_count != in->in_count)
        return refuse(b, in, "its axis or an input is not there");
    op->kind = OP_CONCAT;
    op->axis = axis + TFLITE_MAX_RANK - rank;
    int64_t along = 0;
    for (int i = 0; i < op->x_count; i++) {
        for (int k = 0; k < TFLITE_MAX_RANK; k++)
            if (k != op->axis && value_x(b, op, i)->dim[k] != y->dim[k])
                return refuse(b, in, "shapes do not fit");
        along += value_x(b, op, i)->dim[op->axis];
    }
    return along == y->dim[op->axis] ? ORATOR_OK : refuse(b, in, "shapes do not fit");
}

static enum orator_status build_slice(struct builder *b, struct op *op, const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0), *y = value_y(b, op);
    if (in->in_count != 4)
        return refuse(b, in, "it must say begin, end and step");
    for (int i = 1; i < 4; i++) {
        if (!is_constant(b, in->in[i], TFLITE_I32) ||
            b->file->tensors[in->in[i]].count != TFLITE_MAX_RANK ||
            b->file->tensors[in->in[0]].rank != TFLITE_MAX_RANK)
            return refuse(b, in, "begin, end and step must be four constants each");
    }
    for (int i = 0; i < TFLITE_MAX_RANK; i++) {
        int begin = constant_int(&b->file->tensors[in->in[1]], i);
        int end = constant_int(&b->file->tensors[in->in[2]], i);
        int step = constant_int(&b->file->tensors[in->in[3]], i);
        begin = in->begin_mask >> i & 1 ? 0 : begin;
        end = in->end_mask >> i & 1 ? x->dim[i] : end;
        if (step != 1 || begin < 0 || end > x->dim[i] || end <= begin || end - begin != y->dim[i])
            return refuse(b, in, "shapes do not fit");
        op->from[i] = begin;
    }
    op->kind = OP_SLICE;
    return ORATOR_OK;
}

/* ---- the custom operations ---- */

static enum orator_status build_region_matrix(struct builder *b, struct op *op,
                                              const struct tflite_op *in)
{
    const struct flexbuffer *o = &in->custom_options;
    struct region *r = &op->region;
    int landmarks = value_x(b, op, 0)->dim[3] == 3 ? value_x(b, op, 0)->count / 3 : 0;
    op->kind = OP_REGION_MATRIX;
    r->points = calloc(REGION_MAX_POINTS, sizeof(*r->points));
    if (!r->points)
        return no_room(b);
    if (value_y(b, op)->count != 16 ||
        !flex_ints(o, "subset_idxs", r->points, REGION_MAX_POINTS, &r->point_count) ||
        !flex_int(o, "left_rotation_idx", &r->left) ||
        !flex_int(o, "right_rotation_idx", &r->right) ||
        !flex_float(o, "target_rotation_radians", &r->target_rad) ||
        !flex_int(o, "output_height", &r->out_h) || !flex_int(o, "output_width", &r->out_w) ||
        !flex_float(o, "scale_x", &r->scale_x) || !flex_float(o, "scale_y", &r->scale_y))
        return refuse(b, in, "its options are not what version 2 has");
    bool there = r->out_h > 0 && r->out_w > 0 && r->point_count > 0 && r->left >= 0 &&
                 r->left < landmarks && r->right >= 0 && r->right < landmarks;
    for (int i = 0; i < r->point_count; i++)
        there = there && r->points[i] >= 0 && r->points[i] < landmarks;
    return there ? ORATOR_OK : refuse(b, in, "it names landmarks that are not there");
}

static enum orator_status build_region_sample(struct builder *b, struct op *op,
                                              const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0), *y = value_y(b, op);
    op->kind = OP_REGION_SAMPLE;
    return op->x_count == 2 && value_x(b, op, 1)->count == 16 && x->dim[0] == 1 && y->dim[0] == 1 &&
                   x->dim[3] == y->dim[3]
               ? ORATOR_OK
               : refuse(b, in, "shapes do not fit");
}

static enum orator_status build_region_points(struct builder *b, struct op *op,
                                              const struct tflite_op *in)
{
    const struct value *x = value_x(b, op, 0);
    op->kind = OP_REGION_POINTS;
    return op->x_count == 2 && value_x(b, op, 1)->count == 16 && x->dim[3] >= 2 &&
                   x->count == value_y(b, op)->count
               ? ORATOR_OK
               : refuse(b, in, "shapes do not fit");
}

static enum orator_status build_custom(struct builder *b, struct op *op, const struct tflite_op *in)
{
    static const struct {
        const char *name;
        build_function *build;
    } known[] = {
        {"Landmarks2TransformMatrix", build_region_matrix},
        {"TransformTensorBilinear", build_region_sample},
        {"TransformLandmarks", build_region_points},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(in->custom, known[i].name) == 0 && in->version == 2)
            return known[i].build(b, op, in);
    return refuse(b, in, "we have no such custom operation");
}

static build_function *const builders[] = {
    [TFLITE_ADD] = build_add,
    [TFLITE_CONCATENATION] = build_concat,
    [TFLITE_CONV] = build_conv,
    [TFLITE_DEPTHWISE] = build_depthwise,
    [TFLITE_MAX_POOL] = build_max_pool,
    [TFLITE_MUL] = build_mul,
    [TFLITE_RELU] = build_relu,
    [TFLITE_RESHAPE] = build_reshape,
    [TFLITE_CUSTOM] = build_custom,
    [TFLITE_PAD] = build_pad,
    [TFLITE_STRIDED_SLICE] = build_slice,
    [TFLITE_PRELU] = build_prelu,
};
enum { BUILDER_COUNT = sizeof(builders) / sizeof(builders[0]) };

/* Takes the tensor in as a value that `number` writes. */
static bool value_born(struct graph *g, const struct tflite *file, int tensor, int number)
{
    const struct tflite_tensor *t = &file->tensors[tensor];
    struct value *v = &g->values[tensor];
    if (v->count || t->data || t->type != TFLITE_F32)
        return false; /* written twice, a constant, or not of floats */
    int ones = TFLITE_MAX_RANK - t->rank;
    for (int i = 0; i < TFLITE_MAX_RANK; i++)
        v->dim[i] = i < ones ? 1 : t->dim[i - ones];
    v->count = t->count;
    v->born = v->last = number;
    return true;
}

static enum orator_status build_op(struct builder *b, const struct tflite_op *in)
{
    struct graph *g = b->graph;
    const struct tflite_tensor *first = &b->file->tensors[in->in[0]];
    struct tflite_tensor *result = &b->file->tensors[in->out];

    if (in->code == TFLITE_DEQUANTIZE && first->data && first->type == TFLITE_F16) {
        if (result->data || result->count != first->count || g->values[in->out].count)
            return refuse(b, in, "shapes do not fit");
        result->data =
            first->data; /* a constant from now on; it will be widened where it is used */
        result->type = TFLITE_F16;
        return ORATOR_OK;
    }
    if (in->code < 0 || in->code >= BUILDER_COUNT || !builders[in->code] || in->extras)
        return refuse(b, in, "we do not have it, or not with these options");

    struct op *op = &g->ops[g->op_count++];
    for (int i = 0; i < in->in_count; i++) {
        struct value *x = &g->values[in->in[i]];
        if (x->count) {
            op->x[op->x_count++] = in->in[i];
            x->last = g->op_count - 1;
        } else if (!b->file->tensors[in->in[i]].data || i == 0) {
            return refuse(b, in, "an input is not computed before it");
        }
    }
    op->y = in->out;
    if (!value_born(g, b->file, in->out, g->op_count - 1))
        return refuse(b, in, "its output is not new");
    b->products += result->count; /* even a copy costs something */
    enum orator_status s = builders[in->code](b, op, in);
    if (s == ORATOR_OK && b->products > MAX_PRODUCTS)
        return refuse(b, in, "the model asks for too many multiplications");
    return s;
}

/* ---- where each value lives ---- */

static size_t room_of(const struct value *v)
{
    return ((size_t)v->count + NN_OUTPUTS - 1) / NN_OUTPUTS * NN_OUTPUTS; /* keeps them aligned */
}

/* Puts one value into the lowest gap between the living ones, which are sorted by offset. */
static void place(struct graph *g, int *living, int *living_count, int which)
{
    struct value *v = &g->values[which];
    size_t at = 0;
    int i = 0;
    for (; i < *living_count; i++) {
        const struct value *other = &g->values[living[i]];
        if (other->offset - at >= room_of(v))
            break;
        at = other->offset + room_of(other);
    }
    memmove(&living[i + 1], &living[i], sizeof(*living) * (size_t)(*living_count - i));
    living[i] = which;
    (*living_count)++;
    v->offset = at;
    if (at + room_of(v) > g->run_floats)
        g->run_floats = at + room_of(v);
}

static enum orator_status plan(struct graph *g, struct orator_error *err)
{
    int *living = calloc((size_t)g->value_count, sizeof(*living)), living_count = 0;
    if (!living)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to plan a model");
    for (int i = 0; i < g->output_count; i++)
        g->values[g->outputs[i]].last = g->op_count; /* for the caller to read */
    for (int i = 0; i < g->input_count; i++)
        place(g, living, &living_count, g->inputs[i]);
    for (int number = 0; number < g->op_count; number++) {
        int kept = 0;
        for (int i = 0; i < living_count; i++)
            if (g->values[living[i]].last >= number)
                living[kept++] = living[i];
        living_count = kept;
        place(g, living, &living_count, g->ops[number].y);
    }
    free(living);
    if (g->run_floats + g->gather_floats > MAX_RUN_FLOATS)
        return orator_fail(err, ORATOR_BAD_SETTING,
                           "the model needs %zu MiB to run, at most %d are allowed",
                           (g->run_floats + g->gather_floats) >> 18, MAX_RUN_FLOATS >> 18);
    return ORATOR_OK;
}

static enum orator_status build(struct graph *g, struct tflite *file, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct builder b = {.file = file, .graph = g, .err = err};
    g->values = calloc((size_t)file->tensor_count, sizeof(*g->values));
    g->ops = calloc((size_t)file->op_count, sizeof(*g->ops));
    if (!g->values || !g->ops)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a model");
    g->value_count = file->tensor_count;

    for (int i = 0; i < file->input_count; i++) {
        if (!value_born(g, file, file->inputs[i], -1))
            return orator_fail(err, ORATOR_BAD_SETTING, "the model's input %d is not one", i);
        g->inputs[g->input_count++] = file->inputs[i];
    }
    for (b.number = 0; b.number < file->op_count; b.number++)
        TRY(build_op(&b, &file->ops[b.number]));
    for (int i = 0; i < file->output_count; i++) {
        if (!g->values[file->outputs[i]].count)
            return orator_fail(err, ORATOR_BAD_SETTING, "the model's output %d is not computed", i);
        g->outputs[g->output_count++] = file->outputs[i];
    }
    TRY(plan(g, err));
done:
    return s;
}

enum orator_status graph_parse(struct graph **out, const void *bytes, size_t size, enum dsp_isa max,
                               struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct tflite file = {0};
    struct graph *g = NULL;
    *out = NULL;
    TRY(tflite_parse(&file, bytes, size, err));
    g = calloc(1, sizeof(*g));
    if (!g) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a model");
        goto done;
    }
    nn_dsp_init(&g->dsp, max);
    TRY(build(g, &file, err));
    *out = g;
    g = NULL;
done:
    graph_free(&g);
    tflite_fini(&file);
    return s;
}

void graph_free(struct graph **graph)
{
    struct graph *g = *graph;
    if (!g)
        return;
    for (int i = 0; i < g->op_count; i++) {
        free(g->ops[i].weights);
        free(g->ops[i].bias);
        free(g->ops[i].region.points);
    }
    free(g->ops);
    free(g->values);
    free(g);
    *graph = NULL;
}

int graph_input_count(const struct graph *g) { return g->input_count; }
int graph_output_count(const struct graph *g) { return g->output_count; }
int graph_input_size(const struct graph *g, int i) { return g->values[g->inputs[i]].count; }
int graph_output_size(const struct graph *g, int i) { return g->values[g->outputs[i]].count; }
