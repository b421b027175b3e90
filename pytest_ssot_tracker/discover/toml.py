"""Write values as TOML has them, for people to read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pytest_ssot_tracker.records import regex

__all__ = ["comment", "key", "listed", "text"]

_LONG = 90
_BARE = regex(r"[A-Za-z0-9_-]+\Z")
_COMMENT = 110


def text(value: str) -> str:
    """Return a string in quotes."""
    return "".join(map(_visible, json.dumps(value, ensure_ascii=False)))


def _visible(char: str) -> str:
    """Return a character as TOML takes it in a text, and as nobody can be deceived by it."""
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def key(name: str) -> str:
    """Return the name of a table or key, in quotes where it needs them."""
    return name if _BARE.match(name) else text(name)


def comment(words: str) -> str:
    """Return words as a comment has them: on one line, without what a terminal might take for a command."""
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return f"# {line if len(line) <= _COMMENT else line[: _COMMENT - 1] + '…'}"


def listed(values: Sequence[str], notes: Sequence[str] = ()) -> str:
    """Return a list: on one line where it is short, else one value a line; `notes` stand beside the values."""
    if notes:
        pairs = zip(values, notes, strict=True)
        return "[\n" + "".join(f"    {text(value)}, {comment(note)}\n" for value, note in pairs) + "]"
    unique = list(dict.fromkeys(values))
    line = f"[{', '.join(map(text, unique))}]"
    if len(line) <= _LONG:
        return line
    return "[\n" + "".join(f"    {text(value)},\n" for value in unique) + "]"
