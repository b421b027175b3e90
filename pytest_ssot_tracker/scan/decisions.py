"""Keep what a scan decides of each thing that the source says, in words: why it is a site, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_ssot_tracker.imported import Named
from pytest_ssot_tracker.model import Exempt, Rule, Site
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.scan.facts import Event, StatementSpan
from pytest_ssot_tracker.scan.finding import Here, SiteFinder
from pytest_ssot_tracker.scan.linking import Links, Thing
from pytest_ssot_tracker.scan.scanning import Scanning
from pytest_ssot_tracker.scan.walk import Walk
from pytest_ssot_tracker.settings import Settings, Table

__all__ = ["Decided", "Traced", "trace"]

_KINDS = {
    "import": "the import of",
    "string": "the text",
    "patch": "the patch of",
    "call": "the call of",
    "base": "the base",
    "read": "naming",
    "pass": "handing on",
    "given": "the arguments of",
    "lookup": "the look-up in",
    "write": "the writing to",
}
_EXEMPT = {
    Exempt.ALLOW_IN: "allowed by `allow_in`",
    Exempt.ACCESSOR: "allowed, as it runs for an accessor only",
}


class Decided(NamedTuple):
    """What became of one thing that a statement does: `declared` is the target it was held against, if any."""

    path: str
    place: StatementSpan
    what: str
    words: str
    declared: str | None = None


class Traced(NamedTuple):
    """The decisions of a scan, the names it looked for, and the files it has read."""

    decisions: tuple[Decided, ...]
    words: frozenset[str]
    paths: frozenset[str]


class Tracer(SiteFinder):
    """A finder that keeps its decisions."""

    def __init__(self, settings: Settings, links: Links) -> None:
        super().__init__(settings, links)
        self.decisions: list[Decided] = []

    def _event(self, here: Here, event: Event) -> None:
        before = len(self.decisions)
        super()._event(here, event)
        if len(self.decisions) == before:
            self._decide(here, event, f"no site: {self._led_to(event)}")

    def _pass_over(self, here: Here, event: Event, why: str, named: Named | None = None) -> None:
        self._decide(here, event, f"no site: {why}", named)

    def _add(self, here: Here, event: Event, table: Table, rule: Rule, named: Named, **how: Any) -> Site:
        site = super()._add(here, event, table, rule, named, **how)
        more = [_EXEMPT[self.findings.exempt[site.id]]] if site.id in self.findings.exempt else []
        if site.id in self.findings.allowed:
            more.append("allowed by a comment")
        more += [f"flagged {flag}" for flag in site.flags]
        if self._settings.concerns(site):
            words = f"a site: {rule} of {named.name} for table {table.name}"
        else:
            words, more = f"no site: table {table.name} does not judge {rule} in this file (`within`, `rules`)", []
        self._decide(here, event, ", ".join((words, *more)), named)
        return site

    def _decide(self, here: Here, event: Event, words: str, named: Named | None = None) -> None:
        what = "a value of the clock"
        if event.kind != "clock":
            what = f"{_KINDS.get(event.kind, event.kind)} {_dotted(event)}"
        declared = None if named is None else str(named.declared)
        decided = Decided(here.path, here.facts.places[event.at], what, words, declared)
        if decided not in self.decisions[-8:]:  # one for each of several tables, or ways to the same thing
            self.decisions.append(decided)

    def _led_to(self, event: Event) -> str:
        """Return what a thing that concerns no table is, as far as that is known."""
        if event.kind in ("import", "string"):
            return "no table speaks of that"
        things = self._links.resolve(event.what)
        if not things:
            return "what that is cannot be told from the source"
        for thing in things:
            named = self._defined(tuple(self._watched), thing)
            if named is not None and event.kind in ("read", "pass"):
                return f"that is {self._described(thing)}; naming it alone is no use"
        return f"that is {' or '.join(map(self._described, things))}; no table speaks of that"

    def _described(self, thing: Thing) -> str:
        name = f"{thing.module}:{thing.plain}" if thing.module and thing.attribute else thing.module or thing.plain
        if thing.is_instance:
            return f"an instance of {name}, or what it returns"
        if not thing.module:
            return f"{name}, which is none of the project's"
        kind = "module" if thing.attribute is None else self._links.kind(thing)
        return name if kind is None else f"{name} ({kind})"


def _dotted(event: Event) -> str:
    what = event.what.replace("()", "").replace("[]", "").replace("*", "")
    return f"{what}.{event.more}" if event.more and event.kind in ("import", "patch") else what


def trace(settings: Settings, *, cache_dir: Path | None = None) -> Traced:
    """Return every decision of a scan of the project (see `scan`)."""
    walk = Walk(settings.tree, None)
    entries, trouble = walk.entries()
    made: list[Tracer] = []

    def finder(settings: Settings, links: Links) -> Tracer:
        made.append(Tracer(settings, links))
        return made[-1]

    scanning = Scanning(settings, walk, cache_dir=cache_dir, whole=None, finder=finder)
    scanning.run(entries, trouble, None)
    decisions = tuple(decided for tracer in made for decided in tracer.decisions)
    return Traced(decisions, scanning.names, frozenset(entry.path for entry in entries))
