"""Read what a module with a `__getattr__` (PEP 562) gives out when it is asked, as far as that is written there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from pytest_ssot_tracker.imported import absolute, brought
from pytest_ssot_tracker.names.syntax import (
    FUNCTIONS,
    IMPORTS,
    bindings,
    dotted_name,
    last_name,
    literal_text,
    literal_texts,
    statements,
)

__all__ = ["leads", "served"]

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


def leads(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    """Yield the names that a module in `package` gives out from elsewhere, each with the dotted name behind it.

    A table or a branch says so by what an import brings, or by the text of a module: `{"Log": ".log"}`.
    """
    answers = [node for name, node in bindings(tree.body) if name == "__getattr__"]
    nodes = (node for node in (*tree.body, *statements(answers, inside=True)) if isinstance(node, IMPORTS))
    known = {name: found.dotted for node in nodes for name, found in brought(node, package) if found is not None}
    for name, value in (*_pairs(tree), *(pair for answer in answers for pair in _compared(answer))) if answers else ():
        dotted = _meant(name, value, known, package)
        if dotted is not None:
            yield name, dotted


def _meant(name: str, value: ast.expr, known: Mapping[str, str], package: str) -> str | None:
    """Return the dotted name of another module that `value` means for `name`."""
    first, dot, rest = (dotted_name(value) or "").partition(".")
    if first in known:
        return f"{known[first]}{dot}{rest}"
    if isinstance(value, ast.Attribute):  # `import_module(".log", __name__).Log`
        name, value = value.attr, value.value
    if isinstance(value, ast.Call) and last_name(value.func) in ("getattr", "import_module") and value.args:
        module = _meant(name, value.args[0], known, package)
        return f"{module}.{name}" if dotted_name(value.args[0]) and module else module
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    texts = literal_texts(parts)
    if len(texts) != len(parts) or "." not in "".join(texts[:1]):
        return None
    text, _, attribute = ":".join(texts).partition(":")
    module = absolute(text.lstrip("."), len(text) - len(text.lstrip(".")), package) or ""
    found = module if not attribute and module.endswith(f".{name}") else f"{module}.{attribute or name}"
    return found if all(part.isidentifier() for part in found.split(".")) else None


def _kind_of(node: ast.stmt) -> str | None:
    """Return the kind of what a statement at the top of the module binds."""
    if isinstance(node, ast.ClassDef):
        return "class"
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    return "function" if isinstance(node, FUNCTIONS) else "constant" if isinstance(value, _VALUES) else None


def _listed(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the texts in dictionaries that could be names, with what belongs to each where that tells its kind."""
    for name, value in _pairs(tree):
        if name.isidentifier() and (name.isupper() or not _may_lead_elsewhere(name, value)):
            yield name, value


def _pairs(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the texts in dictionaries with what belongs to each, and those in `{"log": ["Log"]}` with their module."""
    for node in ast.walk(tree):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            if (text := literal_text(key)) is not None:
                yield text, value
                module = ast.Constant(text if "." in text else f".{text}")
                names = value.elts if isinstance(value, (ast.List, ast.Set)) else []
                yield from ((str(part.value), module) for part in names if isinstance(part, ast.Constant))


def _may_lead_elsewhere(name: str, value: ast.expr) -> bool:
    """Whether what belongs to a name may say where to import it from, so that it tells nothing of its kind."""
    text = literal_text(value.elts[-1] if isinstance(value, ast.Tuple) and value.elts else value)
    return text is not None and ("." in text or name[:1].isupper())


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
