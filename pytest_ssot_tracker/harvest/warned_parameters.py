"""Read for which parameters a function warns: where one is passed, or passed with a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator, Mapping, Sequence

from pytest_ssot_tracker.harvest.warned import NAMED_SO, Tell, WarningCall, leading
from pytest_ssot_tracker.model import written
from pytest_ssot_tracker.names.syntax import defaults, literal_text
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["WarnedParameter", "passed"]


class WarnedParameter(NamedTuple):
    """A use of a parameter, spelled `(name)` or `(name="value")`, and the warning that it makes."""

    use: str
    warned: WarningCall


def passed(
    node: ast.FunctionDef | ast.AsyncFunctionDef, known: Mapping[str, str], tell: Tell
) -> Iterator[WarnedParameter]:
    """Yield the uses of parameters for which `node` warns, in branches that ask for nothing else.

    The text has to name the parameter: what is deprecated may as well be two of them together. One that is called
    `deprecated` says whether something else is.
    """
    optional = defaults(node.args).keys()
    others = node.args.kwarg.arg if node.args.kwarg is not None else ""
    for branch in _branches(node.body):
        use = _use(branch.test, optional, others)
        start = leading(branch.body, known, tell) if use else None
        name = use.strip("()").partition("=")[0]
        if start is not None and not NAMED_SO.search(name) and _speaks_of(start.warned, name):
            yield WarnedParameter(use, start.warned)


def _speaks_of(warned: WarningCall, name: str) -> bool:
    return warned.depends.endswith("()") or re.search(rf"\b{name}\b", warned.message) is not None


def _branches(body: Sequence[ast.stmt]) -> Iterator[ast.If]:
    for node in body:
        while isinstance(node, ast.If):
            yield node
            node = node.orelse[0] if len(node.orelse) == 1 else ast.Pass()


def _use(test: ast.expr, optional: Container[str], others: str) -> str:
    """Return the use of a parameter that a condition asks for, empty where it asks for anything else."""
    if isinstance(test, ast.Name) and test.id in optional:
        return f"({test.id})"
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return ""
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.In) and isinstance(right, ast.Name) and right.id == others:
        return "" if (name := literal_text(left)) is None else f"({name})"
    if not isinstance(left, ast.Name) or left.id not in optional:
        return ""
    if isinstance(operator, (ast.IsNot, ast.NotEq)):
        return f"({left.id})"
    is_value = isinstance(right, ast.Constant) and isinstance(right.value, (str, bytes, int, float))
    return f"({left.id}={written(right.value)})" if is_value and isinstance(operator, ast.Eq) else ""  # type: ignore[attr-defined]
