"""The program in the background: one process that answers questions, line by line."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
from typing import Any, Callable, Iterator, Sequence

from ._error import SecantError
from ._program import program
from ._version import __version__

__all__ = ["Answer", "SecantError", "Session", "shared"]

#: The version of the protocol, as ``secant session`` announces it.
PROTOCOL = 1

#: What the program reads of its environment: where one of these changes, it is started anew.
_VARIABLES = ("SECANT", "HF_", "TRANSFORMERS_OFFLINE", "XDG_CACHE_HOME", "HOME", "PATH", "SSL_CERT")

Answer = dict[str, Any]
Listener = Callable[[Answer], None]


def _environment() -> dict[str, str]:
    proxies = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    return {k: v for k, v in os.environ.items() if k.startswith(_VARIABLES)} | proxies


class Session:
    """A running ``secant session``; it ends with this object, with Python, or by :meth:`close`."""

    def __init__(self) -> None:
        path = program()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [path, "session"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # Control-C is for Python, which then cancels the question.
            start_new_session=True,
        )
        self.owner = os.getpid()
        self.environment = _environment()
        self._count = 0
        self._messages: queue.Queue[Answer | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        greeting = self._messages.get()
        if greeting is None:
            self._process.wait()
            raise SecantError(f"{path}: expected secant {__version__}, found a program that has no "
                              "session; install the wheel of this version anew")
        self._check(path, greeting)

    def _check(self, path: str, greeting: Answer) -> None:
        version = str(greeting.get("secant", "none"))
        fits = version.split(".")[:2] == __version__.split(".")[:2]
        if not fits or greeting.get("session") != PROTOCOL:
            self.close()
            raise SecantError(
                f"{path}: expected secant {__version__} with sessions of version {PROTOCOL}, found "
                f"{version} with {greeting.get('session')}; install program and package of one version",
                69,
            )

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._messages.put(json.loads(line))
        self._messages.put(None)

    @property
    def is_open(self) -> bool:
        """Whether it can be asked: by this process, and in this environment."""
        return (
            self._process.poll() is None
            and self.owner == os.getpid()
            and self.environment == _environment()
        )

    def ask(self, arguments: Sequence[str], listener: Listener = lambda message: None) -> Answer:
        """Asks what a command line asks, and waits for the answer.

        ``listener`` hears of progress and notes. An interruption cancels the question, not only the
        wait for it. Raises SecantError where there is no answer.
        """
        self._count += 1
        name = self._count
        self._send({"id": name, "arguments": list(arguments), "folder": os.getcwd()})
        try:
            for message in self._about(name):
                if "status" in message:
                    return _checked(message)
                listener(message)
        except BaseException as error:
            if not isinstance(error, SecantError):
                self._cancel(name)
            raise
        raise self._failure()

    def _send(self, message: Answer) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._failure() from None

    def _about(self, name: int, seconds: float | None = None) -> Iterator[Answer]:
        while (message := self._messages.get(timeout=seconds)) is not None:
            if message.get("id") == name:
                yield message

    def _cancel(self, name: int) -> None:
        with contextlib.suppress(SecantError, queue.Empty):
            self._send({"cancel": name})
            if any("status" in message for message in self._about(name, seconds=5)):
                return
        self.close()

    def _failure(self) -> SecantError:
        """Why the program ended: its own last line."""
        status = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        line = lines[-1].removeprefix("secant: ") if lines else "it said nothing"
        return SecantError(
            line if status == 66 else f"the program ended with status {status}: {line}",
            status if status > 0 else 70,
        )

    def close(self) -> None:
        """Ends the program, whatever it is doing."""
        if self.owner == os.getpid() and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def _checked(answer: Answer) -> Answer:
    error = answer.get("error")
    if error is None:
        return answer
    message = str(error["message"])
    raise SecantError(message, int(answer["status"]), error.get("remedy"))


_lock = threading.RLock()
_open: Session | None = None


@contextlib.contextmanager
def shared() -> Iterator[Session]:
    """The session of this process, started where there is none; one question at a time."""
    global _open
    with _lock:
        if _open is None or not _open.is_open:
            if _open is not None:
                _open.close()
            _open = Session()
        yield _open


@atexit.register
def _close() -> None:
    if _open is not None:
        _open.close()
