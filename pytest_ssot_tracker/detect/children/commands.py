"""Tell from the words of a command whether it starts a Python interpreter, and whether that can be watched."""

from __future__ import annotations

import os
import re
import sys
from _io import FileIO
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Command"]

# Compiled by `re` where one is first asked for: most runs start no process.
_PYTHON = r"(?:python|pypy)w?[\d.]*t?(?:\.exe)?\Z"
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_SERVICE = (
    r"from multiprocessing\.(?:resource|semaphore)_tracker import main"
    r"|import sys; sys\.path\.append\(sys\.argv\[1\]\); from pytest_ssot_tracker\.scan\.workers import main"
)
_SERVER = r"from multiprocessing\.forkserver import main"
_TAKES_VALUE = ("-W", "-X", "--check-hash-based-pycs")
_KEEPS_OUT = {
    "I": "-I keeps it from reading PYTHONPATH",
    "E": "-E keeps it from reading PYTHONPATH",
    "S": "-S keeps it from loading sitecustomize",
}
_base, _exists, _stat = os.path.basename, os.path.isfile, os.stat  # bound here: a test may replace them


class Command(NamedTuple):
    """The start of a Python interpreter: `words` follow its name."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, arguments: Sequence[object], executables: Sequence[object] = ()) -> Command | None:
        """Return what the arguments of a process start, `None` when that is no Python.

        `executables` are the files that are tried in turn; without any, it is the first of the arguments.
        """
        words = [os.fsdecode(argument) for argument in arguments]  # type: ignore[arg-type]
        files = [os.fsdecode(executable) for executable in executables] or words[:1]  # type: ignore[arg-type]
        file = next((file for file in files if _exists(file)), files[0] if files else "")
        if _is_python(file):
            return cls(tuple(words[1:]))
        if _base(file) in _SHELLS and "-c" in words[1:-1]:
            return cls.in_shell(words[words.index("-c") + 1])
        if _base(file) == "env":
            rest = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
            return cls.of(words[words.index(rest[0]) :]) if rest else None
        line = _first_line(file)
        if line:
            return cls((*line[1:], file, *words[1:])) if _is_python(line[0]) else None
        return None

    @classmethod
    def in_shell(cls, line: str) -> Command | None:
        """Return the first start of a Python in a line for the shell, `None` where there is none."""
        import shlex

        try:
            words = list(shlex.shlex(line, posix=True, punctuation_chars=True))
        except ValueError:
            words = line.split()
        for number, word in enumerate(words):
            if _is_python(word):
                return cls(tuple(words[number + 1 :]))
        return None

    @property
    def is_service(self) -> bool:
        """Whether it runs nothing of the project: a tracker of `multiprocessing`, or what reads source for us."""
        return any(re.match(_SERVICE, word) for word in self.words)

    @property
    def is_server(self) -> bool:
        """Whether it is the server from which `multiprocessing` forks its processes."""
        return any(re.match(_SERVER, word) for word in self.words)

    @property
    def text(self) -> str:
        """Return how people call it: short, and the same on every machine."""
        if self.is_server:
            return "multiprocessing (forkserver)"
        if "--multiprocessing-fork" in self.words:
            return "multiprocessing (spawn)"
        for number, word in enumerate(self.words):
            if word == "-m":
                return " ".join(("python -m", *self.words[number + 1 : number + 2]))
            if word.startswith("-") and word != "-":
                if word.endswith("c") and not word.startswith("--"):
                    return "python -c"
                continue
            if number and self.words[number - 1] in _TAKES_VALUE:
                continue
            return f"python {_base(word)}"
        return "python"

    @property
    def keeps_out(self) -> str | None:
        """Return why an interpreter with these options cannot be made to watch, `None` when it can."""
        for word in self._options():
            for letter in "" if word.startswith("--") else word[1:]:
                if letter in "cmWX":
                    break
                if letter in _KEEPS_OUT:
                    return _KEEPS_OUT[letter]
        return None

    def _options(self) -> Iterator[str]:
        words = iter(self.words)
        for word in words:
            if not word.startswith("-") or word in ("-", "-c", "-m"):
                return
            yield word
            if word in _TAKES_VALUE:
                next(words, None)


def _is_python(file: str) -> bool:
    named = re.match(_PYTHON, _base(file), re.IGNORECASE) is not None
    return named or (os.sep in file and _place(file) == _place_of_this(sys.executable))


def _place(file: str) -> tuple[int, int] | None:
    """Return where `file` is on its disk, links followed."""
    try:
        found = _stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@lru_cache(maxsize=1)
def _place_of_this(file: str) -> tuple[int, int]:
    return _place(file) or (0, 0)


def _first_line(file: str) -> list[str]:
    """Return the interpreter and its options in the first line of a script, nothing for what is none."""
    try:
        with FileIO(file) as stream:
            start = stream.read(512) or b""
    except OSError:
        return []
    if not start.startswith(b"#!"):
        return []
    words = start[2:].partition(b"\n")[0].decode(errors="replace").split()
    if words and _base(words[0]) == "env":
        words = [word for word in words[1:] if word != "-S"]
    if words and _base(words[0]) in _SHELLS:  # as installers write a path that is too long for the first line
        second = start.split(b"\n")[1:2]
        words = re.findall(r"'''exec' \"?([^\"\s]+)", second[0].decode(errors="replace")) if second else []
    return words
