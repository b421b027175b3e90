"""Explain: say what a rule finds, why it matters, how to fix it and how to allow it."""

from __future__ import annotations

import argparse

from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus

__all__ = ["add_arguments", "offered", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker explain`."""
    parser.add_argument("rule", nargs="?", metavar="RULE", help="the rule to explain (default: list all of them)")


def offered() -> list[str]:
    """Return the rules, for completion."""
    from pytest_ssot_tracker.model import Rule

    return [rule.value for rule in Rule]


def run(args: argparse.Namespace, console: Console) -> int:
    """Print what is to be told; refuse an unknown rule with the nearest one."""
    from pytest_ssot_tracker.model import Rule
    from pytest_ssot_tracker.report.guide import rule_lines
    from pytest_ssot_tracker.settings.problems import nearest

    console = console.folding()
    if args.rule is None:
        width = max(map(len, Rule))
        for rule in Rule:
            console.write_line(f"{rule.value:{width}}  {rule.about.summary}")
        return ExitStatus.FINE
    if args.rule not in list(map(str, Rule)):
        raise CommandError(f"there is no rule {args.rule!r}; {nearest(args.rule, map(str, Rule))}")
    title, *rest = rule_lines(Rule(args.rule))
    console.write_line(title, bold=True)
    for line in rest:
        console.write_line(line)
    return ExitStatus.FINE
