// What exponentials make of many numbers: the softmax of attention, where they are half of a long prompt's
// work, and the logistic function in most activations.
//
// On x86-64 with AVX2, `float`s go eight at a time through the GNU C library's vector function, which is
// correct to 4 units in the last place; everywhere else each goes through the scalar one.
#pragma once

/// Replaces y by exp(y - m) / (sum of exp(y - m) + exp(sink - m)), where m is the largest of them and of `sink`, a
/// number or minus infinity.
void secant_ssoftmax(float *y, long count, float sink);
void secant_dsoftmax(double *y, long count, double sink);

/// Replaces each y by 1 / (1 + exp(-y)).
void secant_slogistic(float *y, long count);
void secant_dlogistic(double *y, long count);
