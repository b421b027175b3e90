"""Print what watching costs a call, as ratios of the same call unwatched.

    python benchmarks/calls.py              the back end this interpreter has
    python benchmarks/calls.py in-place     the one for 3.10 and 3.11, on any

A line is the call, the ratio, and the nanoseconds added. Each figure is the fastest twentieth of many short slices
of the thread's own time, watched and unwatched in turn, so that a busy machine changes it little. Not the fastest
of all: a virtual machine's clock sometimes stands still.
"""

from __future__ import annotations

import gc
import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from pytest_ssot_tracker.detect.calls.watch import Calls
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree

OLD = "class Old:\n    def __init__(self, x):\n        self.x = x\n\nclass Bare:\n    pass\n"
USER = """\
from uuid import uuid4
from old import Bare, Old

def ids(times):
    for _ in times:
        uuid4()

def made(times):
    for _ in times:
        Old(1)

def bare(times):
    for _ in times:
        Bare()
"""
CALLS, SLICES, ROUNDS = 100, 200, 30


def main(argv: list[str]) -> None:
    """Write two users of the same things, one out of scope, and time both."""
    if "in-place" in argv and sys.version_info >= (3, 12):
        for tool in range(6):
            if sys.monitoring.get_tool(tool) is None:
                sys.monitoring.use_tool_id(tool, "taken")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "site-packages").mkdir()
        (root / "old.py").write_text(OLD)
        (root / "ours.py").write_text(USER)
        (root / "site-packages" / "theirs.py").write_text(USER)
        sys.path[:0] = [str(root), str(root / "site-packages")]
        measure(settings(root), importlib.import_module("ours"), importlib.import_module("theirs"))


def settings(root: Path) -> Settings:
    """Return a configuration that deprecates two classes and forbids `uuid4`."""
    deprecated = (Target.parse("old:Old"), Target.parse("old:Bare"))
    forbidden = (Target.parse("uuid:uuid4"),)
    ssots, ids = (Ssot(name="old", deprecated=deprecated),), (Ids(name="ids", forbidden=forbidden),)
    return Settings(root=root, file=None, tree=Tree.of(root), ssots=ssots, ids=ids)


def measure(configured: Settings, ours: object, theirs: object) -> None:
    """Time each call with and without the watch, in turn, and print the ratios."""
    cases: dict[str, Callable[[range], None]] = {
        f"{what}, {where}": getattr(module, name)
        for what, name in (("uuid4", "ids"), ("a class", "made"), ("a class without __init__", "bare"))
        for where, module in (("out of scope", theirs), ("recorded", ours))
    }
    plain: dict[str, list[float]] = {name: [] for name in cases}
    watched: dict[str, list[float]] = {name: [] for name in cases}
    backend = ""
    gc.disable()
    for _ in range(ROUNDS):
        take(cases, plain)
        recorder = Recorder(configured.tree)
        calls = Calls(configured, recorder=recorder, scope=Scope(recorder.sites))
        for loaded in list(sys.modules.values()):
            calls.plant(loaded)
        take(cases, watched)
        backend = calls.planting.backend
        calls.undo()
    print(f"Python {sys.version.split()[0]}, {backend}")
    for name in cases:
        before, after = (quantiles(one[name], n=20)[0] for one in (plain, watched))
        print(f"{name:40} {after / before:6.2f} {after - before:+8.0f} ns")


def take(cases: dict[str, Callable[[range], None]], times_of: dict[str, list[float]]) -> None:
    """Add the time of one call to `times_of`, in nanoseconds, for each slice."""
    times = range(CALLS)
    for _ in range(SLICES):
        for name, call in cases.items():
            before = time.thread_time_ns()
            call(times)
            times_of[name].append((time.thread_time_ns() - before) / CALLS)


if __name__ == "__main__":
    main(sys.argv[1:])
