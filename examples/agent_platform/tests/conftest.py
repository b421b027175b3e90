"""What the parts of the plan share. The suite runs inside a tree: `python run.py before|halfway|after`."""

from __future__ import annotations

import importlib
import itertools
from types import ModuleType

import pytest

PARTS = ("infrastructure", "violations", "races", "golden_path", "compliance")
AGENTS = "netra_backend.app.agents"
CORE = "netra_backend.app.core"


def pytest_configure(config: pytest.Config) -> None:
    """Register a marker for each part of the plan."""
    for part in PARTS:
        config.addinivalue_line("markers", f"{part}: a test of the plan's part with this name")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the part of the plan that its folder is named after."""
    for item in items:
        for part in PARTS:
            if item.path.parent.name.endswith(part):
                item.add_marker(part)


@pytest.fixture
def retired_module():
    """Return a function that imports a module which the consolidation takes away, `None` once it is gone."""

    def load(name: str) -> ModuleType | None:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            return None

    return load


@pytest.fixture
def consolidated(execution_tracker, retired_module):
    """The tracker, of which the test asks what the modules did that are to go; while they are there, that violates."""
    for name in ("agent_state_tracker", "execution_timeout_manager"):
        retired_module(f"{AGENTS}.{name}")
    return execution_tracker


@pytest.fixture
def engine_of(retired_module):
    """Return a function that makes the engine that serves a user: the supervisor's before, the user's own after."""

    def make(thread: str, connection: object = None, *, user: str = "user_1", **more):
        module = retired_module(f"{AGENTS}.supervisor.execution_engine")
        if module is not None:
            return module.ExecutionEngine(user, thread, connection, **more)
        module = importlib.import_module(f"{AGENTS}.supervisor.user_execution_engine")
        return module.UserExecutionEngine(user, thread, connection, **more)

    return make


class Clock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    time = perf_counter = monotonic


@pytest.fixture
def clock(monkeypatch, retired_module) -> Clock:
    """The clock by which the tracker and its breakers go."""
    hands = Clock()
    for name in ("agent_execution_tracker", "circuit_breaker"):
        module = retired_module(f"{CORE}.{name}")
        if module is not None:
            monkeypatch.setattr(module, "time", hands)
    return hands


@pytest.fixture
def started(execution_tracker):
    """Return a function that creates an execution and reports states of it; it returns the execution's id."""
    runs = itertools.count(1)

    def start(*states: str, thread: str = "thread_1") -> str:
        execution_id = execution_tracker.create_execution("DataHelperAgent", thread, f"run_{next(runs)}")
        for state in states:
            execution_tracker.update_execution_state(execution_id, state)
        return execution_id

    return start
