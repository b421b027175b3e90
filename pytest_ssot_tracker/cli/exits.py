"""Name the exit statuses."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CommandError", "ExitStatus"]


class ExitStatus(IntEnum):
    """What the tool exits with; 3 is `gate`'s alone."""

    FINE = 0
    VIOLATIONS = 1
    USAGE = 2
    ROLLBACK = 3


class CommandError(Exception):
    """End a command with `ExitStatus.USAGE`: `text` says what is wrong, where, and what to do about it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text
