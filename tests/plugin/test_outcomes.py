"""How a test ended is known whether its reports were heard as they came, or asked of the terminal at the end."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

SUITE = """
import unittest
import pytest
from shop.service import log_twice

def test_passes():
    pass

def test_fails():
    assert 0

def test_skips():
    pytest.skip("no")

@pytest.mark.skip
def test_never():
    pass

@pytest.mark.xfail
def test_xfails():
    assert 0

@pytest.mark.xfail
def test_xpasses():
    pass

@pytest.fixture
def broken():
    raise OSError

@pytest.fixture
def left():
    yield
    raise OSError

def test_setup(broken):
    pass

def test_teardown(left):
    pass

def test_fails_twice(left):
    assert 0

class Case(unittest.TestCase):
    def setUp(self):
        if "skips" in self.id():
            self.skipTest("no")

    def test_case(self):
        for number in range(3):
            with self.subTest(number=number):
                assert number < 3

    def test_case_skips(self):
        pass

    @unittest.expectedFailure
    def test_case_expects(self):
        assert 0

@pytest.mark.parametrize("number", [1, 2])
def test_each(number):
    assert number == 1
"""
VIOLATES = """

def test_violates():
    log_twice()

def test_after():
    pass
"""
FLAKY = """

tries = []

@pytest.mark.flaky(reruns=2)
def test_at_last():
    tries.append(1)
    assert len(tries) == 3

@pytest.mark.flaky(reruns=1)
def test_never_well():
    assert 0
"""
TELLS = """
import json

def pytest_ssot_report(report):
    with open("told.json", "w") as file:
        json.dump({test.id.partition("::")[2]: test.outcome for test in report.tests}, file)
"""
RIGHT = {
    "test_passes": "passed",
    "test_fails": "failed",
    "test_skips": "skipped",
    "test_never": "skipped",
    "test_xfails": "xfailed",
    "test_xpasses": "xpassed",
    "test_setup": "error",
    "test_teardown": "error",
    "test_fails_twice": "failed",
    "Case::test_case": "passed",
    "Case::test_case_skips": "skipped",
    "Case::test_case_expects": "xfailed",
    "test_each[1]": "passed",
    "test_each[2]": "failed",
}
QUIETLY = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "--no-ssot-scan")


def told(project, *args: str, suite: str = SUITE, in_this_process: bool = True) -> dict[str, str]:
    project.pytester.makepyfile(test_shop=suite, conftest=TELLS)
    run = project.pytester.runpytest_inprocess if in_this_process else project.pytester.runpytest_subprocess
    run(*QUIETLY, *args)
    return json.loads(Path(project.pytester.path, "told.json").read_text())


@pytest.mark.parametrize(
    "args",
    [(), ("-q",), ("-p", "no:terminal"), ("--ssot-report=json",), ("-n1",), ("-p", "no:rerunfailures")],
    ids=" ".join,
)
def test_an_outcome_is_the_same_however_it_is_learned(project, args):
    assert told(project, *args) == RIGHT


@pytest.mark.parametrize("args", [(), ("-p", "no:rerunfailures")], ids=" ".join)
def test_reports_are_heard_from_the_first_test_on_that_has_something_to_tell(project, args):
    right = {**RIGHT, "test_violates": "failed", "test_after": "passed"}
    assert told(project, "--ssot-phase=ratchet", *args, suite=SUITE + VIOLATES) == right


def test_a_test_that_is_run_again_counts_with_its_last_attempt(project):
    pytest.importorskip("pytest_rerunfailures")
    right = {**RIGHT, "test_at_last": "passed", "test_never_well": "failed"}
    assert told(project, suite=SUITE + FLAKY) == right


@pytest.mark.parametrize("args", [(), ("-p", "no:rerunfailures")], ids=" ".join)
def test_a_run_that_ends_early_tells_of_the_tests_it_ran(project, args):
    assert told(project, "-x", *args) == {"test_passes": "passed", "test_fails": "failed"}


COUNTS = """
def pytest_report_teststatus(report):
    if report.when == {when!r}:
        return {category!r}, ".", "PASSED"
"""


@pytest.mark.parametrize(("when", "category"), [(None, ""), ("setup", "passed"), ("call", ""), ("teardown", "cleaned")])
def test_where_every_test_passes_that_is_told_however_a_plugin_counts_reports(project, when, category):
    project.pytester.makepyfile(counts=COUNTS.format(when=when, category=category))
    project.pytester.syspathinsert()
    suite = "def test_one():\n    pass\n\ndef test_two():\n    pass\n"
    args = ("-p", "counts", "-p", "no:rerunfailures")
    assert told(project, *args, suite=suite) == {"test_one": "passed", "test_two": "passed"}


def test_a_test_that_registers_another_who_runs_tests_changes_nothing(project):
    suite = """
    def test_passes():
        pass

    def test_registers(request):
        class Runs:
            def pytest_runtest_protocol(self):
                pass

        request.config.pluginmanager.register(Runs())
    """
    right = {"test_passes": "passed", "test_registers": "passed"}
    assert told(project, "-p", "no:rerunfailures", suite=textwrap.dedent(suite)) == right


@pytest.mark.parametrize("args", [("-p", "no:rerunfailures"), ("--ssot-report=json",)], ids=" ".join)
def test_a_test_that_was_interrupted_is_unfinished(project, args):
    suite = "def test_passes():\n    pass\n\ndef test_stops():\n    raise KeyboardInterrupt\n"
    assert told(project, *args, suite=suite, in_this_process=False) == {
        "test_passes": "passed",
        "test_stops": "unfinished",
    }


@pytest.mark.parametrize("args", [("-p", "no:rerunfailures"), ("--ssot-report=json",)], ids=" ".join)
def test_what_a_subtest_does_is_not_how_its_test_ended(project, args):
    if not hasattr(pytest, "Subtests"):
        pytest.skip("subtests are pytest's own from 9.0 on")
    suite = (
        "def test_parts(subtests):\n    for number in range(3):\n        with subtests.test(number=number):\n"
        "            assert number != 1\n"
    )
    assert told(project, *args, suite=suite) == {"test_parts": "failed"}
