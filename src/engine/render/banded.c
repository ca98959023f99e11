#include "engine/render/banded.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

bool banded_init(struct banded *m, int size, int width)
{
    assert(size > 0 && width >= 0);
    *m = (struct banded){.size = size, .width = width};
    m->upper = calloc((size_t)size * ((size_t)width + 1), sizeof(double));
    return m->upper != NULL;
}

void banded_fini(struct banded *m)
{
    free(m->upper);
    *m = (struct banded){0};
}

static double *row_of(const struct banded *m, int i)
{
    return m->upper + (size_t)i * ((size_t)m->width + 1);
}

void banded_add(struct banded *m, int row, int column, double value)
{
    int first = row < column ? row : column, last = row < column ? column : row;
    assert(first >= 0 && last < m->size && last - first <= m->width);
    row_of(m, first)[last - first] += value;
}

static int reach(const struct banded *m, int i)
{
    return m->size - 1 - i < m->width ? m->size - 1 - i : m->width;
}

/* y[0..n) -= a * x[0..n): the whole cost of this file. */
static void subtract(double *restrict y, const double *restrict x, double a, int n)
{
#pragma omp simd
    for (int k = 0; k < n; k++)
        y[k] -= a * x[k];
}

/* A = U'U, outer products downwards: row i is final when all rows above were subtracted from it. */
bool banded_factor(struct banded *m)
{
    for (int i = 0; i < m->size; i++) {
        double *row = row_of(m, i);
        int n = reach(m, i);
        if (!(row[0] > 0.0))
            return false;
        double scale = 1.0 / sqrt(row[0]);
        for (int k = 0; k <= n; k++)
            row[k] *= scale;
        for (int k = 1; k <= n; k++)
            if (row[k] != 0.0)
                subtract(row_of(m, i + k), row + k, row[k], n - k + 1);
    }
    return true;
}

void banded_solve(const struct banded *m, double *x)
{
    for (int i = 0; i < m->size; i++) { /* U'y = b */
        const double *row = row_of(m, i);
        x[i] /= row[0];
        subtract(x + i + 1, row + 1, x[i], reach(m, i));
    }
    for (int i = m->size - 1; i >= 0; i--) { /* Ux = y */
        const double *row = row_of(m, i);
        double sum = x[i];
        for (int k = 1, n = reach(m, i); k <= n; k++)
            sum -= row[k] * x[i + k];
        x[i] = sum / row[0];
    }
}
