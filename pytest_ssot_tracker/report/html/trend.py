"""Plot open sites per rule over earlier runs: one small inline SVG, and the same figures as a table."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.report.build import Report

__all__ = ["Trend", "point"]

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 220, 44, 12, 12, 28


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One run: when it started, and its new and known sites by rule."""

    started: str
    counts: Mapping[Rule, int]


def point(report: Report) -> Point:
    """Return what the plot needs of `report`, so that a long history is never held in memory."""
    still = Counter(row.site.rule for row in report.sites if row.status.is_unexcused)
    return Point(report.run.started, dict(still))


@dataclass(frozen=True)
class Trend:
    """The runs in the order of their start."""

    points: Sequence[Point]

    @classmethod
    def of(cls, points: Iterable[Point]) -> Trend:
        """Return the trend of `points`; the same run twice counts once."""
        by_start = {point.started: point for point in points}
        return cls(sorted(by_start.values(), key=lambda point: _seconds(point.started)))

    @cached_property
    def rules(self) -> list[Rule]:
        """Return the rules that had an open site in any run."""
        return [rule for rule in Rule if any(point.counts.get(rule) for point in self.points)]

    @cached_property
    def top(self) -> int:
        """Return the largest count."""
        return max((count for point in self.points for count in point.counts.values()), default=0) or 1

    @property
    def box(self) -> str:
        """Return the SVG's view box."""
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def grid(self) -> list[tuple[float, int]]:
        """Return height and label of each horizontal line."""
        return [(self._y(count), count) for count in sorted({0, self.top // 2, self.top})]

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Return left, right, top and bottom of the plot itself."""
        return LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    def line(self, rule: Rule) -> list[tuple[float, float, Point]]:
        """Return where each run's count of `rule` stands."""
        times = [_seconds(point.started) for point in self.points]
        first, span = times[0], (times[-1] - times[0]) or 1
        wide = WIDTH - LEFT - RIGHT
        return [
            (round(LEFT + wide * (time - first) / span, 1), self._y(point.counts.get(rule, 0)), point)
            for time, point in zip(times, self.points, strict=True)
        ]

    def _y(self, count: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * count / self.top, 1)


def _seconds(started: str) -> float:
    try:
        time = datetime.datetime.fromisoformat(started)
    except ValueError:
        return 0.0
    return (time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp()
