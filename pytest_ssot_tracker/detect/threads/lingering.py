"""What earlier tests left running when a test began, and whether it has moved since."""

from __future__ import annotations

import sys
import time
from threading import Thread
from typing import Any

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Lingering", "task_left", "thread_left"]

_clock_of: Any = getattr(time, "pthread_getcpuclockid", None)  # there is none on Windows and macOS
_read: Any = getattr(time, "clock_gettime", None)


class Lingering(NamedTuple):
    """Something that an earlier test left running: in what words, under which name, and where it stood."""

    words: str
    name: str
    thing: Any
    stood: object

    @property
    def has_moved(self) -> bool:
        """Whether it has run since: only then it can have changed anything."""
        now = _place_of_thread(self.thing) if isinstance(self.thing, Thread) else _place_of_task(self.thing)
        return now is None or now != self.stood


def thread_left(thread: Thread, words: str) -> Lingering | None:
    """Return the thread as it stands; `None` for one that has ended, and for an executor's that waits for work."""
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None or (frame.f_code.co_name == "_worker" and "concurrent" in frame.f_code.co_filename):
        return None
    return Lingering(words, thread.name, thread, _place_of_thread(thread))


def task_left(task: Any, words: str, name: str) -> Lingering:
    """Return the task as it stands."""
    return Lingering(words, name, task, _place_of_task(task))


def _place_of_thread(thread: Thread) -> object:
    """Return how long a thread has run, or where it stands where that cannot be told; `None` when it has ended."""
    if not thread.is_alive() or thread.ident is None:
        return None
    if _clock_of is not None:
        try:
            return _read(_clock_of(thread.ident))
        except OSError:  # it is ending just now
            return None
    frame = sys._current_frames().get(thread.ident)
    return None if frame is None else (id(frame), frame.f_lasti)


def _place_of_task(task: Any) -> object:
    """Return what a task waits for, which is another thing each time; `None` when it is done."""
    return None if task.done() else id(getattr(task, "_fut_waiter", None))
