"""Tell whether a test left something behind in a singleton: a cheap look before and after, compared as text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_ssot_tracker.isolate.anatomy import Anatomy, dotted_name
from pytest_ssot_tracker.isolate.kinds import PLAIN, Attributes, Plain, State, held
from pytest_ssot_tracker.isolate.places import Binding

__all__ = ["Fingerprint"]

_BUDGET = 500
_DEPTH = 3
_SHOWN = 40


class Fingerprint:
    """Be what a singleton looked like at one moment: each attribute's shape, no live object.

    At most 500 objects are looked at, at most three levels deep; what lies beyond is not compared, nor is what
    cannot be read. Nothing of the objects is called: no property, no `__eq__`, no `__repr__`.
    """

    __slots__ = ("_shapes",)

    def __init__(self, shapes: Mapping[str, tuple[str, object]]) -> None:
        self._shapes = shapes

    @classmethod
    def of(cls, instance: object, *, anatomy: Anatomy | None = None, places: Iterable[object] = ()) -> Fingerprint:
        """Look at `instance` and at the class attributes and module names among `places`; never raise."""
        look = _Look(anatomy or Anatomy(), instance)
        shapes = {}
        for name, value in look.attributes(instance):
            shapes[name] = look.shape(value)
        for place in places:
            if isinstance(place, Binding):
                label = f"{getattr(place.owner, '__qualname__', place.owner.__name__)}.{place.name}"
                for value in place.read().values():
                    if value is not instance:
                        shapes[label] = look.shape(value)
        return cls(shapes)

    def difference(self, later: Fingerprint) -> tuple[str, ...]:
        """Return what is different in `later`, one text each, such as `_executions: 0 -> 3 entries`."""
        changes = []
        for name in (*self._shapes, *(name for name in later._shapes if name not in self._shapes)):
            before, after = self._shapes.get(name), later._shapes.get(name)
            if before is None and after is not None:
                changes.append(f"{name}: added, {after[0]}")
            elif after is None and before is not None:
                changes.append(f"{name}: removed, was {before[0]}")
            elif before is not None and after is not None and before[1] != after[1]:
                changes.append(f"{name}: {_change(before[0], after[0])}")
        return tuple(changes)


def _change(before: str, after: str) -> str:
    if before == after:
        return f"{after}, changed" if after.endswith(_UNITS) else f"{after}, another one or changed inside"
    if before.endswith(_UNITS) and after.endswith(_UNITS):
        return f"{before.partition(' ')[0]} -> {after}"
    return f"{before} -> {after}"


_UNITS = (" entries", " items", " entry", " item")


class _Look:
    """Take the shapes of one singleton's parts within one budget."""

    def __init__(self, anatomy: Anatomy, instance: object) -> None:
        self._anatomy = anatomy
        self._left = _BUDGET
        self._seen = {id(instance)}

    def attributes(self, instance: object) -> Iterable[tuple[str, Any]]:
        """Yield the attributes of the singleton by name, and what it holds itself when it is a container."""
        for kind in self._anatomy.kinds(instance, root=True):
            try:
                state = kind.read(instance)
            except Exception:
                continue
            if isinstance(kind, Attributes) and isinstance(state, dict):
                yield from ((name, value) for name, value in state.items() if name != "__class__")
            else:
                yield "its content", state.value if isinstance(state, Plain) else state

    def shape(self, value: Any, depth: int = _DEPTH) -> tuple[str, object]:
        """Return how `value` is shown, and what is compared of it."""
        self._left -= 1
        if type(value) in PLAIN:
            text = repr(value)
            return (text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"), (type(value), value)
        name = dotted_name(type(value)).removeprefix("builtins.")
        mark = (name, id(value))
        if self._left <= 0 or depth <= 0 or id(value) in self._seen:
            return f"a {name}", mark
        self._seen.add(id(value))
        states = []
        for kind in self._anatomy.kinds(value):
            try:
                states.append(kind.read(value))
            except Exception:
                return f"a {name}", mark
        sized = next((state for state in states if not isinstance(state, Plain)), None)
        is_record = isinstance(sized, dict) and "__class__" in sized
        text = f"a {name}" if sized is None or is_record else _sized(sized)
        return text, (mark[0] if states else mark, *(self._state(state, depth) for state in states))

    def _state(self, state: State, depth: int) -> object:
        if isinstance(state, Plain):
            return state.value
        members: Iterable[Any] = held(state)
        if isinstance(state, frozenset):
            members = sorted(members, key=id)
        shapes = (self.shape(each, depth - 1)[1] for each in members)
        return len(state), tuple(itertools.takewhile(lambda _: self._left > 0, shapes))


def _sized(state: dict[Any, Any] | tuple[Any, ...] | frozenset[Any]) -> str:
    unit = ("entry", "entries") if isinstance(state, dict) else ("item", "items")
    return f"{len(state)} {unit[len(state) != 1]}"
