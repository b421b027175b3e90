"""Find out what stands in the way of deleting something: who uses it, and which tests break without it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_ssot_tracker.detect.scratch.blocked import GONE, OUTCOMES
from pytest_ssot_tracker.fix.verifying import Broken, RunError, run_pytest
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import SourceFile

__all__ = ["Piece", "broken_without", "pieces"]

_MISSING = "missing"


class Piece(NamedTuple):
    """A part of the source to delete: the lines of a file from `first` to `last`, or all of it where these are 0."""

    path: str
    first: int
    last: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.first}-{self.last}  {self.what}" if self.first else f"{self.path}  {self.what}"


def broken_without(root: Path, target: Target, tests: Sequence[str], options: Sequence[str] = ()) -> list[Broken]:
    """Return the tests that end otherwise when `target` is gone; without `tests` all are run. Raises `RunError`."""
    before = _outcomes(root, "", tests, options)
    after = _outcomes(root, str(target), tests, options)
    lost = [name for name in after if name not in before and after[name] == "failed"]
    found = []
    for name in (*(name for name in before if "::" in name), *lost):
        # A file that cannot be collected any more takes its tests with it.
        now = after.get(name, after.get(name.partition("::")[0], _MISSING))
        if now != before.get(name, "passed"):
            found.append(Broken(name, before.get(name, "passed"), now))
    files = {broken.test for broken in found if "::" not in broken.test}
    return [broken for broken in found if broken.test in files or broken.test.partition("::")[0] not in files]


def _outcomes(root: Path, gone: str, tests: Sequence[str], options: Sequence[str]) -> Mapping[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "outcomes.json")
        arguments = ["-p", "pytest_ssot_tracker.detect.scratch.blocked", "--no-ssot", *options, *tests]
        done = run_pytest(root, arguments, {GONE: gone, OUTCOMES: str(file)})
        try:
            found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = {}
    if not found and not gone:
        raise RunError.of(done)
    return found


def pieces(root: Path, target: Target, path: Callable[[str], str | None]) -> list[Piece]:
    """Return what defines `target`; `path` gives the file of a module, relative to the root, `None` for no file."""
    home = path(target.module)
    if home is None:
        return []
    if target.attribute is None:
        folder = home.removesuffix("__init__.py")
        return [Piece(folder if folder != home else home, 0, 0, f"the module {target.module}")]
    try:
        file = SourceFile.read(home, (root / home).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    statement = file.definition(target.attribute)
    if statement is None:
        return []
    last = getattr(statement.node, "end_lineno", statement.end_line) or statement.end_line
    kind = type(statement.node).__name__.removesuffix("Def").replace("AsyncFunction", "Function").lower()
    return [Piece(home, statement.head_line, last, f"the {kind} {target.attribute}")]
