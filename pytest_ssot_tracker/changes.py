"""Which lines changed since a commit, as git tells it: what stands in them is new, and everything else was there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import dataclass, field, regex
from pytest_ssot_tracker.source import SourceFile

__all__ = ["Changes", "ChangesError", "standing_before"]

_HUNK = regex(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ESCAPED = regex(r"\\([abfnrtv\"\\]|[0-7]{3})")
_ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, '"': 34, "\\": 92}


class ChangesError(ValueError):
    """What keeps git from telling what has changed, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The lines that changed since `revision`, by path relative to the root; `None` stands for a whole file."""

    revision: str
    lines: Mapping[str, frozenset[int] | None] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def since(cls, revision: str, root: Path, relative: Callable[[str], str | None]) -> Changes:
        """Return what changed below `root` since the work tree parted from `revision`, untracked files included.

        `relative` turns an absolute file name into the path of a site, `None` for what is not ours. Raises
        `ChangesError`.
        """
        top = Path(_git(root, "rev-parse", "--show-toplevel").rstrip("\n"))
        base = _base(root, revision)
        found: dict[str, frozenset[int] | None] = {}
        for name, lines in _changed(top, base):
            path = relative(os.path.join(top, name))
            if path is not None:
                found[path] = _whole_statements(path, top / name, lines)
        for name in filter(None, _git(top, "ls-files", "-z", "--others", "--exclude-standard").split("\0")):
            path = relative(os.path.join(top, name))
            if path is not None:
                found[path] = None
        return cls(revision, MappingProxyType(found))

    def hold(self, site: Site) -> bool:
        """Whether `site` stands in what changed; one that stands for a whole file does so where any line of it did."""
        if site.path not in self.lines:
            return False
        lines = self.lines[site.path]
        return lines is None or (bool(lines) if site.rule.about.stands_at == "file" else site.line in lines)


def standing_before(revision: str, root: Path, relative: Callable[[str], str | None]) -> Callable[[Site], bool]:
    """Return what tells whether a site stood there at `revision` (see `Changes.since`); raise `ChangesError`."""
    changes = Changes.since(revision, root, relative)
    return lambda site: not changes.hold(site)


def _git(folder: Path, *words: str) -> str:
    """Return what git prints in `folder`; raise `ChangesError` with its own words where it fails."""
    # What a user has configured for looking at diffs must not change what they say.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_PAGER": "cat"}
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, env=environment, check=False)
    except FileNotFoundError:
        raise ChangesError("git is not installed here, and what changed is asked of it; install git") from None
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        if "not a git repository" in said:
            raise ChangesError(f"{folder} is in no git repository; run it in a checkout, or use a baseline file")
        raise ChangesError(f"git {words[0]} failed: {said or f'exit status {done.returncode}'}")
    return os.fsdecode(done.stdout)


def _base(root: Path, revision: str) -> str:
    """Return the commit in which the work tree and `revision` last agreed: a branch moves on meanwhile."""
    shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    fetch = "; the clone is shallow: fetch more history (git fetch --unshallow, or fetch-depth: 0)" if shallow else ""
    if revision.startswith("-"):
        raise ChangesError(f"{revision!r} is no commit; write a branch, a tag or a hash")
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    except ChangesError:
        hint = fetch or "; write a branch, a tag or a hash that git log knows"
        raise ChangesError(f"there is no commit {revision!r}{hint}") from None
    try:
        return _git(root, "merge-base", commit, "HEAD").strip()
    except ChangesError:
        hint = fetch or "; name one that the work tree comes from"
        raise ChangesError(f"{revision!r} and the work tree have no commit in common{hint}") from None


def _changed(top: Path, base: str) -> Iterator[tuple[str, Sequence[range]]]:
    """Yield each file that has new lines, with these; a file that was only renamed has none."""
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    text = _git(top, "-c", "core.quotePath=true", "diff", *plain, "-U0", "-M", "-w", "--ignore-submodules", base, "--")
    name, hunks = "", list[range]()
    for line in text.split("\n"):
        if line.startswith("+++ "):
            if name and hunks:
                yield name, hunks
            # git puts a tab behind a name that holds a space.
            name, hunks = _unquoted(line[4:].rstrip("\t")).removeprefix("b/"), []
        elif line.startswith("@@ ") and (match := _HUNK.match(line)) is not None:
            start, count = int(match[1]), int(match[2] or 1)
            hunks += [range(start, start + count)] if count else []
    if name and hunks:
        yield name, hunks


def _unquoted(name: str) -> str:
    """Return a file name as it is, of which git writes unusual ones as C does."""
    if not name.startswith('"'):
        return name
    data = b""
    position = 1
    for match in _ESCAPED.finditer(name):
        data += name[position : match.start()].encode()
        data += bytes([_ESCAPES[match[1]] if match[1] in _ESCAPES else int(match[1], 8)])
        position = match.end()
    return os.fsdecode(data + name[position:-1].encode())


def _whole_statements(path: str, file: Path, changed: Sequence[range]) -> frozenset[int] | None:
    """Return the lines of all statements with a changed line: a site is named by the line of one of its parts."""
    lines = {line for part in changed for line in part}
    if not path.endswith((".py", ".pyi", ".pyw")):
        return frozenset(lines)
    try:
        source = SourceFile.read(path, file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for statement in source.statements:
        whole = range(statement.line, statement.end_line + 1)
        if not lines.isdisjoint(whole):
            lines.update(whole)
    return frozenset(lines)
