"""Free the locks, conditions, semaphores, barriers and events that earlier tests left held or bound to their loop.

A lock is freed when nobody is left who could release it. Where a thread or a task still runs that may hold it, it is
left alone, and that is told. Before that a lock that is merely in use gets a moment to become free by itself.
"""

from __future__ import annotations

import _thread
import threading
from _thread import get_ident
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

from pytest_ssot_tracker.isolate.kinds import Kind, Plain, State, instance_dict, library_base
from pytest_ssot_tracker.isolate.living import StillUsedError, check_no_task, check_no_thread, is_open, thread_at_work
from pytest_ssot_tracker.records import regex

__all__ = ["PRIMITIVES", "QUEUE_OF_TASKS"]

_MOMENT = 0.2  # seconds, for a thread of the project
_INSTANT = 0.01  # seconds, for one that only a library knows
_LOCK = type(_thread.allocate_lock())
_RLOCKS = (_thread.RLock, threading._RLock)
_HELD = regex(r"<locked ")
_COUNT = regex(r" count=(\d+)")


class _Primitive(Kind):
    """What is waited for by others. `fresh` is the state of one that has just been made."""

    quick = False
    fresh: State | None = Plain(False)


class _Holder(Enum):
    """Who holds a lock that is not free, where it is not the thread that asks."""

    GONE = "nobody that still runs, or this thread"
    BUSY = "perhaps a thread that still runs"


class _Lock(_Primitive):
    """A lock, or the one inside a condition: free, held by a `_Holder`, or held so many times by this very thread."""

    def read(self, thing: Any) -> State:
        lock = _lock_of(thing)
        if not _is_held(lock):
            return Plain(False)
        if type(lock) is not _LOCK and lock._is_owned():
            return Plain((get_ident(), int(_COUNT.search(repr(lock))[1])))  # type: ignore[index]
        if _becomes_free(lock):
            return Plain(False)
        return Plain(_Holder.BUSY if thread_at_work() else _Holder.GONE)

    def write(self, thing: Any, state: Any) -> None:
        lock, wanted = _lock_of(thing), state.value
        if wanted is False:
            if _is_held(lock):
                _free(lock)
        elif wanted is _Holder.GONE:
            if type(lock) is _LOCK:  # this thread may hold it, for longer than the test: it will want to release it
                lock.acquire(False)
        elif wanted is not _Holder.BUSY and wanted[0] == get_ident() and lock.acquire(False):
            lock.release()
            lock._acquire_restore(wanted[::-1])


def _lock_of(thing: Any) -> Any:
    """Return the lock inside a condition; a lock as it is."""
    if not any(base.__name__ == "Condition" and base.__module__ == "threading" for base in type(thing).__mro__):
        return thing
    return (instance_dict(thing) or {}).get("_lock")


def _is_held(lock: Any) -> bool:
    """Whether anybody holds `lock`; one that its owner can take again tells it only in its text before 3.14."""
    # There it has https://docs.python.org/3/library/threading.html#threading.RLock.locked.
    if type(lock) is _LOCK:
        return bool(lock.locked())
    return isinstance(lock, _RLOCKS) and _HELD.match(repr(lock)) is not None


def _becomes_free(lock: Any) -> bool:
    """Whether a lock that is held is merely in use, and free before long."""
    patience = _MOMENT if thread_at_work() else _INSTANT
    return bool(lock.acquire(timeout=patience)) and lock.release() is None


def _free(lock: Any) -> None:
    """Free a lock whose holder is gone; raise `StillUsedError` where he may not be."""
    if type(lock) is not _LOCK and lock._is_owned():
        lock._release_save()
    elif not _becomes_free(lock):
        check_no_thread()
        with suppress(RuntimeError):  # it has become free just now
            lock.release() if type(lock) is _LOCK else lock._release_save()  # which asks for no owner


class _Semaphore(_Primitive):
    """A semaphore: how many more may have it. `check` raises where what has it may still run."""

    fresh = None

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check

    def read(self, thing: Any) -> State:
        return Plain(_attributes(thing).get("_value"))

    def write(self, thing: Any, state: Any) -> None:
        own = _attributes(thing)
        if own["_value"] < state.value:
            self._check()
        own["_value"] = state.value
        condition = own.get("_cond")  # of threads: those that wait have to be woken
        if condition is not None and condition._waiters and condition.acquire(timeout=_MOMENT):
            condition.notify_all()
            condition.release()


class _Barrier(_Primitive):
    """A barrier: filling, draining, or broken. `check` raises where what waits for it may still run."""

    def __init__(self, check: Callable[[], None], *, fresh: State | None = None) -> None:
        self._check = check
        self.fresh = fresh

    def read(self, thing: Any) -> State:
        return Plain(_attributes(thing).get("_state"))

    def write(self, thing: Any, state: Any) -> None:
        own = _attributes(thing)
        if own["_count"]:
            self._check()
        own.update(_state=state.value, _count=0)


class _Event(Kind):
    """Put back the flag of an event through `set` and `clear`, so that whoever waits for it wakes."""

    def __init__(self, module: str) -> None:
        self._module = module

    def read(self, thing: Any) -> State:
        return Plain(library_base(thing, self._module, "Event").is_set(thing))

    def write(self, thing: Any, state: Any) -> None:
        base = library_base(thing, self._module, "Event")
        if state.value and self._module == "asyncio.locks":
            # Waking is done through the loop of whoever waits: one that is closed refuses.
            _forget_waiters(_attributes(thing), "_waiters")
        (base.set if state.value else base.clear)(thing)


class _Bound(_Primitive):
    """The event loop that something of asyncio, or what it holds under `path`, is bound to since it was waited for.

    With a loop of its own for each test, as pytest-asyncio gives it, the next test that has to wait would fail with
    `RuntimeError`: https://docs.python.org/3/library/asyncio-sync.html is silent about it, `asyncio.mixins` is not.
    """

    fresh = Plain(None)

    def __init__(self, *waiters: str, path: tuple[str, ...] = ()) -> None:
        self._waiters = waiters
        self._path = path

    def read(self, thing: Any) -> State:
        return Plain(_attributes(thing, *self._path).get("_loop"))

    def write(self, thing: Any, state: Any) -> None:
        own = _attributes(thing, *self._path)
        for name in self._waiters:
            _forget_waiters(own, name)
            if own.get(name):
                raise StillUsedError("a task of an event loop that is open waits for it")
        loop = state.value
        own["_loop"] = None if loop is None or loop.is_closed() else loop


def _attributes(thing: object, *path: str) -> dict[str, Any]:
    """Return the attributes of `thing`, or of what it holds under `path`; to be written to."""
    own = instance_dict(thing) or {}
    for name in path:
        own = instance_dict(own.get(name)) or {}
    return own


def _forget_waiters(own: Mapping[str, Any], name: str) -> None:
    """Take out of the waiters those that nobody will ever wake: done, or on a loop that is closed."""
    waiters = own.get(name)
    if isinstance(waiters, deque):
        for future in list(waiters):
            if future.done() or not is_open(future):
                with suppress(ValueError):
                    waiters.remove(future)


class _TaskLock(_Primitive):
    """A lock of asyncio, or the one under `path`: held or not."""

    def __init__(self, *path: str) -> None:
        self._path = path

    def read(self, thing: Any) -> State:
        return Plain(bool(_attributes(thing, *self._path).get("_locked")))

    def write(self, thing: Any, state: Any) -> None:
        own = _attributes(thing, *self._path)
        if own.get("_locked") and not state.value:
            loop = own.get("_loop")
            if loop is None or not loop.is_closed():
                check_no_task()
            own["_locked"] = False


_WAITED = _Bound("_waiters")

PRIMITIVES: Mapping[str, tuple[Kind, ...]] = {
    "_thread.lock": (_Lock(),),
    "_thread.RLock": (_Lock(),),
    "threading._RLock": (_Lock(),),
    "threading.Condition": (_Lock(),),
    "threading.Semaphore": (_Semaphore(check_no_thread),),
    "threading.Barrier": (_Barrier(check_no_thread, fresh=Plain(0)),),
    "threading.Event": (_Event("threading"),),
    "asyncio.locks.Lock": (_TaskLock(), _WAITED),
    "asyncio.locks.Condition": (_TaskLock("_lock"), _WAITED, _Bound("_waiters", path=("_lock",))),
    "asyncio.locks.Semaphore": (_Semaphore(check_no_task), _WAITED),
    "asyncio.locks.Event": (_Event("asyncio.locks"), _WAITED),
    "asyncio.locks.Barrier": (
        _Barrier(check_no_task),
        _TaskLock("_cond", "_lock"),
        _Bound("_waiters", path=("_cond",)),
        _Bound("_waiters", path=("_cond", "_lock")),
    ),
}
"""How locks and their like are read and freed, by the dotted name of the class."""

QUEUE_OF_TASKS: tuple[Kind, ...] = (_Bound("_getters", "_putters"),)
"""What a queue of asyncio has besides its items."""
