"""What a table says holds until its day, for the callers it names."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase, Target
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree

DAY = datetime.date(2026, 6, 30)
NEXT = datetime.date(2026, 7, 1)


def settings(*ssots: Ssot, ids: tuple[Ids, ...] = (), override: Phase | None = None) -> Settings:
    tree = Tree.of(Path("/root"))
    return Settings(
        root=Path("/root"), file=None, tree=tree, phase=Phase.RATCHET, phase_override=override, ssots=ssots, ids=ids
    )


@pytest.mark.parametrize(
    ("own", "override", "today", "phase"),
    [
        (None, None, DAY, Phase.RATCHET),
        (Phase.BASELINE, None, DAY, Phase.BASELINE),
        (Phase.BASELINE, Phase.ENFORCE, DAY, Phase.ENFORCE),
        (Phase.ENFORCE, Phase.BASELINE, DAY, Phase.BASELINE),
        (Phase.BASELINE, Phase.BASELINE, NEXT, Phase.ENFORCE),
    ],
)
def test_the_command_line_beats_the_table_and_a_past_until_beats_both(
    own: Phase | None, override: Phase | None, today: datetime.date, phase: Phase
) -> None:
    found = settings(Ssot(name="a", phase=own, until=DAY), override=override)
    assert found.phase_of("a", today=today) is phase
    assert found.expired("a", today=today) is (today == NEXT)


def test_a_name_that_no_table_has_is_held_to_the_phase_of_the_run() -> None:
    assert settings().phase_of("gone", today=DAY) is Phase.RATCHET


def test_callers_may_be_allowed_by_module_or_by_function() -> None:
    table = Ssot(name="a", allow_in=(Target.parse("app.core.**"), Target.parse("app.shim:old_way")))
    assert table.allows("app.core")
    assert table.allows("app.core.deep", "f")
    assert not table.allows("app.core_old")
    assert table.allows("app.shim", "old_way")
    assert table.allows("app.shim", "old_way.inner")
    assert not table.allows("app.shim", "other")
    assert not table.allows("app.shim")


def test_a_replacement_is_the_named_one_or_else_the_canonical() -> None:
    table = Ssot(name="a", canonical=Target("new", "Thing"), replace={"old:get": "new:get"})
    assert table.replacement("old:get") == "new:get"
    assert table.replacement("old:Thing") == "new:Thing"
    assert Ssot(name="a").replacement("old:Thing") is None


def test_an_identifier_is_replaced_by_the_first_generator() -> None:
    assert Ids(name="a", generators=(Target("ids", "make"), Target("ids", "other"))).replacement("uuid:uuid4") == (
        "ids:make"
    )
    assert Ids(name="a").replacement("uuid:uuid4") is None


def test_nothing_declared_is_nothing_active() -> None:
    assert not settings().active
    assert not settings(ids=(Ids(name="a", owner="us"),)).active
    assert not settings(Ssot(name="a", owner="us")).active
    assert settings(Ssot(name="a", texts=("orders",))).active
    assert settings(ids=(Ids(name="a", patterns=("time-format",)),)).active
