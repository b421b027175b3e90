"""The rows that a report is made of. Frozen and plain: every reporter reads these, and the result file holds them.

An annotation says what a part means, where its name does not, which texts it can be, and whether a row of the file may
lack it: the schema of the file is made of that (see `published`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from operator import attrgetter
from typing import Annotated, TypeVar, overload

from pytest_ssot_tracker.judge.whole_run import BudgetRow
from pytest_ssot_tracker.model import BUCKETS, By, Guard, Phase, Site, Status, Step
from pytest_ssot_tracker.records import NamedTuple, dataclass

__all__ = [
    "CHARGES",
    "FAILS",
    "FORMAT",
    "IF_SAID",
    "LATER",
    "OUTCOMES",
    "PRODUCTION",
    "WAYS",
    "AllowRow",
    "BlindRow",
    "BudgetRow",
    "Exercise",
    "ListedTests",
    "Presence",
    "RunInfo",
    "SeenRow",
    "SiteRow",
    "SsotRow",
    "TestRow",
    "Totals",
    "telling",
]

FORMAT = 2
"""Counts the changes of the result file that its readers have to know of."""

FAILS = {
    "collection": "seen at collection, where no test can fail for it",
    "unattributed": "seen in no test that can be named",
    "teardown": "seen in the teardown of a wide fixture",
    "service": "seen in a program that ran under watch",
    "exercised": "found by the scan alone, in lines that ran",
    "allowed": "found by the scan, and run only by tests that may use it",
    "unexercised": "found by the scan alone",
}
"""Why a site fails the session by itself, the strongest reason first, and how the summary says so."""

CHARGES = (*FAILS, "test", "budget")
"""Every reason why the session fails for a site, the strongest first."""

OUTCOMES = ("error", "failed", "unfinished", "xpassed", "passed", "xfailed", "skipped")
"""Every outcome of a test, worst first."""

WAYS = ("scan", "run", "coverage")
"""What can find a site."""

PRODUCTION = "production"
"""The bucket of what production tells."""

ALL_BUCKETS = (*BUCKETS, PRODUCTION)


class Presence(Enum):
    """Why a row of the result file may lack a part."""

    LATER = "earlier versions did not write it"
    IF_SAID = "it is left out where there is nothing to say"


LATER, IF_SAID = Presence


class Exercise(str, Enum):
    """Whether a site ran: in a test, never (the scan alone knows it), or at run time only."""

    EXERCISED = "exercised"
    UNEXERCISED = "unexercised"
    DYNAMIC = "dynamic"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What is known of the run itself."""

    version: str
    phase: Phase
    python: str
    pytest: str | None
    root: str
    started: Annotated[str, "ISO 8601 with the offset from UTC."]
    selected: Annotated[bool, LATER, "Not every test was asked for: -k, -m, paths, --lf, -x."] = False
    complete: Annotated[bool, "Nothing was lost."] = True
    workers: tuple[str, ...] = ()
    lost_workers: tuple[str, ...] = ()
    incomplete: Annotated[tuple[str, ...], LATER, "What else was lost, in words."] = ()


_BY = (
    "What was seen of the use: the call, the import, the class statement; a check of the canonical; the warning that "
    "was given; only that its line ran, or so coverage data says. Null where the writer did not say."
)


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
    owner: Annotated[str | None, LATER] = None
    issue: Annotated[str | None, LATER] = None
    until: Annotated[str | None, LATER] = None
    reason: Annotated[str | None, LATER] = None
    deprecated: Annotated[tuple[str, ...], LATER, "The deprecated targets as the configuration spells them."] = ()
    retired: tuple[str, ...] = ()
    guards: Annotated[tuple[Guard, ...], LATER, "What watches each target."] = ()
    blind_spots: tuple[BlindRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """One way in which a site was reached: by which test, or bucket, in which step, how often.

    `origin` tells what is known of an unattributed one; `detail` is for people.
    """

    test: Annotated[str | None, "The node id, or null with a bucket."]
    step: Annotated[Step, "The step of the test, or of the session."]
    fixture: str | None = None
    thread: str | None = None
    via: Annotated[str | None, LATER, "The module of the library that called on behalf of the site."] = None
    by: Annotated[By | None, LATER, _BY] = None
    count: int
    bucket: Annotated[str | None, IF_SAID, ALL_BUCKETS] = None
    origin: Annotated[str | None, IF_SAID] = None
    detail: Annotated[tuple[str, ...], IF_SAID] = ()

    @property
    def service(self) -> str | None:
        """Return the name of the program under watch in which a test reached it; `None` for the test's own process."""
        return None if self.test is None else self.origin


_WHY = (
    "Why the session fails for the site: test where a test fails for it, budget where there are too many of its kind; "
    "left out where nothing fails."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One site: how it stands, who found it, and everything that reached it."""

    site: Site
    status: Status
    found_by: Annotated[tuple[str, ...], WAYS]
    exercise: Exercise
    owner: str | None = None
    issue: str | None = None
    replacement: str | None = None
    seen: tuple[SeenRow, ...] = ()
    in_tests: Annotated[bool, IF_SAID, "That the site stands in tests; left out where it does not."] = False
    reason: Annotated[str | None, IF_SAID, "Why the site is allowed; left out where nobody said so."] = None
    fails: Annotated[str | None, IF_SAID, CHARGES, _WHY] = None

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
    """One test: its outcome and why, its markers, its sites' identities."""

    __test__ = False  # else pytest takes the class for a test where it is imported

    id: str
    outcome: Annotated[str, OUTCOMES]
    reason: Annotated[str | None, '"ssot" where the outcome is ours.'] = None
    markers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    notes: Annotated[tuple[str, ...], IF_SAID, "Each starts with fixed:, stale: or raised:."] = ()
    blind_spots: Annotated[tuple[BlindRow, ...], IF_SAID] = ()

    @property
    def failed(self) -> bool:
        """Whether it failed for a violation, or for a marker of ours."""
        return self.reason == "ssot" and self.outcome in ("failed", "error")

    def noted(self, word: str) -> bool:
        """Whether the judge left the note `word`: `fixed`, `stale` or `raised`."""
        return any(note.partition(":")[0] == word for note in self.notes)


T = TypeVar("T")


class ListedTests(Sequence[T]):
    """The tests of a run, by node id; what stands for one that has only `passed` is `made` when somebody lists them.

    Most tests have nothing to tell but that, and most reports list none: to make a row takes as much as all that is
    done for a test while it runs. `telling` are the others.
    """

    def __init__(self, telling: Iterable[T], passed: Sequence[str], made: Callable[[str], T]) -> None:
        self.telling = tuple(telling)
        self.passed = passed
        self._made = made
        self._all: tuple[T, ...] | None = None

    def _listed(self) -> tuple[T, ...]:
        if self._all is None:
            self._all = tuple(sorted((*self.telling, *map(self._made, self.passed)), key=attrgetter("id")))
        return self._all

    def __len__(self) -> int:
        return len(self.telling) + len(self.passed)

    def __iter__(self) -> Iterator[T]:
        return iter(self._listed())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._listed()[index]

    def __eq__(self, other: object) -> bool:
        return self._listed() == tuple(other) if isinstance(other, (ListedTests, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._listed())

    def __repr__(self) -> str:
        return repr(self._listed())


def telling(tests: Sequence[T]) -> Sequence[T]:
    """Return those of `tests` that may have more to tell than that they passed."""
    return tests.telling if isinstance(tests, ListedTests) else tests


class AllowRow(NamedTuple):
    """One inline allow without effect, and why."""

    path: str
    line: int
    problem: str


class Totals(NamedTuple):
    """Count the sites by status; `fixed` and `stale` count markers too."""

    new: int = 0
    known: int = 0
    expected: Annotated[int, LATER] = 0
    allowed: int = 0
    fixed: int = 0
    stale: Annotated[int, LATER] = 0
