"""Says how far a question has come: in a notebook's cell, or on a line of the terminal."""

from __future__ import annotations

import html
import sys
import time
import types
import warnings
from typing import Any

from ._session import Answer


class Progress:
    """Shows messages of a session; a line appears after two seconds and goes at the end."""

    def __init__(self, shows: bool = True) -> None:
        self._start = time.monotonic()
        self._cell: Any = None
        self._is_drawn = False
        self._notebook = _notebook() if shows else None
        self._terminal = shows and self._notebook is None and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._cell is not None:
            self._cell.update({"text/plain": "", "text/html": ""}, raw=True)
        if self._is_drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, message: Answer) -> None:
        if "note" in message:
            warnings.warn(str(message["note"]), stacklevel=6)
        progress = message.get("progress")
        if progress is None or time.monotonic() < self._start + 2:
            return
        stage, fraction = str(progress["stage"]), progress.get("fraction")
        text = stage if fraction is None else f"{stage}  {int(100 * fraction)} %"
        if self._terminal:
            self._is_drawn = True
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif self._notebook is not None:
            value = "" if fraction is None else f' value="{fraction}"'
            page = f"<progress{value}></progress> {html.escape(stage)}"
            shown = {"text/plain": text, "text/html": page}
            if self._cell is None:
                self._cell = self._notebook.display(shown, raw=True, display_id=True)
            else:
                self._cell.update(shown, raw=True)


def _notebook() -> types.ModuleType | None:
    """What displays in a notebook; None where there is none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if not hasattr(shell, "kernel"):
        return None
    import IPython.display

    return IPython.display
