"""Look at what no reset reaches, to tell whether a test is handed it as a fresh process has it.

Three answers are possible of anything that a singleton holds and that is neither copied nor written: it has no state
to speak of (a function, a date, a pattern); it has one that can be looked at, and so be compared with what it was in
the beginning; or nobody can look inside, and whoever is handed it has to be told.

Looking runs no line of anybody's class: attributes are read from `__dict__` and slots, containers by the methods of
Python's own types.
"""

from __future__ import annotations

import itertools
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pytest_ssot_tracker.isolate.iterators import standing
from pytest_ssot_tracker.isolate.kinds import (
    OPEN,
    PLAIN,
    Attributes,
    Plain,
    State,
    UnreachableError,
    instance_dict,
    slots,
)
from pytest_ssot_tracker.isolate.standard_kinds import content_of, dotted_name, is_primitive
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["NOTHING", "Appearance", "look"]

_BUDGET = 2_000  # objects looked at for one


class Appearance(NamedTuple):
    """What can be seen of something: a `shape` to compare, or `why` there is none.

    What lies `elsewhere` is outside this process: whoever opens it anew finds it as it is.
    """

    shape: object
    why: str = ""
    elsewhere: bool = False

    @property
    def is_stateless(self) -> bool:
        """Whether there is no state to speak of."""
        return self.shape is None and not self.why


NOTHING = Appearance(None)


def look(thing: Any) -> Appearance:
    """Return what can be seen of `thing`; never raise."""
    try:
        return _Looking().at(thing)
    except Exception as error:  # such as a container that another thread is changing
        return Appearance(None, f"it cannot be looked at ({type(error).__name__})")


class _Looking:
    """One look at an object and what it holds, within one budget."""

    def __init__(self) -> None:
        self._left = _BUDGET
        self._seen: dict[int, int] = {}
        self._why = ""
        self._elsewhere = False

    def at(self, thing: Any) -> Appearance:
        """Return what can be seen of `thing`."""
        if _is_stateless(thing):
            return NOTHING
        shape = self._shape(thing)
        return Appearance(None, self._why, self._elsewhere) if self._why else Appearance(shape)

    def _shape(self, thing: Any) -> object:
        cls = type(thing)
        if cls in PLAIN:
            return cls, thing
        if _is_stateless(thing):
            return cls
        if id(thing) in self._seen:
            return self._seen[id(thing)]
        self._seen[id(thing)] = len(self._seen)
        self._left -= 1
        if self._left < 0:
            self._why = self._why or "it holds too much to be compared"
            return cls
        known = next((_KNOWN[name] for name in map(dotted_name, cls.__mro__) if name in _KNOWN), None)
        if known is None or content_of(cls):
            return cls, *self._parts(thing)
        if isinstance(known, str):
            return self._hidden(cls, known)
        return cls, known(thing)

    def _hidden(self, cls: type, why: str) -> object:
        """Note why something cannot be seen; only the first reason is told."""
        self._elsewhere = self._elsewhere or why is _IN_A_FILE
        self._why = self._why or why
        return cls

    def _parts(self, thing: Any) -> Iterator[object]:
        """Yield what `thing` is made of; note where that cannot be seen."""
        cls = type(thing)
        stands = standing(thing)
        if stands is not None:
            yield stands.mark if cls is itertools.count else ()
            return
        kinds = content_of(cls)
        for kind in kinds:
            try:
                yield self._state(kind.read(thing))
            except UnreachableError as error:
                yield self._hidden(cls, str(error))
        if has_attributes(cls):
            yield self._state(Attributes(cls).read(thing))
        if not kinds and _hides(cls):
            yield self._hidden(cls, f"nothing tells what a {dotted_name(cls)} holds")

    def _state(self, state: State) -> object:
        if isinstance(state, Plain):
            return state.value
        if isinstance(state, dict):
            return tuple((self._shape(key), self._shape(value)) for key, value in state.items())
        if isinstance(state, frozenset):
            plain = frozenset(each for each in state if type(each) in PLAIN)
            return plain, len(state)
        return tuple(map(self._shape, state))


def has_attributes(cls: type) -> bool:
    """Whether instances of `cls` have a `__dict__` or slots."""
    return bool(slots(cls)) or any("__dict__" in base.__dict__ or dotted_name(base) in OPEN for base in cls.__mro__)


def _hides(cls: type) -> bool:
    """Whether objects of `cls` have more than attributes: something that only C knows."""
    word = object.__basicsize__ // 2
    known = (cls.__dictoffset__ > 0) + (cls.__weakrefoffset__ > 0) + len(slots(cls))
    return cls.__itemsize__ > 0 or cls.__basicsize__ > object.__basicsize__ + word * known


_DEFINITIONS = (
    *(type, property, classmethod, staticmethod, weakref.ref, partial, slice, range),
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, types.CodeType),
    *(types.GenericAlias, types.UnionType, types.CellType, types.FrameType, types.TracebackType, BaseException),
    *(types.MethodWrapperType, types.WrapperDescriptorType, types.MethodDescriptorType, types.GetSetDescriptorType),
    *(types.ClassMethodDescriptorType, types.MemberDescriptorType, types.MappingProxyType, type(...), memoryview),
)
_VALUES = frozenset(
    {
        *("_decimal", "_pydatetime", "_pydecimal", "_struct", "_thread", "abc", "ast", "datetime", "decimal", "enum"),
        *("fractions", "inspect", "ipaddress", "numbers", "operator", "_operator", "pathlib", "pathlib._local", "re"),
        *("ssl", "string", "types", "typing", "typing_extensions", "unittest.mock", "uuid", "warnings", "zoneinfo"),
        *("logging", "logging.handlers", "_contextvars", "importlib.machinery", "_frozen_importlib", "_pytest.capture"),
        *("_frozen_importlib_external", "string.templatelib", "annotationlib"),
    }
)
"""Modules whose objects are values, definitions or the business of others."""


def _is_stateless(thing: Any) -> bool:
    """Whether `thing` has no state to speak of: code, a value that never changes, or what is the whole process's."""
    cls = type(thing)
    if cls in PLAIN or _is_definition(cls) or _is_of_the_process(thing) or is_primitive(thing):
        return True
    names = {dotted_name(base) for base in cls.__mro__}
    if "enum.Enum" in names:
        return _is_plain_member(thing)
    if content_of(cls) or not names.isdisjoint(_KNOWN) or standing(thing) is not None:
        return False
    if not _hides(cls):
        return not has_attributes(cls) or _is_bare(thing) or _is_frozen(thing)
    return not has_attributes(cls) and _is_value(cls)


def _is_definition(cls: type) -> bool:
    """Whether objects of `cls` are values or part of what a program does, by their type alone."""
    return cls is object or cls.__module__ in _VALUES or any(base in _DEFINITIONS for base in cls.__mro__)


def _is_of_the_process(thing: Any) -> bool:
    """Whether `thing` is a standard stream, or of those who test."""
    if type(thing).__module__.startswith("_pytest.") or "unittest.mock.Base" in map(dotted_name, type(thing).__mro__):
        return True
    streams = (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__)
    return any(thing is stream for stream in streams)


def _is_bare(thing: Any) -> bool:
    """Whether `thing` has no attribute that is set."""
    return set(Attributes(type(thing)).read(thing)) == {"__class__"}  # type: ignore[arg-type]


def _is_frozen(thing: Any) -> bool:
    """Whether `thing` is of a frozen dataclass, and holds nothing that changes."""
    values: Any = Attributes(type(thing)).read(thing)
    parameters = _of_class(type(thing), "__dataclass_params__")
    return getattr(parameters, "frozen", False) and all(map(_is_stateless, values.values()))


_OF_MEMBERS = frozenset({"_value_", "_name_", "_sort_order_", "__objclass__", "__class__"})


def _is_plain_member(member: Any) -> bool:
    """Whether the member of an enum has nothing but its name and a value that never changes."""
    own = instance_dict(member) or {}
    value = own.get("_value_")
    values = value if type(value) is tuple else (value,)
    return set(own) <= _OF_MEMBERS and all(map(_is_stateless, values))


def _is_value(cls: type) -> bool:
    """Whether objects of `cls`, of C, are equal by what they are and can be keys: they do not change then."""
    own = ((_of_class(cls, name), vars(object)[name]) for name in ("__eq__", "__hash__"))
    return all(found is not None and found is not default for found, default in own)


def _of_class(cls: type, name: str) -> object:
    """Return what `cls` has or inherits under `name`, and `None` for nothing; its metaclass is not asked."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def _thread(thread: Any) -> str:
    own = instance_dict(thread) or {}
    if not own["_started"].is_set():
        return "not started"
    return "running" if threading.Thread.is_alive(thread) else "ended"


def _executor(executor: Any) -> object:
    own = instance_dict(executor) or {}
    queue = own.get("_work_queue")
    return bool(own.get("_shutdown", own.get("_shutdown_thread"))), queue is not None and queue.qsize()


def _frame(attribute: str) -> Callable[[Any], object]:
    def read(thing: Any) -> object:
        frame = getattr(thing, attribute)
        if frame is None:
            return "ended"
        plain = {name: value for name, value in frame.f_locals.items() if type(value) in PLAIN}
        return frame.f_lasti, tuple(plain.items())

    return read


_IN_A_FILE = "what was written to an open file, and where it stands, stay"

_KNOWN: Mapping[str, str | Callable[[Any], object]] = {
    "_io._IOBase": _IN_A_FILE,
    "tempfile._TemporaryFileWrapper": _IN_A_FILE,
    "socket.socket": "what was sent and received stays, and so does its connection",
    "_socket.socket": "what was sent and received stays, and so does its connection",
    "sqlite3.Connection": "it lies in a file or is of another thread",
    "sqlite3.Cursor": "it stands where it stands in its result",
    "subprocess.Popen": "another process has a state of its own",
    "multiprocessing.process.BaseProcess": "another process has a state of its own",
    "multiprocessing.managers.BaseProxy": "another process has a state of its own",
    "multiprocessing.queues.Queue": "what it holds lies in a pipe between processes",
    "multiprocessing.queues.SimpleQueue": "what it holds lies in a pipe between processes",
    "multiprocessing.connection._ConnectionBase": "what it holds lies in a pipe between processes",
    "multiprocessing.synchronize.SemLock": lambda lock: instance_dict(lock)["_semlock"]._get_value(),  # type: ignore[index]
    "threading.Thread": _thread,
    "concurrent.futures._base.Executor": _executor,
    "concurrent.futures._base.Future": lambda future: (instance_dict(future) or {}).get("_state"),
    "asyncio.futures.Future": lambda future: future._state,
    "_asyncio.Future": lambda future: future._state,
    "asyncio.base_events.BaseEventLoop": lambda loop: (instance_dict(loop) or {}).get("_closed"),
    "builtins.generator": _frame("gi_frame"),
    "builtins.coroutine": _frame("cr_frame"),
    "builtins.async_generator": _frame("ag_frame"),
    "weakref.finalize": lambda finalizer: finalizer.alive,
}
"""What can be seen of things that are more than their attributes, or why nothing can."""
