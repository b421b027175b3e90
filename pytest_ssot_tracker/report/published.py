"""The JSON schema of the result file, made from the records whose rows it holds (see `rows`).

`result.schema.json` is its printed form, for those who read results without this package. Only where the file is laid
out otherwise than the records does something stand here.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pytest_ssot_tracker.judge.whole_run import BudgetRow
from pytest_ssot_tracker.model import Phase, Rule, Site, Status
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.form import Plain, RowPart, parts_of
from pytest_ssot_tracker.report.rows import FORMAT, IF_SAID, BlindRow, RunInfo, SiteRow, TestRow, Totals

__all__ = ["schema"]

_TYPES: Mapping[Any, Plain] = MappingProxyType(
    {str: {"type": "string"}, bool: {"type": "boolean"}, int: {"type": "integer", "minimum": 0}}
)
_SHARED: Mapping[Any, str] = MappingProxyType(
    {Rule: "rule", Phase: "phase", tuple[BlindRow, ...]: "blind_spots", SiteRow: "site"}
)
"""What several rows hold, and what it is called below `$defs`."""

_OF_A_SITE: Mapping[str, str] = MappingProxyType(
    {
        "id": "The identity: rule, table, target, path, scope, squeezed text, ordinal.",
        "ssot": "The name of the table.",
        "target": "The resolved name of what was found: pkg.mod, pkg.mod:Name, or a pattern such as time-format.",
        "path": "Relative to the root, with /.",
        "line": "For people; no part of the identity.",
        "scope": "The enclosing __qualname__ without <locals>, <module> at module level.",
        "text": "The statement on one line.",
        "ordinal": "Counts equal statements of one scope, from 0.",
        "declared": "The configured spelling of the target.",
        "flags": "A flagged site never fails.",
    }
)
"""What the parts of `Site` mean; the model itself is loaded where nothing of `typing` may be."""

_SEEN = "In the file of a run that never ended: the sites that the test reached, which 'sites' does not have yet."


class RowKey(NamedTuple):
    """One key of a row: what it holds, and whether every row has it."""

    holds: Plain
    is_needed: bool = True


RowKeys = dict[str, RowKey]


def schema() -> Plain:
    """Return the JSON schema of the result file."""
    words = "Later versions of the same format may add keys; a reader leaves alone what it does not know."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Result of a run of pytest-ssot-tracker",
        "description": f"Format {FORMAT}. {words}",
        **_row(Report),
        "$defs": {name: _spelled_out(kind) for kind, name in _SHARED.items()},
    }


def _row(kind: type) -> Plain:
    keys = {part.key: _key(part) for part in parts_of(kind)}
    return _object(_LAYOUTS[kind](keys) if kind in _LAYOUTS else keys)


def _object(keys: RowKeys) -> Plain:
    needed = [name for name, key in keys.items() if key.is_needed]
    properties = {name: key.holds for name, key in keys.items()}
    return {"type": "object", **({"required": needed} if needed else {}), "properties": properties}


def _key(part: RowPart) -> RowKey:
    holds = _value(part.type, part.choices, may_be_null=part.presence is not IF_SAID)
    described = {} if part.words is None else {"description": part.words}
    return RowKey({**holds, **described}, is_needed=part.presence is None)


def _value(hint: Any, choices: tuple[str, ...] = (), *, may_be_null: bool = True) -> Plain:
    if hint in _SHARED:
        return {"$ref": f"#/$defs/{_SHARED[hint]}"}
    return _spelled_out(hint, choices, may_be_null=may_be_null)


def _spelled_out(hint: Any, choices: tuple[str, ...] = (), *, may_be_null: bool = True) -> Plain:
    """Return the schema of what is annotated by `hint`; a text is one of `choices`, where there are any."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = _value(get_args(hint)[0], choices)
        if not may_be_null:
            return inner
        return {"enum": [*inner["enum"], None]} if "enum" in inner else {**inner, "type": [inner["type"], "null"]}
    if get_origin(hint) in (tuple, Sequence):
        return {"type": "array", "items": _value(get_args(hint)[0], choices)}
    if choices:
        return {"enum": list(choices)}
    if hint in _TYPES:
        return dict(_TYPES[hint])
    return {"enum": [member.value for member in hint]} if issubclass(hint, Enum) else _row(hint)


# --- Where the file is laid out otherwise


def _report(keys: RowKeys) -> RowKeys:
    del keys["blind_spots"]  # stands with the run
    return {"format": RowKey({"type": "integer", "minimum": FORMAT, "maximum": FORMAT}), **keys}


def _run(keys: RowKeys) -> RowKeys:
    return {**keys, "blind_spots": RowKey(_value(tuple[BlindRow, ...]), is_needed=False)}


def _budget(keys: RowKeys) -> RowKeys:
    return {**keys, "limit": RowKey({"type": "integer"})}


def _test(keys: RowKeys) -> RowKeys:
    return {**keys, "seen": RowKey({"type": "array", "items": _value(SiteRow), "description": _SEEN}, is_needed=False)}


def _totals(keys: RowKeys) -> RowKeys:
    part = {name: RowKey(keys[name].holds, is_needed=False) for name in map(str, Status)}
    words = "The part of these that stands in tests."
    return {**keys, "in_tests": RowKey({**_object(part), "description": words}, is_needed=False)}


def _of_site(*names: str) -> RowKeys:
    """Return the keys that say which site it is, and those of `names`."""
    hints, found = get_type_hints(Site), {}
    for name in ("rule", "ssot", "target", "path", "line", "scope", "text", "ordinal", *names):
        words = {"description": _OF_A_SITE[name]} if name in _OF_A_SITE else {}
        found[name] = RowKey({**_value(hints[name]), **words}, is_needed=name not in ("ordinal", *names))
    return found


def _site(keys: RowKeys) -> RowKeys:
    """Return the keys of a row, beside which stand those of its site."""
    identity = RowKey({"type": "string", "description": _OF_A_SITE["id"]})
    return {"id": identity, **_of_site("declared", "flags"), **keys}


_LAYOUTS: Mapping[type, Callable[[RowKeys], RowKeys]] = MappingProxyType(
    {
        Report: _report,
        RunInfo: _run,
        BudgetRow: _budget,
        TestRow: _test,
        Totals: _totals,
        Site: lambda _: _of_site(),
        SiteRow: _site,
    }
)
