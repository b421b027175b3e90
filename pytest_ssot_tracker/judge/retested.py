"""Follow what only runs show within a file of tests: a test was split, renamed, or put into another class.

Elsewhere a renamed function is not followed (see `judge.moved_sites`): one site fixed and an equal one written looks
just like that. Tests are cut and named anew all the time, though, and what they make warn is known all the same: the
file holds no more of the same statements than were known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.model import Site, is_test
from pytest_ssot_tracker.records import replace

__all__ = ["StatementCounts", "is_test_file", "is_within_test", "retested"]

StatementCounts = Mapping[tuple[str, str], int]
"""How often each statement stands in each scope of a file: by scope and squeezed text."""


def is_within_test(site: Site) -> bool:
    """Whether only runs show a site, and it stands in a test."""
    return "scan" not in site.rule.about.found_by and is_test(site.scope)


def is_test_file(path: str) -> bool:
    """Whether pytest takes a file for one of tests, by its usual names."""
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def retested(
    known: Iterable[Site],
    here: Mapping[str, Site],
    *,
    now: Callable[[str], str | None],
    holds: Callable[[str, Sequence[Site]], bool],
    places: Callable[[str], StatementCounts],
) -> dict[str, Site]:
    """Return where those of the sites `known` stand that are in tests and no longer in their scope, by identity.

    `here` are those that were found already. `now(path)` is the file that `path` is now, `None` where that is unknown,
    `holds(path, sites)` whether a glance shows that all are where they were, `places(path)` what stands in a file.
    """
    found: dict[str, Site] = {}
    for path, sites in grouped(filter(is_within_test, known), attrgetter("path")).items():
        file = now(path)
        if file is None or (file == path and holds(path, sites)):
            continue
        stand = places(file)
        for group in grouped(sites, attrgetter("rule", "ssot", "target", "squeezed")).values():
            found.update(_settled(group, here, file, stand))
    return found


def _settled(
    group: Sequence[Site], here: Mapping[str, Site], file: str, stand: StatementCounts
) -> Iterator[tuple[str, Site]]:
    """Yield where equal sites of one file are now that are not where they were: in `file`, in other tests of it."""
    free = [
        (scope, ordinal)
        for (scope, text), count in stand.items()
        if text == group[0].squeezed and is_test(scope)
        for ordinal in range(count)
    ]
    lost = []
    for site in group:
        stays = here.get(site.id, site)
        if (stays.scope, stays.ordinal) in free:
            free.remove((stays.scope, stays.ordinal))
        else:
            lost.append(site)
    if len(free) <= len(lost):  # of more places than were known nobody could say which is new
        for site, (scope, ordinal) in zip(lost, free, strict=False):
            yield site.id, replace(site, path=file, scope=scope, ordinal=ordinal)
