"""Look into the caches that `functools` makes, and fill them again, without a call of what they cache."""

from __future__ import annotations

import gc
import types
from collections.abc import Mapping
from typing import Any

__all__ = ["can_refill", "entries", "refill", "table"]


def table(wrapper: Any) -> dict[Any, Any]:
    """Return the dict inside an `lru_cache`; for an unbounded one it maps keys to results, and may be written to."""
    own = wrapper.__dict__
    return next((each for each in gc.get_referents(wrapper) if type(each) is dict and each is not own), {})


def entries(wrapper: Any) -> dict[Any, Any]:
    """Return what an `lru_cache` holds, by its key, without a hit or a miss."""
    found = dict.copy(table(wrapper))
    if wrapper.cache_parameters()["maxsize"] is None or not found:
        return found
    # A bounded cache keeps a linked list that Python does not show. Its traversal for the garbage collector shows (key,
    # result, link type) for each link, oldest first: `lru_cache_tp_traverse` in Modules/_functoolsmodule.c of CPython.
    link = type(next(iter(found.values())))
    seen = gc.get_referents(wrapper)
    ends = [index for index, each in enumerate(seen) if each is link][: len(found)]
    pairs = {seen[end - 2]: seen[end - 1] for end in ends}
    return pairs if {*map(id, pairs)} == {*map(id, found)} else {}


def can_refill(wrapper: Any) -> bool:
    """Whether old entries can be put back into an `lru_cache`."""
    function = getattr(wrapper.__wrapped__, "__func__", wrapper.__wrapped__)
    return wrapper.cache_parameters()["maxsize"] is None or isinstance(function, types.FunctionType)


def refill(wrapper: Any, kept: Mapping[Any, Any]) -> None:
    """Make an `lru_cache` hold the results `kept` by key; raise `TypeError` when it caches no Python function.

    The function is called with the old arguments while its code is one that returns the old result.
    """
    function = getattr(wrapper.__wrapped__, "__func__", wrapper.__wrapped__)
    if not can_refill(wrapper):
        raise TypeError(f"what it caches is a {type(function).__name__}, not a Python function")
    typed = wrapper.cache_parameters()["typed"]
    original = function.__code__
    wrapper.cache_clear()
    try:
        for key, value in kept.items():
            args, kwargs = _arguments(key, typed=typed)
            function.__code__ = _returning(value, original.co_freevars)
            wrapper(*args, **kwargs)
    finally:
        function.__code__ = original


def _returning(value: object, free: tuple[str, ...]) -> types.CodeType:
    """Return code for a function with the free variables `free` that takes anything and returns `value`."""
    names = [f"free{index}" for index in range(len(free))]
    source = "def outer({0}):\n def inner(*a, **k):\n  return 'value'\n  {0}\n"
    inner = compile(source.format(", ".join(names)), "<cached>", "exec")
    while inner.co_name != "inner":
        inner = next(each for each in inner.co_consts if isinstance(each, types.CodeType))
    return inner.replace(co_consts=tuple(value if each == "value" else each for each in inner.co_consts))


def _arguments(key: Any, *, typed: bool) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the call that has this cache key (see `functools._make_key`)."""
    if type(key) is not tuple:
        return (key,), {}
    mark = next((index for index, each in enumerate(key) if type(each) is object), None)
    if mark is None:
        return key[: len(key) // 2] if typed else key, {}
    named = key[mark + 1 :]
    count = (len(named) - mark) // 3 if typed else len(named) // 2
    return key[:mark], {named[2 * index]: named[2 * index + 1] for index in range(count)}
