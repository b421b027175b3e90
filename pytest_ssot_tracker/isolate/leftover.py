"""See what a test left running or locked: threads it started, tasks and locks in the singleton."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import Any

from pytest_ssot_tracker.isolate.kinds import instance_dict, slots
from pytest_ssot_tracker.isolate.standard_kinds import dotted_name

__all__ = ["Running"]

_TASKS = ("_asyncio.Task", "asyncio.tasks.Task")
_LOCKS = ("_thread.lock", "asyncio.locks.Lock")


class Running:
    """The threads that run at one moment, and the locks that are held in the singleton."""

    def __init__(self) -> None:
        self._threads = weakref.WeakSet(threading.enumerate())
        self._held: frozenset[int] = frozenset()
        self._tasks: frozenset[int] = frozenset()

    def before(self, instance: object) -> Running:
        """Note which locks and tasks of `instance` are held or running now; return this."""
        self._held = frozenset(id(value) for _, value in _locked(instance))
        self._tasks = frozenset(id(value) for _, value in _tasks(instance))
        return self

    def left(self, instance: object, *, limit: bool = True) -> tuple[str, ...]:
        """Return what runs or is held now and was not then, one text each."""
        when = " after the test" if limit else ""
        found = [
            f"the {type(thread).__name__} {thread.name} still runs{when}"
            for thread in threading.enumerate()
            if thread not in self._threads and not _is_idle_worker(thread)
        ]
        found += [
            f"the task in {name} still runs{when}" for name, task in _tasks(instance) if id(task) not in self._tasks
        ]
        found += [
            f"the lock in {name} is still held{when}" for name, lock in _locked(instance) if id(lock) not in self._held
        ]
        return tuple(found)


def _is_idle_worker(thread: threading.Thread) -> bool:
    """Whether `thread` belongs to an executor, which keeps its threads on purpose."""
    target = (instance_dict(thread) or {}).get("_target")
    return getattr(target, "__module__", None) == "concurrent.futures.thread"


def _attributes(instance: object) -> Iterator[tuple[str, Any]]:
    yield from list((instance_dict(instance) or {}).items())
    for name, descriptor in slots(type(instance)).items():
        try:
            yield name, descriptor.__get__(instance)
        except (AttributeError, TypeError):
            continue


def _tasks(instance: object) -> Iterator[tuple[str, Any]]:
    for name, value in _attributes(instance):
        if dotted_name(type(value)) in _TASKS and not value.done():
            yield name, value


def _locked(instance: object) -> Iterator[tuple[str, Any]]:
    for name, value in _attributes(instance):
        if dotted_name(type(value)) in _LOCKS and value.locked():
            yield name, value
