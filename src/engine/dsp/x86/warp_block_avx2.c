/* warp_block_avx2.c - warp_block_u8, two lines of eight pixels at a time.
 *
 * A line that is neither much stretched nor steep lies within 16 bytes of five rows: bytes come by
 * shuffles, and all is counted in 16 bits from the line's own corner. Weights are computed, because
 * looking them up takes longer. Other blocks go the plain way. */
#include <immintrin.h>
#include <stdbool.h>

#include "engine/dsp/cubic.h"

void warp_block_u8_avx2(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t stride,
                        int width, int height, const struct warp_block *block);

/* The eight lines of a block. */
struct lines {
    int32_t left[8], top[8]; /* the first pixel of the plane that line j needs, but for the apron */
    __m256i x, y, dx, dy;    /* from there, WARP_ONEs in 16 bits; both halves the same */
};

static inline bool gentle(const struct warp_block *b, int width, int height)
{
    int low_x = INT32_MAX, low_y = INT32_MAX, high_x = INT32_MIN, high_y = INT32_MIN;
    for (int k = 0; k < 4; k++) {
        low_x = b->x[k] < low_x ? b->x[k] : low_x;
        high_x = b->x[k] > high_x ? b->x[k] : high_x;
        low_y = b->y[k] < low_y ? b->y[k] : low_y;
        high_y = b->y[k] > high_y ? b->y[k] : high_y;
    }
    int top = b->x[1] - b->x[0], bottom = b->x[3] - b->x[2]; /* lengths of the edges */
    int rise = b->y[1] - b->y[0], fall = b->y[3] - b->y[2];
    /* at most 1.5 px a step: 11 px and the apron; at most 1 px up or down; 16 columns to read */
    return top >= 0 && bottom >= 0 && top <= 12 * WARP_ONE && bottom <= 12 * WARP_ONE &&
           rise >= -WARP_ONE && rise <= WARP_ONE && fall >= -WARP_ONE && fall <= WARP_ONE &&
           low_x >= 2 * WARP_ONE && low_y >= 2 * WARP_ONE && high_x <= (width - 3) * WARP_ONE &&
           high_y <= (height - 5) * WARP_ONE && width >= 16;
}

static inline __m256i edge(const int32_t at[4], int from)
{
    __m256i start = _mm256_set1_epi32(8 * at[from]),
            step = _mm256_set1_epi32(at[from + 2] - at[from]);
    return _mm256_add_epi32(start,
                            _mm256_mullo_epi32(step, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
}

/* Eight small numbers as 16 bits, in both halves. */
static inline __m256i narrow(__m256i v)
{
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return _mm256_broadcastsi128_si256(words);
}

static inline __m256i narrow_signed(__m256i v)
{
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return _mm256_broadcastsi128_si256(words);
}

static inline void find_lines(struct lines *out, const struct warp_block *b, int width)
{
    const __m256i half = _mm256_set1_epi32(WARP_ONE / 128), low = _mm256_set1_epi32(WARP_ONE - 1);
    __m256i left = edge(b->x, 0), right = edge(b->x, 1);
    __m256i upper = edge(b->y, 0), lower = edge(b->y, 1);
    __m256i dx = _mm256_srai_epi32(_mm256_sub_epi32(right, left), 6);
    __m256i dy = _mm256_srai_epi32(_mm256_sub_epi32(lower, upper), 6);
    __m256i x = _mm256_add_epi32(_mm256_srai_epi32(left, 3), half);
    __m256i y = _mm256_add_epi32(_mm256_srai_epi32(upper, 3), half);
    /* a line that rises begins below its corner */
    __m256i rise =
        _mm256_min_epi32(_mm256_mullo_epi32(dy, _mm256_set1_epi32(7)), _mm256_setzero_si256());
    __m256i high = _mm256_add_epi32(y, rise);
    /* no byte beyond the line's end is read */
    __m256i first = _mm256_min_epi32(_mm256_srai_epi32(x, 12), _mm256_set1_epi32(width - 15));
    _mm256_storeu_si256((__m256i *)(void *)out->left, first);
    _mm256_storeu_si256((__m256i *)(void *)out->top, _mm256_srai_epi32(high, 12));
    out->x = narrow(_mm256_sub_epi32(x, _mm256_slli_epi32(first, 12)));
    out->y = narrow(_mm256_sub_epi32(_mm256_and_si256(high, low), rise));
    out->dx = narrow(dx);
    out->dy = narrow_signed(dy);
}

/* The four weights of sixteen places `f` in 0..63, cubic.h's own polynomials:
 * outer taps -f (64 - f)^2 / 8192; of the inner ones the farther, h 64ths inside the pixel beyond,
 * h (4096 + 256 h - 3 h^2) / 8192, and the nearer what remains. */
static inline void weigh(__m256i w[4], __m256i f)
{
    const __m256i one = _mm256_set1_epi16(64), round = _mm256_set1_epi16(4095);
    __m256i r = _mm256_sub_epi16(one, f), h = _mm256_min_epi16(f, r);
    __m256i fr = _mm256_mullo_epi16(f, r);
    __m256i out0 = _mm256_srli_epi16(_mm256_add_epi16(_mm256_mullo_epi16(fr, r), round), 13);
    __m256i out3 = _mm256_srli_epi16(_mm256_add_epi16(_mm256_mullo_epi16(fr, f), round), 13);
    __m256i curve = _mm256_mullo_epi16(
        h, _mm256_sub_epi16(_mm256_set1_epi16(256), _mm256_mullo_epi16(h, _mm256_set1_epi16(3))));
    __m256i far = _mm256_mulhrs_epi16(_mm256_slli_epi16(h, 2),
                                      _mm256_add_epi16(curve, _mm256_set1_epi16(4096)));
    __m256i near = _mm256_sub_epi16(_mm256_add_epi16(one, _mm256_add_epi16(out0, out3)), far);
    __m256i late = _mm256_cmpgt_epi16(f, _mm256_set1_epi16(32));
    w[0] = _mm256_sub_epi16(_mm256_setzero_si256(), out0);
    w[1] = _mm256_blendv_epi8(near, far, late);
    w[2] = _mm256_blendv_epi8(far, near, late);
    w[3] = _mm256_sub_epi16(_mm256_setzero_si256(), out3);
}

/* Two weights as two bytes. */
static inline __m256i twin(__m256i a, __m256i b)
{
    return _mm256_or_si256(_mm256_and_si256(a, _mm256_set1_epi16(0xFF)), _mm256_slli_epi16(b, 8));
}

/* A row of each of two lines, weighted: at most 255 * 80, so that it fits 16 bits. */
static inline __m256i across(const uint8_t *row0, const uint8_t *row1, __m256i bytes01,
                             __m256i bytes23, __m256i first, __m256i last)
{
    __m256i bytes = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)row0));
    bytes = _mm256_inserti128_si256(bytes, _mm_loadu_si128((const __m128i *)(const void *)row1), 1);
    return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_shuffle_epi8(bytes, bytes01), first),
                            _mm256_maddubs_epi16(_mm256_shuffle_epi8(bytes, bytes23), last));
}

/* Sixteen pixels of two lines, eight each. */
static inline void two_lines(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
                             ptrdiff_t stride, const struct lines *l, int j)
{
    const __m256i count = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i low = _mm256_set1_epi16(63);
    /* spreads number j of each half's eight over the first half, j + 1 over the second */
    __m256i spread = _mm256_add_epi16(_mm256_set1_epi16((short)(0x0100 + j * 0x0202)),
                                      _mm256_setr_epi16(0, 0, 0, 0, 0, 0, 0, 0, 0x202, 0x202, 0x202,
                                                        0x202, 0x202, 0x202, 0x202, 0x202));
    __m256i x = _mm256_add_epi16(_mm256_shuffle_epi8(l->x, spread),
                                 _mm256_mullo_epi16(count, _mm256_shuffle_epi8(l->dx, spread)));
    __m256i y = _mm256_add_epi16(_mm256_shuffle_epi8(l->y, spread),
                                 _mm256_mullo_epi16(count, _mm256_shuffle_epi8(l->dy, spread)));
    __m256i lower =
        _mm256_cmpgt_epi16(y, _mm256_set1_epi16(WARP_ONE - 1)); /* one row further down */
    __m256i wx[4], wy[4], line[5];
    weigh(wx, _mm256_and_si256(_mm256_srli_epi16(x, 6), low));
    weigh(wy, _mm256_and_si256(_mm256_srli_epi16(y, 6), low));
    const __m256i first = twin(wx[0], wx[1]), last = twin(wx[2], wx[3]);
    const __m256i column = _mm256_mullo_epi16(_mm256_srli_epi16(x, 12), _mm256_set1_epi16(0x0101));
    const __m256i bytes01 = _mm256_add_epi8(column, _mm256_set1_epi16(0x0100));
    const __m256i bytes23 = _mm256_add_epi8(column, _mm256_set1_epi16(0x0302));
    const uint8_t *from0 = src + (l->top[j] - 1) * stride + l->left[j] - 1;
    const uint8_t *from1 = src + (l->top[j + 1] - 1) * stride + l->left[j + 1] - 1;
    for (int k = 0; k < 4; k++)
        line[k] = across(from0 + k * stride, from1 + k * stride, bytes01, bytes23, first, last);
    if (!_mm256_testz_si256(lower, lower)) { /* else the fifth row may not be there */
        line[4] = across(from0 + 4 * stride, from1 + 4 * stride, bytes01, bytes23, first, last);
        for (int k = 0; k < 4; k++)
            line[k] = _mm256_blendv_epi8(line[k], line[k + 1], lower);
    }
    const __m256i round = _mm256_set1_epi32(2048);
    __m256i near = _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi16(line[0], line[1]),
                                                      _mm256_unpacklo_epi16(wy[0], wy[1])),
                                    _mm256_madd_epi16(_mm256_unpacklo_epi16(line[2], line[3]),
                                                      _mm256_unpacklo_epi16(wy[2], wy[3])));
    __m256i far = _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpackhi_epi16(line[0], line[1]),
                                                     _mm256_unpackhi_epi16(wy[0], wy[1])),
                                   _mm256_madd_epi16(_mm256_unpackhi_epi16(line[2], line[3]),
                                                     _mm256_unpackhi_epi16(wy[2], wy[3])));
    near = _mm256_srai_epi32(_mm256_add_epi32(near, round), 12);
    far = _mm256_srai_epi32(_mm256_add_epi32(far, round), 12);
    __m256i words = _mm256_packs_epi32(near, far);
    __m256i bytes = _mm256_packus_epi16(words, words); /* clamps to 0..255 */
    _mm_storel_epi64((__m128i *)(void *)dst, _mm256_castsi256_si128(bytes));
    _mm_storel_epi64((__m128i *)(void *)(dst + dst_stride), _mm256_extracti128_si256(bytes, 1));
}

void warp_block_u8_avx2(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t stride,
                        int width, int height, const struct warp_block *block)
{
    if (gentle(block, width, height)) {
        struct lines lines;
        find_lines(&lines, block, width);
        for (int j = 0; j < WARP_BLOCK; j += 2, dst += 2 * dst_stride)
            two_lines(dst, dst_stride, src, stride, &lines, j);
        return;
    }
    for (int j = 0; j < WARP_BLOCK; j++, dst += dst_stride) {
        struct cubic_line line = cubic_line(block, j);
        for (int i = 0; i < WARP_BLOCK; i++)
            dst[i] = cubic_at(src, stride, width, height, cubic_of_line(line.x + i * line.dx),
                              cubic_of_line(line.y + i * line.dy));
    }
}
