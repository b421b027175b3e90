"""Pack what travels between processes into text, and unpack it.

A packet rides on a `TestReport`, where only `None`, `bool`, `int`, `float`, `str`, `list` and `dict` survive, and stays
where reports and results gather until the session ends. One text is a tenth of what the same lists and dictionaries
take, and nothing that Python's collector of garbage looks at again and again. The first line is what a packet holds,
each other line one of its sites: what many observations share is written once, and where packets gather, what many
packets share is held once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from types import MappingProxyType

from pytest_ssot_tracker.codec import Plain, Shared, made, made_parts, parts, plain
from pytest_ssot_tracker.judge.markers import Marks
from pytest_ssot_tracker.model import BlindSpot, Decision, Guard, Observation, Site, Status, Step, squeeze
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, replace

__all__ = ["PackedSites", "SessionPacket", "TestPacket", "from_text", "pack", "to_text", "unpack"]

_WRITTEN = json.JSONEncoder(separators=(",", ":")).encode
"""Bound early: the test whose step ends may still have `json.dumps` replaced. ASCII, so that any file name survives."""
_READ = json.JSONDecoder().decode
_OWN = 1
"""Stands for the packet's own test."""
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
    """Return the packet as text; what is empty is left out, and exception types stay in their process."""
    test = None
    if isinstance(packet, TestPacket):
        test = packet.test
        if any(mark.raises for mark in packet.marks.expects):
            expects = tuple(replace(mark, raises=None) for mark in packet.marks.expects)
            packet = replace(packet, marks=packet.marks._replace(expects=expects))
    sites = list(dict.fromkeys(seen.site for seen in (*packet.observations, *packet.reached)))
    named = parts(packet, Shared(sites))
    for row in _rows(named):
        row[1] = _OWN if row[1] == test and test is not None else row[1]
    return "\n".join([to_text(named), *(to_text(_site(site)) for site in sites)])


def unpack(text: str, known: dict[str, Site] | None = None) -> TestPacket | SessionPacket:
    """Return the packet that `pack` made into `text`; markers come back without their `raises`.

    With `known`, a site that was unpacked before with it is the same object again.
    """
    first, *lines = text.split("\n")
    named = from_text(first)
    known = {} if known is None else known
    sites = [_once(line, known) for line in lines]
    for row in _rows(named):
        row[1] = named["test"] if row[1] == _OWN else row[1]
    kind = TestPacket if "test" in named else SessionPacket
    return kind(**made_parts(kind, named, sites))


def to_text(named: Mapping[str, Plain]) -> str:
    """Return plain data as text of ASCII, in which any file name survives."""
    return _WRITTEN(named)


def from_text(text: str) -> dict[str, Plain]:
    """Return the plain data that `to_text` made into `text`."""
    named: dict[str, Plain] = _READ(text)
    return named


def _rows(named: Mapping[str, Plain]) -> Iterable[list[Plain]]:
    """Return the rows of all observations, the test of each at 1."""
    return chain(named.get("observations", ()), named.get("reached", ()))


def _site(site: Site) -> Plain:
    """Return a site as plain data, without what is made of its text again."""
    row = plain(site)
    return row[:-1] if row[-1] == squeeze(site.text) else row


def _once(line: str, known: dict[str, Site]) -> Site:
    site = known.get(line)
    if site is None:
        site = known[line] = made(Site, _READ(line))
    return site


class PackedSites:
    """The sites of many packets, the text of each held once; a packet that is kept here has numbers in their place."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lines: list[str] = []

    def keep(self, text: str) -> str:
        """Return a packet with the numbers of its sites."""
        first, *lines = text.split("\n")
        return "\n".join([first, *(self._number(line) for line in lines)])

    def whole(self, kept: str) -> str:
        """Return the packet that `keep` was given."""
        first, *numbers = kept.split("\n")
        return "\n".join([first, *(self._lines[int(number)] for number in numbers)])

    def _number(self, line: str) -> str:
        number = self._numbers.get(line)
        if number is None:
            number = self._numbers[line] = len(self._lines)
            self._lines.append(line)
        return str(number)
