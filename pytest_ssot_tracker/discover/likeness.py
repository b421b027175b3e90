"""Weigh how much two candidates look like one job done twice, and say why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from math import log, sqrt

from pytest_ssot_tracker.discover.families import Families
from pytest_ssot_tracker.discover.outline import Candidate, ClassStatement
from pytest_ssot_tracker.discover.subjects import KEEPERS, STRUCTURE, subject
from pytest_ssot_tracker.records import dataclass

__all__ = ["Likeness", "Pair", "Resemblance"]

_COMMON = 60
"""A feature that more candidates share than this tells nothing of any two of them."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """One reason why two candidates look like one job, with its weight."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two candidates that look alike, by their numbers in the list, and why; the strongest reason comes first."""

    first: int
    second: int
    evidence: tuple[Resemblance, ...]

    @property
    def score(self) -> float:
        """Return the sum of the weights."""
        return sum(reason.weight for reason in self.evidence)


class Likeness:
    """Compare candidates; what many have in common weighs little.

    `users` holds for each candidate the files that use it, `same_body` tells whether two methods do the same. `classes`
    are all classes of the tree, candidates or not: they tell who derives from whom.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        users: Sequence[frozenset[str]],
        same_body: Callable[[Candidate, Candidate, str], bool],
        classes: Iterable[ClassStatement] = (),
    ) -> None:
        self._all = candidates
        self._users = users
        self._same_body = same_body
        self._subjects = [subject(candidate.title) for candidate in candidates]
        self._words = [frozenset(subject.all_words) for subject in self._subjects]
        self._families = Families(candidates, classes)
        self._keys = [frozenset(_keys(candidate)) for candidate in candidates]
        self._rare_word = _Rarity(self._words)
        self._rare_method = _Rarity(candidate.public for candidate in candidates)
        self._rare_key = _Rarity(self._keys)

    def pairs(self) -> list[Pair]:
        """Return the pairs that look like one job done twice, the likest first."""
        found = [
            pair for first, second in self._worth_comparing() if (pair := self._compare(first, second)) is not None
        ]
        return sorted(found, key=lambda pair: (-pair.score, pair.first, pair.second))

    def _worth_comparing(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs that share something few others have; comparing all with all would take minutes."""
        holders: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, candidate in enumerate(self._all):
            for name in candidate.public:
                holders["method", name].append(number)
            for word in self._subjects[number].words:
                holders["word", word].append(number)
            for two in combinations(sorted(self._words[number]), 2):
                holders["words", " ".join(two)].append(number)
            if candidate.accessors:
                for path in self._users[number]:
                    holders["user", path].append(number)
            holders["title", candidate.title].append(number)
        pairs = {pair for some in holders.values() if len(some) <= _COMMON for pair in combinations(some, 2)}
        yield from sorted(pairs)

    def _compare(self, first: int, second: int) -> Pair | None:
        a, b = self._all[first], self._all[second]
        if (a.name is None) != (b.name is None) or self._families.are_alike_on_purpose(first, second):
            return None
        name, methods = self._name(first, second), self._methods(first, second)
        both = [reason for reason in (name, methods) if reason is not None]
        telling = _TELLING / 2 if a.accessors and b.accessors else _TELLING
        if not both or max(reason.weight for reason in both) < telling or (a.name is None and methods is None):
            return None
        same = [name for name in a.methods if name in b.methods and self._same_body(a, b, name)]
        if not self._is_one_job(first, second, same):
            return None
        more = (
            self._accessors(a, b),
            self._bodies(a, b, same),
            self._same_keys(first, second),
            self._same_users(first, second),
        )
        evidence = sorted([*both, *filter(None, more)], key=lambda reason: -reason.weight)
        pair = Pair(first, second, tuple(evidence))
        return pair if pair.score >= _LIKE else None

    def _name(self, first: int, second: int) -> Resemblance | None:
        a, b = self._all[first], self._all[second]
        if a.title == b.title:
            return Resemblance(f"both are called {a.title}", 1.0)
        shared = self._words[first] & self._words[second]
        if not shared or not (set(self._subjects[first].words) & set(self._subjects[second].words)):
            return None
        likeness = self._rare_word.cosine(self._words[first], self._words[second])
        likeness *= _kinship(self._subjects[first].role, self._subjects[second].role)
        if self._families.siblings(first, second):
            likeness *= _SIBLING
        said = ", ".join(
            word for word in dict.fromkeys((*self._subjects[first].words, self._subjects[first].role)) if word in shared
        )
        versions = sorted({*self._subjects[first].qualifiers} ^ {*self._subjects[second].qualifiers})
        if versions and likeness > _TELLING:
            return Resemblance(f"names share {said} and differ in {', '.join(versions)}", likeness + 0.2)
        return Resemblance(f"names share {said}", likeness)

    def _methods(self, first: int, second: int) -> Resemblance | None:
        a, b = self._all[first], self._all[second]
        if self._families.siblings(first, second):
            return None  # their base asks for them
        shared = [name for name in a.public if name in b.methods]
        if not shared:
            return None
        part = self._rare_method.overlap(a.public, b.public)
        return Resemblance(f"share {_listed(self._rare_method.rarest(shared), 'method')}", 1.2 * part)

    def _is_one_job(self, first: int, second: int, same: Sequence[str]) -> bool:
        """Whether two that look alike do one job, and are not only about the same, by one interface, or a family.

        They both hand out one object for all, or do the same in the same words, or one is a version of the other. Names
        and methods alone are alike wherever a framework has plug-ins or a package repeats the structure of another.
        """
        a, b = self._all[first], self._all[second]
        if (a.accessors and b.accessors) or len(same) >= max(_SAME, min(len(a.methods), len(b.methods)) / 2):
            return True
        about, about_other = self._subjects[first], self._subjects[second]
        shared = [name for name in a.public if name in b.methods]
        if not shared or not about.is_same_thing(about_other):
            return False
        if ({*about.qualifiers} ^ {*about_other.qualifiers}) - STRUCTURE:
            return True
        whole = len(shared) >= max(_SHARED, _MOST * min(len(a.public), len(b.public)))
        return whole and (a.name is not None or bool(same))

    def _bodies(self, a: Candidate, b: Candidate, same: Sequence[str]) -> Resemblance | None:
        if not same:
            return None
        weight = min(0.8, 0.2 + 0.6 * len(same) / min(len(a.methods), len(b.methods)))
        return Resemblance(f"the same body in {_listed(same, 'method')}", weight)

    def _accessors(self, a: Candidate, b: Candidate) -> Resemblance | None:
        if not a.accessors or not b.accessors:
            return None
        same = [name for name in a.accessors if name in b.accessors]
        if same:
            return Resemblance(f"both are handed out by {same[0]}()", 1.0)
        return Resemblance(f"both are singletons: {a.accessors[0]}(), {b.accessors[0]}()", 0.5)

    def _same_keys(self, first: int, second: int) -> Resemblance | None:
        shared = self._keys[first] & self._keys[second]
        if not shared:
            return None
        part = self._rare_key.overlap(self._keys[first], self._keys[second])
        return Resemblance(f"methods take {', '.join(sorted(self._rare_key.rarest(shared))[:4])}", 0.4 * part)

    def _same_users(self, first: int, second: int) -> Resemblance | None:
        shared = self._users[first] & self._users[second]
        if not shared:
            return None
        part = len(shared) / (1 + min(len(self._users[first]), len(self._users[second])))
        said = min(shared) if len(shared) == 1 else f"{len(shared)} files"
        return Resemblance(f"{said} use{'s' if len(shared) == 1 else ''} both", 0.6 * part)


_TELLING = 0.4
"""Names or methods alike below this are chance."""
_SIBLING = 0.7
"""What names tell of two that have a base in common, which gave both their last word."""
_LIKE = 0.85
"""The score from which on two candidates are shown."""
_SAME = 2
"""Bodies: one that is the same may be chance."""
_SHARED = 3
"""Methods: fewer in common say nothing of two that are called alike."""
_MOST = 0.6
"""The part of the methods of the smaller that the other has to have too where both are called alike."""
_DOUBT = 10.0
"""Added to the weight of what both could share: two of two methods say less than twenty of twenty."""


class _Rarity:
    """Weigh features by how few have them."""

    def __init__(self, holders: Iterable[Iterable[str]]) -> None:
        self._held: Counter[str] = Counter()
        self._count = 0
        for features in holders:
            self._held.update(set(features))
            self._count += 1
        self._weights = {feature: log(1 + self._count / held) for feature, held in self._held.items()}

    def rarest(self, features: Iterable[str]) -> list[str]:
        """Return `features`, the rarest first."""
        return sorted(features, key=lambda feature: (self._held[feature], feature))

    def cosine(self, first: frozenset[str], second: frozenset[str]) -> float:
        """Return how alike two sets are, from 0 to 1."""
        return self._square(first & second) / sqrt(self._square(first) * self._square(second))

    def _square(self, features: Iterable[str]) -> float:
        return sum(self._weights[feature] ** 2 for feature in features)

    def overlap(self, first: Iterable[str], second: Iterable[str]) -> float:
        """Return which part of the smaller set the other has too, from 0 to 1, with doubt about small sets."""
        both = set(first), set(second)
        shared, *sums = (sum(map(self._weights.__getitem__, features)) for features in (both[0] & both[1], *both))
        return shared / (min(sums) + _DOUBT)


def _kinship(first: str, second: str) -> float:
    """Return how near two roles are."""
    if first == second:
        return 1.0
    return 0.8 if first in KEEPERS and second in KEEPERS else 0.35


def _keys(candidate: Candidate) -> Iterator[str]:
    for name in candidate.public:
        yield from candidate.methods[name].parameters


def _listed(names: Sequence[str], noun: str) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{noun if len(names) == 1 else noun + 's'} {', '.join(names[:3])}{more}"
