#include "engine/render/raster.h"

/* fminf, fmaxf and ceilf are calls on plain x86-64; these are not, and this is a hot place. */
static inline float least(float a, float b) { return a < b ? a : b; }
static inline float most(float a, float b) { return a > b ? a : b; }

/* The first pixel whose centre is not before `at`, within lo..hi, which are not negative. NaN: lo. */
static inline int first_centre(float at, float lo, float hi)
{
    float v = at - 0.5f;
    v = v > lo ? v : lo;
    v = v < hi ? v : hi;
    int n = (int)v;
    return n + ((float)n < v);
}

/* Cells side by side, their corners in pixels of the map. */
enum { TOGETHER = 64 };
struct strip {
    float x[2][TOGETHER + 1], y[2][TOGETHER + 1]; /* upper corners, lower */
    int x0[TOGETHER], y0[TOGETHER], wide[TOGETHER],
        high[TOGETHER]; /* centres that each may cover */
};

/* Of `n` cells from vertex k on. */
static void lay_strip(struct strip *s, const struct raster_mesh *m, const struct rect *region,
                      ptrdiff_t k, int n)
{
    const float left = m->left, top = m->top, scale = 1.0f / m->pixel;
    for (int row = 0; row < 2; row++, k += m->columns) {
        const float *restrict x = m->to_x + k, *restrict y = m->to_y + k;
        float *restrict out_x = s->x[row], *restrict out_y = s->y[row];
#pragma omp simd
        for (int i = 0; i <= n; i++) {
            out_x[i] = (x[i] - left) * scale;
            out_y[i] = (y[i] - top) * scale;
        }
    }
    const float x_lo = (float)region->x0, x_hi = (float)region->x1;
    const float y_lo = (float)region->y0, y_hi = (float)region->y1;
    const float *restrict ux = s->x[0], *restrict uy = s->y[0];
    const float *restrict lx = s->x[1], *restrict ly = s->y[1];
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float left_most = least(least(ux[i], ux[i + 1]), least(lx[i], lx[i + 1]));
        float right_most = most(most(ux[i], ux[i + 1]), most(lx[i], lx[i + 1]));
        float highest = least(least(uy[i], uy[i + 1]), least(ly[i], ly[i + 1]));
        float lowest = most(most(uy[i], uy[i + 1]), most(ly[i], ly[i + 1]));
        s->x0[i] = first_centre(left_most, x_lo, x_hi);
        s->y0[i] = first_centre(highest, y_lo, y_hi);
        /* a centre on the last corner counts for nobody else */
        s->wide[i] = first_centre(right_most, x_lo, x_hi) - s->x0[i];
        s->high[i] = first_centre(lowest, y_lo, y_hi) - s->y0[i];
    }
}

/* A cell's corners: upper left, upper right, lower left, lower right. */
struct corners {
    float x[4], y[4], u[4], v[4];
};

static struct corners corners_of(const struct strip *s, int i, const struct raster_mesh *m,
                                 ptrdiff_t k)
{
    const float *u = m->from_x + k, *v = m->from_y + k;
    const ptrdiff_t down = m->columns;
    return (struct corners){
        .x = {s->x[0][i], s->x[0][i + 1], s->x[1][i], s->x[1][i + 1]},
        .y = {s->y[0][i], s->y[0][i + 1], s->y[1][i], s->y[1][i + 1]},
        .u = {u[0], u[1], u[down], u[down + 1]},
        .v = {v[0], v[1], v[down], v[down + 1]},
    };
}

/* A triangle of a cell, as seen from the pixel's centre at left, top. */
static inline struct mesh_half half_of(const struct corners *p, bool lower, bool falls, float left,
                                       float top)
{
    const int a = lower && !falls, b = lower ? 3 : 1, c = lower || !falls ? 2 : 3;
    const float bx = p->x[b] - p->x[a], by = p->y[b] - p->y[a];
    const float cx = p->x[c] - p->x[a], cy = p->y[c] - p->y[a];
    /* twice the area; backwards triangles are folds that something else covers */
    const float area = bx * cy - cx * by;
    if (!(area > 1e-9f))
        return (struct mesh_half){.folded = true};
    const float inverse = 1.0f / area, right = left - p->x[a], down = top - p->y[a];
    const float bu = p->u[b] - p->u[a], bv = p->v[b] - p->v[a];
    const float cu = p->u[c] - p->u[a], cv = p->v[c] - p->v[a];
    struct mesh_half h = {.u_across = (bu * cy - cu * by) * inverse,
                          .u_down = (cu * bx - bu * cx) * inverse,
                          .v_across = (bv * cy - cv * by) * inverse,
                          .v_down = (cv * bx - bv * cx) * inverse};
    h.u = p->u[a] + h.u_across * right + h.u_down * down;
    h.v = p->v[a] + h.v_across * right + h.v_down * down;
    return h;
}

/* Most cells of a mesh finer than the map: there is one centre that they may cover. */
static void draw_one(float *u, float *v, const struct corners *p, bool falls, float left, float top)
{
#define SIDE(from, to) \
    ((p->x[to] - p->x[from]) * (top - p->y[from]) - (p->y[to] - p->y[from]) * (left - p->x[from]))
    const float diagonal = falls ? SIDE(0, 3) : SIDE(1, 2);
    const bool upper = falls ? diagonal < 0 : diagonal > 0; /* all as mesh_cell_f32 has it */
    const bool inside = upper ? SIDE(0, 1) >= 0 : SIDE(2, 3) < 0;
    if (!inside || !(upper == falls ? SIDE(1, 3) > 0 : SIDE(0, 2) <= 0))
        return;
#undef SIDE
    const struct mesh_half h = half_of(p, !upper, falls, left, top);
    if (h.folded)
        return;
    *u = h.u;
    *v = h.v;
}

static inline struct mesh_edge edge_of(const struct corners *p, int from, int to)
{
    return (struct mesh_edge){p->x[from], p->y[from], p->x[to] - p->x[from], p->y[to] - p->y[from]};
}

/* Cell i of a strip; vertex k is its upper left corner. */
static void draw_cell(struct sheet_map *map, const struct strip *s, int i,
                      const struct raster_mesh *m, ptrdiff_t k, bool falls, const struct dsp *dsp)
{
    const struct rect r = map->region;
    const ptrdiff_t width = r.x1 - r.x0;
    const ptrdiff_t at = (s->y0[i] - r.y0) * width + s->x0[i] - r.x0;
    const float left = (float)s->x0[i] + 0.5f, top = (float)s->y0[i] + 0.5f;
    const struct corners p = corners_of(s, i, m, k);
    if (s->wide[i] == 1 && s->high[i] == 1) {
        draw_one(map->x + at, map->y + at, &p, falls, left, top);
        return;
    }
    const struct mesh_cell c = {
        .edge = {[MESH_TOP] = edge_of(&p, 0, 1),
                 [MESH_LEFT] = edge_of(&p, 0, 2),
                 [MESH_RIGHT] = edge_of(&p, 1, 3),
                 [MESH_BOTTOM] = edge_of(&p, 2, 3),
                 [MESH_DIAGONAL] = falls ? edge_of(&p, 0, 3) : edge_of(&p, 1, 2)},
        .half = {half_of(&p, false, falls, left, top), half_of(&p, true, falls, left, top)},
        .falls = falls,
        .left = left,
        .top = top,
    };
    dsp->mesh_cell_f32(map->x + at, map->y + at, width, s->wide[i], s->high[i], &c);
}

void raster_mesh(struct sheet_map *map, const struct raster_mesh *m, const struct dsp *dsp)
{
    struct strip strip;
    for (int j = 0; j + 1 < m->rows; j++)
        for (int first = 0; first + 1 < m->columns; first += TOGETHER) {
            const int left = m->columns - 1 - first, n = left < TOGETHER ? left : TOGETHER;
            const ptrdiff_t k = (ptrdiff_t)j * m->columns + first;
            lay_strip(&strip, m, &map->region, k, n);
            for (int i = 0; i < n; i++)
                if (strip.wide[i] > 0 && strip.high[i] > 0 && !(m->skip && m->skip[k + i]))
                    /* the diagonals mirror about the middle column, so that mirrored faces move alike */
                    draw_cell(map, &strip, i, m, k + i, 2 * (first + i) + 1 >= m->columns, dsp);
        }
}

void map_nowhere(struct sheet_map *map)
{
    const struct rect r = map->region;
    ptrdiff_t n = (ptrdiff_t)(r.x1 - r.x0) * (r.y1 - r.y0);
    for (ptrdiff_t k = 0; k < n; k++)
        map->x[k] = map->y[k] = MAP_NOWHERE;
}
