"""The table of the contract: marker, phase and baseline on one side, verdict and status on the other."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.judge import Allowed, Baseline, Expect, Judge, Judgement, Marks, Raised
from pytest_ssot_tracker.model import Exempt, Flag, Observation, Phase, Rule, Site, Status, Step, Target, Verdict
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree
from pytest_ssot_tracker.source import Allow

TODAY = datetime.date(2026, 6, 1)
TEST = "tests/test_a.py::test_x"
THING = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/b.py", 12, "make", "thing = Thing()")
IMPORT = Site(Rule.DEPRECATED_IMPORT, "execution", "pkg.old", "app/b.py", 3, "<module>", "import pkg.old")
CLOCK = Site(Rule.OUT_OF_BAND_ID, "ids", "time-format", "app/c.py", 4, "f", 'return f"{a}_{time.time()}"')

UNMARKED = Marks()
EXPECT = Marks(expects=(Expect((Rule.DEPRECATED_USE,)),))
STRICT = Marks(expects=(Expect((Rule.DEPRECATED_USE,), strict=True),))
LAX = Marks(expects=(Expect((Rule.DEPRECATED_USE,), strict=False),))
ALLOW = Marks(allows=(Allowed((Rule.DEPRECATED_USE,), reason="kept"),))
ENFORCE = Marks(enforce=True)

PASS, FAIL, XFAIL = Verdict.PASS, Verdict.FAIL, Verdict.XFAIL
NEW, KNOWN, EXPECTED, ALLOWED = Status.NEW, Status.KNOWN, Status.EXPECTED, Status.ALLOWED
BASELINE, RATCHET, ENFORCED = Phase.BASELINE, Phase.RATCHET, Phase.ENFORCE


def ssot(**more: Any) -> Ssot:
    given = {
        "name": "execution",
        "canonical": Target.parse("pkg.new:Tracker"),
        "deprecated": (Target.parse("pkg.old"),),
        "owner": "platform",
        "issue": "#220",
        **more,
    }
    return Ssot(**given)


def judge(
    phase: Phase = RATCHET, *tables: Ssot | Ids, known: tuple[Site, ...] = (), allow: Site | None = None, **more: Any
) -> Judge:
    tables = tables or (ssot(),)
    settings = Settings(
        root=Path("/project"),
        file=Path("/project/pyproject.toml"),
        tree=Tree("/project"),
        phase=phase,
        ssots=tuple(one for one in tables if isinstance(one, Ssot)),
        ids=tuple(one for one in tables if isinstance(one, Ids)),
    )

    def lookup(site: Site) -> Allow | None:
        return Allow(site.path, site.line, site.line, (site.rule,), "legacy") if site == allow else None

    return Judge(settings=settings, baseline=Baseline.of(known), today=TODAY, allow_lookup=lookup, **more)


def seen(site: Site = THING, **more: Any) -> Observation:
    return Observation(site, TEST, more.pop("step", Step.CALL), **more)


def status_of(judgement: Judgement, site: Site = THING) -> Status:
    return judgement.statuses[site.id]


@pytest.mark.parametrize(
    ("marks", "phase", "in_baseline", "verdict", "status"),
    [
        (UNMARKED, BASELINE, True, PASS, KNOWN),
        (UNMARKED, RATCHET, True, PASS, KNOWN),
        (UNMARKED, ENFORCED, True, FAIL, KNOWN),
        (UNMARKED, BASELINE, False, PASS, NEW),
        (UNMARKED, RATCHET, False, FAIL, NEW),
        (UNMARKED, ENFORCED, False, FAIL, NEW),
        (EXPECT, BASELINE, False, XFAIL, EXPECTED),
        (EXPECT, BASELINE, True, XFAIL, EXPECTED),
        (EXPECT, RATCHET, False, XFAIL, EXPECTED),
        (EXPECT, RATCHET, True, XFAIL, EXPECTED),
        (EXPECT, ENFORCED, False, FAIL, NEW),
        (EXPECT, ENFORCED, True, FAIL, KNOWN),
        (STRICT, BASELINE, False, XFAIL, EXPECTED),
        (STRICT, RATCHET, False, XFAIL, EXPECTED),
        (STRICT, ENFORCED, False, FAIL, NEW),
        (LAX, BASELINE, False, XFAIL, EXPECTED),
        (LAX, RATCHET, False, XFAIL, EXPECTED),
        (LAX, ENFORCED, False, FAIL, NEW),
        (ALLOW, BASELINE, False, PASS, ALLOWED),
        (ALLOW, RATCHET, False, PASS, ALLOWED),
        (ALLOW, ENFORCED, False, PASS, ALLOWED),
        (ALLOW, ENFORCED, True, PASS, ALLOWED),
        (ENFORCE, BASELINE, True, FAIL, KNOWN),
        (ENFORCE, BASELINE, False, FAIL, NEW),
        (ENFORCE, RATCHET, True, FAIL, KNOWN),
        (ENFORCE, RATCHET, False, FAIL, NEW),
        (ENFORCE, ENFORCED, True, FAIL, KNOWN),
        (ENFORCE, ENFORCED, False, FAIL, NEW),
    ],
)
def test_a_violation_is_judged_as_the_contract_says(
    marks: Marks, phase: Phase, in_baseline: bool, verdict: Verdict, status: Status
) -> None:
    judgement = judge(phase, known=(THING,) if in_baseline else ()).test(TEST, [seen()], marks)
    assert (judgement.decision.verdict, status_of(judgement)) == (verdict, status)


@pytest.mark.parametrize(
    ("marks", "phase", "verdict", "note"),
    [
        (UNMARKED, BASELINE, PASS, None),
        (UNMARKED, RATCHET, PASS, None),
        (UNMARKED, ENFORCED, PASS, None),
        (EXPECT, BASELINE, FAIL, None),
        (EXPECT, RATCHET, PASS, "fixed"),
        (EXPECT, ENFORCED, PASS, "stale"),
        (STRICT, BASELINE, FAIL, None),
        (STRICT, RATCHET, FAIL, None),
        (STRICT, ENFORCED, PASS, "stale"),
        (LAX, BASELINE, PASS, "fixed"),
        (LAX, RATCHET, PASS, "fixed"),
        (LAX, ENFORCED, PASS, "stale"),
        (ALLOW, BASELINE, PASS, None),
        (ENFORCE, ENFORCED, PASS, None),
    ],
)
def test_a_test_that_does_not_violate_is_judged_as_the_contract_says(
    marks: Marks, phase: Phase, verdict: Verdict, note: str | None
) -> None:
    decision = judge(phase).test(TEST, [], marks).decision
    assert decision.verdict is verdict
    assert [one.partition(":")[0] for one in decision.notes] == ([note] if note else [])


@pytest.mark.parametrize(
    ("raised", "raises", "verdict"),
    [
        (AssertionError, None, XFAIL),
        (ValueError, None, PASS),
        (ValueError, (ValueError,), XFAIL),
        (UnicodeError, (ValueError,), XFAIL),
        (AssertionError, (ValueError,), PASS),
        (AssertionError, (), PASS),
        (KeyboardInterrupt, None, PASS),
    ],
)
def test_a_body_that_violates_and_raises_is_xfailed_for_the_named_exceptions_alone(
    raised: type[BaseException], raises: tuple[type[BaseException], ...] | None, verdict: Verdict
) -> None:
    marks = Marks(expects=(Expect((Rule.DEPRECATED_USE,), raises=raises),))
    assert judge().test(TEST, [seen()], marks, raised=Raised(raised)).decision.verdict is verdict


@pytest.mark.parametrize(
    ("phase", "strict", "verdict", "note"),
    [
        (BASELINE, None, FAIL, None),
        (BASELINE, True, FAIL, None),
        (BASELINE, False, PASS, "fixed"),
        (RATCHET, None, PASS, "fixed"),
        (RATCHET, True, FAIL, None),
        (RATCHET, False, PASS, "fixed"),
        (ENFORCED, None, FAIL, None),
    ],
)
def test_a_body_that_violates_but_no_longer_raises_what_its_marker_names_is_no_longer_as_expected(
    phase: Phase, strict: bool | None, verdict: Verdict, note: str | None
) -> None:
    marks = Marks(expects=(Expect((Rule.DEPRECATED_USE,), strict=strict, raises=(AssertionError,)),))
    judgement = judge(phase).test(TEST, [seen()], marks)
    assert judgement.decision.verdict is verdict
    assert [one.partition(":")[0] for one in judgement.decision.notes] == ([note] if note else [])
    assert status_of(judgement) is (NEW if phase is ENFORCED else EXPECTED)


def test_the_author_is_told_which_exception_did_not_come() -> None:
    marks = Marks(expects=(Expect((Rule.DEPRECATED_USE,), raises=(AssertionError, OSError)),))
    assert judge(BASELINE).test(TEST, [seen()], marks).decision.reason == (
        f"{TEST} violates deprecated-use but does not raise AssertionError, OSError as its ssot_expect_violation says; "
        "take raises out of the marker or give it strict=False"
    )
    assert judge(RATCHET).test(TEST, [seen()], marks).decision.notes == (
        "fixed: ssot_expect_violation names AssertionError, OSError, which is not raised any more; "
        "take raises out of it (deprecated-use)",
    )


def test_a_marker_that_names_no_exception_is_met_by_the_violation_alone() -> None:
    for raises in (None, ()):
        marks = Marks(expects=(Expect((Rule.DEPRECATED_USE,), raises=raises),))
        assert judge(BASELINE).test(TEST, [seen()], marks).decision.verdict is XFAIL


def test_a_table_that_is_further_along_does_not_make_a_missing_exception_pass_unseen() -> None:
    tables = ssot(), ssot(name="ahead", phase=ENFORCED)
    marks = Marks(expects=(Expect((Rule.DEPRECATED_USE,), raises=(AssertionError,)),))
    decision = judge(BASELINE, *tables).test(TEST, [seen()], marks).decision
    assert (decision.verdict, [one.partition(":")[0] for one in decision.notes]) == (PASS, ["fixed"])


def test_what_counts_as_a_failed_body_is_handed_in() -> None:
    class Failed(BaseException):
        pass

    lenient = judge(default_raises=(AssertionError, Failed))
    assert lenient.test(TEST, [seen()], EXPECT, raised=Raised(Failed)).decision.verdict is XFAIL


def test_a_body_that_raises_without_violating_stays_a_failure_of_pytest() -> None:
    decision = judge(BASELINE).test(TEST, [], EXPECT, raised=Raised(AssertionError)).decision
    assert (decision.verdict, decision.reason, decision.notes) == (PASS, "", ())


def test_the_author_is_told_which_exceptions_the_marker_takes() -> None:
    decision = judge().test(TEST, [seen()], EXPECT, raised=Raised(ValueError)).decision
    assert decision.notes == (
        "raised: it violates as expected, but raised ValueError; its ssot_expect_violation takes AssertionError",
    )


def test_a_skip_is_left_alone_when_nothing_fails() -> None:
    skipped = Raised(type("Skipped", (BaseException,), {}), skip=True)
    assert judge(BASELINE).test(TEST, [], EXPECT, raised=skipped).decision.verdict is PASS
    assert judge(BASELINE).test(TEST, [seen()], EXPECT, raised=skipped).decision.verdict is PASS


def test_a_new_violation_fails_a_test_that_skips_or_raises_afterwards() -> None:
    skipped = Raised(type("Skipped", (BaseException,), {}), skip=True)
    assert judge().test(TEST, [seen()], raised=skipped).decision.verdict is FAIL
    assert judge().test(TEST, [seen()], raised=Raised(ValueError)).decision.verdict is FAIL


def test_one_violation_of_any_of_the_named_rules_is_enough() -> None:
    marks = Marks(expects=(Expect((Rule.DEPRECATED_USE, Rule.DEPRECATED_IMPORT)),))
    assert judge(BASELINE).test(TEST, [seen(IMPORT)], marks).decision.verdict is XFAIL


def test_each_of_two_markers_wants_its_own_violation() -> None:
    marks = Marks(expects=(Expect((Rule.DEPRECATED_USE,)), Expect((Rule.DEPRECATED_IMPORT,))))
    assert judge(BASELINE).test(TEST, [seen(IMPORT)], marks).decision.verdict is FAIL
    assert judge(BASELINE).test(TEST, [seen(IMPORT), seen()], marks).decision.verdict is XFAIL
    ratchet = judge(RATCHET).test(TEST, [seen(IMPORT)], marks).decision
    assert ratchet.verdict is XFAIL
    assert ratchet.notes[0].startswith("fixed:")


def test_a_violation_that_no_marker_speaks_of_counts_as_in_an_unmarked_test() -> None:
    judgement = judge().test(TEST, [seen(), seen(IMPORT)], EXPECT)
    assert judgement.decision.verdict is FAIL
    assert "imports pkg.old" in judgement.decision.reason
    assert "constructs" not in judgement.decision.reason
    known = judge(known=(IMPORT,)).test(TEST, [seen(), seen(IMPORT)], EXPECT)
    assert known.decision.verdict is XFAIL


@pytest.mark.parametrize(
    ("expect", "covered"),
    [
        (Expect(), True),
        (Expect(ssot="execution"), True),
        (Expect(ssot="websocket"), False),
        (Expect(target=Target.parse("pkg.old")), True),
        (Expect(target=Target.parse("pkg.old:Thing")), True),
        (Expect(target=Target.parse("pkg.old:Other")), False),
        (Expect(target=Target.parse("pkg.*:Thing")), True),
        (Expect((Rule.DEPRECATED_USE,), target=Target.parse("pkg")), True),
    ],
)
def test_ssot_and_target_narrow_a_marker(expect: Expect, covered: bool) -> None:
    judgement = judge().test(TEST, [seen()], Marks(expects=(expect,)))
    assert judgement.decision.verdict is (XFAIL if covered else FAIL)


def test_a_marker_can_name_the_clock() -> None:
    marks = Marks(expects=(Expect(target=Target("time-format")),))
    table = Ids(name="ids", patterns=("time-format",))
    assert judge(RATCHET, table).test(TEST, [seen(CLOCK)], marks).decision.verdict is XFAIL


def test_a_marker_past_its_until_is_as_if_absent() -> None:
    def marked(until: datetime.date) -> Marks:
        return Marks(expects=(Expect((Rule.DEPRECATED_USE,), until=until),))

    yesterday = TODAY - datetime.timedelta(days=1)
    past = judge().test(TEST, [seen()], marked(yesterday))
    assert (past.decision.verdict, status_of(past)) == (FAIL, NEW)
    assert past.decision.reason.splitlines()[-1] == "  its ssot_expect_violation ended on 2026-05-31"
    assert judge(BASELINE).test(TEST, [], marked(yesterday)).decision.verdict is PASS
    assert judge().test(TEST, [seen()], marked(TODAY)).decision.verdict is XFAIL


EXPIRED = ssot(
    until=TODAY - datetime.timedelta(days=1), max={Rule.DEPRECATED_USE: 9}, allow_in=(Target.parse("app.**"),)
)


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("marks", [UNMARKED, EXPECT, ALLOW])
def test_a_table_past_its_until_is_enforced_whatever_is_lenient(phase: Phase, marks: Marks) -> None:
    strict = judge(phase, EXPIRED, known=(THING,), allow=THING)
    judgement = strict.test(TEST, [seen(exempt=Exempt.ALLOW_IN)], marks)
    assert (judgement.decision.verdict, status_of(judgement)) == (FAIL, KNOWN)


def test_the_inside_of_an_accessor_is_no_leniency_and_outlives_until() -> None:
    assert judge(RATCHET, EXPIRED).test(TEST, [seen(exempt=Exempt.ACCESSOR)]).decision.verdict is PASS


def test_the_last_day_of_a_table_is_still_lenient() -> None:
    assert judge(RATCHET, ssot(until=TODAY)).test(TEST, [seen()], EXPECT).decision.verdict is XFAIL


def test_the_command_line_beats_the_table_and_the_table_the_top_level() -> None:
    table = ssot(phase=ENFORCED)
    assert judge(BASELINE, table).phase("execution") is ENFORCED
    assert judge(BASELINE, table).test(TEST, [seen()]).decision.verdict is FAIL
    assert judge(BASELINE, table).phase("other") is BASELINE


@pytest.mark.parametrize("exempt", list(Exempt))
def test_what_the_configuration_exempts_is_recorded_as_allowed(exempt: Exempt) -> None:
    judgement = judge(ENFORCED).test(TEST, [seen(exempt=exempt)])
    assert (judgement.decision.verdict, status_of(judgement)) == (PASS, ALLOWED)


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        ("app.b:make", ALLOWED),
        ("app.*:m*", ALLOWED),
        ("app.b:other", NEW),
        ("app.c:make", NEW),
        ("app.b:make.inner", NEW),
    ],
)
def test_allow_in_may_name_the_function_in_which_a_site_stands(caller: str, status: Status) -> None:
    strict = judge(ENFORCED, ssot(allow_in=(Target.parse(caller),)), Ids(name="execution"))
    assert status_of(strict.test(TEST, [seen()])) is status


def test_what_allow_in_says_of_identifiers_says_nothing_of_the_ssot_of_the_same_name() -> None:
    ids = Ids(name="execution", allow_in=(Target.parse("app.b:make"),))
    assert status_of(judge(ENFORCED, ssot(), ids).test(TEST, [seen()])) is NEW


def test_a_site_seen_inside_and_outside_an_accessor_stands_as_the_worse() -> None:
    judgement = judge(ENFORCED).test(TEST, [seen(exempt=Exempt.ACCESSOR), seen()])
    assert (judgement.decision.verdict, status_of(judgement)) == (FAIL, NEW)


def test_an_inline_allow_exempts_its_site_alone() -> None:
    judgement = judge(ENFORCED, allow=THING).test(TEST, [seen()])
    assert (judgement.decision.verdict, status_of(judgement)) == (PASS, ALLOWED)
    assert judge(ENFORCED, allow=THING).test(TEST, [seen(IMPORT)]).decision.verdict is FAIL


def test_an_allowed_violation_is_none_that_a_marker_can_expect() -> None:
    marks = Marks(expects=EXPECT.expects, allows=ALLOW.allows)
    assert judge(BASELINE).test(TEST, [seen()], marks).decision.verdict is FAIL


@pytest.mark.parametrize("phase", list(Phase))
def test_state_left_behind_never_fails_a_test(phase: Phase) -> None:
    leak = Site(Rule.STATE_LEAK, "execution", "pkg.new:Tracker", "pkg/new.py", 1, "<module>", "class Tracker:")
    judgement = judge(phase).test(TEST, [seen(leak)], ENFORCE)
    assert (judgement.decision.verdict, status_of(judgement, leak)) == (PASS, NEW)


@pytest.mark.parametrize("flag", list(Flag))
def test_a_flagged_site_is_allowed_in_every_phase(flag: Flag) -> None:
    assert judge(ENFORCED).status(IMPORT.flagged(flag)) is ALLOWED
    assert judge(ENFORCED, EXPIRED).status(IMPORT.flagged(flag)) is ALLOWED


@pytest.mark.parametrize("phase", list(Phase))
def test_a_rule_with_a_budget_fails_no_test(phase: Phase) -> None:
    table = ssot(max={Rule.DEPRECATED_USE: 0})
    judgement = judge(phase, table).test(TEST, [seen()])
    assert (judgement.decision.verdict, status_of(judgement)) == (PASS, NEW)
    assert judge(phase, table).test(TEST, [seen(IMPORT)], ENFORCE).decision.verdict is FAIL


def test_ssot_enforce_beats_a_budget() -> None:
    assert judge(BASELINE, ssot(max={Rule.DEPRECATED_USE: 5})).test(TEST, [seen()], ENFORCE).decision.verdict is FAIL


def test_ssot_enforce_beats_an_expectation_and_leaves_an_allow() -> None:
    both = Marks(expects=EXPECT.expects, enforce=True)
    assert judge(BASELINE).test(TEST, [seen()], both).decision.verdict is FAIL
    assert judge(BASELINE).test(TEST, [], both).decision.notes[0].startswith("stale:")
    assert judge(BASELINE).test(TEST, [seen()], Marks(allows=ALLOW.allows, enforce=True)).decision.verdict is PASS


def test_sites_at_collection_and_in_the_own_body_satisfy_a_marker_and_fail_no_unmarked_test() -> None:
    for given in ({"module_sites": (THING,)}, {"own_scan_sites": (THING,)}):
        judgement = judge(BASELINE).test(TEST, [], EXPECT, **given)
        assert (judgement.decision.verdict, status_of(judgement)) == (XFAIL, EXPECTED)
        unmarked = judge(ENFORCED).test(TEST, [], **given)
        assert (unmarked.decision.verdict, status_of(unmarked)) == (PASS, NEW)
        assert status_of(judge(ENFORCED).test(TEST, [], ALLOW, **given)) is ALLOWED


@pytest.mark.parametrize("phase", [BASELINE, RATCHET, ENFORCED])
def test_a_test_held_to_enforce_fails_for_what_its_module_does_as_it_is_imported(phase: Phase) -> None:
    judgement = judge(phase, known=(THING,)).test(TEST, [], ENFORCE, module_sites=(THING,))
    assert (judgement.decision.verdict, status_of(judgement)) == (FAIL, KNOWN)
    assert judgement.decision.reason.startswith(f"{TEST} constructs pkg.old:Thing at app/b.py:12")


@pytest.mark.parametrize(("phase", "verdict"), [(BASELINE, XFAIL), (RATCHET, XFAIL), (ENFORCED, FAIL)])
def test_an_expectation_takes_on_what_its_module_does_as_it_is_imported(phase: Phase, verdict: Verdict) -> None:
    assert judge(phase).test(TEST, [], EXPECT, module_sites=(THING,)).decision.verdict is verdict


@pytest.mark.parametrize(
    ("marks", "more", "site"),
    [
        (UNMARKED, {}, THING),
        (EXPECT, {}, IMPORT),
        (Marks(expects=(Expect((Rule.DEPRECATED_USE,), until=TODAY - datetime.timedelta(days=1)),)), {}, THING),
        (ALLOW, {}, THING),
        (Marks(allows=ALLOW.allows, enforce=True), {}, THING),
        (EXPECT, {"max": {Rule.DEPRECATED_USE: 1}}, THING),
        (EXPECT, {"until": TODAY - datetime.timedelta(days=1)}, THING),
    ],
    ids=["unmarked", "other rule", "marker ended", "allowed", "enforced and allowed", "budget", "table ended"],
)
def test_what_no_marker_takes_on_fails_no_test(marks: Marks, more: dict[str, Any], site: Site) -> None:
    decision = judge(ENFORCED, ssot(**more)).test(TEST, [], marks, module_sites=(site,)).decision
    assert decision.verdict is PASS


def test_a_skipped_test_fails_for_nothing_that_its_module_does() -> None:
    skipped = Raised(pytest.skip.Exception, skip=True)
    assert judge().test(TEST, [], ENFORCE, raised=skipped, module_sites=(THING,)).decision.verdict is PASS


def test_a_table_that_moved_on_does_not_fail_a_test_whose_marker_names_no_table() -> None:
    ahead, behind = ssot(phase=ENFORCED), ssot(name="websocket", phase=BASELINE)
    decision = judge(BASELINE, ahead, behind).test(TEST, [], EXPECT).decision
    assert (decision.verdict, decision.notes[0].partition(":")[0]) == (PASS, "stale")
    named = Marks(expects=(Expect((Rule.DEPRECATED_USE,), ssot="websocket"),))
    assert judge(BASELINE, ahead, behind).test(TEST, [], named).decision.verdict is FAIL


def test_a_table_of_another_kind_or_target_does_not_decide_for_a_marker() -> None:
    ids = Ids(name="ids", phase=ENFORCED, patterns=("time-format",))
    assert judge(BASELINE, ssot(), ids).test(TEST, [], EXPECT).decision.verdict is FAIL
    elsewhere = ssot(name="other", phase=ENFORCED, canonical=None, deprecated=(Target.parse("elsewhere"),))
    about = Marks(expects=(Expect(target=Target.parse("pkg.old:Thing")),))
    assert judge(BASELINE, ssot(), elsewhere).test(TEST, [], about).decision.verdict is FAIL


def test_a_teardown_fails_for_what_it_did_itself() -> None:
    torn = seen(step=Step.TEARDOWN)
    assert judge().teardown(TEST, [torn]).decision.verdict is FAIL
    assert judge(BASELINE).teardown(TEST, [], EXPECT).decision.verdict is PASS


def test_an_expectation_that_was_met_before_holds_for_the_teardown_too() -> None:
    torn = seen(step=Step.TEARDOWN)
    expected = judge().teardown(TEST, [torn], EXPECT, before=[THING])
    assert (expected.decision.verdict, status_of(expected)) == (PASS, EXPECTED)


@pytest.mark.parametrize("phase", [BASELINE, RATCHET])
def test_what_was_expected_and_comes_in_the_teardown_only_fails_there(phase: Phase) -> None:
    torn = judge(phase).teardown(TEST, [seen(step=Step.TEARDOWN)], EXPECT)
    assert (torn.decision.verdict, status_of(torn)) == (FAIL, NEW)
    assert torn.decision.reason.splitlines() == [
        "tests/test_a.py::test_x constructs pkg.old:Thing at app/b.py:12; use pkg.new:Tracker (platform, #220)",
        "  its ssot_expect_violation is about set-up and body; a teardown cannot xfail",
    ]
    budgeted = judge(phase, ssot(max={Rule.DEPRECATED_USE: 1})).teardown(TEST, [seen(step=Step.TEARDOWN)], EXPECT)
    assert budgeted.decision.verdict is PASS


def test_an_expectation_is_not_stale_while_a_site_at_collection_or_within_a_budget_shows_it() -> None:
    assert judge(ENFORCED).test(TEST, [], EXPECT, module_sites=(THING,)).decision.notes == ()
    assert judge(ENFORCED).test(TEST, [], EXPECT, own_scan_sites=(THING,)).decision.notes == ()
    assert judge(ENFORCED, ssot(max={Rule.DEPRECATED_USE: 1})).test(TEST, [seen()], EXPECT).decision.notes == ()


def test_a_failure_says_that_the_table_is_past_its_until() -> None:
    past = ssot(until=TODAY - datetime.timedelta(days=1))
    assert judge(BASELINE, past).test(TEST, [seen()], EXPECT).decision.reason.splitlines() == [
        "tests/test_a.py::test_x constructs pkg.old:Thing at app/b.py:12; use pkg.new:Tracker (platform, #220)",
        "  nothing is lenient about execution any more: its until is past",
    ]


def test_a_failure_says_who_did_what_where_and_what_to_do() -> None:
    moved = ssot(replace={"pkg.old:Thing": "pkg.new:Thing"})
    assert judge(RATCHET, moved).test(TEST, [seen(count=3)]).decision.reason == (
        "tests/test_a.py::test_x constructs pkg.old:Thing at app/b.py:12; use pkg.new:Thing (platform, #220)"
    )


def test_a_failure_names_each_site_once_on_a_line_of_its_own_with_its_facts() -> None:
    twice = [seen(), seen(IMPORT, detail=("first at app/a.py:1",)), seen(step=Step.SETUP)]
    assert judge().test(TEST, twice).decision.reason.splitlines() == [
        "tests/test_a.py::test_x constructs pkg.old:Thing at app/b.py:12; use pkg.new:Tracker (platform, #220)",
        "tests/test_a.py::test_x imports pkg.old at app/b.py:3; use pkg.new:Tracker (platform, #220)",
        "  first at app/a.py:1",
    ]


def test_an_expectation_that_is_not_met_says_what_to_do() -> None:
    assert judge(BASELINE).test(TEST, [], EXPECT).decision.reason == (
        "tests/test_a.py::test_x does not violate deprecated-use as its ssot_expect_violation says; "
        "remove the marker or give it strict=False"
    )
    assert judge(RATCHET).test(TEST, [], STRICT).decision.reason == (
        "tests/test_a.py::test_x does not violate deprecated-use as its ssot_expect_violation says; remove the marker"
    )


def test_the_notes_say_why() -> None:
    assert judge(RATCHET).test(TEST, [], EXPECT).decision.notes == (
        "fixed: ssot_expect_violation is not violated any more; remove it (deprecated-use)",
    )
    assert judge(ENFORCED).test(TEST, [], EXPECT).decision.notes == (
        "stale: ssot_expect_violation has no effect in phase enforce (deprecated-use)",
    )


def test_an_xfail_gives_the_markers_reason_and_the_first_site() -> None:
    marks = Marks(expects=(Expect(reason="moved in May", issue="#220"),))
    assert judge().test(TEST, [seen(), seen(IMPORT)], marks).decision.reason == (
        "moved in May, #220: deprecated-use of pkg.old:Thing at app/b.py:12 and 1 more"
    )
    bare = Marks(expects=(Expect(),))
    assert judge().test(TEST, [seen()], bare).decision.reason == "deprecated-use of pkg.old:Thing at app/b.py:12"
