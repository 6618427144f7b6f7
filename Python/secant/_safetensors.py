"""Reads safetensors files: a length, a JSON header, and the numbers."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


def load(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """The arrays of a file by their names, each mapped from the file, not read until it is used."""
    return read(path)[0]


def read(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays of a file, and its metadata."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    metadata: dict[str, str] = header.pop("__metadata__", {})
    arrays: dict[str, NDArray[Any]] = {}
    for name, tensor in header.items():
        if tensor["dtype"] not in _TYPES:
            raise ValueError(f"{path}: {name}: expected numbers that NumPy has, found {tensor['dtype']}")
        shape, (start, end) = tuple(tensor["shape"]), tensor["data_offsets"]
        kind = np.dtype(_TYPES[tensor["dtype"]])
        if start == end:
            arrays[name] = np.zeros(shape, kind)
        else:
            place = 8 + length + start
            arrays[name] = np.memmap(path, kind, mode="r", offset=place, shape=shape)
    return arrays, metadata
