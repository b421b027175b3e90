"""Parse the command line, call the one subcommand it names, and turn trouble into one line and a status."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, NoReturn

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.cli.console import COLORS, Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.settings.problems import nearest

__all__ = ["run"]


def run(argv: Sequence[str] | None, commands: Sequence[tuple[str, str]]) -> int:
    """Run the command of `commands` that `argv` names; return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    names = [name for name, _ in commands]
    chosen = next((word for word in arguments if word in names), None)
    module: Any = None if chosen is None else import_module(f"pytest_ssot_tracker.cli.{chosen.replace('-', '_')}")
    if chosen and arguments[0] == chosen:  # so that the help of all commands is not asked for: parsers are dear
        commands = [command for command in commands if command[0] == chosen]
    parser = _parser(commands, chosen, module)
    try:
        before = arguments[: arguments.index(chosen)] if chosen else arguments
        stray = [word for word in before if word.startswith("--") and not _takes(parser, word)]
        if stray:  # else its value would be taken for the command
            parser.refuse(stray, [parser])
        args = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else ExitStatus.USAGE
    if args.command is None:
        parser.print_help()
        return ExitStatus.USAGE
    return _call(module, args)


def _call(module: Any, args: argparse.Namespace) -> int:
    console = Console.of(args.color)
    try:
        status = int(module.run(args, console))
        console.out.flush()  # a full disk is told here, and not by the interpreter at its end
        return status
    except CommandError as error:
        console.error(str(error))
        return ExitStatus.USAGE
    except KeyboardInterrupt:
        console.error("interrupted; nothing more was written")
        return ExitStatus.USAGE
    except BrokenPipeError:  # whoever read the output has gone
        _give_up_output()
        return ExitStatus.VIOLATIONS
    except OSError as error:
        console.error(f"{error.filename or 'the output'}: {error.strerror or error}")
        if error.filename is None:
            _give_up_output()
        return ExitStatus.USAGE


def _give_up_output() -> None:
    """Send what is still to be printed nowhere: Python must not complain of it at its end.

    See https://docs.python.org/3/library/signal.html#note-on-sigpipe.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _takes(parser: argparse.ArgumentParser, word: str) -> bool:
    """Whether `word` is an option of `parser`, or the beginning of one."""
    option = word.partition("=")[0]
    return any(known.startswith(option) for known in parser._option_string_actions)


def _parser(commands: Sequence[tuple[str, str]], chosen: str | None, module: Any) -> Parser:
    """Return the parser; only the chosen command's own arguments are known to it, for only its module is loaded."""
    parser = Parser(
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


class Parser(argparse.ArgumentParser):
    """A parser that says of a word it does not know which one was probably meant.

    `suggest_on_error` of argparse is new in 3.14, and knows choices only.
    """

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the arguments; those that nobody takes end the program with the nearest that somebody does."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.refuse(unknown, self._called(found))
        return found

    def refuse(self, words: Sequence[str], parsers: Iterable[argparse.ArgumentParser]) -> NoReturn:
        """End the program, for none of `parsers` takes these words; each with the option that was probably meant."""
        known = [spelled for parser in parsers for spelled in parser._option_string_actions]
        hints = [hint for word in words if (hint := _meant(word.partition("=")[0], known))]
        self.error(f"unrecognized arguments: {' '.join(words)}{''.join(f'; {hint}' for hint in hints)}")

    def error(self, message: str) -> NoReturn:
        """End the program with `message` and, for a value that is no choice, the nearest choice."""
        wrong = _NO_CHOICE.search(message)
        hint = "" if wrong is None else _meant(wrong[1], re.findall(r"[\w.-]+", wrong[2]))
        if wrong is None and "did you mean" not in message:
            hint = f"{self.prog} --help lists what there is"
        super().error(self._folded(message + (f"; {hint}" if hint else "")))

    def _folded(self, message: str) -> str:
        """Return `message`, folded behind what argparse puts before it where a terminal shows it."""
        if not sys.stderr.isatty():
            return message
        from pytest_ssot_tracker.report.folding import folded

        before = f"{self.prog}: error: "
        return "\n".join(folded(before + message, shutil.get_terminal_size().columns)).removeprefix(before)

    def _called(self, found: argparse.Namespace) -> Iterator[argparse.ArgumentParser]:
        """Yield this parser and that of the command."""
        yield self
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction) and found.command in action.choices:
                yield action.choices[found.command]


_NO_CHOICE = regex(r"invalid choice: '?([^' ]*)'? \(choose from (.*)\)", re.DOTALL)


def _meant(word: str, known: Sequence[str]) -> str:
    """Return the question whether the nearest of `known` was meant; nothing where none is near."""
    hint = nearest(word, known)
    return hint if hint.startswith("did you mean") else ""


class _Version(argparse.Action):
    """Show the version, which is looked up only then: `action="version"` of argparse wants it for every parser."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **more)

    def __call__(self, parser: argparse.ArgumentParser, *ignored: Any) -> None:
        print(f"ssot-tracker {__version__}")
        parser.exit()
