"""The pack is what a project can take over."""

from __future__ import annotations

from acme_policies import policy

from pytest_ssot_tracker.policies import check


def test_the_pack_is_valid() -> None:
    check(policy(), "acme")
