from __future__ import annotations

import pytest
from _pytest.nodes import Node

from pytest_ssot_tracker.detect.threads.takers import TAKERS, deaf_of
from pytest_ssot_tracker.plugin.test_run import Running


@pytest.mark.parametrize("module", [name for name in TAKERS if name.startswith("_pytest.")])
@pytest.mark.parametrize("hands_over", [pytest.FixtureDef.execute, Node.setup, Running.pytest_fixture_setup])
def test_what_pytest_and_our_hooks_hand_over_themselves_is_nobodys(module: str, hands_over) -> None:
    assert hands_over.__code__.co_filename in deaf_of(module)


def test_what_a_test_hands_over_is_listened_to() -> None:
    assert __file__ not in deaf_of("_pytest.fixtures")
    assert deaf_of("weakref") == frozenset()
