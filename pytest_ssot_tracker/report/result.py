"""Write a report into a result file, and read it back.

The file is the public one (`format: 2`, see `result.schema.json`): what one run writes, later runs, other machines and
other tools read. Equal reports give equal bytes. A file of format 1 is read as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.judge.whole_run import BudgetRow
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import By, FileError, Flag, Guard, Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.records import names_of, regex, replace
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import (
    FORMAT,
    AllowRow,
    BlindRow,
    Exercise,
    RunInfo,
    SeenRow,
    SiteRow,
    SsotRow,
    TestRow,
    Totals,
)
from pytest_ssot_tracker.report.shape import fault, matcher

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["FORMAT", "ResultError", "from_plain", "read", "render", "to_plain", "write"]

_OF_WINDOWS = regex(r"[A-Za-z]:[\\/]|\\\\")
"""What the root of a run on Windows begins with: a drive, or a share."""

Plain = dict[str, Any]


class ResultError(FileError):
    """Why the result file cannot be used."""


def render(report: Report, output: Output) -> None:
    """Write the result file; raise `OSError`."""
    assert output.dest is not None, "parse_report gives every json report a destination"
    write(report, output.dest)


def write(report: Report, path: Path) -> None:
    """Write the result file in one step, so that a reader sees the old or the new one; raise `OSError`."""
    replace_text(path, text_of(to_plain(report)))


def read(path: Path) -> Report:
    """Return the report in the result file at `path`, checked against the schema; raise `ResultError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultError(str(path), "there is no such result file; write one with --ssot-report=json") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ResultError(str(path), f"the result file cannot be read: {error}") from error
    try:
        plain = _loads(text)
    except (ValueError, RecursionError) as error:
        raise ResultError(str(path), f"the result file is no JSON ({error}); run the tests again") from error
    _upgrade(plain)
    _check(plain, str(path))
    if _OF_WINDOWS.match(plain["run"]["root"]):
        _spell_paths(plain)
    report = _blamed(_grown(from_plain(plain), plain["tests"]))
    for site in (*(row.site for row in report.sites), *report.fixed):
        if site.climbs:
            raise ResultError(str(path), f"the path {site.path!r} of a site leads out of the project; is it yours?")
        if "\0" in site.path:
            raise ResultError(str(path), f"no file can have the path {site.path!r} of a site; run the tests again")
    return report


def _loads(text: str) -> Any:
    """Return what the file says; of a run that was killed while it wrote the row of a test, all but that row."""
    try:
        return json.loads(text)
    except ValueError:
        whole, _, rest = text.rpartition("\n")
        if not rest or '"complete":false' not in text or '\n"tests":[\n' not in text:
            raise
        return json.loads(whole.removesuffix(",") + "]}")


def _upgrade(plain: object) -> None:
    """Turn a result of format 1 into one of format 2, which says `step` where the former said `phase`.

    Whatever has not the shape of a result stays as it is: the schema is asked next.
    """
    if not isinstance(plain, dict) or plain.get("format") != 1 or plain["format"] is True:
        return
    plain["format"] = FORMAT
    tests = _rows(plain, "tests")
    for site in (*_rows(plain, "sites"), *(site for test in tests for site in _rows(test, "seen"))):
        for seen in _rows(site, "tests"):
            if "phase" in seen:
                seen["step"] = seen.pop("phase")


def _rows(plain: Plain, key: str) -> list[Plain]:
    """Return what of the list at `key` are rows."""
    rows = plain.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _spell_paths(plain: Plain) -> None:
    """Spell the paths of a result from Windows with `/`, where a tool between has not."""
    tests = plain["tests"]
    sites = [*plain["sites"], *(one for test in tests for one in test.get("seen", ()))]
    for row in (*sites, *plain.get("fixed", ()), *plain.get("allows", ())):
        row["path"] = row["path"].replace("\\", "/")
    for row in (*tests, *(seen for site in sites for seen in site["tests"])):
        if row["id"] is not None:
            file, colons, name = row["id"].partition("::")
            row["id"] = file.replace("\\", "/") + colons + name


def _grown(report: Report, tests: Sequence[Plain]) -> Report:
    """Return the report of a run that never ended, with what its tests reached put where it belongs.

    A test that ran again has several rows, of which the last counts.
    """
    last = {row["id"]: row for row in tests}
    seen = tuple(_to_site(one) for row in last.values() for one in row.get("seen", ()))
    if not seen and len(last) == len(tests):
        return report
    from pytest_ssot_tracker.report.combine import combine

    by_id = {row.id: row for row in report.tests}
    alone = [Report(run=report.run, sites=(row,), budgets=report.budgets, allows=report.allows) for row in seen]
    return combine([replace(report, tests=tuple(by_id.values())), *alone])


def _blamed(report: Report) -> Report:
    """Return `report`, in which each test that failed for a violation has a site that fails for it.

    Format 1 did not say which sites a test fails for: those that are new, and where the phase is `enforce` those that
    are known; where a test has neither, its marker held it to `enforce`, so that all count.
    """
    enforced = {row.name for row in report.ssots if row.phase is Phase.ENFORCE}
    rows = {row.site.id: row for row in report.sites if row.status.is_unexcused}
    blamed: dict[str, SiteRow] = {}
    for test in report.tests:
        own = [rows[key] for key in test.sites if key in rows] if test.failed else []
        if any(row.fails for row in own):
            continue
        plainly = [row for row in own if row.status is Status.NEW or row.site.ssot in enforced]
        blamed |= {row.site.id: row for row in plainly or own}
    if not blamed:
        return report
    told = (replace(row, fails="test") if row.site.id in blamed else row for row in report.sites)
    return replace(report, sites=tuple(told))


def _check(plain: object, path: str) -> None:
    format_ = plain.get("format") if isinstance(plain, dict) else None
    if not isinstance(format_, int) or isinstance(format_, bool):
        raise ResultError(path, "this is no result file: it has no 'format'; write one with --ssot-report=json")
    if format_ > FORMAT:
        raise ResultError(
            path, f"it has format {format_}, this version reads up to {FORMAT}; update pytest-ssot-tracker"
        )
    from pytest_ssot_tracker.report.published import schema

    said = schema()
    if matcher(said)(plain):
        return
    from importlib.metadata import version

    error = fault(said, plain)
    if error is None:  # a number such as 12.0, which the schema takes for an integer
        return
    where = "/".join(map(str, error.path)) or "the top level"
    todo = "run the tests again"
    run, own = dict(plain).get("run"), version("pytest-ssot-tracker")  # type: ignore[call-overload]
    if error.keyword == "enum" and isinstance(run, dict) and run.get("version") != own:
        todo = f"version {run.get('version')} wrote it, this is {own}: update pytest-ssot-tracker, or {todo}"
    raise ResultError(path, f"the result file is damaged at {where}: {error.message:.200}; {todo}")


def to_plain(report: Report) -> Plain:
    """Return the report as the result file holds it."""
    return {
        "format": FORMAT,
        "run": _run(report),
        "ssots": [_ssot(row) for row in report.ssots],
        "sites": [site_to_plain(row) for row in report.sites],
        "tests": [test_to_plain(row) for row in report.tests],
        "totals": _totals(report),
        "fixed": [_identity(site) for site in report.fixed],
        "allows": [_plain(row) for row in report.allows],
        "budgets": [_plain(row) for row in report.budgets],
        "failures": list(report.failures),
    }


def from_plain(plain: Mapping[str, Any]) -> Report:
    """Return the report that `to_plain` made into `plain`."""
    run = dict(plain["run"])
    blind_spots = _blind(run.pop("blind_spots", ()))
    return Report(
        run=_row(RunInfo, run, phase=Phase),
        ssots=tuple(_row(SsotRow, one, phase=Phase, guards=_guards, blind_spots=_blind) for one in plain["ssots"]),
        sites=tuple(_to_site(one) for one in plain["sites"]),
        tests=tuple(_row(TestRow, one, blind_spots=_blind) for one in plain["tests"]),
        blind_spots=blind_spots,
        totals=_row(Totals, {name: count for name, count in plain["totals"].items() if name != "in_tests"}),
        fixed=tuple(_to_identity(one) for one in plain.get("fixed", ())),
        allows=tuple(_row(AllowRow, one) for one in plain.get("allows", ())),
        budgets=tuple(_row(BudgetRow, one, rule=Rule) for one in plain.get("budgets", ())),
        failures=tuple(plain.get("failures", ())),
    )


def _totals(report: Report) -> Plain:
    """Return the counts, and which part of them stands in tests, where any does."""
    if not any(row.in_tests for row in report.sites):
        return _plain(report.totals)
    part = _plain(report.in_tests)
    return {**_plain(report.totals), "in_tests": {name: part[name] for name in ("new", "known", "expected", "allowed")}}


def _run(report: Report) -> Plain:
    return {**_plain(report.run), "blind_spots": [_plain(spot) for spot in report.blind_spots]}


def _ssot(row: SsotRow) -> Plain:
    nested = {
        "guards": [_plain(guard) for guard in row.guards],
        "blind_spots": [_plain(spot) for spot in row.blind_spots],
    }
    return {**_plain(row), **nested}


def test_to_plain(row: TestRow) -> Plain:
    """Return one test as the result file holds it."""
    plain = _plain(row)
    del plain["blind_spots"], plain["notes"]
    if row.notes:
        plain["notes"] = list(row.notes)
    if row.blind_spots:
        plain["blind_spots"] = [_plain(spot) for spot in row.blind_spots]
    return plain


def site_to_plain(row: SiteRow) -> Plain:
    """Return one site as the result file holds it."""
    site = row.site
    plain = {
        "id": site.id,
        **_identity(site),
        "declared": site.declared,
        "flags": [flag.value for flag in site.flags],
        "status": row.status.value,
        "found_by": list(row.found_by),
        "exercise": row.exercise.value,
        "count": row.count,
        "owner": row.owner,
        "issue": row.issue,
        "replacement": row.replacement,
        "tests": [_seen(use) for use in row.seen],
    }
    if row.in_tests:
        plain["in_tests"] = True
    if row.reason is not None:
        plain["reason"] = row.reason
    return plain if row.fails is None else {**plain, "fails": row.fails}


def _identity(site: Site) -> Plain:
    return {
        "rule": site.rule.value,
        "ssot": site.ssot,
        "target": site.target,
        "path": site.path,
        "line": site.line,
        "scope": site.scope,
        "text": site.text,
        "ordinal": site.ordinal,
    }


def _to_identity(plain: Mapping[str, Any]) -> Site:
    parts = {key: plain[key] for key in ("ssot", "target", "path", "line", "scope")}
    parts["rule"] = Rule(plain["rule"])
    parts["ordinal"] = plain.get("ordinal", 0)
    parts["declared"] = plain.get("declared", "")
    parts["flags"] = tuple(Flag(flag) for flag in plain.get("flags", ()))
    if not plain["text"] and plain.get("id"):  # what production tells of a site is not all of it
        return Site.identified(plain["id"], **parts)
    return Site(text=plain["text"], **parts)


def _to_site(plain: Mapping[str, Any]) -> SiteRow:
    return SiteRow(
        site=_to_identity(plain),
        status=Status(plain["status"]),
        found_by=tuple(plain["found_by"]),
        exercise=Exercise(plain["exercise"]),
        owner=plain["owner"],
        issue=plain["issue"],
        replacement=plain["replacement"],
        seen=tuple(_to_seen(one) for one in plain["tests"]),
        fails=plain.get("fails"),
        in_tests=plain.get("in_tests", False),
        reason=plain.get("reason"),
    )


def _seen(row: SeenRow) -> Plain:
    plain: Plain = {
        "id": row.test,
        "step": row.step.value,
        "fixture": row.fixture,
        "thread": row.thread,
        "via": row.via,
        "by": None if row.by is None else row.by.value,
        "count": row.count,
    }
    if row.bucket:
        plain["bucket"] = row.bucket
    if row.origin:
        plain["origin"] = row.origin
    if row.detail:
        plain["detail"] = list(row.detail)
    return plain


def _to_seen(plain: Mapping[str, Any]) -> SeenRow:
    return SeenRow(
        test=plain["id"],
        step=Step(plain["step"]),
        count=plain["count"],
        fixture=plain["fixture"],
        thread=plain["thread"],
        via=plain.get("via"),
        by=None if plain.get("by") is None else By(plain["by"]),
        bucket=plain.get("bucket"),
        origin=plain.get("origin"),
        detail=tuple(plain.get("detail", ())),
    )


def _plain(row: Any) -> Plain:
    """Return a flat row as a dictionary: enum members as their text, tuples as lists."""
    plain = {}
    for name in _names(type(row)):
        value = getattr(row, name)
        plain[name] = list(value) if isinstance(value, tuple) else str(value) if isinstance(value, str) else value
    return plain


def _names(kind: Any) -> tuple[str, ...]:
    """Return the names of a row's parts, in order."""
    return kind._fields if issubclass(kind, tuple) else names_of(kind)


def _row(kind: Callable[..., Any], plain: Mapping[str, Any], **readers: Callable[[Any], Any]) -> Any:
    """Return a row of `kind` from its dictionary; what a later version added is left out."""
    known = _names(kind)
    values = {key: readers[key](value) if key in readers else value for key, value in plain.items() if key in known}
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


def _blind(plain: Iterable[Mapping[str, Any]]) -> tuple[BlindRow, ...]:
    return tuple(_row(BlindRow, one) for one in plain)


def _guards(plain: Iterable[Mapping[str, Any]]) -> tuple[Guard, ...]:
    return tuple(_row(Guard, one) for one in plain)


def text_of(plain: Plain) -> str:
    """Return the text of a result file that says `plain`."""
    return "".join(_chunks(plain))


def _chunks(plain: Plain) -> Iterable[str]:
    """Yield the text of the file: one row a line, so that people and diffs can read it."""
    dump = json.JSONEncoder(separators=(",", ":")).encode  # `json.dumps` makes one for each row
    opening = "{"
    for key, value in plain.items():
        yield f'{opening}\n"{key}":'
        if isinstance(value, list) and value:
            yield "[\n" + ",\n".join(map(dump, value)) + "\n]"
        else:
            yield dump(value)
        opening = ","
    yield "\n}\n"
