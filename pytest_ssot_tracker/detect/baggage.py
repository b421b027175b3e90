"""The test on whose behalf something runs, as OpenTelemetry's baggage carries it from one process to the next.

Nothing here imports OpenTelemetry. Where the program has not, nothing could carry baggage, or has brought any.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.recorder import Moment, Recorder

__all__ = ["KEY", "MODULE", "Carried", "Sent", "attach", "carried_here", "text_here"]

KEY = "ssot.test"
"""The name of the entry."""

MODULE = "opentelemetry.baggage"

_LEFT = "::"
"""What stands before the id of a test that was over when the baggage was sent: no node id begins so."""


class Stamp(str):
    """The node id of a test as baggage; once the test is over, its text says so.

    What is sent is the text of the value, asked for when it is sent. A thread that outlives its test goes on with the
    context of that test, and must not pass for a part of it.
    """

    over = False

    def __str__(self) -> str:
        return f"{_LEFT}{super().__str__()}" if self.over else super().__str__()


class Carried(NamedTuple):
    """The test that baggage names, and whether it was over when that was sent."""

    test: str
    left: bool

    @classmethod
    def of(cls, text: str) -> Carried:
        """Return what the text of the baggage means."""
        return cls(text.removeprefix(_LEFT), text.startswith(_LEFT))


def carried_here() -> object | None:
    """Return what the baggage of the caller has for us; `None` for nothing."""
    try:
        found: object = sys.modules[MODULE].get_baggage(KEY)
        return found
    except Exception:  # not loaded, or not yet whole: nothing can have been brought
        return None


def text_here() -> str:
    """Return the text of what the baggage of the caller has for us; "" for nothing."""
    value = carried_here()
    return str(value) if isinstance(value, str) else ""


def attach(value: object | None) -> None:
    """Let the baggage of the caller hold `value` from now on, beside all else that it holds; nothing for `None`.

    What was there is not put back by a token later: that would take away what the program has attached meanwhile.
    """
    if value is carried_here():
        return
    try:
        baggage: Any = sys.modules[MODULE]
        with_value = baggage.remove_baggage(KEY) if value is None else baggage.set_baggage(KEY, value)
        sys.modules["opentelemetry.context"].attach(with_value)
    except Exception:  # a test has replaced what this needs: what it sends is then nobody's
        return


class Sent:
    """The test that runs, as the baggage of whatever it sends; begun when OpenTelemetry's baggage is loaded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._begun = False
        self._stamp = Stamp()
        self._here: Stamp | None = None

    def begin(self) -> None:
        """Follow the moments of the recorder from now on, where that can be of use by now."""
        if MODULE in sys.modules and not self._begun:
            self._begun = True
            self._recorder.followed_by = self._follow
            self._follow(self._recorder.current)

    def era_ended(self) -> None:
        """Note that a test is over: what goes on with its baggage says so from now on."""
        self._stamp.over = True

    def put(self) -> None:
        """Let the baggage of the caller name the test that runs; nothing where none does."""
        attach(self._here)

    def _follow(self, moment: Moment) -> None:
        if moment.test is not None and (self._stamp.over or self._stamp != moment.test):
            self._stamp = Stamp(moment.test)
        self._here = None if moment.test is None else self._stamp
        self.put()
