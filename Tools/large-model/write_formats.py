"""Writes large matrices in every format that is read, for the benchmark `convert`.

    python write_formats.py FOLDER

FOLDER/formats.gguf has one in every type of blocks; FOLDER/mlx, FOLDER/nf4, FOLDER/fp8 and FOLDER/mxfp4 are
folders of quantized weights. Bytes are random but small, so that every scale is a finite number. Needs numpy alone.
"""

import json
import struct
import sys
from pathlib import Path

import numpy
from write_llama70b import ALIGNMENT, STRING, key, text

ROWS, COLUMNS = 2048, 8192

# The name, ggml's number, elements and bytes of a block.
TYPES = [
    ("F32", 0, 1, 4), ("F16", 1, 1, 2), ("BF16", 30, 1, 2), ("Q4_0", 2, 32, 18),
    ("Q4_1", 3, 32, 20), ("Q5_0", 6, 32, 22), ("Q5_1", 7, 32, 24), ("Q8_0", 8, 32, 34),
    ("Q2_K", 10, 256, 84), ("Q3_K", 11, 256, 110), ("Q4_K", 12, 256, 144), ("Q5_K", 13, 256, 176),
    ("Q6_K", 14, 256, 210), ("IQ4_NL", 20, 32, 18), ("IQ4_XS", 23, 256, 136),
    ("IQ1_S", 19, 256, 50), ("IQ1_M", 29, 256, 56), ("IQ2_XXS", 16, 256, 66),
    ("IQ2_XS", 17, 256, 74), ("IQ2_S", 22, 256, 82), ("IQ3_XXS", 18, 256, 98),
    ("IQ3_S", 21, 256, 110), ("TQ1_0", 34, 256, 54), ("TQ2_0", 35, 256, 66), ("MXFP4", 39, 32, 17),
]  # fmt: skip


def write_gguf(path, generator):
    entries, data = b"", []
    for name, type, elements, size in TYPES:
        offset = sum(map(len, data))
        entries += text(name) + struct.pack("<I2QIQ", 2, COLUMNS, ROWS, type, offset)
        content = generator.integers(0, 64, ROWS * COLUMNS // elements * size, numpy.uint8).tobytes()
        data.append(content + bytes(-len(content) % ALIGNMENT))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(TYPES), 1)
    head += key("general.architecture", STRING, text("formats")) + entries
    with path.open("wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        file.writelines(data)


def write_folder(folder, quantization, tensors):
    """A folder of tensors, each a type, a shape and bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "none"} | quantization))
    header, end = {}, 0
    for name, (type, shape, content) in tensors.items():
        header[name] = {"dtype": type, "shape": shape, "data_offsets": [end, end + len(content)]}
        end += len(content)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        file.writelines(content for _, _, content in tensors.values())


def write_folders(folder, generator):
    def drawn(count):
        return generator.integers(0, 64, count, numpy.uint8).tobytes()

    def floats(count):
        return generator.uniform(-1, 1, count).astype(numpy.float32).tobytes()

    count = ROWS * COLUMNS
    tensors, exceptions = {}, {}
    for bits in (4, 8):
        for size in (32, 64, 128):
            layer, groups = f"layer{bits}_{size}", [ROWS, COLUMNS // size]
            tensors |= {
                f"{layer}.weight": ("U32", [ROWS, COLUMNS * bits // 32], drawn(count * bits // 8)),
                f"{layer}.scales": ("BF16", groups, drawn(2 * count // size)),
                f"{layer}.biases": ("BF16", groups, drawn(2 * count // size)),
            }
            exceptions[layer] = {"bits": bits, "group_size": size}
    write_folder(
        folder / "mlx", {"quantization": {"bits": 4, "group_size": 64} | exceptions}, tensors)  # fmt: skip

    tensors = {}
    for nested in (False, True):
        name, blocks = f"layer{int(nested)}.weight", count // 64
        state = {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [ROWS, COLUMNS]}
        tensors[name] = ("U8", [count // 2, 1], drawn(count // 2))
        tensors[f"{name}.quant_map"] = ("F32", [16], floats(16))
        if nested:
            state |= {"nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": 0.5}
            tensors[f"{name}.absmax"] = ("U8", [blocks], drawn(blocks))
            tensors[f"{name}.nested_absmax"] = ("F32", [blocks // 256], floats(blocks // 256))
            tensors[f"{name}.nested_quant_map"] = ("F32", [256], floats(256))
        else:
            tensors[f"{name}.absmax"] = ("F32", [blocks], floats(blocks))
        content = json.dumps(state).encode()
        tensors[f"{name}.quant_state.bitsandbytes__nf4"] = ("U8", [len(content)], content)
    fields = {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
    write_folder(folder / "nf4", {"quantization_config": fields}, tensors)

    blocks = [ROWS // 128, COLUMNS // 128]
    tensors = {
        "layer.weight": ("F8_E4M3", [ROWS, COLUMNS], drawn(count)),
        "layer.weight_scale_inv": ("F32", blocks, floats(blocks[0] * blocks[1])),
    }
    fields = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    write_folder(folder / "fp8", {"quantization_config": fields}, tensors)

    tensors = {
        "layer_blocks": ("U8", [ROWS, COLUMNS // 32, 16], drawn(count // 2)),
        "layer_scales": ("U8", [ROWS, COLUMNS // 32], drawn(count // 32)),
    }
    write_folder(folder / "mxfp4", {"quantization_config": {"quant_method": "mxfp4"}}, tensors)


def main():
    generator, folder = numpy.random.default_rng(1), Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_gguf(folder / "formats.gguf", generator)
    write_folders(folder, generator)


if __name__ == "__main__":
    main()
