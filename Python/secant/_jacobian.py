"""The maps themselves, as arrays."""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._safetensors import read


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Jacobian:
    """Every token's linear map: ``output = sum(jacobian[i] @ input[i] for i) + offset``."""

    #: The vectors that enter block 0, ``[T, d]``.
    input: NDArray[Any]
    #: The vector that they give, ``[d]``.
    output: NDArray[Any]
    #: The maps, ``[T, d, d]``, indexed by token, output and input; zero for tokens after the position.
    jacobian: NDArray[Any]
    #: What no token brought, ``[d]``.
    offset: NDArray[Any]
    #: The token ids, ``[T]``.
    tokens: NDArray[Any]
    #: Kind, site, gate, precision, position and provenance, as texts.
    metadata: dict[str, str]
    #: The safetensors file that all this is read from.
    path: str

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> Jacobian:
        """The maps in a file that ``secant jacobian`` wrote."""
        arrays, metadata = read(path)
        return cls(**arrays, metadata=metadata, path=os.fspath(path))

    @property
    def error(self) -> float:
        """How far the maps are from the output, relative to it: rounding."""
        rebuilt = np.einsum("tij,tj->i", self.jacobian, self.input) + self.offset
        return float(np.linalg.norm(rebuilt - self.output) / np.linalg.norm(self.output))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file again."""
        shutil.copyfile(self.path, path)

    def __repr__(self) -> str:
        kind = self.metadata.get("kind", "")
        return f"<secant.Jacobian: {kind} {list(self.jacobian.shape)} {self.jacobian.dtype}>"
