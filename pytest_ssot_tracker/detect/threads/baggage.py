"""The test on whose behalf something runs, as OpenTelemetry's baggage carries it from one process to the next.

`ssot.test` is its node id, `ssot.attempt` names the process that runs it and counts what that has run: a service that
hears of a later one knows that the test is over. Nothing here imports OpenTelemetry. Where the program has not, nothing
could carry baggage, or has brought any.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from operator import is_
from os import urandom  # bound here, where nothing that a test replaces reaches it
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from pytest_ssot_tracker.loaded import current_task
from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder

__all__ = ["ATTEMPT", "KEY", "MODULE", "QUEUES", "Brought", "Carried", "Received", "Sent", "attach", "brought_here"]

KEY, ATTEMPT = "ssot.test", "ssot.attempt"
"""The names of the entries."""

MODULE, QUEUES = "opentelemetry.baggage", ("asyncio.queues", "queue")

_LEFT = "::"
"""What stands before the id of a test that was over when the baggage was sent: no node id begins so."""

Brought = tuple[object, object]
"""What the two entries hold."""


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


def brought_here() -> Brought | None:
    """Return what the baggage of the caller has for us; `None` for nothing."""
    try:
        get = sys.modules[MODULE].get_baggage
        test = get(KEY)
        return None if test is None else (test, get(ATTEMPT))
    except Exception:  # not loaded, or not yet whole: nothing can have been brought
        return None


def attach(brought: Brought | None) -> None:
    """Let the baggage of the caller hold this from now on, beside all else that it holds; nothing for `None`.

    What was there is not put back by a token later: that would take away what the program has attached meanwhile.
    """
    here = brought_here()
    if here == brought and (here is None or brought is None or all(map(is_, here, brought))):
        return
    try:
        baggage: Any = sys.modules[MODULE]
        context = None
        for name, value in zip((KEY, ATTEMPT), brought or (None, None), strict=True):
            kept = value is not None
            context = baggage.set_baggage(name, value, context) if kept else baggage.remove_baggage(name, context)
        sys.modules["opentelemetry.context"].attach(context)
    except Exception:  # a test has replaced what this needs: what it sends is then nobody's
        return


class Sent:
    """The test that runs, as the baggage of whatever it sends; begun when OpenTelemetry's baggage is loaded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._begun = False
        self._sender = urandom(6).hex()
        self._number = 0
        self._stamp = Stamp()
        self._here: Brought | None = None

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
            self._number += 1
        self._here = None if moment.test is None else (self._stamp, f"{self._sender}.{self._number}")
        self.put()


class _Shared(str):
    """The attempt of a test in a task or thread that takes from a queue what the requests of others have put there."""


class Received:
    """What the requests that a service gets have brought, and whether the test that sent one is over by now.

    A request goes on for its test until it is answered, with all that runs meanwhile in its context. What goes on after
    that is the test's only until the same sender is known to have gone on to another; and a consumer, which the first
    request has started, only while nobody else puts anything into its queue. `started_with` tells what the baggage was
    with which the thread of the caller was started, `None` for an executor's.
    """

    started_with: Callable[[], Brought | None] = staticmethod(lambda: None)

    def __init__(self) -> None:
        self._latest: dict[str, int] = {}
        self._requests: WeakValueDictionary[int, Any] = WeakValueDictionary()
        self._fed: WeakKeyDictionary[Any, object] = WeakKeyDictionary()
        self._heard: list[FunctionType] = []

    def follow(self, announce: Callable[[FunctionType, Callable[[FrameType], None]], object]) -> None:
        """Hear what requests bring, once the module of baggage is there, and what goes through queues."""
        sets = getattr(sys.modules.get(MODULE), "set_baggage", None)
        queues = [getattr(sys.modules.get(name), "Queue", None) for name in QUEUES] if sets is not None else []
        heard = [(sets, self.arrives)]
        for queue in queues:
            heard += [(getattr(queue, "_put", None), self.puts), (getattr(queue, "_get", None), self.takes)]
        for function, call in heard:
            if isinstance(function, FunctionType) and function not in self._heard:
                self._heard.append(function)
                announce(function, call)

    def arrives(self, frame: FrameType) -> None:
        """Note what `set_baggage`, which starts in `frame`, is told: a request has brought it."""
        value = frame.f_locals.get("value")
        if frame.f_locals.get("name") != ATTEMPT or isinstance(value, _Shared):
            return
        sender, number = _parts(value)
        latest = self._latest.get(sender, 0)
        if number > latest and (latest or len(self._latest) < _MOST_SENDERS):
            self._latest[sender] = number
        request = current_task()
        if number >= latest and request is not None and id(value) not in self._requests:
            self._requests[id(value)] = request

    def puts(self, frame: FrameType) -> None:
        """Note whose request puts something into the queue whose method starts in `frame`."""
        queue, brought = frame.f_locals.get("self"), brought_here()
        attempt = None if brought is None else brought[1]
        if self._fed.setdefault(queue, attempt) != attempt:
            self._fed[queue] = _SEVERAL

    def takes(self, frame: FrameType) -> None:
        """Mark the task or thread that takes something from the queue, where that may be of another than itself.

        Not that of the request: it serves its test whatever it is handed, a connection of a pool for instance.
        """
        brought = brought_here()
        if brought is None or self._fed.get(frame.f_locals.get("self")) is not _SEVERAL:
            return
        test, attempt = brought
        request = self._requests.get(id(attempt))
        if isinstance(attempt, str) and not isinstance(attempt, _Shared) and self._is_left(attempt, request):
            shared = _Shared(attempt)
            if request is not None:
                self._requests[id(shared)] = request
            attach((test, shared))

    def _is_left(self, attempt: str, request: Any) -> bool:
        """Whether the caller is a task or a thread that the request with this attempt has started."""
        task = current_task()
        if task is not None:
            return request is not task
        started = self.started_with()
        return started is not None and started[1] is attempt

    def text_here(self) -> str:
        """Return the text of what the baggage of the caller has for us; "" for nothing."""
        brought = brought_here()
        if brought is None or not isinstance(brought[0], str):
            return ""
        text = str(brought[0])
        return f"{_LEFT}{text}" if not text.startswith(_LEFT) and self._is_over(brought[1]) else text

    def _is_over(self, attempt: object) -> bool:
        sender, number = _parts(attempt)
        if number >= self._latest.get(sender, 0) and not isinstance(attempt, _Shared):
            return False
        request = self._requests.get(id(attempt))
        return request is None or request.done()


_SEVERAL = object()
"""Stands for the attempt where several tests, or a test and somebody else, have put something into a queue."""

_MOST_SENDERS = 10_000
"""How many processes that send tests are told apart: anybody may send baggage to a service."""


def _parts(attempt: object) -> tuple[str, int]:
    sender, _, number = attempt.rpartition(".") if isinstance(attempt, str) else ("", "", "")
    return sender, int(number) if number.isdecimal() and len(number) < 12 else 0
