"""Run the test suites of other projects without the plugin, twice, and with it, and print what differs.

    python benchmarks/harm/suites.py FOLDER [NAME...]      FOLDER keeps the virtual environment and the sources

Each suite comes from its project's source distribution and runs on the code in it. With the plugin means: phase
`baseline`, with `uuid.uuid4` and some of the project's own classes declared deprecated, configured from outside.
What already differs between the two runs without it (flaky) is left out. Compared are outcomes and their order,
captured output, tracebacks, warnings with their places, and the exit status.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
KINDS = ("outcome", "order", "output", "traceback", "warning", "exit")

CONFIGURATION = """\
phase = "baseline"
[ssot.classes]
deprecated = {deprecated}
[ids.ids]
forbidden = ["uuid:uuid4"]
patterns = ["time-format"]
"""


@dataclass(frozen=True)
class Suite:
    """Be a suite: its distribution, where its code and the chosen tests are, and what is declared deprecated."""

    name: str
    deprecated: tuple[str, ...]
    tests: tuple[str, ...] = ("tests",)
    code: str = "src"
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    plugins: tuple[str, ...] = field(default=())


SUITES = (
    Suite(
        "attrs",
        ("attr._make:Attribute", "attr._make:Factory", "attr._make:_CountingAttr"),
        tests=(
            "tests/test_make.py",
            "tests/test_funcs.py",
            "tests/test_validators.py",
            "tests/test_slots.py",
            "tests/test_dunders.py",
        ),
        needs=("hypothesis", "cloudpickle"),
    ),
    Suite("click", ("click.core:Command", "click.core:Option", "click.core:Context", "click.types:Choice")),
    Suite("pluggy", ("pluggy._hooks:HookimplMarker", "pluggy._manager:PluginManager"), tests=("testing",)),
    Suite(
        "structlog",
        ("structlog._base:BoundLoggerBase", "structlog.processors:JSONRenderer", "structlog.testing:LogCapture"),
        needs=("pretend", "freezegun", "pytest-asyncio"),
        plugins=("pytest_asyncio.plugin",),
    ),
    Suite(
        "networkx",
        ("networkx.classes.graph:Graph", "networkx.classes.digraph:DiGraph", "networkx.utils.union_find:UnionFind"),
        tests=("networkx/classes", "networkx/algorithms/shortest_paths"),
        code=".",
        needs=("numpy",),
    ),
    Suite(
        "packaging",
        ("packaging.specifiers:Specifier", "packaging.tags:Tag", "packaging.markers:Marker"),
        tests=(
            "tests/test_markers.py",
            "tests/test_requirements.py",
            "tests/test_tags.py",
            "tests/test_utils.py",
            "tests/test_metadata.py",
        ),
        needs=("pretend", "hypothesis", "tomli-w"),
    ),
    Suite(
        "werkzeug",
        ("werkzeug.wrappers.request:Request", "werkzeug.datastructures.structures:MultiDict", "werkzeug.test:Client"),
        tests=(
            "tests/test_datastructures.py",
            "tests/test_routing.py",
            "tests/test_test.py",
            "tests/test_wrappers.py",
            "tests/test_http.py",
        ),
        needs=("watchdog", "cryptography", "ephemeral-port-reserve"),
    ),
    Suite("tomlkit", ("tomlkit.items:Table", "tomlkit.container:Container"), code=".", needs=("pyyaml",)),
    Suite("itsdangerous", ("itsdangerous.signer:Signer", "itsdangerous.serializer:Serializer"), needs=("freezegun",)),
    Suite(
        "jinja2", ("jinja2.environment:Environment", "jinja2.lexer:Token", "jinja2.runtime:Context"), needs=("trio",)
    ),
    Suite(
        "sqlalchemy",
        ("sqlalchemy.sql.schema:Column", "sqlalchemy.sql.elements:BindParameter", "sqlalchemy.util:immutabledict"),
        tests=("test/base", "test/sql/test_operators.py", "test/sql/test_text.py", "test/engine/test_parseconnect.py"),
        code="lib",
        options=("-p", "no:logging"),
    ),
)


class Place:
    """Be the folder that holds everything: a virtual environment, the sources, the records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"

    def install(self, needs: Iterable[str]) -> None:
        """Install what is missing, the plugin from this checkout."""
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", self.folder / "venv"], check=True)
            self._pip("install", "-e", str(PROJECT))
            backends = (
                "flit_core",
                "hatchling",
                "hatch-vcs",
                "hatch-fancy-pypi-readme",
                "setuptools-scm",
                "poetry-core",
            )
            self._pip("install", "setuptools", *backends)
        self._pip("install", *needs)

    def source(self, suite: Suite) -> Path:
        """Return the unpacked source distribution, of the version that is installed."""
        version = subprocess.run(
            [self.python, "-c", f"from importlib.metadata import version; print(version({suite.name!r}))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        folder = self.folder / "sources" / f"{suite.name}-{version}"
        if not folder.exists():
            down = self.folder / "downloads"
            name = f"{suite.name}-{version}*.tar.gz"
            if not list(down.glob(name)):
                options = ("--no-binary", ":all:", "--no-deps", "--no-build-isolation", "-d", str(down))
                self._pip("download", *options, f"{suite.name}=={version}")
            with tarfile.open(next(down.glob(name))) as archive:
                archive.extractall(folder.parent, filter="data")
        return folder

    def _pip(self, *words: str) -> None:
        subprocess.run([self.python, "-m", "pip", "-q", *words], check=True)


@dataclass(frozen=True)
class Record:
    """Be what a run showed."""

    lines: dict[tuple[str, str], list[str]]
    order: list[str]
    exit: int
    seconds: float


def run(place: Place, suite: Suite, *more: str) -> Record:
    """Return what the suite shows when it is run with `more` arguments."""
    source = place.source(suite)
    record = place.folder / "record.jsonl"
    record.unlink(missing_ok=True)
    environment = os.environ | {
        "HARM_RECORD": str(record),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join((str(source / suite.code), str(HERE))),
    }
    words = [
        place.python,
        "-m",
        "pytest",
        "-q",
        "-p",
        "watcher",
        "-p",
        "no:cacheprovider",
        "--continue-on-collection-errors",
    ]
    for plugin in suite.plugins:
        words += ["-p", plugin]
    words += ["--basetemp", place.folder / "tmp", *suite.options, *more, *suite.tests]
    start = time.perf_counter()
    done = subprocess.run(words, cwd=source, env=environment, capture_output=True, text=True, timeout=600)
    seconds = time.perf_counter() - start
    (place.folder / f"{suite.name}.log").write_text(done.stdout + done.stderr)
    return read_record(record, done.returncode, seconds)


def read_record(file: Path, exit_: int, seconds: float = 0) -> Record:
    """Return what the watcher wrote into `file`, nothing where it wrote none."""
    lines: dict[tuple[str, str], list[str]] = {}
    order = []
    for kind, key, text in map(json.loads, file.read_text(encoding="utf-8").splitlines() if file.exists() else ()):
        lines.setdefault((kind, key), []).append(text)
        if kind == "outcome":
            order.append(key)
    return Record(lines, order, exit_, seconds)


def differences(one: Record, other: Record) -> Iterator[tuple[str, str]]:
    """Yield kind and key of everything that differs."""
    for kind, key in sorted({*one.lines, *other.lines}):
        if Counter(one.lines.get((kind, key), ())) != Counter(other.lines.get((kind, key), ())):
            yield kind, key
    if one.order != other.order and sorted(one.order) == sorted(other.order):
        yield "order", ""
    if one.exit != other.exit:
        yield "exit", f"{one.exit} and {other.exit}"


def with_plugin(place: Place, suite: Suite) -> tuple[Record, int, int]:
    """Return what the suite shows with the plugin, and how many sites and occurrences that recorded."""
    configuration = place.folder / f"{suite.name}.toml"
    configuration.write_text(CONFIGURATION.format(deprecated=json.dumps(suite.deprecated)))
    result = place.folder / f"{suite.name}.json"
    result.unlink(missing_ok=True)
    report = f"--ssot-report=json:{result}"
    found = run(place, suite, "-p", "ssot_tracker", "--ssot-config", str(configuration), report)
    sites = json.loads(result.read_text())["sites"] if result.exists() else []
    seen = [site for site in sites if site["count"]]
    return found, len(seen), sum(site["count"] for site in seen)


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 1 where something differs."""
    place = Place(Path(arguments[0]).absolute())
    chosen = [suite for suite in SUITES if not arguments[1:] or suite.name in arguments[1:]]
    place.install({name for suite in chosen for name in (suite.name, *suite.needs)})
    print(
        f"{'suite':22} {'tests':>6} {'flaky':>6} {'sites':>6} {'seen':>9}  {'without':>8} {'with':>8}  differs",
        flush=True,
    )
    harmed = False
    for suite in chosen:
        first, second = run(place, suite), run(place, suite)
        watched, sites, seen = with_plugin(place, suite)
        flaky = set(differences(first, second))
        harm = [one for one in differences(second, watched) if one not in flaky]
        tests = len({key.rpartition(" ")[0] for key in second.order})
        told = ", ".join(f"{count} {kind}" for kind, count in Counter(kind for kind, _ in harm).items()) or "nothing"
        name = place.source(suite).name
        figures = f"{name:22} {tests:6} {len(flaky):6} {sites:6} {seen:9}"
        print(f"{figures}  {second.seconds:6.1f} s {watched.seconds:6.1f} s  {told}", flush=True)
        for kind, key in harm[:10]:
            print(f"    {kind}: {key}")
            for record in (second, watched):
                print(f"        {record.lines.get((kind, key), [])!r:.300}")
        harmed = harmed or bool(harm) or not tests
    return int(harmed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
