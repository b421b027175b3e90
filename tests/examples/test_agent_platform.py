"""The platform's trees, the plan's suite and the plan's own code give what the example's README says."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("websockets")
pytest.importorskip("pytest_asyncio")

PLATFORM = Path(__file__).parents[2] / "examples" / "agent_platform"
SHARED = (  # what both trees have in common, and must go on having
    "netra_backend/app/services/agent_websocket_bridge.py",
    "netra_backend/app/core/configuration.py",
    "netra_backend/app/core/execution_state.py",
    "netra_backend/app/core/unified_id_manager.py",
    "shared/isolated_environment.py",
    "shared/tracing.py",
    "test_framework/ssot/base_test_case.py",
    "test_framework/ssot/mock_factory.py",
    "test_framework/ssot/server.py",
    "tests/runner_plugin.py",
    "tests/unified_test_runner.py",
    "tests/e2e/test_golden_path_service.py",
    "tests/e2e/test_golden_path_user_flow.py",
    "tests/mission_critical/test_websocket_events.py",
)


def script(name: str) -> ModuleType:
    """Return one of the example's scripts as a module."""
    sys.path.insert(0, str(PLATFORM))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(PLATFORM))


run, mutate, tables = map(script, ("run", "mutate", "tables"))
MUTATIONS = mutate.all_mutations()
ROWS = {row["plan"]: row for row in tables.rows()}


# The trees


def test_one_suite_goes_through_the_whole_migration_as_the_readme_says(tmp_path: Path) -> None:
    runs = tables.Runs(tmp_path)
    for tree in run.PHASES:
        done = runs.of(tree)
        assert done.status == 0, done.said
        assert ("10 sites fixed and taken out" in done.said) is (tree == "halfway")
        assert (done.gate.returncode, "gate passed: " in done.gate.stdout) == (0, True), done.gate.stdout
    _, differ = tables.differences(("rows", "criteria", "service"), runs, tmp_path)
    assert not differ, "".join(differ)


@pytest.mark.parametrize("name", ["own-code", pytest.param("commands", marks=pytest.mark.slow)])
def test_the_plans_own_code_and_commands_end_as_the_readme_says(tmp_path: Path, name: str) -> None:
    _, differ = tables.differences((name,), tables.Runs(tmp_path), tmp_path)
    assert not differ, "".join(differ)


@pytest.mark.parametrize("file", SHARED)
def test_what_the_trees_have_in_common_is_the_same(file: str) -> None:
    before, after = ((PLATFORM / tree / file).read_text(encoding="utf-8") for tree in ("before", "after"))
    assert before == after


# The server as a service

FIVE, USERS, NOTHING = (
    f"tests/e2e/test_golden_path_service.py::{name}"
    for name in (
        "test_each_question_is_answered_in_five_events_of_one_execution",
        "test_users_who_ask_at_the_same_time_hear_of_their_own_executions_alone",
        "test_a_client_that_asks_nothing_has_no_execution",
    )
)


def test_what_the_server_uses_is_on_the_test_that_asked_it_before_and_nothing_is_after(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.propagate")
    used, statuses = {}, {}
    for tree in ("before", "after"):
        root = run.workspace(tree, tmp_path)
        statuses[tree] = run.served(tree, root, quiet=True)
        used[tree] = run.used_by(root)
        outcomes = {test: outcome for test, (outcome, _) in mutate.told(root / run.ASKED).items()}
        ends = "xfailed" if tree == "before" else "passed"
        assert outcomes == {FIVE: ends, f"{FIVE}[1]": ends, f"{FIVE}[2]": ends, USERS: "passed", NOTHING: "passed"}
    once = {"get_agent_state_tracker": 1, "get_timeout_manager": 1}
    assert used["before"] == {
        f"{FIVE}[1]": once,
        f"{FIVE}[2]": once,  # the connection is closed before it is asked again
        USERS: dict.fromkeys(once, 20),
    }
    assert (used["after"], statuses) == ({}, {"before": 1, "after": 0})


def test_without_telemetry_what_the_server_uses_is_in_the_bucket_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking" / "opentelemetry").mkdir(parents=True)
    (tmp_path / "lacking" / "opentelemetry" / "__init__.py").write_text("raise ImportError('not installed')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lacking"))
    root = run.workspace("before", tmp_path)
    run.served("before", root, quiet=True)
    assert run.used_by(root) == {"service": {"get_agent_state_tracker": 22, "get_timeout_manager": 22}}


@pytest.mark.slow
@pytest.mark.parametrize(("tree", "closed"), [("before", 1000), ("after", 0)])
def test_a_thousand_connections_end_with_1011_before_and_never_after(tmp_path: Path, tree: str, closed: int) -> None:
    root = run.workspace(tree, tmp_path)
    command = [sys.executable, "-m", *run.session(tree), "tests/plan/part3_races", "-k", "internal_error", "-s", "-q"]
    thousand = {**os.environ, "PLATFORM_CONNECTIONS": "1000"}
    done = subprocess.run(command, cwd=root, env=thousand, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"1011: (\d+) of 1000", done.stdout) == [str(closed)] * 2


def test_the_environment_names_the_tree_where_no_argument_does() -> None:
    assert run.asked([], "after") == ("after", [])
    assert run.asked(["-q", "-x"], "after") == ("after", ["-q", "-x"])
    assert run.asked(["before", "-q"], "after") == ("before", ["-q"])


# The mutations; `make platform-mutations` runs them all


def test_no_row_is_without_a_mutation_that_it_must_notice() -> None:
    assert {mutation.row for mutation in MUTATIONS} == set(ROWS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_must_notice_a_mutation_is_of_its_row(mutation: Any) -> None:
    row = ROWS[mutation.row]
    if mutation.test.startswith(mutate.GATE):
        assert mutation.test.removeprefix(mutate.GATE) in row["gate"].values()
    else:
        assert tables.holds(row, mutation.test)


def test_the_readme_lists_every_mutation(tmp_path: Path) -> None:
    _, differ = tables.differences(("mutations",), tables.Runs(tmp_path), tmp_path)
    assert not differ, "".join(differ)


def named_in(folder: Path) -> Iterator[str]:
    """Yield the node id of each test in the files of a folder, without parameters."""
    for file in sorted(folder.rglob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        classes = [(f"{node.name}::", node.body) for node in module.body if isinstance(node, ast.ClassDef)]
        for prefix, body in [("", module.body), *classes]:
            for node in body:
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                    yield f"{file.relative_to(folder).as_posix()}::{prefix}{node.name}"


def test_every_test_of_the_suite_is_of_a_row() -> None:
    tests = {f"tests/plan/{test}" for test in named_in(PLATFORM / "tests")}
    tests |= {f"tests/{test}" for tree in ("before", "after") for test in named_in(PLATFORM / tree / "tests")}
    assert len(tests) > 100
    assert [test for test in sorted(tests) if not any(tables.holds(row, test) for row in ROWS.values())] == []


@pytest.mark.parametrize("name", ["breaker-never-opens", "mission-critical-test-fails"])
def test_a_mutation_is_noticed(tmp_path: Path, name: str) -> None:
    (mutation,) = (each for each in MUTATIONS if each.name == name)
    assert mutate.noticed(mutation, {"after": run.workspace("after", tmp_path / "bases")}, tmp_path) == []


def test_a_mutation_that_breaks_nothing_goes_unnoticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = tmp_path / "nothing.patch"
    patch.write_text(
        "What: nothing.\nTree: after\nRow: 4.1 five events\n"
        "Test: tests/plan/part4_golden_path/test_golden_path.py::test_the_five_events_are_sent\nSeen: red\n\n"
        "diff --git a/new.py b/new.py\nnew file mode 100644\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+NOTHING = 0\n"
    )
    monkeypatch.setattr(mutate, "MUTATIONS", tmp_path)
    base = {"after": run.workspace("after", tmp_path / "bases")}
    (problem,) = mutate.noticed(mutate.read(patch), base, tmp_path)
    assert "test_the_five_events_are_sent passed in enforce" in problem
