#include "engine/nn/flatbuffer.h"

static bool inside(struct flatbuffer *f, size_t at, size_t n)
{
    if (at <= f->size_bytes && n <= f->size_bytes - at)
        return true;
    f->bad = true;
    return false;
}

uint64_t flat_number(struct flatbuffer *f, size_t at, int width)
{
    uint64_t n = 0;
    if (inside(f, at, (size_t)width))
        for (int i = width - 1; i >= 0; i--)
            n = n << 8 | f->bytes[at + (size_t)i];
    return n;
}

/* Where the distance stored at `at` leads. */
static size_t follow(struct flatbuffer *f, size_t at)
{
    size_t to = at + (size_t)flat_number(f, at, 4);
    if (to == at || !inside(f, to, 4)) {
        f->bad = true;
        return 0;
    }
    return to;
}

size_t flat_root(struct flatbuffer *f) { return follow(f, 0); }

size_t flat_field(struct flatbuffer *f, size_t table, int field, size_t field_bytes)
{
    if (table == 0)
        return 0;
    int64_t vtable = (int64_t)table - (int32_t)flat_number(f, table, 4);
    if (vtable < 0) {
        f->bad = true;
        return 0;
    }
    size_t vtable_bytes = (size_t)flat_number(f, (size_t)vtable, 2);
    size_t table_bytes = (size_t)flat_number(f, (size_t)vtable + 2, 2);
    if (vtable_bytes < 4 || !inside(f, (size_t)vtable, vtable_bytes) ||
        !inside(f, table, table_bytes)) {
        f->bad = true;
        return 0;
    }
    size_t slot = 4 + 2 * (size_t)field;
    if (slot + 2 > vtable_bytes)
        return 0; /* written before the field was invented */
    size_t place = (size_t)flat_number(f, (size_t)vtable + slot, 2);
    if (place == 0)
        return 0;
    if (place < 4 || place + field_bytes > table_bytes) {
        f->bad = true;
        return 0;
    }
    return table + place;
}

int32_t flat_i32(struct flatbuffer *f, size_t table, int field, int32_t otherwise)
{
    size_t at = flat_field(f, table, field, 4);
    return at ? (int32_t)flat_number(f, at, 4) : otherwise;
}

int flat_i8(struct flatbuffer *f, size_t table, int field, int otherwise)
{
    size_t at = flat_field(f, table, field, 1);
    return at ? (int)(int8_t)flat_number(f, at, 1) : otherwise;
}

size_t flat_table(struct flatbuffer *f, size_t table, int field)
{
    size_t at = flat_field(f, table, field, 4);
    return at ? follow(f, at) : 0;
}

struct flat_vector flat_vector(struct flatbuffer *f, size_t table, int field, size_t element_bytes)
{
    size_t at = flat_table(f, table, field);
    if (at == 0)
        return (struct flat_vector){0};
    uint32_t count = (uint32_t)flat_number(f, at, 4);
    if (count > f->size_bytes / element_bytes || !inside(f, at + 4, count * element_bytes)) {
        f->bad = true;
        return (struct flat_vector){0};
    }
    return (struct flat_vector){.at = at + 4, .count = count};
}

int32_t flat_i32_at(struct flatbuffer *f, struct flat_vector v, uint32_t index)
{
    return (int32_t)flat_number(f, v.at + 4 * (size_t)index, 4);
}

size_t flat_table_at(struct flatbuffer *f, struct flat_vector v, uint32_t index)
{
    return follow(f, v.at + 4 * (size_t)index);
}
