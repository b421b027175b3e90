"""Notice where the program starts a process, and give what it starts the means to watch.

The few functions that start programs are replaced while a run lasts. Forks are told of to the end of the process: once
the run is over, nothing is done about them.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.detect.children.commands import Command
from pytest_ssot_tracker.forks import hear_of_forks

if TYPE_CHECKING:
    from typing import Protocol

    class Sink(Protocol):
        """Who is told of starts: the process that runs the tests, or a child that starts another."""

        @property
        def watches(self) -> bool:
            """Return whether children are watched."""

        @property
        def folder(self) -> str:
            """Return the folder of the spools."""

        def starting(self) -> int:
            """Return the number of whoever starts a process here."""

        def started(self, pid: int) -> None:
            """Note that the process `pid`, which cannot know it, is started here."""

        def expects(self, pid: int, target: str) -> None:
            """Note that the process `pid` is to say that it watches; one that does not is a blind spot `target`."""

        def unwatched(self, target: str, why: str) -> None:
            """Note that a process which is started here is not watched."""

        def forked(self, starter: int) -> Sink:
            """Begin anew in a process that `starter` has just forked; return who is told of starts there."""


__all__ = ["NOT_ASKED", "Sink", "Starts"]

NOT_ASKED = "child processes are watched with --ssot-subprocess only"
_SYSTEM = "os.system hands a child nothing by which it could watch; use subprocess"
_EARLY_SERVER = "the server that forks it was started before this run watched"
_SERVED = "multiprocessing (forkserver)"
_ASYNCIO = "asyncio.subprocess"
_IN_C = "the event loop, which is written in C, gives it an environment that nothing can be added to"
_UNPREPARED = "it could not be made to watch"
_getpid = os.getpid  # bound here: a test may replace it
_STARTUP = str(Path(__file__).parent / "startup")


_Prepared = tuple[tuple[Any, ...], dict[str, Any], str | None]
"""The arguments of a call, by position and by name, and what the process is called that has to say that it watches."""


class Starts:
    """Tell `sink` of every process that is started here.

    `in_child` becomes true in the memory of a forked child.
    """

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.in_child = False
        self._on = False
        self._served = False
        self._follows = False
        self._forking: dict[int, int] = {}
        self._undo: list[Callable[[], None]] = []

    def install(self) -> Callable[[], None]:
        """Begin to notice; return the undo."""
        self._on = True
        if sys.platform != "win32":
            import _posixsubprocess as programs

            real = programs.fork_exec
            ours = self._replace(programs, "fork_exec", self._fork_exec)
            if "subprocess" in sys.modules:
                _exchange("subprocess", "_fork_exec", real, ours)
            # Who loads it only now finds ours in it.
            self._undo.append(lambda: _exchange("subprocess", "_fork_exec", ours, real))
            for name in ("posix_spawn", "posix_spawnp"):
                if hasattr(os, name):
                    self._replace(os, name, self._posix_spawn)
            self._replace(os, "execv", self._execv)
            self._replace(os, "execve", self._execve)
            hear_of_forks(self, before="forks", in_child="has_forked")
        self._replace(os, "system", self._system)
        self._follow_served()
        return self.undo

    def undo(self) -> None:
        """Notice nothing any more, and leave everything as it was found."""
        self._on = False
        while self._undo:
            self._undo.pop()()

    def _replace(self, module: Any, name: str, prepared: Callable[..., _Prepared]) -> Callable[..., Any]:
        """Let the function call of `name` have its arguments `prepared` first; return what stands in for it."""
        real = getattr(module, name)

        @wraps(real)
        def start(*args: Any, **more: Any) -> Any:
            expected = None
            if self._on:
                try:
                    args, more, expected = prepared(*args, **more)
                except Exception as error:  # a program that would have started must start all the same
                    self.sink.unwatched(f"a process ({name})", f"{_UNPREPARED}: {type(error).__name__}: {error}")
            answer = real(*args, **more)
            if expected is not None:
                self.sink.expects(answer, expected)
            return answer

        setattr(module, name, start)

        def undo() -> None:
            if getattr(module, name) is start:
                setattr(module, name, real)

        self._undo.append(undo)
        return start

    # Programs

    def _fork_exec(self, args: Sequence[Any], executables: Sequence[Any], *rest: Any) -> _Prepared:
        before, env, after = rest[:3], rest[3], rest[4:]
        args = list(args)
        additions, name = self._additions(Command.all_of(args, executables))
        if additions:
            env = [b"%b=%b" % pair for pair in _with(_pairs(env), additions).items()]
        return (args, executables, *before, env, *after), {}, name if _may_be_shut_out(after) else None

    def _posix_spawn(self, path: Any, argv: Sequence[Any], env: Any, **more: Any) -> _Prepared:
        argv = list(argv)
        additions, _ = self._additions(Command.all_of(argv, [path]))
        if additions:
            env = _with(_encoded(os.environb if env is None else env), additions)
        return (path, argv, env), more, None

    def _execv(self, path: Any, argv: Sequence[Any]) -> _Prepared:
        # What it puts on PYTHONPATH before it becomes another program may hold a `sitecustomize` too, as that of
        # `opentelemetry-instrument` does: ours has to be the first.
        (*_, env), *_ = self._execve(path, argv, os.environb)
        os.environb.update(env)
        return (path, argv), {}, None

    def _execve(self, path: Any, argv: Sequence[Any], env: Any) -> _Prepared:
        if self.sink.watches:
            additions, name = self._additions(Command.all_of(list(argv), [path]))
            env = _with(_encoded(env), additions)
            if name is not None:  # a process that has been forked may have become another user's since
                self.sink.expects(_getpid(), name)
        return (path, argv, env), {}, None

    def _system(self, command: Any) -> _Prepared:
        for started in Command.in_shell(os.fsdecode(command)):
            if not started.is_service:
                self.sink.unwatched(started.text, _SYSTEM if self.sink.watches else NOT_ASKED)
        return (command,), {}, None

    def _additions(self, commands: Sequence[Command]) -> tuple[dict[bytes, bytes], str | None]:
        """Return what must be in the environment of a program for it, or what it starts, to watch.

        Beside it stands what the process is called where it is an interpreter that can say itself that it watches.
        """
        ours = [command for command in commands if not command.is_service]
        if commands and not ours:
            return {}, None
        name = None
        for command in ours:
            why = command.keeps_out if self.sink.watches else NOT_ASKED
            if why is not None:
                self.sink.unwatched(command.text, why)
            elif command.at_once:
                name = command.text
            if command.is_server:
                self._served = True
                self._follow_served()
        if not self.sink.watches:
            return {}, None
        return {
            b"SSOT_TRACKER_SPOOL": os.fsencode(self.sink.folder),
            b"SSOT_TRACKER_STARTER": b"%d" % self.sink.starting(),
        }, name

    # Forks

    def forks(self) -> None:
        """Note who is about to fork."""
        if not self._on:
            return
        frame = sys._getframe(2)
        name = frame.f_globals.get("__name__")
        if self.sink.watches:
            self._forking[get_ident()] = self.sink.starting()
        elif name not in ("subprocess", _ASYNCIO, __name__):  # there a program is started, with something to run first
            kind = "multiprocessing (fork)" if name == "multiprocessing.popen_fork" else "os.fork"
            self.sink.unwatched(kind, NOT_ASKED)
        if name == _ASYNCIO:
            self._starts_in_c(frame.f_locals)

    def _starts_in_c(self, call: Mapping[str, Any]) -> None:
        """Name what an event loop written in C (uvloop) starts and hands an environment; else it inherits ours."""
        if "cmd" in call:
            commands = Command.in_shell(os.fsdecode(call["cmd"]))
        else:
            commands = Command.all_of([call["program"], *call["args"]])
        hands = call["kwds"].get("env") is not None
        for command in commands:
            why = (command.keeps_out or (_IN_C if hands else None)) if self.sink.watches else NOT_ASKED
            if why is not None and not command.is_service:
                self.sink.unwatched(command.text, why)

    def has_forked(self) -> None:
        """Begin anew, in a child that was just forked."""
        if not self._on:
            return
        self.in_child = True
        starter = self._forking.get(get_ident())
        self._forking = {}
        if starter is not None:
            self.sink = self.sink.forked(starter)
            # What it may become without asking us, by `os.execv`.
            additions, _ = self._additions([])
            for name, value in _with(dict(os.environb), additions).items():
                os.environb[name] = value

    # Processes that a server forks

    def _follow_served(self) -> None:
        """Learn which processes the server of `multiprocessing` forks; they cannot know whom they belong to."""
        loaded = sys.modules.get("multiprocessing.process")
        if loaded is None or self._follows:
            return
        self._follows = True
        base: Any = loaded.BaseProcess
        real = base.start

        @wraps(real)
        def start(process: Any) -> None:
            real(process)
            if self._on and getattr(process._popen, "method", "") == "forkserver":
                self._is_served(process.pid)

        base.start = start

        def undo() -> None:
            self._follows = False
            if base.start is start:
                base.start = real

        self._undo.append(undo)

    def _is_served(self, pid: int) -> None:
        if not self.sink.watches:
            self.sink.unwatched(_SERVED, NOT_ASKED)
        elif self._served:
            self.sink.started(pid)
        else:
            self.sink.unwatched(_SERVED, _EARLY_SERVER)


def _exchange(module: str, name: str, held: object, new: object) -> None:
    loaded = sys.modules.get(module)
    if loaded is not None and getattr(loaded, name, None) is held:
        setattr(loaded, name, new)


def _may_be_shut_out(after: Sequence[Any]) -> bool:
    """Whether a program starts as another user, or something runs before it that may limit it.

    `after` are the arguments of `fork_exec` behind the environment.
    """
    ids = after[11:14] if sys.version_info >= (3, 11) else after[10:13]  # group, groups, user
    return any(number is not None for number in ids) or any(map(callable, after))


def _encoded(env: Mapping[Any, Any]) -> dict[bytes, bytes]:
    return {os.fsencode(name): os.fsencode(value) for name, value in env.items()}


def _pairs(env: Sequence[bytes] | None) -> dict[bytes, bytes]:
    """Return a list of `name=value` as a mapping; for `None` what this process has."""
    if env is None:
        return dict(os.environb)
    found: dict[bytes, bytes] = {}
    for variable in env:
        name, _, value = os.fsencode(variable).partition(b"=")
        found[name] = value
    return found


def _with(env: Mapping[bytes, bytes], additions: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Return `env` with `additions`, and with our folder in front of those from which Python imports."""
    startup, separator = os.fsencode(_STARTUP), os.fsencode(os.pathsep)
    folders = [folder for folder in env.get(b"PYTHONPATH", b"").split(separator) if folder and folder != startup]
    return {**env, **additions, b"PYTHONPATH": separator.join((startup, *folders))}
