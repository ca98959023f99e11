/* warp_avx2.c - warp_cubic_u8, eight pixels at a time. */
#include "engine/dsp/cubic.h"
#include "engine/dsp/x86/wide.h"

void warp_cubic_u8_avx2(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int width, int height,
                        const float *x, const float *y, int n);

static inline __m256i fixed(const float *at, int size)
{
    __m256 v = _mm256_loadu_ps(at);
    v = _mm256_max_ps(v, _mm256_set1_ps(-CUBIC_APRON));
    v = _mm256_min_ps(v, _mm256_set1_ps((float)(size + CUBIC_APRON)));
    v = _mm256_add_ps(_mm256_mul_ps(v, _mm256_set1_ps(64.0f)), _mm256_set1_ps(224.5f));
    return _mm256_sub_epi32(_mm256_cvttps_epi32(v), _mm256_set1_epi32(256));
}

/* Four neighbours of a row, weighted: at most 255 * 80, so that it fits 16 bits. */
static inline __m256i across(__m256i bytes, __m256i weights)
{
    return _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, weights), _mm256_set1_epi16(1));
}

/* Weights `k` and k + 1 of each pixel, widened to 16 bits. */
static inline __m256i pair(__m256i weights, int k)
{
    const __m256i high = _mm256_setr_epi8(-1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13,
                                          -1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13);
    __m256i from = k ? _mm256_srli_epi32(weights, 16) : weights;
    return _mm256_srai_epi16(_mm256_shuffle_epi8(from, high), 8);
}

static inline __m256i down(__m256i upper, __m256i lower, __m256i weights)
{
    __m256i pairs = _mm256_blend_epi16(upper, _mm256_slli_epi32(lower, 16), 0xAA);
    return _mm256_madd_epi16(pairs, weights);
}

static inline int least(__m256i v)
{
    __m128i m = _mm_min_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    m = _mm_min_epi32(m, _mm_shuffle_epi32(m, 0x4E));
    m = _mm_min_epi32(m, _mm_shuffle_epi32(m, 0xB1));
    return _mm_cvtsi128_si32(m);
}

/* The four rows of bytes around each of eight pixels, wherever they lie. */
static inline void fetch_far(__m256i row[4], const uint8_t *corner, ptrdiff_t stride, __m256i ix,
                             __m256i iy)
{
    __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(iy, _mm256_set1_epi32((int)stride)), ix);
    for (int k = 0; k < 4; k++)
        row[k] = _mm256_i32gather_epi32((const int *)(const void *)(corner + k * stride), at, 1);
}

/* The same where all eight lie within 16 bytes of five rows, as they do almost everywhere: a shuffle
 * instead of a gather. Pixels one row further down take each row from the next. */
static inline void fetch_near(__m256i row[4], const uint8_t *corner, ptrdiff_t stride,
                              __m256i right_of, __m256i below)
{
    __m256i shuffle = _mm256_add_epi32(_mm256_mullo_epi32(right_of, _mm256_set1_epi32(0x01010101)),
                                       _mm256_set1_epi32(0x03020100));
    __m256i lower = _mm256_cmpgt_epi32(below, _mm256_setzero_si256()), bytes[5];
    int rows = _mm256_testz_si256(lower, lower) ? 4 : 5; /* the fifth row may not be there */
    for (int k = 0; k < rows; k++) {
        const __m128i *at = (const __m128i *)(const void *)(corner + k * stride);
        bytes[k] = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(at)), shuffle);
    }
    if (rows == 4)
        bytes[4] = bytes[3];
    for (int k = 0; k < 4; k++)
        row[k] = _mm256_blendv_epi8(bytes[k], bytes[k + 1], lower);
}

void warp_cubic_u8_avx2(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int width, int height,
                        const float *x, const float *y, int n)
{
    /* 32-bit offsets: planes of 2 GiB and more, or upside down, go the plain way */
    int n8 = stride > 0 && stride <= INT32_MAX / (height > 0 ? height : 1) ? n & ~7 : 0;
    const __m256i low = _mm256_set1_epi32(63), first = _mm256_set1_epi32(1);
    const __m256i last_x = _mm256_set1_epi32(width - 3), last_y = _mm256_set1_epi32(height - 3);

    for (int i = 0; i < n8; i += 8) {
        __m256i fx = fixed(x + i, width), fy = fixed(y + i, height);
        __m256i ix = _mm256_srai_epi32(fx, 6), iy = _mm256_srai_epi32(fy, 6);
        __m256i outside = _mm256_or_si256(
            _mm256_or_si256(_mm256_cmpgt_epi32(first, ix), _mm256_cmpgt_epi32(ix, last_x)),
            _mm256_or_si256(_mm256_cmpgt_epi32(first, iy), _mm256_cmpgt_epi32(iy, last_y)));
        if (!_mm256_testz_si256(outside, outside)) {
            for (int k = i; k < i + 8; k++)
                dst[k] = cubic_sample(src, stride, width, height, x[k], y[k]);
            continue;
        }
        fx = _mm256_and_si256(fx, low);
        fy = _mm256_and_si256(fy, low);
        /* four bytes a pixel; computed, because gathering them takes three times as long */
        wide w[4], wx, wy, left_taps, right_taps;
        const wide words = _mm256_packs_epi32(fx, fy);
        weigh(w, _mm256_packus_epi16(words, words));
        left_taps = _mm256_unpacklo_epi8(w[0], w[1]);
        right_taps = _mm256_unpacklo_epi8(w[2], w[3]);
        wx = _mm256_unpacklo_epi16(left_taps, right_taps);
        wy = _mm256_unpackhi_epi16(left_taps, right_taps);
        __m256i row[4];
        int left = least(ix), top = least(iy);
        __m256i right_of = _mm256_sub_epi32(ix, _mm256_set1_epi32(left));
        __m256i below = _mm256_sub_epi32(iy, _mm256_set1_epi32(top));
        bool near = left + 15 <= width && !_mm256_movemask_epi8(_mm256_or_si256(
                                              _mm256_cmpgt_epi32(right_of, _mm256_set1_epi32(12)),
                                              _mm256_cmpgt_epi32(below, first)));
        if (near)
            fetch_near(row, src + (top - 1) * stride + left - 1, stride, right_of, below);
        else
            fetch_far(row, src - stride - 1, stride, ix, iy);
        __m256i sum = _mm256_add_epi32(down(across(row[0], wx), across(row[1], wx), pair(wy, 0)),
                                       down(across(row[2], wx), across(row[3], wx), pair(wy, 2)));
        sum = _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(2048)), 12);
        sum = _mm256_packs_epi32(sum, sum);
        __m256i bytes = _mm256_packus_epi16(sum, sum); /* clamps to 0..255 */
        _mm_storel_epi64(
            (__m128i *)(void *)(dst + i),
            _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    }
    for (int i = n8; i < n; i++)
        dst[i] = cubic_sample(src, stride, width, height, x[i], y[i]);
}
