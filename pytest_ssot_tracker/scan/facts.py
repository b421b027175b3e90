"""Hold what one file says, as plain data that a cache can keep: who imports, calls, derives from and reads what.

A *reference* is a dotted name made absolute by the file's own imports: `pkg.mod.Class.method`. `Class()` in it stands
for an instance: `pkg.mod.Class().method`; `Class[]` is what `Class[int]` gives, the class itself if it is one; `*name`
is what a star import of the module before brings, if it does. Where a module ends and what a re-export leads to, only
the linker knows.
"""

from __future__ import annotations

from pytest_ssot_tracker.model import Flag, Site
from pytest_ssot_tracker.records import NamedTuple, dataclass, field
from pytest_ssot_tracker.scan.stored import PlainMark
from pytest_ssot_tracker.source import Allow

__all__ = ["Event", "Facts", "StatementSpan"]


class StatementSpan(NamedTuple):
    """A statement as a site names it, and how far it goes: columns in bytes, as `Statement` has them."""

    line: int
    scope: str
    text: str
    ordinal: int
    squeezed: str
    column: int
    end_line: int
    end_column: int


class Event(NamedTuple):
    """One thing that a statement does.

    `kind` is `import` (`what` is the module, `more` the attribute), `string` (`what` is the dotted text), `patch`
    (`what` is the reference of an object, `more` the attribute a string names), `call`, `base`, `read` (`more` is
    how many attributes at its end stand there, as with `call`, where methods matter), `pass` (a
    reference handed on without being called), `given` (`more` says what a call passes, see `Given`), `lookup` (in an
    enum: `more` is a literal in brackets or in parentheses), `write` (of the attribute `more`) or `clock`. `at` is the
    number of the place, `line` the line of the expression, which may be further down. `later` tells that it stands
    in a lambda or a generator expression, which does not run when the statement does.
    """

    kind: str
    what: str
    more: str
    at: int
    flags: tuple[Flag, ...] = ()
    line: int = 0
    later: bool = False


@dataclass(slots=True)
class Facts:
    """What one file says.

    `public` are the names in its `__all__`, with `*` where there may be others.
    `names` maps what the module binds at its top level to the references behind it, `defined` what it defines (dotted)
    to `class`, `function`, `method`, `factory` (a class method or static method), `property`, `constant`, or `served`
    for what it answers for from elsewhere; `bases` maps a class, dotted, to the references of its bases, `attributes`
    those of classes and instances to what they hold. `uses` says, in a module with accessors or generators, in which
    scopes each of its own functions is named.
    `fallbacks` maps what is imported only where another import fails to what that other one imports. `allows` are its
    inline allows, and `allowed` says which of them (by number) speaks of a place, by `place:rule`. `marks` are the
    markers of ours written above the tests in which places stand, by scope. `unreadable` is the site of a file that
    cannot be read, `broken` are those of cells of a notebook that cannot be parsed.
    """

    module: str
    is_package: bool
    names: dict[str, list[str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    public: list[str] | None = None
    defined: dict[str, str] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)
    fallbacks: dict[str, list[str]] = field(default_factory=dict)
    places: list[StatementSpan] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    allows: list[Allow] = field(default_factory=list)
    allowed: dict[str, int] = field(default_factory=dict)
    marks: dict[str, list[PlainMark]] = field(default_factory=dict)
    unreadable: Site | None = None
    broken: list[Site] = field(default_factory=list)
