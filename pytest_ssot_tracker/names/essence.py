"""Tell what a function does, whatever it calls its variables and however it is laid out."""

from __future__ import annotations

import ast

from pytest_ssot_tracker.names.syntax import Function, parameters

__all__ = ["essence", "statements_of"]

_NAMING: dict[type[ast.AST], str] = {
    ast.Name: "id",
    ast.arg: "arg",
    ast.alias: "asname",
    ast.ExceptHandler: "name",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
}
"""The field in which a node has the name of a variable."""
_SAID_TWICE = frozenset({"ctx", "kind", "type_comment"})


def statements_of(function: Function) -> list[ast.stmt]:
    """Return the statements of a function but its docstring."""
    return function.body[ast.get_docstring(function, clean=False) is not None :]


def essence(function: Function) -> str:
    """Return what a function does, as a text that is equal for all that do the same in the same steps."""
    bound = {_bound_by(node) for node in ast.walk(function) if node is not function}
    numbers = {name: number for number, name in enumerate(parameters(function.args))}

    def written(value: object) -> str:
        if isinstance(value, list):
            return f"[{','.join(map(written, value))}]"
        if not isinstance(value, ast.AST):
            return repr(value)
        naming = _NAMING.get(type(value))
        parts = []
        for field, part in ast.iter_fields(value):
            if field == naming and part in bound:
                parts.append(f"local {numbers.setdefault(part, len(numbers))}")
            elif field not in _SAID_TWICE:
                parts.append(written(part))
        return f"{type(value).__name__}({','.join(parts)})"

    return written(statements_of(function))


def _bound_by(node: ast.AST) -> str | None:
    """Return the name that a node binds."""
    reads = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    return None if reads else getattr(node, _NAMING.get(type(node), ""), None)
