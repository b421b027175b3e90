from __future__ import annotations

import datetime
from typing import Any

import execnet.gateway_base
import pytest

from pytest_ssot_tracker.judge import Allowed, Expect, Marks
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
from pytest_ssot_tracker.report import SessionPacket, TestPacket, pack, unpack
from pytest_ssot_tracker.report.wire import PackedSites

THING = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/b.py", 12, "make", "thing = Thing()", 1, "pkg.old")
IMPORT = Site(
    Rule.DEPRECATED_IMPORT, "execution", "pkg.old", "app/c.py", 1, "<module>", "import x", flags=(Flag.GUARDED,)
)
TEST = "tests/test_a.py::test_x[ü]"

FULL = TestPacket(
    test=TEST,
    step=Step.CALL,
    path="tests/test_a.py",
    scope="test_x",
    observations=(
        Observation(THING, TEST, Step.CALL, 3, "db", "module", "Thread-1", exempt=Exempt.ACCESSOR, detail=("a", "b")),
        Observation(THING, TEST, Step.SETUP),
        Observation(IMPORT, None, Step.TEARDOWN, fixture="db", bucket="teardown", origin="somewhere"),
    ),
    decision=Decision(Verdict.FAIL, "why", ("fixed: x",)),
    statuses={THING.id: Status.NEW},
    marks=Marks(
        (
            Expect(
                (Rule.DEPRECATED_USE,),
                "execution",
                Target.parse("pkg.old:Thing"),
                "r",
                "#1",
                datetime.date(2026, 1, 2),
                True,
            ),
        ),
        (Allowed((), None, Target("pkg"), "kept"),),
        True,
        True,
        ("slow", "ssot_enforce"),
    ),
    blind_spots=(BlindSpot("child", "why", None, TEST),),
    raised=True,
)
SESSION = SessionPacket(
    number=2,
    observations=(Observation(IMPORT, None, Step.COLLECT, bucket="collection"),),
    statuses={IMPORT.id: Status.EXPECTED},
    failing=(IMPORT.id,),
    guards=(Guard("pkg.old:Thing", "monitoring"),),
    blind_spots=(BlindSpot("pkg.x", "loaded before", "execution"),),
    met=(("execution", "pkg.there"),),
    gone=(("execution", "pkg.gone"),),
)
PACKETS = [FULL, TestPacket(test=TEST, step=Step.SETUP), SESSION, SessionPacket()]


def through_execnet(plain: Any) -> Any:
    return execnet.gateway_base.loads_internal(execnet.gateway_base.dumps_internal(plain))


@pytest.mark.parametrize("packet", PACKETS)
def test_a_packet_arrives_as_it_was_sent(packet: TestPacket | SessionPacket) -> None:
    assert unpack(through_execnet(pack(packet))) == packet


def test_what_is_no_part_of_a_sites_identity_arrives_too() -> None:
    arrived = unpack(pack(FULL))
    sites = [one.site for one in arrived.observations]
    assert [(one.id, one.line, one.text, one.declared, one.flags) for one in sites] == [
        (one.id, one.line, one.text, one.declared, one.flags) for one in (THING, THING, IMPORT)
    ]


@pytest.mark.parametrize("packet", PACKETS)
def test_a_packet_is_one_text_of_ascii(packet: TestPacket | SessionPacket) -> None:
    assert pack(packet).isascii()


def test_a_test_with_nothing_to_tell_sends_next_to_nothing() -> None:
    assert pack(TestPacket(test="a.py::t", step=Step.CALL)) == '{"test":"a.py::t","step":"call"}'


def test_an_observation_of_a_test_takes_a_few_bytes_beside_its_site() -> None:
    sizes = [
        len(pack(TestPacket(test=TEST, step=Step.CALL, observations=(Observation(THING, TEST, Step.CALL),) * count)))
        for count in (1, 2)
    ]
    assert sizes[1] - sizes[0] == len('[0,1,"call"],')


def test_a_site_that_many_observations_share_is_sent_once() -> None:
    packet = TestPacket(
        test="t", step=Step.CALL, observations=tuple(Observation(THING, "t", Step.CALL, n) for n in range(9))
    )
    assert pack(packet).count(THING.path) == 1


def test_a_site_that_many_packets_hold_is_one_object_where_they_are_unpacked_together() -> None:
    known: dict[Any, Site] = {}
    first, again = (unpack(pack(FULL), known).observations[0].site for _ in range(2))
    assert first is again


def test_packets_that_are_kept_together_share_their_sites() -> None:
    sites = PackedSites()
    kept = [sites.keep(pack(packet)) for packet in (FULL, FULL, SESSION)]
    assert [unpack(sites.whole(each)) for each in kept] == [FULL, FULL, SESSION]
    assert not any(THING.path in each or IMPORT.path in each for each in kept)


def test_exception_types_stay_in_their_process() -> None:
    sent = TestPacket(test="t", step=Step.CALL, marks=Marks((Expect(raises=(ValueError,)),)))
    assert unpack(through_execnet(pack(sent))).marks == Marks((Expect(),))


def test_texts_that_are_no_utf8_arrive_as_they_are() -> None:
    path = "app/\udcff\u202e.py"
    site = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", path, 1, "f\0", "\0x")
    packet = TestPacket(test="t[\udc80]", step=Step.CALL, observations=(Observation(site, "t[\udc80]", Step.CALL),))
    assert unpack(through_execnet(pack(packet))) == packet
