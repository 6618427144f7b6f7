#include "exponentials.h"

#include <math.h>

#define DEFINE_FOR(T, s, exponential)                                                             \
  static void s##logistic(T *y, long count) {                                                     \
    for (long i = 0; i < count; i++) y[i] = 1 / (1 + exponential(-y[i]));                         \
  }                                                                                               \
  static void s##softmax(T *y, long count, T sink) {                                              \
    T top = sink, total = 0;                                                                      \
    for (long i = 0; i < count; i++) top = y[i] > top ? y[i] : top;                               \
    if (sink != -INFINITY) total = exponential(sink - top);                                       \
    for (long i = 0; i < count; i++) {                                                            \
      y[i] = exponential(y[i] - top);                                                             \
      total += y[i];                                                                              \
    }                                                                                             \
    const T scale = 1 / total;                                                                    \
    for (long i = 0; i < count; i++) y[i] *= scale;                                               \
  }

DEFINE_FOR(float, s, expf)
DEFINE_FOR(double, d, exp)

void secant_dsoftmax(double *y, long count, double sink) { dsoftmax(y, count, sink); }
void secant_dlogistic(double *y, long count) { dlogistic(y, count); }

#if defined(__x86_64__) && defined(__GLIBC__)
#include <immintrin.h>

// exp of eight numbers; the name is that of the x86-64 vector function ABI.
__attribute__((target("avx2,fma"))) __m256 _ZGVdN8v_expf(__m256);

__attribute__((target("avx2,fma"))) static void softmax_of_eights(float *y, long count, float sink) {
  const long whole = count / 8 * 8;
  float lanes[8];
  __m256 tops = _mm256_set1_ps(sink);
  for (long i = 0; i < whole; i += 8) tops = _mm256_max_ps(_mm256_loadu_ps(y + i), tops);
  float top = sink;
  _mm256_storeu_ps(lanes, tops);
  for (int i = 0; i < 8; i++) top = lanes[i] > top ? lanes[i] : top;
  for (long i = whole; i < count; i++) top = y[i] > top ? y[i] : top;

  tops = _mm256_set1_ps(top);
  __m256 sums = _mm256_setzero_ps();
  for (long i = 0; i < whole; i += 8) {
    const __m256 powers = _ZGVdN8v_expf(_mm256_sub_ps(_mm256_loadu_ps(y + i), tops));
    _mm256_storeu_ps(y + i, powers);
    sums = _mm256_add_ps(sums, powers);
  }
  float total = sink == -INFINITY ? 0 : expf(sink - top);
  if (whole < count) {
    // The last ones go through the same function, so that a number's place does not matter.
    for (int i = 0; i < 8; i++) lanes[i] = whole + i < count ? y[whole + i] : top;
    _mm256_storeu_ps(lanes, _ZGVdN8v_expf(_mm256_sub_ps(_mm256_loadu_ps(lanes), tops)));
    for (long i = whole; i < count; i++) {
      y[i] = lanes[i - whole];
      total += y[i];
    }
  }
  _mm256_storeu_ps(lanes, sums);
  for (int i = 0; i < 8; i++) total += lanes[i];

  const float scale = 1 / total;
  for (long i = 0; i < count; i++) y[i] *= scale;
}

__attribute__((target("avx2,fma"))) static void logistic_of_eights(float *y, long count) {
  const __m256 one = _mm256_set1_ps(1), zero = _mm256_setzero_ps();
  const long whole = count / 8 * 8;
  for (long i = 0; i < whole; i += 8) {
    const __m256 powers = _ZGVdN8v_expf(_mm256_sub_ps(zero, _mm256_loadu_ps(y + i)));
    _mm256_storeu_ps(y + i, _mm256_div_ps(one, _mm256_add_ps(one, powers)));
  }
  if (whole == count) return;
  // As above, the last ones go through the same function.
  float lanes[8] = {0};
  for (long i = whole; i < count; i++) lanes[i - whole] = y[i];
  logistic_of_eights(lanes, 8);
  for (long i = whole; i < count; i++) y[i] = lanes[i - whole];
}

static int has_eights(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

void secant_ssoftmax(float *y, long count, float sink) {
  if (has_eights())
    softmax_of_eights(y, count, sink);
  else
    ssoftmax(y, count, sink);
}

void secant_slogistic(float *y, long count) {
  if (has_eights())
    logistic_of_eights(y, count);
  else
    slogistic(y, count);
}
#else
void secant_ssoftmax(float *y, long count, float sink) { ssoftmax(y, count, sink); }
void secant_slogistic(float *y, long count) { slogistic(y, count); }
#endif
