"""Remember what a singleton holds, put exactly that back, or bring it to the state of a fresh process.

A snapshot is no copy. It is a list of every object the state is made of, each with what it held: attributes by name,
entries by key, members. Putting it back writes those into the very same objects, so the singleton, its containers
and its records keep their identity, cycles need no care, and what cannot be copied (a lock, a socket, a generator, a
running task) is never copied: it is a value like any other, kept by reference.

What a fresh process has is known from a second snapshot, the pristine one. `Isolation` says where it comes from; in
order of preference: taken at the moment the singleton was made; taken from a singleton that the fixture itself was
the first to ask for; taken from a twin, made by the same accessor with its cache emptied, out of the recorder's
sight, with classes and modules put back afterwards. `graft` lays it over the live singleton: what stands at the same
place and is of the same type is kept and filled anew, so whoever holds the singleton's dict sees it emptied; what
does not is replaced. Locks, events, conditions and semaphores stay, even where a fresh singleton has none yet.

Limits, all of them kept by reference and so neither reset nor put back: what lies inside objects of C extensions and
of third-party classes that are no containers, context variables, other threads' part of a `threading.local`, the
items of a `queue.SimpleQueue`, the position of iterators and generators (an `itertools.count` is replaced by one that
goes on where it stood).
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pytest_ssot_tracker.isolate.anatomy import Anatomy, again, dotted_name, is_primitive
from pytest_ssot_tracker.isolate.kinds import PLAIN, Attributes, Kind, Plain, State, held, same
from pytest_ssot_tracker.isolate.places import Place

__all__ = ["Snapshot", "graft"]

_ATTEMPTS = 10


class _Node(NamedTuple):
    """Be one object of the state, with what it held when it was looked at, part by part."""

    thing: Any
    parts: tuple[tuple[Kind, State], ...]


class Snapshot:
    """Be what the objects reachable from `roots` held at one moment."""

    def __init__(self, roots: Iterable[object], *, anatomy: Anatomy, without: Iterable[object] = ()) -> None:
        """Look at everything that `anatomy` counts as state, starting at `roots` and never entering `without`."""
        self.roots = tuple(roots)
        self._nodes: dict[int, _Node] = {}
        self._counters: dict[int, tuple[object, str, Callable[[], object]]] = {}
        self._look(anatomy, {id(each) for each in without})

    def _look(self, anatomy: Anatomy, closed: set[int]) -> None:
        foreign: dict[type, frozenset[int]] = {}
        waiting = deque((root, True) for root in self.roots)
        while waiting:
            thing, is_root = waiting.popleft()
            if id(thing) in self._nodes or id(thing) in closed:
                continue
            kinds = anatomy.kinds(thing, root=is_root)
            if not kinds:
                self._note_counter(thing)
                continue
            if isinstance(kinds[0], Attributes) and not is_root:
                if type(thing) not in foreign:
                    foreign[type(thing)] = anatomy.foreign(type(thing))
                if id(thing) in foreign[type(thing)]:
                    continue
            node = _Node(thing, tuple((kind, _read(kind, thing)) for kind in kinds))
            self._nodes[id(thing)] = node
            for _, state in node.parts:
                waiting.extend((value, False) for value in held(state) if type(value) not in PLAIN)

    def _note_counter(self, thing: object) -> None:
        remake = again(thing)
        if remake is not None:
            self._counters[id(thing)] = (thing, repr(thing), remake)

    def __contains__(self, thing: object) -> bool:
        return id(thing) in self._nodes

    def parts(self, thing: object) -> tuple[tuple[Kind, State], ...]:
        """Return how `thing` is written and what it held; nothing for what is no part of the snapshot."""
        node = self._nodes.get(id(thing))
        return () if node is None else node.parts

    def values(self) -> Iterable[object]:
        """Return the objects the state is made of."""
        return [node.thing for node in self._nodes.values()]

    def update(self, later: Snapshot) -> None:
        """Take over what `later` saw of the objects it looked at."""
        self._nodes.update(later._nodes)
        self._counters.update(later._counters)
        self.roots = tuple({id(each): each for each in (*self.roots, *later.roots)}.values())

    def restore(self) -> tuple[str, ...]:
        """Write everything back where it was; return what could not be written, one text each."""
        moved = {number: remake() for number, (thing, text, remake) in self._counters.items() if repr(thing) != text}
        writes = (
            (node.thing, kind, _swapped(state, moved) if moved else state)
            for node in self._nodes.values()
            for kind, state in node.parts
        )
        return _write_all(writes)

    def fresh_counter(self, thing: object) -> object:
        """Return a count that stands where `thing` stood; anything else as it is."""
        counter = self._counters.get(id(thing))
        return thing if counter is None else counter[2]()


def _read(kind: Kind, thing: object) -> State:
    """Read `thing`, again when another thread changed it meanwhile."""
    for _ in range(_ATTEMPTS):
        try:
            return kind.read(thing)
        except RuntimeError:
            continue
    return kind.read(thing)


def _swapped(state: State, replaced: dict[int, object]) -> State:
    if isinstance(state, dict):
        return {key: replaced.get(id(value), value) for key, value in state.items()}
    if isinstance(state, tuple):
        return tuple(replaced.get(id(value), value) for value in state)
    return state


def _write_all(writes: Iterable[tuple[Any, Kind, State]]) -> tuple[str, ...]:
    problems = []
    for thing, kind, state in writes:
        if kind.frozen:
            continue
        try:
            if not same(_read(kind, thing), state):
                kind.write(thing, state)
        except Exception as error:
            problems.append(f"{_called(thing)} could not be put back: {type(error).__name__}: {error}")
    return tuple(problems)


def _called(thing: object) -> str:
    return str(thing) if isinstance(thing, Place) else f"a {dotted_name(type(thing))}"


def graft(pristine: Snapshot, live: Snapshot, pairs: Iterable[tuple[object, object]]) -> tuple[str, ...]:
    """Bring the live objects of `pairs` to what their pristine partners held; return what could not be written.

    `live` says what the live side holds now. The first pair is the singleton's. A pair may be one object twice: then
    it goes back to what it held.
    """
    return _Graft(pristine, live, tuple(pairs)).write()


class _Graft:
    """Decide which object takes the place of which.

    An object of the fresh state that is still in use stands for itself. One that is not gives way to the live object of
    its type at the same place; where there is none, it is used itself.
    """

    def __init__(self, pristine: Snapshot, live: Snapshot, pairs: tuple[tuple[object, object], ...]) -> None:
        self._pristine = pristine
        self._live = live
        self._in_place_of = {id(model): thing for model, thing in pairs}
        self._taken = {id(thing) for _, thing in pairs}
        self._models = [(model, thing) for model, thing in pairs]
        self._singletons = {id(thing) for _, thing in pairs[:1]}
        self._twins = {id(model) for model, thing in pairs if model is not thing}

    def write(self) -> tuple[str, ...]:
        writes = []
        for model, thing in self._models:  # grows while it is walked
            now = dict(self._live.parts(thing))
            for kind, state in self._pristine.parts(model):
                before = next((each for each_kind, each in now.items() if type(each_kind) is type(kind)), None)
                fresh = self._weak(state, before) if kind.weak else self._state(state, before)
                writes.append((thing, kind, fresh if kind.fields else self._with_singleton(fresh, before)))
        return _write_all(writes)

    def _state(self, state: State, before: State | None) -> State:
        if isinstance(state, dict):
            now = before if isinstance(before, dict) else {}
            return {self._choose(key, None): self._choose(value, now.get(key)) for key, value in state.items()}
        if isinstance(state, tuple):
            others = before if isinstance(before, tuple) else ()
            return tuple(self._choose(value, other) for value, other in _aligned(state, others))
        if isinstance(state, frozenset):
            return frozenset(self._choose(value, None) for value in state)
        return state

    def _with_singleton(self, state: State, before: State | None) -> State:
        """Keep the singleton where it is kept now: its accessor must find it, even where its twin was not put there."""
        if before is None or isinstance(before, Plain):
            return state
        kept = self._singletons.difference(map(id, held(state)))
        if isinstance(state, dict) and isinstance(before, dict):
            return {**state, **{key: value for key, value in before.items() if id(value) in kept}}
        extra = [value for value in held(before) if id(value) in kept]
        if not extra or isinstance(state, (dict, Plain)):
            return state
        return type(state)((*state, *extra))

    def _choose(self, value: Any, other: Any) -> Any:
        """Return what stands for `value` where the live side now has `other`."""
        if id(value) in self._in_place_of:
            return self._in_place_of[id(value)]
        parts = self._pristine.parts(value)
        if not parts:
            return self._leaf(value, other)
        if parts[0][0].frozen:
            return self._rebuilt(value, other)
        thing = other if value not in self._live and self._is_free(other, type(value)) else value
        self._in_place_of[id(value)] = thing
        self._taken.add(id(thing))
        self._models.append((value, thing))
        return thing

    def _is_free(self, thing: Any, cls: type) -> bool:
        """Tell whether `thing` can be filled anew: of the same type, live, and nothing that stands for itself."""
        return (
            type(thing) is cls and thing in self._live and thing not in self._pristine and id(thing) not in self._taken
        )

    def _leaf(self, value: Any, other: Any) -> Any:
        if is_primitive(other) and (value is None or type(value) is type(other)):
            return other
        if isinstance(value, types.MethodType) and id(value.__self__) in self._in_place_of:
            return types.MethodType(value.__func__, self._in_place_of[id(value.__self__)])
        if self._twins and _stands_for(other, value):
            return other
        return self._pristine.fresh_counter(value)

    def _rebuilt(self, value: Any, other: Any) -> Any:
        """Return a tuple or frozen set with its parts chosen; itself when no part changes."""
        if isinstance(value, tuple):
            parts = [self._choose(each, now) for each, now in _aligned(tuple(value), other)]
            changed = [*map(id, parts)] != [*map(id, value)]
            return tuple.__new__(type(value), parts) if changed else value
        for each in held(self._pristine.parts(value)[0][1]):
            self._choose(each, None)
        return value

    def _weak(self, state: State, before: State | None) -> State:
        """Leave a twin out of a weak container, and the live singleton in."""
        if not self._twins or before is None:
            return state

        def is_one_of(reference: Any, numbers: Iterable[int]) -> bool:
            return callable(reference) and id(reference()) in numbers

        lives = {id(self._in_place_of[number]) for number in self._twins}
        if isinstance(state, dict) and isinstance(before, dict):
            kept = {k: v for k, v in state.items() if not any(is_one_of(each, self._twins) for each in (k, v))}
            kept.update((k, v) for k, v in before.items() if any(is_one_of(each, lives) for each in (k, v)))
            return kept
        members = [each for each in held(state) if not is_one_of(each, self._twins)]
        return frozenset([*members, *(each for each in held(before) if is_one_of(each, lives))])


def _aligned(state: tuple[Any, ...], others: Any) -> Iterable[tuple[Any, Any]]:
    beside = others if isinstance(others, tuple) else ()
    return ((value, beside[index] if index < len(beside) else None) for index, value in enumerate(state))


def _stands_for(other: Any, value: Any) -> bool:
    """Tell whether `other`, of the live singleton, does what `value` does in its twin and so had better stay.

    True for things that are equal only to themselves, such as clients, files and closures over the singleton.
    """
    if type(other) is not type(value) or vars(object)["__eq__"] is not type(value).__eq__:
        return False
    if isinstance(value, types.FunctionType):
        return other.__code__ is value.__code__
    return not isinstance(value, (type, types.ModuleType)) and again(value) is None
