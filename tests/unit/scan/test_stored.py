from __future__ import annotations

import pytest

from pytest_ssot_tracker.model import Flag, Rule, Site, SiteStatement
from pytest_ssot_tracker.scan.stored import StoredSites


def site(path: str, line: int, *flags: Flag, text: str = "thing = Thing()") -> Site:
    return Site(Rule.DEPRECATED_USE, "old", "pkg.old:Thing", path, line, "make", text, 0, "pkg.old", flags)


SITES = [
    site("a.py", 3),
    site("a.py", 9, Flag.GUARDED, text="Thing(  1)"),
    site("b/\udcff.py", 1, text="thing = 'ü\udc80'"),
]
STORED = StoredSites.of(SITES, {SITES[1].id: (4, 9, 12), SITES[0].id: (0, 4, 2)})


def everything(sites: object) -> list[tuple[object, ...]]:
    return [
        (one, one.id, one.line, one.text, one.declared, one.flags, one.squeezed)
        for one in sites  # type: ignore[attr-defined]
    ]


def test_stored_sites_are_those_that_were_stored_in_their_order() -> None:
    assert everything(STORED) == everything(SITES)
    assert (len(STORED), STORED[1], STORED[-1], STORED[1:]) == (3, SITES[1], SITES[2], SITES[1:])


def test_an_index_beyond_the_end_is_refused() -> None:
    with pytest.raises(IndexError):
        STORED[3]


def test_the_sites_of_one_file_are_made_alone() -> None:
    assert everything(STORED.at("a.py")) == everything(SITES[:2])
    assert STORED.ids("a.py") == {SITES[0].id, SITES[1].id}
    assert (STORED.at("c.py"), STORED.ids("c.py"), STORED.standing("c.py")) == ([], set(), [])


def test_statements_are_told_in_source_order_where_their_extent_is_known() -> None:
    assert STORED.standing("a.py") == [
        SiteStatement(3, 0, 4, 2, "make", "thing = Thing()", 0, SITES[0].squeezed),
        SiteStatement(9, 4, 9, 12, "make", "Thing(  1)", 0, SITES[1].squeezed),
    ]
    assert STORED.standing("b/\udcff.py") == []


def test_a_site_is_among_those_of_its_file_or_not_at_all() -> None:
    assert SITES[2] in STORED
    assert site("c.py", 1) not in STORED
