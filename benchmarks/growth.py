"""Show how a run grows with its tests and its observations, beside the same run without the plugin.

    python benchmarks/growth.py [ROW...] [--rounds 2]

Rows: `tests` (500, 2,000 and 8,000 trivial ones), `distinct` (1,000, 4,000 and 16,000 observations, each of a test at a
site of its own, at 100 sites), `repeated` (100,000 and 1,000,000 calls in 100 tests, at one site). Shown are the CPU
time that the plugin takes beyond the run without it, how many times that of the smallest it is, and the memory beyond,
for each that there is more of than in the smallest. The runs take turns; the best round counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import processes

CONFIG = 'phase = "baseline"\nsource = ["app"]\n[ssot.old]\ndeprecated = ["app.old:old"]\n'
WITHOUT, WITH = ("-p", "no:ssot_tracker"), ("-p", "ssot_tracker", "--ssot-config=ssot.toml")
SITES, TESTS = 100, 100


def project(root: Path, tests: int, body: str) -> None:
    """Write a project of so many tests, each of which does what `body` says."""
    (root / "app").mkdir(parents=True)
    (root / "app" / "old.py").write_text("def old():\n    pass\n")
    uses = "".join(f"    x{number} = old()\n" for number in range(SITES))
    again = "def again(count):\n    for _ in range(count):\n        old()\n"
    (root / "app" / "ours.py").write_text(f"from app.old import old\n\n\ndef everywhere():\n{uses}\n\n{again}")
    (root / "ssot.toml").write_text(CONFIG)
    (root / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    for number in range(0, tests, TESTS):
        functions = (f"def test_{test}():\n    {body}\n\n\n" for test in range(number, min(number + TESTS, tests)))
        (root / f"test_{number}.py").write_text(f"from app.ours import again, everywhere\n\n\n{''.join(functions)}")


def tests(root: Path, count: int) -> None:
    """Write so many tests that do nothing."""
    project(root, count, "pass")


def distinct(root: Path, count: int) -> None:
    """Write tests that come to all sites, with so many observations in all."""
    project(root, count // SITES, "everywhere()")


def repeated(root: Path, count: int) -> None:
    """Write tests that come to one site so many times in all."""
    project(root, TESTS, f"again({count // TESTS})")


ROWS: dict[str, tuple[Callable[[Path, int], None], tuple[int, ...]]] = {
    "tests": (tests, (500, 2_000, 8_000)),
    "distinct": (distinct, (1_000, 4_000, 16_000)),
    "repeated": (repeated, (100_000, 1_000_000)),
}


def measure(work: Path, name: str, rounds: int) -> None:
    """Print a row for each size."""
    write, sizes = ROWS[name]
    for size in sizes:
        write(work / f"{name}-{size}", size)
    time.sleep(2.5)  # so old must files be for the scan's answer to be kept
    best: dict[tuple[int, bool], tuple[float, float]] = {}
    for _ in range(rounds + 1):  # the first compiles the tests, and keeps the scan's answer
        for size in sizes:
            for ours in (False, True):
                ended = _run(work / f"{name}-{size}", WITH if ours else WITHOUT)
                seconds, megabytes = best.get((size, ours), (1e9, 1e9))
                best[size, ours] = min(seconds, ended.seconds), min(megabytes, ended.megabytes)
    first: tuple[int, float, float] | None = None
    for size in sizes:
        (plain, held), (watched, more) = best[size, False], best[size, True]
        spent, grown = watched - plain, more - held
        first = first or (size, spent, grown)
        told = "" if size == first[0] else f"  {(grown - first[2]) * 2**20 / (size - first[0]):6.0f} bytes each"
        growth = f"{spent / first[1]:5.1f} times" if first[1] > 0 else ""
        print(f"{size:10,} {name:9} {plain:6.2f} s + {spent:5.2f} s {growth:12} +{grown:5.1f} MB{told}", flush=True)


def _run(root: Path, arguments: tuple[str, ...]) -> processes.Ended:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return processes.run("the suite", command, cwd=root, env=alone)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="tests, distinct, repeated (default: all)")
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        for name in asked.rows or ROWS:
            measure(Path(made).resolve(), name, asked.rounds)


if __name__ == "__main__":
    main()
