"""Tell by which name something was used: the object is the same, whether it is called by its old name or its new one.

Asked when a phase is over, of the statement that the use stands in, never while the program runs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from itertools import islice
from types import CodeType

from pytest_ssot_tracker.source import SourceFile, Statement

__all__ = ["Spelling"]

_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class Spelling:
    """What goes by a certain name in one file: the name itself, and what the file binds to what goes by it."""

    def __init__(self, file: SourceFile, name: str) -> None:
        # Names alone: a syntax tree that was kept would take ten times the space of its file.
        self._names = _aliases(file.tree, name)

    def stands_at(self, statement: Statement, code: CodeType, lasti: int) -> bool:
        """Whether the use at the instruction `lasti` of `code`, which stands in `statement`, goes by the name.

        Where the instruction calls, the callee decides; what is handed on counts where that is something else.
        """
        node = _node_at(statement, code, lasti)
        if isinstance(node, ast.Call) and self._goes_by(node.func):
            return True
        return any(self._goes_by(part) for part in _parts(node))

    def _goes_by(self, node: ast.expr) -> bool:
        return any(name in self._names for name in _named(node))


def _node_at(statement: Statement, code: CodeType, lasti: int) -> ast.AST:
    """Return the expression that the instruction computes, the whole statement where that is not known (3.10)."""
    if sys.version_info < (3, 11):
        return statement.node
    _, line, _, column = next(islice(code.co_positions(), max(lasti, 0) // 2, None), (None, None, None, None))
    # By the end alone: since 3.12 a call of a method starts at the method's name.
    found = [
        node
        for node in ast.walk(statement.node)
        if isinstance(node, ast.expr) and (node.end_lineno, node.end_col_offset) == (line, column)
    ]
    calls = [node for node in found if isinstance(node, ast.Call)]
    return next(iter(calls or found), statement.node)


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the names and attributes in `node`, of a statement those in its head; a dotted callee is left out."""
    callee = node.func if isinstance(node, ast.Call) and _is_dotted(node.func) else None
    inner: list[ast.AST] = []
    for field, value in ast.iter_fields(node):
        if not (isinstance(node, ast.stmt) and field in _BODIES):
            inner += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST)]
    for one in inner:
        if one is not callee:
            yield from (part for part in ast.walk(one) if isinstance(part, (ast.Name, ast.Attribute)))
    if isinstance(node, (ast.Name, ast.Attribute)):
        yield node


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _named(node: ast.expr) -> Iterator[str]:
    """Yield the names along a dotted expression, of what is called or looked up on the way too."""
    while True:
        if isinstance(node, ast.Name):
            yield node.id
            return
        if isinstance(node, ast.Attribute):
            yield node.attr
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return


def _aliases(tree: ast.AST, name: str) -> frozenset[str]:
    """Return what a file calls `name`: by `import … as`, by assignment, as a default, as an item of a container."""
    names = {name}
    bindings = list(_bindings(tree))
    while True:
        fresh = {bound for bound, value in bindings if bound not in names and _leads_to(value, names)}
        if not fresh:
            return frozenset(names)
        names |= fresh


def _bindings(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((name.asname, ast.Name(name.name)) for name in node.names if name.asname is not None)
        elif isinstance(node, ast.Assign):
            yield from ((name, node.value) for target in node.targets if (name := _last(target)) is not None)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            if (name := _last(node.target)) is not None:
                yield name, node.value
        elif isinstance(node, (ast.For, ast.comprehension)) and (name := _last(node.target)) is not None:
            yield name, node.iter
        elif isinstance(node, ast.arguments):
            every = [*node.posonlyargs, *node.args]
            for argument, default in zip(every[len(every) - len(node.defaults) :], node.defaults, strict=True):
                yield argument.arg, default
            for argument, value in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if value is not None:
                    yield argument.arg, value


def _last(target: ast.expr) -> str | None:
    if isinstance(target, ast.Name):
        return target.id
    return target.attr if isinstance(target, ast.Attribute) else None


def _leads_to(value: ast.expr, names: set[str]) -> bool:
    """Whether `value` is what one of `names` stands for, one of two such, or holds it."""
    if isinstance(value, (ast.Name, ast.Attribute)):
        return _last(value) in names
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return any(_leads_to(element, names) for element in value.elts)
    if isinstance(value, ast.Dict):
        return any(_leads_to(one, names) for one in value.values)
    if isinstance(value, ast.IfExp):
        return _leads_to(value.body, names) or _leads_to(value.orelse, names)
    return isinstance(value, ast.BoolOp) and any(_leads_to(one, names) for one in value.values)
