"""Schema: print the JSON schema of the configuration, for editors."""

from __future__ import annotations

import argparse

from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import ExitStatus

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker schema`."""
    words = "that of a whole pyproject.toml (default: that of ssot_tracker.toml, which is the table alone)"
    parser.add_argument("--pyproject", action="store_true", help=words)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the schema."""
    from pytest_ssot_tracker.settings.schema import in_pyproject, schema

    console.write_json(in_pyproject() if args.pyproject else schema(), indent=1)
    return ExitStatus.FINE
