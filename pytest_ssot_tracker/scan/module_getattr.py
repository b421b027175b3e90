"""Read what a module with a `__getattr__` (PEP 562) gives out when it is asked, as far as that is written there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pytest_ssot_tracker.names.syntax import FUNCTIONS, bindings

__all__ = ["served"]

_VALUES = (ast.Constant, ast.JoinedStr, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.BinOp, ast.UnaryOp)


def served(tree: ast.Module) -> dict[str, str]:
    """Return the names that a module gives out, each with its kind: `class`, `function` or `constant`.

    A name counts that a dictionary lists or that `__getattr__` compares with, where what belongs to it tells its kind.
    """
    bound = [*bindings(tree.body)]
    answers = [node for name, node in bound if name == "__getattr__"]
    kinds = {name: kind for name, node in bound if (kind := _kind_of(node)) is not None}
    found: dict[str, str] = {}
    for name, value in (*_listed(tree), *(pair for answer in answers for pair in _compared(answer))) if answers else ():
        kind = _kind(value, kinds)
        if kind is not None:
            found.setdefault(name, kind)
    return found


def _kind_of(node: ast.stmt) -> str | None:
    """Return the kind of what a statement at the top of the module binds."""
    if isinstance(node, ast.ClassDef):
        return "class"
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    return "function" if isinstance(node, FUNCTIONS) else "constant" if isinstance(value, _VALUES) else None


def _listed(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the texts in dictionaries that could be names, with what belongs to each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
                if name.isidentifier() and (name.isupper() or not _may_lead_elsewhere(name, value)):
                    yield name, value


def _may_lead_elsewhere(name: str, value: ast.expr) -> bool:
    """Whether what belongs to a name may say where to import it from, so that it tells nothing of its kind."""
    text = value.elts[-1] if isinstance(value, ast.Tuple) and value.elts else value
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        return False
    return "." in text.value or name[:1].isupper()


def _compared(answer: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a function is asked for in an `if` or a `case`, with what it returns then."""
    for node in ast.walk(answer):
        if isinstance(node, (ast.If, ast.match_case)):
            asked = node.test if isinstance(node, ast.If) else node.pattern
            values = [inner.value for inner in node.body if isinstance(inner, ast.Return) and inner.value is not None]
            names = [part.value for part in ast.walk(asked) if isinstance(part, ast.Constant)]
            yield from ((name, value) for name in names if isinstance(name, str) for value in values[:1])


def _kind(value: ast.expr, kinds: dict[str, str]) -> str | None:
    if isinstance(value, ast.Name):
        return kinds.get(value.id)
    if isinstance(value, ast.Lambda):
        return "function"
    return "constant" if isinstance(value, _VALUES) else None
