"""Compare what one watched call costs with what peers make of it, by pyperf.

    python benchmarks/peers.py                       prints ratios to the call left alone
    python benchmarks/peers.py --fast -o calls.json  pyperf's own options

Every figure comes from several processes, each of which sets up one way of watching; the ratio is that of the
medians. What the plugin alone costs is counted exactly by `benchmarks/regression.py`.
"""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyperf
from suites import CONFIG, OLD, PEERS, USER

WRAPPER = """\
import uuid
import app.old

def wrapped(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

uuid.uuid4 = wrapped(uuid.uuid4)
app.old.Old.__init__ = wrapped(app.old.Old.__init__)
"""

CALLS = {"uuid4": "ids", "a class": "things"}
WAYS = (
    "no watch",
    "ssot-tracker, outside",
    "ssot-tracker, recorded",
    "a plain wrapper",
    "wrapt, recorded",
    "mock.patch(wraps=)",
    "warnings.deprecated, ignored",
    "warnings.deprecated, -W error",
)


@cache
def prepared(way: str) -> Any:
    """Return the module of the caller, in a process in which `way` watches."""
    root = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, root)
    for path, text in {
        "app/__init__.py": "",
        "app/old.py": OLD,
        "app/ours.py": USER,
        "site-packages/theirs.py": USER,
        "ssot.toml": CONFIG,
    }.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    sys.path[:0] = [str(root), str(root / "site-packages")]
    if way.startswith("ssot-tracker"):
        from pytest_ssot_tracker.detect import install
        from pytest_ssot_tracker.detect.record.recorder import Recorder
        from pytest_ssot_tracker.settings import load

        settings = load(root, config_file=root / "ssot.toml")
        atexit.register(install(settings, recorder=Recorder(settings.tree)).undo)
    elif way != "no watch":
        warnings.simplefilter("error" if way.endswith("error") else "ignore")
        named = {"a plain": WRAPPER, "wrapt": PEERS["bench_wrapt"], "mock": PEERS["bench_mock"]}
        named["warnings"] = PEERS["bench_warnings"]
        exec(next(text for start, text in named.items() if way.startswith(start)), {})
    return importlib.import_module("theirs" if way.endswith("outside") else "app.ours")


def timed(loops: int, way: str, function: str) -> float:
    """Return the seconds that so many calls take, of this thread's own time: what others do meanwhile is not in it."""
    call: Callable[[int], None] = getattr(prepared(way), function)
    before = time.thread_time()
    call(loops)
    return time.thread_time() - before


def main() -> None:
    """Measure each call each way, and print the ratios."""
    runner = pyperf.Runner(processes=4, values=3, warmups=1, min_time=0.05)
    runner.metadata["description"] = "what one watched call costs"
    found = {}
    for what, function in CALLS.items():
        for way in WAYS:
            if way.startswith("warnings") and sys.version_info < (3, 13):
                continue
            if way.startswith("wrapt") and importlib.util.find_spec("wrapt") is None:
                continue
            found[what, way] = runner.bench_time_func(f"{what}: {way}", timed, way, function)
    if runner.args.worker:
        return
    print(f"\nPython {sys.version.split()[0]}: ratio to the call left alone")
    for (what, way), one in found.items():
        plain = found[what, "no watch"]
        if one is not None and plain is not None:
            print(f"{what:10} {way:32} {one.median() / plain.median():8.2f} {1e9 * one.median():8.0f} ns")


if __name__ == "__main__":
    main()
