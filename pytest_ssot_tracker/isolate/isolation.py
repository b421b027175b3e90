"""Lend the real singletons to tests: fetch, reset, and put back, one snapshot for all who ask in one test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from pytest_ssot_tracker.isolate.access import Access, IsolationError, load_callable
from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.leak import Fingerprint
from pytest_ssot_tracker.isolate.leftover import Running
from pytest_ssot_tracker.isolate.snapshot import Snapshot, graft
from pytest_ssot_tracker.isolate.surroundings import Surroundings
from pytest_ssot_tracker.settings import Settings, Ssot

__all__ = ["Isolation"]


@dataclass(slots=True, eq=False)
class _Known:
    """Be what is known of one singleton.

    `before` is what its places held when they were first seen, `witness` the instance there was then, if any, and
    `before_tests` that no test had run yet;
    `pristine` is the fresh state of `model` and its places, just after it was made; `fresh` is how that looked.
    """

    surroundings: Surroundings
    before: Snapshot | None = None
    witness: object | None = None
    before_tests: bool = False
    pristine: Snapshot | None = None
    model: object | None = None
    fresh: Fingerprint | None = None


@dataclass(slots=True, eq=False)
class _Lent:
    """Be a singleton in the hands of a test; `asked` counts how many of its fixtures have it."""

    instance: Any
    give_back: Callable[[], tuple[str, ...]]
    running: Running
    notes: tuple[str, ...]
    asked: int = 1


class Isolation:
    """Hand out the singleton of each table in the state a fresh process has, and put it back.

    `quiet()` is entered while a second instance is made on purpose, so that it is booked on nobody.
    """

    def __init__(
        self, settings: Settings, *, quiet: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> None:
        self._with_accessor = tuple(ssot for ssot in settings.ssots if ssot.accessors)
        self._quiet = quiet
        targets = [
            target for ssot in settings.ssots for target in (*ssot.accessors, ssot.canonical) if target is not None
        ]
        self._anatomy = Anatomy(settings.tree, own={target.module.partition(".")[0] for target in targets})
        self._known: dict[str, _Known] = {}
        self._lent: dict[str, _Lent] = {}
        self._making = False

    # What the plugin tells

    def ready(self) -> None:
        """Note what classes and modules hold when all is imported and no test has run: call it after collection."""
        for ssot in self._with_accessor:
            known = self._if_loaded(ssot)
            if known is None:
                continue
            instance = known.surroundings.live()
            if known.before is None:
                self._note_before(known, instance)
                known.before_tests = True
            if known.pristine is not None and known.model is instance:
                known.pristine.update(self._around(known, without=instance))

    def making(self, instance: object) -> bool:
        """Tell whether an accessor is making its singleton, and `instance` is what it has made."""
        if self._making:
            return False
        for ssot in self._with_accessor:
            known = self._if_loaded(ssot)
            if known is not None and known.surroundings.access.is_instance(instance):
                return known.surroundings.live() is None and _runs_within(known.surroundings)
        return False

    def created(self, instance: object) -> None:
        """Note the state of a singleton that has just been made: call it when its accessor, or `__init__`, is done.

        Called both times, the second counts. What is made outside its accessor, or beside a singleton that is there
        already, is passed over, as are instances of anything that is no canonical class.
        """
        if self._making:
            return
        for ssot in self._with_accessor:
            known = self._if_loaded(ssot)
            if known is None or not known.surroundings.access.is_instance(instance) or self._key(ssot) in self._lent:
                continue
            held = known.surroundings.live()
            if held is instance or (held is None and _runs_within(known.surroundings)):
                self._note_fresh(known, instance)

    # What tests ask for

    def enter(self, ssot: Ssot) -> Any:
        """Return the singleton of `ssot`, reset; raise `IsolationError` when it cannot be had.

        Each `enter` wants one `leave`. Between the first and the last the test has one and the same object.
        """
        key = self._key(ssot)
        lent = self._lent.get(key)
        if lent is None:
            lent = self._lent[key] = self._lend(ssot)
        else:
            lent.asked += 1
        return lent.instance

    def leave(self, ssot: Ssot) -> tuple[str, ...]:
        """Put the singleton back as it was; return what was left running or could not be put back, as texts."""
        key = self._key(ssot)
        lent = self._lent[key]
        lent.asked -= 1
        if lent.asked:
            return ()
        del self._lent[key]
        left = lent.running.left(lent.instance)
        return (*lent.notes, *left, *lent.give_back())

    @contextmanager
    def fresh(self, ssot: Ssot) -> Iterator[Any]:
        """Lend the singleton of `ssot` for a `with` block."""
        yield_to = self.enter(ssot)
        try:
            yield yield_to
        finally:
            self.leave(ssot)

    # What is asked about tests that did not ask

    def fingerprints(self) -> Mapping[str, Fingerprint]:
        """Return how each singleton that exists looks now, by the name of its table; create and import nothing."""
        found = {}
        for ssot in self._with_accessor:
            known = self._if_loaded(ssot)
            if known is None:
                continue
            instance = known.surroundings.live()
            self._note_before(known, instance)
            if instance is not None:
                found[ssot.name] = self._fingerprint(known, instance)
        return found

    def leaks(
        self, before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint] | None = None
    ) -> Mapping[str, tuple[str, ...]]:
        """Return what is different from `before` (now, or in `after`), as texts by table; nothing where nothing is.

        A singleton that was not there before is held against its own fresh state, where that is known.
        """
        found = {}
        for name, now in (self.fingerprints() if after is None else after).items():
            ssot = next(ssot for ssot in self._with_accessor if ssot.name == name)
            then = before.get(name) or self._known[self._key(ssot)].fresh
            changes = () if then is None else then.difference(now)
            if changes:
                found[name] = changes
        return found

    # Lending

    def _lend(self, ssot: Ssot) -> _Lent:
        access = Access.open(ssot)
        reset = None if isinstance(ssot.reset, str) else load_callable(ssot, ssot.reset)
        if access.canonical is None:
            access = replace(access, canonical=type(access.get()))
        known = self._know(ssot, access)
        existing = known.surroundings.live()
        self._note_before(known, existing)
        if ssot.reset == "instance":
            running = Running()
            instance, give_back = self._new_instance(known, existing)
            return _Lent(instance, give_back, running.before(instance), ())
        instance = self._fetch(known, existing)
        if reset is None:
            give_back, notes = self._reset_state(known, instance)
        else:
            give_back, notes = self._reset_by(known, instance, reset), ()
        return _Lent(instance, give_back, Running().before(instance), notes)

    def _fetch(self, known: _Known, existing: object | None) -> Any:
        """Return the singleton; if the accessor has made it just now, note its fresh state."""
        access = known.surroundings.access
        instance = access.get()
        if existing is None and known.surroundings.live() is instance:
            self._note_fresh(known, instance)
        access.check_single(instance)
        return instance

    def _reset_state(self, known: _Known, instance: Any) -> tuple[Callable[[], tuple[str, ...]], tuple[str, ...]]:
        baseline = self._everything(known, instance)
        notes: tuple[str, ...] = ()
        try:
            if known.pristine is None or type(known.model) is not type(instance):
                notes = self._learn_from_twin(known, instance, baseline)
            assert known.pristine is not None
            # The accessor's own name is put back, but not reset: a test may have put a spy there on purpose.
            left_alone = (known.model, known.surroundings.accessor_binding)
            places = [place for place in known.pristine.roots if all(place is not each for each in left_alone)]
            pairs = [(known.model, instance), *((place, place) for place in places)]
            return baseline.restore, (*notes, *graft(known.pristine, baseline, pairs))
        except BaseException:
            baseline.restore()
            raise

    def _learn_from_twin(self, known: _Known, instance: Any, baseline: Snapshot) -> tuple[str, ...]:
        running = Running()
        try:
            twin = self._make_another(known, instance, and_else=type(instance))
            self._note_fresh(known, twin, without=instance)
        finally:
            baseline.restore()
        name = type(instance).__qualname__
        return tuple(
            f"a second {name} was made to learn the fresh state, and {each}" for each in running.left(twin, limit=False)
        )

    def _new_instance(self, known: _Known, existing: Any) -> tuple[Any, Callable[[], tuple[str, ...]]]:
        surroundings = known.surroundings
        access = surroundings.access
        baseline = self._everything(known, existing)
        try:
            if existing is None:
                instance = access.get()
                if not surroundings.holds(instance):
                    raise self._hidden(known, "it could not be put back")
            else:
                instance = self._make_another(known, existing)
            access.check_single(instance)
        except BaseException:
            baseline.restore()
            raise
        return instance, baseline.restore

    def _reset_by(self, known: _Known, instance: Any, reset: Callable[[Any], object]) -> Callable[[], tuple[str, ...]]:
        places = Snapshot(known.surroundings.holds(instance), anatomy=self._anatomy, without=[instance])
        reset(instance)

        def give_back() -> tuple[str, ...]:
            try:
                reset(instance)
            finally:
                problems = places.restore()
            return problems

        return give_back

    def _make_another(self, known: _Known, existing: Any, and_else: Callable[[], Any] | None = None) -> Any:
        """Return a new instance from the accessor, or from `and_else`; what its places hold is changed by it."""
        surroundings = known.surroundings
        stuck = surroundings.fixed(existing)
        why = "" if stuck is None else f"{stuck.__wrapped__} is cached by functools"  # type: ignore[attr-defined]
        self._making = True
        try:
            with self._quiet():
                for absent in () if stuck is not None else (False, True):
                    try:
                        self._empty(known, existing, absent=absent)
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
        finally:
            self._making = False
        raise self._hidden(known, why)

    def _empty(self, known: _Known, existing: Any, *, absent: bool) -> None:
        """Leave no trace of a singleton in its places, as in a process that has not made it yet."""
        if known.before is not None:
            known.before.restore()
        if known.witness is not None:
            known.surroundings.declare(containers=not known.before_tests)
        known.surroundings.strip([each for each in (existing, known.witness) if each is not None], absent=absent)

    def _hidden(self, known: _Known, why: str) -> IsolationError:
        access = known.surroundings.access
        return IsolationError(
            access.ssot.name,
            f"reset: no second instance can be had from {access.spelling} ({why}); "
            'name a function that resets the singleton: reset = "pkg.mod:callable"',
        )

    # Knowing

    def _key(self, ssot: Ssot) -> str:
        return str(ssot.canonical or ssot.accessors[:1])

    def _if_loaded(self, ssot: Ssot) -> _Known | None:
        known = self._known.get(self._key(ssot))
        if known is not None and known.surroundings.access.ssot is ssot and known.surroundings.access.stands:
            return known
        access = Access.if_loaded(ssot)
        return None if access is None else self._know(ssot, access)

    def _know(self, ssot: Ssot, access: Access) -> _Known:
        """Return what is known of the singleton, anew when its class or module was loaded again since."""
        known = self._known.get(self._key(ssot))
        if known is not None and _is_same(known.surroundings.access, access):
            return known
        known = self._known[self._key(ssot)] = _Known(Surroundings(access, self._anatomy))
        return known

    def _note_before(self, known: _Known, instance: object | None) -> None:
        if known.before is None:
            known.before, known.witness = self._around(known, without=instance), instance

    def _note_fresh(self, known: _Known, instance: Any, *, without: object | None = None) -> None:
        known.pristine, known.model = self._everything(known, instance, without=without), instance
        known.fresh = self._fingerprint(known, instance)

    def _around(self, known: _Known, *, without: object | None) -> Snapshot:
        closed = () if without is None else (without,)
        return Snapshot(known.surroundings.places(), anatomy=self._anatomy, without=closed)

    def _everything(self, known: _Known, instance: object | None, *, without: object | None = None) -> Snapshot:
        first = () if instance is None else (instance,)
        before = () if known.before is None else known.before.roots
        closed = () if without is None else (without,)
        return Snapshot((*first, *known.surroundings.places(), *before), anatomy=self._anatomy, without=closed)

    def _fingerprint(self, known: _Known, instance: object) -> Fingerprint:
        return Fingerprint.of(
            instance, anatomy=self._anatomy, places=known.surroundings.seen_places or known.surroundings.places()
        )


def _is_same(one: Access, other: Access) -> bool:
    if other.canonical is None:
        return one.owner is other.owner
    return one.canonical is other.canonical and one.owner is other.owner


def _runs_within(surroundings: Surroundings) -> bool:
    """Tell whether the caller was called, however indirectly, by the accessor."""
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if (code.co_filename, code.co_firstlineno, code.co_name) in surroundings.accessor_codes:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
