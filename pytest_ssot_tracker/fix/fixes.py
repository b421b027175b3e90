"""Hold what rewriting came to."""

from __future__ import annotations

from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import NamedTuple, dataclass

__all__ = ["Caution", "Change", "Fixes", "Reason", "Refusal", "Uncertain", "Unfollowed"]


class Uncertain(Exception):  # noqa: N818 - no error: it says why something is left alone
    """Why a site is left alone: `reason`; `module` is where it is settled, where that is elsewhere."""

    def __init__(self, reason: str, *, module: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.module = module


@dataclass(frozen=True, slots=True)
class Change:
    """One file with `sites` of it rewritten; `path` is relative to the root, `before` and `after` are its bytes.

    One that is `made` was not there before, one that is `gone` is not there any more.
    """

    path: str
    before: bytes
    after: bytes
    sites: tuple[Site, ...]
    made: bool = False
    gone: bool = False


class Unfollowed(Uncertain):
    """Why a site is left alone until more of its file is known: what is called there may be something else."""


class Reason(NamedTuple):
    """Why a site is left alone: the `cause`, and what the cause has to do with this site where that is not plain.

    `module` is where it is settled, where that is elsewhere.
    """

    cause: str
    here: str | None = None
    module: str | None = None

    def __str__(self) -> str:
        return self.cause if self.here is None else self.here


@dataclass(frozen=True, slots=True)
class Refusal:
    """One site that is left alone, because rewriting it is not certain to be right: `reason` says why.

    Sites that one thing holds back have the same `cause`.
    """

    site: Site
    reason: str
    cause: str


class Caution(NamedTuple):
    """What the tests have to tell of the file at `path`, in words: another one goes on using what it does not."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(frozen=True, slots=True)
class Fixes:
    """Every file that changes and every site that is left alone, both in the order of files and lines."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def fixed(self) -> int:
        """Return how many sites are rewritten."""
        return sum(len(change.sites) for change in self.changes)
