/* banded.h - solve A x = b for a symmetric positive definite matrix whose entries lie near the diagonal.
 *
 * What:    Cholesky in double, row by row; the factor replaces the matrix. Summation order is fixed.
 * Owns:    its entries; banded_fini() gives them back.  Threads: read-only after banded_factor().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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
bool banded_factor(struct banded *);
/* Right-hand sides in, solutions out, several at once: reading the factor takes longer than using it.
 * x[i * BANDED_SIDES + k]: unknown i of side k. */
enum { BANDED_SIDES = 8 };
void banded_solve(const struct banded *, double *x);
