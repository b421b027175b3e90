"""Lend the real singletons to tests: fetch, reset, and put back, one snapshot for all who ask in one test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from pytest_ssot_tracker.isolate.access import Access, load_callable
from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.kinds import State, same
from pytest_ssot_tracker.isolate.known import KnownSingleton
from pytest_ssot_tracker.isolate.leak import Fingerprint
from pytest_ssot_tracker.isolate.leftover import LeftRunning
from pytest_ssot_tracker.isolate.resets import Reset, Resets
from pytest_ssot_tracker.isolate.surroundings import Surroundings
from pytest_ssot_tracker.isolate.untouched import Untouched
from pytest_ssot_tracker.model import BlindSpot
from pytest_ssot_tracker.records import dataclass, replace
from pytest_ssot_tracker.settings import Settings, Ssot

__all__ = ["Isolation"]


@dataclass(slots=True, eq=False)
class _Lent:
    """A singleton in the hands of a test.

    `beside` are the tables whose singletons it holds and that are lent with it; `asked` counts how many of the test's
    fixtures have it.
    """

    reset: Reset
    running: LeftRunning
    beside: tuple[Ssot, ...] = ()
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
        self._known: dict[str, KnownSingleton] = {}
        self._lent: dict[str, _Lent] = {}
        self._lending: set[str] = set()
        self._is_making = False
        self._untouched = {
            ssot.name: Untouched(ssot, _fixture(settings, ssot), self._is_of_a_table) for ssot in self._with_accessor
        }
        self._standing: dict[int, State] = {}

    # What the plugin tells

    def ready(self) -> None:
        """Note what classes and modules hold when all is imported and no test has run: call it after collection."""
        for ssot, known in self._loaded():
            instance = known.surroundings.live()
            if known.before is None:
                known.note_before(instance)
                known.before_tests = True
                self._untouched[ssot.name].begin(known.surroundings.neighbours())
            if known.pristine is not None and known.model is instance:
                known.pristine.update(known.around(without=instance))

    def test_begins(self) -> None:
        """Note what belongs to the process, such as levels of loggers, before the fixtures of a test can set it."""
        if not self._known:
            return
        states = [known.pristine for known in self._known.values() if known.pristine is not None]
        self._standing = {id(thing): kind.read(thing) for state in states for thing, kind, _ in state.worldly()}

    def making(self, instance: object) -> bool:
        """Whether an accessor is making its singleton, and `instance` is what it has made."""
        if self._is_making:
            return False
        for _, known in self._loaded():
            if known.surroundings.access.is_instance(instance):
                return known.surroundings.live() is None and _runs_within(known.surroundings)
        return False

    def created(self, instance: object) -> None:
        """Note the state of a singleton that has just been made: call it when its accessor, or `__init__`, is done.

        Called both times, the second counts. What is made outside its accessor, or beside a singleton that is there
        already, is passed over, as are instances of anything that is no canonical class.
        """
        if self._is_making:
            return
        for ssot, known in self._loaded():
            if not known.surroundings.access.is_instance(instance) or self._key(ssot) in self._lent:
                continue
            held = known.surroundings.live()
            if held is instance or (held is None and _runs_within(known.surroundings)):
                known.note_fresh(instance)
                if known.before is not None and known.pristine is not None and known.before_tests:
                    known.pristine.adopt(known.before)

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
        return lent.reset.instance

    def leave(self, ssot: Ssot) -> tuple[str, ...]:
        """Put the singleton back as it was; return what was left running or could not be put back, as texts."""
        key = self._key(ssot)
        lent = self._lent[key]
        lent.asked -= 1
        if lent.asked:
            return ()
        del self._lent[key]
        left = lent.running.left(lent.reset.instance)
        beside = [text for other in reversed(lent.beside) for text in self.leave(other)]
        return (*lent.reset.notes, *left, *map(str, lent.reset.give_back()), *beside)

    # What is asked about tests that did not ask

    def fingerprints(self) -> Mapping[str, Fingerprint]:
        """Return how each singleton that exists looks now, by the name of its table; create and import nothing."""
        found = {}
        for ssot, known in self._loaded():
            instance = known.surroundings.live()
            known.note_before(instance)
            if instance is not None:
                found[ssot.name] = known.fingerprint(instance)
        return found

    def leaks(self, before: Mapping[str, Fingerprint]) -> Mapping[str, tuple[str, ...]]:
        """Return what is different from `before`, as texts by table; nothing where nothing is.

        A singleton that was not there before is held against its own fresh state, where that is known.
        """
        found = {}
        for name, now in self.fingerprints().items():
            ssot = next(ssot for ssot in self._with_accessor if ssot.name == name)
            then = before.get(name) or self._known[self._key(ssot)].fresh
            changes = () if then is None else then.difference(now)
            if changes:
                found[name] = changes
        return found

    @property
    def blind_spots(self) -> tuple[BlindSpot, ...]:
        """Return what the fixtures of this session are known to hand out without resetting it."""
        return tuple(spot for untouched in self._untouched.values() for spot in untouched.spots)

    # Lending

    def _lend(self, ssot: Ssot) -> _Lent:
        running = LeftRunning()
        self._lending.add(self._key(ssot))
        try:
            reset = self._reset(ssot)
            beside = self._lend_beside(reset)
        finally:
            self._lending.discard(self._key(ssot))
        if ssot.reset != "instance":
            running = LeftRunning()  # what a twin has started is told already
        return _Lent(reset, running.before(reset.instance), beside)

    def _reset(self, ssot: Ssot) -> Reset:
        access = Access.open(ssot)
        function = None if isinstance(ssot.reset, str) else load_callable(ssot, ssot.reset)
        if access.canonical is None:
            access = replace(access, canonical=type(access.get()))
        known = self._know(ssot, access)
        resets = Resets(known, self._untouched[ssot.name], self._making, self._set_on_purpose)
        existing = known.surroundings.live()
        known.note_before(existing)
        if ssot.reset == "instance":
            return resets.instance(existing)
        instance = self._fetch(known, existing)
        return resets.state(instance) if function is None else resets.by(function, instance)

    def _lend_beside(self, reset: Reset) -> tuple[Ssot, ...]:
        """Lend the singletons of other tables that this one holds, too, and return their tables."""
        found: list[Ssot] = []
        try:
            for ssot in self._with_accessor if reset.held else ():
                known = None if self._key(ssot) in self._lending else self._if_loaded(ssot)
                if known is not None and any(known.surroundings.live() is each for each in reset.held):
                    self.enter(ssot)
                    found.append(ssot)
        except BaseException:
            for ssot in reversed(found):
                self.leave(ssot)
            reset.give_back()
            raise
        return tuple(found)

    def _is_of_a_table(self, thing: object) -> bool:
        """Whether `thing` is the singleton of a table, which is lent with whatever holds it."""
        return any(known.surroundings.live() is thing for _, known in self._loaded())

    def _fetch(self, known: KnownSingleton, existing: object | None) -> Any:
        """Return the singleton; if the accessor has made it just now, note its fresh state."""
        access = known.surroundings.access
        instance = access.get()
        if existing is None and known.surroundings.live() is instance:
            known.note_fresh(instance)
        access.check_single(instance)
        return instance

    def _set_on_purpose(self, known: KnownSingleton) -> frozenset[int]:
        """Return the ids of what belongs to the process and has been set since the test began, by a fixture of it."""
        state = () if known.pristine is None else known.pristine.worldly()
        then = self._standing
        return frozenset(
            id(thing) for thing, kind, _ in state if id(thing) in then and not same(kind.read(thing), then[id(thing)])
        )

    @contextmanager
    def _making(self) -> Iterator[None]:
        """Open a block in which a second instance is made on purpose."""
        self._is_making = True
        try:
            with self._quiet():
                yield
        finally:
            self._is_making = False

    # Knowing

    def _key(self, ssot: Ssot) -> str:
        return str(ssot.canonical or ssot.accessors[:1])

    def _loaded(self) -> Iterator[tuple[Ssot, KnownSingleton]]:
        """Yield the tables whose accessor and class are loaded, each with what is known of its singleton."""
        for ssot in self._with_accessor:
            if ssot.accessors[0].module in sys.modules:  # asked twice for each test, and often the answer
                known = self._if_loaded(ssot)
                if known is not None:
                    yield ssot, known

    def _if_loaded(self, ssot: Ssot) -> KnownSingleton | None:
        known = self._known.get(self._key(ssot))
        if known is not None and known.surroundings.access.ssot is ssot and known.surroundings.access.stands:
            return known
        access = Access.if_loaded(ssot)
        return None if access is None else self._know(ssot, access)

    def _know(self, ssot: Ssot, access: Access) -> KnownSingleton:
        """Return what is known of the singleton, anew when its class or module was loaded again since."""
        known = self._known.get(self._key(ssot))
        if known is not None and _is_same(known.surroundings.access, access):
            return known
        known = self._known[self._key(ssot)] = KnownSingleton(Surroundings(access, self._anatomy), self._anatomy)
        return known


def _fixture(settings: Settings, ssot: Ssot) -> str:
    """Return what a test asks for to have the singleton of `ssot`."""
    if ssot.fixture is not None or len(settings.ssots) == 1:
        return ssot.fixture or "execution_tracker"
    return f'ssot["{ssot.name}"]'


def _is_same(one: Access, other: Access) -> bool:
    return one.owner is other.owner and (other.canonical is None or one.canonical is other.canonical)


def _runs_within(surroundings: Surroundings) -> bool:
    """Whether the caller was called, however indirectly, by the accessor."""
    frame = sys._getframe(1)  # not `inspect.stack`, which reads the source lines of every frame
    while frame is not None:
        code = frame.f_code
        if (code.co_filename, code.co_firstlineno, code.co_name) in surroundings.accessor_codes:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
