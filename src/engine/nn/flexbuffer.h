/* flexbuffer.h - reads the options of a custom operation: a FlexBuffer map of numbers.
 *
 * What:    a map from words to integers, floats and vectors of integers; other kinds are refused.
 * Format:  read from the end. Last byte: width of the root's slot; before it: the root's kind; before
 *          that the slot. A kind is one byte, type << 2 | log2 of the width of what it points to.
 *          Whatever does not fit a slot is reached by a distance back. A map (type 9) at p has its
 *          count at p - w, the width of its keys' vector at p - 2w and the distance back to that
 *          vector at p - 3w; its values begin at p, w bytes each, and their kinds follow them. Keys
 *          are distances back to words that end in 0.
 * Errors:  a damaged map is empty, a damaged value is not there: each getter says false.
 * Owns:    nothing; the bytes are borrowed. Threads: pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flexbuffer {
    const uint8_t *bytes;
    size_t size_bytes;
};

bool flex_int(const struct flexbuffer *, const char *key, int *out);
bool flex_float(const struct flexbuffer *, const char *key, float *out);
/* A vector of integers; false also if it has more than `max` of them. */
bool flex_ints(const struct flexbuffer *, const char *key, int *out, int max, int *count);
