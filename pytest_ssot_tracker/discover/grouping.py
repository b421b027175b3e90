"""Put pairs that look alike into groups, and rank the groups by how much depends on them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from math import log

from pytest_ssot_tracker.discover.likeness import Pair
from pytest_ssot_tracker.discover.outline import Candidate
from pytest_ssot_tracker.discover.subjects import subject
from pytest_ssot_tracker.records import dataclass

__all__ = ["Group", "Member", "groups"]

_FADING = 0.7
"""What the next one that looks alike adds, beside the one before it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A candidate in a group, with how many files use it."""

    candidate: Candidate
    users: int


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates that look like one job; the first is the likeliest to be the one that should stay.

    `pairs` say why, as places in `members`; the likest first.
    """

    members: tuple[Member, ...]
    pairs: tuple[Pair, ...]
    score: float

    @property
    def subject(self) -> str:
        """Return what most of the names are about, spelled `execution_tracker`."""
        spelled = [subject(member.candidate.title) for member in self.members]
        parts = [tuple(dict.fromkeys(spelling.all_words)) for spelling in spelled]
        held = Counter(word for words in parts for word in words)
        first = max(parts, key=lambda words: (sum(held[word] for word in words) / (len(words) or 1), len(words)))
        return "_".join(first) or self.members[0].candidate.title

    def strongest(self, place: int) -> Pair:
        """Return the pair that ties the member at `place` to the group most strongly."""
        return next(pair for pair in self.pairs if place in (pair.first, pair.second))


def groups(candidates: Sequence[Candidate], users: Sequence[frozenset[str]], pairs: Sequence[Pair]) -> list[Group]:
    """Return the groups that `pairs` make, the weightiest first: one that may stay, and all that look like it.

    Nobody is in two groups: the weightiest group comes first and takes its members.
    """
    alike: dict[int, dict[int, Pair]] = defaultdict(dict)
    for pair in pairs:
        alike[pair.first][pair.second] = alike[pair.second][pair.first] = pair
    waiting = [(-_weight(number, alike[number], candidates, users), number) for number in alike]
    heapify(waiting)
    found: list[Group] = []
    taken: set[int] = set()
    while waiting:
        weight, number = heappop(waiting)
        left = {other: pair for other, pair in alike[number].items() if other not in taken}
        if number in taken or not left:
            continue
        now = -_weight(number, left, candidates, users)
        if now > weight:  # others took some of those it had
            heappush(waiting, (now, number))
            continue
        members = _ranked((number, *left), alike, candidates, users)
        taken.update(members)
        found.append(_group(members, candidates, users, pairs, -now))
    return sorted(found, key=lambda group: (-group.score, group.members[0].candidate.target))


def _weight(
    number: int, alike: Mapping[int, Pair], candidates: Sequence[Candidate], users: Sequence[frozenset[str]]
) -> float:
    """Return how much it matters that `number` has these others like it; the tenth adds less than the first."""
    scores = sorted((pair.score for pair in alike.values()), reverse=True)
    likeness = sum(score * _FADING**place for place, score in enumerate(scores))
    members = (number, *alike)
    kept = sum(bool(candidates[member].accessors) for member in members) / len(members)
    using = len(frozenset().union(*(users[member] for member in members)))
    return likeness * (1 + kept) * (1 + log(1 + using) / 6)


def _group(
    members: Sequence[int],
    candidates: Sequence[Candidate],
    users: Sequence[frozenset[str]],
    pairs: Sequence[Pair],
    score: float,
) -> Group:
    place = {number: index for index, number in enumerate(members)}
    inner = [pair for pair in pairs if pair.first in place and pair.second in place]
    return Group(
        members=tuple(Member(candidates[number], len(users[number])) for number in members),
        pairs=tuple(Pair(place[pair.first], place[pair.second], pair.evidence) for pair in inner),
        score=score,
    )


def _ranked(
    members: Sequence[int],
    alike: Mapping[int, Mapping[int, Pair]],
    candidates: Sequence[Candidate],
    users: Sequence[frozenset[str]],
) -> list[int]:
    """Return the members, the likeliest to stay first: it is used, handed out, big, and in the middle."""
    central = {
        member: sum(alike[member][other].score for other in members if other in alike[member]) for member in members
    }
    most = max(central.values())

    def standing(place: int) -> tuple[float, str]:
        candidate = candidates[place]
        offers = 1.5 * bool(candidate.accessors) + log(1 + len(candidate.public)) / 2
        return log(1 + len(users[place])) + offers + 3 * central[place] / most, candidate.target

    return sorted(members, key=standing, reverse=True)
