"""Run tests of other projects without the plugin and with it, in turn, and print what it costs them.

    python benchmarks/others.py FOLDER [NAME...] [--rounds 5]      FOLDER keeps the virtual environment and the sources

Each suite comes from its project's source distribution, and what it uses most is declared deprecated in phase
`baseline`, with the default reports and a scan whose answer is known from the run before: networkx constructs graphs
in every test, and scrapy declares its own deprecated callables in its code. CPU time is that of the whole process,
system time included; memory is the peak of the resident set. The ratio is the median over the rounds, with the
smallest and the largest: a machine that does other things meanwhile shows in how far these are apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import processes

sys.path.insert(0, str(Path(__file__).parent / "harm"))

from suites import Place

MOST = 1.4, 40
"""The ratio of CPU time and the megabytes more that are to hold."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Some tests of a project: its distribution, what they need, and the configuration of the plugin."""

    name: str
    tests: tuple[str, ...]
    configuration: str
    needs: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()


SUITES = (
    Suite(
        name="networkx",
        tests=tuple(f"networkx/classes/tests/test_{name}.py" for name in ("graph", "digraph", "function")),
        configuration='source = ["networkx"]\n[ssot.graph]\ndeprecated = ["networkx.classes.graph:Graph"]\n',
    ),
    Suite(
        name="scrapy",
        tests=tuple(
            f"tests/test_{name}.py"
            for name in (
                *("http_request", "http_request_form", "http_response", "http_response_text", "http_headers"),
                *("selector", "loader", "item", "linkextractors", "exporters", "utils_url", "utils_deprecate"),
                *("downloadermiddleware_redirect", "spidermiddleware_referer"),
            )
        ),
        configuration='source = ["scrapy"]\nharvest = ["deprecated", "warnings", "getattr", "docstring"]\n',
        needs=("pytest-twisted", "sybil", "testfixtures", "attrs", "pyftpdlib", "pexpect"),
        plugins=("twisted",),
    ),
)


def run(place: Place, suite: Suite, *, watched: bool) -> processes.Ended:
    """Run the tests of a suite in a process of its own, `watched` by the plugin or not."""
    source = place.source(suite)
    configuration = place.records / f"{suite.name}.toml"
    configuration.write_text(f'phase = "baseline"\n{suite.configuration}')
    plugins = [*suite.plugins, *(["ssot_tracker"] if watched else [])]
    words = [str(place.python), "-m", "pytest", "-q", *(word for name in plugins for word in ("-p", name))]
    words += [f"--ssot-config={configuration}"] if watched else []
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(source)}
    return processes.run(suite.name, [*words, *suite.tests], cwd=source, env=kept | own)


def measure(place: Place, suite: Suite, rounds: int) -> None:
    """Print what the plugin costs a suite."""
    place.source(suite)
    time.sleep(2.5)  # what was unpacked just now is too young for an answer of the scan to be kept
    for watched in (False, True, True):
        run(place, suite, watched=watched)
    pairs = [(run(place, suite, watched=False), run(place, suite, watched=True)) for _ in range(rounds)]
    ratios = [ours.seconds / plain.seconds for plain, ours in pairs]
    more = median(ours.megabytes - plain.megabytes for plain, ours in pairs)
    without, with_it = (median(pair[side].seconds for pair in pairs) for side in (0, 1))
    last = pairs[0][0].output.rstrip().rpartition("\n")[2]
    holds = median(ratios) <= MOST[0] and more <= MOST[1]
    print(
        f"{place.source(suite).name:18} {without:6.2f} s {with_it:6.2f} s {median(ratios):6.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) {more:+6.0f} MB  {'' if holds else 'MORE than is to hold'}"
        f"  {last}",
        flush=True,
    )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help=f"which suites: {[suite.name for suite in SUITES]}")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    place = Place(args.folder.absolute(), sys.executable)
    chosen = [suite for suite in SUITES if not args.names or suite.name in args.names]
    place.install({need for suite in chosen for need in (suite.name, *suite.needs)})
    print(f"CPU time and peak memory, Python {place.version}; to hold: {MOST[0]} times and {MOST[1]} MB more")
    print(f"{'':18} {'without':>8} {'with':>8} {'ratio':>6}")
    for suite in chosen:
        measure(place, suite, args.rounds)


if __name__ == "__main__":
    main()
