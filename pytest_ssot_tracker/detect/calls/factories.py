"""Find the functions through which a class is used without being called: its class methods and static methods."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import getattr_static
from types import FunctionType
from typing import Any

from pytest_ssot_tracker.detect.live.objects import behind
from pytest_ssot_tracker.detect.live.resolve import function_of, is_cached
from pytest_ssot_tracker.loaded import namespace_of
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Factory", "factories"]


class Factory(NamedTuple):
    """One class method or static method of a class, found on `holder`, the class itself or one of its bases.

    `function` is `None` where `why` says that its calls cannot be seen; with `takes_class` the first argument is the
    class. `shared` says that classes which are not derived from this one may start the code too.
    """

    name: str
    holder: type
    function: FunctionType | None
    takes_class: bool
    shared: bool
    why: str = ""


def factories(cls: type) -> Iterator[Factory]:
    """Yield the class methods and static methods of `cls`, the inherited ones included."""
    seen: set[str] = set()
    for holder in cls.__mro__[:-1]:
        for name, value in list(vars(holder).items()):
            if name in seen:
                continue
            seen.add(name)
            if issubclass(type(value), (classmethod, staticmethod)) and not _is_hook(name):
                yield _factory(cls, holder, name, value)


def _is_hook(name: str) -> bool:
    """Whether Python or `enum` calls it by its name: `__init_subclass__`, `_missing_`."""
    return name.startswith("__") or (name.startswith("_") and name.endswith("_"))


def _factory(cls: type, holder: type, name: str, value: classmethod[Any, ..., Any] | staticmethod[..., Any]) -> Factory:
    takes_class = isinstance(value, classmethod)
    function = function_of(value) or behind(value)
    why = ""
    if function is None:
        why = f"{type(value.__func__).__name__} of a class has no Python code to watch"
    elif is_cached(value.__func__):
        why = "lru_cache answers a repeated call without calling it"
    elif not takes_class and holder is not cls:
        function, why = None, f"it is inherited from {holder.__name__}, and nothing tells through which class"
    elif not takes_class and _is_lent(function, holder):
        why = f"it is {function.__module__}:{function.__qualname__}, which others call too"
        function = None
    shared = holder is not cls or (function is not None and not set(function.__code__.co_freevars) <= {"__class__"})
    return Factory(name, holder, function, takes_class, shared, why)


def _is_lent(function: FunctionType, holder: type) -> bool:
    """Whether `holder` only has the function from elsewhere, as in `parse = staticmethod(json.loads)`."""
    top, *below = function.__qualname__.split(".")
    found = (namespace_of(sys.modules.get(function.__module__)) or {}).get(top)
    for name in below:
        if found is holder:
            return False
        found = getattr_static(found, name, None)
    return function_of(found) is function
