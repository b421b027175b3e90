"""Offer a project on disk whose sites are rewritten."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_ssot_tracker.fix import Fixes, fix
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import load

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["app"]
scan   = ["app", "tests"]

[tool.ssot_tracker.ssot.orders]
canonical  = "app.core:Tracker"
accessors  = ["app.core:get_tracker"]
deprecated = ["app.old", "os:environ"]

[tool.ssot_tracker.ssot.orders.replace]
"app.old:OrderLog"      = "app.core:Tracker"
"app.old:get_log"       = "app.core:get_tracker"
"app.old:LogError"      = "app.core:TrackerError"
"app.old:OrderLog.note" = "app.core:Tracker.record"
"os:environ"            = "app.core:environ"
"""

OLD = """\
class LogError(Exception):
    pass


class OtherError(LogError):
    pass


class OrderLog:
    level = 1

    def __init__(self, size=0):
        self.size = size

    def note(self, text):
        return text

    def close(self):
        pass

    def weigh(self):
        return 1


class Unmapped:
    pass


def get_log():
    return OrderLog()


def get_log_of(name) -> OrderLog:
    return OrderLog()
"""

CORE = """\
class TrackerError(Exception):
    pass


class Tracker:
    level = 2

    def __init__(self, size=0):
        self.size = size

    def record(self, text):
        return text

    def close(self):
        pass


environ = {}


def get_tracker() -> Tracker:
    return Tracker()
"""


class Project:
    """Be a project; `rewrite` says how one file of it would look."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("pyproject.toml", CONFIGURATION)
        self.write("app/__init__.py", "")
        self.write("app/old.py", OLD)
        self.write("app/core.py", CORE)
        self.write("tests/__init__.py", "")
        self.reasons: list[str] = []

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def lay_out(self, configuration: str, **modules: str) -> Project:
        """Put a package `shop` with these modules beside, and another configuration in place; return the project."""
        self.write("pyproject.toml", configuration)
        for name, text in {"__init__": "", **modules}.items():
            self.write(f"shop/{name}.py", text)
        return self

    def configure(self, *lines: str) -> None:
        self.write("pyproject.toml", CONFIGURATION + "\n".join(lines) + "\n")

    def fix(self, *, rules: Sequence[str] = ()) -> Fixes:
        settings = load(self.root)
        result = scan(settings)
        chosen = [one for one in result.sites if one.id not in result.exempt and (not rules or one.rule in rules)]
        fixes = fix(settings, chosen, others=[one for one in result.sites if one not in chosen])
        self.reasons = [one.reason for one in fixes.refusals]
        return fixes

    def rewrite(self, text: str, path: str = "app/use.py") -> str:
        """Return `text`, the content of the file at `path`, as it is rewritten; see `reasons`."""
        self.write(path, textwrap.dedent(text))
        changed = {change.path: change.after.decode() for change in self.fix().changes}
        return changed.get(path, textwrap.dedent(text))

    def apply(self) -> None:
        for change in self.fix().changes:
            self.write(change.path, change.after)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
