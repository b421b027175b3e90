"""Colour Python source, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["coloured"]

_CLASSES = (
    ("Comment", "pc"),
    ("String", "ps"),
    ("Number", "pn"),
    ("Keyword", "pk"),
    ("Operator.Word", "pk"),
    ("Name.Decorator", "pd"),
    ("Name.Function", "pf"),
    ("Name.Class", "pf"),
    ("Name.Builtin", "pb"),
    ("Name.Exception", "pb"),
)
"""Kinds of tokens as Pygments calls them (of which a kind is one of its parent's too), and our class for each."""

_LARGE = 1_000_000
"""From how many characters on a file is shown without colours: they take about 40 ms for 1,000 lines."""


def coloured(lines: Sequence[str], path: str) -> list[str]:
    """Return the HTML of each of `lines`, in colours where `path` is Python's and Pygments is there."""
    from markupsafe import escape

    text = "\n".join(lines)
    lexer = _lexer() if path.endswith((".py", ".pyw")) and len(text) < _LARGE else None
    if lexer is None:
        return str(escape(text)).split("\n")
    return "".join(_pieces(lexer, text)).split("\n")


def _lexer() -> Any:
    """Return the lexer of Python, `None` without Pygments."""
    try:
        from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped, unused-ignore]
    except ImportError:  # pytest asks for it, but a packager may have another opinion
        return None
    return PythonLexer()


def _pieces(lexer: Any, text: str) -> Iterator[str]:
    """Yield the HTML of each token; no element reaches over the end of a line."""
    from markupsafe import escape

    classes: dict[Any, str] = {}
    for _, kind, value in lexer.get_tokens_unprocessed(text):
        css = classes.get(kind)
        if css is None:
            css = classes[kind] = _class(kind)
        html = str(escape(value))
        if not css or not value.strip():
            yield html
        else:
            yield "\n".join(f"<i class={css}>{part}</i>" if part else "" for part in html.split("\n"))


def _class(kind: Any) -> str:
    """Return our class for a kind of token, `""` for one that has no colour."""
    name = str(kind).removeprefix("Token.").removeprefix("Literal.")
    return next((css for prefix, css in _CLASSES if name == prefix or name.startswith(f"{prefix}.")), "")
