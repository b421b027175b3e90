"""Say of each target that names nothing whether that is the goal, a blind spot, or a slip of the pen."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.model import BlindSpot
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings.tables import Unfound

__all__ = ["AbsentTargets", "standing"]

TableTarget = tuple[str, str]
"""A table, and how a target of it is spelled."""


class AbsentTargets(NamedTuple):
    """How the targets stand of which the source shows nothing: those that are gone for good, and what is not known.

    `failures` are the reasons why a session fails: a target that names nothing beside a name that is nearly the same.
    """

    retired: tuple[TableTarget, ...] = ()
    blind_spots: tuple[BlindSpot, ...] = ()
    failures: tuple[str, ...] = ()


def standing(
    unfound: Iterable[Unfound], *, met: Collection[TableTarget], gone: Collection[TableTarget], ran: bool
) -> AbsentTargets:
    """Return how the targets of `unfound` stand.

    `met` are those that a run has met, whatever made them; `gone` those that were not where they would have to be. With
    `ran` there was a run at all.
    """
    retired: list[TableTarget] = []
    blind_spots: list[BlindSpot] = []
    failures: list[str] = []
    for row in unfound:
        pair = (row.table, row.target)
        if pair in met or (row.may_be_made and pair not in gone):
            continue
        if row.goes and row.was and not row.may_be_made:
            retired.append(pair)
            continue
        blind_spots.append(BlindSpot(row.target, _why(row, ran=ran), row.table))
        if ran and row.near is not None:
            failures.append(harmless(f"names: {row.target} names nothing; did you mean {row.near}?"))
    return AbsentTargets(tuple(retired), tuple(blind_spots), tuple(failures))


def _why(row: Unfound, *, ran: bool) -> str:
    """Return why nothing is known of a target, and how that can be settled."""
    near = f"; did you mean {row.near}?" if row.near is not None else ""
    if not row.goes:
        return f"{row.lacks}, so nothing of it is watched; write it, or correct the name{near}"
    if not row.sure:
        seen = "it never appeared in this run" if ran else "only a run can tell whether it is there"
        return f"{row.lacks}; {seen}{near}"
    known = "nothing tells that it ever was there" + (f" ({row.trouble})" if row.trouble else "")
    return f"{row.lacks}, and {known}; correct the name, or list it under 'retired' where it is gone for good{near}"
