"""Name the nouns every room shares: rules, targets, sites, observations, decisions.

Standard library only. Everything here is plain, frozen data: it can be compared, hashed, pickled and sent
between processes, and it never holds a live object of the code under test.
"""

from __future__ import annotations

import datetime
import json
import re
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from unicodedata import normalize

from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, regex, replace
from pytest_ssot_tracker.rules import Rule

TYPE_CHECKING = False  # as `typing` has it, which nothing else here needs
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

__all__ = [
    "BUCKETS",
    "BlindSpot",
    "By",
    "Decision",
    "Exempt",
    "Flag",
    "Guard",
    "Moves",
    "Observation",
    "Parameter",
    "Phase",
    "Rule",
    "Site",
    "SiteStatement",
    "Status",
    "Step",
    "Target",
    "TargetError",
    "Verdict",
    "is_test",
    "squeeze",
    "written",
]


class Text(str, Enum):
    """An enum whose members are, and print as, their text."""

    __str__ = str.__str__

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)


class Phase(Text):
    """The three phases of a migration."""

    BASELINE = "baseline"
    RATCHET = "ratchet"
    ENFORCE = "enforce"


class Step(Text):
    """The step of a test (or of the session) in which something was observed."""

    COLLECT = "collect"
    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"


class By(Text):
    """How it is known that a use happened: what was seen of it."""

    CALL = "call"
    IMPORT = "import"
    CLASS = "class"
    CHECK = "check"
    WARNING = "warning"
    LINE = "line"
    COVERAGE = "coverage"

    @staticmethod
    def seen(rule: Rule) -> By:
        """Return what a detector sees of `rule`."""
        return By(rule.about.seen_by)


class Status(Text):
    """How a site stands, worst first (see `Status.worst`)."""

    NEW = "new"
    KNOWN = "known"
    EXPECTED = "expected"
    ALLOWED = "allowed"

    @property
    def is_unexcused(self) -> bool:
        """Whether nothing excuses a site that stands so: it is neither expected nor allowed."""
        return self in (Status.NEW, Status.KNOWN)

    @staticmethod
    def worst(*statuses: Status) -> Status:
        """Return the worst of `statuses`; with none given, `ALLOWED`."""
        return min(statuses, key=_WORST_FIRST.__getitem__, default=Status.ALLOWED)


_WORST_FIRST = {status: rank for rank, status in enumerate(Status)}


class Flag(Text):
    """Mark a scan site that is listed and never fails."""

    TYPE_CHECKING = "type_checking"
    GUARDED = "guarded"


class Exempt(Text):
    """Why an observation is recorded but allowed by the configuration itself."""

    ALLOW_IN = "allow_in"
    ACCESSOR = "accessor"


BUCKETS = ("collection", "unattributed", "teardown", "service")
"""Where an observation is booked that belongs to no test."""


class ProblemError(Exception):
    """Why something cannot be used: `about` names it, `problem` says what is wrong with it, `said` both in one line."""

    said = "{0}: {1}"

    def __init__(self, about: str, problem: str) -> None:
        super().__init__(about, problem)
        self.about = about
        self.problem = problem

    def __str__(self) -> str:
        return self.said.format(self.about, self.problem)


class TargetError(ProblemError, ValueError):
    """Why a spelling is no target."""

    said = "{0!r} is not a target: {1}; write pkg.mod, pkg.mod:Name or pkg.mod:Class.method"


class FileError(ProblemError, ValueError):
    """Why the file at a path cannot be used, and what to do."""


_PART = regex(r"(?:[^\W\d]|\*)[\w*]*\Z")
_PARAMETER = regex(r"\(\s*([^\W\d]\w*)\s*(?:=(.*))?\)\Z", re.DOTALL)


class Parameter(NamedTuple):
    """A parameter of a callable, by its name; with `value`, the text of a literal, only where that is passed."""

    name: str
    value: str | None = None

    @classmethod
    def parse(cls, spelling: str) -> Parameter | None:
        """Return the parameter that is spelled `(name)` or `(name="value")`, `None` where it is neither."""
        match = _PARAMETER.match(spelling) if spelling.startswith("(") else None
        if match is None:
            return None
        name, value = match.groups()
        if value is None:
            return cls(name)
        from ast import literal_eval

        try:
            literal = literal_eval(value.strip())
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            return None
        return cls(name, written(literal)) if type(literal) in _LITERALS else None

    @property
    def literal(self) -> object:
        """Return the value that is asked for."""
        from ast import literal_eval

        return literal_eval(self.value or "None")

    def __str__(self) -> str:
        return f"({self.name})" if self.value is None else f"({self.name}={self.value})"


_LITERALS = (str, bytes, int, float, bool, type(None))


def written(literal: object) -> str:
    """Return the one way in which a plain value is written in a target."""
    return json.dumps(literal, ensure_ascii=False) if isinstance(literal, str) else repr(literal)


@dataclass(frozen=True, slots=True)
class Target:
    """A spelled target: `pkg.mod`, `pkg.mod:Name`, `pkg.mod:Class.method`; `*` and `**` match.

    `*` matches within one dotted part, `**` any number of parts (also none). A target without `attribute`
    stands for the module and all below it. The attribute may end in one way to use the `thing` that it names: with a
    parameter, as in `pkg.mod:func(legacy)` and `pkg.mod:func(mode="old")`, or with `=` for writing it, as in
    `pkg.mod:Class.attr=`.
    """

    module: str
    attribute: str | None = None

    @classmethod
    def parse(cls, spelling: str) -> Target:
        """Return the target spelled so; raise `TargetError` when it is none.

        Names are taken in the normal form in which Python compares them (PEP 3131).
        """
        if "(" in spelling:
            return cls._parse_use(spelling)
        if spelling[-1:] == "=":
            return cls.parse(spelling[:-1].rstrip()).used("=")
        if not spelling.isascii():
            spelling = normalize("NFKC", spelling)
        module, colon, attribute = spelling.partition(":")
        if not module:
            raise TargetError(spelling, "the module is missing")
        if colon and not attribute:
            raise TargetError(spelling, "the name after ':' is missing")
        for dotted in filter(None, (module, attribute)):
            for part in dotted.split("."):
                if not part:
                    raise TargetError(spelling, "a dotted part is empty")
                if not part.isidentifier() and not _PART.match(part):
                    raise TargetError(spelling, f"{part!r} is no identifier")
        return cls(module, attribute or None)

    @classmethod
    def _parse_use(cls, spelling: str) -> Target:
        at = spelling.index("(")
        parameter = Parameter.parse(spelling[at:])
        if parameter is None:
            raise TargetError(spelling, f'{spelling[at:]!r} is no parameter such as (name) or (name="value")')
        return cls.parse(spelling[:at]).used(str(parameter))

    def used(self, use: str) -> Target:
        """Return the target that stands for one way to use this one, whose last part is then the thing that is used."""
        if self.attribute is not None:
            return Target(self.module, f"{self.attribute}{use}")
        module, dot, name = self.module.rpartition(".")
        if not dot:
            raise TargetError(f"{self}{use}", "the module is missing")
        return Target(module, f"{name}{use}")

    @property
    def use(self) -> str:
        """Return the one way to use the thing that the target speaks of, `""` where it speaks of the thing itself."""
        attribute = self.attribute or ""
        if attribute[-1:] == "=":
            return "="
        return attribute[attribute.index("(") :] if attribute[-1:] == ")" else ""

    @property
    def thing(self) -> Target:
        """Return the target that names the thing itself."""
        use = self.use
        return Target(self.module, (self.attribute or "").removesuffix(use)) if use else self

    @property
    def name(self) -> str:
        """Return the last part of the thing's name."""
        return (self.thing.attribute or self.module).rpartition(".")[2]

    @property
    def holder(self) -> Target:
        """Return the target of what has the thing: a class, or a module."""
        return Target(self.module, (self.thing.attribute or "").rpartition(".")[0] or None)

    @property
    def parameter(self) -> Parameter | None:
        """Return the parameter that the target speaks of, `None` where it speaks of none."""
        return Parameter.parse(self.use)

    def __str__(self) -> str:
        return self.module if self.attribute is None else f"{self.module}:{self.attribute}"

    @property
    def is_pattern(self) -> bool:
        """Whether the target holds a `*`, so that it names no single thing."""
        return "*" in self.module or "*" in (self.thing.attribute or "")

    def covers_module(self, module: str) -> bool:
        """Whether this whole-module target covers `module` or a package above it."""
        return self.attribute is None and _matches(self.module, module, below=True)

    def covers(self, module: str, attribute: str | None = None) -> bool:
        """Whether the thing at `module` and `attribute` (a dotted name, `None` for the module) is meant.

        `pkg.mod:Class` covers `pkg.mod:Class.method` too; `pkg.mod:Name` does not cover `pkg.mod`. A thing covers every
        way to use it, a parameter all its values.
        """
        if self.attribute is None:
            return self.covers_module(module)
        if attribute is None or not _matches(self.module, module, below=False):
            return False
        if self.attribute[-1] in ")=" or attribute[-1:] in (")", "="):
            return self._covers_use(Target(module, attribute))
        return _matches(self.attribute, attribute, below=True)

    def _covers_use(self, other: Target) -> bool:
        """Whether a way to use something is meant, by itself, by all its values or by the thing."""
        mine, theirs, parameter = self.use, other.use, other.parameter
        whole = parameter is not None and mine == str(Parameter(parameter.name))
        if mine and mine != theirs and not whole:
            return False
        return _matches(self.thing.attribute or "", other.thing.attribute or "", below=not mine)


def _matches(pattern: str, name: str, *, below: bool) -> bool:
    """Whether the dotted `pattern` stands for `name`, or with `below` for something above it."""
    if "*" in pattern:
        return _dotted(pattern, below).match(name) is not None
    return name == pattern or (below and name.startswith(f"{pattern}."))


@lru_cache(maxsize=1024)
def _dotted(pattern: str, below: bool) -> re.Pattern[str]:
    """Return the regular expression for a dotted pattern; with `below` it also matches what is beneath."""
    start = r"(?:\A|\.)"  # of a part; the first part that takes anything stands at the start of the name
    text = ""
    for part in pattern.split("."):
        if part == "**":
            text += f"(?:{start}[^.]+)*"
        elif not part.strip("*"):
            text += f"{start}[^.]+"
        else:
            text += start + re.escape(part).replace(r"\*", "[^.]*")
    return re.compile(text + (r"(?:\..+)?\Z" if below else r"\Z"))


_TOKENS = regex(
    r"""(?P<string>[rRbBuUfFtT]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"""|(?P<comment>\#[^\n]*)|(?P<space>(?:\s|\\(?:\r\n|\r|\n))+)|(?P<word>\w+)|(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """Return what of a statement's text is its identity: no comments, no layout, no trailing commas, one kind of quote.

    So a statement that a formatter wraps or requotes stays the same. Of parentheses only those are left out that a
    formatter puts around all that follows an `import`, `return`, `=` and the like. A space is kept only between two
    words.
    """
    kept: list[str] = []
    for match in _TOKENS.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind in ("comment", "space"):
            continue
        if kind == "string":
            token = _requoted(token)
        while token in (")", "]", "}") and kept and kept[-1] == ",":
            kept.pop()
        if kept and _runs_together(kept[-1], token):
            kept.append(" ")
        kept.append(token)
    return "".join(_unwrapped(kept))


_WRAPS = frozenset({"import", "return", "=", "assert", "if", "elif", "while", "in", "yield", "await", "del", "with"})


def _runs_together(before: str, after: str) -> bool:
    return before[-1:].isidentifier() and (after[0].isalnum() or after[0] in "_\"'")


def _unwrapped(tokens: list[str]) -> list[str]:
    """Return `tokens` without the parentheses that hold everything from one of `_WRAPS` to the end of the statement."""
    end = len(tokens) - 1 - (tokens[-1:] == [":"])
    if end < 0 or tokens[end] != ")":
        return tokens
    depth = 0
    for start in range(end, 0, -1):
        depth += {")": 1, "(": -1}.get(tokens[start], 0)
        if not depth:
            if tokens[start - 1] not in _WRAPS:
                return tokens
            space = [" "] if _runs_together(tokens[start - 1], tokens[start + 1]) else []
            return [*tokens[:start], *space, *tokens[start + 1 : end], *tokens[end + 1 :]]
    return tokens


def _requoted(string: str) -> str:
    """Return a string literal in double quotes with a small prefix, where that changes nothing but its looks."""
    prefix, quote, body = string.partition("'")
    if not quote or '"' in string or "\\" in string or (body.startswith("''") and len(body) > 2):
        return string
    return f'{prefix.lower()}"{body[:-1]}"'


_UPWARDS = regex(r"\A(?:\.\./)+")


@dataclass(frozen=True, slots=True)
class Site:
    """One place in the source that a rule speaks of.

    `path` is relative to the root, with `/`; `scope` is the enclosing `__qualname__` without `<locals>`,
    `<module>` at module level; `text` is the statement's text, folded to one line; `ordinal` counts equal
    statements in one scope from 0. `line` is for people: it is no part of the identity, nor are `declared`
    (the configured spelling of the target) and `flags`.
    """

    rule: Rule
    ssot: str
    target: str
    path: str
    line: int = field(compare=False)
    scope: str
    text: str = field(compare=False)
    ordinal: int = 0
    declared: str = field(default="", compare=False)
    flags: tuple[Flag, ...] = field(default=(), compare=False)
    squeezed: str = field(default="", repr=False)
    _id: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.squeezed:
            object.__setattr__(self, "squeezed", squeeze(self.text))

    @classmethod
    def identified(cls, identity: str, **parts: Any) -> Site:
        """Return the site of this identity, of which only some `parts` are known: its text is not."""
        site = cls(text="", **parts)
        site.identify(identity)
        return site

    def identify(self, identity: str) -> None:
        """Take `identity` as the site's: it was worked out before, or cannot be from what is known of the site."""
        object.__setattr__(self, "_id", identity)

    @property
    def id(self) -> str:
        """Return the site's identity: 16 hexadecimal digits, equal on every machine and Python."""
        if not self._id:
            parts = (self.rule.value, self.ssot, self.target, self.path, self.scope, self.squeezed, str(self.ordinal))
            digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
            object.__setattr__(self, "_id", digest)
        return self._id

    @property
    def climbs(self) -> bool:
        """Whether the path has a step upwards that is not at its start, where it leads to what is beside the root."""
        return ".." in _UPWARDS.sub("", self.path).replace("\\", "/").split("/")

    @property
    def is_ours(self) -> bool:
        """Whether the path is relative to the root and stays below it."""
        outside = self.path.startswith("../") or self.path[:1] in ("/", "\\", "") or self.path[1:2] == ":"
        return not (outside or self.climbs)

    @property
    def where(self) -> str:
        """Return `path:line`, as terminals and editors link it."""
        return f"{self.path}:{self.line}"

    def flagged(self, *flags: Flag) -> Site:
        """Return this site with `flags` added."""
        return replace(self, flags=tuple(dict.fromkeys((*self.flags, *flags))))


class SiteStatement(NamedTuple):
    """A statement that a site stands for: where it goes from and to (columns in bytes), and what its identity says."""

    line: int
    column: int
    end_line: int
    end_column: int
    scope: str
    text: str
    ordinal: int
    squeezed: str


def is_test(scope: str) -> bool:
    """Whether what stands in `scope` stands in a test, by its name."""
    return any(part.startswith("test") for part in scope.split("."))


@dataclass(frozen=True, slots=True)
class Observation:
    """One occurrence at run time: a site, who reached it, and how often.

    A fact, not a fault. `test` is a node id, or `None` with `bucket` one of `BUCKETS`. `fixture` names the
    fixture being set up or torn down and `fixture_scope` its scope. `thread` names the thread or task when it was
    not the main one. `origin` tells what is known of an unattributed observation. `via` names the module of the library
    that called on behalf of the site. `exempt` says that the
    configuration allows it; `detail` is text for people, one fact a line (the other place of a split brain,
    the place of birth of an id).
    """

    site: Site
    test: str | None
    step: Step
    count: int = 1
    fixture: str | None = None
    fixture_scope: str | None = None
    thread: str | None = None
    bucket: str | None = None
    origin: str | None = None
    exempt: Exempt | None = None
    detail: tuple[str, ...] = ()
    via: str | None = None


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """What could not be watched, and why; `test` when it concerns one test only."""

    target: str
    why: str
    ssot: str | None = None
    test: str | None = None

    @classmethod
    def nameless(cls, target: str, ssot: str) -> BlindSpot:
        """Return the blind spot of a target that names nothing."""
        return cls(target, "there is no such module or attribute", ssot)


@dataclass(frozen=True, slots=True)
class Guard:
    """Which back end watches a target: `monitoring`, `in-place`, `planted` or `import`, or that the scan alone does."""

    target: str
    backend: str


BY_SCAN = "scan"
"""The back end of what runs no code: a constant that is read."""

UNSCANNED = "only the scan sees that, and this run leaves it out"
"""Why something is a blind spot of a run without a scan."""

UNREAD = f"a constant is read without running code; {UNSCANNED}"
"""The same of a constant."""


class Verdict(Text):
    """What becomes of a test."""

    PASS = "pass"
    FAIL = "fail"
    XFAIL = "xfail"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one test, with its reason as one readable text (empty for a plain pass).

    `notes` are texts such as `fixed` and `stale`: what the marker's author should know. `sites` are the identities of
    the sites that fail the test.
    """

    verdict: Verdict
    reason: str = ""
    notes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Moves(NamedTuple):
    """Where known sites stand now, by their identity, and the identities of those that are perhaps not fixed."""

    sites: Mapping[str, Site] = MappingProxyType({})
    doubtful: Collection[str] = frozenset()


def parse_until(value: object) -> datetime.date:
    """Return the date that `until` means: a date, or ISO text; raise `ValueError` for anything else."""
    if isinstance(value, datetime.datetime):
        raise ValueError(f"{value!r} is a date with a time; write a plain date such as 2026-12-31")
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, str):
        with suppress(ValueError):
            day = datetime.date.fromisoformat(value)
            if day.isoformat() == value:  # 3.11 and later read more spellings than 3.10
                return day
    raise ValueError(f"{value!r} is no date; write one such as 2026-12-31")
