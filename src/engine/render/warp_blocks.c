#include <stdlib.h>
#include <string.h>

#include "engine/render/warp.h"

enum { CHROMA_BLOCK = 2 * WARP_BLOCK }; /* luma pixels under a block of chroma */

static int blocks_of(int v) { return v / WARP_BLOCK; }

enum orator_status block_map_new(struct block_map *out, struct rect r, struct orator_error *err)
{
    r.x0 -= r.x0 % CHROMA_BLOCK;
    r.y0 -= r.y0 % CHROMA_BLOCK;
    r.x1 += (CHROMA_BLOCK - r.x1 % CHROMA_BLOCK) % CHROMA_BLOCK;
    r.y1 += (CHROMA_BLOCK - r.y1 % CHROMA_BLOCK) % CHROMA_BLOCK;
    *out = (struct block_map){.region = r};
    out->corner.region =
        (struct rect){0, 0, blocks_of(r.x1 - r.x0) + 1, blocks_of(r.y1 - r.y0) + 1};
    size_t n = (size_t)out->corner.region.x1 * (size_t)out->corner.region.y1;
    out->corner.x = calloc(2 * n + RASTER_SPARE, sizeof(*out->corner.x));
    size_t across = (size_t)out->corner.region.x1;
    out->fixed_x = calloc(2 * n + 4 * across, sizeof(*out->fixed_x));
    out->kind = calloc(2 * across, 1);
    if (!out->corner.x || !out->fixed_x || !out->kind) {
        block_map_fini(out);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a map of %zu blocks", n);
    }
    out->corner.y = out->corner.x + n;
    out->fixed_y = out->fixed_x + n;
    for (size_t k = 0; k < 4; k++)
        out->chroma[k] = out->fixed_x + 2 * n + k * across;
    return ORATOR_OK;
}

void block_map_fini(struct block_map *map)
{
    free(map->corner.x);
    free(map->fixed_x);
    free(map->kind);
    *map = (struct block_map){0};
}

void block_map_identity(struct block_map *map)
{
    const struct rect r = map->corner.region;
    float *x = map->corner.x, *y = map->corner.y;
    for (int j = 0; j < r.y1; j++) {
        for (int i = 0; i < r.x1; i++) {
            *x++ = (float)(map->region.x0 + WARP_BLOCK * i) + 0.5f;
            *y++ = (float)(map->region.y0 + WARP_BLOCK * j) + 0.5f;
        }
    }
}

void block_map_mesh(struct block_map *map, const struct raster_mesh *mesh, const struct dsp *dsp)
{
    struct raster_mesh seen = *mesh;
    seen.pixel = WARP_BLOCK;
    seen.left = (float)map->region.x0 + 0.5f - 0.5f * WARP_BLOCK;
    seen.top = (float)map->region.y0 + 0.5f - 0.5f * WARP_BLOCK;
    raster_mesh(&map->corner, &seen, dsp);
}

/* Pixels to WARP_ONEs from the centre of pixel 0; what lies far outside, or nowhere, stays near. */
static void fix(int32_t *restrict out, const float *restrict at, int size, int n)
{
    const float lowest = -2 * WARP_BLOCK, highest = (float)(size + 2 * WARP_BLOCK);
    for (int i = 0; i < n; i++) {
        float v = at[i] - 0.5f;
        v = v > lowest ? v : lowest;
        v = v < highest ? v : highest;
        /* made positive, so that the truncation rounds */
        out[i] = (int32_t)((v - lowest) * WARP_ONE + 0.5f) + (int32_t)lowest * WARP_ONE;
    }
}

/* Corners of chroma's blocks, each of two luma blocks across and down, from corner k on. Chroma lies half
 * a luma pixel below the luma of its row, 1/32 of its block. */
static struct warp_row chroma_row(const struct block_map *map, ptrdiff_t k, int n)
{
    const ptrdiff_t down = 2 * (ptrdiff_t)map->corner.region.x1;
    const int32_t *restrict x = map->fixed_x + k, *restrict y = map->fixed_y + k;
    int32_t *restrict top_x = map->chroma[0], *restrict top_y = map->chroma[1];
    int32_t *restrict bottom_x = map->chroma[2], *restrict bottom_y = map->chroma[3];
    for (int i = 0; i <= n; i++) {
        int dx = (x[2 * i + down] - x[2 * i]) / (2 * CHROMA_BLOCK);
        int dy = (y[2 * i + down] - y[2 * i]) / (2 * CHROMA_BLOCK) - WARP_ONE / 2;
        top_x[i] = (x[2 * i] + dx) / 2;
        top_y[i] = (y[2 * i] + dy) / 2;
        bottom_x[i] = (x[2 * i + down] + dx) / 2;
        bottom_y[i] = (y[2 * i + down] + dy) / 2;
    }
    return (struct warp_row){top_x, top_y, bottom_x, bottom_y};
}

/* What a frame is drawn of. */
struct job {
    struct picture *frame;
    const struct picture *still;
    const struct block_map *map;
    struct rect hidden;
    const struct backdrop *behind;
    const struct warp_held *held;
    const struct dsp *dsp;
};

/* More kinds of blocks, which none of the tiles' is. */
enum { AT_REST = TILE_PERSON + 1, HIDDEN };

static bool is_near(int32_t v, int at)
{
    const int most = WARP_ONE / 128 - WARP_BLOCK; /* 1/128 px less what the block's lines round */
    return v - at >= -most && v - at <= most;
}

/* Marks blocks all of whose samples would be copied: their four corners rest. */
static void find_still(uint8_t *kind, uint8_t *corner, const struct warp_row *row, int x, int y,
                       int n)
{
    bool any = false;
    for (int k = 0; k <= n; k++) {
        const int at_x = (x + WARP_BLOCK * k) * WARP_ONE, at_y = y * WARP_ONE;
        corner[k] = is_near(row->top_x[k], at_x) && is_near(row->top_y[k], at_y) &&
                    is_near(row->bottom_x[k], at_x) &&
                    is_near(row->bottom_y[k], at_y + WARP_BLOCK * WARP_ONE);
        any = any || corner[k];
    }
    for (int k = 0; k < n && any; k++)
        if (corner[k] && corner[k + 1])
            kind[k] = AT_REST;
}

static bool meet(struct rect r, int x0, int y0, int x1, int y1)
{
    return x0 < r.x1 && x1 > r.x0 && y0 < r.y1 && y1 > r.y0;
}

/* Blocks of backdrop that are there from an earlier frame need nothing. `held`: of this row. */
static void keep_held(const struct job *job, bool chroma, uint8_t *held, int x, int y, int n)
{
    const int side = WARP_BLOCK << chroma;
    uint8_t *kind = job->map->kind;
    for (int k = 0; k < n; k++) {
        if (kind[k] != TILE_BACKDROP) {
            held[k] = 0;
        } else if (held[k]) {
            kind[k] = HIDDEN;
        } else {
            const int left = (x << chroma) + side * k, top = y << chroma;
            held[k] = !meet(job->hidden, left, top, left + side, top + side) &&
                      (chroma || !meet(job->held->touched, left, top, left + side, top + side));
        }
    }
}

/* Of `n` blocks at x, y in samples; of chroma each is `side` luma pixels wide. */
static void find_kinds(const struct job *job, bool chroma, const struct warp_row *row, int x, int y,
                       int n)
{
    const int side = WARP_BLOCK << chroma;
    uint8_t *kind = job->map->kind;
    if (job->behind)
        backdrop_kinds(job->behind, chroma, row, n, kind);
    else
        memset(kind, TILE_PERSON, (size_t)n);
    find_still(kind, kind + job->map->corner.region.x1, row, x, y, n);
    const struct rect h = job->hidden;
    const int luma_x = x << chroma, luma_y = y << chroma;
    if (luma_y < h.y0 || luma_y + side > h.y1)
        return;
    for (int k = 0; k < n; k++)
        if (luma_x + side * k >= h.x0 && luma_x + side * (k + 1) <= h.x1)
            kind[k] = HIDDEN;
}

/* One plane of a run of blocks; wide x high samples of it are in the picture. */
static void copy_run(const struct job *job, const struct picture *from, int p, int x, int y,
                     int wide, int high)
{
    const struct picture *to = job->frame;
    for (int j = y; j < y + high; j++)
        memcpy(to->plane[p] + j * to->stride[p] + x, from->plane[p] + j * from->stride[p] + x,
               (size_t)wide);
}

static struct warp_row from_block(const struct warp_row *row, int k)
{
    return (struct warp_row){row->top_x + k, row->top_y + k, row->bottom_x + k, row->bottom_y + k};
}

/* All of it moves. Blocks that the picture's border cuts are drawn aside. */
static void draw_run(const struct job *job, bool chroma, const struct warp_row *row, int x, int y,
                     int wide, int high)
{
    enum { N = WARP_BLOCK };
    const struct picture *still = job->still, *frame = job->frame;
    const int width = still->width_px >> chroma, height = still->height_px >> chroma;
    const int first = chroma ? 1 : 0, count = chroma ? 2 : 1;
    const int whole = high == N ? wide / N : 0;
    struct warp_plane planes[2];
    uint8_t part[2][N * N];
    for (int n = 0; n < count; n++) {
        const int p = first + n;
        planes[n] = (struct warp_plane){frame->plane[p] + y * frame->stride[p] + x,
                                        frame->stride[p], N, still->plane[p], still->stride[p]};
    }
    job->dsp->warp_row_u8(planes, count, width, height, row, whole);
    for (int k = whole; k * N < wide; k++) {
        const struct warp_row last = from_block(row, k);
        for (int n = 0; n < count; n++) {
            planes[n].to = part[n];
            planes[n].to_stride = N;
        }
        job->dsp->warp_row_u8(planes, count, width, height, &last, 1);
        const int left = wide - k * N < N ? wide - k * N : N;
        for (int n = 0; n < count; n++)
            for (int j = 0, p = first + n; j < high; j++)
                memcpy(frame->plane[p] + (y + j) * frame->stride[p] + x + k * N, part[n] + j * N,
                       (size_t)left);
    }
}

/* A row of `n` blocks of luma, or of both planes of chroma, at x, y in samples, in runs of one kind. */
static void draw_row(const struct job *job, bool chroma, const struct warp_row *row, int x, int y,
                     int n, uint8_t *held)
{
    const int width = job->still->width_px >> chroma, height = job->still->height_px >> chroma;
    const int high = height - y < WARP_BLOCK ? height - y : WARP_BLOCK;
    const uint8_t *kind = job->map->kind;
    find_kinds(job, chroma, row, x, y, n);
    if (held)
        keep_held(job, chroma, held, x, y, n);
    for (int k = 0, end; k < n; k = end) {
        for (end = k + 1; end < n && kind[end] == kind[k];)
            end++;
        const int at = x + k * WARP_BLOCK, run = (end - k) * WARP_BLOCK;
        const int wide = width - at < run ? width - at : run;
        if (wide <= 0 || high <= 0 || kind[k] == HIDDEN)
            continue;
        const struct warp_row from = from_block(row, k);
        if (kind[k] == AT_REST || kind[k] == TILE_BACKDROP) {
            const struct picture *source =
                kind[k] == AT_REST ? job->still : backdrop_picture(job->behind);
            for (int p = chroma ? 1 : 0; p < (chroma ? 3 : 1); p++)
                copy_run(job, source, p, at, y, wide, high);
        } else if (kind[k] == TILE_PERSON) {
            draw_run(job, chroma, &from, at, y, wide, high);
        } else {
            backdrop_blocks(job->behind, job->frame, job->still, chroma, at, y, wide, high, &from,
                            (enum tile)kind[k], job->dsp);
        }
    }
}

size_t block_map_blocks(const struct block_map *map)
{
    const size_t n = (size_t)(map->corner.region.x1 - 1) * (size_t)(map->corner.region.y1 - 1);
    return n + n / 4;
}

void warp_blocks(struct picture *frame, const struct picture *still, const struct block_map *map,
                 struct rect hidden, const struct backdrop *behind, const struct warp_held *held,
                 const struct dsp *dsp)
{
    const struct job job = {frame, still, map, hidden, behind, held, dsp};
    const struct rect r = map->region;
    const int across = map->corner.region.x1, blocks = across - 1;
    const int n = across * map->corner.region.y1;
    uint8_t *row_held = held ? held->block : NULL;
    fix(map->fixed_x, map->corner.x, still->width_px, n);
    fix(map->fixed_y, map->corner.y, still->height_px, n);
    for (int y = r.y0; y < r.y1; y += WARP_BLOCK) {
        const int32_t *top_x = map->fixed_x + blocks_of(y - r.y0) * across;
        const int32_t *top_y = map->fixed_y + blocks_of(y - r.y0) * across;
        const struct warp_row row = {top_x, top_y, top_x + across, top_y + across};
        draw_row(&job, false, &row, r.x0, y, blocks, row_held);
        row_held = row_held ? row_held + blocks : NULL;
    }
    for (int y = r.y0; y < r.y1; y += CHROMA_BLOCK) {
        const struct warp_row row = chroma_row(map, blocks_of(y - r.y0) * across, blocks / 2);
        draw_row(&job, true, &row, r.x0 / 2, y / 2, blocks / 2, row_held);
        row_held = row_held ? row_held + blocks / 2 : NULL;
    }
}
