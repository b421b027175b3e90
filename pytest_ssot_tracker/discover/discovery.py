"""Read a source tree, compare what it defines, and count where its identifiers come from."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_ssot_tracker.discover.bodies import Bodies
from pytest_ssot_tracker.discover.grouping import Group, groups
from pytest_ssot_tracker.discover.likeness import Likeness
from pytest_ssot_tracker.discover.outline import Candidate, Outline, outline, outline_of
from pytest_ssot_tracker.garbage import uncollected
from pytest_ssot_tracker.imported import prefixes
from pytest_ssot_tracker.model import Site, Target
from pytest_ssot_tracker.records import dataclass, regex, replace
from pytest_ssot_tracker.scan import Progress, scan
from pytest_ssot_tracker.scan.learning import TextParser
from pytest_ssot_tracker.scan.walk import Walk
from pytest_ssot_tracker.settings import Ids, Settings, Tree

__all__ = ["ID_SOURCES", "Discovering", "Discovery", "IdSource"]

ID_SOURCES = (
    *("uuid:uuid1", "uuid:uuid3", "uuid:uuid4", "uuid:uuid5"),
    *("secrets:token_hex", "secrets:token_urlsafe", "secrets:token_bytes"),
)
_TESTS = ("**/test", "**/tests", "**/testing", "**/test_*.py", "**/*_test.py", "**/conftest.py")
_MAKES_IDS = regex(
    r"_?(?:generate|new|create|make|next|mint|issue|build|get|gen)_(?:\w+_)?(?:ids?|uuid|guid|identifier|token)(?:_\w+)?\Z"
)


@dataclass(frozen=True, slots=True)
class IdSource:
    """One way in which identifiers are made (`uuid:uuid4`, `time-format`): at how many sites, in how many files."""

    target: str
    sites: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a source tree suggests.

    `groups` are the weightiest first. `generators` are functions (`pkg.mod:Class.method`) that make identifiers and are
    named so, with how many files name them, the most used first. `files` were read, `unreadable` of them in vain;
    they lie in the folders `tops` of the root.
    """

    groups: tuple[Group, ...]
    ids: tuple[IdSource, ...]
    generators: tuple[tuple[str, int], ...]
    files: int
    unreadable: int
    tops: tuple[str, ...] = ()


class Discovering:
    """One look at a source tree."""

    def __init__(self, tree: Tree, paths: Sequence[Path] | None) -> None:
        self._tree = replace(tree, source=(".",), exclude=(*tree.exclude, *_TESTS))
        self._walk = Walk(self._tree, paths)
        self._paths = paths

    @uncollected()
    def run(self, progress: Progress | None) -> Discovery:
        """Return what the tree suggests."""
        every, _ = self._walk.entries()
        entries = [entry for entry in every if not entry.path.endswith(".ipynb")]
        outliner = _Outliner(self._tree, (entry.path for entry in entries))
        identifiers = self._identifiers(outliner, progress)
        outlines = [outliner.found.get(entry.path) or self._outline(entry.path) for entry in entries]
        candidates = [candidate for file in outlines for candidate in file.candidates if not candidate.abstract]
        users = _Users(outlines)
        using = [users.of(candidate) for candidate in candidates]
        same_body = Bodies(self._walk.read).same
        classes = [cls for file in outlines for cls in file.classes]
        found = groups(candidates, using, Likeness(candidates, using, same_body, classes).pairs())
        ids, generators = self._ids(users, identifiers)
        return Discovery(
            groups=tuple(found),
            ids=ids,
            generators=generators,
            files=len(entries),
            unreadable=sum(file.error is not None for file in outlines),
            tops=tuple(sorted({entry.path.partition("/")[0] for entry in entries if "/" in entry.path})),
        )

    def _outline(self, path: str) -> Outline:
        """Return the outline of a file that could not be parsed with the others, nearly always since nothing can."""
        try:
            return outline(path, self._tree.module(path), self._walk.read(path))
        except OSError as error:
            return Outline(path, error=error.strerror)

    def _identifiers(self, outliner: _Outliner, progress: Progress | None) -> list[Site]:
        """Return where identifiers are made, as the scan finds it; `outliner` sees what is parsed for that."""
        ids = Ids(name="ids", forbidden=tuple(map(Target.parse, ID_SOURCES)), patterns=("time-format",))
        settings = Settings(root=Path(self._tree.root), file=None, tree=self._tree, ids=(ids,))
        found = scan(settings, paths=self._paths, progress=progress, whole=False, jobs=1, parser=outliner)
        return [site for site in found.sites if site.rule.value == "out-of-band-id"]

    def _ids(self, users: _Users, sites: Sequence[Site]) -> tuple[tuple[IdSource, ...], tuple[tuple[str, int], ...]]:
        """Return where identifiers come from, and the functions that make them."""
        counted = Counter(site.target for site in sites)
        files = Counter(target for target, _ in {(site.target, site.path) for site in sites})
        sources = [IdSource(target, count, files[target]) for target, count in counted.most_common()]
        makers = {
            f"{self._tree.module(site.path)}:{site.scope}": (site.path, site.scope.rpartition(".")[2])
            for site in sites
            if _MAKES_IDS.match(site.scope.rpartition(".")[2])
        }
        named = ((target, users.naming(name, path)) for target, (path, name) in makers.items())
        return tuple(sources), tuple(sorted(named, key=lambda pair: (-pair[1], pair[0])))


class _Outliner(TextParser):
    """What outlines each of `paths` when the scan has it parsed, so that no file is parsed for either alone."""

    def __init__(self, tree: Tree, paths: Iterable[str]) -> None:
        super().__init__()
        self._files = tree
        self._waiting = set(paths)
        self.found: dict[str, Outline] = {}

    def tree(self, text: str, path: str) -> ast.Module:
        """Return the syntax tree of a file's text."""
        tree = super().tree(text, path)
        if path in self._waiting:
            self._waiting.discard(path)
            self.found[path] = outline_of(path, self._files.module(path), tree, text)
        return tree

    def check(self, text: str, path: str) -> None:
        """Raise what parsing the text raises, if it does."""
        if path in self._waiting:
            self.tree(text, path)
        else:
            super().check(text, path)


class _Users:
    """Answer which files use something."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self._by_word: dict[str, list[Outline]] = defaultdict(list)
        for file in outlines:
            for word in file.words:
                self._by_word[word].append(file)

    def of(self, candidate: Candidate) -> frozenset[str]:
        """Return the paths of the files that use `candidate`."""
        above = frozenset((candidate.module.rpartition(".")[0], *prefixes(candidate.module)))
        files = (file for name in candidate.names for file in self._by_word.get(name, ()))
        return frozenset(file.path for file in files if not file.named.isdisjoint(above) and file.uses(candidate))

    def naming(self, name: str, home: str) -> int:
        """Return how many files but `home` name a function called `name`."""
        return sum(file.path != home for file in self._by_word.get(name, ()))
