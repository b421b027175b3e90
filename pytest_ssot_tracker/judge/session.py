"""Judge what belongs to no test: collection, the buckets, budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_ssot_tracker.judge.markers import Marks
from pytest_ssot_tracker.judge.verdict import Judge
from pytest_ssot_tracker.model import Observation, Rule, Site, Status

__all__ = ["BudgetRow", "budgets", "collected"]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """Be one budget: at most `limit` distinct sites of `rule` in the table `ssot`, of which there are `used`."""

    ssot: str
    rule: Rule
    limit: int
    used: int

    @property
    def exceeded(self) -> bool:
        """Tell whether the session fails for it."""
        return self.used > self.limit


def collected(
    judge: Judge, observations: Iterable[Observation], tests_by_path: Mapping[str, Sequence[Marks]]
) -> dict[str, Status]:
    """Return how each site seen at collection stands, by its identity.

    `tests_by_path` holds the markers of every test of a test module, by the module's relative path. A site in such a
    module's own file stands as the worst-marked test of it says; a site anywhere else has nobody's markers.
    """
    found: dict[str, Status] = {}
    for one in observations:
        marks = tests_by_path.get(one.site.path) or (Marks(),)
        statuses = [judge.status(one.site, each, one.exempt) for each in marks]
        found[one.site.id] = Status.worst(*statuses, *filter(None, [found.get(one.site.id)]))
    return found


def budgets(judge: Judge, sites: Mapping[Site, Status]) -> tuple[BudgetRow, ...]:
    """Return every budget that holds today, with how many distinct `new` and `known` sites use it up."""
    rows: list[BudgetRow] = []
    for table in judge.settings.tables:
        if judge.expired(table.name):
            continue
        for rule, limit in table.max.items():
            used = sum(
                1
                for site, status in sites.items()
                if site.rule is rule and site.ssot == table.name and status in (Status.NEW, Status.KNOWN)
            )
            rows.append(BudgetRow(table.name, rule, limit, used))
    return tuple(rows)
