"""Discover: rank what looks like one job done twice, with the evidence, and count where identifiers come from."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus, refusing
from pytest_ssot_tracker.judge.words import counted

if TYPE_CHECKING:
    from pytest_ssot_tracker.discover.discovery import Discovery
    from pytest_ssot_tracker.discover.grouping import Group
    from pytest_ssot_tracker.settings import Tree

__all__ = ["add_arguments", "add_paths", "look", "run", "tree_of"]

_MEMBERS = 8
_REASONS = 3
_GENERATORS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker discover`."""
    add_paths(parser)
    parser.add_argument("--limit", metavar="N", type=int, default=10, help="how many groups are shown (default: 10)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed (default: text)")


def add_paths(parser: argparse.ArgumentParser) -> None:
    """Add the paths to look at."""
    words = "files and folders to look at (default: what is configured as source, else the project)"
    parser.add_argument("paths", nargs="*", metavar="PATH", type=Path, help=words)
    words = "the folder from which modules are named (default: the project, else above the outermost package)"
    parser.add_argument("--root", metavar="DIR", type=Path, help=words)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print what was found; it is no verdict, so the status is `FINE`."""
    if args.limit < 1:
        raise CommandError(f"--limit: {args.limit} shows nothing; write 1 or more")
    tree, paths = tree_of(args)
    found = look(tree, paths, console)
    if args.format == "json":
        console.write_json(_plain(found, args.limit), indent=1)
        return ExitStatus.FINE
    for line, markup in _text(found, args.limit):
        console.write_line(line, **markup)
    return ExitStatus.FINE


def tree_of(args: argparse.Namespace) -> tuple[Tree, list[Path] | None]:
    """Return the tree to look at and the paths asked for; raise `CommandError` for a path that is not there."""
    from pytest_ssot_tracker.settings import ConfigurationError, Tree
    from pytest_ssot_tracker.settings.pytest_ini import PytestIni

    here = Path.cwd()
    paths = [(here / path).resolve() for path in args.paths]
    absent = next((path for path in args.paths if not os.path.exists(here / path)), None)
    if absent is not None:
        raise CommandError(f"there is no {str(absent)!r}; name files or folders that exist")
    with refusing(ConfigurationError):
        root = PytestIni.find(here).rootpath.resolve() if args.root is None else (here / args.root).resolve()
    if not os.path.isdir(root):
        raise CommandError(f"--root: there is no folder {str(args.root)!r}; name one that exists")
    if args.root is None and _outside(root, paths):
        root = _above_packages(paths[0])
    strangers = _outside(root, paths)
    if strangers:
        raise CommandError(f"{strangers[0]} does not lie in {root}; name a folder of both with --root")
    return Tree.of(root), paths or _sources(root)


def _outside(root: Path, paths: list[Path]) -> list[Path]:
    return [path for path in paths if not path.is_relative_to(root)]


def _sources(root: Path) -> list[Path] | None:
    """Return the `source` folders of a configuration that can be read; else the whole tree is looked at."""
    from pytest_ssot_tracker.settings import ConfigurationError, load

    try:
        settings = load(root)
    except ConfigurationError:
        return None
    named = [path for path in settings.tree.source if path != "." and not {"*", "?"} & set(path)]
    return [root / path for path in named] or None


def _above_packages(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def look(tree: Tree, paths: list[Path] | None, console: Console) -> Discovery:
    """Return what the tree suggests, with progress for people; say how long it took."""
    from pytest_ssot_tracker.discover import discover

    started = time.perf_counter()
    with console.progress("reading") as progress:
        found = discover(tree, paths=paths, progress=progress)
    unread = f", {found.unreadable} of them unreadable" if found.unreadable else ""
    console.note(f"looked at {found.files} files{unread} in {time.perf_counter() - started:.1f} s")
    return found


def _text(found: Discovery, limit: int) -> Iterator[tuple[str, dict[str, bool]]]:
    shown = found.groups[:limit]
    if not shown:
        yield "nothing looks like one job done twice", {}
    for rank, group in enumerate(shown, 1):
        yield f"{rank:3}  {group.score:5.1f}  {group.subject}: {len(group.members)} look like one job", {"bold": True}
        for line in _members(group):
            yield f"            {line}", {}
    if len(found.groups) > limit:
        yield f"and {counted(len(found.groups) - limit, 'more group')}; --limit N shows more", {}
    if found.ids:
        yield "where identifiers come from", {"bold": True}
        for source in found.ids:
            sites = "site " if source.sites == 1 else "sites"
            yield f"{source.sites:8} {sites} in {counted(source.files, 'file')}  {source.target}", {}
        for target, files in found.generators[:_GENERATORS]:
            yield f"         made by {target}, named in {counted(files, 'other file')}", {}


def _members(group: Group) -> Iterator[str]:
    """Yield a line for each member, with why it looks like the one that it looks most like."""
    for place, member in enumerate(group.members[:_MEMBERS]):
        handed = f", handed out by {member.candidate.accessors[0]}()" if member.candidate.accessors else ""
        place_of = f"{member.candidate.path}:{member.candidate.line}"
        yield f"{member.candidate.target}  ({place_of}, used by {counted(member.users, 'file')}{handed})"
        if place:
            pair = group.strongest(place)
            other = group.members[pair.first if pair.second == place else pair.second].candidate
            known = other.target if other.title == member.candidate.title else other.title
            yield f"    {pair.score:.1f} like {known}: {'; '.join(reason.text for reason in pair.evidence[:_REASONS])}"
    if len(group.members) > _MEMBERS:
        yield f"and {len(group.members) - _MEMBERS} more; --format json lists all"


def _plain(found: Discovery, limit: int) -> dict[str, Any]:
    return {
        "files": found.files,
        "unreadable": found.unreadable,
        "groups": [
            {
                "subject": group.subject,
                "score": round(group.score, 2),
                "members": [
                    {
                        "target": member.candidate.target,
                        "path": member.candidate.path,
                        "line": member.candidate.line,
                        "accessors": list(member.candidate.accessors),
                        "users": member.users,
                    }
                    for member in group.members
                ],
                "pairs": [
                    {
                        "targets": [group.members[place].candidate.target for place in (pair.first, pair.second)],
                        "score": round(pair.score, 2),
                        "evidence": [{"text": why.text, "weight": round(why.weight, 2)} for why in pair.evidence],
                    }
                    for pair in group.pairs
                ],
            }
            for group in found.groups[:limit]
        ],
        "ids": [{"target": source.target, "sites": source.sites, "files": source.files} for source in found.ids],
        "generators": [{"target": target, "users": users} for target, users in found.generators],
    }
