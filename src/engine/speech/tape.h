/* tape.h - rows of numbers that come at one end and are forgotten at the other.
 *
 * Units:   a row keeps its number for ever: the first ever appended is row 0. Rows [first, end) are here.
 * Owns:    its memory; tape_fini() gives it back. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct tape {
    float *memory; /* owned; rows [first, end), each `width` long */
    int width;
    int64_t first, end, room;
};

void tape_init(struct tape *, int width);
void tape_fini(struct tape *);

/* Makes rows [end, end + count), to be filled; `*at` is the first of them, until the next call. */
ORATOR_MUST_CHECK enum orator_status tape_extend(struct tape *, int64_t count, float **at,
                                                 struct orator_error *err);

/* A row of [first, end). */
float *tape_row(const struct tape *, int64_t row);

/* Rows before `row` will not be asked for again. */
void tape_forget(struct tape *, int64_t row);
