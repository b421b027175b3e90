"""Write a report into a result file, and read it back.

The file is the public one (`format: 2`, see `result.schema.json`): what one run writes, later runs, other machines and
other tools read. Equal reports give equal bytes. A file of format 1 is read as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.judge.whole_run import BudgetRow
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import FileError, Flag, Phase, Rule, Site, Status
from pytest_ssot_tracker.records import regex, replace
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.form import Plain, written
from pytest_ssot_tracker.report.form import read as read_row
from pytest_ssot_tracker.report.rows import (
    FORMAT,
    AllowRow,
    BlindRow,
    RunInfo,
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


class ResultError(FileError):
    """Why the result file cannot be used."""


def render(report: Report, output: Output) -> None:
    """Write the result file; raise `OSError`."""
    write(report, output.file)


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
    sites = [*plain["sites"], *(site for test in tests for site in test.get("seen", ()))]
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
    seen = tuple(_to_site(site) for row in last.values() for site in row.get("seen", ()))
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
    blamed: set[str] = set()
    for test in filter(attrgetter("failed"), report.tests):
        own = [rows[key] for key in test.sites if key in rows]
        plainly = [row for row in own if row.status is Status.NEW or row.site.ssot in enforced]
        if not any(row.fails for row in own):
            blamed.update(row.site.id for row in plainly or own)
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
    said, fits = _shape()
    if fits(plain):
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


@lru_cache(None)  # `combine` asks for each file that it reads
def _shape() -> tuple[Plain, Callable[[Any], bool]]:
    """Return the schema of the result file, and the check that it spells."""
    from pytest_ssot_tracker.report.published import schema

    said = schema()
    return said, matcher(said)


def to_plain(report: Report) -> Plain:
    """Return the report as the result file holds it."""
    return {
        "format": FORMAT,
        "run": {**written(report.run), "blind_spots": [written(spot) for spot in report.blind_spots]},
        "ssots": [written(row) for row in report.ssots],
        "sites": [site_to_plain(row) for row in report.sites],
        "tests": [written(row) for row in report.tests],
        "totals": _totals(report),
        "fixed": [_identity(site) for site in report.fixed],
        "allows": [written(row) for row in report.allows],
        "budgets": [written(row) for row in report.budgets],
        "failures": list(report.failures),
    }


def from_plain(plain: Mapping[str, Any]) -> Report:
    """Return the report that `to_plain` made into `plain`."""
    return Report(
        run=read_row(RunInfo, plain["run"]),
        ssots=tuple(read_row(SsotRow, row) for row in plain["ssots"]),
        sites=tuple(_to_site(row) for row in plain["sites"]),
        tests=tuple(read_row(TestRow, row) for row in plain["tests"]),
        blind_spots=tuple(read_row(BlindRow, row) for row in plain["run"].get("blind_spots", ())),
        totals=read_row(Totals, plain["totals"]),
        fixed=tuple(_to_identity(row) for row in plain.get("fixed", ())),
        allows=tuple(read_row(AllowRow, row) for row in plain.get("allows", ())),
        budgets=tuple(read_row(BudgetRow, row) for row in plain.get("budgets", ())),
        failures=tuple(plain.get("failures", ())),
    )


def _totals(report: Report) -> Plain:
    """Return the counts, and which part of them stands in tests, where any does."""
    if not any(row.in_tests for row in report.sites):
        return written(report.totals)
    part = written(report.in_tests)
    return {**written(report.totals), "in_tests": {name: part[name] for name in map(str, Status)}}


def site_to_plain(row: SiteRow) -> Plain:
    """Return one site as the result file holds it: what says which it is, and what is known of it."""
    site = row.site
    flags = [flag.value for flag in site.flags]
    return {"id": site.id, **_identity(site), "declared": site.declared, "flags": flags, **written(row)}


def _to_site(plain: Mapping[str, Any]) -> SiteRow:
    row: SiteRow = read_row(SiteRow, plain, site=_to_identity(plain))
    return row


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
