"""Whose a file is, by the project's CODEOWNERS.

The rules are GitHub's (https://docs.github.com/articles/about-code-owners): patterns as in .gitignore, the last that
matches decides, and one without owners takes a file away from everybody. Headings of sections, as GitLab has them, are
passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["PLACES", "Owners"]

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file is looked for, relative to the root."""

_WORD = regex(r"(?:\\.|[^\s\\])+")
_SECTION = regex(r"\^?\[[^\]]*\]")


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    owners: str


class Owners(NamedTuple):
    """The rules of a CODEOWNERS file, in its order."""

    rules: tuple[_Rule, ...]

    @classmethod
    def read(cls, file: Path) -> Owners:
        """Return what `file` says; raise `OSError` where it cannot be read."""
        return cls(tuple(_rules(file.read_text(encoding="utf-8", errors="replace"))))

    @classmethod
    def found(cls, root: Path) -> Owners | None:
        """Return what the file in one of `PLACES` says, `None` where there is none that can be read."""
        for place in PLACES:
            try:
                return cls.read(root / place)
            except OSError:
                continue
        return None

    def of(self, path: str) -> str | None:
        """Return the owners of the file at `path`, relative to the root and with `/`; `None` for nobody."""
        for rule in reversed(self.rules):
            if rule.pattern.match(path) is not None:
                return rule.owners or None
        return None


def _rules(text: str) -> Iterator[_Rule]:
    for line in text.splitlines():
        words = _WORD.findall(line)
        comment = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
        words = words[:comment]
        if words and _SECTION.match(line.strip()) is None:
            yield _Rule(_compiled(re.sub(r"\\(.)", r"\1", words[0])), " ".join(words[1:]))


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern: anchored where it has a slash before its end, else at any depth."""
    folder = pattern.endswith("/")
    body = pattern.strip("/")
    start = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    text = ""
    for part in re.split(r"(/\*\*/|\*\*/|/\*\*|\*\*|\*|\?)", body):
        text += {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            part, re.escape(part)
        )
    # `docs/*` stands for the files in it alone; anything else that matches a folder stands for all below it.
    end = "/.*" if folder else "" if body.endswith("/*") else "(?:/.*)?"
    return re.compile(f"{start}{text}{end}\\Z", re.DOTALL)
