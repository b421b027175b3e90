"""Say what a target is to be replaced by, and whether one thing can stand where another stood."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.forwarding import Forward, Forwarding
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.sharing import Sharing
from pytest_ssot_tracker.model import Rule, Site, Target
from pytest_ssot_tracker.names.definitions import Definition
from pytest_ssot_tracker.names.signatures import Call
from pytest_ssot_tracker.settings import Ids, Settings, Ssot
from pytest_ssot_tracker.settings.argument_mapping import Passing
from pytest_ssot_tracker.settings.templates import Template

__all__ = ["Replacements"]


class Replacements:
    """Look replacements up in the configuration, and hold them against what is defined."""

    def __init__(self, settings: Settings, definitions: OwnDefinitions) -> None:
        self._ssots = {ssot.name: ssot for ssot in settings.ssots}
        self._ids = {ids.name: ids for ids in settings.ids}
        self._header = settings.header
        self.definitions = definitions
        self.sharing = Sharing(definitions)
        self._forwarding = Forwarding(definitions)

    def table(self, site: Site) -> Ssot | Ids:
        """Return the table that a site belongs to."""
        if site.rule is Rule.OUT_OF_BAND_ID:
            return self._ids[site.ssot]
        return self._ssots[site.ssot]

    # --- What replaces what

    def of(self, site: Site, old: Name) -> Name:
        """Return what replaces `old` for the table of `site`; raise `Uncertain` where nothing does, or it is gone."""
        ssot = self._ssots[site.ssot]
        mapped = ssot.mapped(str(old))
        forward = self.forward(site, old)
        if forward is not None:
            new = forward.to
        elif mapped is not None:
            new = Name.of(mapped)
        elif site.rule is Rule.SINGLETON_BYPASS:
            new = self.accessor(site, old) or self._canonical(ssot, old)
        else:
            new = self._canonical(ssot, old)
        found = self.definitions.find(new.module, new.attribute)
        if found.kind == "absent":
            raise Uncertain(f"{new}, which is to replace {old}, does not exist")
        if forward is None and not self._is_named(ssot, old) and self._is_doubtful(new):
            todo = f'if it does, add it to "replace" of {self._header("ssot", ssot.name)}'
            raise Uncertain(f"{new.module} may answer for {new.last} when it is asked, or not: {todo}")
        return new

    def _is_doubtful(self, new: Name) -> bool:
        return new.attribute is not None and self.definitions.is_doubtful(new.module, new.attribute.partition(".")[0])

    @staticmethod
    def _is_named(ssot: Ssot, old: Name) -> bool:
        """Whether `replace` has an entry for a name or what holds it, beside that of its module."""
        parts = (old.attribute or "").split(".")
        spelled = {f"{old.module}:{'.'.join(parts[:end])}" for end in range(1, len(parts) + 1)}
        return bool(spelled & ssot.replace.keys()) or old.attribute is None

    def _canonical(self, ssot: Ssot, old: Name) -> Name:
        """Return the canonical for a class without an entry; raise `Uncertain` where it cannot stand for `old`.

        That is what every report advises, so that a refusal says why not that.
        """
        todo = f'add it to "replace" of {self._header("ssot", ssot.name)}'
        if ssot.canonical is None:
            raise Uncertain(f"nothing replaces {old}: {todo}")
        new = Name.of(str(ssot.canonical))
        rest = (old.attribute or "").partition(".")[2]
        if rest:  # what is of a class goes with it
            return self._canonical(ssot, old.top).member(rest)
        was, now = (self.definitions.find(name.module, name.attribute) for name in (old, new))
        if was.kind in ("absent", "unknown") and old.last.lstrip("_")[:1].isupper():
            return new  # called as classes are
        if was.kind != "class":
            kind = {"absent": "gone", "unknown": "not known"}.get(was.kind, f"a {was.kind}")
            raise Uncertain(f"{new} replaces classes, and {old} is {kind}: {todo}")
        for kind in ("exception", "enum"):
            if self.definitions.derives(was, kind) and not self.definitions.derives(now, kind):
                raise Uncertain(f"{new} is no {kind}, as {old} is: {todo}")
        return new

    def accessor(self, site: Site, new: Name) -> Name | None:
        """Return what hands out the singleton whose class `new` is, `None` for anything else."""
        ssot = self._ssots[site.ssot]
        if ssot.canonical is None or str(ssot.canonical) != str(new):
            return None
        return next((Name.of(str(accessor)) for accessor in ssot.accessors if not accessor.is_pattern), None)

    def method(self, site: Site, owner: Name, name: str, new: Definition) -> str:
        """Return what the method `name` of `owner` is called on the class `new`, by `replace`."""
        mapped = self._ssots[site.ssot].replace.get(f"{owner}.{name}")
        if mapped is None:
            return name
        module, _, attribute = mapped.partition(":")
        above, _, renamed = attribute.rpartition(".")
        known = new.node is None or self.definitions.find(module, above or None).node is new.node
        return renamed if known else name

    def homes(self, site: Site) -> set[str]:
        """Return the modules that the replacements of a table live in: what is there is shared with nobody."""
        ssot = self._ssots[site.ssot]
        found = {Name.of(spelled).module for spelled in ssot.replace.values()}
        return found | ({ssot.canonical.module} if ssot.canonical is not None else set())

    def every_moved_member(self) -> set[str]:
        """Return the names of members of classes that any table calls by another name, or otherwise."""
        entries = (key for ssot in self._ssots.values() for key in (*ssot.replace, *ssot.passing))
        return {key.rpartition(".")[2] for key in entries if "." in key.partition(":")[2]}

    def moved_members(self, site: Site, owner: Name) -> Mapping[str, str]:
        """Return the members of a class that are called otherwise on what replaces it, each with its new name."""
        ssot = self._ssots[site.ssot]
        own = f"{owner}."
        moved = {key.removeprefix(own): key.removeprefix(own) for key in ssot.passing if key.startswith(own)}
        for key, value in ssot.replace.items():
            old, new = key.removeprefix(own), value.rpartition(".")[2]
            if key.startswith(own) and new != old:
                moved[old] = new
        return moved

    def passing(self, site: Site, old: Name) -> Passing | None:
        """Return how the arguments of `old` are passed on, `None` where they are as they were."""
        forward = self.forward(site, old)
        return self._ssots[site.ssot].passing.get(str(old)) if forward is None else forward.passing

    def argument(self, site: Site) -> Target:
        """Return what is to be passed instead of the argument of a site; raise `Uncertain` where nothing says."""
        ssot = self._ssots[site.ssot]
        spelled = ssot.arguments.get(site.target) or ssot.arguments.get(site.declared)
        if spelled is None:
            todo = f'add it to "replace" of {self._header("ssot", ssot.name)}'
            raise Uncertain(f"nothing replaces {site.target}: {todo}")
        return Target.parse(spelled)

    def forward(self, site: Site, old: Name) -> Forward | None:
        """Return what `old` hands on to, where it does nothing else and `replace` says nothing of it."""
        ssot = self._ssots[site.ssot]
        if site.rule is Rule.SINGLETON_BYPASS:
            return None
        mapped = ssot.mapped(str(old))
        if mapped is not None:  # the entry of a module says nothing of a name that the new one has not
            new = Name.of(mapped)
            if self._is_named(ssot, old) or self.definitions.find(new.module, new.attribute).kind != "absent":
                return None
        found = self._forwarding(old)
        if found is None or ssot.is_to_go(Target(found.to.module, found.to.attribute)):
            return None
        return found

    def template(self, site: Site) -> Template:
        """Return the expression for an identifier; raise `Uncertain` where there is none."""
        ids = self._ids[site.ssot]
        text = ids.fix.get(site.target, ids.fix.get(""))
        if text is None:
            raise Uncertain(f'no expression replaces {site.target}: add it to "fix" of {self._header("ids", ids.name)}')
        template = Template.parse(text)
        for name in template.names:
            if self.definitions.find(template.module, name).kind == "absent":
                raise Uncertain(f"{template.module}:{name}, which is to replace {site.target}, does not exist")
        return template

    # --- Whether it can

    def check_call(
        self, old: Definition, new: Definition, name: object, before: Call, after: Call, *, bound: bool = False
    ) -> None:
        """Raise `Uncertain` where `new` cannot be called as it is to be; a call that fails either way is no reason.

        `before` is how `old` is called, `after` how `new` is.
        """
        if new.kind == "module":
            raise Uncertain(f"{name} is a module and cannot be called")
        if old.kind == "function" and new.kind == "function" and old.is_async != new.is_async:
            wanted = "awaited" if new.is_async else "not awaited"
            raise Uncertain(f"{name} has to be {wanted}, unlike what it replaces")
        if self.definitions.accepts(new, after, bound=bound) is False:
            if self.definitions.accepts(old, before, bound=bound) is False:
                return
            raise Uncertain(f"{name} does not take these arguments")

    def check_member(self, old: Definition, new: Definition, member: str, renamed: str) -> None:
        """Raise `Uncertain` where the class `new` lacks a member that the class `old` has."""
        if self.definitions.member(new, renamed).kind == "absent" and (
            self.definitions.member(old, member).kind != "absent"
        ):
            raise Uncertain(f"{new.shown} has no {renamed}")
