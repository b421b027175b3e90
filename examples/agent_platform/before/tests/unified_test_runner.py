"""Run the platform's tests: a thin layer over pytest with the words the team uses.

python tests/unified_test_runner.py --file tests/infrastructure/test_discovery_validation.py
python tests/unified_test_runner.py --categories mission_critical integration --real-services
python tests/unified_test_runner.py --pattern "*websocket*" --fast-fail
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
CATEGORIES = {
    "infrastructure": ("tests/infrastructure",),
    "unit": ("tests/unit", "netra_backend/tests/unit"),
    "integration": ("tests/integration",),
    "e2e": ("tests/e2e",),
    "mission_critical": ("tests/mission_critical",),
}
ENVIRONMENTS = ROOT / "environments"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tests that `argv` asks for and return pytest's exit status; 2 for a request that cannot be met."""
    parser = _parser()
    asked, more = parser.parse_known_args(argv)
    os.chdir(ROOT)
    for path in (str(ROOT),):
        if path not in sys.path:
            sys.path.insert(0, path)
    args = [*_paths(parser, asked), *more]
    if asked.pattern:
        args += ["-p", "tests.runner_pattern", f"--runner-pattern={asked.pattern}"]
    if asked.fast_fail:
        args.append("-x")
    if not asked.real_services:
        args += ["-m", "not real_services"]
    os.environ.update(_environment(parser, asked.env))
    status = int(pytest.main(args))
    return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED and asked.pattern else status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="Anything else goes to pytest.")
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
        "--real-services", action="store_true", help="run the tests that talk to the real WebSocket server, too"
    )
    parser.add_argument("--env", help="take the settings of environments/<ENV>.env (default: the process's own)")
    return parser


def _paths(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> list[str]:
    if asked.no_docker and asked.real_services:
        parser.error("--real-services starts its server in this process and needs no Docker: leave --no-docker out")
    for file in asked.file:
        if not Path(file).is_file():
            parser.error(f"--file {file}: there is no such file below {ROOT}")
    found = list(asked.file)
    for category in asked.categories:
        if category not in CATEGORIES:
            parser.error(f"--category {category}: there is no such category; there are {', '.join(CATEGORIES)}")
        there = [path for path in CATEGORIES[category] if Path(path).exists()]
        if not there:
            parser.error(f"--category {category}: this tree has no such tests ({', '.join(CATEGORIES[category])})")
        found += there
    return found


def _environment(parser: argparse.ArgumentParser, name: str | None) -> dict[str, str]:
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
