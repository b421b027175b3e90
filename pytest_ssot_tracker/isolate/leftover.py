"""See what a test left running or locked: threads it started, tasks and locks in the singleton."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from pytest_ssot_tracker.isolate.kinds import Attributes, instance_dict
from pytest_ssot_tracker.isolate.standard_kinds import dotted_name

__all__ = ["LeftRunning"]

_BUSY: tuple[tuple[str, tuple[str, ...], Callable[[Any], bool]], ...] = (
    ("the task in {} still runs", ("_asyncio.Task", "asyncio.tasks.Task"), lambda task: not task.done()),
    ("the lock in {} is still held", ("_thread.lock", "asyncio.locks.Lock"), lambda lock: lock.locked()),
)


class LeftRunning:
    """The threads that run at one moment, and the locks that are held in the singleton."""

    def __init__(self) -> None:
        self._threads = weakref.WeakSet(threading.enumerate())
        self._busy: frozenset[int] = frozenset()

    def before(self, instance: object) -> LeftRunning:
        """Note which locks and tasks of `instance` are held or running now; return this."""
        self._busy = frozenset(id(value) for _, value in _busy(instance))
        return self

    def left(self, instance: object, *, limit: bool = True) -> tuple[str, ...]:
        """Return what runs or is held now and was not then, one text each."""
        when = " after the test" if limit else ""
        found = [
            f"the {type(thread).__name__} {thread.name} still runs{when}"
            for thread in threading.enumerate()
            if thread not in self._threads and not _is_idle_worker(thread)
        ]
        found += [f"{text}{when}" for text, value in _busy(instance) if id(value) not in self._busy]
        return tuple(found)


def _is_idle_worker(thread: threading.Thread) -> bool:
    """Whether `thread` belongs to an executor, which keeps its threads on purpose."""
    target = (instance_dict(thread) or {}).get("_target")
    return getattr(target, "__module__", None) == "concurrent.futures.thread"


def _busy(instance: object) -> Iterator[tuple[str, Any]]:
    """Yield the tasks that run and the locks that are held in `instance`, each with what is said of it."""
    attributes: Any = Attributes(type(instance)).read(instance)
    for text, kinds, is_busy in _BUSY:
        for name, value in attributes.items():
            if dotted_name(type(value)) in kinds and is_busy(value):
                yield text.format(name), value
