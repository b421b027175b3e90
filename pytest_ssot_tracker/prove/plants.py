"""Write a use of each thing that a configuration declares, as somebody in a hurry would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from pytest_ssot_tracker.model import Rule, Target
from pytest_ssot_tracker.prove.planting_places import Places
from pytest_ssot_tracker.prove.shapes import Shape
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings import Context, Ids, Settings, Ssot, States, Table, Warned

__all__ = ["Plant", "plants", "wanted"]

_BOTH = frozenset({"run", "scan"})
_NAMESPACE = "from types import SimpleNamespace"


class Plant(NamedTuple):
    """One use that is planted: of which rule and target, and where.

    `code` is the text of the planted module, `call` what a test does with it, `shown` the line that matters. `looks`
    says who has to see it: `run`, `scan` or both; `why` has the reason where one of them need not. Where nothing can be
    planted, `unproved` says why. `path` is where it is planted, which is where a site is to stand unless that is
    `elsewhere`. `name` is what of the target is used.
    """

    table: str
    rule: Rule
    target: str
    shown: str = ""
    code: str = ""
    call: str = ""
    path: str = ""
    looks: frozenset[str] = _BOTH
    unproved: str = ""
    why: Mapping[str, str] = MappingProxyType({})
    name: str = ""
    elsewhere: bool = False


class _Use(NamedTuple):
    """How something is used: imports, the statement, and the parameters and the call of the function around it.

    `why` says of a run or of the scan that it need not see it, and why.
    """

    shown: str
    imports: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    waits: bool = False
    why: Mapping[str, str] = MappingProxyType({})

    def written(self) -> str:
        """Return the text of a module that does it."""
        lines = [*self.imports, "", "", f"{'async ' * self.waits}def use({self._parameters}):"]
        lines += _indented("\n".join((*self.before, self.shown)))
        return "\n".join(lines) + "\n"

    @property
    def _parameters(self) -> str:
        """Return the parameters with their classes: the scan reads what a value is where somebody says so."""
        return ", ".join(f"value{number}: {name.rpartition(':')[2]}" for number, name in enumerate(self.given))

    def called(self) -> str:
        """Return what a test does with it; `planted` makes instances."""
        instances = (f"planted.bare({module!r}, {name!r})" for module, _, name in map(_split, self.given))
        call = f"use({', '.join(instances)})"
        return f"asyncio.run({call})" if self.waits else call


def _split(name: str) -> tuple[str, str, str]:
    return name.partition(":")


def wanted(settings: Settings) -> Iterator[Target]:
    """Yield everything of which the shape has to be known."""
    for ssot in settings.ssots:
        yield from ssot.watched()
        yield from (target.holder for target in ssot.writes)
    for table in (*settings.ids, *settings.contexts):
        yield from table.watched()


def plants(settings: Settings, shapes: Iterable[Shape], places: Places) -> Iterator[Plant]:
    """Yield a plant for each rule and target of every table."""
    gone = {missing.target for missing in settings.unfound if missing.goes}
    known: dict[str, list[Shape]] = {}
    for shape in shapes:
        lost = shape.kind == "absent" and shape.target in gone
        known.setdefault(shape.target, []).append(shape._replace(kind="gone") if lost else shape)
    planting = _Planting(known, places)
    for table in settings.tables:
        yield from planting.of(table)


class _Planting:
    """The planting for the tables of one project; `known` are the shapes of each target, by its spelling."""

    def __init__(self, known: Mapping[str, list[Shape]], places: Places) -> None:
        self._known = known
        self._places = places

    def of(self, table: Table) -> Iterator[Plant]:
        """Yield a plant for each rule and target of `table`."""
        if isinstance(table, Ssot):
            for planted in (
                *(self._deprecated, self._arguments, self._writes, self._texts, self._bypass, self._competing),
                *(self._duplicate, self._incomplete, self._leak, self._split_brain, self._transition),
            ):
                yield from planted(table)
        elif isinstance(table, Ids):
            yield from self._identifiers(table)
        elif isinstance(table, Context):
            yield from self._contexts(table)
        elif isinstance(table, Warned):
            yield from self._warnings(table)

    def _found(self, target: Target | None) -> Shape | None:
        shapes = self._known.get(str(target), ())
        return next((shape for shape in shapes if shape.kind not in ("absent", "gone", "module")), None)

    def _planted(self, table: Table, rule: Rule, target: object, use: _Use) -> Plant:
        looks = (_BOTH - use.why.keys()) & rule.about.found_by
        path = self._places.new(table)
        return Plant(table.name, rule, str(target), use.shown, use.written(), use.called(), path, looks, why=use.why)

    def _if_there(self, table: Table, rule: Rule, target: Target, use_of: Callable[[Shape], _Use]) -> Plant:
        """Return the use of what is planted for `target`, or that nothing is there to be used."""
        shape = self._found(target)
        if shape is None:
            return _unproved(table, rule, target, "it is not there")
        return self._planted(table, rule, target, use_of(shape))

    # --- What is deprecated

    def _deprecated(self, table: Ssot) -> Iterator[Plant]:
        for target in table.deprecated:
            for shape in self._known.get(str(target), ()):
                if shape.kind in ("absent", "gone") and "." in shape.attribute:
                    yield _unproved(table, Rule.DEPRECATED_USE, target, shape.why)
                for rule, use in _uses(shape):
                    planted = self._planted(table, rule, target, use)._replace(name=shape.name)
                    if shape.kind == "fixture":  # it is used by a test that asks for it
                        planted = planted._replace(path=self._places.test(), code=f"{use.shown}\n", call="")
                    yield planted

    def _arguments(self, table: Ssot) -> Iterator[Plant]:
        for target in table.parameters:
            shape, parameter = self._found(target.thing), target.parameter
            if shape is None or parameter is None:
                yield _unproved(table, Rule.DEPRECATED_ARGUMENT, target, "what takes the parameter is not there")
                continue
            use = _call(shape, {parameter.name: parameter.value or "None"})
            planted = self._planted(table, Rule.DEPRECATED_ARGUMENT, target, use)
            yield planted._replace(name=f"{shape.name}{target.use}")

    def _writes(self, table: Ssot) -> Iterator[Plant]:
        for target in table.writes:
            shapes = self._known.get(str(target.holder), ())
            shape = next((shape for shape in shapes if shape.kind in ("class", "abstract", "enum", "module")), None)
            if shape is None:
                yield _unproved(table, Rule.DEPRECATED_ACCESS, target, "what has the attribute is not there")
                continue
            name = (target.thing.attribute or "").rpartition(".")[2]
            holder, given = (shape.module, ()) if shape.kind == "module" else ("value0", (shape.name,))
            use = _Use(f"{holder}.{name} = None", (_import(shape)[0],), given=given)
            yield self._planted(table, Rule.DEPRECATED_ACCESS, target, use)._replace(name=str(target))

    def _texts(self, table: Ssot) -> Iterator[Plant]:
        for text in table.texts:
            yield self._planted(table, Rule.DEPRECATED_TEXT, f"text:{text}", _Use(f"return {text!r}"))

    # --- The canonical

    def _bypass(self, table: Ssot) -> Iterator[Plant]:
        shape = self._found(table.canonical)
        if not table.accessors or table.canonical is None:
            return
        if shape is None or shape.kind not in ("class", "abstract"):
            why = "the canonical is no class that can be loaded"
            yield _unproved(table, Rule.SINGLETON_BYPASS, table.canonical, why)
            return
        use = next(use for rule, use in _uses(shape) if rule is Rule.DEPRECATED_USE)
        yield self._planted(table, Rule.SINGLETON_BYPASS, table.canonical, use)

    def _competing(self, table: Ssot) -> Iterator[Plant]:
        for target in table.competing if len(table.competing) > 1 else ():
            path = None if target.is_pattern else self._places.module(target.module)
            if path is None:
                why = "there is no package in which it could be made"
                yield _unproved(table, Rule.COMPETING_MODULES, target, why)
                continue
            shown, looks = f"{path} beside its competitors", frozenset({"scan"})
            yield Plant(table.name, Rule.COMPETING_MODULES, str(target), shown, path=path, looks=looks)

    def _duplicate(self, table: Ssot) -> Iterator[Plant]:
        if not table.single or table.canonical is None:
            return
        shape = self._found(table.canonical)
        name = (table.canonical.attribute or "").rpartition(".")[2]
        if not name:
            why = "a module has no definition to be repeated"
            yield _unproved(table, Rule.DUPLICATE_SSOT, table.canonical, why)
            return
        head = f"def {name}():" if shape is not None and shape.kind == "function" else f"class {name}:"
        yield Plant(
            table.name,
            Rule.DUPLICATE_SSOT,
            str(table.canonical),
            head,
            f"{head}\n    pass\n",
            path=self._places.new(table),
            looks=frozenset({"scan"}),
        )

    def _incomplete(self, table: Ssot) -> Iterator[Plant]:
        for name in table.provides if table.canonical is not None else ():
            module, _, attribute = _split(str(table.canonical))
            yield Plant(
                table.name,
                Rule.INCOMPLETE_SSOT,
                f"{table.canonical}.{name}",
                f"del {attribute or module}.{name}",
                call=f"planted.take_away({module!r}, {attribute!r}, {name!r})",
                elsewhere=True,
                looks=frozenset({"run"}),
            )

    def _leak(self, table: Ssot) -> Iterator[Plant]:
        if table.fixture is None or table.canonical is None:
            return
        accessor = next(filter(None, map(self._found, table.accessors)), None)
        if accessor is None or accessor.kind not in ("function", "static") or accessor.flavour:
            why = "no accessor is there that hands out the singleton when it is called"
            yield _unproved(table, Rule.STATE_LEAK, table.canonical, why)
            return
        use = _call(accessor)
        use = use._replace(shown=f"{use.shown.removeprefix('return ')}.left_by_a_planted_use = True")
        yield self._planted(table, Rule.STATE_LEAK, table.canonical, use)._replace(elsewhere=True)

    # --- Calls in an order

    def _split_brain(self, table: Ssot) -> Iterator[Plant]:
        methods = [(target, self._found(target), key) for target, key in table.keys.items()]
        for target, second, key in methods:
            others = [(first, by) for _, first, by in methods if first and second and first.owner != second.owner]
            if second is None:
                yield _unproved(table, Rule.SPLIT_BRAIN, target, "it is not there")
            elif not others:
                yield _unproved(table, Rule.SPLIT_BRAIN, target, "no other class is there to handle the same key")
            else:
                first, by = others[0]
                use = _after(_call(first, _argument(by)), _call(second, _argument(key), value=1))
                yield self._planted(table, Rule.SPLIT_BRAIN, target, use)

    def _transition(self, table: Ssot) -> Iterator[Plant]:
        if table.states is not None:
            use_of = partial(_transitions, table.states)
            yield self._if_there(table, Rule.ILLEGAL_TRANSITION, table.states.method, use_of)

    # --- Identifiers, contexts, warnings

    def _identifiers(self, table: Ids) -> Iterator[Plant]:
        for target in table.forbidden:
            yield self._if_there(table, Rule.OUT_OF_BAND_ID, target, _call)
        for pattern in table.patterns:
            use = _Use('return f"run_{int(time.time() * 1000)}"', ("import time",), why=_CLOCK)
            yield self._planted(table, Rule.OUT_OF_BAND_ID, pattern, use)
        for target, key in table.consumers.items():
            given = _argument(key, "ssot-proof-that-nobody-issued")
            yield self._if_there(table, Rule.FOREIGN_ID, target, partial(_call, given=given))

    def _contexts(self, table: Context) -> Iterator[Plant]:
        for target in table.targets:
            shape = self._found(target)
            if shape is None or table.inside:
                yield self._if_there(table, Rule.WRONG_CONTEXT, target, _call)
            elif table.event_loop:
                yield self._planted(table, Rule.WRONG_CONTEXT, target, _call(shape)._replace(waits=True))
            else:
                yield self._within(table, target, shape)

    def _within(self, table: Context, target: Target, shape: Shape) -> Plant:
        """Return a call of `target` inside of what it must not run in."""
        around = filter(None, map(self._found, table.never))
        outer = next((found for found in around if found.flavour in ("context", "async context")), None)
        if outer is None:
            why = "what it must not run in is no context manager, and calls what it calls"
            return _unproved(table, Rule.WRONG_CONTEXT, target, why)
        inner, manager = _call(shape), _call(outer, value=1 if shape.kind == "method" else 0)
        head = manager.shown.partition("\n")[0]
        use = inner._replace(
            shown="\n".join((head, *_indented(inner.shown))),
            imports=(*inner.imports, *manager.imports),
            given=(*inner.given, *manager.given),
            waits=inner.waits or manager.waits,
        )
        return self._planted(table, Rule.WRONG_CONTEXT, target, use)

    def _warnings(self, table: Warned) -> Iterator[Plant]:
        text = _text_for(table.message)
        declaring = re.sub(r"\*+", "planted", table.module[0].module) if table.module else None
        for category in table.category:
            if text is None:
                why = f"no text was found that matches {table.message!r}"
                yield _unproved(table, Rule.DEPRECATION_WARNING, category, why)
                continue
            top = str(category.attribute).partition(".")[0]
            imports = ["import warnings"]
            imports += [] if category.module == "builtins" else [f"from {category.module} import {top}"]
            shown = f"warnings.warn({text!r}, {category.attribute})"
            before: tuple[str, ...] = ()
            if declaring is not None:  # it is the module on the way that counts
                before = (f'names = {{"__name__": {declaring!r}, "warnings": warnings, {top!r}: {top}}}',)
                shown = f"exec({f'def give(): {shown}'!r}, names)\nnames['give']()"
            yield self._planted(table, Rule.DEPRECATION_WARNING, category, _Use(shown, tuple(imports), before))


_CLOCK = MappingProxyType({"run": "what is made of the clock is text like any other: the scan alone can see it"})


def _unproved(table: Table, rule: Rule, target: object, why: str) -> Plant:
    return Plant(table.name, rule, str(target), unproved=why)


# --- Uses


def _uses(shape: Shape) -> Iterator[tuple[Rule, _Use]]:
    """Yield how something deprecated is used, under each rule that speaks of it."""
    imported, top = _import(shape)
    if "." not in shape.attribute:
        yield Rule.DEPRECATED_IMPORT, _Use(imported, why={"run": shape.why} if shape.kind == "gone" else {})
    if shape.kind in ("class", "abstract"):
        yield Rule.DEPRECATED_BASE, _Use(f"class Planted({shape.attribute}):\n    pass", (imported,))
    if shape.kind == "abstract":
        filled = (f"class Planted({top}):", *(f"    {name} = None" for name in shape.members))
        yield Rule.DEPRECATED_USE, _Use("return Planted()", (imported,), filled)
    elif shape.kind == "fixture":
        asked = f"def test_planted({shape.attribute}):\n    pass"
        yield Rule.DEPRECATED_USE, _Use(asked, why={"scan": "which fixture a test gets, pytest decides"})
    elif shape.kind in ("class", "function", "method", "static"):
        yield Rule.DEPRECATED_USE, _call(shape)
    elif shape.kind == "property":
        read = f"return value0.{shape.attribute.rpartition('.')[2]}"
        owner = (f"{shape.module}:{shape.owner}",)
        why = {"scan": "what has the property is known when the code runs"}
        yield Rule.DEPRECATED_USE, _Use(read, (imported,), given=owner, why=why)
    elif shape.kind in ("constant", "enum"):
        read = f"return {shape.module}.{shape.attribute}{''.join(f'.{name}' for name in shape.members)}"
        is_member = shape.kind == "enum" and not shape.members
        why = {} if is_member else {"run": "reading a constant calls nothing: the scan alone can see it"}
        yield Rule.DEPRECATED_ACCESS, _Use(read, (f"import {shape.module}",), why=why)


def _import(shape: Shape) -> tuple[str, str]:
    """Return the statement that imports something, and the name that it binds."""
    if not shape.attribute:
        return f"import {shape.module}", shape.module
    top = shape.attribute.partition(".")[0]
    return f"from {shape.module} import {top}", top


def _call(shape: Shape, given: Mapping[str, str] = MappingProxyType({}), value: int = 0) -> _Use:
    """Return how something is called; `given` are arguments by their names."""
    arguments = []
    named = dict(given)
    for argument in shape.arguments:
        name = argument.lstrip("*/")
        text = named.pop(name, "None")
        arguments.append(text if argument[0] == "/" else f"{name}={text}")
    arguments += (f"{name}={text}" for name, text in named.items())
    last = shape.attribute.rpartition(".")[2]
    through = f"value{value}.{last}" if shape.kind == "method" else shape.attribute
    call = f"{through}({', '.join(arguments)})"
    owner = (f"{shape.module}:{shape.owner}",) if shape.kind == "method" else ()
    shown = {
        "generator": f"return next({call})",
        "async": f"return await {call}",
        "async generator": f"return await {call}.__anext__()",
        "context": f"with {call}:\n    pass",
        "async context": f"async with {call}:\n    pass",
    }.get(shape.flavour, f"return {call}")
    imports = (_NAMESPACE, _import(shape)[0]) if "SimpleNamespace(" in call else (_import(shape)[0],)
    return _Use(shown, imports, given=owner, waits=shape.flavour.startswith("async"))


def _argument(key: str, value: str = "ssot-proof") -> dict[str, str]:
    """Return the argument that holds a key, which may be an attribute of it: `order.id`."""
    name, *path = key.split(".")
    text = repr(value)
    for part in reversed(path):
        text = f"SimpleNamespace({part}={text})"
    return {name: text}


def _after(first: _Use, second: _Use) -> _Use:
    """Return `second` done after `first`, whatever that raises."""
    before = ("with suppress(BaseException):", *_indented(first.shown.removeprefix("return ")))
    imports = ("from contextlib import suppress", *first.imports, *second.imports)
    given = (*(first.given or second.given), *second.given)  # that of the second is the second, whatever the first is
    waits = first.waits or second.waits
    return second._replace(imports=tuple(dict.fromkeys(imports)), before=before, given=given, waits=waits)


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.split("\n")]


def _transitions(states: States, shape: Shape) -> _Use:
    """Return a change of state that is not allowed, after one that is where the first cannot be wrong."""

    def change(state: str) -> _Use:
        return _call(shape, {**_argument(states.key), **_argument(states.state, state)})

    start = states.allowed.get("")
    if start is not None:
        return change(_other(states.allowed, start))
    before, after = next(iter(states.allowed.items()))
    return _after(change(before), change(_other(states.allowed, (before, *after))))


def _other(allowed: Mapping[str, Sequence[str]], legal: Sequence[str]) -> str:
    """Return a state that is none of the `legal` ones."""
    every = [*allowed, *(state for states in allowed.values() for state in states)]
    return next((state for state in every if state and state not in legal), "ssot-proof")


def _text_for(pattern: str | None) -> str | None:
    """Return a text that a message may be for `pattern` to match its beginning."""
    if pattern is None:
        return "planted"
    plain = re.sub(r"\\(\W)", r"\1", pattern)
    tries = (pattern, plain, re.sub(r"[.][*+?]|[\^$]", "", plain), re.sub(r"[.][*+?]", " x ", plain).strip("^$"))
    first = re.sub(r"\((?:\?:)?([^()|]*)(?:\|[^()]*)?\)", r"\1", tries[-1]).split("|")[0]
    return next((text for text in (*tries, first) if re.match(pattern, text)), None)
