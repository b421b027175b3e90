"""Everything of the standard library that is read and written, by the dotted name of its class."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_ssot_tracker.isolate.buffers import BUFFERS
from pytest_ssot_tracker.isolate.kinds import CONTAINERS, Kind
from pytest_ssot_tracker.isolate.loggers import LOGGERS
from pytest_ssot_tracker.isolate.primitives import PRIMITIVES, QUEUE_OF_TASKS

__all__ = ["CONTENT", "content_of", "dotted_name", "is_primitive"]

CONTENT: Mapping[str, tuple[Kind, ...]] = {
    **CONTAINERS,
    **BUFFERS,
    **LOGGERS,
    **PRIMITIVES,
    "asyncio.queues.Queue": (*CONTAINERS["asyncio.queues.Queue"], *QUEUE_OF_TASKS),
}

_PRIMITIVE = frozenset({*PRIMITIVES, "multiprocessing.synchronize.SemLock"})


def dotted_name(cls: type) -> str:
    """Return the dotted name of a class, as `collections.deque`."""
    # By name and not by `isinstance`: numpy, sqlite3 or asyncio are not loaded for the sake of a look.
    return f"{cls.__module__}.{cls.__qualname__}"


def content_of(cls: type) -> tuple[Kind, ...]:
    """Return how what objects of `cls` hold is read and written by the class of the standard library they are of."""
    if cls.__module__ == "numpy.ma":  # what it masks is another array
        return ()
    return next((CONTENT[name] for name in map(dotted_name, cls.__mro__) if name in CONTENT), ())


def is_primitive(thing: object) -> bool:
    """Whether `thing` is a lock, a condition, an event or a semaphore, of threads or of tasks."""
    return any(dotted_name(base) in _PRIMITIVE for base in type(thing).__mro__)
