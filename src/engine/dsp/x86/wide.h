/* wide.h - registers of 16-bit numbers, 256 or 512 bits wide, and the cubic's weights in them. */
#pragma once

#if defined(__AVX2__) /* as its users are compiled */
#include <immintrin.h>
#include <stdbool.h>

/* Eight 16-bit numbers of each of 2 or 4 lines. No operation used here crosses its 128 bits. */
#if defined(__AVX512BW__)
typedef __m512i wide;
#define V(operation) _mm512_##operation
#define AND          _mm512_and_si512
#define OR           _mm512_or_si512
#define LOAD         _mm512_loadu_si512
enum { LINES = 4 };

static inline wide repeat(__m128i v) { return _mm512_broadcast_i32x4(v); }

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

typedef wide mask;
static inline mask is_above(wide v, short limit)
{
    return _mm256_cmpgt_epi16(v, _mm256_set1_epi16(limit));
}
static inline bool any(mask m) { return !_mm256_testz_si256(m, m); }
static inline wide choose(mask m, wide yes, wide no) { return _mm256_blendv_epi8(no, yes, m); }
#endif

/* The four weights of each place, cubic.h's own polynomials, for f = 0 .. 63:
 * outer taps -f (64 - f)^2 / 8192; of the inner ones the farther, h = the distance to it less 64,
 * h (4096 + 256 h - 3 h^2) / 8192, and the nearer what remains. */
static inline void weigh(wide w[4], wide f)
{
    const wide one = V(set1_epi16)(64), up = V(set1_epi16)(4095);
    const wide zero = V(set1_epi16)(0);
    wide r = V(sub_epi16)(one, f), h = V(min_epi16)(f, r), fr = V(mullo_epi16)(f, r);
    wide before = V(srli_epi16)(V(add_epi16)(V(mullo_epi16)(fr, r), up), 13);
    wide behind = V(srli_epi16)(V(add_epi16)(V(mullo_epi16)(fr, f), up), 13);
    wide bend = V(sub_epi16)(V(set1_epi16)(256), V(mullo_epi16)(h, V(set1_epi16)(3)));
    bend = V(add_epi16)(V(mullo_epi16)(h, bend), V(set1_epi16)(4096));
    wide far = V(mulhrs_epi16)(V(slli_epi16)(h, 2), bend);
    wide near = V(sub_epi16)(V(add_epi16)(one, V(add_epi16)(before, behind)), far);
    mask late = is_above(f, 32);
    w[0] = V(sub_epi16)(zero, before);
    w[1] = choose(late, far, near);
    w[2] = choose(late, near, far);
    w[3] = V(sub_epi16)(zero, behind);
}

/* Two weights as two bytes. */
static inline wide twin(wide a, wide b)
{
    return OR(AND(a, V(set1_epi16)(0xFF)), V(slli_epi16)(b, 8));
}
#endif
