"""How the summary looks on a terminal: what it lists, where it folds, what it leaves out.

`SSOT_GOLD=write` writes the files in tests/gold anew that belong here; look at the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ssot_tracker.report.html import write
from pytest_ssot_tracker.report.result import read

GOLD = Path(__file__).parents[1] / "gold" / "terminal"
COLOUR = re.compile(r"\033\[[0-9;]*m")
CONFIGURATION = """\
[tool.ssot_tracker]
source = ["store"]
phase = "ratchet"
[tool.ssot_tracker.ssot.orders]
canonical = "store.core.order_tracking:UnifiedOrderTracker"
deprecated = ["store.core.legacy_order_log:OrderLog", "store.core.legacy_order_log:open_log"]
owner = "order-platform-team"
issue = "SHOP-1042"
[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""
MODULE = """\
from store.core.legacy_order_log import OrderLog, open_log


def write(order):
    OrderLog().write(order)


def write_all(orders):
    for order in orders:
        open_log().write(order)


class Desk:
    log = OrderLog()

    def close(self):
        return open_log()
"""
TEST = """\
from store.billing.desk_0 import Desk, write


def test_the_desk_closes():
    assert Desk().close() is not None


def test_an_order_is_written():
    write("A-1")
"""


@pytest.fixture
def store(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with 300 sites in five packages, on a terminal of 80 columns."""
    pytester.makepyprojecttoml(CONFIGURATION)
    packages = ("billing", "catalogue", "customers", "fulfilment", "returns_and_refunds")
    files = {f"store/{package}/desk_{number}": MODULE for package in packages for number in range(10)}
    pytester.makepyfile(
        **files,
        **{f"store/{package}/__init__": "" for package in (*packages, "core")},
        **{
            "store/__init__": "",
            "store/core/order_tracking": "class UnifiedOrderTracker:\n    pass\n",
            "store/core/legacy_order_log": "class OrderLog:\n    def write(self, order): ...\n\n\n"
            "def open_log():\n    return OrderLog()\n",
            "tests/test_desks": TEST,
        },
    )
    monkeypatch.setenv("COLUMNS", "80")
    return pytester


def summary(store: pytest.Pytester, *args: str) -> list[str]:
    """Return the lines that the plugin adds to the end of a run."""
    done = store.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", *args)
    lines = done.stdout.lines
    first = next(number for number, line in enumerate(lines) if "ssot: phase" in line and "===" in line)
    last = next(number for number, line in enumerate(lines) if number > first and "short test summary" in line)
    return lines[first:last]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("plain", ("--color=no",)),
        ("colour", ("--color=yes",)),
        ("by-target", ("--color=no", "--ssot-group=target")),
        ("by-path", ("--color=no", "--ssot-group=path")),
    ],
)
def test_a_summary_of_300_sites_looks_as_it_did(store: pytest.Pytester, name: str, args: tuple[str, ...]) -> None:
    text = "\n".join(summary(store, *args)) + "\n"
    gold = GOLD / f"{name}.txt"
    if os.environ.get("SSOT_GOLD") == "write":
        gold.write_text(text, encoding="utf-8")
    assert text == gold.read_text(encoding="utf-8"), "SSOT_GOLD=write writes it anew where this is meant"


def test_no_line_of_a_summary_is_wider_than_the_terminal(store: pytest.Pytester) -> None:
    for args in ((), ("--ssot-report=term-verbose",), ("--ssot-group=owner",), ("--ssot-explain=tests/x.py:1",)):
        assert [line for line in summary(store, *args) if len(COLOUR.sub("", line)) > 80] == []


def test_a_log_that_no_terminal_shows_has_each_site_on_one_line(
    store: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS")
    line = next(line for line in summary(store) if "store/billing/desk_0.py:1 " in line)
    assert line.endswith("(order-platform-team, SHOP-1042)")


def test_the_group_can_be_set_in_ini_and_the_command_line_wins(store: pytest.Pytester) -> None:
    text = CONFIGURATION + 'ssot_group = "owner"\n'
    store.makepyprojecttoml(text)
    assert "  order-platform-team (300)" in summary(store)
    assert "  deprecated-import (100)" in summary(store, "--ssot-group=rule")


def test_a_group_that_there_is_not_is_refused_with_the_nearest(store: pytest.Pytester) -> None:
    store.makepyprojecttoml(CONFIGURATION + 'ssot_group = "owners"\n')
    done = store.runpytest_inprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*pyproject.toml: ssot_group: unknown group 'owners'; did you mean 'owner'[?]*"])


def test_it_is_said_where_each_report_went(store: pytest.Pytester) -> None:
    reports = ("--ssot-report=json", "--ssot-report=html:out/pages", "--ssot-report=sarif:../elsewhere.sarif")
    told = [line for line in summary(store, *reports) if line.startswith("ssot: wrote ")]
    assert told == [
        "ssot: wrote the json report to ssot-result.json",
        "ssot: wrote the html report to out/pages/index.html",
        "ssot: wrote the sarif report to ../elsewhere.sarif",
    ]


def test_a_configured_baseline_that_is_not_there_is_missed_aloud_in_ratchet(store: pytest.Pytester) -> None:
    store.makepyprojecttoml(CONFIGURATION.replace('"ratchet"', '"ratchet"\nbaseline = "known.json"'))
    said = store.runpytest_inprocess("-p", "no:asyncio").stdout.str()
    line = "ssot: warning: baseline: there is no 'known.json', so nothing is known; `ssot-tracker baseline` writes it"
    assert line in " ".join(said.split())
    assert "there is no 'known.json'" not in store.runpytest_inprocess("--ssot-phase=baseline").stdout.str()


@pytest.mark.parametrize("name", ["index.html", "file-store-billing-desk-0-py-*.html"])
def test_the_pages_of_300_sites_look_as_they_did(
    store: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    summary(store, "--ssot-report=json")
    monkeypatch.chdir(store.path)
    report = read(Path("ssot-result.json"))
    same = {
        "version": "1.0",
        "python": "3.13.0",
        "pytest": "9.2.0",
        "root": ".",
        "started": "2026-06-01T10:00:00+00:00",
    }
    write(replace(report, run=replace(report.run, **same)), tmp_path / "pages")
    (page,) = (tmp_path / "pages").glob(name)
    gold = GOLD.parent / "html" / "store" / page.name
    if os.environ.get("SSOT_GOLD") == "write":
        gold.parent.mkdir(exist_ok=True)
        gold.write_bytes(page.read_bytes())
    assert page.read_text(encoding="utf-8") == gold.read_text(encoding="utf-8"), "SSOT_GOLD=write writes it anew"


def test_of_many_users_of_what_is_asked_about_the_first_are_listed(store: pytest.Pytester) -> None:
    asked = ("-p", "no:asyncio", "-p", "no:randomly", "--ssot-deprecate=store.core.legacy_order_log.OrderLog")
    store.makepyprojecttoml('[tool.pytest.ini_options]\npythonpath = ["."]\ntestpaths = ["tests"]\n')
    few = store.runpytest_inprocess(*asked).outlines
    assert "100 of 150 places are not shown; --ssot-report=term-verbose lists them all" in few
    every = store.runpytest_inprocess(*asked, "--ssot-report=term-verbose").outlines
    assert not [line for line in every if "are not shown" in line]
    assert sum(line.startswith("store/") for line in every) > sum(line.startswith("store/") for line in few)
