"""Measure what a warm run costs whose tree holds many sites, beside the same tests without the plugin.

    python benchmarks/sites.py                                a made tree: 300 files, a site in every function of them
    python benchmarks/sites.py DIR TARGET TEST…               tests of a tree that is there, which is copied first

The scan's answer is kept from a first run; each way of running is then taken in turn, `--rounds` times. Shown are the
least CPU time and the largest memory of each, and the ratio and the difference to the run without the plugin. Exits
with 1 where the difference in memory passes `MEMORY`: that is the same on every machine, as times are not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import processes

MEMORY = 40.0
"""MB that a run may take beyond the tests' own."""

CONFIG = """\
phase = "baseline"
source = ["{package}"]
[ssot.old]
deprecated = ["{target}"]
"""
FILES, FUNCTIONS = 300, 8

WAYS = (
    ("without", ("-p", "no:ssot_tracker")),
    ("no scan", ("-p", "ssot_tracker", "--no-ssot-scan")),
    ("scan", ("-p", "ssot_tracker")),
    ("json", ("-p", "ssot_tracker", "--ssot-report=json")),
)


class Cost(NamedTuple):
    """What one run took: seconds of CPU, and MB."""

    cpu: float
    memory: float


def made(root: Path) -> tuple[str, list[str]]:
    """Lay out a tree full of sites; return the target and the tests."""
    package = root / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "old.py").write_text("class Old:\n    def __init__(self, name):\n        self.name = name\n")
    for number in range(FILES):
        functions = "".join(
            f"\n\ndef use_{index}(name, other=None):\n"
            f"    values = [name, other, {index}]\n"
            f"    if other is not None and len(values) > {index}:\n"
            f"        values = sorted(values, key=str)\n"
            f"    return Old(values[0])\n"
            for index in range(FUNCTIONS)
        )
        (package / f"part_{number}.py").write_text(f"from app.old import Old\n{functions}")
    tests = root / "tests"
    tests.mkdir()
    for number in range(5):
        body = "".join(
            f"\n\ndef test_{index}():\n    assert part_{number}.use_{index}('a').name == 'a'\n"
            for index in range(FUNCTIONS)
        )
        (tests / f"test_{number}.py").write_text(f"from app import part_{number}\n{body}")
    return "app.old:Old", ["tests"]


def run(root: Path, arguments: Sequence[str]) -> Cost:
    """Run the tests once; raise `SystemExit` where they cannot be run."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    ended = processes.run("the suite", command, cwd=root, env=environment)
    return Cost(ended.seconds, ended.megabytes)


def measured(root: Path, tests: Sequence[str], rounds: int) -> Iterator[tuple[str, Cost]]:
    """Yield the cost of each way of running."""
    costs: dict[str, list[Cost]] = {}
    for number in range(rounds + 1):
        for name, arguments in WAYS:
            cost = run(root, [*arguments, *tests])
            if number:  # the first round fills the caches
                costs.setdefault(name, []).append(cost)
    for name, taken in costs.items():
        yield name, Cost(min(cost.cpu for cost in taken), max(cost.memory for cost in taken))


def main() -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?", type=Path)
    parser.add_argument("target", nargs="?")
    parser.add_argument("tests", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        if args.tree is None:
            target, tests = made(root)
        else:
            shutil.copytree(args.tree, root)
            target, tests = args.target, args.tests
        package = target.partition(":")[0].partition(".")[0]
        (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
        (root / "ssot_tracker.toml").write_text(CONFIG.format(package=package, target=target))
        costs = dict(measured(root, tests, args.rounds))
    base = costs["without"]
    print(f"{'':<10}{'CPU':>8}{'ratio':>8}{'memory':>10}{'more':>8}")
    for name, cost in costs.items():
        ratio, more = cost.cpu / base.cpu, cost.memory - base.memory
        print(f"{name:<10}{cost.cpu:>7.2f}s{ratio:>8.2f}{cost.memory:>7.0f} MB{more:>+5.0f} MB")
    return int(any(cost.memory - base.memory > MEMORY for cost in costs.values()))


if __name__ == "__main__":
    sys.exit(main())
