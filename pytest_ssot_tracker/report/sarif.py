"""Write a report as SARIF 2.1.0, as code scanning services read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import Rule, Site, Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.outcome import blind_lines, outcome
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding

__all__ = ["to_sarif", "write"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FINGERPRINT = "ssotSite/v1"
_TESTS = 20
"""How many tests a result names; the result file has all of them."""

Plain = dict[str, Any]


def write(report: Report, path: Path) -> None:
    """Write the SARIF file in one step; raise `OSError`."""
    replace_text(path, json.dumps(to_sarif(report), indent=1) + "\n")


def to_sarif(report: Report) -> Plain:
    """Return the report as a SARIF log with one run.

    A site's identity is its fingerprint, so a service tracks it across commits; what is known, expected or allowed is
    suppressed with the reason.
    """
    rules = sorted({row.site.rule for row in report.sites}, key=list(Rule).index)
    run: Plain = {
        "tool": {
            "driver": {
                "name": "pytest-ssot-tracker",
                "version": report.run.version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "the root of the project"}}},
        "invocations": [_invocation(report)],
        "results": [_result(row, rules) for row in report.sites],
        "properties": {"outcome": outcome(report)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Plain:
    return {
        "id": rule.value,
        "shortDescription": {"text": rule.about.summary},
        "defaultConfiguration": {"level": "error"},
    }


def _invocation(report: Report) -> Plain:
    """Return what is known of the run: what it lost, without which it was not successful, and what it could not see."""
    lost = [*(f"worker {name} was lost" for name in report.run.lost_workers), *report.run.incomplete]
    notes = [{"level": "error", "message": {"text": harmless(text)}} for text in lost]
    notes += [
        {"level": "warning", "message": {"text": harmless(f"blind spot: {line}")}} for line in blind_lines(report)
    ]
    invocation: Plain = {"executionSuccessful": report.run.complete, "startTimeUtc": _utc(report.run.started)}
    return invocation | ({"toolExecutionNotifications": notes} if notes else {})


def _utc(started: str) -> str:
    from datetime import datetime, timezone

    moment = datetime.fromisoformat(started.replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _result(row: SiteRow, rules: Sequence[Rule]) -> Plain:
    site = row.site
    result: Plain = {
        "ruleId": site.rule.value,
        "ruleIndex": rules.index(site.rule),
        "level": "error" if row.status is Status.NEW else "note",
        "message": {"text": finding(row)},
        "locations": [_location(site)],
        "partialFingerprints": {_FINGERPRINT: site.id},
        "properties": {
            "ssot": site.ssot,
            "target": site.target,
            "status": row.status.value,
            "exercise": row.exercise.value,
            "count": row.count,
            "tests": [_encodable(test) for test in row.tests[:_TESTS]],
        },
    }
    if row.status is not Status.NEW:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _why(row)}]
    return result


def _location(site: Site) -> Plain:
    """Return where `site` stands; outside the root, where no URI relative to it can lead, only in what scope."""
    location: Plain = {"logicalLocations": [{"fullyQualifiedName": _encodable(site.scope)}]}
    if site.is_ours:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(site.path.encode("utf-8", "surrogatepass")), "uriBaseId": "ROOT"},
            "region": {"startLine": max(site.line, 1), "snippet": {"text": _encodable(site.text)}},
        }
    return location


def _why(row: SiteRow) -> str:
    return {
        Status.KNOWN: "known: it is in the baseline",
        Status.EXPECTED: "expected: a test's marker says so",
        Status.ALLOWED: "allowed: by the configuration, a marker or a comment",
        Status.NEW: "",
    }[row.status]


def _encodable(text: str) -> str:
    """Return `text` with lone surrogates written out, which no JSON reader must accept."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
