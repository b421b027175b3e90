"""Read one argument of a call from the frame that starts, however it was passed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from inspect import CO_VARARGS, CO_VARKEYWORDS, Parameter, signature
from types import FrameType, FunctionType
from typing import Any

__all__ = ["Argument", "text_of"]


class Argument:
    """Find the argument spelled `name`, or `name.attribute` for one inside an object or a mapping.

    `default` is the text of the parameter's default, `None` where it has none that could be taken for a value.
    """

    def __init__(self, function: FunctionType, spelling: str) -> None:
        self.name, *self._path = spelling.split(".")
        parameters = signature(function).parameters  # of what a decorator has wrapped, where it says so
        names = list(parameters)
        default = parameters[self.name].default if self.name in parameters and not self._path else None
        self.default = None if default is None or default is Parameter.empty else text_of(default)
        self._index = names.index(self.name) if self.name in names else None
        self.exists = self._index is not None or bool(function.__code__.co_flags & CO_VARKEYWORDS)

    def value(self, frame: FrameType) -> Any:
        """Return the argument of the call that starts in `frame`; `None` where none was given."""
        value = self._given(frame)
        for name in self._path:
            value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        return value

    def _given(self, frame: FrameType) -> Any:
        code, held = frame.f_code, frame.f_locals
        named = code.co_argcount + code.co_kwonlyargcount
        if self.name in code.co_varnames[:named]:
            return held.get(self.name)
        rest = bool(code.co_flags & CO_VARARGS)
        if code.co_flags & CO_VARKEYWORDS:
            keywords = held.get(code.co_varnames[named + rest], {})
            if self.name in keywords:
                return keywords[self.name]
        if rest and self._index is not None:
            positional = held.get(code.co_varnames[named], ())
            at = self._index - code.co_argcount
            return positional[at] if 0 <= at < len(positional) else None
        return None


def text_of(value: object) -> str:
    """Return `value` as the text by which keys and states are compared: of an enum member its value's."""
    if type(value) is str:
        return value
    return text_of(value.value) if isinstance(value, Enum) else str(value)
