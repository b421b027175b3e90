"""Hold what the plugin costs to limits, in instructions, which no load of the machine changes.

    python benchmarks/regression.py             fails where a limit is exceeded; needs valgrind, and no peers

Each figure is a ratio to the same work without the plugin. The limits leave room for other compilers and interpreters:
they are there to notice a cost that doubles, not one that grows by a tenth. Takes a minute or two on two free cores.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suites import OURS, PLAIN, SUITES, UNUSED, USER, VALGRIND, Ring

LIMITS = {
    "starting a run, unconfigured": 1.05,
    "starting a run, configured": 2.2,
    "a trivial test": 1.4,
    "uuid4 from outside the source": 1.15,
    "uuid4 recorded": 1.35,
    "a watched class from outside the source": 3.5,
    "a watched class recorded": 6.0,
    "an unwatched function": 1.0005,
    "importing an unrelated module": 1.05,
}

WORK = """
import importlib, sys
sys.dont_write_bytecode = True
root, watched, module, function, count = sys.argv[1], sys.argv[2] == "watched", *sys.argv[3:5], int(sys.argv[5])
sys.path[:0] = [root, root + "/site-packages"]
from pathlib import Path
from pytest_ssot_tracker.detect import install
from pytest_ssot_tracker.detect.recorder import Recorder
from pytest_ssot_tracker.settings import load
settings = load(Path(root), config_file=Path(root, "ssot.toml"))
if watched:
    install(settings, recorder=Recorder(settings.tree))
getattr(importlib.import_module(module), function)(count)
"""

UNWATCHED = """
class Plain:
    def __init__(self, x):
        self.x = x

def nothing(count):
    for _ in range(count):
        Plain(1)
"""

IMPORTS = "def every(count):\n    for number in range(count):\n        __import__(f'app.m{number}')\n"

FEW, MANY = 100, 2_100
MODULES = 120

LOOPS = {
    "uuid4 from outside the source": ("theirs", "ids", MANY),
    "uuid4 recorded": ("app.ours", "ids", MANY),
    "a watched class from outside the source": ("theirs", "things", MANY),
    "a watched class recorded": ("app.ours", "things", MANY),
    "an unwatched function": ("app.ours", "nothing", MANY),
    "importing an unrelated module": ("every", "every", MODULES),
}


def loops(ring: Ring, pool: ThreadPoolExecutor) -> dict[str, float]:
    """Return the ratio of each loop of `LOOPS`, watched to unwatched, by the instructions of one round of it."""
    root = ring.write(next(suite for suite in SUITES if suite.name == "imports"), MODULES)
    (root / "app" / "ours.py").write_text(USER + UNWATCHED)
    (root / "every.py").write_text(IMPORTS)
    script = root / "work.py"
    script.write_text(WORK)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(root)], check=True)
    runs = {}
    for name, (module, function, many) in LOOPS.items():
        for watched in ("watched", "plain"):
            for count in (0 if many == MODULES else FEW, many):
                words = [sys.executable, str(script), str(root), watched, module, function, str(count)]
                environment = ring.environment(PLAIN, root)
                runs[name, watched, count > FEW] = pool.submit(_count, words, environment)
    counts = {key: run.result() for key, run in runs.items()}
    return {
        name: (counts[name, "watched", True] - counts[name, "watched", False])
        / (counts[name, "plain", True] - counts[name, "plain", False])
        for name in LOOPS
    }


def sessions(ring: Ring, pool: ThreadPoolExecutor) -> dict[str, float]:
    """Return the ratios of what a run of pytest costs once, and for each trivial test."""
    suite = next(suite for suite in SUITES if suite.name == "trivial")
    few, many = 10, 60
    roots = {size: ring.write(suite, size) for size in (few, many)}
    runs = {
        (one.name, size): pool.submit(ring.count, one, roots[size])
        for one, size in ((PLAIN, few), (PLAIN, many), (OURS, few), (OURS, many), (UNUSED, few))
    }
    counts = {key: run.result() for key, run in runs.items()}
    each = {one.name: (counts[one.name, many] - counts[one.name, few]) / (many - few) for one in (PLAIN, OURS)}
    once = {one.name: counts[one.name, few] - few * each[one.name] for one in (PLAIN, OURS)}
    return {
        "starting a run, unconfigured": counts[UNUSED.name, few] / counts[PLAIN.name, few],
        "starting a run, configured": once[OURS.name] / once[PLAIN.name],
        "a trivial test": each[OURS.name] / each[PLAIN.name],
    }


def _count(words: list[str], environment: dict[str, str]) -> int:
    done = subprocess.run([*VALGRIND, *words], env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"I +refs: +([\d,]+)", done.stderr)
    assert found, done.stderr
    return int(found[1].replace(",", ""))


def main() -> None:
    """Measure, print, and exit with 1 where a limit is exceeded, with 2 where nothing can be measured."""
    if shutil.which("valgrind") is None:
        print("NOT CHECKED: valgrind is missing (apt-get install valgrind)", file=sys.stderr)
        raise SystemExit(2)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        ring = Ring(Path(folder), calls=0)
        ratios = {**sessions(ring, pool), **loops(ring, pool)}
    print(f"Python {sys.version.split()[0]}: instructions, as ratios to the same without the plugin")
    for name, limit in LIMITS.items():
        verdict = "" if ratios[name] <= limit else "   EXCEEDED"
        print(f"{name:42} {ratios[name]:8.4f}   limit {limit}{verdict}")
    raise SystemExit(any(ratios[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    main()
