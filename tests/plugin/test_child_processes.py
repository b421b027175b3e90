"""A child process counts for the test that started it while that runs; one that is not watched is a blind spot."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SUITE = """
import multiprocessing, os, signal, subprocess, sys, time
from concurrent.futures import ProcessPoolExecutor
import pytest
from shop.service import second_tracker

CODE = "from shop.service import second_tracker as t; t(); t(); t(); "


def twice(_=None):
    second_tracker()
    second_tracker()


def python(*words, **more):
    return subprocess.run([sys.executable, *words], check=True, **more)


def test_subprocess():
    python("-c", CODE)


def test_environment_of_its_own():
    python("-c", CODE, env={"PYTHONPATH": os.getcwd()})


def test_shell():
    subprocess.run(f"{sys.executable} -c '{CODE}'", shell=True, check=True)


def test_posix_spawn():
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", CODE], os.environ)
    os.waitpid(pid, 0)


def test_grandchild():
    python("-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CODE!r}], check=True)")


def test_exit():
    python("-c", CODE + "import os; os._exit(0)")


def test_killed():
    child = subprocess.Popen(
        [sys.executable, "-c", CODE + "print(1, flush=True); import time; time.sleep(60)"], stdout=subprocess.PIPE
    )
    with child:
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)


def test_fork():
    pid = os.fork()
    if not pid:
        twice()
        os._exit(0)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_process(method):
    child = multiprocessing.get_context(method).Process(target=twice)
    child.start()
    child.join()
    assert child.exitcode == 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pool(method):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        assert list(pool.map(twice, range(3))) == [None] * 3


@pytest.fixture
def child():
    twice_before = python("-c", CODE)


def test_fixture(child):
    pass


def test_both():
    second_tracker()
    python("-c", CODE)


def test_innocent():
    python("-c", "import shop.service")


def test_isolated():
    python("-I", "-c", "")


def test_without_site():
    python("-BS", "-c", "pass")


@pytest.mark.ssot_allow("singleton-bypass", reason="the child is meant to")
def test_allowed():
    python("-c", CODE)
"""

COUNTS = {
    "test_subprocess": 3,
    "test_environment_of_its_own": 3,
    "test_shell": 3,
    "test_posix_spawn": 3,
    "test_grandchild": 3,
    "test_exit": 3,
    "test_killed": 3,
    "test_fork": 2,
    "test_process[fork]": 2,
    "test_process[spawn]": 2,
    "test_process[forkserver]": 2,
    "test_pool[fork]": 6,
    "test_pool[spawn]": 6,
    "test_pool[forkserver]": 6,
    "test_fixture": 3,
    "test_both": 4,
    "test_allowed": 3,
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="how processes start is followed on POSIX")


def counts(result: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for site in result["sites"]:
        for one in site["tests"]:
            name = "unattributed" if one["id"] is None else one["id"].rpartition("::")[2]
            found[name] = found.get(name, 0) + one["count"]
    return found


def blind(result: dict[str, Any]) -> dict[str, list[str]]:
    """Return the blind spots of each test, as text."""
    return {
        test["id"].rpartition("::")[2]: [f"{spot['target']}: {spot['why']}" for spot in test["blind_spots"]]
        for test in result["tests"]
        if test.get("blind_spots")
    }


@pytest.fixture
def run(project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Return what runs a suite in a process of its own: runs in one process would share state of `multiprocessing`."""
    monkeypatch.setenv("PYTHONPATH", str(project.pytester.path))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*args: str, suite: str = SUITE) -> dict[str, Any]:
        project.pytester.makepyfile(test_shop=suite)
        plugins = [part for name in ("ssot_tracker", "xdist", "no:cacheprovider") for part in ("-p", name)]
        done = project.pytester.runpytest_subprocess(*plugins, "--no-ssot-scan", "--ssot-report=json", *args)
        run.output = done.stdout.str()  # type: ignore[attr-defined]
        return json.loads(Path(project.pytester.path, "ssot-result.json").read_text())

    # Not below the test's own folder: the address of a server's socket must be short.
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield run
        assert list(Path(folder).glob("ssot-*")) == [], "what children wrote is removed"


def test_children_are_booked_on_the_tests_that_start_them(run):
    watched = run("--ssot-subprocess")
    assert counts(watched) == COUNTS
    failed = {test["id"].rpartition("::")[2] for test in watched["tests"] if test["outcome"] != "passed"}
    assert failed == COUNTS.keys() - {"test_allowed"}
    seen = [one for site in watched["sites"] for one in site["tests"]]
    assert {one["step"] for one in seen if one["id"].endswith("test_fixture")} == {"setup"}
    assert {one["fixture"] for one in seen if one["id"].endswith("test_fixture")} == {"child"}
    assert {one["thread"] for one in seen if one["id"].endswith("test_both")} == {None, "child process"}
    assert blind(watched) == {
        "test_isolated": ["python -c: -I keeps it from reading PYTHONPATH"],
        "test_without_site": ["python -c: -S keeps it from loading sitecustomize"],
    }
    assert watched["run"]["blind_spots"] == []


def test_two_workers_book_the_same(run):
    watched = run("--ssot-subprocess", "-n", "2", "-k", "process or pool or killed or fork or isolated")
    expected = {name: count for name, count in COUNTS.items() if re.search("process|pool|killed|fork", name)}
    assert counts(watched) == expected
    failed = {test["id"].rpartition("::")[2] for test in watched["tests"] if test["outcome"] != "passed"}
    assert failed == expected.keys()
    assert blind(watched) == {"test_isolated": ["python -c: -I keeps it from reading PYTHONPATH"]}


NOT_ASKED = "child processes are watched with --ssot-subprocess only"


def test_without_the_switch_each_start_is_a_blind_spot_of_its_test(run):
    result = run("-k", "not killed")
    assert counts(result) == {"test_both": 1}
    python, fork = [f"python -c: {NOT_ASKED}"], [f"os.fork: {NOT_ASKED}"]
    processes = {
        f"test_{kind}[{method}]": [f"multiprocessing ({method}): {NOT_ASKED}"]
        for kind in ("process", "pool")
        for method in ("fork", "spawn", "forkserver")
    }
    assert blind(result) == {
        **dict.fromkeys(
            ["test_subprocess", "test_environment_of_its_own", "test_shell", "test_posix_spawn", "test_grandchild"],
            python,
        ),
        **dict.fromkeys(["test_exit", "test_fixture", "test_both", "test_innocent", "test_isolated"], python),
        **dict.fromkeys(["test_without_site", "test_allowed"], python),
        "test_fork": fork,
        **processes,
    }
    assert result["run"]["blind_spots"] == []


ODD_STARTS = """
import os, resource, subprocess, sys
import shop.core
from shop.service import second_tracker

CODE = "from shop.service import second_tracker as t; t()"
WORDS = [sys.executable, "-c", CODE]
PATH = f"PYTHONPATH={os.getcwd()}"


def forked(child):
    pid = os.fork()
    if not pid:
        try:
            child()
        finally:
            os._exit(1)
    os.waitpid(pid, 0)


def test_by_keyword():
    forked(lambda: os.execve(path=sys.executable, argv=WORDS, env={"PYTHONPATH": os.getcwd()}))


def test_open_file():
    program = os.open(sys.executable, os.O_RDONLY)
    forked(lambda: os.execve(program, WORDS, {"PYTHONPATH": os.getcwd()}))


def test_before_the_program():
    subprocess.run(["true"], preexec_fn=second_tracker)


def test_system_by_keyword():
    os.system(command=f"{sys.executable} -c '{CODE}'")


def test_another_path():
    subprocess.run(["env", PATH, *WORDS], check=True)


def test_another_path_in_a_shell():
    subprocess.run(f"{sys.executable} -c pass; {PATH} {sys.executable} -c '{CODE}'", shell=True, check=True)


def test_run_by_another_program():
    subprocess.run(["nice", sys.executable, "-I", "-c", ""], check=True)


def test_limited():
    def child():
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        second_tracker()

    forked(child)


def test_limited_from_the_start():
    subprocess.run(WORDS, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)), check=True)


def test_at_exit():
    code = "import atexit; from shop.service import second_tracker; atexit.register(second_tracker)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_replaces():
    code = "import shop.core; shop.core.Tracker.__init__ = lambda self: None; " + CODE
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_asked_for_its_version():
    subprocess.run([sys.executable, "--version"], check=True)
"""


def test_however_oddly_a_child_starts_its_use_is_booked_or_it_is_a_blind_spot(run):
    result = run("--ssot-subprocess", suite=ODD_STARTS)
    seen = ["test_by_keyword", "test_open_file", "test_before_the_program", "test_at_exit"]
    assert counts(result) == dict.fromkeys(seen, 1)
    system = "os.system hands a child nothing by which it could watch; use subprocess"
    path = "what starts it gives it another PYTHONPATH"
    unheard = (
        "it ended and never said that it watched: another user or limits may have kept it from writing, or a signal"
    )
    unwritten = "it could not write what it saw: another user, another root or limits kept it from that"
    assert blind(result) == {
        "test_system_by_keyword": [f"python -c: {system}"],
        "test_another_path": [f"python -c: {path}"],
        "test_another_path_in_a_shell": [f"python -c: {path}"],
        "test_run_by_another_program": ["python -c: -I keeps it from reading PYTHONPATH"],
        "test_limited": [f"a child interpreter: {unwritten}"],
        "test_replaces": ["shop.core:Tracker: its __init__ was replaced meanwhile: not every call was seen"],
        "test_limited_from_the_start": [f"a child interpreter: {unwritten}", f"python -c: {unheard}"],
    }


LATE = """
import multiprocessing, os, subprocess, sys, time
from pathlib import Path
import pytest
from shop.service import log_order, second_tracker

spawning = multiprocessing.get_context("METHOD")


def serve(asked, answered):
    for kind in iter(asked.get, None):
        {"log": log_order, "second": second_tracker}[kind]()
        answered.put(kind)


@pytest.fixture(scope="module")
def service():
    asked, answered = spawning.Queue(), spawning.Queue()
    child = spawning.Process(target=serve, args=(asked, answered))
    child.start()

    def ask(kind):
        asked.put(kind)
        assert answered.get(timeout=30) == kind

    yield ask
    asked.put(None)
    child.join()


def test_starts(service):
    service("second")


def test_innocent(service):
    service("second")
    service("second")


def test_starts_another():
    child = spawning.Process(target=second_tracker)
    child.start()
    child.join()
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_what_a_child_does_after_its_test_is_nobodys(run, method: str):
    result = run("--ssot-subprocess", suite=LATE.replace("METHOD", method))
    assert counts(result) == {"test_starts": 1, "unattributed": 2, "test_starts_another": 1}
    failed = {test["id"].rpartition("::")[2] for test in result["tests"] if test["outcome"] != "passed"}
    assert failed == {"test_starts", "test_starts_another"}
    (late,) = [one for site in result["sites"] for one in site["tests"] if one["id"] is None]
    origin = "a process started by test_shop.py::test_starts by its fixture service"
    assert (late["bucket"], late["origin"], late["thread"]) == ("unattributed", origin, "child process")


EDGES = """
import multiprocessing, os, subprocess, sys
import pytest
from shop.service import second_tracker

CODE = "from shop.service import second_tracker as t; t()"
subprocess.run([sys.executable, "-c", CODE], check=True)
runs = []


@pytest.fixture(scope="module")
def wide():
    yield
    subprocess.run([sys.executable, "-c", CODE], check=True)


def test_quiet(wide):
    pass


@pytest.mark.flaky(reruns=1)
def test_again():
    runs.append(1)
    second_tracker() if len(runs) == 1 else None
    subprocess.run([sys.executable, "-c", CODE], check=True)
"""


def test_collection_and_wide_fixtures_keep_their_buckets_and_a_rerun_counts_with_its_last_attempt(run):
    result = run("--ssot-subprocess", "-p", "rerunfailures", suite=EDGES)
    seen = [one for site in result["sites"] for one in site["tests"]]
    found = {(one["id"] or one["bucket"], one["step"], one["fixture"], one["thread"], one["count"]) for one in seen}
    child = "child process"
    assert found == {
        ("collection", "collect", None, child, 1),
        ("test_shop.py::test_again", "call", None, child, 1),
        ("teardown", "teardown", "wide", child, 1),
    }
    assert {test["id"]: test["outcome"] for test in result["tests"]} == {
        "test_shop.py::test_quiet": "passed",
        "test_shop.py::test_again": "failed",
    }


def test_a_forked_child_that_goes_on_with_the_tests_reports_nothing(run):
    suite = """
        import os
        from shop.service import second_tracker

        def test_loses_its_child():
            if os.fork():
                os.wait()

        def test_next():
            second_tracker()
        """
    result = run("--ssot-subprocess", suite=suite)
    assert counts(result) == {"test_loses_its_child": 1, "test_next": 1}
    assert run.output.count("= ssot: ") == 1


def test_a_run_of_pytest_in_a_child_judges_for_itself_and_is_booked_on_the_test_that_starts_it(run):
    suite = """
        import subprocess, sys
        from pathlib import Path

        def test_outer(monkeypatch):
            monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")  # with it, pytest does not look at what is loaded
            Path("test_inner.py").write_text(
                "from shop.service import second_tracker\\n"
                "def test_inner():\\n    second_tracker()\\n    second_tracker()\\n"
            )
            words = ["-m", "pytest", "-p", "no:asyncio", "-p", "no:randomly", "--no-ssot-scan", "test_inner.py"]
            done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
            assert done.returncode == 1, done.stdout + done.stderr
            assert "2 times by 1 test" in done.stdout
            assert "Module already imported" not in done.stdout
        """
    result = run("--ssot-subprocess", suite=suite)
    assert counts(result) == {"test_outer": 2}
    assert "AssertionError" not in run.output


def test_a_server_that_was_started_too_early_is_a_blind_spot(run, project):
    project.pytester.makepyfile(
        early="""
        import multiprocessing
        from multiprocessing.forkserver import ensure_running

        ensure_running()
        """
    )
    suite = """
        import multiprocessing
        from shop.service import second_tracker

        def test_it():
            child = multiprocessing.get_context("forkserver").Process(target=second_tracker)
            child.start()
            child.join()
        """
    result = run("-p", "early", "--ssot-subprocess", suite=suite)
    why = "the server that forks it was started before this run watched"
    assert blind(result) == {"test_it": [f"multiprocessing (forkserver): {why}"]}


def test_the_summary_says_which_tests_have_children_that_are_not_watched(run):
    suite = """
        import subprocess, sys

        def test_one():
            subprocess.run([sys.executable, "-c", ""])

        def test_two():
            subprocess.run([sys.executable, "-c", ""])

        def test_none():
            subprocess.run(["true"])
        """
    run(suite=suite)
    assert "blind spots\n  test_shop.py::test_one and 1 more test: python -c: child processes" in run.output
    run("-o", "ssot_subprocess=true", suite=suite)
    assert "blind spots" not in run.output


def test_in_a_child_too_a_deprecated_other_name_is_told_from_the_name_of_the_thing(pytester: pytest.Pytester):
    pytester.makepyfile(
        core="class Tracker: pass\nOldTracker = Tracker\n",
        work="import core\ncore.Tracker()\ncore.OldTracker()\ncore.Tracker()\n",
        test_it="import subprocess, sys\ndef test_it(): subprocess.run([sys.executable, '-m', 'work'], check=True)\n",
    )
    pytester.makepyprojecttoml('[tool.ssot_tracker.ssot.x]\ndeprecated = ["core:OldTracker"]\n')
    pytester.runpytest_subprocess("--ssot-subprocess", "--ssot-report", "json:out.json", "--ssot-phase", "baseline")
    result = json.loads((pytester.path / "out.json").read_text())
    seen = [(site["path"], site["line"], site["count"]) for site in result["sites"] if site["tests"]]
    assert seen == [("work.py", 3, 1)]
