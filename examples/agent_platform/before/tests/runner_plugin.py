"""What `unified_test_runner.py` adds to pytest: choosing tests by pattern, and by whether the real server is there.

A request that matches nothing is refused with the nearest names: nothing to run must not look like nothing wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch

import pytest

REAL_SERVICES = "real_services"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register what the runner passes on."""
    group = parser.getgroup("unified_test_runner")
    group.addoption("--runner-pattern", metavar="GLOB", help="run the tests whose node id matches")
    group.addoption("--runner-path", action="append", default=[], metavar="PATH", help="a path that must hold tests")
    group.addoption("--runner-real-services", action="store_true", help="run what talks to the real server, too")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for; raise `UsageError` where nothing is left of something that was."""
    names = [item.nodeid for item in items]
    problems = [
        f"{path}: there is no test in it"
        for path in config.getoption("runner_path")
        if not any(name == path or name.startswith((f"{path}/", f"{path}::")) for name in names)
    ]
    pattern = config.getoption("runner_pattern")
    chosen = [item for item in items if pattern is None or fnmatch(item.nodeid.lower(), pattern.lower())]
    if names and not chosen:
        near = nearest(pattern, names)
        hint = f"the nearest are {', '.join(near)}" if near else f"there are {len(names)} tests, none of them like it"
        problems.append(f"--pattern {pattern}: no test matches; {hint}")
    kept = [item for item in chosen if config.getoption("runner_real_services") or not needs_server(item)]
    if chosen and not kept:
        problems.append(f"all {len(chosen)} tests asked for talk to the real server: add --real-services")
    if problems:
        items.clear()
        raise pytest.UsageError("\n".join(problems))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def needs_server(item: pytest.Item) -> bool:
    """Whether the test talks to the platform's server in a process of its own."""
    return item.get_closest_marker(REAL_SERVICES) is not None


def nearest(pattern: str, names: Iterable[str]) -> Sequence[str]:
    """Return patterns that match some of `names` and are spelled most like `pattern`, at most three."""
    wanted = pattern.strip("*").lower()
    runs = {run for name in names for run in _runs(name.lower())}
    return [f'"*{run}*"' for run in difflib.get_close_matches(wanted, sorted(runs), n=3, cutoff=0.7)]


def _runs(name: str) -> Iterable[str]:
    """Yield every one to four neighbouring words of each part of a node id."""
    for part in name.replace("::", "/").replace(".py", "").split("/"):
        words = part.split("[")[0].split("_")
        for start in range(len(words)):
            for end in range(start + 1, min(start + 4, len(words)) + 1):
                yield "_".join(words[start:end])
