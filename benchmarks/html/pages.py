"""Compare the HTML report with `coverage html` on the same files, and render a result of many observations.

Run `python benchmarks/html/pages.py` (150 files, 1,000 sites, 3 pairs), or with `--files 1500 --sites 10000 --pairs 1`
for a large project. Both run in this process, one after the other; times are CPU seconds. The last line is a
report of `--observations` observations: how long it takes, and by how much the peak of memory grows beyond the report
itself.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import coverage

from pytest_ssot_tracker.model import Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.report import Report, RunInfo
from pytest_ssot_tracker.report.html import write
from pytest_ssot_tracker.report.rows import Exercise, SeenRow, SiteRow

PIECE = '''
class Order{n}(Base):
    """Hold one order, its lines and where it goes."""

    limit = {n}

    def place(self, queue, lines: list[str], *, urgent: bool = False) -> str:
        # An urgent order jumps the queue; all others wait for their turn.
        for number, line in enumerate(lines):
            if line.startswith("#") or not line.strip():
                continue
            queue.put(f"{{number}}: {{line}}", priority=1 if urgent else 9)
        tracker = get_tracker()
        return tracker.start(self, {{"lines": len(lines), "limit": self.limit, "urgent": urgent}})
'''
LINES = PIECE.count("\n")


def project(root: Path, files: int, pieces: int = 25) -> list[str]:
    """Write `files` modules of `pieces` classes each below `root`; return their paths."""
    paths = []
    for number in range(files):
        path = f"app/part{number % 20}/module{number}.py"
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(
            "from app.base import Base, get_tracker\n" + "".join(PIECE.format(n=n) for n in range(pieces))
        )
        paths.append(path)
    return paths


def report(root: Path, paths: list[str], sites: int, observations: int) -> Report:
    """Return a report with `sites` spread over the files, each reached by equally many tests."""
    each = max(observations // sites, 1)
    rows = []
    for number in range(sites):
        path, nth = paths[number % len(paths)], number // len(paths)
        line = 2 + LINES * (nth % 25) + PIECE[: PIECE.index("tracker =")].count("\n")
        scope, text = f"Order{nth}.place", "tracker = get_tracker()"
        site = Site(Rule.DEPRECATED_USE, "orders", "app.base:get_tracker", path, line, scope, text)
        seen = tuple(
            SeenRow(test=f"tests/test_{test % 50}.py::test_{test}", step=Step.CALL, count=1) for test in range(each)
        )
        rows.append(
            SiteRow(
                site=site,
                status=list(Status)[number % 4],
                found_by=("scan", "run"),
                exercise=Exercise.EXERCISED,
                seen=seen,
            )
        )
    run = RunInfo(
        version="1", phase=Phase.RATCHET, python="3", pytest="9", root=str(root), started="2026-01-01T00:00:00Z"
    )
    return Report(run=run, sites=tuple(rows))


def timed(action: Callable[[], object]) -> float:
    """Return the CPU seconds that `action` takes."""
    start = time.process_time()
    action()
    return time.process_time() - start


def by_coverage(root: Path, paths: list[str], out: Path) -> Callable[[], object]:
    """Return what makes coverage's pages of the same files, half of the lines run."""
    cover = coverage.Coverage(data_file=str(root / "data"), config_file=False, source=[str(root / "app")])
    cover.get_data().add_lines({str(root / path): range(1, LINES * 25, 2) for path in paths})
    return lambda: cover.html_report(directory=str(out))


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=150)
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--observations", type=int, default=1_000_000)
    args = parser.parse_args()
    root = Path(tempfile.mkdtemp())
    try:
        paths = project(root, args.files)
        small = report(root, paths, args.sites, args.sites * 3)
        ratios, unchanged = [], []
        for pair in range(args.pairs):
            theirs = timed(by_coverage(root, paths, root / f"theirs{pair}"))
            ours = timed(lambda pair=pair: write(small, root / f"ours{pair}"))
            again = timed(lambda pair=pair: write(small, root / f"ours{pair}"))
            ratios.append(ours / theirs)
            unchanged.append(again / ours)
            print(
                f"coverage {1000 * theirs / args.files:6.1f} ms a file   ssot {1000 * ours / args.files:6.2f}   "
                f"ratio {ours / theirs:.3f}   again, nothing changed: {1000 * again / args.files:.2f}",
                flush=True,
            )
        print(
            f"{args.files} files, {len(small.sites)} sites: {median(ratios):.3f} of coverage's, and again with nothing "
            f"changed {median(unchanged):.3f} of the first time (medians)"
        )
        big = report(root, paths, args.sites, args.observations)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        spent = timed(lambda: write(big, root / "big"))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        seen = sum(len(row.seen) for row in big.sites)
        size = sum(file.stat().st_size for file in (root / "big").iterdir())
        print(
            f"{seen} observations: {spent:.1f} s, peak of memory {before // 1024} MB before and "
            f"{grown / 1024:.0f} MB more, pages {size / 2**20:.1f} MB"
        )
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
