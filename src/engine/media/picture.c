/* RGB and YUV 4:2:0 as BT.709 says (ITU-R BT.709-6, items 3.2 to 3.5, 8 bit):
 *     Y = 0.2126 R + 0.7152 G + 0.0722 B      16 + 219 Y,  128 + 224 Cb,  128 + 224 Cr
 *     Cb = (B - Y) / 1.8556                   Cr = (R - Y) / 1.5748
 * Chroma is sited left: a sample lies on the even luma column and half way between two rows.
 * All in integers of 16 fraction bits, so that every CPU gives the same bits. */
#include "engine/media/media.h"

#include <stdlib.h>
#include <string.h>

enum { PLANE_ALIGN = 64, BITS = 16, ONE = 1 << BITS };

#define FIXED(x) ((int)((x)*ONE + ((x) < 0 ? -0.5 : 0.5)))
#define KR       0.2126
#define KG       0.7152
#define KB       0.0722
#define LUMA     (219.0 / 255)
#define CB       (224.0 / 255 / 1.8556)
#define CR       (224.0 / 255 / 1.5748)

static const int YR = FIXED(KR * LUMA), YB = FIXED(KB * LUMA);
static const int YG = FIXED(LUMA) - FIXED(KR * LUMA) - FIXED(KB * LUMA); /* white is 235 exactly */
static const int UR = FIXED(-KR * CB), UB = FIXED((1 - KB) * CB);
static const int UG = -FIXED(-KR * CB) - FIXED((1 - KB) * CB); /* grey is 128 exactly */
static const int VR = FIXED((1 - KR) * CR), VB = FIXED(-KB * CR);
static const int VG = -FIXED((1 - KR) * CR) - FIXED(-KB * CR);

/* And back; luma and chroma are counted from 16 and 128. */
static const int FROM_Y = FIXED(255.0 / 219);
static const int R_FROM_V = FIXED(255.0 / 224 * 1.5748), B_FROM_U = FIXED(255.0 / 224 * 1.8556);
static const int G_FROM_U = FIXED(-255.0 / 224 * 1.8556 * KB / KG);
static const int G_FROM_V = FIXED(-255.0 / 224 * 1.5748 * KR / KG);

static size_t aligned(size_t n) { return (n + PLANE_ALIGN - 1) / PLANE_ALIGN * PLANE_ALIGN; }

enum orator_status picture_new(struct picture *out, int width_px, int height_px,
                               struct orator_error *err)
{
    *out = (struct picture){0};
    if (width_px < 2 || height_px < 2 || width_px > IMAGE_MAX_SIDE_PX ||
        height_px > IMAGE_MAX_SIDE_PX || width_px % 2 || height_px % 2)
        return orator_fail(err, ORATOR_INVALID_PARAMETER,
                           "a video of %d x %d px, need even sides up to %d", width_px, height_px,
                           IMAGE_MAX_SIDE_PX);
    size_t wide = aligned((size_t)width_px), half = aligned((size_t)width_px / 2);
    size_t luma = wide * (size_t)height_px, chroma = half * (size_t)height_px / 2;
    uint8_t *block = aligned_alloc(PLANE_ALIGN, aligned(luma + 2 * chroma + IMAGE_SPARE_BYTES));
    if (!block)
        return orator_fail(err, ORATOR_NO_MEMORY, "no memory for a frame of %d x %d px", width_px,
                           height_px);
    memset(block, 16, luma); /* black */
    memset(block + luma, 128, 2 * chroma + IMAGE_SPARE_BYTES);
    *out = (struct picture){{block, block + luma, block + luma + chroma},
                            {(ptrdiff_t)wide, (ptrdiff_t)half, (ptrdiff_t)half},
                            width_px,
                            height_px};
    return ORATOR_OK;
}

void picture_fini(struct picture *picture)
{
    free(picture->plane[0]);
    *picture = (struct picture){0};
}

static uint8_t clip_u8(int v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v; }

static void luma_row(uint8_t *dst, const uint8_t *rgb, int n)
{
    for (int x = 0; x < n; x++, rgb += 3)
        dst[x] = (uint8_t)((YR * rgb[0] + YG * rgb[1] + YB * rgb[2] + 16 * ONE + ONE / 2) >> BITS);
}

/* One chroma sample sees three columns, 1 2 1, and two rows: weights that sum to 8. */
static void chroma_row(uint8_t *u, uint8_t *v, const uint8_t *above, const uint8_t *below, int n)
{
    for (int x = 0; x < n; x += 2) {
        int left = x > 0 ? -3 : 0; /* the first column stands for the one before it */
        int sum[3];
        for (int c = 0; c < 3; c++) {
            const uint8_t *a = above + 3 * x + c, *b = below + 3 * x + c;
            sum[c] = a[left] + 2 * a[0] + a[3] + b[left] + 2 * b[0] + b[3];
        }
        int middle = (128 * ONE + ONE / 2) * 8;
        u[x / 2] = (uint8_t)((UR * sum[0] + UG * sum[1] + UB * sum[2] + middle) >> (BITS + 3));
        v[x / 2] = (uint8_t)((VR * sum[0] + VG * sum[1] + VB * sum[2] + middle) >> (BITS + 3));
    }
}

enum orator_status picture_from_image(struct picture *out, const struct image *image,
                                      struct orator_error *err)
{
    enum orator_status s = picture_new(out, image->width_px, image->height_px, err);
    if (s != ORATOR_OK)
        return s;
    for (int y = 0; y < image->height_px; y++) {
        const uint8_t *rgb = image->rgb + y * image->stride;
        luma_row(out->plane[0] + y * out->stride[0], rgb, image->width_px);
        if (y % 2 == 0)
            chroma_row(out->plane[1] + y / 2 * out->stride[1],
                       out->plane[2] + y / 2 * out->stride[2], rgb, rgb + image->stride,
                       image->width_px);
    }
    return ORATOR_OK;
}

/* Eight times the chroma at a luma column: rows weigh 3 to 1, odd columns lie between samples. */
static int chroma_at(const uint8_t *near, const uint8_t *far, int x, int half)
{
    int i = x / 2, j = x % 2 && i + 1 < half ? i + 1 : i;
    return 3 * (near[i] + near[j]) + far[i] + far[j];
}

enum orator_status image_from_picture(struct image *out, const struct picture *picture,
                                      struct orator_error *err)
{
    enum orator_status s = image_new(out, picture->width_px, picture->height_px, err);
    if (s != ORATOR_OK)
        return s;
    int half = picture->width_px / 2, rows = picture->height_px / 2;
    for (int y = 0; y < picture->height_px; y++) {
        const uint8_t *luma = picture->plane[0] + y * picture->stride[0];
        int near = y / 2, far = y % 2 ? near + 1 : near - 1;
        far = far < 0 ? 0 : far >= rows ? rows - 1 : far;
        const uint8_t *u0 = picture->plane[1] + near * picture->stride[1];
        const uint8_t *u1 = picture->plane[1] + far * picture->stride[1];
        const uint8_t *v0 = picture->plane[2] + near * picture->stride[2];
        const uint8_t *v1 = picture->plane[2] + far * picture->stride[2];
        uint8_t *dst = out->rgb + y * out->stride;
        for (int x = 0; x < picture->width_px; x++, dst += 3) {
            int grey = FROM_Y * (luma[x] - 16) + ONE / 2;
            int u = chroma_at(u0, u1, x, half) - 8 * 128, v = chroma_at(v0, v1, x, half) - 8 * 128;
            dst[0] = clip_u8((grey + R_FROM_V * v / 8) >> BITS);
            dst[1] = clip_u8((grey + (G_FROM_U * u + G_FROM_V * v) / 8) >> BITS);
            dst[2] = clip_u8((grey + B_FROM_U * u / 8) >> BITS);
        }
    }
    return ORATOR_OK;
}
