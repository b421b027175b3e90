"""Parse the command line, call the one subcommand it names, and turn trouble into one line and a status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.cli.console import COLORS, Console
from pytest_ssot_tracker.cli.exits import CommandError, Status

__all__ = ["run"]


def run(argv: Sequence[str] | None, commands: Sequence[tuple[str, str]]) -> int:
    """Run the command of `commands` that `argv` names; return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    names = [name for name, _ in commands]
    chosen = next((word for word in arguments if word in names), None)
    module: Any = None if chosen is None else import_module(f"pytest_ssot_tracker.cli.{chosen.replace('-', '_')}")
    parser = _parser(commands, chosen, module)
    try:
        args = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else Status.USAGE
    if args.command is None:
        parser.print_help()
        return Status.USAGE
    return _call(module, args)


def _call(module: Any, args: argparse.Namespace) -> int:
    console = Console.of(args.color)
    try:
        status = int(module.run(args, console))
        console.out.flush()  # a full disk is told here, and not by the interpreter at its end
        return status
    except CommandError as error:
        console.error(str(error))
        return Status.USAGE
    except KeyboardInterrupt:
        console.error("interrupted; nothing more was written")
        return Status.USAGE
    except BrokenPipeError:  # whoever read the output has gone
        _give_up_output()
        return Status.VIOLATIONS
    except OSError as error:
        console.error(f"{error.filename or 'the output'}: {error.strerror or error}")
        if error.filename is None:
            _give_up_output()
        return Status.USAGE


def _give_up_output() -> None:
    """Send what is still to be printed nowhere: Python must not complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(commands: Sequence[tuple[str, str]], chosen: str | None, module: Any) -> argparse.ArgumentParser:
    """Return the parser; only the chosen command's own arguments are known to it, for only its module is loaded."""
    parser = argparse.ArgumentParser(
        prog="ssot-tracker",
        description="Tell who still uses what a single source of truth replaces.",
        epilog="Exit status: 0 fine, 1 violations, 2 usage or configuration, 3 (gate only) a rollback trigger failed.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    _add_color(parser, default="auto")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, summary in commands:
        sub = subparsers.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            module.add_arguments(sub)
            _add_color(sub, default=argparse.SUPPRESS)  # else it would hide what stands before the command
    return parser


def _add_color(parser: argparse.ArgumentParser, *, default: str) -> None:
    words = "colour the output (default: on a terminal, unless NO_COLOR is set)"
    parser.add_argument("--color", choices=COLORS, default=default, help=words)


class _Version(argparse.Action):
    """Show the version; it is looked up only then."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, parser: argparse.ArgumentParser, *ignored: Any) -> None:
        print(f"ssot-tracker {__version__}")
        parser.exit()
