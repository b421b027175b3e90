"""Test `ssot-tracker explain`: what a rule means, in words that the documentation holds too."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.model import Rule


def test_a_rule_is_explained_from_what_it_is_to_where_to_read_on(project):
    assert project.call("explain", "singleton-bypass") == 0
    assert project.out.splitlines() == [
        "singleton-bypass (found by the scan and the run)",
        "  what   The canonical class is constructed by someone who is not its accessor.",
        "  why    A second object of the class is a second source of truth: what one is told, the other does not know.",
        "  fix    Ask one of the `accessors`; in a test, ask for the table's fixture.",
        "  allow  one statement:  # ssot: allow[singleton-bypass] REASON",
        '         one test:       @pytest.mark.ssot_allow("singleton-bypass", reason="…")',
        '         while it lasts: @pytest.mark.ssot_expect_violation("singleton-bypass")',
        '         a number:       max = { "singleton-bypass" = 4 } in its table',
        '         whole modules:  allow_in = ["pkg.migration.**"] in its table',
        "  read   docs/rules.md#singleton-bypass",
    ]


def test_without_a_rule_all_of_them_are_listed(project):
    assert project.call("explain") == 0
    assert [line.split()[0] for line in project.out.splitlines()] == [rule.value for rule in Rule]
    assert all(rule.about.summary in project.out for rule in Rule)


def test_an_unknown_rule_is_refused_with_the_nearest_one(refused):
    assert (
        refused("explain", "deprecated_imports")
        == "ssot-tracker: there is no rule 'deprecated_imports'; did you mean 'deprecated-import'?\n"
    )


@pytest.mark.parametrize("rule", Rule)
def test_no_configuration_is_needed_to_explain_a_rule(project, rule):
    (project.root / "pyproject.toml").unlink()
    assert project.call("explain", rule.value) == 0
