"""Show how a test got to the sites that fail it: frames of ours with their source, as pytest shows a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from _pytest._code.code import ExceptionInfo, ReprEntry, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from pytest_ssot_tracker.detect.record.sites import position_of
from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.report.folding import folded

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.recorder import Way
    from pytest_ssot_tracker.detect.record.sites import Sites
    from pytest_ssot_tracker.settings import Tree

__all__ = ["Frame", "frames", "representation"]

_FRAMES = 5
"""How many frames are shown of a way: the test, and the last ones before the site."""

_CHAINS = 3
"""How many sites of a test are shown with their frames; the others have their sentence only."""


class Frame(NamedTuple):
    """One step on the way to a site: the line that was executed, and the function it stands in."""

    path: str
    line: int
    function: str
    text: str
    left_out: int = 0


def frames(way: Way, sites: Sites, tree: Tree) -> list[Frame]:
    """Return the frames of ours on `way`, the outermost first; of many the first and the last, which says so."""
    ours = [(code, lasti) for code, lasti in reversed(way) if tree.relative(code.co_filename) is not None]
    left_out = max(0, len(ours) - _FRAMES)
    if left_out:
        ours = [ours[0], *ours[1 + left_out :]]
    shown = []
    for code, lasti in ours:
        line, _ = position_of(code, lasti)
        text = harmless(sites.text(code.co_filename, line))
        shown.append(Frame(harmless(sites.path(code.co_filename)), line, code.co_name, text))
    if left_out:
        shown[1] = shown[1]._replace(left_out=left_out)
    return shown


def representation(
    error: ExceptionInfo[BaseException],
    sites: Sequence[str],
    way_to: Callable[[str], Sequence[Frame]],
    width: int | None,
) -> ReprExceptionInfo | None:
    """Return what pytest shows of `error`, whose text has a sentence for each of `sites`, with the way to each.

    `None` where no way is known, or the text is about something else.
    """
    parts = list(_parts(str(error.value)))
    ways = [way_to(site) for site in sites[:_CHAINS]]
    if len(parts) != len(sites) or not any(ways):
        return None
    ways += [()] * (len(parts) - len(ways))
    entries = [entry for way, lines in zip(ways, parts, strict=True) for entry in _entries(way, lines, width)]
    last = next(way[-1] for way in ways if way)
    crash = ReprFileLocation(last.path, last.line, error.exconly(tryshort=True))
    return ReprExceptionInfo(reprcrash=crash, reprtraceback=ReprTraceback(entries, None, "short"))


def _parts(text: str) -> Iterator[list[str]]:
    """Yield each sentence with the indented lines below it."""
    part: list[str] = []
    for line in text.split("\n"):
        if part and not line.startswith(" "):
            yield part
            part = []
        part.append(line)
    yield part


def _entries(way: Sequence[Frame], lines: Sequence[str], width: int | None) -> Iterator[ReprEntry]:
    told = [f"E   {part}" for line in lines for part in folded(line, width and width - 4)]
    for frame in way:
        if frame.left_out:
            yield ReprEntry([f"    ({frame.left_out} more of ours)"], None, None, None, "short")
        place = ReprFileLocation(frame.path, frame.line, f"in {frame.function}")
        yield ReprEntry([f"    {frame.text}", *(told if frame is way[-1] else ())], None, None, place, "short")
    if not way:
        yield ReprEntry(told, None, None, None, "short")
