"""Find second definitions of what a single source of truth is: by its name, by its methods, by their bodies."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from pytest_ssot_tracker.names.definitions import Definition
from pytest_ssot_tracker.names.essence import essence, statements_of
from pytest_ssot_tracker.names.syntax import FUNCTIONS, Function, last_name
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import SourceFile, Statement

__all__ = ["Original", "SecondDefinition", "alike"]

_FEW = 3
"""Methods: fewer in common say nothing."""

_MOST = 0.6
"""How much of what the original offers another class has to offer to be called alike."""

_SAME = 2
"""Bodies: fewer equal ones say nothing."""

_SHORT = 2
"""Statements of a body that any two may have in common by chance."""

_Node: TypeAlias = "ast.ClassDef | Function"


class Original(NamedTuple):
    """What must not be defined twice: a class or function, with its public methods and what their bodies do."""

    definition: Definition
    name: str
    is_class: bool
    methods: frozenset[str]
    bodies: frozenset[str]

    @classmethod
    def of(cls, found: Definition) -> Original | None:
        """Return what is defined, `None` where that is no class or function."""
        node = found.node
        if not isinstance(node, _DEFINITIONS):
            return None
        methods = _methods(node)
        public = frozenset(method for method in methods if not method.startswith("_"))
        bodies = frozenset(filter(None, map(_body, methods.values() if methods else [node])))
        return cls(found, node.name, isinstance(node, ast.ClassDef), public, bodies)


class SecondDefinition(NamedTuple):
    """A second definition, and in words what it has in common with the original."""

    statement: Statement
    name: str
    why: str


def alike(file: SourceFile, original: Original) -> Iterator[SecondDefinition]:
    """Yield the classes and functions in `file` that define again what `original` is.

    An interface (`Protocol`, `ABC`) is another thing, and so is a name that stands for a type checker alone.
    """
    for statement in file.statements:
        node = statement.node
        if isinstance(node, _DEFINITIONS) and isinstance(node, ast.ClassDef) is original.is_class:
            why = _why(node, original)
            if why is not None:
                prefix = "" if statement.scope == "<module>" else f"{statement.scope}."
                yield SecondDefinition(statement, f"{prefix}{node.name}", why)


_DEFINITIONS = (ast.ClassDef, *FUNCTIONS)
_INTERFACES = frozenset({"Protocol", "ABC", "Enum", "TypedDict"})


def _why(node: _Node, original: Original) -> str | None:
    if any(last_name(base) in _INTERFACES for base in getattr(node, "bases", ())):
        return None
    if node.name == original.name:
        return "it has the same name"
    methods = _methods(node)
    shared = original.methods & methods.keys()
    if len(shared) >= _FEW and len(shared) >= _MOST * len(original.methods):
        return f"it has {len(shared)} of {len(original.methods)} methods: {', '.join(sorted(shared))}"
    same = original.bodies & set(filter(None, map(_body, methods.values() if methods else [node])))
    if len(same) >= (_SAME if original.is_class else 1):
        return f"{len(same)} of its bodies are the same"
    return None


def _methods(node: _Node) -> Mapping[str, Function]:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {part.name: part for part in body if isinstance(part, FUNCTIONS)}


def _body(node: ast.AST) -> str | None:
    """Return what a function does; `None` where it is short."""
    return essence(node) if isinstance(node, FUNCTIONS) and len(statements_of(node)) >= _SHORT else None
