"""Find second definitions of what a single source of truth is: by its name, by its methods, by their bodies."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import SourceFile, Statement

__all__ = ["Original", "SecondDefinition", "alike", "definition"]

_FEW = 3
"""Methods: fewer in common say nothing."""

_MOST = 0.6
"""How much of what the original offers another class has to offer to be called alike."""

_SAME = 2
"""Bodies: fewer equal ones say nothing."""

_SHORT = 2
"""Statements of a body that any two may have in common by chance."""

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Original(NamedTuple):
    """What must not be defined twice: a class or function, with its public methods and what their bodies do."""

    name: str
    is_class: bool
    methods: frozenset[str]
    bodies: frozenset[str]
    bases: frozenset[str]


class SecondDefinition(NamedTuple):
    """A second definition, and in words what it has in common with the original."""

    statement: Statement
    name: str
    why: str


def definition(file: SourceFile, name: str) -> Original | None:
    """Return what `file` defines at its top level under `name`, `None` where that is no class or function."""
    found = [node for node in file.tree.body if isinstance(node, _DEFINITIONS) and node.name == name]
    if not found:
        return None
    node = found[-1]
    methods = _methods(node)
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return Original(
        name=name,
        is_class=isinstance(node, ast.ClassDef),
        methods=frozenset(method for method in methods if not method.startswith("_")),
        bodies=frozenset(filter(None, map(_body, methods.values() if methods else [node]))),
        bases=frozenset(ast.unparse(base).rpartition(".")[2] for base in bases),
    )


def alike(file: SourceFile, original: Original) -> Iterator[SecondDefinition]:
    """Yield the classes and functions in `file` that define again what `original` is.

    A class that derives from the original, or from which it derives, is another thing; so is an interface
    (`Protocol`, `ABC`), and a name that stands for a type checker alone.
    """
    for statement in file.statements:
        node = statement.node
        if isinstance(node, _DEFINITIONS) and isinstance(node, ast.ClassDef) is original.is_class:
            why = _why(node, original)
            if why is not None:
                prefix = "" if statement.scope == "<module>" else f"{statement.scope}."
                yield SecondDefinition(statement, f"{prefix}{node.name}", why)


_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_INTERFACES = frozenset({"Protocol", "ABC", "Enum", "TypedDict"})


def _why(node: Definition, original: Original) -> str | None:
    bases = {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in getattr(node, "bases", [])}
    if original.name in bases or node.name in original.bases or bases & _INTERFACES:
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


def _methods(node: Definition) -> Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {part.name: part for part in body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))}


def _body(node: ast.AST) -> str | None:
    """Return what a function does as text, whatever its variables are called; `None` where it is short."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if len(body) < _SHORT:
        return None
    arguments = node.args
    bound = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    stored = [part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    bound += (name.id for name in sorted(stored, key=lambda name: (name.lineno, name.col_offset)))
    names = {name: f"local{number}" for number, name in enumerate(dict.fromkeys(bound))}
    return "\n".join(ast.dump(_renamed(statement, names)) for statement in body)


def _renamed(statement: ast.stmt, names: Mapping[str, str]) -> ast.AST:
    copied = ast.parse(ast.unparse(statement))
    for node in ast.walk(copied):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return copied
