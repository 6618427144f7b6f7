// The softmax of a row: half of the work of a long prompt's attention is its exponentials.
#pragma once

/// Replaces y by exp(y - m) / (sum of exp(y - m) + exp(sink - m)), where m is the largest of them and of `sink`, a
/// number or minus infinity.
///
/// On x86-64 with AVX2, `float`s go eight at a time through the GNU C library's vector function, which is
/// correct to 4 units in the last place; everywhere else each goes through the scalar one.
void secant_ssoftmax(float *y, long count, float sink);
void secant_dsoftmax(double *y, long count, double sink);
