"""Decide: markers, phase and baseline on one side, observations on the other, a verdict between them.

Pure: no pytest, no clock, no file. `today`, the baseline and the look-up of inline allows are handed in.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.baseline import Baseline
from pytest_ssot_tracker.judge.markers import EXPECT, Expect, Marks
from pytest_ssot_tracker.judge.words import advice, harmless, sentence
from pytest_ssot_tracker.model import Decision, Exempt, Observation, Phase, Rule, Site, Status, Step, Target, Verdict
from pytest_ssot_tracker.records import NamedTuple, dataclass, field
from pytest_ssot_tracker.settings import Settings, Table

if TYPE_CHECKING:
    from pytest_ssot_tracker.source import Allow

__all__ = ["Judge", "Judgement", "Raised"]

_PHASES = tuple(Phase)
UNMARKED = Marks()


class Raised(NamedTuple):
    """How the body of a test ended by an exception; a skip is none of its failures."""

    type: type[BaseException]
    skip: bool = False


class Judgement(NamedTuple):
    """What was decided about a test, and how each site stands as far as this test is concerned.

    `statuses` maps the identity of a site to the worst status among the test's observations of it.
    """

    decision: Decision
    statuses: Mapping[str, Status]


class _Terms(NamedTuple):
    """What holds today for the tables of one name, or for one target of theirs.

    `callers` are functions and classes of `allow_in`, by kind.
    """

    expired: bool
    phase: Phase
    max: Mapping[Rule, int]
    callers: Mapping[str, tuple[Target, ...]]


def _terms_of(settings: Settings, ssot: str, declared: str, today: datetime.date) -> _Terms:
    expired = settings.expired(ssot, today=today, declared=declared)
    budgets: dict[Rule, int] = {}
    for table in () if expired else settings.table(ssot):
        budgets = {**table.max, **budgets}
    callers: dict[str, tuple[Target, ...]] = {}
    for table in settings.table(ssot):
        named = (pattern for pattern in table.allow_in if pattern.attribute is not None)
        callers[table.kind] = (*callers.get(table.kind, ()), *named)
    return _Terms(expired, settings.phase_of(ssot, today=today, declared=declared), budgets, callers)


OWN_TEST = "its own test"


def _stood_never(site: Site) -> bool:
    return False


def _no_allow(site: Site) -> Allow | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The one place that decides.

    `allow_lookup` returns the inline allow with effect for a site; `stood_before` tells which sites are known without
    standing in the baseline; `default_raises` are the exceptions with which a
    body may end under `ssot_expect_violation` where the marker names none.
    """

    settings: Settings
    baseline: Baseline
    today: datetime.date
    allow_lookup: Callable[[Site], Allow | None] = _no_allow
    default_raises: tuple[type[BaseException], ...] = (AssertionError,)
    stood_before: Callable[[Site], bool] = _stood_never

    _terms: dict[tuple[str, str], _Terms] = field(init=False, repr=False, default_factory=dict)
    _statuses: dict[tuple[object, ...], Status] = field(init=False, repr=False, default_factory=dict)

    def phase(self, ssot: str, marks: Marks = UNMARKED, *, declared: str = "") -> Phase:
        """Return the phase to which a test with `marks` is held for the table called `ssot`, or what it declares."""
        return Phase.ENFORCE if marks.enforce else self._terms_of(ssot, declared).phase

    def expired(self, ssot: str, declared: str = "") -> bool:
        """Whether nothing is lenient any more about the table called `ssot`, or about what is `declared` there."""
        return self._terms_of(ssot, declared).expired

    def ended(self, ssot: str, declared: str = "") -> str:
        """Return in words why nothing is lenient any more about the table called `ssot`, or what it declares."""
        for table in self.settings.table(ssot):
            version = table.removed_in
            if isinstance(version, Mapping):
                version = version[declared] if declared in table.late else None
            if version is not None and (table.overdue or declared in table.late):
                return f"its removed_in, {version}, is reached"
        return "its until is past"

    def _terms_of(self, ssot: str, declared: str = "") -> _Terms:
        terms = self._terms.get((ssot, declared))
        if terms is None:
            late = any(declared in table.late for table in self.settings.table(ssot))
            terms = _terms_of(self.settings, ssot, declared, self.today) if late or not declared else None
            terms = self._terms[ssot, declared] = terms or self._terms_of(ssot)
        return terms

    def status(self, site: Site, marks: Marks = UNMARKED, exempt: Exempt | None = None) -> Status:
        """Return how `site` stands for a test with `marks`; `exempt` is what its observation says.

        A flagged site is allowed: the statement cannot fail, whatever the phase. After a table's `until` only that
        and the inside of an accessor remain.
        """
        if site.flags or exempt is Exempt.ACCESSOR:
            return Status.ALLOWED
        if marks.allows or marks.expects or marks.enforce:
            return self._status(site, marks, exempt)
        key = site.id, site.line, site.declared, exempt
        status = self._statuses.get(key)  # most tests have no marker, and many come to the same sites
        if status is None:
            status = self._statuses[key] = self._status(site, marks, exempt)
        return status

    def _status(self, site: Site, marks: Marks, exempt: Exempt | None) -> Status:
        terms = self._terms_of(site.ssot, site.declared)
        if not terms.expired:
            marked = marks.allows and any(mark.covers(site) for mark in marks.allows)
            if exempt is not None or marked or self.allow_lookup(site):
                return Status.ALLOWED
            if self.allows_caller(site) or self.settings.is_own_test(site):
                return Status.ALLOWED
            held = marks.enforce or terms.phase is Phase.ENFORCE
            if not held and self._expects(marks, site):
                return Status.EXPECTED
        return Status.KNOWN if self.baseline.known(site) or self.stood_before(site) else Status.NEW

    def reason(self, site: Site) -> str | None:
        """Return why `site` is allowed, where somebody said so or it is a test of what it uses."""
        allow = self.allow_lookup(site)
        if allow is not None:
            return allow.reason
        return OWN_TEST if self.settings.is_own_test(site) else None

    def allows_caller(self, site: Site) -> bool:
        """Whether `allow_in` names the function or class in which `site` stands.

        Whole modules the observation knows itself (`exempt`); in which function it was made only its site does.
        """
        callers = self._terms_of(site.ssot).callers.get(site.rule.about.table, ())
        if not callers or site.scope == "<module>":
            return False
        module = self.settings.tree.module(site.path)
        return any(target.covers(module, site.scope) for target in callers)

    def fails(self, site: Site, status: Status, marks: Marks = UNMARKED) -> bool:
        """Whether a site that stands so fails the test with `marks`, or the session where no test has it."""
        phase = self.phase(site.ssot, marks, declared=site.declared)
        lenient = phase is Phase.BASELINE or (phase is Phase.RATCHET and status is Status.KNOWN)
        return not lenient and self._counts(site, status, marks)

    def _counts(self, site: Site, status: Status, marks: Marks) -> bool:
        """Whether a site that stands so can fail anything in some phase: it is not excused, and has no budget."""
        if not (status.is_unexcused and site.rule.about.fails):
            return False
        return marks.enforce or site.rule not in self._terms_of(site.ssot, site.declared).max

    def test(
        self,
        test: str,
        observations: Sequence[Observation],
        marks: Marks = UNMARKED,
        *,
        raised: Raised | None = None,
        module_sites: Sequence[Site] = (),
        own_scan_sites: Sequence[Site] = (),
    ) -> Judgement:
        """Judge the test with the node id `test` at the end of its body.

        `observations` are those of its set-up and call; `raised` is how its body ended, `None` for normally;
        `module_sites` are the sites in its module's own file seen at collection, `own_scan_sites` those that the scan
        found in its own body: both satisfy an expectation, and only the former can fail a test, a marked one.
        `Verdict.PASS` means: leave the outcome as pytest has it.
        """
        statuses, failing = self._seen(observations, marks)
        if raised is None or not raised.skip:
            failing += self._of_its_module(module_sites, marks)
        evidence = {site.id: site for site in (*own_scan_sites, *module_sites)}
        for key, site in evidence.items():
            statuses[key] = Status.worst(*filter(None, (statuses.get(key), self.status(site, marks))))
        if failing:
            return Judgement(_failed(self._told(test, failing, marks), failing), statuses)
        evidence |= {observation.site.id: observation.site for observation in observations}
        expected = [site for key, site in evidence.items() if statuses[key] is Status.EXPECTED]
        shown = [site for key, site in evidence.items() if statuses[key] is not Status.ALLOWED]
        return Judgement(self._expectations(test, marks, expected, raised, shown), statuses)

    def teardown(
        self, test: str, observations: Sequence[Observation], marks: Marks = UNMARKED, *, before: Sequence[Site] = ()
    ) -> Judgement:
        """Judge what the test with the node id `test` did in its own teardown: it fails or passes there.

        `before` are the sites that its expectations had for them when its body ended. What an expectation had nothing
        for until now fails: a teardown has no xfail to become.
        """
        late = tuple(mark for mark in self._expects(marks) if not any(mark.covers(site) for site in before))
        met = marks._replace(expects=tuple(mark for mark in marks.expects if mark not in late))
        statuses, failing = self._seen(observations, met)
        only_here = {}
        for observation in observations:
            site = observation.site
            if any(mark.covers(site) for mark in late) and self._counts(site, statuses[site.id], marks):
                only_here[site.id] = observation
        failing = list(({observation.site.id: observation for observation in failing} | only_here).values())
        if not failing:
            return Judgement(Decision(Verdict.PASS), statuses)
        reason = self._told(test, failing, marks)
        if only_here:
            reason += f"\n  its {EXPECT} is about set-up and body; a teardown cannot xfail"
        return Judgement(_failed(reason, failing), statuses)

    def _seen(self, observations: Iterable[Observation], marks: Marks) -> tuple[dict[str, Status], list[Observation]]:
        """Return how each observed site stands, by identity, and the first observation of each that fails."""
        statuses: dict[str, Status] = {}
        failing: dict[str, Observation] = {}
        judged: set[tuple[Site, Exempt | None]] = set()
        for observation in observations:
            if (observation.site, observation.exempt) in judged:
                continue
            judged.add((observation.site, observation.exempt))
            key, status = observation.site.id, self.status(observation.site, marks, observation.exempt)
            statuses[key] = Status.worst(status, statuses.get(key, status))
            if self.fails(observation.site, status, marks):
                failing.setdefault(key, observation)
        return statuses, list(failing.values())

    def _of_its_module(self, module_sites: Iterable[Site], marks: Marks) -> list[Observation]:
        """Return the sites of its module at collection that fail a test with `marks`; an unmarked one has none.

        A site at collection belongs to no test, so that the session fails for it. A marker takes it on.
        """
        return [
            Observation(site, None, Step.COLLECT, bucket="collection")
            for site in module_sites
            if self._takes_on(site, marks) and self.fails(site, self.status(site, marks), marks)
        ]

    def _takes_on(self, site: Site, marks: Marks) -> bool:
        terms = self._terms_of(site.ssot, site.declared)
        held = terms.phase is Phase.ENFORCE and not terms.expired
        return marks.enforce or (held and bool(self._expects(marks, site)))

    def _expects(self, marks: Marks, site: Site | None = None) -> list[Expect]:
        """Return the expectations that hold today; with a `site` those that speak of it."""
        held = (mark for mark in marks.expects if not mark.expired(self.today))
        return [mark for mark in held if site is None or mark.covers(site)]

    def _told(self, test: str, failing: Sequence[Observation], marks: Marks) -> str:
        lines: list[str] = []
        for observation in failing:
            lines.append(sentence(test, observation.site, advice(self.settings, observation.site)))
            lines += (f"  {harmless(fact)}" for fact in observation.detail)
        for mark in marks.expects:
            if mark.expired(self.today) and any(mark.covers(observation.site) for observation in failing):
                lines.append(f"  its {EXPECT} ended on {mark.until}")
        ended = {
            observation.site.ssot: observation.site.declared
            for observation in failing
            if self.expired(observation.site.ssot, observation.site.declared)
        }
        for ssot, declared in ended.items():
            lines.append(f"  nothing is lenient about {harmless(ssot)} any more: {self.ended(ssot, declared)}")
        return "\n".join(lines)

    def _expectations(
        self, test: str, marks: Marks, expected: Sequence[Site], raised: Raised | None, shown: Sequence[Site]
    ) -> Decision:
        """Decide a test that nothing fails, from its expectations alone.

        `expected` are the sites that stand so, `shown` all that are not allowed: in phase enforce nothing is expected,
        and an expectation is stale where nothing is shown.

        A marker that names exceptions expects one of them, as pytest's own xfail does: a body that still violates but
        ends normally has outlived half of what its marker says.
        """
        violated: list[Expect] = []
        broken: list[str] = []
        notes: list[str] = []
        for mark in self._expects(marks):
            violates = any(mark.covers(site) for site in expected)
            if violates and (raised is not None or not mark.raises):
                violated.append(mark)
                continue
            phase = self._phase_of_claim(mark, marks)
            if phase is Phase.ENFORCE and not violates:
                if not any(mark.covers(site) for site in shown):
                    notes.append(f"stale: {EXPECT} has no effect in phase enforce ({mark.rule_names})")
            elif phase is Phase.BASELINE if mark.strict is None else mark.strict:
                broken.append(harmless(f"{test} {_unmet(mark, violates)}"))
            else:
                notes.append(f"fixed: {EXPECT} {_outlived(mark, violates)} ({mark.rule_names})")
        if raised is not None:
            return self._raised(violated, expected, raised)
        if broken:
            return Decision(Verdict.FAIL, "\n".join(broken), tuple(notes))
        if violated:
            return Decision(Verdict.XFAIL, _why(violated[0], expected), tuple(notes))
        return Decision(Verdict.PASS, "", tuple(notes))

    def _raised(self, violated: Sequence[Expect], expected: Sequence[Site], raised: Raised) -> Decision:
        """Decide a test whose body raised: pytest's outcome stays unless a violated marker names the exception."""
        if raised.skip or not violated:
            return Decision(Verdict.PASS)
        for mark in violated:
            if issubclass(raised.type, self.default_raises if mark.raises is None else mark.raises):
                return Decision(Verdict.XFAIL, _why(mark, expected))
        named = self.default_raises if violated[0].raises is None else violated[0].raises
        takes = _names(named) or "nothing"
        note = f"raised: it violates as expected, but raised {raised.type.__name__}; its {EXPECT} takes {takes}"
        return Decision(Verdict.PASS, "", (note,))

    def _phase_of_claim(self, mark: Expect, marks: Marks) -> Phase:
        """Return the phase that decides what an expectation that was not met means.

        A marker without `ssot` can speak of several tables; the furthest of them decides, because a table that moves
        on must not fail a test whose markers nobody edited.
        """
        if mark.ssot is not None:
            return self.phase(mark.ssot, marks)
        names = {table.name for table in self.settings.tables if _speaks_of(mark, table)}
        return max((self.phase(name, marks) for name in names or {""}), key=_PHASES.index)


def _unmet(mark: Expect, violates: bool) -> str:
    """Return what the marker says that the test does not do, and what to change about the marker."""
    lenient = "" if mark.strict else " or give it strict=False"
    if violates:
        what = f"violates {mark.rule_names} but does not raise {_names(mark.raises or ())}"
        return f"{what} as its {EXPECT} says; take raises out of the marker{lenient}"
    return f"does not violate {mark.rule_names} as its {EXPECT} says; remove the marker{lenient}"


def _outlived(mark: Expect, violates: bool) -> str:
    """Return what of a marker does not hold any more, and what to do about it."""
    if violates:
        return f"names {_names(mark.raises or ())}, which is not raised any more; take raises out of it"
    return "is not violated any more; remove it"


def _names(types: Iterable[type[BaseException]]) -> str:
    return ", ".join(each.__name__ for each in types)


def _failed(reason: str, failing: Iterable[Observation]) -> Decision:
    """Return the decision that fails a test for the sites of `failing`."""
    return Decision(Verdict.FAIL, reason, sites=tuple(dict.fromkeys(observation.site.id for observation in failing)))


def _speaks_of(mark: Expect, table: Table) -> bool:
    if mark.rules and all(rule.about.table != table.kind for rule in mark.rules):
        return False
    if mark.target is None:
        return True
    return any(_overlap(mark.target, declared) for declared in table.declared())


def _overlap(one: Target, other: Target) -> bool:
    return one.covers(other.module, other.attribute) or other.covers(one.module, one.attribute)


def _why(mark: Expect, expected: Sequence[Site]) -> str:
    """Return the reason of an xfail: the marker's own words, then what was violated where."""
    said = ", ".join(part for part in (mark.reason, mark.issue) if part)
    sites = [site for site in expected if mark.covers(site)]
    more = f" and {len(sites) - 1} more" if len(sites) > 1 else ""
    found = f"{sites[0].rule} of {sites[0].target} at {sites[0].where}{more}"
    return harmless(f"{said}: {found}" if said else found)
