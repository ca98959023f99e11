/* banded.h - solve A x = b for a symmetric positive definite matrix whose entries lie near the diagonal.
 *
 * What:    Cholesky in double, row by row; the factor replaces the matrix. Summation order is fixed.
 * Owns:    its entries; banded_fini() gives them back.  Threads: read-only after banded_factor().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "engine/dsp/dsp.h"

struct banded {
    int size, width; /* unknowns; the furthest entry from the diagonal */
    double *upper;   /* row i: entries (i, i) .. (i, i + width) */
};

/* All entries 0. False: no memory. */
bool banded_init(struct banded *, int size, int width);
void banded_fini(struct banded *);

/* Adds to entry (row, column) and its mirror image; call it once for a pair. */
void banded_add(struct banded *, int row, int column, double value);
/* False: not positive definite. */
bool banded_factor(struct banded *, const struct dsp *);
/* Right-hand sides in, solutions out; x[i * BANDED_SIDES + k]: unknown i of side k. */
void banded_solve(const struct banded *, double *x, const struct dsp *);
