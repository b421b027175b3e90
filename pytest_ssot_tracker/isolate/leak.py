"""Tell whether a test left something behind in a singleton: a cheap look before and after, compared as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.holders import NamespaceEntry
from pytest_ssot_tracker.isolate.kinds import PLAIN, Attributes, Kind, Plain, State
from pytest_ssot_tracker.isolate.standard_kinds import dotted_name
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Fingerprint"]

_BUDGET = 200
_LARGE = 100
_DEPTH = 2
_SHOWN = 40


class _Opaque(NamedTuple):
    """An object that is only told from others."""

    cls: type
    number: int


class _Looked(NamedTuple):
    """An object that was looked into; `size` is `None` where it is no container."""

    cls: type
    size: int | None
    unit: str
    parts: tuple[object, ...]


Shape: TypeAlias = object
"""A plain value, or how an object looks."""


class Fingerprint:
    """What a singleton looked like at one moment: the shape of each attribute, no live object.

    Looked into are the attributes, and what is in their containers: at most 200 objects, and no container with more
    than 100 entries, of which only the size is compared. Nothing of the objects is called: no property, no
    `__eq__`, no `__repr__`.
    """

    __slots__ = ("_shapes",)

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes

    @classmethod
    def of(cls, instance: object, *, anatomy: Anatomy | None = None, places: Iterable[object] = ()) -> Fingerprint:
        """Look at `instance` and at the class attributes and module names among `places`; never raise."""
        look = _ShapeTaker(anatomy or Anatomy(), instance)
        shapes = {name: look.shape(value, _DEPTH) for name, value in look.attributes(instance)}
        for place in places:
            if isinstance(place, NamespaceEntry):
                for value in place.read().values():
                    if value is not instance:
                        shapes[place.short] = look.shape(value, _DEPTH)
        return cls(shapes)

    def difference(self, later: Fingerprint) -> tuple[str, ...]:
        """Return what is different in `later`, one text each, such as `_executions: 0 -> 3 entries`."""
        changes = []
        for name in {**self._shapes, **later._shapes}:
            if name not in self._shapes:
                changes.append(f"{name}: added, {_text(later._shapes[name])}")
            elif name not in later._shapes:
                changes.append(f"{name}: removed, was {_text(self._shapes[name])}")
            elif self._shapes[name] != later._shapes[name]:
                changes.append(f"{name}: {_change(self._shapes[name], later._shapes[name])}")
        return tuple(changes)


def _change(before: Shape, after: Shape) -> str:
    was, now = _text(before), _text(after)
    if isinstance(before, _Looked) and isinstance(after, _Looked) and before.size != after.size is not None:
        return f"{was if before.size is None else before.size} -> {now}"
    if was != now:
        return f"{was} -> {now}"
    return f"{now}, changed" if isinstance(after, _Looked) else f"{now}, another one"


def _text(shape: Shape) -> str:
    if isinstance(shape, _Looked) and shape.size is not None:
        return f"{shape.size} {shape.unit if shape.size == 1 else _PLURAL[shape.unit]}"
    if isinstance(shape, (_Looked, _Opaque)):
        return f"a {dotted_name(shape.cls).removeprefix('builtins.')}"
    text = repr(shape)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_PLURAL = {"entry": "entries", "item": "items"}


class _ShapeTaker:
    """Take the shapes of one singleton's parts within one budget."""

    def __init__(self, anatomy: Anatomy, instance: object) -> None:
        self._kinds = anatomy.kinds
        self._left = _BUDGET
        self._seen = {id(instance)}

    def attributes(self, instance: object) -> Iterator[tuple[str, Any]]:
        """Yield the attributes of the singleton by name, and what it holds itself when it is a container."""
        for kind in self._kinds(instance, root=True):
            if not kind.quick:
                continue
            try:
                state = kind.read(instance)
            except Exception:
                continue
            if isinstance(kind, Attributes) and isinstance(state, dict):
                yield from ((name, value) for name, value in state.items() if name != "__class__")
            else:
                yield "its content", state.value if isinstance(state, Plain) else state

    def shape(self, value: Any, depth: int) -> Shape:
        """Return what is compared of `value`, `depth` levels deep."""
        cls = type(value)
        if cls in PLAIN:
            return value
        kinds = tuple(kind for kind in self._kinds(value) if kind.quick)
        if not kinds or not depth or not self._left or id(value) in self._seen:
            return _Opaque(cls, id(value))
        self._left -= 1
        self._seen.add(id(value))
        try:
            return self._looked(value, kinds, depth - 1)
        except Exception:  # such as a container that another thread is changing: then it is just there
            return _Opaque(cls, id(value))

    def _looked(self, value: Any, kinds: Iterable[Kind], depth: int) -> _Looked:
        size, unit = None, ""
        parts: list[Shape] = []
        for kind in kinds:
            if kind.length is not None:
                size, unit = kind.length(value), kind.unit
            if size is None or 0 < size <= _LARGE:
                parts += self._parts(kind.read(value), depth)
        return _Looked(type(value), size, unit, tuple(parts))

    def _parts(self, state: State, depth: int) -> Iterable[Shape]:
        if isinstance(state, Plain):
            return (state.value,)
        if isinstance(state, dict):
            members: Iterable[Any] = chain.from_iterable(state.items())
        else:
            members = sorted(state, key=id) if isinstance(state, frozenset) else state
        return [self.shape(member, depth) for member in members]
