"""Say of a file that cannot be read why, in words that are the same on every machine and Python."""

from __future__ import annotations

import errno
import re
import sys

from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.source.notebook import NotebookError

__all__ = ["unreadable"]

# Compiled by `re` where one is first asked for: most trees can be read.
_NEWER = (
    ((3, 11), r"^\s*except\s*\*"),
    ((3, 12), r"^\s*type\s+\w+\s*(\[.*\]\s*)?="),
    ((3, 12), r"^\s*(?:async\s+)?(?:def|class)\s+\w+\s*\["),
    ((3, 14), r"""(?<![\w"'])[tT][rR]?["']|(?<![\w"'])[rR][tT]["']"""),
    ((3, 14), r"^\s*except\s+\w[\w.]*\s*,.*:"),
    ((3, 15), r"^\s*lazy\s+(?:import|from)\b"),
)
_F_STRING = r"""(?<![\w"'])(?:[fF][rR]?|[rR][fF])["']"""
_PYTHON_2 = r"^\s*(?:print\s+[^\s(=]|exec\s+[\"']|except\s+\w[\w.]*\s*,\s*\w+\s*:|raise\s+\w[\w.]*\s*,)"


def unreadable(path: str, error: BaseException, lines: list[str] | None = None, *, is_folder: bool = False) -> Site:
    """Return the `unreadable-source` site of the file or folder at `path`, which `error` kept from being read.

    The target is what is wrong (`encoding`, `syntax`, `permission`, `link`, `reading`, `size`), or the Python it needs
    (`python>=3.12`).
    """
    if isinstance(error, OSError):
        target, text = _refusal(error, "folder" if is_folder else "file")
    else:
        target, text = _reason(error, lines or [])
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    return Site(Rule.UNREADABLE_SOURCE, "", target, path, max(line or 1, 1), "<module>", text)


def _refusal(error: OSError, kind: str) -> tuple[str, str]:
    if isinstance(error, PermissionError):
        return "permission", f"the {kind} may not be read"
    if isinstance(error, FileNotFoundError):
        return "link", f"the {kind} is a link that leads nowhere"
    if error.errno == errno.ELOOP:
        return "link", f"the {kind} is a link that leads in a circle"
    return "reading", f"the {kind} cannot be read"


def _reason(error: BaseException, lines: list[str]) -> tuple[str, str]:
    if isinstance(error, (RecursionError, MemoryError)):
        return "size", "the file is nested too deeply to be parsed"
    if isinstance(error, UnicodeError) or (isinstance(error, SyntaxError) and "codec" in str(error.msg)):
        return "encoding", "the file cannot be decoded"
    if isinstance(error, SyntaxError) and "encoding" in str(error.msg):
        return "encoding", "the file names an encoding that is unknown"
    if isinstance(error, SyntaxError):
        version = _needed(error, lines)
        if version is not None:
            return f"python>={version}", f"the file needs Python {version} or newer"
        if re.match(_PYTHON_2, _line(error, lines)):
            return "python<3", "the file is written for Python 2"
    if isinstance(error, NotebookError):
        return "notebook", str(error)
    if "null bytes" in str(error):
        return "syntax", "the file holds null bytes"
    return "syntax", "the file cannot be parsed"


def _needed(error: SyntaxError, lines: list[str]) -> str | None:
    """Return the Python whose grammar the line of `error` speaks, `None` when no newer one would help."""
    line = _line(error, lines)
    for version, pattern in _NEWER:
        if sys.version_info < version and re.search(pattern, line) and not re.match(_PYTHON_2, line):
            return f"{version[0]}.{version[1]}"
    if sys.version_info < (3, 12) and (str(error.msg).startswith("f-string") or re.search(_F_STRING, line)):
        return "3.12"
    return None


def _line(error: SyntaxError, lines: list[str]) -> str:
    number = error.lineno or 0
    return lines[number - 1] if 0 < number <= len(lines) else str(error.text or "")
