// Numbers that share scales by blocks, as in GGUF files: unpacking them with the instructions that the
// processor has.  Types are the numbers that ggml gives them; QuantizedBlocks.swift names them.
#pragma once

/// Unpacks `count` successive blocks of a type into `elements`; does nothing for another type.
void secant_unpack_blocks(unsigned type, const unsigned char *blocks, long count, float *elements);

/// The number of the first of `count` blocks of which a scale is infinite or not a number, else `count`.
long secant_first_infinite_block(unsigned type, const unsigned char *blocks, long count);
