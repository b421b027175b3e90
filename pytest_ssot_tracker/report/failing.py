"""Tell what fails the session and what does not, the same for every reporter.

A reporter that showed what is new, instead of what fails, was silent in the last week of a migration: in `enforce`
what fails is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import FAILS, SiteRow, telling

__all__ = ["CONFIGURATION", "Failure", "beside_sites", "failing", "passing", "place"]

CONFIGURATION = "pyproject.toml"
"""Where a service that wants a file for everything is sent with what stands in none."""


class Failure(NamedTuple):
    """One reason why the session fails that no site shows: its kind, the reason itself, and the file to look at."""

    kind: str
    text: str
    path: str = CONFIGURATION

    @property
    def id(self) -> str:
        """Return what it is known by from one run to the next."""
        return blake2b("\0".join(self).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def failing(report: Report) -> list[SiteRow]:
    """Return the sites that the session, or a test, fails for."""
    return [row for row in report.sites if row.fails is not None]


def passing(report: Report) -> list[SiteRow]:
    """Return the sites that nothing fails for."""
    return [row for row in report.sites if row.fails is None]


def beside_sites(report: Report) -> Iterator[Failure]:
    """Yield what fails the session beside its sites: unmet markers, budgets, blind spots, what could not be written."""
    shown = {row.site.id for row in failing(report)}
    for test in telling(report.tests):
        if test.failed and shown.isdisjoint(test.sites):
            text = f"{harmless(test.id)} failed for what its markers say, not for a site"
            yield Failure("test", text, test.id.partition("::")[0])
    for reason in report.failures:
        kind = reason.partition(":")[0]
        if kind not in FAILS and kind != "tests":
            yield Failure(kind, harmless(reason))


def place(site: Site) -> tuple[str, int]:
    """Return file and line for a service that knows the project's own files only."""
    return (site.path, max(site.line, 1)) if site.is_ours else (CONFIGURATION, 1)
