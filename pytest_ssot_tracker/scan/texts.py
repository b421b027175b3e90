"""Find texts that are to go within the string constants of a file: tables, URLs, keys, environment variables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from pytest_ssot_tracker.records import NamedTuple, regex
from pytest_ssot_tracker.source import SourceFile, Statement

__all__ = ["FoundText", "find", "may_hold"]

# What stands between two pieces of one text: the end of a literal and the start of the next, a plus or a comma between.
_JOINT = regex(r"""["']+(?:[\s\\+(),\[\]]|\#[^\n]*\n)*[rRbBuUfF]{0,2}["']+""")


class FoundText(NamedTuple):
    """One of the texts looked for, in a statement."""

    text: str
    statement: Statement
    line: int


def may_hold(text: str, wanted: Iterable[str]) -> bool:
    """Whether a source text can hold one of `wanted` in a string, also one that is put together of several literals.

    A text that is written with escapes is not recognised.
    """
    wanted = list(wanted)
    if any(word in text for word in wanted):
        return True
    joined = _JOINT.sub("", text)
    return any(word in joined for word in wanted)


def find(file: SourceFile, wanted: Sequence[str]) -> Iterator[FoundText]:
    """Yield each of `wanted` that stands in a string constant of `file`, once for each statement.

    Docstrings and other strings that are statements of their own are comments. A text counts where it is not a part
    of a longer word: `orders` is none in `old_orders`.
    """
    patterns = [(text, _pattern(text)) for text in wanted]
    seen: set[tuple[str, int, int]] = set()
    for node, content in _strings(file.tree):
        for text, pattern in patterns:
            if text in content and pattern.search(content) is not None:
                statement = file.statement_at(node.lineno, node.col_offset)
                if statement is not None and (text, statement.line, statement.column) not in seen:
                    seen.add((text, statement.line, statement.column))
                    yield FoundText(text, statement, node.lineno)


def _pattern(text: str) -> re.Pattern[str]:
    start = r"(?<!\w)" if text[:1].isalnum() or text[:1] == "_" else ""
    end = r"(?!\w)" if text[-1:].isalnum() or text[-1:] == "_" else ""
    return re.compile(start + re.escape(text) + end)


def _strings(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield the outermost expressions that make a text, with what is known of it; a gap is a line feed."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.expr):
            content = _content(node)
            if content is not None:
                yield node, content
                waiting += _within(node)
                continue
        waiting += ast.iter_child_nodes(node)


def _content(node: ast.expr) -> str | None:
    """Return what a text expression is known to hold, `None` for any other expression."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return node.value
        return node.value.decode("latin-1") if isinstance(node.value, bytes) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_content(part) or "\n" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = _content(node.left), _content(node.right)
        return None if sides == (None, None) else "".join("\n" if side is None else side for side in sides)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        return _joined(node, node.func.value)
    return None


def _joined(call: ast.Call, separator: ast.expr) -> str | None:
    """Return what `"sep".join([…])` of literals gives, `None` where it is anything else."""
    between = _content(separator)
    if between is None or len(call.args) != 1 or not isinstance(call.args[0], (ast.List, ast.Tuple)):
        return None
    return between.join(_content(part) or "\n" for part in call.args[0].elts)


def _within(node: ast.expr) -> list[ast.AST]:
    """Return what of a text expression may hold other texts: the values of an f-string, and operands that are none."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if isinstance(node, ast.BinOp):
        return [inner for side in (node.left, node.right) for inner in (_within(side) if _is_text(side) else [side])]
    if isinstance(node, ast.Call):
        elements = getattr(node.args[0], "elts", [])
        return [inner for side in elements for inner in (_within(side) if _is_text(side) else [side])]
    return []


def _is_text(node: ast.expr) -> bool:
    return _content(node) is not None
