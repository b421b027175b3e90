"""Name what a fixture hands out and does not reset: the blind spots of one singleton's fixture."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pytest_ssot_tracker.isolate.access import with_article
from pytest_ssot_tracker.isolate.beyond import Appearance, look
from pytest_ssot_tracker.isolate.holders import NamespaceEntry
from pytest_ssot_tracker.isolate.living import has_other_threads
from pytest_ssot_tracker.isolate.snapshot import Snapshot, Unrestored
from pytest_ssot_tracker.isolate.standard_kinds import dotted_name
from pytest_ssot_tracker.isolate.surroundings import Surroundings
from pytest_ssot_tracker.loaded import is_below
from pytest_ssot_tracker.model import BlindSpot
from pytest_ssot_tracker.settings import Ssot

__all__ = ["Untouched"]

_LOCAL = threading.local

CHANGED = "it is not what it was in the beginning"
SHARED = "it was there before the singleton and keeps what tests have put into it"
OF_THREADS = "what other threads have put into it stays with them"
LATE = "it was looked at first when a test may have changed it already"


class Untouched:
    """What the fixture of one table is known not to reset, each thing told once."""

    def __init__(self, ssot: Ssot, fixture: str, is_lent: Callable[[object], bool]) -> None:
        """Speak of the table `ssot`, asked for as `fixture`; what `is_lent` beside it is reset as well."""
        self._is_lent = is_lent
        self._threads = weakref.WeakSet(threading.enumerate())
        self._ssot = ssot
        self._fixture = fixture
        self._spots: dict[str, BlindSpot] = {}
        self._first: dict[int, tuple[Any, Appearance]] = {}

    @property
    def spots(self) -> tuple[BlindSpot, ...]:
        """Return the blind spots so far."""
        return tuple(self._spots.values())

    def begin(self, neighbours: Iterable[tuple[NamespaceEntry, Any]]) -> None:
        """Note how what is around the singleton looks before any test has run."""
        self._threads = weakref.WeakSet(threading.enumerate())
        for _, thing in neighbours:
            self._first.setdefault(id(thing), (thing, look(thing)))

    def handed(
        self, pristine: Snapshot, pairs: Iterable[tuple[Any, Any]], surroundings: Surroundings, *, twin: bool
    ) -> None:
        """Tell of what a test is handed as it is: of each pair what a fresh state had, and what is in its place.

        With a `twin`, one object that is both was there before either singleton.
        """
        for value, thing in pairs:
            leaf = pristine.leaf(value)
            if leaf is not None:
                shared = leaf.foreign or (value is thing and twin)
                self._compare(target(pristine, value, surroundings), thing, leaf.look, shared=shared)

    def around(self, neighbours: Iterable[tuple[NamespaceEntry, Any]]) -> None:
        """Tell of what is around the singleton and has changed since the beginning."""
        for binding, thing in neighbours:
            self._compare(str(binding), thing, None, shared=True)

    def problems(self, found: Iterable[Unrestored], snapshots: Iterable[Snapshot], surroundings: Surroundings) -> None:
        """Tell of what could not be made what it was, each named by the snapshot that has it."""
        for problem in found:
            known = [snapshot for snapshot in snapshots if problem.thing in snapshot]
            name = target(known[0], problem.thing, surroundings) if known else surroundings.access.spelling
            self.tell(name, problem.thing, problem.why)

    def shared(self, things: Iterable[Any], snapshot: Snapshot, surroundings: Surroundings) -> None:
        """Tell of objects that a second singleton has too; what they hold goes with them."""
        found = list(things)
        numbers = {id(thing) for thing in found}
        for thing in found:
            if snapshot.above(thing) not in numbers:
                self._compare(target(snapshot, thing, surroundings), thing, None, shared=True)

    def late(self, things: Iterable[tuple[str, Any]]) -> None:
        """Tell of what was looked at first when tests had run."""
        for name, thing in things:
            self.tell(name, thing, LATE)

    def of_threads(self, snapshot: Snapshot, surroundings: Surroundings) -> None:
        """Tell of what other threads have of a `threading.local`, where tests left any that may ask again."""
        for thing in snapshot.values() if has_other_threads(self._threads) else ():
            if _LOCAL in type(thing).__mro__:
                self.tell(target(snapshot, thing, surroundings), thing, OF_THREADS)

    def left(self, things: Iterable[tuple[Any, str, Any]], snapshot: Snapshot, surroundings: Surroundings) -> None:
        """Tell of what a function that resets has left as it was, and a fresh singleton has otherwise."""
        for thing, way, value in things:
            self.tell(f"{target(snapshot, thing, surroundings)}{way}", value, CHANGED)

    def tell(self, name: str, thing: Any, why: str) -> None:
        """Name one thing as a blind spot, once."""
        if name not in self._spots:
            kind = dotted_name(type(thing)).removeprefix("builtins.")
            text = f"the fixture {self._fixture} does not reset it, {with_article(kind)}: {why}; {self._advice()}"
            self._spots[name] = BlindSpot(name, text, self._ssot.name)

    def _compare(self, name: str, thing: Any, then: Appearance | None, *, shared: bool) -> None:
        """Tell of `thing` unless it looks as it did in the beginning, which is `then` where it is not shared."""
        if name in self._spots or self._is_lent(thing):
            return
        now = look(thing)
        if shared:
            first = self._first.get(id(thing))
            then = None if first is None or first[0] is not thing else first[1]
        if now.is_stateless and (then is None or then.is_stateless):
            return
        if now.why:
            self.tell(name, thing, now.why)
        elif then is None:
            self.tell(name, thing, SHARED)
        elif then != now:
            self.tell(name, thing, then.why or CHANGED)

    def _advice(self) -> str:
        if isinstance(self._ssot.reset, str):
            return 'name a function that does, reset = "pkg.mod:callable", or make it anew in the test'
        return f"have {self._ssot.reset} do it, or make it anew in the test"


def target(snapshot: Snapshot, thing: Any, surroundings: Surroundings) -> str:
    """Return the place of `thing` as a target is spelled, such as `shop.tracker:Tracker.records[…].file`."""
    root, way = snapshot.where(thing)
    canonical = surroundings.access.canonical
    if canonical is not None and is_below(type(root), canonical):
        return f"{canonical.__module__}:{canonical.__qualname__}{way}"
    return f"{surroundings.called(root)}{way}"


def shared_objects(first: Snapshot, second: Snapshot, apart: Snapshot) -> Iterator[Any]:
    """Yield what two singletons both hold and classes and modules around them do not, locks and the like left out."""
    for thing in first.values():
        if thing in second and thing not in apart:
            kinds = [kind for kind, _ in first.parts(thing)]
            if not any(kind.frozen or kind.worldly or kind.fresh is not None for kind in kinds):
                yield thing
