"""Report: gather what processes tell, build one `Report`, show it. `Report.failed` alone decides failure."""

from __future__ import annotations

from pytest_ssot_tracker.report.build import Report, Scanned
from pytest_ssot_tracker.report.gather import Gather, Gathered, GatheredTest
from pytest_ssot_tracker.report.reporters import REPORTERS, Output
from pytest_ssot_tracker.report.rows import RunInfo
from pytest_ssot_tracker.report.wire import SessionPacket, TestPacket, pack, unpack

__all__ = [
    "REPORTERS",
    "Gather",
    "Gathered",
    "GatheredTest",
    "Output",
    "Report",
    "RunInfo",
    "Scanned",
    "SessionPacket",
    "TestPacket",
    "pack",
    "unpack",
]
