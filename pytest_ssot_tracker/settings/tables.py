"""Hold what a configuration says, checked and frozen.

These classes know nothing of TOML, pytest or files; `settings.load` makes them or reports every problem.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pytest_ssot_tracker.model import Phase, Rule, Site, Target
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, regex
from pytest_ssot_tracker.settings.argument_mapping import Passing
from pytest_ssot_tracker.settings.owners import Owners
from pytest_ssot_tracker.settings.owntests import is_named_after
from pytest_ssot_tracker.settings.presence import is_below_tool
from pytest_ssot_tracker.settings.tree import Tree, glob_matches

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings.question import Question

__all__ = ["Context", "Gate", "Ids", "Settings", "Ssot", "States", "Table", "Unfound", "Warned"]


_BARE = regex(r"[A-Za-z0-9_-]+")
"""A key that TOML takes without quotes."""

DEPRECATIONS = tuple(
    Target("builtins", name) for name in ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
)
"""The categories that a table of warnings speaks of where it names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What an `ssot` table and an `ids` table have in common.

    `phase` is `None` where the run's phase holds; `max` maps a rule to its budget of distinct sites. After `until`, or
    when the project has reached the version `removed_in` (`overdue`), every leniency of the table ends; where it names
    a version for each target, the leniency about those whose version is reached (`late`, as they are spelled). `within`
    are the paths (with a slash) or modules whose callers the table judges, all where it is empty, and `rules` those by
    which it does, likewise.
    """

    kind: ClassVar[str]

    name: str
    allow_in: tuple[Target, ...] = ()
    phase: Phase | None = None
    max: Mapping[Rule, int] = field(default_factory=dict)
    owner: str | None = None
    issue: str | None = None
    until: datetime.date | None = None
    removed_in: str | Mapping[str, str] | None = None
    overdue: bool = False
    late: frozenset[str] = frozenset()
    reason: str | None = None
    within: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def concerns(self, path: str, module: str) -> bool:
        """Whether the table judges what stands in the file at `path`, which is `module`."""
        if not self.within:
            return True
        return any(
            glob_matches(pattern, path) if "/" in pattern else Target.parse(pattern).covers_module(module)
            for pattern in self.within
        )

    def allows(self, module: str, scope: str | None = None) -> bool:
        """Whether code of `module`, in its function or class `scope`, may use what others may not."""
        return any(target.covers(module, scope) for target in self.allow_in)

    def needed(self) -> Iterator[Target]:
        """Yield every target that has to be there for the table to do its work: all but what is to go."""
        yield from ()

    def watched(self) -> tuple[Target, ...]:
        """Return every target that a run watches something in."""
        return ()

    def declared(self) -> tuple[Target, ...]:
        """Return what is watched for this table, or can be the target of one of its sites."""
        return self.watched()

    @property
    def looks_for_something(self) -> bool:
        """Whether anything is declared in the table."""
        return bool(self.declared())


class States(NamedTuple):
    """Which changes of state are legal: `allowed[before]` lists what may follow, `""` is the start."""

    method: Target
    key: str
    state: str
    allowed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssot(Table):
    """One single source of truth and what it replaces.

    `replace` maps the spelling of a deprecated target to that of its replacement, `passing` to how its arguments are
    passed on, and `arguments` that of a parameter to what is passed instead; `reset` is `"state"`, `"instance"` or a
    target to call; `keys` maps a method to the parameter that holds the key. `texts`, `parameters` and `writes` are
    what of `deprecated` is no thing of its own.
    """

    kind: ClassVar[str] = "ssot"

    canonical: Target | None = None
    accessors: tuple[Target, ...] = ()
    deprecated: tuple[Target, ...] = ()
    competing: tuple[Target, ...] = ()
    provides: tuple[str, ...] = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    passing: Mapping[str, Passing] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    fixture: str | None = None
    reset: str | Target = "state"
    texts: tuple[str, ...] = ()
    parameters: tuple[Target, ...] = ()
    writes: tuple[Target, ...] = ()
    tests_of: Mapping[Target, tuple[str, ...]] = field(default_factory=dict)
    single: bool = False
    keys: Mapping[Target, str] = field(default_factory=dict)
    states: States | None = None

    def needed(self) -> Iterator[Target]:
        """Yield the canonical, what hands out, resets or replaces something, and whose calls are followed."""
        yield from () if self.canonical is None else (self.canonical,)
        yield from (*self.accessors, *map(Target.parse, self.replace.values()))
        yield from (self.reset,) if isinstance(self.reset, Target) else ()
        followed = (*self.keys, *(() if self.states is None else (self.states.method,)))
        yield from (target for target in followed if not self.is_to_go(target))

    def watched(self) -> tuple[Target, ...]:
        """Return every target that a run watches something in."""
        canonical = () if self.canonical is None else (self.canonical,)
        methods = () if self.states is None else (self.states.method,)
        things = (target.thing for target in (*self.parameters, *self.writes))
        return (*canonical, *self.accessors, *self.deprecated, *things, *self.keys, *methods)

    def declared(self) -> tuple[Target, ...]:
        """Return what is watched for this table, or can be the target of one of its sites."""
        return (*self.watched(), *self.parameters, *self.writes, *self.competing)

    @property
    def looks_for_something(self) -> bool:
        """Whether anything is declared in the table."""
        return bool(self.texts or self.declared())

    @property
    def going(self) -> tuple[Target, ...]:
        """Return everything deprecated but texts."""
        return (*self.deprecated, *self.parameters, *self.writes)

    def is_to_go(self, target: Target) -> bool:
        """Whether `target` is deprecated here, so that its being gone is the goal."""
        return any(known.covers(target.module, target.attribute) for known in self.deprecated)

    def mapped(self, target: str) -> str | None:
        """Return what `replace` makes of the resolved `target`: by its own entry, else by that of what holds it."""
        module, _, attribute = target.partition(":")
        rest = ""
        while attribute:
            found = self.replace.get(f"{module}:{attribute}")
            if found is not None:
                return found + (rest if ":" in found else rest.replace(".", ":", 1))
            attribute, _, last = attribute.rpartition(".")
            rest = f".{last}{rest}"
        below = ""
        while module:
            found = self.replace.get(module)
            if found is not None and not (":" in found and below):
                inside = rest.removeprefix(".")
                return f"{found}{below}:{inside}" if inside and ":" not in found else f"{found}{below}{rest}"
            module, dot, last = module.rpartition(".")
            below = f"{dot}{last}{below}"
        return None

    def vouches_for(self, module: str, attribute: str) -> bool:
        """Whether a class is the canonical, or may use what is deprecated: then so may what derives from it."""
        if self.canonical is not None and (module, attribute) == (self.canonical.module, self.canonical.attribute):
            return True
        return bool(self.allow_in) and self.allows(module, attribute)

    def replacement(self, target: str, declared: str = "") -> str | None:
        """Return what to use instead of the resolved `target`, of which `declared` is the spelling in `deprecated`.

        That is what `replace` says, else the canonical.
        """
        found = self.mapped(target) or self.replace.get(declared)
        return found or (None if self.canonical is None else str(self.canonical))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids(Table):
    """Where one kind of identifier comes from.

    `consumers` maps a callable to its parameter that takes an identifier; `adopt` are callables whose results
    count as issued; `fix` maps what is forbidden, or `""` for all of it, to what replaces it (see `Template`).
    """

    kind: ClassVar[str] = "ids"

    generators: tuple[Target, ...] = ()
    forbidden: tuple[Target, ...] = ()
    patterns: tuple[str, ...] = ()
    consumers: Mapping[Target, str] = field(default_factory=dict)
    adopt: tuple[Target, ...] = ()
    fix: Mapping[str, str] = field(default_factory=dict)

    def needed(self) -> Iterator[Target]:
        """Yield what issues identifiers, what must not, and whose calls are followed."""
        yield from (*self.generators, *self.forbidden, *self.consumers, *self.adopt)

    def watched(self) -> tuple[Target, ...]:
        """Return every target that a run watches something in."""
        return (*self.generators, *self.forbidden, *self.adopt, *self.consumers)

    def declared(self) -> tuple[Target, ...]:
        """Return what is watched for this table, or can be the target of one of its sites."""
        return (*self.watched(), *(Target(pattern) for pattern in self.patterns))

    def replacement(self, target: str) -> str | None:
        """Return what to use instead of `target`: the first generator."""
        return str(self.generators[0]) if self.generators else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(Table):
    """The warnings that a project means to work off.

    `category` holds full names of warning classes, whose subclasses count as well; `message` is a regular expression
    that the text begins with; `module` names the modules that declare what is deprecated, all where it is empty.
    """

    kind: ClassVar[str] = "warnings"

    category: tuple[Target, ...] = DEPRECATIONS
    message: str | None = None
    module: tuple[Target, ...] = ()

    def declared(self) -> tuple[Target, ...]:
        """Return the categories: a site's target is one of them or a class below."""
        return self.category


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Table):
    """Where something may be called.

    `targets` are called only while one of `inside` runs in the same thread or task, where there are any, and never
    while one of `never` does; `event_loop` adds a running event loop to these.
    """

    kind: ClassVar[str] = "context"

    targets: tuple[Target, ...] = ()
    inside: tuple[Target, ...] = ()
    never: tuple[Target, ...] = ()
    event_loop: bool = False

    def needed(self) -> Iterator[Target]:
        """Yield everything: what is called, and what it is called in."""
        yield from (*self.targets, *self.inside, *self.never)

    def watched(self) -> tuple[Target, ...]:
        """Return every target that a run watches something in."""
        return (*self.targets, *self.inside, *self.never)


class Unfound(NamedTuple):
    """A target that the source does not show to be there.

    `goes` tells that it is deprecated, so that its being gone is the goal; `was` says in words how it is known to have
    been there. `sure` tells that the source leaves no doubt, `may_be_made` that it speaks of the name as one that is
    made at run time. `lacks` says what is missing where, `near` is what was probably meant, and `trouble` why git could
    not tell more.
    """

    table: str
    target: str
    goes: bool = False
    may_be_made: bool = False
    sure: bool = True
    lacks: str = ""
    near: str | None = None
    was: str = ""
    trouble: str = ""


class Gate(NamedTuple):
    """One criterion of `ssot-tracker gate`; `measure` names the figure held against `min` and `max`."""

    name: str
    measure: str
    rule: Rule | None = None
    ssot: str | None = None
    tests: str | None = None
    marker: str | None = None
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration of a project.

    `file` is where it was read, `None` when there is none: then nothing is active. `phase_override` is the phase
    that the command line or ini named, which beats every table's. `tree` answers what a path is to us. `packs` names
    the rule packs that are active; `warnings` are ready lines about what is suspicious, yet no error. `unfound` are the
    targets that the source does not show to be there, where somebody has looked. `asked` is the question that the
    command line adds, with a table of its own.
    """

    root: Path
    file: Path | None
    tree: Tree
    phase: Phase = Phase.ENFORCE
    phase_override: Phase | None = None
    baseline: Path | None = None
    ssots: tuple[Ssot, ...] = ()
    ids: tuple[Ids, ...] = ()
    warned: tuple[Warned, ...] = ()
    contexts: tuple[Context, ...] = ()
    gates: tuple[Gate, ...] = ()
    packs: tuple[str, ...] = ()
    owners: Owners | None = None
    warnings: tuple[str, ...] = ()
    unfound: tuple[Unfound, ...] = ()
    asked: Question | None = None
    tests_of: Mapping[Target, tuple[str, ...]] = field(default_factory=dict)

    _named: dict[str, tuple[Table, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether anything is declared; without it the plugin does nothing."""
        return any(table.looks_for_something for table in self.tables)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return every table, `ssot` first, in the order written."""
        return (*self.ssots, *self.ids, *self.warned, *self.contexts)

    def header(self, kind: str, name: str) -> str:
        """Return the header under which the configuration has, or would have, a table."""
        above = self.file is None or is_below_tool(self.file)
        key = name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
        return f"[{'tool.ssot_tracker.' if above else ''}{kind}.{key}]"

    def table(self, name: str) -> tuple[Table, ...]:
        """Return the tables called `name`: an `ssot` and an `ids` table may share one name."""
        if not self._named:
            for table in self.tables:
                self._named[table.name] = (*self._named.get(table.name, ()), table)
        return self._named.get(name, ())

    def expired(self, name: str, *, today: datetime.date, declared: str = "") -> bool:
        """Whether `until` of the table called `name` is past, or the version of the removal of what is `declared`.

        `until` itself is still lenient.
        """
        tables = self.table(name)
        return any(
            table.overdue or declared in table.late or (table.until is not None and table.until < today)
            for table in tables
        )

    def concerns(self, site: Site) -> bool:
        """Whether the table that `site` belongs to judges what stands there, by that rule (see `Table.concerns`)."""
        tables = (table for table in self.table(site.ssot) if table.kind == site.rule.about.table)
        return all(
            table.concerns(site.path, self.tree.module(site.path)) and (not table.rules or site.rule in table.rules)
            for table in tables
        )

    def is_own_test(self, site: Site) -> bool:
        """Whether `site` stands in the tests of what it uses: in a module of its name, or where `tests_of` says so."""
        if not site.rule.deprecates:
            return False
        module, _, attribute = site.target.partition(":")
        places = [self.tests_of, *(table.tests_of for table in self.table(site.ssot) if isinstance(table, Ssot))]
        for target, patterns in (item for each in places for item in each.items()):
            if target.covers(module, attribute or None) and any(
                glob_matches(pattern, site.path) for pattern in patterns
            ):
                return True
        return self.tree.is_test(site.path) and is_named_after(site) and self.tree.defines(module)

    def phase_of(self, name: str, *, today: datetime.date, declared: str = "") -> Phase:
        """Return the phase that holds on the day `today` for the table called `name`, or what is `declared` there."""
        if self.expired(name, today=today, declared=declared):
            return Phase.ENFORCE
        if self.phase_override is not None:
            return self.phase_override
        own = next((table.phase for table in self.table(name) if table.phase is not None), None)
        return own or self.phase
