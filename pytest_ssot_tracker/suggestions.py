"""What the text of a deprecation says about itself: what to use instead, and when the deprecated thing goes."""

from __future__ import annotations

import re

from pytest_ssot_tracker.records import regex

__all__ = ["removal_in", "replacement_in"]

_MARKED = (
    r"(?:`{1,2}(?:~|!)?(?P<{0}ticked>[^`\s]+)`{1,2}"
    r"|'(?P<{0}quoted>[\w.:]+(?:\(\))?)'|\"(?P<{0}double>[\w.:]+(?:\(\))?)\")"
)
_ROLE = r"(?::(?:py:)?(?:func|class|meth|mod|attr|data|obj|exc|const|any):)?"
_BARE = r"(?P<{0}bare>[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)*(?:\(\))?)"
_KIND = r"(?:the |a |an |new |its |function |method |class |module |attribute |property |argument |parameter )*"


def _name(group: str) -> str:
    return f"{_KIND}{_ROLE}(?:{_MARKED.replace('{0}', group)}|{_BARE.replace('{0}', group)})"


_LEADS = (
    r"in favou?r of",
    r"(?:has been |have been |was |is |been |are )?(?:renamed|moved|replaced|superseded)(?: to| by| with)",
    r"(?:please )?(?:use|call|import|prefer|switch to|migrate to|see)",
    r"consider(?: using)?",
)
_AFTER_LEAD = regex(rf"\b(?:{'|'.join(_LEADS)})\s+(?:using\s+)?{_name('a')}", re.IGNORECASE)
_BEFORE_INSTEAD = regex(rf"{_name('b')} (?:should be used |must be used |can be used )?instead\b", re.IGNORECASE)
_REMOVAL = regex(
    r"\b(?:will be |to be |be |is |are |gets )?(?:removed|deleted|dropped|gone|removal|disappear)\b[^.;]{0,40}?"
    r"\b(?:in|with|by|as of)\s+(?:\w+\s+){0,3}?v?(?P<version>\d+(?:\.\d+)*(?:\.?(?:a|b|rc|dev)\d*)?)",
    re.IGNORECASE,
)
_IN_VERSION = regex(r"\b(?:removed_in|will_be_removed_in)\b\W+v?(?P<version>\d+(?:\.\d+)*)")

_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a all an and another any as at be by details docs documentation for from how if in instead it its keyword "
        "more new no not of on one only or other our own please some such that the their them these this to with your",
    )
)


def replacement_in(message: str) -> str | None:
    """Return the name that `message` says to use instead, as it is written there; `None` where it names none.

    A name is dotted, in backticks or quotes, or stands as code would (`new_name`, `NewName`, `name()`): a plain
    English word after "use" is none.
    """
    for pattern in (_AFTER_LEAD, _BEFORE_INSTEAD):
        for match in pattern.finditer(message):
            found = next((text for text in match.groups() if text), "")
            marked = not (match.groupdict().get("abare") or match.groupdict().get("bbare"))
            name = found.removesuffix("()").strip(".,;:!~")
            if name and (marked or _looks_like_code(found, message[match.end() :])):
                return name
    return None


def _looks_like_code(text: str, rest: str) -> bool:
    """Whether `text`, which neither quotes nor backticks mark, is a name: by its looks, or because nothing follows."""
    if text in _WORDS or (text.lower() in _WORDS and not text.isupper()):
        return False
    if text.endswith("()") or any(sign in text for sign in "._:") or not (text.islower() or text.istitle()):
        return True
    return re.match(r"\s*(?:instead\b|[).;]|$)", rest) is not None


def removal_in(message: str) -> str | None:
    """Return the version in which, `message` says, the deprecated thing will be removed; `None` where it names none."""
    match = _REMOVAL.search(message) or _IN_VERSION.search(message)
    return None if match is None else match["version"].rstrip(".")
