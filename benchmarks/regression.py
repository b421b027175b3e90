"""Hold what the plugin costs to limits, in instructions, which no load of the machine changes.

    python benchmarks/regression.py             fails where a limit is exceeded; needs valgrind, and no peers
    python benchmarks/regression.py import      only what has this word in its name

Each figure is a ratio to the same work without the plugin. The limits leave room for other compilers and interpreters:
they are there to notice a cost that doubles, not one that grows by a tenth; what a start, a quiet test and an
import add has room for a fifth to a third. Takes a minute or two on two free cores.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

from suites import CONFIG, OLD, OURS, PLAIN, SUITES, UNUSED, USER, VALGRIND, Ring

# Each with the back end that watches in place (until Python 3.11) and with the one that monitors.
LIMITS = {
    "starting a run, unconfigured": (1.028, 1.03),
    "starting a run, configured": (1.415, 1.4),
    "starting a run, configured, scan known": (1.325, 1.3),
    "a trivial test": (1.066, 1.065),
    "a trivial test beside an accessor": (1.1, 1.075),
    "2,000 trivial tests, from start to end": (1.1, 1.095),
    "uuid4 from outside the source": (1.3, 1.32),
    "uuid4 recorded": (1.3, 1.3),
    "a watched class from outside the source": (2.56, 3.79),
    "a watched class recorded": (2.56, 3.79),
    "an unwatched class": (1.03, 1.04),
    "a bypass in a row": (2.95, 4.05),
    "a bypass in turn with its accessor": (4.85, 6.6),
    "a bypass of what inherits how it is made": (21.0, 29.0),
    "a function of a generator module": (4.05, 5.1),
    "an identifier in turn with its generator": (7.85, 10.0),
    "a watched class that inherits no __init__": (8.8, 8.7),
    "what every import passes through": (1.095, 1.14),
    "importing an unrelated module": (1.24, 1.27),
    "500 unrelated modules, from start to end": (1.33, 1.31),
}

WORK = """
import gc, importlib, sys
gc.disable()  # when it runs depends on what was loaded before
sys.dont_write_bytecode = True
root, watched, counts = sys.argv[1], sys.argv[2] == "watched", sys.argv[3:]
sys.path[:0] = [root, root + "/site-packages"]
if watched:
    from pathlib import Path
    from pytest_ssot_tracker.detect import install
    from pytest_ssot_tracker.detect.record.recorder import Recorder
    from pytest_ssot_tracker.settings import load
    settings = load(Path(root), config_file=Path(root, "ssot.toml"))
    install(settings, recorder=Recorder(settings.tree))
for one in counts:
    module, function, count = one.split(":")
    getattr(importlib.import_module(module), function)(int(count))
"""

BARE = """
class Bare:
    pass
"""

BARE_USER = """
from app.old import Bare

def bare(count):
    for _ in range(count):
        Bare()
"""

UNWATCHED = """
class Plain:
    def __init__(self, x):
        self.x = x

def nothing(count):
    for _ in range(count):
        Plain(1)
"""

INSIDE = """
[ssot.bare]
deprecated = ["app.old:Bare"]
[ssot.one]
canonical = "app.tracker:One"
accessors = ["app.tracker:get_one"]
[ssot.heir]
canonical = "app.tracker:Heir"
accessors = ["app.tracker:get_heir"]
[ids.made]
generators = ["app.made"]
forbidden = ["app.old:make"]
"""

ONE = """
class One:
    def __init__(self, x):
        self.x = x

class Base:
    def __init__(self, x):
        self.x = x

class Heir(Base):
    pass

one, heir = One(1), Heir(1)

def get_one():
    return one

def get_heir():
    return heir
"""

MADE = """
def made(prefix):
    return _with(prefix)

def _with(prefix):
    return prefix + "1"

def plain(x):
    return x
"""

INSIDE_USER = """
from app.made import made, plain
from app.old import make
from app.tracker import Heir, One, get_heir, get_one

def row(count):
    for _ in range(count):
        One(1)

def turn(count):
    for _ in range(count):
        get_one()
        One(1)

def heirs(count):
    for _ in range(count):
        get_heir()
        Heir(1)

def plains(count):
    for _ in range(count):
        plain(1)

def makes(count):
    for _ in range(count):
        made("x")
        make()
"""

TRACKER = """
class Tracker:
    def __init__(self):
        self.known = {}

_tracker = None

def get_tracker():
    global _tracker
    _tracker = _tracker or Tracker()
    return _tracker
"""

ACCESSOR = """
[ssot.tracker]
canonical = "app.tracker:Tracker"
accessors = ["app.tracker:get_tracker"]
"""

IMPORTS = "def every(count):\n" + "".join(f"    if count > {n}:\n        import app.m{n}\n" for n in range(120))

# Module and function, and how often it is called: a little in every run, so that all have the same loaded, and much.
LOOPS = {
    "uuid4 from outside the source": ("theirs:ids", 100, 2_100),
    "uuid4 recorded": ("app.ours:ids", 100, 2_100),
    "a watched class from outside the source": ("theirs:things", 100, 4_100),
    "a watched class recorded": ("app.ours:things", 100, 4_100),
    "an unwatched class": ("app.ours:nothing", 100, 20_100),
    "a bypass in a row": ("app.inside:row", 100, 2_100),
    "a bypass in turn with its accessor": ("app.inside:turn", 100, 2_100),
    "a bypass of what inherits how it is made": ("app.inside:heirs", 100, 2_100),
    "a function of a generator module": ("app.inside:plains", 100, 2_100),
    "an identifier in turn with its generator": ("app.inside:makes", 100, 2_100),
    "a watched class that inherits no __init__": ("app.ours:bare", 100, 2_100),
    "what every import passes through": ("every:every", 20, 120),
}


def loops(ring: Ring, pool: ThreadPoolExecutor, word: str) -> Iterator[tuple[str, float]]:
    """Yield the ratio of each loop of `LOOPS`, watched to unwatched, by the instructions of one round of it."""
    suite = next(suite for suite in SUITES if suite.name == "imports")
    root = ring.write(replace(suite, name="loops"), 120)
    (root / "app" / "ours.py").write_text(USER + BARE_USER + UNWATCHED)
    (root / "app" / "old.py").write_text(OLD + BARE + "\ndef make():\n    return 'x'\n")
    (root / "app" / "tracker.py").write_text(ONE)
    (root / "app" / "made.py").write_text(MADE)
    (root / "app" / "inside.py").write_text(INSIDE_USER)
    (root / "ssot.toml").write_text(CONFIG + INSIDE)
    (root / "every.py").write_text(IMPORTS)
    script = root / "work.py"
    script.write_text(WORK)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(root)], check=True)
    environment = ring.environment(PLAIN, root)

    def run(mode: str, name: str | None) -> Future[int]:
        counts = [f"{what}:{many if one == name else few}" for one, (what, few, many) in LOOPS.items()]
        return pool.submit(_count, [sys.executable, str(script), str(root), mode, *counts], environment)

    names = [name for name in LOOPS if word in name]
    runs = {(mode, name): run(mode, name) for name in (None, *names) for mode in ("plain", "watched")}
    base = {mode: runs[mode, None].result() for mode in ("plain", "watched")}
    for name in names:
        more = {mode: runs[mode, name].result() - base[mode] for mode in ("plain", "watched")}
        yield name, more["watched"] / more["plain"]


def sessions(ring: Ring, pool: ThreadPoolExecutor) -> Iterator[tuple[str, float]]:
    """Yield the ratios of what a run of pytest costs once, and for each trivial test and each import."""
    trivial, imports = (next(suite for suite in SUITES if suite.name == name) for name in ("trivial", "imports"))
    few, many = 10, 210
    roots = {size: ring.write(trivial, size) for size in (few, many)}
    loads = {size: ring.write(imports, size) for size in imports.sizes}
    for root in roots.values():
        (root / "app" / "tracker.py").write_text(TRACKER)
        (root / "accessor.toml").write_text((root / "ssot.toml").read_text() + ACCESSOR)
    beside = replace(OURS, name="beside an accessor", arguments=("--ssot-config=accessor.toml",))
    ring.warm((UNUSED, OURS, beside), roots[few])
    asked = [(one, size) for one in (PLAIN, OURS, beside) for size in (few, many)] + [(UNUSED, few)]
    runs = {(one, size): pool.submit(ring.count, one, roots[size]) for one, size in asked}
    counts = {key: run.result() for key, run in runs.items()}
    plain, each = counts[PLAIN, few], {one: counts[one, many] - counts[one, few] for one in (PLAIN, OURS, beside)}
    yield "starting a run, unconfigured", counts[UNUSED, few] / plain
    yield "starting a run, configured", counts[OURS, few] / plain
    yield "a trivial test", each[OURS] / each[PLAIN]
    yield "a trivial test beside an accessor", each[beside] / each[PLAIN]
    # What the scan finds is kept where pytest keeps its cache, as soon as the files are two seconds old.
    kept = [replace(one, arguments=(*one.arguments, "-p", "cacheprovider")) for one in (PLAIN, OURS)]
    for root in (roots[few], *loads.values()) * 2:
        ring.warm(kept, root)
    plain, ours = (ring.count(one, roots[few]) for one in kept)
    yield "starting a run, configured, scan known", ours / plain
    more = (2_000 - few) / (many - few)
    yield "2,000 trivial tests, from start to end", (ours + more * each[OURS]) / (plain + more * each[PLAIN])
    few, many = imports.sizes
    found = {(one.arguments, size): pool.submit(ring.count, one, root) for one in kept for size, root in loads.items()}
    first, last = ([found[one.arguments, size].result() for one in kept] for size in (few, many))
    plain, ours = (b - a for a, b in zip(first, last, strict=True))
    yield "importing an unrelated module", ours / plain
    more = (imports.full - few) / (many - few)
    yield "500 unrelated modules, from start to end", (first[1] + more * ours) / (first[0] + more * plain)


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
    word, exceeded = "".join(sys.argv[1:2]), False
    print(f"Python {sys.version.split()[0]}: instructions, as ratios to the same without the plugin")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        ring = Ring(Path(folder), calls=0)
        asked = loops(ring, pool, word) if any(word in name for name in LOOPS) else ()
        more = sessions(ring, pool) if any(word in name for name in LIMITS if name not in LOOPS) else ()
        for name, ratio in chain(asked, more):
            limit = LIMITS[name][sys.version_info >= (3, 12)]
            exceeded = exceeded or ratio > limit
            verdict = "   EXCEEDED" if ratio > limit else ""
            print(f"{name:42} {ratio:8.4f}   limit {limit}{verdict}", flush=True)
    raise SystemExit(exceeded)


if __name__ == "__main__":
    main()
