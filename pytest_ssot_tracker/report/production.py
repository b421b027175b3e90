"""Read what production exports of `ssot.observations`: OTLP as JSON, one export a line, as the collector writes files.

Of a cumulative series the largest number counts, for each start of its process; of a delta series each number once.
Everything may come twice and in any order, over any number of files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.detect.record.metering import OBSERVATIONS, WATCHED
from pytest_ssot_tracker.model import By, Exempt, Phase, Rule, Site, Status, Step, Target
from pytest_ssot_tracker.records import NamedTuple, dataclass, field
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.result import ResultError
from pytest_ssot_tracker.report.rows import PRODUCTION, BlindRow, Exercise, RunInfo, SeenRow, SiteRow

__all__ = ["Production", "WatchedTime", "is_export", "uses_in_production"]

_KINDS = ("resourceMetrics", "resourceSpans", "resourceLogs")
_CUMULATIVE = (2, "AGGREGATION_TEMPORALITY_CUMULATIVE")
_BILLION = 1_000_000_000
_DAY = 86_400
_HEAD = 200
"""How much of a file tells what it is."""

Plain = Mapping[str, Any]
OtlpAttributes = tuple[tuple[str, Any], ...]


class WatchedTime(NamedTuple):
    """The time over which a service said that it watches: its name, the first and the last such moment in seconds.

    `days` are those of the calendar on which it did.
    """

    service: str
    first: float
    last: float
    days: frozenset[int]

    @property
    def words(self) -> str:
        """Return the service, and how long that is."""
        hours = (self.last - self.first) / 3600
        for size, unit in ((24, "day"), (1, "hour")):
            if hours >= size:
                number = int(hours // size)
                return f"{self.service} in {number} {unit}{'' if number == 1 else 's'}"
        return f"{self.service} in less than an hour"

    @property
    def silence(self) -> str:
        """Return on how many days nothing was heard of the service; "" where there are none.

        A service that ran on two days only, or whose clock began in 1970, has not been watched in between.
        """
        all_days = int(self.last // _DAY) - int(self.first // _DAY) + 1
        silent = all_days - len(self.days)
        return f"{self.service} was not heard on {silent} of {all_days} days" if silent else ""


class _Series(NamedTuple):
    """One series of one process: the service, what is counted, when it began, and whether its numbers are totals."""

    service: str
    resource: OtlpAttributes
    attributes: OtlpAttributes
    start: int
    cumulative: bool


@dataclass(slots=True)
class _Heard:
    """When a service said that it watches a target: the first and the last time in nanoseconds, and the days."""

    first: int
    last: int
    days: set[int] = field(default_factory=set)

    def take(self, time: int) -> None:
        """Take in one more time."""
        self.first, self.last = min(self.first, time), max(self.last, time)
        self.days.add(time // (_DAY * _BILLION))


@dataclass(slots=True)
class Production:
    """What the exports of all services say together."""

    numbers: dict[_Series, dict[int, int]] = field(default_factory=dict)
    watched: dict[tuple[str, str], _Heard] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)
    last: int = 0

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Production:
        """Return what the files at `paths` say; raise `ResultError`."""
        production = cls()
        for path in paths:
            production.read(path)
        return production

    def read(self, path: Path) -> None:
        """Take in what one file says; raise `ResultError`."""
        for export in self._exports(path):
            try:
                for resource in export.get("resourceMetrics", ()):
                    self._take(resource)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                problem = f"an export of metrics in it is not as OTLP has them ({type(error).__name__}: {error})"
                raise ResultError(str(path), f"{problem}; was it cut or edited?") from None

    def _exports(self, path: Path) -> Iterator[Plain]:
        text = _text(path)
        whole = _loads(text)
        if whole is not None:
            yield whole
            return
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            export = _loads(line)
            if export is not None:
                yield export
            elif number == len(lines) and not text.endswith("\n"):
                self.incomplete.append(f"{path} ends within a line")
            else:
                raise ResultError(str(path), f"line {number} is no JSON object; write one export a line")

    def _take(self, resource: Plain) -> None:
        about = _attributes(resource.get("resource", {}))
        service = str(dict(about).get("service.name", "unknown_service"))
        for scope in resource.get("scopeMetrics", ()):
            for metric in scope.get("metrics", ()):
                if metric["name"] == OBSERVATIONS and "sum" in metric:
                    self._count(metric["sum"], service, about)
                elif metric["name"] == WATCHED and "gauge" in metric:
                    self._watch(metric["gauge"], service)

    def _count(self, counter: Plain, service: str, resource: OtlpAttributes) -> None:
        cumulative = counter.get("aggregationTemporality") in _CUMULATIVE
        for point in counter.get("dataPoints", ()):
            time = int(point["timeUnixNano"])
            start = int(point.get("startTimeUnixNano", 0))
            series = _Series(service, resource, _attributes(point), start, cumulative)
            if series not in self.numbers:
                _row(dict(series.attributes), service, 0)  # raises where it cannot be read
            number = int(point.get("asInt", 0)) if "asDouble" not in point else round(point["asDouble"])
            self.numbers.setdefault(series, {})[time] = number
            self.last = max(self.last, time)

    def _watch(self, gauge: Plain, service: str) -> None:
        for point in gauge.get("dataPoints", ()):
            time = int(point["timeUnixNano"])
            key = service, str(dict(_attributes(point))["target"])
            self.watched.setdefault(key, _Heard(time, time)).take(time)
            self.last = max(self.last, time)

    def spans(self, target: Target) -> list[WatchedTime]:
        """Return which services said that they watch `target`, and over what time."""
        found: dict[str, WatchedTime] = {}
        for (service, spelling), heard in sorted(self.watched.items(), key=lambda item: item[0]):
            if Target.parse(spelling).covers(target.module, target.attribute):
                first, last, days = heard.first / _BILLION, heard.last / _BILLION, frozenset(heard.days)
                known = found.get(service)
                if known is not None:
                    first, last, days = min(known.first, first), max(known.last, last), known.days | days
                found[service] = WatchedTime(service, first, last, days)
        return list(found.values())

    def report(self) -> Report:
        """Return the counts as a report, which decides nothing of how a site stands; raise `ResultError`."""
        from pytest_ssot_tracker import __version__

        totals: dict[tuple[str, OtlpAttributes], int] = {}
        for series, numbers in self.numbers.items():
            total = max(numbers.values()) if series.cumulative else sum(numbers.values())
            key = series.service, series.attributes
            totals[key] = totals.get(key, 0) + total
        rows: dict[str, SiteRow] = {}
        nameless = 0
        for (service, attributes), total in sorted(totals.items(), key=str):
            row = _row(dict(attributes), service, total)
            if row is None:
                nameless += total
            elif total:
                known = rows.get(row.site.id)
                rows[row.site.id] = row if known is None else _both(known, row)
        spots = (
            BlindRow(PRODUCTION, f"{nameless} uses are counted there without the site: see its cardinality limit"),
        )
        return Report(
            run=RunInfo(
                version=__version__,
                phase=Phase.BASELINE,
                python="",
                pytest=None,
                root="",
                started=datetime.fromtimestamp(self.last / _BILLION, timezone.utc).isoformat(timespec="seconds"),
                selected=True,
                complete=not self.incomplete,
                incomplete=tuple(self.incomplete),
            ),
            sites=tuple(rows.values()),
            blind_spots=spots if nameless else (),
        )


def is_export(path: Path) -> bool:
    """Whether the file at `path` holds exports of OTLP, and no result of a run."""
    try:
        with path.open(encoding="utf-8") as stream:
            head = stream.readline(_HEAD)
            head += stream.read(_HEAD - len(head))
    except (OSError, UnicodeDecodeError):
        return False
    return head.lstrip().startswith("{") and any(f'"{kind}"' in head for kind in _KINDS) and '"format"' not in head


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ResultError(str(path), f"it cannot be read: {error}") from error


def _loads(text: str) -> Plain | None:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return plain if isinstance(plain, dict) else None


def _attributes(holder: Plain) -> OtlpAttributes:
    return tuple(sorted((each["key"], str(_value(each["value"]))) for each in holder.get("attributes", ())))


def _value(value: Plain) -> object:
    return next(iter(value.values()), "")


def _row(attributes: Mapping[str, str], service: str, total: int) -> SiteRow | None:
    """Return the row of a site, `None` where the meter has folded what it had no room for."""
    if "site" not in attributes:
        return None
    rule = Rule(attributes["rule"])
    exempt = Exempt(attributes["exempt"]) if "exempt" in attributes else None
    site = Site.identified(
        attributes["site"],
        rule=rule,
        ssot=attributes.get("ssot", ""),
        target=attributes["target"],
        path=attributes.get("path", "?"),
        line=int(attributes.get("line", 1)),
        scope=attributes.get("scope", ""),
        declared=attributes.get("declared", ""),
    )
    seen = SeenRow(test=None, step=Step.CALL, count=total, by=By.seen(rule), bucket=PRODUCTION, origin=service)
    return SiteRow(
        site=site,
        status=Status.KNOWN if exempt is None else Status.ALLOWED,
        found_by=("run",),
        exercise=Exercise.EXERCISED,
        seen=(seen,),
    )


def _both(one: SiteRow, other: SiteRow) -> SiteRow:
    from pytest_ssot_tracker.records import replace

    counts: dict[str | None, int] = {}
    for seen in (*one.seen, *other.seen):
        counts[seen.origin] = counts.get(seen.origin, 0) + seen.count
    rows = tuple(replace(one.seen[0], origin=origin, count=count) for origin, count in counts.items())
    return replace(one, seen=rows, status=Status.worst(one.status, other.status))


def uses_in_production(row: SiteRow) -> int:
    """Return how often a site was seen in production."""
    return sum(seen.count for seen in row.seen if seen.bucket == PRODUCTION)
