"""Say where a text reads the clock so that this may come to stand in another text.

Most readings are not of that kind: a duration is taken, a time is stored or compared. Where that can be seen from the
line, and from each line that names what the reading was stored under, the reading is left out: what is around it
need not be parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.needles import CLOCK
from pytest_ssot_tracker.scan.reducing import alone, occurrences, unusual

__all__ = ["ticks"]

_CALLS = ("time(", "time_ns(", "monotonic(", "monotonic_ns(", "perf_counter(", "perf_counter_ns(")
_OTHERS = (
    *("time (", "time_ns (", "monotonic (", "monotonic_ns (", "perf_counter (", "perf_counter_ns ("),
    *("strftime", "ctime(", "ctime ("),
)
_HANDED_ON = ("time.time", "time.monotonic", "time.perf_counter", "time.ctime")
_DATES = tuple(word for word in CLOCK if word not in {*_CALLS, *_OTHERS, *_HANDED_ON, "from time import"})
# Of these most texts hold none, and so none of the words that they are a part of.
_RARE = ("monotonic", "perf_counter", "time_ns", "ctime", "utcnow", "today")
_RARE_IN = {word: rare for word in (*_CALLS, *_OTHERS, *_HANDED_ON, *_DATES) for rare in _RARE if rare in word}

# Only these make a date a number or a text: a method, and a format in a placeholder (which no quote begins).
_STAMP = regex(r"\.timestamp *\(")
_FORMAT = regex(r"\{\s*[^\s{}'\":][^{}:]*:[^{}%\\]*[%{\\]")

_TIME_IMPORTED = regex(
    r"from time import [^\n]*(?:\b(?:time|time_ns|strftime|ctime)\b|\b(?:monotonic|perf_counter)(?:_ns)?\s+as\b|[*(\\])"
)
# What is called so, or what a function of that name returns, may be an identifier: then the clock alone is one.
_NAMED = regex(r"id(?![a-z])|Id|ID|[a-z]id\b|key|Key|KEY|token|Token|TOKEN|uuid|guid")
_QUOTED = regex(r"""["'](\w+)["']\s*\]""")
_MAKES = regex(r"def \w*(?:id|Id|ID|key|Key|token|Token)\w*")
# Where elements of a row go into a text, or to a name each.
_ITEMS = regex(r"%[\s\\]*[({]")
_JOINED = regex(r"\.join\(\s*[(\[]")
_UNPACKED = regex(r"\n[ \t]*[(\[]?[\w.]+(?:\[[^=\n]*\])?[ \t]*,[^=\n()]*=[ \t]*(?:[(\[]|[^\n]*\\\n)")
# What hands on its first argument as a number or a text, and what only looks like a call.
_FUNCTIONS = (
    *("int", "round", "float", "abs", "floor", "ceil", "str", "repr", "hex", "format", "oct", "partial"),
    *("gmtime", "localtime", "hash", "bytes"),
)
_CONVERTED = frozenset({*_FUNCTIONS, "or", "and", "if", "else", "await", "yield"})
_BOUND_ANEW = regex(rf"=[ \t]*(?:\w+\.)?(?:{'|'.join(_FUNCTIONS)})[ \t]*(?:#|\n|\Z)")

# What may stand before an expression and after it, in its line.
_CHAIN = regex(r"[\w.]*\Z")
_OPEN = regex(r"(?:[(\[{,=:<>]|\b(?:return|yield|if|elif|while|and|or|not|in|is|assert|else))\s*\Z")
_TARGET = regex(r"\s*(?!(?:else|finally|try)\b)(?:\w+\.)*(\w+)\s*(?::[^=]*)?=\s*\Z")
_KEYWORD = regex(r"(?:.*[(,]\s*|\s*)(\w+)=\Z")
_ITEM = regex(r"\s*[\w.]+\[[^=]*\]\s*=\s*\Z")
_ELEMENT = regex(
    r"(?:\s*(?:\w+\.)*\w+(?:\[[^=]*\]|\s*:[^=]*)?\s*=(?!=))?[^=]*(?:(?P<first>\b\w+\(|(?<![\w)\]])[(\[{])|,)\s*\Z"
)
_UNMINDFUL = regex(r"(?:-|\bnot)\s*\Z")
_COMPARED = regex(r"(?:[<>]=?|[!=]=|\b(?:is|in|is not))\s*\Z")
_RETURNED = regex(r"\s*(?:return|yield)\s+\Z")
_TESTED = regex(r"\b(?:if|elif|while)\s+\Z")
_LOST = regex(r"\s*(?:-(?![=>])|[<>]|[!=]=|(?:is|in|not)\b)")
_CALLED = regex(r"\w\(\)\Z")
_END = regex(r"\s*(?:[,)\]}:#]|\Z)")
_LINE_END = regex(r"\s*(?:#|\Z)")
_BOUND = regex(r"\s*(?::[^=]*)?(?:[-+*/]|//)?=(?![=}])")


def ticks(text: str) -> list[int]:
    """Return where in `text` the clock is read so that this may come to stand in another text."""
    if unusual(text):
        return [place for word in CLOCK for place in alone(text, word)]
    absent = {rare for rare in _RARE if rare not in text}

    def standing(words: Iterable[str]) -> Iterator[tuple[int, str]]:
        return ((place, word) for word in words if _RARE_IN.get(word) not in absent for place in alone(text, word))

    found = [place for place, _ in standing(_OTHERS)]
    named = _NAMED.search(text) is not None
    if named or "strftime" in text or "__format__" in text or _STAMP.search(text) or _FORMAT.search(text):
        found += (place for place, _ in standing(_DATES))
    found += (match.start() for match in _TIME_IMPORTED.finditer(text))
    for place, word in standing(_HANDED_ON):
        behind = text[place + len(word) : place + len(word) + 2]
        if behind.lstrip()[:1] != "(" and not text.endswith("default_factory=", 0, place):
            found.append(place)
    numbers = {place: place + len(word) for place, word in standing(_CALLS)}
    if numbers:
        found += _Flow(text).stirring(numbers)
    return found


def _renamed(text: str) -> bool:
    """Whether what converts its argument is called by another name: imported, or bound."""
    for place in (*occurrences(text, " as"), *occurrences(text, "\tas")):
        if text[text.rfind("\n", 0, place) + 1 : place].rstrip(" \t").endswith(_FUNCTIONS):
            return True
    return _BOUND_ANEW.search(text) is not None


class _Flow:
    """Follow the readings of the clock that are numbers through the names they are stored under."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._items = _ITEMS.search(text) is None
        self._keywords = ".format" not in text
        self._makes = _MAKES.search(text) is not None

    @cached_property
    def _elements(self) -> bool:
        """Whether an element of a row stays where it is; few texts ask, and to look through one takes longer."""
        text = self._text
        apart = self._items and self._keywords and not _JOINED.search(text)
        return apart and not _renamed(text) and not _UNPACKED.search(text)

    def stirring(self, numbers: dict[int, int]) -> list[int]:
        """Return which of the calls at `numbers`, up to the opening bracket, may end in a text."""
        text = self._text
        led = {
            place: self._leads(place, end + 1) if text[end : end + 1] == ")" else "?" for place, end in numbers.items()
        }
        names: dict[str, set[str]] = {}
        waiting = {*led.values()} - {"", "?"}
        while waiting:
            name = waiting.pop()
            names[name] = {self._leads(place, place + len(name), name) for place in alone(text, name)} - {""}
            waiting |= names[name] - names.keys() - {"?"}
        bad = {"?"}
        while more := {name for name, further in names.items() if name not in bad and not bad.isdisjoint(further)}:
            bad |= more
        return [place for place, name in led.items() if name in bad]

    def _leads(self, start: int, end: int, name: str = "") -> str:
        """Return the name under which what is at `start` is stored, `""` for none, `"?"` if it may go into a text.

        `name` is given where that is itself such a name; it may be bound there, or be part of a text.
        """
        text = self._text
        line = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", end)
        before, after = text[line:start], text[end : stop if stop >= 0 else len(text)]
        before = before[: _CHAIN.search(before).start()]  # type: ignore[union-attr]
        if name and self._is_name_only(before, after):
            return ""
        if before[-1:] in (")", "]"):  # of a call without arguments it is another clock, as of an event loop
            return "?" if name or not _CALLED.search(before) else ""
        if _UNMINDFUL.search(before) or (_LOST.match(after) and _OPEN.search(before)):
            return ""
        if _LINE_END.match(after):
            target = _TARGET.match(before)
            if target is not None:
                return "?" if _NAMED.search(target[1]) else target[1]
            if _RETURNED.match(before):
                return "?" if self._makes else ""
            if _ITEM.match(before):
                named = _QUOTED.search(before)
                return "?" if named is not None and _NAMED.search(named[1]) else ""
        if _END.match(after):
            if _COMPARED.search(before):
                return ""
            if self._items and before.rstrip().endswith(":"):
                return "?" if _NAMED.search(before) else ""
            keyword = _KEYWORD.match(before) if self._keywords else None
            if keyword is not None:
                return "?" if _NAMED.search(keyword[1]) else keyword[1]
            if self._elements and self._is_element(before, after):
                return ""
        return "" if _TESTED.search(before) and after.startswith((":", " else ")) else "?"

    def _is_element(self, before: str, after: str) -> bool:
        """Whether what stands between is an argument that is not handed on, or one of several elements."""
        found = _ELEMENT.match(before)
        if found is None or any(before.count(opening) < before.count(other) for opening, other in ("()", "[]", "{}")):
            return False
        first = found["first"]
        if first in ("(", "{"):
            return after.lstrip().startswith(",")
        return first is None or first[:-1] not in _CONVERTED

    def _is_name_only(self, before: str, after: str) -> bool:
        """Whether a name is bound or called there, part of a longer one, or a text."""
        if after[:1] in ("'", '"'):
            return before[-1:] == after[0]
        if after[:1] == "(" or (after[:1] == "." and after[1:3] != "__"):
            return True
        plain = not before.strip() or before.rstrip()[-1] in "(,"
        if plain and (after[:1] == ":" or _BOUND.match(after)):
            return True
        return "{" not in before and before.lstrip().startswith(("#", "global ", "nonlocal "))
