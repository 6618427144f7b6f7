#include "linear_algebra.h"

#ifdef __APPLE__
#define ACCELERATE_NEW_LAPACK
#include <Accelerate/Accelerate.h>
#else
#define _DEFAULT_SOURCE
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>

// OpenBLAS as distributions package it brings LAPACK by its Fortran symbols only.
void sgesdd_(const char *, const int *, const int *, float *, const int *, float *, float *,
             const int *, float *, const int *, float *, const int *, int *, int *);
void dgesdd_(const char *, const int *, const int *, double *, const int *, double *, double *,
             const int *, double *, const int *, double *, const int *, int *, int *);
void ssyevd_(const char *, const char *, const int *, float *, const int *, float *, float *,
             const int *, int *, const int *, int *);
void dsyevd_(const char *, const char *, const int *, double *, const int *, double *, double *,
             const int *, int *, const int *, int *);
void sgeqrf_(const int *, const int *, float *, const int *, float *, float *, const int *, int *);
void dgeqrf_(const int *, const int *, double *, const int *, double *, double *, const int *,
             int *);
void sorgqr_(const int *, const int *, const int *, float *, const int *, const float *, float *,
             const int *, int *);
void dorgqr_(const int *, const int *, const int *, double *, const int *, const double *,
             double *, const int *, int *);
#endif

#define DEFINE_FOR(T, s)                                                                          \
  void secant_##s##gemm(int ta, int tb, int m, int n, int k, T alpha, const T *a, int lda,        \
                        const T *b, int ldb, T beta, T *c, int ldc) {                             \
    cblas_##s##gemm(CblasColMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, \
                    m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);                                \
  }                                                                                               \
  int secant_##s##gesdd(int m, int n, T *a, T *sv, T *u, T *vt, T *work, int lwork, int *iwork) { \
    int thin = m < n ? m : n, info = 0;                                                           \
    s##gesdd_("S", &m, &n, a, &m, sv, u, &m, vt, &thin, work, &lwork, iwork, &info);              \
    return info;                                                                                  \
  }                                                                                               \
  int secant_##s##syevd(int n, T *a, T *w, T *work, int lwork, int *iwork, int liwork) {          \
    int info = 0;                                                                                 \
    s##syevd_("V", "U", &n, a, &n, w, work, &lwork, iwork, &liwork, &info);                       \
    return info;                                                                                  \
  }                                                                                               \
  int secant_##s##geqrf(int m, int n, T *a, T *tau, T *work, int lwork) {                         \
    int info = 0;                                                                                 \
    s##geqrf_(&m, &n, a, &m, tau, work, &lwork, &info);                                           \
    return info;                                                                                  \
  }                                                                                               \
  int secant_##s##orgqr(int m, int n, T *a, const T *tau, T *work, int lwork) {                   \
    int info = 0;                                                                                 \
    s##orgqr_(&m, &n, &n, a, &m, tau, work, &lwork, &info);                                       \
    return info;                                                                                  \
  }

DEFINE_FOR(float, s)
DEFINE_FOR(double, d)

void secant_stay_on_calling_thread(void) {
#ifndef __APPLE__
  openblas_set_num_threads(1);
#endif
}

#ifndef __APPLE__
// What OpenBLAS calls to take a buffer and to give it back, into a store of its own. Its name is no part of what
// the library promises: where it has another, the buffers are taken by the first products.
__attribute__((weak)) void *blas_memory_alloc(int);
__attribute__((weak)) void blas_memory_free(void *);
#endif

#if !defined(__APPLE__) && defined(__x86_64__)
// Where OpenBLAS chooses the kernels for the processor. Their names are no part of what the library promises:
// where it has others, its own choice stays.
__attribute__((weak)) void gotoblas_dynamic_init(void);
__attribute__((weak)) void gotoblas_dynamic_quit(void);

// A version older than the processor does not know it by its number, and takes kernels for one of 2004, which
// are four times as slow. Here, before the first product and before any thread, it is asked for those that the
// processor's instructions allow. It reads the wish from the environment, where a user's own goes first.
__attribute__((constructor)) static void choose_kernels(void) {
  const char *wish = "OPENBLAS_CORETYPE";
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit || getenv(wish)) return;
  if (strcasecmp(openblas_get_corename(), "Prescott") != 0) return;
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  int is_wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
  const char *cores[] = {"SkylakeX", "Haswell"};
  for (int i = is_wide ? 0 : 1; i < 2; i++) {
    setenv(wish, cores[i], 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv(wish);
    // Not every version is built with every kernel.
    if (strcasecmp(openblas_get_corename(), cores[i]) == 0) return;
  }
}
#endif

const char *secant_linear_algebra_kernels(void) {
#ifdef __APPLE__
  return "";
#else
  return openblas_get_corename();
#endif
}

long secant_reserve_work_memory(int threads) {
#ifdef __APPLE__
  return 0;
#else
  // It keeps as many buffers as it was built for threads, 128 of them where distributions package it.
  // 128 MB for a buffer, on processors of servers and of desktops alike, and the addresses that the C library sets
  // aside for a thread that allocates.
  const long bytes = 256l << 20;
  enum { most = 64 };
  void *blocks[most];
  int count = threads < most ? threads : most, got = 0;
  while (got < count) {
    blocks[got] = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (blocks[got] == MAP_FAILED) break;
    got++;
  }
  for (int i = 0; i < got; i++) munmap(blocks[i], bytes);
  if (got < count) return count * bytes;
  if (!blas_memory_alloc || !blas_memory_free) return 0;
  for (int i = 0; i < count; i++) blocks[i] = blas_memory_alloc(0);
  for (int i = 0; i < count; i++) blas_memory_free(blocks[i]);
  return 0;
#endif
}

long secant_uncopied_product_limit(void) {
#ifdef __APPLE__
  return 0;
#else
  // OpenBLAS has such kernels since 0.3.17, for processors with AVX-512; its bound is theirs.
  int major = 0, minor = 0, patch = 0;
  if (sscanf(openblas_get_config(), "OpenBLAS %d.%d.%d", &major, &minor, &patch) != 3) return 0;
  if (major == 0 && (minor < 3 || (minor == 3 && patch < 17))) return 0;
  const char *core = openblas_get_corename();
  const char *cores[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
  for (int i = 0; i < 3; i++) {
    if (strcasecmp(core, cores[i]) == 0) return 1000000;
  }
  return 0;
#endif
}
