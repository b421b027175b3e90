"""Watch whether what needs a context is called inside of one, and what must not run in one is not.

A context is the dynamic extent of a function, or of a context manager, in one thread and one task: a task that is
started inside, and a thread, are outside.
"""

from __future__ import annotations

import sys
import weakref
from _thread import get_ident
from collections.abc import Callable, Iterator
from functools import partial
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from types import CodeType, FrameType, ModuleType
from typing import Any

from pytest_ssot_tracker.detect.live.objects import Part, first_argument, parts_of
from pytest_ssot_tracker.detect.live.resolve import function_of
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError, Wing
from pytest_ssot_tracker.detect.plant.sentinels import belongs
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.recorder import Recorder, Watch
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.loaded import current_task
from pytest_ssot_tracker.model import Rule, Target
from pytest_ssot_tracker.records import dataclass, field
from pytest_ssot_tracker.settings import Context, Settings

__all__ = ["Contexts"]

_SUSPENDS = CO_GENERATOR | CO_ASYNC_GENERATOR


@dataclass(slots=True, eq=False)
class _Extent:
    """The extents of some functions and context managers: which code is theirs, and which of them are open where."""

    codes: set[tuple[str, str, int]] = field(default_factory=set)
    open: list[tuple[Callable[[], object], int, tuple[int, int]]] = field(default_factory=list)

    def holds(self, frame: FrameType | None) -> bool:
        """Whether `frame` runs in one of them: called from it, or while it is suspended in a `with` statement."""
        here = _runner()
        self.open = [opened for opened in self.open if opened[0]()]
        if any(runner == here for _, _, runner in self.open):
            return True
        while frame is not None:
            if _key(frame.f_code) in self.codes:
                return True
            frame = frame.f_back
        return False

    def entered(self, is_open: Callable[[], object], identity: int) -> None:
        """Note a context manager that is open here for as long as `is_open` says."""
        self.open.append((is_open, identity, _runner()))

    def left(self, identity: int) -> None:
        """Note that the innermost one with this identity is closed."""
        for index in reversed(range(len(self.open))):
            if self.open[index][1] == identity:
                del self.open[index]
                return


@dataclass(slots=True, eq=False)
class _Demand:
    """What a table asks of the place where its targets are called."""

    table: Context
    inside: _Extent = field(default_factory=_Extent)
    never: _Extent = field(default_factory=_Extent)

    def broken(self, frame: FrameType | None) -> str | None:
        """Return in words what is wrong with a call made in `frame`, `None` where nothing is."""
        if self.table.event_loop and _loop_runs():
            return "an event loop runs in this thread"
        if self.table.inside and not self.inside.holds(frame):
            return f"none of {', '.join(map(str, self.table.inside))} runs in this thread or task"
        if self.table.never and self.never.holds(frame):
            return f"one of {', '.join(map(str, self.table.never))} runs in this thread or task"
        return None


class Contexts(Wing):
    """The watch over the calls that `context` tables speak of; `plant` is called for each module that is loaded."""

    def __init__(self, settings: Settings, *, recorder: Recorder, scope: Scope, planting: Planting) -> None:
        super().__init__(recorder, scope)
        self._planting = planting
        self._demands = [_Demand(table) for table in settings.contexts]
        self._extents: list[_Extent] = [extent for demand in self._demands for extent in (demand.inside, demand.never)]
        self._follows_generators = False

    def plant(self, module: ModuleType) -> None:
        """Watch what is declared in `module`."""
        for demand in self._demands:
            table = demand.table
            for target in table.targets:
                self._each("target", module, table.name, target, partial(self._watch_target, demand, str(target)))
            for role, extent, targets in (
                ("inside", demand.inside, table.inside),
                ("never", demand.never, table.never),
            ):
                for target in targets:
                    self._each(role, module, table.name, target, partial(self._watch_extent, extent))

    def _watch_target(self, demand: _Demand, declared: str, name: str, _owner: object, value: object) -> None:
        watch = Watch(Rule.WRONG_CONTEXT, demand.table.name, name, declared)
        is_class = issubclass(type(value), type)
        parts = parts_of(vars(value).get("__init__") if is_class else value)
        if not parts:
            self._planting.calls_of(value, partial(self._called, demand, watch))
        # Of what is no property, what it wraps runs within the first.
        for part in parts if issubclass(type(value), property) else parts[:1]:
            told = partial(self._started, demand, watch, part, is_class)
            self._planting.announce(part.function, told, matters=True)

    def _watch_extent(self, extent: _Extent, _name: str, _owner: object, value: object) -> None:
        parts = [part.function for part in parts_of(value) if not part.cells]
        if not parts:
            raise UnwatchableError(f"{type(value).__name__} has no Python code: it is not known when it runs")
        extent.codes.update(_key(function.__code__) for function in parts)
        if issubclass(type(value), type):
            self._follow_manager(extent, value)  # type: ignore[arg-type]
        elif any(function.__code__.co_flags & _SUSPENDS for function in parts):
            self._follow_generators()

    def _follow_manager(self, extent: _Extent, cls: type) -> None:
        """Know when instances of `cls` are entered and left."""
        for names, told in ((("__enter__", "__aenter__"), _entered), (("__exit__", "__aexit__"), _left)):
            for name in names:
                function = function_of(getattr(cls, name, None))
                if function is not None:
                    self._planting.announce(function, partial(told, extent), matters=True)

    def _follow_generators(self) -> None:
        """Know when a context manager that is a generator is entered; it is open until the generator ends."""
        if self._follows_generators:
            return
        self._follows_generators = True
        import contextlib

        managers: Any = contextlib
        plain, awaited = managers._GeneratorContextManager, managers._AsyncGeneratorContextManager
        for function in (vars(plain)["__enter__"], vars(awaited)["__aenter__"]):
            self._planting.announce(function, self._generator_entered, matters=True)

    def _generator_entered(self, frame: FrameType) -> None:
        generator: Any = getattr(first_argument(frame), "gen", None)
        code: Any = getattr(generator, "gi_code", None) or getattr(generator, "ag_code", None)
        for extent in self._extents if code is not None else ():
            if _key(code) in extent.codes:
                extent.entered(partial(_is_running, weakref.ref(generator)), id(generator))

    def _started(self, demand: _Demand, watch: Watch, part: Part, makes: bool, frame: FrameType) -> None:
        if part.runs_in(frame):
            callers = self._planting.sentinels.callers
            begun = _begun(frame) if makes else frame
            self._check(demand, watch, frame.f_back, lambda: callers.of_call(begun))

    def _called(self, demand: _Demand, watch: Watch, frame: FrameType) -> None:
        self._check(demand, watch, frame, lambda: self._planting.sentinels.callers.of(frame))

    def _check(self, demand: _Demand, watch: Watch, frame: FrameType | None, who: Callable[[], Caller | None]) -> None:
        broken = demand.broken(frame)
        caller = None if broken is None else who()
        if broken is not None and caller is not None:
            exempt = self._scope.exempt(demand.table, caller.place)
            number = self._recorder.number(watch, exempt=exempt, detail=(broken,), via=caller.via)
            self._recorder.book_at(number, caller.code, caller.lasti, frame=frame)

    def _needed(self) -> Iterator[tuple[str, Target]]:
        return ((demand.table.name, target) for demand in self._demands for target in demand.table.needed())


def _key(code: CodeType) -> tuple[str, str, int]:
    # Not the code itself: watching in place gives a function another one.
    return code.co_filename, code.co_name, code.co_firstlineno


def _runner() -> tuple[int, int]:
    """Return what runs here: the thread, and the task if any."""
    task = current_task() if "asyncio.tasks" in sys.modules else None
    return get_ident(), 0 if task is None else id(task)


def _loop_runs() -> bool:
    events: Any = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def _is_running(generator: Callable[[], Any]) -> bool:
    held = generator()
    return held is not None and getattr(held, "gi_frame", getattr(held, "ag_frame", None)) is not None


def _begun(frame: FrameType) -> FrameType:
    """Return the outermost frame that is part of what `frame` makes, such as the `__init__` of a subclass."""
    subject = first_argument(frame)
    while frame.f_back is not None and belongs(frame.f_back, subject):
        frame = frame.f_back
    return frame


def _entered(extent: _Extent, frame: FrameType) -> None:
    manager = first_argument(frame)
    try:
        is_open: Callable[[], object] = weakref.ref(manager)  # one that is gone is not open, though nobody closed it
    except TypeError:
        is_open = object  # which is always there
    extent.entered(is_open, id(manager))


def _left(extent: _Extent, frame: FrameType) -> None:
    extent.left(id(first_argument(frame)))
