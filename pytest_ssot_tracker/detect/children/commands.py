"""Tell from the words of a command which Python interpreters it starts, and whether these can be watched."""

from __future__ import annotations

import os
import re
import sys
from _io import FileIO
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Command"]

# Compiled by `re` where one is first asked for: most runs start no process.
_PYTHON = r"(?:python|pypy)w?[\d.]*t?(?:\.exe)?\Z"
_ASSIGNMENT = r"[A-Za-z_]\w*\+?="
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_SERVICE = (
    r"from multiprocessing\.(?:resource|semaphore)_tracker import main"
    r"|import sys; sys\.path\.append\(sys\.argv\[1\]\); from pytest_ssot_tracker\.scan\.workers import main"
)
_SERVER = r"from multiprocessing\.forkserver import main"
_TAKES_VALUE = ("-W", "-X", "--check-hash-based-pycs")
_ONLY_TELLS = frozenset({"-V", "-VV", "--version", "-h", "-?", "--help", "--help-env", "--help-xoptions", "--help-all"})
_KEEPS_OUT = {
    "I": "-I keeps it from reading PYTHONPATH",
    "E": "-E keeps it from reading PYTHONPATH",
    "S": "-S keeps it from loading sitecustomize",
}
_OTHER_PATH = "what starts it gives it another PYTHONPATH"

_OTHER_USERS = ("doas", "runuser", "su", "sudo")
_RUN_WHAT_FOLLOWS = """
chrt chroot conda dbus-run-session doas env flock gdb hatch ionice ltrace mamba micromamba mpiexec mpirun nice nohup
numactl parallel pdm perf pipenv poetry runuser rye script setsid srun stdbuf strace su sudo systemd-run taskset timeout
unbuffer unshare uv valgrind watch xargs xvfb-run
! { builtin command do elif else eval exec if then time until while
"""
_RUNNERS = frozenset(_RUN_WHAT_FOLLOWS.split())
"""Programs, and words of the shell, behind which the command stands that they run."""

_ENDS_COMMAND = frozenset(";&|()")
_MOST = 1 << 16
"""How much is read of a script for a shell."""

_DEEP = 4
"""How many commands within commands are read."""

_base, _exists, _stat = os.path.basename, os.path.isfile, os.stat  # bound here: a test may replace them


class Command(NamedTuple):
    """The start of a Python interpreter: `words` follow its name.

    `at_once` tells that the process that is started is this interpreter, and no shell that starts it. `other_path`
    tells that it gets another PYTHONPATH than the process before it.
    """

    words: tuple[str, ...]
    at_once: bool = False
    other_path: bool = False

    @classmethod
    def all_of(cls, arguments: Sequence[object], executables: Sequence[object] = ()) -> list[Command]:
        """Return the interpreters that the arguments of a process start.

        `executables` are the files that are tried in turn; without any, it is the first of the arguments.
        """
        words = [os.fsdecode(argument) for argument in arguments]  # type: ignore[arg-type]
        # A file that is open already is given by its number.
        files = [os.fsdecode(file) for file in executables if not isinstance(file, int)] or words[:1]  # type: ignore[arg-type]
        file = next((file for file in files if _exists(file)), files[0] if files else "")
        return [*_started(words, file, _DEEP)]

    @classmethod
    def in_shell(cls, line: str) -> list[Command]:
        """Return the interpreters that a line for the shell starts."""
        return [*_in_shell(line, _DEEP)]

    @property
    def is_service(self) -> bool:
        """Whether it runs nothing of the project: a tracker of `multiprocessing`, or what reads source for us."""
        return any(re.match(_SERVICE, word) for word in self.words) or not _ONLY_TELLS.isdisjoint(self._options())

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
        """Return why this interpreter cannot be made to watch, `None` when it can."""
        for word in self._options():
            for letter in "" if word.startswith("--") else word[1:]:
                if letter in "cmWX":
                    break
                if letter in _KEEPS_OUT:
                    return _KEEPS_OUT[letter]
        return _OTHER_PATH if self.other_path else None

    def _options(self) -> Iterator[str]:
        words = iter(self.words)
        for word in words:
            if not word.startswith("-") or word in ("-", "-c", "-m"):
                return
            yield word
            if word in _TAKES_VALUE:
                next(words, None)


def _started(words: Sequence[str], file: str, deep: int) -> Iterator[Command]:
    """Yield the interpreters that `file` starts, called by `words`; `deep` commands within commands are read."""
    if not deep:
        return
    if _is_python(file):
        yield Command(tuple(words[1:]), at_once=True)
    elif _base(file) in _SHELLS:
        yield from _in_shell(_given_to_shell(words[1:]), deep - 1)
    elif _base(file) in _RUNNERS:
        yield from _run_by(words, deep - 1)
    else:
        line = _first_line(file)
        if line and _is_python(line[0]):
            yield Command((*line[1:], file, *words[1:]), at_once=True)
        elif line and _base(line[0]) in _SHELLS:
            yield from _in_shell(_text(file), deep - 1)


def _run_by(words: Sequence[str], deep: int) -> Iterator[Command]:
    """Yield the interpreters of the first command that stands in `words` behind what runs it."""
    for number, word in enumerate(words[1:], 1):
        found = [*_started(words[number:], _on_path(word), deep)]
        if found:
            before = words[:number]
            other = _base(before[0]) in _OTHER_USERS or any(map(_sets_path, before)) or _empties(before)
            yield from (command._replace(other_path=command.other_path or other) for command in found)
            return


def _in_shell(text: str, deep: int) -> Iterator[Command]:
    """Yield the interpreters that a shell starts which reads `text`."""
    other = False
    for words in _simple_commands(text):
        for word in words:
            if "$(" in word:
                yield from _in_shell(word.partition("$(")[2].rpartition(")")[0], deep - 1) if deep else ()
        length = next((n for n, word in enumerate(words) if not re.match(_ASSIGNMENT, word)), len(words))
        assigned, rest = words[:length], words[length:]
        sets = any(map(_sets_path, assigned))
        if not rest or rest[0] in ("export", "unset", "declare"):
            other = other or sets or any(map(_sets_path, rest)) or (rest[:1] == ["unset"] and "PYTHONPATH" in rest)
            continue
        for command in _started(rest, _on_path(rest[0]), deep):
            yield command._replace(at_once=False, other_path=command.other_path or other or sets)


def _simple_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in what a shell reads."""
    import shlex

    for line in text.replace("\\\n", " ").splitlines():
        try:
            found = shlex.shlex(line, posix=True, punctuation_chars=True)
            found.whitespace_split = True
            words = list(found)
        except ValueError:  # a quotation that goes on in the next line
            words = line.split()
        for ends, command in groupby(words, lambda word: word[:1] in _ENDS_COMMAND):
            if not ends:
                yield list(command)


def _given_to_shell(words: Sequence[str]) -> str:
    """Return what a shell reads that is called with `words`: a line, or a file."""
    for number, word in enumerate(words):
        if not word.startswith("-"):
            return _text(word)
        if "c" in word and not word.startswith("--"):
            return next((rest for rest in words[number + 1 :] if not rest.startswith("-")), "")
    return ""


def _sets_path(word: str) -> bool:
    """Whether a word gives PYTHONPATH a value in which the former is not."""
    name, _, value = word.partition("=")
    return word.startswith(name + "=") and name == "PYTHONPATH" and "PYTHONPATH" not in value


def _empties(words: Sequence[str]) -> bool:
    """Whether `env` takes from the environment what we put there."""
    short = {"-i", "-", "--ignore-environment", "PYTHONPATH", "-uPYTHONPATH", "--unset=PYTHONPATH"}
    return _base(words[0]) == "env" and not short.isdisjoint(words)


def _on_path(word: str) -> str:
    """Return the file that a command names."""
    if os.sep in word or _is_python(word) or word in _RUNNERS or word in _SHELLS:
        return word
    # What installers have put beside this interpreter a child finds where its own PATH begins there.
    folders = [os.path.dirname(sys.executable), *os.environ.get("PATH", os.defpath).split(os.pathsep)]
    return next((file for folder in folders if _exists(file := f"{folder}{os.sep}{word}")), word)


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
    start = _beginning(file, 512)
    if not start.startswith(b"#!"):
        return []
    words = start[2:].partition(b"\n")[0].decode(errors="replace").split()
    if words and _base(words[0]) == "env":
        words = [word for word in words[1:] if word != "-S"]
    if words and _base(words[0]) in _SHELLS:  # as installers write a path that is too long for the first line
        second = start.split(b"\n")[1:2]
        line = second[0].decode(errors="replace") if second else ""
        words = re.findall(r"'''exec' \"?([^\"\s]+)", line) or words
    return words


def _text(file: str) -> str:
    """Return what a script for a shell says, nothing for what is no text."""
    data = _beginning(file, _MOST)
    return "" if b"\0" in data else data.decode(errors="replace")


def _beginning(file: str, size: int) -> bytes:
    try:
        with FileIO(file) as stream:
            return stream.read(size) or b""
    except OSError:
        return b""
