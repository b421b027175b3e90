"""What only runs show in tests is known in whichever test of the file it stands, and no more of it than was known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from pytest_ssot_tracker.judge.retested import retested
from pytest_ssot_tracker.model import Rule, Site

WARNED, USED = Rule.DEPRECATION_WARNING, Rule.DEPRECATED_USE


def site(scope: str, text: str = "old()", ordinal: int = 0, rule: Rule = WARNED) -> Site:
    return Site(rule, "all", "builtins:DeprecationWarning", "tests/test_a.py", 0, scope, text, ordinal)


def now(known: Iterable[Site], stand: Mapping[str, int], *, rest: Mapping[str, Site] | None = None) -> dict[str, str]:
    """Return the scope of each site that was followed, where `old()` stands so often in the scopes of `stand`."""
    known = list(known)
    found = retested(
        known,
        rest or {},
        now=lambda path: path,
        holds=lambda path, sites: False,
        places=lambda path: {(scope, "old()"): count for scope, count in stand.items()},
    )
    return {one.scope: found[one.id].scope for one in known if one.id in found}


@pytest.mark.parametrize(
    ("known", "stand", "followed"),
    [
        (["test_a"], {"test_b": 1}, {"test_a": "test_b"}),
        (["test_a"], {"TestA.test_a": 1}, {"test_a": "TestA.test_a"}),
        (["TestA.test_a"], {"TestB.test_a": 1}, {"TestA.test_a": "TestB.test_a"}),
        (["test_a", "test_b"], {"test_c": 2}, {"test_a": "test_c", "test_b": "test_c"}),
        (["test_a", "test_b"], {"test_b": 1, "test_c": 1}, {"test_a": "test_c"}),
        (["test_a", "test_b"], {"test_b": 1}, {}),
        (["test_a"], {"test_a": 1, "test_b": 1}, {}),
        (["test_a"], {"test_b": 1, "test_c": 1}, {}),
        (["test_a"], {"helper": 1}, {}),
        (["helper"], {"test_a": 1}, {}),
        (["test_a"], {}, {}),
    ],
)
def test_a_site_goes_with_its_statement_from_test_to_test(known, stand, followed) -> None:
    assert now(map(site, known), stand) == followed


def test_what_the_scan_shows_is_not_followed_here() -> None:
    assert now([site("test_a", rule=USED)], {"test_b": 1}) == {}


def test_where_another_was_found_already_nobody_goes() -> None:
    known = [site("test_a"), site("test_b")]
    assert now(known, {"test_c": 1}, rest={known[0].id: site("test_c")}) == {}


def test_a_file_in_which_all_stand_where_they_were_is_not_parsed() -> None:
    asked: list[str] = []
    found = retested(
        [site("test_a")],
        {},
        now=lambda path: path,
        holds=lambda path, sites: True,
        places=lambda path: asked.append(path) or {},
    )
    assert (found, asked) == ({}, [])


def test_a_file_that_is_gone_tells_nothing() -> None:
    found = retested(
        [site("test_a")], {}, now=lambda path: None, holds=lambda path, sites: False, places=lambda path: {}
    )
    assert found == {}
