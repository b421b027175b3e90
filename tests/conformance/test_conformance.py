"""Hold every case to its expectation: the sites, who reached them and how often, the outcomes, the blind spots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from .case import HERE, Case
from .cases import CASES
from .project import Outcome

BY_SLUG = {case.slug: case for case in CASES}

PLAIN = [pytest.param((case.slug, False), id=case.slug) for case in CASES if case.runs_here]
SPREAD = [
    pytest.param((case.slug, True), id=f"{case.slug}-n2")
    for case in CASES
    if case.runs_here and case.spread and not (case.alone or case.args or case.early)
]


def check(case: Case, outcome: Outcome) -> None:
    assert outcome.result is not None, f"no result file was written:\n{outcome.output[-6000:]}"
    result, said = outcome.result, outcome.blame(case)
    tests = case.tests_of(result)
    assert tests, f"no test of the case is in the result:\n{said}"
    assert differences(case, result) == [], said
    assert tests == case.expected_outcomes(HERE, tests), said
    check_tables(case, outcome)
    if case.exit is not None:
        assert outcome.exit == case.exit, said
    for pattern in case.output:
        assert re.search(pattern, outcome.output), said


UNSCANNED = "and this run leaves it out"
"""What the reason of a blind spot ends with that these runs have because the scan has tests of its own."""


def differences(case: Case, result: Mapping[str, Any]) -> list[str]:
    """Return what is missing and what is too much, a line each."""
    expected, actual = case.expected_sites(HERE), case.actual_sites(result)
    missing = [f"missing: {one}" for one in expected if actual.count(one) < expected.count(one)]
    return missing + [f"too much: {one}" for one in actual if actual.count(one) > expected.count(one)]


def check_tables(case: Case, outcome: Outcome) -> None:
    assert outcome.result is not None
    names = {case.named(name).partition(".")[2] for name in case.config}
    tables = [table for table in outcome.result["ssots"] if table["name"] in names]
    spots = [spot for table in tables for spot in table["blind_spots"] if not spot["why"].endswith(UNSCANNED)]
    blind = {(spot["target"], spot["why"]) for spot in spots}
    expected = {**case.blind_spots, **(case.blind_in_place if HERE == "in-place" else {})}
    for target, reason in expected.items():
        assert any(one == case.named(target) and case.named(reason) in why for one, why in blind), (
            f"blind spots: {blind}"
        )
    if case.slug in names and not expected:
        assert not blind, "a blind spot is named where everything could be watched"
    guards = {guard["backend"] for table in tables for guard in table["guards"]}
    assert guards <= {"in-place" if case.fallback else HERE, "planted", "import", "scan"}
    retired = {target for table in tables for target in table["retired"]}
    assert {case.named(target) for target in case.retired} <= retired
    if case.slug in names and not case.retired:
        assert not retired


@pytest.mark.parametrize("asked", PLAIN)
def test_a_run_finds_exactly_what_the_case_says(
    asked: tuple[str, bool], outcome_of: Callable[..., Outcome], summary: dict[str, str]
) -> None:
    case = BY_SLUG[asked[0]]
    summary[case.slug] = "otherwise"
    check(case, outcome_of(case, spread=False))
    summary[case.slug] = "as expected"


@pytest.mark.parametrize("asked", SPREAD)
def test_two_workers_find_the_same(asked: tuple[str, bool], outcome_of: Callable[..., Outcome]) -> None:
    case = BY_SLUG[asked[0]]
    check(case, outcome_of(case, spread=True))


@pytest.mark.parametrize("spread", [False, True], ids=["plain", "n2"])
def test_no_site_belongs_to_no_case(
    spread: bool, outcome_of: Callable[..., Outcome], request: pytest.FixtureRequest
) -> None:
    shared = [case for case in CASES if case.runs_here and not (case.alone or case.args or case.early) and case.spread]
    selected = {item.callspec.params["asked"] for item in request.session.items if "asked" in _params(item)}
    cases = [case for case in shared if (case.slug, spread) in selected]
    if not cases:
        pytest.skip("no case of the shared run was selected")
    outcome = outcome_of(cases[0], spread=spread)
    assert outcome.result is not None, outcome.output[-6000:]
    stray = [site for site in outcome.result["sites"] if not any(case.owns(site) for case in outcome.cases)]
    assert not stray


def test_slugs_are_unique_and_labels_are_used() -> None:
    assert len(BY_SLUG) == len(CASES)
    for case in CASES:
        assert {site.label for site in case.sites} <= set(case.labels()), case.slug
        assert case.rules, f"{case.slug} speaks of no rule"
        assert case.sites or not case.limits, f"{case.slug} has a limit and nothing that it hides"


def _params(item: pytest.Item) -> dict[str, object]:
    callspec = getattr(item, "callspec", None)
    return {} if callspec is None else callspec.params
