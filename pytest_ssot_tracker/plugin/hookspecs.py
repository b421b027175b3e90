"""Declare the hooks that a conftest or another plugin may implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_ssot_tracker import Report, SeenRow, Site, SiteRow

__all__ = ["pytest_ssot_report", "pytest_ssot_violation"]


def __dir__() -> list[str]:
    return __all__


def pytest_ssot_violation(site: Site, row: SiteRow, observation: SeenRow | None) -> None:
    """Take note of one way in which a site that is new or known was reached, once the session is over.

    `site` says what stands where (`rule`, `target`, `path`, `line`, `scope`, `text`), `row` how it stands (`status`,
    `fails`, `replacement`, `owner`, `issue`; `row.site` is `site`), `observation` which test reached it, in which step,
    fixture and thread, how often; it is `None` for a site that nothing reached. Called where results come together,
    never in an xdist worker, and after every report file has been written: what an implementation raises is one line of
    the summary and changes no exit status.
    """


def pytest_ssot_report(report: Report) -> None:
    """Take the report of the run when it is complete, before it is shown; `report.failed` says how the session ended.

    As with the other hook, what an implementation raises is one line of the summary.
    """
