"""Read the markers of ours that are written above tests, as plain data that a cache can keep."""

from __future__ import annotations

import ast
import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pytest_ssot_tracker.model import is_test

if TYPE_CHECKING:
    from pytest_ssot_tracker.scan.stored import PlainMark

__all__ = ["marks_of"]

_PREFIX = "ssot_"
_Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def marks_of(tree: ast.Module, scopes: Iterable[str]) -> dict[str, list[PlainMark]]:
    """Return for each of `scopes` that is a test's and has markers of ours these markers, the closest first."""
    found = {scope: list(_marks(tree, scope.split("."))) for scope in scopes if is_test(scope)}
    return {scope: marks for scope, marks in found.items() if marks}


def _marks(tree: ast.Module, scope: list[str]) -> Iterator[PlainMark]:
    found = list(_assigned(tree.body))
    body: list[ast.stmt] = tree.body
    for name in scope:
        node = next((node for node in ast.walk(ast.Module(body, [])) if getattr(node, "name", None) == name), None)
        if not isinstance(node, _Definition):
            break
        if isinstance(node, ast.ClassDef):
            found = [*_decorating(node), *_assigned(node.body), *found]
        else:
            found = [*_decorating(node), *found]
            break  # what is defined inside a test is the test's
        body = node.body
    yield from found


def _decorating(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[PlainMark]:
    for decorator in node.decorator_list:
        yield from _mark(decorator)


def _assigned(body: list[ast.stmt]) -> Iterator[PlainMark]:
    """Yield the markers in `pytestmark = …`."""
    for node in body:
        if not isinstance(node, ast.Assign) or not any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            continue
        for value in node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]:
            yield from _mark(value)


def _mark(node: ast.expr) -> Iterator[PlainMark]:
    called = node.func if isinstance(node, ast.Call) else node
    if not isinstance(called, ast.Attribute) or not called.attr.startswith(_PREFIX):
        return
    if not isinstance(node, ast.Call):
        yield called.attr, "()", "{}"
        return
    try:
        args = tuple(ast.literal_eval(argument) for argument in node.args)
        kwargs = {
            keyword.arg: _value(keyword.arg, keyword.value)
            for keyword in node.keywords
            if keyword.arg not in (None, "raises")
        }
    except (ValueError, TypeError, SyntaxError):
        return  # it says something that is only known when it runs
    yield called.attr, repr(args), repr(kwargs)


def _value(name: str | None, node: ast.expr) -> object:
    """Return what the argument `name` says; words for people may be anything, a date may be made by a call."""
    if name in ("reason", "issue"):
        return "said at run time" if not isinstance(node, ast.Constant) else node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "date":
        return datetime.date(*(ast.literal_eval(argument) for argument in node.args)).isoformat()
    return ast.literal_eval(node)
