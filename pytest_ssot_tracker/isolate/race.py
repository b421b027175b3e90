"""Run callables against each other, many times over, and shake the order in which they get their turns.

A thread switch in the middle of three instructions is rare when nobody helps. So in most rounds each thread rests for a
moment at some of its instructions, picked by a seed, and only in code that is neither Python's own nor installed.
Coroutines rest where they wait anyway. The other rounds run as they are, for the timing and the tracing that others
have put there.
"""

from __future__ import annotations

import asyncio
import linecache
import os
import sys
import threading
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from inspect import iscoroutinefunction
from random import Random
from time import monotonic, sleep
from types import CoroutineType, FrameType
from typing import Any, NoReturn

from pytest_ssot_tracker.isolate.living import is_of_project
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import dataclass, field

__all__ = ["Race", "RaceResult", "StuckError"]

_SHORT = 1e-6  # seconds; the interpreter's own is 5e-3
# Before 3.13 a traced frame's variables are copied and put back around the trace function, the shared ones too: nobody
# else may run meanwhile, or the shaking itself would lose updates (https://github.com/python/cpython/issues/74929).
_COPIES_LOCALS = sys.version_info < (3, 13)
_UNSHAKEN = 2 if _COPIES_LOCALS else 4  # one round in so many
_PATIENCE = 60.0  # seconds
_REMEMBERED = 200  # lines of one round
_PAUSE = 2e-5  # seconds
_OURS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")


class StuckError(RuntimeError):
    """Say that a round did not end: `number` is the round, `names` are the callables that were still running."""

    def __init__(self, number: int, names: tuple[str, ...]) -> None:
        super().__init__(number, names)
        self.number = number
        self.names = names

    def __str__(self) -> str:
        running = ", ".join(self.names)
        return (
            f"ssot_race: round {self.number} did not end within {_PATIENCE:.0f} s; still running: {running}. "
            "Look for locks taken in different orders."
        )


@dataclass(frozen=True, slots=True)
class RaceResult:
    """What a race gave.

    `results` holds, per round, what each callable returned, in the order of the callables; `None` where it raised.
    `exceptions` are all that were raised, `violations` all that the rounds recorded, in order of the rounds. `rounds`
    is how many were run, `seed` what makes the same choices again.
    """

    seed: int
    rounds: int
    results: tuple[tuple[Any, ...], ...] = field(repr=False)
    exceptions: tuple[BaseException, ...]
    violations: tuple[Site, ...]


class Race:
    """Run callables at once, as the fixture `ssot_race` does.

    `violations` returns what the test has recorded so far, one item each time; `show` is given the text about the
    first round that failed.
    """

    def __init__(self, violations: Callable[[], Sequence[Site]], *, show: Callable[[str], object] = print) -> None:
        self._violations = violations
        self._show = show

    def __call__(self, *callables: Callable[[], Any], rounds: int = 100, seed: int | None = None) -> RaceResult:
        """Call all of `callables` at once, `rounds` times; coroutine functions become tasks of one event loop.

        Return results, exceptions and violations; nothing that a callable raises is raised here. Without a `seed`
        one is picked, and the result names it. Raise `ValueError` without callables or rounds, and `TypeError` for what
        cannot be called.
        """
        if not callables or rounds < 1:
            raise ValueError("ssot_race: give at least one callable, and at least one round")
        for given in callables:
            if not callable(given):
                _refuse(given)
        seed = Random().randrange(2**32) if seed is None else seed
        before = seen = len(self._violations())
        results: list[tuple[Any, ...]] = []
        exceptions: list[BaseException] = []
        failed: list[int] = []
        for number in range(1, rounds + 1):
            this = _Round(callables, number, Random(f"{seed} {number}"), shaken=number % _UNSHAKEN != 0)
            this.run()
            results.append(tuple(this.results))
            raised = [error for error in this.exceptions if error is not None]
            exceptions += raised
            recorded = self._violations()[seen:]
            seen += len(recorded)
            if raised or recorded:
                if not failed:
                    self._show(_told(this, seed, [*map(_words, raised), *map(_violated, dict.fromkeys(recorded))]))
                failed.append(number)
            if this.stuck:
                break
        if len(failed) > 1:
            self._show(f"ssot_race: {len(failed)} of {len(results)} rounds failed; the first is shown above")
        return RaceResult(seed, len(results), tuple(results), tuple(exceptions), tuple(self._violations()[before:]))


class _Round:
    """One round: everybody waits for everybody, then all go."""

    def __init__(self, callables: Sequence[Callable[[], Any]], number: int, random: Random, *, shaken: bool) -> None:
        self.number = number
        self.names = tuple(f"{index} {_name(given)}" for index, given in enumerate(callables, 1))
        self.results: list[Any] = [None] * len(callables)
        self.exceptions: list[BaseException | None] = [None] * len(callables)
        self.lines: deque[tuple[int, str, int]] = deque(maxlen=_REMEMBERED)
        self.stuck = False
        self._callables = callables
        self._seeds = [random.randrange(2**32) for _ in callables]
        self._order = random.sample(range(len(callables)), len(callables))
        self._shaken = shaken
        tasks = [index for index in self._order if iscoroutinefunction(_bare(callables[index]))]
        self._runs = [partial(self._thread, index) for index in self._order if index not in tasks]
        self._members: list[tuple[int, ...]] = [(index,) for index in self._order if index not in tasks]
        if tasks:
            self._runs.append(partial(self._loop, tasks))
            self._members.append(tuple(tasks))
        self._barrier = threading.Barrier(len(self._runs))

    def run(self) -> None:
        """Run all to their end; a round that has not ended after a minute is `stuck`."""
        # A context can be entered by one thread at a time.
        threads = [
            threading.Thread(target=copy_context().run, args=(run,), name=f"ssot_race {members[0] + 1}", daemon=True)
            for run, members in zip(self._runs, self._members, strict=True)
        ]
        with _switching(0.05 if self._shaken and _COPIES_LOCALS else _SHORT):
            for thread in threads:
                thread.start()
            end = monotonic() + _PATIENCE
            for thread in threads:
                thread.join(max(0.0, end - monotonic()))
        for thread, members in zip(threads, self._members, strict=True):
            if thread.is_alive():
                self.stuck = True
                names = tuple(self.names[index] for index in members)
                self.exceptions[members[0]] = StuckError(self.number, names)

    def _thread(self, index: int) -> None:
        self._barrier.wait()
        try:
            with self._shaking(index):
                self.results[index] = self._callables[index]()
        except BaseException as error:
            self.exceptions[index] = error

    def _loop(self, indices: Sequence[int]) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(self._task(index) for index in indices))

        self._barrier.wait()
        asyncio.run(all_of_them())

    async def _task(self, index: int) -> None:
        random = Random(self._seeds[index])
        try:
            made: Awaitable[Any] = self._callables[index]()
            if isinstance(made, Coroutine):
                made = _resting(made, lambda: random.choice((0, 0, 1, 2)), partial(self._note_coroutine, index, made))
            self.results[index] = await made
        except GeneratorExit:
            raise
        except BaseException as error:  # pytest's own outcomes among them: the loop must go on for the others
            self.exceptions[index] = error

    def _note_coroutine(self, index: int, coroutine: Any) -> None:
        place = None
        while (frame := getattr(coroutine, "cr_frame", None)) is not None and _is_watched(frame.f_code.co_filename):
            place = index, frame.f_code.co_filename, frame.f_lineno
            coroutine = coroutine.cr_await
        if place is not None:
            self.lines.append(place)

    @contextmanager
    def _shaking(self, index: int) -> Iterator[None]:
        if not self._shaken:
            yield
            return
        before = sys.gettrace()
        sys.settrace(_Shaker(index, Random(self._seeds[index]), self.lines).called)
        try:
            yield
        finally:
            sys.settrace(before)


class _Shaker:
    """Rest at some of the instructions of one thread, ever more seldom, and note its lines."""

    def __init__(self, index: int, random: Random, lines: deque[tuple[int, str, int]]) -> None:
        self._index = index
        self._random = random
        self._lines = lines
        self._steps = 0
        self._next = random.randint(1, 12)

    def called(self, frame: FrameType, event: str, arg: object) -> Any:
        """Follow what runs in `frame` when it is nobody else's code."""
        code = frame.f_code
        if not _is_watched(code.co_filename) or (_COPIES_LOCALS and (code.co_freevars or code.co_cellvars)):
            return None
        frame.f_trace_opcodes = True
        self._lines.append((self._index, code.co_filename, frame.f_lineno))
        return self.stepped

    def stepped(self, frame: FrameType, event: str, arg: object) -> Any:
        """Note the line, rest at the instruction."""
        if event == "line":
            self._lines.append((self._index, frame.f_code.co_filename, frame.f_lineno))
        elif event == "opcode":
            self._steps += 1
            if self._steps >= self._next:
                # In proportion to what has been run, so that a long loop is not slowed down for ever.
                self._next = self._steps + self._random.randint(1, 12 + self._steps // 4)
                sleep(_PAUSE)
        return self.stepped


@types.coroutine
def _resting(
    coroutine: Coroutine[Any, Any, Any], turns: Callable[[], int], note: Callable[[], None]
) -> Generator[Any, None, Any]:
    """Drive `coroutine`, and let others go first for some turns wherever it waits."""
    resume: Callable[[], Any] = partial(coroutine.send, None)
    waited: Any = None
    started = False
    while True:
        try:
            if started:
                yield waited
            for _ in range(turns()):
                yield None
        except BaseException as error:
            resume = partial(coroutine.throw, error)
        started = True
        note()
        try:
            waited = resume()
        except StopIteration as stop:
            return stop.value
        resume = partial(coroutine.send, None)


@contextmanager
def _switching(seconds: float) -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _is_watched(filename: str) -> bool:
    """Whether `filename` is of the project, and not ours.

    Installed in editable mode ours lies anywhere, and what watches in place runs inside the code that races.
    """
    return is_of_project(filename) and not filename.startswith(_OURS)


def _unwrapped(function: Any) -> Any:
    while isinstance(function, partial):
        function = function.func
    return function


def _bare(function: Any) -> Any:
    function = _unwrapped(function)
    if isinstance(function, (types.FunctionType, types.MethodType)):
        return function
    return vars(type(function)).get("__call__", function)


def _name(function: Any) -> str:
    bare = _unwrapped(function)
    return str(getattr(bare, "__qualname__", type(bare).__qualname__)).rpartition("<locals>.")[2]


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _violated(site: Site) -> str:
    return f"{site.rule} of {site.target} at {site.where}"


def _told(failed: _Round, seed: int, faults: Sequence[str]) -> str:
    """Return the text about a failed round: what went wrong, and who ran which line after whom."""
    text = [f"ssot_race: round {failed.number} failed (seed {seed})", *(f"  {fault}" for fault in faults)]
    lines = list(dict.fromkeys(zip(failed.lines, _turns(failed.lines), strict=True)))
    if lines:
        text.append("  who ran what, in order:")
    for (index, filename, line), _ in lines:
        source = linecache.getline(filename, line).strip()
        text.append(f"    {failed.names[index]:<24} {filename}:{line}  {source}")
    return "\n".join(text)


def _turns(lines: Sequence[tuple[int, str, int]]) -> Iterator[int]:
    """Yield a number for each line that changes where it is not the line before."""
    turn, before = 0, None
    for line in lines:
        turn += line != before
        before = line
        yield turn


def _refuse(given: object) -> NoReturn:
    """Raise `TypeError` for what was given in place of a callable, a coroutine above all."""
    if isinstance(given, CoroutineType):
        given.close()  # nobody will await it, and Python would warn
        raise TypeError(
            f"ssot_race: {given.__qualname__}() is a coroutine, which can run once; give {given.__name__} itself"
        )
    raise TypeError(f"ssot_race: {given!r} cannot be called; give a function, not what it returns")
