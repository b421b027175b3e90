"""Read from compiled code which names it writes: that tells state from constants."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterable, Iterator
from typing import Any

from pytest_ssot_tracker.records import dataclass

__all__ = ["Names", "functions_of", "names_of", "stored_attributes", "underlying"]

_GIVEN_THE_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


@dataclass(frozen=True, slots=True)
class Names:
    """What some functions name.

    `attributes` are set on anything but the method's own instance, `own` on that; `stored` are globals that are set
    or deleted, `loaded` globals that are read.
    """

    attributes: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    stored: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()


def underlying(thing: object) -> Iterator[Any]:
    """Yield `thing` and what it wraps: the function in a method, a `classmethod`, a cache, a decorator's closure."""
    seen: set[int] = set()
    waiting: list[Any] = [thing]
    while waiting:
        found = waiting.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        if isinstance(found, (classmethod, staticmethod, types.MethodType)):
            waiting.append(found.__func__)
        elif isinstance(found, property):
            waiting += [part for part in (found.fget, found.fset, found.fdel) if part is not None]
        elif isinstance(found, functools.partial):
            waiting.append(found.func)
        elif isinstance(found, functools._lru_cache_wrapper):
            waiting.append(found.__wrapped__)
        elif isinstance(found, types.FunctionType):
            inner = [cell.cell_contents for cell in found.__closure__ or () if not _is_empty(cell)]
            waiting += [each for each in inner if isinstance(each, _WRAPPED)]


_WRAPPED = (types.FunctionType, types.MethodType, functools._lru_cache_wrapper)


def _is_empty(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return True
    return False


def functions_of(cls: type) -> Iterator[tuple[types.FunctionType, bool]]:
    """Yield the functions in the body of `cls`, and whether the first parameter is an instance of it."""
    for name, value in list(cls.__dict__.items()):
        of_class = isinstance(value, (classmethod, staticmethod)) or name in _GIVEN_THE_CLASS or issubclass(cls, type)
        for found in underlying(value):
            if isinstance(found, types.FunctionType):
                yield found, not of_class


def names_of(functions: Iterable[tuple[types.FunctionType, bool]]) -> Names:
    """Return what `functions` name; the flag with each tells whether its first parameter is an instance."""
    attributes, own, stored, loaded = set[str](), set[str](), set[str](), set[str]()
    for function, is_method in functions:
        codes = [function.__code__]
        for code in codes:
            first = code.co_varnames[0] if code is function.__code__ and is_method and code.co_argcount else None
            for kind, name, receiver in _writes(code):
                if kind == "STORE_ATTR":
                    (own if first is not None and receiver == first else attributes).add(name)
                else:
                    (loaded if kind == "LOAD_GLOBAL" else stored).add(name)
            codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return Names(frozenset(attributes), frozenset(own), frozenset(stored), frozenset(loaded))


def _writes(code: types.CodeType) -> Iterator[tuple[str, str, object]]:
    """Yield (instruction, name, local variable pushed just before) for what touches attributes and globals."""
    import dis

    before: object = None
    for step in dis.get_instructions(code):
        if step.opname in ("STORE_ATTR", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_GLOBAL"):
            yield step.opname, step.argval, before
        # Two loads can be one instruction; its argument is then a pair.
        pushed = step.argval[-1] if isinstance(step.argval, tuple) and step.argval else step.argval
        before = pushed if "LOAD_FAST" in step.opname else None


@functools.lru_cache(maxsize=256)
def stored_attributes(cls: type) -> frozenset[str]:
    """Return the attributes that methods of `cls`, a class of the standard library, set."""
    names = names_of(functions_of(cls))
    return names.attributes | names.own
