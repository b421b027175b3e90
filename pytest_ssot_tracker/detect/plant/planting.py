"""Put sentinels into the program, and take them out again exactly as they went in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import ref

from pytest_ssot_tracker.detect.live.resolve import function_of, members, module_exists
from pytest_ssot_tracker.detect.plant.callees import Callees
from pytest_ssot_tracker.detect.plant.monitoring import FunctionReturns, Monitoring
from pytest_ssot_tracker.detect.plant.sentinels import SUSPENDS, Claim, Inside, Learned, Sentinel, Sentinels, StartKind
from pytest_ssot_tracker.detect.plant.vigil import FormerAttribute, Patches, PutIn, Vigil, is_unasked
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import position_of
from pytest_ssot_tracker.model import BlindSpot, Target

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.plant.attributes import AttributeWatch, Told
    from pytest_ssot_tracker.detect.plant.inplace import InPlace
    from pytest_ssot_tracker.detect.plant.rewritten import Rewritten
    from pytest_ssot_tracker.detect.record.recorder import Recorder

__all__ = ["FunctionReturns", "Planting", "UnwatchableError", "Wing", "code_of", "with_own_code"]

Undo = Callable[[], None]
Watched: TypeAlias = "Callable[[str, type | None, Any], object]"

_UNMONITORED = (
    "sys.monitoring was taken from it meanwhile (an id freed, a callback or events cleared): not every call was seen"
)
_REPLACED = "its {name} was replaced meanwhile: not every call was seen"


class UnwatchableError(Exception):
    """Why something cannot be watched."""


class Wing:
    """The watch over what some tables declare: what of it was found, and what cannot be watched."""

    def __init__(self, recorder: Recorder, scope: Scope) -> None:
        self.blind_spots: list[BlindSpot] = []
        self._recorder = recorder
        self._scope = scope
        self._resolved: set[tuple[str, Target]] = set()
        self._taken: dict[tuple[object, ...], object] = {}

    def plant(self, module: ModuleType) -> None:
        """Watch what is declared in `module`, which has just been executed."""
        raise NotImplementedError

    def era_ended(self) -> None:
        """Note that a test is over."""

    def fixture_ended(self, name: str) -> None:
        """Note that the fixture `name`, which is wider than one test, is over."""

    @property
    def met(self) -> list[tuple[str, str]]:
        """Return table and spelling of the targets that were found."""
        return [(table, str(target)) for table, target in self._resolved]

    @property
    def gone(self) -> list[tuple[str, str]]:
        """Return table and spelling of the targets that are not where they would have to be."""
        unmet = [pair for pair in self._needed() if pair not in self._resolved]
        return [(table, str(target)) for table, target in unmet if not target.is_pattern and self._is_gone(target)]

    def _needed(self) -> Iterable[tuple[str, Target]]:
        """Return table and target of all that must be found."""
        return ()

    def _is_gone(self, target: Target) -> bool:
        """Whether nothing that is not loaded yet can hold what was not found."""
        return target.module in sys.modules or not module_exists(target.module)

    def _each(self, role: str, module: ModuleType, table: str, target: Target, watch: Watched) -> None:
        """Have `watch` called, once in this `role`, with each thing that `target` names in `module`.

        It is given the name, the class it was found on, and the thing. What raises `UnwatchableError` is a blind spot.
        """
        for name, owner, value in members(module, target, self._scope.aliases.name_of(module)):
            self._resolved.add((table, target))
            key = role, table, target, name, id(value)
            if key not in self._taken:
                self._taken[key] = value  # the id must not go to another
                try:
                    watch(name, owner, value)
                except UnwatchableError as error:
                    self._blind(BlindSpot(name, str(error), table))

    def _blind(self, spot: BlindSpot) -> None:
        if spot not in self.blind_spots:
            self.blind_spots.append(spot)


class Planting:
    """Put claims on functions, and watch calls where there is no code; remember how to undo each.

    `undo()` restores only what is still as it was left here. `blind` is told what of a claim cannot be seen, and why.
    """

    patching = Patches.modules
    """The modules of what puts back what it has replaced, as mocks do: `watch_patches` once one is loaded."""

    def __init__(
        self,
        sentinels: Sentinels,
        scope: Scope,
        *,
        on_change: list[Callable[[], None]],
        blind: Callable[[Claim, str], None],
    ) -> None:
        self.blind = blind
        self.sentinels = sentinels
        self._backend: Monitoring | InPlace | None = Monitoring.open(sentinels.started) or _in_place()
        self._scope = scope
        self._on_change = on_change
        self._undos: list[Undo] = []
        self._insides: list[Inside] = []
        self._callees: Callees | None = None
        self._attributes: AttributeWatch | Rewritten | None = None
        self._apart: list[Callees | AttributeWatch | Rewritten] = []
        self._tool = self._backend.tool if isinstance(self._backend, Monitoring) else None
        self.vigil = Vigil(self._matters)
        self._patches = Patches(self._put_back)
        self._noted: list[tuple[Sentinel, str]] = []

    @property
    def backend(self) -> str:
        """Return the name of the back end that watches whatever has a code object; `none` where there is none."""
        return "none" if self._backend is None else self._backend.name

    @property
    def backend_name(self) -> str:
        """Return the name of the back end in use; raise `UnwatchableError` when there is none."""
        return self._back.name

    @property
    def _back(self) -> Monitoring | InPlace:
        if self._backend is None:
            raise UnwatchableError("no tool id of sys.monitoring is free, and the package bytecode is not installed")
        return self._backend

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take everything planted within out again if something raises."""
        before = len(self._undos)
        try:
            yield
        except BaseException:
            while len(self._undos) > before:
                self._undos.pop()()
            raise

    def undo(self) -> None:
        """Take everything out, the last first."""
        while self._undos:
            self._undos.pop()()

    def on(
        self,
        function: FunctionType,
        kind: StartKind,
        *,
        claims: Iterable[Claim] = (),
        announce: Callable[[FrameType], None] | None = None,
        shared: bool = False,
        deaf: frozenset[str] = frozenset(),
        matters: bool = True,
    ) -> Sentinel:
        """Watch `function`: book `claims`, call `announce` with the frame that starts, but not for the files `deaf`.

        `shared` says that the first argument decides whether a start concerns anybody. What is there already is
        not added again. That somebody has replaced what `matters` is noticed when his test ends, of others later.
        """
        sentinel = self.sentinels.get(function.__code__)
        if sentinel is None:
            sentinel = self._new(function, kind)
        else:
            self._join(function, sentinel)
        self.vigil.function(function)
        sentinel.matters = sentinel.matters or matters
        sentinel.shared = sentinel.shared or shared
        heard = sentinel.claims or sentinel.announce
        sentinel.deaf = sentinel.deaf & deaf if heard else deaf
        self._add(sentinel, kind, tuple(claims), announce)
        if sentinel.claims and not sentinel.ahead and function.__code__.co_flags & SUSPENDS:
            self._look_ahead(function, sentinel)
        return sentinel

    def claim(self, function: FunctionType, claim: Claim, *, shared: bool = False) -> str:
        """Book `claim` for each call of `function`; return the name of the back end."""
        self.on(function, StartKind.CALL, claims=[claim], shared=shared)
        return self.backend_name

    def announce(
        self,
        function: Any,
        call: Callable[[FrameType], None],
        *,
        deaf: frozenset[str] = frozenset(),
        matters: bool = False,
    ) -> None:
        """Call `call` with the frame of each start of `function`, but by code in the files `deaf`.

        It `matters` where somebody has declared `function`.
        """
        self.on(function, StartKind.CALL, announce=call, deaf=deaf, matters=matters)

    def _look_ahead(self, function: FunctionType, sentinel: Sentinel) -> None:
        """See a generator or coroutine being made, which may start long after, where that can be seen."""
        created = partial(self.sentinels.created, sentinel)
        found = self._back.watch_creations(function, created)
        if found is not None:
            codes, undo = found
            self.sentinels.moved(sentinel, codes)
            self.vigil.function(function)
            self._undos.append(undo)
        else:
            callees = self._opened()
            if callees is None:
                return
            self._undos.append(callees.watch(function, created, named=True))
        sentinel.ahead = True
        sentinel.share()

    def sentinel_of(self, function: FunctionType | None) -> Sentinel | None:
        """Return what is known of `function`, `None` where it is not watched."""
        return None if function is None else self.sentinels.get(function.__code__)

    def returns(self, function: FunctionType, call: Callable[[FrameType, object], None]) -> Undo:
        """Call `call` with the frame and the value of each return of `function`, or each yield of a generator.

        Returns what ends it sooner than `undo`.
        """
        return self._followed(function, *self._back.watch_returns(function, call))

    def ends(self, function: FunctionType, call: Callable[[FrameType, object], None]) -> FunctionReturns:
        """Call `call` with the frame and the value of each return of `function`, while somebody listens."""
        codes, ends = self._back.watch_ends(function, call)
        return ends._replace(undo=self._followed(function, codes, ends.undo))

    def _followed(self, function: FunctionType, codes: tuple[CodeType, ...], quiet: Undo) -> Undo:
        """Know `function`, which had the first of `codes`, by all of them; return `quiet` as one of the undos."""
        sentinel = self.sentinels.get(codes[0])
        self.vigil.function(function)
        watched = ref(function)
        for inside in self._insides:
            inside.moved(codes)
        if sentinel is not None:
            self.sentinels.moved(sentinel, codes)

        def undo() -> None:
            quiet()
            function = watched()
            if function is not None:
                self.vigil.function(function)

        self._undos.append(undo)
        return undo

    def _new(self, function: FunctionType, kind: StartKind) -> Sentinel:
        learned: Learned = {}
        codes, undo = self._back.watch(function, self.sentinels.started_with(learned))
        for inside in self._insides:
            inside.moved(codes)
        sentinel = Sentinel(kind, codes, undo, learned=learned)
        self.sentinels.put(sentinel)
        return sentinel

    def _join(self, function: FunctionType, sentinel: Sentinel) -> None:
        """Watch one more function that has the code of `sentinel`, as the wrappers of one decorator do."""
        if self._backend is not None and len(sentinel.codes) > 1 and function.__code__ is sentinel.codes[0]:
            first, alone = sentinel.undo, self._backend.join(function, sentinel.codes)

            def undo() -> None:
                alone()
                first()

            sentinel.undo = undo

    def _add(
        self,
        sentinel: Sentinel,
        kind: StartKind,
        claims: tuple[Claim, ...],
        announce: Callable[[FrameType], None] | None,
    ) -> Sentinel:
        claims = tuple(claim for claim in claims if claim not in sentinel.claims)
        calls = (announce,) if announce is not None and announce not in sentinel.announce else ()
        if kind is not StartKind.CALL:
            sentinel.kind = kind
        sentinel.announce += calls
        sentinel.claims += claims

        def undo() -> None:
            sentinel.claims = tuple(claim for claim in sentinel.claims if claim not in claims)
            sentinel.announce = tuple(call for call in sentinel.announce if call not in calls)
            heard = sentinel.claims or sentinel.announce
            if not heard and self.sentinels.get(sentinel.codes[0]) is sentinel:  # no other undo has dropped it
                self.sentinels.drop(sentinel)
                sentinel.undo()

        self._undos.append(undo)
        return sentinel

    def know(self, inside: Inside) -> None:
        """Tell `inside` whenever one of its functions gets another code object."""
        if inside not in self._insides:
            self._insides.append(inside)

    def refresh(self, inside: Inside) -> None:
        """Let every sentinel that asks `inside` forget what it has learned."""
        for sentinel in self.sentinels:
            if any(claim.inside is inside for claim in sentinel.claims):
                sentinel.forget()

    def attribute(self, cls: type, name: str, value: object) -> None:
        """Set `name` on `cls` past its metaclass; raise `UnwatchableError` where the class is immutable."""
        missing = object()
        before = vars(cls).get(name, missing)
        try:
            type.__setattr__(cls, name, value)
        except TypeError as error:
            raise UnwatchableError(f"the class is immutable: {error}") from None
        held = ref(cls)

        def undo() -> None:
            cls = held()
            if cls is None or vars(cls).get(name) is not value:
                return
            if before is missing:
                type.__delattr__(cls, name)
            else:
                type.__setattr__(cls, name, before)

        self._undos.append(undo)

    def then(self, undo: Undo) -> None:
        """Have `undo` called when what is being planted is taken out again."""
        self._undos.append(undo)

    def own(
        self,
        make: Callable[[Callable[[CodeType], None]], FunctionType],
        kind: StartKind,
        *,
        claims: Iterable[Claim] = (),
        announce: Callable[[FrameType], None] | None = None,
    ) -> tuple[FunctionType, Sentinel]:
        """Return the stand-in that `make(started)` gives, and its sentinel; it calls `started` with its own code."""
        learned: Learned = {}
        function = make(self.sentinels.started_with(learned))
        sentinel = Sentinel(kind, (function.__code__,), lambda: None, learned=learned)
        self.sentinels.put(sentinel)
        return function, self._add(sentinel, kind, tuple(claims), announce)

    def calls_of(self, value: object, told: Callable[[FrameType], None]) -> None:
        """Call `told` with each frame of the project that calls `value`.

        Raises `UnwatchableError` where nothing tells what a statement calls.
        """
        callees = self._opened()
        if callees is None:
            kind = "a class written in C" if issubclass(type(value), type) else type(value).__name__
            raise UnwatchableError(
                f"{kind} has no Python code to watch, and what a statement calls "
                "is told from Python 3.12 on only, where a tool id of sys.monitoring is free: the scan reads its uses"
            )
        self._undos.append(callees.watch(value, told))

    def given_to(self, value: object, given: Callable[[FrameType, object], None]) -> None:
        """Call `given` with each frame of the project that calls `value`, and the first argument, if that is told."""
        callees = self._opened()
        if callees is not None:
            self._undos.append(callees.watch_given(value, given))

    @property
    def tells_callees(self) -> bool:
        """Whether it is told what a statement calls."""
        return self._opened() is not None

    def put_in(self, told: PutIn) -> None:
        """Call `told` where a mock or pytest's `monkeypatch` puts something in the place of an attribute."""
        self._patches.told.append(told)
        self._undos.append(partial(self._patches.told.remove, told))
        self.watch_patches()

    def makings_of(self, cls: type, made: Callable[[FrameType, type], None]) -> bool:
        """Call `made` with each frame of the project that has a C `__new__` make an instance of `cls`, and the class.

        Returns whether that can be seen.
        """
        callees = self._opened()
        if callees is not None:
            self._undos.append(callees.watch_new(cls, made))
        return callees is not None

    def attribute_of(self, name: str, told: Told, *, writes: bool) -> str:
        """Call `told` where the project's code reads an attribute `name`, or with `writes` writes or deletes it.

        Returns the name of the back end; raises `UnwatchableError` where nothing tells.
        """
        if self._attributes is None and self._backend is not None:
            self._attributes = self._backend.attributes(self._is_ours, self._scope.tree.defines, self._followed)
            if self._attributes is not None:
                self._apart.append(self._attributes)
                self._on_change.append(self._attributes.catch_up)
        if self._backend is None or self._attributes is None:
            raise UnwatchableError("no tool id of sys.monitoring is free for what reads and writes attributes")
        self._undos.append(self._attributes.watch(name, told, writes=writes))
        return self._backend.name

    def lost(self) -> Iterator[tuple[str, str, int]]:
        """Yield the attribute, the file and the line of each write of which it could not be told what is written to."""
        for (_, lasti), (code, name) in [] if self._attributes is None else list(self._attributes.lost.items()):
            yield name, code.co_filename, position_of(code, lasti)[0]

    def _opened(self) -> Callees | None:
        if self._callees is None and self._backend is not None:
            self._callees = self._backend.callees(self._is_ours)
            if self._callees is not None:
                self._apart.append(self._callees)
        return self._callees

    def watch_patches(self) -> None:
        """Notice what mocks put back, by what is loaded of them by now."""
        if self._backend is not None:
            self._patches.plant(self.announce, self.returns)

    def stands(self) -> bool:
        """Whether nothing was taken away or replaced, as far as that is cheaply told."""
        if self._noted or not self.vigil.stands():
            return False
        for watching in self._apart:
            if not watching.stands():
                return False
        return self._tool is None or self._tool.stands(self.vigil.asked)

    def _matters(self, code: CodeType) -> bool:
        """Whether what runs `code` was declared by somebody, and not only announces what goes on in the process."""
        sentinel = self.sentinels.get(code)
        return sentinel is None or sentinel.matters

    def rebound(self) -> Iterator[tuple[Sentinel | None, str]]:
        """Yield the classes that are made in another way than when they were watched."""
        for held in self.vigil.rebound():
            value = vars(held.cls).get(held.name)
            if not (is_unasked(value) or self._is_seen_by(value, held.sentinel)):
                yield held.sentinel, _REPLACED.format(name=held.name)

    def _is_seen_by(self, value: object, sentinel: Sentinel) -> bool:
        """Whether `value` books what `sentinel` does: typing gives a protocol's class the `__init__` of a base."""
        known = self.sentinel_of(function_of(value))
        return known is not None and all(claim in known.claims for claim in sentinel.claims)

    def heal(self) -> Iterator[tuple[Sentinel | None, str]]:
        """Yield what somebody has taken away or replaced since the last time, and how; watch it again."""
        yield from self._noted
        self._noted.clear()
        for watching in self._apart:
            if not watching.heal():
                yield None, _UNMONITORED
        lost = set(map(id, self._unmonitored()))
        if lost:
            for inside in self._insides:
                inside.doubt()
            yield from (
                (sentinel, _UNMONITORED) for sentinel in self.sentinels if not lost.isdisjoint(map(id, sentinel.codes))
            )
        for function, code in self.vigil.recoded():
            sentinel = self.sentinels.get(code)
            if sentinel is not None:
                yield sentinel, _REPLACED.format(name="__code__")
            self._recode(function, code, sentinel)
        yield from self.rebound()
        for held in self.vigil.rebound():
            self._rebind(held)

    def _put_back(self, holder: object, name: str) -> None:
        """Note what is watched of which somebody puts `name` back on `holder`: until then it was another."""
        held = self.vigil.held(holder, name)
        code = self.vigil.code(holder) if name == "__code__" else None
        sentinel = held.sentinel if held is not None else None if code is None else self.sentinels.get(code)
        if sentinel is not None:
            self._noted.append((sentinel, _REPLACED.format(name=name)))

    def _unmonitored(self) -> list[CodeType]:
        """Return the code of which nothing was told any more."""
        tool = self._tool
        if tool is None or tool.stands():
            return []
        lost: list[CodeType] = tool.lost()
        tool.restore()
        return lost

    def _recode(self, function: FunctionType, code: CodeType, sentinel: Sentinel | None) -> None:
        """Watch `function`, which ran `code`, in what it runs now."""
        if sentinel is not None:
            if self.sentinels.get(function.__code__) is sentinel:
                function.__code__ = code  # what it ran before it was watched
            else:
                self._again(function, sentinel)
        self.vigil.function(function)

    def _rebind(self, held: FormerAttribute) -> None:
        """Watch what a class holds now instead of what it held; what has no Python code stays a change."""
        function = function_of(vars(held.cls).get(held.name))
        if function is not None or not held.makes:
            if function is not None and held.makes:
                self._again(function, held.sentinel)
            self.vigil.attribute(held.cls, held.name, held.sentinel, makes=held.makes)

    def _again(self, function: FunctionType, sentinel: Sentinel) -> None:
        """Put on `function` what `sentinel` books and announces."""
        if self.sentinels.get(function.__code__) is not sentinel:
            fresh = self.on(function, sentinel.kind, claims=sentinel.claims, shared=True, matters=sentinel.matters)
            for announce in sentinel.announce:
                self.on(function, sentinel.kind, announce=announce, matters=False)
            fresh.inner |= sentinel.inner
            for inside in self._insides:
                inside.moved((*sentinel.codes, *fresh.codes))

    def close(self) -> None:
        """Give back what the back ends hold, after `undo`."""
        if self._attributes is not None and self._attributes.catch_up in self._on_change:
            self._on_change.remove(self._attributes.catch_up)
        for backend in (self._callees, self._attributes, self._backend):
            if backend is not None:
                backend.close()

    def _is_ours(self, filename: str) -> bool:
        return filename.startswith("<doctest ") or self._scope.place(filename) is not None


def _in_place() -> InPlace | None:
    from pytest_ssot_tracker.detect.plant.inplace import InPlace

    return InPlace.open()


def code_of(value: object) -> FunctionType:
    """Return the Python function that a call of `value` starts; raise `UnwatchableError` where there is none."""
    function = function_of(value)
    if function is None:
        raise UnwatchableError(f"{type(value).__name__} has no Python code to watch")
    return function


def with_own_code(function: Any, name: str) -> FunctionType:
    """Return `function` with a code object of its own called `name`, so that it can be told from its siblings."""
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_name=name.rpartition(".")[2])
    return function
