#include "engine/render/grid.h"

#include <stdlib.h>
#include <string.h>

#include "engine/render/ramp.h"

enum { RELAX = 24 /* sweeps a level: the coarse levels have done the long ways */ };

enum orator_status grid_new(struct grid *out, const struct texture *t, struct rect window,
                            int step_px, struct orator_error *err)
{
    struct grid g = {.window = window, .step_px = step_px};
    g.columns = (window.x1 - window.x0 + step_px - 1) / step_px;
    g.rows = (window.y1 - window.y0 + step_px - 1) / step_px;
    *out = (struct grid){0};
    const size_t cells = (size_t)g.columns * (size_t)g.rows;
    g.colour[0] = malloc(3 * cells * sizeof(float));
    if (!g.colour[0])
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a grid of %d x %d", g.columns,
                           g.rows);
    g.colour[1] = g.colour[0] + cells;
    g.colour[2] = g.colour[1] + cells;
    for (int plane = 0; plane < 3; plane++) {
        for (int j = 0; j < g.rows; j++) {
            int y0 = window.y0 + j * step_px, y1 = y0 + step_px;
            y1 = y1 > window.y1 ? window.y1 : y1;
            for (int i = 0; i < g.columns; i++) {
                int x0 = window.x0 + i * step_px, x1 = x0 + step_px;
                x1 = x1 > window.x1 ? window.x1 : x1;
                int sum = 0;
                for (int y = y0; y < y1; y++)
                    for (int x = x0; x < x1; x++)
                        sum += t->plane[plane][y * t->stride + x];
                g.colour[plane][j * g.columns + i] = (float)sum / (float)((x1 - x0) * (y1 - y0));
            }
        }
    }
    *out = g;
    return ORATOR_OK;
}

void grid_fini(struct grid *g)
{
    free(g->colour[0]);
    *g = (struct grid){0};
}

float grid_at(const struct grid *g, const float *values, float x_px, float y_px)
{
    float x = (x_px - (float)g->window.x0) / (float)g->step_px - 0.5f;
    float y = (y_px - (float)g->window.y0) / (float)g->step_px - 0.5f;
    x = ramp_clamp(x, 0, (float)(g->columns - 1));
    y = ramp_clamp(y, 0, (float)(g->rows - 1));
    int i = (int)x, j = (int)y;
    const float *v = values + j * g->columns + i;
    int right = i + 1 < g->columns, down = j + 1 < g->rows ? g->columns : 0;
    return ramp_mix(ramp_mix(v[0], v[right], x - (float)i),
                    ramp_mix(v[down], v[down + right], x - (float)i), y - (float)j);
}

/* Means along one line of `n` values that lie `stride` apart. */
static void blur_line(float *out, const float *in, int n, int stride, int radius)
{
    float sum = 0;
    for (int k = 0; k < radius && k < n; k++)
        sum += in[k * stride];
    for (int k = 0; k < n; k++) {
        if (k + radius < n)
            sum += in[(k + radius) * stride];
        if (k - radius - 1 >= 0)
            sum -= in[(k - radius - 1) * stride];
        int from = k - radius < 0 ? 0 : k - radius, to = k + radius >= n ? n - 1 : k + radius;
        out[k * stride] = sum / (float)(to - from + 1);
    }
}

void grid_blur(const struct grid *g, float *values, int radius, float *scratch)
{
    for (int j = 0; j < g->rows; j++)
        blur_line(scratch + j * g->columns, values + j * g->columns, g->columns, 1, radius);
    for (int i = 0; i < g->columns; i++)
        blur_line(values + i, scratch + i, g->rows, g->columns, radius);
}

void grid_distance(const struct grid *g, float *out, const uint8_t *inside)
{
    static const float straight = 0.955f, diagonal = 1.369f; /* Borgefors 1986, optimal 3 x 3 */
    const int w = g->columns, h = g->rows, n = w * h;
    for (int k = 0; k < n; k++)
        out[k] = inside[k] ? 0.0f : 1e9f;
    for (int way = 0; way < 2; way++) {
        const int to = way ? -1 : 1;
        for (int b = 0; b < h; b++) {
            int j = way ? h - 1 - b : b;
            for (int a = 0; a < w; a++) {
                int i = way ? w - 1 - a : a;
                float *at = out + j * w + i, d = *at;
                bool behind = i - to >= 0 && i - to < w, ahead = i + to >= 0 && i + to < w;
                bool above = j - to >= 0 && j - to < h;
                if (behind)
                    d = lesser(d, at[-to] + straight);
                if (above) {
                    const float *line = at - to * w;
                    d = lesser(d, line[0] + straight);
                    if (behind)
                        d = lesser(d, line[-to] + diagonal);
                    if (ahead)
                        d = lesser(d, line[to] + diagonal);
                }
                *at = d;
            }
        }
    }
}

/* One level of the filling: values, and which of them are held. */
struct level {
    int columns, rows;
    float *values;
    uint8_t *known;
};

static void relax(const struct level *l)
{
    const int w = l->columns, h = l->rows;
    for (int sweep = 0; sweep < RELAX; sweep++) {
        for (int j = 0; j < h; j++) {
            for (int i = (sweep + j) & 1; i < w; i += 2) {
                int at = j * w + i;
                if (l->known[at])
                    continue;
                float sum = 0, n = 0;
                if (i > 0)
                    sum += l->values[at - 1], n++;
                if (i + 1 < w)
                    sum += l->values[at + 1], n++;
                if (j > 0)
                    sum += l->values[at - w], n++;
                if (j + 1 < h)
                    sum += l->values[at + w], n++;
                if (n > 0)
                    l->values[at] = sum / n;
            }
        }
    }
}

/* A coarse cell is known if any of its four is. */
static void shrink(const struct level *to, const struct level *from)
{
    for (int j = 0; j < to->rows; j++) {
        for (int i = 0; i < to->columns; i++) {
            float sum = 0, n = 0;
            for (int k = 0; k < 4; k++) {
                int x = 2 * i + (k & 1), y = 2 * j + (k >> 1);
                if (x >= from->columns || y >= from->rows || !from->known[y * from->columns + x])
                    continue;
                sum += from->values[y * from->columns + x];
                n++;
            }
            to->known[j * to->columns + i] = n > 0;
            to->values[j * to->columns + i] = n > 0 ? sum / n : 0;
        }
    }
}

static void grow(const struct level *to, const struct level *from)
{
    for (int j = 0; j < to->rows; j++)
        for (int i = 0; i < to->columns; i++)
            if (!to->known[j * to->columns + i])
                to->values[j * to->columns + i] = from->values[j / 2 * from->columns + i / 2];
}

enum orator_status grid_fill(const struct grid *g, float *values, const uint8_t *known,
                             struct orator_error *err)
{
    enum { LEVELS_MAX = 16 };
    struct level level[LEVELS_MAX] = {{g->columns, g->rows, values, NULL}};
    const size_t cells = (size_t)g->columns * (size_t)g->rows;
    /* all the smaller levels together have less than half the cells of the largest and some rounding */
    size_t room = 2 * cells + 64 * LEVELS_MAX, used = 0;
    float *floats = malloc(room * sizeof(float));
    uint8_t *bytes = malloc(room + cells);
    if (!floats || !bytes) {
        free(floats);
        free(bytes);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to fill a grid");
    }
    level[0].known = bytes + room;
    memcpy(level[0].known, known, cells);
    int last = 0;
    while (last + 1 < LEVELS_MAX && (level[last].columns > 1 || level[last].rows > 1)) {
        struct level *l = &level[last + 1];
        l->columns = (level[last].columns + 1) / 2;
        l->rows = (level[last].rows + 1) / 2;
        l->values = floats + used;
        l->known = bytes + used;
        used += (size_t)l->columns * (size_t)l->rows;
        shrink(l, &level[last]);
        last++;
    }
    for (int k = last; k > 0; k--) {
        grow(&level[k - 1], &level[k]);
        relax(&level[k - 1]);
    }
    free(floats);
    free(bytes);
    return ORATOR_OK;
}
