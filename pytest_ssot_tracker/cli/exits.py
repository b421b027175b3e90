"""Name the exit statuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

__all__ = ["CommandError", "ExitStatus", "refusing", "writing"]


class ExitStatus(IntEnum):
    """What the tool exits with; 3 is `gate`'s alone."""

    FINE = 0
    VIOLATIONS = 1
    USAGE = 2
    ROLLBACK = 3


class CommandError(Exception):
    """End a command with `ExitStatus.USAGE`: the text says what is wrong, where, and what to do about it."""


@contextmanager
def refusing(*kinds: type[Exception], where: str = "") -> Iterator[None]:
    """End the command where the block raises an error of these kinds, with what it says behind `where`."""
    try:
        yield
    except kinds as error:
        raise CommandError(f"{where}{error}") from None


@contextmanager
def writing(path: Path, what: str = "the file") -> Iterator[None]:
    """End the command where the block cannot write `what` is to go to `path`."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{path}: {what} cannot be written: {error.strerror}") from None
