"""What a run writes besides its summary."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema
import pytest

SUITE = """
from shop.service import second_tracker

def test_it():
    second_tracker()
"""


@pytest.mark.parametrize("more", [(), ("-n2",)], ids=["alone", "with two workers"])
def test_junit_properties_stand_in_pytests_own_file(project, more):
    project.run("--ssot-phase=baseline", "--junitxml=junit.xml", "--ssot-report=junit", *more, test_shop=SUITE)
    tree = ElementTree.parse(project.pytester.path / "junit.xml")
    of_test = [(one.get("name"), one.get("value")) for one in tree.iterfind(".//testcase/properties/property")]
    assert of_test == [("ssot.singleton-bypass", "shop.core:Tracker at shop/service.py:15")]
    of_suite = {one.get("name"): one.get("value") for one in tree.iterfind(".//testsuite/properties/property")}
    assert (of_suite["ssot.new"], of_suite["ssot.blind_spots"]) == ("1", "0")
    assert of_suite["ssot.outcome"].startswith("1 new, ")


def test_junit_properties_without_a_junit_file_are_missed_aloud(project):
    project.run("--ssot-phase=baseline", "--ssot-report=junit", test_shop=SUITE)
    line = "ssot: warning: the report 'junit' is part of pytest's own JUnit file; add --junitxml=FILE"
    project.result.stdout.fnmatch_lines([line])
    project.run("--ssot-phase=baseline", "--ssot-report=junit", "--junitxml=junit.xml", test_shop=SUITE)
    project.result.stdout.no_fnmatch_line(line)


def test_github_annotations_come_with_the_summary(project):
    project.run("--ssot-phase=ratchet", "--ssot-report=github", test_shop=SUITE)
    project.result.stdout.fnmatch_lines(
        ["::error file=shop/service.py,line=15,title=ssot singleton-bypass::second_tracker constructs *"]
    )


def test_sarif_is_written_where_it_was_asked_for(project):
    project.run("--ssot-phase=baseline", "--ssot-report=sarif:out/x.sarif?all", test_shop=SUITE)
    log = json.loads((project.pytester.path / "out" / "x.sarif").read_text())
    assert [one["ruleId"] for one in log["runs"][0]["results"]] == ["singleton-bypass"]


@pytest.mark.parametrize("phase", ["baseline", "ratchet", "enforce"])
def test_a_result_is_what_the_published_schema_says(project, phase):
    project.run(f"--ssot-phase={phase}", "--ssot-report=json:result.json", test_shop=SUITE)
    published = files("pytest_ssot_tracker.report").joinpath("result.schema.json").read_text(encoding="utf-8")
    jsonschema.validate(json.loads((project.pytester.path / "result.json").read_text()), json.loads(published))


def test_a_report_that_cannot_be_written_fails_the_session_and_says_so(project):
    project.pytester.makefile(".txt", blocked="a file, no folder")
    project.run("--ssot-phase=baseline", "--ssot-report=sarif:blocked.txt/x.sarif", test_shop=SUITE)
    assert project.result.ret == pytest.ExitCode.TESTS_FAILED
    project.result.stdout.fnmatch_lines(["ssot: cannot write the sarif report to *blocked.txt*"])


def test_the_hooks_are_told_of_violations_and_of_the_report(pytester):
    """examples/post_to_file does what its docstring says."""
    pytester.copy_example("post_to_file")
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio").assert_outcomes(passed=1)
    posts = [json.loads(line) for line in (pytester.path / "posts.jsonl").read_text().splitlines()]
    test = "test_tickets.py::test_a_problem_becomes_a_ticket"
    common = {"use": "mailer:Ticket", "owner": "support"}
    assert posts == [
        {"rule": "deprecated-import", "at": "tickets.py:1", **common, "test": None},
        {"rule": "deprecated-use", "at": "tickets.py:5", **common, "test": test},
        {"new": 2, "failed": False},
    ]


@pytest.mark.parametrize("more", [(), ("-q",), ("--no-header",)])
def test_a_configured_folder_that_is_not_there_is_refused_with_or_without_a_header(project, more):
    project.configure()
    text = (project.pytester.path / "pyproject.toml").read_text()
    (project.pytester.path / "pyproject.toml").write_text(text.replace('["shop"]', '["shop", "gone"]'))
    project.run("--ssot-phase=baseline", *more, test_shop=SUITE)
    assert project.result.ret == pytest.ExitCode.USAGE_ERROR
    project.result.stderr.fnmatch_lines(["ERROR: pyproject.toml: source*: there is no 'gone' in *"])


@pytest.mark.parametrize("option", ["--collect-only", "--fixtures", "--fixtures-per-test", "--setup-plan"])
def test_to_be_shown_something_is_no_run_and_leaves_the_last_result_alone(project, option):
    project.configure()
    before = project.run("--ssot-phase=baseline", test_shop=SUITE)
    assert before["sites"]
    project.pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio", "--ssot-report=json", option)
    assert json.loads((project.pytester.path / "ssot-result.json").read_text()) == before
    assert project.pytester.runpytest_inprocess("-p", "no:asyncio", option).ret == 0


def test_pytest_tells_what_the_fixtures_give_before_anything_is_configured(pytester):
    shown = pytester.runpytest_inprocess("--fixtures", "-p", "no:asyncio").stdout.str()
    assert "Hand out the real singleton, reset, and put it back afterwards; none is configured" in shown
    assert 'Hand out the real singleton of any table, as `ssot["name"]`; none is configured' in shown
