"""Plan what becomes of the names that imports bring: with their uses they go to what replaces them, or they stay."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from operator import attrgetter

from pytest_ssot_tracker.fix.absence import catches_import_error, is_try
from pytest_ssot_tracker.fix.editing import Edits
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.import_edits import ImportEdits
from pytest_ssot_tracker.fix.parsed_file import Chain, File, Import, callee, local_of, quoted_like
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.fix.scoping import Binding
from pytest_ssot_tracker.fix.sharing import Sharing
from pytest_ssot_tracker.fix.standins import Substitutes, member_of
from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.records import dataclass, field

__all__ = ["PATCHES", "BoundNames", "FileNames", "ImportPlan"]

PATCHES = frozenset({"patch", "setattr", "delattr", "multiple", "dict"})
"""The last part of the names of what puts something else in the place of what a text or an attribute names."""


@dataclass(slots=True, eq=False)
class ImportPlan:
    """One name that an import brings and that is a site: `meaning` is how the import spells what is `old`.

    `edits` and `change` are filled in: what changes with its uses, and what the import brings from then on.
    """

    statement: Import
    alias: ast.alias
    site: Site
    old: Name
    meaning: str
    binding: Binding | None
    chains: list[Chain] = field(default_factory=list)
    edits: Edits = field(default_factory=dict)
    change: tuple[Name, str] | None = None

    @property
    def local(self) -> str:
        """Return the name that the import binds."""
        return local_of(self.statement, self.alias)

    @property
    def is_path(self) -> bool:
        """Whether it is `import a.b`, which binds `a`."""
        return isinstance(self.statement, ast.Import) and self.alias.asname is None


class FileNames:
    """The names that mean something in `file`: which are free, and how a new one is spelled.

    `outside(name)` tells whether another file takes `name` from this module, `patched(name)` whether one puts something
    else there.
    """

    def __init__(
        self, file: File, imports: ImportEdits, *, outside: Callable[[str], bool], patched: Callable[[str], bool]
    ) -> None:
        self._file = file
        self._imports = imports
        self.outside = outside
        self.patched = patched

    def is_free(self, wanted: str, home: Name, nodes: Iterable[ast.AST]) -> bool:
        """Whether `wanted` means nothing else than `home` wherever `nodes` stand."""
        for scope in {self._file.scope(node) for node in nodes}:
            bindings = scope.lookup(wanted)
            if any(self._file.meaning(binding) != home.dotted for binding in bindings):
                return False
            if not bindings and self._file.knows(wanted, scope):
                return False
        return True

    def ensure(self, home: Name, node: ast.AST) -> str:
        """Return the name by which `home` can be called where `node` stands, importing it where the module begins."""
        assert home.attribute is not None
        known = self._imports.bringing(home, node)
        if known is not None and self.is_free(known, home, [node]):
            return known
        wanted = next((name for name in _spellings(home) if self.is_free(name, home, [node])), None)
        if wanted is None:
            raise Uncertain(f"{home.attribute} means something else here")
        bound = self._file.scope(node).lookup(wanted)
        if not any(self._imports.is_there(binding.node, node) for binding in bound):
            if not self._imports.starts_before(node):
                raise Uncertain(f"{home.attribute} would have to be imported before this line")
            self._imports.add(home, wanted)
        return wanted

    def spelled(self, name: Name, node: ast.AST) -> str:
        """Return how `name` is spelled where `node` stands, importing it where the module begins."""
        first, dot, rest = (name.attribute or "").partition(".")
        return self.ensure(Name(name.module, first), node) + dot + rest


def _spellings(home: Name) -> Iterator[str]:
    """Yield what a name may be called here: as it is, or with what it is of where that is taken."""
    last = str(home.attribute)
    yield last
    above = next((part for part in reversed(home.module.split(".")) if part != last), "new")
    yield f"{above}_{last}"


class BoundNames:
    """What becomes of the names that the imports of one file bring."""

    def __init__(
        self, file: File, imports: ImportEdits, names: FileNames, standins: Substitutes, replacements: Replacements
    ) -> None:
        self._file = file
        self._imports = imports
        self._names = names
        self._standins = standins
        self._replacements = replacements
        self._definitions = replacements.definitions
        self.stars: list[Site] = []

    # --- Which there are

    def found(self, sites: Iterable[Site]) -> list[ImportPlan]:
        """Return the names behind import sites; `stars` are those where it is not written down which."""
        plans = []
        by_line = grouped(sites, attrgetter("line"))
        for statement in self._file.imports:
            here = by_line.get(self._file.statement_line(statement), [])
            if here and statement.names[0].name == "*":
                self.stars += here
                continue
            plans += [plan for alias in statement.names if here and (plan := self._plan_of(statement, alias, here))]
        return plans

    def _plan_of(self, statement: Import, alias: ast.alias, sites: Sequence[Site]) -> ImportPlan | None:
        named = self._file.imported(statement, alias)
        if named is None:
            return None
        meaning = ".".join(filter(None, named))
        exact = [site for site in sites if Name.of(site.target).dotted == meaning]
        through = [site for site in sites if Name.of(site.target).last == named[1]]
        for site in exact or through:
            if not exact and len(through) > 1:
                continue
            binding = self._file.binding_of(statement, alias)
            chains = [chain for chain in self._file.chains if binding in chain.bindings and chain.means(meaning)]
            return ImportPlan(statement, alias, site, Name.of(site.target), meaning, binding, chains)
        return None

    # --- What shares state leaves together

    def groups(self, plans: Iterable[ImportPlan]) -> list[list[ImportPlan]]:
        """Return `plans` in groups of those that share something; each may go without the others."""
        found: list[list[ImportPlan]] = []
        for table in grouped(plans, attrgetter("site.ssot")).values():
            found += Sharing.groups((plan, self.shared(plan)) for plan in table)
        return found

    def shared(self, plan: ImportPlan) -> frozenset[str]:
        """Return what the things behind a name share with others, without what lives where the replacements do."""
        old = plan.old
        if old.attribute is not None and self._replacements.forward(plan.site, old) is not None:
            return frozenset()  # what it hands on to is the same for all of them
        names = [None if old.attribute is None else old.attribute.partition(".")[0]]
        if old.attribute is None and plan.chains:
            names = [member_of(plan.meaning, chain.reference) for chain in plan.chains]
        found = frozenset[str]().union(*(self._replacements.sharing(old.module, name) for name in names))
        homes = self._replacements.homes(plan.site)
        kept = frozenset(name for name in found if not homes & {name, name.rpartition(".")[0]})
        return kept | {name for name in self._set_from_here if f"{name}.".startswith(f"{plan.meaning}.")}

    @cached_property
    def _set_from_here(self) -> frozenset[str]:
        """Return the names of modules that this file sets or deletes there: who uses one sees that."""
        last = ((chain.reference, chain.nodes[-1]) for chain in self._file.chains)
        return frozenset(
            name for name, node in last if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        )

    def common(self, plan: ImportPlan, other: ImportPlan) -> str:
        """Return what `other` is to `plan`, in words."""
        both = sorted((self.shared(plan) & self.shared(other)) - {plan.old.module})
        return f"which shares {both[0].rpartition('.')[2]} with it" if both else "of the same module"

    def decide(self, plans: Sequence[ImportPlan]) -> dict[ImportPlan, str]:
        """Plan all of a group, or none of it; return why those stay that do."""
        trouble: dict[ImportPlan, str] = {}
        with suppress(Uncertain), self._imports.all_or_nothing(), self._standins.all_or_nothing():
            for plan in plans:
                try:
                    self._decide(plan)
                except Uncertain as uncertain:
                    trouble[plan] = uncertain.reason
            for reason in trouble.values():
                raise Uncertain(reason)
            try:
                self._standins.check_followed()
            except Uncertain as uncertain:
                trouble[plans[0]] = uncertain.reason
                raise
        return trouble

    def _decide(self, plan: ImportPlan) -> None:
        """Plan how a name is replaced; raise `Uncertain` where that is not certain."""
        plan.edits.clear()
        self._standins.check_proof(plan.statement, *(chain.root for chain in plan.chains))
        self._check_bound_once(plan)
        self._check_guard(plan)
        self._check_by_text(plan)
        kind = self._definitions.find(plan.old.module, plan.old.attribute).kind
        if kind == "module" or plan.old.attribute is None:
            self._decide_module(plan)
        else:
            self._decide_name(plan)

    def _decide_name(self, plan: ImportPlan) -> None:
        old = plan.old
        new = self._standins.new(plan.site, old, plan.statement)
        standing: dict[Chain, Name] = {}
        for chain in plan.chains:
            node = chain.upto(plan.meaning)
            assert node is not None
            standing[chain] = self._standins.instead(plan.site, old, new, node)
            plan.edits.update(self._standins.used(plan.site, old, standing[chain], node))
        if standing and new not in standing.values():
            new = next(iter(standing.values()))
        at_top = plan.binding is not None and plan.binding.scope is self._file.module_scope
        if at_top and self._names.outside(plan.local):
            self._standins.check_handed_on(plan.site, old)
        assert new.attribute is not None
        first, _, rest = new.attribute.partition(".")
        home = Name(new.module, first)
        local = self._local(plan, home, forced=bool(rest))
        for chain, name in standing.items():
            node = chain.upto(plan.meaning)
            assert node is not None
            if name != new:
                plan.edits[self._file.span(node)] = (self._names.spelled(name, chain.root),)
            elif rest or local != plan.local:
                plan.edits[self._file.span(node)] = (f"{local}.{rest}" if rest else local,)
        plan.change = (home, local)

    # --- Modules

    def _decide_module(self, plan: ImportPlan) -> None:
        module = plan.old.dotted
        new_module = self._new_module(plan, module)
        if plan.is_path:
            self._check_only_user(plan, module, new_module)
        for chain in plan.chains:
            self._decide_chain(plan, chain, module, new_module)
        if isinstance(plan.statement, ast.Import):
            for chain in plan.chains if plan.is_path else ():
                node = chain.upto(plan.meaning)
                if node is not None:
                    plan.edits[self._file.span(node)] = (new_module,)
            plan.change = (Name(new_module), plan.local)
            return
        above, _, last = new_module.rpartition(".")
        if not above:
            raise Uncertain(f"{new_module} is no part of a package")
        local = self._local(plan, Name(above, last))
        for chain in plan.chains if local != plan.local else ():
            plan.edits[self._file.span(chain.root)] = (local,)
        plan.change = (Name(above, last), local)

    def _check_only_user(self, plan: ImportPlan, module: str, new_module: str) -> None:
        """Raise `Uncertain` where `import a.b` also brings the `a` that something else uses, and goes elsewhere."""
        if new_module.partition(".")[0] == plan.local:
            return
        others = [chain for chain in self._file.chains if plan.binding in chain.bindings and chain not in plan.chains]
        if others:
            raise Uncertain(f"{plan.local} is used for more than {module}")

    def _new_module(self, plan: ImportPlan, module: str) -> str:
        """Return the module that replaces `module` here: by its own entry, else by those of the names used of it."""
        try:
            found = self._standins.new(plan.site, Name(module), plan.statement)
        except Uncertain:
            if not plan.chains:
                raise
        else:
            return found.dotted
        homes = set()
        for chain in plan.chains:
            name = member_of(plan.meaning, chain.reference)
            if name is None:
                raise Uncertain(f"{module} is handed on as a whole, and nothing replaces it as a whole")
            homes.add(self._standins.new(plan.site, Name(module, name), plan.statement).module)
        if len(homes) > 1:
            raise Uncertain(f"what is used of {module} goes to {' and '.join(sorted(homes))}: import it by name first")
        return homes.pop()

    def _decide_chain(self, plan: ImportPlan, chain: Chain, module: str, new_module: str) -> None:
        name = member_of(plan.meaning, chain.reference)
        if name is None:
            self._decide_patched(plan, chain, module)
            return
        node = chain.upto(f"{plan.meaning}.{name}")
        assert isinstance(node, ast.Attribute)
        old = Name(module, name)
        if not isinstance(node.ctx, ast.Load):
            self._standins.check_unused(old)
        new = self._standins.new(plan.site, old, plan.statement)
        new = self._standins.instead(plan.site, old, new, node)
        plan.edits.update(self._standins.used(plan.site, old, new, node))
        if new.module != new_module or new.attribute is None:
            raise Uncertain(f"{old} goes to {new}, unlike its module")
        if new.attribute != name:
            plan.edits[self._file.attribute_span(node)] = (new.attribute,)

    def _decide_patched(self, plan: ImportPlan, chain: Chain, module: str) -> None:
        """Follow `patch.object(module, "name")` and `monkeypatch.setattr(module, "name", …)`."""
        call = self._file.parents.get(chain.nodes[-1])
        if not isinstance(call, ast.Call) or len(call.args) < 2 or call.args[0] is not chain.nodes[-1]:
            return
        name = literal_text(call.args[1])
        if name is None or callee(call) not in (*PATCHES, "object"):
            return
        old = Name(module, name)
        self._standins.check_unused(old)
        new = self._standins.new(plan.site, old, plan.statement)
        if new.attribute != name and new.attribute is not None:
            plan.edits[self._file.span(call.args[1])] = (quoted_like(self._file, call.args[1], new.attribute),)

    # --- Checks

    def _check_guard(self, plan: ImportPlan) -> None:
        guarded = any(
            is_try(node) and any(map(catches_import_error, node.handlers))  # type: ignore[attr-defined]
            for node in self._file.ancestors(plan.statement)
        )
        if guarded and self._definitions.find(plan.old.module, plan.old.attribute).kind == "absent":
            raise Uncertain(f"{plan.old} is gone, and the import stands in a try for that")
        if guarded and not plan.chains:
            raise Uncertain(f"the import stands in a try, and only looks whether {plan.old} is there")

    def _check_by_text(self, plan: ImportPlan) -> None:
        """Raise `Uncertain` where a name is also reached without being named, and is to be used otherwise."""
        if not self._standins.changes_use(plan.site, plan.old):
            return
        if plan.binding is not None and plan.binding.scope.kind == "class":
            raise Uncertain(f"{plan.local} is an attribute of a class, and is to be used otherwise")
        if self._file.is_looked_up(plan.local):
            raise Uncertain(f"a text names {plan.local}, which is to be used otherwise")

    def _check_bound_once(self, plan: ImportPlan) -> None:
        if plan.binding is None:
            raise Uncertain(f"it is not clear what {plan.local} is bound to")
        meaning = self._file.meaning(plan.binding)
        for other in plan.binding.scope.bindings[plan.local]:
            if self._file.meaning(other) != meaning:
                raise Uncertain(f"{plan.local} is bound elsewhere in the file as well")
        known = {chain.root for chain in self._file.chains if plan.binding in chain.bindings}
        if any(read not in known for read in plan.binding.reads):
            raise Uncertain(f"{plan.local} is bound elsewhere in the file as well")

    # --- What it is called

    def _local(self, plan: ImportPlan, home: Name, *, forced: bool = False) -> str:
        """Return the name to bind: the replacement's own, or the old one where that is safer."""
        wanted = home.last
        if plan.alias.asname is not None and not forced:
            return plan.local
        if wanted == plan.local:
            return wanted
        assert plan.binding is not None
        at_top = plan.binding.scope is self._file.module_scope
        kept = (
            plan.binding.scope.kind == "class"
            or plan.local in self._file.scope(plan.statement).elsewhere
            or plan.local in self._file.quoted
            or self._file.is_looked_up(plan.local)
            or self._file.is_told(plan.local, plan.binding.scope)
            or any(text.value == plan.local for text in self._file.strings)
            or (at_top and self._names.outside(plan.local))
            or not self._names.is_free(wanted, home, [plan.statement, *(chain.root for chain in plan.chains)])
        )
        if kept and forced:
            raise Uncertain(f"{wanted} means something else here, or {plan.local} is used from elsewhere")
        return plan.local if kept else wanted
