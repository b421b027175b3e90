"""Run: watch any program, and all that it starts, under the project's configuration."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.cli import project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.children.watch import Processes
    from pytest_ssot_tracker.model import Observation

__all__ = ["RESULT", "add_arguments", "run"]

RESULT = "ssot-result-run.json"
_EVERY = 1.0
"""Seconds between two looks at what the program has seen: a result is written anew where there is something."""

_PATIENCE = 2.0
"""Seconds that what the program has started may take to end after it."""

_WENT_ON = "went on after the program had ended, unwatched from then on; keep the program in the foreground"

_UNHEARD = (
    "no Python that it has started watched itself, so nothing is known of what it used; is it Python, and does it keep "
    "PYTHONPATH?"
)

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker run`."""
    parser.usage = "%(prog)s [--result FILE] [--name NAME] [options] -- COMMAND…"
    parser.add_argument(
        "--result", metavar="FILE", type=Path, default=Path(RESULT), help=f"where the result goes (default: {RESULT})"
    )
    parser.add_argument("--name", help="what reports call the program (default: the name of its file)")
    parser.add_argument(
        "--ssot-otel",
        action="store_true",
        help="count what is seen by the program's OpenTelemetry meter too: ssot.observations by rule, target, site",
    )
    project.add_arguments(parser)
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND…", help="the program and its arguments")


def run(args: argparse.Namespace, console: Console) -> int:
    """Run the program to its end and return its exit status; what it used is in the result."""
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise CommandError("there is no command to run; write it after --, as in ssot-tracker run -- uvicorn shop:app")
    if shutil.which(command[0]) is None:
        raise CommandError(f"there is no program {command[0]!r} to run; name one on PATH, or by its path")
    if args.ssot_otel and find_spec("opentelemetry") is None:
        raise CommandError("--ssot-otel counts by OpenTelemetry, which is not installed: add pytest-ssot-tracker[otel]")
    return _Watched(project.Project.of(args), args).run(command, console)


class _Watched:
    """One program that runs under watch, and its result, which is brought up to date while it runs."""

    def __init__(self, asked: project.Project, args: argparse.Namespace) -> None:
        from pytest_ssot_tracker.detect.children.watch import SERVICE, Processes
        from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder

        self._file: Path = args.result
        self._name: str | None = args.name
        self._recorder = Recorder(asked.settings.tree)
        self._moment = Moment(bucket=SERVICE)
        self._processes: Processes = Processes(self._recorder, loading=_loading(asked, args))
        self._session = asked.session(self._recorder.sites)
        self._seen: dict[Observation, int] = {}
        self._lock = threading.Lock()

    def run(self, command: Sequence[str], console: Console) -> int:
        """Run `command`, write the result, and return the exit status of a shell."""
        from pytest_ssot_tracker.model import BlindSpot

        self._moment.origin = self._name or _name_of(command)
        self._recorder.current = self._moment
        undo = self._processes.install()
        ended = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(ended,), daemon=True)
        try:
            self._write(incomplete=("the program is running",))
            # Started here, it gets from `Processes` what makes it, and all that it starts, watch themselves.
            with subprocess.Popen(command) as program:
                keeper.start()
                with _forwarding(program):
                    status = program.wait()
            ended.set()
            keeper.join()
            left = self._still_running()
            self._drain()
            if not self._processes.heard:
                self._processes.blind_spots.append(BlindSpot(self._moment.origin, _UNHEARD))
            self._write(incomplete=(*_killed(status), *self._processes.killed, *left))
        except OSError as error:
            raise CommandError(f"{error.filename or command[0]}: {error.strerror}") from None
        finally:
            ended.set()
            undo()
        console.note(f"ssot: wrote {self._file}: {self._outcome}")
        return status if status >= 0 else 128 - status

    def _still_running(self) -> list[str]:
        """Return in words which processes go on without the program; those that are about to end get time for it."""
        from pytest_ssot_tracker.detect.children.ends import still_running

        deadline = time.monotonic() + _PATIENCE
        while (left := still_running(self._processes.folder)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return [f"process {pid} {_WENT_ON}" for pid in left]

    def _keep(self, ended: threading.Event) -> None:
        """Write what is new every now and then, so that it is there whatever becomes of this process."""
        while not ended.wait(_EVERY):
            if self._drain():
                with suppress(OSError):
                    self._write(incomplete=("the program is running",))

    def _drain(self) -> bool:
        """Take what the processes have seen since the last time; tell whether there was anything."""
        from pytest_ssot_tracker.records import replace

        with self._lock:
            found = self._processes.drain(0)
            for observation in found:
                alike = replace(observation, count=1)
                self._seen[alike] = self._seen.get(alike, 0) + observation.count
        return bool(found)

    def _write(self, *, incomplete: tuple[str, ...]) -> None:
        from pytest_ssot_tracker.records import replace
        from pytest_ssot_tracker.report import Gathered
        from pytest_ssot_tracker.report.outcome import outcome
        from pytest_ssot_tracker.report.result import write

        with self._lock:
            seen = tuple(replace(observation, count=count) for observation, count in self._seen.items())
        gathered = Gathered(
            observations=seen, blind_spots=tuple(self._processes.blind_spots), incomplete=tuple(incomplete)
        )
        report = self._session.report(gathered, run=self._session.run(selected=True))
        write(report, self._file)
        self._outcome = outcome(report)


def _name_of(command: Sequence[str]) -> str:
    """Return how people call a program: by its file, or by what an interpreter is given to run."""
    from pytest_ssot_tracker.detect.children.commands import Command

    name = os.path.basename(command[0])
    started = Command.all_of(command) if name.startswith("python") else []
    return started[0].text if started else name


def _loading(asked: project.Project, args: argparse.Namespace) -> dict[str, Any]:
    """Return with what a process that is watched loads the same settings, as plain data."""
    from pytest_ssot_tracker.session import loading
    from pytest_ssot_tracker.settings.pytest_ini import PytestIni

    ini = PytestIni.find(asked.here, root=asked.settings.root, given={})
    testpaths, pythonpath = ini.words("testpaths"), ini.words("pythonpath")
    return loading(asked.settings, testpaths=testpaths, pythonpath=pythonpath, otel=args.ssot_otel, ends=True)


@contextmanager
def _forwarding(program: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand each signal that is meant for the program on to it; what a terminal sends it gets by itself."""

    def forward(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not os.isatty(0):
            with suppress(ProcessLookupError):
                program.send_signal(number)

    numbers = (getattr(signal, name, None) for name in _FORWARDED)
    before = {number: signal.signal(number, forward) for number in numbers if number is not None}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _killed(status: int) -> tuple[str, ...]:
    """Return in words that the program itself was killed, by the exit status that `Popen` gives."""
    from pytest_ssot_tracker.detect.children.ends import killed_by

    name = killed_by(-status) if status < 0 else None
    return () if name is None else (f"the program was killed by {name}",)
