"""Bring a singleton to the state of a fresh process.

What a fresh process has is known from a second snapshot, the pristine one. `Isolation` says where it comes from; in
order of preference: taken at the moment the singleton was made; taken from a singleton that the fixture itself was
the first to ask for; taken from a twin, made by the same accessor with its cache emptied, out of the recorder's
sight, with classes and modules put back afterwards. `graft` lays it over the live singleton: what stands at the same
place and is of the same type is kept and filled anew, so whoever holds the singleton's dict sees it emptied; what
does not is replaced. Locks, events, conditions and semaphores stay, even where a fresh singleton has none yet.
"""

from __future__ import annotations

import types
from collections.abc import Container, Iterable, Iterator
from itertools import chain, repeat
from typing import Any

from pytest_ssot_tracker.isolate.iterators import standing
from pytest_ssot_tracker.isolate.kinds import PLACE, PLAIN, Kind, Plain, State, filtered, held, joined, same
from pytest_ssot_tracker.isolate.snapshot import Leaf, Snapshot, Unrestored, write_all
from pytest_ssot_tracker.isolate.standard_kinds import is_primitive
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Grafted", "differences", "graft"]


class Grafted(NamedTuple):
    """What a graft could not write, and what it handed on as it is: the fresh state's object, and the one in use."""

    problems: tuple[Unrestored, ...]
    handed: tuple[tuple[Any, Any], ...]


def graft(
    pristine: Snapshot, live: Snapshot, pairs: Iterable[tuple[object, object]], *, spared: Container[int] = ()
) -> Grafted:
    """Bring the live objects of `pairs` to what their pristine partners held.

    `live` says what the live side holds now. The first pair is the singleton's. A pair may be one object twice: then
    it goes back to what it held. What has an id in `spared` is left as it is.
    """
    plan = _Graft(pristine, live, tuple(pairs))
    problems = write_all(each for each in plan.writes() if id(each[0]) not in spared)
    return Grafted(problems, tuple(plan.handed))


def differences(
    pristine: Snapshot,
    live: Snapshot,
    earlier: Snapshot,
    pairs: Iterable[tuple[object, object]],
    *,
    instance: object,
    spared: Container[int] = (),
) -> tuple[list[tuple[Any, str, Any]], tuple[tuple[Any, Any], ...]]:
    """Return what a graft of `pairs` would change and has not changed since `earlier`, and what it would hand on.

    Each change is told by the object, the way from there, and what is there now; where the singleton `instance` is kept
    is none. Nothing is written.
    """
    plan = _Graft(pristine, live, tuple(pairs), as_it_is=True)
    found: list[tuple[Any, str, Any]] = []
    for thing, kind, wanted in plan.writes():
        now, then = (_part(snapshot, thing, kind) for snapshot in (live, earlier))
        if kind.frozen or id(thing) in spared or now is None or then is None:
            continue
        if kind is PLACE and any(value is instance for value in held(now)):
            continue
        if kind.fields and isinstance(wanted, dict) and isinstance(now, dict) and isinstance(then, dict):
            found += ((thing, f".{name}", value) for name, value in _fields_left(wanted, now, then))
        elif not same(now, wanted) and same(now, then) and not _equal(now, wanted):
            found.append((thing, "", thing))
    return found, tuple(plan.handed)


def _fields_left(wanted: dict[Any, Any], now: dict[Any, Any], then: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that are to be otherwise and are what they were `then`, with what is there."""
    for name in {**now, **wanted}:
        value = now.get(name, _NONE)
        if not _alike(wanted.get(name, _NONE), value) and _is_left(then.get(name, _NONE), value):
            yield name, now.get(name, wanted.get(name))


_NONE = object()


def _part(snapshot: Snapshot, thing: Any, kind: Kind) -> State | None:
    return next((state for each, state in snapshot.parts(thing) if each is kind or type(each) is type(kind)), None)


def _is_left(then: Any, now: Any) -> bool:
    """Whether `now` is what was there `then`: the same thing, or an equal value."""
    return then is now or (type(then) is type(now) and type(now) in PLAIN and bool(then == now))


def _alike(one: Any, other: Any) -> bool:
    """Whether two things that are held are the same, equal values, or iterators that stand at one place."""
    if _is_left(one, other):
        return True
    stands = standing(one), standing(other)
    return None not in stands and stands[0].mark == stands[1].mark  # type: ignore[union-attr]


def _equal(one: State, other: State) -> bool:
    """Whether two states hold alike things in the same order."""
    if isinstance(one, Plain) or isinstance(other, Plain) or len(one) != len(other):
        return False
    return all(_alike(*pair) for pair in zip(held(one), held(other), strict=True))


class _Graft:
    """Which object takes the place of which.

    An object of the fresh state that is still in use stands for itself. One that is not gives way to the live object of
    its type at the same place; where there is none, it is used itself.
    """

    def __init__(
        self, pristine: Snapshot, live: Snapshot, pairs: tuple[tuple[object, object], ...], *, as_it_is: bool = False
    ) -> None:
        self._pristine = pristine
        self._as_it_is = as_it_is
        self._live = live
        self._in_place_of = {id(model): thing for model, thing in pairs}
        self._taken = {id(thing) for _, thing in pairs}
        self._models = list(pairs)
        self._singletons = {id(thing) for _, thing in pairs[:1]}
        self.handed: list[tuple[Any, Any]] = []
        self._made: list[tuple[object, Kind]] = []
        self._twins = {id(model) for model, thing in pairs if model is not thing}

    def writes(self) -> list[tuple[Any, Kind, State]]:
        """Return what each object of the live side is to hold, part by part."""
        writes: list[tuple[Any, Kind, State]] = []
        for model, thing in self._models:  # grows while it is walked
            now = dict(self._live.parts(thing))
            for kind, state in self._pristine.parts(model):
                before = next((each for each_kind, each in now.items() if type(each_kind) is type(kind)), None)
                fresh = self._weak(state, before) if kind.weak else self._state(state, before)
                fresh = fresh if kind.fields else self._with_singleton(fresh, before)
                writes.append((thing, kind, self._pristine.and_registered(thing, kind, fresh, at=model)))
        writes += [(thing, kind, kind.fresh) for thing, kind in self._made if kind.fresh is not None]
        return writes

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
        if before is None:
            return state
        kept = self._singletons.difference(map(id, held(state)))
        return joined(state, filtered(before, lambda value: id(value) in kept))

    def _choose(self, value: Any, other: Any) -> Any:
        """Return what stands for `value` where the live side now has `other`."""
        if id(value) in self._in_place_of:
            return self._in_place_of[id(value)]
        parts = self._pristine.parts(value)
        if is_primitive(other) and (value is None or type(value) is type(other)):
            return self._kept(value, other)
        if not parts:
            return self._leaf(value, other)
        if parts[0][0].through:
            return self._led_to(value, other)
        if parts[0][0].frozen:
            return self._rebuilt(value, other)
        return self._put(other if value not in self._live and self._is_free(other, type(value)) else value, value)

    def _put(self, thing: Any, model: Any) -> Any:
        """Let `thing` stand for `model` from now on, to be filled with what that holds; return it."""
        self._in_place_of[id(model)] = thing
        self._taken.add(id(thing))
        self._models.append((model, thing))
        return thing

    def _kept(self, value: Any, other: Any) -> Any:
        """Return the primitive `other`, as whoever waits for it knows it, to be brought to the state of `value`.

        Where a fresh singleton has none yet, it is brought to the state of one that has just been made.
        """
        if value is None:
            self._made += [(other, kind) for kind, _ in self._live.parts(other) if kind.fresh is not None]
        elif id(other) not in self._taken:
            self._put(other, value)
        return other

    def _is_free(self, thing: Any, cls: type) -> bool:
        """Whether `thing` can be filled anew: of the same type, live, and nothing that stands for itself."""
        return (
            type(thing) is cls and thing in self._live and thing not in self._pristine and id(thing) not in self._taken
        )

    def _leaf(self, value: Any, other: Any) -> Any:
        if isinstance(value, types.MethodType) and id(value.__self__) in self._in_place_of:
            return types.MethodType(value.__func__, self._in_place_of[id(value.__self__)])
        leaf = self._pristine.leaf(value)
        stays = self._as_it_is and self._pristine.is_as_it_was(value, other)
        stays = stays or (bool(self._twins) and _stands_for(other, value, leaf))
        thing = other if stays else self._pristine.again(value)
        # What a function has made anew is its business, unless it lies where it lay before.
        if leaf is not None and (not self._as_it_is or other is value or leaf.look.elsewhere):
            self.handed.append((value, thing))
        return thing

    def _led_to(self, value: Any, other: Any) -> Any:
        """Return the function or method that leads to the things of the live side."""
        counterpart = _does_the_same(other, value)
        state = self._pristine.parts(value)[0][1]
        beside = held(self._live.parts(other)[0][1]) if counterpart and self._live.parts(other) else ()
        chosen = [self._choose(each, now) for each, now in _aligned(tuple(held(state)), tuple(beside))]
        if isinstance(value, types.MethodType):
            return value if chosen[0] is value.__self__ else types.MethodType(value.__func__, chosen[0])
        return other if counterpart and self._twins else value

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

        def refers(numbers: Container[int], *references: Any) -> bool:
            return any(callable(reference) and id(reference()) in numbers for reference in references)

        lives = {id(self._in_place_of[number]) for number in self._twins}
        if isinstance(state, dict) and isinstance(before, dict):
            kept = {key: value for key, value in state.items() if not refers(self._twins, key, value)}
            kept.update((key, value) for key, value in before.items() if refers(lives, key, value))
            return kept
        members = [member for member in held(state) if not refers(self._twins, member)]
        return frozenset([*members, *(member for member in held(before) if refers(lives, member))])


def _aligned(state: tuple[Any, ...], others: Any) -> Iterable[tuple[Any, Any]]:
    beside = others if isinstance(others, tuple) else ()
    return zip(state, chain(beside, repeat(None)), strict=False)


def _stands_for(other: Any, value: Any, leaf: Leaf | None) -> bool:
    """Whether `other`, of the live singleton, does what `value` does in its twin and so had better stay.

    True for things with a state that are equal only to themselves, such as clients and files, and for closures over the
    singleton. What has none, as a member of an enum, is a value.
    """
    if isinstance(value, types.FunctionType):
        return type(other) is type(value) and other.__code__ is value.__code__
    return leaf is not None and type(other) is type(value) and vars(object)["__eq__"] is type(value).__eq__


def _does_the_same(other: Any, value: Any) -> bool:
    """Whether `other` is the same function as `value`, or a method or `partial` of it, over other things."""
    if type(other) is not type(value):
        return False
    if isinstance(value, types.FunctionType):
        return other.__code__ is value.__code__
    if isinstance(value, types.MethodType):
        return other.__func__ is value.__func__
    return other.func is value.func or _does_the_same(other.func, value.func)
