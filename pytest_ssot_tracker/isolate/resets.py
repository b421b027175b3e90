"""The three ways to make a singleton fresh for a test, each with the way back: `state`, `instance`, and a function."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from contextlib import AbstractContextManager
from typing import Any

from pytest_ssot_tracker.isolate.access import IsolationError
from pytest_ssot_tracker.isolate.graft import differences, graft
from pytest_ssot_tracker.isolate.kinds import Kind, Plain, State, same
from pytest_ssot_tracker.isolate.known import KnownSingleton
from pytest_ssot_tracker.isolate.leftover import LeftRunning
from pytest_ssot_tracker.isolate.snapshot import Snapshot, Unrestored, write_all
from pytest_ssot_tracker.isolate.surroundings import Surroundings
from pytest_ssot_tracker.isolate.untouched import Untouched, shared_objects
from pytest_ssot_tracker.records import NamedTuple, dataclass

__all__ = ["Reset", "Resets"]


class Reset(NamedTuple):
    """A singleton made fresh: how to put it back, what to say about it, and what it holds as it was."""

    instance: Any
    give_back: Callable[[], tuple[Unrestored, ...]]
    notes: tuple[str, ...] = ()
    held: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Resets:
    """The ways to make the singleton that is `known` fresh; `untouched` is told what stays as it was.

    `making()` opens a block in which a second instance is made on purpose, so that it is booked on nobody, and
    `spared(known)` are the ids of what a fixture has set for this test.
    """

    known: KnownSingleton
    untouched: Untouched
    making: Callable[[], AbstractContextManager[object]]
    spared: Callable[[KnownSingleton], Container[int]]

    @property
    def _surroundings(self) -> Surroundings:
        return self.known.surroundings

    # --- In place

    def state(self, instance: Any) -> Reset:
        """Bring `instance` to the state of a fresh one, in place."""
        known, untouched, surroundings = self.known, self.untouched, self._surroundings
        baseline = known.everything(instance)
        notes: tuple[str, ...] = ()
        try:
            if not known.is_known_fresh(instance):
                notes = self._learn_from_twin(instance, baseline)
            pristine = known.pristine
            assert pristine is not None
            problems, handed = graft(pristine, baseline, self._pairs(instance), spared=self.spared(known))
        except BaseException:
            baseline.restore()
            raise
        untouched.problems(problems, (baseline, pristine), surroundings)
        untouched.handed(pristine, handed, surroundings, twin=known.twin)
        untouched.around(surroundings.neighbours())
        untouched.of_threads(baseline, surroundings)

        def give_back() -> tuple[Unrestored, ...]:
            untouched.handed(pristine, handed, surroundings, twin=known.twin)
            return self._put_back(baseline)

        held = (*(thing for _, thing in handed), *(thing for _, thing in surroundings.neighbours()))
        return Reset(instance, give_back, (*notes, *map(str, problems)), held)

    def _pairs(self, instance: Any) -> list[tuple[object, object]]:
        """Return what is to become like what. The first pair is the singleton's, the others are places."""
        known = self.known
        assert known.pristine is not None
        # The accessor's own name is put back, but not reset: a test may have put a spy there on purpose.
        left_alone = (known.model, self._surroundings.accessor_binding)
        places = [place for place in known.pristine.roots if all(place is not each for each in left_alone)]
        return [(known.model, instance), *((place, place) for place in places)]

    def _put_back(self, baseline: Snapshot) -> tuple[Unrestored, ...]:
        problems = baseline.restore()
        self.untouched.problems(problems, (baseline,), self._surroundings)
        return problems

    def _learn_from_twin(self, instance: Any, baseline: Snapshot) -> tuple[str, ...]:
        running = LeftRunning()
        try:
            twin = self._make_another(instance, and_else=type(instance))
            self.known.note_fresh(twin, beside=instance)
            self.untouched.shared(self._shared(twin, instance), baseline, self._surroundings)
            self._tell_what_is_late()
        finally:
            baseline.restore()
        name = type(instance).__qualname__
        left = running.left(twin, limit=False)
        return tuple(f"a second {name} was made to learn the fresh state, and {text}" for text in left)

    def _shared(self, one: Any, other: Any) -> list[Any]:
        """Return what both singletons hold and classes and modules around them do not: it was there before them."""
        first, second = (
            Snapshot((each,), anatomy=self.known.anatomy, without=(apart,))
            for each, apart in ((one, other), (other, one))
        )
        return list(shared_objects(first, second, self.known.around(without=other)))

    def _tell_what_is_late(self) -> None:
        if self.known.first_seen is not None and not self.known.before_tests:
            self.untouched.late(self._surroundings.unexplained())

    # --- Another one

    def instance(self, existing: Any) -> Reset:
        """Return a new instance, which the accessor gives from now on, and the old one afterwards."""
        access = self._surroundings.access
        baseline = self.known.everything(existing)
        try:
            if existing is None:
                instance = access.get()
                if not self._surroundings.holds(instance):
                    raise self._hidden("it could not be put back")
            else:
                instance = self._make_another(existing)
            access.check_single(instance)
        except BaseException:
            baseline.restore()
            raise
        self._tell_what_stayed(instance, existing)
        return Reset(instance, lambda: self._put_back(baseline))

    def _tell_what_stayed(self, instance: Any, existing: Any) -> None:
        """Tell of what the new instance has in common with the old one, and of what lies around them."""
        known, untouched, surroundings = self.known, self.untouched, self._surroundings
        fresh = known.everything(instance, without=existing, fresh=True)
        before = [known.around(without=instance)]
        if existing is not None:
            before.append(Snapshot((existing,), anatomy=known.anatomy, without=(instance,), fresh=True))
        for leaf in fresh.leaves:
            if leaf.look.elsewhere or any(snapshot.leaf(leaf.thing) is not None for snapshot in before):
                untouched.handed(fresh, [(leaf.thing, leaf.thing)], surroundings, twin=True)
        if existing is not None:
            untouched.shared(self._shared(instance, existing), fresh, surroundings)
        self._tell_what_is_late()
        untouched.around(surroundings.neighbours())

    def _make_another(self, existing: Any, and_else: Callable[[], Any] | None = None) -> Any:
        """Return a new instance from the accessor, or from `and_else`; what its places hold is changed by it."""
        stuck = self._surroundings.fixed(existing)
        why = "" if stuck is None else f"{stuck.__wrapped__} is cached by functools"  # type: ignore[attr-defined]
        try:
            with self.making():
                for absent in () if stuck is not None else (False, True):
                    try:
                        self._empty(existing, absent=absent)
                        made = self._surroundings.access.get()
                    except IsolationError as error:
                        why = error.problem
                        continue
                    if made is not existing:
                        return made
                    why = "it still returns the old one"
                if and_else is not None:
                    made = and_else()
                    if made is not existing:
                        return made
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
        raise self._hidden(why)

    def _empty(self, existing: Any, *, absent: bool) -> None:
        """Leave no trace of a singleton in its places, as in a process that has not made it yet."""
        known = self.known
        if known.before is not None:
            self._put_back(known.before)
        if known.first_seen is not None:
            self._surroundings.declare(containers=not known.before_tests)
        self._surroundings.strip([each for each in (existing, known.first_seen) if each is not None], absent=absent)

    def _hidden(self, why: str) -> IsolationError:
        access = self._surroundings.access
        return IsolationError(
            access.ssot.name,
            f"reset: no second instance can be had from {access.spelling} ({why}); "
            'name a function that resets the singleton: reset = "pkg.mod:callable"',
        )

    # --- By a function

    def by(self, reset: Callable[[Any], object], instance: Any) -> Reset:
        """Have `reset` make `instance` fresh, now and afterwards."""
        known = self.known
        places = Snapshot(self._surroundings.holds(instance), anatomy=known.anatomy, without=[instance])
        before = known.everything(instance)
        try:
            reset(instance)
        except BaseException:
            before.restore()
            raise
        after = known.everything(instance)
        problems = write_all(after.primitives())
        self.untouched.problems(problems, (after,), self._surroundings)
        self._tell_what_was_left(instance, before)

        def give_back() -> tuple[Unrestored, ...]:
            try:
                reset(instance)
            finally:
                problems = places.restore()
            return problems

        return Reset(instance, give_back, tuple(map(str, problems)))

    def _tell_what_was_left(self, instance: Any, before: Snapshot) -> None:
        """Tell of what a function left as it was `before`, although a fresh singleton has it otherwise.

        Where it is not known how a fresh one looks, classes and modules are compared with what they were at first.
        """
        known, untouched, surroundings = self.known, self.untouched, self._surroundings
        spared = self.spared(known)
        now = known.everything(instance, fresh=True)
        fresh = known.pristine if known.is_known_fresh(instance) else known.before if known.before_tests else None
        if fresh is not None:
            pairs = self._pairs(instance) if fresh is known.pristine else [(place, place) for place in fresh.roots]
            changed, handed = differences(fresh, now, before, pairs, instance=instance, spared=spared)
            untouched.left(changed, now, surroundings)
            untouched.handed(fresh, handed, surroundings, twin=False)
        if fresh is not known.pristine:
            untouched.shared(self._left_in(instance, before), now, surroundings)
        elsewhere = [(leaf.thing, leaf.thing) for leaf in now.leaves if leaf.look.elsewhere or leaf.foreign]
        untouched.handed(now, elsewhere, surroundings, twin=True)
        untouched.around(surroundings.neighbours())

    def _left_in(self, instance: Any, before: Snapshot) -> list[Any]:
        """Return what `instance` holds and held `before`, the very same: where nobody knows what a fresh one has."""
        own = Snapshot((instance,), anatomy=self.known.anatomy)
        shared = shared_objects(own, before, self.known.around(without=instance))
        return [
            thing
            for thing in shared
            if thing is not instance and _is_filled_alike(own.parts(thing), before.parts(thing))
        ]


def _is_filled_alike(now: Sequence[tuple[Kind, State]], then: Sequence[tuple[Kind, State]]) -> bool:
    """Whether every part of something is as it was, and holds anything besides its class."""
    for (kind, state), (_, before) in zip(now, then, strict=False):
        filled = isinstance(state, Plain) or len(state) > kind.fields
        if not (filled and same(state, before)):
            return False
    return bool(now)
