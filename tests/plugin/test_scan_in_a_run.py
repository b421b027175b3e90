"""A run reads the source as well: what the scan finds and what the run sees become one list of sites."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_ssot_tracker.cli import main

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]
{top}

[tool.ssot_tracker.ssot.orders]
canonical  = "shop.core:Tracker"
deprecated = ["shop.old", "shop.core:LEGACY"]
{table}

[tool.ssot_tracker.ids.orders]
forbidden = ["uuid:uuid4"]
patterns  = ["time-format"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

NEVER = """\
def never():
    from shop.old import OrderLog

    return OrderLog()
"""

RUNS = """\
import time
import uuid
from dataclasses import dataclass, field

from shop import core


@dataclass
class Order:
    id: str = field(default_factory=uuid.uuid4)


def ident(name):
    now = int(time.time() * 1000)
    return f"{name}_{now}"


def legacy():
    return core.LEGACY
"""

needs_monitoring = pytest.mark.skipif(sys.version_info < (3, 12), reason="lines are watched by sys.monitoring")


class Project:
    """Be a project whose source is scanned as its tests run."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root = pytester.path
        self.output: pytest.RunResult
        self.configure()
        self.write("shop/__init__.py", "")
        self.write("shop/core.py", "LEGACY = 1\n\n\nclass Tracker:\n    pass\n")
        self.write("shop/old.py", "class OrderLog:\n    pass\n")

    def configure(self, *, top: str = 'phase = "ratchet"', table: str = "") -> None:
        self.pytester.makepyprojecttoml(CONFIGURATION.format(top=top, table=table))

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *args: str, test: str | None = None) -> dict[str, object]:
        """Return the result file of a run, with `test` as its test module."""
        if test is not None:
            self.write("tests/test_shop.py", test)
        for name in [name for name in sys.modules if name.partition(".")[0] == "shop" or name == "test_shop"]:
            del sys.modules[name]
        options = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "--ssot-report=json")
        self.output = self.pytester.runpytest_inprocess(*options, *args)
        file = self.root / "ssot-result.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def sites(self, *args: str, test: str | None = None) -> dict[str, dict[str, object]]:
        """Return the sites of a run by `path:line rule`."""
        found = self.run(*args, test=test)["sites"]
        return {f"{one['path']}:{one['line']} {one['rule']}": one for one in found}

    def baseline(self) -> None:
        assert main(["baseline", "--root", str(self.root)]) == 0


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    return Project(pytester)


def test_what_the_scan_alone_finds_fails_the_session_and_no_test(project):
    project.write("shop/use.py", NEVER)
    sites = project.sites(test="def test_nothing():\n    pass\n")
    assert {one["exercise"] for one in sites.values()} == {"unexercised"}
    assert {tuple(one["found_by"]) for one in sites.values()} == {("scan",)}
    project.output.assert_outcomes(passed=1)
    assert project.output.ret == pytest.ExitCode.TESTS_FAILED
    project.output.stdout.fnmatch_lines(
        ["*unexercised: 2 sites found by the scan alone: shop/use.py:2, shop/use.py:4*"]
    )


@pytest.mark.parametrize(("phase", "status"), [("baseline", 0), ("ratchet", 1), ("enforce", 1)])
def test_it_fails_where_an_unmarked_test_would(project, phase, status):
    project.write("shop/use.py", NEVER)
    project.run(f"--ssot-phase={phase}", test="def test_nothing():\n    pass\n")
    assert project.output.ret == status


def test_known_sites_pass_in_ratchet(project):
    project.write("shop/use.py", NEVER)
    project.write("tests/test_shop.py", "def test_nothing():\n    pass\n")
    project.baseline()
    sites = project.sites()
    assert {one["status"] for one in sites.values()} == {"known"}
    assert project.output.ret == 0


def test_without_the_scan_only_the_run_speaks(project):
    project.write("shop/use.py", NEVER)
    assert project.sites("--no-ssot-scan", test="def test_nothing():\n    pass\n") == {}
    assert project.output.ret == 0


def test_scan_and_run_agree_on_one_site(project):
    project.write("shop/use.py", NEVER)
    sites = project.sites(test="from shop.use import never\n\ndef test_it():\n    never()\n")
    assert {tuple(one["found_by"]) for one in sites.values()} == {("scan", "run")}
    assert {one["exercise"] for one in sites.values()} == {"exercised"}
    assert [one["id"] for one in sites["shop/use.py:4 deprecated-use"]["tests"]] == ["tests/test_shop.py::test_it"]


def test_what_only_the_run_can_see_is_dynamic(project):
    project.write("shop/use.py", "def make(module):\n    return __import__('shop.' + module, fromlist=['x'])\n")
    sites = project.sites(test="from shop.use import make\n\ndef test_it():\n    make('old')\n")
    assert {one["exercise"] for one in sites.values()} == {"dynamic"}


def test_type_checking_and_guarded_imports_never_fail(project):
    project.write(
        "shop/use.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.old import OrderLog\n"
    )
    sites = project.sites("--ssot-phase=enforce", test="def test_nothing():\n    pass\n")
    assert [one["flags"] for one in sites.values()] == [["type_checking"]]
    assert project.output.ret == 0


@needs_monitoring
def test_a_site_that_no_detector_sees_is_exercised_by_the_tests_that_run_its_line(project):
    project.write("shop/use.py", RUNS)
    test = """
import threading
from shop.use import Order, ident, legacy

def test_ident():
    assert ident("a")

def test_legacy():
    assert legacy() == 1

def test_both():
    worker = threading.Thread(target=ident, args=("b",))
    worker.start()
    worker.join()
    legacy()
"""
    sites = project.sites("--ssot-phase=baseline", test=test)
    factory = next(site for site in sites.values() if site["target"] == "uuid:uuid4")
    clock = next(site for site in sites.values() if site["target"] == "time-format")
    assert [one["bucket"] for one in factory["tests"]] == ["collection"]
    read = next(site for site in sites.values() if site["rule"] == "deprecated-access")
    assert "tests/test_shop.py::test_ident" in [one["id"] for one in clock["tests"]]
    assert [one["id"] for one in read["tests"]] == ["tests/test_shop.py::test_both", "tests/test_shop.py::test_legacy"]
    assert {site["exercise"] for site in sites.values()} == {"exercised"}


@needs_monitoring
def test_a_function_in_one_line_is_not_run_where_it_is_defined(project):
    functions = (
        "def read(): return core.LEGACY\ndef never(): return core.LEGACY\nclass Late: read = lambda self: core.LEGACY\n"
    )
    project.write("shop/use.py", f"from shop import core\n{functions}")
    test = "from shop.use import read\n\ndef test_it():\n    read()\n"
    sites = project.sites("--ssot-phase=baseline", test=test)
    tests = {site["scope"]: [one["id"] for one in site["tests"]] for site in sites.values()}
    assert tests == {"read": ["tests/test_shop.py::test_it"], "never": [], "Late": []}
    assert {site["scope"] for site in sites.values() if site["exercise"] == "unexercised"} == {"never", "Late"}


def entries(site: dict[str, object]) -> list[tuple[object, ...]]:
    """Return who reached a site, and by what that is known."""
    return [
        (one["id"] and one["id"].rpartition("::")[2], one["step"], one["by"], one["count"]) for one in site["tests"]
    ]


NOT_USED = """\
import uuid
from dataclasses import dataclass, field

import shop.old as L


def conditional(flag=False):
    return L.OrderLog() if flag else None


def alternative(x=1):
    return x or L.OrderLog()


def unasked():
    return lambda: L.OrderLog()


def empty():
    return [L.OrderLog() for x in []]


def lazy():
    return (L.OrderLog() for x in [1])


def guarded():
    try:
        from shop.core import Tracker
    except ImportError:
        from shop.old import OrderLog


def over_lines(flag=False):
    return dict(
        a=1,
        b=L.OrderLog() if flag else None,
        c=3,
    )


@dataclass
class Order:
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
"""


def test_a_line_that_ran_is_no_use_that_happened(project):
    project.write("shop/use.py", NOT_USED)
    test = """
from shop import use

def test_it():
    for function in (use.conditional, use.alternative, use.unasked, use.empty, use.lazy, use.guarded, use.over_lines):
        function()
"""
    sites = project.sites("--ssot-phase=baseline", test=test)
    used = {where for where, site in sites.items() if site["exercise"] == "exercised"}
    assert used == {"shop/use.py:4 deprecated-import"}
    assert len(sites) == 9
    assert {tuple(site["found_by"]) for where, site in sites.items() if where not in used} == {("scan",)}


def test_a_use_that_happened_says_by_what_it_is_known(project):
    project.write("shop/use.py", NOT_USED)
    test = """
from shop import use

def test_it():
    use.conditional(True)
    use.over_lines(True)
    use.over_lines(True)
"""
    sites = project.sites("--ssot-phase=baseline", test=test)
    assert entries(sites["shop/use.py:8 deprecated-use"]) == [("test_it", "call", "call", 1)]
    assert entries(sites["shop/use.py:35 deprecated-use"]) == [("test_it", "call", "call", 2)]
    assert entries(sites["shop/use.py:4 deprecated-import"]) == [(None, "collect", "import", 1)]


BY_LINE = """\
import time
import uuid
from dataclasses import dataclass, field

from shop import core


@dataclass
class Order:
    id: str = field(default_factory=uuid.uuid4)
    name: str = field(default_factory=lambda: f"order-{time.time()}")


def several():
    return dict(
        a=1,
        b=core.LEGACY,
        c=3,
    )


def later():
    return (core.LEGACY for x in [1])
"""


@needs_monitoring
def test_a_line_counts_once_in_each_step_of_a_test(project):
    project.write("shop/use.py", BY_LINE)
    test = """
import pytest
from shop import use

@pytest.fixture
def ready():
    use.several()
    use.several()
    yield
    use.several()

def test_first(ready):
    for _ in range(3):
        use.several()

def test_second():
    use.several()
    use.later()

def test_third():
    list(use.later())
    use.Order()
"""
    sites = project.sites("--ssot-phase=baseline", test=test)
    by_scope = {site["scope"]: entries(site) for site in sites.values()}
    assert by_scope["several"] == [
        ("test_first", "call", "line", 1),
        ("test_first", "setup", "line", 1),
        ("test_first", "teardown", "line", 1),
        ("test_second", "call", "line", 1),
    ]
    assert by_scope["later"] == [("test_third", "call", "line", 1)]
    by_target = {site["target"]: entries(site) for site in sites.values()}
    assert by_target["uuid:uuid4"] == [("test_third", "call", "call", 1)]
    assert by_target["time-format"] == [("test_third", "call", "line", 1)]


@needs_monitoring
def test_a_patch_of_an_attribute_of_a_module_is_told_by_its_line(project):
    test = """
from unittest import mock
from shop import old

def test_it(monkeypatch):
    monkeypatch.setattr(old, "OrderLog", None)

def test_never():
    if False:
        mock.patch.object(old, "OrderLog")
"""
    sites = project.sites("--ssot-phase=baseline", test=test)
    by_scope = {site["scope"]: entries(site) for site in sites.values()}
    assert by_scope["test_it"] == [("test_it", "call", "line", 1)]
    assert by_scope["test_never"] == []


def test_what_only_a_line_tells_fails_no_test(project):
    project.write("shop/use.py", BY_LINE)
    test = "from shop import use\n\ndef test_it():\n    use.several()\n    list(use.later())\n"
    sites = project.sites("--ssot-phase=enforce", test=test)
    factory = next(site for site in sites.values() if site["target"] == "uuid:uuid4")
    if sys.version_info >= (3, 12):
        assert entries(factory) == [(None, "collect", "line", 1)]
    project.output.assert_outcomes(passed=1)
    assert project.output.ret == pytest.ExitCode.TESTS_FAILED


@needs_monitoring
def test_what_a_thread_that_outlives_its_test_does_takes_no_line_from_the_next_test(project):
    project.write("shop/use.py", BY_LINE)
    test = """
import threading
from shop import use

go, gone = threading.Event(), threading.Event()

def late():
    go.wait()
    use.several()
    use.several()
    gone.set()

def test_first():
    threading.Thread(target=late, name="late").start()

def test_second():
    go.set()
    gone.wait()
    use.several()
"""
    sites = project.sites("--ssot-phase=baseline", test=test)
    several = next(site for site in sites.values() if site["scope"] == "several")
    assert entries(several) == [(None, "call", "line", 1), ("test_second", "call", "line", 1)]


@needs_monitoring
def test_lines_are_told_by_workers_as_well(project):
    project.write("shop/use.py", BY_LINE)
    project.write("tests/test_shop.py", "from shop import use\n\ndef test_it():\n    use.several()\n    use.later()\n")
    options = ("-n1", "-p", "no:cacheprovider", "-p", "no:asyncio", "--ssot-phase=baseline", "--ssot-report=json")
    project.pytester.runpytest_subprocess(*options)
    sites = json.loads((project.root / "ssot-result.json").read_text())["sites"]
    by_scope = {site["scope"]: entries(site) for site in sites}
    assert by_scope["several"] == [("test_it", "call", "line", 1)]
    assert by_scope["later"] == []


@needs_monitoring
def test_watching_lines_leaves_no_trace(project):
    project.write("shop/use.py", RUNS)
    monitoring = sys.monitoring

    def tools():
        return [(tool, monitoring.get_tool(tool)) for tool in range(6)]

    before = [(name, name and monitoring.get_events(tool)) for tool, name in tools()]
    project.run("--ssot-phase=baseline", test="from shop.use import legacy\n\ndef test_it():\n    legacy()\n")
    assert [(name, name and monitoring.get_events(tool)) for tool, name in tools()] == before


OWN = """\
import pytest

@pytest.mark.ssot_expect_violation("deprecated-use", "deprecated-import", reason="later")
def test_old():
    if False:
        from shop.old import OrderLog
        OrderLog()
"""


def test_a_marker_is_met_by_what_stands_in_the_body_of_its_test(project):
    sites = project.sites("--ssot-phase=baseline", test=OWN)
    project.output.assert_outcomes(xfailed=1)
    assert {one["status"] for one in sites.values()} == {"expected"}


def test_a_marker_is_met_by_its_body_in_a_worker_too(project):
    project.write("tests/test_shop.py", OWN)
    result = project.pytester.runpytest_subprocess(
        "-n1", "-p", "no:cacheprovider", "-p", "no:asyncio", "--ssot-phase=baseline"
    )
    result.assert_outcomes(xfailed=1)
    assert result.ret == 0


def test_a_marker_covers_its_body_also_when_the_test_is_not_selected(project):
    project.run("-k", "nothing", test=OWN + "\n\ndef test_nothing():\n    pass\n")
    assert project.output.ret == 0


def test_an_inline_allow_that_exempts_nothing_is_reported_and_fails_nothing(project):
    project.write("shop/use.py", "x = 1  # ssot: allow[deprecated-use] it was needed once\n")
    project.run(test="def test_nothing():\n    pass\n")
    project.output.stdout.fnmatch_lines(["*shop/use.py:1: it exempts nothing; remove it*"])
    assert project.output.ret == 0


def test_a_budget_counts_what_no_test_reaches(project):
    project.configure(table='max = { "deprecated-import" = 0, "deprecated-use" = 1 }')
    project.write("shop/use.py", NEVER)
    project.run(test="def test_nothing():\n    pass\n")
    project.output.stdout.fnmatch_lines(["*budget: 1 site of deprecated-import in orders, max is 0; remove 1 of them*"])
    assert project.output.ret == 1


COVERED = """\
from shop.use import ident

def test_one():
    ident("a")

def test_two():
    pass
"""


def record(project: Project, *options: str) -> None:
    """Record coverage data with contexts in a run of its own."""
    project.write("tests/test_shop.py", COVERED)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-ssot", *options, "--cov=shop", "--cov-report="],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    Path(project.root, ".coverage").rename(project.root / "contexts")


def test_coverage_data_tells_which_tests_reach_what_this_run_did_not(project):
    project.write("shop/use.py", RUNS)
    record(project, "--cov-context=test")
    sites = project.sites("-k", "two", "--ssot-phase=baseline", "--ssot-coverage=contexts")
    clock = next(site for site in sites.values() if site["target"] == "time-format")
    assert clock["found_by"] == ["scan", "coverage"]
    assert clock["exercise"] == "exercised"
    assert [(one["id"], one["step"]) for one in clock["tests"]] == [("tests/test_shop.py::test_one", "call")]


def test_contexts_that_coverage_itself_names_are_the_tests_of_this_run(project):
    project.write("shop/use.py", RUNS)
    project.write("rc", "[run]\ndynamic_context = test_function\n")
    suite = "from shop.use import ident\n\nclass TestIt:\n    def test_one(self):\n        ident('a')\n"
    project.write("tests/test_shop.py", suite)
    command = ["coverage", "run", "--rcfile=rc", "--data-file=contexts", "-m", "pytest", "-q", "--no-ssot"]
    done = subprocess.run([sys.executable, "-m", *command], cwd=project.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    sites = project.sites("--ssot-phase=baseline", "--ssot-coverage=contexts")
    clock = next(site for site in sites.values() if site["target"] == "time-format")
    assert "coverage" in clock["found_by"]
    assert [one["id"] for one in clock["tests"]] == ["tests/test_shop.py::TestIt::test_one"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nowhere", "*--ssot-coverage: *nowhere: there is no such file; name coverage data that is there*"),
        ("pyproject.toml", "*--ssot-coverage: *pyproject.toml: it is no coverage data: *"),
    ],
)
def test_coverage_data_of_no_use_is_a_usage_error(project, file, message):
    project.run(f"--ssot-coverage={file}", test=COVERED.replace("from shop.use import ident", "ident = str"))
    assert project.output.ret == pytest.ExitCode.USAGE_ERROR
    project.output.stderr.fnmatch_lines([message])


def test_coverage_data_without_a_scan_is_a_usage_error(project):
    project.run("--ssot-coverage=x", "--no-ssot-scan", test="def test_nothing():\n    pass\n")
    assert project.output.ret == pytest.ExitCode.USAGE_ERROR
    project.output.stderr.fnmatch_lines(["*tells of what the scan found; it cannot go with --no-ssot-scan*"])
