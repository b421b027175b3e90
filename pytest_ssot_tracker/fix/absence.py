"""Know tests that prove something gone, or refused: with another name in them they would prove nothing, or fail."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from pytest_ssot_tracker.fix.reading import File, callee

__all__ = ["catches_import_error", "proved_by"]

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_EXPECTING = frozenset(
    {
        "raises",
        "warns",
        "deprecated_call",
        "assertRaises",
        "assertRaisesRegex",
        "assertWarns",
        "assertWarnsRegex",
    }
)
"""What takes a block, or a function to call, that has to raise or warn: of pytest and of unittest."""


def proved_by(file: File, node: cst.CSTNode) -> str | None:
    """Return what around `node` proves that something does not work, in words; `None` where nothing does."""
    inner = node
    for outer in file.ancestors(node):
        expects = _expects(outer, inner)
        if expects is not None:
            return f"it stands in {expects}, which proves something about the old thing"
        if _fails_if_imported(outer, inner):
            return "the test around it fails where the import succeeds"
        inner = outer
    return None


def _expects(outer: cst.CSTNode, inner: cst.CSTNode) -> str | None:
    """Return the name of what expects `inner`, a part of `outer`, to raise or warn."""
    if isinstance(outer, cst.With) and inner is outer.body:
        names = [callee(item.item) for item in outer.items if isinstance(item.item, cst.Call)]
        return next((f"a block of {name}" for name in names if name in _EXPECTING), None)
    if isinstance(outer, cst.Call) and callee(outer) in _EXPECTING and inner in outer.args[1:]:
        return f"a call of {callee(outer)}"
    return None


def _fails_if_imported(outer: cst.CSTNode, inner: cst.CSTNode) -> bool:
    """Whether `outer` minds no failing import in `inner`, but fails when that goes through."""
    if isinstance(outer, cst.Try | cst.TryStar) and inner is outer.body:
        after = [outer.body] if outer.orelse is None else [outer.body, outer.orelse.body]
        return any(map(catches_import_error, outer.handlers)) and any(map(_fails, after))
    if isinstance(outer, cst.With) and inner is outer.body:
        called = (item.item for item in outer.items if isinstance(item.item, cst.Call))
        kinds = [argument.value for call in called if callee(call) == "suppress" for argument in call.args]
        return _names_import_error(kinds) and _fails(outer.body)
    return False


def catches_import_error(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    """Whether a failing import ends in `handler`."""
    if handler.type is None:
        return True
    return _names_import_error(
        [element.value for element in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    )


def _names_import_error(kinds: Iterable[cst.BaseExpression]) -> bool:
    return any(isinstance(kind, cst.Name) and kind.value in _IMPORT_ERRORS for kind in kinds)


def _fails(block: cst.BaseSuite) -> bool:
    """Whether a block of a test fails as it stands: by `pytest.fail()`, `self.fail()`, `raise` or `assert False`."""
    found: list[cst.CSTNode] = []

    class Failing(cst.CSTVisitor):
        def visit_Raise(self, node: cst.Raise) -> None:  # noqa: N802
            found.append(node)

        def visit_Call(self, node: cst.Call) -> None:  # noqa: N802
            if callee(node) == "fail":
                found.append(node)

        def visit_Assert(self, node: cst.Assert) -> None:  # noqa: N802
            if isinstance(node.test, cst.Name | cst.Integer) and node.test.value in ("False", "0", "None"):
                found.append(node)

    block.visit(Failing())
    return bool(found)
