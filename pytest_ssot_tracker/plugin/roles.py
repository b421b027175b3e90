"""Register the hooks of the roles that a process has: tests run here, results gather here, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssot_tracker.isolate.fixtures import fixtures
from pytest_ssot_tracker.plugin.claimed import taken_by_plugins
from pytest_ssot_tracker.plugin.gathering import Gathering
from pytest_ssot_tracker.plugin.test_run import Running

if TYPE_CHECKING:
    from pytest_ssot_tracker.plugin.active import Active

__all__ = ["register"]


def register(active: Active) -> Running | None:
    """Register the hooks of this process; return what follows its tests, `None` where xdist's workers run them."""
    config = active.config
    worker = hasattr(config, "workerinput")
    controls = not worker and config.getoption("dist", "no") != "no" and not config.option.collectonly
    if controls:
        active.stop()
        _gather(active, None)
        return None
    running = _run(active)
    if worker:
        _send(active, running)
    else:
        _gather(active, running)
    return running


def _run(active: Active) -> Running:
    """Follow each test, and lend the singletons to those that ask."""
    manager = active.config.pluginmanager
    running = Running(active)
    manager.register(running, "ssot_tracker_running")
    taken = taken_by_plugins(manager)
    manager.register(fixtures(active.settings, active.isolation, taken=taken), "ssot_tracker_fixtures")
    return running


def _send(active: Active, running: Running) -> None:
    """Send to the controller what is seen here."""
    from pytest_ssot_tracker.plugin.source_scan import take
    from pytest_ssot_tracker.plugin.xdist_worker import Working

    take(active)
    running.carry()  # a crash takes along what no report has carried
    active.config.pluginmanager.register(Working(running), "ssot_tracker_working")


def _gather(active: Active, running: Running | None) -> None:
    """Gather what the tests' processes report; where a result file is asked for, keep it up to date meanwhile."""
    manager = active.config.pluginmanager
    gathering = Gathering(active, running)
    manager.register(gathering, "ssot_tracker_gathering")
    if running is not None:
        running.on_carry = gathering.listen
    if any(report.type == "json" for report in active.options.reports):
        if running is not None:
            running.carry()  # what the collection has found is written down with the first test
        from pytest_ssot_tracker.plugin.keeping import Keeping

        manager.register(Keeping(active, gathering), "ssot_tracker_keeping")
