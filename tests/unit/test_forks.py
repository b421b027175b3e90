"""Whoever asks is told of forks while he is there, and what tells him keeps nothing of ours when the program ends."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from pytest_ssot_tracker.forks import hear_of_forks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")

LAST = """
import gc
import os
import sys

class Last:
    '''What Python takes apart after all modules: who is there still lives by something that nothing clears.'''

    def __init__(self):
        self.objects, self.type, self.write = gc.get_objects, type, os.write
        self.file = os.open("left.txt", os.O_CREAT | os.O_WRONLY)

    def __del__(self):
        functions = [thing for thing in self.objects() if self.type(thing).__name__ == "function"]
        for thing in functions:
            if (thing.__module__ or "").startswith("pytest_ssot_tracker"):
                self.write(self.file, f"{thing.__module__}\\n".encode())

sys.last_of_all = Last()
"""


class Listener:
    """Somebody who writes down, where his parent can read it, what he is told."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def before(self) -> None:
        with self._file.open("a") as stream:
            stream.write("before\n")

    def in_child(self) -> None:
        with self._file.open("a") as stream:
            stream.write(f"in the child of {os.getppid()}\n")


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_who_is_gone_is_told_of_no_fork(tmp_path: Path) -> None:
    told = tmp_path / "told.txt"
    listener = Listener(told)
    hear_of_forks(listener, before="before", in_child="in_child")
    fork()
    assert told.read_text() == f"before\nin the child of {os.getpid()}\n"
    del listener
    gc.collect()
    fork()
    assert told.read_text() == f"before\nin the child of {os.getpid()}\n"


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_listener_that_raises_keeps_nobody_from_forking() -> None:
    class Broken:
        def fails(self) -> None:
            raise ValueError("broken")

    broken = Broken()
    hear_of_forks(broken, before="fails", in_child="fails")
    fork()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="what is written into code is in no list of the collector's")
def test_no_room_outlives_the_modules_of_a_program_that_was_watched(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(last=LAST, old="def make(): pass", test_it="from old import make\ndef test_it(): make()")
    pytester.path.joinpath("ssot_tracker.toml").write_text('phase = "baseline"\n[ssot.a]\ndeprecated = ["old:make"]\n')
    result = pytester.run(sys.executable, "-m", "pytest", "-p", "last", "-p", "no:randomly", "--no-cov")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*2 new*"])
    left = pytester.path.joinpath("left.txt").read_text().split()
    assert set(left) == {"pytest_ssot_tracker.forks"}
