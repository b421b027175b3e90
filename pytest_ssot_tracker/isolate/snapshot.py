"""Remember what a singleton holds, and put exactly that back.

A snapshot is no copy. It is a list of every object the state is made of, each with what it held: attributes by name,
entries by key, members. Putting it back writes those into the very same objects, so the singleton, its containers
and its records keep their identity, cycles need no care, and what cannot be copied (a socket, a generator, a
running task) is never copied: it is a value like any other, kept by reference. What that leaves out of reach is known
by its `Appearance`, so that whoever is handed it can be told.
"""

from __future__ import annotations

import sys
import types
from collections import deque
from collections.abc import Container, Iterable, Iterator
from typing import Any

from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.beyond import Appearance, look
from pytest_ssot_tracker.isolate.holders import Holder, unique
from pytest_ssot_tracker.isolate.iterators import IteratorPosition, standing
from pytest_ssot_tracker.isolate.kinds import (
    PLACE,
    PLAIN,
    THROUGH,
    Attributes,
    ElsewhereError,
    Kind,
    State,
    UnreachableError,
    filtered,
    held,
    joined,
    same,
)
from pytest_ssot_tracker.isolate.standard_kinds import dotted_name
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Leaf", "Snapshot", "Unrestored", "write_all"]

_ATTEMPTS = 10


class Unrestored(NamedTuple):
    """Something that could not be made what it was: the object, and why not."""

    thing: Any
    why: str

    def __str__(self) -> str:
        called = str(self.thing) if isinstance(self.thing, Holder) else f"a {dotted_name(type(self.thing))}"
        return f"{called} could not be put back: {self.why}"


class _Node(NamedTuple):
    """One object of the state, with what it held when it was looked at, part by part."""

    thing: Any
    parts: tuple[tuple[Kind, State], ...]


class Leaf(NamedTuple):
    """One object that is held and not entered, and how it looked in a fresh state; `foreign` for another singleton."""

    thing: Any
    look: Appearance
    foreign: bool = False


class Snapshot:
    """What the objects reachable from `roots` held at one moment."""

    def __init__(
        self, roots: Iterable[object], *, anatomy: Anatomy, without: Iterable[object] = (), fresh: bool = False
    ) -> None:
        """Look at everything that `anatomy` counts as state, starting at `roots` and never entering `without`.

        Of a `fresh` one it is noted how what cannot be reset looks. It has just been made: a lock that is held now is
        held by whoever makes it.
        """
        self.roots = tuple(roots)
        self._fresh = fresh
        self._nodes: dict[int, _Node] = {}
        self._leaves: dict[int, Leaf] = {}
        self._iterators: dict[int, tuple[object, IteratorPosition]] = {}
        self._ways: dict[int, tuple[int, str]] = {}
        self._homes = frozenset(type(root).__module__ for root in self.roots if not isinstance(root, Holder))
        self._foreign: dict[type, frozenset[int]] = {}
        self._places = frozenset(id(root) for root in self.roots if isinstance(root, Holder))
        self._modules = frozenset(sys.modules)
        self._look(anatomy, {id(each) for each in without})

    def _look(self, anatomy: Anatomy, closed: set[int]) -> None:
        waiting = deque((root, True) for root in self.roots)
        while waiting:
            thing, is_root = waiting.popleft()
            number = id(thing)
            if number in self._nodes or number in closed or number in self._leaves:
                continue
            parts = self._entered(anatomy, thing, is_root=is_root)
            if not parts:
                continue
            self._nodes[number] = _Node(thing, parts)
            for kind, state in parts:
                for label, value in _labelled(kind, state):
                    if type(value) not in PLAIN:
                        self._ways.setdefault(id(value), (number, label))
                        waiting.append((value, False))

    def _entered(self, anatomy: Anatomy, thing: Any, *, is_root: bool) -> tuple[tuple[Kind, State], ...]:
        """Return what `thing` holds, part by part; nothing where it is not entered."""
        kinds = anatomy.kinds(thing, root=is_root) or self._through(thing)
        foreign = bool(kinds) and isinstance(kinds[0], Attributes) and not is_root and self._is_foreign(anatomy, thing)
        if kinds and not foreign:
            try:
                return tuple((kind, self._state(kind, thing)) for kind in kinds)
            except UnreachableError as error:
                self._leaves[id(thing)] = Leaf(thing, Appearance(None, str(error), isinstance(error, ElsewhereError)))
        else:
            self._pass_by(thing, foreign=foreign)
        return ()

    def _is_foreign(self, anatomy: Anatomy, thing: Any) -> bool:
        cls = type(thing)
        if cls not in self._foreign:
            self._foreign[cls] = anatomy.foreign(cls)
        return id(thing) in self._foreign[cls]

    def _through(self, thing: Any) -> tuple[Kind, ...]:
        """Return how a function or a method of the singleton's own module is looked through, one of others is not."""
        kind = THROUGH.get(type(thing))
        if kind is None:
            return ()
        inner = thing
        while type(inner) in THROUGH and not isinstance(inner, types.FunctionType):
            inner = inner.__self__ if isinstance(inner, types.MethodType) else inner.func
        if isinstance(inner, types.FunctionType):
            return (kind,) if inner.__globals__.get("__name__") in self._homes else ()
        return (kind,) if type(inner).__module__ in self._homes else ()

    def _state(self, kind: Kind, thing: object) -> State:
        return kind.fresh if self._fresh and kind.fresh is not None else _read(kind, thing)

    def _pass_by(self, thing: Any, *, foreign: bool) -> None:
        """Note what is not entered: where an iterator stands, how anything else looks."""
        stands = standing(thing)
        if stands is not None:
            self._iterators[id(thing)] = (thing, stands)
        elif self._fresh:
            seen = look(thing)
            if not seen.is_stateless:
                self._leaves[id(thing)] = Leaf(thing, seen, foreign)

    def __contains__(self, thing: object) -> bool:
        return id(thing) in self._nodes

    def parts(self, thing: object) -> tuple[tuple[Kind, State], ...]:
        """Return how `thing` is written and what it held; nothing for what is no part of the snapshot."""
        node = self._nodes.get(id(thing))
        return () if node is None else node.parts

    def leaf(self, thing: object) -> Leaf | None:
        """Return what is known of something that is held and not entered; `None` where it has no state."""
        return self._leaves.get(id(thing))

    @property
    def leaves(self) -> Iterable[Leaf]:
        """Return what is held and not entered."""
        return self._leaves.values()

    def where(self, thing: object) -> tuple[object, str]:
        """Return the root that leads to `thing`, and the way from there, such as `.records[…].file`."""
        roots = {id(root): root for root in self.roots}
        labels: list[str] = []
        number = id(thing)
        while number not in roots and number in self._ways:
            number, label = self._ways[number]
            labels.append(label)
        return roots.get(number), "".join(reversed(labels))

    def values(self) -> Iterable[object]:
        """Return the objects the state is made of."""
        return [node.thing for node in self._nodes.values()]

    def update(self, later: Snapshot) -> None:
        """Take over what `later` saw of the objects it looked at."""
        self._nodes.update(later._nodes)
        self._leaves.update(later._leaves)
        self._iterators.update(later._iterators)
        self._ways = {**later._ways, **self._ways}
        self.roots = unique((*self.roots, *later.roots))
        self._places |= later._places

    def primitives(self) -> Iterator[tuple[Any, Kind, State]]:
        """Yield the locks and their like, each with the state of one that has just been made."""
        for node in self._nodes.values():
            yield from ((node.thing, kind, kind.fresh) for kind, _ in node.parts if kind.fresh is not None)

    def adopt(self, earlier: Snapshot) -> None:
        """Take over what context variables were at an earlier moment: this one was of some test's context."""
        for number, node in earlier._nodes.items():
            if number in self._nodes and any(kind.worldly and kind.contextual for kind, _ in node.parts):
                self._nodes[number] = node

    def above(self, thing: object) -> int | None:
        """Return the id of what holds `thing`, `None` for a root."""
        return self._ways.get(id(thing), (None, ""))[0]

    def worldly(self) -> Iterator[tuple[Any, Kind, State]]:
        """Yield what of the state belongs to the process or the context, and what it was."""
        for node in self._nodes.values():
            yield from ((node.thing, kind, state) for kind, state in node.parts if kind.worldly)

    def restore(self) -> tuple[Unrestored, ...]:
        """Write everything back where it was; return what could not be written."""
        moved = {number: then.again() for number, (thing, then) in self._iterators.items() if _has_moved(thing, then)}
        writes = (
            (node.thing, kind, self.and_registered(node.thing, kind, _swapped(state, moved) if moved else state))
            for node in self._nodes.values()
            for kind, state in node.parts
        )
        return write_all(writes)

    def and_registered(self, thing: Any, kind: Kind, state: State, *, at: object = None) -> State:
        """Return `state` with the classes and functions of modules that were imported since, where `thing` has them.

        A registry of a class or a module is filled when modules are imported, which happens once: what is taken out of
        it is never registered again. `at` is what stands in the place of `thing` in this snapshot.
        """
        above = self.above(thing if at is None else at)
        imported = sys.modules.keys() - self._modules
        if not imported or kind.fields or kind.frozen or above not in self._places:
            return state
        more = filtered(_read(kind, thing), lambda value: _is_defined_in(value, imported))
        if isinstance(state, dict) and isinstance(more, dict):
            more = {key: value for key, value in more.items() if key not in state}
        return joined(state, more)

    def again(self, thing: object) -> object:
        """Return an iterator that stands where `thing` stood; anything else as it is."""
        found = self._iterators.get(id(thing))
        return thing if found is None else found[1].again()

    def is_as_it_was(self, thing: object, other: object) -> bool:
        """Whether `other` is for `thing` what it was: an iterator that stands there, or its like with a state."""
        found = self._iterators.get(id(thing))
        if found is None:
            has_state = id(thing) in self._leaves or isinstance(thing, types.FunctionType)
            return has_state and type(other) is type(thing)
        stands = standing(other)
        return stands is not None and stands.mark == found[1].mark


def _is_defined_in(value: object, modules: Container[str]) -> bool:
    """Whether `value` is a class or a function that one of `modules` defines."""
    return isinstance(value, (type, types.FunctionType)) and value.__module__ in modules


def _has_moved(thing: object, then: IteratorPosition) -> bool:
    now = standing(thing)
    return now is None or now.mark != then.mark


def _labelled(kind: Kind, state: State) -> Iterator[tuple[str, Any]]:
    """Yield what `state` holds, each with the way to it."""
    if kind.fields and isinstance(state, dict):
        yield from ((f".{name}", value) for name, value in state.items())
    else:
        label = "" if kind.through or kind is PLACE else "[…]"
        yield from ((label, value) for value in held(state))


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


def write_all(writes: Iterable[tuple[Any, Kind, State]]) -> tuple[Unrestored, ...]:
    """Write each state into its object where it differs; return what could not be written."""
    problems = []
    for thing, kind, state in writes:
        if kind.frozen:
            continue
        try:
            if not same(_read(kind, thing), state):
                kind.write(thing, state)
        except UnreachableError as error:
            problems.append(Unrestored(thing, str(error)))
        except Exception as error:
            problems.append(Unrestored(thing, f"{type(error).__name__}: {error}"))
    return tuple(problems)
