"""Keep what is decided when watched functions start, for whoever asks why a call is no site."""

from __future__ import annotations

from collections import Counter

from pytest_ssot_tracker.detect.plant.sentinels import Claim
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.sites import Sites
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Heard", "Hearing"]

_MOST = 2000
"""Decisions that are kept; each is one of a place, so that more are of no use to a reader."""


class Heard(NamedTuple):
    """What became of a call of what is `declared`: `path` and `line` are whose it was, where that is known."""

    declared: str
    rule: str
    path: str | None
    line: int
    words: str


class Hearing:
    """The decisions of a run, as text, and how often each was made.

    Where a caller's file alone decides, the first call from it is the only one that is decided.
    """

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self.decisions: Counter[Heard] = Counter()

    def hear(self, claim: Claim, caller: Caller | None, words: str) -> None:
        """Note what was decided of a call."""
        path, line = None, 0
        if caller is not None:
            path = self._sites.path(caller.filename)
            line, _ = self._sites.position(caller.code, caller.lasti)
        decision = Heard(claim.watch.declared, str(claim.watch.rule), path, line, words)
        if decision in self.decisions or len(self.decisions) < _MOST:
            self.decisions[decision] += 1
