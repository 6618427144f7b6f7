"""Writes a GGUF file with a large matrix in every type of blocks, for the benchmark `convert`.

    python write_formats.py FILE

Bytes are random but small, so that every scale is a finite number. Needs numpy alone.
"""

import struct
import sys

import numpy
from write_llama70b import ALIGNMENT, STRING, key, text

ROWS, COLUMNS = 2048, 8192

# The name, ggml's number, elements and bytes of a block.
TYPES = [
    ("F32", 0, 1, 4), ("F16", 1, 1, 2), ("BF16", 30, 1, 2), ("Q4_0", 2, 32, 18),
    ("Q4_1", 3, 32, 20), ("Q5_0", 6, 32, 22), ("Q5_1", 7, 32, 24), ("Q8_0", 8, 32, 34),
    ("Q2_K", 10, 256, 84), ("Q3_K", 11, 256, 110), ("Q4_K", 12, 256, 144), ("Q5_K", 13, 256, 176),
    ("Q6_K", 14, 256, 210), ("IQ4_NL", 20, 32, 18), ("IQ4_XS", 23, 256, 136),
]  # fmt: skip


def main():
    generator = numpy.random.default_rng(1)
    entries, data = b"", []
    for name, type, elements, size in TYPES:
        offset = sum(map(len, data))
        entries += text(name) + struct.pack("<I2QIQ", 2, COLUMNS, ROWS, type, offset)
        content = generator.integers(0, 64, ROWS * COLUMNS // elements * size, numpy.uint8).tobytes()
        data.append(content + bytes(-len(content) % ALIGNMENT))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(TYPES), 1)
    head += key("general.architecture", STRING, text("formats")) + entries
    with open(sys.argv[1], "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        file.writelines(data)


if __name__ == "__main__":
    main()
