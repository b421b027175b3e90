"""How a process is called, what children write and how it is read, and what a child is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_ssot_tracker.detect.children.commands import Command
from pytest_ssot_tracker.detect.children.spool import Era, Spool, Spools
from pytest_ssot_tracker.detect.children.starting import NOT_ASKED
from pytest_ssot_tracker.detect.children.watch import Processes
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder, Watch
from pytest_ssot_tracker.model import BlindSpot, Rule, Step
from pytest_ssot_tracker.settings import Tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="how processes start is followed on POSIX")

TRACKER = "from multiprocessing.resource_tracker import main;main(4)"
SERVER = "from multiprocessing.forkserver import main; main(4, 5, ['__main__'])"
ISOLATED = "-I keeps it from reading PYTHONPATH"
OTHER_PATH = "what starts it gives it another PYTHONPATH"
NO_SITE = "-S keeps it from loading sitecustomize"


@pytest.mark.parametrize(
    ("words", "text", "keeps_out"),
    [
        (["python", "-c", "pass"], "python -c", None),
        (["/usr/bin/python3.12", "-m", "http.server", "-I"], "python -m http.server", None),
        (["python3.13t", "-X", "dev", "-W", "error", "/a/b/run.py", "-S"], "python run.py", None),
        (["pypy3"], "python", None),
        (["python", "-"], "python -", None),
        ([sys.executable, "-Ic", "pass"], "python -c", ISOLATED),
        (["python", "-W", "error", "-BS", "x.py"], "python x.py", NO_SITE),
        (["python", "-E", "-m", "x"], "python -m x", "-E keeps it from reading PYTHONPATH"),
        (["python", "-XI", "-WS", "x.py"], "python x.py", None),
        (["/bin/sh", "-c", "cd /tmp && python -I x.py | tail"], "python x.py", ISOLATED),
        (["env", "-i", "A=1", "B=2", "python", "-m", "x"], "python -m x", OTHER_PATH),
        (["env", "-u", "HOME", "python", "-m", "x"], "python -m x", None),
        (["env", "A=1", "PYTHONPATH=src", "nice", "-n", "5", "python", "-m", "x"], "python -m x", OTHER_PATH),
        (["sudo", "-u", "root", "python3", "x.py"], "python x.py", OTHER_PATH),
        (["timeout", "5", "python", "-I", "x.py"], "python x.py", ISOLATED),
        (["xargs", "-n", "1", "python", "-m", "x"], "python -m x", None),
        (["nohup", "sh", "-c", "PYTHONPATH=src exec python x.py"], "python x.py", OTHER_PATH),
        (["bash", "-lc", "python -I x.py"], "python x.py", ISOLATED),
        (["bash", "--norc", "-e", "-c", "if python -S x.py; then :; fi"], "python x.py", NO_SITE),
        (["sh", "-c", "PYTHONPATH=src python x.py"], "python x.py", OTHER_PATH),
        (["sh", "-c", 'PYTHONPATH="$PYTHONPATH:src" python x.py'], "python x.py", None),
        (["sh", "-c", "unset PYTHONPATH; python x.py"], "python x.py", OTHER_PATH),
        (["sh", "-c", "export PYTHONPATH=src\npython \\\n x.py"], "python x.py", OTHER_PATH),
        (["sh", "-c", 'echo "$(python -I x.py)" > log'], "python x.py", ISOLATED),
        (["sh", "-c", "echo python"], None, None),
        (["env", "-i", "A=1"], None, None),
        ([sys.executable, "-c", "x", "--multiprocessing-fork", "tracker_fd=5"], "multiprocessing (spawn)", None),
        ([sys.executable, "-c", SERVER], "multiprocessing (forkserver)", None),
        (["git", "log", "python"], None, None),
        (["/bin/sh", "-c", "ls"], None, None),
        (["/bin/sh", "-c", "echo 'python"], None, None),
        (["pythonista"], None, None),
        ([], None, None),
    ],
)
def test_a_command_is_called_in_words_that_are_the_same_everywhere(words, text, keeps_out):
    found = [(command.text, command.keeps_out) for command in Command.all_of(words)]
    assert found == ([] if text is None else [(text, keeps_out)])


def test_each_interpreter_that_a_line_starts_is_told():
    line = "python a.py && A=1 python -I b.py | PYTHONPATH=src python c.py; git log python"
    found = [(command.text, command.keeps_out) for command in Command.all_of(["sh", "-c", line])]
    assert found == [("python a.py", None), ("python b.py", ISOLATED), ("python c.py", OTHER_PATH)]


def test_a_script_is_what_its_first_line_says(tmp_path: Path):
    script = tmp_path / "tool"
    for first, text, keeps_out in [
        (f"#!{sys.executable}", "python tool", None),
        ("#!/usr/bin/env python3", "python tool", None),
        ("#!/usr/bin/python3 -I", "python tool", ISOLATED),
        ('#!/bin/sh\n\'\'\'exec\' "/a/very long/python" "$0" "$@"', None, None),
        ("#!/bin/sh\n'''exec' /a/very/long/python \"$0\" \"$@\"", "python tool", None),
        ("#!/bin/sh", None, None),
        ("#!/bin/sh -e\n# python a.py\nexec python -I other.py", "python other.py", ISOLATED),
        ("#!/usr/bin/perl", None, None),
        ("", None, None),
    ]:
        script.write_text(f"{first}\n")
        found = [(command.text, command.keeps_out) for command in Command.all_of(["whatever", "-S"], [str(script)])]
        assert found == ([] if text is None else [(text, keeps_out)])


def test_a_script_that_calls_itself_is_read_to_an_end(tmp_path: Path):
    script = tmp_path / "tool"
    script.write_text(f"#!/bin/sh\n{script} again\npython a.py\n")
    assert {command.text for command in Command.all_of([str(script)])} == {"python a.py"}


@pytest.mark.parametrize("option", ["-V", "--version", "-VV", "-h", "--help"])
def test_an_interpreter_that_only_tells_of_itself_runs_nothing_of_ours(option: str):
    (command,) = Command.all_of([sys.executable, option])
    assert command.is_service


def test_the_tracker_of_multiprocessing_runs_nothing_of_ours():
    (command,) = Command.all_of([sys.executable, "-c", TRACKER])
    assert command.is_service
    assert not command.is_server


# What children write, and how it is read


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    (tmp_path / "app.py").write_text("def call():\n    return 1 + 1\n")
    return Recorder(Tree.of(tmp_path))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    folder = tmp_path / "spool"
    folder.mkdir()
    return str(folder)


def book(recorder: Recorder, times: int, *, target: str = "old:Thing") -> None:
    watch = Watch(Rule.DEPRECATED_USE, "shop", target, "old")
    for _ in range(times):
        recorder.hit(watch, sys._getframe())


def told(spools: Spools) -> list[tuple[str, int, int, int]]:
    return [(seen.words["watch"][2], seen.words["era"], seen.starter, seen.new) for seen in spools.read()]


def test_what_a_child_counts_is_read_at_once_and_each_thing_once(recorder: Recorder, folder: str):
    era, spools = Era(folder, writes=True), Spools(folder)
    recorder.moment_here = Spool(folder, 7, recorder).here
    assert told(spools) == []
    book(recorder, 3)
    assert told(spools) == [("old:Thing", 0, 7, 3)]
    book(recorder, 2)
    assert sum(new for *_, new in told(spools)) == 2
    assert told(spools) == []
    era.end()
    book(recorder, 1)
    assert told(spools) == [("old:Thing", 1, 7, 1)]


def test_a_child_counts_apart_for_the_tests_that_baggage_names(
    recorder: Recorder, folder: str, monkeypatch: pytest.MonkeyPatch
):
    Era(folder, writes=True)
    names = iter(["t.py::a", "::t.py::a", None, object(), "t.py::a"])
    baggage = SimpleNamespace(get_baggage=lambda name: next(names) if name == "ssot.test" else None)
    monkeypatch.setitem(sys.modules, "opentelemetry.baggage", baggage)
    recorder.moment_here = Spool(folder, 0, recorder).here
    book(recorder, 5)
    found = {seen.words.get("test"): seen.new for seen in Spools(folder).read()}
    assert found == {"t.py::a": 2, "::t.py::a": 1, None: 2}


@pytest.mark.parametrize(
    ("carried", "era", "whose"),
    [
        ("t.py::a", 0, ("t.py::a", None, None)),
        ("t.py::b", 0, (None, "unattributed", "a process started by t.py::a, asked by t.py::b")),
        ("t.py::a", 1, (None, "unattributed", "a process started by t.py::a, asked by t.py::a")),
        ("::t.py::a", 0, (None, "unattributed", "a process started by t.py::a, asked by what t.py::a left running")),
    ],
)
def test_what_a_child_does_for_a_test_is_that_tests_while_it_runs(
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    carried: str,
    era: int,
    whose: tuple[str | None, ...],
):
    monkeypatch.setitem(sys.modules, "opentelemetry.baggage", SimpleNamespace(get_baggage={"ssot.test": carried}.get))
    recorder.current = Moment(test="t.py::a", step=Step.CALL)
    processes = Processes(recorder, loading={})
    undo = processes.install()
    other = Recorder(Tree.of(tmp_path))
    try:
        starter = processes.starting()
        for _ in range(era):
            processes.era_ended()
        other.moment_here = Spool(processes.folder, starter, other).here
        book(other, 1)
        (seen,) = processes.drain(0, "t.py::a")
        assert (seen.test, seen.bucket, seen.origin) == whose
    finally:
        undo()


def test_a_child_can_see_more_things_than_one_page_counts(recorder: Recorder, folder: str):
    Era(folder, writes=True)
    recorder.moment_here = Spool(folder, 0, recorder).here
    for number in range(1200):
        book(recorder, 2, target=f"old:Thing{number}")
    found = told(Spools(folder))
    assert len(found) == 1200
    assert {new for *_, new in found} == {2}


def test_a_line_that_its_child_did_not_live_to_end_is_none_until_it_is_whole(recorder: Recorder, folder: str):
    Era(folder, writes=True)
    recorder.moment_here = Spool(folder, 0, recorder).here
    book(recorder, 1)
    (file,) = Path(folder).glob("*.jsonl")
    line = file.read_bytes()
    spools = Spools(folder)
    for part, expected in [(b"", []), (line[:20], []), (line[:-1], []), (line, [("old:Thing", 0, 0, 1)])]:
        file.write_bytes(part)
        assert told(spools) == expected
    file.write_bytes(line + b"not JSON\n[]\n")
    assert told(spools) == []


def test_the_files_of_a_child_that_is_gone_are_read_and_removed(recorder: Recorder, folder: str):
    Era(folder, writes=True)
    recorder.moment_here = Spool(folder, 0, recorder).here
    book(recorder, 4)
    done = subprocess.Popen(["true"])
    done.wait()
    for file in Path(folder).glob("*-*"):
        file.rename(file.with_name(f"{done.pid}-1{file.suffix}"))
    assert told(Spools(folder)) == [("old:Thing", 0, 0, 4)]
    assert [file.name for file in Path(folder).iterdir()] == ["era"]


def test_a_child_that_outlives_the_session_goes_on_and_writes_nothing(recorder: Recorder, folder: str):
    Era(folder, writes=True)
    spool = Spool(folder, 0, recorder)
    recorder.moment_here = spool.here
    Path(folder, "era").unlink()
    Path(folder).rmdir()
    book(recorder, 3)
    spool.unwatched("python -c", "no")
    assert not Path(folder).exists()


def test_what_a_child_cannot_write_is_counted_where_it_always_can(recorder: Recorder, folder: str):
    era = Era(folder, writes=True)
    spool = Spool(folder, 0, recorder)
    recorder.moment_here = spool.here
    before = era.lost
    (Path(folder) / "era").rename(Path(folder).with_name("elsewhere"))
    Path(folder).rmdir()
    book(recorder, 2)
    assert era.lost == before + 1


def test_what_children_write_is_readable_by_their_user_alone(recorder: Recorder, folder: str):
    Era(folder, writes=True)
    recorder.moment_here = Spool(folder, 0, recorder).here
    book(recorder, 1)
    assert {file.stat().st_mode & 0o777 for file in Path(folder).iterdir()} == {0o600}
    processes = Processes(recorder, loading={})
    undo = processes.install()
    try:
        assert Path(processes.folder).stat().st_mode & 0o777 == 0o700
    finally:
        undo()
    assert not Path(processes.folder).exists()


# What a child is given

SHOW = "import json, os, sys; print(json.dumps([dict(os.environ), sys.path, sorted(sys.modules)]))"


def shown(**more: Any) -> tuple[dict[str, str], list[str], list[str]]:
    words = [sys.executable, "-c", SHOW]
    found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout)
    return found[0], found[1], found[2]


@pytest.fixture
def processes(recorder: Recorder, tmp_path: Path):
    recorder.current = Moment(test="test_a.py::test_a", step=Step.CALL)
    loading = {"root": str(tmp_path), "config_file": None, "testpaths": [], "pythonpath": []}
    processes = Processes(recorder, loading=loading)
    undo = processes.install()
    yield processes
    undo()


def test_a_child_has_the_path_it_would_have_without_us(recorder: Recorder, tmp_path: Path, processes: Processes):
    environment = {**os.environ, "PYTHONPATH": f"/first{os.pathsep}/second"}
    processes.undo()
    before, path_before, _ = shown(env=environment)
    again = Processes(recorder, loading=processes._loading)
    undo = again.install()
    after, path, modules = shown(env=environment)
    undo()
    assert path == path_before
    assert "pytest_ssot_tracker.detect.children.child" in modules
    ours = {name: value for name, value in after.items() if before.get(name) != value}
    first, *rest = ours.pop("PYTHONPATH").split(os.pathsep)
    assert Path(first, "sitecustomize.py").exists()
    assert rest == ["/first", "/second"]
    assert ours == {"SSOT_TRACKER_SPOOL": again.folder, "SSOT_TRACKER_STARTER": "0"}
    assert "SSOT_TRACKER_SPOOL" not in os.environ


def test_a_sitecustomize_of_the_project_runs_after_ours(tmp_path: Path, processes: Processes):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.theirs = __file__\n")
    code = "import sys, sitecustomize; print(sys.theirs == sitecustomize.__file__, 'child' in str(sys.modules))"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_an_interpreter_without_the_plugin_runs_as_ever_and_is_a_blind_spot(tmp_path: Path, processes: Processes):
    venv.create(tmp_path / "bare", symlinks=True)
    done = subprocess.run([str(tmp_path / "bare/bin/python"), "-c", "print(1)"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert processes.drain(0) == []
    why = "it is an interpreter without this pytest-ssot-tracker, or without what it needs"
    expected = [BlindSpot("a child interpreter", why, test="test_a.py::test_a")]
    assert processes.unwatched_by("test_a.py::test_a") == expected


def test_what_is_not_watched_is_told_once_and_to_its_test_only(recorder: Recorder):
    recorder.current = Moment(test="test_a.py::test_a", step=Step.CALL)
    processes = Processes(recorder)
    undo = processes.install()
    try:
        subprocess.run(["true"], check=True)
        assert processes.silent
        for _ in range(2):
            subprocess.run([sys.executable, "-c", ""], check=True)
            os.system(f"{sys.executable} -m this > {os.devnull}")
        assert not processes.silent
        recorder.current = Moment(test="test_a.py::test_b", step=Step.CALL)
        subprocess.run([sys.executable, "-c", ""], check=True)
    finally:
        undo()
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert processes.unwatched_by("test_a.py::test_b") == [BlindSpot("python -c", NOT_ASKED, test="test_a.py::test_b")]
    # Nobody has asked in time for what the other test did.
    assert processes.blind_spots == [BlindSpot("python -c", NOT_ASKED), BlindSpot("python -m this", NOT_ASKED)]
    assert processes.unwatched_by("test_a.py::test_b") == []


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("create_subprocess_exec(python, '-c', '', env={})", "the event loop, which is written in C"),
        ("create_subprocess_exec(python, '-I', '-c', '')", ISOLATED),
        ("create_subprocess_shell(f'{python} -c 1', env={})", "the event loop, which is written in C"),
        ("create_subprocess_exec(python, '-c', '')", None),
        ("create_subprocess_exec('ls', env={})", None),
    ],
)
def test_what_an_event_loop_in_c_starts_with_an_environment_of_its_own_is_a_blind_spot(
    processes: Processes, call: str, why: str | None
):
    code = f"""
def create_subprocess_exec(program, *args, **kwds):
    return fork()

def create_subprocess_shell(cmd, **kwds):
    return fork()

pid = {call}
"""
    # As uvloop does it: no Python code runs between asyncio's function and the fork.
    names: dict[str, Any] = {"__name__": "asyncio.subprocess", "fork": os.fork, "python": sys.executable}
    exec(code, names)
    if not names["pid"]:
        os._exit(0)
    os.waitpid(names["pid"], 0)
    found = [(spot.target, spot.why) for spot in processes.unwatched_by("test_a.py::test_a")]
    assert [target for target, _ in found] == ([] if why is None else ["python -c"])
    assert all(told.startswith(str(why)) for _, told in found)


def test_a_program_that_cannot_start_fails_as_ever(processes: Processes):
    with pytest.raises(FileNotFoundError):
        subprocess.run(["/no/such/program"])
    with pytest.raises(TypeError):
        os.posix_spawn()
    with pytest.raises(ValueError, match="environment"):
        subprocess.run([sys.executable], env={"A=B": "1"})


def test_the_functions_that_start_programs_are_put_back(recorder: Recorder):
    import _posixsubprocess

    names = ("posix_spawn", "posix_spawnp", "system")
    before = [_posixsubprocess.fork_exec, *(getattr(os, name) for name in names)]
    processes = Processes(recorder)
    processes.install()
    kept = _posixsubprocess.fork_exec
    assert kept is not before[0]
    processes.undo()
    processes.undo()
    assert [_posixsubprocess.fork_exec, *(getattr(os, name) for name in names)] == before
    assert getattr(subprocess, "_fork_exec", before[0]) is before[0]


# No count is lost, none is double


@contextmanager
def changing_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def in_threads(number: int, call: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_no_call_is_lost_however_often_threads_change(project):
    project.write(old="class Thing:\n    def __init__(self): pass\n")
    project.write(app="import old\n\ndef many(calls):\n    for _ in range(calls):\n        old.Thing()\n")
    threads, calls = 16, 1000
    with project.watched(project.settings(ssot={"deprecated": ["old"]})) as seen:
        app = project.load("app", seen.calls)
        stop, drained = threading.Event(), []

        def drain() -> None:
            while not stop.is_set():
                drained.extend(seen.observations())

        reader = threading.Thread(target=drain)
        with changing_threads():
            reader.start()
            in_threads(threads, partial(app.many, calls))
            app.many(calls)  # the tests' own thread counts in its own way
            stop.set()
            reader.join()
        drained += seen.observations()
    assert sum(one.count for one in drained) == (threads + 1) * calls


def test_no_count_is_lost_where_threads_of_a_child_share_its_files(recorder: Recorder, folder: str):
    Era(folder, writes=True)
    recorder.moment_here = Spool(folder, 0, recorder).here
    threads, calls = 16, 1000
    with changing_threads():
        in_threads(threads, partial(book, recorder, calls))
    assert sum(new for *_, new in told(Spools(folder))) == threads * calls
