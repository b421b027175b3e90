"""Name what a report is made of. Frozen and plain: every reporter reads these, and the result file holds them."""

from __future__ import annotations

from enum import Enum

from pytest_ssot_tracker.judge.whole_run import BudgetRow
from pytest_ssot_tracker.model import By, Guard, Phase, Site, Status, Step
from pytest_ssot_tracker.records import NamedTuple, dataclass

__all__ = [
    "AllowRow",
    "BlindRow",
    "BudgetRow",
    "Exercise",
    "RunInfo",
    "SeenRow",
    "SiteRow",
    "SsotRow",
    "TestRow",
    "Totals",
]


class Exercise(str, Enum):
    """Whether a site ran: in a test, never (the scan alone knows it), or at run time only."""

    EXERCISED = "exercised"
    UNEXERCISED = "unexercised"
    DYNAMIC = "dynamic"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What is known of the run itself.

    `started` is ISO text with the offset; `selected` tells that not every test was asked for; `complete` that nothing
    was lost, and `incomplete` in words what was.
    """

    version: str
    phase: Phase
    python: str
    pytest: str | None
    root: str
    started: str
    selected: bool = False
    complete: bool = True
    workers: tuple[str, ...] = ()
    lost_workers: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


class BlindRow(NamedTuple):
    """One target that could not be watched, and why."""

    target: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SsotRow:
    """One table: its state, what is deprecated, what of that is retired, what watches it and what could not be."""

    name: str
    phase: Phase
    canonical: str | None = None
    owner: str | None = None
    issue: str | None = None
    until: str | None = None
    reason: str | None = None
    deprecated: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    blind_spots: tuple[BlindRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """One way in which a site was reached: by which test, or bucket, in which phase, how often.

    `test` is `None` with a `bucket`; `by` says how that is known, `None` where the writer of a result did not say;
    `via` names the module of the library that called on behalf of the site, `origin` tells what is known of an
    unattributed one; `detail` is for people.
    """

    test: str | None
    step: Step
    count: int
    by: By | None = None
    fixture: str | None = None
    thread: str | None = None
    via: str | None = None
    bucket: str | None = None
    origin: str | None = None
    detail: tuple[str, ...] = ()

    @property
    def service(self) -> str | None:
        """Return the name of the program under watch in which a test reached it; `None` for the test's own process."""
        return None if self.test is None else self.origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One site: how it stands, who found it, and everything that reached it.

    `fails` says why the session fails for it: a bucket, `exercised` or `unexercised` where the scan alone found it,
    `test` where a test fails for it, `budget` where there are too many of its kind; `None` where nothing fails for it.
    `in_tests` tells that it stands in tests, which are counted apart; `reason` says why it is allowed, where that is
    known.
    """

    site: Site
    status: Status
    found_by: tuple[str, ...]
    exercise: Exercise
    owner: str | None = None
    issue: str | None = None
    replacement: str | None = None
    seen: tuple[SeenRow, ...] = ()
    fails: str | None = None
    in_tests: bool = False
    reason: str | None = None

    @property
    def count(self) -> int:
        """Return how often it was reached."""
        return sum(use.count for use in self.seen)

    @property
    def tests(self) -> tuple[str, ...]:
        """Return the node ids of the tests that reached it, each once."""
        return tuple(dict.fromkeys(use.test for use in self.seen if use.test is not None))

    def services(self, test: str | None = None) -> tuple[str, ...]:
        """Return the names of the programs under watch in which `test`, or any test, reached it, each once."""
        seen = (row for row in self.seen if test in (None, row.test))
        return tuple(dict.fromkeys(row.service for row in seen if row.service is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """One test: its outcome, why (`reason` is `"ssot"` where we made it), its markers, its sites' identities."""

    __test__ = False  # else pytest takes the class for a test where it is imported

    id: str
    outcome: str
    reason: str | None = None
    markers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    blind_spots: tuple[BlindRow, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it failed for a violation, or for a marker of ours."""
        return self.reason == "ssot" and self.outcome in ("failed", "error")

    def noted(self, word: str) -> bool:
        """Whether the judge left the note `word`: `fixed`, `stale` or `raised`."""
        return any(note.partition(":")[0] == word for note in self.notes)


class AllowRow(NamedTuple):
    """One inline allow without effect, and why."""

    path: str
    line: int
    problem: str


class Totals(NamedTuple):
    """Count the sites by status; `fixed` and `stale` count markers too."""

    new: int = 0
    known: int = 0
    expected: int = 0
    allowed: int = 0
    fixed: int = 0
    stale: int = 0
