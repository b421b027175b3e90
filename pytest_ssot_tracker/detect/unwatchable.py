"""Name what runs where nothing can be watched: in a subinterpreter, and when the interpreter exits.

A subinterpreter has modules of its own. The result of a run is written before the callbacks of `atexit` are called.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from pytest_ssot_tracker.loaded import namespace_of, variables_of
from pytest_ssot_tracker.model import BlindSpot

__all__ = ["LATE", "Beyond"]

LATE = "atexit calls it when the interpreter exits, after everything is told: what it uses is not seen"
_APART = "it has modules of its own, which nothing can watch from here: what runs in it is not seen"


class Beyond:
    """Tell `blind` of each subinterpreter, and of each callback of `atexit` that names something which `is_watched`.

    `is_watched(name, value)` is asked of a name and of what it means in the callback, `None` where it means nothing
    yet, as what is imported there does.
    """

    modules = ("_interpreters", "_xxsubinterpreters")
    """The modules in which all that makes a subinterpreter ends: since 3.13, and before."""

    def __init__(self, blind: Callable[[BlindSpot], object]) -> None:
        self._blind = blind
        self._is_watched: Callable[[str, object], bool] = lambda name, value: False
        self._undo: list[Callable[[], None]] = []

    def install(self, is_watched: Callable[[str, object], bool]) -> Callable[[], None]:
        """Begin to look; return the undo."""
        self._is_watched = is_watched
        self._precede(vars(atexit), "register", self._registers)
        self.plant()
        return self.undo

    def plant(self) -> None:
        """Look at what makes subinterpreters, where that is loaded."""
        for module in self.modules:
            names = namespace_of(sys.modules.get(module))
            if names is not None and not isinstance(names.get("create"), FunctionType):
                self._precede(names, "create", lambda *args: self._blind(BlindSpot("a subinterpreter", _APART)))

    def undo(self) -> None:
        """Look at nothing any more, and leave everything as it was found."""
        while self._undo:
            self._undo.pop()()

    def _precede(self, names: dict[str, Any], name: str, look: Callable[..., object]) -> None:
        """Have `look` called with the arguments of each call of the function `name`, first."""
        real = names[name]

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            with suppress(Exception):  # what would have been done must be done all the same
                look(*args)
            return real(*args, **kwargs)

        stand_in.__name__, stand_in.__qualname__, stand_in.__doc__ = name, name, real.__doc__
        names[name] = stand_in

        def undo() -> None:
            if names.get(name) is stand_in:
                names[name] = real

        self._undo.append(undo)

    def _registers(self, *given: object) -> None:
        for thing in given:
            while isinstance(thing, partial):
                thing = thing.func
            name = str(getattr(thing, "__qualname__", type(thing).__qualname__))
            if self._is_watched(name.rpartition(".")[2], thing) or self._mentions(thing):
                self._blind(BlindSpot(name, LATE))
                return

    def _mentions(self, callback: object) -> bool:
        function = callback.__func__ if isinstance(callback, MethodType) else callback
        if not isinstance(function, FunctionType):
            return False
        known = {**function.__globals__, **dict(variables_of(function))}
        return any(self._is_watched(name, known.get(name)) for name in _names(function.__code__))


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that stand in `code` and in what is defined in it."""
    yield from (*code.co_names, *code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
