"""Init: propose a configuration from what the source looks like; write it where asked to."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.cli import discover
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus
from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.toml_documents import toml_document

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker init`."""
    discover.add_paths(parser)
    parser.add_argument("--limit", metavar="N", type=int, default=5, help="propose at most N tables (default: 5)")
    words = "write it into pyproject.toml where there is one, else into ssot_tracker.toml (default: print it)"
    parser.add_argument("--write", action="store_true", help=words)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the proposal, or write it; refuse where something is configured already."""
    from pytest_ssot_tracker.discover.declarations import declared
    from pytest_ssot_tracker.discover.proposal import proposal
    from pytest_ssot_tracker.settings.presence import OWN_FILE, PYPROJECT

    if args.limit < 1:
        raise CommandError(f"--limit: {args.limit} proposes nothing; write 1 or more")
    tree, paths = discover.tree_of(args)
    root = Path(tree.root)
    into = root / PYPROJECT if (root / PYPROJECT).is_file() else root / OWN_FILE
    _refuse_configured(root)
    found = discover.look(tree, paths, console)
    source = [path.relative_to(root).as_posix() for path in paths or ()] or list(found.tops) or ["."]
    prefix = "tool.ssot_tracker" if into.name == PYPROJECT else ""
    text = proposal(found, declared(tree, source), source=source, prefix=prefix, limit=args.limit)
    declares = _declares(text, prefix)
    if not args.write:
        console.out.write(text)
        if not declares:
            console.note(f"{_NOTHING}; {_BY_HAND}")
        if not declares or not _agreed(into, console):
            return ExitStatus.FINE
    if not declares:
        raise CommandError(f"{_NOTHING}: nothing was written; {_BY_HAND}")
    _write(into, text)
    console.note(f"wrote {into}; `pytest` records from now on, and fails nothing before the phase is changed")
    return ExitStatus.FINE


_NOTHING = "nothing is marked deprecated and nothing looks like one job done twice, so there is nothing to declare yet"
_BY_HAND = "write [tool.ssot_tracker.ssot.NAME] with 'canonical' and 'deprecated' yourself"
_WATCHED = frozenset({"deprecated", "accessors", "competing", "forbidden", "patterns"})
"""Keys of a table, of which one at least gives a run something to watch."""


def _declares(text: str, prefix: str) -> bool:
    """Whether a proposal has a table that gives a run something to watch."""
    tables: Any = toml_document(text)
    for part in filter(None, prefix.split(".")):
        tables = tables[part]
    return any(_WATCHED & table.keys() for kind in ("ssot", "ids") for table in tables.get(kind, {}).values())


def _refuse_configured(root: Path) -> None:
    """Raise `CommandError` where the project has a configuration, also one that is wrong."""
    from pytest_ssot_tracker.settings import ConfigurationError, load

    try:
        file = load(root).file
    except ConfigurationError as error:
        raise CommandError(f"there is a configuration already, and it is wrong:\n{error}") from None
    if file is not None:
        raise CommandError(f"{file} configures ssot_tracker already; `ssot-tracker discover` shows what else there is")


def _agreed(into: Path, console: Console) -> bool:
    """Ask whoever sits at a terminal whether to write; a pipe is asked nothing."""
    if not (sys.stdin.isatty() and console.out.isatty()):
        return False
    console.err.write(harmless(f"Write this into {into}? [y/N] "))
    console.err.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(into: Path, text: str) -> None:
    """Put `text` at the end of the file; what stands there is not touched, to the byte."""
    try:
        before = into.read_bytes() if into.is_file() else b""
        into.write_bytes(_added(before, text, into))
    except OSError as error:
        raise CommandError(f"{into} cannot be written: {error.strerror}") from None


def _added(before: bytes, text: str, into: Path) -> bytes:
    """Return the content with `text` after it; raise `CommandError` where that would be no TOML."""
    gap = "" if not before else "\n" if before.endswith(b"\n") else "\n\n"
    added = gap + text
    if b"\r\n" in before:
        added = added.replace("\n", "\r\n")
    try:
        old, new = toml_document(before.decode()), toml_document((before + added.encode()).decode())
    except (ValueError, RecursionError) as error:
        raise CommandError(
            f"{into} cannot be added to: {error}; correct it, or write what is printed yourself"
        ) from None
    if into.name == "pyproject.toml":
        new["tool"].pop("ssot_tracker")
        old.setdefault("tool", {})
    assert into.name != "pyproject.toml" or old == new, "a table at the end changes no other"
    return before + added.encode()
