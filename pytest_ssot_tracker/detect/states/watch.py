"""Follow who handles a key, and through which states it goes: split brains and illegal changes of state.

Both rules look at the calls of declared methods in the order in which they start. What is known of a key lasts as long
as the test, or as the wider fixture that handled it first.
"""

from __future__ import annotations

from _thread import RLock
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import partial
from types import CodeType, FrameType, FunctionType, ModuleType

from pytest_ssot_tracker.detect.live.arguments import Argument, text_of
from pytest_ssot_tracker.detect.live.objects import Part, cells_of, first_argument
from pytest_ssot_tracker.detect.plant.planting import Planting, Wing, code_of
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.recorder import Recorder, Watch
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Written, position_of
from pytest_ssot_tracker.detect.threads.watch import running_here
from pytest_ssot_tracker.loaded import is_below
from pytest_ssot_tracker.model import BlindSpot, Rule, Target
from pytest_ssot_tracker.records import dataclass, field
from pytest_ssot_tracker.settings import Settings, Ssot

__all__ = ["Handling"]

_WIDE = ("class", "module", "package", "session")


@dataclass(frozen=True, slots=True)
class StateCall:
    """One call of a declared method: what called, where, who ran it, and when (seconds of no known start).

    `name` is the class and method, `owner` the class, `subject` what tells one object from another while both live.
    """

    name: str
    owner: str
    subject: tuple[int, int]
    code: CodeType | Written
    lasti: int
    runner: tuple[str, str]
    time: float
    state: str = ""


@dataclass(slots=True, eq=False)
class Memory:
    """What is known of keys: the first who handled each, and the last change of each one's state."""

    first: dict[tuple[str, str], StateCall] = field(default_factory=dict)
    last: dict[tuple[str, str], StateCall] = field(default_factory=dict)
    told: dict[tuple[object, ...], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class StateMethod:
    """A declared method that was found: its table, its class, what reads the key, and for states the state."""

    table: Ssot
    watch: Watch
    owner: type | None
    key: Argument
    state: Argument | None = None

    @property
    def attribute(self) -> str:
        """Return the name within the module, with its class."""
        return self.watch.target.partition(":")[2]

    @property
    def class_name(self) -> str:
        """Return the full name of its class; a function outside of classes stands for itself."""
        return self.watch.target.rpartition(".")[0] if self.owner is not None else self.watch.target


class Handling(Wing):
    """Watch the methods that `keys` and `states` declare.

    `plant(module)` is to be called after each execution of a module; `era_ended()` when a test is over, and
    `fixture_ended(name)` when a fixture wider than one test is.
    """

    def __init__(self, settings: Settings, *, recorder: Recorder, scope: Scope, planting: Planting) -> None:
        from time import perf_counter

        super().__init__(recorder, scope)
        self._planting = planting
        self._clock = perf_counter  # kept on the object, where no test that replaces the clock finds it
        self._lock = RLock()
        self._tables = settings.ssots
        self._methods: dict[int, list[StateMethod]] = {}
        self._functions: dict[int, FunctionType] = {}
        self._memories: dict[str, Memory] = {}
        self._wide: dict[str, Memory] = {}

    def plant(self, module: ModuleType) -> None:
        """Watch what is declared in `module`."""
        for table in self._tables:
            for target, key in table.keys.items():
                watch = partial(self._watch, Rule.SPLIT_BRAIN, table, target, [key])
                self._each(Rule.SPLIT_BRAIN, module, table.name, target, watch)
            if table.states is not None:
                method, spellings = table.states.method, [table.states.key, table.states.state]
                watch = partial(self._watch, Rule.ILLEGAL_TRANSITION, table, method, spellings)
                self._each(Rule.ILLEGAL_TRANSITION, module, table.name, method, watch)

    def era_ended(self) -> None:
        """Forget what the test that is over has handled."""
        self._memories = {}

    def fixture_ended(self, name: str) -> None:
        """Forget what the fixture `name` has handled."""
        self._wide.pop(name, None)

    def _needed(self) -> Iterator[tuple[str, Target]]:
        for table in self._tables:
            declared = [*table.keys] if table.states is None else [*table.keys, table.states.method]
            yield from ((table.name, target) for target in declared if not table.is_to_go(target))

    def _watch(
        self,
        rule: Rule,
        table: Ssot,
        target: Target,
        spellings: list[str],
        name: str,
        owner: type | None,
        value: object,
    ) -> None:
        """Watch a method by the arguments of these `spellings`: its key, and for states its state."""
        function = code_of(value)
        arguments = [Argument(function, spelling) for spelling in spellings]
        lacking = [argument.name for argument in arguments if not argument.exists]
        for parameter in lacking:
            self._blind(BlindSpot(name, f"it has no parameter {parameter!r}", table.name))
        if lacking:
            return
        known = self._methods.setdefault(id(function), [])
        part = Part(function, cells_of(function))
        known.append(StateMethod(table, Watch(rule, table.name, name, str(target)), owner, *arguments))
        if id(function) not in self._functions:
            self._functions[id(function)] = function  # the id must not go to another
            self._planting.announce(function, partial(self._started, known, part), matters=True)

    def _started(self, methods: list[StateMethod], part: Part, frame: FrameType) -> None:
        if not part.runs_in(frame):
            return
        subject = first_argument(frame)
        for method in methods:
            if not _is_nearest(method, methods, subject):
                continue
            value = method.key.value(frame)
            if value is None:
                continue
            key, caller = text_of(value), self._planting.sentinels.callers.of_call(frame)
            if caller is None:
                continue
            event = partial(
                StateCall,
                method.attribute,
                method.class_name,
                (id(subject), id(type(subject))),
                caller.code,
                caller.lasti,
                running_here(),
                self._clock(),
            )
            if method.state is None:
                self._handled(method, key, event(), caller)
            elif (state := method.state.value(frame)) is not None:
                assert method.table.states is not None
                allowed = method.table.states.allowed
                self._changed(method, allowed, key, event(_state(state, allowed)), caller)

    def _memory(self, table: Ssot, key: str) -> Memory:
        """Return where this key is remembered: with the wider fixture that knows it, else with who runs here."""
        for memory in list(self._wide.values()):
            if (table.name, key) in memory.first or (table.name, key) in memory.last:
                return memory
        moment = self._recorder.here()
        if moment.bucket is None and moment.fixture is not None and moment.fixture_scope in _WIDE:
            return self._wide.setdefault(moment.fixture, Memory())
        return self._memories.setdefault(moment.test or moment.origin or str(moment.bucket), Memory())

    def _handled(self, method: StateMethod, key: str, event: StateCall, caller: Caller) -> None:
        memory = self._memory(method.table, key)
        first = memory.first.setdefault((method.table.name, key), event)
        if first.owner == event.owner or first.subject == event.subject:
            return
        lines = (
            f"{key} was first handled by {first.name} at {self._where(first)} in {' '.join(first.runner)}",
            f"{_after(first, event)} later it was handled by {event.name} in {' '.join(event.runner)}",
        )
        self._tell(memory, method, first, event, caller, lines)

    def _changed(
        self, method: StateMethod, allowed: Mapping[str, tuple[str, ...]], key: str, event: StateCall, caller: Caller
    ) -> None:
        memory = self._memory(method.table, key)
        with self._lock:  # of two threads, one comes after the other
            last = memory.last.get((method.table.name, key))
            memory.last[method.table.name, key] = event
        before = "" if last is None else last.state
        # Where nothing is said of the start, anything may be first.
        free = not before and "" not in allowed
        if free or before == event.state or event.state in allowed.get(before, ()):
            return
        after = ", ".join(allowed.get(before, ())) or "nothing: it is an end"
        if last is None:
            lines: tuple[str, ...] = (f"{key} started as {event.state}; it may start as {after}",)
        else:
            lines = (
                f"{key} went from {before} to {event.state}; after {before} may come {after}",
                f"{before} was set at {self._where(last)} in {' '.join(last.runner)}, "
                f"{_after(last, event)} before {event.state} in {' '.join(event.runner)}",
            )
            if last.runner != event.runner:
                kinds = {last.runner[0], event.runner[0]}
                kind = "tasks" if kinds == {"task"} else "threads"
                lines += (f"two {kind} changed {key} within one call of each other",)
        self._tell(memory, method, last, event, caller, lines)

    def _tell(
        self,
        memory: Memory,
        method: StateMethod,
        other: StateCall | None,
        event: StateCall,
        caller: Caller,
        lines: tuple[str, ...],
    ) -> None:
        """Book it; what happens again between the same two places is counted, not told again."""
        first = None if other is None else (id(other.code), other.lasti, other.state)
        same = (method.watch, first, id(event.code), event.lasti, event.state)
        number = memory.told.get(same)
        if number is None:
            exempt = self._scope.exempt(method.table, caller.place)
            number = self._recorder.number(method.watch, exempt=exempt, detail=lines, via=caller.via)
            memory.told[same] = number
        self._recorder.book_at(number, caller.code, caller.lasti)

    def _where(self, event: StateCall) -> str:
        path = self._recorder.sites.path(event.code.co_filename)
        if isinstance(event.code, Written):
            return path
        return f"{path}:{position_of(event.code, event.lasti)[0]}"


def _is_nearest(method: StateMethod, methods: list[StateMethod], subject: object) -> bool:
    """Whether the call is of this class, where one function is declared for several that inherit it."""
    if method.owner is None:
        return True
    kind = subject if isinstance(subject, type) else type(subject)
    if not is_below(kind, method.owner):
        return True  # a static method: nothing tells whose it is
    group = method.watch.rule, method.watch.ssot
    owners = [other.owner for other in methods if (other.watch.rule, other.watch.ssot) == group]
    return method.owner is next(cls for cls in kind.__mro__ if any(cls is owner for owner in owners))


def _state(value: object, allowed: Mapping[str, tuple[str, ...]]) -> str:
    """Return the state as it is spelled in `allowed`: of an enum member its name or its value."""
    text = text_of(value)
    if isinstance(value, Enum) and text not in allowed and not any(text in states for states in allowed.values()):
        return value.name
    return text


def _after(first: StateCall, second: StateCall) -> str:
    return f"{(second.time - first.time) * 1000:.3f} ms"
