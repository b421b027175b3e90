"""Put facts into words: what was done where, what to use instead, whom to ask.

Every sentence about a site, in a failure or a summary, is made here; so is harmless text.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ssot_tracker.model import Rule, Site, Target
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Table

__all__ = [
    "Advice",
    "advice",
    "counted",
    "encodable",
    "harmless",
    "harmless_source",
    "sentence",
    "some",
    "table_of",
    "told",
    "undeclared",
]

_SHOWN = 3


class Advice(NamedTuple):
    """What to use instead, and whom to ask."""

    replacement: str | None = None
    owner: str | None = None
    issue: str | None = None

    def __str__(self) -> str:
        who = ", ".join(part for part in (self.owner, self.issue) if part)
        use = f"; use {self.replacement}" if self.replacement else ""
        return f"{use} ({who})" if who else use


def table_of(settings: Settings, site: Site) -> Table | None:
    """Return the table that `site` belongs to: of two with one name, the kind that the rule speaks of."""
    tables = settings.table(site.ssot)
    return next((table for table in tables if table.kind == site.rule.about.table), tables[0] if tables else None)


def advice(settings: Settings, site: Site) -> Advice:
    """Return what the configuration advises for `site`."""
    table = table_of(settings, site)
    owner = None if settings.owners is None else settings.owners.of(site.path)
    if table is None:
        return Advice(owner=owner)
    return Advice(_replacement(table, site), owner or table.owner, table.issue)


def _replacement(table: Table, site: Site) -> str | None:
    if isinstance(table, Ids):
        return table.replacement(site.target)
    if not isinstance(table, Ssot):
        return None
    if site.rule is Rule.SINGLETON_BYPASS:
        return str(table.accessors[0]) if table.accessors else None
    if site.rule is Rule.STATE_LEAK:
        return table.fixture or f'ssot["{table.name}"]'
    if site.rule is Rule.DEPRECATED_TEXT:
        return table.replace.get(site.target)
    if site.rule is Rule.DEPRECATED_ARGUMENT:
        return _other_argument(table, site)
    if not site.rule.deprecates and site.rule is not Rule.DUPLICATE_SSOT:
        return None
    return table.replacement(site.target, site.declared)


def _other_argument(table: Ssot, site: Site) -> str | None:
    """Return what to pass instead: by its own entry, else the canonical unless that is what takes the parameter."""
    target = Target.parse(site.target)
    spelled = (site.target, site.declared, f"{target.thing}({target.parameter.name})" if target.parameter else "")
    found = next((table.arguments[spelling] for spelling in spelled if spelling in table.arguments), None)
    takes_it = table.canonical is not None and table.canonical.covers(target.module, target.attribute)
    return found or (None if table.canonical is None or takes_it else str(table.canonical))


def sentence(subject: str, site: Site, told: Advice) -> str:
    """Return one line: `a.py::test_x constructs pkg.old:Thing at app/b.py:12; use pkg.new:Thing (platform, #220)`."""
    return harmless(f"{subject} {_deed(site)} at {site.where}{told}")


def _deed(site: Site) -> str:
    target = site.target
    if site.rule is Rule.DEPRECATED_USE:
        name = target.rpartition(":")[2].rpartition(".")[2]
        return f"constructs {target}" if name.lstrip("_")[:1].isupper() else f"calls {target}"
    if site.rule is Rule.DEPRECATED_ACCESS and target.endswith("="):
        return f"writes {target.removesuffix('=')}"
    if site.rule is Rule.OUT_OF_BAND_ID and ":" not in target:
        return f"builds an id from the clock ({target})"
    return site.rule.about.deed.format(target)


def counted(number: int, noun: str) -> str:
    """Return `1 site`, `2 sites`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def some(names: Sequence[str]) -> str:
    """Return the first of `names` in one line, and how many more there are: the whole list stands elsewhere."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def undeclared(settings: Settings) -> str:
    """Return that the configuration of a project declares nothing, and what to add."""
    file = "pyproject.toml" if settings.file is None else settings.file.name
    table = settings.header("ssot", "NAME")
    return (
        f"nothing is declared in {harmless(file)}, so nothing is watched: add {table} with 'deprecated'; "
        "`ssot-tracker init` proposes one"
    )


def harmless(text: str) -> str:
    """Return `text` on one line, with control characters, invisible and direction marks written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def harmless_source(line: str) -> str:
    """Return a line of source harmless, with the tabs that it has."""
    return "\t".join(map(harmless, line.split("\t")))


def encodable(text: str) -> str:
    """Return `text` with lone surrogates written out, which a file name can hold and no JSON reader must accept."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


def told(error: BaseException) -> str:
    """Return kind and text of an exception, on one line; of one that cannot be put into words its kind."""
    try:
        return harmless(f"{type(error).__name__}: {error}")
    except Exception:
        return type(error).__name__
