"""Say by which Python functions something can be watched that is itself no plain function.

Nothing here asks the object: a proxy answers for what it stands for, and may raise. What its type and its own
dictionary hold is read past all of that.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import suppress
from dis import get_instructions
from enum import Enum
from inspect import CO_NESTED, CO_VARARGS
from itertools import pairwise
from types import (
    CodeType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from pytest_ssot_tracker.detect.live.resolve import (
    function_of,
    held_by,
    innermost,
    is_private,
    layers,
    own_name,
    wrapped_by,
)
from pytest_ssot_tracker.loaded import file_of, variables_of
from pytest_ssot_tracker.records import NamedTuple

__all__ = [
    "NOTHING",
    "Part",
    "accessors_of",
    "around",
    "behind",
    "cells_of",
    "first_argument",
    "has_own_name",
    "homes_of",
    "is_descriptor",
    "is_meant",
    "is_placeholder",
    "maker_of",
    "method_of",
    "methods_of",
    "outwards",
    "parts_of",
    "same_cells",
    "uses_unseen",
]

_UNUSED = frozenset(vars(object)) | frozenset(vars(type(lambda: None))) | {"__module__", "__weakref__", "__call__"}
"""What any function has: reading it is no use of what it belongs to."""

_METHODS = (FunctionType, MethodDescriptorType)
_DESCRIPTOR = ("__get__", "__set__", "__delete__")
_DEPTH = 20

NOTHING = object()
"""Stands for the first argument of what is given none."""


class Part(NamedTuple):
    """One of the functions that run when something is called: of all that share its code, the one told by the rest.

    `cells` are what its closure holds, `subject` the only first argument for which it is meant, if that is not `None`.
    """

    function: FunctionType
    cells: tuple[tuple[str, object], ...] = ()
    subject: object = None

    def runs_in(self, frame: FrameType) -> bool:
        """Whether it is what runs in `frame`, if its code does."""
        return is_meant(frame, self.cells, self.subject)


def parts_of(value: object) -> list[Part]:
    """Return every function that runs as a part of `value`: the outermost, and what each wraps that has no other name.

    Of a class, all functions it holds.
    """
    if issubclass(type(value), type):
        held = [function for function in map(function_of, list(vars(value).values())) if function is not None]
        return [Part(function) for function in held]
    outermost = [*accessors_of(value)] if issubclass(type(value), property) else [function_of(value)]
    parts = [Part(function, cells_of(function)) for function in outermost if function is not None]
    if not parts and (called := method_of(value, "__call__")) is not None:
        parts = [Part(called, cells_of(called), value)]
    if type(value) is MethodType:
        parts = [part._replace(subject=value.__self__) for part in parts]
    if issubclass(type(value), functools.partial):
        parts = _filled_in(value)  # type: ignore[arg-type]
    inner = behind(value)
    if inner is not None and inner not in [part.function for part in parts]:
        parts.append(Part(inner, cells_of(inner)))
    return parts


def _filled_in(value: functools.partial[Any]) -> list[Part]:
    """Return the function that a partial calls, told from other calls of it by the arguments that the partial gives."""
    function = function_of(value.func)
    if function is None:
        return []
    subject = value.func.__self__ if type(value.func) is MethodType else None
    names = function.__code__.co_varnames[subject is not None : function.__code__.co_argcount]
    given = (*zip(names, value.args, strict=False), *value.keywords.items())
    return [Part(function, (*cells_of(function), *given), subject)]


def is_descriptor(value: object) -> bool:
    """Whether a class that holds `value` runs code of its type when the attribute is read, set or deleted."""
    return any(name in vars(cls) for cls in type(value).__mro__ for name in _DESCRIPTOR)


def accessors_of(value: object) -> list[FunctionType]:
    """Return the functions that reading, setting and deleting an attribute start, `value` being what its class holds.

    For a property its own; for another descriptor the methods of its type, which are started for each of that type.
    """
    if issubclass(type(value), property):
        own = (value.fget, value.fset, value.fdel)  # type: ignore[attr-defined]
        return [function for function in map(function_of, own) if function is not None]
    return [function for name in _DESCRIPTOR if (function := method_of(value, name)) is not None]


def method_of(value: object, name: str) -> FunctionType | None:
    """Return the Python function under `name` in the type of `value`."""
    held = held_by(type(value), name)
    return held if type(held) is FunctionType else None


def maker_of(cls: type) -> tuple[str, FunctionType | None]:
    """Return the name and function that every construction of `cls` starts; no function where none is Python."""
    if issubclass(cls, Enum):  # its `__init__` makes members, a call looks one up
        return "__new__", function_of(held_by(cls, "__new__"))
    init = function_of(held_by(cls, "__init__"))
    if init is not None and not is_placeholder(init):
        return "__init__", init
    new = function_of(held_by(cls, "__new__"))
    if new is not None and new.__module__ != "typing":
        return "__new__", new
    return "__init__", None


def is_placeholder(init: object) -> bool:
    """Whether `init` is the one a protocol has, which puts another in its place when first called."""
    homes = ("typing", "typing_extensions")
    return isinstance(init, FunctionType) and init.__module__ in homes and init.__name__.startswith("_no_init")


def behind(value: object) -> FunctionType | None:
    """Return the Python function that `value` wraps, if nobody else is to call it by a name of its own.

    Where it has one that is not private, it is another thing, which `value` makes use of.
    """
    function = innermost(value)
    return None if function is None or has_own_name(function) else function


def around(value: object) -> tuple[CodeType, ...]:
    """Return the code that runs between a call of `value` and of what is `behind` it: its own and that it was given."""
    found: list[CodeType] = []
    for outer, wrapped in pairwise(layers(value)):
        found += [held.__code__ for held in _held(outer) if type(held) is FunctionType and held is not wrapped]
        if type(outer) is FunctionType:
            found.append(outer.__code__)
    return tuple(found)


def _held(value: object) -> Iterator[object]:
    """Yield what an object holds in its dictionary, and in the members that its type of C gives it (as wrapt does)."""
    with suppress(Exception):
        yield from object.__getattribute__(value, "__dict__").values()
    for cls in type(value).__mro__:
        for name, member in list(vars(cls).items()):
            if name[:6] == "_self_" and type(member) in (GetSetDescriptorType, MemberDescriptorType):
                with suppress(Exception):
                    yield member.__get__(value, type(value))


def has_own_name(value: Any) -> bool:
    """Whether the module and qualified name that a function carries lead to it, and are for everybody."""
    return not is_private(value.__qualname__) and own_name(value) is not None


def homes_of(value: object, module: ModuleType) -> Iterator[str]:
    """Yield the files that define `value`, which was found in `module`: not that of a decorator around it.

    A function that another returns, as a decorator does, belongs to the module whose name it was given
    (`functools.wraps`), if to any.
    """
    files = [file_of(module)]
    if issubclass(type(value), type):
        files.append(file_of(sys.modules.get(str(type.__getattribute__(value, "__module__")))))
    function = function_of(value)
    for _ in range(_DEPTH):
        if function is None:
            break
        if not function.__code__.co_flags & CO_NESTED:
            files.append(function.__code__.co_filename)
        if not function.__code__.co_flags & CO_NESTED or function.__module__ != function.__globals__.get("__name__"):
            files.append(file_of(sys.modules.get(str(function.__module__))))
        function = function_of(wrapped_by(function))
    yield from (file for file in files if file is not None)


def methods_of(value: object) -> list[FunctionType]:
    """Return the public Python methods that `value` has from its type, each name once."""
    return [held for name, held in _offered(type(value)) if type(held) is FunctionType and name[:1] != "_"]


def uses_unseen(value: object) -> list[str]:
    """Return the ways to use `value` that start no Python method of its type by name: operators, what is written in C.

    Attributes are not counted: any function has some.
    """
    return sorted(name for name, held in _offered(type(value)) if type(held) is not FunctionType or name[:1] == "_")


def _offered(cls: type) -> Iterator[tuple[str, object]]:
    """Yield the operators and the public methods of a type that no function has too."""
    seen: set[str] = set(_UNUSED)
    for base in cls.__mro__:
        for name, held in list(vars(base).items()):
            if name in seen:
                continue
            seen.add(name)
            special = name[:2] == "__" and name[-2:] == "__"
            if callable(held) if special else type(held) in _METHODS and name[:1] != "_":
                yield name, held


def cells_of(function: FunctionType | None) -> tuple[tuple[str, object], ...]:
    """Return what tells `function` from others that share its code, as the wrappers of one decorator do."""
    if function is None:
        return ()
    # Some wrappers are handed themselves, as a default of a parameter that nobody passes: networkx has a thousand.
    found: list[tuple[str, object]] = []
    found += ((name, default) for name, default in (function.__kwdefaults__ or {}).items() if default is function)
    for name, content in variables_of(function) if function.__closure__ else ():
        # Anything else may be rebound: a counter, a cache.
        if name != "__class__" and (callable(content) or (type(content) is str and not _rebinds(function, name))):
            found.append((name, content))
    return tuple(found)


def _rebinds(function: FunctionType, name: str) -> bool:
    """Whether `function` itself may put something else into the variable of the function around it."""
    return any(
        instruction.opname in ("STORE_DEREF", "DELETE_DEREF") and instruction.argval == name
        for instruction in get_instructions(function)
    )


def same_cells(frame: FrameType, cells: tuple[tuple[str, object], ...]) -> bool:
    """Whether the function that runs in `frame` is the one that has these `cells`."""
    held = frame.f_locals
    return all(held.get(name, NOTHING) is content or _is_rid_of(name, content, frame) for name, content in cells)


def _is_rid_of(name: str, content: object, frame: FrameType) -> bool:
    """Whether the function `content` itself runs in `frame`, by other code than that with the parameter `name`."""
    code = frame.f_code
    return type(content) is FunctionType and content.__code__ is code and name not in code.co_varnames


def is_meant(frame: FrameType, cells: tuple[tuple[str, object], ...], subject: object) -> bool:
    """Whether the function that runs in `frame` has these `cells` and, unless that is `None`, works on `subject`."""
    if cells and not same_cells(frame, cells):
        return False
    return subject is None or first_argument(frame) is subject


def first_argument(frame: FrameType) -> object:
    """Return the first positional argument of the function that runs in `frame`."""
    code = frame.f_code
    if code.co_argcount:
        return frame.f_locals.get(code.co_varnames[0], NOTHING)
    if code.co_flags & CO_VARARGS:
        rest = frame.f_locals.get(code.co_varnames[code.co_kwonlyargcount], ())
        return rest[0] if type(rest) is tuple and rest else NOTHING
    return NOTHING


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield `frame`, what has called it, and so on."""
    while frame is not None:
        yield frame
        frame = frame.f_back
