#include "engine/render/raster.h"

struct corner {
    float x, y, u, v; /* frame and portrait, pixels */
};

/* fminf, fmaxf and ceilf are calls on plain x86-64; these are not, and this is a hot place. */
static inline float least(float a, float b) { return a < b ? a : b; }
static inline float most(float a, float b) { return a > b ? a : b; }

/* The first pixel whose centre is not before `at`, within lo..hi. */
static inline int first_centre(float at, int lo, int hi)
{
    float v = at - 0.5f;
    if (!(v > (float)lo))
        return lo;
    if (v >= (float)hi)
        return hi;
    int n = (int)v;
    return n + ((float)n < v);
}

/* An edge that runs down from `a`. Both triangles that share it make it of the same two corners in the
 * same order, so both see the same bits and no pixel falls between them. */
struct edge {
    float x, y, slope;
};

static inline struct edge edge_of(const struct corner *a, const struct corner *b)
{
    return (struct edge){a->x, a->y, (b->x - a->x) / (b->y - a->y)};
}

static inline float crossing(struct edge e, float y) { return e.x + (y - e.y) * e.slope; }

static void draw(struct sheet_map *map, const struct corner *a, const struct corner *b,
                 const struct corner *c)
{
    const struct rect r = map->region;
    /* twice the area; backwards triangles are folds that something else covers */
    float area = (b->x - a->x) * (c->y - a->y) - (c->x - a->x) * (b->y - a->y);
    if (!(area > 1e-9f))
        return;
    const struct corner *top = a, *mid = b, *low = c, *t;
#define ORDER(p, q)      \
    if ((q)->y < (p)->y) \
    t = (p), (p) = (q), (q) = t
    ORDER(top, mid);
    ORDER(mid, low);
    ORDER(top, mid);
#undef ORDER
    const int y0 = first_centre(top->y, r.y0, r.y1), y2 = first_centre(low->y, r.y0, r.y1);
    if (y0 == y2)
        return;
    float inverse = 1.0f / area;
    float ux = ((b->u - a->u) * (c->y - a->y) - (c->u - a->u) * (b->y - a->y)) * inverse;
    float uy = ((c->u - a->u) * (b->x - a->x) - (b->u - a->u) * (c->x - a->x)) * inverse;
    float vx = ((b->v - a->v) * (c->y - a->y) - (c->v - a->v) * (b->y - a->y)) * inverse;
    float vy = ((c->v - a->v) * (b->x - a->x) - (b->v - a->v) * (c->x - a->x)) * inverse;
    const int y1 = first_centre(mid->y, y0, y2);
    const struct edge whole = edge_of(top, low);
    struct edge other = edge_of(top, mid);
    const ptrdiff_t width = r.x1 - r.x0;
    for (int y = y0; y < y2; y++) {
        if (y == y1)
            other = edge_of(mid, low);
        float at = (float)y + 0.5f;
        float one = crossing(whole, at), two = crossing(other, at);
        int x0 = first_centre(least(one, two), r.x0, r.x1);
        int x1 = first_centre(most(one, two), r.x0, r.x1);
        float right = (float)x0 + 0.5f - a->x, down = at - a->y;
        float u = a->u + uy * down + ux * right, v = a->v + vy * down + vx * right;
        float *out_x = map->x + (y - r.y0) * width + x0 - r.x0;
        float *out_y = map->y + (y - r.y0) * width + x0 - r.x0;
        for (int n = 0; n < x1 - x0; n++, u += ux, v += vx) { /* few pixels: not worth vectors */
            out_x[n] = u;
            out_y[n] = v;
        }
    }
}

/* Whether a cell may cover the centre of a pixel; most cells of a mesh finer than the map do not. */
static inline bool misses(const struct rect *r, const float *x, const float *y, const int at[4])
{
    float top = least(least(y[at[0]], y[at[1]]), least(y[at[2]], y[at[3]]));
    float bottom = most(most(y[at[0]], y[at[1]]), most(y[at[2]], y[at[3]]));
    if (first_centre(top, r->y0, r->y1) == first_centre(bottom, r->y0, r->y1))
        return true;
    float left = least(least(x[at[0]], x[at[1]]), least(x[at[2]], x[at[3]]));
    float right = most(most(x[at[0]], x[at[1]]), most(x[at[2]], x[at[3]]));
    return first_centre(left, r->x0, r->x1) == first_centre(right, r->x0, r->x1);
}

/* The same for a whole row of cells, of its two rows of `n` vertices together. */
static bool row_misses(const struct rect *r, const float *y, int n)
{
    float top = y[0], bottom = y[0];
    for (int i = 1; i < n; i++) {
        top = least(top, y[i]);
        bottom = most(bottom, y[i]);
    }
    return first_centre(top, r->y0, r->y1) == first_centre(bottom, r->y0, r->y1);
}

void raster_mesh(struct sheet_map *map, const struct raster_mesh *m)
{
    for (int j = 0; j + 1 < m->rows; j++) {
        if (row_misses(&map->region, m->to_y + (ptrdiff_t)j * m->columns, 2 * m->columns))
            continue;
        for (int i = 0; i + 1 < m->columns; i++) {
            int k = j * m->columns + i;
            if (m->skip && m->skip[k])
                continue;
            const int at[4] = {k, k + 1, k + m->columns, k + m->columns + 1};
            if (misses(&map->region, m->to_x, m->to_y, at))
                continue;
            struct corner c[4];
            for (int n = 0; n < 4; n++)
                c[n] = (struct corner){m->to_x[at[n]], m->to_y[at[n]], m->from_x[at[n]],
                                       m->from_y[at[n]]};
            /* the diagonals mirror about the middle column, so that mirrored faces move alike */
            if (2 * i + 1 < m->columns) {
                draw(map, &c[0], &c[1], &c[2]);
                draw(map, &c[1], &c[3], &c[2]);
            } else {
                draw(map, &c[0], &c[1], &c[3]);
                draw(map, &c[0], &c[3], &c[2]);
            }
        }
    }
}

void map_nowhere(struct sheet_map *map)
{
    const struct rect r = map->region;
    ptrdiff_t n = (ptrdiff_t)(r.x1 - r.x0) * (r.y1 - r.y0);
    for (ptrdiff_t k = 0; k < n; k++)
        map->x[k] = map->y[k] = MAP_NOWHERE;
}
