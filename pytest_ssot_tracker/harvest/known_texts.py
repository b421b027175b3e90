"""Read a text out of an expression, as far as the source tells: what cannot be known stands as `…`."""

from __future__ import annotations

import ast
from collections.abc import Mapping

__all__ = ["UNKNOWN", "text_of"]

UNKNOWN = "…"


def text_of(node: ast.expr | None, known: Mapping[str, str]) -> str | None:
    """Return the text that `node` gives, `None` where it is none; `known` are the texts of variables."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_Piece(known).text, node.values))
    if isinstance(node, ast.BinOp):
        return _operated(node, known)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _called(node, node.func, known)
    return None


def _operated(node: ast.BinOp, known: Mapping[str, str]) -> str | None:
    left = text_of(node.left, known)
    if left is None:
        return None
    if isinstance(node.op, ast.Add):
        return left + (text_of(node.right, known) or UNKNOWN)
    if not isinstance(node.op, ast.Mod):
        return None
    values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    for value in values:
        left = left.replace("%r", "%s", 1).replace("%s", _Piece(known).text(value), 1)
    return left


def _called(node: ast.Call, function: ast.Attribute, known: Mapping[str, str]) -> str | None:
    text = text_of(function.value, known)
    if text is None or function.attr not in ("format", "strip", "lstrip", "rstrip", "join"):
        return None
    if function.attr == "format":
        for number, value in enumerate(node.args):
            said = _Piece(known).text(value)
            text = text.replace("{}", said, 1).replace(f"{{{number}}}", said)
        for word in node.keywords:
            text = text.replace(f"{{{word.arg}}}", _Piece(known).text(word.value))
    return text


class _Piece:
    """The pieces of a text that is put together."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def text(self, node: ast.expr) -> str:
        """Return what a piece says."""
        value = node.value if isinstance(node, ast.FormattedValue) else node
        found = text_of(value, self._known)
        if found is not None:
            return found
        if isinstance(value, ast.Attribute):  # `new.__name__`, `cls.__qualname__`
            above = self.text(value.value)
            return above if value.attr in ("__name__", "__qualname__") else f"{above}.{value.attr}"
        return UNKNOWN
