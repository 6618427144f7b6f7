// Numbers that share scales, in blocks as in GGUF files or with the scales apart as in safetensors files,
// and numbers of 16 bits: unpacking them with the instructions that the processor has.  Types of blocks are
// the numbers that ggml gives them; QuantizedBlocks.swift names them.
#pragma once

/// Unpacks `count` successive blocks of a type into `elements`; does nothing for another type.
void secant_unpack_blocks(unsigned type, const unsigned char *blocks, long count, float *elements);

/// The number of the first of `count` blocks of which a scale is infinite or not a number, else `count`.
long secant_first_infinite_block(unsigned type, const unsigned char *blocks, long count);

/// Unpacks `count` groups of `size` elements q of 4 bits, the lower four of a byte first, with a scale s and
/// an offset m for each group: s·q + m, the product rounded by itself.  `size` is a multiple of 32.
void secant_unpack_affine4(const unsigned char *packed, long count, long size, const float *scales,
                           const float *offsets, float *elements);

/// As `secant_unpack_affine4`, of elements of 8 bits.
void secant_unpack_affine8(const unsigned char *packed, long count, long size, const float *scales,
                           const float *offsets, float *elements);

/// Unpacks `count` elements of 4 bits, the upper four of a byte first, which name one of 16 levels: that times
/// the scale of the group of `size` elements.  `size` is even; the last group may be shorter.
void secant_unpack_levels4(const unsigned char *packed, long count, long size, const float *levels,
                           const float *scales, float *elements);

/// Unpacks `count` numbers of 8 bits, of which 4 are exponent and 3 significand (E4M3, without infinities):
/// each times the scale of the group of `size` elements.  The last group may be shorter.
void secant_unpack_e4m3(const unsigned char *packed, long count, long size, const float *scales,
                        float *elements);

/// Unpacks `count` groups of 32 numbers of 4 bits, of which 2 are exponent and 1 significand (E2M1), the
/// lower four of a byte first: each times 2^(e - 127) for the group's exponent e.
void secant_unpack_mxfp4(const unsigned char *packed, const unsigned char *exponents, long count,
                         float *elements);

/// The number of the first of `count` such exponents with which a number could be infinite, else `count`.
long secant_first_large_exponent(const unsigned char *exponents, long count);

/// Widens `count` IEEE 754 binary16 numbers, exactly; those that are no numbers keep their bits.
void secant_widen_halves(const unsigned char *halves, long count, float *elements);
