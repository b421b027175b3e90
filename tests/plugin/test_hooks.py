"""Whoever implements our hooks is told everything, and can break nothing."""

from __future__ import annotations

import json

import pytest

import pytest_ssot_tracker

SUITE = """
from shop.service import log_twice, second_tracker

def test_it():
    log_twice()
    second_tracker()
"""
TAKES_NOTES = """
import json

def pytest_ssot_violation(site, row, observation):
    from pytest_ssot_tracker import SeenRow, Site, SiteRow
    assert (type(site), type(row), type(observation)) == (Site, SiteRow, SeenRow)
    assert row.site is site
    with open("seen.jsonl", "a") as file:
        said = [site.rule, site.path, site.line, row.status, row.fails, observation.test, observation.step]
        file.write(json.dumps(said) + "\\n")

def pytest_ssot_report(report):
    from pytest_ssot_tracker import Report
    assert type(report) is Report
    with open("seen.jsonl", "a") as file:
        file.write(json.dumps([report.failed, [row.site.path for row in report.sites]]) + "\\n")
"""


def seen(project) -> list[object]:
    return [json.loads(line) for line in (project.pytester.path / "seen.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("more", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_a_hook_is_given_the_site_its_row_and_who_reached_it(project, more):
    project.run("--ssot-phase=ratchet", *more, conftest=TAKES_NOTES, test_shop=SUITE)
    test = "test_shop.py::test_it"
    assert seen(project) == [
        ["deprecated-import", "shop/service.py", 2, "new", "test", test, "call"],
        ["deprecated-use", "shop/service.py", 4, "new", "test", test, "call"],
        ["singleton-bypass", "shop/service.py", 15, "new", "test", test, "call"],
        [True, ["shop/service.py"] * 3],
    ]


def test_what_hooks_are_given_can_be_imported_by_name():
    for name in pytest_ssot_tracker.__all__:
        assert getattr(pytest_ssot_tracker, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'pytest_ssot_tracker' has no attribute 'Sight'"):
        pytest_ssot_tracker.Sight  # noqa: B018


@pytest.mark.parametrize("raises", ["raise ConnectionError('no route\\x1b[31m')", "import pytest; pytest.fail('no')"])
@pytest.mark.parametrize("phase", ["baseline", "ratchet"])
def test_a_hook_that_raises_loses_nothing_and_changes_no_exit_status(project, phase, raises):
    conftest = f"def pytest_ssot_report(report):\n    {raises}\n\ndef pytest_ssot_violation():\n    {raises}\n"
    reports = ("--ssot-report=sarif:x.sarif", "--ssot-report=html:pages", "--ssot-report=github", "--junitxml=j.xml")
    result = project.run(f"--ssot-phase={phase}", *reports, "--ssot-report=junit", conftest=conftest, test_shop=SUITE)
    assert project.result.ret == {"baseline": 0, "ratchet": 1}[phase]
    assert len(result["sites"]) == 3
    assert result["run"]["complete"]
    assert (project.pytester.path / "x.sarif").exists()
    assert (project.pytester.path / "pages" / "index.html").exists()
    assert "ssot.new" in (project.pytester.path / "j.xml").read_text()
    lines = [line for line in project.result.stdout.lines if " raised " in line]
    said = "ConnectionError: no route\\x1b[31m" if "Connection" in raises else "Failed: no"
    assert lines == [
        f"ssot: pytest_ssot_violation of {project.pytester.path / 'conftest.py'} raised {said} (3 times)",
        f"ssot: pytest_ssot_report of {project.pytester.path / 'conftest.py'} raised {said}",
    ]
    project.result.stdout.fnmatch_lines(["*ssot: phase *3 new*"])


def test_one_implementation_that_raises_leaves_the_others_theirs(project):
    project.pytester.makepyfile(breaks="def pytest_ssot_report(report):\n    raise OSError('gone')\n")
    project.pytester.makepyfile(wraps=WRAPS)
    project.run(
        "--ssot-phase=baseline", "-pwraps", "-pbreaks", conftest=TAKES_NOTES, test_shop="def test_it():\n    pass\n"
    )
    assert seen(project) == [[False, []]]
    project.result.stdout.fnmatch_lines(["ssot: pytest_ssot_report of breaks raised OSError: gone"])
    assert project.result.ret == 0


WRAPS = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_ssot_report(report):
    return (yield)
"""


def test_an_error_that_cannot_say_what_it_is_has_its_kind(project):
    conftest = """
class Odd(Exception):
    def __str__(self):
        raise ValueError

def pytest_ssot_report(report):
    raise Odd
"""
    project.run("--ssot-phase=baseline", conftest=conftest, test_shop="def test_it():\n    pass\n")
    project.result.stdout.fnmatch_lines(["ssot: pytest_ssot_report of *conftest.py raised Odd"])
