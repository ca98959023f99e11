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
    out->fixed_x = calloc(2 * n, sizeof(*out->fixed_x));
    if (!out->corner.x || !out->fixed_x) {
        block_map_fini(out);
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a map of %zu blocks", n);
    }
    out->corner.y = out->corner.x + n;
    out->fixed_y = out->fixed_x + n;
    return ORATOR_OK;
}

void block_map_fini(struct block_map *map)
{
    free(map->corner.x);
    free(map->fixed_x);
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

/* The block that begins at corner `k` and is `step` luma blocks wide. */
static struct warp_block block_at(const struct block_map *map, ptrdiff_t k, int step)
{
    const int32_t *x = map->fixed_x + k, *y = map->fixed_y + k;
    const ptrdiff_t down = (ptrdiff_t)step * map->corner.region.x1;
    return (struct warp_block){{x[0], x[step], x[down], x[down + step]},
                               {y[0], y[step], y[down], y[down + step]}};
}

/* Chroma lies half a luma pixel below the luma of its row, 1/32 of its block. */
static struct warp_block chroma_of(struct warp_block b)
{
    for (int k = 0; k < 2; k++) {
        int dx = (b.x[k + 2] - b.x[k]) / (2 * CHROMA_BLOCK);
        int dy = (b.y[k + 2] - b.y[k]) / (2 * CHROMA_BLOCK) - WARP_ONE / 2;
        b.x[k] = (b.x[k] + dx) / 2;
        b.y[k] = (b.y[k] + dy) / 2;
        b.x[k + 2] = (b.x[k + 2] + dx) / 2;
        b.y[k + 2] = (b.y[k + 2] + dy) / 2;
    }
    return b;
}

/* Whether all of its samples would be copied: 1/128 px less what the block's lines round. */
static bool rests(const struct warp_block *b, int x, int y)
{
    const int most = WARP_ONE / 128 - WARP_BLOCK;
    for (int k = 0; k < 4; k++) {
        int dx = b->x[k] - (x + WARP_BLOCK * (k & 1)) * WARP_ONE;
        int dy = b->y[k] - (y + WARP_BLOCK * (k >> 1)) * WARP_ONE;
        if (dx < -most || dx > most || dy < -most || dy > most)
            return false;
    }
    return true;
}

static void copy_block(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from, ptrdiff_t stride,
                       int width, int height)
{
    for (int j = 0; j < height; j++, to += to_stride, from += stride)
        memcpy(to, from, (size_t)width);
}

/* One block of luma, or one of both planes of chroma, at x, y in samples. */
static void draw_block(struct picture *frame, const struct picture *still, bool chroma, int x,
                       int y, const struct warp_block *b, const struct backdrop *behind,
                       const struct dsp *dsp)
{
    enum { N = WARP_BLOCK };
    const int width = still->width_px >> chroma, height = still->height_px >> chroma;
    const int first = chroma ? 1 : 0, count = chroma ? 2 : 1;
    const int wide = width - x < N ? width - x : N, high = height - y < N ? height - y : N;
    if (wide <= 0 || high <= 0)
        return;
    const bool still_block = rests(b, x, y), whole = wide == N && high == N;
    if (!still_block && behind) {
        backdrop_block(behind, frame, still, chroma, x, y, wide, high, b, dsp);
        return;
    }
    struct warp_plane planes[2];
    uint8_t part[2][N * N];
    for (int n = 0; n < count; n++) {
        const ptrdiff_t stride = still->stride[first + n], to_stride = frame->stride[first + n];
        uint8_t *to = frame->plane[first + n] + y * to_stride + x;
        const uint8_t *from = still->plane[first + n];
        if (still_block)
            copy_block(to, to_stride, from + y * stride + x, stride, wide, high);
        else if (whole)
            planes[n] = (struct warp_plane){to, to_stride, from, stride};
        else
            planes[n] = (struct warp_plane){part[n], N, from, stride};
    }
    if (still_block)
        return;
    dsp->warp_block_u8(planes, count, width, height, b);
    for (int n = 0; n < count && !whole; n++)
        copy_block(frame->plane[first + n] + y * frame->stride[first + n] + x,
                   frame->stride[first + n], part[n], N, wide, high);
}

static bool is_inside(struct rect r, int x, int y, int side)
{
    return x >= r.x0 && y >= r.y0 && x + side <= r.x1 && y + side <= r.y1;
}

void warp_blocks(struct picture *frame, const struct picture *still, const struct block_map *map,
                 struct rect hidden, const struct backdrop *behind, const struct dsp *dsp)
{
    const struct rect r = map->region;
    const ptrdiff_t across = map->corner.region.x1, n = across * map->corner.region.y1;
    fix(map->fixed_x, map->corner.x, still->width_px, (int)n);
    fix(map->fixed_y, map->corner.y, still->height_px, (int)n);
    for (int y = r.y0; y < r.y1; y += WARP_BLOCK) {
        ptrdiff_t k = blocks_of(y - r.y0) * across;
        for (int x = r.x0; x < r.x1; x += WARP_BLOCK, k++) {
            if (is_inside(hidden, x, y, WARP_BLOCK))
                continue;
            const struct warp_block luma = block_at(map, k, 1);
            draw_block(frame, still, false, x, y, &luma, behind, dsp);
        }
    }
    for (int y = r.y0; y < r.y1; y += CHROMA_BLOCK) {
        ptrdiff_t k = blocks_of(y - r.y0) * across;
        for (int x = r.x0; x < r.x1; x += CHROMA_BLOCK, k += 2) {
            if (is_inside(hidden, x, y, CHROMA_BLOCK))
                continue;
            const struct warp_block chroma = chroma_of(block_at(map, k, 2));
            draw_block(frame, still, true, x / 2, y / 2, &chroma, behind, dsp);
        }
    }
}
