"""Run whole suites with this plugin, with its peers and with neither, side by side, and print the ratios.

    python benchmarks/suites.py                       every suite, CPU time, interleaved rounds
    python benchmarks/suites.py trivial --count       instructions under valgrind instead, exact to a part in a thousand
    python benchmarks/suites.py ids --calls 10000 --full      the sizes of the aims

Times: every contestant runs once a round, in turn; a figure is the median over the rounds of the ratio to the run of
the same round without any plugin, with the smallest and the largest. Below ten per cent that is noise on most
machines: count instructions then. Counts: two sizes of each suite are run, their difference is what one more test
(or module) costs, and the rest what the run costs once.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import processes

PACKAGE = Path(__file__).parent.parent / "pytest_ssot_tracker"

CONFIG = """\
phase = "baseline"
source = ["app"]
[ssot.old]
deprecated = ["app.old:Old", "app.gone"]
[ids.run]
forbidden = ["uuid:uuid4"]
"""

OLD = "class Old:\n    def __init__(self, x):\n        self.x = x\n"

# What raises under `-W error` is caught, by everybody alike: a `try` costs nothing.
USER = """\
from uuid import uuid4
from app.old import Old

def ids(count):
    for _ in range(count):
        try:
            uuid4()
        except DeprecationWarning:
            pass

def things(count):
    for _ in range(count):
        try:
            Old(1)
        except DeprecationWarning:
            pass
"""

# What peers are made of, as plugins that `-p` names.
PEERS = {
    "bench_floor": """\
import pytest

class Floor:
    current = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.current = item.nodeid
        return (yield)

def pytest_configure(config):
    config.pluginmanager.register(Floor())
""",
    "bench_blockbuster": """\
import pytest
from blockbuster import blockbuster_ctx

@pytest.fixture(autouse=True)
def blocked():
    with blockbuster_ctx() as found:
        yield found
""",
    "bench_wrapt": """\
import sys
import wrapt

seen = {}

def note(wrapped, instance, args, kwargs):
    frame = sys._getframe(1)
    key = frame.f_code.co_filename, frame.f_lasti
    seen[key] = seen.get(key, 0) + 1
    return wrapped(*args, **kwargs)

wrapt.wrap_function_wrapper("uuid", "uuid4", note)
wrapt.wrap_function_wrapper("app.old", "Old.__init__", note)
""",
    "bench_mock": """\
import uuid
from unittest import mock
import app.old

mock.patch("uuid.uuid4", wraps=uuid.uuid4).start()
mock.patch("app.old.Old", wraps=app.old.Old).start()
""",
    "bench_warnings": """\
import uuid
import warnings
import app.old

uuid.uuid4 = warnings.deprecated("uuid4 is no more")(uuid.uuid4)
warnings.deprecated("Old is no more")(app.old.Old)
""",
}

# Only counts what is executed, which takes half the time of callgrind.
VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")

INSTALLED = ("ssot_tracker", "socket", "pytest_cov")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Be one way to run a suite: pytest's `arguments`, what is added to the environment, which installed plugins."""

    name: str
    plugins: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    needs: str | None = None
    since: tuple[int, int] = (3, 10)

    @property
    def available(self) -> bool:
        """Tell whether this interpreter has what it takes."""
        from importlib.util import find_spec

        return sys.version_info >= self.since and (self.needs is None or find_spec(self.needs) is not None)


PLAIN = Contestant(name="no plugin")
OURS = Contestant(name="ssot-tracker", plugins=("ssot_tracker",), arguments=("--ssot-config=ssot.toml",))
UNUSED = Contestant(name="ssot-tracker, unconfigured", plugins=("ssot_tracker",))
COVERAGE = ("--cov=app", "--cov-report=")
SESSION = (
    PLAIN,
    OURS,
    UNUSED,
    Contestant(name="ten-line hook wrapper", arguments=("-p", "bench_floor")),
    Contestant(name="pytest-socket", plugins=("socket",), arguments=("--disable-socket",), needs="pytest_socket"),
    Contestant(name="blockbuster", arguments=("-p", "bench_blockbuster"), needs="blockbuster"),
    Contestant(name="pytest-cov", plugins=("pytest_cov",), arguments=COVERAGE, needs="pytest_cov"),
    Contestant(
        name="pytest-cov, sysmon",
        plugins=("pytest_cov",),
        arguments=COVERAGE,
        environment=(("COVERAGE_CORE", "sysmon"),),
        needs="pytest_cov",
        since=(3, 12),
    ),
    Contestant(
        name="pytest-cov, contexts",
        plugins=("pytest_cov",),
        arguments=(*COVERAGE, "--cov-context=test"),
        needs="pytest_cov",
    ),
)
CALLS = (
    *(one for one in SESSION if one is not UNUSED),
    Contestant(name="wrapt", arguments=("-p", "bench_wrapt"), needs="wrapt"),
    Contestant(name="mock.patch(wraps=)", arguments=("-p", "bench_mock")),
    Contestant(name="warnings.deprecated -W error", arguments=("-p", "bench_warnings", "-W", "error"), since=(3, 13)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Be a suite that can be written in any size: `unit` is what the size counts.

    `sizes` are the two that are counted, `timed` the one that is timed, `full` the one the aims speak of.
    """

    name: str
    unit: str
    write: Callable[[Path, int, int], None]
    sizes: tuple[int, int]
    timed: int
    full: int
    contestants: Sequence[Contestant] = SESSION


def _trivial(root: Path, size: int, _calls: int) -> None:
    for first in range(0, size, 100):
        tests = (
            f"def test_{number}():\n    assert {number} == {number}\n"
            for number in range(first, min(first + 100, size))
        )
        (root / f"test_{first}.py").write_text("\n\n".join(tests))


def _modules(root: Path, size: int, _calls: int) -> None:
    head = "from __future__ import annotations\nimport os\nimport sys\nfrom collections import abc\n"
    inside = "    '''Do it.'''\n    import os\n    return [first, second]\n"
    body = "".join(f"\n\ndef function_{index}(first, second=None):\n{inside}" for index in range(12))
    for number in range(size):
        before = f"from app.m{number - 1} import function_0 as before\n" if number else ""
        (root / "app" / f"m{number}.py").write_text(f"{head}{before}{body}\n\nclass Thing{number}:\n    x = 1\n")
    imports = "".join(f"    import app.m{number}\n" for number in range(size))
    (root / "test_imports.py").write_text(f"def test_imports():\n{imports}")


def _calls(module: str, function: str) -> Callable[[Path, int, int], None]:
    def write(root: Path, size: int, calls: int) -> None:
        tests = (f"def test_{number}():\n    {function}({calls})\n" for number in range(size))
        (root / "test_calls.py").write_text(f"from {module} import {function}\n\n\n" + "\n\n".join(tests))

    return write


def _of_calls(name: str, module: str, function: str) -> Suite:
    write = _calls(module, function)
    return Suite(name=name, unit="test", write=write, sizes=(1, 3), timed=20, full=200, contestants=CALLS)


SUITES = (
    Suite(name="start", unit="test", write=_trivial, sizes=(1, 2), timed=1, full=1, contestants=SESSION),
    Suite(name="trivial", unit="test", write=_trivial, sizes=(20, 120), timed=500, full=2000),
    Suite(name="imports", unit="module", write=_modules, sizes=(20, 120), timed=500, full=500),
    _of_calls("ids, in scope", "app.ours", "ids"),
    _of_calls("ids, outside", "theirs", "ids"),
    _of_calls("class, in scope", "app.ours", "things"),
    _of_calls("class, outside", "theirs", "things"),
)


class Ring:
    """Run contestants on suites, all below one folder."""

    def __init__(self, folder: Path, *, calls: int, package: Path = PACKAGE) -> None:
        self._folder = folder
        self._calls = calls
        self._library = folder / "lib"
        # A copy, so that nobody's edit in the middle of a measurement is taken for a cost.
        shutil.copytree(package, self._library / "pytest_ssot_tracker", ignore=shutil.ignore_patterns("__pycache__"))
        for name, text in PEERS.items():
            (self._library / f"{name}.py").write_text(text)
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(self._library)], check=True)

    def write(self, suite: Suite, size: int) -> Path:
        """Return the folder of the suite in this size, written once."""
        root = self._folder / f"{suite.name.replace(', ', '-').replace(' ', '-')}-{size}"
        if not root.exists():
            (root / "app").mkdir(parents=True)
            (root / "site-packages").mkdir()
            (root / "pytest.ini").write_text("[pytest]\n")
            (root / "ssot.toml").write_text(CONFIG)
            (root / "app" / "__init__.py").write_text("")
            (root / "app" / "old.py").write_text(OLD)
            (root / "app" / "ours.py").write_text(USER)
            (root / "site-packages" / "theirs.py").write_text(USER)
            suite.write(root, size, self._calls)
            self.run(PLAIN, root)  # compiles the tests
        return root

    def warm(self, contestants: Iterable[Contestant], root: Path) -> None:
        """Run each once, unmeasured: pytest compiles a plugin anew, its asserts rewritten, when it first loads it."""
        for one in contestants:
            self.run(one, root)

    def command(self, contestant: Contestant) -> list[str]:
        """Return the command that runs the suite in the present folder."""
        blocked = [word for name in INSTALLED if name not in contestant.plugins for word in ("-p", f"no:{name}")]
        return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *blocked, *contestant.arguments]

    def environment(self, contestant: Contestant, root: Path) -> dict[str, str]:
        """Return the environment of a run."""
        path = os.pathsep.join((str(self._library), str(root), str(root / "site-packages")))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "COV"))}
        file = {"COVERAGE_FILE": str(root / f"coverage-{contestant.name.replace(' ', '-')}")}
        return {**kept, **file, "PYTHONPATH": path, "PYTHONHASHSEED": "0", **dict(contestant.environment)}

    def run(self, contestant: Contestant, root: Path) -> float:
        """Return the CPU seconds of one run, system time and what it starts included."""
        environment = self.environment(contestant, root)
        return processes.run(contestant.name, self.command(contestant), cwd=root, env=environment).seconds

    def count(self, contestant: Contestant, root: Path) -> int:
        """Return the instructions of one run."""
        done = subprocess.run(
            [*VALGRIND, *self.command(contestant)],
            cwd=root,
            env=self.environment(contestant, root),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{contestant.name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        found = re.search(r"I +refs: +([\d,]+)", done.stderr)
        assert found, done.stderr
        return int(found[1].replace(",", ""))


@dataclass(frozen=True, slots=True)
class Count:
    """Be what a contestant executes: instructions `once` a run and for `each` unit."""

    once: float
    each: float


def counted(ring: Ring, suite: Suite, contestants: Iterable[Contestant], *, jobs: int) -> dict[str, Count]:
    """Return the instructions of each contestant, by its name; a count is not disturbed by others that run."""
    contestants = list(contestants)
    small, large = suite.sizes
    roots = {size: ring.write(suite, size) for size in suite.sizes}
    ring.warm(contestants, roots[min(suite.sizes)])
    with ThreadPoolExecutor(jobs) as pool:
        found = {
            (one.name, size): pool.submit(ring.count, one, root) for one in contestants for size, root in roots.items()
        }
    counts = {}
    for one in contestants:
        few, many = (found[one.name, size].result() for size in suite.sizes)
        each = (many - few) / (large - small)
        counts[one.name] = Count(few - small * each, each)
    return counts


def timed(
    ring: Ring, suite: Suite, contestants: Sequence[Contestant], *, rounds: int, size: int
) -> dict[str, list[float]]:
    """Return the CPU seconds of each contestant, by its name, one for each round."""
    root = ring.write(suite, size)
    ring.warm(contestants, root)
    times: dict[str, list[float]] = {one.name: [] for one in contestants}
    for _ in range(rounds):
        for one in contestants:
            times[one.name].append(ring.run(one, root))
    return times


def show_counts(suite: Suite, counts: dict[str, Count]) -> None:
    """Print a table of instructions."""
    plain = counts[PLAIN.name]
    print(
        f"\n{suite.name}: instructions, Python {sys.version.split()[0]}; no plugin: {plain.once:,.0f} once and "
        f"{plain.each:,.0f} each {suite.unit}"
    )
    print(f"{'':30} {'each ' + suite.unit:>12} {'once':>8} {f'{suite.full} {suite.unit}s':>14}")
    for name, one in counts.items():
        whole = (one.once + suite.full * one.each) / (plain.once + suite.full * plain.each)
        print(f"{name:30} {one.each / plain.each:12.4f} {one.once / plain.once:8.3f} {whole:14.4f}", flush=True)


def show_times(suite: Suite, times: dict[str, list[float]], size: int) -> None:
    """Print a table of ratios."""
    plain = times[PLAIN.name]
    print(
        f"\n{suite.name}: CPU time of {size} {suite.unit}s, Python {sys.version.split()[0]}, {len(plain)} rounds; "
        f"no plugin: {median(plain):.2f} s"
    )
    print(f"{'':30} {'ratio':>8} {'from':>8} {'to':>8} {'more':>10}")
    for name, taken in times.items():
        ratios = [one / base for one, base in zip(taken, plain, strict=True)]
        more = median(one - base for one, base in zip(taken, plain, strict=True))
        print(
            f"{name:30} {median(ratios):8.3f} {min(ratios):8.3f} {max(ratios):8.3f} {1000 * more:7.1f} ms", flush=True
        )


def main(argv: list[str] | None = None) -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "suites", nargs="*", help=f"which suites, by the start of their name: {[one.name for one in SUITES]}"
    )
    parser.add_argument("--only", help="which contestants, by parts of their names, with commas between")
    parser.add_argument("--count", action="store_true", help="count instructions (needs valgrind)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=10_000, help="calls in each test of the suites of calls")
    parser.add_argument("--full", action="store_true", help="time the sizes the aims speak of")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many to count at once")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="another version of the plugin's package")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        ring = Ring(Path(folder), calls=args.calls, package=args.package)
        for suite in SUITES:
            if args.suites and not suite.name.startswith(tuple(args.suites)):
                continue
            asked = [one for one in suite.contestants if one.available and _asked(one, args.only)]
            if args.count:
                show_counts(suite, counted(ring, suite, asked, jobs=args.jobs))
            else:
                size = suite.full if args.full else suite.timed
                show_times(suite, timed(ring, suite, asked, rounds=args.rounds, size=size), size)


def _asked(contestant: Contestant, only: str | None) -> bool:
    return only is None or contestant is PLAIN or any(part in contestant.name for part in only.split(","))


if __name__ == "__main__":
    main()
