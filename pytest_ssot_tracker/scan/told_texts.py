"""Say which texts an expression may be, as far as its file tells: by what its names are bound to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import islice, product

from pytest_ssot_tracker.names.syntax import FUNCTIONS, Function, literal_text, parameters, parametrized

__all__ = ["ToldTexts"]

_MOST = 32
"""Texts: an expression that may be more is not followed."""
_DEPTH = 6


class ToldTexts:
    """The texts that the names of one file are bound to, by the scope in which that is done."""

    def __init__(self, tree: ast.Module, known: dict[str, str]) -> None:
        """Look through `tree`; `known` are names that have a text of their own (`__name__`)."""
        self._bound: dict[tuple[str, str], list[ast.expr]] = {}
        self._known = known
        for statement in tree.body:
            self._look(statement, "")

    def of(self, node: ast.expr, scope: str) -> list[str]:
        """Return the texts that `node` may be where it stands in `scope`, a qualified name (`""`: the module)."""
        return list(dict.fromkeys(islice(self._texts(node, scope, _DEPTH), _MOST)))

    # --- What names are bound to

    def _look(self, node: ast.AST, scope: str) -> None:
        inner = scope
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            inner = f"{scope}.{node.name}" if scope else node.name
            if not isinstance(node, ast.ClassDef):
                self._parameters(node, inner)
        elif isinstance(node, ast.Assign):
            self._bind(node.targets, [node.value], scope)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self._bind([node.target], [node.value], scope)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._bind([node.target], getattr(node.iter, "elts", []), scope)
        for child in ast.iter_child_nodes(node):
            self._look(child, inner)

    def _parameters(self, node: Function, scope: str) -> None:
        """Note what the parameters of a function are given: nothing that is known, or what `parametrize` lists."""
        for name in parameters(node.args):
            self._bound[scope, name] = []
        for names, rows in parametrized(node):
            if len(names) == 1 and (scope, names[0]) in self._bound:
                self._bound[scope, names[0]] += getattr(rows, "elts", [])

    def _bind(self, targets: Iterable[ast.expr], values: Iterable[ast.expr], scope: str) -> None:
        for target in targets:
            if isinstance(target, ast.Name):
                self._bound.setdefault((scope, target.id), []).extend(values)

    # --- What an expression may be

    def _texts(self, node: ast.expr, scope: str, depth: int) -> Iterator[str]:
        text = literal_text(node)
        if text is not None:
            yield text
        elif not depth:
            return
        elif isinstance(node, ast.Name):
            yield from self._named(node.id, scope, depth - 1)
        elif isinstance(node, ast.JoinedStr):
            yield from map("".join, self._sides(node.values, scope, depth))
        elif isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
            yield from self._texts(node.value, scope, depth - 1)
        elif isinstance(node, ast.IfExp):
            yield from self._texts(node.body, scope, depth - 1)
            yield from self._texts(node.orelse, scope, depth - 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from map("".join, self._sides([node.left, node.right], scope, depth))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            for template, *rest in self._sides([node.left, *values], scope, depth):
                if template.count("%") == template.count("%s") == len(rest):
                    yield template % tuple(rest)

    def _sides(self, nodes: Iterable[ast.expr], scope: str, depth: int) -> Iterator[tuple[str, ...]]:
        return product(*([*islice(self._texts(node, scope, depth - 1), _MOST)] for node in nodes))

    def _named(self, name: str, scope: str, depth: int) -> Iterator[str]:
        """Yield what a name is bound to in the nearest scope that binds it."""
        while (scope, name) not in self._bound:
            if not scope:
                yield from [self._known[name]] if name in self._known else []
                return
            scope = scope.rpartition(".")[0]
        for value in self._bound[scope, name]:
            yield from self._texts(value, scope, depth)
