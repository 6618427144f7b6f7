"""Why there is no answer."""

from __future__ import annotations


class SecantError(Exception):
    """A question that has no answer: the program's own line, which says what was expected, what was
    found, and what to do."""

    def __init__(self, message: str, status: int = 70, remedy: str | None = None) -> None:
        super().__init__(message)
        #: The exit status that the command would have had, as Documentation/Scripts.md lists them.
        self.status = status
        #: What to do, by itself; None where the message says all.
        self.remedy = remedy
