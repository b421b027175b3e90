"""Plan the rewriting of a whole project: file by file, what is patched in tests last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.fix.editing import OverlapError
from pytest_ssot_tracker.fix.fixes import Caution, Change, Fixes, Reason, Refusal, Uncertain
from pytest_ssot_tracker.fix.identifiers import CLOCK, CLOCKS
from pytest_ssot_tracker.fix.outside import Held, Outside, contents
from pytest_ssot_tracker.fix.parsed_file import File
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.fix.rewriting import FIXABLE, Rewriting
from pytest_ssot_tracker.fix.whole_files import every_path
from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.judge.words import encodable
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.names.syntax import UNREADABLE
from pytest_ssot_tracker.records import regex, replace
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Settings

__all__ = ["Plan"]

_GIVEN = regex(r"^class (\w+)|(\w+)\s*(?::[^=]*)?=(?!=)")
"""What a statement binds, by its text: a class, or names."""
_HELD = regex(r"\.(\w+)\s*(?::[^=]*)?=(?!=)")
"""The attributes that a statement sets, by its text."""
_PENDING = "a file not yet looked at"


class Plan:
    """The plan for `sites`; see `pytest_ssot_tracker.fix.fix`."""

    def __init__(self, settings: Settings, sites: Sequence[Site], *, others: Sequence[Site]) -> None:
        self._tree = settings.tree
        self._sites = sites
        self._others = others
        self._replacements = Replacements(settings, OwnDefinitions(settings.tree))
        names = {(name, self._tree.module(site.path)) for site in sites for name in _bound(site)}
        holders = {name for site in sites for name in _HELD.findall(site.text)}
        self._outside = Outside(settings.tree, names)
        self._held = Held(holders, self._replacements.every_moved_member())
        self._look_around()
        self._changes: dict[str, Change] = {}
        self._reasons: dict[Site, Reason] = {}

    def run(self, progress: Callable[[int, int], None] | None) -> Fixes:
        """Return what changes and what is left alone."""
        by_path = grouped((site for site in self._sites if not self._hopeless(site)), attrgetter("path"))
        pending = []
        for number, (path, sites) in enumerate(by_path.items()):
            if progress is not None:
                progress(number, len(by_path))
            asked: set[str] = set()
            self._file(path, sites, lambda target, asked=asked: asked.add(target) or _PENDING)  # type: ignore[misc]
            if asked:
                pending.append(path)
        in_use = self._in_use(pending)
        for path in pending:
            self._file(path, by_path[path], in_use)
        self._settle_elsewhere()
        refusals = [
            Refusal(site, str(self._reasons[site]), self._reasons[site].cause)
            for site in self._sites
            if site in self._reasons
        ]
        changes = tuple(self._changes[path] for path in sorted(self._changes))
        return Fixes(changes, tuple(refusals), tuple(dict.fromkeys(self._cautions(changes))))

    def _look_around(self) -> None:
        """Read each file of the project once, and note what it takes of others."""
        for path, data in contents(self._tree, every_path(self._tree)):
            self._outside.look(path, data)
            self._held.look(path, data)

    def _cautions(self, changes: Iterable[Change]) -> Iterator[Caution]:
        """Yield where a file no longer uses an enum or an exception that another one goes on using."""
        left: dict[Name, str] = {}
        for site in (*self._others, *self._reasons):
            left.setdefault(Name.of(site.target).top, site.where)
        for change in changes:
            for site in change.sites:
                target = Name.of(site.target).top
                where = left.get(target)
                told = None if where is None else self._told_apart(target)
                if told is not None and where is not None and where.rpartition(":")[0] != change.path:
                    yield Caution(change.path, f"{where} still uses {target}: {told}")

    def _told_apart(self, name: Name) -> str | None:
        """Return what is not the same of a class and of one that replaces it, in words; `None` for most classes."""
        definitions = self._replacements.definitions
        found = definitions.find(name.module, name.attribute)
        if definitions.derives(found, "exception"):
            return "who catches the new one does not catch that"
        return "its members equal no member of the new one" if definitions.derives(found, "enum") else None

    def _settle_elsewhere(self) -> None:
        """Count a patch of what another module imports with that import: the name there is kept for it."""
        for site, reason in [*self._reasons.items()]:
            path = None if reason.module is None else self._replacements.definitions.modules.path(reason.module)
            change = None if path is None else self._changes.get(path)
            if change is not None and any(
                other.target == site.target and other.rule is site.rule for other in change.sites
            ):
                self._changes[change.path] = replace(change, sites=(*change.sites, site))
                del self._reasons[site]

    def _hopeless(self, site: Site) -> bool:
        """Note why a site cannot be rewritten where that is known without reading its file."""
        try:
            if site.rule is Rule.OUT_OF_BAND_ID:
                self._replacements.template(site)
            elif site.rule not in FIXABLE:
                raise Uncertain("it takes a decision, not a rewriting")
            elif not site.path.endswith(".py"):
                raise Uncertain("it is no Python file")
        except Uncertain as uncertain:
            self._reasons[site] = Reason(uncertain.reason)
        return site in self._reasons

    def _in_use(self, pending: Iterable[str]) -> Callable[[str], str | None]:
        """Return what tells where a deprecated target is still used once all that is certain is rewritten."""
        waiting = {
            site
            for path in pending
            for site in self._sites
            if site.path == path and _PENDING in str(self._reasons.get(site, ""))
        }
        left: dict[str, str] = {}
        for site in (*self._others, *self._reasons):
            if site not in waiting and not (site.rule is Rule.DEPRECATED_IMPORT and _is_text(site)):
                left.setdefault(site.target, site.where)
        known = {site.target for site in (*self._sites, *self._others) if not _is_text(site)}

        def in_use(target: str) -> str | None:
            if target in left or target in known:
                return left.get(target)
            # What nobody takes from its module is used by the rest of it, as long as anybody uses that.
            module = target.partition(":")[0]
            return next((where for other, where in left.items() if other.partition(":")[0] == module), None)

        return in_use

    def _file(self, path: str, sites: Sequence[Site], in_use: Callable[[str], str | None]) -> None:
        """Note how a file changes, and why each of its sites is left alone that is."""
        self._changes.pop(path, None)
        try:
            change, reasons = self._rewritten(path, sites, in_use)
        except Uncertain as uncertain:
            self._reasons.update(dict.fromkeys(sites, Reason(uncertain.reason)))
            return
        for site in sites:
            self._reasons.pop(site, None)
        self._reasons.update(reasons)
        if change is not None:
            self._changes[path] = change

    def _rewritten(
        self, path: str, sites: Sequence[Site], in_use: Callable[[str], str | None]
    ) -> tuple[Change | None, Mapping[Site, Reason]]:
        """Return what changes and why the rest is left alone; raise `Uncertain` where that is the whole file."""
        if path.endswith(".ipynb"):
            raise Uncertain("it stands in a cell of a notebook: change it there")
        try:
            before = read(self._tree.absolute(path))
            module = self._tree.module(path)
            file = File(path, module, before)
        except OSError as error:
            raise Uncertain(f"the file cannot be read: {error.strerror}") from None
        except UNREADABLE:
            raise Uncertain("the file cannot be parsed") from None
        rewriting = Rewriting(
            file,
            sites,
            self._replacements,
            outside=lambda name: self._outside(name, module),
            patched=lambda name: self._outside.patches(name, module),
            in_use=in_use,
            held=lambda name, member: self._held(name, member, path),
        )
        try:
            after = rewriting.run()
        except OverlapError:
            raise Uncertain("what is to change here overlaps") from None
        except RecursionError:
            raise Uncertain("the file is nested too deeply") from None
        except UnicodeEncodeError:
            raise Uncertain(f"the replacement cannot be written in {file.encoding}") from None
        if after is None or after == before:
            return None, rewriting.reasons
        try:
            compile(after, encodable(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise Uncertain(f"the result would not parse: {error}") from None
        return Change(path, before, after, tuple(rewriting.done)), rewriting.reasons


def _bound(site: Site) -> tuple[str, ...]:
    """Return the names that the import behind a site may have bound in its module, and that may go."""
    if site.rule is Rule.OUT_OF_BAND_ID:
        made_by = CLOCKS if site.target == CLOCK else (site.target.replace(":", "."),)
        return tuple({part for dotted in made_by for part in dotted.split(".")})
    if site.scope != "<module>":
        return (site.scope,) if site.text.startswith("return ") and site.scope.isidentifier() else ()
    if site.rule is Rule.DEPRECATED_IMPORT:
        return (Name.of(site.target).last,)
    return tuple(filter(None, chain.from_iterable(_GIVEN.findall(site.text))))


def _is_text(site: Site) -> bool:
    """Whether an import site is a call with a string, such as a patch, rather than a statement."""
    return not site.text.startswith(("import ", "from "))
