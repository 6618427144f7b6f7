"""What all results can do."""

from __future__ import annotations

import csv
import dataclasses
import functools
import html
import json
import os
import re
import sys
import tempfile
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from ._error import SecantError
from ._safetensors import load
from ._session import shared

if TYPE_CHECKING:
    import pandas

    from .reports import DifferenceLedger, EffectCheck, Prompt, Shares

Path_ = str | os.PathLike[str]
R = TypeVar("R", bound="Report")


def read(kind: Any, value: Any) -> Any:
    """A JSON value as a type of a generated class says it."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else read(inner[0], value)
    if origin is list:
        return [read(inner[0], element) for element in value]
    if kind is float:
        # NaN, Infinity and -Infinity are texts in JSON.
        return float(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        fields = _fields(kind)
        return kind(**{fields[key][0]: read(fields[key][1], value[key])
                       for key in value if key in fields})
    return value


@functools.cache
def _fields(kind: type) -> dict[str, tuple[str, Any]]:
    """Of each JSON key, such as ``rawLogit``, the attribute, such as ``raw_logit``, and its type."""
    names = vars(sys.modules[kind.__module__])
    return {re.sub(r"_(\w)", lambda match: match[1].upper(), field.name):
            (field.name, eval(str(field.type), names)) for field in dataclasses.fields(kind)}


@dataclasses.dataclass(frozen=True)
class Figure:
    """A picture of a result, and the numbers that it draws."""

    #: What its file is called.
    name: str
    #: The picture.
    svg: str
    #: The numbers, by the names of the columns; texts where they are none.
    table: dict[str, list[Any]]

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: Path_) -> None:
        """Writes the picture, as SVG."""
        Path(path).write_text(self.svg, encoding="utf-8")

    def to_pandas(self) -> pandas.DataFrame:
        """The numbers, as a table."""
        return _table(self.table)


class Report:
    """A result of the program: its fields are those of the JSON that ``--json`` prints.

    ``str(report)`` is the text that the command prints, and a notebook shows the page.
    """

    #: The schema's name and the newest version that is understood.
    schema: ClassVar[tuple[str, int]]
    #: The JSON that the program wrote.
    json: str

    @classmethod
    def from_json(cls: type[R], text: str) -> R:
        """A result from the JSON that ``--json`` printed."""
        value = json.loads(text)
        name, version = cls.schema
        found = value.get("schema", {})
        if found.get("name") != name or not 0 < int(found.get("version", 0)) <= version:
            raise SecantError(
                f"schema: expected {name} up to version {version}, found {found.get('name')} of "
                f"version {found.get('version')}; install program and package of one version",
                65,
            )
        report: R = read(cls, value)
        object.__setattr__(report, "json", text)
        return report

    def _rendered(self, **files: str) -> str:
        """Shows the result again: in files, and as the text that is returned."""
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder, "report.json")
            kept.write_text(self.json, encoding="utf-8")
            options = [f"--{name}={path}" for name, path in files.items()]
            with shared() as session:
                return str(session.ask(["render", str(kept), *options]).get("text", ""))

    def _rendered_file(self, option: str, suffix: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result" + suffix)
            self._rendered(**{option: path})
            return Path(path).read_text(encoding="utf-8")

    def __str__(self) -> str:
        return self._rendered()

    def __repr__(self) -> str:
        return f"<secant.{type(self).__name__}: {next(iter(str(self).splitlines()), '')}>"

    def _repr_html_(self) -> str:
        try:
            page = self.to_html()
        except SecantError:
            return f"<pre>{html.escape(str(self))}</pre>"
        return (
            f'<iframe srcdoc="{html.escape(page)}" title="Secant" '
            'style="width:100%;height:640px;border:0"></iframe>'
        )

    def to_html(self) -> str:
        """The page, which needs no network and no other file."""
        return self._rendered_file("html", ".html")

    def save(self, path: Path_) -> None:
        """Writes the result as the path's end says: .html, .json, .csv, .safetensors or .svg."""
        path = os.fspath(path)
        end = os.path.splitext(path)[1].lower()
        options = {".html": "html", ".csv": "csv", ".safetensors": "output"}
        if end == ".json":
            Path(path).write_text(self.json, encoding="utf-8")
        elif end == ".svg":
            self.plot().save(path)
        elif end in options:
            self._rendered(**{options[end]: os.path.abspath(path)})
        else:
            raise ValueError(f"{path}: expected {', '.join(options)}, .json or .svg at its end")

    @functools.cached_property
    def figures(self) -> dict[str, Figure]:
        """The pictures by their names, in the order of the page."""
        with tempfile.TemporaryDirectory() as folder:
            self._rendered(figures=folder)
            pictures = sorted(Path(folder).glob("*.svg"), key=lambda path: path.stat().st_mtime_ns)
            return {path.stem: Figure(path.stem, path.read_text(encoding="utf-8"),
                                      _columns(path.with_suffix(".csv").read_text("utf-8")))
                    for path in pictures}

    def plot(self, name: str | None = None) -> Figure:
        """A picture by its name; by default the first."""
        figures = self.figures
        if name is None and figures:
            return next(iter(figures.values()))
        if name not in figures:
            raise KeyError(f"expected one of {', '.join(figures)}, found {name}")
        return figures[name]

    @functools.cached_property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The numbers as arrays, by the names that Documentation/Results.md lists."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "numbers.safetensors")
            self._rendered(output=path)
            return {name: np.array(array) for name, array in load(path).items()}

    def to_pandas(self) -> pandas.DataFrame:
        """The numbers as a table, one fact a row."""
        return _table(_columns(self._rendered_file("csv", ".csv")))


class PromptReport(Report):
    """A result about one prompt."""

    prompt: Prompt

    @property
    def tokens(self) -> list[str]:
        """The prompt's tokens as texts."""
        return [token.text for token in self.prompt.tokens]


class ShareReport(PromptReport):
    """A result about one prompt whose table is that of its tokens."""

    shares: Shares
    check: EffectCheck | None

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each token: its share, the fraction of all, and what removing it does."""
        effects = {effect.position: effect.effect for effect in self.check.effects} if self.check else {}
        return _table(
            [
                {"position": position, "token": token, "share": share.value,
                 "fraction": share.fraction, "is_baseline": share.is_baseline,
                 "effect": effects.get(position, np.nan)}
                for position, (token, share) in enumerate(zip(self.tokens, self.shares.tokens))
            ]
        )  # fmt: skip


class LedgerReport(Report):
    """A comparison."""

    difference: DifferenceLedger | None

    @property
    def ledger(self) -> DifferenceLedger | None:
        """What changed the answer, as an exact sum; None where the prompts cannot be paired."""
        return self.difference


def _table(rows: Any) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        raise SecantError("to_pandas: expected pandas, found none; install pandas", 69) from None
    return pandas.DataFrame(rows)


def _columns(text: str) -> dict[str, list[Any]]:
    """The columns of comma-separated values: numbers, or truths, where all are."""
    rows = list(csv.reader(text.splitlines(keepends=True)))
    return {name: _cells([row[index] for row in rows[1:]]) for index, name in enumerate(rows[0])}


def _cells(texts: list[str]) -> list[Any]:
    for kind in (int, float):
        try:
            return [kind(text) if text else None for text in texts]
        except ValueError:
            pass
    truth = {"true": True, "false": False, "": None}
    if all(text in truth for text in texts):
        return [truth[text] for text in texts]
    # An apostrophe keeps spreadsheets from computing a text: one is taken off again.
    signs = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    return [t[1:] if t.startswith("'") and t.lstrip("'").startswith(signs) else t for t in texts]
