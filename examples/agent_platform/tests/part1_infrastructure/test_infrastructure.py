"""Part 1: what all else stands on. Must pass first, and in every phase."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shared.isolated_environment import environment, get_env, isolated
from test_framework.ssot.base_test_case import SSotAsyncTestCase, SSotBaseTestCase
from test_framework.ssot.mock_factory import SSotMockFactory

pytestmark = pytest.mark.ssot_rollback_trigger


@pytest.mark.parametrize("file", sorted(Path().glob("**/test_*websocket*.py")), ids=str)
def test_the_websocket_tests_are_valid_python(file: Path) -> None:
    compile(file.read_text(encoding="utf-8"), file, "exec")


def test_there_are_websocket_tests() -> None:
    assert Path("netra_backend/tests/unit/test_websocket_notifier.py").is_file()
    assert Path("tests/mission_critical/test_websocket_events.py").is_file()


def test_pytest_collects_the_platforms_tests() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "--no-ssot"]
    found = subprocess.run(
        [*command, "netra_backend/tests", "tests/mission_critical", "tests/e2e"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    for file in ("test_websocket_notifier.py", "test_websocket_events.py", "test_golden_path_user_flow.py"):
        assert file in found.stdout


class TestFramework(SSotBaseTestCase):
    def test_the_base_class_gives_each_test_its_own_environment(self) -> None:
        assert get_env("TESTING") == "1"
        assert "TESTING" not in os.environ

    def test_the_mock_factory_makes_notifiers_with_the_five_events_and_no_more(self) -> None:
        notifier = SSotMockFactory().notifier()
        for event in ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"):
            asyncio.run(getattr(notifier, f"send_{event}_event")("user_1", "thread_1"))
            getattr(notifier, f"send_{event}_event").assert_awaited_once_with("user_1", "thread_1")
        assert not hasattr(notifier, "send_agent_paused_event")
        with pytest.raises(TypeError):
            notifier.send_agent_started_event("user_1")

    def test_the_mock_factory_makes_connections_that_take_text_and_no_more(self) -> None:
        connection = SSotMockFactory().connection()
        asyncio.run(connection.send_text("hello"))
        connection.send_text.assert_awaited_once_with("hello")
        assert not hasattr(connection, "send_bytes")


def test_outside_the_base_class_nothing_of_its_environment_is_left() -> None:
    assert get_env("TESTING", "gone") == "gone"


class TestIsolatedEnvironment:
    def test_an_isolated_value_ends_with_its_block(self) -> None:
        with isolated(ONLY_HERE="yes"):
            assert get_env("ONLY_HERE") == "yes"
            assert environment()["ONLY_HERE"] == "yes"
        assert get_env("ONLY_HERE", "gone") == "gone"
        assert get_env("ONLY_HERE") is None

    def test_an_isolated_value_ends_with_a_block_that_fails(self) -> None:
        with pytest.raises(KeyError), isolated(ONLY_HERE="yes"):
            raise KeyError
        assert get_env("ONLY_HERE", "gone") == "gone"

    def test_the_inner_of_two_values_holds_and_the_outer_comes_back(self) -> None:
        with isolated(VALUE="outer"):
            with isolated(VALUE="inner"):
                assert get_env("VALUE") == "inner"
            assert get_env("VALUE") == "outer"

    def test_an_isolated_value_stands_above_the_processs_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VALUE", "process")
        with isolated(VALUE="isolated"):
            assert (get_env("VALUE"), environment()["VALUE"], os.environ["VALUE"]) == (
                "isolated",
                "isolated",
                "process",
            )
        assert get_env("VALUE", "default") == "process"


loops: list[asyncio.AbstractEventLoop] = []


class TestAsyncFramework(SSotAsyncTestCase):
    @pytest.mark.parametrize("turn", [1, 2])
    async def test_the_async_base_class_runs_each_test_in_a_loop_of_its_own(self, turn: int) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        assert loop not in loops
        loops.append(loop)

    async def test_the_async_base_class_isolates_the_environment_too(self) -> None:
        assert get_env("TESTING") == "1"


def test_a_case_of_the_async_base_class_is_one_for_asyncio() -> None:
    """Pytest 8.0 skips what nothing awaits, which would look like nothing wrong."""
    assert "asyncio" in [mark.name for mark in getattr(SSotAsyncTestCase, "pytestmark", [])]
