"""Tell quickly whether plain data has the shape of a JSON schema.

A result with 100,000 observations takes the library `jsonschema` half a minute and this a second. It knows the keywords
that our own schema uses and refuses any other. `matcher` answers yes or no, `fault` says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Fault", "fault", "matcher"]

Check = Callable[[Any], bool]
Path = tuple[str | int, ...]

_SAYS_NOTHING = frozenset({"$schema", "title", "description", "$defs"})
_TYPES: Mapping[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def matcher(schema: Mapping[str, Any]) -> Check:
    """Return the check that `schema` spells; raise `ValueError` for a keyword it does not know."""
    return _matcher(schema, schema)


def _matcher(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    return _all([_keyword(name, schema, root) for name in schema if name not in _SAYS_NOTHING])


def _all(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    return lambda value: all(check(value) for check in checks)


def _keyword(name: str, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Check:
    said = schema[name]
    if name in _MESSAGES:
        return _own(name, said)
    if name == "$ref":
        return _matcher(root["$defs"][said.removeprefix("#/$defs/")], root)
    if name == "items":
        each = _matcher(said, root)
        return lambda value: not isinstance(value, list) or all(map(each, value))
    if name == "properties":
        return _properties({key: _matcher(part, root) for key, part in said.items()})
    raise ValueError(f"the keyword {name!r} of a schema is not known here; teach it or leave it out")


def _own(name: str, said: Any) -> Check:
    """Return the check of a keyword that speaks of a value itself, not of what is in it."""
    if name == "type":
        return _any([_TYPES[kind] for kind in _listed(said)])
    if name == "minimum":
        return lambda value: not isinstance(value, (int, float)) or value >= said
    if name == "maximum":
        return lambda value: not isinstance(value, (int, float)) or value <= said
    known = frozenset(said)
    if name == "enum":
        return lambda value: (value is None or isinstance(value, str)) and value in known
    return lambda value: not isinstance(value, dict) or known <= value.keys()


def _listed(said: str | Sequence[str]) -> Sequence[str]:
    return [said] if isinstance(said, str) else said


_MESSAGES: Mapping[str, Callable[[Any, Any], str]] = MappingProxyType(
    {
        "type": lambda said, value: f"{value!r:.80} is not of type {', '.join(map(repr, _listed(said)))}",
        "enum": lambda said, value: f"{value!r:.80} is not one of {said!r}",
        "minimum": lambda said, value: f"{value!r:.80} is less than the minimum of {said}",
        "maximum": lambda said, value: f"{value!r:.80} is greater than the maximum of {said}",
        "required": lambda said, value: f"{next(key for key in said if key not in value)!r} is a required property",
    }
)
"""What is wrong with a value that a keyword refuses."""


def _any(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    return lambda value: any(check(value) for check in checks)


def _properties(checks: Mapping[str, Check]) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(key not in checks or checks[key](part) for key, part in value.items())

    return check


class Fault(NamedTuple):
    """What is wrong with a value: `path` leads to it, `keyword` is what of the schema it is against."""

    path: Path
    message: str
    keyword: str


def fault(schema: Mapping[str, Any], value: Any) -> Fault | None:
    """Return the first thing that is wrong with `value`; `None` where nothing is.

    A number such as `12.0` passes for an integer here, as JSON has it.
    """
    return next(_faults(schema, schema, value, ()), None)


def _faults(schema: Mapping[str, Any], root: Mapping[str, Any], value: Any, path: Path) -> Iterator[Fault]:
    if "$ref" in schema:
        yield from _faults(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, value, path)
    for keyword, message in _MESSAGES.items():
        said = schema.get(keyword)
        if said is not None and not _own(keyword, said)(value) and not (keyword == "type" and _is_whole(said, value)):
            yield Fault(path, message(said, value), keyword)
    if isinstance(value, dict):
        for key, part in schema.get("properties", {}).items():
            if key in value:
                yield from _faults(part, root, value[key], (*path, key))
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _faults(schema["items"], root, item, (*path, index))


def _is_whole(said: str | Sequence[str], value: Any) -> bool:
    return "integer" in _listed(said) and isinstance(value, float) and value.is_integer()
