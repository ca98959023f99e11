#include "engine/nn/flexbuffer.h"

#include <limits.h>
#include <string.h>

#include "engine/nn/flatbuffer.h"

enum { /* types, as the format numbers them */
       FLEX_INT = 1,
       FLEX_UINT = 2,
       FLEX_FLOAT = 3,
       FLEX_MAP = 9,
       FLEX_INTS = 11,
       FLEX_UINTS = 12,
};

struct value {
    size_t at;      /* of its slot; 0 if it is not there */
    int slot_width; /* bytes */
    int type;
    int width; /* bytes of what the slot points to */
};

static struct value value_at(size_t at, int slot_width, uint8_t kind)
{
    return (struct value){at, slot_width, kind >> 2, 1 << (kind & 3)};
}

static size_t back(struct flatbuffer *f, size_t at, int width)
{
    uint64_t distance = flat_number(f, at, width);
    if (distance > at) {
        f->bad = true;
        return 0;
    }
    return at - (size_t)distance;
}

/* The count that stands before a vector or map; at least `width` bytes a piece fit in the file. */
static size_t count_before(struct flatbuffer *f, size_t at, int width)
{
    uint64_t n = at < (size_t)width ? 0 : flat_number(f, at - (size_t)width, width);
    if (n > (f->size_bytes - at) / (size_t)width)
        f->bad = true;
    return f->bad ? 0 : (size_t)n;
}

static struct value find(struct flatbuffer *f, const char *key)
{
    size_t end = f->size_bytes;
    int root_width = end ? f->bytes[end - 1] : 0;
    if ((root_width != 1 && root_width != 2 && root_width != 4) || end < 2 + (size_t)root_width)
        return (struct value){0};
    struct value root = value_at(end - 2 - (size_t)root_width, root_width, f->bytes[end - 2]);
    if (root.type != FLEX_MAP)
        return (struct value){0};

    size_t map = back(f, root.at, root.slot_width), w = (size_t)root.width;
    if (f->bad || map < 3 * w)
        return (struct value){0};
    size_t n = count_before(f, map, root.width);
    uint64_t key_width = flat_number(f, map - 2 * w, root.width);
    size_t keys = back(f, map - 3 * w, root.width);
    if (f->bad || key_width < 1 || key_width > 4)
        return (struct value){0};

    size_t key_bytes = strlen(key) + 1;
    for (size_t i = 0; i < n; i++) {
        size_t word = back(f, keys + i * (size_t)key_width, (int)key_width);
        if (f->bad)
            break;
        if (key_bytes <= f->size_bytes - word && memcmp(f->bytes + word, key, key_bytes) == 0) {
            uint8_t kind = (uint8_t)flat_number(f, map + n * w + i, 1);
            return value_at(map + i * w, root.width, kind);
        }
    }
    return (struct value){0};
}

static bool to_int(struct flatbuffer *f, size_t at, int width, bool is_signed, int *out)
{
    uint64_t n = flat_number(f, at, width);
    if (is_signed && width < 8 && n >> (8 * width - 1))
        n |= ~UINT64_C(0) << (8 * width);
    if (f->bad || (int64_t)n < INT_MIN || (int64_t)n > INT_MAX)
        return false;
    *out = (int)(int64_t)n;
    return true;
}

bool flex_int(const struct flexbuffer *b, const char *key, int *out)
{
    struct flatbuffer f = {.bytes = b->bytes, .size_bytes = b->size_bytes};
    struct value v = find(&f, key);
    return v.at && (v.type == FLEX_INT || v.type == FLEX_UINT) &&
           to_int(&f, v.at, v.slot_width, v.type == FLEX_INT, out);
}

bool flex_float(const struct flexbuffer *b, const char *key, float *out)
{
    struct flatbuffer f = {.bytes = b->bytes, .size_bytes = b->size_bytes};
    struct value v = find(&f, key);
    if (!v.at || v.type != FLEX_FLOAT || v.slot_width != 4)
        return false;
    uint32_t bits = (uint32_t)flat_number(&f, v.at, 4);
    memcpy(out, &bits, sizeof(*out));
    return !f.bad;
}

bool flex_ints(const struct flexbuffer *b, const char *key, int *out, int max, int *count)
{
    struct flatbuffer f = {.bytes = b->bytes, .size_bytes = b->size_bytes};
    struct value v = find(&f, key);
    if (!v.at || (v.type != FLEX_INTS && v.type != FLEX_UINTS))
        return false;
    size_t at = back(&f, v.at, v.slot_width);
    size_t n = count_before(&f, at, v.width);
    if (f.bad || n > (size_t)max)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!to_int(&f, at + i * (size_t)v.width, v.width, v.type == FLEX_INTS, &out[i]))
            return false;
    *count = (int)n;
    return true;
}
