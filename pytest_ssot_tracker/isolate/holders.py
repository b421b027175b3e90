"""Name the places outside an object where it can be held: a name in a class or a module, a variable of a closure."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["ClosureVariable", "Holder", "NamespaceEntry", "unique"]


class Holder:
    """A place that holds one object by name: of a class, a module, or a function's closure."""

    def read(self) -> dict[str, Any]:
        """Return what is held, by name; nothing where there is nothing."""
        raise NotImplementedError

    def write(self, state: Mapping[str, Any]) -> None:
        """Hold this, or nothing."""
        raise NotImplementedError


def unique(things: Iterable[object]) -> tuple[object, ...]:
    """Return `things`, each once, told by identity: what they say of their equality is not asked."""
    return tuple({id(thing): thing for thing in things}.values())


class NamespaceEntry(Holder):
    """A name in a class or in a module."""

    def __init__(self, owner: type | types.ModuleType, name: str) -> None:
        self.owner = owner
        self.name = name
        self.short = f"{getattr(owner, '__qualname__', owner.__name__)}.{name}"

    def __str__(self) -> str:
        if isinstance(self.owner, type):
            return f"{self.owner.__module__}:{self.owner.__qualname__}.{self.name}"
        return f"{self.owner.__name__}:{self.name}"

    def read(self) -> dict[str, Any]:
        """Return the value as the class or module itself has it, unbound."""
        names = self.owner.__dict__
        return {self.name: names[self.name]} if self.name in names else {}

    def write(self, state: Mapping[str, Any]) -> None:
        """Bind the name to the value in `state`, or unbind it, past any `__setattr__` of a metaclass."""
        if isinstance(self.owner, type):
            if self.name in state:
                type.__setattr__(self.owner, self.name, state[self.name])
            else:
                type.__delattr__(self.owner, self.name)
        elif self.name in state:
            self.owner.__dict__[self.name] = state[self.name]
        else:
            self.owner.__dict__.pop(self.name, None)


class ClosureVariable(Holder):
    """A variable in the closure of `function`."""

    def __init__(self, cell: types.CellType, name: str, function: str) -> None:
        self.cell = cell
        self.name = name
        self._function = function

    def __str__(self) -> str:
        return f"the variable {self.name} of {self._function}"

    def read(self) -> dict[str, Any]:
        """Return the variable's value."""
        try:
            return {self.name: self.cell.cell_contents}
        except ValueError:
            return {}

    def write(self, state: Mapping[str, Any]) -> None:
        """Set the variable, or make it unbound."""
        if self.name in state:
            self.cell.cell_contents = state[self.name]
        else:
            del self.cell.cell_contents
