"""Decide whether one thing can stand where another stood, and what else changes there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Set
from contextlib import AbstractContextManager

from pytest_ssot_tracker.fix.absence import proved_by
from pytest_ssot_tracker.fix.call_arguments import passed
from pytest_ssot_tracker.fix.editing import Edits
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.forwarding import Forward
from pytest_ssot_tracker.fix.members import BY_NAME, Members
from pytest_ssot_tracker.fix.parsed_file import File, callee, quoted_like
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.names.contents import built_in
from pytest_ssot_tracker.names.definitions import Definition
from pytest_ssot_tracker.names.syntax import bindings, literal_text
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings.argument_mapping import Passing

__all__ = ["Substitutes", "member_of"]


_BASES = frozenset({"ABC", "Generic", "Protocol"})
"""The last part of the names of bases that have no members that anybody would rename."""


class _Exchange(NamedTuple):
    """What a site names, what that is, and what is to stand there from now on."""

    site: Site
    old: Name
    was: Definition
    now: Definition


class Substitutes:
    """What may stand for deprecated names in `file`.

    `in_use(target)` says where a target is still used, `outside(name)` whether another file takes a name from this one,
    `held(name, member)` whether another one takes a member of something that is held by that name.
    """

    def __init__(
        self,
        file: File,
        replacements: Replacements,
        *,
        in_use: Callable[[str], str | None],
        outside: Callable[[str], bool],
        held: Callable[[str, str], bool],
    ) -> None:
        self._outside = outside
        self._held = held
        self._members = Members(file)
        self._file = file
        self._replacements = replacements
        self._definitions = replacements.definitions
        self._in_use = in_use

    # --- What replaces a name here

    def new(self, site: Site, old: Name, statement: ast.AST | None = None) -> Name:
        """Return what replaces `old`; raise `Uncertain` where importing it here would go in a circle."""
        new = self._replacements.of(site, old)
        self.check_home(new.module, at_top=statement is None or self._file.is_top(statement))
        return new

    def check_home(self, module: str, *, at_top: bool = True) -> None:
        """Raise `Uncertain` where this file cannot import `module`."""
        own = self._file.module
        if own == module:
            raise Uncertain(f"{own} is where the replacement is defined")
        if at_top and self._definitions.reaches(module, own) and not self._definitions.reaches(own, module):
            raise Uncertain(f"{module} imports this module: importing it here goes in a circle")

    def instead(self, site: Site, old: Name, new: Name, node: ast.AST) -> Name:
        """Return what is to stand for `node`: `new`, or the accessor that a construction of `new` would bypass."""
        call = self._file.call_of(node)
        accessor = None if call is None else self._replacements.accessor(site, new)
        if call is None or accessor is None:
            return new
        was, found = self._find(old), self._find(accessor)
        after = before = self._file.shape(call)
        passing = self._replacements.passing(site, old)
        if passing is not None:
            after = passed(self._file, call, passing, self._definitions, was, found, bound=False).shape
        if self._definitions.accepts(found, after) is not False or self._definitions.accepts(was, before) is False:
            return accessor
        if passing is not None:  # an entry that passes arguments to a class says that it is to be constructed
            return new
        raise Uncertain(f"constructing {new} bypasses {accessor.last}, which does not take these arguments")

    # --- What changes with it

    def used(self, site: Site, old: Name, new: Name, node: ast.AST) -> Edits:
        """Return what else changes where `node` stands for `old`; raise `Uncertain` where `new` cannot stand there."""
        exchange = _Exchange(site, old, self._find(old), self._find(new))
        was, now = exchange.was, exchange.now
        parent = self._file.parents[node]
        call = self._file.call_of(node)
        self._members.note(node)
        self._check_shown(node)
        if call is not None:
            edits = self._called(exchange, new, call)
            same = self._replacements.forward(site, old) is not None  # the very object that it gave before
            return edits if same else {**edits, **self._used_result(exchange, call)}
        self._members.move(self._replacements.moved_members(site, old), old.last)
        if isinstance(parent, ast.Attribute):
            if now.kind == "function" and was.kind != "function":
                raise Uncertain(f"{parent.attr} is taken of {old.last}, and {new} is a function")
            return self._member(exchange, parent)
        if isinstance(parent, ast.ClassDef) and node in parent.bases:
            self._check_base(exchange, new)
            return self._derived(exchange, parent)
        if isinstance(parent, ast.MatchClass) and parent.cls is node:
            self._check_pattern(exchange, parent)
            return {}
        if isinstance(parent, ast.Subscript) and parent.value is node:
            return self._looked_up(exchange, parent)
        if isinstance(parent, ast.Call) and callee(parent) in BY_NAME and node in parent.args[:1]:
            return self._named(exchange, parent)
        if self._is_handed_on(node, parent) and self._replacements.passing(site, old) is not None:
            raise Uncertain(f"{old.last} is not only called here, and its arguments change")
        if now.kind not in ("unknown", was.kind) and was.kind not in ("unknown", "absent"):
            raise Uncertain(f"{old.last} is not only called here, and {new} is a {now.kind}")
        edits = {}
        for attribute in self._file.uses_of_annotated(node):
            edits.update(self._member(exchange, attribute, bound=True))
        return edits

    def _check_base(self, exchange: _Exchange, new: Name) -> None:
        """Raise `Uncertain` where no class can derive from `new` as one does from what it replaces."""
        if exchange.now.kind not in ("class", "unknown"):
            raise Uncertain(f"a class derives from {exchange.old.last}, and {new} is no class")
        if self._replacements.passing(exchange.site, exchange.old) is not None:
            raise Uncertain(f"a class derives from {exchange.old.last}, and its arguments change")

    def _check_shown(self, node: ast.AST) -> None:
        if self._file.shows(node):
            raise Uncertain(f"the text in line {self._file.statement_line(node)} shows how it is spelled")

    def _derived(self, exchange: _Exchange, node: ast.ClassDef) -> Edits:
        """Return what changes where a class derives from another than before: how inherited members are called."""
        old = exchange.old
        moved = self._replacements.moved_members(exchange.site, old)
        own = {name for name, _ in bindings(node.body)}
        both = moved.keys() & own
        if both:
            raise Uncertain(f"{node.name} has a {min(both)} of its own in the place of that of {old.last}")
        self._check_arriving(node, old, moved)
        self._check_only_here(node, node.name, moved)
        edits: Edits = {}
        for attribute in self._file.inherited(node):
            if attribute.attr not in own:
                self._members.note(attribute.value)
                edits.update(self._member(exchange, attribute, bound=True))
        for read in self._file.reads_of(node):
            parent = self._file.parents[read]
            self._members.note(read)
            if isinstance(parent, ast.ClassDef) and read in parent.bases:
                edits.update(self._derived(exchange, parent))
            uses = self._file.uses_of_annotated(read)
            if isinstance(parent, ast.Call) and parent.func is read:
                uses = self._file.uses_of_result(parent)
                self._members.note(parent)
            elif isinstance(parent, ast.Attribute):
                uses = iter((parent,))
            for attribute in uses:
                if attribute.attr not in own:
                    edits.update(self._member(exchange, attribute, bound=parent is not attribute))
        return edits

    def _check_arriving(self, node: ast.ClassDef, old: Name, moved: Mapping[str, str]) -> None:
        """Raise `Uncertain` where a class that derives from another than before has, or inherits, a name that moves."""
        arriving = {new for name, new in moved.items() if new != name}
        taken = arriving & self._definitions.own_members(Definition("class", self._file.module, node))
        if taken:
            raise Uncertain(f"{node.name} has a {min(taken)} of its own, which is what replaces that of {old.last}")
        for base in node.bases if moved and len(node.bases) > 1 else ():
            names = self._of_base(base, old)
            if names is None:
                raise Uncertain(f"{node.name} also derives from {ast.unparse(base)}, which may have a {min(moved)}")
            both = names & (arriving | moved.keys())
            if both:
                raise Uncertain(f"{node.name} also derives from {ast.unparse(base)}, which has or takes a {min(both)}")

    def _of_base(self, base: ast.expr, old: Name) -> Set[str] | None:
        """Return the members that a base has or takes of itself, `None` where that is not known."""
        root = base.value if isinstance(base, ast.Subscript) else base
        chain = next((chain for chain in self._file.chains if chain.nodes[-1] is root), None)
        if chain is not None:
            if chain.reference == old.dotted or chain.reference.rpartition(".")[2] in _BASES:
                return frozenset()
            found = self._definitions.at(chain.reference)
            return self._definitions.every_member(found)
        bound = self._file.scope(root).lookup(root.id) if isinstance(root, ast.Name) else []
        if len(bound) == 1 and isinstance(bound[0].node, ast.ClassDef):
            return self._definitions.every_member(Definition("class", self._file.module, bound[0].node))
        builtin = built_in(root.id) if isinstance(root, ast.Name) and not bound else None
        return None if builtin is None else frozenset(dir(builtin))

    def _check_only_here(self, node: ast.AST, name: str, moved: Collection[str]) -> None:
        """Raise `Uncertain` where another file takes `name`, on which members are called otherwise from now on."""
        if moved and self._file.scope(node) is self._file.module_scope and self._outside(name):
            raise Uncertain(f"{name} is used from elsewhere, and its {min(moved)} is called otherwise from now on")

    def _is_handed_on(self, node: ast.AST, parent: ast.AST) -> bool:
        """Whether somebody else may call what `node` stands for: it is neither an annotation nor asked for its type."""
        if isinstance(parent, ast.Call):
            return node is not parent.func and callee(parent) not in ("isinstance", "issubclass", "cast")
        return not isinstance(parent, (ast.ExceptHandler, ast.Expr)) and not self._file.is_annotation(node)

    def _check_forward(self, old: Name, forward: Forward, now: Definition, call: ast.Call) -> None:
        """Raise `Uncertain` where a call is not the same as the body of what is called."""
        outer = self._file.parents[call]
        if forward.awaits and not now.is_async:
            raise Uncertain(f"{old.last} is awaited, and {forward.to} is not known to be")
        alone = isinstance(self._file.parents[outer] if isinstance(outer, ast.Await) else outer, ast.Expr)
        if not forward.returns and not alone:
            raise Uncertain(f"{old.last} gives back nothing, and what it calls may")

    def _called(self, exchange: _Exchange, new: Name, call: ast.Call) -> Edits:
        """Return how the arguments of a call change; raise `Uncertain` where `new` does not take them."""
        site, old, was, now = exchange
        forward = self._replacements.forward(site, old)
        through = "." in str(old.attribute) and self._definitions.is_static(was)  # called of the class
        if forward is not None:
            self._check_forward(old, forward, now, call)
            if self._definitions.accepts(was, self._file.shape(call), bound=through) is False:
                raise Uncertain(f"{old.last} does not take these arguments, and what it calls may")
        return self._arguments(call, self._replacements.passing(site, old), was, now, new, bound=through)

    def _arguments(
        self, call: ast.Call, passing: Passing | None, was: Definition, now: Definition, name: object, *, bound: bool
    ) -> Edits:
        """Return how the arguments of a call of `was` change for `now`, whose name is `name`; raise `Uncertain`."""
        before = self._file.shape(call)
        if passing is None:
            self._replacements.check_call(was, now, name, before, before, bound=bound)
            return {}
        after = passed(self._file, call, passing, self._definitions, was, now, bound=bound)
        self._replacements.check_call(was, now, name, before, after.shape, bound=bound)
        return after.edits

    def _used_result(self, exchange: _Exchange, call: ast.Call) -> Edits:
        """Check the methods that are visibly called of what `call` gives; return how they are called from now on."""
        site, old, was, now = exchange
        edits: Edits = {}
        gave, gives = self._definitions.result(was), self._definitions.result(now)
        owner = Name(gave.module, gave.node.name) if isinstance(gave.node, ast.ClassDef) else old
        moved = self._replacements.moved_members(site, owner)
        for node, name in self._file.names_given(call):
            self._check_only_here(node, name, moved)
        for name in self._file.held_as(call):
            member = next((member for member in sorted(moved) if self._held(name, member)), None)
            if member is not None:
                raise Uncertain(f"another file calls {member} of what {name} holds here")
        self._members.note(call)
        self._members.move(moved, owner.last)
        if gave.kind == "unknown" and was.kind == "function":
            self._members.move(self._replacements.every_moved_member(), "deprecated object")
        for attribute in self._file.uses_of_result(call):
            edits.update(self._member(_Exchange(site, owner, gave, gives), attribute, bound=True))
        return edits

    def _member(self, exchange: _Exchange, attribute: ast.Attribute, *, bound: bool = False) -> Edits:
        """Return how a member taken of an object, or with `bound` false of the class itself, is spelled from now on."""
        site, owner, was, now = exchange
        name = attribute.attr
        unknown = was.kind == "unknown" and name not in self._replacements.moved_members(site, owner)
        if unknown and name in self._replacements.every_moved_member():
            raise Uncertain(f"what {owner.last} gives is not known, and {name} may be called otherwise from now on")
        self._members.follow(attribute)
        renamed = self._renamed(exchange, name)
        call = self._file.call_of(attribute)
        passing = self._replacements.passing(site, owner.member(name))
        edits: Edits = {}
        if call is None and passing is not None:
            raise Uncertain(f"{name} is not only called here, and its arguments change")
        if call is not None and (bound or passing is not None):
            before, after = self._definitions.member(was, name), self._definitions.member(now, renamed)
            through = bound or self._definitions.is_static(before)
            edits.update(self._arguments(call, passing, before, after, f"{now.shown}.{renamed}", bound=through))
        if renamed != name:
            edits[self._file.attribute_span(attribute)] = (renamed,)
        if edits:
            self._check_shown(attribute)
        return edits

    def _renamed(self, exchange: _Exchange, name: str) -> str:
        """Return what the member `name` is called from now on; raise `Uncertain` where there is none by that name."""
        renamed = self._replacements.method(exchange.site, exchange.old, name, exchange.now)
        self._replacements.check_member(exchange.was, exchange.now, name, renamed)
        return renamed

    def _check_pattern(self, exchange: _Exchange, pattern: ast.MatchClass) -> None:
        """Check what a pattern takes of an object; how it is spelled from now on is for `check_followed`."""
        _, old, was, now = exchange
        if now.kind not in ("class", "unknown"):
            raise Uncertain(f"a pattern names {old.last}, and the replacement is a {now.kind}")
        for name in [*pattern.kwd_attrs, *(["__match_args__"] if pattern.patterns else [])]:
            self._replacements.check_member(was, now, name, name)

    def _looked_up(self, exchange: _Exchange, looked: ast.Subscript) -> Edits:
        """Return how a member of an enum is looked up by its name from now on."""
        site, old, _, now = exchange
        name = literal_text(looked.slice)
        moved = self._replacements.moved_members(site, old)
        if name is None and moved:
            raise Uncertain(f"which member of {old.last} is looked up is not known, and {min(moved)} has another name")
        if name not in moved:
            return {}
        renamed = self._replacements.method(site, old, str(name), now)
        return {self._file.span(looked.slice): (quoted_like(self._file, looked.slice, renamed),)}

    def _named(self, exchange: _Exchange, call: ast.Call) -> Edits:
        """Return how a member of a class is named by a text from now on, as in `patch.object(Log, "note")`."""
        text = call.args[1] if len(call.args) > 1 else None
        name = None if text is None else literal_text(text)
        if text is None or name is None:
            return {}
        if self._replacements.passing(exchange.site, exchange.old.member(name)) is not None:
            raise Uncertain(f"{name} is not only called here, and its arguments change")
        self._members.follow(text)
        renamed = self._renamed(exchange, name)
        return {} if renamed == name else {self._file.span(text): (quoted_like(self._file, text, renamed),)}

    def _find(self, name: Name) -> Definition:
        return self._definitions.find(name.module, name.attribute)

    # --- Methods that are deprecated by themselves

    def renamed_method(self, site: Site, old: Name) -> Edits:
        """Return how the calls of a deprecated method in the statement of `site` become those of another."""
        above, _, method = (old.attribute or "").rpartition(".")
        new = self._replacements.of(site, old)
        owner, _, renamed = (new.attribute or "").rpartition(".")
        if (new.module, owner) != (old.module, above):
            raise Uncertain(f"{new} belongs to another class than {old}")
        found = [node for node in self._file.attributes(method) if self._file.statement_line(node) == site.line]
        if not found:
            raise Uncertain(f"{method} is not named here")
        if len({ast.dump(node.value) for node in found}) > 1:
            raise Uncertain(f"several things are called here that may be {old.attribute}")
        was, now = self._find(old), self._find(new)
        self.check_proof(*found)
        passing = self._replacements.passing(site, old)
        edits: Edits = {}
        forward = self._replacements.forward(site, old)
        for node in found:
            self._members.follow(node, node.value)
            call = self._file.call_of(node)
            if call is not None and forward is not None:
                self._check_forward(old, forward, now, call)
            edits[self._file.attribute_span(node)] = (renamed,)
            if call is not None:
                edits.update(self._arguments(call, passing, was, now, new, bound=True))
            elif passing is not None:
                raise Uncertain(f"{method} is handed on, and its arguments change")
        return edits

    # --- Checks

    def all_or_nothing(self) -> AbstractContextManager[None]:
        """Forget what was to be called otherwise within the block where the block raises."""
        return self._members.all_or_nothing()

    def check_followed(self) -> None:
        """Raise `Uncertain` where a member that is called otherwise from now on is taken of who knows what."""
        self._members.check_followed()

    def check_proof(self, *nodes: ast.AST) -> None:
        """Raise `Uncertain` where a test proves that what stands at one of `nodes` is gone, or is refused."""
        for node in nodes:
            reason = proved_by(self._file, node)
            if reason is not None:
                raise Uncertain(reason)

    def changes_use(self, site: Site, old: Name) -> bool:
        """Whether what replaces a name is used otherwise: a module, or members or arguments that move."""
        moves = self._replacements.moved_members(site, old) or self._replacements.passing(site, old) is not None
        return old.attribute is None or bool(moves)

    def check_handed_on(self, site: Site, old: Name) -> None:
        """Raise `Uncertain` where others take a name from here that changes its members or arguments, and go on so."""
        if self.changes_use(site, old):
            where = self._in_use(str(old))
            if where is not None:
                raise Uncertain(f"{where} still uses {old}, perhaps through this module, and by names that change")

    def check_unused(self, old: Name) -> None:
        """Raise `Uncertain` where something still uses `old`, so that a patch must go on hitting it."""
        where = self._in_use(str(old))
        if where is not None:
            raise Uncertain(f"{where} still uses {old}: what replaces it must not be patched in its place")


def member_of(reference: str, whole: str) -> str | None:
    """Return the name right below `reference` in the dotted `whole`, `None` where that is all of it."""
    return whole.removeprefix(reference).lstrip(".").partition(".")[0] or None
