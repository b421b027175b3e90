"""Fix: rewrite sites to what replaces them, as a diff or in the files."""

from __future__ import annotations

import argparse
import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, Status
from pytest_ssot_tracker.cli.results import USUAL
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_ssot_tracker.fix import Change, Fixes
    from pytest_ssot_tracker.model import Site
    from pytest_ssot_tracker.report.rows import SiteRow, TestRow

__all__ = ["add_arguments", "run"]

_HEADS = 2
"""Lines of a diff that name the files."""

_NO_END = "\\ No newline at end of file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker fix`."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="only these files and folders (default: all)"
    )
    parser.add_argument("--write", action="store_true", help="change the files (default: show a diff)")
    parser.add_argument(
        "--rule", action="append", metavar="RULE", choices=[rule.value for rule in Rule], help="only it; repeatable"
    )
    parser.add_argument("--ssot", action="append", metavar="NAME", help="only this table; repeatable")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="with --write: run the tests that exercise what changes, and put files back whose tests change outcome",
    )
    parser.add_argument(
        "--result", metavar="FILE", type=Path, help=f"the result file that knows these tests (default: {USUAL})"
    )
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Show the diff, or write the files; return `VIOLATIONS` where there is a diff."""
    from pytest_ssot_tracker.fix import fix

    if args.verify and not args.write:
        raise CommandError("--verify runs tests on changed files; give --write too")
    here = project.Project.of(args)
    rows = _rows(args.result, here.settings.root) if args.verify else ()
    chosen, others = _sites(args, here, console)
    with console.progress("rewriting") as progress:
        fixes = fix(here.settings, chosen, others=others, progress=progress)
    for refusal in fixes.refusals:
        console.note(f"{refusal.site.where}: {refusal.site.rule}: left alone: {refusal.reason}")
    if not args.write:
        for change in fixes.changes:
            _show(change, console)
        console.note(_summary(fixes, len(chosen), "would change; --write changes them"))
        return Status.VIOLATIONS if fixes.changes else Status.FINE
    if args.verify:
        fixes = replace(fixes, changes=_verified(args, here.settings.root, fixes.changes, rows, console))
    else:
        for change in fixes.changes:
            _write(here.settings.root / change.path, change.after)
    console.note(_summary(fixes, len(chosen), "changed"))
    return Status.FINE


def _rows(path: Path | None, root: Path) -> Sequence[SiteRow | TestRow]:
    """Return the sites and the tests that the result file knows."""
    from pytest_ssot_tracker.cli import results

    (report,) = results.each([] if path is None else [path], root=root)
    return (*report.sites, *report.tests)


def _verified(
    args: argparse.Namespace, root: Path, changes: Sequence[Change], rows: Sequence[SiteRow | TestRow], console: Console
) -> tuple[Change, ...]:
    """Write what the tests do not mind; say what was put back, and what no test exercises."""
    from pytest_ssot_tracker.fix.verifying import RunError, run_tests, verify

    tests = {change.path: _tests_of(change, rows) for change in changes}
    options = [f"--ssot-config={args.config}"] if args.config else []
    try:
        verified = verify(root, changes, tests, lambda ids: run_tests(root, ids, options=options))
    except OSError as error:
        raise CommandError(f"{error.filename}: the file cannot be written: {error.strerror}") from None
    except RunError as error:
        raise CommandError(str(error)) from None
    for change, broken in verified.put_back:
        console.note(f"{change.path}: put back: {broken}")
    for change in verified.kept:
        if not tests[change.path]:
            console.note(f"{change.path}: changed unverified: no test is known to exercise what changed")
    return verified.kept


def _tests_of(change: Change, rows: Sequence[SiteRow | TestRow]) -> list[str]:
    """Return the tests that reached a site of the change, and those that stand in its file."""
    from pytest_ssot_tracker.report.rows import SiteRow

    ids = {site.id for site in change.sites}
    found: dict[str, None] = {}
    for row in rows:
        if isinstance(row, SiteRow):
            found.update(dict.fromkeys(row.tests if row.site.id in ids else ()))
        elif row.id.partition("::")[0] == change.path:
            found[row.id] = None
    return list(found)


def _sites(args: argparse.Namespace, here: project.Project, console: Console) -> tuple[list[Site], list[Site]]:
    """Return the sites to rewrite, and the other ones."""
    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.model import Status as Standing

    tables = [table.name for table in here.settings.tables]
    for name in args.ssot or ():
        if name not in tables:
            from pytest_ssot_tracker.settings.problems import nearest

            raise CommandError(f"--ssot: there is no table {name!r}; {nearest(name, tables)}")
    wanted = None if not args.paths else _relative(args.paths, here)
    chosen: list[Site] = []
    others: list[Site] = []
    for row in sorted(Survey.of(here, console).report.sites, key=lambda row: (row.site.path, row.site.line)):
        site = row.site
        meant = (
            row.status is not Standing.ALLOWED
            and (not args.rule or site.rule.value in args.rule)
            and (not args.ssot or site.ssot in args.ssot)
            and (wanted is None or any(one in ("", site.path) or site.path.startswith(f"{one}/") for one in wanted))
        )
        (chosen if meant else others).append(site)
    return chosen, others


def _relative(paths: Sequence[Path], here: project.Project) -> list[str]:
    """Return `paths` relative to the root; raise `CommandError` for one that is no part of the project."""
    here.check(paths)
    relative = (os.path.relpath(path.resolve(), here.settings.tree.root).replace(os.sep, "/") for path in paths)
    return ["" if path == "." else path for path in relative]


def _write(path: Path, content: bytes) -> None:
    from pytest_ssot_tracker.judge.writing import replace_bytes

    try:
        replace_bytes(path, content)
    except OSError as error:
        raise CommandError(f"{path}: the file cannot be written: {error.strerror}") from None


def _show(change: Change, console: Console) -> None:
    before, after = (_lines(content) for content in (change.before, change.after))
    old, new = (_as_git_spells(f"{side}/{change.path}") for side in "ab")
    for number, line in enumerate(difflib.unified_diff(before, after, old, new)):
        head = number < _HEADS
        text = line.removesuffix("\n")
        console.write_source(text, bold=head, red=line[0] == "-" and not head, green=line[0] == "+" and not head)
        if not line.endswith("\n"):
            console.write_source(_NO_END)


def _as_git_spells(path: str) -> str:
    """Return a path as `git apply` reads it: in quotes, each odd byte written out, where one is odd.

    See https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath.
    """
    if path.isprintable() and not {'"', "\\"} & set(path):
        return path
    odd = {ord('"'): '\\"', ord("\\"): "\\\\"}
    data = os.fsencode(path)
    return '"' + "".join(odd.get(one) or (chr(one) if 32 <= one < 127 else f"\\{one:03o}") for one in data) + '"'


def _lines(content: bytes) -> list[str]:
    from pytest_ssot_tracker.source import decode

    lines = decode(content).split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _summary(fixes: Fixes, sites: int, done: str) -> str:
    fixed, files = sum(len(change.sites) for change in fixes.changes), len(fixes.changes)
    if not sites:
        return "there is no site to rewrite"
    if not files:
        return f"0 of {_counted(sites, 'site')} can be rewritten for certain"
    return f"{fixed} of {_counted(sites, 'site')} in {_counted(files, 'file')} {done}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
