from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pytest_ssot_tracker.judge import Allowed, Baseline, BudgetRow, Expect, Judge, Marks, budgets, collected
from pytest_ssot_tracker.model import Flag, Observation, Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.settings import Settings, Ssot, Tree

TODAY = datetime.date(2026, 6, 1)
OWN = Site(Rule.DEPRECATED_IMPORT, "execution", "pkg.old", "tests/test_a.py", 3, "<module>", "import pkg.old")
ELSEWHERE = Site(Rule.DEPRECATED_IMPORT, "execution", "pkg.old", "app/b.py", 3, "<module>", "import pkg.old")
EXPECT = Marks(expects=(Expect((Rule.DEPRECATED_IMPORT,)),))
ALLOW = Marks(allows=(Allowed(reason="kept"),))


def judge(phase: Phase = Phase.RATCHET, *known: Site, **table: object) -> Judge:
    ssot = Ssot(name="execution", **table)  # type: ignore[arg-type]
    settings = Settings(root=Path("/p"), file=None, tree=Tree("/p"), phase=phase, ssots=(ssot,))
    return Judge(settings=settings, baseline=Baseline.of(known), today=TODAY)


def at_collection(site: Site) -> Observation:
    return Observation(site, None, Step.COLLECT, bucket="collection")


@pytest.mark.parametrize(
    ("tests", "status", "fails"),
    [
        ([EXPECT, EXPECT], Status.EXPECTED, False),
        ([EXPECT, Marks()], Status.NEW, True),
        ([Marks()], Status.NEW, True),
        ([ALLOW, EXPECT], Status.EXPECTED, False),
        ([ALLOW], Status.ALLOWED, False),
        ([], Status.NEW, True),
    ],
)
def test_a_site_in_a_test_module_stands_as_its_worst_marked_test_says(
    tests: list[Marks], status: Status, fails: bool
) -> None:
    found = collected(judge(), [at_collection(OWN)], {"tests/test_a.py": tests})
    assert found.statuses == {OWN.id: status}
    assert found.failing == ((OWN.id,) if fails else ())


def test_a_site_that_a_test_module_imports_has_nobodys_markers() -> None:
    found = collected(judge(), [at_collection(ELSEWHERE)], {"tests/test_a.py": [EXPECT]})
    assert found.statuses == {ELSEWHERE.id: Status.NEW}


@pytest.mark.parametrize(
    ("phase", "known", "fails"),
    [
        (Phase.BASELINE, False, False),
        (Phase.RATCHET, True, False),
        (Phase.RATCHET, False, True),
        (Phase.ENFORCE, True, True),
    ],
)
def test_collection_fails_where_an_unmarked_test_would(phase: Phase, known: bool, fails: bool) -> None:
    found = collected(judge(phase, *([OWN] if known else [])), [at_collection(OWN)], {})
    assert bool(found.failing) is fails


def test_markers_do_not_help_at_collection_in_enforce() -> None:
    assert collected(judge(Phase.ENFORCE), [at_collection(OWN)], {"tests/test_a.py": [EXPECT]}).failing == (OWN.id,)


def test_one_test_held_to_enforce_makes_its_modules_collection_fail_in_any_phase() -> None:
    found = collected(judge(Phase.BASELINE), [at_collection(OWN)], {"tests/test_a.py": [Marks(enforce=True), Marks()]})
    assert found.failing == (OWN.id,)


def statuses(number: int, status: Status, rule: Rule = Rule.DEPRECATED_IMPORT) -> dict[Site, Status]:
    return {Site(rule, "execution", "pkg.old", f"{status}{n}.py", 1, "<module>", "x"): status for n in range(number)}


def test_a_budget_counts_distinct_new_and_known_sites() -> None:
    sites = {
        **statuses(2, Status.NEW),
        **statuses(3, Status.KNOWN),
        **statuses(4, Status.EXPECTED),
        **statuses(5, Status.ALLOWED),
        **statuses(6, Status.NEW, Rule.DEPRECATED_USE),
    }
    limited = judge(Phase.RATCHET, max={Rule.DEPRECATED_IMPORT: 4})
    assert budgets(limited, sites) == (BudgetRow("execution", Rule.DEPRECATED_IMPORT, 4, 5),)
    assert budgets(limited, sites)[0].exceeded
    assert not BudgetRow("execution", Rule.DEPRECATED_IMPORT, 5, 5).exceeded


def test_a_budget_past_the_tables_until_is_without_effect() -> None:
    past = judge(Phase.RATCHET, max={Rule.DEPRECATED_IMPORT: 4}, until=TODAY - datetime.timedelta(days=1))
    assert budgets(past, statuses(5, Status.NEW)) == ()
    assert past.fails(OWN, Status.KNOWN)


def test_a_rule_with_a_budget_does_not_fail_the_collection() -> None:
    limited = judge(Phase.ENFORCE, max={Rule.DEPRECATED_IMPORT: 4})
    assert collected(limited, [at_collection(OWN)], {}).failing == ()


def test_a_flagged_site_uses_up_no_budget() -> None:
    limited = judge(Phase.ENFORCE, max={Rule.DEPRECATED_IMPORT: 0})
    flagged = OWN.flagged(Flag.TYPE_CHECKING)
    assert not budgets(limited, {flagged: limited.status(flagged)})[0].exceeded
