#include "engine/render/sample.h"

#include "engine/render/ramp.h"

float sample_cubic(const struct texture *t, int plane, const float p[2])
{
    float x = ramp_clamp(p[0] - 0.5f, 0, (float)(t->width_px - 1));
    float y = ramp_clamp(p[1] - 0.5f, 0, (float)(t->height_px - 1));
    int i = (int)x, j = (int)y;
    float f[2] = {x - (float)i, y - (float)j}, w[2][4];
    for (int a = 0; a < 2; a++) {
        float s = f[a];
        w[a][0] = 0.5f * s * (-1 + s * (2 - s));
        w[a][1] = 0.5f * (2 + s * s * (3 * s - 5));
        w[a][2] = 0.5f * s * (1 + s * (4 - 3 * s));
        w[a][3] = 0.5f * s * s * (s - 1);
    }
    float sum = 0;
    if (i >= 1 && j >= 1 && i + 2 < t->width_px && j + 2 < t->height_px) {
        const uint8_t *q = t->plane[plane] + (j - 1) * t->stride + (i - 1);
        for (int k = 0; k < 4; k++, q += t->stride)
            sum += w[1][k] * (w[0][0] * (float)q[0] + w[0][1] * (float)q[1] +
                              w[0][2] * (float)q[2] + w[0][3] * (float)q[3]);
        return sum;
    }
    for (int k = 0; k < 4; k++)
        for (int n = 0; n < 4; n++) {
            int row = j - 1 + k, column = i - 1 + n;
            row = row < 0 ? 0 : row >= t->height_px ? t->height_px - 1 : row;
            column = column < 0 ? 0 : column >= t->width_px ? t->width_px - 1 : column;
            sum += w[1][k] * w[0][n] * (float)t->plane[plane][row * t->stride + column];
        }
    return sum;
}

void sample_chroma(const struct texture *t, const float p[2], float uv[2])
{
    float x = ramp_clamp(p[0] - 0.5f, 0, (float)(t->width_px - 1));
    float y = ramp_clamp(p[1] - 0.5f, 0, (float)(t->height_px - 1));
    int i = (int)x, j = (int)y;
    ptrdiff_t right = i + 1 < t->width_px, down = j + 1 < t->height_px ? t->stride : 0;
    for (int c = 0; c < 2; c++) {
        const uint8_t *q = t->plane[c + 1] + j * t->stride + i;
        uv[c] = ramp_mix(ramp_mix(q[0], q[right], x - (float)i),
                         ramp_mix(q[down], q[down + right], x - (float)i), y - (float)j) -
                128;
    }
}
