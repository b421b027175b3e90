"""Pack what travels between processes into text, and unpack it.

A packet rides on a `TestReport`, where only `None`, `bool`, `int`, `float`, `str`, `list` and `dict` survive, and stays
where reports and results gather until the session ends. One text is a tenth of what the same lists and dictionaries
take, and nothing that Python's collector of garbage looks at again and again. Each packet holds a table of its sites,
so that a site that many observations share is written once.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pytest_ssot_tracker.judge.markers import Allowed, Expect, Marks
from pytest_ssot_tracker.model import (
    BlindSpot,
    Decision,
    Exempt,
    Flag,
    Guard,
    Observation,
    Rule,
    Site,
    Status,
    Step,
    Target,
    Verdict,
)
from pytest_ssot_tracker.records import NamedTuple, dataclass, field

__all__ = ["SessionPacket", "TestPacket", "pack", "pack_sites", "unpack", "unpack_sites"]

Plain = Any
"""Stands for plain data: `None`, `bool`, `int`, `float`, `str`, or lists and dictionaries of it."""

_WRITTEN = json.JSONEncoder(separators=(",", ":")).encode
"""Bound early: the test whose step ends may still have `json.dumps` replaced. ASCII, so that any file name survives."""
_READ = json.JSONDecoder().decode
_NOTHING_MORE: tuple[Plain, ...] = (None, None, None, None, None, None, (), None)
_NOTHING: Mapping[str, Status] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPacket:
    """What one step of one test has to tell.

    `test` is the node id; `path` and `scope` say where its function stands. `observations` may hold some that belong
    to no test (a wide fixture's teardown). `reached` are scan sites whose line ran. `raised` tells that the step ended
    by an exception of its own.
    """

    __test__ = False  # else pytest takes the class for a test where it is imported

    test: str
    step: Step
    path: str = ""
    scope: str = ""
    observations: tuple[Observation, ...] = ()
    reached: tuple[Observation, ...] = ()
    decision: Decision | None = None
    statuses: Mapping[str, Status] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    blind_spots: tuple[BlindSpot, ...] = ()
    raised: bool = False


class SessionPacket(NamedTuple):
    """What one process has to tell beside its tests.

    `number` counts the packets of a process, so that one that arrives twice counts once. `statuses` and `failing`
    (site identities) are what was judged of the collection. `met` and `gone` are pairs of table and target: which of
    them were found so far, and which were not where they would have to be. `reached` are scan sites whose line ran;
    `deselected` tells that not every test was asked for.
    """

    number: int = 0
    observations: tuple[Observation, ...] = ()
    reached: tuple[Observation, ...] = ()
    statuses: Mapping[str, Status] = _NOTHING
    failing: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    blind_spots: tuple[BlindSpot, ...] = ()
    met: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    deselected: bool = False


def pack(packet: TestPacket | SessionPacket) -> str:
    """Return the packet as text; what is empty is left out."""
    sites = list(dict.fromkeys(one.site for one in (*packet.observations, *packet.reached)))
    index = {site: number for number, site in enumerate(sites)}
    test = packet.test if isinstance(packet, TestPacket) else None
    plain: dict[str, Plain] = {
        "sites": [_site(site) for site in sites],
        "observations": [_observation(observation, index, test) for observation in packet.observations],
        "reached": [_observation(observation, index, test) for observation in packet.reached],
        "statuses": {key: status.value for key, status in packet.statuses.items()},
        "blind_spots": [[spot.target, spot.why, spot.ssot, spot.test] for spot in packet.blind_spots],
    }
    if isinstance(packet, TestPacket):
        plain |= {"test": packet.test, "step": packet.step.value, "path": packet.path, "scope": packet.scope}
        plain |= {"decision": _decision(packet.decision), "marks": _marks(packet.marks), "raised": packet.raised}
    else:
        plain |= {"number": packet.number, "failing": list(packet.failing)}
        plain |= {"guards": [[guard.target, guard.backend] for guard in packet.guards]}
        plain |= {"met": list(map(list, packet.met)), "gone": list(map(list, packet.gone))}
        plain |= {"deselected": packet.deselected}
    return _WRITTEN({key: value for key, value in plain.items() if value or key == "number"})


def unpack(text: str, known: dict[tuple[Plain, ...], Site] | None = None) -> TestPacket | SessionPacket:
    """Return the packet that `pack` made into `text`; markers come back without their `raises`.

    With `known`, a site that was unpacked before with it is the same object again.
    """
    data: Mapping[str, Plain] = _READ(text)
    known = {} if known is None else known
    sites = [_once(plain, known) for plain in data.get("sites", ())]
    test = data.get("test")
    observations = tuple(_to_observation(plain, sites, test) for plain in data.get("observations", ()))
    reached = tuple(_to_observation(plain, sites, test) for plain in data.get("reached", ()))
    statuses = {key: Status(status) for key, status in data.get("statuses", {}).items()}
    blind_spots = tuple(BlindSpot(*one) for one in data.get("blind_spots", ()))
    if "test" in data:
        return TestPacket(
            test=data["test"],
            step=Step(data["step"]),
            path=data.get("path", ""),
            scope=data.get("scope", ""),
            observations=observations,
            reached=reached,
            decision=_to_decision(data.get("decision")),
            statuses=statuses,
            marks=_to_marks(data.get("marks", {})),
            blind_spots=blind_spots,
            raised=data.get("raised", False),
        )
    return SessionPacket(
        number=data["number"],
        observations=observations,
        reached=reached,
        statuses=statuses,
        failing=tuple(data.get("failing", ())),
        guards=tuple(Guard(*one) for one in data.get("guards", ())),
        blind_spots=blind_spots,
        met=tuple((table, target) for table, target in data.get("met", ())),
        gone=tuple((table, target) for table, target in data.get("gone", ())),
        deselected=data.get("deselected", False),
    )


def pack_sites(sites: Iterable[Site]) -> str:
    """Return sites as text, for `unpack_sites`."""
    return _WRITTEN([_site(site) for site in sites])


def unpack_sites(text: str) -> list[Site]:
    """Return the sites that `pack_sites` made into `text`."""
    return [_to_site(plain) for plain in _READ(text)]


def _once(plain: list[Plain], known: dict[tuple[Plain, ...], Site]) -> Site:
    key = (*plain[:-1], *plain[-1])
    site = known.get(key)
    if site is None:
        site = known[key] = _to_site(plain)
    return site


def _site(site: Site) -> list[Plain]:
    flags = [flag.value for flag in site.flags]
    identity = [site.rule.value, site.ssot, site.target, site.path, site.line, site.scope, site.text, site.ordinal]
    return [*identity, site.declared, flags]


def _to_site(plain: list[Plain]) -> Site:
    rule, ssot, target, path, line, scope, text, ordinal, declared, flags = plain
    return Site(Rule(rule), ssot, target, path, line, scope, text, ordinal, declared, tuple(Flag(one) for one in flags))


def _observation(seen: Observation, index: Mapping[Site, int], test: str | None) -> list[Plain]:
    """Return an observation as plain data: the packet's own test as `1`, and nothing of what it lacks."""
    exempt = None if seen.exempt is None else seen.exempt.value
    where = (seen.fixture, seen.fixture_scope, seen.thread, seen.bucket, seen.origin)
    more = [*where, exempt, list(seen.detail), seen.via]
    while more and not more[-1]:
        more.pop()
    own = seen.test is not None and seen.test == test
    return [index[seen.site], 1 if own else seen.test, seen.step.value, seen.count, *more]


def _to_observation(plain: list[Plain], sites: list[Site], own: str | None) -> Observation:
    number, test, step, count, *more = plain
    fixture, fixture_scope, thread, bucket, origin, exempt, detail, via = (*more, *_NOTHING_MORE[len(more) :])
    return Observation(
        site=sites[number],
        test=own if test == 1 else test,
        step=Step(step),
        count=count,
        fixture=fixture,
        fixture_scope=fixture_scope,
        thread=thread,
        bucket=bucket,
        origin=origin,
        exempt=None if exempt is None else Exempt(exempt),
        detail=tuple(detail),
        via=via,
    )


def _decision(decision: Decision | None) -> list[Plain] | None:
    if decision is None:
        return None
    return [decision.verdict.value, decision.reason, list(decision.notes), list(decision.sites)]


def _to_decision(plain: list[Plain] | None) -> Decision | None:
    return None if plain is None else Decision(Verdict(plain[0]), plain[1], tuple(plain[2]), tuple(plain[3]))


def _marks(marks: Marks) -> dict[str, Plain]:
    plain = {
        "expects": [_expect(mark) for mark in marks.expects],
        "allows": [[*_claim(allow), allow.reason] for allow in marks.allows],
        "enforce": marks.enforce,
        "rollback_trigger": marks.rollback_trigger,
        "names": list(marks.names),
    }
    return {key: value for key, value in plain.items() if value}


def _claim(one: Expect | Allowed) -> list[Plain]:
    target = None if one.target is None else [one.target.module, one.target.attribute]
    return [[rule.value for rule in one.rules], one.ssot, target]


def _expect(one: Expect) -> list[Plain]:
    until = None if one.until is None else one.until.isoformat()
    return [*_claim(one), one.reason, one.issue, until, one.strict]


def _to_marks(plain: Mapping[str, Plain]) -> Marks:
    return Marks(
        expects=tuple(_to_expect(one) for one in plain.get("expects", ())),
        allows=tuple(Allowed(*_to_claim(one), one[3]) for one in plain.get("allows", ())),
        enforce=plain.get("enforce", False),
        rollback_trigger=plain.get("rollback_trigger", False),
        names=tuple(plain.get("names", ())),
    )


def _to_claim(plain: list[Plain]) -> tuple[tuple[Rule, ...], str | None, Target | None]:
    return tuple(Rule(rule) for rule in plain[0]), plain[1], None if plain[2] is None else Target(*plain[2])


def _to_expect(plain: list[Plain]) -> Expect:
    reason, issue, until, strict = plain[3:]
    return Expect(
        *_to_claim(plain), reason, issue, None if until is None else datetime.date.fromisoformat(until), strict
    )
