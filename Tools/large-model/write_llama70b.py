"""Writes a GGUF file of Llama 3.3 70B's exact shape in Q4_K_M whose blocks all lie in one block's bytes.

    python write_llama70b.py FILE [--blocks 80] [--seed 1]

What takes time and memory in a model is the shape of its weights, not their values: the tensors of all
blocks point at the same random bytes, so that the file takes 2.2 GB and not 42. Types are those that
llama.cpp's Q4_K_M gives a model of this size: Q4_K, with Q5_K for most value projections, and Q6_K for the
unembedding and, in half of the blocks, value and down projections. The final norm's weights fall off as
2^-i to 1e-4, so that maps of this model have few large singular values, as those of trained models have.
Needs numpy alone. A rerun writes the same bytes.
"""

import argparse
import struct

import numpy

WIDTH, HIDDEN, HEADS, VALUE_HEADS, HEAD_WIDTH, VOCABULARY = 8192, 28672, 64, 8, 128, 128256

F32, Q4_K, Q5_K, Q6_K = 0, 12, 13, 14
BLOCK_BYTES = {Q4_K: 144, Q5_K: 176, Q6_K: 210}
UINT32, FLOAT32, STRING = 4, 6, 8
ALIGNMENT = 32


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def key(name, kind, value):
    return text(name) + struct.pack("<I", kind) + value


def half(values):
    return values.astype(numpy.float16).view(numpy.uint8).reshape(-1, 2)


def quantized(type, rows, columns, deviation, generator):
    """Random blocks whose weights have mean 0 and about that standard deviation."""
    count = rows * columns // 256
    blocks = generator.integers(0, 256, (count, BLOCK_BYTES[type]), numpy.uint8)
    spread = generator.uniform(0.8, 1.2, count) * deviation
    if type == Q6_K:
        # Scales of either sign, since six bits from -32 to 31 have a mean that is not 0.
        blocks[:, 192:208] = generator.choice(numpy.array([32, 224], numpy.uint8), (count, 16))
        blocks[:, 208:210] = half(spread / (32 * 18.5))
        return blocks
    levels = 16 if type == Q4_K else 32
    scale = spread / (32 * numpy.sqrt((levels**2 - 1) / 12))
    blocks[:, 0:2] = half(scale)
    blocks[:, 2:4] = half(scale * (levels - 1) / 2)
    # All scales and minima are 32: six bits each, the upper two of the last four above the first four.
    blocks[:, 4:12], blocks[:, 12:16] = 32 | 2 << 6, 0
    return blocks


def takes_more_bits(block, count):
    """Whether llama.cpp's Q4_K_M gives a block's value and down projections more bits."""
    eighth = count // 8
    return block < eighth or block >= 7 * eighth or (block - eighth) % 3 == 2


def rotary_factors():
    """What Llama 3.1's scaling divides each pair's frequency by: factor 8, 1 to 4 turns in 8192."""
    wavelengths = 2 * numpy.pi * 500000 ** (numpy.arange(HEAD_WIDTH // 2) / (HEAD_WIDTH // 2))
    smooth = numpy.clip((8192 / wavelengths - 1) / (4 - 1), 0, 1)
    return 1 / ((1 - smooth) / 8 + smooth)


class Layout:
    """A directory of tensors, and the bytes that they point at."""

    def __init__(self, file):
        self.file, self.entries, self.places, self.end = file, [], {}, 0
        self.parts = []

    def part(self, name, type, shape, make):
        """Bytes that tensors may point at, to be made when they are written."""
        size = shape[0] * 4 if type == F32 else shape[0] * shape[1] // 256 * BLOCK_BYTES[type]
        self.places[name] = (type, shape, self.end)
        self.parts.append(make)
        self.end += -(-size // ALIGNMENT) * ALIGNMENT

    def tensor(self, name, part):
        type, shape, offset = self.places[part]
        extents = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        self.entries.append(text(name) + extents + struct.pack("<IQ", type, offset))

    def write(self, keys):
        head = b"GGUF" + struct.pack("<IQQ", 3, len(self.entries), len(keys))
        head += b"".join(keys) + b"".join(self.entries)
        self.file.write(head + bytes(-len(head) % ALIGNMENT))
        for make in self.parts:
            data = numpy.ascontiguousarray(make()).view(numpy.uint8).tobytes()
            self.file.write(data + bytes(-len(data) % ALIGNMENT))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--blocks", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    generator = numpy.random.default_rng(arguments.seed)

    with open(arguments.file, "wb") as file:
        layout = Layout(file)

        def matrix(name, type, rows, columns, gain):
            deviation = gain / columns**0.5
            layout.part(
                name, type, (rows, columns),
                lambda: quantized(type, rows, columns, deviation, generator),
            )  # fmt: skip

        def vector(name, values):
            layout.part(name, F32, (len(values),), lambda: values.astype(numpy.float32))

        matrix("embedding", Q4_K, VOCABULARY, WIDTH, WIDTH**0.5)
        matrix("unembedding", Q6_K, VOCABULARY, WIDTH, 1)
        matrix("query", Q4_K, WIDTH, WIDTH, 1)
        matrix("key", Q4_K, VALUE_HEADS * HEAD_WIDTH, WIDTH, 1)
        for kind, value, down in [("less", Q5_K, Q4_K), ("more", Q6_K, Q6_K)]:
            matrix(f"value {kind}", value, VALUE_HEADS * HEAD_WIDTH, WIDTH, 1)
            matrix(f"down {kind}", down, WIDTH, HIDDEN, 0.3)
        matrix("output", Q4_K, WIDTH, WIDTH, 0.3)
        matrix("gate", Q4_K, HIDDEN, WIDTH, 1)
        matrix("up", Q4_K, HIDDEN, WIDTH, 1)
        vector("norm", numpy.ones(WIDTH))
        vector("final norm", numpy.maximum(2.0 ** -numpy.arange(WIDTH), 1e-4))
        vector("rotation", rotary_factors())

        layout.tensor("token_embd.weight", "embedding")
        layout.tensor("output.weight", "unembedding")
        layout.tensor("output_norm.weight", "final norm")
        layout.tensor("rope_freqs.weight", "rotation")
        for block in range(arguments.blocks):
            kind = "more" if takes_more_bits(block, arguments.blocks) else "less"
            parts = {
                "attn_norm": "norm", "attn_q": "query", "attn_k": "key", "attn_v": f"value {kind}",
                "attn_output": "output", "ffn_norm": "norm", "ffn_gate": "gate", "ffn_up": "up",
                "ffn_down": f"down {kind}",
            }  # fmt: skip
            for name, part in parts.items():
                layout.tensor(f"blk.{block}.{name}.weight", part)

        def number(name, value):
            return key("llama." + name, UINT32, struct.pack("<I", value))

        def real(name, value):
            return key("llama." + name, FLOAT32, struct.pack("<f", value))

        layout.write(
            [
                key("general.architecture", STRING, text("llama")),
                key("general.name", STRING, text("random, of the shape of Llama 3.3 70B")),
                key("general.file_type", UINT32, struct.pack("<I", 15)),
                number("block_count", arguments.blocks),
                number("context_length", 131072),
                number("embedding_length", WIDTH),
                number("feed_forward_length", HIDDEN),
                number("attention.head_count", HEADS),
                number("attention.head_count_kv", VALUE_HEADS),
                number("attention.key_length", HEAD_WIDTH),
                number("attention.value_length", HEAD_WIDTH),
                number("rope.dimension_count", HEAD_WIDTH),
                number("vocab_size", VOCABULARY),
                real("rope.freq_base", 500000),
                real("attention.layer_norm_rms_epsilon", 1e-5),
            ]
        )


if __name__ == "__main__":
    main()
