"""Read from compiled code which names it writes: that tells state from constants."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterable, Iterator
from typing import Any

from pytest_ssot_tracker.loaded import variables_of
from pytest_ssot_tracker.records import dataclass

__all__ = ["FunctionNames", "functions_of", "names_of", "stored_attributes", "underlying"]

_GIVEN_THE_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


@dataclass(frozen=True, slots=True)
class FunctionNames:
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
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += _wrapped_by(found)


def _wrapped_by(thing: Any) -> Iterable[Any]:
    if isinstance(thing, (classmethod, staticmethod, types.MethodType)):
        return (thing.__func__,)
    if isinstance(thing, property):
        return [part for part in (thing.fget, thing.fset, thing.fdel) if part is not None]
    if isinstance(thing, functools.partial):
        return (thing.func,)
    if isinstance(thing, functools._lru_cache_wrapper):
        return (thing.__wrapped__,)
    held = variables_of(thing) if isinstance(thing, types.FunctionType) else ()
    return [value for _, value in held if isinstance(value, _WRAPPED)]


_WRAPPED = (types.FunctionType, types.MethodType, functools._lru_cache_wrapper)


def functions_of(cls: type) -> Iterator[tuple[types.FunctionType, bool]]:
    """Yield the functions in the body of `cls`, and whether the first parameter is an instance of it."""
    for name, value in list(cls.__dict__.items()):
        of_class = isinstance(value, (classmethod, staticmethod)) or name in _GIVEN_THE_CLASS or issubclass(cls, type)
        for found in underlying(value):
            if isinstance(found, types.FunctionType):
                yield found, not of_class


def names_of(functions: Iterable[tuple[types.FunctionType, bool]]) -> FunctionNames:
    """Return what `functions` name; the flag with each tells whether its first parameter is an instance."""
    found: dict[str, set[str]] = {"own": set(), **{field: set() for field in _FIELDS.values()}}
    for function, is_method in functions:
        codes = [function.__code__]
        for code in codes:
            has_instance = is_method and code is function.__code__ and code.co_argcount
            instance = code.co_varnames[0] if has_instance else None
            for kind, name, receiver in _writes(code):
                is_own = kind == "STORE_ATTR" and receiver is not None and receiver == instance
                found["own" if is_own else _FIELDS[kind]].add(name)
            codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return FunctionNames(**{field: frozenset(names) for field, names in found.items()})


_FIELDS = {
    "STORE_ATTR": "attributes",
    "STORE_GLOBAL": "stored",
    "DELETE_GLOBAL": "stored",
    "LOAD_GLOBAL": "loaded",
}
"""What of `FunctionNames` an instruction tells; what sets an attribute of the instance at hand tells of its `own`."""


def _writes(code: types.CodeType) -> Iterator[tuple[str, str, object]]:
    """Yield (instruction, name, local variable pushed just before) for what touches attributes and globals."""
    import dis

    # From the code and not from the source: what a decorator, a library or `exec` has made need not have any.
    before: object = None
    for step in dis.get_instructions(code):
        if step.opname in _FIELDS:
            yield step.opname, step.argval, before
        # Since 3.13 two loads can be one instruction, LOAD_FAST_LOAD_FAST; its argument is then a pair.
        pushed = step.argval[-1] if isinstance(step.argval, tuple) and step.argval else step.argval
        before = pushed if "LOAD_FAST" in step.opname else None


@functools.lru_cache(maxsize=256)
def stored_attributes(cls: type) -> frozenset[str]:
    """Return the attributes that methods of `cls`, a class of the standard library, set."""
    names = names_of(functions_of(cls))
    return names.attributes | names.own
