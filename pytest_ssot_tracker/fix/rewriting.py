"""Rewrite one file: decide for each site whether it is certain what to write there, then write all of it at once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from pytest_ssot_tracker.fix.argument_edits import argument_edits
from pytest_ssot_tracker.fix.bindings import PATCHES, BoundNames, FileNames, ImportPlan
from pytest_ssot_tracker.fix.editing import Edits, applied
from pytest_ssot_tracker.fix.fixes import Reason, Uncertain, Unfollowed
from pytest_ssot_tracker.fix.identifiers import FileIdentifiers
from pytest_ssot_tracker.fix.import_edits import ImportEdits
from pytest_ssot_tracker.fix.parsed_file import Chain, File, callee, local_of, quoted_like
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.fix.standins import Substitutes
from pytest_ssot_tracker.imported import named_by_text
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.settings.templates import Template

__all__ = ["FIXABLE", "Rewriting"]

_USES = (Rule.DEPRECATED_USE, Rule.DEPRECATED_BASE, Rule.DEPRECATED_ACCESS, Rule.SINGLETON_BYPASS)
FIXABLE = (*_USES, Rule.DEPRECATED_IMPORT, Rule.DEPRECATED_ARGUMENT, Rule.OUT_OF_BAND_ID)
_IMPORTERS = frozenset({"import_module", "__import__", "importorskip", "resolve_name", "run_module"})


class Rewriting:
    """The rewriting of one file.

    `outside(name)` tells whether another file takes `name` from this module, `patched(name)` whether one puts something
    else there, `held(name, member)` whether one takes a
    member of what something called `name` holds; `in_use(target)` says where something that is deprecated is still
    used, `None` where nowhere. Afterwards `done` holds the sites rewritten and `reasons`
    says of each other why not.
    """

    def __init__(
        self,
        file: File,
        sites: Sequence[Site],
        replacements: Replacements,
        *,
        outside: Callable[[str], bool],
        patched: Callable[[str], bool],
        in_use: Callable[[str], str | None],
        held: Callable[[str, str], bool],
    ) -> None:
        self._file = file
        self._sites = sites
        self._replacements = replacements
        self._imports = ImportEdits(file)
        self._names = FileNames(file, self._imports, outside=outside, patched=patched)
        self._standins = Substitutes(file, replacements, in_use=in_use, outside=outside, held=held)
        self._edits: Edits = {}
        self._rewritten: set[ast.AST] = set()
        self._gone: dict[ast.AST, str] = {}
        self._unfollowed: list[Site] = []
        self.done: dict[Site, None] = {}
        self.reasons: dict[Site, Reason] = {}

    def run(self) -> bytes | None:
        """Return the new content, `None` where nothing changes."""
        self._leave_modules()
        for sites in self._together(self._open(*_USES)):
            self._try(sites, self._uses)
        for sites in self._together(self._unfollowed):
            for site in sites:
                del self.reasons[site]
            self._try(sites, self._uses)
        for site in self._open(Rule.DEPRECATED_ARGUMENT):
            self._try([site], lambda sites: self._argument(sites[0]))
        identifiers = FileIdentifiers(self._file, self._replacements, spelled=self._spelled)
        for site in self._open(Rule.OUT_OF_BAND_ID):
            self._try([site], lambda sites: self._identifier(sites[0], identifiers))
        for site in self._open(Rule.DEPRECATED_IMPORT):
            self._try([site], lambda sites: self._string(sites[0]))
        if not self.done:
            return None
        self._drop_unused()
        changed = applied(self._file.data, {**self._edits, **self._imports.edits()})
        return changed.decode().encode(self._file.encoding)

    def _open(self, *rules: Rule) -> list[Site]:
        return [
            site for site in self._sites if site not in self.done and site not in self.reasons and site.rule in rules
        ]

    def _try(self, sites: Sequence[Site], rewrite: Callable[[Sequence[Site]], Edits]) -> None:
        """Rewrite all of `sites`, or none of them."""
        rewritten = {*self._rewritten}
        try:
            with self._imports.all_or_nothing(), self._standins.all_or_nothing():
                edits = rewrite(sites)
        except Uncertain as uncertain:
            if isinstance(uncertain, Unfollowed):
                self._unfollowed += (site for site in sites if site not in self._unfollowed)
            self._rewritten = rewritten
            self.reasons.update(dict.fromkeys(sites, Reason(uncertain.reason, module=uncertain.module)))
        else:
            self._edits.update(edits)
            self.done.update(dict.fromkeys(sites))
            self._all_gone(sites)

    def _together(self, sites: Sequence[Site]) -> list[list[Site]]:
        """Return `sites` in groups that stay or go as a whole: all that name one class through its module.

        Those come first, since others may go with them.
        """
        groups: dict[object, list[Site]] = {}
        for site in sites:
            together = self._is_class(site) and any(self._named_at(site, Name.of(site.target)))
            groups.setdefault((site.ssot, site.target) if together else site, []).append(site)
        return sorted(groups.values(), key=lambda group: not self._is_class(group[0]))

    def _is_class(self, site: Site) -> bool:
        """Whether a site uses a class, of which each name in a file has to mean the same."""
        old = Name.of(site.target)
        kind = self._replacements.definitions.find(old.module, old.attribute).kind
        called_like_one = old.last[:1].isupper() and not old.last.isupper()
        return site.rule is not Rule.SINGLETON_BYPASS and (kind == "class" or (kind == "unknown" and called_like_one))

    # --- What an import brings: what shares state leaves together

    def _leave_modules(self) -> None:
        bound = BoundNames(self._file, self._imports, self._names, self._standins, self._replacements)
        plans = bound.found(self._open(Rule.DEPRECATED_IMPORT))
        self.reasons.update(dict.fromkeys(bound.stars, Reason("a star import: import by name first")))
        groups = bound.groups(plans)
        # What one group follows may be all that another one waits for, so that those which stay are asked again.
        waiting = []
        for group in groups:
            if bound.decide(group):
                waiting.append(group)
            else:
                self._settle_all(bound, group, {})
        for group in waiting:
            self._settle_all(bound, group, bound.decide(group))

    def _settle_all(self, bound: BoundNames, group: Sequence[ImportPlan], trouble: Mapping[ImportPlan, str]) -> None:
        for plan in group:
            self._settle(plan, self._reason(bound, plan, trouble) if trouble else None)

    @staticmethod
    def _reason(bound: BoundNames, plan: ImportPlan, trouble: Mapping[ImportPlan, str]) -> Reason:
        """Return why a name stays: for a reason of its own, or for one that it shares something with."""
        if plan in trouble:
            return Reason(trouble[plan])
        first, why = next(iter(trouble.items()))
        return Reason(why, f"{first.old.last}, {bound.common(plan, first)}, stays: {why}")

    def _settle(self, plan: ImportPlan, reason: Reason | None) -> None:
        sites = [plan.site, *(site for site in self._open(*_USES) if self._is_use_of(site, plan))]
        if reason is not None:
            self.reasons.update(dict.fromkeys(sites, reason))
            return
        self.done.update(dict.fromkeys(sites))
        self._gone.update(dict.fromkeys((chain.root for chain in plan.chains), plan.site.ssot))
        self._edits.update(plan.edits)
        assert plan.change is not None
        self._imports.replace(plan.statement, plan.alias, *plan.change)

    def _is_use_of(self, site: Site, plan: ImportPlan) -> bool:
        old = str(plan.old)
        within = site.target == old or site.target.startswith((f"{old}.", f"{old}:"))
        return (
            site.ssot == plan.site.ssot
            and within
            and any(self._file.statement_line(chain.root) == site.line for chain in plan.chains)
        )

    # --- Single statements

    def _uses(self, sites: Sequence[Site]) -> Edits:
        """Rewrite what statements use of one thing, and where the file only names it: it is one thing, or the other."""
        self._check_set(sites[0])
        edits: Edits = {}
        for site in sites:
            edits.update(self._use(site))
        if edits and self._is_class(sites[0]):
            edits.update(self._named_besides(sites[0]))
        return edits

    def _all_gone(self, sites: Sequence[Site]) -> None:
        """Note that a name of what `sites` use leads elsewhere from now on, and with it whatever is bound to that."""
        for site in sites:
            for chain in self._file.chains if self._is_class(site) else ():
                if chain.root in self._rewritten and chain.upto(Name.of(site.target).dotted) is not None:
                    self._gone[chain.root] = site.ssot

    def _check_set(self, site: Site) -> None:
        """Raise `Uncertain` where the file sets or deletes, in its module, what a site uses."""
        old = Name.of(site.target)
        for chain in self._file.chains if "." not in (old.attribute or ".") else ():
            node = chain.upto(old.dotted)
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                raise Uncertain(f"line {self._file.statement_line(node)} sets {old.last} of {old.module}")

    def _named_besides(self, site: Site) -> Edits:
        """Rewrite where the file names, through a module, what is replaced in the statement of `site`."""
        old = Name.of(site.target)
        edits: Edits = {}
        for chain in self._file.chains:
            node = chain.upto(old.dotted)
            if not isinstance(node, ast.Attribute) or chain.root in self._rewritten or chain.root in self._gone:
                continue
            self._standins.check_proof(node)
            new = self._standins.instead(site, old, self._standins.new(site, old), node)
            edits.update(self._standins.used(site, old, new, node))
            edits[self._file.span(node)] = (self._names.spelled(new, node),)
            self._rewritten.add(chain.root)
        self._standins.check_followed()
        return edits

    def _use(self, site: Site) -> Edits:
        """Rewrite what one statement uses through a module that it imports, or a class that it should not construct."""
        old = Name.of(site.target)
        edits: Edits = {}
        planned = []
        for chain, node in self._named_at(site, old):
            self._standins.check_proof(node)
            new = self._standins.new(site, old)
            if new.attribute is None:
                raise Uncertain(f"{new} is a module, and {old} is none")
            new = self._standins.instead(site, old, new, node)
            edits.update(self._standins.used(site, old, new, node))
            planned.append((chain, node, new))
        if not planned:
            if self._comes_through(site, self._gone):
                return {}
            if "." not in (old.attribute or "") or site.rule is not Rule.DEPRECATED_USE:
                raise Uncertain(f"{old.last} is not named here: it comes through another name")
            return self._standins.renamed_method(site, old)
        self._standins.check_followed()
        for _, node, new in planned:
            edits[self._file.span(node)] = (self._names.spelled(new, node),)
        self._rewritten.update(chain.root for chain, _, _ in planned)
        return edits

    def _named_at(self, site: Site, old: Name) -> Iterator[tuple[Chain, ast.Name | ast.Attribute]]:
        """Yield where the statement of a site names `old`, or constructs it where that is the fault."""
        for chain in self._file.chains:
            node = chain.upto(old.dotted)
            if node is None or self._file.statement_line(node) != site.line:
                continue
            if site.rule is not Rule.SINGLETON_BYPASS or self._file.call_of(node) is not None:
                yield chain, node

    def _comes_through(self, site: Site, gone: Mapping[ast.AST, str]) -> bool:
        """Whether what a statement uses is a class or a second name of this file that does not lead there any more."""
        here = (node for node in self._file.nodes(ast.Name) if self._file.statement_line(node) == site.line)
        waiting: list[ast.AST] = [*here]
        seen = set(waiting)
        while waiting:
            node = waiting.pop()
            if gone.get(node) == site.ssot:
                return True
            found = [part for part in self._file.origins(node) if part not in seen]
            seen.update(found)
            waiting += found
        return False

    def _argument(self, site: Site) -> Edits:
        edits = argument_edits(self._file, self._replacements, site, check_proof=self._standins.check_proof)
        if edits.keys() & self._edits.keys():
            raise Uncertain("something else changes there: fix it again")
        return edits

    def _identifier(self, site: Site, identifiers: FileIdentifiers) -> Edits:
        template, places = identifiers.places(site)
        self._standins.check_home(template.module)
        self._standins.check_proof(*(place.node for place in places))
        patched = next((name for place in places for name in place.reached if self._names.patched(name)), None)
        if patched is not None:
            raise Uncertain(f"a test replaces {patched} of this module, and would replace nothing")
        edits = {self._file.span(place.node): place.pieces for place in places}
        for place in places:
            self._rewritten.update(place.replaced)
        return edits

    def _spelled(self, template: Template, node: ast.AST) -> Template:
        names = {name: self._names.ensure(Name(template.module, name), node) for name in template.names}
        return template.renamed(names)

    # --- Strings

    def _string(self, site: Site) -> Edits:
        edits: Edits = {}
        old = Name.of(site.target)
        through = None
        for node in self._file.strings:
            text = literal_text(node)
            call = self._file.parents.get(node)
            if text is None or self._file.statement_line(node) != site.line:
                continue
            if not isinstance(call, ast.Call) or not call.args or call.args[0] is not node:
                continue
            if callee(call) not in PATCHES | _IMPORTERS:
                continue
            if text == old.dotted or text.startswith(f"{old.dotted}."):
                self._standins.check_proof(node)
                new = self._new_text(site, text, patches=callee(call) in PATCHES)
                edits[self._file.span(node)] = (quoted_like(self._file, node, new),)
            elif text.rpartition(".")[2] == old.last:
                through = text
        if edits:
            return edits
        if through is not None:
            module = through.rpartition(".")[0]
            raise Uncertain(f"it names {old.last} in {module}, and goes with the import there", module=module)
        raise Uncertain(f"{old} is not spelled out here")

    def _new_text(self, site: Site, text: str, *, patches: bool) -> str:
        imported = named_by_text(text, self._replacements.definitions.modules.exists)
        name = Name(imported.module, imported.attribute)
        new = self._replacements.of(site, name)
        if patches:
            self._standins.check_unused(name)
        return new.dotted

    # --- Imports that nothing needs any more

    def _drop_unused(self) -> None:
        for statement in self._file.imports:
            for alias in statement.names:
                binding = self._file.binding_of(statement, alias)
                if binding is None or not binding.reads:
                    continue
                outside = binding.scope is self._file.module_scope and self._names.outside(local_of(statement, alias))
                if all(read in self._rewritten for read in binding.reads) and not outside:
                    self._imports.drop(statement, alias)
