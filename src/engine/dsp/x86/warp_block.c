/* warp_block.c - warp_row_u8 for AVX2 and AVX-512: compiled once for each, with -DDSP_ISA=avx2|avx512.
 *
 * A line that is neither much stretched nor steep lies within 16 bytes of five rows: bytes come by
 * shuffles, and all is counted in 16 bits from the line's own corner. Places and weights are found once
 * for all planes. Other blocks go the plain way. */
#include "engine/dsp/cubic.h"
#include "engine/dsp/x86/wide.h"

#define PASTE2(a, b) a##_##b
#define PASTE(a, b)  PASTE2(a, b)
#define KERNEL(name) PASTE(name, DSP_ISA)

/* Sixteen bytes of each line. */
#if defined(__AVX512BW__)
static inline wide gather_lines(const uint8_t *const from[LINES])
{
    wide v = _mm512_castsi128_si512(_mm_loadu_si128((const void *)from[0]));
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const void *)from[1]), 1);
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const void *)from[2]), 2);
    return _mm512_inserti32x4(v, _mm_loadu_si128((const void *)from[3]), 3);
}

static inline void store_lines(uint8_t *to, ptrdiff_t stride, wide v)
{
    _mm_storel_epi64((void *)to, _mm512_castsi512_si128(v));
    _mm_storel_epi64((void *)(to + stride), _mm512_extracti32x4_epi32(v, 1));
    _mm_storel_epi64((void *)(to + 2 * stride), _mm512_extracti32x4_epi32(v, 2));
    _mm_storel_epi64((void *)(to + 3 * stride), _mm512_extracti32x4_epi32(v, 3));
}
#else
static inline wide gather_lines(const uint8_t *const from[LINES])
{
    wide v = _mm256_castsi128_si256(_mm_loadu_si128((const void *)from[0]));
    return _mm256_inserti128_si256(v, _mm_loadu_si128((const void *)from[1]), 1);
}

static inline void store_lines(uint8_t *to, ptrdiff_t stride, wide v)
{
    _mm_storel_epi64((void *)to, _mm256_castsi256_si128(v));
    _mm_storel_epi64((void *)(to + stride), _mm256_extracti128_si256(v, 1));
}
#endif

void warp_cubic_u8_avx2(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int width, int height,
                        const float *x, const float *y, int n);
void KERNEL(warp_row_u8)(const struct warp_plane *planes, int count, int width, int height,
                         const struct warp_row *row, int n);

enum shape { WILD, AT_BORDER, INSIDE };

static inline bool any_outside(__m128i v, __m128i low, __m128i high)
{
    const __m128i out = _mm_or_si128(_mm_cmplt_epi32(v, low), _mm_cmpgt_epi32(v, high));
    return !_mm_testz_si128(out, out);
}

static inline enum shape shape_of(const struct warp_block *b, int width, int height)
{
    const __m128i x = _mm_loadu_si128((const void *)b->x), y = _mm_loadu_si128((const void *)b->y);
    /* along the upper and the lower edge: x, x, y, y */
    const __m128i edges =
        _mm_sub_epi32(_mm_unpackhi_epi64(_mm_shuffle_epi32(x, 0xD8), _mm_shuffle_epi32(y, 0xD8)),
                      _mm_unpacklo_epi64(_mm_shuffle_epi32(x, 0xD8), _mm_shuffle_epi32(y, 0xD8)));
    const int far = 32; /* px outside; their bytes' numbers still fit 8 bits */
    /* at most 1.5 px a step: 11 px and the apron; at most 1 px up or down; 16 columns to read */
    const bool wild =
        any_outside(edges, _mm_setr_epi32(0, 0, -WARP_ONE, -WARP_ONE),
                    _mm_setr_epi32(12 * WARP_ONE, 12 * WARP_ONE, WARP_ONE, WARP_ONE)) ||
        any_outside(x, _mm_set1_epi32(-far * WARP_ONE), _mm_set1_epi32((width + far) * WARP_ONE)) ||
        width < 16;
    const __m128i least = _mm_set1_epi32(2 * WARP_ONE);
    return wild ? WILD
           : any_outside(x, least, _mm_set1_epi32((width - 3) * WARP_ONE)) ||
                   any_outside(y, least, _mm_set1_epi32((height - 5) * WARP_ONE))
               ? AT_BORDER
               : INSIDE;
}

/* The eight lines of a block. */
struct lines {
    int32_t left[8], top[8]; /* where the 16 columns of line j begin; its first pixel's row */
    wide x, y, dx, dy;       /* WARP_ONEs in 16 bits; every 128 bits the same eight lines */
    wide shift;              /* columns from `left` to the first pixel's apron */
    bool level;              /* no line crosses from one row of the plane to the next */
};

static inline __m256i along_edge(const int32_t at[4], int from)
{
    __m256i down = _mm256_set1_epi32(at[from + 2] - at[from]);
    down = _mm256_mullo_epi32(down, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return _mm256_add_epi32(_mm256_set1_epi32(8 * at[from]), down);
}

/* Eight numbers that fit 16 bits as such; large or negative ones keep their low bits. */
static inline wide narrow(__m256i v)
{
    v = _mm256_and_si256(v, _mm256_set1_epi32(0xFFFF));
    return repeat(_mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}

static inline void find_lines(struct lines *out, const struct warp_block *b, int width)
{
    const __m256i half = _mm256_set1_epi32(WARP_ONE / 128), zero = _mm256_setzero_si256();
    const __m256i left = along_edge(b->x, 0), right = along_edge(b->x, 1);
    const __m256i begin = along_edge(b->y, 0), end = along_edge(b->y, 1);
    const __m256i x = _mm256_add_epi32(_mm256_srai_epi32(left, 3), half);
    const __m256i y = _mm256_add_epi32(_mm256_srai_epi32(begin, 3), half);
    const __m256i dx = _mm256_srai_epi32(_mm256_sub_epi32(right, left), 6);
    const __m256i dy = _mm256_srai_epi32(_mm256_sub_epi32(end, begin), 6);
    /* a line that rises is counted from its end */
    const __m256i rise = _mm256_min_epi32(_mm256_mullo_epi32(dy, _mm256_set1_epi32(7)), zero);
    const __m256i top = _mm256_srai_epi32(_mm256_add_epi32(y, rise), 12);
    const __m256i fall = _mm256_max_epi32(_mm256_mullo_epi32(dy, _mm256_set1_epi32(7)), zero);
    const __m256i crossed =
        _mm256_cmpgt_epi32(_mm256_srai_epi32(_mm256_add_epi32(y, fall), 12), top);
    out->level = _mm256_testz_si256(crossed, crossed);
    const __m256i first = _mm256_srai_epi32(x, 12),
                  apron = _mm256_sub_epi32(first, _mm256_set1_epi32(1));
    /* no byte beside the plane is read */
    const __m256i column =
        _mm256_max_epi32(_mm256_min_epi32(apron, _mm256_set1_epi32(width - 16)), zero);
    _mm256_storeu_si256((void *)out->left, column);
    _mm256_storeu_si256((void *)out->top, top);
    out->shift = narrow(_mm256_sub_epi32(apron, column));
    out->x = narrow(_mm256_sub_epi32(x, _mm256_slli_epi32(first, 12)));
    out->y = narrow(_mm256_sub_epi32(y, _mm256_slli_epi32(top, 12)));
    out->dx = narrow(dx);
    out->dy = narrow(dy);
}

/* Places of all pixels of the lines: begin + i * step, where `of` picks each line's numbers. */
static inline wide places(wide begin, wide step, wide of)
{
    const wide i = repeat(_mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7));
    return V(add_epi16)(V(shuffle_epi8)(begin, of), V(mullo_epi16)(i, V(shuffle_epi8)(step, of)));
}

/* Four bytes of a row for each pixel, weighted: at most 255 * 80, so that it fits 16 bits. */
static inline wide weighted(wide bytes, wide left_bytes, wide left, wide right_bytes, wide right)
{
    return V(add_epi16)(V(maddubs_epi16)(V(shuffle_epi8)(bytes, left_bytes), left),
                        V(maddubs_epi16)(V(shuffle_epi8)(bytes, right_bytes), right));
}

/* Four pixels of each line; weights are in the high bytes of their words, which fits 32 bits as well. */
static inline wide down(wide upper, wide lower, wide upper_weights, wide lower_weights)
{
    wide sum =
        V(add_epi32)(V(madd_epi16)(upper, upper_weights), V(madd_epi16)(lower, lower_weights));
    return V(srai_epi32)(V(add_epi32)(sum, V(set1_epi32)(2048 << 8)), 20);
}

/* By the kernel for any map, which rounds places in 64ths to themselves. */
static void draw_wild(const struct warp_plane *p, int width, int height,
                      const struct warp_block *block)
{
    for (int j = 0; j < WARP_BLOCK; j++) {
        const struct cubic_line line = cubic_line(block, j);
        float x[WARP_BLOCK], y[WARP_BLOCK];
        for (int i = 0; i < WARP_BLOCK; i++) {
            x[i] = (float)cubic_of_line(line.x + i * line.dx) / CUBIC_STEPS + 0.5f;
            y[i] = (float)cubic_of_line(line.y + i * line.dy) / CUBIC_STEPS + 0.5f;
        }
        warp_cubic_u8_avx2(p->to + j * p->to_stride, p->from, p->stride, width, height, x, y,
                           WARP_BLOCK);
    }
}

/* Row k of the five that line j may need; the border's again outside the plane. */
static inline const uint8_t *row_at(const uint8_t *src, ptrdiff_t stride, int height,
                                    const struct lines *l, int j, int k)
{
    return src + cubic_tap(l->top[j] - 1 + k, height) * stride + l->left[j];
}

/* Two of 16 columns for each pixel; those outside the plane are the border's. */
static inline wide columns(wide first, short of_twin, enum shape shape)
{
    wide n = V(add_epi8)(first, V(set1_epi16)(of_twin));
    return shape == INSIDE ? n : V(min_epi8)(V(max_epi8)(n, V(set1_epi8)(0)), V(set1_epi8)(15));
}

/* Lines j .. j + LINES - 1 of a block; j, rows and shape are constants at every call. Of five rows, pixels
 * that lie lower than their line's first row need each from the next. */
__attribute__((always_inline)) static inline void draw_lines(const struct warp_plane *planes,
                                                             int count, int height,
                                                             const struct lines *l, int j, int rows,
                                                             enum shape shape)
{
    int16_t of[8 * LINES]; /* the two bytes of a line's number */
    for (int i = 0; i < 8 * LINES; i++)
        of[i] = (int16_t)(0x0100 + (j + i / 8) * 0x0202);
    const wide lines = LOAD((const void *)of), zero = V(set1_epi16)(0);
    const wide x = places(l->x, l->dx, lines), y = places(l->y, l->dy, lines);
    const wide part = V(set1_epi16)(CUBIC_STEPS - 1);
    wide w[4];
    weigh(w, V(packus_epi16)(AND(V(srli_epi16)(x, 6), part), AND(V(srli_epi16)(y, 6), part)));
    const wide left = V(unpacklo_epi8)(w[0], w[1]), right = V(unpacklo_epi8)(w[2], w[3]);
    const wide upper = V(unpackhi_epi8)(w[0], w[1]), lower = V(unpackhi_epi8)(w[2], w[3]);
    const wide upper_first = V(unpacklo_epi8)(zero, upper),
               upper_last = V(unpackhi_epi8)(zero, upper);
    const wide lower_first = V(unpacklo_epi8)(zero, lower),
               lower_last = V(unpackhi_epi8)(zero, lower);
    const wide column = V(add_epi16)(V(srli_epi16)(x, 12), V(shuffle_epi8)(l->shift, lines));
    const wide both = V(shuffle_epi8)(
        column, repeat(_mm_setr_epi8(0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14)));
    const wide left_bytes = columns(both, 0x0100, shape),
               right_bytes = columns(both, 0x0302, shape);
    const mask below = is_above(y, WARP_ONE - 1);

    for (int n = 0; n < count; n++) {
        const struct warp_plane *p = &planes[n];
        const uint8_t *from[LINES];
        wide row[5];
        for (int k = 0; k < LINES; k++)
            from[k] = p->from + (l->top[j + k] - 1) * p->stride + l->left[j + k];
#pragma GCC unroll 5
        for (int k = 0; k < rows; k++) {
            if (shape != INSIDE)
                for (int m = 0; m < LINES; m++)
                    from[m] = row_at(p->from, p->stride, height, l, j + m, k);
            row[k] = weighted(gather_lines(from), left_bytes, left, right_bytes, right);
            for (int m = 0; m < LINES; m++)
                from[m] += p->stride;
        }
        if (rows == 5) {
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
                row[k] = choose(below, row[k + 1], row[k]);
        }
        wide words =
            V(packs_epi32)(down(V(unpacklo_epi16)(row[0], row[1]),
                                V(unpacklo_epi16)(row[2], row[3]), upper_first, lower_first),
                           down(V(unpackhi_epi16)(row[0], row[1]),
                                V(unpackhi_epi16)(row[2], row[3]), upper_last, lower_last));
        store_lines(p->to + j * p->to_stride, p->to_stride,
                    V(packus_epi16)(words, words)); /* clamps to 0..255 */
    }
}

static inline void draw_block(const struct warp_plane *planes, int count, int width, int height,
                              const struct warp_block *block)
{
    const enum shape shape = shape_of(block, width, height);
    if (shape == WILD) {
        for (int n = 0; n < count; n++)
            draw_wild(&planes[n], width, height, block);
        return;
    }
    struct lines lines;
    find_lines(&lines, block, width);
#define DRAW(rows, shape)                                               \
    _Pragma("GCC unroll 4") for (int j = 0; j < WARP_BLOCK; j += LINES) \
        draw_lines(planes, count, height, &lines, j, rows, shape)
    if (shape == AT_BORDER)
        DRAW(5, AT_BORDER);
    else if (lines.level)
        DRAW(4, INSIDE);
    else
        DRAW(5, INSIDE);
#undef DRAW
}

void KERNEL(warp_row_u8)(const struct warp_plane *planes, int count, int width, int height,
                         const struct warp_row *row, int n)
{
    struct warp_plane here[WARP_PLANES];
    for (int p = 0; p < count; p++)
        here[p] = planes[p];
    for (int k = 0; k < n; k++) {
        const struct warp_block block = warp_block_of(row, k);
        draw_block(here, count, width, height, &block);
        for (int p = 0; p < count; p++)
            here[p].to += here[p].to_step;
    }
}
