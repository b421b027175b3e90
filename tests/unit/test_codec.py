"""A record is read back as it was written, from its annotations alone."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_ssot_tracker.codec import Shared, made, made_parts, parts, plain
from pytest_ssot_tracker.harvest.declaration import Declaration, Helper
from pytest_ssot_tracker.harvest.declaration import FileDeclarations as Declared
from pytest_ssot_tracker.judge.markers import Allowed, Expect, Marks
from pytest_ssot_tracker.model import (
    BlindSpot,
    Decision,
    Exempt,
    Flag,
    Guard,
    Observation,
    Phase,
    Rule,
    Site,
    Step,
    Target,
    Verdict,
)
from pytest_ssot_tracker.records import NamedTuple, dataclass
from pytest_ssot_tracker.report.wire import TestPacket
from pytest_ssot_tracker.scan.facts import Event, Facts, StatementSpan
from pytest_ssot_tracker.scan.needles import Words
from pytest_ssot_tracker.scan.scan_result import ScanResult
from pytest_ssot_tracker.scan.workers import Criteria
from pytest_ssot_tracker.source import Allow

SITE = Site(
    Rule.DEPRECATED_USE, "orders", "shop.old:Log", "shop/user.py", 3, "total", "Log( 1 )", flags=(Flag.GUARDED,)
)
ALLOW = Allow("shop/user.py", 3, 4, ("deprecated-use",), "for now")
RECORDS = [
    SITE,
    ALLOW,
    Observation(SITE, "t", Step.CALL, 3, exempt=Exempt.ACCESSOR, detail=("one", "two")),
    BlindSpot("shop.old", "why"),
    Guard("shop.old", "monitoring"),
    Decision(Verdict.FAIL, "why", ("fixed: x",), (SITE.id,)),
    Marks((Expect((Rule.DEPRECATED_USE,), None, Target("shop.old", "Log"), until=datetime.date(2027, 1, 2)),)),
    Marks(allows=(Allowed(ssot="orders", reason="why"),), enforce=True, names=("slow",)),
    Event("call", "shop.old.Log", "", 2, (Flag.TYPE_CHECKING,), 7, later=True),
    Facts(
        "shop.user",
        is_package=False,
        names={"Log": ["shop.old.Log"]},
        places=[StatementSpan(3, "total", "Log()", 0, "Log()", 0, 3, 5)],
        events=[Event("call", "shop.old.Log", "", 0)],
        allows=[ALLOW],
        allowed={"0:deprecated-use": 0},
        marks={"total": [("ssot_allow", "()", "{}")]},
        unreadable=SITE,
    ),
    Declared(
        "shop.old",
        (Declaration("function", "log", 3, given={"name": "x"}),),
        {"Gone": ("DeprecationWarning",)},
        {"warn": Helper(("name",), "{name} is deprecated", defaults={"name": "x"})},
    ),
    Criteria(Words(frozenset({"Log", "old"}), clock=True), Words(frozenset()), whole=False),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_from_json_as_it_was(record: Any) -> None:
    assert made(type(record), json.loads(json.dumps(plain(record)))) == record


def test_what_is_no_part_of_a_sites_identity_comes_back_too() -> None:
    again = made(Site, plain(SITE))
    assert (again.text, again.line, again.flags, again.squeezed) == (SITE.text, SITE.line, SITE.flags, SITE.squeezed)


def test_a_shared_record_is_a_number() -> None:
    seen = [Observation(SITE, "t", Step.CALL), Observation(SITE, "u", Step.SETUP)]
    written = plain(seen, Shared([SITE]))
    assert [each[0] for each in written] == [0, 0]
    assert made(list[Observation], written, [SITE]) == seen


def test_the_last_parts_of_a_record_are_left_out_where_they_are_as_they_are_by_default() -> None:
    seen = Observation(SITE, "t", Step.CALL)
    assert plain(seen)[1:] == ["t", "call"]
    assert made(Observation, plain(seen)) == seen


def test_the_parts_of_a_record_leave_out_what_is_as_it_is_by_default() -> None:
    packet = TestPacket(test="t", step=Step.CALL)
    assert parts(packet) == {"test": "t", "step": "call"}
    assert TestPacket(**made_parts(TestPacket, {**parts(packet), "from a later version": 1})) == packet


class Odd(NamedTuple):
    """A record of kinds that no other has."""

    phase: Phase | None = None
    pairs: tuple[tuple[str, int], ...] = ()
    table: Mapping[str, tuple[int, bool]] = {}
    whatever: Any = None


@pytest.mark.parametrize(
    "odd",
    [Odd(), Odd(Phase.ENFORCE, (("a", 1), ("b", 2)), {"x": (1, True)}, [1, "two"])],
    ids=["empty", "full"],
)
def test_options_pairs_and_tables_come_back(odd: Odd) -> None:
    assert made(Odd, plain(odd)) == odd


@pytest.mark.parametrize(
    "damaged",
    [[], plain(SITE)[:5], [*plain(SITE), "more"], ["no-such-rule", *plain(SITE)[1:]], None, 7, "text"],
    ids=["nothing", "a part is missing", "a part too many", "an unknown rule", "none", "a number", "a text"],
)
def test_what_was_not_written_so_is_refused(damaged: object) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)):
        made(Site, damaged)


@dataclass(frozen=True, slots=True)
class Live:
    """A record that holds what lives in one process alone."""

    error: type[BaseException]
    both: int | str = 0


def test_what_lives_in_one_process_alone_is_neither_written_nor_read() -> None:
    with pytest.raises(TypeError, match="type has no plain form: <class 'ValueError'>"):
        plain(Live(ValueError))
    with pytest.raises(TypeError, match="has no plain form"):
        made(Live, ["ValueError", 0])


def test_parts_are_read_by_their_names_and_the_others_left_alone() -> None:
    kept = {"allowed": {SITE.id: 0}, "exempt": {SITE.id: "accessor"}, "lines": {SITE.id: [[3, True]]}}
    assert made_parts(ScanResult, kept, [ALLOW]) == {
        "allowed": {SITE.id: ALLOW},
        "exempt": {SITE.id: Exempt.ACCESSOR},
        "lines": {SITE.id: [(3, True)]},
    }
