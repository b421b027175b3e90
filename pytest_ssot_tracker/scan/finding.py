"""Turn what files say into sites: which of their events a rule speaks of."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.machinery import PathFinder

from pytest_ssot_tracker.imported import Imported, Named, at_home, matched, matched_by_text, named_by_text, prefixes
from pytest_ssot_tracker.model import Exempt, Flag, Rule, Site, Target
from pytest_ssot_tracker.names.definitions import Definitions
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.names.signatures import Signatures
from pytest_ssot_tracker.records import dataclass, field, regex
from pytest_ssot_tracker.scan.facts import Event, Facts, StatementSpan
from pytest_ssot_tracker.scan.given import Given
from pytest_ssot_tracker.scan.linking import Links, Thing
from pytest_ssot_tracker.scan.needles import watched
from pytest_ssot_tracker.scan.stored import Extent
from pytest_ssot_tracker.scan.target_index import FEW, TargetIndex
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Table
from pytest_ssot_tracker.source import Allow, SourceFile

__all__ = ["Findings", "Here", "SiteFinder"]

CLOCK_TARGET = "time-format"
_COPIES = frozenset({"_replace", "__replace__", "model_copy"})
"""Methods of instances that make another of the same class."""

_MAKERS = ("__init__", "__new__")
_DEFINES = regex(r"(?:async )?def (\w+)")

_UNWATCHED = frozenset({"pass", "clock", "patch"})
"""Kinds of events that no detector sees, like every access: of these it matters whether their line ran."""


@dataclass(slots=True)
class Findings:
    """Collect sites, each once, with what the configuration or an inline allow says of them.

    `lines` are, by site id, the places that have to run for a site that no detector sees, `extents` how
    far statements go (see `ScanResult`).
    """

    sites: dict[str, Site] = field(default_factory=dict)
    lines: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    extents: dict[str, Extent] = field(default_factory=dict)
    exempt: dict[str, Exempt] = field(default_factory=dict)
    allowed: dict[str, Allow] = field(default_factory=dict)

    def add(self, site: Site, exempt: Exempt | None = None, allow: Allow | None = None) -> None:
        """Add `site`; found twice, it is flagged only where both say so."""
        key = site.id
        known = self.sites.get(key)
        if known is None or len(site.flags) < len(known.flags):
            self.sites[key] = site
        if exempt is not None:
            self.exempt.setdefault(key, exempt)
        if allow is not None:
            self.allowed.setdefault(key, allow)


@dataclass(frozen=True, slots=True)
class Here:
    """The file whose events are looked at."""

    path: str
    facts: Facts
    in_source: bool


class SiteFinder:
    """Find sites in what files say."""

    def __init__(self, settings: Settings, links: Links) -> None:
        self._settings = settings
        self._links = links
        self._own: dict[str, bool] = {}
        self._constants: dict[str, bool] = {}
        self._origins: set[str] = set()
        self._retired = {row.target for row in settings.unfound if row.goes and row.was}
        self._watched = tuple(watched(settings))
        self._modules = frozenset(target.module for target in self._watched)
        self._indexes: dict[int, TargetIndex] = {}
        going = [(*ssot.deprecated, *([ssot.canonical] if ssot.canonical else ())) for ssot in settings.ssots]
        self._every = TargetIndex(tuple(target for targets in going for target in targets))
        self._owners = [number for number, targets in enumerate(going) for _ in targets]
        self._in_part: frozenset[Thing] | None = None
        self._definitions = Definitions(Modules(settings.tree.root, settings.tree.import_roots))
        self._signatures = Signatures(self._definitions)
        self.findings = Findings()

    @property
    def origins(self) -> set[str]:
        """Return the files of libraries and modules that were read to find out what something is."""
        return self._origins | self._definitions.files

    # --- One file

    def find(self, path: str, facts: Facts) -> None:
        """Add the sites of one file."""
        if facts.unreadable is not None:
            self.findings.add(facts.unreadable)
            return
        for site in facts.broken:
            self.findings.add(site)
        here = Here(path, facts, self._settings.tree.in_source(path))
        for event in facts.events:
            self._event(here, event)

    def _event(self, here: Here, event: Event) -> None:
        kind = event.kind
        if kind in ("import", "string", "patch"):
            for ssot in self._tables(self._names_imported(event)) if kind == "import" else self._settings.ssots:
                self._imports(here, event, ssot)
        elif kind == "clock":
            for ids in self._settings.ids:
                if CLOCK_TARGET in ids.patterns:
                    self._id(here, event, ids, Named(CLOCK_TARGET, Target(CLOCK_TARGET)))
        elif here.facts.fallbacks and self._links.is_not_taken(here.facts, event.what):
            self._pass_over(here, event, "what it falls back from is there, so that it is never taken")
        else:
            for thing in self._links.resolve(event.what):
                if not thing.module and kind in ("call", "base"):  # nobody knows whether it is a class
                    thing = Thing("", thing.attribute and thing.attribute.replace("[]", ""))
                self._thing(here, event, thing)
            if kind in ("call", "base"):
                self._by_other_name(here, event)
            if kind == "call":
                self._factory(here, event)
            if kind in ("read", "call"):
                self._accesses(here, event)
            if kind == "given":
                self._arguments(here, event)
            if kind == "lookup":
                self._lookup(here, event)
            if kind == "write":
                self._write(here, event)

    def _thing(self, here: Here, event: Event, thing: Thing) -> None:
        if event.kind in ("call", "pass"):
            for ids in self._settings.ids:
                named = self._exact(ids.forbidden, thing)
                if named is not None and not (event.kind == "pass" and self._is_value(thing, named)):
                    self._id(here, event, ids, named)
        of_value = event.more == "0" and self._links.kind(thing) == "property"  # what a property has given is called
        if event.kind in ("call", "base") and not of_value:
            base = event.kind == "base"
            rule = Rule.DEPRECATED_BASE if base else Rule.DEPRECATED_USE
            for ssot in self._tables(self._line(thing)):
                self._nearest(here, event, ssot, rule, self._deprecated(ssot, thing, classes=base))
                if not base:
                    self._bypass(here, event, ssot, thing)

    def _by_other_name(self, here: Here, event: Event) -> None:
        """Add the sites of a call of what is good by its own name, and deprecated by the one that stands there."""
        rule = Rule.DEPRECATED_BASE if event.kind == "base" else Rule.DEPRECATED_USE
        things = self._links.resolve(event.what)
        reference = event.what
        if event.kind == "call" and {self._links.kind(thing) for thing in things} == {"factory"}:
            reference = reference.rpartition(".")[0]
            things = self._links.resolve(reference)
        own = {thing.plain.rpartition(".")[2] for thing in things if thing.module and self._links.kind(thing)}
        for name in self._links.other_names(reference) if own else ():
            if name.plain.rpartition(".")[2] in own and not self._is_read(here, event, reference, name):
                continue  # handed on as it is: taking it from there is the site
            for ssot in self._tables((name,)):
                named = self._exact(ssot.deprecated, name)
                if named is not None and not any(self._defined(ssot.deprecated, thing) for thing in things):
                    self._deprecation(here, event, ssot, rule, named)

    # --- The rules

    def _nearest(self, here: Here, event: Event, ssot: Ssot, rule: Rule, used: Iterable[Named]) -> None:
        """Add the site of the first deprecated thing in `used`, the nearest first, that does not belong to the file."""
        for named in used:
            self._deprecation(here, event, ssot, rule, named)
            if not at_home(named, here.facts.module):
                return

    def _deprecated(self, ssot: Ssot, thing: Thing, *, classes: bool) -> Iterator[Named]:
        """Yield which deprecated things calling `thing` (for `classes`, deriving from it) uses, the nearest first."""
        if thing.is_instance or thing.attribute is None:
            return
        kind = self._links.kind(thing)
        if classes and kind not in ("class", None):
            return
        if kind != "class":
            named = self._defined(ssot.deprecated, thing)
            if named is not None:
                yield named
        elif classes or not self._is_enum(thing):
            for above in self._lineage(ssot, thing):
                named = self._defined(ssot.deprecated, above)
                if named is not None and self._links.kind(above) in ("class", None):
                    yield named

    def _lineage(self, ssot: Ssot, cls: Thing) -> Iterator[Thing]:
        """Yield `cls` and what it derives from, as far as to a class that may itself derive from what is deprecated."""
        for ancestor in (cls, *self._links.ancestors(cls)):
            if ssot.vouches_for(ancestor.module, ancestor.plain) and self._defined(ssot.deprecated, ancestor) is None:
                return
            yield ancestor

    def _factory(self, here: Here, event: Event) -> None:
        """Add the sites of a call of a class method or static method of a deprecated class."""
        holder, _, name = event.what.rpartition(".")
        if not holder or name.startswith("__"):
            return
        members = self._links.resolve(event.what)
        for cls in self._links.resolve(holder):
            made = self._made_by(members, name, instance=cls.is_instance)
            if made is None or cls.attribute is None:
                continue
            cls = Thing(cls.module, cls.attribute.removesuffix("()"))
            for ssot in self._tables(self._line(cls)):
                if not any(self._exact(ssot.deprecated, member) for member in members):
                    self._nearest(here, event, ssot, Rule.DEPRECATED_USE, self._through(ssot, cls, made))

    def _made_by(self, members: tuple[Thing, ...], name: str, *, instance: bool) -> tuple[Thing, ...] | None:
        """Return the classes that define what is called, none where that is not known; `None` if it is no factory."""
        kinds = {self._links.kind(member) for member in members}
        if "factory" in kinds:
            return tuple(Thing(member.module, member.plain.rpartition(".")[0]) for member in members if member.module)
        if kinds != {None} or (instance and name not in _COPIES):
            return None
        return ()

    def _through(self, ssot: Ssot, cls: Thing, owners: tuple[Thing, ...]) -> Iterator[Named]:
        """Yield the deprecated classes, `cls` or ancestors, through which one of its `owners` gives it a factory."""
        kind = self._links.kind(cls)
        if kind != "class" and not (kind is None and cls.plain.rpartition(".")[2][:1].isupper()):
            return
        for above in self._lineage(ssot, cls):
            named = self._defined(ssot.deprecated, above)
            if named is not None and self._links.kind(above) in ("class", None):
                lines = (above, *self._links.ancestors(above))
                if owners and not any(owner in lines for owner in owners):
                    return
                yield named

    def _is_enum(self, thing: Thing) -> bool:
        return any(
            ancestor.module == "" and (ancestor.attribute or "").startswith("enum.")
            for ancestor in self._links.ancestors(thing)
        )

    def _defined(self, targets: tuple[Target, ...], thing: Thing) -> Named | None:
        """Return which target `thing` is: spelled exactly, or defined by a deprecated module.

        Of what its classes hold only classes are: what is called of them otherwise is a use of the class.
        """
        named = self._exact(targets, thing)
        if named is not None or not thing.module or ("." in thing.plain and self._links.kind(thing) != "class"):
            return named
        for target in self._near(targets, thing.module, None):
            if target.covers_module(thing.module):
                return Named(f"{thing.module}:{thing.plain}", target)
        return None

    def _exact(self, targets: tuple[Target, ...], thing: Thing) -> Named | None:
        """Return which target spells exactly `thing`."""
        if thing.is_instance or thing.attribute is None:
            return None
        plain = thing.plain
        for target in self._near(targets, thing.module, plain):
            if target.attribute is None:
                if not thing.module and self._foreign_module(target, plain):
                    return Named(f"{target.module}:{plain[len(target.module) + 1 :]}", target)
                continue
            if thing.module:
                if _covers_exactly(target, thing.module, plain):
                    return Named(f"{thing.module}:{plain}", target)
            else:
                parts = plain.split(".")
                for split in range(1, len(parts)):
                    module, attribute = ".".join(parts[:split]), ".".join(parts[split:])
                    if _covers_exactly(target, module, attribute):
                        return Named(f"{module}:{attribute}", target)
        return None

    def _foreign_module(self, target: Target, dotted: str) -> bool:
        below = dotted.removeprefix(target.module + ".")
        return not target.is_pattern and below != dotted and "." not in below

    def _deprecation(self, here: Here, event: Event, ssot: Ssot, rule: Rule, named: Named) -> None:
        if at_home(named, here.facts.module):
            self._pass_over(here, event, "its own module uses it", named)
            return
        if not here.in_source and not self._is_own(named.declared):
            self._pass_over(here, event, "what other packages define is judged in `source` only", named)
            return
        flags: tuple[Flag, ...] = tuple(flag for flag in event.flags if flag is not Flag.GUARDED)
        if Flag.GUARDED in event.flags and rule is Rule.DEPRECATED_IMPORT and str(named.declared) in self._retired:
            flags = (*flags, Flag.GUARDED)
        self._add(here, event, ssot, rule, named, flags=flags)

    def _bypass(self, here: Here, event: Event, ssot: Ssot, thing: Thing) -> None:
        canonical = ssot.canonical
        if canonical is None or not ssot.accessors or thing.is_instance or thing.attribute is None:
            return
        for ancestor in (thing, *(self._links.ancestors(thing) if self._links.kind(thing) == "class" else ())):
            named = self._exact((canonical,), ancestor)
            if named is None or self._links.kind(ancestor) not in ("class", None):
                continue
            scope = here.facts.places[event.at].scope
            if ancestor == thing and scope == "<module>" and here.facts.module == named.name.partition(":")[0]:
                # A run sees none of that either.
                self._pass_over(here, event, "its own module makes the one instance, as it is loaded", named)
                return
            if any(target.covers(here.facts.module, scope) for target in ssot.accessors):
                self._pass_over(here, event, "to construct it is what an accessor is for", named)
                return
            inside = _inside(here.facts, scope, ssot.accessors)
            self._add(here, event, ssot, Rule.SINGLETON_BYPASS, named, exempt=Exempt.ACCESSOR if inside else None)
            return

    def _id(self, here: Here, event: Event, ids: Ids, named: Named) -> None:
        scope = _owner_of(here.facts.places[event.at])
        if not here.in_source:
            self._pass_over(here, event, "rules about identifiers hold in `source` only", named)
        elif _inside(here.facts, scope, ids.generators):
            self._pass_over(here, event, "it stands in a generator", named)
        elif here.facts.module == named.name.partition(":")[0]:
            self._pass_over(here, event, "its own module uses it", named)
        else:
            self._add(here, event, ids, Rule.OUT_OF_BAND_ID, named)

    def _pass_over(self, here: Here, event: Event, why: str, named: Named | None = None) -> None:
        """Take no site of an event; who traces a scan hears why."""

    def _lookup(self, here: Here, event: Event) -> None:
        """Add the sites of a member of an enum that is looked up by its name or by its value."""
        text = event.more[1:-1]
        for cls in self._links.resolve(event.what):
            if self._links.kind(cls) != "class" or not self._is_enum(cls):
                continue
            by_name = event.more[0] == "["
            for name in [text[1:-1]] if by_name else self._signatures.members(cls.module, cls.plain, text):
                member = Thing(cls.module, f"{cls.plain}.{name}")
                for ssot in self._tables(self._names_read(f"{event.what}.{name}")):
                    named, rule = self._access(here, event, ssot, f"{event.what}.{name}")
                    # A call of an enum that is deprecated itself is a use of it.
                    if named is not None and (by_name or self._exact((named.declared,), member) is not None):
                        self._deprecation(here, event, ssot, rule, named)

    def _write(self, here: Here, event: Event) -> None:
        """Add the sites of an attribute that is written or deleted, of an object, a class or a module."""
        for ssot in self._settings.ssots:
            for target in ssot.writes:
                for holder in self._links.resolve(event.what):
                    name = self._meant_in(target.thing, holder, event.more)
                    if name is not None:
                        named = Named(f"{name}=", target)
                        self._part(here, event, ssot, Rule.DEPRECATED_ACCESS, named, target.holder)
                        break

    def _part(self, here: Here, event: Event, ssot: Ssot, rule: Rule, named: Named, whole: Target) -> None:
        """Add the site of a part of `whole`, unless that is defined in the very module."""
        if any(thing.module == here.facts.module for thing in self._behind(whole)):
            self._pass_over(here, event, "its own module uses it", named)
        else:
            self._deprecation(here, event, ssot, rule, named)

    def _meant_in(self, target: Target, holder: Thing, attribute: str) -> str | None:
        """Return the name of an attribute of `holder`, a module or an object or class, where `target` means that."""
        if holder.attribute is None:
            return self._meant(target, Thing(holder.module, attribute))
        cls = Thing(holder.module, holder.attribute.removesuffix("()"))
        for ancestor in (cls, *self._links.ancestors(cls)):
            name = self._meant(target, Thing(ancestor.module, f"{ancestor.plain}.{attribute}"))
            if name is not None:
                return name
        return None

    def _arguments(self, here: Here, event: Event) -> None:
        """Add the sites of the deprecated parameters that a call passes."""
        given = Given.from_text(event.more)
        for ssot in self._settings.ssots:
            for target in ssot.parameters:
                parameter = target.parameter
                for thing in self._links.resolve(event.what) if parameter is not None else ():
                    callee = self._callee(target, thing)
                    if callee is None or parameter is None:
                        continue
                    name, bound = callee
                    signature = self._signatures.of(Target.parse(name))
                    index = None if signature is None else signature.position(parameter.name, bound=bound)
                    if given.passes(parameter, index):
                        named = Named(f"{name}{target.use}", target)
                        self._part(here, event, ssot, Rule.DEPRECATED_ARGUMENT, named, target.thing)
                        break
                    why = f"as far as it is written, the call does not pass {str(parameter)[1:-1]}"
                    self._pass_over(here, event, why, Named(f"{name}{target.use}", target))

    def _callee(self, target: Target, thing: Thing) -> tuple[str, bool] | None:
        """Return the name of what `target` speaks of and whether the call is bound, where calling `thing` calls it."""
        if thing.is_instance or thing.attribute is None:
            return None
        holder, _, last = thing.plain.rpartition(".")
        if last in _MAKERS:
            cls = Thing(thing.module, holder)
            name = self._meant(target.thing, cls)
            if name is not None and self._links.kind(cls) in ("class", None):
                return name, "()" in thing.attribute or last == "__new__"
        if self._links.kind(thing) == "class":
            for cls in (thing, *self._links.ancestors(thing)):
                name = self._meant(target.thing, cls)
                if name is not None:
                    return name, True
                made = (Thing(cls.module, f"{cls.plain}.{maker}") for maker in _MAKERS)
                if any(self._links.kind(maker) is not None for maker in made):
                    return None
            return None
        name = self._meant(target.thing, thing)
        bound = "()" in thing.attribute or self._links.kind(thing) != "method"
        return None if name is None else (name, bound)

    def _meant(self, target: Target, thing: Thing) -> str | None:
        """Return the name of `thing` where the target spells it, or spells a name by which a module hands it on."""
        named = self._exact((target,), thing)
        if named is not None:
            return named.name
        return str(target) if Thing(thing.module, thing.plain) in self._behind(target) else None

    def _behind(self, target: Target) -> tuple[Thing, ...]:
        """Return what a target that is no pattern leads to, wherever that is defined."""
        return () if target.is_pattern else self._links.resolve(str(target).replace(":", "."))

    def _accesses(self, here: Here, event: Event) -> None:
        """Add the sites of the constants that are read on the way along a reference."""
        parts = event.what.split(".")
        last = len(parts) if event.kind == "read" else len(parts) - 1
        # What leads to a call was read where that was made, which may be far from where its value is used.
        called = max((place for place, part in enumerate(parts, 1) if "()" in part), default=1)
        for ssot in self._tables(self._names_read(".".join(parts[:last]))) if called < last else ():
            for end in range(called + 1, last + 1):
                named, rule = self._access(here, event, ssot, ".".join(parts[:end]))
                # A constant is what goes by its name, but a property is used where it is asked for.
                asked = rule is Rule.DEPRECATED_ACCESS or not event.more or end > len(parts) - int(event.more)
                if named is not None and asked:
                    self._deprecation(here, event, ssot, rule, named)
                    break

    def _access(self, here: Here, event: Event, ssot: Ssot, reference: str) -> tuple[Named | None, Rule]:
        for thing in self._links.resolve(reference):
            if thing.attribute is None or thing.is_instance:
                continue
            kind = self._links.kind(thing)
            if kind == "property" and "()" in thing.attribute:
                return self._exact(ssot.deprecated, thing), Rule.DEPRECATED_USE
            plain = thing.plain
            if plain.rpartition(".")[2].startswith("__"):
                continue
            if kind is None and plain.isupper() and self._links.serves(thing.module):
                kind = "constant"
            for target in self._near(ssot.deprecated, thing.module, plain) if kind == "constant" else ():
                meant = thing.module and target.covers(thing.module, plain)
                if meant and ("()" not in thing.attribute or "." in (target.attribute or "")):
                    return Named(f"{thing.module}:{plain}", target), Rule.DEPRECATED_ACCESS
            if not thing.module:
                named = self._exact(ssot.deprecated, thing)
                if named is not None and named.declared.attribute is not None and self._is_constant(named):
                    return named, Rule.DEPRECATED_ACCESS
        return self._access_by_other_name(here, event, ssot, reference)

    def _access_by_other_name(self, here: Here, event: Event, ssot: Ssot, reference: str) -> tuple[Named | None, Rule]:
        """Return the deprecated name of a constant or property that has a good one of its own."""
        own = {self._links.kind(thing): thing.plain for thing in self._links.resolve(reference) if thing.module}
        for kind, rule in (("constant", Rule.DEPRECATED_ACCESS), ("property", Rule.DEPRECATED_USE)):
            for name in self._links.other_names(reference) if kind in own else ():
                named = self._exact(ssot.deprecated, name)
                handed_on = name.plain.rpartition(".")[2] == own[kind].rpartition(".")[2]
                if named is not None and not (handed_on and not self._is_read(here, event, reference, name)):
                    return named, rule
        if "constant" in own and "." in reference:
            return self._member_by_other_name(here, event, ssot, reference), Rule.DEPRECATED_ACCESS
        return None, Rule.DEPRECATED_ACCESS

    def _member_by_other_name(self, here: Here, event: Event, ssot: Ssot, reference: str) -> Named | None:
        """Return the deprecated name of the class or enum that a constant is read from."""
        holder, _, last = reference.rpartition(".")
        for name in self._links.other_names(holder):
            named = self._exact(ssot.deprecated, name)
            if named is not None and self._is_read(here, event, holder, name):
                return Named(f"{named.name}.{last}", named.declared)
        return None

    def _is_read(self, here: Here, event: Event, reference: str, name: Thing) -> bool:
        """Whether what goes by `name` is read here from the module that hands it on, instead of being imported."""
        from_there = Thing(name.module) in self._links.resolve(reference.rpartition(".")[0])
        return from_there and not _is_imported(here.facts, event, reference)

    def _imports(self, here: Here, event: Event, ssot: Ssot) -> None:
        found: dict[str, Named] = {}
        for named in self._imported(event, ssot.deprecated):
            found.setdefault(named.name, named)
        for named in found.values():
            self._deprecation(here, event, ssot, Rule.DEPRECATED_IMPORT, named)

    def _imported(self, event: Event, targets: tuple[Target, ...]) -> Iterator[Named]:
        module = self._links.modules.called(event.what) if event.kind == "import" else ""
        if event.kind == "string":
            imported = named_by_text(event.what, lambda module: self._is_module(module, targets))
            imported = imported._replace(module=self._links.modules.called(imported.module))
            named = matched_by_text(self._near(targets, *imported), imported)
            if named is None and imported.attribute is not None:
                for thing in self._links.resolve(f"{imported.module}.{imported.attribute}"):
                    if thing.module and thing.module != imported.module and thing.attribute is not None:
                        named = self._matched(targets, Imported(thing.module, thing.plain))
                        if named is not None:
                            yield named
            elif named is not None:
                yield named
        elif event.kind == "patch":
            for thing in self._links.resolve(f"{event.what}.{event.more}"):
                named = self._defined(targets, thing)
                if named is not None:
                    yield named
        elif not event.more:
            named = self._matched(targets, Imported(module))
            if named is not None:
                yield named
        elif event.more == "*":
            named = self._matched(targets, Imported(module, "*"))
            if named is not None:
                yield named
            elif self._links.modules.exists(module):
                for name in self._links.public(module):
                    yield from self._one(targets, Imported(module, name))
        else:
            yield from self._one(targets, Imported(module, event.more))

    def _one(self, targets: tuple[Target, ...], imported: Imported) -> Iterator[Named]:
        """Yield what the import of one name means: as spelled, else as what it is re-exported from."""
        base, attribute = imported
        below = f"{base}.{attribute}"
        facts = self._links.facts(base) if self._links.modules.exists(base) else None
        bound = facts is not None and (attribute in facts.names or attribute in facts.defined)
        submodule = not bound and self._is_module(below, targets)
        named = self._matched(targets, imported, submodule=submodule)
        if named is not None:
            yield named
            return
        for thing in self._links.resolve(below):
            if not thing.module or thing.is_instance or (thing.module, thing.attribute) == (base, attribute):
                continue
            other = Imported(thing.module, None if thing.attribute is None else thing.plain)
            named = self._matched(targets, other)
            if named is not None and (other.attribute is None or "." not in other.attribute):
                yield named
                return
        for name in self._links.other_names(below):
            named = self._matched(targets, Imported(name.module, name.plain))
            if named is not None and named.declared.attribute is not None:
                yield named
                return

    def _is_module(self, name: str, targets: tuple[Target, ...]) -> bool:
        """Whether `name` is a module of the tree, or one that a target names or lies in."""
        return self._links.modules.exists(name) or self._among(targets).is_above(name)

    # --- What targets are

    def _tables(self, things: Iterable[Thing]) -> Sequence[Ssot]:
        """Return, in order, the tables of which a target may mean one of `things`, all of them where they are few."""
        if len(self._settings.ssots) <= FEW:
            return self._settings.ssots
        near = {number for thing in things for number in self._every.numbers(thing.module, thing.plain)}
        return [self._settings.ssots[number] for number in sorted({self._owners[number] for number in near})]

    def _line(self, cls: Thing) -> Iterator[Thing]:
        """Yield a class and all that it derives from."""
        yield cls
        yield from self._links.ancestors(cls)

    def _names_read(self, reference: str) -> Iterator[Thing]:
        """Yield all that is named along `reference`."""
        for part in prefixes(reference):
            yield from self._links.resolve(part)
            yield from self._links.other_names(part)

    def _names_imported(self, event: Event) -> Iterator[Thing]:
        """Yield all that an import statement names."""
        module = self._links.modules.called(event.what)
        names = self._links.public(module) if event.more == "*" and self._links.modules.exists(module) else [event.more]
        for name in names:
            yield Thing(module, name)
            if name:
                yield from self._links.resolve(f"{module}.{name}")
                yield from self._links.other_names(f"{module}.{name}")

    def _among(self, targets: tuple[Target, ...]) -> TargetIndex:
        """Return `targets` by their names: those of a table are asked for with every event."""
        found = self._indexes.get(id(targets))
        if found is None or found.targets is not targets:
            found = self._indexes[id(targets)] = TargetIndex(targets)
        return found

    def _near(self, targets: tuple[Target, ...], module: str, attribute: str | None) -> Sequence[Target]:
        """Return those of `targets` that may be meant (see `TargetIndex.near`), all of them where they are few."""
        return targets if len(targets) <= FEW else self._among(targets).near(module, attribute)

    def _matched(self, targets: tuple[Target, ...], imported: Imported, *, submodule: bool = False) -> Named | None:
        return matched(self._near(targets, *imported), imported, submodule=submodule)

    def is_watched(self, things: Iterable[Thing]) -> bool:
        """Whether one of `things` is a target, or lies in a module that is one."""
        for thing in things:
            if thing.attribute is None:
                near = self._near(self._watched, thing.module, None)
                if thing.module in self._modules or any(target.covers_module(thing.module) for target in near):
                    return True
            else:
                is_module = not thing.module and thing.plain in self._modules
                if is_module or thing in self._deprecated_in_part() or self._defined(self._watched, thing) is not None:
                    return True
        return False

    def _deprecated_in_part(self) -> frozenset[Thing]:
        """Return what has a deprecated parameter, or an attribute that is not to be written, wherever it is defined."""
        if self._in_part is None:
            parts = [target.thing for ssot in self._settings.ssots for target in ssot.parameters]
            parts += [target.holder for ssot in self._settings.ssots for target in ssot.writes]
            self._in_part = frozenset(thing for target in parts for thing in self._behind(target))
        return self._in_part

    def _is_own(self, target: Target) -> bool:
        top = target.module.partition(".")[0]
        if top not in self._own:
            self._own[top] = "*" in top or self._links.modules.exists(top)
        return self._own[top]

    def _is_value(self, thing: Thing, named: Named) -> bool:
        """Whether `thing` is no class or function, so that handing it on hands on no factory."""
        return self._links.kind(thing) == "constant" if thing.module else self._is_constant(named)

    def _is_constant(self, named: Named) -> bool:
        """Whether a name of a library is neither class nor function, from its source or, built in, itself."""
        if named.name not in self._constants:
            module, _, attribute = named.name.partition(":")
            self._constants[named.name], origin = _foreign_constant(module, attribute)
            self._origins |= {origin} - {""}
        return self._constants[named.name]

    def _add(
        self,
        here: Here,
        event: Event,
        table: Table,
        rule: Rule,
        named: Named,
        *,
        exempt: Exempt | None = None,
        flags: tuple[Flag, ...] = (),
    ) -> Site:
        """Add the site of an event, and return it."""
        place = here.facts.places[event.at]
        site = Site(
            rule=rule,
            ssot=table.name,
            target=named.name,
            path=here.path,
            line=place.line,
            scope=place.scope,
            text=place.text,
            ordinal=place.ordinal,
            declared=str(named.declared),
            flags=flags,
            squeezed=place.squeezed,
        )
        self.findings.extents[site.id] = (place.column, place.end_line, place.end_column)
        if exempt is None and table.allow_in:
            scope = None if place.scope == "<module>" else place.scope
            exempt = Exempt.ALLOW_IN if table.allows(here.facts.module, scope) else None
        number = here.facts.allowed.get(f"{event.at}:{rule.value}")
        self.findings.add(site, exempt, None if number is None else here.facts.allows[number])
        if event.kind in _UNWATCHED or rule is Rule.DEPRECATED_ACCESS:
            self.findings.lines.setdefault(site.id, []).append((event.line, event.later))
        return site


def _is_imported(facts: Facts, event: Event, reference: str) -> bool:
    """Whether what `reference` begins with was imported by its name, instead of being read from a module here."""
    place = facts.places[event.at]
    if re.search(rf"\.\s*{re.escape(reference.rpartition('.')[2])}\b", place.text):
        return False
    for other in facts.events:
        if other.kind == "import" and other.more and f"{reference}.".startswith(f"{other.what}.{other.more}."):
            scope = facts.places[other.at].scope
            if scope == "<module>" or f"{place.scope}.".startswith(f"{scope}."):
                return True
    return False


def _owner_of(place: StatementSpan) -> str:
    """Return the scope of a place; of the parameters of a function, which have its defaults, the function itself."""
    defined = _DEFINES.match(place.text)
    if defined is None:
        return place.scope
    return defined[1] if place.scope == "<module>" else f"{place.scope}.{defined[1]}"


def _inside(facts: Facts, scope: str, targets: tuple[Target, ...], seen: frozenset[str] = frozenset()) -> bool:
    """Whether `scope` is one of `targets`, or a function of their module that only they use."""
    if any(target.covers(facts.module, scope) for target in targets):
        return True
    users = facts.uses.get(scope, ())
    if scope in seen or not users or all(target.module != facts.module for target in targets):
        return False
    return all(_inside(facts, user, targets, seen | {scope}) for user in users)


def _covers_exactly(target: Target, module: str, attribute: str) -> bool:
    above = attribute.rpartition(".")[0]
    return target.covers(module, attribute) and not (above and target.covers(module, above))


def _foreign_constant(module: str, attribute: str) -> tuple[bool, str]:
    """Whether `attribute` of a module of a library is a constant, and which file says so, `""` for none.

    Nothing that is not built in is imported.
    """
    if module in sys.builtin_module_names:
        return not callable(getattr(import_module(module), attribute, len)), ""
    top, *rest = module.split(".")
    try:
        spec = PathFinder.find_spec(top)
        for part in rest:  # by its own name: a namespace within one that is not imported has no path by its dotted name
            where = None if spec is None else spec.submodule_search_locations
            spec = None if where is None else PathFinder.find_spec(part, list(where))
        origin = None if spec is None else spec.origin
        if origin is None or not origin.endswith(".py"):
            return attribute.isupper(), ""
        with open(origin, "rb") as stream:
            file = SourceFile.read(origin, stream.read())
    except (OSError, ImportError, SyntaxError, ValueError, RecursionError, MemoryError):
        return attribute.isupper(), ""
    from pytest_ssot_tracker.scan.file_reader import Reading
    from pytest_ssot_tracker.scan.needles import Words

    facts = Facts(module, origin.endswith("__init__.py"))
    Reading(file, facts, Words(frozenset()), clock=False).read()
    return facts.defined.get(attribute) == "constant", origin
