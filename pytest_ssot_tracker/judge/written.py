"""Read the markers of a test as they are written, for tests that nobody has collected.

The scan comes here: a site in the body of a test is covered by the test's markers, also where the test did not run.
"""

from __future__ import annotations

import ast
import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pytest_ssot_tracker.judge.markers import ALLOW, ENFORCE, EXPECT, ROLLBACK, MarkError, Marks, read_marks
from pytest_ssot_tracker.model import Site

if TYPE_CHECKING:
    from pytest_ssot_tracker.source import SourceFile

__all__ = ["WrittenMarks"]

_OURS = (EXPECT, ALLOW, ENFORCE, ROLLBACK)
_Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Mark(NamedTuple):
    name: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]


class WrittenMarks:
    """Answer which markers are written above the test that holds a site; `file` returns a parsed file by its path."""

    def __init__(self, file: Callable[[str], SourceFile | None]) -> None:
        self._file = file
        self._known: dict[tuple[str, str], Marks | None] = {}

    def __call__(self, site: Site) -> Marks | None:
        """Return the markers of the test in whose body `site` stands, `None` where it stands in none."""
        key = (site.path, site.scope)
        if key not in self._known:
            self._known[key] = self._read(site)
        return self._known[key]

    def _read(self, site: Site) -> Marks | None:
        if not any(part.startswith("test") for part in site.scope.split(".")):
            return None
        file = self._file(site.path)
        if file is None or "ssot_" not in file.text:
            return None
        try:
            return read_marks(_marks(file.tree, site.scope.split(".")))
        except MarkError:
            return None  # a run refuses it


def _marks(tree: ast.Module, scope: list[str]) -> Iterator[_Mark]:
    """Yield the markers that hold for the test in `scope`, the closest first."""
    found = list(_assigned(tree.body))
    body: list[ast.stmt] = tree.body
    for name in scope:
        one = next((one for one in ast.walk(ast.Module(body, [])) if getattr(one, "name", None) == name), None)
        if not isinstance(one, _Definition):
            break
        if isinstance(one, ast.ClassDef):
            found = [*_decorating(one), *_assigned(one.body), *found]
        else:
            found = [*_decorating(one), *found]
            break  # what is defined inside a test is the test's
        body = one.body
    yield from found


def _decorating(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[_Mark]:
    for one in node.decorator_list:
        yield from _mark(one)


def _assigned(body: list[ast.stmt]) -> Iterator[_Mark]:
    """Yield the markers in `pytestmark = …`."""
    for node in body:
        if not isinstance(node, ast.Assign) or not any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            continue
        for one in node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]:
            yield from _mark(one)


def _mark(node: ast.expr) -> Iterator[_Mark]:
    called = node.func if isinstance(node, ast.Call) else node
    if not isinstance(called, ast.Attribute) or called.attr not in _OURS:
        return
    if not isinstance(node, ast.Call):
        yield _Mark(called.attr, (), {})
        return
    try:
        args = tuple(ast.literal_eval(one) for one in node.args)
        kwargs = {one.arg: _value(one.arg, one.value) for one in node.keywords if one.arg not in (None, "raises")}
    except ValueError:
        return  # it says something that is only known when it runs
    yield _Mark(called.attr, args, {name: value for name, value in kwargs.items() if name is not None})


def _value(name: str | None, node: ast.expr) -> object:
    """Return what the argument `name` says; words for people may be anything, a date may be made by a call."""
    if name in ("reason", "issue"):
        return "said at run time" if not isinstance(node, ast.Constant) else node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "date":
        return datetime.date(*(ast.literal_eval(one) for one in node.args))
    return ast.literal_eval(node)
