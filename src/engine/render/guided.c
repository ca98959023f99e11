#include "engine/render/guided.h"

#include <math.h>
#include <stdlib.h>

#include "engine/render/ramp.h"

#define MIDDLE 0.025f /* E a cell: finer than a lock of hair */
#define REACH  0.11f  /* E around a cell within which matte and colours go together */
/* Colours that vary less than this, in grid units squared, are taken as one: the filter smooths there. */
#define FLAT 60.0f
/* E from the coarse outline the matte is what the cells said; hair strays, and is seldom seen through. */
#define SURE_OUTSIDE 0.30f
#define SURE_INSIDE  0.15f
/* What a linear model leaves of full and empty. */
#define EMPTY 0.10f
#define FULL  0.90f

enum { Y, U, V, P, YY, YU, YV, UU, UV, VV, PY, PU, PV, MEANS };

/* Solves the 3 x 3 system of the window's covariance: how alpha follows each colour, and its offset. */
static void line_of(float out[4], const float m[MEANS])
{
    float yy = m[YY] - m[Y] * m[Y] + FLAT, uu = m[UU] - m[U] * m[U] + FLAT;
    float vv = m[VV] - m[V] * m[V] + FLAT, yu = m[YU] - m[Y] * m[U];
    float yv = m[YV] - m[Y] * m[V], uv = m[UV] - m[U] * m[V];
    float py = m[PY] - m[P] * m[Y], pu = m[PU] - m[P] * m[U], pv = m[PV] - m[P] * m[V];
    float a = uu * vv - uv * uv, b = uv * yv - yu * vv, c = yu * uv - uu * yv;
    float inverse = 1.0f / (yy * a + yu * b + yv * c);
    float d = yy * vv - yv * yv, e = yu * yv - yy * uv, f = yy * uu - yu * yu;
    out[0] = (a * py + b * pu + c * pv) * inverse;
    out[1] = (b * py + d * pu + e * pv) * inverse;
    out[2] = (c * py + e * pu + f * pv) * inverse;
    out[3] = m[P] - out[0] * m[Y] - out[1] * m[U] - out[2] * m[V];
}

/* Lines for all cells, four planes of them, smoothed as the windows overlap. */
static void find_lines(float *lines, float *means, float *scratch, const struct grid *g,
                       const float *share, int radius)
{
    const int n = grid_cells(g);
    static const int product[MEANS][2] = {
        [YY] = {Y, Y}, [YU] = {Y, U}, [YV] = {Y, V}, [UU] = {U, U}, [UV] = {U, V},
        [VV] = {V, V}, [PY] = {P, Y}, [PU] = {P, U}, [PV] = {P, V}};
    const float *source[4] = {g->colour[0], g->colour[1], g->colour[2], share};
    for (int q = 0; q < MEANS; q++) {
        float *mean = means + (ptrdiff_t)q * n;
        for (int k = 0; k < n; k++)
            mean[k] = q <= P ? source[q][k] : source[product[q][0]][k] * source[product[q][1]][k];
        grid_blur(g, mean, radius, scratch);
    }
    for (int k = 0; k < n; k++) {
        float m[MEANS], line[4];
        for (int q = 0; q < MEANS; q++)
            m[q] = means[(ptrdiff_t)q * n + k];
        line_of(line, m);
        for (int q = 0; q < 4; q++)
            lines[(ptrdiff_t)q * n + k] = line[q];
    }
    for (int q = 0; q < 4; q++)
        grid_blur(g, lines + (ptrdiff_t)q * n, radius, scratch);
}

static uint8_t as_byte(float alpha)
{
    alpha = ramp_clamp((alpha - EMPTY) / (FULL - EMPTY), 0, 1);
    return (uint8_t)(255.0f * alpha + 0.5f);
}

enum orator_status guided_matte(struct matte *out, const struct texture *still,
                                const struct grid *coarse, const float *share, float eye_px,
                                struct orator_error *err)
{
    enum orator_status s;
    struct grid g = {0};
    float *memory = NULL;
    uint8_t *side = NULL;
    const int step_px = (int)greater(1.0f, roundf(MIDDLE * eye_px));
    TRY(grid_new(&g, still, coarse->window, step_px, err));
    const size_t n = (size_t)grid_cells(&g);
    memory = malloc(n * (MEANS + 4 + 4) * sizeof(float));
    side = malloc(n);
    if (!memory || !side) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory to refine a matte");
        goto done;
    }
    float *means = memory, *lines = means + n * MEANS, *scratch = lines + n * 4;
    float *given = scratch + n, *outside = given + n, *inside = outside + n;

    for (int j = 0; j < g.rows; j++) {
        for (int i = 0; i < g.columns; i++) {
            float px[2];
            grid_centre(&g, i, j, px);
            given[j * g.columns + i] = grid_at(coarse, share, px[0], px[1]) >= 0.5f;
        }
    }
    for (size_t k = 0; k < n; k++)
        side[k] = given[k] > 0.5f;
    grid_distance(&g, outside, side);
    for (size_t k = 0; k < n; k++)
        side[k] = !side[k];
    grid_distance(&g, inside, side);
    int radius = (int)greater(1.0f, roundf(REACH * eye_px / (float)step_px));
    find_lines(lines, means, scratch, &g, given, radius);

    const float sure_outside = SURE_OUTSIDE * eye_px / (float)step_px;
    const float sure_inside = SURE_INSIDE * eye_px / (float)step_px;
    for (int y = out->window.y0; y < out->window.y1; y++) {
        for (int x = out->window.x0; x < out->window.x1; x++) {
            int i = (x - g.window.x0) / step_px, j = (y - g.window.y0) / step_px;
            int k = j * g.columns + i;
            uint8_t *alpha = out->alpha + (ptrdiff_t)y * out->width_px + x;
            if (outside[k] > sure_outside || inside[k] > sure_inside) {
                *alpha = inside[k] > sure_inside ? 255 : 0;
                continue;
            }
            float at_x = (float)x + 0.5f, at_y = (float)y + 0.5f, value = 0;
            for (int q = 0; q < 4; q++) {
                float line = grid_at(&g, lines + (size_t)q * n, at_x, at_y);
                value += q < 3 ? line * (float)still->plane[q][y * still->stride + x] : line;
            }
            *alpha = as_byte(value);
        }
    }
done:
    free(side);
    free(memory);
    grid_fini(&g);
    return s;
}
