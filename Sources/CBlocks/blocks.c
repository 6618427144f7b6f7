#include "blocks.h"

#include <stdint.h>
#include <string.h>

#include "patterns.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#pragma STDC FP_CONTRACT OFF

typedef void unpacking(const uint8_t *blocks, long count, float *elements);

/// The value of an IEEE 754 binary16 number; exact, also for subnormal ones.  No number keeps its bits.
static inline float widened(uint16_t half) {
  // Exponent and significand move to their places in a float, which is then too small by the
  // difference of the biases; the exponent of infinities must be set apart.
  const int32_t magnitude = (int32_t)(half & 0x7fffu) << 13;
  float scaled;
  memcpy(&scaled, &magnitude, sizeof scaled);
  scaled *= 0x1p112f;
  uint32_t result;
  memcpy(&result, &scaled, sizeof result);
  result |= (magnitude >= 0x0f800000 ? 0x7f800000u : 0) | (half & 0x8000u) << 16;
  memcpy(&scaled, &result, sizeof scaled);
  return scaled;
}

/// The same of two bytes.
static inline float half(const uint8_t *bytes) {
  return widened((uint16_t)(bytes[0] | bytes[1] << 8));
}

/// Four bytes as a number.
static inline uint32_t word(const uint8_t *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
         (uint32_t)bytes[3] << 24;
}

/// The value of a number of 8 bits, of which 4 are exponent and 3 significand; exact.
static inline float eighth(uint8_t byte) {
  // As in widened(), but that only all ones below the sign are no number, and nothing is infinite.
  const uint32_t magnitude = byte & 127, bits = magnitude << 20 | (uint32_t)(byte & 128) << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return magnitude == 127 ? __builtin_nanf("") : value * 0x1p120f;
}

struct scale {
  int scale, minimum;
};

/// One of eight pairs of 6 bits: the lower four of the last four pairs share bytes, and their upper two
/// stand above the first four.
static inline struct scale scale(const uint8_t *bytes, int index) {
  if (index < 4) return (struct scale){bytes[index] & 63, bytes[index + 4] & 63};
  return (struct scale){(bytes[index + 4] & 15) | bytes[index - 4] >> 6 << 4,
                        bytes[index + 4] >> 4 | bytes[index] >> 6 << 4};
}

/// The levels of iq4_nl and iq4_xs.
static const int8_t level[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                 1,    13,   25,  38,  53,  69,  89,  113};

/// The values of the patterns in patterns.h.
static const float of_three[4] = {8, 25, 43, 0};
static const float of_eight[8] = {4, 12, 20, 28, 36, 44, 52, 62};
static const float odds[8] = {1, 3, 5, 7, 9, 11, 13, 15};

/// The signs of eight numbers that 7 bits name: the eighth makes the number of negative ones even.
static inline uint32_t eight_signs(uint32_t bits) {
  return bits | (uint32_t)__builtin_parity(bits) << 7;
}

/// A number of 16 bits, of which each of four pairs of bytes has 4 bits at its upper end.
static inline uint16_t quarters(const uint8_t *bytes) {
  return (uint16_t)(bytes[1] >> 4 | (bytes[3] & 0xf0) | (bytes[5] & 0xf0) << 4 |
                    (bytes[7] & 0xf0) << 8);
}

/// Twice the values of numbers of 4 bits: a sign, 2 bits of exponent and one of significand.
static const int8_t doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// The same with the sign of zero, which ggml's integers do not have.
static const float doubled_with_zeros[16] = {0,     1,  2,  3,  4,  6,  8,  12,
                                             -0.0f, -1, -2, -3, -4, -6, -8, -12};

/// 2^(e - 128): the scale of twice the values above.
static inline float power_of_two(uint8_t e) {
  const uint32_t bits = e < 2 ? 0x00200000u << e : (uint32_t)(e - 1) << 23;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#define JOINED(a, b) a##_##b
#define NAMED(a, b) JOINED(a, b)
#define TARGET(name) NAMED(name, SUFFIX)

#define SUFFIX plain
/// 32 elements: the levels of a table that the lower, then the upper four bits of 16 bytes name, times a
/// scale.
static inline void levels_plain(const uint8_t *restrict q, const int8_t *restrict level, float d,
                                float *restrict y) {
#if defined(__aarch64__)
  const uint8x16_t bytes = vld1q_u8(q);
  const int8x16_t table = vld1q_s8(level);
  int8_t chosen[32];
  vst1q_s8(chosen, vqtbl1q_s8(table, vandq_u8(bytes, vdupq_n_u8(15))));
  vst1q_s8(chosen + 16, vqtbl1q_s8(table, vshrq_n_u8(bytes, 4)));
  for (int i = 0; i < 32; i++) y[i] = d * (float)chosen[i];
#else
  for (int i = 0; i < 16; i++) y[i] = d * (float)level[q[i] & 15];
  for (int i = 0; i < 16; i++) y[16 + i] = d * (float)level[q[i] >> 4];
#endif
}

/// 32 elements: those of a table that the upper, then the lower four bits of each of 16 bytes name; with
/// `turned`, the lower ones first.
static inline void chosen_plain(const uint8_t *restrict q, const float *restrict table, int turned,
                                float *restrict y) {
  for (int i = 0; i < 16; i++) {
    y[2 * i + turned] = table[q[i] >> 4];
    y[2 * i + 1 - turned] = table[q[i] & 15];
  }
}

/// 16 numbers of 8 bits, times a scale.
static inline void eighths_plain(const uint8_t *restrict q, float d, float *restrict y) {
  for (int i = 0; i < 16; i++) y[i] = d * eighth(q[i]);
}

static void halves_plain(const uint8_t *restrict b, long count, float *restrict y) {
#if defined(__aarch64__)
  const uint16x8_t infinity = vdupq_n_u16(0x7c00);
  for (; count >= 8; count -= 8, b += 16, y += 8) {
    const uint16x8_t halves = vreinterpretq_u16_u8(vld1q_u8(b));
    // The instruction would set a bit of signalling not-a-numbers: these stay for the loop below.
    if (vmaxvq_u16(vandq_u16(halves, infinity)) == 0x7c00) break;
    const float16x8_t values = vreinterpretq_f16_u16(halves);
    vst1q_f32(y, vcvt_f32_f16(vget_low_f16(values)));
    vst1q_f32(y + 4, vcvt_high_f32_f16(values));
  }
#endif
  for (long i = 0; i < count; i++) {
    uint16_t bits;
    memcpy(&bits, b + 2 * i, sizeof bits);
    y[i] = widened(bits);
  }
}

#include "unpack_patterns.h"
#include "unpack.h"
#include "unpack_groups.h"
#undef SUFFIX

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,f16c"))), apply_to = function)
#define SUFFIX avx2
static inline void levels_avx2(const uint8_t *restrict q, const int8_t *restrict level, float d,
                               float *restrict y) {
  const __m128i bytes = _mm_loadu_si128((const __m128i *)q), mask = _mm_set1_epi8(15);
  const __m128i table = _mm_loadu_si128((const __m128i *)level);
  int8_t chosen[32];
  _mm_storeu_si128((__m128i *)chosen, _mm_shuffle_epi8(table, _mm_and_si128(bytes, mask)));
  _mm_storeu_si128((__m128i *)(chosen + 16),
                   _mm_shuffle_epi8(table, _mm_and_si128(_mm_srli_epi16(bytes, 4), mask)));
  for (int i = 0; i < 32; i++) y[i] = d * (float)chosen[i];
}

static inline void chosen_avx2(const uint8_t *restrict q, const float *restrict table, int turned,
                               float *restrict y) {
  const __m256 low = _mm256_loadu_ps(table), high = _mm256_loadu_ps(table + 8);
  const __m128i bytes = _mm_loadu_si128((const __m128i *)q), mask = _mm_set1_epi8(15);
  const __m128i upper = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
  const __m128i lower = _mm_and_si128(bytes, mask);
  const __m128i even = turned ? lower : upper, odd = turned ? upper : lower;
  const __m128i first = _mm_unpacklo_epi8(even, odd), second = _mm_unpackhi_epi8(even, odd);
  const __m128i eights[4] = {first, _mm_srli_si128(first, 8), second, _mm_srli_si128(second, 8)};
  for (int i = 0; i < 4; i++) {
    const __m256i index = _mm256_cvtepu8_epi32(eights[i]);
    // The permutation reads three bits of an index; the fourth, moved to the sign, chooses the half.
    const __m256 values = _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, index),
                                           _mm256_permutevar8x32_ps(high, index),
                                           _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
    _mm256_storeu_ps(y + 8 * i, values);
  }
}

static inline void eighths_avx2(const uint8_t *restrict q, float d, float *restrict y) {
  const __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)q));
  const __m256i magnitude = _mm256_and_si256(bytes, _mm256_set1_epi16(127));
  const __m256i sign = _mm256_and_si256(_mm256_slli_epi16(bytes, 8), _mm256_set1_epi16(-32768));
  // As binary16 numbers, which are too small by the difference of the biases, 2^(15 - 7).
  const __m256i scaled = _mm256_or_si256(_mm256_slli_epi16(magnitude, 7), sign);
  const __m256i halves =
      _mm256_blendv_epi8(scaled, _mm256_set1_epi16(0x7e00),
                         _mm256_cmpeq_epi16(magnitude, _mm256_set1_epi16(127)));
  const __m256 scale = _mm256_set1_ps(d), bias = _mm256_set1_ps(0x1p8f);
  const __m256 low = _mm256_cvtph_ps(_mm256_castsi256_si128(halves));
  const __m256 high = _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1));
  _mm256_storeu_ps(y, _mm256_mul_ps(scale, _mm256_mul_ps(bias, low)));
  _mm256_storeu_ps(y + 8, _mm256_mul_ps(scale, _mm256_mul_ps(bias, high)));
}

static void halves_avx2(const uint8_t *restrict b, long count, float *restrict y) {
  const __m128i infinity = _mm_set1_epi16(0x7c00);
  for (; count >= 8; count -= 8, b += 16, y += 8) {
    const __m128i halves = _mm_loadu_si128((const __m128i *)b);
    const __m128i exponent = _mm_and_si128(halves, infinity);
    // As in halves_plain(): no weight that is computed with comes here.
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(exponent, infinity))) break;
    _mm256_storeu_ps(y, _mm256_cvtph_ps(halves));
  }
  halves_plain(b, count, y);
}

#include "unpack_patterns.h"
#include "unpack.h"
#include "unpack_groups.h"
#undef SUFFIX
#pragma clang attribute pop
#endif

#if defined(__x86_64__)
#define BEST(name) \
  (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c") ? name##_avx2 : name##_plain)
#else
#define BEST(name) name##_plain
#endif

void secant_unpack_blocks(unsigned type, const unsigned char *blocks, long count, float *elements) {
  unpacking *unpack = BEST(unpacking_of)(type);
  if (unpack) unpack(blocks, count, elements);
}

void secant_unpack_affine4(const unsigned char *packed, long count, long size, const float *scales,
                           const float *offsets, float *elements) {
  BEST(affine4)(packed, count, size, scales, offsets, elements);
}

void secant_unpack_affine8(const unsigned char *packed, long count, long size, const float *scales,
                           const float *offsets, float *elements) {
  BEST(affine8)(packed, count, size, scales, offsets, elements);
}

void secant_unpack_levels4(const unsigned char *packed, long count, long size, const float *levels,
                           const float *scales, float *elements) {
  BEST(levels4)(packed, count, size, levels, scales, elements);
}

void secant_unpack_e4m3(const unsigned char *packed, long count, long size, const float *scales,
                        float *elements) {
  BEST(e4m3)(packed, count, size, scales, elements);
}

void secant_unpack_mxfp4(const unsigned char *packed, const unsigned char *exponents, long count,
                         float *elements) {
  BEST(mxfp4_apart)(packed, exponents, count, elements);
}

void secant_widen_halves(const unsigned char *halves, long count, float *elements) {
  BEST(halves)(halves, count, elements);
}

/// Whether a half is finite: its exponent is not all ones.
static inline int is_finite(const uint8_t *bytes) { return (bytes[1] & 0x7c) != 0x7c; }

/// The same of blocks of iq1_m, whose scale is in four pieces.
static long first_infinite_iq1_m(const uint8_t *blocks, long count) {
  for (long index = 0; index < count; index++, blocks += 56) {
    if ((quarters(blocks + 48) & 0x7c00) == 0x7c00) return index;
  }
  return count;
}

/// The first of `count` exponents, one each `stride` bytes, with which 6 becomes infinite, else `count`.
static long first_large_exponent(const uint8_t *bytes, long stride, long count) {
  for (long index = 0; index < count; index++, bytes += stride) {
    if (*bytes > 252) return index;
  }
  return count;
}

long secant_first_large_exponent(const unsigned char *exponents, long count) {
  return first_large_exponent(exponents, 1, count);
}

long secant_first_infinite_block(unsigned type, const unsigned char *blocks, long count) {
  long width, first, second;
  switch (type) {
    case 2: case 20: width = 18, first = second = 0; break;
    case 3: width = 20, first = 0, second = 2; break;
    case 6: width = 22, first = second = 0; break;
    case 7: width = 24, first = 0, second = 2; break;
    case 8: width = 34, first = second = 0; break;
    case 10: width = 84, first = 80, second = 82; break;
    case 11: width = 110, first = second = 108; break;
    case 12: width = 144, first = 0, second = 2; break;
    case 13: width = 176, first = 0, second = 2; break;
    case 14: width = 210, first = second = 208; break;
    case 16: width = 66, first = second = 0; break;
    case 17: width = 74, first = second = 0; break;
    case 18: width = 98, first = second = 0; break;
    case 19: width = 50, first = second = 0; break;
    case 21: width = 110, first = second = 0; break;
    case 22: width = 82, first = second = 0; break;
    case 23: width = 136, first = second = 0; break;
    case 29: return first_infinite_iq1_m(blocks, count);
    case 34: width = 54, first = second = 52; break;
    case 35: width = 66, first = second = 64; break;
    case 39: return first_large_exponent(blocks, 17, count);
    default: return count;
  }
  for (long index = 0; index < count; index++, blocks += width) {
    if (!(is_finite(blocks + first) & is_finite(blocks + second))) return index;
  }
  return count;
}
