"""Lay the baseline file out so that it can be read, and so that two branches that change it merge.

Git conflicts where changed lines touch, so between any two files there stands a line that nobody takes out: an anchor.

A large file has a line for each of 256 anchors, always: each path falls, by its hash, behind one of them, and has an
opening and a closing line of its own. A small one has one anchor behind each file, which stays when the file's sites
are gone, and a few at the top, between which what is added later finds its place by its hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from pytest_ssot_tracker.hashing import blake2b

__all__ = ["GRID", "Entries", "Layout", "dumps", "layout_of"]

Entries: TypeAlias = "Mapping[str, Sequence[Mapping[str, object]]]"
"""The sites of each file, sorted, as they are written."""

Layout: TypeAlias = "tuple[tuple[bool, str], ...]"
"""The anchors (true) and paths of a small file in their order."""

ABOUT = "Uses that may stay for now, one a line; `ssot-tracker baseline` writes this file and takes out what is gone."
END = "end"
GRID: Layout = tuple((True, f"{number:02x}") for number in range(256))
"""The layout of a large file."""

_TINY = 3
_SMALL = 12
"""Up to how many sites a file is laid out as a small one when it is written for the first time."""

_LARGE = 48
"""From how many sites on a small file becomes a large one."""

_TOPS = 16
"""How many anchors stand at the top of a small file, for what is added."""

_LINES = 10
"""How many lines a file of three sites may have."""


def layout_of(blocks: Sequence[object]) -> Layout:
    """Return the layout of a file from its blocks, as they were read."""
    strings = [block for block in blocks if isinstance(block, str)]
    if {name for _, name in GRID} <= set(strings):
        return GRID
    items = [
        (True, block) if isinstance(block, str) else (False, str(block[0]))
        for block in blocks
        if block != END and (isinstance(block, str) or (isinstance(block, list) and block))
    ]
    return tuple(dict.fromkeys(items))


def dumps(files: Entries, layout: Layout, format_: int) -> str:
    """Return the text of a file with these sites; with the `layout` of the file that it takes the place of, if any."""
    number = sum(map(len, files.values()))
    most = _SMALL if not layout else _TINY if layout == GRID else _LARGE
    body = _large(files) if number > most else _small(files, () if layout == GRID else layout, number)
    head = f'{{"about": {json.dumps(ABOUT)}, "format": {format_}, "sites": ['
    return "\n".join((head, *body, f'"{END}"]}}')) + "\n"


def _large(files: Entries) -> Iterator[str]:
    """Yield the lines of a large file; each ends as it would in any other, so that no edit touches a neighbour."""
    paths = sorted(files, key=lambda path: (_hash(path, 1), path))
    for _, anchor in GRID:
        yield f'"{anchor}",'
        while paths and _hash(paths[0], 1) == anchor:
            path = paths.pop(0)
            yield f"[{json.dumps(path)},"
            yield from (json.dumps(entry) + "," for entry in files[path])
            yield "null],"


def _small(files: Entries, layout: Layout, number: int) -> Iterator[str]:
    """Yield the lines of a small file: of what stood in it before each anchor stays where it was."""
    items = list(layout)
    if not items:
        tops = _LINES - 2 - number - len(files) if number else 1
        tops = tops if number <= _TINY else _TOPS
        items = [(True, str(top + 1)) for top in range(tops)]
        for path in files:
            items += _with_anchor(path, items)
    for path in files:
        if (False, path) not in items:
            at = _slot(items, path)
            items[at:at] = _with_anchor(path, items)
    for is_anchor, name in items:
        if is_anchor:
            yield f"{json.dumps(name)},"
        else:
            yield from (f"[{json.dumps(name)}, {json.dumps(entry)}]," for entry in files.get(name, ()))


def _with_anchor(path: str, items: Sequence[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Return what a new file adds to `items`: its sites and, unless it is there, its anchor."""
    anchor = True, _hash(path, 2)
    return [(False, path), *([] if anchor in items else [anchor])]


def _slot(items: Sequence[tuple[bool, str]], path: str) -> int:
    """Return where the sites of a new file go: between two lines that nobody takes out, one of these by its hash."""
    stays = [True, *(is_anchor for is_anchor, _ in items), True]
    slots = [at for at, both in enumerate(pairwise(stays)) if all(both)]
    return slots[int(_hash(path, 4), 16) % len(slots)] if slots else len(items)


def _hash(path: str, size: int) -> str:
    return blake2b(path.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
