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

/* y[0..n) -= a * x[0..n) */
static void subtract(double *restrict y, const double *restrict x, double a, int n)
{
#pragma omp simd
    for (int k = 0; k < n; k++)
        y[k] -= a * x[k];
}

enum { TOGETHER = 4 };

/* A = U'U: from row j all rows above that reach it are subtracted, the uppermost first. */
bool banded_factor(struct banded *m, const struct dsp *dsp)
{
    for (int j = 0; j < m->size; j++) {
        double *row = row_of(m, j);
        for (int p = j > m->width ? j - m->width : 0; p < j; p += TOGETHER) {
            const double *x[TOGETHER]; /* row p + q from column j on */
            double a[TOGETHER];
            int common = reach(m, p) - (j - p) + 1; /* further rows reach further */
            int rows = j - p < TOGETHER ? j - p : TOGETHER;
            for (int q = 0; q < rows; q++) {
                x[q] = row_of(m, p + q) + (j - p - q);
                a[q] = x[q][0];
            }
            if (rows == TOGETHER)
                dsp->subtract_four_f64(row, x, a, common);
            for (int q = 0; q < rows; q++) {
                int done = rows == TOGETHER ? common : 0;
                subtract(row + done, x[q] + done, a[q], reach(m, p + q) - (j - p - q) + 1 - done);
            }
        }
        if (!(row[0] > 0.0))
            return false;
        double scale = 1.0 / sqrt(row[0]);
        for (int k = 0, n = reach(m, j); k <= n; k++)
            row[k] *= scale;
    }
    return true;
}

void banded_solve(const struct banded *m, double *x, const struct dsp *dsp)
{
    enum { N = BANDED_SIDES };
    for (int i = 0; i < m->size; i++) { /* U'y = b */
        const double *row = row_of(m, i);
        double *here = x + (ptrdiff_t)i * N;
        for (int s = 0; s < N; s++)
            here[s] /= row[0];
        dsp->spread_f64(here + N, row + 1, here, reach(m, i));
    }
    for (int i = m->size - 1; i >= 0; i--) { /* Ux = y */
        const double *row = row_of(m, i);
        double *here = x + (ptrdiff_t)i * N;
        dsp->collect_f64(here, row + 1, here + N, reach(m, i));
        for (int s = 0; s < N; s++)
            here[s] /= row[0];
    }
}
