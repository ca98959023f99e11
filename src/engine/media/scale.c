/* Pictures of another size. Each axis has its own filter: an area average where it shrinks, so that
 * every source pixel counts by the part of it that is covered, and Lanczos of three lobes where it
 * grows. Rows are summed first, then columns; sums run in order, so every CPU gives the same bits. */
#include "engine/media/media.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOBES = 3, GROWING_TAPS = 2 * (LOBES + 1) };

/* From WIDENS to WIDE times the size the kernel grows wider by this part: what a small picture has near its
 * limit is mostly blocks and ringing of its JPEG, and enlarged that far they are seen. */
#define WIDENED 0.25
#define WIDENS  1.5
#define WIDE    2.5

struct axis {
    int *first;     /* first source pixel of each target pixel; may lie outside, then clamped */
    float *weights; /* taps for each target pixel, their sum is 1 */
    int taps;
};

static void axis_fini(struct axis *a)
{
    free(a->first);
    free(a->weights);
    *a = (struct axis){0};
}

static double lanczos(double x)
{
    if (x == 0)
        return 1;
    if (fabs(x) >= LOBES)
        return 0;
    double px = 3.14159265358979323846 * x;
    return LOBES * sin(px) * sin(px / LOBES) / (px * px);
}

/* Length that the source pixel [at, at + 1) shares with [from, to). */
static double covered(double at, double from, double to)
{
    return fmax(0, fmin(at + 1, to) - fmax(at, from));
}

static enum orator_status axis_init(struct axis *a, int from_px, int to_px,
                                    struct orator_error *err)
{
    double step = (double)from_px / to_px;
    double widened = fmin(fmax((1 / step - WIDENS) / (WIDE - WIDENS), 0), 1);
    const double wide = 1 + WIDENED * widened;
    a->taps = from_px > to_px ? (int)ceil(step) + 1 : GROWING_TAPS;
    a->first = malloc((size_t)to_px * sizeof(*a->first));
    a->weights = malloc((size_t)to_px * (size_t)a->taps * sizeof(*a->weights));
    if (!a->first || !a->weights)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory to scale a picture");
    for (int i = 0; i < to_px; i++) {
        float *w = a->weights + (size_t)i * (size_t)a->taps;
        double centre = (i + 0.5) * step - 0.5, sum = 0, exact[GROWING_TAPS];
        if (from_px > to_px) {
            a->first[i] = (int)floor(i * step);
            for (int t = 0; t < a->taps; t++)
                w[t] = (float)(covered(a->first[i] + t, i * step, (i + 1) * step) / step);
            continue;
        }
        a->first[i] = (int)floor(centre) - LOBES;
        for (int t = 0; t < a->taps; t++)
            sum += exact[t] = lanczos((a->first[i] + t - centre) / wide);
        for (int t = 0; t < a->taps; t++)
            w[t] = (float)(exact[t] / sum);
    }
    return ORATOR_OK;
}

static int clamp_index(int i, int n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

/* One target row, still as wide as the source. */
static void sum_rows(float *dst, const struct image *in, const struct axis *down, int y)
{
    int n = in->width_px * 3;
    const float *w = down->weights + (size_t)y * (size_t)down->taps;
    memset(dst, 0, (size_t)n * sizeof(*dst));
    for (int t = 0; t < down->taps; t++) {
        const uint8_t *src = in->rgb + clamp_index(down->first[y] + t, in->height_px) * in->stride;
        if (w[t] == 0.0f)
            continue;
        for (int i = 0; i < n; i++)
            dst[i] += w[t] * (float)src[i];
    }
}

static uint8_t to_u8(float v) { return v <= 0.0f ? 0 : v >= 255.0f ? 255 : (uint8_t)(v + 0.5f); }

static void sum_columns(uint8_t *dst, const float *src, int width_px, const struct axis *right,
                        int out_width_px)
{
    const float *w = right->weights;
    for (int x = 0; x < out_width_px; x++, dst += 3, w += right->taps) {
        float sum[3] = {0};
        for (int t = 0; t < right->taps; t++) {
            const float *p = src + 3 * clamp_index(right->first[x] + t, width_px);
            for (int c = 0; c < 3; c++)
                sum[c] += w[t] * p[c];
        }
        for (int c = 0; c < 3; c++)
            dst[c] = to_u8(sum[c]);
    }
}

enum orator_status image_scale(struct image *out, const struct image *in, int width_px,
                               int height_px, struct orator_error *err)
{
    enum orator_status s;
    struct axis right = {0}, down = {0};
    float *row = NULL;
    TRY(image_new(out, width_px, height_px, err));
    TRY(axis_init(&right, in->width_px, width_px, err));
    TRY(axis_init(&down, in->height_px, height_px, err));
    row = malloc((size_t)in->width_px * 3 * sizeof(*row));
    if (!row) {
        s = orator_fail(err, ORATOR_NO_MEMORY, "no memory to scale a picture");
        goto done;
    }
    for (int y = 0; y < height_px; y++) {
        sum_rows(row, in, &down, y);
        sum_columns(out->rgb + y * out->stride, row, in->width_px, &right, width_px);
    }
done:
    free(row);
    axis_fini(&down);
    axis_fini(&right);
    if (s != ORATOR_OK)
        image_fini(out);
    return s;
}
