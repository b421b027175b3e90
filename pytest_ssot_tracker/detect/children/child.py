"""Watch in a child interpreter that a test has started, as the run itself is watched."""

from __future__ import annotations

import atexit
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from pytest_ssot_tracker.detect.children.ends import ProcessEnds
from pytest_ssot_tracker.detect.children.spool import Spool
from pytest_ssot_tracker.detect.children.starting import Starts
from pytest_ssot_tracker.detect.children.watch import LOADING
from pytest_ssot_tracker.detect.install import Installed, install
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.unwatchable import LATE
from pytest_ssot_tracker.settings import Settings, load
from pytest_ssot_tracker.settings.question import Question

__all__ = ["begin"]


def begin(folder: str, starter: int) -> None:
    """Watch this process to its end, and write what it does into `folder` for the starter of this number."""
    with open(os.path.join(folder, LOADING), encoding="utf-8") as stream:
        words = json.load(stream)
    settings = load(
        Path(words["root"]),
        config_file=None if words["config_file"] is None else Path(words["config_file"]),
        testpaths=words["testpaths"],
        pythonpath=words["pythonpath"],
        question=Question(tuple(words.get("deprecate", ())), words.get("warnings", False)),
        verify=False,
    )
    production = bool(words.get("otel"))
    recorder = Recorder(settings.tree, names_threads=not production)
    spool = Spool(folder, starter, recorder, tests=1_000 if production else 100_000)
    recorder.moment_here = spool.here
    installed = install(settings, recorder=recorder)
    installed.origins.receive_baggage(spool.received)
    installed.tell_blind_spots(
        lambda spot: spool.unwatched(spot.target, spot.why, ssot=spot.ssot or ""), scanned=not words.get("ends")
    )
    if installed.backend == "none":
        spool.unwatched("calls", "the interpreter has no means to watch them: no tool id is free, bytecode is missing")
    if any(word.startswith("ipykernel") for word in sys.orig_argv[1:3]):
        spool.unwatched(
            "notebook",
            "its cells run in a Jupyter kernel, where their code stands in no file: what they use themselves only the "
            "scan sees",
        )
    Starts(spool).install()
    if words.get("ends"):
        ProcessEnds(spool.killed).install()
    if production:
        recorder.task_here = None
        _meter(settings, spool)
    # What nobody has put back by the end nothing else would tell of; os._exit and a signal pass it over.
    atexit.register(_look_after, installed, spool)
    spool.begun()


def _look_after(installed: Installed, spool: Spool) -> None:
    """Name what the program has replaced of what is watched."""
    with suppress(Exception):  # it has something replaced that looking needs: it must end as it would
        for spot in installed.heal():
            if spot.why != LATE:  # what atexit calls is counted here as all else is
                spool.unwatched(spot.target, spot.why)


def _meter(settings: Settings, spool: Spool) -> None:
    """Have a meter of OpenTelemetry count what is seen here, where that is installed here."""
    from pytest_ssot_tracker.detect.record.metering import Metered, watched_by

    spool.metered = Metered(spool.take, watched_by(settings))
    try:
        spool.metered.install()
    except ImportError:
        spool.unwatched("ssot.observations", "no meter counts here: this interpreter has no opentelemetry-api")
