/* flatbuffer.h - reads FlatBuffers, the format around a .tflite file, and trusts none of their bytes.
 *
 * What:    a position is an offset from the start of the file; 0 means "not there". A read outside
 *          the file, or an offset that leads outside, sets `bad` and gives 0; so a reader may walk a
 *          whole structure and look at `bad` once, before it uses what it has read.
 * Format:  at 0 the offset of the root table. A table begins with the distance back to its vtable:
 *              +0 u16 bytes of the vtable, +2 u16 bytes of the table, +4 u16 place of field 0, ...
 *          where a place is relative to the table, and 0 means the field has its default. A vector
 *          is a u32 count and its elements; tables, vectors and strings are reached by a u32
 *          distance forward. Little-endian.
 * Owns:    nothing; the bytes are borrowed. Threads: one reader each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flatbuffer {
    const uint8_t *bytes;
    size_t size_bytes;
    bool bad; /* something led outside the file */
};

struct flat_vector {
    size_t at; /* of element 0; 0 if there is no vector */
    uint32_t count;
};

/* `width` bytes (1, 2, 4, 8) at a position, as an unsigned number. */
uint64_t flat_number(struct flatbuffer *, size_t at, int width);

size_t flat_root(struct flatbuffer *);
size_t flat_field(struct flatbuffer *, size_t table, int field, size_t field_bytes);
int32_t flat_i32(struct flatbuffer *, size_t table, int field, int32_t otherwise);
int flat_i8(struct flatbuffer *, size_t table, int field, int otherwise);
size_t flat_table(struct flatbuffer *, size_t table, int field);
struct flat_vector flat_vector(struct flatbuffer *, size_t table, int field, size_t element_bytes);

/* Element of a vector of i32, and of a vector of tables; index must be below count. */
int32_t flat_i32_at(struct flatbuffer *, struct flat_vector, uint32_t index);
size_t flat_table_at(struct flatbuffer *, struct flat_vector, uint32_t index);
