"""Let code that holds a call of ours be pickled by value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

__all__ = ["LeftBehind", "as_held_by"]


class LeftBehind(partial[Any]):
    """A call that code holds which may be pickled itself: what is pickled has one in its place that does nothing.

    So do cloudpickle and what stands on it (joblib, dask, ray) with functions that have no name by which another
    process would find them. Others hold the bare function, which is called in half the time.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes a call that can be found everywhere."""
        return partial, (callable,)


def as_held_by(function: FunctionType, call: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return `call` as the code of `function` may hold it."""
    is_found = "<locals>" not in function.__qualname__ and function.__module__ != "__main__"
    return call if is_found else LeftBehind(call)
