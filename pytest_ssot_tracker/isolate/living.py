"""What is still at work beside the test: threads in code of the project, and tasks of event loops that are open."""

from __future__ import annotations

import gc
import sys
import sysconfig
import threading
from _thread import get_ident
from collections.abc import Container
from functools import lru_cache
from types import FrameType
from typing import Any

from pytest_ssot_tracker.isolate.kinds import UnreachableError
from pytest_ssot_tracker.loaded import current_task

__all__ = [
    "StillUsedError",
    "check_no_task",
    "check_no_thread",
    "has_other_threads",
    "is_of_project",
    "is_open",
    "thread_at_work",
]


class StillUsedError(UnreachableError):
    """Something of a singleton that cannot be reset, because what may be using it still runs."""


def thread_at_work() -> str:
    """Return the name of another thread that is in code neither Python's own nor installed; empty for none.

    Who holds a plain lock cannot be asked. A thread that waits in library code alone, as an executor's idle workers and
    those of pytest-xdist do, holds none of the project's.
    """
    here = get_ident()
    for ident, frame in sys._current_frames().items():
        if ident != here and _is_in_project(frame):
            thread = threading._active.get(ident)  # type: ignore[attr-defined]
            return str(ident) if thread is None else thread.name
    return ""


def check_no_thread() -> None:
    """Raise `StillUsedError` when another thread is at work."""
    name = thread_at_work()
    if name:
        raise StillUsedError(f"the thread {name} still runs and may hold it")


def has_other_threads(earlier: Container[threading.Thread]) -> bool:
    """Whether the program has threads beside this one and `earlier`, the idle workers of its executors among them."""
    here = threading.current_thread()
    found = (thread for thread in threading.enumerate() if thread is not here and thread not in earlier)
    return not all(map(_is_of_tests, found))


def _is_of_tests(thread: threading.Thread) -> bool:
    """Whether `thread` is the main one, or of what runs the tests."""
    if thread is threading.main_thread() or type(thread) is threading._DummyThread:
        return True
    module = getattr(getattr(thread, "_target", None), "__module__", None) or type(thread).__module__
    return module.partition(".")[0] in _OF_TESTS


_OF_TESTS = frozenset({"execnet", "xdist", "pytest_timeout", "_pytest", "pytest"})


def check_no_task() -> None:
    """Raise `StillUsedError` when a task other than the one that runs here is pending on a loop that is open."""
    here = current_task()
    for task in _tasks():
        if task is not here and not task.done() and is_open(task):
            raise StillUsedError("a task of an event loop that is open still runs and may hold it")


def is_open(future: Any) -> bool:
    """Whether the loop of a future or a task is not closed."""
    return not future.get_loop().is_closed()


def _is_in_project(frame: FrameType | None) -> bool:
    while frame is not None:
        if is_of_project(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


@lru_cache(maxsize=4096)
def is_of_project(filename: str) -> bool:
    """Whether the file of some code is neither Python's own, nor installed, nor made up."""
    places = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return filename[:1] != "<" and not any(filename.startswith((f"{place}/", f"{place}\\")) for place in places)


def _tasks() -> list[Any]:
    """Return every task that asyncio knows of, of any loop."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    if sys.version_info >= (3, 14):  # kept in C, by thread: https://github.com/python/cpython/issues/128002
        return [thing for thing in gc.get_objects() if type(thing) is tasks.Task]
    known: Any = vars(tasks).get("_scheduled_tasks", vars(tasks).get("_all_tasks", ()))
    return list(known)
