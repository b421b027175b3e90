"""Run the platform's tests: a thin layer over pytest with the words the team uses.

python tests/unified_test_runner.py --file tests/infrastructure/test_discovery_validation.py
python tests/unified_test_runner.py --categories mission_critical integration --real-services
python tests/unified_test_runner.py --pattern "*websocket*" --fast-fail
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
CATEGORIES = {
    "infrastructure": ("tests/infrastructure", "tests/plan/part1_infrastructure"),
    "unit": (
        "tests/unit",
        "netra_backend/tests/unit",
        "tests/plan/part2_violations",
        "tests/plan/part5_compliance",
    ),
    "integration": ("tests/integration", "tests/plan/part3_races"),
    "e2e": ("tests/e2e", "tests/plan/part4_golden_path"),
    "mission_critical": ("tests/mission_critical",),
}
ENVIRONMENTS = ROOT / "environments"
WATCHED = ("-o", "ssot_subprocess=true")
"""Has pytest-ssot-tracker follow the server into its process; an ini key does no harm where that is not there."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tests that `argv` asks for and return pytest's exit status; 2 for a request that cannot be met."""
    parser = _parser()
    asked, more = parser.parse_known_args(argv)
    os.chdir(ROOT)
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    paths = _paths(parser, asked)
    os.environ.update(_environment(parser, asked.env))
    args = ["-p", "tests.runner_plugin", *(f"--runner-path={path.partition('::')[0]}" for path in paths)]
    if asked.pattern is not None:
        args.append(f"--runner-pattern={asked.pattern}")
    if asked.fast_fail:
        args.append("-x")
    if asked.real_services:
        args.append("--runner-real-services")
        args += WATCHED
    status = int(pytest.main([*args, *paths, *more]))
    return 2 if status == pytest.ExitCode.USAGE_ERROR else status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="Anything else goes to pytest.", allow_abbrev=False
    )
    parser.add_argument("--file", action="append", default=[], help="run this test file; may be repeated")
    parser.add_argument("--pattern", help='run the tests whose node id matches, such as "*websocket*"')
    parser.add_argument(
        "--category",
        "--categories",
        dest="categories",
        nargs="+",
        action="extend",
        default=[],
        metavar="CATEGORY",
        help=f"run these kinds of tests: {', '.join(CATEGORIES)}",
    )
    parser.add_argument("--fast-fail", action="store_true", help="stop at the first failure")
    parser.add_argument(
        "--no-docker",
        action="store_true",
        help="say that there is no Docker: nothing here needs it",
    )
    parser.add_argument(
        "--real-services",
        action="store_true",
        help="run what talks to the platform's server, too: it is started as a process of its own",
    )
    parser.add_argument("--env", help="take the settings of environments/<ENV>.env (default: the process's own)")
    return parser


def _paths(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> list[str]:
    """Return what pytest is to collect, as it spells it in node ids; end with status 2 for what is not there."""
    if asked.no_docker and asked.real_services:
        parser.error(
            "--real-services starts its server as a plain process, which needs no Docker: leave --no-docker out"
        )
    paths = []
    for file in asked.file:
        name, *inside = file.split("::")
        path = Path(os.path.relpath(name)).as_posix()
        if not Path(path).is_file():
            there = sorted(each.relative_to(ROOT).as_posix() for each in ROOT.rglob("test_*.py"))
            parser.error(f"--file {file}: there is no such file below {ROOT}{_near(path, there)}")
        paths.append("::".join((path, *inside)))
    for category in asked.categories:
        if category not in CATEGORIES:
            known = _near(category, CATEGORIES) or f"; there are {', '.join(CATEGORIES)}"
            parser.error(f"--category {category}: there is no such category{known}")
        there = [path for path in CATEGORIES[category] if Path(path).is_dir()]
        if not there:
            present = ", ".join(name for name, folders in CATEGORIES.items() if any(map(os.path.isdir, folders)))
            folders = ", ".join(CATEGORIES[category])
            parser.error(f"--category {category}: this tree has no such tests ({folders}); it has {present}")
        paths += there
    return list(dict.fromkeys(paths))


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=3)
    return f"; the nearest are {', '.join(close)}" if close else ""


def _environment(parser: argparse.ArgumentParser, name: str | None) -> dict[str, str]:
    """Return what the environment called `name` sets; end with status 2 where there is none."""
    if name is None:
        return {}
    file = ENVIRONMENTS / f"{name}.env"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in ENVIRONMENTS.glob("*.env")))
        parser.error(f"--env {name}: there is no {file.name} in environments/; there are {known}")
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs} | {"ENVIRONMENT": name}


if __name__ == "__main__":
    sys.exit(main())
