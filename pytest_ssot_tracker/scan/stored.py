"""Keep the sites of a scan as text, file by file, and make them when they are asked for.

A run asks for those of the few files that its tests reach, and for all only when it reports. Sites that wait for that
as objects are looked at by each collection of garbage, those that tests ask for included.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, TypeAlias, overload

from pytest_ssot_tracker.model import Flag, Rule, Site, SiteStatement

__all__ = ["Extent", "PlainMark", "StoredSites"]

Extent: TypeAlias = tuple[int, int, int]
"""How far the statement of a site goes: its first column, its last line and the column behind it, in bytes."""

PlainMark: TypeAlias = tuple[str, str, str]
"""The name of a marker, and the literals of its positional and of its keyword arguments."""

_WRITTEN = json.JSONEncoder(separators=(",", ":")).encode
_READ = json.JSONDecoder().decode
"""Bound early: the test whose step ends may still have `json.loads` replaced."""


class StoredSites(Sequence[Site]):
    """Sites in the order of files and lines; `parts` holds those of each file as text, by its path."""

    def __init__(self, parts: Mapping[str, str], count: int) -> None:
        self.parts = parts
        self._count = count

    @classmethod
    def of(cls, sites: Sequence[Site], extents: Mapping[str, Extent]) -> StoredSites:
        """Return `sites`, which are in the order of their files, with the extents of their statements by site id."""
        by_path = groupby(sites, key=lambda site: site.path)
        parts = {path: _WRITTEN([_row(site, extents.get(site.id)) for site in group]) for path, group in by_path}
        return cls(parts, len(sites))

    @property
    def paths(self) -> Iterable[str]:
        """Return the paths of all files that hold a site."""
        return self.parts.keys()

    def at(self, path: str) -> list[Site]:
        """Return the sites in the file at `path`."""
        return [_site(path, row) for row in self._rows(path)]

    def ids(self, path: str) -> set[str]:
        """Return the identities of the sites in the file at `path`."""
        return {row[0] for row in self._rows(path)}

    def standing(self, path: str) -> list[SiteStatement]:
        """Return, in source order, the statements in the file at `path` that sites stand for."""
        rows = (row for row in self._rows(path) if row[-1] is not None)
        return sorted({SiteStatement(line, *extent, *identity) for *_, line, identity, extent in rows})

    def _rows(self, path: str) -> list[Any]:
        part = self.parts.get(path)
        rows: list[Any] = [] if part is None else _READ(part)
        return rows

    def __iter__(self) -> Iterator[Site]:
        for path in self.parts:
            yield from self.at(path)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, site: object) -> bool:
        return isinstance(site, Site) and site in self.at(site.path)

    @overload
    def __getitem__(self, index: int) -> Site: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Site]: ...
    def __getitem__(self, index: int | slice) -> Site | Sequence[Site]:
        if isinstance(index, slice):
            return list(self)[index]
        found = next(islice(self, index + self._count if index < 0 else index, None), None)
        if found is None:
            raise IndexError(index)
        return found


def _row(site: Site, extent: Extent | None) -> list[Any]:
    flags = [str(flag) for flag in site.flags]
    identity = [site.scope, site.text, site.ordinal, site.squeezed]
    return [site.id, site.rule, site.ssot, site.target, site.declared, flags, site.line, identity, extent]


def _site(path: str, row: list[Any]) -> Site:
    key, rule, ssot, target, declared, flags, line, (scope, text, ordinal, squeezed), _ = row
    kept = tuple(map(Flag, flags)) if flags else ()
    site = Site(Rule(rule), ssot, target, path, line, scope, text, ordinal, declared, kept, squeezed)
    site.identify(key)
    return site
