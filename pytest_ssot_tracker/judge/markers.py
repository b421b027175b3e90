"""Read the markers of a test into plain data, or say what is wrong with them.

Nothing here knows pytest: a marker is a name, positional and keyword arguments.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from pytest_ssot_tracker.model import ProblemError, Rule, Site, Target, TargetError, parse_until
from pytest_ssot_tracker.records import NamedTuple, dataclass

if TYPE_CHECKING:
    from typing import Protocol

    class Mark(Protocol):
        """Anything with the parts of a pytest mark."""

        @property
        def name(self) -> str: ...
        @property
        def args(self) -> tuple[object, ...]: ...
        @property
        def kwargs(self) -> Mapping[str, object]: ...


__all__ = [
    "ALLOW",
    "ENFORCE",
    "EXPECT",
    "ROLLBACK",
    "UNMARKED",
    "Allowed",
    "Expect",
    "Mark",
    "MarkError",
    "Marks",
    "read_mark",
    "read_marks",
]

EXPECT = "ssot_expect_violation"
ALLOW = "ssot_allow"
ENFORCE = "ssot_enforce"
ROLLBACK = "ssot_rollback_trigger"

_KEYWORDS = {
    EXPECT: ("ssot", "target", "reason", "issue", "until", "strict", "raises"),
    ALLOW: ("ssot", "target", "reason"),
    ENFORCE: (),
    ROLLBACK: (),
}
_SPELLED_WITHOUT_MODULE = ("time-format",)


class MarkError(ProblemError, ValueError):
    """Which arguments of a marker are wrong, and what to write."""

    said = "@pytest.mark.{0}: {1}"


@dataclass(frozen=True, slots=True)
class _ViolationMarker:
    """What the two markers that speak of violations have in common; no `rules` means any."""

    rules: tuple[Rule, ...] = ()
    ssot: str | None = None
    target: Target | None = None

    def covers(self, site: Site) -> bool:
        """Whether the marker speaks of `site`."""
        if self.rules and site.rule not in self.rules:
            return False
        if self.ssot is not None and self.ssot != site.ssot:
            return False
        if self.target is None:
            return True
        module, _, attribute = site.target.partition(":")
        # Spelled with dots alone it means the same: `pkg.mod.Name` is `pkg.mod:Name`.
        if self.target.use and str(self.target).replace(":", ".", 1) == f"{module}.{attribute}":
            return True
        return self.target.covers(module, attribute or None) or self.target.covers_module(f"{module}.{attribute}")

    @property
    def rule_names(self) -> str:
        """Return the rules as one text for people."""
        return ", ".join(rule.value for rule in self.rules) or "any rule"


@dataclass(frozen=True, slots=True)
class Expect(_ViolationMarker):
    """One `ssot_expect_violation`: at least one violation of one of the rules is expected.

    `raises` holds live exception types and so never leaves the process; `None` means the default ones.
    """

    reason: str | None = None
    issue: str | None = None
    until: datetime.date | None = None
    strict: bool | None = None
    raises: tuple[type[BaseException], ...] | None = None

    def expired(self, today: datetime.date) -> bool:
        """Whether the marker counts as absent: the day `until` itself is still lenient."""
        return self.until is not None and self.until < today


@dataclass(frozen=True, slots=True)
class Allowed(_ViolationMarker):
    """One `ssot_allow`: violations within it pass and are recorded as allowed."""

    reason: str = ""


class Marks(NamedTuple):
    """What the markers of one test say; `names` are those of all its markers, ours or not, sorted."""

    expects: tuple[Expect, ...] = ()
    allows: tuple[Allowed, ...] = ()
    enforce: bool = False
    rollback_trigger: bool = False
    names: tuple[str, ...] = ()


def read_mark(
    name: str, args: tuple[object, ...], kwargs: Mapping[str, object], *, tables: Collection[str] | None = None
) -> Expect | Allowed | None:
    """Return what one of our four markers says, `None` for one without arguments; raise `MarkError`.

    `tables` are the names of the configured tables; when given, `ssot=` must be one of them.
    """
    if name in (ENFORCE, ROLLBACK):
        if args or kwargs:
            raise MarkError(name, f"it takes no arguments; write @pytest.mark.{name}")
        return None
    for keyword in kwargs:
        if keyword not in _KEYWORDS[name]:
            takes = f"; it takes {', '.join(_KEYWORDS[name])}"
            raise MarkError(name, f"there is no argument {keyword!r}{_nearest(keyword, _KEYWORDS[name]) or takes}")
    rules = tuple(_rule(name, arg) for arg in args)
    ssot = _ssot(name, kwargs.get("ssot"), tables)
    target = _target(name, kwargs.get("target"))
    reason = _text(name, "reason", kwargs.get("reason"))
    if name == ALLOW:
        if not (reason or "").strip():
            raise MarkError(name, 'a reason is mandatory; write reason="…"')
        return Allowed(rules, ssot, target, reason or "")
    return Expect(
        rules,
        ssot,
        target,
        reason,
        _text(name, "issue", kwargs.get("issue")),
        _until(name, kwargs.get("until")),
        _strict(name, kwargs.get("strict")),
        _raises(name, kwargs.get("raises")),
    )


def read_marks(marks: Iterable[Mark], *, tables: Collection[str] | None = None) -> Marks:
    """Return what the markers of one test say, the closest first as `iter_markers` gives them; raise `MarkError`.

    Of two `ssot_expect_violation` that make the same claim, the one closer to the test holds.
    """
    marks = list(marks)
    if not marks:
        return UNMARKED
    names: set[str] = set()
    expects: dict[tuple[object, ...], Expect] = {}
    allows: list[Allowed] = []
    for mark in marks:
        names.add(mark.name)
        if mark.name not in _KEYWORDS:
            continue
        read = read_mark(mark.name, mark.args, mark.kwargs, tables=tables)
        if isinstance(read, Expect):
            expects.setdefault((frozenset(read.rules), read.ssot, read.target), read)
        elif isinstance(read, Allowed):
            allows.append(read)
    return Marks(tuple(expects.values()), tuple(allows), ENFORCE in names, ROLLBACK in names, tuple(sorted(names)))


UNMARKED = Marks()


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def _rule(name: str, value: object) -> Rule:
    spellings = [rule.value for rule in Rule]
    if not isinstance(value, str):
        raise MarkError(name, f"{value!r} is no rule; write its name as text, such as {spellings[0]!r}")
    if value not in spellings:
        hint = _nearest(value, spellings) or f"; the rules are {', '.join(spellings)}"
        raise MarkError(name, f"there is no rule {str(value)!r}{hint}")
    return Rule(value)


def _ssot(name: str, value: object, tables: Collection[str] | None) -> str | None:
    ssot = _text(name, "ssot", value)
    if ssot is not None and tables is not None and ssot not in tables:
        hint = _nearest(ssot, tables) or f"; the tables are {', '.join(sorted(tables)) or 'none'}"
        raise MarkError(name, f"there is no table {ssot!r} in the configuration{hint}")
    return ssot


def _target(name: str, value: object) -> Target | None:
    spelling = _text(name, "target", value)
    if spelling is None or spelling in _SPELLED_WITHOUT_MODULE:
        return None if spelling is None else Target(spelling)
    try:
        return Target.parse(spelling)
    except TargetError as error:
        raise MarkError(name, str(error)) from None


def _text(name: str, keyword: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise MarkError(name, f'{keyword}={value!r} is no text; write {keyword}="…"')


def _until(name: str, value: object) -> datetime.date | None:
    try:
        return None if value is None else parse_until(value)
    except ValueError as error:
        raise MarkError(name, f"until: {error}") from None


def _strict(name: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise MarkError(name, f"strict={value!r} is neither True, False nor None")


def _raises(name: str, value: object) -> tuple[type[BaseException], ...] | None:
    if value is None:
        return None
    types: list[type[BaseException]] = []
    for kind in value if isinstance(value, (tuple, list)) else (value,):
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise MarkError(name, f"raises holds {kind!r}, which is no exception type; write raises=ValueError")
        types.append(kind)
    return tuple(types)
