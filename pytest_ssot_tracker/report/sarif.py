"""Write a report as SARIF 2.1.0, as code scanning services read it.

GitHub leaves `suppressions` alone: every result in the file is an open alert. So what passes is not in the file, unless
it is asked for. https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_ssot_tracker.judge.words import encodable, harmless
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.failing import Failure, beside_sites, failing, passing, place
from pytest_ssot_tracker.report.guide import HOME, link, rule_lines
from pytest_ssot_tracker.report.outcome import blind_lines, outcome
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding, lost

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["SESSION", "render", "to_sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SESSION = "ssot-session"
"""The rule of what fails the session beside its sites: SARIF has nothing without a rule."""

_ROOT = "%SRCROOT%"
_FINGERPRINTS = ("primaryLocationLineHash", "ssotSite/v1")
"""The first is the one by which GitHub knows an alert again; it ends with a number, as GitHub's own do."""
_TESTS = 20
"""How many tests a result names; the result file has all of them."""

Plain = dict[str, Any]


def render(report: Report, output: Output) -> None:
    """Write the SARIF file in one step; raise `OSError`."""
    replace_text(output.file, json.dumps(to_sarif(report, everything=output.everything), indent=1) + "\n")


def to_sarif(report: Report, *, everything: bool = False) -> Plain:
    """Return the report as a SARIF log with one run: an error for each thing that fails.

    With `everything` what passes is in it, too, as notes. A site's identity is its fingerprint, which holds no line
    number, so that a service tracks it across commits.
    """
    failures = list(beside_sites(report))
    shown = [*failing(report), *(passing(report) if everything else ())]
    rules = sorted({row.site.rule for row in shown}, key=list(Rule).index)
    index = [rule.value for rule in rules] + [SESSION] * bool(failures)
    run: Plain = {
        "tool": {
            "driver": {
                "name": "pytest-ssot-tracker",
                "version": report.run.version,
                "informationUri": HOME,
                "rules": [*map(_rule, rules), *[_SESSION_RULE] * bool(failures)],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the project"}}},
        "invocations": [_invocation(report)],
        "results": [*(_failure(failure, index) for failure in failures), *(_result(row, index) for row in shown)],
        "properties": {"outcome": outcome(report)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Plain:
    about = rule.about
    text = "\n".join(rule_lines(rule))
    markdown = f"**{about.summary}** {about.why}\n\n{about.fix}\n\n```text\n{text}\n```\n\n[{link(rule)}]({HOME})\n"
    return _described(rule.value, about.summary, f"{about.summary} {about.why}", {"text": text, "markdown": markdown})


def _described(name: str, short: str, full: str, guidance: Plain) -> Plain:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": guidance,
        "helpUri": HOME,
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["maintainability"], "precision": "very-high", "problem.severity": "error"},
    }


_SESSION_RULE = _described(
    SESSION,
    "The session fails for something that stands in no line.",
    "A marker is not met, a budget is exceeded, something could not be watched, or a file could not be written.",
    {"text": "The message says which; the summary of the run says more."},
)


def _invocation(report: Report) -> Plain:
    """Return what is known of the run: what it lost, without which it was not successful, and what it could not see."""
    notes = [{"level": "error", "message": {"text": harmless(text)}} for text in lost(report)]
    blind = [f"blind spot: {line}" for line in blind_lines(report)]
    notes += [{"level": "warning", "message": {"text": harmless(text)}} for text in blind]
    said = {"startTimeUtc": _utc(report.run.started), "toolExecutionNotifications": notes}
    return {"executionSuccessful": report.run.complete, **{key: value for key, value in said.items() if value}}


def _utc(started: str) -> str | None:
    """Return a time as SARIF writes it, `None` for a text that is none."""
    from datetime import datetime, timezone

    try:
        moment = datetime.fromisoformat(started.replace("Z", "+00:00")).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _result(row: SiteRow, index: Sequence[str]) -> Plain:
    site = row.site
    path, line = place(site)
    location = _location(path, line)
    location["logicalLocations"] = [{"fullyQualifiedName": encodable(site.scope)}]
    location["physicalLocation"]["region"]["snippet"] = {"text": encodable(site.text)}
    return {
        "ruleId": site.rule.value,
        "ruleIndex": index.index(site.rule.value),
        "level": "note" if row.fails is None else "error",
        "message": {"text": finding(row)},
        "locations": [location],
        "partialFingerprints": _fingerprints(site.id),
        "properties": {
            "ssot": encodable(site.ssot),
            "target": encodable(site.target),
            "status": row.status.value,
            "fails": row.fails or "",
            "exercise": row.exercise.value,
            "count": row.count,
            "tests": [encodable(test) for test in row.tests[:_TESTS]],
        },
    }


def _failure(failure: Failure, index: Sequence[str]) -> Plain:
    return {
        "ruleId": SESSION,
        "ruleIndex": index.index(SESSION),
        "level": "error",
        "message": {"text": failure.text},
        "locations": [_location(failure.path, 1)],
        "partialFingerprints": _fingerprints(failure.id),
    }


def _location(path: str, line: int) -> Plain:
    uri = quote(path.encode("utf-8", "surrogatepass"))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": _ROOT},
            "region": {"startLine": line},
        }
    }


def _fingerprints(identity: str) -> dict[str, str]:
    return {_FINGERPRINTS[0]: f"{identity}:1", _FINGERPRINTS[1]: identity}
