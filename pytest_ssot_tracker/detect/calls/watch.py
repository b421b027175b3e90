"""Watch what a configuration names: deprecated things used, the canonical bypassed, identifiers made elsewhere.

Each declared target becomes claims on sentinels, as soon as the module that holds it is loaded. Planting is all or
nothing per target, and everything planted can be undone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import EnumMeta
from types import BuiltinFunctionType, FrameType, ModuleType

from pytest_ssot_tracker.detect.calls.callables import Callables
from pytest_ssot_tracker.detect.calls.classes import Classes, is_written_in_c
from pytest_ssot_tracker.detect.calls.factories import factories
from pytest_ssot_tracker.detect.calls.requests import Requests
from pytest_ssot_tracker.detect.calls.served import Served
from pytest_ssot_tracker.detect.calls.unseen import calls_of_setattr
from pytest_ssot_tracker.detect.live.objects import cells_of, homes_of, is_descriptor, parts_of
from pytest_ssot_tracker.detect.live.resolve import (
    is_handed_on,
    is_other_name,
    members,
    module_exists,
    own_name,
)
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError, Wing
from pytest_ssot_tracker.detect.plant.sentinels import Claim, Inside, Sentinel, Sentinels, StartKind
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Watch
from pytest_ssot_tracker.loaded import file_of, name_of, namespace_of
from pytest_ssot_tracker.model import BY_SCAN, BlindSpot, Exempt, Guard, Parameter, Rule, Target
from pytest_ssot_tracker.records import NamedTuple, dataclass, replace
from pytest_ssot_tracker.settings import Settings, Ssot, Table

__all__ = ["Calls"]


@dataclass(frozen=True, slots=True, eq=False)
class WatchedTarget:
    """One target to watch: under which rule and table; `inside` exempts, or is what the target adds to."""

    target: Target
    table: Table
    rule: Rule | None
    inside: Inside | None = None
    exempt: Exempt | None = None

    @property
    def parameter(self) -> Parameter | None:
        """The parameter that is meant, `None` where it is the thing itself."""
        return self.target.parameter if self.rule is Rule.DEPRECATED_ARGUMENT else None

    @property
    def thing(self) -> Target:
        """The target of what is looked for in a module."""
        return self.target.thing if self.target.use else self.target


class ResolvedTarget(NamedTuple):
    """What a target turned out to be: its resolved name, the class it was found on, the object, and where it was.

    `spelled` is set where only uses by this name count: the object is not deprecated by its own. With a module before a
    colon it is what is read from that module, which only hands the object on.
    """

    name: str
    owner: type | None
    value: object
    module: ModuleType
    spelled: str = ""


class Calls(Wing):
    """Watch calls and constructions of everything that `settings` declares.

    `plant(module)` is to be called for each module that is loaded already and after each execution of one, `undo()` at
    the end. `guards` say which back end watches what, and `planting` has others watch what they need to.
    """

    def __init__(self, settings: Settings, *, recorder: Recorder, scope: Scope) -> None:
        super().__init__(recorder, scope)
        self.guards: list[Guard] = []
        self._sentinels = Sentinels(recorder, scope, trouble=self._trouble)
        self.planting = Planting(self._sentinels, scope, on_change=recorder.on_change, blind=self._blind_for)
        self._classes = Classes(self.planting, made=self._sentinels.made)
        self._callables = Callables(self.planting, Requests(self.planting, recorder, scope))
        self._orders = list(_orders(settings))
        self._unfound = {(row.table, row.target) for row in settings.unfound}
        self._planted: dict[tuple[int, int], object] = {}
        self._served: Served | None = None
        self._insides = list(dict.fromkeys(order.inside for order in self._orders if order.inside is not None))
        for inside in self._insides:
            inside.follow(recorder.home)
            recorder.on_home.append(inside.follow)
        recorder.before_drain.append(self._classes.settle)

    def when_made_inside(self, table: Table, call: Callable[[], None]) -> None:
        """Call `call` when the canonical of `table` may be in the making in one of its accessors."""
        for inside in {order.inside for order in self._orders if order.table is table and order.inside is not None}:
            inside.making.append(call)

    def serve(self, settings: Settings, appear: Callable[[ModuleType], None]) -> None:
        """Have `appear` called with what modules make when they are asked for it, as a module of that name."""
        self._served = Served(
            settings,
            recorder=self._recorder,
            scope=self._scope,
            planting=self.planting,
            appear=appear,
            blind=self._blind,
        )

    def plant(self, module: ModuleType) -> None:
        """Plant what is declared in `module`, which has just been executed; what is planted already stays."""
        self._plant_declared(module)
        if self._served is not None:
            self._served.plant(module)

    def _plant_declared(self, module: ModuleType) -> None:
        self._classes.settle()
        called = self._scope.aliases.name_of(module)
        for number, order in enumerate(self._orders):
            for name, owner, value in _found_in(module, order, called):
                if order.parameter is not None and self._is_rid_of(order, name, value):
                    continue
                self._resolved.add((order.table.name, order.target))
                found = ResolvedTarget(name, owner, value, module, self._spelled(order, name, value))
                if order.rule is Rule.DEPRECATED_USE and self._is_handed_on(found):
                    if owner is not None:
                        why = f"{found.module.__name__} only hands its class on: name it where the class is defined"
                        self._blind(BlindSpot(name, why, order.table.name))
                        continue
                    found = found._replace(spelled=name)
                if (number, id(value)) not in self._planted:
                    self._planted[number, id(value)] = value
                    self._plant(order, found)

    def _is_rid_of(self, order: WatchedTarget, name: str, value: object) -> bool:
        """Whether `value` does not take a parameter any more; where the source does not show that, it is said."""
        from pytest_ssot_tracker.detect.calls.parameters import lacks

        if order.parameter is None or not lacks(value, order.parameter):
            return False
        if (order.table.name, str(order.target)) not in self._unfound:
            why = f"it has no parameter {order.parameter.name!r}: correct the name, or list it under 'retired'"
            self._blind(BlindSpot(f"{name}{order.target.use}", why, order.table.name))
        return True

    def _spelled(self, order: WatchedTarget, name: str, value: object) -> str:
        """Return the last part of a deprecated name of what is not deprecated by its own name, `""` for the thing."""
        path = name.partition(":")[2]
        own = own_name(value)
        if not isinstance(order.table, Ssot) or order.rule is not Rule.DEPRECATED_USE:
            return ""
        if own is None or not is_other_name(value, path):
            return ""
        home = self._scope.aliases.of(own[0])
        targets = order.table.deprecated
        itself = any(
            target.covers_module(home) if target.attribute is None else target.covers(home, own[1])
            for target in targets
        )
        return "" if itself else path.rpartition(".")[2]

    def _is_handed_on(self, found: ResolvedTarget) -> bool:
        if found.spelled:
            return False
        if self._served is not None and any(found.value is value for value in self._served.hidden):
            return False
        filename = file_of(found.module)
        foreign = filename is None or self._scope.place(filename) is None
        # Of what a class has, the class decides: what it inherits comes from elsewhere, and is its own.
        top = found.name.partition(":")[2].partition(".")[0]
        value = (namespace_of(found.module) or {}).get(top, found.value)
        return is_handed_on(value, name_of(found.module) or "", foreign=foreign)

    def unpickled(self, module: str, frame: FrameType) -> None:
        """Know that `frame` unpickles something of `module`."""
        self._classes.unpickled.setdefault(module, frame.f_code.co_filename)

    def rebound(self) -> Iterator[BlindSpot]:
        """Yield the classes of which not every construction is seen, because they are made in another way now."""
        self._classes.settle()
        return _spots(self.planting.rebound())

    def heal(self) -> Iterator[BlindSpot]:
        """Yield what was not seen since the last time because somebody replaced it; watch it again."""
        self._classes.settle()
        return _spots(self.planting.heal())

    def sweep(self) -> None:
        """Name the classes of which instances are made that nothing here sees."""
        self._sweep_writes()
        for claim, why in self._classes.unseen(self._path_of):
            self._blind_for(claim, why)

    def _sweep_writes(self) -> None:
        """Name the places that write an attribute, where it cannot be told to what."""
        lost: dict[str, list[str]] = {}
        for name, filename, line in self.planting.lost():
            lost.setdefault(name, []).append(f"{self._recorder.sites.path(filename)}:{line}")
        for order in self._orders:
            if order.target.use != "=":
                continue
            name = (order.thing.attribute or "").rpartition(".")[2]
            unseen = () if self.planting.tells_callees else calls_of_setattr(name, order.thing.module, self._path_of)
            for places, why in ((lost.get(name, ()), _LOST), (unseen, _SET)):
                shown = ", ".join(sorted(places)[:_SHOWN])
                if shown:
                    self._blind(BlindSpot(str(order.target), why.format(places=shown), order.table.name))

    def _path_of(self, filename: str) -> str | None:
        place = self._scope.place(filename)
        return None if place is None else place.path

    def undo(self) -> None:
        """Put everything back as it was, and give the monitoring tool back."""
        if self._classes.settle in self._recorder.before_drain:
            self._recorder.before_drain.remove(self._classes.settle)
            for inside in self._insides:
                self._recorder.on_home.remove(inside.follow)
        self.planting.undo()
        self.planting.close()

    def _needed(self) -> Iterator[tuple[str, Target]]:
        return ((order.table.name, order.target) for order in self._orders)

    def _is_gone(self, target: Target) -> bool:
        """Whether no module holds the target; one that answers for names when it is asked may yet do so."""
        target = target.thing if target.use else target
        names = namespace_of(sys.modules.get(target.module))
        if names is None or target.attribute is None:
            return not module_exists(target.module)
        return "__getattr__" not in names

    def _plant(self, order: WatchedTarget, found: ResolvedTarget) -> None:
        name = f"{found.name}{order.target.use}"
        if not (order.target.use or self._runs_code(found)):
            served = "__getattr__" in (namespace_of(found.module) or ())
            if order.rule is Rule.DEPRECATED_USE and order.target.attribute is not None and not served:
                self._guard(name, [BY_SCAN])  # a constant, which is read and never called
                self._read_by_name(order, found)
            return
        try:
            with self.planting.all_or_nothing():
                backends = self._watch(order, found)
        except Exception as error:  # a target that cannot be taken apart must not keep the tests from running
            why = str(error) if isinstance(error, UnwatchableError) else f"{type(error).__name__}: {error}"
            self._blind(BlindSpot(name, why, order.table.name))
            return
        self._guard(name, backends)

    def _read_by_name(self, order: WatchedTarget, found: ResolvedTarget) -> None:
        """Watch what a scan does not see of a constant: `getattr` with a name in a variable."""
        from pytest_ssot_tracker.detect.calls.lookups import watch_getattr

        name = found.name.rpartition(":")[2].rpartition(".")[2]
        claim = self._claim(order, Rule.DEPRECATED_ACCESS, found)
        watch_getattr(self.planting, found.owner or found.module, name, found.value, claim)

    def _guard(self, name: str, backends: Iterable[str]) -> None:
        guards = (Guard(name, backend) for backend in dict.fromkeys(backends))
        self.guards += [guard for guard in guards if guard not in self.guards]

    def _watch(self, order: WatchedTarget, found: ResolvedTarget) -> list[str]:
        name, owner, value = found[:3]
        if order.rule is None:
            return self._open(order, value)
        claim = self._claim(order, order.rule, found)
        if order.parameter is not None:
            return self._passed(order.parameter, claim, found)
        if order.target.use or _is_member(found):
            return self._looked_up(order, claim, found)
        if issubclass(type(value), type):
            if is_written_in_c(value):  # type: ignore[arg-type]
                return self._callables.calls(value, claim, _C_CLASS)
            base = None
            if order.rule is Rule.DEPRECATED_USE:
                base = self._claim(order, Rule.DEPRECATED_BASE, found)
            backends = self._classes.watch(value, claim, base=base)  # type: ignore[arg-type]
            if order.rule is Rule.DEPRECATED_USE:
                self._factories(claim, name, value)  # type: ignore[arg-type]
            return backends
        return self._callables.watch(value, claim, owner=owner)

    def _runs_code(self, found: ResolvedTarget) -> bool:
        """Whether something can be seen of it that runs: a call, a descriptor, a look-up in an enum."""
        return callable(found.value) or (found.owner is not None and (is_descriptor(found.value) or _is_member(found)))

    def _looked_up(self, order: WatchedTarget, claim: Claim, found: ResolvedTarget) -> list[str]:
        """Book `claim` for each look-up of a member of an enum, or each write of an attribute."""
        from pytest_ssot_tracker.detect.calls.lookups import watch_member, watch_writes

        name = found.name.rpartition(":")[2].rpartition(".")[2]
        if order.target.use:
            return watch_writes(self.planting, found.value, name, claim)
        return watch_member(self.planting, found.owner, name, claim)  # type: ignore[arg-type]

    def _passed(self, parameter: Parameter, claim: Claim, found: ResolvedTarget) -> list[str]:
        """Book `claim` for each call that passes a parameter."""
        from pytest_ssot_tracker.detect.calls.parameters import watch_parameter

        return watch_parameter(self.planting, found.value, claim, parameter, owner=found.owner)

    def _factories(self, claim: Claim, name: str, cls: type) -> None:
        """Book `claim` for each call of a class method or static method of `cls` as well."""
        for factory, holder, function, takes_class, shared, why in factories(cls):
            if why and self._is_ours(holder):
                self._blind(BlindSpot(f"{name}.{factory}", why, claim.table.name))
            if function is not None:
                owner, kind = (cls, StartKind.MAKING) if takes_class else (None, StartKind.CALL)
                foreign = not self._scope.tree.is_own(function.__code__.co_filename)
                own = replace(claim, cls=owner, cells=cells_of(function), foreign=foreign, numbers={})
                self.planting.on(function, kind, claims=[own], shared=shared)

    def _is_ours(self, cls: type) -> bool:
        filename = file_of(sys.modules.get(cls.__module__))
        return filename is not None and self._scope.place(filename) is not None

    def _open(self, order: WatchedTarget, value: object) -> list[str]:
        """Let an accessor or a generator make what happens inside it legitimate."""
        assert order.inside is not None
        self.planting.know(order.inside)
        parts = parts_of(value)
        if not parts and type(value) is not BuiltinFunctionType:  # which runs nothing of ours
            return self._open_unseen(order.inside, order, value)
        codes = [(part.function.__code__, part) for part in parts]
        for part in parts:
            planted = self.planting.on(part[0], StartKind.CALL, announce=order.inside.enter).codes
            codes += [(code, part) for code in planted]
        order.inside.add(order.target, codes)
        self.planting.refresh(order.inside)
        return [self.planting.backend_name] if parts else []

    def _open_unseen(self, inside: Inside, order: WatchedTarget, value: object) -> list[str]:
        """Let what has no frame of its own make what happens legitimate while a statement is calling it."""
        try:
            self.planting.calls_of(value, inside.called)
        except UnwatchableError:
            raise UnwatchableError(
                f"{type(value).__name__} has no Python code: what happens in it is its caller's"
            ) from None
        inside.add(order.target, ())
        self.planting.refresh(inside)
        return ["monitoring"]

    def _claim(self, order: WatchedTarget, rule: Rule, found: ResolvedTarget) -> Claim:
        watch = Watch(
            rule,
            order.table.name,
            f"{found.name}{order.target.use}",
            str(order.target),
            spelled=found.spelled,
        )
        files = frozenset(homes_of(found.value, found.module))
        foreign = not any(map(self._scope.tree.is_own, files))
        return Claim(
            watch=watch,
            table=order.table,
            target=order.target,
            source_only=order.rule is Rule.OUT_OF_BAND_ID or (foreign and order.rule is not Rule.SINGLETON_BYPASS),
            foreign=foreign,
            files=files,
            home=files if order.rule in _AT_HOME else frozenset[str](),
            inside=order.inside,
            exempt=order.exempt,
        )

    def _trouble(self, why: str) -> None:
        self._blind(BlindSpot("calls", why))

    def _blind_for(self, claim: Claim, why: str) -> None:
        self._blind(BlindSpot(claim.watch.target, why, claim.table.name))


_AT_HOME = frozenset({Rule.DEPRECATED_USE, Rule.DEPRECATED_ARGUMENT, Rule.DEPRECATED_ACCESS})
"""Rules for which what the module of a target does with it is no site."""

_SHOWN = 5
_LOST = (
    "{places}: what is written to there cannot be told while the tests run, only what a variable, its attributes and "
    "items lead to; the scan reads it, or give it a variable"
)
_SET = (
    "{places}: what setattr writes there is told from Python 3.12 on only, where a tool id of sys.monitoring is free: "
    "the scan reads it"
)
_C_CLASS = (
    "a class written in C cannot be watched itself: where the project's own code constructs it or a subclass is seen, "
    "not where a library or C code does, nor copies, nor class statements that derive from it"
)


def _found_in(module: ModuleType, order: WatchedTarget, called: str) -> Iterator[tuple[str, type | None, object]]:
    """Yield what the target of `order` names in `module`; where it is written to, what holds the attribute."""
    thing = order.thing
    if order.target.use != "=":
        yield from members(module, thing, called)
        return
    attribute = (thing.attribute or "").rpartition(".")[2]
    if thing.holder.attribute is not None:
        held = members(module, thing.holder, called)
        yield from ((f"{name}.{attribute}", None, value) for name, _, value in held if issubclass(type(value), type))
    elif thing.module == called:
        yield f"{called}:{attribute}", None, module


def _is_member(found: ResolvedTarget) -> bool:
    """Whether it is a member of an enum."""
    if found.owner is None or not issubclass(type(found.owner), EnumMeta):
        return False
    from pytest_ssot_tracker.detect.calls.lookups import is_member

    return is_member(found.owner, found.name.rpartition(".")[2])


def _spots(changed: Iterable[tuple[Sentinel | None, str]]) -> Iterator[BlindSpot]:
    for sentinel, why in changed:
        claims = () if sentinel is None else sentinel.claims
        yield from (BlindSpot(str(claim.target), why, claim.table.name) for claim in claims)
        if not claims:  # what only tells who has started a thread, what an accessor has made and the like
            yield BlindSpot("calls", why)


def _orders(settings: Settings) -> Iterator[WatchedTarget]:
    for ssot in settings.ssots:
        yield from (WatchedTarget(target, ssot, Rule.DEPRECATED_USE) for target in ssot.deprecated)
        yield from (WatchedTarget(target, ssot, Rule.DEPRECATED_ARGUMENT) for target in ssot.parameters)
        yield from (WatchedTarget(target, ssot, Rule.DEPRECATED_ACCESS) for target in ssot.writes)
        yield from _canonical(ssot)
    for ids in settings.ids:
        inside = Inside(ids.generators)
        yield from (WatchedTarget(generator, ids, None, inside) for generator in ids.generators)
        yield from (WatchedTarget(target, ids, Rule.OUT_OF_BAND_ID, inside) for target in ids.forbidden)


def _canonical(ssot: Ssot) -> Iterator[WatchedTarget]:
    if ssot.canonical is not None and ssot.accessors:
        inside = Inside(ssot.accessors)
        yield from (WatchedTarget(accessor, ssot, None, inside, Exempt.ACCESSOR) for accessor in ssot.accessors)
        yield WatchedTarget(ssot.canonical, ssot, Rule.SINGLETON_BYPASS, inside, Exempt.ACCESSOR)
