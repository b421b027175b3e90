"""Know when a value is the clock, and when a text is put together with it.

A value of the clock travels as one of the marks below where a reference would.
"""

from __future__ import annotations

import ast

from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.scopes import NOTHING, References

__all__ = [
    "NUMBER",
    "READS",
    "SHOWN",
    "SINKS",
    "TEXT",
    "clock_of_call",
    "is_now",
    "makes_identifier",
    "placeholders_only",
    "shows_date",
]

NUMBER = "<clock>"
TEXT = "<clock text>"
SHOWN = "<clock shown>"
"""A text that shows the clock in a way that is common where nobody makes an identifier (`isoformat`), or a hash of it:
it is one where it is returned from, or stored under, a name that says so."""

_NUMBERS = frozenset(
    {
        *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns"),
        *("time.perf_counter", "time.perf_counter_ns"),
    }
)
READS = _NUMBERS | {
    *("time.strftime", "time.ctime", "datetime.datetime.now", "datetime.datetime.utcnow"),
    *("datetime.datetime.today", "datetime.date.today"),
}
"""What reads the clock when it is called, by whatever name."""

_NOW = regex(
    r"(?:datetime\.datetime\.(?:now|utcnow|today)|datetime\.date\.today)\(\)(?:\.(?:replace|astimezone|date|time)\(\))*\Z"
)
_KEEP_NUMBER = frozenset(
    {"builtins.int", "builtins.round", "builtins.float", "builtins.abs", "math.floor", "math.ceil"}
)
_TUPLES = frozenset({"time.gmtime", "time.localtime"})
_TO_TEXT = frozenset({"builtins.str", "builtins.repr", "builtins.hex", "builtins.format", "builtins.oct"})
_TEXT_METHODS = frozenset({"zfill", "rjust", "ljust", "lower", "upper", "replace", "strip", "encode", "decode"})
_SHOWN_METHODS = _TEXT_METHODS | {"hexdigest", "digest", "split", "removeprefix", "removesuffix", "translate", "hex"}
_OF_NOW = {"timestamp": NUMBER, "strftime": TEXT, "__format__": TEXT, "isoformat": SHOWN, "ctime": SHOWN}
"""What the methods of a date and time of now return."""
_OF_MARKS: dict[str, tuple[frozenset[str], str]] = {
    TEXT: (_TEXT_METHODS, TEXT),
    SHOWN: (_SHOWN_METHODS, SHOWN),
    NUMBER: (frozenset({"__str__", "__format__"}), TEXT),
}
"""By what stands for a value of the clock, the methods of such a value that return one, and which."""
_HASHES = ("hashlib.", "hmac.", "base64.", "binascii.", "zlib.", "xxhash.", "mmh3.", "uuid.uuid3", "uuid.uuid5")
_HASHED = frozenset({"builtins.hash", "builtins.bytes", "uuid.UUID"})
_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RUN_TOGETHER = regex(
    r"(?:api|auth|access|cache|client|conn|context|correlation|csrf|doc|event|exec|execution|file|item|job|message|msg|"
    r"node|order|proc|process|request|row|run|session|span|task|thread|trace|transaction|tx|txn|user)(?P<kind>id|key|token)s?"
)
_IDENTIFIES = frozenset({"id", "ids", "uid", "uids", "uuid", "guid", "token", "tokens"})
_KEYS = frozenset({"key", "keys"})
_TELLS_TIME = frozenset(
    {
        *("at", "time", "times", "timestamp", "timestamps", "ts", "date", "datetime", "day", "hour", "minute", "month"),
        *("created", "updated", "modified", "issued", "expires", "expiry", "expired", "expiration", "iat", "exp"),
        *("since", "until", "ttl", "seen", "now", "age", "duration", "deadline", "elapsed", "started", "ended"),
    }
)
_PLACEHOLDER = regex(r"%[-#0 +\d.*]*[a-zA-Z]|\{[^{}]*\}")

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
    """Whether `reference` is a date and time of now."""
    return _NOW.match(reference) is not None


def clock_of_call(callee: str, node: ast.Call, arguments: list[References]) -> References:
    """Return the mark of what a call returns, where that is the clock; `arguments` are its positional ones."""
    first = arguments[0] if arguments else NOTHING
    if callee in _NUMBERS:
        return (NUMBER,)
    if (callee.startswith(_HASHES) or callee in _HASHED) and any(_is_clock(argument) for argument in arguments):
        return (SHOWN,)
    if callee in _KEEP_NUMBER and (NUMBER in first or TEXT in first):
        return (NUMBER,)
    if callee in _TO_TEXT and (_is_clock(first) or any(map(is_now, first))):
        return (TEXT,) if NUMBER in first or TEXT in first else (SHOWN,)
    if callee == "time.ctime" and not node.args:
        return (SHOWN,)
    if callee in _TUPLES and node.args and NUMBER not in first:
        return ("time.struct_time()",)
    if callee == "time.strftime":
        live = len(node.args) < 2 or any(argument.removesuffix("()") in _TUPLES for argument in arguments[1])
        return (TEXT,) if live else NOTHING
    base, _, method = callee.rpartition(".")
    if is_now(base):
        return (_OF_NOW[method],) if method in _OF_NOW else NOTHING
    methods, mark = _OF_MARKS.get(base, (frozenset[str](), ""))
    return (mark,) if method in methods else NOTHING


def _is_clock(references: References) -> bool:
    return any(mark in references for mark in (NUMBER, TEXT, SHOWN))


def makes_identifier(name: str, references: References) -> bool:
    """Whether one of `references`, returned from or stored under `name`, is the clock in place of an identifier.

    A key that is the time itself is as a rule meant to be one (a bucket, a partition); a hash of it is not.
    """
    if not _is_clock(references):
        return False
    kinds = _kinds(name)
    return bool(kinds) and (SHOWN in references or not kinds <= _KEYS)


def _kinds(name: str) -> frozenset[str]:
    words = {word.lower() for word in _WORD.findall(name)}
    if not words.isdisjoint(_TELLS_TIME):
        return frozenset()
    words |= {match["kind"] for word in words if (match := _RUN_TOGETHER.fullmatch(word)) is not None}
    return frozenset(words & (_IDENTIFIES | _KEYS))


def placeholders_only(template: str) -> bool:
    """Whether a `%` or `.format` template is nothing but one placeholder."""
    return len(_PLACEHOLDER.findall(template)) < 2 and not _PLACEHOLDER.sub("", template)


def shows_date(specification: ast.expr | None) -> bool:
    """Whether a date shows in a placeholder with this format: without a `%` the format alone does."""
    return isinstance(specification, ast.JoinedStr) and any(
        not isinstance(value, ast.Constant) or "%" in str(value.value) for value in specification.values
    )
