"""Know tests that prove something gone, or refused: with another name in them they would prove nothing, or fail."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from pytest_ssot_tracker.fix.parsed_file import File, callee

__all__ = ["catches_import_error", "is_try", "proved_by"]

_BROAD = frozenset({"Exception", "BaseException"})
_IMPORT_ERRORS = _BROAD | {"ImportError", "ModuleNotFoundError"}
_EXPECTING = frozenset(
    {"raises", "warns", "deprecated_call", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"}
)
"""What takes a block, or a function to call, that has to raise or warn: of pytest and of unittest."""


def proved_by(file: File, node: ast.AST) -> str | None:
    """Return what around `node` proves that something does not work, in words; `None` where nothing does."""
    inner = node
    imports = isinstance(node, (ast.Import, ast.ImportFrom, ast.Constant))
    for outer in file.ancestors(node):
        expects = _expects(outer, inner)
        if expects is not None:
            return f"it stands in {expects}, which proves something about the old thing"
        if imports and _fails_if_imported(outer, inner):
            return "the test around it fails where the import succeeds"
        inner = outer
    return None


def is_try(node: ast.AST) -> bool:
    """Whether `node` is a `try`; that of `except*` is a kind of its own since Python 3.11."""
    return type(node).__name__ in ("Try", "TryStar")


def _expects(outer: ast.AST, inner: ast.AST) -> str | None:
    """Return the name of what expects `inner`, a part of `outer`, to raise or warn."""
    if isinstance(outer, (ast.With, ast.AsyncWith)) and inner in outer.body:
        return next((f"a block of {name}" for name in map(callee, _entered(outer)) if name in _EXPECTING), None)
    if isinstance(outer, ast.Call) and callee(outer) in _EXPECTING and inner in (*outer.args[1:], *outer.keywords):
        return f"a call of {callee(outer)}"
    return None


def _fails_if_imported(outer: ast.AST, inner: ast.AST) -> bool:
    """Whether `outer` minds no failing import in `inner`, but fails when that goes through."""
    if is_try(outer) and inner in outer.body:  # type: ignore[attr-defined]
        catching = [handler for handler in outer.handlers if catches_import_error(handler)]  # type: ignore[attr-defined]
        after = [*outer.body, *outer.orelse]  # type: ignore[attr-defined]
        return any(_fails(after, by_raising=_is_narrow(handler)) for handler in catching)
    if isinstance(outer, (ast.With, ast.AsyncWith)) and inner in outer.body:
        kinds = [argument for call in _entered(outer) if callee(call) == "suppress" for argument in call.args]
        return _names_import_error(kinds) and _fails(outer.body, by_raising=True)
    return False


def _entered(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that make what a `with` enters."""
    if isinstance(node, (ast.With, ast.AsyncWith)):
        yield from (item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call))


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """Whether a failing import ends in `handler`."""
    if handler.type is None:
        return True
    return _names_import_error(handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])


def _names_import_error(kinds: Iterable[ast.expr]) -> bool:
    return any(isinstance(kind, ast.Name) and kind.id in _IMPORT_ERRORS for kind in kinds)


def _is_narrow(handler: ast.ExceptHandler) -> bool:
    """Whether a handler lets most of what is raised through: one of `Exception` is there for whatever goes wrong."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return not any(kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD) for kind in kinds)


def _fails(block: Sequence[ast.stmt], *, by_raising: bool) -> bool:
    """Whether a block of a test fails as it stands: by `pytest.fail()`, `self.fail()`, `raise` or `assert False`."""
    return any(_is_failure(node, by_raising=by_raising) for statement in block for node in ast.walk(statement))


def _is_failure(node: ast.AST, *, by_raising: bool) -> bool:
    if isinstance(node, ast.Call):
        return callee(node) == "fail"
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Constant) and not node.test.value
    return by_raising and isinstance(node, ast.Raise)
