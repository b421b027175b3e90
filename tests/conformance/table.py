"""Write `docs/conformance.md`: what is detected and what is not, per back end.

    CONFORMANCE_SUMMARY=in-place.json python -m pytest tests/conformance       (with 3.11)
    CONFORMANCE_SUMMARY=monitoring.json python -m pytest tests/conformance     (with 3.13)
    python -m tests.conformance.table --write in-place.json monitoring.json

The table says what the cases say; it is written only when both summaries bear it out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .case import BACKENDS, Case
from .cases import CASES, SECTIONS

__all__ = ["DOC", "disagreements", "render"]

DOC = Path(__file__).parents[2] / "docs" / "conformance.md"

_HEAD = """\
# Conformance: what a run detects

This table is generated from `tests/conformance/`: each line is a small project that is run with both back ends, and
whose result file is compared with what is expected, site for site and observation for observation. *In place* changes
the code of what is watched (CPython {old} here, everything before 3.12); *monitoring* uses `sys.monitoring`
(CPython {new} here, everything from 3.12 on). Only the run is judged here: the static scan is switched off, so that
what it adds is not counted.

`detected` means that all sites were found, with test, step, fixture and count, and nothing else. `nothing reported`
means that there is nothing to report and nothing was. `not detected` comes with the reason.

{figures}
"""


def verdict(case: Case, backend: str) -> str:
    """Return what the table says of `case` under `backend`."""
    limit = case.limit(backend)
    if limit is not None:
        return f"**not detected**: {limit}"
    return "detected" if any(site.status == "new" for site in case.sites) else _quiet(case)


def _quiet(case: Case) -> str:
    return "allowed, as declared" if case.sites else "nothing reported"


def render() -> str:
    """Return the whole document."""
    old, new = BACKENDS["in-place"], BACKENDS["monitoring"]
    parts = [_HEAD.format(old=old, new=new, figures=_figures())]
    for title, cases in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts.append(f"| case | rule | in place ({old}) | monitoring ({new}) |\n|---|---|---|---|")
        parts.extend(_row(case) for case in cases)
        parts.append("")
    return "\n".join(parts)


def _figures() -> str:
    lines = [f"| back end | {' | '.join(_KINDS)} |", f"|---|{'---|' * len(_KINDS)}"]
    for backend in BACKENDS:
        verdicts = [verdict(case, backend).partition(":")[0].strip("*") for case in CASES]
        lines.append(f"| {backend} | {' | '.join(str(verdicts.count(kind)) for kind in _KINDS)} |")
    return "\n".join(lines)


_KINDS = ("detected", "allowed, as declared", "nothing reported", "not detected")


def _row(case: Case) -> str:
    rules = ", ".join(f"`{rule}`" for rule in case.rules.split(", "))
    cells = (case.says, rules, *(verdict(case, backend) for backend in BACKENDS))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def disagreements(summaries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return why the table cannot be written from `summaries`, one text for each reason."""
    by_backend = {summary["backend"]: summary for summary in summaries}
    found = [f"no summary of the back end {backend!r}" for backend in BACKENDS if backend not in by_backend]
    for backend, python in BACKENDS.items():
        summary = by_backend.get(backend)
        if summary is None:
            continue
        if summary["python"] != python:
            found.append(f"the summary of {backend!r} is of Python {summary['python']}, not {python}")
        version = tuple(int(part) for part in python.split("."))
        for case in CASES:
            if case.python <= version and summary["cases"].get(case.slug) != "as expected":
                found.append(f"{backend}: {case.slug}: {summary['cases'].get(case.slug, 'was not run')}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or print the table; return 1 when the summaries do not bear it out."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.table", description=__doc__.partition("\n")[0])
    parser.add_argument("summaries", nargs="+", type=Path, metavar="SUMMARY")
    parser.add_argument("--write", action="store_true", help=f"write {DOC.name} instead of printing it")
    given = parser.parse_args(arguments)
    problems = disagreements([json.loads(file.read_text(encoding="utf-8")) for file in given.summaries])
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if given.write:
        DOC.parent.mkdir(exist_ok=True)
        DOC.write_text(render(), encoding="utf-8")
    else:
        print(render())
    return 0


if __name__ == "__main__":
    sys.exit(main())
