"""Run one small suite beside everything a project may use with pytest, without the plugin and with it.

    python benchmarks/harm/combinations.py FOLDER [NAME...]      FOLDER keeps the virtual environment and the suite

The suite looks at what watching could change: signatures, pickles, docs, warnings with their places, tracebacks,
captured output, frozen time, threads, tasks. Compared is what `suites.py` compares, and the figures of coverage.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suites import HERE, Place, Record, differences, read_record

NEEDS = (
    *("coverage", "freezegun", "gevent", "hypothesis", "pytest-asyncio", "pytest-randomly", "pytest-rerunfailures"),
    *("pytest-run-parallel", "pytest-timeout", "pytest-xdist", "time-machine"),
)

FILES = {
    "ssot.toml": 'phase = "baseline"\nsource = ["shop"]\n[ssot.it]\ndeprecated = ["shop.old"]\n'
    '[ids.it]\nforbidden = ["uuid:uuid4"]\npatterns = ["time-format"]\n',
    "pytest.ini": "[pytest]\npythonpath = .\naddopts = --doctest-modules\n",
    "early_gevent.py": "from gevent import monkey\nmonkey.patch_all()\n",
    "shop/__init__.py": "",
    "shop/old.py": '''\
import warnings
from dataclasses import dataclass, field
from uuid import uuid4


class Tracker:
    """Track.

    >>> Tracker("a", size=2)
    Tracker('a', 2)
    """

    def __init__(self, name, *, size: int = 1, **more):
        warnings.warn("old", DeprecationWarning, stacklevel=2)
        self.name = name
        self.size = size

    def __repr__(self):
        return f"Tracker({self.name!r}, {self.size})"

    def fail(self):
        raise ValueError(self)


@dataclass
class Order:
    id: str = field(default_factory=lambda: str(uuid4()))


def get_tracker(name="one"):
    """Return one."""
    return Tracker(name)


async def fetch():
    return get_tracker()
''',
    "tests/test_shop.py": """\
import asyncio, datetime, inspect, logging, pickle, sys, threading, time, traceback
import pytest
from hypothesis import given, settings, strategies as st
from shop import old
from shop.old import Order, Tracker, get_tracker


def test_signature():
    assert str(inspect.signature(Tracker)) == "(name, *, size: int = 1, **more)"
    assert str(inspect.signature(get_tracker)) == "(name='one')"
    assert inspect.getsource(get_tracker).startswith("def get_tracker")
    assert get_tracker.__doc__ == "Return one."
    assert (Tracker.__module__, Tracker.__qualname__) == ("shop.old", "Tracker")
    assert Tracker.__init__.__qualname__ == "Tracker.__init__"
    assert get_tracker.__code__.co_varnames == ("name",)


def test_pickle():
    assert repr(pickle.loads(pickle.dumps(Tracker("a")))) == "Tracker('a', 1)"
    assert pickle.loads(pickle.dumps(get_tracker)) is get_tracker
    assert pickle.dumps(Tracker) == pickle.dumps(Tracker)


def test_warning():
    with pytest.warns(DeprecationWarning) as seen:
        Tracker("a")
    assert seen[0].filename == __file__


def test_warns_freely():
    get_tracker()


def test_fails():
    print("before")
    logging.getLogger().warning("logged")
    get_tracker("x").fail()


def test_wrong_arguments():
    Tracker()


def test_traceback():
    try:
        Tracker(1, 2)
    except TypeError as error:
        assert [frame.name for frame in traceback.extract_tb(error.__traceback__)] == ["test_traceback"]
        assert str(error) == "Tracker.__init__() takes 2 positional arguments but 3 were given"


def test_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(get_tracker("t")))
    thread.start()
    thread.join()
    assert repr(found) == "[Tracker('t', 1)]"


def test_loop():
    assert asyncio.run(old.fetch()).name == "one"


def test_order():
    assert len({Order().id for _ in range(50)}) == 50


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(st.text())
def test_given(name):
    assert Tracker(name).name == name


def test_freezegun():
    import freezegun

    with freezegun.freeze_time("2020-01-01"):
        assert get_tracker(f"id_{int(time.time() * 1000)}").name == "id_1577836800000"
        assert datetime.date.today().year == 2020


def test_time_machine():
    import time_machine

    with time_machine.travel(0, tick=False):
        assert get_tracker(f"id_{int(time.time())}").name == "id_0"


def test_trace_is_left_alone():
    seen = []
    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: seen.append(frame.f_code.co_name))
    get_tracker()
    sys.settrace(before)
    assert seen[:2] == ["get_tracker", "__init__"]
""",
    "tests/test_async.py": """\
import asyncio
import pytest
from shop import old

pytest.importorskip("pytest_asyncio")


@pytest.mark.asyncio
async def test_tasks():
    found = await asyncio.gather(*(old.fetch() for _ in range(3)))
    assert {one.name for one in found} == {"one"}
""",
    "debugged/test_debugged.py": """\
from shop.old import get_tracker


def test_stops():
    tracker = get_tracker("d")
    breakpoint()
    assert tracker.name == "d"
""",
}


@dataclass(frozen=True)
class Combination:
    """Be what runs beside us: options, plugins, and whether under coverage; `typed` goes to standard input."""

    name: str
    options: tuple[str, ...] = ()
    core: str = ""
    typed: str = ""
    tests: str = "tests"


COMBINATIONS = (
    Combination("alone"),
    Combination("coverage, branch, C tracer", core="ctrace"),
    Combination("coverage, branch, sysmon", core="sysmon"),
    Combination("-p no:assertion", ("-p", "no:assertion")),
    Combination("--assert=plain", ("--assert=plain",)),
    Combination("--import-mode=prepend", ("--import-mode=prepend",)),
    Combination("--import-mode=append", ("--import-mode=append",)),
    Combination("--import-mode=importlib", ("--import-mode=importlib",)),
    Combination("pytest-xdist", ("-p", "xdist.plugin", "-n2")),
    Combination("pytest-asyncio", ("-p", "pytest_asyncio.plugin")),
    Combination("pytest-randomly", ("-p", "pytest_randomly", "--randomly-seed=1")),
    Combination("pytest-timeout, signal", ("-p", "pytest_timeout", "--timeout=60", "--timeout-method=signal")),
    Combination("pytest-timeout, thread", ("-p", "pytest_timeout", "--timeout=60", "--timeout-method=thread")),
    Combination("pytest-rerunfailures", ("-p", "pytest_rerunfailures", "--reruns=2")),
    Combination("pytest-run-parallel", ("-p", "pytest_run_parallel.plugin", "--parallel-threads=4")),
    Combination("gevent, all patched", ("-p", "early_gevent")),
    Combination("pdb", ("-s",), typed="p tracker\nw\nc\n", tests="debugged"),
)


def run(place: Place, one: Combination, *more: str) -> tuple[Record, object]:
    """Return what the suite shows, and besides it coverage's figures or what a debugger printed."""
    suite, record = place.folder / "suite", place.folder / "record.jsonl"
    record.unlink(missing_ok=True)
    environment = os.environ | {
        "HARM_RECORD": str(record),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join((str(suite), str(HERE))),
        "COVERAGE_CORE": one.core or "ctrace",
    }
    start = ["-m", "coverage", "run", "--branch", "--source=shop,tests"] if one.core else []
    words = [str(place.python), *start, "-m", "pytest", "-q", "-p", "watcher", "-p", "no:cacheprovider"]
    words += ["--basetemp", str(place.folder / "tmp"), *one.options, *more, one.tests]
    done = subprocess.run(
        words, cwd=suite, env=environment, capture_output=True, text=True, input=one.typed, timeout=300
    )
    (place.folder / "combination.log").write_text(done.stdout + done.stderr)
    besides: object = None
    if one.core:
        shown = [str(place.python), "-m", "coverage", "json", "-q", "-o", "-"]
        files = json.loads(subprocess.run(shown, cwd=suite, env=environment, capture_output=True, check=True).stdout)
        besides = files["files"]
    elif one.typed:
        # Without the line it stopped at, which docs/harm.md speaks of, and the frames of pytest and its plugins.
        besides = [line for line in done.stdout.splitlines() if line.startswith("(Pdb)")]
    return read_record(record, done.returncode), besides


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 1 where something differs."""
    place = Place(Path(arguments[0]).absolute(), sys.executable)
    place.install(NEEDS)
    for name, text in FILES.items():
        file = place.folder / "suite" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    result = place.folder / "combination.json"
    watched = ("-p", "ssot_tracker", "--ssot-config=ssot.toml", f"--ssot-report=json:{result}")
    print(f"{'beside':28} {'reports':>7} {'seen':>6}  differs", flush=True)
    harmed = False
    for one in COMBINATIONS:
        if arguments[1:] and one.name not in arguments[1:]:
            continue
        result.unlink(missing_ok=True)
        (before, figures), (after, figures_after) = run(place, one), run(place, one, *watched)
        seen = sum(site["count"] for site in json.loads(result.read_text())["sites"]) if result.exists() else 0
        harm = [f"{kind} {key}" for kind, key in differences(before, after)]
        if harm:  # flaky is what differs without us, too
            flaky = {f"{kind} {key}" for kind, key in differences(before, run(place, one)[0])}
            harm = [text for text in harm if text not in flaky]
        if one.name == "pytest-xdist":  # which worker takes a test, and so when it ends, is chance
            harm = [text for text in harm if text != "order "]
        if figures != figures_after:
            harm.append("coverage" if one.core else "debugger")
        print(f"{one.name:28} {len(before.order):7} {seen:6}  {'; '.join(harm) or 'nothing'}", flush=True)
        harmed = harmed or bool(harm) or not before.order or not seen
    return int(harmed)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    raise SystemExit(main(sys.argv[1:]))
