"""Fix: rewrite sites to what replaces them, as a diff or in the files."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus, refusing
from pytest_ssot_tracker.cli.results import USUAL
from pytest_ssot_tracker.judge.words import counted
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_ssot_tracker.fix import Change, Fixes
    from pytest_ssot_tracker.fix.qualified_name import Name
    from pytest_ssot_tracker.model import Site
    from pytest_ssot_tracker.report.rows import SiteRow, TestRow

__all__ = ["add_arguments", "run"]

_HEADS = 2
"""Lines of a diff that name the files."""


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
    parser.add_argument(
        "--allow",
        metavar="REASON",
        help="leave the sites as they are, and write an inline allow with REASON for each",
    )
    parser.add_argument(
        "--move",
        action="append",
        metavar="TARGET[=NEW]",
        help="move a definition to what replaces it, or to NEW, and import it from there; repeatable for one module",
    )
    parser.add_argument(
        "--delete",
        metavar="TARGET",
        help="delete something that nothing uses any more: its definition, exports and own tests, or say what uses it",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed (default: text)")
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Show the diff, or write the files; return `VIOLATIONS` where there is a diff."""
    from pytest_ssot_tracker.fix import Fixes, fix
    from pytest_ssot_tracker.fix.allowing import allow

    _check(args)
    if args.delete is not None:
        return _delete(args, console)
    here = project.Project.of(args, unconfigured=bool(args.move), verify=not args.move)
    if args.move:
        return _finish(args, console, Fixes(_moved(args.move, here)), here)
    rows = _rows(args.result, here.settings.root, console) if args.verify else ()
    chosen, others = _sites(args, here, console)
    if args.allow is not None:
        return _finish(args, console, allow(here.settings.tree, chosen, args.allow), here, sites=len(chosen))
    notes: list[str] = []
    with console.progress("rewriting") as progress:
        fixes = fix(here.settings, chosen, others=others, progress=progress)
    if args.verify:
        kept, notes = _verified(args, here.settings.root, fixes.changes, rows)
        fixes = replace(fixes, changes=kept)
    elif args.write:
        for change in fixes.changes:
            _write(here.settings.root, change)
    return _tell(args, console, fixes, len(chosen), notes)


def _tell(args: argparse.Namespace, console: Console, fixes: Fixes, sites: int | None, notes: Sequence[str]) -> int:
    """Print the diff, and to standard error what is left alone and how many sites that are; or all of it as JSON.

    Return `VIOLATIONS` where there is a diff that is not written.
    """
    from pytest_ssot_tracker.fix.account import left_alone, plain, summary

    status = ExitStatus.VIOLATIONS if fixes.changes and not args.write else ExitStatus.FINE
    changed = {change.path for change in fixes.changes}
    notes = [*(str(caution) for caution in fixes.cautions if caution.path in changed), *notes]
    if args.format == "json":
        console.write_json(plain(fixes, sites or 0, written=args.write, notes=notes))
        return status
    for line in (*left_alone(fixes.refusals), *notes):
        console.note(line)
    for change in () if args.write else fixes.changes:
        _show(change, console)
    done = "changed" if args.write else "would change; --write changes them"
    if args.delete is not None and fixes.refusals:
        console.note(f"{args.delete} cannot be deleted yet")
    elif sites is None:
        console.note(f"{counted(len(fixes.changes), 'file')} {done}")
    else:
        console.note(summary(fixes, sites, done))
    return status


def _check(args: argparse.Namespace) -> None:
    """Raise `CommandError` for arguments that do not go together."""
    from pytest_ssot_tracker.fix.allowing import problem_of

    if args.verify and not args.write:
        raise CommandError("--verify runs tests on changed files; give --write too")
    doing = ("--allow", "--move", "--delete", "--verify")
    given = [name for name in doing if getattr(args, name[2:]) not in (None, False)]
    if len(given) > 1:
        raise CommandError(f"{given[0]} and {given[1]} are two things: do one after the other")
    problem = None if args.allow is None else problem_of(args.allow)
    if problem is not None:
        raise CommandError(f'--allow: {problem}; write --allow "goes with #220"')


def _finish(
    args: argparse.Namespace, console: Console, fixes: Fixes, here: project.Project, sites: int | None = None
) -> int:
    """Write or show changes that are no rewriting of sites."""
    for change in fixes.changes if args.write else ():
        _write(here.settings.root, change)
    return _tell(args, console, fixes, sites, ())


def _delete(args: argparse.Namespace, console: Console) -> int:
    """Delete what nothing uses any more, or say what does; raise `CommandError` where neither is certain."""
    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.fix import Fixes
    from pytest_ssot_tracker.fix.fixes import Uncertain
    from pytest_ssot_tracker.fix.qualified_name import Name
    from pytest_ssot_tracker.fix.removing import remove
    from pytest_ssot_tracker.settings.question import Question

    question = Question((args.delete,))
    here = project.Project.of(args, question=question)
    question = here.settings.asked or question
    report = Survey.of(here, console).report
    target = next(ssot.deprecated[0] for ssot in here.settings.ssots if ssot.name == question.name)
    sites = [row.site for row in report.sites if row.site.ssot == question.name]
    with refusing(Uncertain, where="--delete: "):
        fixes = remove(here.settings.tree, Name(target.module, target.attribute), sites)
    if fixes.refusals:
        _tell(args, console, Fixes((), fixes.refusals), len(fixes.refusals), ())
        return ExitStatus.VIOLATIONS
    return _finish(args, console, fixes, here)


def _moved(asked: Sequence[str], here: project.Project) -> tuple[Change, ...]:
    """Return the files with what `--move` names moved; raise `CommandError` where that cannot be done for certain."""
    from pytest_ssot_tracker.fix.fixes import Uncertain
    from pytest_ssot_tracker.fix.moving import move
    from pytest_ssot_tracker.fix.qualified_name import Name

    moves: dict[Name, Name] = {}
    for text in asked:
        spelled, sign, wanted = text.partition("=")
        old = _named(spelled, here)
        new = _named(wanted, here) if sign else _replacement(old, here)
        moves[old] = new if new.attribute is not None else Name(new.module, old.attribute)
    if len({(old.module, new.module) for old, new in moves.items()}) > 1:
        raise CommandError("--move: move what is in one module to one other module, and the rest after that")
    with refusing(Uncertain, where="--move: "):
        return move(here.settings.tree, moves)


def _named(spelled: str, here: project.Project) -> Name:
    """Return the name that is spelled with a colon or with dots alone; raise `CommandError` for none."""
    from pytest_ssot_tracker.fix.qualified_name import Name
    from pytest_ssot_tracker.imported import named_by_text
    from pytest_ssot_tracker.model import Target, TargetError
    from pytest_ssot_tracker.scan.own_modules import OwnModules

    with refusing(TargetError, where="--move: "):
        target = Target.parse(spelled.strip())
    if target.attribute is not None:
        return Name(target.module, target.attribute)
    modules = OwnModules(here.settings.tree)
    imported = named_by_text(target.module, modules.exists)
    path = modules.path(imported.module)
    if path is None or path.endswith("__init__.py"):  # a module of a package, which may have to be made yet
        return Name(target.module)
    return Name(imported.module, imported.attribute)


def _replacement(old: Name, here: project.Project) -> Name:
    """Return what replaces `old` by the configuration; raise `CommandError` where nothing does."""
    from pytest_ssot_tracker.fix.qualified_name import Name
    from pytest_ssot_tracker.model import Target

    for ssot in here.settings.ssots:
        mapped = ssot.mapped(str(old))
        if mapped is not None:
            return Name.of(mapped)
        if ssot.canonical is not None and ssot.is_to_go(Target(old.module, old.attribute)):
            return Name.of(str(ssot.canonical))
    raise CommandError(f"--move: nothing says where {old} goes; write --move {old}=pkg.new")


def _rows(path: Path | None, root: Path, console: Console) -> Sequence[SiteRow | TestRow]:
    """Return the sites and the tests that the result file knows."""
    from pytest_ssot_tracker.cli import results

    (report,) = results.each([] if path is None else [path], root=root, console=console)
    return (*report.sites, *report.tests)


def _verified(
    args: argparse.Namespace, root: Path, changes: Sequence[Change], rows: Sequence[SiteRow | TestRow]
) -> tuple[tuple[Change, ...], list[str]]:
    """Write what the tests do not mind; return that, and lines about what was put back and what no test exercises."""
    from pytest_ssot_tracker.fix.verifying import RunError, run_tests, verify

    tests = {change.path: _tests_of(change, rows) for change in changes}
    options = [f"--ssot-config={args.config}"] if args.config else []
    try:
        with refusing(RunError):
            verified = verify(root, changes, tests, lambda ids: run_tests(root, ids, options=options))
    except OSError as error:
        raise CommandError(f"{error.filename}: the file cannot be written: {error.strerror}") from None
    notes = [f"{change.path}: put back: {broken}" for change, broken in verified.put_back]
    notes += [
        f"{change.path}: changed unverified: no test is known to exercise what changed"
        for change in verified.kept
        if not tests[change.path]
    ]
    return verified.kept, notes


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
    from pytest_ssot_tracker.model import Flag, Status

    tables = [table.name for table in here.settings.tables]
    for name in args.ssot or ():
        if name not in tables:
            from pytest_ssot_tracker.settings.problems import nearest

            raise CommandError(f"--ssot: there is no table {name!r}; {nearest(name, tables)}")
    wanted = _relative(args.paths, here) if args.paths else [""]
    chosen: list[Site] = []
    others: list[Site] = []
    survey = Survey.of(here, console)
    for row in sorted(survey.report.sites, key=lambda row: (row.site.path, row.site.line)):
        site = row.site
        # What only type checkers import fails nothing, and is gone with its module like everything else.
        for_types = Flag.TYPE_CHECKING in site.flags and row.reason is None and site.id not in survey.scanned.exempt
        stays = row.status is Status.ALLOWED and (not for_types or args.allow is not None)
        named = (not args.rule or site.rule.value in args.rule) and (not args.ssot or site.ssot in args.ssot)
        within = any(not path or f"{site.path}/".startswith(f"{path}/") for path in wanted)
        (chosen if named and within and not stays else others).append(site)
    return chosen, others


def _relative(paths: Sequence[Path], here: project.Project) -> list[str]:
    """Return `paths` relative to the root; raise `CommandError` for one that is no part of the project."""
    here.check(paths)
    relative = (os.path.relpath(path.resolve(), here.settings.tree.root).replace(os.sep, "/") for path in paths)
    return ["" if path == "." else path for path in relative]


def _write(root: Path, change: Change) -> None:
    from pytest_ssot_tracker.judge.writing import replace_bytes

    path = root / change.path
    try:
        path.unlink() if change.gone else replace_bytes(path, change.after)
    except OSError as error:
        deed = "removed" if change.gone else "written"
        raise CommandError(f"{path}: the file cannot be {deed}: {error.strerror}") from None


def _show(change: Change, console: Console) -> None:
    from pytest_ssot_tracker.fix.account import diff

    for number, line in enumerate(diff(change)):
        head = number < _HEADS
        console.write_source(line, bold=head, red=line[:1] == "-" and not head, green=line[:1] == "+" and not head)
