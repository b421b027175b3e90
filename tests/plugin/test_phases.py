"""The table of markers and phases, as users see it happen."""

from __future__ import annotations

import json

import pytest

SUITE = """
import pytest
from shop import service

def test_unmarked():
    service.log_order()

@pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", reason="moves in May")
def test_expected():
    service.log_order()

@pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use")
def test_expected_but_fixed():
    pass

@pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", strict=False)
def test_expected_but_fixed_leniently():
    pass

@pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", strict=True)
def test_expected_but_fixed_strictly():
    pass

@pytest.mark.ssot_allow(reason="tests the old one itself")
def test_allowed():
    service.log_order()

@pytest.mark.ssot_enforce
def test_enforced():
    service.log_order()

def test_clean():
    pass
"""

TABLE = {
    #                                     baseline   ratchet    enforce
    "test_unmarked":                     ("passed",  "failed",  "failed"),
    "test_expected":                     ("xfailed", "xfailed", "failed"),
    "test_expected_but_fixed":           ("failed",  "passed",  "passed"),
    "test_expected_but_fixed_leniently": ("passed",  "passed",  "passed"),
    "test_expected_but_fixed_strictly":  ("failed",  "failed",  "passed"),
    "test_allowed":                      ("passed",  "passed",  "passed"),
    "test_enforced":                     ("failed",  "failed",  "failed"),
    "test_clean":                        ("passed",  "passed",  "passed"),
}  # fmt: skip


@pytest.mark.parametrize(("column", "phase"), [(0, "baseline"), (1, "ratchet"), (2, "enforce")])
def test_the_same_suite_goes_through_all_phases_unedited(project, column, phase):
    outcomes = project.outcomes(f"--ssot-phase={phase}", test_shop=SUITE)
    assert outcomes == {name: row[column] for name, row in TABLE.items()}


OF_THE_MODULE = """
import pytest
from shop.old import OrderLog

def test_unmarked():
    pass

@pytest.mark.ssot_enforce
def test_enforced():
    pass

@pytest.mark.ssot_enforce
@pytest.mark.skip(reason="not now")
def test_skipped():
    pass

@pytest.mark.ssot_expect_violation("deprecated-import")
def test_expected():
    pass

@pytest.mark.ssot_expect_violation("deprecated-use", strict=False)
def test_expected_otherwise():
    pass

@pytest.mark.ssot_allow(reason="tests the old one itself")
def test_allowed():
    pass
"""

OF_THE_MODULE_TABLE = {
    #                            baseline   ratchet    enforce
    "test_unmarked":           ("passed",  "passed",  "passed"),
    "test_enforced":           ("failed",  "failed",  "failed"),
    "test_skipped":            ("skipped", "skipped", "skipped"),
    "test_expected":           ("xfailed", "xfailed", "failed"),
    "test_expected_otherwise": ("passed",  "passed",  "passed"),
    "test_allowed":            ("passed",  "passed",  "passed"),
}  # fmt: skip


@pytest.mark.parametrize(("column", "phase"), [(0, "baseline"), (1, "ratchet"), (2, "enforce")])
@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_what_a_module_imports_fails_its_marked_tests(project, column, phase, workers):
    outcomes = project.outcomes(f"--ssot-phase={phase}", *workers, test_shop=OF_THE_MODULE)
    assert outcomes == {name: row[column] for name, row in OF_THE_MODULE_TABLE.items()}


def test_a_known_site_passes_in_ratchet_and_fails_in_enforce(project):
    suite = "from shop import service\ndef test_it():\n    service.log_order()\n"
    result = project.run("--ssot-phase=baseline", test_shop=suite)
    from pytest_ssot_tracker.judge.baseline import Baseline
    from pytest_ssot_tracker.report.result import read

    report = read(project.pytester.path / "ssot-result.json")
    Baseline.of(row.site for row in report.sites).save(project.pytester.path / "ssot-baseline.json")
    assert {site["status"] for site in result["sites"]} == {"new"}
    result = project.run("--ssot-phase=ratchet")
    assert {site["status"] for site in result["sites"]} == {"known"}
    assert project.result.ret == 0
    project.run("--ssot-phase=enforce")
    assert project.result.ret == 1


def test_an_xfail_is_pytests_own_in_letters_reasons_and_junit(project):
    project.run(
        "--ssot-phase=ratchet", "-rx", "--junitxml=junit.xml", "-k", "test_expected and not fixed", test_shop=SUITE
    )
    project.result.assert_outcomes(xfailed=1, deselected=7)
    project.result.stdout.fnmatch_lines(["XFAIL test_shop.py::test_expected - moves in May: deprecated-import of *"])
    assert 'type="pytest.xfail"' in (project.pytester.path / "junit.xml").read_text()


def test_a_violation_swallowed_by_except_exception_still_fails(project):
    project.run(
        test_shop="""
        from shop import service

        def test_it():
            try:
                service.log_order()
            except Exception:
                pass
        """
    )
    project.result.assert_outcomes(failed=1)
    project.result.stdout.fnmatch_lines(
        [
            "E   test_shop.py::test_it constructs shop.old:OrderLog at shop/service.py:4; "
            "use shop.core:Tracker (platform, #220)"
        ]
    )


def test_a_body_that_raises_another_error_stays_a_failure(project):
    outcomes = project.outcomes(
        "--ssot-phase=ratchet",
        test_shop="""
        import pytest
        from shop import service

        @pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use")
        def test_asserts():
            service.log_order()
            assert False

        @pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use")
        def test_raises():
            service.log_order()
            raise ValueError("another matter")

        @pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", raises=ValueError)
        def test_raises_as_said():
            service.log_order()
            raise ValueError("this one")

        @pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use")
        def test_fails_without_violating():
            assert False
        """,
    )
    assert outcomes == {
        "test_asserts": "xfailed",
        "test_raises": "failed",
        "test_raises_as_said": "xfailed",
        "test_fails_without_violating": "failed",
    }


@pytest.mark.parametrize(
    ("phase", "outcome", "said"),
    [
        (
            "baseline",
            "failed",
            "*test_it violates deprecated-import, deprecated-use but does not raise AssertionError*",
        ),
        ("ratchet", "passed", "*0 known, 0 allowed, 2 expected, 1 fixed, 0 stale*"),
        ("enforce", "failed", "*test_it constructs shop.old:OrderLog*"),
    ],
)
def test_a_harm_that_is_gone_is_told_though_its_cause_is_still_there(project, phase, outcome, said):
    outcomes = project.outcomes(
        f"--ssot-phase={phase}",
        test_shop="""
        import pytest
        from shop import service

        @pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", raises=AssertionError)
        def test_it():
            service.log_order()
            assert "the order is there"
        """,
    )
    assert outcomes == {"test_it": outcome}
    project.result.stdout.fnmatch_lines([said])


def test_pytests_own_xfail_wins(project):
    outcomes = project.outcomes(
        test_shop="""
        import pytest
        from shop import service

        @pytest.mark.xfail(strict=True)
        def test_fails_as_said():
            service.log_order()
            assert False

        @pytest.mark.xfail(strict=True)
        def test_passes_against_its_word():
            service.log_order()
        """
    )
    assert outcomes == {"test_fails_as_said": "xfailed", "test_passes_against_its_word": "failed"}


def test_a_violation_in_teardown_is_an_error_there(project):
    project.run(
        test_shop="""
        import pytest
        from shop import service

        @pytest.fixture
        def order():
            yield
            service.log_order()

        def test_it(order):
            pass
        """
    )
    project.result.assert_outcomes(passed=1, errors=1)


def test_what_a_marker_expects_is_an_error_where_only_the_teardown_violates(project):
    project.run(
        "--ssot-phase=ratchet",
        test_shop="""
        import pytest
        from shop import service

        pytestmark = pytest.mark.ssot_expect_violation

        @pytest.fixture
        def order():
            yield
            service.log_order()

        def test_late(order):
            pass

        def test_both(order):
            service.log_order()
        """,
    )
    project.result.assert_outcomes(passed=1, xfailed=1, errors=1)


def test_the_header_names_the_phase_of_each_table_that_has_its_own(project):
    project.configure(table='phase = "ratchet"', tables="until = 2020-01-01")
    project.run(test_shop="def test_it(): pass")
    # Both tables have one name, so that the day ends it for both.
    project.result.stdout.fnmatch_lines(["ssot: phase enforce, orders (enforce: its until is past), watched by *"])
    project.configure(table='phase = "ratchet"')
    project.run()
    project.result.stdout.fnmatch_lines(["ssot: phase enforce, orders (ratchet), watched by *"])


def test_a_violation_in_setup_fails_the_test(project):
    result = project.run(
        test_shop="""
        import pytest
        from shop import service

        @pytest.fixture(scope="module")
        def order():
            service.log_order()

        def test_first(order):
            pass

        def test_second(order):
            pass
        """
    )
    project.result.assert_outcomes(failed=1, passed=1)
    seen = [one for site in result["sites"] for one in site["tests"]]
    assert {(one["id"], one["step"], one["fixture"]) for one in seen} == {
        ("test_shop.py::test_first", "setup", "order")
    }


BAD_MARKERS = """
import pytest

@pytest.mark.ssot_allow
def test_one():
    pass

@pytest.mark.ssot_expect_violation("deprecated-usage")
def test_two():
    pass
"""


def test_bad_markers_are_a_usage_error_that_names_every_test(project):
    project.run(test_shop=BAD_MARKERS)
    assert project.result.ret == pytest.ExitCode.USAGE_ERROR
    project.result.stderr.fnmatch_lines(["*test_shop.py::test_one: *reason is mandatory*"])
    project.result.stderr.fnmatch_lines(
        ["*test_shop.py::test_two: *'deprecated-usage', did you mean 'deprecated-use'?*"]
    )


def test_bad_markers_are_the_same_usage_error_with_workers(project):
    project.pytester.makepyfile(test_shop=BAD_MARKERS)
    result = project.pytester.runpytest_subprocess("-n2", "--no-ssot-scan", "-p", "no:randomly", "-p", "no:asyncio")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: test_shop.py::test_one: *reason is mandatory*",
            "test_shop.py::test_two: *'deprecated-usage', did you mean 'deprecated-use'?*",
        ]
    )


def test_a_refused_session_is_incomplete(project):
    assert project.run(test_shop=BAD_MARKERS)["run"]["incomplete"] == ["the session was refused"]


def test_a_marker_that_a_fixture_or_the_test_adds_counts_as_pytests_own_xfail_does(project):
    outcomes = project.outcomes(
        "--ssot-phase=ratchet",
        test_shop="""
        import pytest
        from shop import service

        @pytest.fixture
        def migrating(request):
            request.node.add_marker(pytest.mark.ssot_expect_violation)

        def test_by_fixture(migrating):
            service.log_order()

        def test_by_itself(request):
            request.applymarker(pytest.mark.ssot_allow(reason="legacy"))
            service.log_order()

        def test_bad(request):
            request.applymarker(pytest.mark.ssot_allow)

        def test_next():
            service.log_order()
        """,
    )
    assert outcomes == {
        "test_by_fixture": "xfailed",
        "test_by_itself": "passed",
        "test_bad": "failed",
        "test_next": "failed",
    }
    project.result.stdout.fnmatch_lines(["test_shop.py::test_bad: @pytest.mark.ssot_allow: a reason is mandatory*"])


def test_runxfail_runs_expected_tests_as_if_unmarked(project):
    outcomes = project.outcomes("--ssot-phase=ratchet", "--runxfail", "-k", "test_expected", test_shop=SUITE)
    assert outcomes["test_expected"] == "failed"


def test_ssot_violations_shows_what_this_test_has_recorded_so_far(project):
    project.run(
        "--ssot-phase=baseline",
        test_shop="""
        from shop import service

        def test_it(ssot_violations):
            assert not ssot_violations
            service.second_tracker()
            (one,) = ssot_violations
            assert (one.rule, one.ssot, one.target) == ("singleton-bypass", "orders", "shop.core:Tracker")
            assert (one.path, one.line) == ("shop/service.py", 15)
            service.loose_id()
            assert [each.rule for each in ssot_violations] == ["singleton-bypass", "out-of-band-id"]
        """,
    )
    project.result.assert_outcomes(passed=1)


def test_what_a_function_named_by_allow_in_does_is_allowed_and_no_violation(project):
    project.configure(table='allow_in = ["shop.service:second_tracker"]')
    result = project.run(
        "--ssot-phase=enforce",
        "--no-ssot-scan",
        test_shop="""
        from shop import service

        def test_it(ssot_violations):
            service.second_tracker()
            assert not ssot_violations
        """,
    )
    project.result.assert_outcomes(passed=1)
    assert [site["status"] for site in result["sites"] if site["rule"] == "singleton-bypass"] == ["allowed"]


def test_a_bad_configuration_stops_the_run_with_every_problem(project):
    project.configure(table='deprecate = ["shop.old"]\nuntil = "soon"')
    project.run(test_shop="def test_it(): pass")
    assert project.result.ret == pytest.ExitCode.USAGE_ERROR
    text = project.result.stderr.str()
    assert "deprecate" in text
    assert "deprecated" in text
    assert "until" in text


def test_no_ssot_switches_everything_off(project):
    project.pytester.makepyfile(test_shop=SUITE)
    result = project.pytester.runpytest_inprocess("--no-ssot", "-p", "no:randomly")
    result.assert_outcomes(passed=8)
    result.stdout.no_fnmatch_line("*ssot:*")


def test_the_result_is_the_same_with_two_workers(project):
    project.run("--ssot-phase=ratchet", "-p", "no:xdist", test_shop=SUITE)
    alone = json.loads((project.pytester.path / "ssot-result.json").read_text())
    project.pytester.runpytest_subprocess("-n2", "--no-ssot-scan", "--ssot-phase=ratchet", "--ssot-report=json")
    spread = json.loads((project.pytester.path / "ssot-result.json").read_text())
    alone.pop("run")
    spread.pop("run")
    assert alone == spread
