"""Say whose moment it is in threads, executors and tasks: the test's that started them while it runs, nobody's later.

A thread belongs to the test in which `Thread.start` was called, a piece of work to the one in which an executor took
it; a task that is left pending when its test ends belongs to nobody from then on. What such leftovers do is booked as
unattributed, with the test that started them as its origin, and never on the test that happens to run.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from pytest_ssot_tracker.detect.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.sentinels import first_argument
from pytest_ssot_tracker.model import Step

__all__ = ["Origins", "Watching", "current_task", "running_here", "started_by"]


class Watching(Protocol):
    """Be what can have a callable called with the frame of each start of a function."""

    def announce(self, function: Any, call: Callable[[FrameType], None]) -> None:
        """Call `call` with the frame of each start of `function`."""


class _Starter(NamedTuple):
    """Be whoever started something: which test of the session it was, by number, and in what words."""

    era: int
    words: str


class Origins:
    """Know the moment of every thread and task, for a recorder.

    An era is the time of one attempt at one test, or the time before and between; `era_ended` begins the next.
    `late` collects the moments on which leftovers are booked.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.late: list[Moment] = []
        self._recorder = recorder
        self._era = 0
        self._started: WeakKeyDictionary[threading.Thread, _Starter] = WeakKeyDictionary()
        self._work: WeakKeyDictionary[Any, _Starter] = WeakKeyDictionary()
        # By thread, not by ident: that of a thread which has ended goes to another.
        self._working: WeakKeyDictionary[threading.Thread, _Starter] = WeakKeyDictionary()
        self._tasks: WeakKeyDictionary[Any, Moment] = WeakKeyDictionary()
        self._late: dict[tuple[str, str], Moment] = {}

    def install(self, watching: Watching) -> Callable[[], None]:
        """Follow threads and executors; return the undo of what `watching` does not undo itself."""
        from concurrent.futures import thread as pool

        watching.announce(threading.Thread.start, self._thread_starts)
        watching.announce(pool._WorkItem.__init__, self._work_is_taken)
        watching.announce(pool._WorkItem.run, self._work_runs)
        self._recorder.elsewhere = self.here

        def undo() -> None:
            self._recorder.elsewhere = None
            self._recorder.moment_here = None

        return undo

    def era_ended(self, last: Moment) -> None:
        """Note that a test is over, of which `last` was a moment: from now on nothing it has started is its own."""
        for task in _pending_tasks():
            if task not in self._tasks:
                self._tasks[task] = self._late_moment(started_by("task", last), _task_name(task))
        self._era += 1
        # Asking for the task costs more than not asking, so it is done only while there are such tasks.
        here = self._here_or_task if self._tasks else None
        if self._recorder.moment_here is not here:
            self._recorder.moment_here = here

    def here(self) -> Moment:
        """Return the moment of a thread that is not the tests' own."""
        ident = get_ident()
        thread = threading._active.get(ident)  # type: ignore[attr-defined]
        starter = None if thread is None else self._working.get(thread) or self._started.get(thread)
        if starter is None:
            name = "?" if thread is None else thread.name
            return self._late_moment("a thread that no test is known to have started", name)
        if starter.era == self._era:
            return self._recorder.current
        return self._late_moment(starter.words, "?" if thread is None else thread.name)

    def _here_or_task(self) -> Moment:
        if get_ident() != self._recorder.runner:
            return self.here()
        task = current_task()
        moment = None if task is None else self._tasks.get(task)
        return self._recorder.current if moment is None else moment

    def _thread_starts(self, frame: FrameType) -> None:
        thread = first_argument(frame)
        if isinstance(thread, threading.Thread):
            self._started[thread] = self._starter("thread")

    def _work_is_taken(self, frame: FrameType) -> None:
        self._work[first_argument(frame)] = self._starter("work of an executor")

    def _work_runs(self, frame: FrameType) -> None:
        starter = self._work.get(first_argument(frame))
        thread = threading._active.get(get_ident())  # type: ignore[attr-defined]
        if starter is not None and thread is not None:
            self._working[thread] = starter

    def _starter(self, kind: str) -> _Starter:
        """Return whoever runs here: the present test, or whoever started the thread that starts another."""
        ident = get_ident()
        if ident != self._recorder.runner:
            thread = threading._active.get(ident)  # type: ignore[attr-defined]
            known = None if thread is None else self._working.get(thread) or self._started.get(thread)
            if known is not None:
                return known
        return _Starter(self._era, started_by(kind, self._recorder.current))

    def _late_moment(self, words: str, name: str) -> Moment:
        key = (words, name)
        moment = self._late.get(key)
        if moment is None:
            moment = self._late.setdefault(
                key, Moment(step=Step.CALL, bucket="unattributed", origin=words, thread=name)
            )
            self.late.append(moment)
        return moment


def running_here() -> tuple[str, str]:
    """Return `task` or `thread`, and the name of the one that runs here."""
    task = current_task() if "asyncio.tasks" in sys.modules else None
    if task is not None:
        return "task", _task_name(task)
    ident = get_ident()
    thread = threading._active.get(ident)  # type: ignore[attr-defined]
    return "thread", str(ident) if thread is None else thread.name


def started_by(kind: str, moment: Moment) -> str:
    """Return in words what was started in `moment`, and by whom."""
    if moment.test is None:
        return f"a {kind} started {'at collection' if moment.step is Step.COLLECT else 'between tests'}"
    fixture = "" if moment.fixture is None else f" by its fixture {moment.fixture}"
    return f"a {kind} started by {moment.test}{fixture}"


def _pending_tasks() -> list[Any]:
    """Return the tasks of every event loop that are not done; asks only where asyncio is loaded."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    known: Any = vars(tasks).get("_scheduled_tasks", vars(tasks).get("_all_tasks", ()))
    if not known:
        return []
    try:
        return [task for task in list(known) if not task.done()]
    except RuntimeError:  # the set changed while another thread's loop made a task
        return []


def current_task() -> Any:
    """Return the task that runs in this thread, `None` where none does; asyncio must be loaded."""
    tasks: Any = sys.modules["asyncio.tasks"]
    loop = tasks.events._get_running_loop()
    return None if loop is None else tasks.current_task(loop)


def _task_name(task: Any) -> str:
    name = getattr(task, "get_name", None)
    return str(name()) if callable(name) else "task"
