"""Types and a check for rule packs: tables that a distribution offers to every project that names it.

A pack is a callable that returns a `Policy`, offered as an entry point of the group `ssot_tracker.policies`; a project
takes it over with `policies = ["NAME"]`. See examples/policy_pack.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from pytest_ssot_tracker.settings import ConfigurationError

__all__ = [
    "ConfigurationError",
    "ContextTable",
    "GateTable",
    "IdsTable",
    "MeasureName",
    "PatternName",
    "PhaseName",
    "Policy",
    "RuleName",
    "SsotTable",
    "StatesTable",
    "WarningsTable",
    "check",
]

PhaseName = Literal["baseline", "ratchet", "enforce"]
PatternName = Literal["time-format"]
MeasureName = Literal["sites", "passed_percent", "failed_percent", "xfailed_percent", "failures"]
HarvestName = Literal["deprecated", "warnings", "getattr", "docstring", "banned-api", "import-linter"]
RuleName = Literal[
    "deprecated-import",
    "deprecated-use",
    "deprecated-base",
    "deprecated-access",
    "deprecated-argument",
    "deprecated-text",
    "deprecation-warning",
    "singleton-bypass",
    "out-of-band-id",
    "foreign-id",
    "competing-modules",
    "duplicate-ssot",
    "incomplete-ssot",
    "split-brain",
    "illegal-transition",
    "wrong-context",
    "state-leak",
    "double-import",
    "unreadable-source",
]


class _Table(TypedDict, total=False):
    allow_in: Sequence[str]
    phase: PhaseName
    max: Mapping[RuleName, int]
    owner: str
    issue: str
    until: datetime.date | str
    removed_in: str | Mapping[str, str]
    reason: str
    within: Sequence[str]
    rules: Sequence[RuleName]


class StatesTable(TypedDict):
    """`[tool.ssot_tracker.ssot.NAME.states]`."""

    method: str
    key: str
    state: str
    allowed: Mapping[str, Sequence[str]]


class SsotTable(_Table, total=False):
    """`[tool.ssot_tracker.ssot.NAME]`."""

    canonical: str
    accessors: Sequence[str]
    deprecated: Sequence[str]
    retired: Sequence[str]
    single: bool
    tests_of: Mapping[str, str | Sequence[str]]
    competing: Sequence[str]
    provides: Sequence[str]
    replace: Mapping[str, str]
    fixture: str
    reset: str
    keys: Mapping[str, str]
    states: StatesTable


class IdsTable(_Table, total=False):
    """`[tool.ssot_tracker.ids.NAME]`."""

    generators: Sequence[str]
    forbidden: Sequence[str]
    patterns: Sequence[PatternName]
    consumers: Mapping[str, str]
    adopt: Sequence[str]
    fix: str | Mapping[str, str]


class WarningsTable(_Table, total=False):
    """`[tool.ssot_tracker.warnings.NAME]`."""

    category: str | Sequence[str]
    message: str
    module: Sequence[str]


class _ContextNeeds(_Table):
    targets: Sequence[str]


class ContextTable(_ContextNeeds, total=False):
    """`[tool.ssot_tracker.context.NAME]`, with at least one of `inside` and `never`."""

    inside: Sequence[str]
    never: Sequence[str]


class _GateNeeds(TypedDict):
    name: str
    measure: MeasureName


class GateTable(_GateNeeds, total=False):
    """One of `[[tool.ssot_tracker.gate]]`."""

    rule: RuleName
    ssot: str
    tests: str
    marker: str
    min: float
    max: float


class Policy(TypedDict, total=False):
    """What a rule pack returns, shaped like `[tool.ssot_tracker]`; `policies` takes over other packs."""

    phase: PhaseName
    source: Sequence[str]
    scan: Sequence[str]
    exclude: Sequence[str]
    baseline: str
    owners: str
    tests: Sequence[str]
    tests_of: Mapping[str, str | Sequence[str]]
    policies: Sequence[str]
    harvest: Sequence[HarvestName]
    ssot: Mapping[str, SsotTable]
    ids: Mapping[str, IdsTable]
    warnings: Mapping[str, WarningsTable]
    context: Mapping[str, ContextTable]
    gate: Sequence[GateTable]


def check(policy: Policy | Mapping[str, Any], name: str = "this pack") -> None:
    """Raise `ConfigurationError` with all that a project which takes `policy` over would be told: for a pack's test."""
    from pytest_ssot_tracker.settings.checks import TOP, table
    from pytest_ssot_tracker.settings.problems import Problem, Spot

    problems: list[Problem] = []
    table(TOP)(policy, Spot(name, "", problems.append))
    if problems:
        raise ConfigurationError(problems)
