#include "engine/render/lid_texture.h"

#include <math.h>
#include <stdlib.h>
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
    STRIP_COLUMNS = 3, /* to each side: lashes come closer than that, skin shows between them */
    STRIP_CELLS = (2 * STRIP_COLUMNS + 1) * LID_ROWS,
    CELL_TAPS = 3, /* samples a side averaged into one cell */
};
#define STRIP_ABOVE \
    0.10f /* E above the edge: where an open eye shows its lid, under the lashes' roots */
#define STRIP_BELOW   0.035f
#define UNDER_FROM    0.03f /* E below the lower lid: skin inside any lens, clear of lashes */
#define UNDER_TO      0.09f
#define STRIP_PULL    0.15f /* on the membrane: it takes the strip's colour within some 3 cells */
#define UNPAINTED     0.45f /* of the skin's colour above, for a bare lid */
#define PAINTED_LIGHT 0.50f /* of its light: surely make-up */
#define BARE_LIGHT    0.75f
#define RED_SKIN      0.03f /* V over Y: less is a grey picture */
#define EVEN_LIGHT    0.88f /* of its lit part's light that a lid has at least, along the lashes */
#define CREASE_FROM   0.13f /* E above the edge: where folds lie */
#define CREASE_TO     0.045f
#define STRAY_REACH   0.22f /* E above the edge; the longest made-up lashes */
#define STRAY_FAINT   4.0f  /* luma codes darker than the skin around: nothing ... */
#define STRAY_CLEAR   16.0f /* ... and certainly a lash */
#define GRAIN_SHIFT   0.40f /* E below: cheek, clear of lashes and of the mouth */
#define GRAIN_RADIUS  0.02f /* E; what is broader is shape, not grain */
#define GRAIN_MAX     5.0f  /* of 255: a wrinkle or an edge of spectacles is no grain */

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

static float column_t(int i) { return GRID_LEFT + (float)i * GRID_STEP_T; }
static float row_h(int j) { return GRID_TOP + (float)j * GRID_STEP_H; }

struct cell {
    float luma;
    int i, j;
};

static int by_luma(const void *a, const void *b)
{
    const struct cell *p = a, *q = b;
    return p->luma != q->luma ? (p->luma > q->luma) - (p->luma < q->luma)
                              : p->i * LID_ROWS + p->j - q->i * LID_ROWS - q->j;
}

/* Passes of 1 2 1, deviation 3 columns: lashes come in tufts, lids do not. */
static void smooth_along(float line[LID_COLUMNS])
{
    for (int pass = 0; pass < 18; pass++) {
        float last = line[0];
        for (int i = 0; i < LID_COLUMNS; i++) {
            float here = line[i], next = line[clamp_int(i + 1, 0, LID_COLUMNS - 1)];
            line[i] = 0.25f * last + 0.5f * here + 0.25f * next;
            last = here;
        }
    }
}

/* The lid that an open eye shows, column by column: between its fold and its lashes, what is neither
 * among the darker half (lashes, the fold) nor the glints of the brightest tenth. */
static void strip_colours(float out[3][LID_COLUMNS], grid in[3], const struct eye_shape *s,
                          bool lens)
{
    float above = fmaxf(fminf(STRIP_ABOVE, 0.6f * s->forehead), STRIP_BELOW + 2 * GRID_STEP_H);
    for (int i = 0; i < LID_COLUMNS; i++) {
        struct cell cells[STRIP_CELLS];
        int n = 0, from = (int)((0.06f - GRID_LEFT) / GRID_STEP_T);
        int to = (int)((0.94f - GRID_LEFT) / GRID_STEP_T);
        int middle = clamp_int(i, from + STRIP_COLUMNS, to - STRIP_COLUMNS);
        for (int a = middle - STRIP_COLUMNS; a <= middle + STRIP_COLUMNS; a++)
            for (int j = 0; j < LID_ROWS; j++) {
                float d = row_h(j) - eye_upper(s, column_t(a));
                float under = row_h(j) - eye_lower(s, column_t(a));
                if (lens ? under > UNDER_FROM && under < UNDER_TO : d > -above && d < -STRIP_BELOW)
                    cells[n++] = (struct cell){in[0][j][a], a, j};
            }
        qsort(cells, (size_t)n, sizeof(cells[0]), by_luma);
        int first = n * 11 / 20, last = n * 9 / 10;
        last = last > first ? last : first + 1;
        for (int c = 0; c < 3; c++) {
            float sum = 0;
            for (int k = first; k < last && k < n; k++)
                sum += in[c][cells[k].j][cells[k].i];
            out[c][i] = n ? sum / (float)(last - first) : in[c][0][i];
        }
    }
    for (int c = 0; c < 3; c++)
        smooth_along(out[c]);
}

/* Whether what is seen above the lashes is no skin: hair, a hat. It is far less red than the skin under the
 * eye; make-up hardly ever is. */
static bool covered(float strip[3][LID_COLUMNS], float under[3][LID_COLUMNS])
{
    float red[2] = {0};
    for (int i = 0; i < LID_COLUMNS; i++) {
        red[0] += (strip[2][i] - 128) / fmaxf(strip[0][i] - 16, 8) / LID_COLUMNS;
        red[1] += (under[2][i] - 128) / fmaxf(under[0][i] - 16, 8) / LID_COLUMNS;
    }
    return red[1] > RED_SKIN && red[0] < 0.5f * red[1];
}

/* A lid drawn down comes out from under its fold and its lashes into the light: where it is not much
 * darker than the skin above, and so not painted, its colour is partly that skin's. */
static void lighten_strip(float strip[3][LID_COLUMNS], grid closed[3],
                          bool hole[LID_ROWS][LID_COLUMNS])
{
    float above[3][LID_COLUMNS];
    for (int i = 0; i < LID_COLUMNS; i++) {
        int j = 0;
        while (j + 1 < LID_ROWS && !hole[j + 1][i])
            j++;
        for (int c = 0; c < 3; c++)
            above[c][i] = j + 1 < LID_ROWS ? closed[c][j][i] : strip[c][i];
    }
    for (int c = 0; c < 3; c++)
        smooth_along(above[c]);
    for (int i = 0; i < LID_COLUMNS; i++) {
        float part = (strip[0][i] - 16) / fmaxf(above[0][i] - 16, 8);
        float share = UNPAINTED * smooth_step(PAINTED_LIGHT, BARE_LIGHT, part);
        for (int c = 0; c < 3; c++)
            strip[c][i] += share * (above[c][i] - strip[c][i]);
    }
}

/* A lid is one curved surface in one light: where the open eye shows it much darker than elsewhere along the
 * lashes, that is the shadow of brow and fold, which it leaves as it comes down. */
static void even_strip(float strip[3][LID_COLUMNS])
{
    struct cell columns[LID_COLUMNS];
    int n = 0;
    for (int i = 0; i < LID_COLUMNS; i++)
        if (column_t(i) > 0.1f && column_t(i) < 0.9f)
            columns[n++] = (struct cell){strip[0][i] - 16, i, 0};
    qsort(columns, (size_t)n, sizeof(columns[0]), by_luma);
    const struct cell lit = columns[n * 7 / 10];
    float colour[3];
    for (int c = 0; c < 3; c++)
        colour[c] = strip[c][lit.i];
    for (int i = 0; i < LID_COLUMNS; i++) {
        float lack = EVEN_LIGHT * lit.luma - (strip[0][i] - 16);
        if (lack <= 0)
            continue;
        float share = lack / (colour[0] - strip[0][i]);
        for (int c = 0; c < 3; c++)
            strip[c][i] += share * (colour[c] - strip[c][i]);
    }
}

/* Hangs from the skin above and beside the eye, drawn towards the strip's colour the nearer the lashes;
 * its lower edge is free: a lid is the skin of the socket drawn down, and a pale cheek or a shadow below
 * says nothing about its colour. */
static void membrane(grid g, bool hole[LID_ROWS][LID_COLUMNS], const float strip[LID_COLUMNS],
                     const struct eye_shape *s)
{
    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++)
            if (hole[j][i])
                g[j][i] = strip[i];
    for (int n = 0; n < RELAXATIONS; n++)
        for (int j = 1; j < LID_ROWS - 1; j++)
            for (int i = 1; i < LID_COLUMNS - 1; i++)
                if (hole[j][i]) {
                    float below = hole[j + 1][i] ? g[j + 1][i] : g[j][i];
                    float mean = 0.25f * (g[j][i - 1] + g[j][i + 1] + g[j - 1][i] + below);
                    float d = row_h(j) - eye_upper(s, column_t(i));
                    float pull = STRIP_PULL * smooth_step(-0.09f, -0.02f, d);
                    mean = (mean + pull * strip[i]) / (1 + pull);
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

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The fold of the lid, by the medians over the eye's columns of the darkest line above it. */
static void find_crease(struct lid_texture *out, grid raw[3], const struct eye_shape *s)
{
    float depth[LID_COLUMNS], at[LID_COLUMNS];
    int n = 0;
    for (int i = 0; i < LID_COLUMNS; i++) {
        float t = column_t(i), best = 0, best_at = 0.5f * (CREASE_FROM + CREASE_TO);
        if (t < 0.2f || t > 0.8f)
            continue;
        for (int j = 1; j < LID_ROWS - 1; j++) {
            float d = eye_upper(s, t) - row_h(j);
            if (d < CREASE_TO || d > fminf(CREASE_FROM, 0.6f * s->forehead))
                continue;
            float dark = 1 - (raw[0][j][i] - 16) / fmaxf(out->colour[0][j][i] - 16, 8);
            if (dark > best) {
                best = dark;
                best_at = d;
            }
        }
        depth[n] = best;
        at[n++] = best_at;
    }
    qsort(depth, (size_t)n, sizeof(depth[0]), by_size);
    qsort(at, (size_t)n, sizeof(at[0]), by_size);
    out->crease = depth[n / 2];
    out->crease_at = at[n / 2];
}

float lid_strays_reach(const struct eye_shape *s)
{
    return fmaxf(fminf(STRAY_REACH, 0.75f * s->forehead), 0);
}

/* What the portrait has above the lid, darker than the skin that was made for there. */
static void find_strays(struct lid_texture *out, grid raw[3], const struct eye_shape *s)
{
    float reach = lid_strays_reach(s);
    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++) {
            float t = column_t(i), d = eye_upper(s, t) - row_h(j), most = 0;
            for (int k = 0; k < 9; k++) {
                int b = clamp_int(j + k / 3 - 1, 0, LID_ROWS - 1);
                int a = clamp_int(i + k % 3 - 1, 0, LID_COLUMNS - 1);
                most = fmaxf(most, smooth_step(STRAY_FAINT, STRAY_CLEAR,
                                               out->colour[0][b][a] - raw[0][b][a]));
            }
            out->strays[j][i] = most * smooth_step(LID_STRAYS_OUTER, 0.0f, t) *
                                (1 - smooth_step(0.95f, 1.1f, t)) *
                                (1 - smooth_step(0.7f * reach, reach, d));
        }
}

void lid_texture_make(struct lid_texture *out, const struct texture *still,
                      const struct eye_shape *s, bool lens)
{
    bool hole[LID_ROWS][LID_COLUMNS];
    float strip[3][LID_COLUMNS], under[3][LID_COLUMNS];
    grid raw[3];

    for (int j = 0; j < LID_ROWS; j++)
        for (int i = 0; i < LID_COLUMNS; i++)
            hole[j][i] = lens || in_hole(s, column_t(i), row_h(j));
    average_cells(raw, still, s);
    lash_colour(out->lash, raw, s);
    strip_colours(strip, raw, s, lens);
    strip_colours(under, raw, s, true);
    const bool hidden = !lens && covered(strip, under);
    if (hidden)
        memcpy(strip, under, sizeof(strip));
    spread(out->scratch, raw, hole, 1);
    spread(out->colour, out->scratch, hole, -1);
    if (!lens && !hidden)
        lighten_strip(strip, out->colour, hole);
    even_strip(strip);
    for (int c = 0; c < 3; c++)
        membrane(out->colour[c], hole, strip[c], s);
    find_crease(out, raw, s);
    find_strays(out, raw, s);
}

/* Where a place lies in the grid: the cell above and left of it, and how far in. */
static void find_cell(float t, float h, int *i, int *j, float *fx, float *fy)
{
    float x = fminf(fmaxf((t - GRID_LEFT) / GRID_STEP_T, 0), LID_COLUMNS - 1.001f);
    float y = fminf(fmaxf((h - GRID_TOP) / GRID_STEP_H, 0), LID_ROWS - 1.001f);
    *i = (int)x;
    *j = (int)y;
    *fx = x - (float)*i;
    *fy = y - (float)*j;
}

static float between(const grid g, int i, int j, float fx, float fy)
{
    const float *a = &g[j][i], *b = &g[j + 1][i];
    return (a[0] * (1 - fx) + a[1] * fx) * (1 - fy) + (b[0] * (1 - fx) + b[1] * fx) * fy;
}

void lid_texture_at(const struct lid_texture *tex, float t, float h, float out[3])
{
    int i, j;
    float fx, fy;
    find_cell(t, h, &i, &j, &fx, &fy);
    for (int c = 0; c < 3; c++)
        out[c] = between(tex->colour[c], i, j, fx, fy);
}

float lid_strays_at(const struct lid_texture *tex, float t, float h)
{
    int i, j;
    float fx, fy;
    find_cell(t, h, &i, &j, &fx, &fy);
    return between(tex->strays, i, j, fx, fy);
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
