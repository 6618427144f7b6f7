"""A model that questions are put to."""

from __future__ import annotations

import keyword
import os
import tempfile
from pathlib import Path
from typing import Any, Literal, Mapping, Sequence, TypeVar

from ._jacobian import Jacobian
from ._progress import Progress
from ._questions import PromptLike, Questions
from ._result import Report
from ._session import Answer, shared

R = TypeVar("R", bound=Report)


class Model(Questions):
    """A model by its name: ``demo``, a Hugging Face folder, a GGUF file or ``org/name`` of the Hub.

    It is opened by the first question and stays open for the next ones, with one other model.
    """

    def __init__(
        self,
        name: str | os.PathLike[str] = "demo",
        *,
        hf: str | None = None,
        ignore_field: Sequence[str] = (),
        progress: bool = True,
    ) -> None:
        #: The model as ``--model`` names it.
        self.name = os.fspath(name)
        #: A GGUF model of the Hub in its place, such as ``org/name:Q4_K_M``.
        self.hf = hf
        #: Fields of its configuration to pass over.
        self.ignore_field = tuple(ignore_field)
        #: Whether questions say how far they have come.
        self.progress = progress

    def __repr__(self) -> str:
        return f"secant.Model({self.hf or self.name!r})"

    def _options(self) -> list[str]:
        named = [f"--hf={self.hf}"] if self.hf else [f"--model={self.name}"]
        return named + [f"--ignore-field={name}" for name in self.ignore_field]

    def _answer(
        self, command: str, prompt: PromptLike | None, options: Mapping[str, Any], *more: str
    ) -> Answer:
        arguments = [*command.split(), *(self._options() if command != "models" else []), *more]
        for name, value in options.items():
            arguments += _spelled(name, value)
        arguments += _prompt(prompt)
        with Progress(self.progress) as progress, shared() as session:
            return session.ask(arguments, progress)

    def _ask(
        self, kind: type[R], command: str, prompt: PromptLike | None, options: Mapping[str, Any]
    ) -> R:
        import json

        with tempfile.TemporaryDirectory() as folder:
            # The command writes its page in any case.
            page = [f"--output={folder}/report.html"] if command == "report" else []
            answer = self._answer(command, prompt, options, "--json", *page)
        return kind.from_json(json.dumps(answer["result"]))

    def _file(self, command: str, prompt: PromptLike | None, options: Mapping[str, Any]) -> Jacobian:
        folder = tempfile.TemporaryDirectory(prefix="secant-")
        path = os.path.join(folder.name, f"{command}.safetensors")
        self._answer(command, prompt, options, f"--output={path}")
        jacobian = Jacobian.at(path)
        # The arrays are mapped from the file, which goes when they do.
        object.__setattr__(jacobian, "_folder", folder)
        return jacobian


def model(name: str | os.PathLike[str] | Model) -> Model:
    """The model of a name, or the model itself."""
    return name if isinstance(name, Model) else Model(name)


def _prompt(prompt: PromptLike | None, prefix: Literal["", "with-"] = "") -> list[str]:
    if prompt is None:
        return []
    if isinstance(prompt, Path):
        return [f"--{prefix}file={prompt}"]
    if isinstance(prompt, str):
        return [f"--with={prompt}"] if prefix else ["--", prompt]
    return [f"--{prefix}tokens=" + ",".join(str(int(token)) for token in prompt)]


def _spelled(name: str, value: Any) -> list[str]:
    """An option as the command line has it."""
    if value is None or value is False:
        return []
    if name == "other":
        return _prompt(value, "with-")
    if name == "operator":
        return [os.fspath(value)]
    option = "--" + (name[:-1] if keyword.iskeyword(name[:-1]) else name).replace("_", "-")
    if value is True:
        return [option]
    if isinstance(value, Model):
        return [f"{option}={value.name}"]
    if isinstance(value, (list, tuple)) and name in Questions.REPEATING:
        return [f"{option}={one}" for one in value]
    if isinstance(value, (list, tuple)):
        return [f"{option}=" + ",".join(str(one) for one in value)]
    return [f"{option}={value}"]
