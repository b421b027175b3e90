"""Rewrite one file: decide for each site whether it is certain what to write there, then write all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import libcst as cst
from libcst.metadata import BaseAssignment, BuiltinAssignment

from pytest_ssot_tracker.fix.absence import catches_import_error, proved_by
from pytest_ssot_tracker.fix.defining import Definition
from pytest_ssot_tracker.fix.identifiers import Identifiers
from pytest_ssot_tracker.fix.imports import Imports
from pytest_ssot_tracker.fix.reading import Chain, File, callee, evaluated, names_of
from pytest_ssot_tracker.fix.replacing import Name, Replacements, Uncertain
from pytest_ssot_tracker.imported import named_by_text
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.records import dataclass, field

__all__ = ["FIXABLE", "Rewriting"]

_USES = (Rule.DEPRECATED_USE, Rule.DEPRECATED_BASE, Rule.DEPRECATED_ACCESS, Rule.SINGLETON_BYPASS)
FIXABLE = (*_USES, Rule.DEPRECATED_IMPORT, Rule.OUT_OF_BAND_ID)
_PATCHES = frozenset({"patch", "setattr", "delattr", "multiple", "dict"})
_IMPORTERS = frozenset({"import_module", "__import__", "importorskip", "resolve_name", "run_module"})

Edits = dict[cst.CSTNode, Any]
Import = cst.Import | cst.ImportFrom


@dataclass(slots=True, eq=False)
class _Binding:
    """One name that an import brings and that is a site: `meaning` is how the import spells what is `old`."""

    statement: Import
    alias: cst.ImportAlias
    site: Site
    old: Name
    meaning: str
    assignment: BaseAssignment | None
    chains: list[Chain] = field(default_factory=list)
    edits: Edits = field(default_factory=dict)
    change: tuple[Name, str] | None = None

    @property
    def local(self) -> str:
        return self.alias.evaluated_alias or self.alias.evaluated_name


class Rewriting:
    """The rewriting of one file.

    `outside(name)` tells whether another file takes `name` from this module; `in_use(target)` says where something
    that is deprecated is still used, `None` where nowhere. Afterwards `done` holds the sites rewritten and `reasons`
    says of each other why not.
    """

    def __init__(
        self,
        file: File,
        sites: Sequence[Site],
        replacements: Replacements,
        *,
        outside: Callable[[str], bool],
        in_use: Callable[[str], str | None],
    ) -> None:
        self._file = file
        self._sites = sites
        self._replacements = replacements
        self._definitions = replacements.definitions
        self._outside = outside
        self._in_use = in_use
        self._imports = Imports(file)
        self._chains = list(file.chains())
        self._edits: Edits = {}
        self._rewritten: set[cst.CSTNode] = set()
        self.done: dict[Site, None] = {}
        self.reasons: dict[Site, str] = {}

    def run(self) -> bytes | None:
        """Return the new content, `None` where nothing changes."""
        self._leave_modules()
        for site in self._open(*_USES):
            self._try(site, self._use)
        identifiers = Identifiers(self._file, self._chains, self._replacements)
        for site in self._open(Rule.OUT_OF_BAND_ID):
            self._try(site, lambda site: self._identifier(site, identifiers))
        for site in self._open(Rule.DEPRECATED_IMPORT):
            self._try(site, self._string)
        if not self.done:
            return None
        self._drop_unused()
        edits = {**self._edits, **self._imports.edits()}
        tree = self._imports.insert(_changed(self._file.tree, edits))
        return tree.bytes

    def _open(self, *rules: Rule) -> list[Site]:
        return [
            site for site in self._sites if site not in self.done and site not in self.reasons and site.rule in rules
        ]

    def _try(self, site: Site, rewrite: Callable[[Site], Edits]) -> None:
        try:
            with self._imports.all_or_nothing():
                edits = rewrite(site)
        except Uncertain as uncertain:
            self.reasons[site] = uncertain.reason
        else:
            self._edits.update(edits)
            self.done[site] = None

    # --- What an import brings: a file leaves a deprecated module as a whole

    def _leave_modules(self) -> None:
        bindings = self._bindings()
        groups: dict[tuple[str, str], list[_Binding]] = {}
        for one in bindings:
            groups.setdefault((one.site.ssot, one.old.module), []).append(one)
        for group in groups.values():
            trouble: dict[_Binding, str] = {}
            with suppress(Uncertain), self._imports.all_or_nothing():
                self._plan_all(group, trouble)
            for one in group:
                reason = trouble.get(one)
                if reason is None and trouble:
                    first, why = next(iter(trouble.items()))
                    reason = f"{first.old.last}, of the same module, stays: {why}"
                self._settle(one, reason)

    def _plan_all(self, group: Sequence[_Binding], trouble: dict[_Binding, str]) -> None:
        """Plan each binding; note in `trouble` which are not certain, and raise `Uncertain` where any is."""
        for one in group:
            try:
                self._plan(one)
            except Uncertain as uncertain:
                trouble[one] = uncertain.reason
        for reason in trouble.values():
            raise Uncertain(reason)

    def _bindings(self) -> list[_Binding]:
        found = []
        by_line: dict[int, list[Site]] = {}
        for site in self._sites:
            if site.rule is Rule.DEPRECATED_IMPORT:
                by_line.setdefault(site.line, []).append(site)
        for statement in self._imports.every:
            sites = by_line.get(self._file.statement_line(statement), [])
            if sites and isinstance(statement.names, cst.ImportStar):
                self.reasons.update(dict.fromkeys(sites, "a star import: import by name first"))
                continue
            for alias in names_of(statement) if sites else ():
                binding = self._binding(statement, alias, sites)
                if binding is not None:
                    found.append(binding)
        return found

    def _binding(self, statement: Import, alias: cst.ImportAlias, sites: Sequence[Site]) -> _Binding | None:
        named = self._file.imported(statement, alias)
        if named is None:
            return None
        meaning = ".".join(filter(None, named))
        exact = [site for site in sites if Name.of(site.target).dotted == meaning]
        through = [site for site in sites if Name.of(site.target).last == named[1]]
        for site in exact or through:
            old = Name.of(site.target)
            if not exact and len(through) > 1:
                continue
            assignment = self._file.assignment_of(statement, alias)
            chains = [one for one in self._chains if assignment in one.assignments]
            return _Binding(statement, alias, site, old, meaning, assignment, chains)
        return None

    def _settle(self, binding: _Binding, reason: str | None) -> None:
        sites = [binding.site, *(site for site in self._open(*_USES) if self._is_use_of(site, binding))]
        if reason is not None:
            self.reasons.update(dict.fromkeys(sites, reason))
            return
        self.done.update(dict.fromkeys(sites))
        self._edits.update(binding.edits)
        assert binding.change is not None
        self._imports.replace(binding.statement, binding.alias, *binding.change)

    def _is_use_of(self, site: Site, binding: _Binding) -> bool:
        old = str(binding.old)
        within = site.target == old or site.target.startswith((f"{old}.", f"{old}:"))
        return (
            site.ssot == binding.site.ssot
            and within
            and any(self._file.statement_line(one.nodes[0]) == site.line for one in binding.chains)
        )

    def _plan(self, binding: _Binding) -> None:
        """Plan how a binding is replaced; raise `Uncertain` where that is not certain."""
        self._check_proof(binding.statement, *(chain.nodes[0] for chain in binding.chains))
        self._check_bound_once(binding)
        self._check_guard(binding)
        if self._definitions.find(binding.old.module, binding.old.attribute).kind == "module" or (
            binding.old.attribute is None
        ):
            self._plan_module(binding)
            return
        old = binding.old
        new = self._new(binding.site, old, binding.statement)
        standing = {}
        for chain in binding.chains:
            node = chain.upto(binding.meaning)
            assert node is not None
            standing[chain] = self._instead(binding.site, new, node)
            binding.edits.update(self._used(binding.site, old, standing[chain], node))
        if standing and new not in standing.values():
            new = next(iter(standing.values()))
        assert new.attribute is not None
        first, _, rest = new.attribute.partition(".")
        home = Name(new.module, first)
        local = self._local(binding, home, forced=bool(rest))
        for chain, name in standing.items():
            if name != new:
                binding.edits[chain.nodes[0]] = self._spelled(name, chain.nodes[0])
            elif rest or local != binding.local:
                binding.edits[chain.nodes[0]] = cst.parse_expression(f"{local}.{rest}" if rest else local)
        binding.change = (home, local)

    def _check_guard(self, binding: _Binding) -> None:
        guarded = any(
            isinstance(one, cst.Try | cst.TryStar) and any(map(catches_import_error, one.handlers))
            for one in self._file.ancestors(binding.statement)
        )
        if guarded and self._definitions.find(binding.old.module, binding.old.attribute).kind == "absent":
            raise Uncertain(f"{binding.old} is gone, and the import stands in a try for that")
        if guarded and not binding.chains:
            raise Uncertain(f"the import stands in a try, and only looks whether {binding.old} is there")

    def _check_proof(self, *nodes: cst.CSTNode) -> None:
        """Raise `Uncertain` where a test proves that what stands at one of `nodes` is gone, or is refused."""
        for node in nodes:
            reason = proved_by(self._file, node)
            if reason is not None:
                raise Uncertain(reason)

    def _check_bound_once(self, binding: _Binding) -> None:
        assignment = binding.assignment
        if assignment is None:
            raise Uncertain(f"it is not clear what {binding.local} is bound to")
        for other in assignment.scope.assignments[binding.local]:
            if self._file.meaning(other) != binding.meaning:
                raise Uncertain(f"{binding.local} is bound elsewhere in the file as well")
        known = {one.nodes[0] for one in binding.chains}
        for access in assignment.references:
            root = access.node
            while isinstance(root, cst.Attribute):
                root = root.value  # type: ignore[assignment]
            if isinstance(root, cst.Name) and root not in known:
                raise Uncertain(f"{binding.local} is bound elsewhere in the file as well")

    def _named_in_text(self, binding: _Binding) -> bool:
        """Whether a string of the file, in `__all__` or as an annotation, names what the import binds."""
        assert binding.assignment is not None
        return any(evaluated(one) == binding.local for one in _strings(self._file)) or any(
            not isinstance(reference.node, (cst.Name, cst.Attribute)) for reference in binding.assignment.references
        )

    def _plan_module(self, binding: _Binding) -> None:
        old = binding.old
        module = old.dotted
        new_module = self._new_module(binding, module)
        same_top = new_module.partition(".")[0] == module.partition(".")[0]
        if isinstance(binding.statement, cst.Import) and binding.alias.asname is None:
            top = binding.local.partition(".")[0]
            others = [one for one in self._chains if one.nodes[0].value == top and one not in binding.chains]  # type: ignore[attr-defined]
            if others and not same_top:
                raise Uncertain(f"{top} is used for more than {module}")
        for chain in binding.chains:
            self._plan_chain(binding, chain, module, new_module)
        if isinstance(binding.statement, cst.Import):
            if binding.alias.asname is None:
                for chain in binding.chains:
                    node = chain.upto(binding.meaning)
                    if node is not None:
                        binding.edits[node] = cst.parse_expression(new_module)
            binding.change = (Name(new_module), binding.local)
            return
        above, _, last = new_module.rpartition(".")
        if not above:
            raise Uncertain(f"{new_module} is no part of a package")
        local = self._local(binding, Name(above, last))
        if local != binding.local:
            for chain in binding.chains:
                binding.edits[chain.nodes[0]] = cst.Name(local)
        binding.change = (Name(above, last), local)

    def _new_module(self, binding: _Binding, module: str) -> str:
        """Return the module that replaces `module` here: by its own entry, else by those of the names used of it."""
        try:
            found = self._new(binding.site, Name(module), binding.statement)
        except Uncertain:
            if not binding.chains:
                raise
        else:
            return found.dotted
        homes = set()
        for chain in binding.chains:
            name = _next(chain, binding.meaning)
            if name is None:
                raise Uncertain(f"{module} is handed on as a whole, and nothing replaces it as a whole")
            homes.add(self._new(binding.site, Name(module, name), binding.statement).module)
        if len(homes) > 1:
            raise Uncertain(f"what is used of {module} goes to {' and '.join(sorted(homes))}: import it by name first")
        return homes.pop()

    def _plan_chain(self, binding: _Binding, chain: Chain, module: str, new_module: str) -> None:
        name = _next(chain, binding.meaning)
        if name is None:
            self._plan_patched(binding, chain, module)
            return
        node = chain.upto(f"{binding.meaning}.{name}")
        assert isinstance(node, cst.Attribute)
        old = Name(module, name)
        new = self._new(binding.site, old, binding.statement)
        new = self._instead(binding.site, new, node)
        binding.edits.update(self._used(binding.site, old, new, node))
        if new.module != new_module or new.attribute is None:
            raise Uncertain(f"{old} goes to {new}, unlike its module")
        if new.attribute != name:
            binding.edits[node] = _attribute_renamer(new.attribute)

    def _plan_patched(self, binding: _Binding, chain: Chain, module: str) -> None:
        """Follow `patch.object(module, "name")` and `monkeypatch.setattr(module, "name", …)`."""
        argument = self._file.parents[chain.nodes[-1]]
        call = self._file.parents.get(argument)
        if not isinstance(argument, cst.Arg) or not isinstance(call, cst.Call) or len(call.args) < 2:
            return
        name = evaluated(call.args[1].value)
        if call.args[0] is not argument or name is None or callee(call) not in (*_PATCHES, "object"):
            return
        old = Name(module, name)
        self._check_unused(old)
        new = self._new(binding.site, old, binding.statement)
        if new.attribute != name and new.attribute is not None:
            binding.edits[call.args[1].value] = _string_like(call.args[1].value, new.attribute)

    # --- Checks

    def _new(self, site: Site, old: Name, statement: cst.CSTNode | None = None) -> Name:
        """Return what replaces `old`; raise `Uncertain` where importing it here would go in a circle."""
        new = self._replacements.of(site, old)
        own = self._file.module
        if own == new.module:
            raise Uncertain(f"{own} is where the replacement is defined")
        at_top = statement is None or self._file.body_of(statement) is self._file.tree
        if at_top:
            self._check_circle(new.module)
        return new

    def _check_circle(self, module: str) -> None:
        own = self._file.module
        if self._definitions.reaches(module, own) and not self._definitions.reaches(own, module):
            raise Uncertain(f"{module} imports this module: importing it here goes in a circle")

    def _instead(self, site: Site, new: Name, node: cst.CSTNode) -> Name:
        """Return what is to stand for `node`: `new`, or the accessor that a construction of `new` would bypass."""
        call = self._file.call_of(node)
        accessor = None if call is None else self._replacements.accessor(site, new)
        if call is None or accessor is None:
            return new
        found = self._definitions.find(accessor.module, accessor.attribute)
        if self._definitions.accepts(found, self._file.shape(call)) is False:
            raise Uncertain(f"constructing {new} bypasses {accessor.last}, which does not take these arguments")
        return accessor

    def _used(self, site: Site, old: Name, new: Name, node: cst.CSTNode) -> Edits:
        """Return what else changes where `node` stands for `old`; raise `Uncertain` where `new` cannot stand there."""
        was = self._definitions.find(old.module, old.attribute)
        now = self._definitions.find(new.module, new.attribute)
        parent = self._file.parents[node]
        call = self._file.call_of(node)
        if call is not None:
            self._replacements.check_call(was, now, new, self._file.shape(call))
            return self._used_result(site, old, was, now, call)
        if isinstance(parent, cst.Attribute) and parent.value is node:
            if now.kind == "function" and was.kind != "function":
                raise Uncertain(f"{parent.attr.value} is taken of {old.last}, and {new} is a function")
            return self._member(site, old, was, now, parent)
        if isinstance(parent, cst.Arg) and isinstance(self._file.parents[parent], cst.ClassDef):
            if now.kind not in ("class", "unknown"):
                raise Uncertain(f"a class derives from {old.last}, and {new} is no class")
        elif "unknown" not in (now.kind, was.kind) and was.kind != "absent" and now.kind != was.kind:
            raise Uncertain(f"{old.last} is not only called here, and {new} is a {now.kind}")
        return {}

    def _used_result(self, site: Site, old: Name, was: Definition, now: Definition, call: cst.Call) -> Edits:
        """Check the methods that are visibly called of what `call` gives; return how they are called from now on."""
        edits: Edits = {}
        gave, gives = self._definitions.result(was), self._definitions.result(now)
        owner = Name(gave.module, gave.node.name) if gave.kind == "class" else old  # type: ignore[union-attr]
        for attribute in self._file.uses_of_result(call):
            edits.update(self._member(site, owner, gave, gives, attribute, bound=True))
        return edits

    def _member(
        self,
        site: Site,
        owner: Name,
        was: Definition,
        now: Definition,
        attribute: cst.Attribute,
        *,
        bound: bool = False,
    ) -> Edits:
        name = attribute.attr.value
        renamed = self._replacements.method(site, owner, name, now)
        shown = getattr(now.node, "name", "the replacement")
        self._replacements.check_member(was, now, name, renamed, shown)
        call = self._file.call_of(attribute)
        if call is not None and bound:
            before, after = self._definitions.member(was, name), self._definitions.member(now, renamed)
            self._replacements.check_call(before, after, f"{shown}.{renamed}", self._file.shape(call), bound=True)
        return {} if renamed == name else {attribute: _attribute_renamer(renamed)}

    def _check_unused(self, old: Name) -> None:
        where = self._in_use(str(old))
        if where is not None:
            raise Uncertain(f"{where} still uses {old}: what replaces it must not be patched in its place")

    # --- Names

    def _local(self, binding: _Binding, home: Name, *, forced: bool = False) -> str:
        """Return the name to bind: the replacement's own, or the old one where that is safer."""
        wanted = home.last
        if binding.alias.asname is not None and not forced:
            return binding.local
        if wanted == binding.local:
            return wanted
        assignment = binding.assignment
        assert assignment is not None
        at_top = assignment.scope is self._file.module_scope
        nodes = [binding.statement, *(one.nodes[0] for one in binding.chains)]
        kept = (
            self._named_in_text(binding)
            or self._is_class_attribute(binding)
            or (at_top and self._outside(binding.local))
            or not self._free(wanted, home, nodes)
        )
        if kept and forced:
            raise Uncertain(f"{wanted} means something else here, or {binding.local} is used from elsewhere")
        return binding.local if kept else wanted

    def _is_class_attribute(self, binding: _Binding) -> bool:
        return any(isinstance(one, cst.ClassDef) for one in self._file.ancestors(binding.statement)) and (
            type(self._file.scope(binding.statement)).__name__ == "ClassScope"
        )

    def _free(self, wanted: str, home: Name, nodes: Iterable[cst.CSTNode]) -> bool:
        """Whether `wanted` means nothing else than `home` wherever `nodes` stand."""
        for scope in {self._file.scope(node) for node in nodes}:
            for one in scope[wanted]:
                if isinstance(one, BuiltinAssignment) or self._file.meaning(one) != home.dotted:
                    return False
        return True

    def _ensure(self, home: Name, node: cst.CSTNode) -> str:
        """Return the name by which `home` can be called where `node` stands, importing it where the module begins."""
        assert home.attribute is not None
        known = self._imports.bringing(home)
        if known is not None and self._free(known, home, [node]):
            return known
        if not self._free(home.attribute, home, [node]):
            raise Uncertain(f"{home.attribute} means something else here")
        if not self._file.scope(node)[home.attribute]:
            if not self._imports.starts_before(node):
                raise Uncertain(f"{home.attribute} would have to be imported before this line")
            self._imports.add(home, home.attribute)
        return home.attribute

    def _spelled(self, name: Name, node: cst.CSTNode) -> cst.BaseExpression:
        """Return how `name` is spelled where `node` stands, importing it where the module begins."""
        first, _, rest = (name.attribute or "").partition(".")
        local = self._ensure(Name(name.module, first), node)
        return cst.parse_expression(f"{local}.{rest}" if rest else local)

    # --- Single statements

    def _use(self, site: Site) -> Edits:
        """Rewrite what one statement uses through a module that it imports, or a class that it should not construct."""
        old = Name.of(site.target)
        edits: Edits = {}
        planned = []
        for chain in self._chains:
            node = chain.upto(old.dotted)
            if node is None or self._file.statement_line(node) != site.line:
                continue
            if site.rule is Rule.SINGLETON_BYPASS and self._file.call_of(node) is None:
                continue
            self._check_proof(node)
            new = self._new(site, old)
            if new.attribute is None:
                raise Uncertain(f"{new} is a module, and {old} is none")
            new = self._instead(site, new, node)
            edits.update(self._used(site, old, new, node))
            planned.append((chain, node, new))
        if not planned:
            return self._renamed_method(site, old)
        for _, node, new in planned:
            edits[node] = self._spelled(new, node)
        self._rewritten.update(chain.nodes[0] for chain, _, _ in planned)
        return edits

    def _renamed_method(self, site: Site, old: Name) -> Edits:
        above, _, method = (old.attribute or "").rpartition(".")
        if not above or site.rule is not Rule.DEPRECATED_USE:
            raise Uncertain(f"{old.last} is not named here: it comes through another name")
        new = self._replacements.of(site, old)
        owner, _, renamed = (new.attribute or "").rpartition(".")
        if (new.module, owner) != (old.module, above):
            raise Uncertain(f"{new} belongs to another class than {old}")
        found = [one for one in _attributes(self._file, method) if self._file.statement_line(one) == site.line]
        if not found:
            raise Uncertain(f"{method} is not named here")
        was = self._definitions.find(old.module, old.attribute)
        now = self._definitions.find(new.module, new.attribute)
        self._check_proof(*found)
        for one in found:
            call = self._file.call_of(one)
            if call is not None:
                self._replacements.check_call(was, now, new, self._file.shape(call), bound=True)
        return {one: _attribute_renamer(renamed) for one in found}

    def _identifier(self, site: Site, identifiers: Identifiers) -> Edits:
        template, places = identifiers.places(site)
        self._new_home(template.module)
        self._check_proof(*(place.node for place in places))
        edits: Edits = {}
        for place in places:
            locals_ = {name: self._ensure(Name(template.module, name), place.node) for name in template.names}
            if any(name != local for name, local in locals_.items()):
                raise Uncertain(f"{template.module} is imported here under another name")
            edits[place.node] = place.expression
        for place in places:
            self._rewritten.update(place.replaced)
        return edits

    def _new_home(self, module: str) -> None:
        own = self._file.module
        if own == module:
            raise Uncertain(f"{own} is where the replacement is defined")
        self._check_circle(module)

    # --- Strings

    def _string(self, site: Site) -> Edits:
        edits: Edits = {}
        old = Name.of(site.target)
        through = None
        for node in _strings(self._file):
            text = evaluated(node)
            argument = self._file.parents[node]
            call = self._file.parents.get(argument)
            if text is None or self._file.statement_line(node) != site.line:
                continue
            if not isinstance(argument, cst.Arg) or not isinstance(call, cst.Call) or call.args[0] is not argument:
                continue
            if callee(call) not in _PATCHES | _IMPORTERS:
                continue
            if text == old.dotted or text.startswith(f"{old.dotted}."):
                self._check_proof(node)
                edits[node] = self._new_text(site, text, node, patches=callee(call) in _PATCHES)
            elif text.rpartition(".")[2] == old.last:
                through = text
        if edits:
            return edits
        if through is not None:
            module = through.rpartition(".")[0]
            raise Uncertain(f"it names {old.last} in {module}, and goes with the import there")
        raise Uncertain(f"{old} is not spelled out here")

    def _new_text(self, site: Site, text: str, node: cst.CSTNode, *, patches: bool) -> cst.BaseExpression:
        imported = named_by_text(text, self._definitions.modules.exists)
        name = Name(imported.module, imported.attribute)
        new = self._replacements.of(site, name)
        if patches:
            self._check_unused(name)
        return _string_like(node, new.dotted)

    # --- Imports that nothing needs any more

    def _drop_unused(self) -> None:
        for statement in self._imports.every:
            for alias in names_of(statement):
                assignment = self._file.assignment_of(statement, alias)
                if assignment is None or not assignment.references:
                    continue
                local = alias.evaluated_alias or alias.evaluated_name
                if all(self._root(reference.node) in self._rewritten for reference in assignment.references) and not (
                    assignment.scope is self._file.module_scope and self._outside(local)
                ):
                    self._imports.drop(statement, alias)

    @staticmethod
    def _root(node: cst.CSTNode) -> cst.CSTNode:
        while isinstance(node, cst.Attribute):
            node = node.value
        return node


def _next(chain: Chain, reference: str) -> str | None:
    rest = chain.reference.removeprefix(reference).lstrip(".")
    return rest.partition(".")[0] or None


def _attribute_renamer(name: str) -> Callable[[cst.Attribute], cst.BaseExpression]:
    first, *rest = name.split(".")

    def rename(node: cst.Attribute) -> cst.BaseExpression:
        renamed: cst.BaseExpression = node.with_changes(attr=cst.Name(first))
        for one in rest:
            renamed = cst.Attribute(renamed, cst.Name(one))
        return renamed

    return rename


def _string_like(node: cst.CSTNode, text: str) -> cst.SimpleString:
    quote = node.quote if isinstance(node, cst.SimpleString) else '"'
    return cst.SimpleString(f"{quote}{text}{quote}")


def _strings(file: File) -> list[cst.BaseExpression]:
    found: list[cst.BaseExpression] = []

    class Collector(cst.CSTVisitor):
        def visit_SimpleString(self, node: cst.SimpleString) -> None:  # noqa: N802
            found.append(node)

        def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:  # noqa: N802
            found.append(node)
            return False

    file.tree.visit(Collector())
    return found


def _attributes(file: File, name: str) -> list[cst.Attribute]:
    found: list[cst.Attribute] = []

    class Collector(cst.CSTVisitor):
        def visit_Attribute(self, node: cst.Attribute) -> None:  # noqa: N802
            if node.attr.value == name:
                found.append(node)

    file.tree.visit(Collector())
    return found


def _changed(tree: cst.Module, edits: Edits) -> cst.Module:
    class Apply(cst.CSTTransformer):
        def on_leave(self, original: Any, updated: Any) -> Any:
            updated = super().on_leave(original, updated)
            if original not in edits:
                return updated
            edit = edits[original]
            if edit is None:
                return cst.RemoveFromParent()
            if isinstance(edit, list):
                return cst.FlattenSentinel(edit) if edit else cst.RemoveFromParent()
            return edit if isinstance(edit, cst.CSTNode) else edit(updated)

    changed = tree.visit(Apply())
    assert isinstance(changed, cst.Module)
    return changed
