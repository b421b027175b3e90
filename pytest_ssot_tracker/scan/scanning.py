"""Run a scan: read the files, learn what they say, and turn it into sites."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.garbage import uncollected
from pytest_ssot_tracker.imported import matched, named_by_text
from pytest_ssot_tracker.kept import digest
from pytest_ssot_tracker.model import Rule, Site, Target
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.scan.cache import Cache
from pytest_ssot_tracker.scan.entry_points import FILES, declared
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.finding import SiteFinder
from pytest_ssot_tracker.scan.heirs import heirs
from pytest_ssot_tracker.scan.learning import TextParser, decoded, learn
from pytest_ssot_tracker.scan.linking import Links, Thing
from pytest_ssot_tracker.scan.needles import FEW, Words, declares_encoding, searchable, watched, words_in
from pytest_ssot_tracker.scan.own_modules import OwnModules
from pytest_ssot_tracker.scan.scan_result import Progress, ScanResult
from pytest_ssot_tracker.scan.unreadable import unreadable
from pytest_ssot_tracker.scan.walk import Entry, Trouble, Walk, read
from pytest_ssot_tracker.scan.workers import Criteria, LearnedFile, Order, Workers, processes
from pytest_ssot_tracker.settings import Settings
from pytest_ssot_tracker.source import SourceFile

__all__ = ["Scanning"]

SMALL = 1_500_000
"""Bytes of source: a tree up to this size is read whole, which takes less time than looking for what matters."""

_ROUNDS = 6


class Scanning:
    """One scan of a project."""

    def __init__(
        self,
        settings: Settings,
        walk: Walk,
        *,
        cache_dir: Path | None,
        whole: bool | None,
        jobs: int | None = None,
        parser: TextParser | None = None,
        finder: Callable[[Settings, Links], SiteFinder] = SiteFinder,
    ) -> None:
        self._settings = settings
        self._finder = finder
        self._tree = settings.tree
        self._walk = walk
        self._narrowed = walk.paths is not None
        self._asked_whole = whole
        self._jobs = jobs
        self._cache_dir = cache_dir
        self._words = Words.of(settings)
        self._elsewhere = Words.of(settings, ids=False)
        self._modules = OwnModules(settings.tree)
        self._links = Links(self._modules, self._facts_of)
        self._facts: dict[str, Facts | None] = {}
        self._learned_for: dict[str, str] = {}
        self._parser = parser or TextParser()
        self._handed: Mapping[str, Sequence[bytes]] = {}
        self._known_words: dict[tuple[bool, frozenset[str]], Words] = {}
        self._demanded: dict[str, Facts | None] = {}
        self._demanded_ever: dict[str, None] = {}

    @uncollected()
    def run(self, entries: Sequence[Entry], trouble: Sequence[Trouble], progress: Progress | None) -> ScanResult:
        """Return what the scan of the files of the walk found."""
        small = sum(entry.size for entry in entries) <= SMALL
        self._whole = small if self._asked_whole is None else self._asked_whole
        self._cache = Cache(self._cache_dir, _key(self._settings, whole=self._whole))
        self._homes = self._home_words()
        self._more_words(self._homes)
        if self._cache.heirs is None:
            self._cache.heirs = heirs(self._texts(entries), self._words.exact)
        self._more_words(self._cache.heirs)
        self._first = self._words, self._elsewhere
        pairs: frozenset[tuple[str, str]] = frozenset()
        more = pairs
        for _ in range(_ROUNDS):
            self._learn(entries, pairs, more, progress)
            more = frozenset(self._derived() - pairs)
            if not more:
                break
            pairs |= more
            self._more_words(name for name, _ in more)
            self._handed = _by_name(pairs)
            self._known_words.clear()
            self._demanded.clear()
            self._links.forget()
        self._cache.save(None if self._narrowed else [entry.path for entry in entries])
        return self._result(entries, trouble)

    # --- Learning

    def _texts(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        for entry in entries:
            with suppress(OSError):
                yield read(self._tree.absolute(entry.path))

    def _more_words(self, names: Iterable[str]) -> None:
        names = list(names)
        self._words, self._elsewhere = self._words.with_words(names), self._elsewhere.with_words(names)

    def _home_words(self) -> list[str]:
        """Return the names that deprecated modules define and that are long enough to be telling."""
        found = []
        for target in watched(self._settings):
            if target.attribute is None and not target.is_pattern:
                facts = self._facts_of(target.module)
                for name, kind in () if facts is None else facts.defined.items():
                    if kind in ("class", "function") and "." not in name and len(name) > 7:
                        found.append(name)
        return sorted(set(found))

    def _learn(
        self,
        entries: Sequence[Entry],
        pairs: Iterable[tuple[str, str]],
        more: Iterable[tuple[str, str]],
        progress: Progress | None,
    ) -> None:
        """Learn what the files say; after the first round only those that hold one of `more`."""
        layer = digest("\0".join([*sorted(self._words.exact), "/", *sorted(f"{a} {b}" for a, b in pairs)]).encode())
        needles = _by_name(more)
        criteria = Criteria(self._words, self._elsewhere, self._whole)
        others = [] if needles else self._others(entries, layer)
        done = 0
        with Workers(criteria, others) as workers:
            away = {order.path for part in others for order in part}
            answers: dict[str, LearnedFile] = {}
            for late in (False, True):
                if late and away:
                    answers = workers.answers()
                for entry in entries:
                    if (entry.path in away) is not late:
                        continue
                    if progress is not None and not done % 64:
                        progress(done, len(entries))
                    done += 1
                    self._learn_one(entry, layer, criteria, needles, answers.get(entry.path))
        self._learn_deep(layer, criteria)
        if progress is not None:
            progress(len(entries), len(entries))

    def _learn_deep(self, layer: str, criteria: Criteria) -> None:
        """Have another process read what is nested too deeply for this one."""
        bad = {path: None if facts is None else facts.unreadable for path, facts in self._facts.items()}
        deep = [self._order(path) for path, site in bad.items() if site is not None and site.target == "size"]
        if not deep or not sys.executable:
            return
        with Workers(criteria, [deep]) as workers:
            for path, answer in workers.answers().items():
                if answer.facts is None or answer.facts.unreadable is None:
                    self._facts[path] = answer.facts
                    self._cache.put(layer, path, answer.content, answer.facts)

    def _others(self, entries: Sequence[Entry], layer: str) -> list[list[Order]]:
        """Return what other processes are to read, for each of them, of the files of which nothing is known."""
        new = [entry for entry in entries if not self._cache.knows(layer, entry.path)]
        jobs = processes(len(new)) if self._jobs is None else self._jobs
        return [[self._order(entry.path) for entry in new[number::jobs]] for number in range(1, jobs)]

    def _order(self, path: str) -> Order:
        return Order(path, self._tree.absolute(path), self._tree.module(path), self._tree.in_source(path))

    def _learn_one(
        self,
        entry: Entry,
        layer: str,
        criteria: Criteria,
        needles: Mapping[str, Sequence[bytes]],
        answer: LearnedFile | None,
    ) -> None:
        """Learn what one file says, unless that is known; `answer` is what another process learned of it."""
        content = self._cache.unchanged(entry)
        known, facts = (False, None) if content is None else self._cache.get(layer, entry.path, content)
        if not known and answer is not None:
            facts = answer.facts
            self._cache.saw(entry, answer.content)
            self._cache.put(layer, entry.path, answer.content, facts)
        elif not known:
            facts = self._read_one(entry, layer, criteria, needles)
        if facts is not None:
            self._facts[entry.path] = facts

    def _read_one(
        self, entry: Entry, layer: str, criteria: Criteria, needles: Mapping[str, Sequence[bytes]]
    ) -> Facts | None:
        order = self._order(entry.path)
        try:
            data = read(order.absolute)
        except FileNotFoundError:
            return None  # gone since the walk, and what it said with it
        except OSError as error:
            return Facts(order.module, False, unreadable=unreadable(entry.path, error))
        if self._cache_dir is None:
            return self._of(order, data, criteria, needles)
        content = digest(data)
        self._cache.saw(entry, content)
        known, facts = self._cache.get(layer, entry.path, content)
        if not known:
            facts = self._of(order, data, criteria, needles)
            self._cache.put(layer, entry.path, content, facts)
        return facts

    def _of(
        self, order: Order, data: bytes, criteria: Criteria, needles: Mapping[str, Sequence[bytes]]
    ) -> Facts | None:
        """Return what a file says, `None` where nothing (and after the first round: nothing more) could matter."""
        if not needles:
            return criteria.read(order, data, self._parser)
        text = _plain(data)
        if text is None or not _held(order, text, needles):
            return None
        words = self._words_for(order.in_source, _held(order, text, self._handed))
        return learn(
            order.path,
            order.module,
            data,
            words,
            clock=order.in_source,
            whole=criteria.whole,
            parser=self._parser,
        )

    def _words_for(self, in_source: bool, names: frozenset[str]) -> Words:
        """Return the words for a file in which `names` mean what is handed on: others may well be called the same."""
        words = self._known_words.get((in_source, names))
        if words is None:
            first, elsewhere = self._first
            words = self._known_words[in_source, names] = (first if in_source else elsewhere).with_words(names)
        return words

    def _facts_of(self, module: str) -> Facts | None:
        """Return what a module of the project says, whether or not it is looked at for sites."""
        path = self._modules.path(module)
        if path is None:
            return None
        known = self._facts.get(path)
        if known is not None and known.unreadable is None and (known.defined or known.names):
            return known
        if path not in self._demanded:
            self._demanded[path] = self._demand(path, module)
        return self._demanded[path]

    def _demand(self, path: str, module: str) -> Facts | None:
        """Return what a module says that only others name; what was learned of it is kept too."""
        self._demanded_ever[path] = None
        try:
            data = read(self._tree.absolute(path))
        except OSError:
            return None
        layer = "others " + digest("\0".join(sorted(self._words.exact)).encode())
        content = digest(data)
        known, facts = self._cache.get(layer, path, content)
        if not known:
            facts = learn(path, module, data, self._words, clock=False, whole=False, parser=self._parser)
            self._cache.put(layer, path, content, facts)
        return None if facts is None or facts.unreadable is not None else facts

    def _derived(self) -> set[tuple[str, str]]:
        """Return the names under which modules of the project hand on what matters, with what else names these."""
        finder = SiteFinder(self._settings, self._links)
        found: set[tuple[str, str]] = set()
        first = self._first[0].exact
        for facts in [*self._facts.values()]:
            if facts is None:
                continue
            home = _home(facts)
            handed = {**facts.names, **dict(facts.attributes.items())}
            for name, references in handed.items():
                last = name.rpartition(".")[2].removesuffix("()")
                if last in first or last.startswith("__"):
                    continue
                for reference in references:
                    if (
                        "()" not in reference
                        and self._words.matter(reference)
                        and self._leads_on(finder, self._links.reach(reference))
                    ):
                        found.add((last, home))
            for name in facts.bases:
                last = name.rpartition(".")[2]
                if last not in first and finder.is_watched(self._links.ancestors_of(facts.module, name)):
                    found.add((last, home))
        return found

    def _leads_on(self, finder: SiteFinder, things: Sequence[Thing]) -> bool:
        """Whether one of `things` is looked for, or derives from what is."""
        classes = (thing for thing in things if self._links.kind(thing) == "class")
        return finder.is_watched(things) or any(finder.is_watched(self._links.ancestors(cls)) for cls in classes)

    # --- The result

    @property
    def names(self) -> frozenset[str]:
        """Return the names that were looked for."""
        return frozenset(self._words.exact)

    @property
    def modules(self) -> OwnModules:
        """Return the modules that were looked for."""
        return self._modules

    def others(self) -> list[str]:
        """Return the files, absolute, that were read though they may be no part of the walk."""
        paths = [*FILES, *self._demanded_ever]
        return [*map(self._tree.absolute, paths), *sorted(self._origins)]

    def _result(self, entries: Sequence[Entry], trouble: Sequence[Trouble]) -> ScanResult:
        finder = self._finder(self._settings, self._links)
        for path, error, is_folder in trouble:
            finder.findings.add(unreadable(path, error, is_folder=is_folder))
        allows = []
        marks = {}
        for entry in entries:
            facts = self._facts.get(entry.path)
            if facts is not None:
                finder.find(entry.path, facts)
                allows += facts.allows
                if facts.marks:
                    marks[entry.path] = facts.marks
        self._competing(finder)
        if any(ssot.texts or ssot.single for ssot in self._settings.ssots):
            from pytest_ssot_tracker.scan.whole import look

            look(self._settings, self._modules, [entry.path for entry in entries], finder.findings)
        if not self._narrowed:
            self._declared(finder)
        found = finder.findings
        self._origins = finder.origins
        mine = filter(self._settings.concerns, found.sites.values())
        sites = sorted(mine, key=lambda site: (site.path, site.line, site.rule.value, site.ssot, site.target))
        return ScanResult(
            walk=self._walk,
            sites=tuple(sites),
            exempt=found.exempt,
            allowed=found.allowed,
            allows=tuple(allows),
            lines=found.lines,
            extents=found.extents,
            marks=marks,
            files=len(entries),
            notes=tuple(
                f"{path}/: the folder cannot be read ({error.strerror}); it was not scanned"
                for path, error, is_folder in trouble
                if is_folder
            ),
        )

    def _competing(self, finder: SiteFinder) -> None:
        for ssot in self._settings.ssots:
            there: dict[str, tuple[Target, str | None]] = {}
            for target in ssot.competing:
                if self._modules.exists(target.module) and (
                    target.attribute is None or self._links.holds(target.module, target.attribute)
                ):
                    there[str(target)] = target, self._modules.path(target.module)
            for name, (_, path) in there.items() if len(there) > 1 else ():
                if (
                    path is not None
                    and not self._tree.is_excluded(path)
                    and (not self._narrowed or self._walk.covers(path))
                ):
                    # The file as a whole is the site, whatever its first line says.
                    site = SourceFile(path, "").site(
                        Rule.COMPETING_MODULES, ssot=ssot.name, target=name, declared=name, statement=None, line=1
                    )
                    finder.findings.add(site)

    def _declared(self, finder: SiteFinder) -> None:
        """Add the sites in configuration files: entry points, scripts and plugins that are deprecated."""
        for path in FILES:
            try:
                text = read(self._tree.absolute(path)).decode()
            except (OSError, UnicodeDecodeError):
                continue
            for line, shown, target in declared(text):
                imported = named_by_text(target, self._modules.exists)
                for ssot in self._settings.ssots:
                    meant = matched(ssot.deprecated, imported)
                    if meant is not None:
                        site = Site(Rule.DEPRECATED_IMPORT, ssot.name, meant.name, path, line, "<module>", shown)
                        finder.findings.add(replace(site, declared=str(meant.declared)))


def _home(facts: Facts) -> str:
    """Return a word that stands in each file which uses what the module of `facts` hands on, `""` where none must.

    Any module may hand on what it imports, so that a user need not name where it is from. Nobody imports from a module
    of tests but by its name.
    """
    *above, name = facts.module.split(".")
    of_tests = name.startswith("test_") or name.endswith("_test") or not {"test", "tests"}.isdisjoint(above)
    return name if of_tests and not facts.is_package else ""


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, list[bytes]]:
    """Return which of `pairs`, names with a word that goes with them, there are for each name."""
    found: dict[str, list[bytes]] = {}
    for name, home in pairs:
        found.setdefault(name, []).append(home.encode())
    return found


def _plain(data: bytes) -> bytes | None:
    """Return the content of a file as names are looked for in it, `None` where it is no text."""
    if data.isascii() and not declares_encoding(data):
        return data
    try:
        return searchable(data, decoded(data))
    except (SyntaxError, ValueError):
        return None


def _held(order: Order, data: bytes, needles: Mapping[str, Sequence[bytes]]) -> frozenset[str]:
    """Return which names of `needles` a file holds, with one of the words that go with them."""
    names: Iterable[str] = needles
    if len(needles) > FEW:
        there = words_in(data)
        names = [name for name in needles if name in there or not name.isascii()]
    free = order.path.endswith("__init__.py") or b"import *" in data
    own = order.module.rpartition(".")[2].encode()
    return frozenset(
        name
        for name in names
        if name.encode() in data and (free or any(home in data or home == own for home in needles[name]))
    )


def _key(settings: Settings, *, whole: bool) -> list[str]:
    """Return everything that facts depend on but the files: version, configuration and criteria."""
    tree = settings.tree
    targets = sorted(str(target) for target in watched(settings))
    targets += sorted(str(target) for ssot in settings.ssots for target in (*ssot.parameters, *ssot.writes))
    clock = any("time-format" in ids.patterns for ids in settings.ids)
    return [__version__, str(whole), str(clock), *targets, "", *tree.source, "", *tree.import_roots]
