"""Tell whose a gevent greenlet is: of the test during which it was spawned, which may be over.

Nothing written in Python runs when a greenlet is spawned. But greenlets hand the mapping `spawn_tree_locals` on to
those they spawn, and remember the stack they were spawned from (see `gevent.Greenlet`).
"""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

from pytest_ssot_tracker.detect.live.objects import outwards
from pytest_ssot_tracker.detect.record.callers import Caller, Callers

__all__ = ["Greenlets"]

_KEY = "pytest_ssot_tracker"
_UNKNOWN = "a greenlet that no test is known to have started"


class Greenlets:
    """The greenlets of the thread that runs the tests; made in it.

    `era_begins` and `era_ended` are to be called around each test, with its number and what is said of its greenlets.
    """

    def __init__(self, callers: Callers) -> None:
        greenlet: Any = sys.modules["greenlet"]
        self._current = greenlet.getcurrent
        self._main = greenlet.getcurrent()
        self._callers = callers
        self._words: dict[int, str] = {}

    def era_begins(self, era: int) -> None:
        """Mark what is spawned from now on."""
        self._main.spawn_tree_locals = {_KEY: era}

    def era_ended(self, era: int, words: str) -> None:
        """Know what to say of greenlets that were marked with `era`."""
        self._words[era] = words

    def forget(self) -> None:
        """Leave the main greenlet as it was."""
        vars(self._main).pop("spawn_tree_locals", None)

    def is_in_one(self) -> bool:
        """Whether what runs here is not the greenlet that runs the tests."""
        return self._current() is not self._main

    def origin_here(self, era: int) -> str | None:
        """Return what is said of the greenlet that runs here; `None` where it belongs to `era`.

        One that gevent does not know, and that was made right in the tests' own, runs because a test switched to it.
        """
        here = self._current()
        if here is self._main:
            return None
        marked = getattr(here, "spawn_tree_locals", None)
        if not isinstance(marked, dict):
            known = here.parent is self._main and not type(here).__module__.startswith("gevent")
            return None if known else _UNKNOWN
        started = marked.get(_KEY, -1)
        return None if started == era else self._words.get(started, _UNKNOWN)

    def caller_here(self) -> Caller | None:
        """Return the nearest code of ours from which the greenlet that runs here was spawned."""
        here = self._current()
        for frame in outwards(getattr(here, "spawning_stack", None)):
            caller = self._callers.in_code(frame.f_code, _instruction_at(frame.f_code, frame.f_lineno))
            if caller is not None:
                return caller
        parent = None if here.parent is None else here.parent.gr_frame
        return None if parent is None else self._callers.of(parent)


def _instruction_at(code: CodeType, line: int) -> int:
    """Return the first instruction of `code` that stands in `line`."""
    return next((start for start, _, number in code.co_lines() if number == line), 0)
