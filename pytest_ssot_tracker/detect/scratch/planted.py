"""Let a planted use run without harm: it may not connect, start a program, or write outside of the copy of the tree."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from types import FrameType, ModuleType
from typing import Any

__all__ = ["Planted"]

_LONGEST = 20
"""Seconds that one planted use may take."""

_REFUSED = (
    *("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.bind"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"),
    *("os.kill", "os.killpg", "os.startfile", "signal.pthread_kill", "webbrowser.open"),
)
_WRITING = (
    *("os.remove", "os.rmdir", "os.mkdir", "os.rename", "os.truncate", "os.chmod", "os.chown", "os.utime"),
    *("os.link", "os.symlink", "os.setxattr", "os.removexattr", "shutil.rmtree", "sqlite3.connect"),
)


class RefusedError(PermissionError):
    """What a planted use gets when it tries to reach beyond the copy of the tree."""


class Planted:
    """The uses planted in the tree at `root`; what became of each is written to `file` at once."""

    def __init__(self, root: str, file: str) -> None:
        self._inside = os.path.join(os.path.realpath(root), "")
        self._file = file

    @contextmanager
    def use(self, number: int) -> Iterator[None]:
        """Run the use `number`: whatever it raises is noted, and goes no further."""
        self._note(number, "it did not come to its end")
        raised = ""
        try:
            with self._harmless(), _limited():
                yield
        except BaseException as error:  # also what ends the interpreter: the use has happened all the same
            raised = f"it raised {type(error).__name__}: {error}"
        self._note(number, raised)

    def bare(self, module: str, name: str) -> Any:
        """Return an instance of a class for which no code of the class has run; else the class."""
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        try:
            return object.__new__(found)
        except TypeError:  # what is written in C is made by its own `__new__`
            return found

    def twice(self, module: ModuleType, name: str) -> None:
        """Load the file of a loaded module by another name."""
        spec = spec_from_file_location(name, module.__file__)
        assert spec is not None
        assert spec.loader is not None
        again = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(again)

    def take_away(self, module: str, holder: str, name: str) -> None:
        """Take an attribute from a thing, or from the class that it has it of; raise where only instances have it."""
        found: Any = import_module(module)
        for part in filter(None, holder.split(".")):
            found = getattr(found, part)
        owners = [owner for owner in getattr(found, "__mro__", (found,)) if name in vars(owner)]
        for owner in owners:
            delattr(owner, name)
        if not owners:
            raise AttributeError(f"{holder or module} has no {name} of its own")

    def _note(self, number: int, raised: str) -> None:
        with open(self._file, "a", encoding="utf-8") as stream:
            stream.write(json.dumps([number, raised]) + "\n")

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        on = [True]
        sys.addaudithook(lambda event, args: self._look(event, args) if on else None)  # none can be taken out again
        try:
            yield
        finally:
            on.clear()

    def _look(self, event: str, args: tuple[object, ...]) -> None:
        if event in _REFUSED:
            raise RefusedError(f"a planted use may not do this ({event})")
        if event in _WRITING or (event == "open" and _writes(*args[1:3])):
            for path in args[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
                if isinstance(path, (str, bytes, os.PathLike)) and not self._may_write(os.fsdecode(path)):
                    raise RefusedError(f"a planted use may not write outside of the copy ({event} {os.fsdecode(path)})")

    def _may_write(self, path: str) -> bool:
        return path in (":memory:", "", os.devnull) or os.path.realpath(path).startswith(self._inside)


def _writes(mode: object = None, flags: object = None) -> bool:
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


@contextmanager
def _limited() -> Iterator[None]:
    """Raise where the body takes too long, on systems that can tell."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it took longer than {_LONGEST} seconds")

    before: Callable[..., object] | int | None = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)
