"""Read one file: its statements in order, each name with what it means there, into facts.

Straight-line code is read as it runs: the last binding counts. After branches a name may be what it is at the end of
any of them; the body of a function sees its module as it is at the end.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from pytest_ssot_tracker.imported import BY_STRING, named_by_call, named_by_statement, package_of
from pytest_ssot_tracker.model import Flag, squeeze
from pytest_ssot_tracker.names.module_getattr import leads, served
from pytest_ssot_tracker.names.syntax import UNREADABLE, listed_names, literal_text, literal_texts, parametrized
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.scan.clock import (
    NUMBER,
    READS,
    SHOWN,
    SINKS,
    TEXT,
    clock_of_call,
    is_now,
    makes_identifier,
    placeholders_only,
    shows_date,
)
from pytest_ssot_tracker.scan.facts import Event, Facts, StatementSpan
from pytest_ssot_tracker.scan.given import Given
from pytest_ssot_tracker.scan.held import (
    ANY,
    CALLS,
    HELD,
    KEYED,
    METHODS,
    RUN,
    RUN_BY_METHODS,
    held,
    is_held,
    iterated,
    key_of,
    met,
    promised,
    taken,
    together,
    unpacked,
)
from pytest_ssot_tracker.scan.needles import Words, parts_of
from pytest_ssot_tracker.scan.scopes import NOTHING, OpenScope, References, joined
from pytest_ssot_tracker.scan.told_texts import ToldTexts
from pytest_ssot_tracker.source import SourceFile

__all__ = ["Reading"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_GUARDS = frozenset({"builtins.ImportError", "builtins.ModuleNotFoundError"})
_RAISES = frozenset({"pytest.raises", "contextlib.suppress"})
_PATCH_OBJECT = frozenset(
    {
        *("unittest.mock.patch.object", "mock.patch.object", "mocker.patch.object"),
        *("monkeypatch.setattr", "monkeypatch.delattr", "pytest.MonkeyPatch.setattr", "pytest.MonkeyPatch.delattr"),
    }
)
_FIXTURES = frozenset({"monkeypatch", "mocker"})
_NOT_RUN = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})
_MAKERS = frozenset({"default_factory", "default", "factory"})
_SHOWN_PARTS = frozenset({"hex", "int", "bytes"})
_STAMP = "<stamp>"
"""Marks a text that was put together with the clock."""


@dataclass(slots=True)
class _Stamp:
    """A text put together with the clock: where, and whether it is only logged, printed or raised."""

    at: ast.AST
    line: int
    scope: str
    flags: tuple[Flag, ...]
    later: bool
    used: bool = False
    sunk: bool = False


class Reading:
    """Read one parsed file into facts; `words` say which references are worth keeping.

    `known` holds the attributes of instances that an earlier reading of the same file learned.
    """

    def __init__(self, file: SourceFile, facts: Facts, words: Words, *, clock: bool) -> None:
        self._file = file
        self.facts = facts
        self._words = words
        self._clock = clock and words.clock
        self._home = facts.module in words.homes
        self._prefix = f"{facts.module}."
        self._derived: set[str] = set()
        self._module = OpenScope("module", "")
        self._scope = self._module
        self._at: ast.AST | None = None
        self._flags: tuple[Flag, ...] = ()
        self._sink = 0
        self._deferred: list[Callable[[], None]] = []
        self._places: dict[ast.AST, int] = {}
        self._events: dict[Event, None] = {}
        self._stamps: dict[str, _Stamp] = {}
        self.bound: set[str] = set()
        self._attributes: dict[str, References] = {}
        self._mattering: dict[str, bool] = {}
        self._starred: set[str] = set()
        self._instead: list[str] = []
        self._fallbacks: dict[str, list[str]] = {}
        self._imported_anyway: set[str] = set()
        self._entered: set[str] = set()
        self._fixtures: dict[str, str] = {}
        self._of_class: dict[str, References] = {}
        self._told_texts: ToldTexts | None = None

    # --- The whole file

    def read(self) -> None:
        """Fill the facts; read again while attributes and globals are learned that an earlier line may use."""
        for _ in range(3):
            self._asked: dict[str, References | None] = {}
            before = dict(self._module.ever)
            self._events.clear()
            self._stamps.clear()
            self._module.names = {}
            self._globals = dict(self._module.ever)
            self._run(self._file.tree.body)
            for name, references in self._globals.items():
                self._module.names[name] = joined(self._module.names.get(name, NOTHING), references)
            while self._deferred:
                self._deferred.pop(0)()
            later = any(self._attributes.get(name) != seen for name, seen in self._asked.items())
            if not later and before == self._module.ever:
                break
        self._finish()

    def _finish(self) -> None:
        facts = self.facts
        for stamp in self._stamps.values():
            if stamp.used or not stamp.sunk:
                self._put(
                    "clock",
                    "time-format",
                    at=stamp.at,
                    scope=stamp.scope,
                    flags=stamp.flags,
                    line=stamp.line,
                    later=stamp.later,
                )
        if "__getattr__" in self._file.text:
            self._answer()
        listed = listed_names(self._file.tree.body) if "__all__" in self._file.text else None
        if listed is not None:
            names, is_open = listed
            facts.public = [*dict.fromkeys(names), *(["*"] if is_open else [])]
        for name, references in self._module.names.items():
            own = f"{facts.module}.{name}"
            kept = [
                reference
                for reference in references
                if reference != own and (is_held(reference) or not reference.startswith("<"))
            ]
            if kept:
                facts.names[name] = self._told(kept)
        for name, references in self._attributes.items():
            facts.attributes[name] = self._told(references)
        facts.bases = {name: self._told(references) for name, references in facts.bases.items()}
        facts.fallbacks = {
            fallback: first
            for fallback, first in self._fallbacks.items()
            if not any(_overlap(fallback, other) for other in self._imported_anyway)
        }
        facts.events = list(self._events)
        if self._starred:
            facts.events = [event._replace(what=self._with_star(event.what)) for event in facts.events]

    def _answer(self) -> None:
        """Note the names that the module gives out when it is asked, and where they come from."""
        facts = self.facts
        given = dict(leads(self._file.tree, package_of(facts.module, is_package=facts.is_package)))
        known = {*self._module.names}
        known |= {reference.rpartition(".")[0].removeprefix(f"{facts.module}.") for reference in given.values()}
        for name, kind in served(self._file.tree).items():
            if name not in known:
                facts.defined.setdefault(name, kind)
        for name, reference in given.items():
            if name not in self._module.names:
                facts.defined.setdefault(name, "served")
                self._module.names[name] = (reference,)

    def _told(self, references: Iterable[str]) -> list[str]:
        return [self._with_star(reference) for reference in references] if self._starred else list(references)

    def _with_star(self, reference: str) -> str:
        """Return `reference` with a mark if only a star import may have brought it."""
        for base in self.facts.stars:
            below = reference.removeprefix(f"{base}.")
            if below != reference and below.partition(".")[0].removesuffix("()").removesuffix("[]") in self._starred:
                return f"{base}.*{below}"
        return reference

    def _run(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._at = statement
            method = _STATEMENTS.get(type(statement))
            if method is None:
                self._children(statement)
            else:
                method(self, statement)

    # --- What is found

    def _put(
        self,
        kind: str,
        what: str,
        more: str = "",
        *,
        at: ast.AST | None = None,
        scope: str | None = None,
        flags: tuple[Flag, ...] | None = None,
        line: int | None = None,
        later: bool | None = None,
    ) -> None:
        node = at or self._at
        assert node is not None
        number = self._places.get(node)
        if number is None:
            name = self._scope.name if scope is None else scope
            statement = self._file.statement_of(node, name or "<module>")
            assert statement is not None
            number = self._places[node] = len(self.facts.places)
            shown, scope = self._file.shown(statement.line, statement.scope)
            text, ordinal = self._file.text_of(statement), self._file.ordinal_of(statement)
            extent = (statement.column, statement.end_line, statement.end_column)
            self.facts.places.append(StatementSpan(shown, scope, text, ordinal, squeeze(text), *extent))
        flags = self._flags if flags is None else flags
        line = getattr(node, "lineno", 1) if line is None else line
        later = self._scope.later if later is None else later
        self._events[Event(kind, what, more, number, flags, line, later)] = None

    def _say(self, kind: str, references: References, *, line: int | None = None, node: ast.expr | None = None) -> None:
        more = str(_attributes_of(node)) if node is not None and self._words.instances else ""
        for reference in references:
            if reference[0] == "<" or not (self._home or self._matter(reference)):
                continue
            if self._home and reference.startswith(self._prefix):
                own = reference[len(self._prefix) :].replace("()", "")
                users = self.facts.uses.setdefault(own, [])
                if (self._scope.name or "<module>") not in users:
                    users.append(self._scope.name or "<module>")
            if self._matter(reference):
                self._put(kind, reference, more, line=line)

    # --- Names

    def _name(self, name: str) -> References:
        found = self._scope.lookup(name)
        if found is not None:
            return found
        if self.facts.stars:
            self._starred.add(name)
        stars = tuple(f"{base}.{name}" for base in self.facts.stars)
        return (*stars, f"builtins.{name}")

    def _bind(self, target: ast.expr, references: References, *, taken: bool = False) -> None:
        """Bind `target`; `taken` tells that `references` were taken out of a container."""
        if isinstance(target, ast.Name):
            self._bind_name(target.id, references, taken=taken)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._take_apart(target.elts, references)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, held(references, ANY))
        elif isinstance(target, ast.Attribute):
            self._written(target)
            self._set_on(target, references)
        else:
            self._value(target)
            if isinstance(target, ast.Subscript):
                self._put_into(target.value, held(self._kept(references), key_of(target.slice, mapping=True)))

    def _take_apart(self, targets: Sequence[ast.expr], references: References) -> None:
        """Bind targets that stand side by side; what stands behind one with a star may be any of the rest."""
        place: int | None = 0
        for number, target in enumerate(targets):
            place = None if isinstance(target, ast.Starred) or place is None else number
            self._bind(target, unpacked(references, place) if references else NOTHING, taken=True)

    def _set_on(self, target: ast.Attribute, references: References) -> None:
        """Note what an attribute of an object, or of a class, of this file is set to."""
        for base in self._chain(target.value):
            owner = base[len(self._prefix) :].removesuffix("()") if base.startswith(self._prefix) else ""
            if owner and (base.endswith("()") or self.facts.defined.get(owner) == "class"):
                self._attribute(f"{owner}.{target.attr}", references)

    def _put_into(self, container: ast.expr, references: References) -> None:
        """Note that a container comes to hold something too."""
        if not references:
            return
        if isinstance(container, ast.Attribute):
            self._set_on(container, references)
        elif isinstance(container, ast.Name):
            self._scope.add(container.id, references)
            if self._scope.kind != "function":
                self.bound.add(container.id)

    def _kept(self, references: References) -> References:
        """Return those of `references` that are worth following into a container, and out of it."""
        return tuple(
            reference
            for reference in references
            if is_held(reference) or (reference[0] != "<" and self._matters(reference) and self._matter(reference))
        )

    def _written(self, target: ast.Attribute) -> None:
        """Say that an attribute is written or deleted."""
        if self._words.writes:
            self._writes(self._chain(target.value), target.attr)

    def _writes(self, holders: References, attribute: str) -> None:
        for holder in holders:
            if holder[0] != "<" and self._matter(f"{holder}.{attribute}"):
                self._put("write", holder, attribute)

    def _bind_name(self, name: str, references: References, *, taken: bool = False) -> None:
        scope = self._scope
        if taken and references:
            scope.taken.add(name)
        elif scope.taken:
            scope.taken.discard(name)
        scope.bind(name, references)
        if scope.kind == "class":
            self._attribute(f"{scope.name}.{name}", references)
        # A function's own names matter in it alone, and it is parsed with all that is in it.
        if (
            references
            and (scope.kind != "function" or name in scope.elsewhere)
            and any(self._spreads(reference) for reference in references)
        ):
            self.bound.add(name)

    def _matter(self, reference: str) -> bool:
        found = self._mattering.get(reference)
        if found is None:
            found = self._words.matter(reference) or not self._derived.isdisjoint(parts_of(reference))
            self._mattering[reference] = found
        return found

    def _matters(self, reference: str) -> bool:
        if reference[0] == "<":
            return True
        if "()" in reference and not self._words.instances and not (self._clock and is_now(reference)):
            return False
        return self._matter(reference) or (
            self._clock and (is_now(reference) or reference.startswith(("time.", "datetime.", "time", "datetime")))
        )

    def _spreads(self, reference: str) -> bool:
        """Whether whatever uses a name for `reference` matters, though it may hold no word."""
        if reference[0] == "<":
            return True
        if "()" in reference and not self._words.instances:
            return self._clock and is_now(reference)
        return self._matter(reference) or (self._clock and (reference in READS or is_now(reference)))

    def _attribute(self, name: str, references: References) -> None:
        kept = [reference for reference in references if self._matters(reference) and not reference.startswith(_STAMP)]
        if kept:
            if any(self._spreads(reference) for reference in kept):
                self.bound.add(name.rpartition(".")[2].removesuffix("()"))
            self._attributes[name] = joined(self._attributes.get(name, NOTHING), kept)

    # --- Expressions: what they are, and what is found in them

    def _value(self, node: ast.expr | None) -> References:
        """Read an expression and return what it is."""
        if node is None:
            return NOTHING
        kind = node.__class__
        if kind is ast.Constant:
            return NOTHING
        method = _EXPRESSIONS.get(kind)
        if method is not None:
            return method(self, node)
        self._children(node)
        return NOTHING

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if child.__class__ is ast.Constant or child.__class__ is ast.Load:
                continue
            if isinstance(child, ast.expr):
                self._value(child)
            elif isinstance(child, (ast.keyword, ast.FormattedValue)):
                self._value(child.value)
            elif isinstance(child, ast.stmt):
                self._run([child])
            elif not isinstance(child, (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)):
                self._children(child)

    def _chain(self, node: ast.expr) -> References:
        """Return what a name or an attribute of one is, without saying that it is read."""
        if isinstance(node, ast.Name):
            named = self._scope.lookup(node.id)
            if named is None:
                named = self._name(node.id)
            return self._seen(named) if self._stamps else named
        if isinstance(node, ast.Attribute):
            bases = self._chain(node.value)
            if not bases:
                return NOTHING
            found: list[str] = []
            if node.attr in ("__class__", "__call__"):
                return tuple(base.removesuffix("()") if node.attr == "__class__" else base for base in bases)
            for base in bases:
                if base[-1] == ")" and base.startswith(self._prefix):
                    name = f"{base[len(self._prefix) : -2]}.{node.attr}"
                    known = self._attributes.get(name)
                    self._asked.setdefault(name, known)
                    if known is not None:
                        found += known
                        continue
                found.append(base if base == SHOWN and node.attr in _SHOWN_PARTS else f"{base}.{node.attr}")
            return tuple(found)
        return self._value(node)

    def _seen(self, references: References) -> References:
        """Note where a text put together with the clock goes to."""
        for reference in references:
            if reference.startswith(_STAMP) and reference in self._stamps:
                if self._sink:
                    self._stamps[reference].sunk = True
                else:
                    self._stamps[reference].used = True
        return references

    def _read_name(self, node: ast.Name | ast.Attribute) -> References:
        found = self._chain(node)
        # Where a constant was put into the container it was read, and not where it comes out again.
        if found and not (isinstance(node, ast.Name) and node.id in self._scope.taken):
            self._say("read", found, line=node.lineno, node=node)
        return found

    def _passed(self, node: ast.expr) -> References:
        """Read an expression that is handed on: as an argument, a default, an element or a result."""
        found = self._value(node)
        if found and isinstance(node, (ast.Name, ast.Attribute)):
            self._say("pass", found, line=node.lineno)
        return found

    def _call(self, node: ast.Call) -> References:
        callees = self._chain(node.func)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        sink = last in SINKS or last.endswith(("Error", "Exception", "Warning"))
        self._sink += sink
        arguments = [self._passed(argument) for argument in node.args]
        named: dict[str, References] = {}
        for keyword in node.keywords:
            passed = self._passed(keyword.value)
            if keyword.arg and passed:
                self._identifies(keyword.arg, keyword.value, passed)
                named[keyword.arg] = passed
        if self._clock and last == "update" and any(SHOWN in argument or TEXT in argument for argument in arguments):
            self._hashed(node.func)
        if self._clock and last in ("format", "join"):
            stamp = self._format(node, last)
            if stamp:
                self._sink -= sink
                return stamp
        self._sink -= sink
        self._say("call", callees, line=node.lineno, node=node.func)
        if self._words.arguments:
            self._passes(callees, node.args, node.keywords)
        if self._words.instances and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            self._looks_up(callees, f"({node.args[0].value!r})")
        results: list[str] = []
        if last == "__new__" and arguments and not self._scope.name.endswith("__new__"):
            self._say("call", arguments[0])  # an instance of that class, though nothing calls the class
            results += (f"{argument}()" for argument in arguments[0])
        if any(arguments) or named:
            self._hands_on(last, callees, node, arguments, named)
        for callee in callees:
            special = _SPECIAL.get(callee)
            if special is not None:
                results += special(self, node, arguments)
                continue
            if is_held(callee):
                results += self._taken_by(callee, last, node)
                continue
            if last in ("get", "pop") and callee[-len(last) - 1 : -len(last)] == ".":
                results.append(f"{callee[: -len(last) - 1]}{HELD}")
            if callee in CALLS:
                results += self._kept(CALLS[callee](arguments))
                results += (entry for name in named for entry in held(self._kept(named[name]), f"{KEYED}{name}"))
            results += self._returned(callee)
            name = callee.replace("()", "")
            self._by_string(name, callee, node)
            if self._clock:
                marked = clock_of_call(callee, node, arguments)
                if marked:
                    results += marked
                    continue
            results.append(f"{callee}()")
        return tuple(results)

    def _hands_on(
        self,
        last: str,
        callees: References,
        node: ast.Call,
        arguments: Sequence[References],
        named: Mapping[str, References],
    ) -> None:
        """Say what is called by what is called, and what is put into a container."""
        place = RUN_BY_METHODS.get(last) if isinstance(node.func, ast.Attribute) else None
        places = [place, *(RUN.get(callee) for callee in callees)]
        for place in places:
            if isinstance(place, int) and place < len(arguments):
                self._say("call", arguments[place], line=node.args[place].lineno)
            elif isinstance(place, str) and place in named:
                self._say("call", named[place], line=node.lineno)
        if last in _ADDING and arguments and isinstance(node.func, ast.Attribute):
            added = self._kept(arguments[-1])
            if last == "setdefault" and len(arguments) > 1:
                self._put_into(node.func.value, held(added, key_of(node.args[0], mapping=True)))
            elif last != "setdefault":
                self._put_into(node.func.value, added if last in ("extend", "update") else held(added, ANY))

    def _taken_by(self, callee: str, method: str, node: ast.Call) -> References:
        """Return what a method of a container gives."""
        container = (callee.rpartition(".")[0],)
        if method in ("get", "pop", "setdefault"):
            return taken(container, node.args[0] if node.args else None)
        return METHODS[method](container) if method in METHODS else NOTHING

    def _returned(self, callee: str) -> References:
        """Return what a function of this file gives back, as far as that is known by now."""
        if callee[-1] == ")" or not callee.startswith(self._prefix):
            return NOTHING
        name = f"{callee[len(self._prefix) :].replace('()', '')}()"
        known = self._attributes.get(name)
        self._asked.setdefault(name, known)
        return known or NOTHING

    def _gives_back(self, references: References) -> None:
        """Note what the function that is read gives back."""
        references = self._kept(references)
        if references and self._scope.kind == "function":
            called = "" if self.facts.defined.get(self._scope.name) == "property" else "()"
            self._attribute(f"{self._scope.name}{called}", references)

    def _yield(self, node: ast.Yield) -> References:
        found = self._passed(node.value) if node.value is not None else NOTHING
        self._gives_back(found if self._scope.name in self._entered else held(self._kept(found), ANY))
        return NOTHING

    def _passes(self, callees: References, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> None:
        """Say what is passed to `callees`."""
        mattering = [callee for callee in callees if callee[0] != "<" and self._matter(callee)]
        given = Given.of(args, keywords).as_text() if mattering else ""
        for callee in mattering:
            self._put("given", callee, given)

    def _looks_up(self, holders: References, what: str) -> None:
        """Say which literal is looked up in `holders`, each of which may be an enum."""
        for holder in holders:
            if holder[0] != "<" and holder[-1] != ")" and self._matter(holder):
                self._put("lookup", holder, what)

    def _hashed(self, method: ast.expr) -> None:
        """Note that a hash object was given the clock."""
        holder = getattr(method, "value", None)
        if isinstance(holder, ast.Name) and any(
            reference.startswith(("hashlib.", "hmac.")) for reference in self._chain(holder)
        ):
            self._bind_name(holder.id, (SHOWN,))

    def _by_string(self, name: str, callee: str, node: ast.Call) -> None:
        for text in self._named_by(name, node) if name in BY_STRING else ():
            if self._matter(text.replace(":", ".")):
                guarded = name == "pytest.importorskip" and Flag.GUARDED not in self._flags
                self._put("string", text, flags=(*self._flags, Flag.GUARDED) if guarded else None)
        if name == "builtins.exec" and node.args:
            self._executed(node.args[0])
        for attribute in self._second_texts(node) if name in _PATCH_OBJECT else ():
            for reference in self._chain(node.args[0]):
                if self._matter(f"{reference}.{attribute}"):
                    self._put("patch", reference, attribute)

    def _executed(self, code: ast.expr) -> None:
        """Say what the text `code` imports where it is executed; from which package that starts is not known."""
        text = literal_text(code)
        if text is None or "import" not in text:
            return
        try:
            waiting: list[ast.AST] = [ast.parse(text)]
        except (SyntaxError, ValueError):
            return
        while waiting:
            node = waiting.pop()
            if not isinstance(node, (*_FUNCTIONS, ast.Lambda)):  # which run whenever they are called
                waiting += ast.iter_child_nodes(node)
            if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level):
                for module, attribute in named_by_statement(node, module="", is_package=False):
                    if self._matter(f"{module}.{attribute}" if attribute else module):
                        self._put("import", module, attribute or "")

    def _plugins(self, target: ast.expr, value: ast.expr | None) -> None:
        """Say which plugins pytest imports for a module or a conftest that names them."""
        if self._scope.kind == "module" and isinstance(target, ast.Name) and target.id == "pytest_plugins":
            texts = [value.value] if isinstance(value, ast.Constant) else _strings(value) or []
            for text in texts:
                if isinstance(text, str) and self._matter(text):
                    self._put("string", text)

    def _imported(self, node: ast.Call, arguments: list[References]) -> list[str]:
        """Return the module that `import_module` and its like return."""
        callee = self._chain(node.func)[0]
        self._by_string(callee, callee, node)
        texts = self._named_by(callee, node)
        if callee.endswith("__import__"):
            named = any(keyword.arg == "fromlist" for keyword in node.keywords) or len(node.args) > 3
            return [text if named else text.partition(".")[0] for text in texts]
        return [text.replace(":", ".") for text in texts]

    def _named_by(self, callee: str, node: ast.Call) -> list[str]:
        """Return what a call imports by what it is told: by a text, or an expression that may be one of several."""
        first = node.args[0] if node.args else None
        calls = [node]
        if first is not None and not isinstance(first, ast.Constant):
            calls = [
                ast.Call(node.func, [ast.Constant(text), *node.args[1:]], node.keywords) for text in self._texts(first)
            ]
        module, is_package = self.facts.module, self.facts.is_package
        found = (named_by_call(callee, call, module=module, is_package=is_package) for call in calls)
        return [text for text in found if text]

    def _texts(self, node: ast.expr) -> list[str]:
        """Return the texts that an expression may be."""
        text = literal_text(node)
        if text is not None:
            return [text]
        if self._told_texts is None:
            package = package_of(self.facts.module, is_package=self.facts.is_package)
            known = {"__name__": self.facts.module, "__package__": package}
            self._told_texts = ToldTexts(self._file.tree, known)
        return self._told_texts.of(node, self._scope.name)

    def _type(self, node: ast.Call, arguments: list[References]) -> list[str]:
        if len(node.args) == 1:
            return [argument[:-2] for argument in arguments[0] if argument.endswith("()")]
        if len(node.args) > 1:
            self._derive(node.args[1])
        return []

    def _derive(self, bases: ast.expr) -> None:
        if isinstance(bases, (ast.Tuple, ast.List)):
            for element in bases.elts:
                self._say("base", self._chain(element))
        else:
            self._say("base", iterated(self._silently(bases)))

    def _partial(self, node: ast.Call, arguments: list[References]) -> list[str]:
        if arguments and self._words.arguments:
            self._passes(arguments[0], node.args[1:], node.keywords)
        return list(arguments[0]) if arguments else []

    def _row(self, node: ast.Call, arguments: list[References]) -> list[str]:
        rows = (held(self._kept(argument), str(place)) for place, argument in enumerate(arguments))
        return [reference for row in rows for reference in row]

    def _cast(self, node: ast.Call, arguments: list[References]) -> list[str]:
        return [*self._instance(node.args[0]), *arguments[1]] if len(arguments) > 1 else []

    def _getattr(self, node: ast.Call, arguments: list[References]) -> list[str]:
        attributes = self._second_texts(node)
        found = tuple(f"{argument}.{text}" for argument in arguments[0] for text in attributes if argument[0] != "<")
        self._say("read", found, line=node.lineno)
        return list(found)

    def _setattr(self, node: ast.Call, arguments: list[References]) -> list[str]:
        for attribute in self._second_texts(node):
            self._writes(arguments[0], attribute)
        return []

    def _second_texts(self, node: ast.Call) -> list[str]:
        """Return what a call is given second, as `getattr(thing, "name")` is, where that is text."""
        return self._texts(node.args[1]) if len(node.args) > 1 else []

    def _vars(self, node: ast.Call, arguments: list[References]) -> list[str]:
        return [f"{reference}.__dict__" for reference in (arguments[0] if arguments else ()) if reference[0] != "<"]

    def _super(self, node: ast.Call, arguments: list[References]) -> list[str]:
        # Not by the scopes around: a method does not see the names of its class.
        name = self._scope.name
        while name and name not in self.facts.bases:
            name = name.rpartition(".")[0]
        return [f"{base}()" for base in self.facts.bases.get(name, ())]

    def _attribute_read(self, node: ast.Attribute) -> References:
        return self._read_name(node)

    def _subscript(self, node: ast.Subscript) -> References:
        base = self._value(node.value)
        self._value(node.slice)
        if self._words.instances and isinstance(node.slice, ast.Constant):
            self._looks_up(base, f"[{node.slice.value!r}]")
        if any(reference == "sys.modules" or reference.endswith(".__dict__") for reference in base):
            return self._looked_up_by_name(base, node)
        found = tuple(
            reference if reference[0] == "<" else f"{reference}[]"
            for reference in base
            if not reference.endswith(("()", "[]")) and not is_held(reference)
        )
        return joined(found, together([base]) if isinstance(node.slice, ast.Slice) else taken(base, node.slice))

    def _looked_up_by_name(self, base: References, node: ast.Subscript) -> References:
        """Return what `sys.modules[…]` and `vars(module)[…]` give; what stands in a dictionary of names is read."""
        found: list[str] = []
        for text in self._texts(node.slice):
            for reference in base:
                found.append(text if reference == "sys.modules" else f"{reference.removesuffix('.__dict__')}.{text}")
        self._say("read", tuple(found), line=node.lineno)
        return tuple(found)

    def _either(self, node: ast.IfExp | ast.BoolOp) -> References:
        if isinstance(node, ast.IfExp):
            self._value(node.test)
            with self._narrowed(node.test):
                found = self._value(node.body)
            return joined(found, self._value(node.orelse))
        found = NOTHING
        with ExitStack() as narrowed:
            for value in node.values:
                found = joined(found, self._value(value))
                if isinstance(node.op, ast.And):
                    narrowed.enter_context(self._narrowed(value))
        return found

    def _named(self, node: ast.NamedExpr) -> References:
        found = self._value(node.value)
        self._stored(node.target, node.value, found)
        inner = self._scope
        while self._scope.kind == "comprehension":
            assert self._scope.outer is not None
            self._scope = self._scope.outer
        self._bind(node.target, found)
        self._scope = inner
        return found

    def _await(self, node: ast.Await) -> References:
        return self._value(node.value)

    def _elements(self, node: ast.Tuple | ast.List | ast.Set) -> References:
        found: list[str] = []
        place: str | None = "0"
        for number, element in enumerate(node.elts):
            if isinstance(element, ast.Starred):
                place = None
                found += together([self._value(element.value)])
                continue
            references = self._passed(element)
            if references:
                found += held(self._kept(references), ANY if place is None else str(number))
        return tuple(found)

    def _dictionary(self, node: ast.Dict) -> References:
        held_here: list[str] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self._passed(key)
            found = self._passed(value)
            if found and (text := literal_text(key)) is not None:
                self._identifies(text, value, found)
            if found:
                kept = self._kept(found)
                held_here += kept if key is None else held(kept, key_of(key, mapping=True))
        return tuple(reference for reference in held_here if is_held(reference))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> References:
        # The names of a class body are not seen from within; only the first iterable is read there.
        later = self._scope.later or isinstance(node, ast.GeneratorExp)
        inner = OpenScope("comprehension", self._scope.name, self._visible(), later=later)
        first = self._value(node.generators[0].iter)
        with self._in(inner):
            for number, generator in enumerate(node.generators):
                self._bind(generator.target, met(self._value(generator.iter) if number else first), taken=True)
                for test in generator.ifs:
                    self._value(test)
            if isinstance(node, ast.DictComp):
                self._passed(node.key)
                return held(self._kept(self._passed(node.value)), KEYED)
            return held(self._kept(self._passed(node.elt)), ANY)

    def _lambda(self, node: ast.Lambda) -> References:
        defaults = self._defaults(node.args)
        scope, at, flags = OpenScope("function", self._scope.name, self._visible(), later=True), self._at, self._flags

        def body() -> None:
            with self._in(scope):
                self._at, self._flags = at, flags
                self._parameters(node.args, None, defaults)
                self._passed(node.body)

        self._deferred.append(body)
        return NOTHING

    def _visible(self) -> OpenScope:
        """Return the scope that a function defined here sees around it."""
        scope = self._scope
        while scope.kind == "class":
            assert scope.outer is not None
            scope = scope.outer
        return scope

    # --- Text put together with the clock

    def _stamped(self, node: ast.expr | ast.stmt) -> References:
        if self._sink:
            return NOTHING
        mark = f"{_STAMP}{len(self._stamps)}"
        assert self._at is not None
        self._stamps[mark] = _Stamp(self._at, node.lineno, self._scope.name, self._flags, self._scope.later)
        return (mark,)

    def _identifies(self, name: str, node: ast.expr, references: References) -> None:
        """Note that a value is returned from, or stored under, `name`: there the clock alone may be an identifier."""
        if self._clock and not self._sink:
            if isinstance(node, ast.Lambda):
                references = self._silently(node.body)
            elif isinstance(node, ast.Call):
                made = (
                    word.value for word in node.keywords if word.arg in _MAKERS and isinstance(word.value, ast.Lambda)
                )
                references = _together(references, *(self._silently(function.body) for function in made))
            if makes_identifier(name, references):
                mark = self._stamped(node)[0]
                self._stamps[mark].used = True

    def _stored(self, target: ast.expr, node: ast.expr, references: References) -> None:
        name = getattr(target, "id", None) or getattr(target, "attr", None)
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = target.slice.value
        if isinstance(name, str):
            self._identifies(name, node, references)
            text = literal_text(node) if self._scope.kind != "function" else None
            if text is not None and self._matter(text.replace(":", ".")):
                self.bound.add(name)  # which may be the text of what is imported

    def _joined(self, node: ast.JoinedStr) -> References:
        found, shown, texts = False, False, 0
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self._value(part.value)
                if isinstance(part.format_spec, ast.JoinedStr):
                    self._children(part.format_spec)
                if self._clock and (
                    NUMBER in value or TEXT in value or (any(map(is_now, value)) and shows_date(part.format_spec))
                ):
                    found = True
                else:
                    shown = shown or (self._clock and (SHOWN in value or any(map(is_now, value))))
                    texts += 1
            elif isinstance(part, ast.Constant):
                texts += bool(part.value)
        if not found:
            return (SHOWN,) if shown else NOTHING
        return self._stamped(node) if texts or len(node.values) > 1 else (TEXT,)

    def _operation(self, node: ast.BinOp) -> References:
        left, right = self._value(node.left), self._value(node.right)
        if any(map(is_held, left)) or any(map(is_held, right)):
            return together([left, right])
        if not self._clock:
            return NOTHING
        if isinstance(node.op, ast.Mod) and isinstance(node.left, (ast.Constant, ast.JoinedStr)):
            return self._percent(node)
        if isinstance(node.op, ast.Add):
            if TEXT in left or TEXT in right:
                return self._stamped(node)
            if SHOWN in left or SHOWN in right:
                return (SHOWN,)
            number = isinstance(node.left if NUMBER in right else node.right, ast.Constant)
            return (NUMBER,) if (NUMBER in left) != (NUMBER in right) and number else NOTHING
        if isinstance(node.op, (ast.Mult, ast.FloorDiv, ast.Div, ast.Mod)):
            if NUMBER in left and _constant(node.right):
                return (NUMBER,)
            if NUMBER in right and _constant(node.left) and isinstance(node.op, ast.Mult):
                return (NUMBER,)
        return NOTHING

    def _percent(self, node: ast.BinOp) -> References:
        template = node.left.value if isinstance(node.left, ast.Constant) else "text"
        if not isinstance(template, str):
            return NOTHING
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        if isinstance(node.right, ast.Dict):
            values = node.right.values
        return self._filled(node, template, values)

    def _filled(self, node: ast.expr, template: str, values: Iterable[ast.expr]) -> References:
        """Return what a template is with `values` in it; where there is nothing else, it is the clock as text."""
        found = _together(*(self._silently(value) for value in values))
        if not (NUMBER in found or TEXT in found):
            return (SHOWN,) if SHOWN in found or any(map(is_now, found)) else NOTHING
        return (TEXT,) if placeholders_only(template) else self._stamped(node)

    def _silently(self, node: ast.expr) -> References:
        """Return what an expression is that has been or will be read for what is found in it."""
        silent = self._events, self._stamps
        self._events, self._stamps = {}, {}
        try:
            return self._value(node)
        finally:
            self._events, self._stamps = silent

    def _format(self, node: ast.Call, name: str) -> References:
        assert isinstance(node.func, (ast.Attribute, ast.Name))
        if not isinstance(node.func, ast.Attribute):
            return NOTHING
        base = literal_text(node.func.value)
        if base is None:
            return NOTHING
        if name == "format":
            return self._filled(node, base, [*node.args, *(keyword.value for keyword in node.keywords)])
        values = [
            element
            for argument in node.args
            if isinstance(argument, (ast.List, ast.Tuple)) and len(argument.elts) > 1
            for element in argument.elts
        ]
        found = _together(*(self._silently(value) for value in values))
        if NUMBER in found or TEXT in found:
            return self._stamped(node)
        return (SHOWN,) if SHOWN in found else NOTHING

    # --- Statements

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if self._matter(alias.name):
                self._put("import", alias.name)
            self._imports(alias.name)
            if alias.asname:
                self._bind_name(alias.asname, (alias.name,))
            else:
                top = alias.name.partition(".")[0]
                self._bind_name(top, (top,))
                if self._matter(alias.name):
                    self.bound.add(top)

    def _import_from(self, node: ast.ImportFrom) -> None:
        named = named_by_statement(node, module=self.facts.module, is_package=self.facts.is_package)
        if not named:
            for alias in node.names:
                if alias.name != "*":
                    self._bind_name(alias.asname or alias.name, NOTHING)
            return
        for imported, alias in zip(named, node.names, strict=True):
            attribute = imported.attribute or ""
            full = f"{imported.module}.{attribute}"
            if attribute == "*":
                self._put("import", imported.module, "*")
                if imported.module not in self.facts.stars and self._scope.kind == "module":
                    self.facts.stars.append(imported.module)
                continue
            if self._matter(full):
                self._put("import", imported.module, attribute)
            self._imports(full)
            self._bind_name(alias.asname or alias.name, (full,))

    def _imports(self, reference: str) -> None:
        """Note what an import statement imports: in any case, or where others fail."""
        if self._instead:
            self._fallbacks[reference] = self._instead
        else:
            self._imported_anyway.add(reference)

    def _assign(self, node: ast.Assign) -> None:
        value = node.value
        first = node.targets[0]
        if isinstance(first, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            starred = any(isinstance(element, ast.Starred) for element in (*first.elts, *value.elts))
            if len(node.targets) == 1 and len(first.elts) == len(value.elts) and not starred:
                for each, part in zip(first.elts, value.elts, strict=True):
                    held = self._value(part)
                    self._stored(each, part, held)
                    self._bind(each, held)
                    if self._scope.kind != "function":
                        self._define([each], part)
                return
        plain = all(isinstance(target, ast.Name) for target in node.targets)
        found = self._value(value) if plain else self._passed(value)
        for target in node.targets:
            self._stored(target, value, found)
            self._bind(target, found, taken=isinstance(value, (ast.Call, ast.Subscript, ast.Await)))
            if isinstance(target, ast.Attribute) and target.attr == "__class__":
                self._say("call", found)  # an instance is made, of another object
        if self._scope.kind != "function":
            self._define(node.targets, value)
            for target in node.targets:
                self._plugins(target, value)

    def _define(self, targets: Sequence[ast.expr], value: ast.expr | None) -> None:
        for target in targets:
            for element in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                if not isinstance(element, ast.Name):
                    continue
                name = f"{self._scope.name}.{element.id}" if self._scope.name else element.id
                kind = "constant"
                if isinstance(value, ast.Call):
                    made = ast.unparse(value.func).rpartition(".")[2]
                    kind = _MADE.get(made, "constant")
                if isinstance(value, (ast.Lambda, ast.Name, ast.Attribute)):
                    kind = "function" if isinstance(value, ast.Lambda) else "alias"
                self.facts.defined.setdefault(name, kind)

    def _annotated(self, node: ast.AnnAssign) -> None:
        found = self._value(node.value) if isinstance(node.target, ast.Name) else NOTHING
        if node.value is not None and not isinstance(node.target, ast.Name):
            found = self._passed(node.value)
        if node.value is not None:
            self._stored(node.target, node.value, found)
        if not found:
            found = self._instance(node.annotation)
        if node.value is not None or self._scope.kind != "function" or found:
            self._bind(node.target, found)
        if self._scope.kind != "function":
            self._define([node.target], node.value)
            self._plugins(node.target, node.value)

    def _augmented(self, node: ast.AugAssign) -> None:
        self._plugins(node.target, node.value)
        if isinstance(node.target, ast.Name):
            before = self._read_name(node.target)
            found = self._value(node.value)
            if self._clock and isinstance(node.op, ast.Add) and (TEXT in before or TEXT in found):
                self._bind(node.target, self._stamped(node))
                return
            if self._clock and isinstance(node.op, ast.Add) and (SHOWN in before or SHOWN in found):
                self._stored(node.target, node.value, (SHOWN,))
                self._bind(node.target, (SHOWN,))
                return
            self._bind(node.target, together([before, found]))
            return
        self._value(node.target)  # which is read before it is written
        found = self._value(node.value)
        self._bind(node.target, NOTHING)
        self._put_into(node.target, together([found]))

    def _delete(self, node: ast.Delete) -> None:
        targets = [*node.targets]
        for target in targets:
            if isinstance(target, ast.Name):
                self._scope.names.pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                self._value(target.value)
                self._written(target)
            elif isinstance(target, (ast.Tuple, ast.List)):
                targets += target.elts
            else:
                self._value(target)

    def _return(self, node: ast.Return) -> None:
        if node.value is not None:
            found = self._passed(node.value)
            self._identifies(self._scope.name.rpartition(".")[2], node.value, found)
            self._gives_back(found)

    def _raise(self, node: ast.Raise) -> None:
        self._sink += 1
        found = self._value(node.exc)
        self._value(node.cause)
        self._sink -= 1
        if isinstance(node.exc, (ast.Name, ast.Attribute)):
            self._say("call", tuple(reference for reference in found if not reference.endswith("()")))

    def _assert(self, node: ast.Assert) -> None:
        self._value(node.test)
        for name, references in self._instances_by(node.test):
            self._bind_name(name, references)
        self._sink += 1
        self._value(node.msg)
        self._sink -= 1

    def _if(self, node: ast.If) -> None:
        test, negated = node.test, False
        while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, negated = test.operand, not negated
        self._value(node.test)
        typing = isinstance(test, (ast.Name, ast.Attribute)) and any(
            reference in _NOT_RUN or reference.endswith(".TYPE_CHECKING") for reference in self._chain(test)
        )
        before = self._scope.branch()
        with self._flagged(Flag.TYPE_CHECKING, typing and not negated), self._narrowed(node.test):
            self._run(node.body)
        after = self._scope.branch()
        self._scope.names = before
        with self._flagged(Flag.TYPE_CHECKING, typing and negated):
            self._run(node.orelse)
        ends = [branch for branch, body in ((after, node.body), (self._scope.names, node.orelse)) if not _leaves(body)]
        self._scope.merge(*(ends or [after]))

    def _instances_by(self, test: ast.expr) -> list[tuple[str, References]]:
        """Return the names that are instances of what a test says (`isinstance`), where it holds."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            return [found for value in test.values for found in self._instances_by(value)]
        if not (self._words.instances and isinstance(test, ast.Call) and len(test.args) == 2):
            return []
        name, classes = test.args
        if not isinstance(name, ast.Name) or "builtins.isinstance" not in self._chain(test.func):
            return []
        made = self._instances_of(classes)
        return [(name.id, joined(self._name(name.id), made))] if made else []

    def _instances_of(self, classes: ast.expr | None) -> References:
        """Return what is an instance of a class, or of one of several."""
        if not self._words.instances or classes is None:
            return NOTHING
        said = [self._quietly(cls) for cls in (classes.elts if isinstance(classes, ast.Tuple) else [classes])]
        return tuple(f"{reference}()" for references in said for reference in references if self._matter(reference))

    def _type_alias(self, node: Any) -> None:  # an `ast.TypeAlias`, which there is from 3.12 on
        self._bind(node.name, self._quietly(node.value))

    @contextmanager
    def _narrowed(self, test: ast.expr) -> Iterator[None]:
        """Hold names for instances of what `test` says, as far as nothing else is bound to them meanwhile."""
        found = self._instances_by(test)
        before = {name: self._scope.names.get(name) for name, _ in found}
        for name, references in found:
            self._scope.names[name] = references
        yield
        for name, references in found:
            if self._scope.names.get(name) is references:
                held_before = before[name]
                if held_before is None:
                    del self._scope.names[name]
                else:
                    self._scope.names[name] = held_before

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        found = met(self._value(node.iter))
        before = self._scope.branch()
        self._bind(node.target, found, taken=True)
        self._loop(node, before)

    def _while(self, node: ast.While) -> None:
        self._value(node.test)
        self._loop(node, self._scope.branch())

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, before: dict[str, References]) -> None:
        """Read the body of a loop, twice where what it binds at its end may be used at its beginning."""
        start = self._scope.branch()
        self._run(node.body)
        late = {name for name, references in self._scope.names.items() if start.get(name, references) != references}
        if any(self._matters(reference) for name in late for reference in self._kept(self._scope.names[name])):
            self._scope.merge(self._scope.names, start)
            self._run(node.body)
        self._scope.merge(self._scope.names, before)
        self._run(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        guarded = False
        for item in node.items:
            found = self._value(item.context_expr)
            if isinstance(item.context_expr, ast.Call):
                callees = self._chain(item.context_expr.func)
                raising = any(callee in _RAISES or callee.endswith(".assertRaises") for callee in callees)
                guarded = guarded or (
                    raising
                    and any(
                        _GUARDS & set(self._chain(argument))
                        for argument in item.context_expr.args
                        if _is_name(argument)
                    )
                )
            if item.optional_vars is not None:
                instance = found if any(reference.endswith("()") for reference in found) else NOTHING
                self._bind(item.optional_vars, instance)
        with self._flagged(Flag.GUARDED, guarded):
            self._run(node.body)

    def _try(self, node: ast.Try) -> None:
        guarded = any(self._catches(handler.type) for handler in node.handlers)
        before = self._scope.branch()
        with self._flagged(Flag.GUARDED, guarded):
            self._run(node.body)
        first = self._all_imports(node.body) if guarded and not self._instead else []
        middle = self._scope.branch()
        self._run(node.orelse)
        ends = [] if _leaves(node.orelse or node.body) else [self._scope.names]
        for handler in node.handlers:
            self._scope.names = dict(before)
            self._scope.merge(middle, before)
            self._at = handler
            self._value(handler.type)
            if handler.name:
                self._bind_name(handler.name, self._instances_of(handler.type))
            with self._falling_back(first if self._catches(handler.type) else []):
                self._run(handler.body)
            if not _leaves(handler.body):
                ends.append(self._scope.names)
        self._scope.merge(*(ends or [middle]))
        self._run(node.finalbody)

    def _all_imports(self, statements: Sequence[ast.stmt]) -> list[str]:
        """Return what `statements` import, nothing where one of them does anything else."""
        found: list[str] = []
        for statement in statements:
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                return []
            for name in named_by_statement(statement, module=self.facts.module, is_package=self.facts.is_package):
                found.append(name.module if name.attribute is None else f"{name.module}.{name.attribute}")
        return found

    @contextmanager
    def _falling_back(self, first: list[str]) -> Iterator[None]:
        before, self._instead = self._instead, first or self._instead
        try:
            yield
        finally:
            self._instead = before

    def _catches(self, node: ast.expr | None) -> bool:
        names = node.elts if isinstance(node, ast.Tuple) else [node]
        return any(_GUARDS & set(self._chain(name)) for name in names if name is not None and _is_name(name))

    def _match(self, node: ast.Match) -> None:
        subject = self._value(node.subject)
        ends = [self._scope.branch()]
        before = ends[0]
        for case in node.cases:
            self._scope.names = dict(before)
            self._at = case
            self._pattern(case.pattern, subject)
            self._value(case.guard)
            self._run(case.body)
            ends.append(self._scope.names)
        self._scope.merge(*ends)

    def _pattern(self, pattern: ast.pattern, references: References) -> References:
        """Bind what a pattern binds, where it is held against `references`; return what it may be then."""
        if isinstance(pattern, ast.MatchClass):
            self._value(pattern.cls)
            made = tuple(f"{reference}()" for reference in self._quietly(pattern.cls))
            references = joined(references, self._kept(made))
        elif isinstance(pattern, ast.MatchValue):
            self._value(pattern.value)
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
            references = self._pattern(pattern.pattern, references)
        for inner, found in _parts_of_pattern(pattern, references):
            self._pattern(inner, found)
        name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
        if isinstance(name, str):
            self._bind_name(name, references if isinstance(pattern, ast.MatchAs) else NOTHING, taken=True)
        return references

    def _elsewhere(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            if isinstance(node, ast.Global):
                self._scope.elsewhere[name] = self._module
                continue
            scope = self._scope.outer
            while scope is not None and not (scope.kind == "function" and name in scope.ever):
                scope = scope.outer
            if scope is not None:
                self._scope.elsewhere[name] = scope

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = self._decorators(node) if node.decorator_list else []
        self._at = node
        defaults = self._defaults(node.args)
        name = f"{self._scope.name}.{node.name}" if self._scope.name else node.name
        kind = "function"
        if any(decorator.rpartition(".")[2] in _PROPERTIES for decorator in decorators):
            kind = "property"
        elif self._scope.kind == "class":
            kind = "factory" if any(decorator.endswith(_FACTORIES) for decorator in decorators) else "method"
        if self._scope.kind != "function":
            self.facts.defined[name] = kind
        around = self._scope
        self._bind_name(node.name, (f"{self.facts.module}.{name}",))
        if any(decorator.rpartition(".")[2].removesuffix("()") in _ENTERED for decorator in decorators):
            self._entered.add(name)
            if any(decorator.removesuffix("()").endswith("fixture") for decorator in decorators):
                self._fixtures[node.name] = name
        if self._words.instances and node.returns is not None:
            promise = self._instance(node.returns)
            self._attribute(
                name if kind == "property" else f"{name}()", iterated(promise) if name in self._entered else promise
            )
        given = self._parametrized(node) if node.decorator_list or self._of_class else {}
        defaults = {**defaults, **given}
        if len(node.body) == 1 and isinstance(node.body[0], ast.Pass):
            return  # as most bodies are that nothing of interest stands in
        scope = OpenScope("function", name, self._visible())
        flags = tuple(flag for flag in self._flags if flag is Flag.TYPE_CHECKING)

        def body() -> None:
            scope.names, scope.ever, scope.elsewhere, scope.taken = {}, {}, {}, set()
            with self._in(scope):
                self._flags, self._sink = flags, 0
                self._parameters(node.args, _owner(around, decorators, node.name), defaults)
                scope.taken.update(given)
                self._run(node.body)

        self._deferred.append(body)

    def _parametrized(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> dict[str, References]:
        """Return what a test's parameters are given (`pytest.mark.parametrize`)."""
        found = dict(self._of_class)
        for names, values in parametrized(node):
            rows = iterated(self._silently(values))
            for place, name in enumerate(names):
                wrapped = joined(unpacked(rows, 0), (row for row in rows if not is_held(row)))
                found[name] = unpacked(rows, place) if len(names) > 1 else wrapped
            if rows or any(self._matter(text.replace(":", ".")) for text in _strings(values) or ()):
                self.bound.update(names)
        return found

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[str]:
        found: list[str] = []
        for decorator in node.decorator_list:
            self._at = decorator
            references = self._value(decorator)
            if _is_name(decorator):
                self._say("call", references)
            found += references
        return found

    def _defaults(self, arguments: ast.arguments) -> dict[str, References]:
        """Read the defaults of parameters, where the function is defined; return what they are, by parameter."""
        if not arguments.defaults and not arguments.kw_defaults:
            return {}
        every = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(every[len(every) - len(arguments.defaults) :], arguments.defaults, strict=True)]
        pairs += [
            (parameter, value)
            for parameter, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if value
        ]
        return {parameter.arg: self._passed(value) for parameter, value in pairs}

    def _parameters(self, arguments: ast.arguments, owner: str | None, defaults: dict[str, References]) -> None:
        every = [*arguments.posonlyargs, *arguments.args]
        for number, parameter in enumerate(every):
            if number == 0 and owner is not None:
                self._bind_name(parameter.arg, (f"{self.facts.module}.{owner}",))
            else:
                self._parameter(parameter, defaults.get(parameter.arg, NOTHING))
        for parameter in arguments.kwonlyargs:
            self._parameter(parameter, defaults.get(parameter.arg, NOTHING))
        for variable, key in ((arguments.vararg, ANY), (arguments.kwarg, KEYED)):
            if variable is not None:
                self._bind_name(variable.arg, held(self._kept(self._instance(variable.annotation)), key))

    def _parameter(self, parameter: ast.arg, default: References) -> None:
        found = joined(self._instance(parameter.annotation), default)
        given = not found and parameter.arg in self._fixtures
        if given:
            found = self._returned(f"{self._prefix}{self._fixtures[parameter.arg]}")
        if parameter.arg in _FIXTURES and not any(reference.startswith("pytest.") for reference in found):
            found = (parameter.arg,)
        self._bind_name(parameter.arg, found, taken=given)

    def _instance(self, annotation: ast.expr | None) -> References:
        """Return the instance that an annotation promises."""
        if (text := literal_text(annotation)) is not None:
            if not self._words.in_text(text):
                return NOTHING
            try:
                annotation = ast.parse(text.strip(), mode="eval").body
            except UNREADABLE:
                return NOTHING
        if isinstance(annotation, ast.Subscript):
            return promised(self._quietly(annotation.value), annotation.slice, self._instance)
        if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
            return joined(self._instance(annotation.left), self._instance(annotation.right))
        if annotation is None or not _is_name(annotation):
            return NOTHING
        return tuple(
            f"{reference}()" for reference in self._quietly(annotation) if not reference.startswith("builtins.")
        )

    def _quietly(self, node: ast.expr) -> References:
        return self._chain(node) if _is_name(node) else NOTHING

    def _class(self, node: ast.ClassDef) -> None:
        self._decorators(node)
        self._at = node
        name = f"{self._scope.name}.{node.name}" if self._scope.name else node.name
        bases: list[str] = []
        for base in node.bases:
            if isinstance(base, ast.Starred):
                bases += iterated(self._value(base.value))
                continue
            plain = base.value if isinstance(base, ast.Subscript) else base
            if _is_name(plain):
                bases += self._chain(plain)
                if plain is not base:
                    self._value(base.slice)  # type: ignore[attr-defined]
            else:
                bases += self._value(base)
        kept = [base for base in dict.fromkeys(bases) if not base.startswith("<")]
        for keyword in node.keywords:
            made_by = self._value(keyword.value)
            if keyword.arg == "metaclass" and _is_name(keyword.value):
                self._say("call", made_by)
        for reference in kept:
            self._put_base(reference)
        if kept:
            self.facts.bases[name] = kept
        self.facts.defined[name] = "class"
        self._bind_name(node.name, (f"{self.facts.module}.{name}",))
        if any(self._matter(base) for base in kept):
            self.bound.add(node.name)
            self._derived.add(node.name)
            self._mattering.clear()
        scope = OpenScope("class", name, self._scope)
        around, self._of_class = self._of_class, self._parametrized(node) if node.decorator_list else self._of_class
        with self._in(scope):
            self._flags = tuple(flag for flag in self._flags if flag is Flag.TYPE_CHECKING)
            self._run(node.body)
        self._of_class = around

    def _put_base(self, reference: str) -> None:
        if self._matter(reference):
            self._put("base", reference)

    @contextmanager
    def _in(self, scope: OpenScope) -> Iterator[None]:
        held = self._scope, self._at, self._flags, self._sink
        self._scope = scope
        try:
            yield
        finally:
            self._scope, self._at, self._flags, self._sink = held

    @contextmanager
    def _flagged(self, flag: Flag, on: object) -> Iterator[None]:
        held = self._flags
        if on and flag not in held:
            self._flags = (*held, flag)
        try:
            yield
        finally:
            self._flags = held


_ENTERED = frozenset({"contextmanager", "asynccontextmanager", "fixture"})
"""Decorators of functions whose one `yield` hands out a value."""
_ADDING = frozenset({"append", "add", "appendleft", "insert", "extend", "update", "setdefault", "register"})
_CLASS_MAKERS = frozenset(
    {"namedtuple", "NamedTuple", "TypedDict", "NewType", "Enum", "type", "new_class", "make_dataclass"}
)
_FACTORIES = ("staticmethod", "classmethod")
_MADE = {
    **dict.fromkeys(_CLASS_MAKERS, "class"),
    **dict.fromkeys(_FACTORIES, "factory"),
    "property": "property",
}
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "hybrid_property"})


def _parts_of_pattern(pattern: ast.pattern, references: References) -> Iterator[tuple[ast.pattern, References]]:
    """Yield the patterns within one, each with what it is held against."""
    if isinstance(pattern, ast.MatchSequence):
        for place, inner in enumerate(pattern.patterns):
            yield inner, unpacked(references, place)
    elif isinstance(pattern, ast.MatchMapping):
        for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
            yield inner, taken(references, key)
    elif isinstance(pattern, ast.MatchOr):
        yield from ((inner, references) for inner in pattern.patterns)
    elif isinstance(pattern, ast.MatchClass):
        yield from ((inner, NOTHING) for inner in (*pattern.patterns, *pattern.kwd_patterns))


def _overlap(one: str, other: str) -> bool:
    """Whether one of two references leads to the other."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _together(*parts: References) -> References:
    return tuple(dict.fromkeys(reference for part in parts for reference in part))


def _attributes_of(node: ast.expr) -> int:
    """Return how many attributes an expression ends with."""
    found = 0
    while isinstance(node, ast.Attribute):
        found, node = found + 1, node.value
    return found


def _is_name(node: ast.expr | None) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute))


def _constant(node: ast.expr) -> bool:
    """Whether `node` is a number, or one put together from numbers."""
    return all(isinstance(part, (ast.Constant, ast.BinOp, ast.operator)) for part in ast.walk(node)) or (
        isinstance(node, ast.Name) and node.id.isupper()
    )


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _strings(value: ast.expr | None) -> list[str] | None:
    return literal_texts(value.elts) if isinstance(value, (ast.List, ast.Tuple)) else None


def _owner(around: OpenScope, decorators: Sequence[str], name: str) -> str | None:
    """Return what the first parameter of a method is: `Class()`, or `Class` where the class itself is passed."""
    if around.kind != "class" or any(decorator.endswith("staticmethod") for decorator in decorators):
        return None
    of_class = any(decorator.endswith("classmethod") for decorator in decorators) or name in (
        *("__new__", "__init_subclass__", "__class_getitem__"),
    )
    return around.name if of_class else f"{around.name}()"


_STATEMENTS: dict[type[ast.AST], Callable[[Reading, Any], None]] = {
    ast.Import: Reading._import,
    ast.ImportFrom: Reading._import_from,
    ast.Assign: Reading._assign,
    ast.AnnAssign: Reading._annotated,
    ast.AugAssign: Reading._augmented,
    ast.Delete: Reading._delete,
    ast.Return: Reading._return,
    ast.Raise: Reading._raise,
    ast.Assert: Reading._assert,
    ast.If: Reading._if,
    ast.For: Reading._for,
    ast.AsyncFor: Reading._for,
    ast.While: Reading._while,
    ast.With: Reading._with,
    ast.AsyncWith: Reading._with,
    ast.Try: Reading._try,
    ast.Match: Reading._match,
    ast.Global: Reading._elsewhere,
    ast.Nonlocal: Reading._elsewhere,
    ast.FunctionDef: Reading._function,
    ast.AsyncFunctionDef: Reading._function,
    ast.ClassDef: Reading._class,
}
if hasattr(ast, "TryStar"):
    _STATEMENTS = {**_STATEMENTS, ast.TryStar: Reading._try}
if sys.version_info >= (3, 12):
    _STATEMENTS = {**_STATEMENTS, ast.TypeAlias: Reading._type_alias}

_EXPRESSIONS: dict[type[ast.AST], Callable[[Reading, Any], References]] = {
    ast.Name: Reading._read_name,
    ast.Attribute: Reading._attribute_read,
    ast.Call: Reading._call,
    ast.Subscript: Reading._subscript,
    ast.IfExp: Reading._either,
    ast.BoolOp: Reading._either,
    ast.NamedExpr: Reading._named,
    ast.Await: Reading._await,
    ast.Yield: Reading._yield,
    ast.Tuple: Reading._elements,
    ast.List: Reading._elements,
    ast.Set: Reading._elements,
    ast.Dict: Reading._dictionary,
    ast.ListComp: Reading._comprehension,
    ast.SetComp: Reading._comprehension,
    ast.GeneratorExp: Reading._comprehension,
    ast.DictComp: Reading._comprehension,
    ast.Lambda: Reading._lambda,
    ast.JoinedStr: Reading._joined,
    ast.BinOp: Reading._operation,
}

_SPECIAL: dict[str, Callable[[Reading, ast.Call, list[References]], list[str]]] = {
    "importlib.import_module": Reading._imported,
    "importlib.__import__": Reading._imported,
    "builtins.__import__": Reading._imported,
    "pkgutil.resolve_name": Reading._imported,
    "pytest.importorskip": Reading._imported,
    "builtins.type": Reading._type,
    "types.new_class": Reading._type,
    "functools.partial": Reading._partial,
    "pytest.param": Reading._row,
    "typing.cast": Reading._cast,
    "typing_extensions.cast": Reading._cast,
    "builtins.getattr": Reading._getattr,
    "builtins.setattr": Reading._setattr,
    "builtins.delattr": Reading._setattr,
    "builtins.super": Reading._super,
    "builtins.vars": Reading._vars,
}
