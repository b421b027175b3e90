"""Teach a rule or a site: what it is, why it matters, how to fix it, how to allow it, and where to read on.

The one source of these texts: `ssot-tracker explain` and `--ssot-explain` print them.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.model import Rule, Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding

__all__ = ["DOCS", "HOME", "allowance", "link", "rule_lines", "site_lines"]

HOME = "https://pypi.org/project/pytest-ssot-tracker/"
"""Where a reader who has only a report in hand finds the tool."""

DOCS = "docs/rules.md"
_SHOWN = 10
"""How many tests a site lists; the result file has all of them."""


def link(rule: Rule) -> str:
    """Return where the documentation describes `rule`."""
    return f"{DOCS}#{rule}"


def rule_lines(rule: Rule) -> Iterator[str]:
    """Yield everything that is to be told of `rule`, line by line."""
    about = rule.about
    yield f"{rule} (found by {' and '.join(f'the {finder}' for finder in ('scan', 'run') if finder in about.found_by)})"
    yield f"  what   {about.summary}"
    yield f"  why    {about.why}"
    yield f"  fix    {about.fix}"
    yield from _allowing(rule)
    yield f"  read   {link(rule)}"


def allowance(rule: Rule) -> str:
    """Return the comment that allows one statement, for copying; `""` where a comment allows nothing."""
    about = rule.about
    if not about.fails or about.stands_at == "file":
        return ""
    return f"# ssot: allow[{rule}] REASON"


def _allowing(rule: Rule) -> Iterator[str]:
    if not rule.about.fails:
        yield "  allow  nothing to allow: it is recorded and fails nothing"
    elif rule is Rule.UNREADABLE_SOURCE:
        yield '  allow  exclude = ["path/of/the_file.py"] in [tool.ssot_tracker]'
    else:
        yield f"  allow  one statement:  # ssot: allow[{rule}] REASON"
        if rule.about.by_tests:
            yield f'         one test:       @pytest.mark.ssot_allow("{rule}", reason="…")'
            yield f'         while it lasts: @pytest.mark.ssot_expect_violation("{rule}")'
        yield f'         a number:       max = {{ "{rule}" = 4 }} in its table'
        if rule.about.allow_in:
            yield '         whole modules:  allow_in = ["pkg.migration.**"] in its table'


def site_lines(report: Report, asked: str) -> Iterator[str]:
    """Yield everything that is to be told of the sites that `asked` names, an id or `path:line`, line by line."""
    rows = _named(report, asked)
    if not rows:
        yield f"no site has the id, or stands at, {harmless(asked)}{_near(report, asked)}"
    for row in rows:
        yield from _site(row)
        yield from rule_lines(row.site.rule)


def _named(report: Report, asked: str) -> list[SiteRow]:
    place = asked.replace("\\", "/").removeprefix("./")
    return [row for row in report.sites if asked == row.site.id or place == row.site.where]


def _near(report: Report, asked: str) -> str:
    path, _, _ = asked.replace("\\", "/").removeprefix("./").rpartition(":")
    lines = sorted({row.site.line for row in report.sites if row.site.path == path})
    if lines:
        return f"; those of {path} stand at {', '.join(map(str, lines))}"
    return "; --ssot-report term-verbose lists every site as path:line"


def _site(row: SiteRow) -> Iterator[str]:
    site = row.site
    yield finding(row)
    yield f"  code   {harmless(site.text)}"
    yield harmless(f"  id     {site.id} (rule {site.rule}, table {site.ssot}, target {site.target})")
    yield f"  is     {row.status}: {_STANDING[row.status]}"
    tests = row.tests
    if tests:
        yield f"  tests  {counted(row.count, 'time')} by {counted(len(tests), 'test')}"
        for test in tests[:_SHOWN]:
            yield f"         {harmless(test)}"
        if len(tests) > _SHOWN:
            yield f"         and {len(tests) - _SHOWN} more"
    else:
        yield "  tests  none reached it"


_STANDING = {
    Status.NEW: "not in the baseline, not expected and not allowed",
    Status.KNOWN: "it is in the baseline",
    Status.EXPECTED: "a test's marker says so",
    Status.ALLOWED: "by the configuration, a marker or a comment",
}
