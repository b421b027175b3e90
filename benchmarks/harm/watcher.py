"""Write down everything a run of pytest shows of its tests, so that two runs can be compared.

A plugin without options: `HARM_RECORD` names the file. A line is `[kind, key, text]`.
"""

from __future__ import annotations

import json
import os
import re
import warnings

import pytest

_NOISE = [
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"0x[0-9a-fA-F]{6,}|\b[0-9a-f]{12}\b|\bdaemon \d+|\bid='\d+'"), "0x"),
    (re.compile(r"pytest-(of-\w+/pytest-)?\d+"), "pytest-N"),
    (re.compile(r"\d+(\.\d+)? ?(s|ms|us|µs|seconds?)\b"), "N s"),
    (re.compile(r"\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r"\bport=?\s?\d{4,5}|:\d{4,5}\b"), ":PORT"),
]


def _plain(text: object) -> str:
    found = str(text)
    for pattern, instead in _NOISE:
        found = pattern.sub(instead, found)
    return found


class Watcher:
    """Be the hooks; what is seen is written at the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: list[tuple[str, str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note outcome, output and traceback of each step."""
        where = f"{report.nodeid} {report.when}"
        self._seen.append(("outcome", where, report.outcome + (" xfail" if hasattr(report, "wasxfail") else "")))
        for title, text in report.sections:
            self._seen.append(("output", f"{where} {title}", _plain(text)))
        if report.longrepr is not None:
            self._seen.append(("traceback", where, _plain(report.longrepr)))

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        """Note what warned, where, and on behalf of which test."""
        one = warning_message
        self._seen.append(
            ("warning", f"{nodeid} {when}", _plain(f"{one.filename}:{one.lineno} {one.category} {one.message}"))
        )

    def pytest_unconfigure(self) -> None:
        """Write it all."""
        with open(self._path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(json.dumps(one) + "\n" for one in self._seen)


def pytest_configure(config: pytest.Config) -> None:
    """Watch, where results come together."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Watcher(os.environ["HARM_RECORD"]))
