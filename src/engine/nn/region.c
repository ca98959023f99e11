#include "engine/nn/region.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

void region_matrix(float m[16], const float *landmarks, const struct region *r)
{
    const float *left = landmarks + 3 * (ptrdiff_t)r->left,
                *right = landmarks + 3 * (ptrdiff_t)r->right;
    float level = r->target_rad - atan2f(right[1] - left[1], right[0] - left[0]);
    float c = cosf(level), s = sinf(level);

    /* the part's box, seen with the line made level */
    float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < r->point_count; i++) {
        const float *p = landmarks + 3 * (ptrdiff_t)r->points[i];
        float x = p[0] * c - p[1] * s, y = p[0] * s + p[1] * c;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
    }
    float mid_x = (x0 + x1) / 2, mid_y = (y0 + y1) / 2;

    /* window centre to 0, window size to box size, turned back, 0 to the box's centre */
    float size_x = r->scale_x * (x1 - x0) / (float)r->out_w;
    float size_y = r->scale_y * (y1 - y0) / (float)r->out_h;
    float half_w = (float)r->out_w / 2, half_h = (float)r->out_h / 2;
    memset(m, 0, 16 * sizeof(*m));
    m[0] = c * size_x;
    m[1] = s * size_y;
    m[3] = mid_x * c + mid_y * s - m[0] * half_w - m[1] * half_h;
    m[4] = -s * size_x;
    m[5] = c * size_y;
    m[7] = mid_y * c - mid_x * s - m[4] * half_w - m[5] * half_h;
    m[10] = m[15] = 1;
}

void region_sample(float *y, const float *x, const float m[16], int h, int w, int channels,
                   int out_h, int out_w)
{
    for (int row = 0; row < out_h; row++) {
        for (int col = 0; col < out_w; col++, y += channels) {
            float u = (float)col + 0.5f, v = (float)row + 0.5f;
            float px = m[0] * u + m[1] * v + m[3] - 0.5f, py = m[4] * u + m[5] * v + m[7] - 0.5f;
            if (!(px >= 0 && px <= (float)(w - 1) && py >= 0 && py <= (float)(h - 1))) {
                memset(y, 0, sizeof(*y) * (size_t)channels);
                continue;
            }
            int ix = (int)px, iy = (int)py;
            float fx = px - (float)ix, fy = py - (float)iy;
            const float *top = x + ((ptrdiff_t)iy * w + ix) * channels;
            const float *bottom = iy + 1 < h ? top + (ptrdiff_t)w * channels : top;
            int next = ix + 1 < w ? channels : 0;
            for (int c = 0; c < channels; c++)
                y[c] = (1 - fy) * ((1 - fx) * top[c] + fx * top[c + next]) +
                       fy * ((1 - fx) * bottom[c] + fx * bottom[c + next]);
        }
    }
}

void region_points(float *y, const float *x, const float m[16], int count, int dimensions)
{
    for (int i = 0; i < count; i++, x += dimensions, y += dimensions) {
        y[0] = m[0] * x[0] + m[1] * x[1] + m[3];
        y[1] = m[4] * x[0] + m[5] * x[1] + m[7];
        for (int k = 2; k < dimensions; k++)
            y[k] = x[k];
    }
}
