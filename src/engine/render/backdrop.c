#include "engine/render/backdrop.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/render/grid.h"
#include "engine/render/ramp.h"

#define CELL 0.04f /* E; the membrane is smooth, its border is not */
/* E outside the matte that may still hold stray hair: the membrane covers it */
#define FRINGE 0.12f
#define MELT   0.14f /* E over which membrane turns into portrait */

#define GAP    0.75f /* E, of the trial gap */
#define STRAY  10.0f /* codes off, at least, to be taken for hair */
#define BESIDE 0.45f /* E beyond the fringe that must hold no surprise */

/* A plain or blurred background, or a patterned one from which the head stands out beyond doubt. */
static const struct {
    float surprise, worst, certain;
} trusted[] = {{8.0f, 16.0f, 0.90f}, {22.0f, 40.0f, 0.96f}};
#define COVERED_LEAST 0.97f
#define FREE_LEAST    0.35f

/* Said for each tile and the tiles right of and below it, as far as a block and its apron may reach. */
enum { TILE = 4, TILES_TOGETHER = 4 };

struct backdrop {
    struct picture fill;
    uint8_t *alpha[2]; /* of luma's and of chroma's size */
    struct tiles {
        uint8_t *kind; /* enum tile */
        int columns, rows;
    } tiles[2];       /* of luma's and of chroma's samples */
    uint8_t *line[2]; /* of a warped plane: backdrop, matte */
    float *chroma_x, *chroma_y;
};

const struct picture *backdrop_picture(const struct backdrop *b) { return &b->fill; }

/* One grid, and how far each of its cells is from the person. */
struct room {
    struct grid grid;
    float *away;     /* pixels outside the matte */
    float *off;      /* colour against what a membrane from further away expects, codes */
    uint8_t *person; /* the matte, and what hangs on it */
    uint8_t *known;  /* scratch, as the three below */
    float *trial;
    int *queue;
};

static enum orator_status room_new(struct room *r, const struct texture *still,
                                   const struct matte *m, float eye_px, struct orator_error *err)
{
    enum orator_status s;
    TRY(grid_new(&r->grid, still, m->window, (int)greater(1.0f, roundf(CELL * eye_px)), err));
    const struct grid *g = &r->grid;
    const size_t n = (size_t)grid_cells(g);
    r->away = calloc(3 * n, sizeof(float));
    r->person = calloc(2 * n, 1);
    r->queue = malloc(n * sizeof(*r->queue));
    if (!r->away || !r->person || !r->queue)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a backdrop");
    r->off = r->away + n;
    r->trial = r->away + 2 * n;
    r->known = r->person + n;
    for (int j = 0; j < g->rows; j++) {
        for (int i = 0; i < g->columns; i++) {
            bool person = false;
            int x0 = g->window.x0 + i * g->step_px, y0 = g->window.y0 + j * g->step_px;
            for (int y = y0; y < y0 + g->step_px && y < g->window.y1; y++)
                for (int x = x0; x < x0 + g->step_px && x < g->window.x1; x++)
                    person = person || m->alpha[(ptrdiff_t)y * m->width_px + x] > 12;
            r->person[j * g->columns + i] = person;
        }
    }
done:
    return s;
}

static void room_fini(struct room *r)
{
    free(r->away);
    free(r->person);
    free(r->queue);
    grid_fini(&r->grid);
}

static void measure_distance(struct room *r)
{
    grid_distance(&r->grid, r->away, r->person);
    for (int k = 0; k < grid_cells(&r->grid); k++)
        r->away[k] *= (float)r->grid.step_px;
}

/* Fills a gap wider than will be needed, and compares it with what is really there. False: the person
 * leaves no background to learn from. */
static enum orator_status try_gap(struct room *r, float eye_px, bool *seen,
                                  struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    const struct grid *g = &r->grid;
    const int n = grid_cells(g);
    *seen = false;
    for (int k = 0; k < n; k++) {
        r->known[k] = r->away[k] > GAP * eye_px;
        *seen = *seen || r->known[k];
    }
    for (int plane = 0; plane < 3 && *seen; plane++) {
        memcpy(r->trial, g->colour[plane], (size_t)n * sizeof(float));
        TRY(grid_fill(g, r->trial, r->known, err));
        for (int k = 0; k < n; k++)
            r->off[k] =
                hypotf(r->off[k], (plane ? 1.5f : 1.0f) * (g->colour[plane][k] - r->trial[k]));
    }
done:
    return s;
}

/* Half of the background beside the person is less off than this. */
static float usual(const struct room *r, float eye_px)
{
    int counts[256] = {0}, total = 0, below = 0;
    for (int k = 0; k < grid_cells(&r->grid); k++) {
        if (r->away[k] < FRINGE * eye_px || r->away[k] > GAP * eye_px)
            continue;
        counts[(int)lesser(r->off[k], 255)]++;
        total++;
    }
    for (int v = 0; v < 256; v++) {
        below += counts[v];
        if (2 * below >= total)
            return (float)v + 0.5f;
    }
    return 255;
}

/* What looks like no background and touches the person goes with the person, hair most of all. */
static void take_along(struct room *r, float eye_px)
{
    const int w = r->grid.columns, h = r->grid.rows;
    const float limit = greater(STRAY, 3.0f * usual(r, eye_px));
    int head = 0, tail = 0;
    for (int k = 0; k < w * h; k++)
        if (r->person[k])
            r->queue[tail++] = k;
    while (head < tail) {
        int k = r->queue[head++], i = k % w, j = k / w;
        const int next[4] = {i > 0 ? k - 1 : k, i + 1 < w ? k + 1 : k, j > 0 ? k - w : k,
                             j + 1 < h ? k + w : k};
        for (int m = 0; m < 4; m++) {
            if (r->person[next[m]] || r->off[next[m]] < limit || r->away[next[m]] > GAP * eye_px)
                continue;
            r->person[next[m]] = 1;
            r->queue[tail++] = next[m];
        }
    }
}

/* Texture that a membrane cannot have, and gradients that it guesses wrong, count alike. */
static void find_surprise(struct backdrop_trust *t, const struct room *r, const struct head *h)
{
    enum { SECTORS = 24 }; /* around the head */
    const struct grid *g = &r->grid;
    const float e = h->frame.eye_px;
    double sum[SECTORS] = {0}, all = 0;
    int count[SECTORS] = {0}, cells = 0;
    for (int j = 0; j < g->rows; j++) {
        for (int i = 0; i < g->columns; i++) {
            int k = j * g->columns + i;
            float px[2], at[2];
            grid_centre(g, i, j, px);
            frame_to_local(&h->frame, px[0], px[1], at);
            if (r->away[k] < FRINGE * e || r->away[k] > (FRINGE + BESIDE) * e ||
                at[1] > h->chin_y + 0.3f)
                continue;
            float angle = atan2f(at[1] - h->centre_y, at[0] - h->middle_x);
            int sector = (int)((angle + 3.14159265f) * (SECTORS / 6.2831854f));
            sector = sector < 0 ? 0 : sector >= SECTORS ? SECTORS - 1 : sector;
            sum[sector] += (double)(r->off[k] * r->off[k]);
            count[sector]++;
        }
    }
    for (int k = 0; k < SECTORS; k++) {
        all += sum[k];
        cells += count[k];
        if (count[k] > 6)
            t->worst = greater(t->worst, (float)sqrt(sum[k] / count[k]));
    }
    t->surprise = cells ? (float)sqrt(all / cells) : 255;
}

static void look_around(struct backdrop_trust *t, const struct matte *m, const struct head *h)
{
    int face = 0, held = 0, around = 0, free_of = 0;
    for (float y = -1; y <= 1.5f; y += 0.05f) {
        for (float x = -1; x <= 1; x += 0.05f) {
            float middle = 0.5f * (h->points[10][1] + h->chin_y), half = h->chin_y - middle, px[2];
            bool in_face = x * x + y * y<1, in_neck = y> 0.9f && fabsf(x) < 0.4f;
            if (!in_face && !in_neck)
                continue;
            frame_to_px(&h->frame, h->middle_x + x * 0.9f * h->half_width, middle + y * half, px);
            if (px[0] < 0 || px[1] < 0 || px[0] >= h->width || px[1] >= h->height)
                continue;
            face++;
            held += m->alpha[(ptrdiff_t)(int)px[1] * m->width_px + (int)px[0]] > 128;
        }
    }
    t->covered = face ? (float)held / (float)face : 0;
    /* rays from the face outward, above the chin: do they leave the person before the picture? */
    for (int k = 0; k <= 40; k++) {
        float angle = -3.3f + 3.46f * (float)k / 40.0f, px[2] = {0, 0};
        bool left = false;
        for (float far = 0.5f; far < 4 && !left; far += 0.05f) {
            frame_to_px(&h->frame, h->middle_x + far * cosf(angle), h->centre_y + far * sinf(angle),
                        px);
            if (px[0] < 2 || px[1] < 2 || px[0] > h->width - 3 || px[1] > h->height - 3)
                break;
            left = m->alpha[(ptrdiff_t)(int)px[1] * m->width_px + (int)px[0]] < 8;
        }
        around++;
        free_of += left;
    }
    t->free = (float)free_of / (float)around;
}

/* B: the portrait, melting into the membrane towards the person. */
static enum orator_status paint(struct backdrop *b, struct room *r, const struct picture *portrait,
                                float eye_px, struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    const struct grid *g = &r->grid;
    const struct rect w = g->window;
    const int n = grid_cells(g);
    for (int k = 0; k < n; k++)
        r->known[k] = r->away[k] > FRINGE * eye_px;
    for (int p = 0; p < 3; p++) {
        const int half = p > 0, scale = 1 + half;
        for (int y = 0; y < portrait->height_px >> half; y++)
            memcpy(b->fill.plane[p] + y * b->fill.stride[p],
                   portrait->plane[p] + y * portrait->stride[p],
                   (size_t)(portrait->width_px >> half));
        TRY(grid_fill(g, g->colour[p], r->known, err));
        for (int y = w.y0 >> half; y < w.y1 >> half; y++) {
            for (int x = w.x0 >> half; x < w.x1 >> half; x++) {
                float at_x = (float)(scale * x) + 0.5f;
                float at_y = (float)(scale * y) + 0.5f * (float)scale;
                float away = grid_at(g, r->away, at_x, at_y) / eye_px;
                if (away >= FRINGE + MELT)
                    continue;
                uint8_t *v = b->fill.plane[p] + y * b->fill.stride[p] + x;
                float smooth = grid_at(g, g->colour[p], at_x, at_y);
                float mixed = ramp_mix(smooth, (float)*v, ramp(FRINGE, FRINGE + MELT, away));
                *v = (uint8_t)ramp_clamp(mixed + 0.5f, 0, 255);
            }
        }
    }
done:
    return s;
}

enum { NOT_PERSON = 1, NOT_NOBODY = 2, NOT_SAME = 4 };

/* What one tile is not; `half`: of chroma. */
static int tile_lacks(const struct backdrop *b, const struct picture *portrait, bool half, int i,
                      int j)
{
    const int width = portrait->width_px >> half, height = portrait->height_px >> half;
    const int x1 = (i + 1) * TILE < width ? (i + 1) * TILE : width;
    const int y1 = (j + 1) * TILE < height ? (j + 1) * TILE : height;
    int lacks = 0;
    for (int y = j * TILE; y < y1; y++) {
        for (int x = i * TILE; x < x1; x++) {
            const uint8_t alpha = b->alpha[half][(ptrdiff_t)y * width + x];
            lacks |= (alpha != 255 ? NOT_PERSON : 0) | (alpha != 0 ? NOT_NOBODY : 0);
            for (int p = half; p < (half ? 3 : 1); p++)
                if (portrait->plane[p][y * portrait->stride[p] + x] !=
                    b->fill.plane[p][y * b->fill.stride[p] + x])
                    lacks |= NOT_SAME;
        }
    }
    return lacks;
}

static bool find_tiles(struct backdrop *b, const struct picture *portrait, bool half)
{
    struct tiles *t = &b->tiles[half];
    t->columns = ((portrait->width_px >> half) + TILE - 1) / TILE;
    t->rows = ((portrait->height_px >> half) + TILE - 1) / TILE;
    t->kind = malloc((size_t)t->columns * (size_t)t->rows);
    if (!t->kind)
        return false;
    for (int j = 0; j < t->rows; j++)
        for (int i = 0; i < t->columns; i++)
            t->kind[j * t->columns + i] = (uint8_t)tile_lacks(b, portrait, half, i, j);
    for (int j = 0; j < t->rows; j++) { /* in place: what is read lies ahead */
        for (int i = 0; i < t->columns; i++) {
            int lacks = 0;
            for (int y = j; y < j + TILES_TOGETHER && y < t->rows; y++)
                for (int x = i; x < i + TILES_TOGETHER && x < t->columns; x++)
                    lacks |= t->kind[y * t->columns + x];
            t->kind[j * t->columns + i] = !(lacks & NOT_PERSON) ? TILE_PERSON
                                          : lacks & NOT_NOBODY  ? TILE_MIXED
                                          : lacks & NOT_SAME    ? TILE_FRINGE
                                                                : TILE_BACKDROP;
        }
    }
    return true;
}

/* What is all but the person, or all but not, is: nobody sees the difference, and less is drawn twice. */
enum { DOUBT = 10 /* of 255 */ };
static uint8_t certain_alpha(uint8_t alpha)
{
    const int v = ((alpha - DOUBT) * 255 + (255 - 2 * DOUBT) / 2) / (255 - 2 * DOUBT);
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static enum orator_status lay_out(struct backdrop *b, const struct matte *m,
                                  const struct picture *portrait, struct orator_error *err)
{
    const size_t w = (size_t)m->width_px, h = (size_t)m->height_px;
    b->alpha[0] = malloc(w * h + w / 2 * (h / 2));
    b->line[0] = malloc(2 * w);
    b->chroma_x = malloc(2 * w * sizeof(float));
    if (!b->alpha[0] || !b->line[0] || !b->chroma_x)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a backdrop");
    b->alpha[1] = b->alpha[0] + w * h;
    b->line[1] = b->line[0] + w;
    b->chroma_y = b->chroma_x + w;
    for (size_t k = 0; k < w * h; k++)
        b->alpha[0][k] = certain_alpha(m->alpha[k]);
    for (size_t y = 0; y < h / 2; y++) {
        for (size_t x = 0; x < w / 2; x++) {
            const uint8_t *a = b->alpha[0] + 2 * y * w + 2 * x;
            b->alpha[1][y * (w / 2) + x] = (uint8_t)((a[0] + a[1] + a[w] + a[w + 1] + 2) / 4);
        }
    }
    if (!find_tiles(b, portrait, false) || !find_tiles(b, portrait, true))
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a backdrop");
    return ORATOR_OK;
}

enum orator_status backdrop_new(struct backdrop **out, struct backdrop_trust *trust,
                                const struct picture *portrait, const struct texture *still,
                                const struct matte *m, const struct head *h,
                                struct orator_error *err)
{
    enum orator_status s = ORATOR_OK;
    struct room room = {0};
    struct backdrop *b = NULL;
    bool seen;
    *out = NULL;
    *trust = (struct backdrop_trust){0};
    if (!m->found)
        return ORATOR_OK;
    TRY(room_new(&room, still, m, h->frame.eye_px, err));
    measure_distance(&room);
    TRY(try_gap(&room, h->frame.eye_px, &seen, err));
    if (!seen)
        goto done;
    take_along(&room, h->frame.eye_px);
    measure_distance(&room);
    find_surprise(trust, &room, h);
    look_around(trust, m, h);
    trust->certain = m->certain;
    for (size_t k = 0; k < sizeof(trusted) / sizeof(trusted[0]); k++)
        trust->good =
            trust->good || (trust->surprise < trusted[k].surprise &&
                            trust->worst < trusted[k].worst && trust->certain > trusted[k].certain);
    trust->good = trust->good && trust->covered > COVERED_LEAST && trust->free > FREE_LEAST;
    if (!trust->good)
        goto done;
    b = calloc(1, sizeof(*b));
    if (!b) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory for a backdrop");
        goto done;
    }
    TRY(picture_new(&b->fill, portrait->width_px, portrait->height_px, err));
    TRY(paint(b, &room, portrait, h->frame.eye_px, err));
    TRY(lay_out(b, m, portrait, err));
    *out = b;
    b = NULL;
done:
    backdrop_free(&b);
    room_fini(&room);
    return s;
}

void backdrop_free(struct backdrop **p)
{
    struct backdrop *b = *p;
    if (!b)
        return;
    free(b->chroma_x);
    free(b->line[0]);
    free(b->tiles[0].kind);
    free(b->tiles[1].kind);
    free(b->alpha[0]);
    picture_fini(&b->fill);
    free(b);
    *p = NULL;
}

static int limit(int v, int most) { return v < 0 ? 0 : v > most ? most : v; }

/* Of all samples from x, y on, as far as tiles see together. */
static enum tile kind_from(const struct tiles *t, int x, int y)
{
    return (enum tile)
        t->kind[limit(y / TILE, t->rows - 1) * t->columns + limit(x / TILE, t->columns - 1)];
}

/* Around a place of the map: what a run of SPAN luma pixels and their chroma may need. */
enum { SPAN = 8 };
static enum tile tile_at(const struct backdrop *b, float x, float y)
{
    int at_x = (int)ramp_clamp(x, 0, (float)b->fill.width_px) - 6;
    int at_y = (int)ramp_clamp(y, 0, (float)b->fill.height_px) - 6;
    enum tile luma = kind_from(&b->tiles[0], at_x, at_y);
    enum tile chroma = kind_from(&b->tiles[1], at_x / 2 - 2, at_y / 2 - 2);
    return luma == chroma ? luma : TILE_MIXED;
}

/* `n` samples of plane p from (x, y), in samples of that plane; the map's rows for them. */
static void draw_span(struct backdrop *b, struct picture *frame, const struct picture *still, int p,
                      int x, int y, int n, const float *map_x, const float *map_y, enum tile kind,
                      const struct dsp *dsp)
{
    const int half = p > 0, w = b->fill.width_px >> half, h = b->fill.height_px >> half;
    uint8_t *to = frame->plane[p] + y * frame->stride[p] + x;
    dsp->warp_cubic_u8(to, still->plane[p], still->stride[p], w, h, map_x, map_y, n);
    if (kind == TILE_PERSON)
        return;
    uint8_t *moved = b->line[0], *alpha = b->line[1];
    dsp->warp_cubic_u8(moved, b->fill.plane[p], b->fill.stride[p], w, h, map_x, map_y, n);
    if (kind == TILE_MIXED)
        dsp->warp_cubic_u8(alpha, b->alpha[half], w, w, h, map_x, map_y, n);
    else
        memset(alpha, 0, (size_t)n);
    dsp->stand_still_u8(to, to, b->fill.plane[p] + y * b->fill.stride[p] + x, moved, alpha, n);
}

/* Two rows of luma and one of chroma, from x to x + n. */
static void draw_rows(struct backdrop *b, struct picture *frame, const struct picture *still,
                      const struct sheet_map *map, int x, int y, int n, enum tile kind,
                      const struct dsp *dsp)
{
    const ptrdiff_t width = map->region.x1 - map->region.x0;
    const ptrdiff_t at = (y - map->region.y0) * width + x - map->region.x0;
    const float *map_x = map->x + at, *map_y = map->y + at;
    draw_span(b, frame, still, 0, x, y, n, map_x, map_y, kind, dsp);
    draw_span(b, frame, still, 0, x, y + 1, n, map_x + width, map_y + width, kind, dsp);
    for (int i = 0; i < n / 2; i++) { /* as warp_picture() does */
        b->chroma_x[i] = 0.25f * (map_x[2 * i] + map_x[2 * i + width]) + 0.25f;
        b->chroma_y[i] = 0.25f * (map_y[2 * i] + map_y[2 * i + width]);
    }
    for (int p = 1; p < 3; p++)
        draw_span(b, frame, still, p, x / 2, y / 2, n / 2, b->chroma_x, b->chroma_y, kind, dsp);
}

static void copy_rows(const struct backdrop *b, struct picture *frame, int x, int y, int n)
{
    for (int p = 0; p < 3; p++) {
        const int half = p > 0;
        for (int row = y >> half; row < (y + 2) >> half; row++)
            memcpy(frame->plane[p] + row * frame->stride[p] + (x >> half),
                   b->fill.plane[p] + row * b->fill.stride[p] + (x >> half), (size_t)(n >> half));
    }
}

void backdrop_draw(struct backdrop *b, struct picture *frame, const struct picture *still,
                   const struct sheet_map *map, const struct dsp *dsp)
{
    const struct rect r = map->region;
    const ptrdiff_t width = r.x1 - r.x0;
    for (int y = r.y0; y < r.y1; y += 2) {
        const float *map_x = map->x + (y - r.y0) * width, *map_y = map->y + (y - r.y0) * width;
        for (int x = r.x0, end; x < r.x1; x = end) {
            enum tile kind = TILE_MIXED;
            for (end = x; end < r.x1; end += SPAN) { /* a run of one kind */
                int middle = end + SPAN / 2 < r.x1 ? end + SPAN / 2 : r.x1 - 1;
                enum tile here = tile_at(b, map_x[middle - r.x0], map_y[middle - r.x0]);
                if (end == x)
                    kind = here;
                else if (here != kind)
                    break;
            }
            end = end < r.x1 ? end : r.x1;
            if (kind == TILE_BACKDROP)
                copy_rows(b, frame, x, y, end - x);
            else
                draw_rows(b, frame, still, map, x, y, end - x, kind, dsp);
        }
    }
}

/* Of all samples that a block is made of; the last of them is before its far corners, and its apron
 * reaches one sample back and two ahead. */
static enum tile block_kind(const struct tiles *t, int x0, int x1, int y0, int y1)
{
    enum { ONE = 12 }; /* WARP_ONE is 2^12 */
    x0 = limit((x0 >> ONE) - 1, INT_MAX);
    y0 = limit((y0 >> ONE) - 1, INT_MAX);
    if (((x1 >> ONE) + 2) / TILE >= x0 / TILE + TILES_TOGETHER ||
        ((y1 >> ONE) + 2) / TILE >= y0 / TILE + TILES_TOGETHER)
        return TILE_MIXED;
    return kind_from(t, x0, y0);
}

static inline int lower(int a, int b) { return a < b ? a : b; }
static inline int upper(int a, int b) { return a > b ? a : b; }

void backdrop_kinds(const struct backdrop *b, bool chroma, const struct warp_row *row, int n,
                    uint8_t *kind)
{
    for (int k = 0; k < n; k++) {
        const int32_t *tx = row->top_x + k, *bx = row->bottom_x + k;
        const int32_t *ty = row->top_y + k, *by = row->bottom_y + k;
        kind[k] =
            (uint8_t)block_kind(&b->tiles[chroma], lower(lower(tx[0], tx[1]), lower(bx[0], bx[1])),
                                upper(upper(tx[0], tx[1]), upper(bx[0], bx[1])),
                                lower(lower(ty[0], ty[1]), lower(by[0], by[1])),
                                upper(upper(ty[0], ty[1]), upper(by[0], by[1])));
    }
}

/* Between a plane and whole blocks one after the other; `wide` x `high` samples of the plane. */
static void copy_blocks(uint8_t *blocks, uint8_t *plane, ptrdiff_t stride, int wide, int high,
                        bool in)
{
    enum { N = WARP_BLOCK };
    for (int x = 0; x < wide; x += N, blocks += N * N)
        for (int j = 0; j < high; j++) {
            uint8_t *outside = plane + j * stride + x, *inside = blocks + j * N;
            if (x + N <= wide) /* one move */
                memcpy(in ? inside : outside, in ? outside : inside, N);
            else
                memcpy(in ? inside : outside, in ? outside : inside, (size_t)(wide - x));
        }
}

void backdrop_blocks(const struct backdrop *b, struct picture *frame, const struct picture *still,
                     bool chroma, int x, int y, int wide, int high, const struct warp_row *row,
                     enum tile kind, const struct dsp *dsp)
{
    enum { N = WARP_BLOCK, BLOCK = N * N, TOGETHER = 16, ALL = BLOCK * TOGETHER, MOST = 2 };
    const int w = b->fill.width_px >> chroma, h = b->fill.height_px >> chroma;
    const int first = chroma ? 1 : 0, count = chroma ? 2 : 1;
    uint8_t shown[MOST][ALL], moved[MOST][ALL], alpha[ALL], ground[ALL];
    struct warp_plane planes[2 * MOST + 1];
    for (int n = 0; n < count; n++) {
        const int p = first + n;
        planes[n] = (struct warp_plane){shown[n], N, BLOCK, still->plane[p], still->stride[p]};
        planes[count + n] =
            (struct warp_plane){moved[n], N, BLOCK, b->fill.plane[p], b->fill.stride[p]};
    }
    planes[2 * count] = (struct warp_plane){alpha, N, BLOCK, b->alpha[chroma], w};
    if (kind == TILE_FRINGE)
        memset(alpha, 0, sizeof(alpha));
    memset(ground, 0, sizeof(ground));
    for (int done = 0; done < wide; done += N * TOGETHER, x += N * TOGETHER) {
        const int these = wide - done < N * TOGETHER ? wide - done : N * TOGETHER;
        const int k = done / N, blocks = (these + N - 1) / N;
        const struct warp_row here = {row->top_x + k, row->top_y + k, row->bottom_x + k,
                                      row->bottom_y + k};
        dsp->warp_row_u8(planes, 2 * count + (kind == TILE_MIXED), w, h, &here, blocks);
        for (int n = 0; n < count; n++) {
            const int p = first + n;
            const ptrdiff_t stride = b->fill.stride[p], to_stride = frame->stride[p];
            copy_blocks(ground, b->fill.plane[p] + y * stride + x, stride, these, high, true);
            dsp->stand_still_u8(shown[n], shown[n], ground, moved[n], alpha, blocks * BLOCK);
            copy_blocks(shown[n], frame->plane[p] + y * to_stride + x, to_stride, these, high,
                        false);
        }
    }
}
