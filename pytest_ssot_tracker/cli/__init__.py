"""Be the command line: the same rooms without pytest. Each subcommand is a module, imported when it is called.

A subcommand's module has two functions, `add_arguments(parser)` and `run(args, console) -> int`; its line in `COMMANDS`
makes it known.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ssot_tracker.cli.exits import ExitStatus

__all__ = ["COMMANDS", "ExitStatus", "main"]

COMMANDS = (
    ("scan", "list what the source text shows, and fail where a run would"),
    ("who", "list who uses something, with the tests of the last run; no configuration is needed"),
    ("status", "show what is left and what is gone, per table and target, owner, rule or folder"),
    ("can-delete", "tell what stands in the way of deleting something: who uses it, which tests break without it"),
    ("prove", "plant a use of everything declared in a copy of the project, and say whether it is seen"),
    ("run", "run any program under watch, with all that it starts, and write down what it uses"),
    ("baseline", "write the file of known sites; later only shrink it, unless --grow"),
    ("report", "render result files as another report"),
    ("combine", "make one result file of several"),
    ("fix", "rewrite sites to what replaces them; a diff, unless --write"),
    ("gate", "hold results against the criteria of the configuration"),
    ("init", "propose a configuration from what the source looks like, or write it"),
    ("discover", "rank what looks like one job done twice, with the evidence, and where identifiers come from"),
    ("schema", "print the JSON schema of the configuration, for editors"),
    ("explain", "say what a rule finds, why it matters, how to fix it and how to allow it"),
    ("completion", "print a script by which bash, fish or zsh completes commands, options and choices"),
)
"""Every subcommand with its line of help; the module has the command's name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the process's) and return its exit status, see `ExitStatus`."""
    from pytest_ssot_tracker.cli.command_line import run

    return run(argv, COMMANDS)
