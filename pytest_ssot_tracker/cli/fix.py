"""Fix: rewrite sites to what replaces them, as a diff or in the files."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.status import CommandError, Status
from pytest_ssot_tracker.model import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_ssot_tracker.fix import Change, Fixes
    from pytest_ssot_tracker.model import Site

__all__ = ["add_arguments", "run"]

_NO_END = "\\ No newline at end of file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker fix`."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="only these files and folders (default: all)"
    )
    parser.add_argument("--write", action="store_true", help="change the files (default: show a diff)")
    parser.add_argument(
        "--rule", action="append", choices=[rule.value for rule in Rule], help="only this rule; repeatable"
    )
    parser.add_argument("--ssot", action="append", metavar="NAME", help="only this table; repeatable")
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Show the diff, or write the files; return `VIOLATIONS` where there is a diff."""
    from pytest_ssot_tracker.fix import MissingLibraryError, fix

    here = project.Project.of(args)
    chosen, others = _sites(args, here, console)
    try:
        with console.progress("rewriting") as progress:
            fixes = fix(here.settings, chosen, others=others, progress=progress)
    except MissingLibraryError as error:
        raise CommandError(str(error)) from None
    for refusal in fixes.refusals:
        console.note(f"{refusal.site.where}: {refusal.site.rule}: left alone: {refusal.reason}")
    if not args.write:
        for change in fixes.changes:
            _show(change, console)
        console.note(_summary(fixes, len(chosen), "would change; --write changes them"))
        return Status.VIOLATIONS if fixes.changes else Status.FINE
    for change in fixes.changes:
        _write(here.settings.root / change.path, change.after)
    console.note(_summary(fixes, len(chosen), "changed"))
    return Status.FINE


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
    """Return `paths` relative to the root; raise `CommandError` for one that is not there."""
    root = Path(here.settings.tree.root)
    found = []
    for path in paths:
        if not path.exists():
            raise CommandError(f"there is no {str(path)!r}; name files or folders that exist")
        try:
            relative = path.resolve().relative_to(root).as_posix()
        except ValueError:
            raise CommandError(f"{path} lies outside {root}; name files or folders in it") from None
        found.append("" if relative == "." else relative)
    return found


def _write(path: Path, content: bytes) -> None:
    from pytest_ssot_tracker.judge.writing import replace_bytes

    try:
        replace_bytes(path, content)
    except OSError as error:
        raise CommandError(f"{path}: the file cannot be written: {error.strerror}") from None


def _show(change: Change, console: Console) -> None:
    before, after = (_lines(content) for content in (change.before, change.after))
    for line in difflib.unified_diff(before, after, f"a/{change.path}", f"b/{change.path}"):
        head = line.startswith(("---", "+++"))
        text = line.removesuffix("\n")
        console.write_line(text, bold=head, red=line[0] == "-" and not head, green=line[0] == "+" and not head)
        if not line.endswith("\n"):
            console.write_line(_NO_END)


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
