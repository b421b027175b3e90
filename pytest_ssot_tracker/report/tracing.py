"""Tell step by step what was decided about a target, or about what stands at a place: why it is a site, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.plant.hearing import Heard
from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.model import BY_SCAN, Rule, Target, TargetError
from pytest_ssot_tracker.records import dataclass, field
from pytest_ssot_tracker.report.wording import finding
from pytest_ssot_tracker.scan.walk import Walk, read
from pytest_ssot_tracker.settings import Settings, Table
from pytest_ssot_tracker.settings.options import PLACE
from pytest_ssot_tracker.settings.tree import glob_matches
from pytest_ssot_tracker.source import read_source

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.build import Report
    from pytest_ssot_tracker.report.rows import SiteRow
    from pytest_ssot_tracker.scan.decisions import Decided, Traced
    from pytest_ssot_tracker.source import SourceFile
    from pytest_ssot_tracker.source.file import Statement

__all__ = ["Trace"]

_SHOWN = 20
_NAMES = 12
_BY = {
    "in-place": "its code, changed in place",
    "planted": "what is planted in it",
    "import": "the import hook",
    BY_SCAN: "the scan alone",
}


@dataclass(frozen=True, slots=True)
class Trace:
    """What can be told: the scan's decisions, `None` where there was no scan, and the run's, none where there was none.

    Lines are harmless, and begin with the name of the step.
    """

    settings: Settings
    report: Report
    scanned: Traced | None = None
    heard: Mapping[Heard, int] = field(default_factory=dict)
    ran: bool = False

    def lines(self, asked: str) -> Iterator[str]:
        """Yield what was decided about `asked`, a target or `PATH:LINE`."""
        place = PLACE.fullmatch(asked)
        told = self._target(_spelled(asked)) if place is None else self._place(place["path"], int(place["line"]))
        yield harmless(asked)
        for step, words in told:
            yield harmless(f"  {step:<9}  {words}")

    # --- A place

    def _place(self, written: str, line: int) -> Iterator[tuple[str, str]]:
        tree = self.settings.tree
        path = written.replace("\\", "/").removeprefix("./")
        why = self._unread(path)
        if why is not None:
            yield "file", why
            return
        role = "in `source`" if tree.in_source(path) else "not in `source`, where rules about identifiers do not hold"
        yield "file", f"{path} is the module {tree.module(path)}, {role}"
        try:
            file = read_source(path, read(tree.absolute(path)))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            yield "file", f"it cannot be read: {error}; that is a site of its own, unreadable-source"
            return
        statement = file.statement_at(line, None)
        if statement is None:
            yield "statement", f"none stands at line {line}"
        else:
            yield from self._statement(file, statement, line)

    def _statement(self, file: SourceFile, statement: Statement, line: int) -> Iterator[tuple[str, str]]:
        # Any rule does: what is wanted is how a site of this statement is written.
        text = file.site(Rule.DEPRECATED_USE, ssot="", target="", statement=statement, line=line).text
        yield "statement", f"line {statement.line}, in {statement.scope}: {text}"
        decided = [step for step in self._decided if step.path == file.path and step.place.line == statement.line]
        yield from self._scan(decided, lambda step: f"{step.what}: {step.words}")
        if self.scanned is not None and not decided:
            names = sorted(self.scanned.words)
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            yield "scan", f"no site: nothing here has a name that leads to a target: {', '.join(names[:_NAMES])}{more}"
        here = range(statement.line, max(statement.end_line, line) + 1)
        heard = {each: count for each, count in self.heard.items() if each.path == file.path and each.line in here}
        yield from self._run(heard)
        yield from self._sites(row for row in self.report.sites if row.site.path == file.path and row.site.line in here)

    def _unread(self, path: str) -> str | None:
        """Return why the file at `path` is not looked at, `None` where it is."""
        tree = self.settings.tree
        patterns = [pattern for pattern in tree.exclude if glob_matches(pattern, path)]
        if patterns:
            return f"{path} is left out by `exclude`: {', '.join(patterns)}"
        try:
            read(tree.absolute(path))
        except OSError as error:
            return f"{path} cannot be read below {tree.root}: {error.strerror}"
        real = tree.relative(tree.absolute(path))
        if real is None:
            return f"{path} is none of the project's: it belongs to the interpreter, or to an installed package"
        if real != path:
            return f"{path} is taken for {real}; ask for that"
        if not Walk(tree).covers(path):
            return f"{path} is not scanned: it is below none of `scan`: {', '.join(tree.scan)}; a run sees what it does"
        return None

    # --- A target

    def _target(self, asked: str) -> Iterator[tuple[str, str]]:
        tables = [(table, key, target) for table, key, target in _named(self.settings) if _is_about(str(target), asked)]
        if not tables:
            yield "declared", "no table names it; what no table names is not looked for"
            return
        for table, key, target in tables:
            yield "declared", f"{table.kind}.{table.name}: {key} = {target}"
            yield from self._standing(table, target)
        yield from self._scan((step for step in self._decided if _about(step, asked)), _from_afar)
        yield from self._run({each: count for each, count in self.heard.items() if _is_about(each.declared, asked)})
        yield from self._sites(row for row in self.report.sites if _is_about(row.site.declared, asked))

    def _standing(self, table: Table, target: Target) -> Iterator[tuple[str, str]]:
        rows = [row for row in self.report.ssots if row.name == table.name]
        missing = [
            absent for absent in self.settings.unfound if (absent.table, absent.target) == (table.name, str(target))
        ]
        if any(str(target) in row.retired for row in rows):
            yield "state", f"retired: {missing[0].was if missing else 'gone for good'}"
            return
        spots = [spot for row in rows for spot in row.blind_spots if _is_met(target, spot.target)]
        guards = [guard for row in rows for guard in row.guards if _is_met(target, guard.target)]
        if missing and not spots:
            yield "state", f"not in the source: {missing[0].lacks}; a run met it"
        for spot in spots:
            yield "state", f"a blind spot: {spot.why}"
        for guard in guards:
            yield "state", f"{guard.target} is watched by {_BY.get(guard.backend, guard.backend)}"
        if not (guards or spots or missing):
            yield "state", "it is in the source" + (", and nothing in this run has loaded it" if self.ran else "")

    # --- What was decided

    @property
    def _decided(self) -> Iterable[Decided]:
        return () if self.scanned is None else self.scanned.decisions

    def _scan(self, decided: Iterable[Decided], told: Callable[[Decided], str]) -> Iterator[tuple[str, str]]:
        if self.scanned is None:
            yield "scan", "none was made"
        yield from _first(("scan", told(step)) for step in decided)

    def _run(self, heard: Mapping[Heard, int]) -> Iterator[tuple[str, str]]:
        if self.ran and not heard:
            yield "run", "no call was decided here (of imports and reads the sites alone tell; xdist's workers do not)"
        yield from _first(
            ("run", f"{each.path or 'nobody of ours'}{f':{each.line}' if each.path else ''}, {each.rule}: {each.words}")
            for each in heard
        )

    @staticmethod
    def _sites(rows: Iterable[SiteRow]) -> Iterator[tuple[str, str]]:
        rows = list(rows)
        if not rows:
            yield "result", "no site"
        for row in rows[:_SHOWN]:
            tests = counted(len(row.tests), "test") if row.tests else "no test"
            yield "result", f"{row.site.where}, {row.status}, reached by {tests}: {finding(row)}"
        if len(rows) > _SHOWN:
            yield "result", f"and {len(rows) - _SHOWN} more"


def _first(told: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the first of what is told, each once, and how much more there is."""
    lines = list(dict.fromkeys(told))
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield lines[0][0], f"and {len(lines) - _SHOWN} more; ask for one place with PATH:LINE"


def _from_afar(decided: Decided) -> str:
    return f"{decided.path}:{decided.place.line}, {decided.what}: {decided.words}"


def _about(decided: Decided, asked: str) -> bool:
    return decided.declared is not None and _is_about(decided.declared, asked)


def _is_about(declared: str, asked: str) -> bool:
    """Whether what is declared is what is asked about, lies in it, or holds it; colon and dot mean the same."""
    first, second = declared.replace(":", ".", 1), asked.replace(":", ".", 1)
    if second[-1:] not in (")", "="):  # of what is asked about itself, each way to use it
        first = first.partition("(")[0].removesuffix("=")
    return f"{first}.".startswith(f"{second}.") or f"{second}.".startswith(f"{first}.")


def _is_met(target: Target, name: str) -> bool:
    """Whether `name` is what a run took for a target, which may be a pattern."""
    module, _, attribute = name.partition(":")
    return _is_about(name, str(target)) or (target.is_pattern and target.covers(module, attribute or None))


def _spelled(asked: str) -> str:
    """Return a target in the one way in which it is written; what is none stays as it is."""
    try:
        return str(Target.parse(asked))
    except TargetError:
        return asked


def _named(settings: Settings) -> Iterator[tuple[Table, str, Target]]:
    """Yield each target of each table, and the key under which it stands."""
    for table in settings.tables:
        for key in ("canonical", "accessors", "deprecated", "generators", "forbidden", "targets", "competing"):
            value = getattr(table, "going" if key == "deprecated" else key, ())
            for target in (value,) if isinstance(value, Target) else value or ():
                yield table, key, target
