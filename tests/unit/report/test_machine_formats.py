"""What other tools read: SARIF for code scanning, workflow commands for GitHub."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from pytest_ssot_tracker.model import Phase, Rule, Site, Status
from pytest_ssot_tracker.report import Report, RunInfo
from pytest_ssot_tracker.report.github import LIMIT, commands
from pytest_ssot_tracker.report.gitlab import render as render_issues
from pytest_ssot_tracker.report.gitlab import to_issues
from pytest_ssot_tracker.report.guide import link
from pytest_ssot_tracker.report.reporters import Output
from pytest_ssot_tracker.report.rows import BlindRow, Exercise, SiteRow, TestRow, Totals
from pytest_ssot_tracker.report.sarif import render, to_sarif

HOSTILE = "a\u202e</script>\r\n%0A::error::,\x1b[31m\udcff\"'" + "x" * 5000
RUN = RunInfo(version="1.0", phase=Phase.RATCHET, python="3", pytest="9", root="/", started="2026-06-01T14:00:00+02:00")


def row(number: int, status: Status = Status.NEW, *, fails: str | None = "test", **changes: str) -> SiteRow:
    parts = {"target": "pkg.old:Thing", "path": "app/b c.py", "scope": "C.make", "text": "Thing()", **changes}
    site = Site(Rule.DEPRECATED_USE, "execution", parts["target"], parts["path"], number, parts["scope"], parts["text"])
    return SiteRow(
        site=site,
        status=status,
        found_by=("run",),
        exercise=Exercise.EXERCISED,
        owner=changes.get("owner"),
        replacement="pkg.new:Thing",
        fails=fails,
    )


PASSES = tuple(row(1 + number, status, fails=None, scope=status) for number, status in enumerate(Status))
UNMET = TestRow(id="tests/test_a.py::test_x", outcome="failed", reason="ssot")
BESIDE = Report(run=RUN, tests=(UNMET,), failures=("tests: 1 test failed", "budget: 5 sites, max is 4"))


def test_a_site_is_a_sarif_result_with_its_identity_as_fingerprint():
    one = row(12)
    log = to_sarif(Report(run=RUN, sites=(one,)))
    (run,) = log["runs"]
    (result,) = run["results"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "deprecated-use"
    assert run["invocations"][0]["startTimeUtc"] == "2026-06-01T12:00:00Z"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "app/b%20c.py"
    assert place["region"]["startLine"] == 12
    assert result["message"]["text"] == "C.make constructs pkg.old:Thing at app/b c.py:12; use pkg.new:Thing"
    assert result["partialFingerprints"] == {
        "primaryLocationLineHash": f"{one.site.id}:1",
        "ssotSite/v1": one.site.id,
    }
    assert result["level"] == "error"
    assert "suppressions" not in result


def test_an_alert_is_the_same_one_wherever_its_line_has_gone():
    before, after = (to_sarif(Report(run=RUN, sites=(row(line),)))["runs"][0]["results"][0] for line in (12, 99))
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]


def test_what_passes_is_in_no_report_for_a_service_unless_it_is_asked_for():
    report = Report(run=RUN, sites=PASSES)
    assert to_sarif(report)["runs"][0]["results"] == to_issues(report) == list(commands(report)) == []
    results = to_sarif(report, everything=True)["runs"][0]["results"]
    assert [(one["level"], one["properties"]["status"]) for one in results] == [("note", str(one)) for one in Status]
    assert not any("suppressions" in one for one in results)
    assert [one["severity"] for one in to_issues(report, everything=True)] == ["minor", "minor", "info", "info"]
    assert [one.partition(" ")[0] for one in commands(report, everything=True)] == ["::notice"] * 4


def test_every_rule_of_sarif_says_what_it_is_and_where_to_read_on():
    sites = tuple(replace(row(1), site=replace(row(1).site, rule=rule)) for rule in Rule)
    (run,) = to_sarif(replace(BESIDE, sites=sites))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == [*Rule, "ssot-session"]
    for one in rules:
        assert one["shortDescription"]["text"]
        assert one["fullDescription"]["text"]
        assert one["help"]["text"]
        assert urlsplit(one["helpUri"]).scheme == "https"
        assert one["properties"]["problem.severity"] == "error"
    assert all(link(rule) in one["help"]["markdown"] for rule, one in zip(Rule, rules, strict=False))


def test_what_fails_beside_the_sites_is_in_every_report_for_a_service():
    (run,) = to_sarif(BESIDE)["runs"]
    texts = ["tests/test_a.py::test_x failed for what its markers say, not for a site", "budget: 5 sites, max is 4"]
    assert [(one["level"], one["message"]["text"]) for one in run["results"]] == [("error", text) for text in texts]
    assert [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]] == [
        "tests/test_a.py",
        "pyproject.toml",
    ]
    issues = to_issues(BESIDE)
    assert [(one["severity"], one["description"]) for one in issues] == [("major", text) for text in texts]
    assert len({one["fingerprint"] for one in issues}) == 2
    assert list(commands(BESIDE))[:2] == [f"::error title=ssot::{text}" for text in texts]


def test_a_test_that_fails_for_a_site_is_told_once():
    one = row(12)
    report = replace(BESIDE, sites=(one,), tests=(replace(UNMET, sites=(one.site.id,)),), failures=("tests: 1",))
    assert [result["ruleId"] for result in to_sarif(report)["runs"][0]["results"]] == ["deprecated-use"]


def test_a_site_outside_the_project_has_a_place_that_services_know():
    (result,) = to_sarif(Report(run=RUN, sites=(row(3, path="/usr/lib/x.py"),)))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "pyproject.toml"
    assert "/usr/lib/x.py:3" in result["message"]["text"]
    (issue,) = to_issues(Report(run=RUN, sites=(row(3, path="../x.py"),)))
    assert issue["location"] == {"path": "pyproject.toml", "lines": {"begin": 1}}


@pytest.mark.parametrize("started", ["", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_left_out(started):
    (run,) = to_sarif(Report(run=replace(RUN, started=started)))["runs"]
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_an_incomplete_run_was_not_successful():
    log = to_sarif(Report(run=replace(RUN, complete=False, lost_workers=("gw1",))))
    invocation = log["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "worker gw1 was lost"


def test_sarif_follows_the_official_schema_for_every_status_and_any_name():
    from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

    hostile = row(5, target=HOSTILE, path=HOSTILE, scope=HOSTILE, text=HOSTILE)
    lost = replace(RUN, complete=False, lost_workers=("gw1",))
    report = replace(
        BESIDE, run=lost, sites=(hostile, *(row(1 + n, status) for n, status in enumerate(Status)), *PASSES)
    )
    for everything in (False, True):
        Log.model_validate(to_sarif(report, everything=everything))


def test_hostile_names_leave_sarif_readable(tmp_path):
    hostile = row(1, target=HOSTILE, path=HOSTILE, scope=HOSTILE, text=HOSTILE, owner=HOSTILE)
    render(Report(run=RUN, sites=(hostile,)), Output(tmp_path / "x.sarif"))
    text = (tmp_path / "x.sarif").read_text(encoding="utf-8")
    (result,) = json.loads(text)["runs"][0]["results"]
    assert result["partialFingerprints"]["ssotSite/v1"] == hostile.site.id
    assert text.isascii()


@pytest.mark.parametrize("status", list(Status))
def test_what_fails_becomes_an_annotation_whatever_its_status(status):
    lines = list(
        commands(Report(run=RUN, sites=(row(12, status), row(13, status, fails=None)), failures=("tests: 1",)))
    )
    assert lines == [
        "::error file=app/b c.py,line=12,title=ssot deprecated-use::"
        "C.make constructs pkg.old:Thing at app/b c.py:12; use pkg.new:Thing",
        "::notice title=ssot::0 new, 0 known, 0 allowed, 0 expected, 0 fixed, 0 stale, 0 blind spots (phase ratchet)",
    ]
    passing = Report(run=RUN, sites=(row(13, status, fails=None),), totals=Totals(new=1))
    assert list(commands(passing)) == []


def test_no_more_annotations_than_github_shows_and_the_last_counts_the_rest():
    lines = list(commands(Report(run=RUN, sites=tuple(row(n) for n in range(1, 31)))))
    assert len(lines) == LIMIT
    assert lines[-1] == "::error title=ssot::21 more failures; see the report of the run"


def test_hostile_names_cannot_start_a_command_of_their_own():
    (line,) = commands(Report(run=RUN, sites=(row(1, path=HOSTILE, scope=HOSTILE, owner=HOSTILE),)))
    assert "\n" not in line
    assert "\r" not in line
    properties, _, message = line.removeprefix("::error ").partition("::")
    assert properties.count(",") == 2
    assert "%0A::error" not in message.replace("%250A", "")
    assert len(line) < 20_000
    assert line.isprintable()


def test_a_site_is_an_issue_of_gitlab_with_its_identity_as_fingerprint():
    one = row(12)
    assert to_issues(Report(run=RUN, sites=(one,))) == [
        {
            "description": "C.make constructs pkg.old:Thing at app/b c.py:12; use pkg.new:Thing",
            "check_name": "deprecated-use",
            "fingerprint": one.site.id,
            "severity": "major",
            "location": {"path": "app/b c.py", "lines": {"begin": 12}},
        }
    ]


@pytest.mark.parametrize("status", list(Status))
def test_gitlab_is_told_of_what_fails_whatever_its_status(status):
    rows = (row(1, status), *PASSES)
    assert [one["severity"] for one in to_issues(Report(run=RUN, sites=rows))] == ["major"]


def test_hostile_names_leave_the_issues_of_gitlab_readable(tmp_path):
    hostile = row(0, target=HOSTILE, path=HOSTILE, scope=HOSTILE, text=HOSTILE, owner=HOSTILE)
    render_issues(Report(run=RUN, sites=(hostile,)), Output(tmp_path / "x.json"))
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    (issue,) = json.loads(text)
    assert text.isascii()
    assert issue["location"]["lines"]["begin"] == 1
    assert "\n" not in issue["description"]


BLIND = Report(run=RUN, blind_spots=(BlindRow("pkg.c:Thing", "written in C"), BlindRow("pkg.d", "no\nsuch module")))
SUM = "0 new, 0 known, 0 allowed, 0 expected, 0 fixed, 0 stale, 2 blind spots (phase ratchet)"


def test_github_is_told_what_could_not_be_watched_and_nothing_of_a_clean_run():
    assert list(commands(BLIND)) == [
        "::warning title=ssot::2 blind spots: pkg.c:Thing: written in C, pkg.d: no\\nsuch module",
        f"::notice title=ssot::{SUM}",
    ]
    assert list(commands(Report(run=RUN))) == []


def test_sarif_says_how_the_run_ended_and_names_each_blind_spot():
    (run,) = to_sarif(BLIND)["runs"]
    assert run["properties"] == {"outcome": SUM}
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [(one["level"], one["message"]["text"]) for one in notes] == [
        ("warning", "blind spot: pkg.c:Thing: written in C"),
        ("warning", "blind spot: pkg.d: no\\nsuch module"),
    ]
    assert to_sarif(Report(run=RUN))["runs"][0]["properties"]["outcome"].startswith("clean (")
