"""The types of a rule pack say the same as the checks of a configuration."""

from __future__ import annotations

from enum import Enum
from typing import get_args

import pytest

from pytest_ssot_tracker import policies
from pytest_ssot_tracker.model import Phase, Rule
from pytest_ssot_tracker.settings import ConfigurationError, checks


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (policies.Policy, checks.TOP),
        (policies.SsotTable, checks.SSOT),
        (policies.IdsTable, checks.IDS),
        (policies.WarningsTable, checks.WARNINGS),
        (policies.ContextTable, checks.CONTEXT),
        (policies.GateTable, checks.GATE),
        (policies.StatesTable, checks.STATES),
    ],
)
def test_each_table_has_the_keys_of_the_configuration(kind: type, fields: checks.Fields) -> None:
    assert set(kind.__annotations__) == set(fields)


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (policies.PhaseName, Phase),
        (policies.RuleName, Rule),
        (policies.PatternName, checks.PATTERNS),
        (policies.MeasureName, checks.MEASURES),
    ],
)
def test_each_choice_is_one_of_the_configuration(names: object, known: type[Enum] | tuple[str, ...]) -> None:
    assert list(get_args(names)) == [str(one) for one in known]


def test_what_a_criterion_needs_is_required() -> None:
    assert policies.GateTable.__required_keys__ == set(checks.GATE_NEEDS)
    assert policies.StatesTable.__optional_keys__ == set()


def test_a_valid_pack_passes() -> None:
    policies.check({"ssot": {"orders": {"canonical": "new:Log", "deprecated": ["old"]}}})


def test_everything_wrong_with_a_pack_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        policies.check({"sauce": [], "ids": {"any": {"forbidden": "uuid:uuid4"}}}, "acme")
    assert str(caught.value).splitlines() == [
        "acme: sauce: unknown key 'sauce'; did you mean 'source'?",
        'acme: ids.any.forbidden: expected a list, found a string; write a list: ["uuid:uuid4"]',
    ]
