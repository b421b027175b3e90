"""A slip of the pen is told from a name that somebody chose."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.names.near import distance, is_near, nearest_of


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("writ", "write"),
        ("wirte", "write"),
        ("OrdrLog", "OrderLog"),
        ("OrderLgo", "OrderLog"),
        ("orderlog", "OrderLog"),
        ("order_log", "OrderLog"),
        ("Orderlgo", "OrderLog"),
        ("legcy", "legacy"),
        ("gte_log", "get_log"),
        ("get_ordre", "get_order"),
        ("AgentStateTrakcer", "AgentStateTracker"),
        ("LEGACY_TIMOUT", "LEGACY_TIMEOUT"),
        ("ap", "app"),
        ("soruce", "source"),
    ],
)
def test_a_few_wrong_letters_are_near_both_ways(name: str, other: str) -> None:
    assert is_near(name, other)
    assert is_near(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("OldLog", "OldLog2"),
        ("OldLog1", "OldLog2"),
        ("PhaseA", "PhaseB"),
        ("phase_a", "phase_b"),
        ("get_log", "set_log"),
        ("get_log", "get_log_x"),
        ("OrderLog", "OrderLogV2"),
        ("Log", "_Log"),
        ("old", "new"),
        ("f", "g"),
        ("f1", "f"),
        ("Tracker", "OrderTracker"),
        ("start", "stop"),
        ("Old", "Old"),
        ("", "x"),
        ("x", "é"),
    ],
)
def test_names_that_were_chosen_to_differ_are_not_near(name: str, other: str) -> None:
    assert not is_near(name, other)
    assert not is_near(other, name)


def test_the_nearest_is_named_and_none_where_none_is_near() -> None:
    assert nearest_of("OrdrLog", ["Orderlogs", "OrderLog", "Tracker"]) == "OrderLog"
    assert nearest_of("gone", ["OrderLog", "Tracker"]) is None
    assert nearest_of("gone", []) is None


def test_a_swap_of_neighbours_counts_once() -> None:
    assert distance("wirte", "write") == 1
    assert distance("", "abc") == distance("abc", "") == 3
    assert distance("abc", "abc") == 0
