"""Know which classes are alike because they are meant to be: by inheritance, or as plug-ins for one interface.

Classes are known by the last part of their name, as far as a tree shows it without being imported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from pytest_ssot_tracker.discover.outline import Candidate, ClassStatement
from pytest_ssot_tracker.discover.subjects import spelled, subject

__all__ = ["Families"]

_NO_KIN = frozenset({"object", "ABC", "Generic", "Protocol"})
_FAMILY = 4
"""So many that derive from one class are a family of plug-ins, whatever the class asks them for."""
_BROTHERS = 3
"""So many classes of one package whose names end alike, and begin differently, are plug-ins without a base."""
_ENDING = 2
"""Words in which these names have to end alike."""


class Families:
    """Who derives from whom among `candidates`, by their numbers; `classes` are all classes of the tree."""

    def __init__(self, candidates: Sequence[Candidate], classes: Iterable[ClassStatement]) -> None:
        self._all = candidates
        self._bases: dict[str, set[str]] = defaultdict(set)
        self._methods: dict[str, set[str]] = defaultdict(set)
        for name, bases, methods in classes:
            self._bases[name].update(bases)
            self._methods[name].update(methods)
        self._above = lru_cache(maxsize=None)(self._ancestors)
        self._kin = [self._above(candidate.bases) for candidate in candidates]
        self._heirs = Counter(name for kin in self._kin for name in kin)
        self._plug_in_names = frozenset(self._shared_names())
        self._brothers = frozenset(_brothers(candidates))

    def _ancestors(self, bases: tuple[str, ...]) -> frozenset[str]:
        """Return the names of all classes that one with these bases derives from: its own for a base called like it."""
        found: set[str] = set()
        waiting = list(bases)
        while waiting:
            name = waiting.pop()
            if name and name not in found and name not in _NO_KIN:
                found.add(name)
                waiting += self._bases.get(name, ())
        return frozenset(found)

    def _shared_names(self) -> Iterator[str]:
        """Yield the names that a family has in common: of several classes called so, some are kin."""
        by_name: dict[str, list[int]] = defaultdict(list)
        for number, candidate in enumerate(self._all):
            if candidate.name is not None:
                by_name[candidate.name].append(number)
        for name, numbers in by_name.items():
            if len(numbers) > 2 and any(self._are_kin(*pair) for pair in combinations(numbers, 2)):
                yield name

    def siblings(self, first: int, second: int) -> bool:
        """Whether two candidates have a base in common."""
        return not self._kin[first].isdisjoint(self._kin[second])

    def are_alike_on_purpose(self, first: int, second: int) -> bool:
        """Whether one of two candidates derives from the other, or both are plug-ins of a kind."""
        a, b = self._all[first], self._all[second]
        if a.name is None or b.name is None:
            return False
        if a.name == b.name and a.name in self._plug_in_names:
            return True
        return self._are_kin(first, second) or {first, second} <= self._brothers

    def _are_kin(self, first: int, second: int) -> bool:
        a, b = self._all[first], self._all[second]
        if a.name in self._kin[second] or b.name in self._kin[first]:
            return True
        # What others of the same name derive from is an interface of it.
        if a.name in self._above((b.name or "",)) - {b.name} or b.name in self._above((a.name or "",)) - {a.name}:
            return True
        return any(self._is_family(base, a, b) for base in self._kin[first] & self._kin[second])

    def _is_family(self, base: str, a: Candidate, b: Candidate) -> bool:
        """Whether `base` makes plug-ins of `a` and `b`: it has many heirs, or asks both for what they share.

        Two of one name are plug-ins of a base that the tree does not show. Names that differ in a version only are no
        plug-ins, unless there are many.
        """
        if self._heirs[base] >= _FAMILY:
            return True
        if a.title != b.title and subject(a.title).is_same_thing(subject(b.title)):
            return False
        if base not in self._methods:
            return a.title == b.title
        return not self._methods[base].isdisjoint({*a.public} & {*b.public})


def _brothers(candidates: Sequence[Candidate]) -> Iterator[int]:
    """Yield the numbers of the plug-ins that nothing but their names makes a family: `S3FilesStore`, `FTPFilesStore`.

    Where one is called by the ending alone, the others are versions of it.
    """
    endings: dict[tuple[str, tuple[str, ...]], dict[int, tuple[str, ...]]] = defaultdict(dict)
    for number, candidate in enumerate(candidates):
        if candidate.name is not None:
            words = spelled(candidate.name)
            for start in range(len(words) - _ENDING + 1):
                endings[candidate.module.rpartition(".")[0], words[start:]][number] = words[:start]
    for beginnings in endings.values():
        told = [subject("_".join(words)) for words in beginnings.values()]
        if len({*beginnings.values()}) >= _BROTHERS and all(subject.words or subject.role for subject in told):
            yield from beginnings
