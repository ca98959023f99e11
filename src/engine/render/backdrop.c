#include "engine/render/backdrop.h"

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

enum { TILE = 8 };
enum tile {
    TILE_BACKDROP, /* portrait and backdrop are the same */
    TILE_FRINGE,   /* they differ, and nobody is there */
    TILE_MIXED,
    TILE_PERSON
};

struct backdrop {
    struct picture fill;
    uint8_t *alpha[2]; /* of luma's and of chroma's size */
    uint8_t *tiles;    /* enum tile, by what lies in it and in its neighbours */
    int columns, rows;
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

static enum tile tile_of(const struct backdrop *b, const struct matte *m,
                         const struct picture *portrait, int i, int j)
{
    bool person = true, nobody = true, same = true;
    int x1 = (i + 2) * TILE, y1 = (j + 2) * TILE;
    x1 = x1 > m->width_px ? m->width_px : x1;
    y1 = y1 > m->height_px ? m->height_px : y1;
    for (int y = j > 0 ? (j - 1) * TILE : 0; y < y1; y++) {
        for (int x = i > 0 ? (i - 1) * TILE : 0; x < x1; x++) {
            uint8_t alpha = m->alpha[(ptrdiff_t)y * m->width_px + x];
            person = person && alpha == 255;
            nobody = nobody && alpha == 0;
            for (int p = 0; p < 3 && same; p++) {
                int half = p > 0;
                same = portrait->plane[p][(y >> half) * portrait->stride[p] + (x >> half)] ==
                       b->fill.plane[p][(y >> half) * b->fill.stride[p] + (x >> half)];
            }
            if (!person && !nobody)
                return TILE_MIXED;
        }
    }
    return person ? TILE_PERSON : same ? TILE_BACKDROP : TILE_FRINGE;
}

static enum orator_status lay_out(struct backdrop *b, const struct matte *m,
                                  const struct picture *portrait, struct orator_error *err)
{
    const size_t w = (size_t)m->width_px, h = (size_t)m->height_px;
    b->columns = (m->width_px + TILE - 1) / TILE;
    b->rows = (m->height_px + TILE - 1) / TILE;
    b->alpha[0] = malloc(w * h + w / 2 * (h / 2));
    b->tiles = malloc((size_t)b->columns * (size_t)b->rows);
    b->line[0] = malloc(2 * w);
    b->chroma_x = malloc(2 * w * sizeof(float));
    if (!b->alpha[0] || !b->tiles || !b->line[0] || !b->chroma_x)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a backdrop");
    b->alpha[1] = b->alpha[0] + w * h;
    b->line[1] = b->line[0] + w;
    b->chroma_y = b->chroma_x + w;
    memcpy(b->alpha[0], m->alpha, w * h);
    for (size_t y = 0; y < h / 2; y++) {
        for (size_t x = 0; x < w / 2; x++) {
            const uint8_t *a = m->alpha + 2 * y * w + 2 * x;
            b->alpha[1][y * (w / 2) + x] = (uint8_t)((a[0] + a[1] + a[w] + a[w + 1] + 2) / 4);
        }
    }
    for (int j = 0; j < b->rows; j++)
        for (int i = 0; i < b->columns; i++)
            b->tiles[j * b->columns + i] = (uint8_t)tile_of(b, m, portrait, i, j);
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
    free(b->tiles);
    free(b->alpha[0]);
    picture_fini(&b->fill);
    free(b);
    *p = NULL;
}

static enum tile tile_at(const struct backdrop *b, float x, float y)
{
    int i = (int)ramp_clamp(x * (1.0f / TILE), 0, (float)(b->columns - 1));
    int j = (int)ramp_clamp(y * (1.0f / TILE), 0, (float)(b->rows - 1));
    return (enum tile)b->tiles[j * b->columns + i];
}

/* frame += (255 - alpha) / 255 (still - moved), one row of one plane. */
static void stand_still(uint8_t *restrict frame, const uint8_t *restrict still,
                        const uint8_t *restrict moved, const uint8_t *restrict alpha, int n)
{
    for (int k = 0; k < n; k++) {
        int back = (255 - alpha[k]) * (still[k] - moved[k]);
        int v = frame[k] + ((back * 257 + 32768) >> 16); /* / 255, rounded */
        frame[k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
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
    stand_still(to, b->fill.plane[p] + y * b->fill.stride[p] + x, moved, alpha, n);
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
            for (end = x; end < r.x1; end += TILE) { /* a run of one kind */
                int middle = end + TILE / 2 < r.x1 ? end + TILE / 2 : r.x1 - 1;
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

static int limit(int v, int most) { return v < 0 ? 0 : v > most ? most : v; }

/* What a block is made of: of one kind if its four quarters are. */
static enum tile block_kind(const struct backdrop *b, const struct warp_block *from, int half)
{
    const int to_px = 12 - half; /* WARP_ONE is 2^12 */
    enum tile kind = TILE_MIXED;
    for (int k = 0; k < 4; k++) {
        int x = (9 * from->x[k] + 3 * from->x[k ^ 1] + 3 * from->x[k ^ 2] + from->x[k ^ 3]) >> 4;
        int y = (9 * from->y[k] + 3 * from->y[k ^ 1] + 3 * from->y[k ^ 2] + from->y[k ^ 3]) >> 4;
        int i = limit((x >> to_px) / TILE, b->columns - 1);
        int j = limit((y >> to_px) / TILE, b->rows - 1);
        enum tile here = (enum tile)b->tiles[j * b->columns + i];
        if (k == 0)
            kind = here;
        else if (here != kind)
            return TILE_MIXED;
    }
    return kind;
}

void backdrop_block(const struct backdrop *b, uint8_t *to, ptrdiff_t to_stride,
                    const struct picture *still, int p, int x, int y, int wide, int high,
                    const struct warp_block *from, const struct dsp *dsp)
{
    enum { SAMPLES = WARP_BLOCK * WARP_BLOCK };
    const int half = p > 0, w = b->fill.width_px >> half, h = b->fill.height_px >> half;
    const uint8_t *fill = b->fill.plane[p] + y * b->fill.stride[p] + x;
    const enum tile kind = block_kind(b, from, half);
    const bool whole = wide == WARP_BLOCK && high == WARP_BLOCK;
    uint8_t shown[SAMPLES], moved[SAMPLES], alpha[SAMPLES] = {0};

    if (kind == TILE_PERSON && whole) {
        dsp->warp_block_u8(to, to_stride, still->plane[p], still->stride[p], w, h, from);
        return;
    }
    if (kind != TILE_BACKDROP)
        dsp->warp_block_u8(shown, WARP_BLOCK, still->plane[p], still->stride[p], w, h, from);
    if (kind == TILE_FRINGE || kind == TILE_MIXED)
        dsp->warp_block_u8(moved, WARP_BLOCK, b->fill.plane[p], b->fill.stride[p], w, h, from);
    if (kind == TILE_MIXED)
        dsp->warp_block_u8(alpha, WARP_BLOCK, b->alpha[half], w, w, h, from);
    for (int j = 0; j < high; j++, to += to_stride, fill += b->fill.stride[p]) {
        const int row = j * WARP_BLOCK;
        if (kind == TILE_FRINGE || kind == TILE_MIXED)
            stand_still(shown + row, fill, moved + row, alpha + row, wide);
        memcpy(to, kind == TILE_BACKDROP ? fill : shown + row, (size_t)wide);
    }
}
