"""Hold what a scan found and what it looked at."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pytest_ssot_tracker.model import Exempt, Site, squeeze
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.scan.stored import Extent, PlainMark, StoredSites
from pytest_ssot_tracker.scan.walk import Walk
from pytest_ssot_tracker.source import Allow, read_source

__all__ = ["Progress", "ScanResult"]

Progress = Callable[[int, int], None]
"""Is told how many files are done, and of how many."""


class ScanResult(NamedTuple):
    """What a scan found: every site once, in the order of files and lines.

    `exempt` says, by site id, which sites the configuration allows and why; `allowed`, by site id, which inline allow
    speaks of a site. `allows` are all inline allows of the files looked at, those without effect included. `lines` are,
    by the id of each site that no detector sees, the lines of which one has to run, each with whether that counts only
    within a lambda or a generator expression. `extents` say by site id how far statements go, unless the sites
    are stored and know it themselves, and `marks` by path and scope which markers of ours stand above a test that holds
    a site: so nobody need parse a file again to place what a run sees. `files` is the number of files
    looked at, `notes` are ready lines about what was not.
    """

    walk: Walk
    sites: Sequence[Site] = ()
    exempt: Mapping[str, Exempt] = MappingProxyType({})
    allowed: Mapping[str, Allow] = MappingProxyType({})
    allows: tuple[Allow, ...] = ()
    lines: Mapping[str, Sequence[tuple[int, bool]]] = MappingProxyType({})
    extents: Mapping[str, Extent] = MappingProxyType({})
    marks: Mapping[str, Mapping[str, Sequence[PlainMark]]] = MappingProxyType({})
    files: int = 0
    notes: tuple[str, ...] = ()

    def stored(self) -> StoredSites:
        """Return the sites, kept as text with the extents of their statements."""
        return self.sites if isinstance(self.sites, StoredSites) else StoredSites.of(self.sites, self.extents)

    def covers(self, path: str) -> bool:
        """Whether the file at the relative `path` was looked at, or would have been, were it not gone."""
        return self.walk.covers(path)

    def exists(self, path: str) -> bool:
        """Whether there is a file at the relative `path`, read or not."""
        return os.path.exists(self.walk.tree.absolute(path))

    def paths(self) -> Iterator[str]:
        """Yield the relative path of each file that there is to read."""
        return (entry.path for entry in self.walk.entries()[0])

    def scopes(self, path: str) -> dict[str, bool]:
        """Return the scopes of a file, each with whether it is a class; none for one that cannot be read."""
        try:
            file = read_source(path, self.walk.read(path))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        found = {statement.scope: False for statement in file.statements}
        for statement in file.statements:
            if isinstance(statement.node, ast.ClassDef):
                outer = "" if statement.scope == "<module>" else f"{statement.scope}."
                found[outer + statement.node.name] = True
        return found

    def places(self, path: str) -> dict[tuple[str, str], int]:
        """Return how often each statement stands in each scope of a file, by scope and squeezed text."""
        try:
            file = read_source(path, self.walk.read(path))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        statements = (
            (file.shown(statement.line, statement.scope)[1], squeeze(file.text_of(statement)))
            for statement in file.statements
        )
        return dict(Counter(statements))

    def holds(self, path: str, sites: Iterable[Site]) -> bool:
        """Whether a glance at a file, which is not parsed, shows each of `sites` in a function of its name."""
        try:
            text = self.walk.read(path).decode("utf-8", "replace")
        except (OSError, ValueError):
            return False
        return all(_shows(text, site) for site in sites)

    def stands(self, site: Site) -> bool:
        """Whether the statement of `site` still stands in its file; one that cannot be parsed proves nothing."""
        if site.rule.about.stands_at == "file":
            return site in self.sites
        try:
            data = self.walk.read(site.path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        except ValueError:  # no file can have such a name
            return False
        try:
            file = read_source(site.path, data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return True
        return any(
            file.shown(statement.line, statement.scope)[1] == site.scope
            and squeeze(file.text_of(statement)) == site.squeezed
            and file.ordinal_of(statement) == site.ordinal
            for statement in file.statements
        )


def _shows(text: str, site: Site) -> bool:
    """Whether `text` plainly has the statement of a site, on one line, in a function and class of its names."""
    *around, name = site.scope.split(".")
    start = re.search(rf"(?m)^([ \t]*)(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b.*\n", text)
    if start is None or not all(re.search(rf"\bclass[ \t]+{re.escape(part)}\b", text) for part in around):
        return False
    rest = text[start.end() :]
    end = re.search(rf"(?m)^[ \t]{{0,{len(start[1])}}}\S", rest)
    body = " ".join(rest[: end.start() if end else None].split())
    return body.count(site.text) > site.ordinal
