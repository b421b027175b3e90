"""Part 1: what all else stands on. Must pass first, and in every phase."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from shared.isolated_environment import get_env, isolated
from test_framework.ssot.base_test_case import SSotBaseTestCase
from test_framework.ssot.mock_factory import SSotMockFactory

pytestmark = pytest.mark.ssot_rollback_trigger


def test_the_websocket_tests_are_valid_python() -> None:
    source = Path("netra_backend/tests/unit/test_websocket_notifier.py").read_text(encoding="utf-8")
    compile(source, "test_websocket_notifier.py", "exec")


def test_pytest_collects_the_platforms_tests() -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "--no-ssot",
            "netra_backend/tests",
            "tests/mission_critical",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


class TestFramework(SSotBaseTestCase):
    def test_the_base_class_gives_each_test_its_own_environment(self) -> None:
        assert get_env("TESTING") == "1"

    def test_an_isolated_value_ends_with_its_block(self) -> None:
        with isolated(ONLY_HERE="yes"):
            assert get_env("ONLY_HERE") == "yes"
        assert get_env("ONLY_HERE", "gone") == "gone"

    def test_the_mock_factory_makes_doubles_with_the_five_events(self) -> None:
        notifier = SSotMockFactory().notifier()
        assert hasattr(notifier, "send_agent_started_event")
        assert not hasattr(notifier, "send_agent_paused_event")

    def test_the_test_runner_is_there(self) -> None:
        from tests.unified_test_runner import main

        assert callable(main)
