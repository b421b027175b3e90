"""Build the report of a run from everything gathered: what stands where, how, and whether the session fails."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from pytest_ssot_tracker.judge.absent_targets import AbsentTargets, standing
from pytest_ssot_tracker.judge.baseline import Looked
from pytest_ssot_tracker.judge.markers import Marks
from pytest_ssot_tracker.judge.verdict import Judge
from pytest_ssot_tracker.judge.whole_run import BudgetRow, budgets
from pytest_ssot_tracker.judge.words import advice, counted, harmless, some
from pytest_ssot_tracker.judge.written import WrittenMarks
from pytest_ssot_tracker.model import (
    BY_SCAN,
    UNREAD,
    UNSCANNED,
    BlindSpot,
    By,
    Exempt,
    Guard,
    Observation,
    Rule,
    Site,
    Status,
    Verdict,
)
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, replace
from pytest_ssot_tracker.report.gather import Gathered, GatheredTest
from pytest_ssot_tracker.report.observed import Observed, Occasion
from pytest_ssot_tracker.report.rows import (
    FAILS,
    LATER,
    AllowRow,
    BlindRow,
    Exercise,
    ListedTests,
    RunInfo,
    SeenRow,
    SiteRow,
    SsotRow,
    TestRow,
    Totals,
    telling,
)
from pytest_ssot_tracker.settings import Settings, Ssot, Table

if TYPE_CHECKING:
    from pytest_ssot_tracker.scan import ScanResult
    from pytest_ssot_tracker.source import Allow

__all__ = ["Report", "Scanned", "charged", "failures_of", "in_order", "place", "rows", "stands_beyond", "totals_of"]


class Scanned(NamedTuple):
    """What a static scan found and looked at.

    `covers(path)` tells whether it read that file, or would have, were it not gone; `stands(site)` whether the
    statement of a site still stands in its file. `exempt` says, by site id, which sites the configuration allows and
    why; `lines` which lines have to run for a site that no detector sees; `notes` are ready lines about what could not
    be looked at, `blind_spots` what there was nothing to look at for. `marks(site)` are the markers written at the test
    that holds a site, for tests that were not run. `at(path)` are the sites of one file.
    """

    sites: Sequence[Site] = ()
    allows: Sequence[Allow] = ()
    exempt: Mapping[str, Exempt] = MappingProxyType({})
    lines: Mapping[str, Sequence[tuple[int, bool]]] = MappingProxyType({})
    notes: Sequence[str] = ()
    blind_spots: Sequence[BlindSpot] = ()
    covers: Callable[[str], bool] = lambda path: True
    stands: Callable[[Site], bool] = lambda site: True
    marks: Callable[[Site], Marks | None] = lambda site: None
    at: Callable[[str], Iterable[Site]] = lambda path: ()

    @classmethod
    def of(cls, result: ScanResult) -> Scanned:
        """Return what a report needs of the scan's `result`."""
        stored = result.stored()
        return cls(
            sites=stored,
            at=stored.at,
            allows=result.allows,
            exempt=result.exempt,
            lines=result.lines,
            notes=result.notes,
            blind_spots=() if result.files else (_nothing_read(result),),
            covers=result.covers,
            stands=result.stands,
            marks=WrittenMarks(result.marks),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole result of a run, ready to be shown; every reporter reads this and nothing else."""

    run: RunInfo
    ssots: tuple[SsotRow, ...] = ()
    sites: tuple[SiteRow, ...] = ()
    tests: Sequence[TestRow] = ()
    blind_spots: tuple[BlindRow, ...] = ()
    totals: Totals = field(default_factory=Totals)
    fixed: Annotated[tuple[Site, ...], LATER, "Known sites that are gone."] = ()
    allows: Annotated[tuple[AllowRow, ...], LATER, "Inline allows without effect."] = ()
    budgets: Annotated[tuple[BudgetRow, ...], LATER] = ()
    failures: Annotated[tuple[str, ...], LATER, "Why the session fails; empty when it does not."] = ()

    @property
    def in_tests(self) -> Totals:
        """Return how many of the sites stand in tests."""
        return totals_of([row for row in self.sites if row.in_tests], (), ())

    @property
    def failed(self) -> bool:
        """Whether the session fails: the only predicate that does."""
        return bool(self.failures)

    @classmethod
    def build(
        cls,
        settings: Settings,
        judge: Judge,
        gathered: Gathered,
        *,
        run: RunInfo,
        scan: Scanned | None = None,
        covered: Sequence[Observation] = (),
        strict_blind_spots: bool = False,
        more_failures: Sequence[str] = (),
    ) -> Report:
        """Return the report of everything `gathered`, with what the scan found where there was one.

        `run` needs not say what was lost: that is known here. `covered` are scan sites that coverage data tells tests
        of, which decide nothing. `more_failures` are reasons that only the caller knows.
        """
        run = replace(
            run,
            complete=run.complete and gathered.complete,
            selected=run.selected or gathered.deselected,
            workers=gathered.workers,
            lost_workers=gathered.lost_workers,
            incomplete=(*gathered.incomplete, *(() if scan is None else scan.notes)),
        )
        run = replace(run, complete=run.complete and not run.incomplete)
        stand = _standing(settings, gathered, ran=run.pytest is not None)
        gathered = _with_names(settings, gathered, stand, scan)
        if scan is None:
            gathered = gathered._replace(blind_spots=(*gathered.blind_spots, *_unscanned(settings, gathered)))
        sites = _sites(judge, gathered, scan, covered)
        tests = _listed(gathered.tests)
        fixed = judge.baseline.fixed((row.site for row in sites), _looked(run, gathered, scan))
        used: tuple[BudgetRow, ...] = ()
        if any(table.max for table in settings.tables):
            used = budgets(judge, {row.site: row.status for row in sites})
            sites = charged(sites, used)
        report = cls(
            run=run,
            ssots=tuple(_ssot(settings, judge, gathered, stand, name) for name in _names(settings)),
            sites=sites,
            tests=tests,
            blind_spots=_blind(spot for spot in gathered.blind_spots if spot.ssot is None and spot.test is None),
            totals=totals_of(sites, tests, fixed, complete=run.complete),
            fixed=fixed,
            allows=_idle_allows(judge, sites, run, scan),
            budgets=used,
        )
        failures = failures_of(report, strict_blind_spots=strict_blind_spots)
        return replace(report, failures=(*failures, *stand.failures, *more_failures))


def _standing(settings: Settings, gathered: Gathered, *, ran: bool) -> AbsentTargets:
    return standing(settings.unfound, met=gathered.met, gone=gathered.gone, ran=ran)


def _nothing_read(result: ScanResult) -> BlindSpot:
    root = Path(result.walk.tree.root)
    asked = result.walk.tree.scan if result.walk.paths is None else [_shown(path, root) for path in result.walk.paths]
    return BlindSpot("scan", f"no Python file lies in {', '.join(asked)}, or all are excluded: nothing was read")


def _shown(path: str | os.PathLike[str], root: Path) -> str:
    """Return how `path` is named in a message: relative to the root where it lies in it."""
    path = Path(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _with_names(settings: Settings, gathered: Gathered, stand: AbsentTargets, scan: Scanned | None) -> Gathered:
    """Return `gathered` with the targets that name nothing as blind spots, and what there was nothing to read for."""
    told = {(row.table, row.target) for row in settings.unfound} | gathered.met
    told |= {(ssot.name, str(target)) for ssot in settings.ssots for target in ssot.going}
    nameless = (BlindSpot.nameless(target, table) for table, target in sorted(gathered.gone - told))
    return gathered._replace(
        blind_spots=(
            *gathered.blind_spots,
            *stand.blind_spots,
            *nameless,
            *(() if scan is None else scan.blind_spots),
        )
    )


def _unscanned(settings: Settings, gathered: Gathered) -> Iterator[BlindSpot]:
    """Yield what a run without a scan does not see of what is declared."""
    for guard in gathered.guards:
        if guard.backend == BY_SCAN:
            yield BlindSpot(guard.target, UNREAD)
    for ssot in settings.ssots:
        for text in ssot.texts:
            yield BlindSpot(f"text:{text}", UNSCANNED, ssot.name)
    for ids in settings.ids:
        for pattern in ids.patterns:
            yield BlindSpot(pattern, UNSCANNED, ids.name)


def rows(judge: Judge, gathered: Gathered) -> tuple[tuple[SiteRow, ...], tuple[TestRow, ...]]:
    """Return the sites that were reached and the tests, of a part of a run."""
    return _sites(judge, gathered, None, ()), tuple(_test(test) for test in gathered.tests)


T = TypeVar("T")
Occurrence: TypeAlias = "Observation | Occasion"


@dataclass(slots=True, eq=False, repr=False)
class _Fact:
    """What is known of one site: `seen` decides, `reached` (its line ran) and `covered` only tell.

    `status` is the worst so far. Most sites only the scan knows: a list is made when there is something to put in it.
    """

    site: Site
    status: Status | None = None
    seen: list[Occasion] | None = None
    reached: list[Observation] | None = None
    covered: list[Observation] | None = None
    scanned: Site | None = None
    fails: str | None = None

    def see(self, occasion: Occasion, status: Status) -> None:
        """Take in one observation, and how the site stands there."""
        self.seen = _more(self.seen, occasion)
        self.stand(status)

    def stand(self, status: Status) -> None:
        """Take in how the site stands somewhere."""
        self.status = status if self.status is None else Status.worst(self.status, status)


class _Facts(dict[str, _Fact]):
    """What is known of each site, by identity: what runs have shown first, then what the scan has."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def of(self, site: Site) -> _Fact:
        """Return what is known of `site`, which may be nothing yet."""
        fact = self.get(site.id)
        if fact is None:
            fact = self[site.id] = _Fact(site)
        return fact

    def see_tests(self, tests: Sequence[GatheredTest]) -> None:
        """Take in what tests have come to."""
        for test in telling(tests):
            for site, occasion in Observed.of(test.observations).pairs() if test.observations else ():
                status = test.statuses.get(site.id) or self._judge.status(site, test.marks, occasion.exempt)
                self.of(site).see(occasion, status)

    def see_buckets(self, gathered: Gathered) -> None:
        """Take in what belongs to no test: for that the session fails."""
        for observation in gathered.observations:
            site, fact = observation.site, self.of(observation.site)
            if observation.bucket == "collection" and site.id in gathered.statuses:
                status, fails = gathered.statuses[site.id], site.id in gathered.failing
            else:
                status = self._judge.status(site, exempt=observation.exempt)
                fails = self._judge.fails(site, status)
            fact.see(Occasion.of(observation), status)
            if fails:  # where a test is named, it is by a program under watch
                fact.fails = fact.fails or observation.bucket or "service"

    def see_scan(self, scan: Scanned, tests: Sequence[GatheredTest]) -> None:
        """Take in what the scan has found: it has a say where none came in a run but those that are allowed to."""
        owners = _Owners(tests, scan)
        for site in scan.sites:
            fact = self.of(site)
            fact.scanned = site
            if fact.seen and not _is_excused_alone(self._judge, fact):
                continue
            for marks in owners.of(site):
                status = self._judge.status(site, marks, scan.exempt.get(site.id))
                fact.stand(status)
                if self._judge.fails(site, status, marks):
                    fact.fails = "allowed" if fact.seen else "unexercised"

    def tell(self, gathered: Gathered, covered: Iterable[Observation]) -> None:
        """Take in what decides nothing: whose line ran, and for what tests have failed."""
        of_tests = chain.from_iterable([test.reached for test in telling(gathered.tests) if test.reached])
        for observation in (*gathered.reached, *of_tests):
            if observation.site.id in self:
                fact = self[observation.site.id]
                fact.reached = _more(fact.reached, observation)
        for observation in covered:
            if observation.site.id in self:
                fact = self[observation.site.id]
                fact.covered = _more(fact.covered, observation)
        for key in chain.from_iterable(test.failing for test in telling(gathered.tests) if test.decision is not None):
            if key in self:
                self[key].fails = self[key].fails or "test"
        for fact in self.values():
            if fact.fails == "unexercised" and (fact.reached or fact.covered):
                fact.fails = "exercised"


def _sites(
    judge: Judge, gathered: Gathered, scan: Scanned | None, covered: Iterable[Observation]
) -> tuple[SiteRow, ...]:
    facts = _Facts(judge)
    facts.see_tests(gathered.tests)
    facts.see_buckets(gathered)
    facts.see_scan(scan or Scanned(), gathered.tests)
    facts.tell(gathered, covered)
    known: dict[tuple[Any, ...], SeenRow] = {}
    in_tests = {path: judge.settings.tree.in_tests(path) for path in {fact.site.path for fact in facts.values()}}
    return in_order(_row(judge, fact, scan, known, in_tests=in_tests[fact.site.path]) for fact in facts.values())


def _more(held: list[T] | None, another: T) -> list[T]:
    if held is None:
        return [another]
    held.append(another)
    return held


def in_order(rows: Iterable[SiteRow]) -> tuple[SiteRow, ...]:
    """Return `rows` in the order in which reports list them: production first, then tests, each by place."""
    return tuple(sorted(rows, key=lambda row: (row.in_tests, place(row.site))))


def stands_beyond(site: Site, tests: Iterable[str]) -> bool:
    """Whether `site` stands in none of the files of `tests`, which are node ids, nor where their fixtures are."""
    paths = {test.partition("::")[0] for test in tests}
    return site.path not in paths and site.path.rpartition("/")[2] != "conftest.py"


def _is_excused_alone(judge: Judge, fact: _Fact) -> bool:
    """Whether only tests that are allowed what they do have come to what the scan has found in other code.

    What a test may do is its own affair; the statement that it calls stays what it is for everybody else.
    """
    if fact.status is not Status.ALLOWED:
        return False
    seen = fact.seen or ()
    marked = any(judge.status(fact.site, exempt=use.exempt) is not Status.ALLOWED for use in seen)
    return marked and stands_beyond(fact.site, (use.test or "" for use in seen))


def charged(sites: Iterable[SiteRow], used: Iterable[BudgetRow]) -> tuple[SiteRow, ...]:
    """Return `sites`, with `budget` as the reason of those that exceed one and fail for nothing else."""
    over = {(row.ssot, row.rule) for row in used if row.exceeded}

    def why(row: SiteRow) -> str | None:
        if row.fails not in (None, "budget"):
            return row.fails
        counts = row.status.is_unexcused and (row.site.ssot, row.site.rule) in over
        return "budget" if counts else None

    return tuple(row if row.fails == why(row) else replace(row, fails=why(row)) for row in sites)


class _Owners:
    """Know whose body a place stands in."""

    def __init__(self, tests: Sequence[GatheredTest], scan: Scanned) -> None:
        self._written = scan.marks
        self._by_path: dict[str, list[GatheredTest]] = {}
        for test in telling(tests):
            if test.scope:  # of a test that has nothing to tell it is not known, and nobody asks
                self._by_path.setdefault(test.path, []).append(test)

    def of(self, site: Site) -> list[Marks]:
        """Return the markers of the tests in whose body `site` stands; those of nobody where it stands in none.

        A test that did not run says what is written above it.
        """
        tests = self._by_path.get(site.path, ())
        ran = [test.marks for test in tests if f"{site.scope}.".startswith(f"{test.scope}.")]
        return ran or [self._written(site) or Marks()]


def _row(
    judge: Judge, fact: _Fact, scan: Scanned | None, known: dict[tuple[Any, ...], SeenRow], *, in_tests: bool
) -> SiteRow:
    """Return the row of one site; equal ways to reach a site are one object in `known`, as there may be many."""
    site = fact.scanned or fact.site
    told = advice(judge.settings, site)
    # What the detectors saw is exact, so that the line says nothing more.
    seen: Sequence[Occurrence] = fact.seen or fact.reached or ()
    if not (seen or fact.covered):
        exercise = Exercise.UNEXERCISED
    elif scan is not None and fact.scanned is None and scan.covers(site.path):
        exercise = Exercise.DYNAMIC
    else:
        exercise = Exercise.EXERCISED
    status = Status.ALLOWED if fact.status is None else fact.status
    found_by = (("scan", fact.scanned), ("run", seen), ("coverage", fact.covered))
    return SiteRow(
        site=site,
        status=status,
        found_by=tuple([name for name, found in found_by if found]),
        exercise=exercise,
        owner=told.owner,
        issue=told.issue,
        replacement=told.replacement or _named_by_warning(site, seen),
        seen=_ways(fact, seen, known) if seen or fact.covered else (),
        fails=fact.fails,
        in_tests=in_tests,
        reason=judge.reason(site) if status is Status.ALLOWED else None,
    )


def _ways(fact: _Fact, seen: Sequence[Occurrence], known: dict[tuple[Any, ...], SeenRow]) -> tuple[SeenRow, ...]:
    by = By.seen(fact.site.rule) if fact.seen else By.LINE
    covered = _unseen(fact.covered or (), seen)
    return _seen(chain(((use, by) for use in seen), ((observation, By.COVERAGE) for observation in covered)), known)


def _named_by_warning(site: Site, seen: Iterable[Occurrence]) -> str | None:
    """Return what a warning that was given at `site` says to use instead."""
    if site.rule is not Rule.DEPRECATION_WARNING:
        return None
    from pytest_ssot_tracker.suggestions import replacement_in

    return next(filter(None, (replacement_in(text) for use in seen for text in use.detail)), None)


def _unseen(covered: Iterable[Observation], seen: Iterable[Occurrence]) -> Iterable[Observation]:
    """Yield what coverage data tells of tests that this run did not see there itself."""
    tests = {use.test or "" for use in seen}
    tests |= {test.partition("[")[0] for test in tests}  # coverage's own contexts know functions, not parameters
    return (observation for observation in covered if observation.test not in tests)


def _seen(observations: Iterable[tuple[Occurrence, By]], known: dict[tuple[Any, ...], SeenRow]) -> tuple[SeenRow, ...]:
    """Return what reached a site, equal ways put together, in an order that no run changes."""
    counts: dict[tuple[Any, ...], int] = {}
    for seen, by in observations:
        alike = (seen.test, seen.bucket, seen.step, seen.fixture, seen.thread, seen.via, seen.origin, by, seen.detail)
        counts[alike] = counts.get(alike, 0) + seen.count
    ordered = sorted(counts, key=lambda alike: tuple(part or "" for part in alike[:-1]) + alike[-1])
    return tuple(_way(alike, counts[alike], known) for alike in ordered)


def _way(alike: tuple[Any, ...], count: int, known: dict[tuple[Any, ...], SeenRow]) -> SeenRow:
    key = (*alike, count)
    row = known.get(key)
    if row is None:
        test, bucket, step, fixture, thread, via, origin, by, detail = alike
        row = known[key] = SeenRow(
            test=test,
            step=step,
            count=count,
            fixture=fixture,
            thread=thread,
            via=via,
            bucket=bucket,
            origin=origin,
            by=by,
            detail=detail,
        )
    return row


def place(site: Site) -> tuple[object, ...]:
    """Return by what sites are sorted: where they stand, and what tells two in one line apart."""
    return (site.path, site.line, site.scope, site.rule.value, site.ssot, site.target, site.squeezed, site.ordinal)


def _listed(tests: Sequence[GatheredTest]) -> Sequence[TestRow]:
    """Return the rows of `tests`; of those that have only passed when somebody lists them."""
    rows = map(_test, telling(tests))
    return ListedTests(rows, tests.passed, _passed) if isinstance(tests, ListedTests) else tuple(rows)


def _passed(test: str) -> TestRow:
    return TestRow(id=test, outcome="passed")


def _test(test: GatheredTest) -> TestRow:
    decision = test.decision
    return TestRow(
        id=test.id,
        outcome=test.outcome,
        reason="ssot" if decision is not None and decision.verdict is not Verdict.PASS else None,
        markers=test.marks.names,
        notes=() if decision is None else decision.notes,
        sites=tuple(sorted({site.id for site in Observed.of(test.observations).sites})) if test.observations else (),
        blind_spots=_blind(test.blind_spots) if test.blind_spots else (),
    )


def _looked(run: RunInfo, gathered: Gathered, scan: Scanned | None) -> Looked:
    """Return what was looked at; a run of some tests only has looked at nothing."""
    whole = run.complete and (run.pytest is None or not run.selected)
    ended = bool(gathered.tests) and all(test.ended for test in telling(gathered.tests))
    if scan is None:
        return Looked(all_tests_ended=ended, complete=whole)
    return Looked(scanned=scan.covers, stands=scan.stands, all_tests_ended=ended, complete=whole)


def _names(settings: Settings) -> list[str]:
    return list(dict.fromkeys(table.name for table in settings.tables))


def _ssot(settings: Settings, judge: Judge, gathered: Gathered, stand: AbsentTargets, name: str) -> SsotRow:
    tables = settings.table(name)
    ssots = [table for table in tables if isinstance(table, Ssot)]
    canonical = next((table.canonical for table in ssots if table.canonical), None)
    untils = [table.until for table in tables if table.until is not None]

    def first(attribute: str) -> str | None:
        return next(filter(None, (getattr(table, attribute) for table in tables)), None)

    return SsotRow(
        name=name,
        phase=judge.phase(name),
        canonical=None if canonical is None else str(canonical),
        owner=first("owner"),
        issue=first("issue"),
        until=min(untils).isoformat() if untils else None,
        reason=first("reason"),
        deprecated=tuple(sorted({str(target) for table in ssots for target in table.going})),
        retired=tuple(sorted({target for table, target in stand.retired if table == name})),
        guards=_guards(tables, gathered.guards),
        blind_spots=_blind(spot for spot in gathered.blind_spots if spot.ssot == name),
    )


def _guards(tables: Sequence[Table], guards: Iterable[Guard]) -> tuple[Guard, ...]:
    """Return the guards of what these tables declare, sorted; what guards two tables is listed with both."""
    declared = [target for table in tables for target in table.declared()]
    mine = {
        guard
        for guard in guards
        if any(target.covers(*_halves(guard.target)) or str(target) == guard.target for target in declared)
    }
    return tuple(sorted(mine, key=lambda guard: (guard.target, guard.backend)))


def _halves(target: str) -> tuple[str, str | None]:
    module, _, attribute = target.partition(":")
    return module, attribute or None


def _blind(spots: Iterable[BlindSpot]) -> tuple[BlindRow, ...]:
    return tuple(sorted({BlindRow(spot.target, spot.why) for spot in spots}))


def totals_of(
    sites: Sequence[SiteRow], tests: Sequence[TestRow], fixed: Sequence[Site], *, complete: bool = True
) -> Totals:
    """Count sites by status, and what was fixed or is stale; where something was lost nothing is called fixed."""
    counts = Counter(row.status for row in sites)
    noted = [test for test in telling(tests) if test.notes]
    return Totals(
        new=counts[Status.NEW],
        known=counts[Status.KNOWN],
        expected=counts[Status.EXPECTED],
        allowed=counts[Status.ALLOWED],
        fixed=len(fixed) + sum(test.noted("fixed") for test in noted) if complete else 0,
        stale=sum(test.noted("stale") for test in noted),
    )


def _idle_allows(judge: Judge, sites: Sequence[SiteRow], run: RunInfo, scan: Scanned | None) -> tuple[AllowRow, ...]:
    """Return the inline allows without effect; that one exempts nothing is known only when nothing was left out."""
    if scan is None or not scan.allows:
        return ()
    used = {judge.allow_lookup(row.site) for row in sites}
    rows = [AllowRow(allow.path, allow.line, allow.problem) for allow in scan.allows if allow.problem is not None]
    if run.complete and not run.selected:
        idle = (allow for allow in scan.allows if allow.problem is None and allow not in used)
        rows += (AllowRow(allow.path, allow.line, "it exempts nothing; remove it") for allow in idle)
    return tuple(sorted(rows))


def failures_of(report: Report, *, strict_blind_spots: bool) -> list[str]:
    """Return why the session of `report` fails, as far as its sites, tests, budgets and blind spots say."""
    reasons = [*_site_failures(report.sites), *_test_failures(report.tests)]
    reasons += [_over_budget(row) for row in report.budgets if row.exceeded]
    return reasons + (_blind_failures(report) if strict_blind_spots else [])


def _site_failures(sites: Sequence[SiteRow]) -> list[str]:
    reasons = []
    for why, words in FAILS.items():
        places = [harmless(row.site.where) for row in sites if row.fails == why]
        if places:
            reasons.append(f"{why}: {counted(len(places), 'site')} {words}: {some(list(dict.fromkeys(places)))}")
    return reasons


def _test_failures(tests: Sequence[TestRow]) -> list[str]:
    failed = [harmless(test.id) for test in telling(tests) if test.failed]
    return [f"tests: {counted(len(failed), 'test')} failed for a violation: {some(failed)}"] if failed else []


def _over_budget(row: BudgetRow) -> str:
    return (
        f"budget: {counted(row.used, 'site')} of {row.rule} in {harmless(row.ssot)}, max is {row.limit}; "
        f"remove {row.used - row.limit} of them"
    )


def _blind_failures(report: Report) -> list[str]:
    spots = list(report.blind_spots)
    for ssot in report.ssots:
        spots += ssot.blind_spots
    for test in telling(report.tests):
        spots += test.blind_spots
    names = list(dict.fromkeys(harmless(spot.target) for spot in spots))
    if not names:
        return []
    return [f"blind spots: {counted(len(names), 'target')} could not be watched: {some(names)}"]
