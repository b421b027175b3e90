"""What others build on is importable by name from the package, and changes only on purpose."""

from __future__ import annotations

import ast
import inspect
import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import pytest_ssot_tracker
from pytest_ssot_tracker.plugin import hookspecs

PUBLIC = {
    # What `pytest_ssot_report` is given, and all that it is made of
    *("Report", "RunInfo", "SsotRow", "SiteRow", "SeenRow", "TestRow", "AllowRow", "BlindRow", "BudgetRow", "Totals"),
    # What `pytest_ssot_violation` is given beside that, and the words in it
    *("Site", "Rule", "About", "Phase", "Status", "Step", "Exercise", "By", "Flag", "Guard"),
    # What the fixtures `ssot` and `ssot_race` hand out, return and raise
    *("Singletons", "UnknownTableError", "Race", "RaceResult", "StuckError"),
    # How a program watches itself
    *("Watching", "watch"),
}

HOOKS = {
    "pytest_ssot_report": "(report: Report) -> None",
    "pytest_ssot_violation": "(site: Site, row: SiteRow, observation: SeenRow | None) -> None",
}

RACE = "(*callables: Callable[[], Any], rounds: int = 100, seed: int | None = None) -> RaceResult"
WATCH = "(root: str | os.PathLike[str] | None = None, *, config: str | os.PathLike[str] | None = None) -> Watching"


def public() -> dict[str, Any]:
    return {name: getattr(pytest_ssot_tracker, name) for name in pytest_ssot_tracker.__all__}


def named_for_type_checkers() -> dict[str, str]:
    """Return the module that each name is imported from where type checkers alone look."""
    syntax = ast.parse(Path(pytest_ssot_tracker.__file__).read_text())
    block = next(node for node in syntax.body if isinstance(node, ast.If))
    return {
        alias.name: str(node.module) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def types_in(hint: Any) -> Iterator[type]:
    """Yield our own types that an annotation names."""
    for part in get_args(hint):
        yield from types_in(part)
    hint = get_origin(hint) or hint
    if isinstance(hint, type) and hint.__module__.partition(".")[0] == "pytest_ssot_tracker":
        yield hint


def reachable(hints: dict[str, Any]) -> set[type]:
    """Return our own types that `hints` name, and those that their fields and properties lead to."""
    found: set[type] = set()
    waiting = [cls for hint in hints.values() for cls in types_in(hint)]
    while waiting:
        cls = waiting.pop()
        if cls not in found:
            found.add(cls)
            fields = list(get_type_hints(cls).values())
            properties = [value.fget for value in vars(cls).values() if isinstance(value, property)]
            fields += [get_type_hints(read)["return"] for read in properties if read is not None]
            waiting += [each for hint in fields for each in types_in(hint)]
    return found


def signature(function: Any) -> str:
    return str(inspect.signature(function)).replace("'", "").replace("(self, ", "(")


def test_the_public_names_are_these() -> None:
    assert set(pytest_ssot_tracker.__all__) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_is_what_type_checkers_take_it_for(name: str) -> None:
    home = import_module(named_for_type_checkers()[name])
    assert getattr(pytest_ssot_tracker, name) is getattr(home, name)


def test_type_checkers_see_the_public_names_alone() -> None:
    assert set(named_for_type_checkers()) == PUBLIC


def test_the_package_lists_its_public_names() -> None:
    assert set(dir(pytest_ssot_tracker)) >= {*PUBLIC, "__version__"}


def test_a_public_name_loads_nothing_before_it_is_asked_for() -> None:
    said = "import sys, pytest_ssot_tracker; print([name for name in sys.modules if 'ssot' in name])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pytest_ssot_tracker']"


def test_the_hooks_are_these() -> None:
    assert {name: signature(getattr(hookspecs, name)) for name in hookspecs.__all__} == HOOKS


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_whatever_a_hook_is_given_has_a_public_name(hook: str) -> None:
    given = reachable(get_type_hints(getattr(hookspecs, hook), public()))
    assert {cls.__name__ for cls in given} <= PUBLIC


def test_the_race_is_run_like_this() -> None:
    assert signature(pytest_ssot_tracker.Race.__call__) == RACE
    assert pytest_ssot_tracker.Site in reachable(get_type_hints(pytest_ssot_tracker.Race.__call__))


def test_a_program_is_watched_like_this() -> None:
    assert signature(pytest_ssot_tracker.watch) == WATCH


@pytest.mark.parametrize(
    "error",
    [
        pytest_ssot_tracker.UnknownTableError("oders", ("orders",)),
        pytest_ssot_tracker.StuckError(3, ("1 take", "2 give")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_a_fixture_raises_survives_the_way_from_a_worker(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
