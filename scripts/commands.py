"""Write docs/commands.md from the parsers of the commands, or check that it is up to date.

scripts/commands.py [--write]
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pytest_ssot_tracker.cli import COMMANDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """\
# Commands

Made by `scripts/commands.py` from the commands themselves; `--help` behind a command says the same. The options of
pytest are in the [README](../README.md#options).

## Exit status

| status | meaning |
|---|---|
| 0 | fine |
| 1 | violations; `fix` without `--write` has a diff; `baseline` could take nothing out; a guard of `prove` is mute |
| 2 | wrong usage, a bad configuration, or input that is missing or unreadable: nothing was done |
| 3 | `gate` only: a rollback trigger failed |

pytest's exit codes stay pytest's: 1 where a test or the session fails, 4 where the configuration is refused.

## Where a project is found

As pytest finds it: from the folder where you stand upwards. `--root DIR` names another, `--config FILE` another file.
The `ssot_*` keys of pytest's ini file hold as they do for a run. Findings go to standard output, everything else to
standard error; `--color always` and `NO_COLOR` are honoured.
"""


def parser_of(name: str) -> argparse.ArgumentParser:
    """Return the parser of a command with its own arguments."""
    parser = argparse.ArgumentParser(prog=f"ssot-tracker {name}", add_help=False)
    import_module(f"pytest_ssot_tracker.cli.{name.replace('-', '_')}").add_arguments(parser)
    return parser


def page() -> str:
    """Return the text of the page."""
    return HEAD + "".join(f"\n{part}" for name, summary in COMMANDS for part in section(name, summary))


def section(name: str, summary: str) -> Iterator[str]:
    """Yield the paragraphs about one command."""
    yield f"## {name}\n\n{summary[0].upper()}{summary[1:]}.\n"
    yield "| argument | meaning |\n|---|---|\n" + "".join(map(row, parser_of(name)._actions))


def row(action: argparse.Action) -> str:
    """Return the row of one argument."""
    value = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    value = str(value[0] if isinstance(value, tuple) else value)
    if not action.option_strings:
        spelled = f"`{value}{'…' if action.nargs in ('*', '+') else ''}`"
    else:
        after = "" if action.nargs == 0 else f" {value}"
        spelled = ", ".join(f"`{option}{after}`" for option in action.option_strings)
    said = re.sub(r"%\((\w+)\)s", lambda found: str(getattr(action, found[1])), action.help or "").replace("%%", "%")
    return f"| {spelled.replace('|', chr(92) + '|')} | {said.replace('|', chr(92) + '|')} |\n"


def main() -> int:
    """Check or write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the page instead of printing the difference")
    text, before = page(), PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if parser.parse_args().write:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), "docs", "the commands"))
    return int(text != before)


if __name__ == "__main__":
    sys.exit(main())
