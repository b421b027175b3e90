"""Hold many observations in little space: of those of one test, most say the same of different sites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from pytest_ssot_tracker.model import Exempt, Observation, Site, Step
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Observed", "Occasion"]


class Occasion(NamedTuple):
    """What an observation says beside its site, by the same names."""

    test: str | None
    step: Step
    count: int = 1  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    fixture: str | None = None
    fixture_scope: str | None = None
    thread: str | None = None
    bucket: str | None = None
    origin: str | None = None
    exempt: Exempt | None = None
    detail: tuple[str, ...] = ()
    via: str | None = None

    @classmethod
    def of(cls, seen: Observation) -> Occasion:
        """Return what `seen` says beside its site."""
        where = (seen.fixture, seen.fixture_scope, seen.thread, seen.bucket, seen.origin)
        return cls(seen.test, seen.step, seen.count, *where, seen.exempt, seen.detail, seen.via)


class Observed(Sequence[Observation]):
    """Observations as their sites and their occasions: two numbers each, where an observation takes a hundred bytes."""

    __slots__ = ("occasions", "sites")

    def __init__(self, sites: tuple[Site, ...], occasions: tuple[Occasion, ...]) -> None:
        self.sites = sites
        self.occasions = occasions

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> Observed:
        """Return `observations`, held so; equal occasions are one object."""
        if isinstance(observations, Observed):
            return observations
        sites: list[Site] = []
        occasions: list[Occasion] = []
        known: dict[Occasion, Occasion] = {}
        for seen in observations:
            occasion = Occasion.of(seen)
            sites.append(seen.site)
            occasions.append(known.setdefault(occasion, occasion))
        return cls(tuple(sites), tuple(occasions))

    def pairs(self) -> Iterator[tuple[Site, Occasion]]:
        """Yield the site and the occasion of each."""
        return zip(self.sites, self.occasions, strict=True)

    def __iter__(self) -> Iterator[Observation]:
        return (Observation(site, *occasion) for site, occasion in self.pairs())

    def __len__(self) -> int:
        return len(self.sites)

    @overload
    def __getitem__(self, index: int) -> Observation: ...
    @overload
    def __getitem__(self, index: slice) -> Observed: ...
    def __getitem__(self, index: int | slice) -> Observation | Observed:
        if isinstance(index, slice):
            return Observed(self.sites[index], self.occasions[index])
        return Observation(self.sites[index], *self.occasions[index])

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (Observed, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.sites, self.occasions))
