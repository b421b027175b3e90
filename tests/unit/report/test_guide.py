"""Test what is told of rules and sites: complete, in step with the documentation, and of the site that was meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.report import Report, RunInfo
from pytest_ssot_tracker.report.guide import DOCS, link, rule_lines, site_lines
from pytest_ssot_tracker.report.rows import Exercise, SeenRow, SiteRow

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_is_found_by_something_and_says_what_a_site_does(rule: Rule) -> None:
    assert rule.about.found_by in ({"scan"}, {"run"}, {"scan", "run"})
    assert rule.about.deed.format("TARGET") != rule.about.deed


def test_every_link_is_a_heading_of_the_documentation() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / DOCS).read_text(encoding="utf-8"), re.MULTILINE)
    assert [f"{DOCS}#{heading}" for heading in headings] == [link(rule) for rule in Rule]


@pytest.mark.parametrize("rule", Rule)
def test_what_found_a_rule_is_what_the_documentation_says(rule: Rule) -> None:
    section = (ROOT / DOCS).read_text(encoding="utf-8").split(f"## {rule}\n")[1].split("\n## ")[0]
    if "Found by the scan" in section:
        assert rule.about.found_by == {"scan"}


@pytest.mark.parametrize("rule", Rule)
def test_every_text_is_a_sentence_or_several(rule: Rule) -> None:
    about = rule.about
    assert all(text[0].isupper() and text.endswith(".") for text in (about.why, about.fix, about.summary))
    assert all(len(line) <= 180 for line in rule_lines(rule))


def test_what_fails_nothing_needs_no_allowing() -> None:
    assert "  allow  nothing to allow: it is recorded and fails nothing" in list(rule_lines(Rule.STATE_LEAK))


def test_what_no_test_reaches_is_allowed_by_no_marker() -> None:
    assert not [line for line in rule_lines(Rule.COMPETING_MODULES) if "pytest.mark" in line]


RUN = RunInfo(version="1.0", phase=Phase.RATCHET, python="3", pytest="9", root="/", started="2026-06-01T14:00:00+02:00")


def row(*tests: str, status: Status = Status.NEW) -> SiteRow:
    site = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/b.py", 12, "C.make", "Thing()")
    return SiteRow(
        site=site,
        status=status,
        found_by=("scan", "run"),
        exercise=Exercise.EXERCISED if tests else Exercise.UNEXERCISED,
        replacement="pkg.new:Thing",
        seen=tuple(SeenRow(test=test, step=Step.CALL, count=3) for test in tests),
    )


def told(one: SiteRow, asked: str) -> list[str]:
    return list(site_lines(Report(run=RUN, sites=(one,)), asked))


def test_a_site_is_told_with_its_statement_its_tests_and_its_rule() -> None:
    one = row("tests/test_a.py::test_x")
    lines = told(one, "app/b.py:12")
    assert lines[:6] == [
        "C.make constructs pkg.old:Thing at app/b.py:12; use pkg.new:Thing",
        "  code   Thing()",
        f"  id     {one.site.id} (rule deprecated-use, table execution, target pkg.old:Thing)",
        "  is     new: not in the baseline, not expected and not allowed",
        "  tests  3 times by 1 test",
        "         tests/test_a.py::test_x",
    ]
    assert lines[6:] == list(rule_lines(Rule.DEPRECATED_USE))


def test_a_site_may_be_named_by_its_identity_or_as_a_path_of_windows() -> None:
    one = row()
    assert told(one, one.site.id) == told(one, ".\\app\\b.py:12") == told(one, "./app/b.py:12")
    assert "  tests  none reached it" in told(one, one.site.id)


def test_many_tests_are_counted_after_the_first_ten() -> None:
    assert "         and 2 more" in told(row(*(f"t.py::test_{n}" for n in range(12))), "app/b.py:12")


def test_another_line_of_the_file_is_answered_with_those_that_have_sites() -> None:
    assert told(row(), "app/b.py:13") == [
        "no site has the id, or stands at, app/b.py:13; those of app/b.py stand at 12"
    ]


def test_a_file_without_sites_is_answered_with_the_way_to_all_of_them() -> None:
    assert told(row(), "app/c.py:13") == [
        "no site has the id, or stands at, app/c.py:13; --ssot-report term-verbose lists every site as path:line"
    ]


@pytest.mark.parametrize("status", Status)
def test_how_a_site_stands_is_said_in_words(status: Status) -> None:
    (line,) = (line for line in told(row(status=status), "app/b.py:12") if line.startswith("  is "))
    assert line.startswith(f"  is     {status}: ")
