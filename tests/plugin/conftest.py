"""Offer a small project in the middle of its migration, for the plugin to run on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]

[tool.ssot_tracker.ssot.orders]
canonical  = "shop.core:Tracker"
accessors  = ["shop.core:get_tracker"]
deprecated = ["shop.old"]
fixture    = "order_tracker"
owner      = "platform"
issue      = "#220"
{table}

[tool.ssot_tracker.ids.orders]
generators = ["shop.core:make_id"]
forbidden  = ["uuid:uuid4"]
{tables}

[tool.pytest.ini_options]
pythonpath = ["."]
"""

CORE = """\
import uuid


class Tracker:
    def __init__(self):
        self.orders = {}

    def place(self, order):
        self.orders[order] = "placed"


_tracker = None


def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker


def make_id():
    return str(uuid.uuid4())
"""

OLD = """\
class OrderLog:
    pass


def get_log():
    return OrderLog()
"""

SERVICE = """\
def log_order():
    from shop import old

    return old.OrderLog()


def log_twice():
    log_order()
    log_order()


def second_tracker():
    from shop.core import Tracker

    return Tracker()


def loose_id():
    import uuid

    return uuid.uuid4()
"""


class Project:
    """Be a project that runs itself under the plugin and reads the result file."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.result: pytest.RunResult | None = None
        self.configure()
        pytester.makepyfile(**{"shop/__init__": "", "shop/core": CORE, "shop/old": OLD, "shop/service": SERVICE})

    def configure(self, table: str = "", tables: str = "") -> None:
        self.pytester.makepyprojecttoml(CONFIGURATION.format(table=table, tables=tables))

    def run(self, *args: str, **files: str) -> dict[str, Any]:
        """Write `files`, run the tests in this process, and return the result file."""
        if files:
            self.pytester.makepyfile(**files)
        self.result = self.pytester.runpytest_inprocess(
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:asyncio",
            "--no-ssot-scan",
            "--ssot-report=json",
            *args,
        )
        written = Path(self.pytester.path, "ssot-result.json")
        return json.loads(written.read_text()) if written.exists() else {}

    def outcomes(self, *args: str, **files: str) -> Mapping[str, str]:
        """Return each test's outcome by its bare name."""
        return {test["id"].rpartition("::")[2]: test["outcome"] for test in self.run(*args, **files)["tests"]}


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """Return a small project with one canonical, one deprecated module and one id generator."""
    return Project(pytester)


@pytest.fixture
def run(project: Project) -> Callable[..., dict[str, Any]]:
    """Return what runs a test module and gives the result file back."""
    return project.run
