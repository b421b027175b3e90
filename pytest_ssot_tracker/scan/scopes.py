"""Know what a name means at a place: which references are bound to it, scope by scope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from pytest_ssot_tracker.records import dataclass, field

__all__ = ["NOTHING", "OpenScope", "References"]

References: TypeAlias = "tuple[str, ...]"
"""What an expression may be: references, none where that is unknown or of no interest."""

NOTHING: References = ()


@dataclass(slots=True, eq=False)
class OpenScope:
    """One scope while its statements are read in order.

    `kind` is `module`, `class`, `function` or `comprehension`; `name` the qualified name. `names` holds what is bound
    right now, `ever` what was bound at any time: a nested function may run at any of them. `elsewhere` are names
    declared `global` or `nonlocal`. `later` tells that it is, or is within, a lambda or a generator expression.
    `taken` are the names that stand for what was taken out of a container.
    """

    kind: str
    name: str
    outer: OpenScope | None = None
    names: dict[str, References] = field(default_factory=dict)
    ever: dict[str, References] = field(default_factory=dict)
    elsewhere: dict[str, OpenScope] = field(default_factory=dict)
    later: bool = False
    taken: set[str] = field(default_factory=set)

    def bind(self, name: str, references: References) -> None:
        """Bind `name`; where it is declared to live elsewhere, add to what is bound there."""
        home = self.elsewhere.get(name) if self.elsewhere else None
        if home is not None:
            home.names[name] = joined(home.names.get(name, NOTHING), references)
            home.ever[name] = joined(home.ever.get(name, NOTHING), references)
            return
        self.names[name] = references
        if self.kind != "module":
            held = self.ever.get(name)
            if held != references:
                self.ever[name] = joined(held, references) if held else references

    def add(self, name: str, references: References) -> None:
        """Hold `name` to be `references` too, in whichever scope it is bound."""
        scope: OpenScope | None = self.elsewhere.get(name, self)
        while scope is not None and name not in scope.names and name not in scope.ever:
            scope = scope.outer
        if scope is not None:
            scope.names[name] = joined(scope.names.get(name, NOTHING), references)
            if scope is not self or self.kind != "module":
                scope.ever[name] = joined(scope.ever.get(name, NOTHING), references)

    def lookup(self, name: str) -> References | None:
        """Return what `name` means here, `None` when it is bound in no scope."""
        home = self.elsewhere.get(name) if self.elsewhere else None
        if home is not None:
            return home.names.get(name)
        found = self.names.get(name)
        if found is not None:
            return found
        if self.kind == "comprehension":
            assert self.outer is not None
            return self.outer.lookup(name)
        scope = self.outer
        while scope is not None:
            if scope.kind == "function" and name in scope.ever:
                return scope.ever[name]
            if scope.kind == "module":
                return scope.names.get(name)
            scope = scope.outer
        return None

    @property
    def module(self) -> OpenScope:
        """Return the module's scope."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    def branch(self) -> dict[str, References]:
        """Return what is bound now, to be given to `merge` after a branch."""
        return dict(self.names)

    def merge(self, *branches: dict[str, References]) -> None:
        """Hold every name to mean whatever it means at the end of one of `branches`."""
        first, *rest = branches
        merged = dict(first)
        for more in rest:
            for name, references in more.items():
                held = merged.get(name)
                merged[name] = references if held is None or held == references else joined(held, references)
        self.names = merged


def joined(one: References, other: Iterable[str]) -> References:
    """Return both, each reference once."""
    return tuple(dict.fromkeys((*one, *other)))
