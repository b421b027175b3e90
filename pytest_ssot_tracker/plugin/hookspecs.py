"""Declare the hooks that a conftest or another plugin may implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_ssot_tracker.report import Report
    from pytest_ssot_tracker.report.rows import SeenRow, SiteRow

__all__ = ["pytest_ssot_report", "pytest_ssot_violation"]


def pytest_ssot_violation(site: SiteRow, observation: SeenRow | None) -> None:
    """Be told of each way in which a site that is new or known was reached, once the session is over.

    `site` says where it stands, its `status`, `replacement`, `owner` and `issue`; `observation` which test reached it,
    in which step, fixture and thread, how often, and is `None` for a site that nothing reached. Called where results
    come together: never in an xdist worker.
    """


def pytest_ssot_report(report: Report) -> None:
    """Be given the report of the run when it is complete, before it is shown; `report.failed` says how it ended."""
