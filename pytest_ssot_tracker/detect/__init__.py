"""Watch a running process and say what it does, as plain observations."""

from __future__ import annotations

from pytest_ssot_tracker.detect.install import Installed, install
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder, Watch

__all__ = ["Installed", "Moment", "Recorder", "Watch", "install"]
