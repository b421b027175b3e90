"""Know when a value is the clock, and when a text is put together with it.

A value of the clock travels as one of the marks below where a reference would.
"""

from __future__ import annotations

import ast
import re

from pytest_ssot_tracker.scan.scopes import NOTHING, References

__all__ = ["NUMBER", "READS", "SINKS", "TEXT", "clock_of_call", "is_now", "placeholders_only", "shows_date"]

NUMBER = "<clock>"
TEXT = "<clock text>"

_NUMBERS = frozenset({"time.time", "time.time_ns"})
READS = _NUMBERS | {
    *("time.strftime", "datetime.datetime.now", "datetime.datetime.utcnow"),
    *("datetime.datetime.today", "datetime.date.today"),
}
"""What reads the clock when it is called, by whatever name."""

_NOW = re.compile(
    r"(?:datetime\.datetime\.(?:now|utcnow|today)|datetime\.date\.today)\(\)(?:\.(?:replace|astimezone|date|time)\(\))*\Z"
)
_KEEP_NUMBER = frozenset(
    {"builtins.int", "builtins.round", "builtins.float", "builtins.abs", "math.floor", "math.ceil"}
)
_TUPLES = frozenset({"time.gmtime", "time.localtime"})
_TO_TEXT = frozenset({"builtins.str", "builtins.repr", "builtins.hex", "builtins.format", "builtins.oct"})
_TEXT_METHODS = frozenset({"zfill", "rjust", "ljust", "lower", "upper", "replace", "strip", "encode", "decode"})
_PLACEHOLDER = re.compile(r"%[-#0 +\d.*]*[a-zA-Z]|\{[^{}]*\}")

SINKS = frozenset(
    {
        *(
            "print",
            "pprint",
            "log",
            "debug",
            "info",
            "warning",
            "warn",
            "error",
            "exception",
            "critical",
            "fatal",
            "trace",
        ),
        *("success", "notice", "echo", "secho", "fail", "skip", "xfail", "write_line", "section", "set_description"),
    }
)
"""Functions and methods, by their last name, whose arguments are merely logged, printed or raised."""


def is_now(reference: str) -> bool:
    """Tell whether `reference` is a date and time of now."""
    return _NOW.match(reference) is not None


def clock_of_call(callee: str, node: ast.Call, arguments: list[References]) -> References:
    """Return the mark of what a call returns, where that is the clock; `arguments` are its positional ones."""
    first = arguments[0] if arguments else NOTHING
    if callee in _NUMBERS:
        return (NUMBER,)
    if callee in _KEEP_NUMBER and (NUMBER in first or TEXT in first):
        return (NUMBER,)
    if callee in _TO_TEXT and (NUMBER in first or TEXT in first or any(map(is_now, first))):
        return (TEXT,) if NUMBER in first or TEXT in first else NOTHING
    if callee in _TUPLES and node.args and NUMBER not in first:
        return ("time.struct_time()",)
    if callee == "time.strftime":
        live = len(node.args) < 2 or any(one.removesuffix("()") in _TUPLES for one in arguments[1])
        return (TEXT,) if live else NOTHING
    base, _, method = callee.rpartition(".")
    if method == "timestamp" and is_now(base):
        return (NUMBER,)
    if method in ("strftime", "__format__") and is_now(base):
        return (TEXT,)
    if base == TEXT and method in _TEXT_METHODS:
        return (TEXT,)
    if base == NUMBER and method in ("__str__", "__format__"):
        return (TEXT,)
    return NOTHING


def placeholders_only(template: str) -> bool:
    """Tell whether a `%` or `.format` template is nothing but one placeholder."""
    return len(_PLACEHOLDER.findall(template)) < 2 and not _PLACEHOLDER.sub("", template)


def shows_date(specification: ast.expr | None) -> bool:
    """Tell whether a date shows in a placeholder with this format: without a `%` the format alone does."""
    return isinstance(specification, ast.JoinedStr) and any(
        not isinstance(one, ast.Constant) or "%" in str(one.value) for one in specification.values
    )
