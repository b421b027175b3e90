"""Tell quickly whether plain data has the shape of a JSON schema.

A result with 100,000 observations takes `jsonschema` half a minute and this a second. It answers yes or no; what is
wrong is left to `jsonschema` to say. It knows the keywords that our own schema uses and refuses any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["matcher"]

Check = Callable[[Any], bool]

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
    if name == "$ref":
        return _matcher(root["$defs"][said.removeprefix("#/$defs/")], root)
    if name == "type":
        return _any([_TYPES[one] for one in ([said] if isinstance(said, str) else said)])
    if name == "enum":
        known = frozenset(said)
        return lambda value: isinstance(value, str) and value in known
    if name == "minimum":
        return lambda value: not isinstance(value, int) or value >= said
    if name == "maximum":
        return lambda value: not isinstance(value, int) or value <= said
    if name == "items":
        each = _matcher(said, root)
        return lambda value: not isinstance(value, list) or all(map(each, value))
    if name == "required":
        needed = frozenset(said)
        return lambda value: not isinstance(value, dict) or needed <= value.keys()
    if name == "properties":
        return _properties({key: _matcher(one, root) for key, one in said.items()})
    raise ValueError(f"the keyword {name!r} of a schema is not known here; teach it or leave it out")


def _any(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    return lambda value: any(check(value) for check in checks)


def _properties(checks: Mapping[str, Check]) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(key not in checks or checks[key](one) for key, one in value.items())

    return check
