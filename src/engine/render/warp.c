#include "engine/render/warp.h"

/* The chroma samples under two rows of the map: each lies between two luma centres, one above the other,
 * and its own plane is half as large. */
static void chroma_row(float *out_x, float *out_y, const float *x, const float *y, ptrdiff_t width)
{
#pragma omp simd
    for (ptrdiff_t i = 0; i < width / 2; i++) {
        float luma_x = 0.5f * (x[2 * i] + x[2 * i + width]);
        float luma_y = 0.5f * (y[2 * i] + y[2 * i + width]);
        out_x[i] = 0.5f * luma_x + 0.25f; /* (x - 0.5) / 2, at the centre of its own pixel */
        out_y[i] = 0.5f * luma_y;
    }
}

void warp_picture(struct picture *frame, const struct picture *still, const struct sheet_map *map,
                  const struct dsp *dsp, float *scratch)
{
    const struct rect r = map->region;
    const int width = r.x1 - r.x0, half = width / 2;
    float *chroma_x = scratch, *chroma_y = scratch + half;
    for (int row = r.y0; row < r.y1; row++) {
        ptrdiff_t at = (ptrdiff_t)(row - r.y0) * width;
        dsp->warp_cubic_u8(frame->plane[0] + row * frame->stride[0] + r.x0, still->plane[0],
                           still->stride[0], still->width_px, still->height_px, map->x + at,
                           map->y + at, width);
        if (row & 1)
            continue;
        chroma_row(chroma_x, chroma_y, map->x + at, map->y + at, width);
        for (int p = 1; p < 3; p++)
            dsp->warp_cubic_u8(frame->plane[p] + row / 2 * frame->stride[p] + r.x0 / 2,
                               still->plane[p], still->stride[p], still->width_px / 2,
                               still->height_px / 2, chroma_x, chroma_y, half);
    }
}
