"""`ssot-tracker run` watches a program and all that it starts, and its result is one like that of the tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import multiprocessing, os, signal, subprocess, sys, threading, time
from shop.old import Log


def work(times):
    for _ in range(times):
        Log()


def stay():
    Log()
    open("begun", "w").close()
    time.sleep(60)


def start(target, *args):
    process = multiprocessing.get_context(METHOD).Process(target=target, args=args)
    process.start()
    return process


METHOD = sys.argv[1]
if __name__ == "__main__":
    work(1)
    thread = threading.Thread(target=work, args=(1,), name="worker")
    thread.start()
    thread.join()
    start(work, 3).join()
    subprocess.run([sys.executable, "-c", "import sys; sys.argv = ['', 'spawn']; from shop.serve import work; work(2)"])
    for word in sys.argv[2:]:
        if word == "kill":
            process = start(stay)
            while not os.path.exists("begun"):
                time.sleep(0.01)
            process.kill()
            process.join()
        elif word == "terminate":
            process = start(stay)
            while not os.path.exists("begun"):
                time.sleep(0.01)
            process.terminate()
            process.join()
        elif word == "daemon":
            if os.fork() == 0:
                os.setsid()
                os.closerange(0, 1024)
                time.sleep(60)
        elif word == "leave":
            text = "from shop.serve import stay; stay()"
            nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            subprocess.Popen([sys.executable, "-c", text, "spawn"], start_new_session=True, **nowhere)
            while not os.path.exists("begun"):
                time.sleep(0.01)
        elif word == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "stay":
            stay()
        else:
            sys.exit(int(word))
"""

Result = tuple[int, dict[str, Any]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a program that uses what is deprecated, in which the user stands."""
    texts = {
        "pyproject.toml": '[tool.ssot_tracker.ssot.logs]\ndeprecated = ["shop.old:Log"]\n',
        "shop/__init__.py": "",
        "shop/old.py": "class Log:\n    pass\n",
        "shop/serve.py": PROGRAM,
        "test_shop.py": "from shop.old import Log\n\ndef test_log():\n    Log()\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def command(*words: str, options: Sequence[str] = ()) -> list[str]:
    """Return how the program is run under watch with `words`."""
    ours = [sys.executable, "-m", "pytest_ssot_tracker", "run", *options, "--"]
    return [*ours, sys.executable, "-m", "shop.serve", *words]


@pytest.fixture
def run(project: Path) -> Callable[..., Result]:
    """Return what runs the program, and gives back the exit status and the result."""

    def call(*words: str, options: Sequence[str] = ()) -> Result:
        done = subprocess.run(command(*words, options=options), capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads((project / "ssot-result-run.json").read_text())

    return call


def count(result: dict[str, Any], path: str = "shop/serve.py") -> int:
    """Return how often the code in `path` used what is deprecated."""
    used = (site for site in result["sites"] if site["rule"] == "deprecated-use" and site["path"] == path)
    return sum(site["count"] for site in used)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_everything_the_program_starts_is_counted(run: Callable[..., Result], method: str) -> None:
    status, result = run(method)
    assert status == 0
    assert count(result) == 7
    assert result["run"]["complete"]
    (site,) = [site for site in result["sites"] if site["rule"] == "deprecated-use"]
    assert {row["bucket"] for row in site["tests"]} == {"service"}
    assert {row["origin"] for row in site["tests"]} == {"python -m shop.serve"}
    assert {row["thread"]: row["count"] for row in site["tests"]} == {None: 6, "worker": 1}


POOLS = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from shop.old import Log


def use(times):
    for _ in range(times):
        Log()


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        pool.map(use, [1] * 10)
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        list(executor.map(use, [2] * 10))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_what_pools_of_processes_do_is_counted(project: Path, method: str) -> None:
    (project / "shop" / "pools.py").write_text(POOLS)
    words = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--", sys.executable, "-m", "shop.pools", method]
    subprocess.run(words, check=True)
    result = json.loads((project / "ssot-result-run.json").read_text())
    assert (count(result, "shop/pools.py"), result["run"]["complete"]) == (30, True)


def test_the_exit_status_is_the_programs_own(run: Callable[..., Result]) -> None:
    assert run("fork", "3")[0] == 3


def test_a_name_is_what_reports_call_it(run: Callable[..., Result]) -> None:
    _, result = run("fork", options=["--name", "the shop"])
    assert {row["origin"] for site in result["sites"] for row in site["tests"]} == {"the shop"}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_process_that_is_killed_leaves_what_it_saw_and_an_incomplete_result(
    run: Callable[..., Result], method: str
) -> None:
    status, result = run(method, "kill")
    assert status == 0
    assert count(result) == 8
    assert not result["run"]["complete"]
    assert result["run"]["incomplete"][0].endswith("was killed by SIGKILL")


def test_a_process_that_is_asked_to_end_leaves_a_complete_result(run: Callable[..., Result]) -> None:
    _, result = run("fork", "terminate")
    assert count(result) == 8
    assert result["run"]["complete"]


def test_a_program_that_is_killed_leaves_what_it_saw_and_an_incomplete_result(run: Callable[..., Result]) -> None:
    status, result = run("fork", "die")
    assert status == 128 + signal.SIGKILL
    assert count(result) == 7
    assert result["run"]["incomplete"] == ["the program was killed by SIGKILL"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nobody else tells who has forked itself away")
@pytest.mark.parametrize(("word", "used"), [("daemon", 7), ("leave", 8)])
def test_what_outlives_the_program_is_named_and_the_result_incomplete(
    run: Callable[..., Result], word: str, used: int
) -> None:
    status, result = run("fork", word)
    (why,) = result["run"]["incomplete"]
    pid = int(why.split()[1])
    os.kill(pid, signal.SIGKILL)
    assert (status, count(result)) == (0, used)
    assert why == (
        f"process {pid} went on after the program had ended, unwatched from then on; keep the program in the foreground"
    )


def test_a_signal_goes_on_to_the_program_and_the_result_is_written(project: Path) -> None:
    watched = subprocess.Popen(command("fork", "stay"), stderr=subprocess.DEVNULL)
    while not (project / "begun").exists():
        time.sleep(0.02)
    watched.send_signal(signal.SIGTERM)
    assert watched.wait(30) == 128 + signal.SIGTERM
    assert count(json.loads((project / "ssot-result-run.json").read_text())) == 8


def test_what_was_seen_is_in_the_result_while_the_program_runs(project: Path) -> None:
    watched = subprocess.Popen(command("fork", "stay"), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    seen = 0
    while seen != 8 and time.monotonic() < deadline:
        time.sleep(0.05)
        if (project / "ssot-result-run.json").exists():
            result = json.loads((project / "ssot-result-run.json").read_text())
            seen = count(result)
    assert seen == 8
    assert result["run"]["incomplete"] == ["the program is running"]
    os.kill(watched.pid, signal.SIGTERM)
    watched.wait(30)


def test_it_combines_with_the_tests(run: Callable[..., Result], project: Path) -> None:
    run("fork")
    ours = [sys.executable, "-m"]
    subprocess.run([*ours, "pytest", "-q", "--ssot-report=json"], capture_output=True, check=False)
    words = ["combine", "ssot-result.json", "ssot-result-run.json", "-o", "all.json"]
    subprocess.run([*ours, "pytest_ssot_tracker", *words], check=True)
    combined = json.loads((project / "all.json").read_text())
    assert (count(combined), count(combined, "test_shop.py")) == (7, 1)


BECOMES = """
import os, sys
os.makedirs("theirs", exist_ok=True)
open("theirs/sitecustomize.py", "w").write("print('theirs')")
os.environ["PYTHONPATH"] = os.path.abspath("theirs") + os.pathsep + os.environ["PYTHONPATH"]
words = [sys.executable, "-c", "import sys; sys.argv = ['', 'spawn']; from shop.serve import work; work(2)"]
if sys.argv[1] == "execv":
    os.execl(sys.executable, *words)
os.execve(sys.executable, words, dict(os.environ))
"""


@pytest.mark.parametrize("how", ["execv", "execve"])
def test_what_a_program_becomes_is_watched_whatever_it_puts_before_us(project: Path, how: str) -> None:
    (project / "becomes.py").write_text(BECOMES)
    ours = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--", sys.executable, "becomes.py", how]
    done = subprocess.run(ours, capture_output=True, text=True, check=True)
    assert done.stdout == "theirs\n"
    assert count(json.loads((project / "ssot-result-run.json").read_text())) == 2


@pytest.mark.parametrize("words", [["true"], [sys.executable, "-I", "-c", "pass"]])
def test_a_program_of_which_nothing_is_known_is_a_blind_spot(project: Path, words: list[str]) -> None:
    ours = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--name", "it", "--", *words]
    done = subprocess.run(ours, capture_output=True, text=True, check=True)
    assert "clean" not in done.stderr
    result = json.loads((project / "ssot-result-run.json").read_text())
    spots = {spot["target"]: spot["why"] for spot in result["run"]["blind_spots"]}
    assert spots["it"].startswith("no Python that it has started watched itself")


def test_what_the_program_has_that_cannot_be_watched_is_a_blind_spot(project: Path) -> None:
    with (project / "shop" / "old.py").open("a") as old:
        old.write("import typing\nMaybe = typing.Optional[int]\n")
    (project / "pyproject.toml").write_text('[tool.ssot_tracker.ssot.logs]\ndeprecated = ["shop.old:Maybe"]\n')
    text = "import os, shop.old; os.kill(os.getpid(), 15)"
    words = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--", sys.executable, "-c", text]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    result = json.loads((project / "ssot-result-run.json").read_text())
    (table,) = result["ssots"]
    (spot,) = table["blind_spots"]
    assert (spot["target"], result["run"]["blind_spots"]) == ("shop.old:Maybe", [])
    assert "1 blind spot" in done.stderr
    assert "clean" not in done.stderr


def test_what_only_a_scan_sees_is_a_blind_spot_until_it_is_combined_with_one(project: Path) -> None:
    with (project / "shop" / "old.py").open("a") as old:
        old.write("LIMIT = 3\n")
    (project / "pyproject.toml").write_text(
        '[tool.ssot_tracker]\nphase = "baseline"\nsource = ["shop"]\n'
        '[tool.ssot_tracker.ssot.logs]\ndeprecated = ["shop.old:LIMIT"]\n'
        '[tool.ssot_tracker.ids.orders]\npatterns = ["time-format"]\n'
    )
    ours = [sys.executable, "-m", "pytest_ssot_tracker"]
    words = [*ours, "run", "--", sys.executable, "-c", "import shop.old; shop.old.LIMIT"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "2 blind spots" in done.stderr
    (project / "test_shop.py").write_text("def test_it():\n    import shop.old\n")
    said = {}
    for name, more in (("with", ()), ("without", ("--no-ssot-scan",))):
        tests = [sys.executable, "-m", "pytest", "-q", f"--ssot-report=json:{name}.json", *more]
        subprocess.run(tests, capture_output=True, check=True)
        both = [*ours, "combine", "ssot-result-run.json", f"{name}.json", "-o", "all.json"]
        subprocess.run(both, capture_output=True, check=True)
        whole = json.loads((project / "all.json").read_text())
        spots = [
            *whole["run"]["blind_spots"],
            *(spot for row in whole["ssots"] for spot in row.get("blind_spots", ())),
        ]
        said[name] = sorted(spot["target"] for spot in spots)
    assert said == {"with": [], "without": ["shop.old:LIMIT", "time-format"]}


def test_a_child_of_a_test_leaves_to_the_scan_what_only_that_sees(project: Path) -> None:
    with (project / "shop" / "old.py").open("a") as old:
        old.write("LIMIT = 3\n")
    (project / "pyproject.toml").write_text('[tool.ssot_tracker.ssot.logs]\ndeprecated = ["shop.old:LIMIT"]\n')
    (project / "test_shop.py").write_text(
        "import subprocess, sys\ndef test_it():\n    subprocess.run([sys.executable, '-c', 'import shop.old'])\n"
    )
    words = [sys.executable, "-m", "pytest", "--ssot-subprocess", "--ssot-phase=baseline"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "ssot: clean" in done.stdout


def test_a_program_that_uses_nothing_is_known_to_use_nothing(project: Path) -> None:
    ours = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--", sys.executable, "-c", "pass"]
    done = subprocess.run(ours, capture_output=True, text=True, check=True)
    assert json.loads((project / "ssot-result-run.json").read_text())["run"]["blind_spots"] == []
    assert "clean" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is no command to run; write it after --"),
        (["--", "no-such-program"], "there is no program 'no-such-program' to run"),
    ],
)
def test_what_cannot_be_run_is_refused(project: Path, words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest_ssot_tracker", "run", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr
