"""Tell by which name something was used: the object is the same, whether it is called by its old name or its new one.

Asked when a phase is over, of the statement that the use stands in, never while the program runs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Set
from itertools import islice
from types import CodeType

from pytest_ssot_tracker.source import SourceFile, Statement

__all__ = ["Spelling"]

_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


class Spelling:
    """What goes by a certain name in one file: the name itself, and what the file binds to what goes by it.

    `pkg.hub:Name` is what is read from a module, `hub.Name`, and not what is imported from there by its name: such an
    import is a site of its own, and the name that it binds may be another module's in the next function.
    """

    def __init__(self, file: SourceFile, name: str) -> None:
        # Names alone: a syntax tree that was kept would take ten times the space of its file.
        module, colon, self._last = name.rpartition(":")
        self._modules = _modules(file.tree, module) if colon else None
        self._names = _led_to(file.tree, set(), self._leads_to)
        self._holders = frozenset(self._given(file))

    def stands_at(self, statement: Statement, code: CodeType, lasti: int) -> bool:
        """Whether the use at the instruction `lasti` of `code`, which stands in `statement`, goes by the name.

        Where the instruction calls, the callee decides; what is handed on counts where that is something else.
        """
        node = _node_at(statement, code, lasti)
        if isinstance(node, ast.Call) and (self._goes_by(node.func) or self._was_given(node.func, statement)):
            return True
        return any(self._goes_by(part) for part in _parts(node))

    def _given(self, file: SourceFile) -> Iterator[tuple[str, str]]:
        """Yield scope and name of what is given what goes by the name, and may use it later: `Thread(target=Old)`."""
        for statement in file.statements:
            node = statement.node
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
                continue
            if any(map(self._goes_by, [*node.value.args, *(keyword.value for keyword in node.value.keywords)])):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield "" if isinstance(target, ast.Attribute) else statement.scope, _last(target) or ""

    def _was_given(self, callee: ast.expr, statement: Statement) -> bool:
        """Whether what is called, or whose method is, was given what goes by the name."""
        for part in _chain(callee):
            if ("" if isinstance(part, ast.Attribute) else statement.scope, _last(part)) in self._holders:
                return True
        return False

    def _goes_by(self, node: ast.expr) -> bool:
        return any(self._is_it(part, self._names) for part in _chain(node))

    def _leads_to(self, value: ast.expr, names: Set[str]) -> bool:
        """Whether `value` is what goes by the name or by one of `names`, one of two such, or holds it."""
        if isinstance(value, (ast.Name, ast.Attribute, ast.Call)):
            return self._is_it(value, names)
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            return any(self._leads_to(element, names) for element in value.elts)
        if isinstance(value, ast.Dict):
            return any(self._leads_to(operand, names) for operand in value.values)
        if isinstance(value, ast.IfExp):
            return self._leads_to(value.body, names) or self._leads_to(value.orelse, names)
        return isinstance(value, ast.BoolOp) and any(self._leads_to(operand, names) for operand in value.values)

    def _is_it(self, node: ast.expr, names: Set[str]) -> bool:
        """Whether one name or attribute is, or is bound to, what goes by the name."""
        last = _last(node)
        if last is not None and last in names:
            return True
        if self._modules is None:
            return last == self._last
        held, name = _read(node)
        return name == self._last and held is not None and _is_module(held, self._modules)


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
            inner += [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST)]
    for child in inner:
        if child is not callee:
            yield from (part for part in ast.walk(child) if isinstance(part, (ast.Name, ast.Attribute)))
    if isinstance(node, (ast.Name, ast.Attribute)):
        yield node


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _chain(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions along a dotted one, what is called or looked up on the way too."""
    while True:
        yield node
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return


def _led_to(tree: ast.AST, names: set[str], leads_to: Callable[[ast.expr, Set[str]], bool]) -> frozenset[str]:
    """Return `names` and all that a file binds to what leads to one of them, in as many steps as it takes.

    By `import … as`, by assignment, as a default, in a container.
    """
    bindings = list(_bindings(tree))
    while True:
        fresh = {bound for bound, value in bindings if bound not in names and leads_to(value, names)}
        if not fresh:
            return frozenset(names)
        names |= fresh


def _modules(tree: ast.AST, module: str) -> frozenset[str]:
    """Return the expressions by which a file speaks of a module: its name, and what the file binds to it."""
    above, _, last = module.rpartition(".")
    names = {module}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and f"{module}.".startswith(f"{alias.name}."):
                    names.add(alias.asname + module[len(alias.name) :])  # `import pkg as p` leads to it by `p.hub`
        elif isinstance(node, ast.ImportFrom) and (node.level or node.module == above):
            names |= {alias.asname or alias.name for alias in node.names if alias.name == last}
    return _led_to(tree, names, _is_module)


def _is_module(node: ast.expr, names: Set[str]) -> bool:
    """Whether `node` is one of the expressions `names`, or is given a text that is (`import_module("pkg.hub")`)."""
    if isinstance(node, ast.Call):
        return any(isinstance(argument, ast.Constant) and argument.value in names for argument in node.args)
    if isinstance(node, ast.Subscript):  # sys.modules["pkg.hub"]
        return isinstance(node.slice, ast.Constant) and node.slice.value in names
    return ast.unparse(node) in names


def _read(node: ast.expr) -> tuple[ast.expr | None, str | None]:
    """Return what is read from what, by a dot or by `getattr`."""
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    if isinstance(node, ast.Call) and _last(node.func) == "getattr" and len(node.args) > 1:
        name = node.args[1]
        return node.args[0], name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None
    return None, None


def _bindings(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        for target, value in _bound_by(node):
            name = _last(target) if isinstance(target, ast.expr) else target
            if name is not None and value is not None:
                yield name, value


def _bound_by(node: ast.AST) -> Iterator[tuple[ast.expr | str | None, ast.expr | None]]:
    """Yield what a node binds, a target or a name, and to what."""
    if isinstance(node, ast.ImportFrom):
        yield from ((alias.asname, ast.Name(alias.name)) for alias in node.names)
    elif isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        yield node.target, node.value
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield node.target, node.iter
    elif isinstance(node, ast.arguments):
        by_place = [argument.arg for argument in (*node.posonlyargs, *node.args)]
        yield from zip(reversed(by_place), reversed(node.defaults), strict=False)
        yield from zip([argument.arg for argument in node.kwonlyargs], node.kw_defaults, strict=True)


def _last(target: ast.expr) -> str | None:
    if isinstance(target, ast.Name):
        return target.id
    return target.attr if isinstance(target, ast.Attribute) else None
