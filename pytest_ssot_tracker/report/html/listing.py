"""Turn a source file into a page's text: every line with its anchor, marked where a site stands."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import dataclass, regex
from pytest_ssot_tracker.report.html.highlight import coloured
from pytest_ssot_tracker.source import decode

__all__ = ["LineMark", "SourceLines", "listing", "read", "stands"]

_LINE = regex(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SPACE = regex(r"\s+")


@dataclass(frozen=True, slots=True)
class SourceLines:
    """The lines of a file without their ends, or in `problem` why there are none."""

    lines: Sequence[str] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class LineMark:
    """What is said about a line: `css` classes for it, and ready HTML that follows it."""

    css: str
    html: str


def read(root: Path, path: str, beside: Sequence[str] = ()) -> SourceLines:
    """Return the file at `path` from `root` as it is now.

    A path that leads out of the root is not followed, unless it leads into one of the folders `beside` it.
    """
    try:
        file = Path(os.path.realpath(root / path))
        if not any(file.is_relative_to(os.path.realpath(root / folder)) for folder in ("", *beside)):
            return SourceLines(problem="This path leads out of the project, so that the file is not shown.")
        text = decode(file.read_bytes())
    except FileNotFoundError:
        return SourceLines(
            problem="This file is gone since the run, or the sources are not where the report was written."
        )
    except (OSError, ValueError, SyntaxError, LookupError) as error:
        return SourceLines(problem=f"This file cannot be shown: {error}.")
    return SourceLines([line.rstrip("\r\n") for line in _LINE.findall(text)])


def stands(site: Site, lines: Sequence[str]) -> bool:
    """Whether the statement of `site` may still begin on its line."""
    if site.rule.about.stands_at != "statement" or not site.text:
        return 1 <= site.line <= max(len(lines), 1)
    if not 1 <= site.line <= len(lines):
        return False
    line = lines[site.line - 1]
    text, whole, start = (_SPACE.sub("", part) for part in (site.text, line, line.partition("#")[0]))
    return text in whole or bool(start and text.startswith(start.rpartition(";")[2]))


def listing(lines: Sequence[str], marks: Mapping[int, LineMark], path: str) -> str:
    """Return the HTML of the `lines` of the file at `path`; what `marks` says of a line, counted from 1, follows it."""
    pieces = ["<pre>"]
    for number, line in enumerate(coloured(list(map(_visible, lines)), path), 1):
        mark = marks.get(number)
        if mark is None:
            pieces.append(f"<span id=L{number}>{line}\n</span>")
        else:
            pieces.append(f'<span id=L{number} class="{mark.css}">{line}\n</span></pre>\n{mark.html}\n<pre>')
    pieces.append("</pre>")
    return "".join(pieces)


def _visible(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    return "\t".join(map(harmless, line.split("\t")))
