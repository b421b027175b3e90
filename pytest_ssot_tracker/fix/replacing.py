"""Say what a target is to be replaced by, and whether one thing can stand where another stood."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_ssot_tracker.fix.defining import Call, Definition, Definitions
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.settings import Ids, Settings, Ssot
from pytest_ssot_tracker.settings.templates import Template

__all__ = ["Name", "Replacements", "Uncertain"]


class Uncertain(Exception):  # noqa: N818 - no error: it says why something is left alone
    """Say why a site is left alone: `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Name:
    """Be a name in a module, or with `attribute` `None` the module."""

    module: str
    attribute: str | None = None

    @classmethod
    def of(cls, spelling: str) -> Name:
        """Return the name spelled as a target."""
        module, _, attribute = spelling.partition(":")
        return cls(module, attribute or None)

    def __str__(self) -> str:
        return self.module if self.attribute is None else f"{self.module}:{self.attribute}"

    @property
    def dotted(self) -> str:
        """Return the name as an import and a chain of attributes would spell it."""
        return self.module if self.attribute is None else f"{self.module}.{self.attribute}"

    @property
    def last(self) -> str:
        """Return the last part of it."""
        return self.dotted.rpartition(".")[2]


class Replacements:
    """Look replacements up in the configuration, and hold them against what is defined."""

    def __init__(self, settings: Settings, definitions: Definitions) -> None:
        self._ssots = {one.name: one for one in settings.ssots}
        self._ids = {one.name: one for one in settings.ids}
        self.definitions = definitions

    def table(self, site: Site) -> Ssot | Ids:
        """Return the table that a site belongs to."""
        if site.rule is Rule.OUT_OF_BAND_ID:
            return self._ids[site.ssot]
        return self._ssots[site.ssot]

    # --- What replaces what

    def of(self, site: Site, old: Name) -> Name:
        """Return what replaces `old` for the table of `site`; raise `Uncertain` where nothing does, or it is gone."""
        ssot = self._ssots[site.ssot]
        if site.rule is Rule.SINGLETON_BYPASS and str(old) not in ssot.replace:
            new = self.accessor(site, old)
        else:
            new = _mapped(ssot, old)
        if new is None:
            raise Uncertain(f'nothing replaces {old}: add it to "replace" of [ssot.{ssot.name}]')
        found = self.definitions.find(new.module, new.attribute)
        if found.kind == "absent":
            raise Uncertain(f"{new}, which is to replace {old}, does not exist")
        return new

    def accessor(self, site: Site, new: Name) -> Name | None:
        """Return what hands out the singleton whose class `new` is, `None` for anything else."""
        ssot = self._ssots[site.ssot]
        if ssot.canonical is None or str(ssot.canonical) != str(new):
            return None
        return next((Name.of(str(one)) for one in ssot.accessors if not one.is_pattern), None)

    def method(self, site: Site, owner: Name, name: str, new: Definition) -> str:
        """Return what the method `name` of `owner` is called on the class `new`, by `replace`."""
        mapped = self._ssots[site.ssot].replace.get(f"{owner}.{name}")
        if mapped is None:
            return name
        module, _, attribute = mapped.partition(":")
        above, _, renamed = attribute.rpartition(".")
        return renamed if self.definitions.find(module, above or None).node is new.node else name

    def template(self, site: Site) -> Template:
        """Return the expression for an identifier; raise `Uncertain` where there is none."""
        ids = self._ids[site.ssot]
        text = ids.fix.get(site.target, ids.fix.get(""))
        if text is None:
            raise Uncertain(f'no expression replaces {site.target}: add it to "fix" of [ids.{ids.name}]')
        template = Template.parse(text)
        for name in template.names:
            if self.definitions.find(template.module, name).kind == "absent":
                raise Uncertain(f"{template.module}:{name}, which is to replace {site.target}, does not exist")
        return template

    # --- Whether it can

    def check_call(self, old: Definition, new: Definition, name: object, call: Call, *, bound: bool = False) -> None:
        """Raise `Uncertain` where `new` cannot be called as `old` is; a call that fails either way is no reason."""
        if new.kind == "module":
            raise Uncertain(f"{name} is a module and cannot be called")
        if old.kind == "function" and new.kind == "function" and old.is_async != new.is_async:
            wanted = "awaited" if new.is_async else "not awaited"
            raise Uncertain(f"{name} has to be {wanted}, unlike what it replaces")
        if self.definitions.accepts(new, call, bound=bound) is False:
            if self.definitions.accepts(old, call, bound=bound) is False:
                return
            raise Uncertain(f"{name} does not take these arguments")

    def check_member(self, old: Definition, new: Definition, member: str, renamed: str, name: object) -> None:
        """Raise `Uncertain` where the class `new` lacks a member that the class `old` has."""
        if self.definitions.member(new, renamed).kind == "absent" and (
            self.definitions.member(old, member).kind != "absent"
        ):
            raise Uncertain(f"{name} has no {renamed}")


def _mapped(ssot: Ssot, old: Name) -> Name | None:
    """Return what `replace` makes of `old`: by its own entry, else by that of what holds it."""
    rest: list[str] = []
    attribute = old.attribute
    while attribute is not None:
        found = ssot.replace.get(f"{old.module}:{attribute}")
        if found is not None:
            new = Name.of(found)
            return Name(new.module, ".".join(filter(None, (new.attribute, *rest))))
        attribute, _, last = attribute.rpartition(".")
        attribute = attribute or None
        rest.insert(0, last)
    module, below = old.module, ""
    while module:
        found = ssot.replace.get(module)
        if found is not None:
            new = Name.of(found)
            if new.attribute is None:
                return Name(new.module + below, old.attribute)
            return Name(new.module, f"{new.attribute}.{old.attribute}") if not below and old.attribute else None
        module, dot, last = module.rpartition(".")
        below = f"{dot}{last}{below}"
    return None
