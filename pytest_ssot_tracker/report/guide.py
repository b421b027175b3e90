"""Teach a rule or a site: what it is, why it matters, how to fix it, how to allow it, and where to read on.

The one source of these texts: `ssot-tracker explain` and `--ssot-explain` print them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.model import Rule, Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import RULES, finding

__all__ = ["DOCS", "GUIDES", "Guide", "link", "rule_lines", "site_lines"]

DOCS = "docs/rules.md"
_SHOWN = 10
"""How many tests a site lists; the result file has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """Be what is to be told of a rule beside its one sentence in `RULES`.

    `by_tests` says whether a marker of a test can cover a site of it.
    """

    why: str
    fix: str
    found_by: str
    by_tests: bool = True


_SCAN, _RUN, _BOTH = "the scan", "the run", "the scan and the run"

GUIDES: Mapping[Rule, Guide] = MappingProxyType(
    {
        Rule.DEPRECATED_IMPORT: Guide(
            why="While anybody imports it, the old module cannot be deleted, and its state lives on beside the new.",
            fix="Import the replacement instead; `replace` in the configuration names it for each target.",
            found_by=_BOTH,
        ),
        Rule.DEPRECATED_USE: Guide(
            why="What the old class or function remembers, the single source of truth does not know: two answers "
            "to one question.",
            fix="Call the replacement; for a singleton that is its accessor, not its class.",
            found_by=_BOTH,
        ),
        Rule.DEPRECATED_BASE: Guide(
            why="A subclass keeps the old class alive under a new name, and every object of it is one of the old kind.",
            fix="Derive from the replacement, or hold one instead of being one.",
            found_by=_BOTH,
        ),
        Rule.DEPRECATED_ACCESS: Guide(
            why="Whoever reads the old constant or attribute does not see what the new source says.",
            fix="Read the value from the single source of truth.",
            found_by=_SCAN,
        ),
        Rule.SINGLETON_BYPASS: Guide(
            why="A second object of the class is a second source of truth: what one is told, the other does not know.",
            fix="Ask one of the `accessors`; in a test, ask for the table's fixture.",
            found_by=_BOTH,
        ),
        Rule.OUT_OF_BAND_ID: Guide(
            why="An identifier that the generator did not make may have another form, collide, or name nothing that is "
            "registered.",
            fix="Call one of the `generators`.",
            found_by=_BOTH,
        ),
        Rule.FOREIGN_ID: Guide(
            why="The consumer is told of something that the generator never issued: a lookup by it finds nothing, or "
            "the wrong thing.",
            fix="Pass the identifier on from where the generator issued it; name who else may issue ids in `adopt`.",
            found_by=_RUN,
        ),
        Rule.COMPETING_MODULES: Guide(
            why="Of several modules for one job, each caller picks another; a repair in one is missing in the others.",
            fix="Move callers to one of them and delete the rest.",
            found_by=_SCAN,
            by_tests=False,
        ),
        Rule.INCOMPLETE_SSOT: Guide(
            why="Callers cannot leave the old thing for one that does not offer what they need.",
            fix="Add the missing attribute to the canonical, or take it out of `provides`.",
            found_by=_RUN,
            by_tests=False,
        ),
        Rule.SPLIT_BRAIN: Guide(
            why="Two classes keep a state of their own for one key, and nothing keeps the two in step.",
            fix="Let one of the two handle the key, and the other ask it.",
            found_by=_RUN,
        ),
        Rule.ILLEGAL_TRANSITION: Guide(
            why="A state that follows one it may not follow is a lost update, a race, or a step that was left out.",
            fix="Make the missing step, or serialise those who change the state; where the change is right, add it to "
            "`states.allowed`.",
            found_by=_RUN,
        ),
        Rule.STATE_LEAK: Guide(
            why="What one test leaves in the singleton the next one finds: tests pass or fail by their order.",
            fix="Ask for the table's fixture in the test; it takes away what the test left.",
            found_by=_RUN,
        ),
        Rule.UNREADABLE_SOURCE: Guide(
            why="What cannot be read cannot be called clean: there may be sites in it.",
            fix="Correct the file, run with the Python version that it needs, or name it in `exclude`.",
            found_by=_SCAN,
        ),
    }
)
"""Every rule's guide."""


def link(rule: Rule) -> str:
    """Return where the documentation describes `rule`."""
    return f"{DOCS}#{rule}"


def rule_lines(rule: Rule) -> Iterator[str]:
    """Yield everything that is to be told of `rule`, line by line."""
    guide = GUIDES[rule]
    yield f"{rule} (found by {guide.found_by})"
    yield f"  what   {RULES[rule]}"
    yield f"  why    {guide.why}"
    yield f"  fix    {guide.fix}"
    yield from _allowing(rule)
    yield f"  read   {link(rule)}"


def _allowing(rule: Rule) -> Iterator[str]:
    if rule is Rule.STATE_LEAK:
        yield "  allow  nothing to allow: it is recorded and fails nothing"
    elif rule is Rule.UNREADABLE_SOURCE:
        yield '  allow  exclude = ["path/of/the_file.py"] in [tool.ssot_tracker]'
    else:
        yield f"  allow  one statement:  # ssot: allow[{rule}] REASON"
        if GUIDES[rule].by_tests:
            yield f'         one test:       @pytest.mark.ssot_allow("{rule}", reason="…")'
            yield f'         while it lasts: @pytest.mark.ssot_expect_violation("{rule}")'
        yield f'         a number:       max = {{ "{rule}" = 4 }} in its table'
        if rule in _ALLOWED_IN:
            yield '         whole modules:  allow_in = ["pkg.migration.**"] in its table'


_ALLOWED_IN = frozenset(
    {
        Rule.DEPRECATED_IMPORT,
        Rule.DEPRECATED_USE,
        Rule.DEPRECATED_BASE,
        Rule.DEPRECATED_ACCESS,
        Rule.SINGLETON_BYPASS,
        Rule.OUT_OF_BAND_ID,
    }
)


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
