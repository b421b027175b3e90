"""Write to the terminal: findings to standard output, everything else to standard error."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["COLORS", "Console", "Ticker"]

COLORS = ("auto", "always", "never")
_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}
_PATIENCE = 1.0
"""Seconds of work before progress is shown."""


@dataclass(frozen=True, slots=True)
class Console:
    """Be both streams and whether they take colour; a `report.terminal.Screen` as well."""

    out: TextIO
    err: TextIO
    color: bool = False

    @classmethod
    def of(cls, color: str = "auto") -> Console:
        """Return the console of this process; `color` is one of `COLORS`, which `NO_COLOR` and a pipe tell `auto`."""
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        return cls(sys.stdout, sys.stderr, color == "always" or (color == "auto" and not plain))

    def section(self, title: str, sep: str = "=", **markup: bool) -> None:
        """Write a heading across the width."""
        width = shutil.get_terminal_size().columns - 1
        self.write_line(f" {title} ".center(width, sep), **markup)

    def write_line(self, line: str, **markup: bool) -> None:
        """Write one line."""
        codes = ";".join(_CODES[name] for name, on in markup.items() if on and name in _CODES)
        self.out.write(f"\033[{codes}m{line}\033[0m\n" if codes and self.color else f"{line}\n")

    def note(self, line: str) -> None:
        """Tell people something that is no finding."""
        self.err.write(f"{line}\n")

    def error(self, text: str) -> None:
        """Say why the command ends."""
        for line in text.splitlines():
            self.err.write(f"ssot-tracker: {line}\n")

    @contextmanager
    def progress(self, doing: str) -> Iterator[Callable[[int, int], None] | None]:
        """Yield what takes `(done, all)` and shows it once the work takes over a second; `None` off a terminal."""
        if not self.err.isatty():
            yield None
            return
        ticker = Ticker(doing, self.err)
        try:
            yield ticker
        finally:
            ticker.close()


class Ticker:
    """Show how far the work is, from its second second on; the library that draws it is loaded only then."""

    def __init__(self, doing: str, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._doing = doing
        self._stream = stream
        self._clock = clock
        self._shown_from = clock() + _PATIENCE
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Take that `done` of `total` are done."""
        if self._bar is None:
            if self._clock() < self._shown_from:
                return
            self._bar = self._open()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)

    def _open(self) -> Progress:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=RichConsole(file=self._stream, force_terminal=True),
            transient=True,
        )
        bar.add_task(self._doing, total=None)
        bar.start()
        return bar

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
