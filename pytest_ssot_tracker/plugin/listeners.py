"""Tell others about the report of a run: pytest's own JUnit file, and whoever implements our hooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_ssot_tracker.judge.words import harmless, told
from pytest_ssot_tracker.report import Report
from pytest_ssot_tracker.report.failing import failing
from pytest_ssot_tracker.report.outcome import blind_lines, outcome
from pytest_ssot_tracker.report.wording import finding

__all__ = ["LEAVE_ALONE", "add_to_junit", "tell"]

LEAVE_ALONE = (KeyboardInterrupt, SystemExit, GeneratorExit, pytest.exit.Exception)
"""What ends the session, and is nobody's failure."""


def add_to_junit(config: pytest.Config, report: Report) -> None:
    """Put the totals into pytest's own JUnit file, where it writes one, and a case for each reason that no test shows.

    A session can fail although every test passes; services that read the file know failed cases only.
    """
    from _pytest.junitxml import xml_key

    log = config.stash.get(xml_key, None)
    if log is None:
        return
    for name in ("new", "known", "expected", "allowed", "fixed", "stale"):
        log.add_global_property(f"ssot.{name}", getattr(report.totals, name))
    log.add_global_property("ssot.failing", len(failing(report)))
    log.add_global_property("ssot.blind_spots", len(blind_lines(report)))
    log.add_global_property("ssot.outcome", outcome(report))
    for reason in report.failures:
        kind = reason.partition(":")[0]
        if kind != "tests":  # those have failed by themselves
            _add_case(log, kind, reason, [finding(row) for row in failing(report) if row.fails == kind])


def _add_case(log: Any, kind: str, reason: str, lines: list[str]) -> None:
    """Add a failed case as pytest itself adds one for an internal error."""
    from xml.etree.ElementTree import Element

    case = log.node_reporter(f"ssot::{kind}")
    case.attrs.update(classname="ssot", name=harmless(kind))
    node = Element("failure", message=harmless(reason))
    node.text = "\n".join(lines)
    case.append(node)


def tell(config: pytest.Config, report: Report) -> Iterator[str]:
    """Call the hooks that others implement; yield a line for each implementation that raised, and how often it did."""
    for name, hook in _implemented(config, "pytest_ssot_violation"):
        raised: Counter[str] = Counter()
        for row in report.sites:
            if row.status.is_unexcused:
                for seen in row.seen or (None,):
                    raised.update(_called(hook, site=row.site, row=row, observation=seen))
        yield from _lines("pytest_ssot_violation", name, raised)
    for name, hook in _implemented(config, "pytest_ssot_report"):
        yield from _lines("pytest_ssot_report", name, Counter(_called(hook, report=report)))


def _implemented(config: pytest.Config, name: str) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield each plugin that implements the hook, and what calls it alone: pluggy stops at the first that raises."""
    manager = config.pluginmanager
    plugins = [implementation.plugin for implementation in getattr(config.hook, name).get_hookimpls()]
    for plugin in reversed(plugins):
        others = [other for other in plugins if other is not plugin]
        yield str(manager.get_name(plugin)), manager.subset_hook_caller(name, remove_plugins=others)


def _called(hook: Callable[..., object], **given: object) -> Iterator[str]:
    """Call `hook`; yield kind and text of what it raised."""
    try:
        hook(**given)
    except LEAVE_ALONE:
        raise
    except BaseException as error:
        yield told(error)


def _lines(hook: str, plugin: str, raised: Counter[str]) -> Iterator[str]:
    for said, times in raised.items():
        often = f" ({times} times)" if times > 1 else ""
        yield f"ssot: {hook} of {harmless(plugin)} raised {said}{often}"
