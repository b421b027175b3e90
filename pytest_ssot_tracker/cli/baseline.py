"""Baseline: write the file of known sites, and later only shrink it."""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project, results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import ExitStatus, writing
from pytest_ssot_tracker.judge.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.model import Site
    from pytest_ssot_tracker.report import Report

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker baseline`."""
    parser.add_argument(
        "results",
        nargs="*",
        metavar="RESULT",
        type=Path,
        help=f"what runs found beside the scan (default: {results.USUAL}, where there is one)",
    )
    parser.add_argument("--grow", action="store_true", help="add what is new to a file that is there")
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the file; return `VIOLATIONS` where an incomplete run keeps it from being shrunk."""
    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.report.wording import lost

    here = project.Project.of(args, writes_baseline=True)
    file = here.settings.baseline
    assert file is not None, "settings.load gives every configured project a baseline"
    found = args.results or results.usual(here.settings.root)
    runs = results.each(args.results, root=here.settings.root, console=console) if found else []
    survey = Survey.of(here, console)
    before, known = survey.before, survey.baseline
    first = not file.exists()
    seen, fresh = _seen(survey, runs)
    incomplete = list(chain.from_iterable(map(lost, (survey.report, *runs))))
    fixed = [] if incomplete else _fixed(survey, runs, seen)
    after = known.without(fixed)
    if first or args.grow:
        after = after.grow(fresh)
    for line in incomplete:
        console.note(f"{line}; nothing is taken out of the baseline")
    if first or after.dumps() != before.dumps():
        with writing(file, "the baseline"):
            after.save(file)
    shown = file.relative_to(here.here).as_posix() if file.is_relative_to(here.here) else str(file)
    added = len(after) - (len(known) - len(fixed))
    moved = len(set(known.sites) - set(before.sites))
    console.write_line(_summary(shown, len(after), added=added, fixed=len(fixed), moved=moved))
    left_out = sum(not after.known(site) for site in fresh)
    if left_out:
        are = "is" if left_out == 1 else "are"
        console.note(f"{counted(left_out, 'new site')} {are} not in it; --grow adds what is new")
    return ExitStatus.VIOLATIONS if incomplete and not (first or args.grow) else ExitStatus.FINE


def _seen(survey: Survey, runs: Sequence[Report]) -> tuple[list[Site], list[Site]]:
    """Return every site that scan and runs show, and those of them that a baseline is for.

    What a run saw in a statement that no longer stands there is not shown any more.
    """
    rows = list(survey.report.sites)
    scanned = {row.site.id for row in rows}
    for result in runs:
        rows += (
            row
            for row in result.sites
            if "run" in row.found_by and row.site.id not in scanned and survey.scanned.stands(row.site)
        )
    return [row.site for row in rows], [row.site for row in rows if row.status.is_unexcused]


def _fixed(survey: Survey, runs: Sequence[Report], seen: Iterable[Site]) -> list[Site]:
    """Return the known sites that the scan or a complete run has proved gone and that nothing shows any more."""
    shown = {site.id for site in seen}
    proved = [*survey.report.fixed, *(site for result in runs for site in result.fixed)]
    by_id = {site.id: site for site in proved if site.id not in shown and survey.baseline.known(site)}
    return list(by_id.values())


def _summary(file: str, sites: int, *, added: int, fixed: int, moved: int) -> str:
    changes = [f"{number} {word}" for number, word in ((added, "added"), (fixed, "fixed"), (moved, "moved")) if number]
    return f"{file}: {counted(sites, 'known site')} ({', '.join(changes) or 'unchanged'})"
