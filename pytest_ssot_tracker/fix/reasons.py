"""A pytest plugin that notes why tests fail; `fix --verify` loads it by `-p` in a process of its own."""

from __future__ import annotations

import json
import os
from typing import Any

__all__ = ["REASONS"]

REASONS = "SSOT_TRACKER_REASONS"
"""The variable that names the file for the reasons: one JSON pair of node id and reason a line."""


def pytest_runtest_logreport(report: Any) -> None:
    """Note the first line of why a step of a test failed."""
    crash = getattr(report.longrepr, "reprcrash", None)
    # A worker of pytest-xdist hands its reports on; who gets them has no such variable of it.
    if report.failed and crash is not None and "PYTEST_XDIST_WORKER" not in os.environ:
        with open(os.environ[REASONS], "a", encoding="utf-8") as stream:
            stream.write(json.dumps([report.nodeid, crash.message.partition("\n")[0][:200]]) + "\n")
