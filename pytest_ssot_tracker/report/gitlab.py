"""Write a report as GitLab reads it for code quality: a list of issues, shown in a merge request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding

__all__ = ["to_issues", "write"]

_SEVERITIES = {Status.NEW: "major", Status.KNOWN: "minor", Status.EXPECTED: "info"}
"""How bad a site is to GitLab, by its status; one that is allowed is no issue."""


def write(report: Report, path: Path) -> None:
    """Write the issues into the file at `path` in one step; raise `OSError`."""
    replace_text(path, json.dumps(to_issues(report), indent=1) + "\n")


def to_issues(report: Report) -> list[dict[str, Any]]:
    """Return an issue for each site that is not allowed.

    A site's identity is its fingerprint, so that GitLab knows it in both branches and shows what the merge request
    adds and what it resolves. The format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    return [_issue(row) for row in report.sites if row.status in _SEVERITIES]


def _issue(row: SiteRow) -> dict[str, Any]:
    site = row.site
    return {
        "description": finding(row),
        "check_name": site.rule.value,
        "fingerprint": site.id,
        "severity": _SEVERITIES[row.status],
        "location": {
            "path": site.path.encode("utf-8", "backslashreplace").decode("utf-8"),
            "lines": {"begin": max(site.line, 1)},
        },
    }
