"""Follow references through the project's modules to what they really name."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator

from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.held import HELD, is_held
from pytest_ssot_tracker.scan.needles import parts_of
from pytest_ssot_tracker.scan.own_modules import OwnModules

__all__ = ["Links", "Thing"]

_DEPTH = 40
_BUILT_IN = frozenset(dir(builtins))


class Thing(NamedTuple):
    """What a reference leads to: a module, or a dotted `attribute` of one (with `()` for an instance).

    Of a name that does not belong to the project the module is not known: it is `""`, and `attribute` the whole name.
    What only holds it has in `marks` how (see `held`); the linker keeps such things to itself.
    """

    module: str
    attribute: str | None = None
    marks: str = ""

    @property
    def plain(self) -> str:
        """Return the attribute without the marks of instances."""
        return (self.attribute or "").replace("()", "")

    @property
    def is_instance(self) -> bool:
        """Whether this is an instance, or what a call returned."""
        return (self.attribute or "").endswith("()")


class Links:
    """Resolve references; `facts` returns what a module of the project says, `None` where it cannot be read."""

    def __init__(self, modules: OwnModules, facts: Callable[[str], Facts | None]) -> None:
        self.modules = modules
        self.facts = facts
        self._known: dict[str, tuple[Thing, ...]] = {}
        self._brought: dict[tuple[str, str], bool] = {}
        self._open: set[str] = set()

    def resolve(self, reference: str) -> tuple[Thing, ...]:
        """Return what `reference` may lead to; nothing where that is not known."""
        found = self.reach(reference)
        return tuple(thing for thing in found if not thing.marks) if any(thing.marks for thing in found) else found

    def reach(self, reference: str) -> tuple[Thing, ...]:
        """Return what `reference` may lead to, or hold."""
        found = self._known.get(reference)
        if found is not None:
            return found
        if reference in self._open or len(self._open) > _DEPTH:
            return ()
        self._open.add(reference)
        try:
            found = self._follow(reference)
        finally:
            self._open.discard(reference)
        if not self._open:
            # What was found on the way may have been cut short by a circle.
            self._known[reference] = found
        return found

    def other_names(self, reference: str, seen: frozenset[str] = frozenset()) -> Iterator[Thing]:
        """Yield the names that are bound to what `reference` leads to, on the way to where that is defined."""
        holder, _, last = reference.rpartition(".")
        name = last.replace("[]", "").replace("*", "")
        for thing in self.resolve(holder) if holder and "()" not in name and reference not in seen else ():
            facts = self.facts(thing.module) if thing.module else None
            if facts is None:
                continue
            path = name if thing.attribute is None else f"{thing.plain}.{name}"
            bound = facts.names if thing.attribute is None else facts.attributes
            following = [followed for followed in bound.get(path, []) if not is_held(followed)]
            if not following and thing.attribute is None and path not in facts.defined:
                following = [
                    f"{star}.{name}" for star in facts.stars if star != thing.module and self._brings(star, name)
                ]
            if following or facts.defined.get(path) == "alias":
                yield Thing(thing.module, path)
            for followed in following:
                yield from self.other_names(followed, seen | {reference})

    def forget(self) -> None:
        """Forget what was resolved: more is known of some modules now."""
        self._known.clear()
        self._brought.clear()

    def _follow(self, reference: str) -> tuple[Thing, ...]:
        if is_held(reference):
            mark, inner = reference.split("]>", 1)
            return tuple(thing._replace(marks=f"{mark}]>{thing.marks}") for thing in self.reach(inner))
        top, *rest = reference.split(".")
        if not self.modules.exists(top):
            if HELD in reference:
                return ()
            starred = reference.partition(".*")[2]
            # Its source is not read: what a star import of it brings is taken to be none of Python's own names.
            return () if starred and parts_of(starred)[0] in _BUILT_IN else (Thing("", reference.replace("*", "")),)
        things: tuple[Thing, ...] = (Thing(self.modules.called(top)),)
        for part in rest:
            things = tuple(dict.fromkeys(found for thing in things for found in self._part(thing, part)))
        return things

    def _part(self, thing: Thing, part: str) -> Iterator[Thing]:
        name = part.replace("()", "").replace("[]", "").replace(HELD, "").replace("*", "")
        if part[0] == "*" and not self._brings(thing.module, name):
            return
        found = self.member(thing.module, name) if thing.attribute is None else self._attribute(thing, name)
        calls = part.count("()")
        takes = "[]" in part or HELD in part
        for reference in found:
            if reference.marks and (takes or calls):
                if not takes:
                    continue
                reference = reference._replace(marks=reference.marks.split("]>", 1)[1])
            elif takes and (HELD in part or self.kind(reference) != "class"):
                continue  # what a constant holds is not the constant
            if not calls:
                yield reference
            elif reference.attribute is not None and self.kind(reference) in ("class", None):
                yield reference._replace(attribute=reference.attribute + "()" * calls)
            elif reference.module:
                yield from self._given_by(reference)

    def _given_by(self, function: Thing) -> Iterator[Thing]:
        """Yield what a function of the project gives back, as far as its file says so."""
        facts = self.facts(function.module)
        for reference in () if facts is None else facts.attributes.get(f"{function.plain}()", ()):
            yield from self.reach(reference)

    def kind(self, thing: Thing) -> str | None:
        """Return what `thing` is by its definition, as in `Facts.defined`; `None` if unknown."""
        if thing.attribute is None or not thing.module:
            return None
        facts = self.facts(thing.module)
        kind = None if facts is None else facts.defined.get(thing.plain)
        leads_on = facts is not None and (thing.plain in facts.names or thing.plain in facts.attributes)
        # Another name of a class or a function has a reference behind it, one of a constant has none.
        return "constant" if kind == "alias" and not leads_on else None if kind == "served" else kind

    def serves(self, module: str) -> bool:
        """Whether the module answers for names that it does not hold (PEP 562)."""
        facts = self.facts(module) if module else None
        return facts is not None and ("__getattr__" in facts.defined or "__getattr__" in facts.names)

    def holds(self, module: str, name: str) -> bool:
        """Whether the module binds `name`, by statement or star import, or makes names on demand.

        Of a dotted name only the first part is looked for: what a class inherits may be anybody's.
        """
        facts = self.facts(module)
        if facts is None:
            return True
        top = name.partition(".")[0]
        if self.serves(module) or self.modules.exists(f"{module}.{top}"):
            return True
        if top in facts.defined or top in facts.names:
            return True
        return any(not self.modules.exists(star) or self.holds(star, name) for star in facts.stars if star != module)

    def is_not_taken(self, facts: Facts, reference: str) -> bool:
        """Whether `reference` leads through what a file imports only where another import fails, and that one is there.

        The tree tells whether a module of its own can be imported, not whether one of a library can.
        """
        for fallback, first in facts.fallbacks.items():
            below = reference.removeprefix(fallback)
            if below != reference and (not below or below[0] in ".([") and all(map(self._is_there, first)):
                return True
        return False

    def _is_there(self, reference: str) -> bool:
        module, _, name = reference.rpartition(".")
        if self.modules.exists(reference):
            return True
        facts = self.facts(module) if self.modules.exists(module) else None
        return facts is not None and (name in facts.defined or name in facts.names)

    def member(self, module: str, name: str) -> tuple[Thing, ...]:
        """Return what `name` is in the module."""
        facts = self.facts(module)
        if facts is not None:
            found: list[Thing] = []
            kind = facts.defined.get(name)
            if kind is not None and (kind != "alias" or name not in facts.names):
                found.append(Thing(module, name))
            for reference in facts.names.get(name, ()):
                if not self.is_not_taken(facts, reference):
                    found += self.reach(reference)
            if found:
                return tuple(dict.fromkeys(found))
        if self.modules.exists(f"{module}.{name}"):
            return (Thing(self.modules.called(f"{module}.{name}")),)
        for star in () if facts is None else facts.stars:
            if star == module or not self.modules.exists(star) or not self._brings(star, name):
                continue
            through = self.reach(f"{star}.{name}")
            if through:
                return through
        return (Thing(module, name),)

    def _brings(self, module: str, name: str) -> bool:
        """Whether a star import of `module` brings `name`; each use of a name that a package hands on asks again."""
        found = self._brought.get((module, name))
        if found is None:
            found = self._brought[module, name] = self._hands_on(module, name)
        return found

    def _hands_on(self, module: str, name: str) -> bool:
        waiting, seen = [module], {""}
        while waiting:
            module = waiting.pop()
            facts = self.facts(module) if module not in seen and self.modules.exists(module) else None
            seen.add(module)
            if facts is None:
                continue
            if facts.public is not None and (name in facts.public or "*" not in facts.public):
                if name in facts.public:
                    return True
            elif not name.startswith("_"):
                if name in facts.defined or name in facts.names or self.modules.exists(f"{module}.{name}"):
                    return True
                waiting += facts.stars
        return False

    def public(self, module: str) -> list[str]:
        """Return the names that a star import of `module` brings."""
        facts = self.facts(module)
        if facts is None:
            return []
        listed = [name for name in facts.public or () if name != "*"]
        if facts.public is not None and "*" not in facts.public:
            return listed
        top = [name for name in facts.defined if "." not in name]
        found = [*listed, *(name for name in (*top, *facts.names) if not name.startswith("_"))]
        found = [*dict.fromkeys(found)]
        for star in facts.stars:
            if star != module and self.modules.exists(star) and star not in self._open:
                self._open.add(star)
                found += [name for name in self.public(star) if name not in found]
                self._open.discard(star)
        return found

    def _attribute(self, thing: Thing, name: str, seen: frozenset[Thing] = frozenset()) -> tuple[Thing, ...]:
        assert thing.attribute is not None
        own = Thing(thing.module, f"{thing.attribute}.{name}")
        facts = self.facts(thing.module) if thing.module else None
        if facts is None or thing in seen:
            return (own,)
        kind = facts.defined.get(own.plain, "alias")
        through: list[Thing] = [] if kind == "alias" else [own]
        for attribute in facts.attributes.get(own.plain, ()) if kind in ("alias", "factory", "constant") else ():
            through += (found for found in self.reach(attribute) if kind != "constant" or found.marks)
        if through:
            return tuple(dict.fromkeys(through))
        if facts.defined.get(thing.plain) == "class":
            for base in self.bases(thing):
                if thing.is_instance:
                    base = base._replace(attribute=f"{base.attribute}()")
                for found in self._attribute(base, name, seen | {thing}):
                    if found.attribute is not None and self.kind(found) is not None:
                        return (found,)
                    if not found.module:
                        return (found,)
        return (own,)

    def bases(self, thing: Thing) -> list[Thing]:
        """Return the direct bases of a class."""
        facts = self.facts(thing.module) if thing.module else None
        found: list[Thing] = []
        for above in () if facts is None else facts.bases.get(thing.plain, ()):
            found += (base for base in self.resolve(above) if base.attribute is not None and not base.is_instance)
        return found

    def ancestors(self, thing: Thing) -> list[Thing]:
        """Return every class that the class `thing` derives from, the nearest first."""
        found: dict[Thing, None] = {}
        waiting = self.bases(thing)
        while waiting:
            base = waiting.pop(0)
            if base not in found and base != thing:
                found[base] = None
                waiting += self.bases(base)
        return list(found)

    def ancestors_of(self, module: str, name: str) -> tuple[Thing, ...]:
        """Return the classes that the class `name` of `module` derives from."""
        return tuple(self.ancestors(Thing(module, name)))
