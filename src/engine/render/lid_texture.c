#include "engine/render/lid_texture.h"

#include <math.h>
#include <string.h>

/* The grid covers the eye, its margins and a ring of skin around them. */
#define GRID_LEFT   (-0.40f)
#define GRID_RIGHT  1.35f
#define GRID_TOP    (-0.42f)
#define GRID_BOTTOM 0.42f
#define GRID_STEP_T ((GRID_RIGHT - GRID_LEFT) / (LID_COLUMNS - 1))
#define GRID_STEP_H ((GRID_BOTTOM - GRID_TOP) / (LID_ROWS - 1))

/* Lashes and liner reach about .085 E above the lid and .045 E below it on most portraits. */
#define MARGIN_ABOVE 0.085f
#define MARGIN_BELOW 0.045f

enum {
    CLOSING_RADIUS =
        3, /* cells, .06 E by .04 E: wider than a lash line, narrower than a shaded socket */
    RELAXATIONS = 160, /* over-relaxed sweeps; the hole is some 40 x 20 cells, settled after 100 */
    CHEEK_ROWS = 6,    /* .1 E high, .35 E below the corners */
    CELL_TAPS = 3,     /* samples a side averaged into one cell */
};
#define CHEEK_TINT   0.25f /* the rest stays the lid's own: eye shadow is meant to be there */
#define GRAIN_SHIFT  0.40f /* E below: cheek, clear of lashes and of the mouth */
#define GRAIN_RADIUS 0.02f /* E; what is broader is shape, not grain */
#define GRAIN_MAX    5.0f  /* of 255: a wrinkle or an edge of spectacles is no grain */

typedef float grid[LID_ROWS][LID_COLUMNS];

/* The share of a margin at t: `outer` and `inner` at the corners, all of it over the eye's middle. */
static float taper(float t, float outer, float inner)
{
    float share = t < 0.5f ? outer : inner;
    float middle = t > 0 && t < 1 ? 4 * t * (1 - t) : 0;
    return share + (1 - share) * middle;
}

float lid_margin_above(const struct eye_shape *s, float t)
{
    /* never more than half the way to the brow */
    float m = fminf(MARGIN_ABOVE, 0.5f * s->forehead);
    /* lashes fan out at the outer corner */
    return fmaxf(m, 0.03f) * taper(t, 1.1f, 0.75f);
}

/* The membrane hangs from skin a little further out than what it replaces: what is left of lashes and
 * of their shadow at the rim of the patch would colour all of the lid. */
static bool in_hole(const struct eye_shape *s, float t, float h)
{
    return t > -0.27f && t < 1.12f && h > eye_upper(s, t) - 1.2f * lid_margin_above(s, t) &&
           h < eye_lower(s, t) + MARGIN_BELOW * taper(t, 0.5f, 0.5f);
}

static int clamp_int(int v, int low, int high) { return v < low ? low : v > high ? high : v; }

static void pixel_near(const struct texture *p, const struct eye_shape *s, float t, float h, int *x,
                       int *y)
{
    float at[2];
    eye_to_px(s, t, h, at);
    *x = (int)fminf(fmaxf(at[0], 0), (float)(p->width_px - 1));
    *y = (int)fminf(fmaxf(at[1], 0), (float)(p->height_px - 1));
}

static void average_cells(grid out[3], const struct texture *still, const struct eye_shape *s)
{
    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++) {
            int sum[3] = {0};
            for (int k = 0; k < CELL_TAPS * CELL_TAPS; k++) {
                float di = (float)(k % CELL_TAPS - CELL_TAPS / 2) / CELL_TAPS;
                float dj = (float)(k / CELL_TAPS - CELL_TAPS / 2) / CELL_TAPS;
                int x, y;
                pixel_near(still, s, GRID_LEFT + ((float)i + di) * GRID_STEP_T,
                           GRID_TOP + ((float)j + dj) * GRID_STEP_H, &x, &y);
                for (int c = 0; c < 3; c++)
                    sum[c] += still->plane[c][y * still->stride + x];
            }
            for (int c = 0; c < 3; c++)
                out[c][j][i] = (float)sum[c] / (CELL_TAPS * CELL_TAPS);
        }
}

/* Each cell becomes the brightest (sign 1) or darkest (-1) near it outside the hole, with that cell's
 * own colour. */
static void spread(grid out[3], grid in[3], bool hole[LID_ROWS][LID_COLUMNS], float sign)
{
    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++) {
            int best_i = i, best_j = j;
            for (int b = clamp_int(j - CLOSING_RADIUS, 0, j);
                 b <= clamp_int(j + CLOSING_RADIUS, j, LID_ROWS - 1); b++)
                for (int a = clamp_int(i - CLOSING_RADIUS, 0, i);
                     a <= clamp_int(i + CLOSING_RADIUS, i, LID_COLUMNS - 1); a++)
                    if (!hole[b][a] && sign * (in[0][b][a] - in[0][best_j][best_i]) > 0) {
                        best_i = a;
                        best_j = b;
                    }
            for (int c = 0; c < 3; c++)
                out[c][j][i] = in[c][best_j][best_i];
        }
}

/* Hangs from the skin above and beside the eye; its lower edge is free: a lid is the skin of the socket
 * drawn down, and a pale cheek or a shadow below says nothing about its colour. */
static void membrane(grid g, bool hole[LID_ROWS][LID_COLUMNS], float start)
{
    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++)
            if (hole[j][i])
                g[j][i] = start;
    for (int n = 0; n < RELAXATIONS; n++)
        for (int j = 1; j < LID_ROWS - 1; j++)
            for (int i = 1; i < LID_COLUMNS - 1; i++)
                if (hole[j][i]) {
                    float below = hole[j + 1][i] ? g[j + 1][i] : g[j][i];
                    float mean = 0.25f * (g[j][i - 1] + g[j][i + 1] + g[j - 1][i] + below);
                    g[j][i] += 1.8f * (mean - g[j][i]); /* 1.8: fastest for a hole of this size */
                }
}

/* The darkest place across the lid's edge, averaged over the columns of the eye. */
static void lash_colour(float out[3], grid g[3], const struct eye_shape *s)
{
    float sum[3] = {0};
    int n = 0;
    for (int i = 0; i < LID_COLUMNS; i++) {
        float t = GRID_LEFT + (float)i * GRID_STEP_T;
        if (t < 0.12f || t > 0.80f)
            continue;
        int best = -1;
        for (int j = 0; j < LID_ROWS; j++) {
            float d = GRID_TOP + (float)j * GRID_STEP_H - eye_upper(s, t);
            if (d > -0.05f && d < 0.02f && (best < 0 || g[0][j][i] < g[0][best][i]))
                best = j;
        }
        if (best < 0)
            continue;
        for (int c = 0; c < 3; c++)
            sum[c] += g[c][best][i];
        n++;
    }
    for (int c = 0; c < 3; c++)
        out[c] = n ? sum[c] / (float)n : 128;
}

/* Shadows of lashes and blocks of JPEG leave the membrane greyish or blue: part of its tint, in
 * proportion to its light, comes from the cheek along the grid's last rows. */
static void tint_towards_cheek(grid g[3], bool hole[LID_ROWS][LID_COLUMNS])
{
    float sum[3] = {0};
    for (int j = LID_ROWS - CHEEK_ROWS; j < LID_ROWS; j++)
        for (int i = LID_COLUMNS / 4; i < 3 * LID_COLUMNS / 4; i++)
            for (int c = 0; c < 3; c++)
                sum[c] += g[c][j][i] - (c ? 128 : 16);
    if (sum[0] <= 0)
        return;
    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++)
            for (int c = 1; c < 3; c++)
                if (hole[j][i]) {
                    float tint = 128 + (g[0][j][i] - 16) * sum[c] / sum[0];
                    g[c][j][i] += CHEEK_TINT * (tint - g[c][j][i]);
                }
}

void lid_texture_make(struct lid_texture *out, const struct texture *still,
                      const struct eye_shape *s)
{
    bool hole[LID_ROWS][LID_COLUMNS];
    float mean[3] = {0};
    int border = 0;

    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++)
            hole[j][i] =
                in_hole(s, GRID_LEFT + (float)i * GRID_STEP_T, GRID_TOP + (float)j * GRID_STEP_H);
    average_cells(out->colour, still, s);
    lash_colour(out->lash, out->colour, s);
    spread(out->scratch, out->colour, hole, 1);
    spread(out->colour, out->scratch, hole, -1);

    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++) {
            border += !hole[j][i];
            for (int c = 0; c < 3; c++)
                mean[c] += hole[j][i] ? 0 : out->colour[c][j][i];
        }
    if (border == 0) /* lids as tall as the grid: no face has them */
        border = 1;
    for (int c = 0; c < 3; c++)
        membrane(out->colour[c], hole, mean[c] / (float)border);
    tint_towards_cheek(out->colour, hole);
}

void lid_texture_at(const struct lid_texture *tex, float t, float h, float out[3])
{
    float x = fminf(fmaxf((t - GRID_LEFT) / GRID_STEP_T, 0), LID_COLUMNS - 1.001f);
    float y = fminf(fmaxf((h - GRID_TOP) / GRID_STEP_H, 0), LID_ROWS - 1.001f);
    int i = (int)x, j = (int)y;
    float fx = x - (float)i, fy = y - (float)j;
    for (int c = 0; c < 3; c++) {
        const float *a = &tex->colour[c][j][i], *b = &tex->colour[c][j + 1][i];
        out[c] = (a[0] * (1 - fx) + a[1] * fx) * (1 - fy) + (b[0] * (1 - fx) + b[1] * fx) * fy;
    }
}

float lid_grain_at(const struct texture *still, const struct eye_shape *s, float t, float h)
{
    int side = still->width_px < still->height_px ? still->width_px : still->height_px;
    int x, y, r = clamp_int((int)(GRAIN_RADIUS * s->eye_px + 0.5f), 1, 16);
    if (2 * r >= side)
        return 0;
    pixel_near(still, s, t, h + GRAIN_SHIFT, &x, &y);
    x = clamp_int(x, r, still->width_px - 1 - r);
    y = clamp_int(y, r, still->height_px - 1 - r);
    int sum = 0;
    for (int j = y - r; j <= y + r; j++)
        for (int i = x - r; i <= x + r; i++)
            sum += still->plane[0][j * still->stride + i];
    float high = (float)still->plane[0][y * still->stride + x] -
                 (float)sum / (float)((2 * r + 1) * (2 * r + 1));
    return fminf(fmaxf(high, -GRAIN_MAX), GRAIN_MAX);
}
