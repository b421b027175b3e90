"""Whatever goes wrong around a run: a clear error or a result marked incomplete, and nothing lost that had finished."""

from __future__ import annotations

import errno
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.cli import main
from pytest_ssot_tracker.report.growing import UNENDED
from pytest_ssot_tracker.report.result import ResultError, read

QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest")

FINISHED = """
import os, signal
import pytest
from shop.service import log_order, second_tracker

# A shell starts what runs in the background with interrupts ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

@pytest.mark.parametrize("number", range(3))
def test_finished(number):
    log_order()

{mark}
def test_dies():
    second_tracker()
    {death}

def test_never_runs():
    second_tracker()
"""


@pytest.fixture
def shop(project):
    """Return a project in the phase baseline, where nothing fails by a verdict, with a gate."""
    project.configure(tables='[[tool.ssot_tracker.gate]]\nname = "nothing new fails"\nmeasure = "failures"\nmax = 0\n')
    return project


def killed(project: Any, death: str, *args: str, mark: str = "") -> pytest.RunResult:
    project.pytester.makepyfile(test_shop=FINISHED.format(death=death, mark=mark))
    arguments = (*QUIET, "--ssot-phase=baseline", "--ssot-report=json", "--no-ssot-scan", *args)
    result: pytest.RunResult = project.pytester.runpytest_subprocess(*arguments)
    assert "pytest_ssot_tracker/" not in result.stdout.str() + result.stderr.str(), "no traceback of ours"
    return result


def counts(project: Any) -> dict[str, int]:
    report = read(project.pytester.path / "ssot-result.json")
    assert not report.run.complete
    return {f"{row.site.rule} {row.site.scope}": row.count for row in report.sites}


SLEEP = "import time; time.sleep(60)"
DEATHS = {
    "kill -9": "os.kill(os.getpid(), signal.SIGKILL)",
    "os._exit": "os._exit(0)",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
}


@pytest.mark.parametrize("death", DEATHS.values(), ids=list(DEATHS))
def test_a_run_that_is_killed_leaves_what_had_finished_in_a_result_marked_incomplete(shop, death, capsys):
    (shop.pytester.path / "ssot-result.json").write_text('{"an": "earlier result"}')
    killed(shop, death)
    assert counts(shop) == {"deprecated-import log_order": 3, "deprecated-use log_order": 3}
    plain = json.loads((shop.pytester.path / "ssot-result.json").read_text())
    assert plain["run"]["incomplete"] == [UNENDED]
    assert {one["id"]: one["outcome"] for one in plain["tests"]} == {
        f"test_shop.py::test_finished[{number}]": "passed" for number in range(3)
    }
    assert main(["gate", "--root", str(shop.pytester.path)]) == 1
    assert f"INCOMPLETE  {UNENDED}; a gate passes complete results only" in capsys.readouterr().out


def test_a_run_that_is_killed_calls_nothing_fixed(shop):
    gone = {"rule": "deprecated-use", "ssot": "", "target": "shop.old:x", "scope": "f", "text": "x()"}
    shop.pytester.path.joinpath("ssot-baseline.json").write_text(
        json.dumps({"format": 1, "sites": [["shop/gone.py", gone, None]]})
    )
    shop.pytester.makepyfile(test_shop="import os\ndef test_dies():\n    os._exit(0)\n")
    shop.pytester.runpytest_subprocess(*QUIET, "--ssot-phase=baseline", "--ssot-report=json")
    plain = json.loads((shop.pytester.path / "ssot-result.json").read_text())
    assert (plain["run"]["complete"], plain["fixed"], plain["totals"]["fixed"]) == (False, [], 0)
    shop.pytester.makepyfile(test_shop="def test_lives():\n    pass\n")
    shop.pytester.runpytest_subprocess(*QUIET, "--ssot-phase=baseline", "--ssot-report=json")
    assert json.loads((shop.pytester.path / "ssot-result.json").read_text())["totals"]["fixed"] == 1


def test_a_worker_that_is_killed_loses_no_test_that_had_finished(shop):
    killed(shop, DEATHS["kill -9"], "-n1", "--max-worker-restart=0")
    assert counts(shop)["deprecated-use log_order"] == 3
    report = read(shop.pytester.path / "ssot-result.json")
    assert report.run.lost_workers == ("gw0",)
    assert {test.outcome for test in report.tests if "dies" in test.id} == {"failed"}


def test_workers_that_a_plugin_given_to_main_does_not_reach_make_the_run_incomplete(shop, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    arguments = ["-p", "xdist", "-n1", "-p", "no:cacheprovider", "-o", "ssot_phase=baseline", "test_shop.py"]
    script = f"import pytest\nimport pytest_ssot_tracker.plugin as ours\npytest.main({arguments}, [ours])\n"
    suite = "from shop.service import log_order\ndef test_it(): log_order()\n"
    shop.pytester.makepyfile(test_shop=suite, go=script)
    result = shop.pytester.runpython("go.py")
    result.stdout.fnmatch_lines(["incomplete", "  worker gw0 was lost: *", "  nothing is called fixed *"])


def test_an_interrupt_while_the_run_ends_for_another_leaves_what_had_finished(shop):
    shop.pytester.makeconftest(
        "import pytest, signal\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_sessionfinish():\n"
        "    signal.raise_signal(signal.SIGINT)\n"
    )
    killed(shop, "signal.raise_signal(signal.SIGINT)")
    assert counts(shop)["deprecated-use log_order"] == 3


def test_one_interrupt_ends_with_a_summary_and_a_result_that_says_so(shop):
    output = killed(shop, "signal.raise_signal(signal.SIGINT)")
    assert output.ret == pytest.ExitCode.INTERRUPTED
    output.stdout.fnmatch_lines(["incomplete", "  the session was interrupted"])
    assert counts(shop)["singleton-bypass second_tracker"] == 1


def test_a_timeout_that_raises_in_the_test_keeps_what_it_had_recorded(shop):
    output = killed(shop, SLEEP, mark='@pytest.mark.timeout(1, method="signal")')
    output.assert_outcomes(passed=4, failed=1)
    report = read(shop.pytester.path / "ssot-result.json")
    assert {row.site.scope: row.count for row in report.sites}["second_tracker"] == 2
    assert report.run.complete


def test_a_timeout_that_ends_the_process_leaves_what_had_finished(shop):
    killed(shop, SLEEP, mark='@pytest.mark.timeout(1, method="thread")')
    assert counts(shop)["deprecated-use log_order"] == 3


def test_a_result_cut_off_in_the_middle_of_a_row_loses_that_row_only(shop):
    killed(shop, DEATHS["os._exit"])
    file = shop.pytester.path / "ssot-result.json"
    text = file.read_text()
    file.write_text(text[: text.index('[2]"') + 40])
    report = read(file)
    assert not report.run.complete
    assert [test.id[-3:] for test in report.tests] == ["[0]", "[1]"]
    file.write_text(text[:300])
    with pytest.raises(ResultError, match="the result file is no JSON"):
        read(file)


def test_the_recursion_limit_reached_in_watched_code_changes_nothing_for_the_test(shop):
    shop.run(
        "--ssot-phase=baseline",
        test_shop="""
        import sys
        from shop.service import second_tracker

        def dive(depth):
            second_tracker()
            return dive(depth + 1)

        def test_dives():
            try:
                dive(0)
            except RecursionError:
                pass
            second_tracker()

        def test_next():
            second_tracker()
        """,
    )
    shop.result.assert_outcomes(passed=2)
    report = read(shop.pytester.path / "ssot-result.json")
    assert report.run.complete
    (row,) = report.sites
    assert {one.test for one in row.seen} == {"test_shop.py::test_dives", "test_shop.py::test_next"}
    assert row.count > 100


# Disks

VIOLATES = """
import pytest
from shop.service import second_tracker

@pytest.mark.parametrize("number", range(60))
def test_it(number):
    second_tracker()
"""


SMALL_DISK = """
import resource

def pytest_sessionstart():
    \"\"\"Let no file grow beyond some kilobytes, as on a disk that is almost full.\"\"\"
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (7_000, most))
"""


def test_a_full_disk_fails_the_session_and_leaves_the_tests_that_still_fitted(shop):
    shop.pytester.makepyfile(conftest=SMALL_DISK, test_shop=VIOLATES)
    # In a process of its own: the limit would also hold for the log of this one.
    result = shop.pytester.runpytest_subprocess(*QUIET, "-q", "--ssot-phase=baseline", "--ssot-report=json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ssot: cannot write the json report to *ssot-result.json: *"])
    plain = json.loads((shop.pytester.path / "ssot-result.json").read_text())
    assert plain["run"]["complete"] is False
    assert 5 < len(plain["tests"]) < 60
    assert [one.name for one in shop.pytester.path.iterdir() if one.name.startswith(".ssot-result")] == []


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every new file beside another, as a read-only directory does (but not to root)."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)


@pytest.mark.usefixtures("read_only")
def test_a_read_only_directory_is_told_for_each_report_and_fails_the_session(shop):
    shop.run("--ssot-phase=baseline", "--ssot-report=sarif", "-q", test_shop=VIOLATES)
    assert shop.result.ret == pytest.ExitCode.TESTS_FAILED
    shop.result.assert_outcomes(passed=60)
    shop.result.stdout.fnmatch_lines(
        [
            "ssot: cannot write the json report to *ssot-result.json: Read-only file system",
            "ssot: cannot write the sarif report to *ssot-result.sarif: Read-only file system",
        ]
    )


def test_a_baseline_that_cannot_be_written_stays_as_it_was(shop, monkeypatch):
    file = shop.pytester.path / "ssot-baseline.json"
    assert main(["baseline", "--root", str(shop.pytester.path)]) == 0
    before = file.read_bytes()
    (shop.pytester.path / "shop" / "service.py").write_text("")

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    shop.pytester.makepyfile(test_shop="def test_it(): pass")
    result = shop.pytester.runpytest_inprocess(*QUIET, "--ssot-update-baseline")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*ssot-baseline.json is not updated: it cannot be written: No space left on device*"])
    assert file.read_bytes() == before


def test_a_scan_goes_on_where_its_cache_cannot_be_written(shop, read_only):
    assert main(["scan", "--root", str(shop.pytester.path), "--phase=baseline"]) == 0
    assert list(shop.pytester.path.glob(".ssot_cache/scan-*")) == []


# Files of ours that are damaged, or newer than we are

DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "binary": b"\x00\xff\xfe",
    "half": b'{"format": 1, "sites": [',
    "a number": b"7",
    "deep": b"[" * 100_000,
    "of another kind": b'{"format": 1, "files": 3, "layers": [], "sites": {}, "run": []}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_baseline_is_refused_before_any_test_runs(shop, content, capsys):
    (shop.pytester.path / "ssot-baseline.json").write_bytes(content)
    shop.run(test_shop=VIOLATES)
    assert shop.result.ret == pytest.ExitCode.USAGE_ERROR
    shop.result.stderr.fnmatch_lines(["ERROR: *ssot-baseline.json: *"])
    assert main(["scan", "--root", str(shop.pytester.path)]) == 2
    assert "ssot-baseline.json: " in capsys.readouterr().err


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_result_is_refused_by_every_command_that_reads_one(shop, content, capsys):
    (shop.pytester.path / "ssot-result.json").write_bytes(content)
    name = str(shop.pytester.path / "ssot-result.json")
    root = ("--root", str(shop.pytester.path))
    for command in (["gate", name, *root], ["report", "term", name], ["combine", name, "-o", "x"]):
        assert main(command) == 2
        assert capsys.readouterr().err.startswith(f"ssot-tracker: {name}: ")
    assert main(["baseline", *root]) == 2
    assert capsys.readouterr().err.startswith("ssot-tracker: ssot-result.json: "), "found here, so called as it is here"


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_cache_is_made_anew(shop, content):
    assert main(["scan", "--root", str(shop.pytester.path)]) == 1
    (cache,) = shop.pytester.path.glob(".ssot_cache/scan-*.json")
    cache.write_bytes(content)
    assert main(["scan", "--root", str(shop.pytester.path)]) == 1
    assert json.loads(cache.read_bytes())["files"]


@pytest.mark.parametrize("junk", [5, None, "x", [], [1], {"a": 1}, [[], []]])
def test_a_cache_of_the_right_shape_with_wrong_content_changes_no_result(shop, junk):
    assert main(["scan", "--root", str(shop.pytester.path)]) == 1
    (cache,) = shop.pytester.path.glob(".ssot_cache/scan-*.json")
    data = json.loads(cache.read_bytes())
    data["files"] = dict.fromkeys(data["files"], junk)
    data["layers"] = {name: dict.fromkeys(layer, junk) for name, layer in data["layers"].items()}
    cache.write_text(json.dumps(data))
    assert main(["scan", "--root", str(shop.pytester.path)]) == 1


def test_a_baseline_of_a_newer_version_is_refused_with_what_to_do(shop):
    (shop.pytester.path / "ssot-baseline.json").write_text('{"format": 99, "sites": []}')
    shop.run(test_shop=VIOLATES)
    assert shop.result.ret == pytest.ExitCode.USAGE_ERROR
    shop.result.stderr.fnmatch_lines(["*it has format 99, this version reads up to *; update pytest-ssot-tracker"])


def test_a_result_of_a_newer_version_is_refused_with_what_to_do(shop):
    result = shop.run(test_shop=VIOLATES)
    file = Path(shop.pytester.path, "ssot-result.json")
    file.write_text(json.dumps(result | {"format": 3}))
    with pytest.raises(ResultError, match="it has format 3, this version reads up to 2; update pytest-ssot-tracker"):
        read(file)
    result["sites"][0]["rule"] = "a-rule-of-tomorrow"
    result["run"]["version"] = "99.0"
    file.write_text(json.dumps(result))
    with pytest.raises(ResultError, match=r"version 99\.0 wrote it, this is .*: update pytest-ssot-tracker, or run"):
        read(file)


# The program under test


def test_an_accessor_that_raises_is_an_error_of_the_tests_that_ask_for_the_fixture_alone(shop):
    core = shop.pytester.path / "shop" / "core.py"
    core.write_text(core.read_text().replace("    global _tracker\n", "    raise RuntimeError('no database')\n"))
    shop.run(test_shop="def test_asks(order_tracker): pass\ndef test_other(): pass\n")
    shop.result.assert_outcomes(errors=1, passed=1)
    shop.result.stdout.fnmatch_lines(["*accessors: shop.core:get_tracker raised RuntimeError: no database*"])
    assert "pytest_ssot_tracker/" not in shop.result.stdout.str()


def test_a_canonical_whose_init_raises_is_recorded_and_its_fixture_says_why(shop):
    core = shop.pytester.path / "shop" / "core.py"
    core.write_text(core.read_text().replace("        self.orders = {}", "        raise RuntimeError('no database')"))
    shop.run(
        "--ssot-phase=baseline",
        test_shop="""
        import pytest
        from shop.service import second_tracker

        def test_constructs():
            with pytest.raises(RuntimeError, match="no database"):
                second_tracker()

        def test_asks(order_tracker):
            pass
        """,
    )
    shop.result.assert_outcomes(errors=1, passed=1)
    shop.result.stdout.fnmatch_lines(["*accessors: shop.core:get_tracker raised RuntimeError: no database*"])
    assert "pytest_ssot_tracker/" not in shop.result.stdout.str()
    report = read(shop.pytester.path / "ssot-result.json")
    assert [(row.site.where, row.count) for row in report.sites if row.site.scope == "second_tracker"] == [
        ("shop/service.py:15", 1)
    ]


# What tests replace

REPLACED = (
    "builtins.__import__",
    "builtins.open",
    "ast.parse",
    "hashlib.blake2b",
    "importlib.import_module",
    "io.open",
    "json.dumps",
    "json.loads",
    "logging.getLogger().handle",
    "os.getcwd",
    "os.open",
    "os.path",
    "os.path.join",
    "os.path.realpath",
    "os.replace",
    "os.stat",
    "pathlib.Path.open",
    "random.random",
    "sys.modules",
    "threading.current_thread",
    "threading.get_ident",
    "time.monotonic",
    "time.sleep",
    "time.time",
    "uuid.uuid4",
    "warnings.warn",
)

REPLACES = """
import hashlib, importlib, io, json, logging, os, pathlib, random, sys, threading, time, uuid, warnings, ast, builtins
import pytest
import shop.core
from shop.service import second_tracker

def broken(*args, **kwargs):
    raise ZeroDivisionError("replaced")

@pytest.mark.parametrize("target", {targets!r})
def test_it(monkeypatch, target):
    second_tracker()
    owner, _, name = target.rpartition(".")
    monkeypatch.setattr(eval(owner), name, {{}} if target == "sys.modules" else broken)
    shop.core.Tracker()
"""


def test_nothing_that_a_test_replaces_keeps_its_violations_from_being_recorded(shop):
    shop.pytester.makepyfile(test_shop=REPLACES.format(targets=REPLACED))
    arguments = (*QUIET, "--ssot-phase=baseline", "--ssot-report=json", "--no-ssot-scan")
    shop.pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=len(REPLACED))
    result = json.loads((shop.pytester.path / "ssot-result.json").read_text())
    assert result["run"]["complete"]
    assert [site["blind_spots"] for site in result["ssots"]] == [[]]
    found = {one["id"] for site in result["sites"] for one in site["tests"]}
    assert found == {f"test_shop.py::test_it[{target}]" for target in REPLACED}
    assert {site["count"] for site in result["sites"]} == {len(REPLACED)}


def test_nothing_that_a_test_replaces_keeps_it_from_failing(shop):
    targets = ("builtins.open", "hashlib.blake2b", "json.dumps", "random.random", "time.sleep", "uuid.uuid4")
    shop.run(test_shop=REPLACES.format(targets=targets))
    shop.result.assert_outcomes(failed=len(targets))
    assert "ZeroDivisionError" not in shop.result.stdout.str()


def test_what_cannot_be_judged_while_something_is_replaced_is_judged_after_the_teardown(shop):
    """`builtins.any` is nothing that recording or judging could do without."""
    shop.run(test_shop=REPLACES.format(targets=("builtins.any",)).replace("    shop.core.Tracker()\n", ""))
    shop.result.assert_outcomes(passed=1, errors=1)
    shop.result.stdout.fnmatch_lines(
        ["*test_it*constructs shop.core:Tracker past its accessors at shop/service.py:15*"]
    )


def test_what_a_test_leaves_replaced_for_good_is_told_where_a_report_cannot_be_written(shop, monkeypatch):
    monkeypatch.setattr(json, "dumps", json.dumps)  # put back when this test ends
    shop.run(
        "--ssot-phase=baseline",
        test_shop="""
        import json
        from shop.service import second_tracker

        def test_breaks():
            second_tracker()
            json.dumps = None

        def test_next():
            second_tracker()
        """,
    )
    shop.result.assert_outcomes(passed=2)
    assert "Traceback" not in shop.result.stdout.str()
    (row,) = read(shop.pytester.path / "ssot-result.json").sites
    assert row.count == 2


def test_a_traceback_holds_no_frame_of_ours_wherever_it_comes_from(shop):
    """Pytest shows all frames that do not hide themselves, where none of them stands in the test's own file."""
    shop.pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def fails():
            raise RuntimeError("in a fixture")

        @pytest.fixture
        def fails_late():
            yield
            raise RuntimeError("in a teardown")

        def pytest_runtest_call(item):
            if "hook" in item.name:
                raise RuntimeError("in a hook")
        """
    )
    shop.run(
        "--ssot-phase=baseline",
        test_shop="""
        def test_setup(fails): pass
        def test_teardown(fails_late): pass
        def test_hook(): pass
        """,
    )
    shop.result.assert_outcomes(errors=2, passed=1, failed=1)
    assert "pytest_ssot_tracker" not in shop.result.stdout.str()
