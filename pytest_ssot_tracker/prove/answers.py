"""Say of each planted use whether it was seen, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_ssot_tracker.model import Target, TargetError
from pytest_ssot_tracker.prove.planting_places import Places
from pytest_ssot_tracker.prove.plants import Plant
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings import Settings

__all__ = ["BLIND", "SCAN", "Answer", "Answers", "Proof"]

SCAN = "scan"

BLIND = "blind spot: "
"""What the reason begins with where somebody cannot see something and says so."""


class Answer(NamedTuple):
    """Whether a back end, or the scan, has seen a use; `None` where it need not, and `why`."""

    by: str
    seen: bool | None
    why: str = ""


class Proof(NamedTuple):
    """What became of one planted use."""

    plant: Plant
    answers: tuple[Answer, ...] = ()

    @property
    def bites(self) -> bool | None:
        """Whether everybody has seen it who has to; `None` where nobody has to, or nothing could be planted."""
        told = [answer.seen for answer in self.answers if answer.seen is not None]
        return all(told) if told else None


class Answers:
    """What a result says of planted uses."""

    def __init__(self, settings: Settings, places: Places) -> None:
        self._settings = settings
        self._places = places

    def of(self, by: str, plant: Plant, plain: Mapping[str, Any], raised: str = "") -> Answer:
        """Return whether the result `plain` has a site for `plant` that counts; `raised` is how the use has ended."""
        rows = [row for row in plain["sites"] if _is_of(row, plant)]
        if any(row["status"] == "new" for row in rows):
            return Answer(by, True)
        table = next((table for table in self._settings.tables if table.name == plant.table), None)
        obstacle = self._places.obstacle(table, plant.path) if plant.path else ""
        counts = f"it counts as {rows[0]['status']}" if rows else ""
        if counts or obstacle:
            return Answer(by, False, ": ".join(filter(None, (counts, obstacle))))
        if by == SCAN:
            scanned = self._places.is_scanned(plant.path)
            return self._missed(by, plant) if scanned else Answer(by, False, f"scan leaves out {plant.path}")
        blind = next((spot["why"] for spot in _blind_spots(plain) if _speaks_of(spot["target"], plant)), None)
        return self._missed(by, plant, raised) if blind is None else Answer(by, None, f"{BLIND}{blind}")

    @staticmethod
    def _missed(by: str, plant: Plant, raised: str = "") -> Answer:
        """Return what it means that nothing was recorded."""
        if not plant.rule.about.fails:
            return Answer(by, None, "nothing was recorded, as where each test gets the fixture; the rule fails nothing")
        return Answer(by, False, "; ".join(filter(None, ("nothing was recorded", raised))))


def _is_of(row: Mapping[str, Any], plant: Plant) -> bool:
    if row["rule"] != plant.rule or (plant.table and row["ssot"] != plant.table):
        return False
    return bool(row["target"] == plant.target) if plant.elsewhere else bool(row["path"] == plant.path)


def _blind_spots(plain: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for table in plain["ssots"]:
        yield from table["blind_spots"]
    yield from plain.get("blind_spots", ())


def _speaks_of(spelling: str, plant: Plant) -> bool:
    """Whether a blind spot of `spelling` is one of what was planted."""
    try:
        target = Target.parse(plant.target)
    except TargetError:
        return False
    module, _, attribute = spelling.partition(":")
    return target.covers(module, attribute or None)
