/* tiny_model.h - writes small .tflite files, so that the reader is tested without anyone's model.
 *
 * Tables are written first and point forward to what follows; every field has a slot of four bytes.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TINY_BYTES = 1 << 16, TINY_LIST = 64, TINY_INPUTS = 4 };

struct tiny_tensor {
    int type, rank, dim[4];
    const void *data; /* NULL: computed */
    size_t data_bytes;
};

struct tiny_op {
    int code, in[TINY_INPUTS], in_count, out;
    int options[8], option_count; /* in the schema's order */
    const char *custom;           /* name, version 2 */
    const uint8_t *custom_options;
    size_t custom_bytes;
};

struct tiny_model {
    struct tiny_tensor tensor[TINY_LIST];
    struct tiny_op op[TINY_LIST];
    int tensor_count, op_count, input[TINY_INPUTS], input_count, output;
    uint8_t bytes[TINY_BYTES]; /* what tiny_write() made */
    size_t size;
};

static inline int tiny_tensor(struct tiny_model *m, int type, int d0, int d1, int d2, int d3,
                              const void *data, size_t bytes)
{
    assert(m->tensor_count < TINY_LIST);
    m->tensor[m->tensor_count] = (struct tiny_tensor){type, 4, {d0, d1, d2, d3}, data, bytes};
    return m->tensor_count++;
}

static inline struct tiny_op *tiny_op(struct tiny_model *m, int code, int a, int b, int c, int out)
{
    assert(m->op_count < TINY_LIST);
    struct tiny_op *op = &m->op[m->op_count++];
    *op = (struct tiny_op){.code = code, .in = {a, b, c}, .out = out};
    op->in_count = c >= 0 ? 3 : b >= 0 ? 2 : 1;
    return op;
}

/* ---- writing ---- */

static inline void tiny_set(struct tiny_model *m, size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        m->bytes[at + (size_t)i] = (uint8_t)(v >> 8 * i);
}

static inline size_t tiny_add(struct tiny_model *m, uint32_t v)
{
    assert(m->size + 4 <= TINY_BYTES);
    m->size += 4;
    tiny_set(m, m->size - 4, v);
    return m->size - 4;
}

/* Makes the slot lead to what comes next. */
static inline void tiny_here(struct tiny_model *m, size_t slot)
{
    tiny_set(m, slot, (uint32_t)(m->size - slot));
}

/* A table of `fields`; those whose bit is clear in `present` have their defaults. */
static inline size_t tiny_table(struct tiny_model *m, int fields, uint32_t present)
{
    size_t vtable = m->size;
    assert(vtable + 4 + 6 * (size_t)fields + 8 <= TINY_BYTES);
    uint32_t head = (uint32_t)(4 + 2 * fields) | (uint32_t)(4 + 4 * fields) << 16;
    tiny_add(m, head);
    for (int i = 0; i < fields; i++) {
        int place = present >> i & 1 ? 4 + 4 * i : 0;
        m->bytes[m->size++] = (uint8_t)place;
        m->bytes[m->size++] = 0;
    }
    while (m->size % 4)
        m->bytes[m->size++] = 0;
    size_t table = tiny_add(m, (uint32_t)(m->size - vtable));
    for (int i = 0; i < fields; i++)
        tiny_add(m, 0);
    return table;
}

static inline size_t tiny_slot(size_t table, int field) { return table + 4 + 4 * (size_t)field; }

static inline void tiny_ints(struct tiny_model *m, size_t slot, const int *v, int count)
{
    tiny_here(m, slot);
    tiny_add(m, (uint32_t)count);
    for (int i = 0; i < count; i++)
        tiny_add(m, (uint32_t)v[i]);
}

static inline void tiny_bytes(struct tiny_model *m, size_t slot, const void *data, size_t n)
{
    tiny_here(m, slot);
    tiny_add(m, (uint32_t)n);
    assert(m->size + n + 4 <= TINY_BYTES);
    if (n)
        memcpy(m->bytes + m->size, data, n);
    m->size += n;
    while (m->size % 4)
        m->bytes[m->size++] = 0;
}

/* A vector of `count` offsets; they are filled in by tiny_here(). Returns the first slot. */
static inline size_t tiny_offsets(struct tiny_model *m, size_t slot, int count)
{
    tiny_here(m, slot);
    tiny_add(m, (uint32_t)count);
    size_t first = m->size;
    for (int i = 0; i < count; i++)
        tiny_add(m, 0);
    return first;
}

static inline size_t tiny_child(struct tiny_model *m, size_t slot, int fields, uint32_t present)
{
    size_t table = tiny_table(m, fields, present); /* its vtable lies before it */
    tiny_set(m, slot, (uint32_t)(table - slot));
    return table;
}

static inline void tiny_write(struct tiny_model *m)
{
    m->size = 0;
    tiny_add(m, 0);
    memcpy(m->bytes + 4, "TFL3", 4);
    m->size = 8;
    size_t root = tiny_child(m, 0, 5, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4);
    tiny_set(m, tiny_slot(root, 0), 3);

    size_t codes = tiny_offsets(m, tiny_slot(root, 1), m->op_count); /* one for each operation */
    for (int i = 0; i < m->op_count; i++) {
        const struct tiny_op *op = &m->op[i];
        size_t t = tiny_child(m, codes + 4 * (size_t)i, 4, op->custom ? 15 : 13);
        tiny_set(m, tiny_slot(t, 0), (uint32_t)op->code);
        tiny_set(m, tiny_slot(t, 2), op->custom ? 2 : 1);
        tiny_set(m, tiny_slot(t, 3), (uint32_t)op->code);
        if (op->custom)
            tiny_bytes(m, tiny_slot(t, 1), op->custom, strlen(op->custom));
    }

    size_t buffers = tiny_offsets(m, tiny_slot(root, 4), m->tensor_count); /* one for each tensor */
    for (int i = 0; i < m->tensor_count; i++) {
        const struct tiny_tensor *x = &m->tensor[i];
        size_t t = tiny_child(m, buffers + 4 * (size_t)i, 1, x->data ? 1 : 0);
        if (x->data)
            tiny_bytes(m, tiny_slot(t, 0), x->data, x->data_bytes);
    }

    size_t graphs = tiny_offsets(m, tiny_slot(root, 2), 1);
    size_t graph = tiny_child(m, graphs, 4, 15);
    size_t tensors = tiny_offsets(m, tiny_slot(graph, 0), m->tensor_count);
    for (int i = 0; i < m->tensor_count; i++) {
        const struct tiny_tensor *x = &m->tensor[i];
        size_t t = tiny_child(m, tensors + 4 * (size_t)i, 3, 7);
        tiny_set(m, tiny_slot(t, 1), (uint32_t)x->type);
        tiny_set(m, tiny_slot(t, 2), (uint32_t)i);
        tiny_ints(m, tiny_slot(t, 0), x->dim, x->rank);
    }
    tiny_ints(m, tiny_slot(graph, 1), m->input, m->input_count);
    tiny_ints(m, tiny_slot(graph, 2), &m->output, 1);
    size_t ops = tiny_offsets(m, tiny_slot(graph, 3), m->op_count);
    for (int i = 0; i < m->op_count; i++) {
        const struct tiny_op *op = &m->op[i];
        uint32_t present = 7u | (op->option_count ? 1u << 4 : 0) | (op->custom_bytes ? 1u << 5 : 0);
        size_t t = tiny_child(m, ops + 4 * (size_t)i, 6, present);
        tiny_set(m, tiny_slot(t, 0), (uint32_t)i);
        tiny_ints(m, tiny_slot(t, 1), op->in, op->in_count);
        tiny_ints(m, tiny_slot(t, 2), &op->out, 1);
        if (op->option_count) {
            size_t o = tiny_child(m, tiny_slot(t, 4), op->option_count, 0xff);
            for (int k = 0; k < op->option_count; k++)
                tiny_set(m, tiny_slot(o, k), (uint32_t)op->options[k]);
        }
        if (op->custom_bytes)
            tiny_bytes(m, tiny_slot(t, 5), op->custom_options, op->custom_bytes);
    }
}

/* ---- a FlexBuffer map for custom options; every slot has four bytes ---- */

struct tiny_flex {
    uint8_t bytes[1024];
    size_t size;
};

struct tiny_option {
    const char *key;
    int kind; /* 1 int, 3 float, 11 vector of ints */
    union {
        int i;
        float f;
        const int *list;
    };
    int list_count;
};

static inline void tiny_flex_add(struct tiny_flex *f, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        f->bytes[f->size++] = (uint8_t)(v >> 8 * i);
}

static inline void tiny_flex_back(struct tiny_flex *f, size_t to)
{
    tiny_flex_add(f, (uint32_t)(f->size - to));
}

static inline void tiny_flex_map(struct tiny_flex *f, const struct tiny_option *o, int count)
{
    size_t key[16], list[16] = {0};
    f->size = 0;
    for (int i = 0; i < count; i++) {
        key[i] = f->size;
        memcpy(f->bytes + f->size, o[i].key, strlen(o[i].key) + 1);
        f->size += strlen(o[i].key) + 1;
    }
    for (int i = 0; i < count; i++) {
        if (o[i].kind != 11)
            continue;
        tiny_flex_add(f, (uint32_t)o[i].list_count);
        list[i] = f->size;
        for (int k = 0; k < o[i].list_count; k++)
            tiny_flex_add(f, (uint32_t)o[i].list[k]);
    }
    tiny_flex_add(f, (uint32_t)count);
    size_t keys = f->size;
    for (int i = 0; i < count; i++)
        tiny_flex_back(f, key[i]);
    tiny_flex_back(f, keys);
    tiny_flex_add(f, 4);
    tiny_flex_add(f, (uint32_t)count);
    size_t map = f->size;
    for (int i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)o[i].i;
        if (o[i].kind == 3)
            memcpy(&bits, &o[i].f, 4);
        if (o[i].kind == 11)
            tiny_flex_back(f, list[i]);
        else
            tiny_flex_add(f, bits);
    }
    for (int i = 0; i < count; i++)
        f->bytes[f->size++] = (uint8_t)(o[i].kind << 2 | 2);
    tiny_flex_back(f, map);
    f->bytes[f->size++] = 9 << 2 | 2;
    f->bytes[f->size++] = 4;
}
