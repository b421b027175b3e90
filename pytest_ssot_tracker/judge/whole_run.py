"""Judge what belongs to the run and to no test: collection, the buckets, budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pytest_ssot_tracker.judge.markers import Marks
from pytest_ssot_tracker.judge.verdict import Judge
from pytest_ssot_tracker.model import Observation, Rule, Site, Status
from pytest_ssot_tracker.records import NamedTuple, dataclass

__all__ = ["BudgetRow", "Collected", "budgets", "collected", "used_up"]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget: at most `limit` distinct sites of `rule` in the table `ssot`, of which there are `used`."""

    ssot: str
    rule: Rule
    limit: int
    used: int

    @property
    def exceeded(self) -> bool:
        """Whether the session fails for it."""
        return self.used > self.limit


class Collected(NamedTuple):
    """What was judged of the collection: how each site stands, by identity, and which of them fail the session."""

    statuses: Mapping[str, Status]
    failing: tuple[str, ...]


def collected(
    judge: Judge, observations: Iterable[Observation], tests_by_path: Mapping[str, Sequence[Marks]]
) -> Collected:
    """Judge what was seen at collection.

    `tests_by_path` holds the markers of every test of a test module, by the module's relative path. A site in such a
    module's own file stands as the worst-marked test of it says; a site anywhere else has nobody's markers.
    """
    statuses: dict[str, Status] = {}
    failing: dict[str, None] = {}
    for observation in observations:
        key = observation.site.id
        for marks in tests_by_path.get(observation.site.path) or (Marks(),):
            status = judge.status(observation.site, marks, observation.exempt)
            statuses[key] = Status.worst(status, statuses.get(key, status))
            if judge.fails(observation.site, status, marks):
                failing[key] = None
    return Collected(statuses, tuple(failing))


def used_up(sites: Iterable[tuple[Site, Status]]) -> Counter[tuple[str, Rule]]:
    """Return how many of the sites use up a budget, by table and rule."""
    return Counter((site.ssot, site.rule) for site, status in sites if status.is_unexcused)


def budgets(judge: Judge, sites: Mapping[Site, Status]) -> tuple[BudgetRow, ...]:
    """Return every budget that holds today, with how many distinct `new` and `known` sites use it up."""
    used = used_up(sites.items())
    held = [table for table in judge.settings.tables if not judge.expired(table.name)]
    return tuple(
        BudgetRow(table.name, rule, limit, used[table.name, rule])
        for table in held
        for rule, limit in table.max.items()
    )
