"""Hold what rewriting came to."""

from __future__ import annotations

from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import dataclass

__all__ = ["Change", "Fixes", "MissingLibraryError", "Refusal"]


class MissingLibraryError(ImportError):
    """Say that LibCST, which rewrites source and keeps its layout, is not installed."""

    def __str__(self) -> str:
        return "fix needs LibCST, which is not installed; run: pip install 'pytest-ssot-tracker[fix]'"


@dataclass(frozen=True, slots=True)
class Change:
    """One file with `sites` of it rewritten; `path` is relative to the root, `before` and `after` are its bytes."""

    path: str
    before: bytes
    after: bytes
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One site that is left alone, because rewriting it is not certain to be right: `reason` says why."""

    site: Site
    reason: str


@dataclass(frozen=True, slots=True)
class Fixes:
    """Every file that changes and every site that is left alone, both in the order of files and lines."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
