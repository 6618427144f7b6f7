// The dense linear algebra that Secant takes from the platform: OpenBLAS on Linux, Accelerate on
// macOS.  Matrices are column-major, as LAPACK has them; a row-major matrix is its transpose.
#pragma once

/// C := alpha op(A) op(B) + beta C, where op transposes if its flag is not 0.
void secant_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                  int lda, const float *b, int ldb, float beta, float *c, int ldc);
void secant_dgemm(int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                  const double *a, int lda, const double *b, int ldb, double beta, double *c,
                  int ldc);

/// Asks the library to stay on the thread that calls it, in the whole process from now on; does nothing
/// where it cannot be asked.
void secant_stay_on_calling_thread(void);

/// The processor whose kernels the library uses, in its own words; empty where it does not say.
const char *secant_linear_algebra_kernels(void);

/// Takes the memory that the library works in, for each of some threads that compute at the same time, where it
/// takes any of its own; it keeps it for good.
///
/// Returns 0, or the bytes that are needed where the system does not give them: the library itself would try
/// again for ever.
long secant_reserve_work_memory(int threads);

/// How many multiplications a product may have for this library, on this processor, to read its factors
/// where they lie; 0 where it copies them into an order of its own whatever their size.
long secant_uncopied_product_limit(void);

/// Thin singular value decomposition A = U diag(S) Vᵀ of an m by n matrix, by divide and conquer;
/// A is destroyed.  Returns LAPACK's info, with the optimal size of `work` in work[0] if lwork is -1.
int secant_sgesdd(int m, int n, float *a, float *s, float *u, float *vt, float *work, int lwork,
                  int *iwork);
int secant_dgesdd(int m, int n, double *a, double *s, double *u, double *vt, double *work,
                  int lwork, int *iwork);

/// Eigendecomposition of a symmetric n by n matrix; A becomes its eigenvectors, w ascends.
int secant_ssyevd(int n, float *a, float *w, float *work, int lwork, int *iwork, int liwork);
int secant_dsyevd(int n, double *a, double *w, double *work, int lwork, int *iwork, int liwork);

/// Householder QR of an m by n matrix (m >= n), and the n orthonormal columns of its Q.
int secant_sgeqrf(int m, int n, float *a, float *tau, float *work, int lwork);
int secant_dgeqrf(int m, int n, double *a, double *tau, double *work, int lwork);
int secant_sorgqr(int m, int n, float *a, const float *tau, float *work, int lwork);
int secant_dorgqr(int m, int n, double *a, const double *tau, double *work, int lwork);
