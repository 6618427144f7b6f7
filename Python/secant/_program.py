"""Where the program is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ._error import SecantError
from ._version import __version__

__all__ = ["__version__", "program"]


def program(*, own: bool = False) -> str:
    """The path of the program: ``$SECANT``, or the one that this package carries, or ``secant`` in
    ``PATH``.

    With ``own``, only the one that the package carries, or ``$SECANT``: what runs as ``secant``
    must not find itself.
    """
    named = os.environ.get("SECANT")
    if named:
        found = shutil.which(os.path.expanduser(named))
        if found is None:
            raise SecantError(
                f"SECANT: expected the path of the program, found {named}, which cannot be run; "
                "correct the variable, or leave it out",
                66,
            )
        return found
    carried = Path(__file__).resolve().parent / "_program" / "bin" / "secant"
    if os.access(carried, os.X_OK):
        return str(carried)
    found = None if own else shutil.which("secant")
    if found is None:
        raise SecantError(
            "the program secant: expected it in the package, in SECANT or in PATH, found it in none; "
            "install the wheel, or let SECANT name the program",
            66,
        )
    return found
