"""Write a report as GitLab reads it for code quality: a list of issues, shown in a merge request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.judge.words import encodable
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.failing import Failure, beside_sites, failing, passing, place
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["render", "to_issues"]

_FAILS = "major"
_PASSES = {Status.NEW: "minor", Status.KNOWN: "minor", Status.EXPECTED: "info", Status.ALLOWED: "info"}
"""How bad a site that nothing fails for is to GitLab, by its status."""


def render(report: Report, output: Output) -> None:
    """Write the file of issues in one step; raise `OSError`."""
    replace_text(output.file, json.dumps(to_issues(report, everything=output.everything), indent=1) + "\n")


def to_issues(report: Report, *, everything: bool = False) -> list[dict[str, Any]]:
    """Return an issue for each thing that fails; with `everything` also for what passes.

    A site's identity is its fingerprint, so that GitLab knows it in both branches and shows what the merge request
    adds and what it resolves. The format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    issues = [_failure(failure) for failure in beside_sites(report)]
    issues += [_issue(row, _FAILS) for row in failing(report)]
    return issues + [_issue(row, _PASSES[row.status]) for row in passing(report) if everything]


def _issue(row: SiteRow, severity: str) -> dict[str, Any]:
    site = row.site
    path, line = place(site)
    return {
        "description": finding(row),
        "check_name": site.rule.value,
        "fingerprint": site.id,
        "severity": severity,
        "location": {"path": encodable(path), "lines": {"begin": line}},
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "description": failure.text,
        "check_name": f"ssot-{failure.kind.replace(' ', '-')}",
        "fingerprint": failure.id,
        "severity": _FAILS,
        "location": {"path": encodable(failure.path), "lines": {"begin": 1}},
    }
