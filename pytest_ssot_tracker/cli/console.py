"""Write to the terminal: findings to standard output, everything else to standard error."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from pytest_ssot_tracker.judge.words import harmless, harmless_source
from pytest_ssot_tracker.records import dataclass, replace

__all__ = ["COLORS", "Console", "Ticker"]

COLORS = ("auto", "always", "never")
_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}
_PATIENCE = 1.0
"""Seconds of work before progress is shown."""


@dataclass(frozen=True, slots=True)
class Console:
    """Both streams and whether they take colour; a `report.folding.Lines` as well.

    Whatever is written as a line is `harmless`: names of files and texts of other people cannot steer the terminal.
    With `width`, lines are folded there.
    """

    out: TextIO
    err: TextIO
    color: bool = False
    width: int | None = None

    @classmethod
    def of(cls, color: str = "auto") -> Console:
        """Return the console of this process; `color` is one of `COLORS`, which `NO_COLOR` and a pipe tell `auto`."""
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return cls(sys.stdout, sys.stderr, color == "always" or (color == "auto" and not plain))

    def section(self, title: str, sep: str = "=", **markup: bool) -> None:
        """Write a heading across the width."""
        width = shutil.get_terminal_size().columns - 1
        self.write_line(f" {title} ".center(width, sep), **markup)

    def write_line(self, line: str, **markup: bool) -> None:
        """Write one line, or as many as the width asks for."""
        if self.width is None:
            self._write(harmless(line), markup)
            return
        from pytest_ssot_tracker.report.folding import folded

        for part in folded(harmless(line), self.width) or [""]:
            self._write(part, markup)

    def folding(self) -> Console:
        """Return this console with its lines folded between words, where it is a terminal."""
        from pytest_ssot_tracker.report.folding import reading_width

        columns = shutil.get_terminal_size().columns
        return replace(self, width=reading_width(columns, tty=self.out.isatty()))

    def write_source(self, line: str, **markup: bool) -> None:
        """Write a line of somebody's source: to people as any other, to a pipe as it is, which may be `git apply`."""
        if self.color or self.out.isatty():
            self._write(harmless_source(line), markup)
        elif line.isascii() or not hasattr(self.out, "buffer"):
            self._write(line, markup)
        else:
            self.out.flush()
            self.out.buffer.write(f"{line}\n".encode("utf-8", "surrogateescape"))

    def write_json(self, plain: object, *, indent: int = 2) -> None:
        """Write plain data as JSON, for programs."""
        import json

        self.out.write(json.dumps(plain, indent=indent) + "\n")

    def _write(self, line: str, markup: Mapping[str, bool]) -> None:
        codes = ";".join(_CODES[name] for name, on in markup.items() if on and name in _CODES)
        self.out.write(f"\033[{codes}m{line}\033[0m\n" if codes and self.color else f"{line}\n")

    def note(self, line: str) -> None:
        """Tell people something that is no finding."""
        self._say(harmless(line))

    def error(self, text: str) -> None:
        """Say why the command ends."""
        for line in text.split("\n"):
            self._say(f"ssot-tracker: {harmless(line)}")

    def _say(self, line: str) -> None:
        """Write one line to standard error, folded where it is a terminal."""
        if not self.err.isatty():
            self.err.write(f"{line}\n")
            return
        from pytest_ssot_tracker.report.folding import folded

        for part in folded(line, shutil.get_terminal_size().columns) or [""]:
            self.err.write(f"{part}\n")

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
    """A line that shows how far the work is, from its second second on."""

    def __init__(self, doing: str, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._doing = doing
        self._stream = stream
        self._clock = clock
        self._shown_from = clock() + _PATIENCE
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Take that `done` of `total` are done."""
        if self._width or self._clock() >= self._shown_from:
            self._write(f"{self._doing} {done} of {total}")

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text.ljust(self._width)}")
        self._stream.flush()
        self._width = len(text)

    def close(self) -> None:
        """Take the line away."""
        if self._width:
            self._write("")
            self._stream.write("\r")
