from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ssot_tracker.report.published import schema
from pytest_ssot_tracker.report.shape import fault, matcher

SCHEMA = schema()
SLOW = jsonschema.Draft202012Validator(SCHEMA)
QUICK = matcher(SCHEMA)
PLAIN: dict[str, Any] = {
    "format": 2,
    "run": {
        "version": "1",
        "phase": "ratchet",
        "python": "3.13",
        "pytest": None,
        "root": "/p",
        "started": "now",
        "complete": True,
        "workers": ["gw0"],
        "lost_workers": [],
    },
    "ssots": [
        {
            "name": "execution",
            "phase": "enforce",
            "canonical": "a:B",
            "retired": [],
            "blind_spots": [{"target": "x", "why": "y"}],
        }
    ],
    "sites": [
        {
            "id": "0",
            "rule": "deprecated-use",
            "ssot": "execution",
            "target": "a:B",
            "path": "a.py",
            "line": 1,
            "scope": "f",
            "text": "B()",
            "status": "new",
            "found_by": ["run"],
            "exercise": "exercised",
            "count": 1,
            "owner": None,
            "issue": None,
            "replacement": None,
            "tests": [{"id": "t", "step": "call", "fixture": None, "thread": None, "count": 1}],
        }
    ],
    "tests": [{"id": "t", "outcome": "passed", "reason": None, "markers": [], "sites": []}],
    "totals": {"new": 1, "known": 0, "allowed": 0, "fixed": 0},
}


def places(plain: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    for key, value in pairs:
        yield from places(value, (*path, key))


def changed(path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    plain = copy.deepcopy(PLAIN)
    inner = plain
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return plain


WRONG = [None, True, -1, "text", [3], {}, ...]


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_it_agrees_with_jsonschema_wherever_something_is_changed(value: Any) -> None:
    for path in places(PLAIN):
        if path or value is not ...:
            plain = changed(path, value)
            assert QUICK(plain) is SLOW.is_valid(plain), path


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(list(places(PLAIN))), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
)
def test_it_agrees_with_jsonschema_about_anything(path: tuple[Any, ...], value: Any) -> None:
    plain = json.loads(json.dumps(changed(path, value)))
    assert QUICK(plain) is SLOW.is_valid(plain)


def test_the_example_is_valid() -> None:
    assert QUICK(PLAIN)


@pytest.mark.parametrize("value", [None, "call", "luck", 1])
def test_it_agrees_with_jsonschema_about_null_among_texts(value: Any) -> None:
    plain = changed(("sites", 0, "tests", 0, "by"), value)
    assert QUICK(plain) is SLOW.is_valid(plain) is (value in (None, "call"))


def test_a_keyword_it_does_not_know_is_refused() -> None:
    with pytest.raises(
        ValueError, match="the keyword 'pattern' of a schema is not known here; teach it or leave it out"
    ):
        matcher({"properties": {"a": {"pattern": "x"}}})


@pytest.mark.parametrize("value", [*WRONG, 12.0], ids=repr)
def test_what_is_wrong_is_said_where_it_does_not_match_and_nowhere_else(value: Any) -> None:
    for path in places(PLAIN):
        if path or value is not ...:
            plain = changed(path, value)
            found = fault(SCHEMA, plain)
            assert (found is None) is SLOW.is_valid(plain), path
            said = {(tuple(error.absolute_path), error.validator) for error in SLOW.iter_errors(plain)}
            assert found is None or (found.path, found.keyword) in said
