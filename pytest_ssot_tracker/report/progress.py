"""How far a migration is: what is left and what is gone, by table and target, owner, rule or folder, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.model import Site, Status, Target
from pytest_ssot_tracker.records import NamedTuple, replace
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import SiteRow

__all__ = ["GROUPS", "NOBODY", "Row", "by_group", "counts_of", "standing", "total"]

NOBODY = "no owner"
"""Who owns what nobody owns."""


class Row(NamedTuple):
    """One line of the standing: the table, the group within it, and its sites.

    `left` counts the sites that are still there, `in_tests` those of them that stand in tests, `gone` those of the
    baseline that were fixed; `tests` the tests that reach what is left. `trend` holds what was left in earlier runs,
    the oldest first. `retired` tells that a deprecated target does not exist any more. `production` counts the uses
    that production has exported.
    """

    table: str
    group: str
    left: int
    gone: int
    tests: int
    trend: tuple[int, ...] = ()
    retired: bool = False
    in_tests: int = 0
    production: int = 0


GroupKey = tuple[str, str]


def _folder(path: str) -> str:
    folder, slash, _ = path.rpartition("/")
    return f"{folder}/" if slash else "./"


GROUPS: Mapping[str, Callable[[Site, str | None], str]] = MappingProxyType(
    {
        "target": lambda site, owner: site.declared or site.target,
        "owner": lambda site, owner: owner or NOBODY,
        "rule": lambda site, owner: str(site.rule),
        "path": lambda site, owner: _folder(site.path),
    }
)
"""What the sites of a table can be grouped by."""


def by_group(rows: Iterable[SiteRow], by: str) -> dict[str, list[SiteRow]]:
    """Return `rows` by the names of their groups."""
    return grouped(rows, lambda row: GROUPS[by](row.site, row.owner))


def counts_of(rows: Iterable[SiteRow], by: str) -> Counter[GroupKey]:
    """Return how many of the sites are left, by table and group."""
    left = (row for row in rows if row.status is not Status.ALLOWED and row.site.rule.about.fails)
    return Counter(_key(row, by) for row in left)


def _key(row: SiteRow, by: str) -> GroupKey:
    return row.site.ssot, GROUPS[by](row.site, row.owner)


def standing(report: Report, by: str, earlier: Sequence[Counter[GroupKey]] = ()) -> list[Row]:
    """Return a row for each group that has or had a site, and for each deprecated target, table by table.

    `earlier` are the counts of earlier runs, the oldest first.
    """
    left = counts_of(report.sites, by)
    owners = {row.name: row.owner for row in report.ssots}
    fixed = (_as_declared(site, report) for site in report.fixed)
    gone = Counter((site.ssot, GROUPS[by](site, owners.get(site.ssot))) for site in fixed)
    retired = {(row.name, target) for row in report.ssots for target in row.retired}
    declared = {(row.name, target) for row in report.ssots for target in row.deprecated}
    named = declared | retired if by == "target" else set()
    known = {*left, *gone, *named, *(key for counts in earlier for key in counts)}
    tests = _tests(report, by)
    production = _production(report, by)
    apart = counts_of((row for row in report.sites if row.in_tests), by)
    order = {row.name: place for place, row in enumerate(report.ssots)}
    return [
        Row(
            *key,
            left[key],
            gone[key],
            tests.get(key, 0),
            tuple(counts[key] for counts in earlier),
            key in retired,
            apart[key],
            production.get(key, 0),
        )
        for key in sorted(known, key=lambda key: (order.get(key[0], len(order)), key[0], -left[key], key[1]))
    ]


def _as_declared(site: Site, report: Report) -> Site:
    """Return a site of the baseline, which knows its resolved target only, with the spelling of today's tables."""
    module, _, attribute = site.target.partition(":")
    for row in report.ssots:
        for spelling in row.deprecated if row.name == site.ssot else ():
            if Target.parse(spelling).covers(module, attribute or None):
                return replace(site, declared=spelling)
    return site


def _tests(report: Report, by: str) -> dict[GroupKey, int]:
    found: dict[GroupKey, set[str]] = {}
    for row in report.sites:
        if row.status is not Status.ALLOWED:
            found.setdefault(_key(row, by), set()).update(row.tests)
    return {key: len(names) for key, names in found.items()}


def _production(report: Report, by: str) -> Counter[GroupKey]:
    from pytest_ssot_tracker.report.production import uses_in_production  # a run that only shows sites asks no export

    found: Counter[GroupKey] = Counter()
    for row in report.sites:
        found[_key(row, by)] += uses_in_production(row)
    return found


def total(rows: Iterable[Row]) -> tuple[int, int]:
    """Return how many sites are left and gone altogether."""
    rows = list(rows)
    return sum(row.left for row in rows), sum(row.gone for row in rows)
