"""The three ways to make a singleton fresh for a test, each with the way back: `state`, `instance`, and a function."""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import AbstractContextManager
from typing import Any

from pytest_ssot_tracker.isolate.access import IsolationError
from pytest_ssot_tracker.isolate.graft import differences, graft
from pytest_ssot_tracker.isolate.kinds import Kind, Plain, State, same
from pytest_ssot_tracker.isolate.known import Known
from pytest_ssot_tracker.isolate.leftover import Running
from pytest_ssot_tracker.isolate.snapshot import Problem, Snapshot, write_all
from pytest_ssot_tracker.isolate.untouched import Untouched, shared_objects
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Making", "Reset", "new_instance", "reset_by", "reset_state"]

Making = Callable[[], AbstractContextManager[object]]
"""Opens a block in which a second instance is made on purpose, so that it is booked on nobody."""


class Reset(NamedTuple):
    """A singleton made fresh: how to put it back, what to say about it, and what it holds as it was."""

    instance: Any
    give_back: Callable[[], tuple[Problem, ...]]
    notes: tuple[str, ...] = ()
    held: tuple[Any, ...] = ()


def reset_state(
    known: Known, instance: Any, untouched: Untouched, *, making: Making, spared: Callable[[Known], Container[int]]
) -> Reset:
    """Bring `instance` to the state of a fresh one, in place."""
    baseline = known.everything(instance)
    notes: tuple[str, ...] = ()
    try:
        if not known.is_known_fresh(instance):
            notes = _learn_from_twin(known, instance, baseline, untouched, making)
        pristine = known.pristine
        assert pristine is not None
        problems, handed = graft(pristine, baseline, _pairs(known, instance), spared=spared(known))
    except BaseException:
        baseline.restore()
        raise
    surroundings = known.surroundings
    untouched.problems(problems, (baseline, pristine), surroundings)
    untouched.handed(pristine, handed, surroundings, twin=known.twin)
    untouched.around(surroundings.neighbours())
    untouched.of_threads(baseline, surroundings)

    def give_back() -> tuple[Problem, ...]:
        untouched.handed(pristine, handed, surroundings, twin=known.twin)
        return _put_back(known, baseline, untouched)

    held = (*(thing for _, thing in handed), *(thing for _, thing in surroundings.neighbours()))
    return Reset(instance, give_back, (*notes, *map(str, problems)), held)


def _pairs(known: Known, instance: Any) -> list[tuple[object, object]]:
    """Return what is to become like what. The first pair is the singleton's, the others are places."""
    assert known.pristine is not None
    # The accessor's own name is put back, but not reset: a test may have put a spy there on purpose.
    left_alone = (known.model, known.surroundings.accessor_binding)
    places = [place for place in known.pristine.roots if all(place is not each for each in left_alone)]
    return [(known.model, instance), *((place, place) for place in places)]


def _put_back(known: Known, baseline: Snapshot, untouched: Untouched) -> tuple[Problem, ...]:
    problems = baseline.restore()
    untouched.problems(problems, (baseline,), known.surroundings)
    return problems


def _learn_from_twin(
    known: Known, instance: Any, baseline: Snapshot, untouched: Untouched, making: Making
) -> tuple[str, ...]:
    running = Running()
    try:
        twin = _make_another(known, instance, untouched, making, and_else=type(instance))
        known.note_fresh(twin, beside=instance)
        untouched.shared(_shared(known, twin, instance), baseline, known.surroundings)
        if known.first_seen is not None and not known.before_tests:
            untouched.late(known.surroundings.unexplained())
    finally:
        baseline.restore()
    name = type(instance).__qualname__
    return tuple(
        f"a second {name} was made to learn the fresh state, and {each}" for each in running.left(twin, limit=False)
    )


def _shared(known: Known, one: Any, other: Any) -> list[Any]:
    """Return what both singletons hold and the classes and modules around them do not: it was there before them."""
    first, second = (
        Snapshot((each,), anatomy=known.anatomy, without=(apart,)) for each, apart in ((one, other), (other, one))
    )
    return list(shared_objects(first, second, known.around(without=other)))


def new_instance(known: Known, existing: Any, untouched: Untouched, *, making: Making) -> Reset:
    """Return a new instance, which the accessor gives from now on, and the old one afterwards."""
    surroundings = known.surroundings
    access = surroundings.access
    baseline = known.everything(existing)
    try:
        if existing is None:
            instance = access.get()
            if not surroundings.holds(instance):
                raise _hidden(known, "it could not be put back")
        else:
            instance = _make_another(known, existing, untouched, making)
        access.check_single(instance)
    except BaseException:
        baseline.restore()
        raise
    _tell_what_stayed(known, instance, existing, untouched)
    return Reset(instance, lambda: _put_back(known, baseline, untouched))


def _tell_what_stayed(known: Known, instance: Any, existing: Any, untouched: Untouched) -> None:
    """Tell of what the new instance has in common with the old one, and of what lies around them."""
    surroundings = known.surroundings
    fresh = known.everything(instance, without=existing, fresh=True)
    old = None if existing is None else Snapshot((existing,), anatomy=known.anatomy, without=(instance,), fresh=True)
    around = known.around(without=instance)
    for leaf in fresh.leaves:
        had = around.leaf(leaf.thing) or (None if old is None else old.leaf(leaf.thing))
        if had is not None or leaf.look.elsewhere:
            untouched.handed(fresh, [(leaf.thing, leaf.thing)], surroundings, twin=True)
    if existing is not None:
        untouched.shared(_shared(known, instance, existing), fresh, surroundings)
    if known.first_seen is not None and not known.before_tests:
        untouched.late(surroundings.unexplained())
    untouched.around(surroundings.neighbours())


def reset_by(
    known: Known,
    instance: Any,
    reset: Callable[[Any], object],
    untouched: Untouched,
    *,
    spared: Callable[[Known], Container[int]],
) -> Reset:
    """Have `reset` make `instance` fresh, now and afterwards."""
    places = Snapshot(known.surroundings.holds(instance), anatomy=known.anatomy, without=[instance])
    before = known.everything(instance)
    try:
        reset(instance)
    except BaseException:
        before.restore()
        raise
    after = known.everything(instance)
    problems = write_all(after.primitives())
    untouched.problems(problems, (after,), known.surroundings)
    _tell_what_was_left(known, instance, before, untouched, spared(known))

    def give_back() -> tuple[Problem, ...]:
        try:
            reset(instance)
        finally:
            problems = places.restore()
        return problems

    return Reset(instance, give_back, tuple(map(str, problems)))


def _tell_what_was_left(
    known: Known, instance: Any, before: Snapshot, untouched: Untouched, spared: Container[int]
) -> None:
    """Tell of what a function left as it was `before`, although a fresh singleton has it otherwise.

    Where it is not known how a fresh one looks, classes and modules are compared with what they were before any test.
    """
    now = known.everything(instance, fresh=True)
    fresh = known.pristine if known.is_known_fresh(instance) else known.before if known.before_tests else None
    if fresh is not None:
        pairs = _pairs(known, instance) if fresh is known.pristine else [(place, place) for place in fresh.roots]
        changed, handed = differences(fresh, now, before, pairs, instance=instance, spared=spared)
        untouched.left(changed, now, known.surroundings)
        untouched.handed(fresh, handed, known.surroundings, twin=False)
    if fresh is not known.pristine:
        untouched.shared(_left_in(known, instance, before), now, known.surroundings)
    elsewhere = [(leaf.thing, leaf.thing) for leaf in now.leaves if leaf.look.elsewhere or leaf.foreign]
    untouched.handed(now, elsewhere, known.surroundings, twin=True)
    untouched.around(known.surroundings.neighbours())


def _left_in(known: Known, instance: Any, before: Snapshot) -> list[Any]:
    """Return what `instance` holds and held `before`, the very same: where nobody knows what a fresh one has."""
    own = Snapshot((instance,), anatomy=known.anatomy)
    apart = known.around(without=instance)
    return [
        thing
        for thing in shared_objects(own, before, apart)
        if thing is not instance
        and own.parts(thing)
        and all(map(_is_filled_alike, own.parts(thing), before.parts(thing)))
    ]


def _is_filled_alike(now: tuple[Kind, State], then: tuple[Kind, State]) -> bool:
    kind, state = now
    filled = isinstance(state, Plain) or len(state) > kind.fields  # besides its class
    return filled and same(state, then[1])


def _make_another(
    known: Known, existing: Any, untouched: Untouched, making: Making, and_else: Callable[[], Any] | None = None
) -> Any:
    """Return a new instance from the accessor, or from `and_else`; what its places hold is changed by it."""
    surroundings = known.surroundings
    stuck = surroundings.fixed(existing)
    why = "" if stuck is None else f"{stuck.__wrapped__} is cached by functools"  # type: ignore[attr-defined]
    try:
        with making():
            for absent in () if stuck is not None else (False, True):
                try:
                    _empty(known, existing, untouched, absent=absent)
                    made = surroundings.access.get()
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
    raise _hidden(known, why)


def _empty(known: Known, existing: Any, untouched: Untouched, *, absent: bool) -> None:
    """Leave no trace of a singleton in its places, as in a process that has not made it yet."""
    if known.before is not None:
        untouched.problems(known.before.restore(), (known.before,), known.surroundings)
    if known.first_seen is not None:
        known.surroundings.declare(containers=not known.before_tests)
    known.surroundings.strip([each for each in (existing, known.first_seen) if each is not None], absent=absent)


def _hidden(known: Known, why: str) -> IsolationError:
    access = known.surroundings.access
    return IsolationError(
        access.ssot.name,
        f"reset: no second instance can be had from {access.spelling} ({why}); "
        'name a function that resets the singleton: reset = "pkg.mod:callable"',
    )
