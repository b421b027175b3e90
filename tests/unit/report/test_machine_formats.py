"""What other tools read: SARIF for code scanning, workflow commands for GitHub."""

from __future__ import annotations

import json
from dataclasses import replace

from pytest_ssot_tracker.model import Phase, Rule, Site, Status
from pytest_ssot_tracker.report import Report, RunInfo
from pytest_ssot_tracker.report.github import LIMIT, commands
from pytest_ssot_tracker.report.gitlab import to_issues
from pytest_ssot_tracker.report.gitlab import write as write_issues
from pytest_ssot_tracker.report.rows import BlindRow, Exercise, SiteRow
from pytest_ssot_tracker.report.sarif import to_sarif, write

HOSTILE = "a\u202e</script>\r\n%0A::error::,\x1b[31m\udcff\"'" + "x" * 5000
RUN = RunInfo(version="1.0", phase=Phase.RATCHET, python="3", pytest="9", root="/", started="2026-06-01T14:00:00+02:00")


def row(number: int, status: Status = Status.NEW, **changes: str) -> SiteRow:
    parts = {"target": "pkg.old:Thing", "path": "app/b c.py", "scope": "C.make", "text": "Thing()", **changes}
    site = Site(Rule.DEPRECATED_USE, "execution", parts["target"], parts["path"], number, parts["scope"], parts["text"])
    return SiteRow(
        site=site,
        status=status,
        found_by=("run",),
        exercise=Exercise.EXERCISED,
        owner=changes.get("owner"),
        replacement="pkg.new:Thing",
    )


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
    assert result["partialFingerprints"] == {"ssotSite/v1": one.site.id}
    assert "suppressions" not in result


def test_what_is_known_or_allowed_is_suppressed_with_the_reason():
    log = to_sarif(Report(run=RUN, sites=(row(1, Status.KNOWN), row(2, Status.ALLOWED), row(3, Status.EXPECTED))))
    suppressed = [one["suppressions"][0]["justification"].split(":")[0] for one in log["runs"][0]["results"]]
    assert suppressed == ["known", "allowed", "expected"]


def test_an_incomplete_run_was_not_successful():
    log = to_sarif(Report(run=replace(RUN, complete=False, lost_workers=("gw1",))))
    invocation = log["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "worker gw1 was lost"


def test_sarif_follows_the_official_schema_for_every_status_and_any_name():
    """The models come from an edition of the schema in which a suppression's `status` was still called `state`."""
    from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

    hostile = row(5, target=HOSTILE, path=HOSTILE, scope=HOSTILE, text=HOSTILE)
    lost = replace(RUN, complete=False, lost_workers=("gw1",))
    log = to_sarif(Report(run=lost, sites=(hostile, *(row(1 + n, status) for n, status in enumerate(Status)))))
    for result in log["runs"][0]["results"]:
        for suppression in result.get("suppressions", ()):
            suppression["state"] = suppression.pop("status")
    Log.model_validate(log)


def test_hostile_names_leave_sarif_readable(tmp_path):
    hostile = row(1, target=HOSTILE, path=HOSTILE, scope=HOSTILE, text=HOSTILE, owner=HOSTILE)
    write(Report(run=RUN, sites=(hostile,)), tmp_path / "x.sarif")
    text = (tmp_path / "x.sarif").read_text(encoding="utf-8")
    (result,) = json.loads(text)["runs"][0]["results"]
    assert result["partialFingerprints"]["ssotSite/v1"] == hostile.site.id
    assert text.isascii()


def test_new_sites_become_annotations_and_known_ones_do_not():
    lines = list(commands(Report(run=RUN, sites=(row(12), row(13, Status.KNOWN)), failures=("x",))))
    assert lines == [
        "::error file=app/b c.py,line=12,title=ssot deprecated-use::"
        "C.make constructs pkg.old:Thing at app/b c.py:12; use pkg.new:Thing",
        "::notice title=ssot::0 new, 0 known, 0 allowed, 0 expected, 0 fixed, 0 stale, 0 blind spots (phase ratchet)",
    ]


def test_no_more_annotations_than_github_shows_and_the_last_counts_the_rest():
    lines = list(commands(Report(run=RUN, sites=tuple(row(n) for n in range(1, 31)), failures=("x",))))
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == LIMIT
    assert errors[-1] == "::error title=ssot::21 more new sites; see the report of the run"


def test_hostile_names_cannot_start_a_command_of_their_own():
    (line,) = commands(Report(run=RUN, sites=(row(1, path=HOSTILE, scope=HOSTILE, owner=HOSTILE),)))
    assert "\n" not in line
    assert "\r" not in line
    properties, _, message = line.removeprefix("::error ").partition("::")
    assert properties.count(",") == 2
    assert "%0A::error" not in message.replace("%250A", "")
    assert len(line) < 20_000
    assert line.isprintable() or "\u202e" in properties


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


def test_gitlab_is_told_how_bad_a_site_is_and_nothing_of_what_is_allowed():
    rows = (row(1), row(2, Status.KNOWN), row(3, Status.EXPECTED), row(4, Status.ALLOWED))
    assert [one["severity"] for one in to_issues(Report(run=RUN, sites=rows))] == ["major", "minor", "info"]


def test_hostile_names_leave_the_issues_of_gitlab_readable(tmp_path):
    hostile = row(0, target=HOSTILE, path=HOSTILE, scope=HOSTILE, text=HOSTILE, owner=HOSTILE)
    write_issues(Report(run=RUN, sites=(hostile,)), tmp_path / "x.json")
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
