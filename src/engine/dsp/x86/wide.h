/* wide.h - registers of 16-bit numbers, 256 or 512 bits wide, and the cubic's weights in them. */
#pragma once

#if defined(__AVX2__) /* as its users are compiled */
#include <immintrin.h>
#include <stdbool.h>

#include "engine/dsp/cubic.h"

/* Eight 16-bit numbers of each of 2 or 4 lines. No operation used here crosses its 128 bits. */
#if defined(__AVX512BW__)
typedef __m512i wide;
#define V(operation) _mm512_##operation
#define AND          _mm512_and_si512
#define OR           _mm512_or_si512
#define LOAD         _mm512_loadu_si512
enum { LINES = 4 };

static inline wide repeat(__m128i v) { return _mm512_broadcast_i32x4(v); }

static inline wide table(const int8_t *at) { return repeat(_mm_load_si128((const void *)at)); }

typedef __mmask64 marks; /* of bytes */
static inline marks is_negative(wide v) { return _mm512_movepi8_mask(v); }
static inline wide pick(marks m, wide yes, wide no) { return _mm512_mask_blend_epi8(m, no, yes); }

typedef __mmask32 mask;
static inline mask is_above(wide v, short limit)
{
    return _mm512_cmpgt_epi16_mask(v, _mm512_set1_epi16(limit));
}
static inline bool any(mask m) { return m != 0; }
static inline wide choose(mask m, wide yes, wide no) { return _mm512_mask_blend_epi16(m, no, yes); }
#else
typedef __m256i wide;
#define V(operation) _mm256_##operation
#define AND          _mm256_and_si256
#define OR           _mm256_or_si256
#define LOAD         _mm256_loadu_si256
enum { LINES = 2 };

static inline wide repeat(__m128i v) { return _mm256_broadcastsi128_si256(v); }

static inline wide table(const int8_t *at) { return repeat(_mm_load_si128((const void *)at)); }

typedef wide marks; /* of bytes: their high bit */
static inline marks is_negative(wide v) { return v; }
static inline wide pick(marks m, wide yes, wide no) { return _mm256_blendv_epi8(no, yes, m); }

typedef wide mask;
static inline mask is_above(wide v, short limit)
{
    return _mm256_cmpgt_epi16(v, _mm256_set1_epi16(limit));
}
static inline bool any(mask m) { return !_mm256_testz_si256(m, m); }
static inline wide choose(mask m, wide yes, wide no) { return _mm256_blendv_epi8(no, yes, m); }
#endif

// clang-format off
#define WIDE_4(TAP, h)  TAP(h), TAP((h) + 1), TAP((h) + 2), TAP((h) + 3)
#define WIDE_16(TAP, h) WIDE_4(TAP, h), WIDE_4(TAP, (h) + 4), WIDE_4(TAP, (h) + 8), WIDE_4(TAP, (h) + 12)
#define WIDE_32(TAP)    {WIDE_16(TAP, 1), WIDE_16(TAP, 17)}
// clang-format on
#define WIDE_FAR_OUT(h) CUBIC_OUT(64 - (h))
#define WIDE_FAR_IN(h)  CUBIC_IN(64 - (h))

/* For h = 1 .. 32: the outer tap on the nearer side, the other outer tap, the farther inner tap. */
static const int8_t wide_weights[3][32] __attribute__((aligned(16))) = {
    WIDE_32(CUBIC_OUT), WIDE_32(WIDE_FAR_OUT), WIDE_32(WIDE_FAR_IN)};

/* The four weights of each place in bytes, from cubic.h's table for f = 0 .. 63 in bytes. They mirror
 * about the half, so that h = min(f, 64 - f) is enough: numbers 1 .. 32 are looked up by h - 1, and 0 as
 * a byte with its high bit, for which a shuffle gives 0. */
static inline void weigh(wide w[4], wide f)
{
    const wide one = V(set1_epi8)(64);
    const wide h = V(sub_epi8)(V(min_epu8)(f, V(sub_epi8)(one, f)), V(set1_epi8)(1));
    const marks high = is_negative(V(slli_epi16)(h, 3)),
                late = is_negative(V(sub_epi8)(V(set1_epi8)(32), f));
    wide side[3];
#define LOOK_UP(n)                                              \
    pick(high, V(shuffle_epi8)(table(wide_weights[n] + 16), h), \
         V(shuffle_epi8)(table(wide_weights[n]), h))
    side[0] = LOOK_UP(0);
    side[1] = LOOK_UP(1);
    side[2] = LOOK_UP(2);
#undef LOOK_UP
    const wide near = V(sub_epi8)(V(sub_epi8)(one, side[2]), V(add_epi8)(side[0], side[1]));
    w[0] = pick(late, side[1], side[0]);
    w[1] = pick(late, side[2], near);
    w[2] = pick(late, near, side[2]);
    w[3] = pick(late, side[0], side[1]);
}
#endif
