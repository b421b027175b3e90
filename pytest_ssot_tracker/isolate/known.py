"""What is known of one singleton: what was around it in the beginning, and how a fresh one looks."""

from __future__ import annotations

from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.leak import Fingerprint
from pytest_ssot_tracker.isolate.snapshot import Snapshot
from pytest_ssot_tracker.isolate.surroundings import Surroundings
from pytest_ssot_tracker.records import dataclass

__all__ = ["KnownSingleton"]


@dataclass(slots=True, eq=False)
class KnownSingleton:
    """What is known of one singleton.

    `before` is what its places held when they were first seen, `first_seen` the instance there was then, if any, and
    `before_tests` that no test had run yet. `pristine` is the fresh state of `model` and its places, just after it was
    made; `twin` tells that it was made for that alone; `fresh` is how that looked.
    """

    surroundings: Surroundings
    anatomy: Anatomy
    before: Snapshot | None = None
    first_seen: object | None = None
    before_tests: bool = False
    pristine: Snapshot | None = None
    model: object | None = None
    twin: bool = False
    fresh: Fingerprint | None = None

    def note_before(self, instance: object | None) -> None:
        """Note what its places hold, `instance` left out, when they are first seen."""
        if self.before is None:
            self.before, self.first_seen = self.around(without=instance), instance

    def note_fresh(self, instance: object, *, beside: object | None = None) -> None:
        """Note the state of `instance`, which has just been made; `beside` the live one where it is a twin of that."""
        self.pristine, self.model = self.everything(instance, without=beside, fresh=True), instance
        self.twin = beside is not None
        self.fresh = self.fingerprint(instance)

    def is_known_fresh(self, instance: object) -> bool:
        """Whether it is known how a fresh `instance` looks."""
        return self.pristine is not None and type(self.model) is type(instance)

    def around(self, *, without: object | None) -> Snapshot:
        """Return what classes and modules hold now, and not what `without` does."""
        closed = () if without is None else (without,)
        return Snapshot(self.surroundings.places(), anatomy=self.anatomy, without=closed, fresh=True)

    def everything(self, instance: object | None, *, without: object | None = None, fresh: bool = False) -> Snapshot:
        """Return what `instance` and its places hold now, those seen in the beginning included."""
        first = () if instance is None else (instance,)
        before = () if self.before is None else self.before.roots
        closed = () if without is None else (without,)
        roots = (*first, *self.surroundings.places(), *before)
        return Snapshot(roots, anatomy=self.anatomy, without=closed, fresh=fresh)

    def fingerprint(self, instance: object) -> Fingerprint:
        """Return how `instance` and its places look now."""
        places = self.surroundings.seen_places or self.surroundings.places()
        return Fingerprint.of(instance, anatomy=self.anatomy, places=places)
