"""Look for the targets that markers name: one that is misspelt would cover nothing, and nobody would know."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pytest_ssot_tracker.judge.markers import ALLOW, EXPECT, Allowed, MarkError, Marks
from pytest_ssot_tracker.model import BlindSpot, Target
from pytest_ssot_tracker.names.evidence import Evidence, TargetHistory
from pytest_ssot_tracker.names.looking import Look, Names, There
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.settings import Settings

__all__ = ["MarkedTargets"]


class MarkedTargets:
    """The targets that markers name, each looked for once; what the configuration names itself is known."""

    def __init__(self, settings: Settings) -> None:
        tree = settings.tree
        self._names = Names(Modules(tree.root, tree.import_roots))
        self._evidence = Evidence(self._names.modules, settings.baseline)
        self._known = {str(target) for table in settings.tables for target in table.declared()}
        self._known |= {f"text:{text}" for ssot in settings.ssots for text in ssot.texts} | {"time-format"}
        self._missing = cache(self._look)

    def check(self, marks: Marks) -> None:
        """Raise `MarkError` for a target that is not there beside a name that is nearly the same."""
        for mark in (*marks.expects, *marks.allows):
            look = None if mark.target is None else self._missing(mark.target)
            if look is not None and look.there is There.NO and look.near is not None:
                name = ALLOW if isinstance(mark, Allowed) else EXPECT
                raise MarkError(name, f"target={str(mark.target)!r}: {look.lacks}; did you mean {look.near!r}?")

    def blind_spots(self, marks: Marks, test: str) -> Iterator[BlindSpot]:
        """Yield a blind spot of the test for each target of which nobody can tell whether it names anything."""
        for mark in (*marks.expects, *marks.allows):
            look = None if mark.target is None else self._missing(mark.target)
            if look is not None:
                why = f"a marker of this test names it, and {look.lacks}; correct the name, or take the marker away"
                yield BlindSpot(str(mark.target), why, test=test)

    def _look(self, target: Target) -> Look | None:
        """Return what is missing of a target, `None` where nothing is, or where it is known to have been there."""
        resolved = self._names.resolve(target.thing)
        if target.use:
            resolved = resolved.used(target.use)
        if not self._known.isdisjoint((str(target), str(resolved))):
            return None
        look = self._names.look(resolved.thing)
        if look.there in (There.YES, There.MAYBE):
            return None
        told = self._evidence.of({resolved: look.missing})[resolved]
        return look if told == TargetHistory() else None
