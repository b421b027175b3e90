"""Show that memory grows with distinct pairs of site and test, not with calls, and what a large result costs.

    python benchmarks/memory.py                  1, 10 and 100 million recorded calls, each in a process of its own
    python benchmarks/memory.py --calls 1000000
    python benchmarks/memory.py --result         a million observations, 100,000 distinct, as a result and as shards
    python benchmarks/memory.py --session        runs of pytest: what there is more at the first test with every report
                                                 on, and at the end for each distinct observation

Prints the peak of the resident set, and CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import processes

OURS = "from app.old import old\n\n\ndef run(count):\n    for _ in range(count):\n        old()\n"


def record(calls: int) -> None:
    """Record so many calls in this process, in a hundred tests, and print how many were booked and the peak."""
    from pytest_ssot_tracker.detect import install
    from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
    from pytest_ssot_tracker.model import Step
    from pytest_ssot_tracker.settings import load

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "app").mkdir()
        (root / "app" / "old.py").write_text("def old():\n    pass\n")
        (root / "app" / "ours.py").write_text(OURS)
        (root / "ssot.toml").write_text('source = ["app"]\n[ssot.old]\ndeprecated = ["app.old:old"]\n')
        sys.path.insert(0, folder)
        settings = load(root, config_file=root / "ssot.toml")
        recorder = Recorder(settings.tree)
        watch = install(settings, recorder=recorder)
        from app.ours import run

        booked = 0
        for number in range(100):
            recorder.current = moment = Moment(test=f"test_{number}", step=Step.CALL)
            run(calls // 100)
            recorder.current = Moment(bucket="unattributed")
            booked += sum(one.count for one in recorder.drain(moment) if one.site.rule == "deprecated-use")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        watch.undo()
    print(f"{booked:12,} calls recorded: peak {peak:6.1f} MB, {time.process_time():6.1f} s")


def result(distinct: int, count: int, sites: int, shards: int) -> None:
    """Write a result of `distinct` pairs of site and test, and as `shards`; combine those again."""
    from pytest_ssot_tracker.model import Phase, Rule, Site, Status, Step
    from pytest_ssot_tracker.report import REPORTERS, Output, Report, RunInfo
    from pytest_ssot_tracker.report.rows import Exercise, SeenRow, SiteRow

    def report(tests: range) -> Report:
        rows = []
        for number in range(sites):
            text = "tracker = get_tracker()"
            site = Site(Rule.DEPRECATED_USE, "orders", "app.base:get_tracker", f"app/m{number}.py", 7, "place", text)
            seen = tuple(
                SeenRow(test=f"tests/test_{test % 50}.py::test_{test}", step=Step.CALL, count=count) for test in tests
            )
            ran = Exercise.EXERCISED
            rows.append(SiteRow(site=site, status=Status.KNOWN, found_by=("run",), exercise=ran, seen=seen))
        run = RunInfo(
            version="1", phase=Phase.RATCHET, python="3", pytest="9", root="/r", started="2026-01-01T00:00:00Z"
        )
        return Report(run=run, sites=tuple(rows))

    each = distinct // sites
    with tempfile.TemporaryDirectory() as folder:
        whole = report(range(each))
        file = Path(folder, "result.json")
        before = time.process_time()
        REPORTERS["json"](whole, Output(dest=file))
        spent = time.process_time() - before
        size = file.stat().st_size
        print(
            f"{distinct * count:,} observations, {distinct:,} distinct: {size / 2**20:.1f} MB, "
            f"{size / distinct:.0f} bytes a distinct one, {size / distinct / count:.1f} an observation; "
            f"written in {spent:.2f} s (json.loads of it: {_reading(file):.2f} s)"
        )
        names = []
        for shard in range(shards):
            names.append(str(Path(folder, f"shard{shard}.json")))
            REPORTERS["json"](
                report(range(shard * each // shards, (shard + 1) * each // shards)), Output(dest=Path(names[-1]))
            )
        command = [sys.executable, "-m", "pytest_ssot_tracker", "combine", *names, "-o", str(Path(folder, "all.json"))]
        subprocess.run(command, check=True)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        same = len(json.loads(Path(folder, "all.json").read_text())["sites"]) == sites
        print(
            f"{shards} shards combined: {usage.ru_utime + usage.ru_stime:.2f} s with starting Python, "
            f"peak {usage.ru_maxrss / 1024:.0f} MB, {'no site lost' if same else 'SITES LOST'}"
        )


FIRST = """\
import resource

def pytest_runtest_setup(item):
    with open("first.txt", "a") as stream:
        stream.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\\n")
"""

WATCHED = ("-p", "ssot_tracker", "--ssot-config=ssot.toml")
EVERY = (
    "term-verbose",
    "html:html",
    "json:result.json",
    "sarif:result.sarif",
    "github",
    "junit",
    "gitlab:gitlab.json",
)


def session(few: int, many: int, sites: int) -> None:
    """Run so few and so many tests, each of which comes to all `sites`, without the plugin and with it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "app").mkdir()
        (root / "app" / "old.py").write_text("def old():\n    pass\n")
        uses = "".join(f"    x{number} = old()\n" for number in range(sites))
        (root / "app" / "ours.py").write_text(f"from app.old import old\n\n\ndef run():\n{uses}")
        (root / "conftest.py").write_text(FIRST)
        config = 'phase = "baseline"\nsource = ["app"]\n[ssot.old]\ndeprecated = ["app.old:old"]\n'
        (root / "ssot.toml").write_text(config)
        (root / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
        time.sleep(2.5)  # so old must files be for the scan's answer to be kept
        every = [*WATCHED, "--junitxml=junit.xml", *(f"--ssot-report={report}" for report in EVERY)]
        first = [_run(root, few, *arguments)[0] for arguments in ((), every, every)]
        print(f"at the first test, every report on, warm: {first[2] - first[0]:.1f} MB more ({first[0]:.1f} without)")
        small, large = (_run(root, tests, *WATCHED)[1] for tests in (few, many))
        plain = [_run(root, tests)[1] for tests in (few, many)]
        grown = (large - small - (plain[1] - plain[0])) * 2**20 / ((many - few) * sites)
        print(
            f"to the end, for each of {many * sites:,} distinct observations at {sites} sites: {grown:.0f} bytes "
            f"(peak {large:.1f} MB, {plain[1]:.1f} without)"
        )


def _run(root: Path, tests: int, *arguments: str) -> tuple[float, float]:
    """Return the megabytes at the first of so many tests, and the most there were."""
    body = "".join(f"def test_{number}():\n    run()\n\n\n" for number in range(tests))
    (root / "test_it.py").write_text(f"from app.ours import run\n\n\n{body}")
    (root / "first.txt").unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = processes.run("the suite", command, cwd=root, env=alone)
    return int((root / "first.txt").read_text().split()[0]) / 1024, ended.megabytes


def _reading(file: Path) -> float:
    text = file.read_text()
    before = time.process_time()
    json.loads(text)
    return time.process_time() - before


def main() -> None:
    """Measure what was asked for; recording in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, help="record so many calls in this process")
    parser.add_argument("--result", action="store_true")
    parser.add_argument("--session", action="store_true")
    parser.add_argument("--sites", type=int, default=1000)
    args = parser.parse_args()
    if args.result:
        result(distinct=100_000, count=10, sites=args.sites, shards=8)
    elif args.session:
        session(few=20, many=220, sites=500)
    elif args.calls is not None:
        record(args.calls)
    else:
        for calls in (1_000_000, 10_000_000, 100_000_000):
            subprocess.run([sys.executable, __file__, "--calls", str(calls)], check=True)


if __name__ == "__main__":
    main()
