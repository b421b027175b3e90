"""Read single values of a configuration: each reader returns the checked value, or reports and returns `None`.

Readers that are made of others are `partial` calls, so that `settings.schema` can look into them.
"""

from __future__ import annotations

import builtins
import datetime
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from itertools import dropwhile
from typing import Any, TypeVar

from pytest_ssot_tracker.model import Phase, Rule, Target, TargetError, parse_until
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings.argument_mapping import Passing, PassingError, has_value, parted, plain
from pytest_ssot_tracker.settings.problems import Spot, nearest

__all__ = [
    "CONTEXT",
    "GATE",
    "IDS",
    "MEASURES",
    "SSOT",
    "STATES",
    "TOP",
    "WARNINGS",
    "Fields",
    "Found",
    "Reader",
    "table",
]

Reader = Callable[[object, Spot], Any]
Fields = Mapping[str, Reader]

MEASURES = ("sites", "passed_percent", "failed_percent", "xfailed_percent", "failures")
PATTERNS = ("time-format",)
HARVEST = ("deprecated", "warnings", "getattr", "docstring", "banned-api", "import-linter")
EVENT_LOOP = "event-loop"
TEXT = "text:"
GATE_NEEDS = ("name", "measure")
RESETS = ("state", "instance")
OUR_FIXTURES = ("request", "ssot", "ssot_race", "ssot_violations")

PYTEST_FIXTURES = frozenset(
    {
        *("LineMatcher", "cache", "capfd", "capfdbinary", "caplog", "capsys", "capsysbinary", "capteesys"),
        *("doctest_namespace", "linecomp", "monkeypatch", "pytestconfig", "pytester", "record_property"),
        *("record_testsuite_property", "record_xml_attribute", "recwarn", "subtests", "testdir", "tmp_path"),
        *("tmp_path_factory", "tmpdir", "tmpdir_factory"),
    }
)
"""The fixtures of pytest 8 and 9: what reads a configuration without running pytest cannot ask for them."""

BUILTIN_WARNINGS = tuple(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Warning)
)

_E = TypeVar("_E", bound=Enum)


class Found(NamedTuple):
    """A checked value of a table (`None` where it was wrong), and the spot where it was written."""

    value: Any
    spot: Spot


def kind(value: object) -> str:
    """Return what TOML calls a value of this type."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a float"),
        (str, "a string"),
        ((datetime.date, datetime.time), "a date or time"),
        (Mapping, "a table"),
        ((list, tuple), "a list"),
    )
    return next((name for types, name in names if isinstance(value, types)), type(value).__name__)


def _mistyped(value: object, spot: Spot, wanted: str, todo: str = "") -> None:
    spot.wrong(f"expected {wanted}, found {kind(value)}", todo)


def text(value: object, spot: Spot) -> str | None:
    """Read a string that is not empty."""
    if not isinstance(value, str):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        _mistyped(value, spot, "a string", f'put it in quotes: "{value}"' if number else "write a text in quotes")
        return None
    if not value.strip():
        spot.wrong("the string is empty", "write a value or leave the key out")
        return None
    return value


def one_of(choices: Iterable[str], what: str) -> Reader:
    """Return the reader of a string that is one of `choices`."""
    return partial(read_one_of, tuple(choices), what)


def read_one_of(valid: tuple[str, ...], what: str, value: object, spot: Spot) -> str | None:
    """Read a string that is one of `valid`."""
    if not isinstance(value, str):
        _mistyped(value, spot, "a string", f"write one of {', '.join(valid)}")
        return None
    if value not in valid:
        spot.wrong(f"unknown {what} {value!r}", nearest(value, valid))
        return None
    return value


def member(enum: type[_E], what: str) -> Reader:
    """Return the reader of a string that names a member of `enum`."""
    return partial(read_member, enum, what)


def read_member(enum: type[_E], what: str, value: object, spot: Spot) -> _E | None:
    """Read a string that names a member of `enum`."""
    found = read_one_of(tuple(member.value for member in enum), what, value, spot)
    return None if found is None else enum(found)


def identifier(value: object, spot: Spot) -> str | None:
    """Read a Python name: of a parameter, an attribute or a fixture."""
    if not isinstance(value, str):
        _mistyped(value, spot, "a string")
        return None
    if not value.isidentifier() or keyword.iskeyword(value):
        spot.wrong(f"{value!r} is no identifier", "write a plain Python name")
        return None
    return value


def argument(value: object, spot: Spot) -> str | None:
    """Read the name of a parameter, with the attributes or keys that lead to what is meant inside it."""
    if isinstance(value, str) and all(part.isidentifier() and not keyword.iskeyword(part) for part in value.split(".")):
        return value
    return identifier(value, spot)


def fixture(value: object, spot: Spot) -> str | None:
    """Read the name of a fixture that is not one of our own or pytest's `request`."""
    name = identifier(value, spot)
    if name in OUR_FIXTURES:
        spot.wrong(f"the fixture name {name!r} is taken", "choose another name")
        return None
    if name in PYTEST_FIXTURES:
        spot.wrong(f"the fixture {name!r} is pytest's own, and would be replaced", "choose another name")
        return None
    return name


def target(value: object, spot: Spot) -> Target | None:
    """Read a target, a pattern included; one that is written with dots alone means the same as one with a colon."""
    if not isinstance(value, str):
        _mistyped(value, spot, "a target", "write pkg.mod, pkg.mod:Name or pkg.mod:Class.method")
        return None
    try:
        found = Target.parse(value)
    except TargetError as error:
        spot.wrong(f"{value!r} is not a target: {error.problem}", "write pkg.mod, pkg.mod:Name or pkg.mod:Class.method")
        return None
    if found.use:
        what, whole = ("the writing of something", "it") if found.use == "=" else ("a parameter", "what takes it")
        spot.wrong(f"{value!r} names {what}", f"write {whole}; only 'deprecated' and 'replace' go that far")
        return None
    return found if spot.names is None else spot.names.resolve(found)


def used(value: object, spot: Spot) -> Target | None:
    """Read a target, which may speak of one way to use what it names: `pkg.mod:func(legacy)`, `pkg.mod:Class.attr=`."""
    if not isinstance(value, str) or ("(" not in value and value[-1:] != "="):
        return target(value, spot)
    try:
        use = Target.parse(value).use
    except TargetError as error:
        spot.wrong(
            f"{value!r} is not a target: {error.problem}",
            """write pkg.mod:func(name) or, for one value, pkg.mod:func(name="value")""",
        )
        return None
    thing = target(value.partition("(")[0].rstrip("= "), spot)
    return None if thing is None else thing.used(use)


def single(value: object, spot: Spot) -> Target | None:
    """Read a target that names one thing, so no pattern."""
    found = target(value, spot)
    if found is not None and found.is_pattern:
        spot.wrong(f"{value!r} is a pattern and names no single thing", "write it without '*'")
        return None
    return found


def callable_target(value: object, spot: Spot) -> Target | None:
    """Read a target that names one thing in a module, such as a function or a method."""
    found = single(value, spot)
    if found is None or found.attribute is not None:
        return found
    module, dot, name = found.module.rpartition(".")
    if not dot or (spot.names is not None and spot.names.modules.find(found.module) is not None):
        spot.wrong(f"{value!r} names a module, not something to call", "write pkg.mod:name or pkg.mod:Class.method")
        return None
    return Target(module, name)  # nothing of it is there, or nobody knows: it is what is asked for


def target_text(value: object, spot: Spot) -> str | None:
    """Read the spelling of a target that names one thing."""
    found = single(value, spot)
    return None if found is None else str(found)


def reset(value: object, spot: Spot) -> str | Target | None:
    """Read how a singleton is reset: `state`, `instance` or a target to call."""
    if value in RESETS:
        return str(value)
    if isinstance(value, str) and not {":", "."} & set(value):
        spot.wrong(f"unknown way to reset {value!r}", 'write "state", "instance" or a callable as "pkg.mod:name"')
        return None
    return callable_target(value, spot)


def until(value: object, spot: Spot) -> datetime.date | None:
    """Read a date: a TOML date or ISO text."""
    try:
        return parse_until(value)
    except ValueError as error:
        wrong, _, todo = str(error).partition("; ")
        spot.wrong(wrong, todo)
        return None


def budget(value: object, spot: Spot) -> int | None:
    """Read a budget of distinct sites: an integer from 0."""
    if isinstance(value, bool) or not isinstance(value, int):
        _mistyped(value, spot, "an integer", "write how many distinct sites may remain")
        return None
    if value < 0:
        spot.wrong(f"{value} is less than 0", "write how many distinct sites may remain")
        return None
    return value


def figure(value: object, spot: Spot) -> float | None:
    """Read a figure to hold a measure against: an integer or a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _mistyped(value, spot, "a number")
        return None
    return value


def items(reader: Reader) -> Reader:
    """Return the reader of a list whose items `reader` reads; what is wrong is left out."""
    return partial(read_items, reader)


def read_items(reader: Reader, value: object, spot: Spot) -> tuple[Any, ...] | None:
    """Read a list whose items `reader` reads; what is wrong is left out."""
    if not isinstance(value, (list, tuple)):
        todo = f'write a list: ["{value}"]' if isinstance(value, str) else "write a list: [...]"
        _mistyped(value, spot, "a list", todo)
        return None
    found = (reader(item, spot.at(index)) for index, item in enumerate(value))
    return tuple(item for item in found if item is not None)


def one_or_more(reader: Reader) -> Reader:
    """Return the reader of a list whose items `reader` reads, or of one such item alone."""
    return partial(read_one_or_more, reader)


def read_one_or_more(reader: Reader, value: object, spot: Spot) -> tuple[Any, ...] | None:
    """Read a list whose items `reader` reads, or one such item alone."""
    if not isinstance(value, str):
        return read_items(reader, value, spot)
    found = reader(value, spot)
    return None if found is None else (found,)


def pairs(keys: Reader, values: Reader) -> Reader:
    """Return the reader of a table with free keys."""
    return partial(read_pairs, keys, values)


def read_pairs(keys: Reader, values: Reader, value: object, spot: Spot) -> dict[Any, Any] | None:
    """Read a table with free keys."""
    if not isinstance(value, Mapping):
        _mistyped(value, spot, "a table", "write { key = value } or a [table] of its own")
        return None
    found = ((keys(key, spot.at(str(key))), values(item, spot.at(str(key)))) for key, item in value.items())
    return {key: item for key, item in found if key is not None and item is not None}


class Either(NamedTuple):
    """Two keys of which a table needs at least one; what is wrong where it has neither, and what to do."""

    keys: tuple[str, str]
    problem: str
    todo: str


def table(fields: Fields, *required: str, either: Either | None = None) -> Reader:
    """Return the reader of a table with the keys `fields`, of which `required` must be there, to `Found` values."""
    return partial(read_table, fields, required, either)


def read_table(
    fields: Fields, required: tuple[str, ...], either: Either | None, value: object, spot: Spot
) -> dict[str, Found] | None:
    """Read a table with the keys `fields`, of which `required` must be there, and of two `either`."""
    if not isinstance(value, Mapping):
        _mistyped(value, spot, "a table", f"write keys such as {', '.join(tuple(fields)[:3])} in a [table]")
        return None
    found: dict[str, Found] = {}
    for key, item in value.items():
        reader = fields.get(key) if isinstance(key, str) else None
        if reader is None:
            spot.at(str(key)).wrong(f"unknown key {key!r}", _hint(str(key), item, fields))
            continue
        found[key] = Found(reader(item, spot.at(key)), spot.at(key))
    for key in required:
        if key not in value:
            spot.wrong(f"the key {key!r} is missing", f"a table here needs {', '.join(required)}")
    if either is not None and value.keys().isdisjoint(either.keys):
        spot.wrong(either.problem, either.todo)
    return found


def _hint(key: str, value: object, fields: Fields) -> str:
    hint = nearest(key, fields)
    if isinstance(value, Mapping) and "ssot" in fields and not hint.startswith("did you mean"):
        return f"a single source of truth stands below 'ssot': write ssot.{key}"
    return hint


def templates(value: object, spot: Spot) -> dict[str, str] | None:
    """Read the expressions that replace identifiers: one for all of them, kept under `""`, or one per target."""
    if isinstance(value, str):
        found = template(value, spot)
        return None if found is None else {"": found}
    read: dict[str, str] | None = pairs(_made_by, template)(value, spot)
    return read


def template(value: object, spot: Spot) -> str | None:
    """Read an expression with the module that defines what it uses."""
    from pytest_ssot_tracker.settings.templates import Template, TemplateError

    found = text(value, spot)
    if found is None:
        return None
    try:
        Template.parse(found)
    except TemplateError as error:
        spot.wrong(f"{found!r} is no template: {error.problem}", 'write it as "pkg.ids:issue()"')
        return None
    return found


def _made_by(value: object, spot: Spot) -> str | None:
    return str(value) if value in PATTERNS else target_text(value, spot)


def never(value: object, spot: Spot) -> str | Target | None:
    """Read in what something must never be called: `event-loop`, or a target."""
    return EVENT_LOOP if value == EVENT_LOOP else target(value, spot)


def category(value: object, spot: Spot) -> Target | None:
    """Read the full name of a warning class, written with dots; one of the builtins needs no module."""
    if not isinstance(value, str):
        _mistyped(value, spot, "the name of a warning class", 'write "pkg.mod.SomeWarning"')
        return None
    module, dot, name = value.replace(":", ".").rpartition(".")
    if dot:
        return single(f"{module}:{name}", spot)
    if value not in BUILTIN_WARNINGS:
        spot.wrong(f"there is no builtin warning {value!r}", nearest(value, BUILTIN_WARNINGS))
        return None
    return Target("builtins", value)


def expression(value: object, spot: Spot) -> str | None:
    """Read a regular expression."""
    found = text(value, spot)
    if found is None:
        return None
    try:
        re.compile(found)
    except re.error as error:
        spot.wrong(
            f"{found!r} is no regular expression: {error}", "correct it, or put a backslash before what is literal"
        )
        return None
    return found


def version(value: object, spot: Spot) -> str | None:
    """Read a version, as packages have it (PEP 440)."""
    from packaging.version import InvalidVersion, Version

    found = text(value, spot)
    if found is None:
        return None
    try:
        Version(found)
    except InvalidVersion:
        spot.wrong(f"{found!r} is no version", 'write one such as "2.0"')
        return None
    return found


def removal(value: object, spot: Spot) -> str | dict[str, str] | None:
    """Read the version in which what is deprecated goes: one for all, or one for each target of some."""
    if not isinstance(value, Mapping):
        return version(value, spot)
    found: dict[str, str] | None = pairs(target_text, version)(value, spot)
    return found


def place(value: object, spot: Spot) -> str | None:
    """Read where something stands: a path pattern, told by its slash, or modules, written with dots."""
    if isinstance(value, str) and "/" in value:
        return path(value, spot)
    found = caller(value, spot)
    if found is not None and found.attribute is not None:
        spot.wrong(f"{value!r} names something in a module", "write a module, or a path with a slash")
        return None
    return None if found is None else str(found)


def caller(value: object, spot: Spot) -> Target | None:
    """Read a target that names code of the project, by the name that its module has there: `app` for `src.app`."""
    found = target(value, spot)
    return found if found is None or spot.names is None else spot.names.by_own_name(found)


def deprecated(value: object, spot: Spot) -> Target | str | None:
    """Read a deprecated target, a parameter included, or a text that is to go, which begins with `text:`."""
    if not isinstance(value, str) or not value.startswith(TEXT):
        return used(value, spot)
    if not value.removeprefix(TEXT).strip():
        spot.wrong("the text after 'text:' is missing", 'write it as "text:legacy_orders"')
        return None
    return value


def replaced(value: object, spot: Spot) -> str | None:
    """Read what is replaced: the spelling of a target that names one thing, or a text."""
    return value if isinstance(value, str) and value.startswith(TEXT) else target_text(value, spot)


def replacements(value: object, spot: Spot) -> dict[str, str] | None:
    """Read what replaces what: both sides may say what becomes of the arguments, as in `pkg.old:name(a) = new(a)`."""
    if not isinstance(value, Mapping):
        _mistyped(value, spot, "a table", "write { key = value } or a [table] of its own")
        return None
    found: dict[str, str] = {}
    for key, item in value.items():
        here = spot.at(str(key))
        pair = _replacement(str(key), item, here)
        if pair is not None and any(_clash(pair, other) for other in found.items()):
            here.wrong(f"{plain(pair[0])} is replaced twice", "leave one of the two entries")
        elif pair is not None:
            found[pair[0]] = pair[1]
    return found


def _clash(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two entries say of one thing what becomes of it, and not each of arguments of its own."""
    if plain(one[0]) != plain(other[0]) or (has_value(one[0]) and one[0] != other[0]) or has_value(other[0]):
        return False
    mine, theirs = parted(one[0])[1], parted(other[0])[1]
    if mine is None or theirs is None or plain(one[1]) != plain(other[1]):
        return True
    return not set(re.findall(r"\w+", mine)).isdisjoint(re.findall(r"\w+", theirs))


def _replacement(key: str, item: object, spot: Spot) -> tuple[str, str] | None:
    """Read one entry of `replace`; both sides keep their arguments."""
    if not isinstance(item, str) or key.startswith(TEXT):
        old, new = replaced(key, spot), target_text(item, spot)
        return None if old is None or new is None else (old, new)
    if has_value(key) or key.endswith("="):
        value = used(key, spot)
        instead = used(item, spot)
        return None if value is None or instead is None else (str(value), str(instead))
    (left, takes), (right, gives) = parted(key), parted(item)
    old, new = replaced(left, spot), target_text(right, spot)
    if old is None or new is None:
        return None
    if takes is None and gives is None:
        return old, new
    if takes is None or gives is None:
        bare, side = (key, "before") if takes is None else (item, "after")
        spot.wrong(f"the arguments {side} the sign are missing", f'write "{bare}(...)" with those that it takes')
        return None
    try:
        Passing.parse(takes, gives)
    except PassingError as error:
        spot.wrong(error.problem, error.hint)
        return None
    return f"{old}({takes})", f"{new}({gives})"


def switch(value: object, spot: Spot) -> bool | None:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    _mistyped(value, spot, "a boolean", "write true or false")
    return None


def any_text(value: object, spot: Spot) -> str | None:
    """Read a string that may be empty, such as the name of the first state."""
    if isinstance(value, str):
        return value
    _mistyped(value, spot, "a string")
    return None


def path(value: object, spot: Spot) -> str | None:
    """Read a path or path pattern relative to the root, with `/` on every system, `.` for the root itself.

    `..` may only stand in front: `../libs` lies beside the root.
    """
    found = text(value, spot)
    if found is None:
        return None
    parts = [part for part in found.replace("\\", "/").split("/") if part not in ("", ".")]
    below = list(dropwhile("..".__eq__, parts))
    if found.startswith(("/", "\\")) or found[1:2] == ":":
        spot.wrong(f"{found!r} is not relative", "write a path relative to pytest's rootdir")
        return None
    if ".." in below or (".." in parts and not below):
        spot.wrong(
            f"{found!r} leads to no folder of its own", "write '..' in front of a folder's name, as in '../libs'"
        )
        return None
    return "/".join(parts) or "."


tests_of = pairs(used, one_or_more(path))
"""The reader of where the tests of something are."""

TABLE: Fields = {
    "allow_in": items(caller),
    "phase": member(Phase, "phase"),
    "max": pairs(member(Rule, "rule"), budget),
    "owner": text,
    "issue": text,
    "until": until,
    "removed_in": removal,
    "reason": text,
    "within": items(place),
    "rules": items(member(Rule, "rule")),
}
STATES: Fields = {
    "method": callable_target,
    "key": argument,
    "state": argument,
    "allowed": pairs(any_text, items(any_text)),
}
SSOT: Fields = {
    "canonical": single,
    "accessors": items(callable_target),
    "deprecated": items(deprecated),
    "retired": items(used),
    "competing": items(single),
    "single": switch,
    "tests_of": tests_of,
    "provides": items(identifier),
    "replace": replacements,
    "fixture": fixture,
    "reset": reset,
    "keys": pairs(callable_target, argument),
    "states": table(STATES, *STATES),
    **TABLE,
}
IDS: Fields = {
    "generators": items(target),
    "forbidden": items(target),
    "patterns": items(one_of(PATTERNS, "pattern")),
    "consumers": pairs(callable_target, argument),
    "adopt": items(callable_target),
    "fix": templates,
    **TABLE,
}
WARNINGS: Fields = {
    "category": one_or_more(category),
    "message": expression,
    "module": items(target),
    **TABLE,
}
CONTEXT: Fields = {
    "targets": items(target),
    "inside": items(target),
    "never": items(never),
    **TABLE,
}
WHERE = Either(
    ("inside", "never"),
    "the table has neither 'inside' nor 'never'",
    "write in what the targets may run, or must not",
)
GATE: Fields = {
    "name": text,
    "measure": one_of(MEASURES, "measure"),
    "rule": member(Rule, "rule"),
    "ssot": text,
    "tests": text,
    "marker": text,
    "min": figure,
    "max": figure,
}
FIGURES = Either(
    ("min", "max"),
    "the criterion has neither 'min' nor 'max'",
    "write the figure that 'measure' must reach or keep",
)
TOP: Fields = {
    "phase": member(Phase, "phase"),
    "source": items(path),
    "scan": items(path),
    "exclude": items(path),
    "baseline": text,
    "owners": path,
    "tests": items(path),
    "tests_of": tests_of,
    "policies": items(text),
    "harvest": items(one_of(HARVEST, "kind of harvest")),
    "ssot": pairs(any_text, table(SSOT)),
    "ids": pairs(any_text, table(IDS)),
    "warnings": pairs(any_text, table(WARNINGS)),
    "context": pairs(any_text, table(CONTEXT, "targets", either=WHERE)),
    "gate": items(table(GATE, *GATE_NEEDS, either=FIGURES)),
}
