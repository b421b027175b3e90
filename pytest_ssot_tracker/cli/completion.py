"""Completion: print a script by which a shell completes commands, options and choices."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from pytest_ssot_tracker.cli.console import COLORS, Console
from pytest_ssot_tracker.cli.exits import ExitStatus

__all__ = ["SHELLS", "add_arguments", "offered", "run", "script"]

SHELLS = ("bash", "fish", "zsh")

_SCRIPT = """\
# Completes ssot-tracker; made by `ssot-tracker completion {named}`.
_ssot_tracker() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command='' each
    for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $each in
            {commands}) command=$each; break ;;
        esac
    done
    COMPREPLY=()
    case "$command $before" in
{choices}    esac
    case $command in
{words}    esac
}}
complete -o default -F _ssot_tracker ssot-tracker
"""
_FISH = """\
# Completes ssot-tracker; made by `ssot-tracker completion fish`.
complete -c ssot-tracker -f
{lines}"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker completion`."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"for which shell: {' or '.join(SHELLS)}")


def offered() -> tuple[str, ...]:
    """Return the shells."""
    return SHELLS


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the script."""
    console.out.write(script(args.shell))
    return ExitStatus.FINE


def script(shell: str) -> str:
    """Return the script for `shell`, made from the parsers of all commands."""
    from pytest_ssot_tracker.cli import COMMANDS

    names = [name for name, _ in COMMANDS]
    parsers = {name: _parser(name) for name in names}
    if shell == "fish":
        return _FISH.format(lines="".join(f"{line}\n" for line in _fish(dict(COMMANDS), parsers)))
    choices = "".join(line for name, parser in parsers.items() for line in _choices(name, parser))
    words = "".join(_offer(name, [*_options(parser), *_offered(name)]) for name, parser in parsers.items())
    words += _offer("''", [*names, "--help", "--version", "--color"])
    text = _SCRIPT.format(named=shell, commands="|".join(names), choices=choices, words=words)
    return _ZSH + text if shell == "zsh" else text


def _fish(commands: Mapping[str, str], parsers: Mapping[str, argparse.ArgumentParser]) -> Iterator[str]:
    """Yield the lines for fish, which takes one for each thing that it offers."""
    none = "__fish_use_subcommand"
    for name, summary in commands.items():
        yield f"complete -c ssot-tracker -n {none} -a {name} -d {_quoted(summary)}"
    for option, more in (("help", ""), ("version", ""), ("color", f" -x -a {_quoted(' '.join(COLORS))}")):
        yield f"complete -c ssot-tracker -n {none} -l {option}{more}"
    for name, parser in parsers.items():
        here = f"complete -c ssot-tracker -n {_quoted(f'__fish_seen_subcommand_from {name}')}"
        offered = _offered(name)
        # Where a command says nothing of what stands behind it, that may be a file.
        yield f"{here} -a {_quoted(' '.join(offered))}" if offered else f"{here} -F"
        for action in parser._actions:
            after = " -r -F" if action.nargs != 0 else ""
            if action.choices:
                after = f" -x -a {_quoted(' '.join(map(str, action.choices)))}"
            said = f" -d {_quoted(action.help)}" if action.help else ""
            yield from (f"{here} -l {spelled.removeprefix('--')}{after}{said}" for spelled in _long(action))


def _quoted(text: str) -> str:
    """Return `text` as a word of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name)
    _module(name).add_arguments(parser)
    parser.add_argument("--color", choices=COLORS)
    return parser


def _options(parser: argparse.ArgumentParser) -> list[str]:
    return [spelled for action in parser._actions for spelled in _long(action)]


def _long(action: argparse.Action) -> list[str]:
    return [spelled for spelled in action.option_strings if spelled.startswith("--")]


def _offered(name: str) -> list[str]:
    """Return what may stand behind a command without an option; its module says so where there is something to say."""
    offered = getattr(_module(name), "offered", None)
    return [] if offered is None else list(offered())


def _module(name: str) -> Any:
    return import_module(f"pytest_ssot_tracker.cli.{name.replace('-', '_')}")


def _choices(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield a line for each option with choices: after it, nothing else is offered."""
    for action in parser._actions:
        if action.option_strings and action.choices:
            after = " | ".join(f"'{name} {spelled}'" for spelled in action.option_strings)
            offered = " ".join(map(str, action.choices))
            yield f"        {after}) COMPREPLY=($(compgen -W '{offered}' -- \"$word\")); return ;;\n"


def _offer(name: str, words: list[str]) -> str:
    return f"        {name}) COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$word\")) ;;\n"
