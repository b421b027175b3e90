"""A target of which nothing is to be seen is gone for good, a blind spot, or a slip of the pen."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.judge.absent_targets import AbsentTargets, standing
from pytest_ssot_tracker.model import BlindSpot
from pytest_ssot_tracker.settings.tables import Unfound

PAIR = ("orders", "shop.old:Log")
GONE = Unfound(*PAIR, goes=True, lacks="shop.old has no 'Log'", was="known to git")
NEVER = GONE._replace(was="")
MADE = NEVER._replace(sure=False, may_be_made=True, lacks="shop.old has no 'Log'; it makes names")
OPEN = MADE._replace(may_be_made=False)
NEW = Unfound("orders", "shop.new:Log", lacks="there is no module 'shop.new'")


def stands(row: Unfound, *, met: bool = False, gone: bool = False, ran: bool = True) -> AbsentTargets:
    pair = {(row.table, row.target)}
    return standing([row], met=pair if met else set(), gone=pair if gone else set(), ran=ran)


def why(row: Unfound, **more: bool) -> str:
    (spot,) = stands(row, **more).blind_spots
    assert (spot.target, spot.ssot) == (row.target, row.table)
    return spot.why


@pytest.mark.parametrize("row", [GONE, NEVER, MADE, OPEN, NEW, NEVER._replace(near="shop.old:Logs")])
def test_what_a_run_has_met_is_watched(row: Unfound) -> None:
    assert stands(row, met=True) == AbsentTargets()


def test_what_is_known_to_have_been_there_is_gone_for_good() -> None:
    assert stands(GONE) == stands(GONE, gone=True) == stands(GONE, ran=False) == AbsentTargets(retired=(PAIR,))


def test_of_what_nobody_knows_it_is_said_how_to_settle_it() -> None:
    assert why(NEVER) == (
        "shop.old has no 'Log', and nothing tells that it ever was there; "
        "correct the name, or list it under 'retired' where it is gone for good"
    )
    assert "(this is no git repository); correct" in why(NEVER._replace(trouble="this is no git repository"))
    assert why(NEW) == ("there is no module 'shop.new', so nothing of it is watched; write it, or correct the name")


def test_what_is_made_at_run_time_is_watched_and_never_called_gone() -> None:
    assert stands(MADE) == stands(MADE, ran=False) == AbsentTargets()
    told = why(MADE._replace(was="known to git"), gone=True)
    assert told == "shop.old has no 'Log'; it makes names; it never appeared in this run"
    assert why(OPEN) == told
    assert why(OPEN, ran=False).endswith("; only a run can tell whether it is there")
    assert not any("retired" in why(row, gone=True) for row in (MADE, OPEN))


def test_beside_a_near_name_it_fails_a_run_and_is_a_hint_for_a_scan() -> None:
    row = OPEN._replace(near="shop.old:Logs")
    assert stands(row).failures == ("names: shop.old:Log names nothing; did you mean shop.old:Logs?",)
    assert stands(row, ran=False).failures == ()
    assert why(row, ran=False).endswith("; did you mean shop.old:Logs?")


def test_each_target_stands_for_itself() -> None:
    found = standing([GONE, NEVER._replace(target="a"), MADE._replace(target="b")], met=set(), gone=set(), ran=True)
    assert found.retired == (PAIR,)
    assert [type(spot) for spot in found.blind_spots] == [BlindSpot]
