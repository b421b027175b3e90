"""Tell a slip of the pen from another name: `OrdrLog` is near `OrderLog`, `get_log` is not near `set_log`."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_ssot_tracker.records import regex

__all__ = ["distance", "is_near", "nearest_of"]

_WORDS = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DOUBLED = regex(r"(.)\1")
_DIGIT = regex(r"\d")


def nearest_of(name: str, others: Iterable[str]) -> str | None:
    """Return which of `others` was probably meant by `name`, `None` where none is near."""
    near = [(distance(_plain(name), _plain(other)), other) for other in others if is_near(name, other)]
    return min(near)[1] if near else None


def is_near(name: str, other: str) -> bool:
    """Whether one of two different names may be the other with a few letters wrong.

    Names that people choose to differ are not near, however little they differ: `Log` and `Log2`, `PhaseA` and
    `PhaseB`, `get_log` and `set_log`, `log` and `log_all`, `Log` and `_Log`.
    """
    if name == other or _private(name) != _private(other):
        return False
    plain, other_plain = _plain(name), _plain(other)
    if plain == other_plain:
        return True
    if _DIGIT.sub("", plain) == _DIGIT.sub("", other_plain):
        return False
    words, other_words = _words(name), _words(other)
    if len(words) == len(other_words):
        return all(_word_is_near(*pair) for pair in zip(words, other_words, strict=True) if pair[0] != pair[1])
    if set(words) < set(other_words) or set(other_words) < set(words):
        return False
    return _is_within(_allowed(min(len(plain), len(other_plain))), plain, other_plain)


def distance(one: str, other: str) -> int:
    """Return how many letters have to be added, dropped, changed, or swapped with the next, to make one the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _word_is_near(word: str, other: str) -> bool:
    shorter = min(len(word), len(other))
    if _DOUBLED.sub(r"\1", word) == _DOUBLED.sub(r"\1", other):
        return True
    if shorter == 3 and len(word) == len(other):
        return sorted(word) == sorted(other)  # `gte` for `get`; but `get` and `set` are two words
    return _is_within(_allowed(shorter), word, other)


def _is_within(most: int, one: str, other: str) -> bool:
    """Whether the distance is at most this; of most pairs the letters say that it is not, in a twentieth of the time.

    Each step brings in one letter at most, and takes one away.
    """
    letters, others = {*one}, {*other}
    return len(letters - others) <= most and len(others - letters) <= most and distance(one, other) <= most


def _allowed(length: int) -> int:
    """Return how many letters may be wrong in a word of this length."""
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 12 else 3


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _private(name: str) -> int:
    return len(name) - len(name.lstrip("_"))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]
