"""Tell what rewriting came to: as a diff, as lines that name each cause once, as plain data."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pytest_ssot_tracker.fix.fixes import Change, Fixes, Refusal
from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.judge.words import counted

__all__ = ["diff", "left_alone", "plain", "summary"]

_NO_END = "\\ No newline at end of file"
_NOWHERE = "/dev/null"
_SHOWN = 10


def diff(change: Change) -> Iterator[str]:
    """Yield the lines of a change as `git apply` takes them, without their ends."""
    before, after = (_lines(content) for content in (change.before, change.after))
    old, new = (_as_git_spells(f"{side}/{change.path}") for side in "ab")
    old, new = _NOWHERE if change.made else old, _NOWHERE if change.gone else new
    for line in difflib.unified_diff(before, after, old, new):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield _NO_END


def left_alone(refusals: Sequence[Refusal]) -> Iterator[str]:
    """Yield what is left alone, by cause: how many sites it holds back, and the first of these."""
    for cause, held in _by_cause(refusals).items():
        yield f"left alone, {counted(len(held), 'site')}: {cause}"
        for refusal in held[:_SHOWN]:
            here = "" if refusal.reason == cause else f": {refusal.reason.removesuffix(f': {cause}')}"
            yield f"  {refusal.site.where}: {refusal.site.rule}{here}"
        if len(held) > _SHOWN:
            yield f"  and {len(held) - _SHOWN} more; --format json lists them"


def plain(fixes: Fixes, sites: int, *, written: bool, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return what rewriting came to as plain data."""
    return {
        "format": 1,
        "written": written,
        "changes": [
            {"path": change.path, "sites": [site.id for site in change.sites], "diff": "\n".join([*diff(change), ""])}
            for change in fixes.changes
        ],
        "refusals": [
            {"cause": cause, "count": len(held), "sites": [_plain_refusal(refusal) for refusal in held]}
            for cause, held in _by_cause(fixes.refusals).items()
        ],
        "notes": list(notes),
        "totals": {"sites": sites, "fixed": fixes.fixed, "files": len(fixes.changes), "left": len(fixes.refusals)},
    }


def summary(fixes: Fixes, sites: int, done: str) -> str:
    """Return in one line how many sites were rewritten; `done` says what became of them."""
    if not sites:
        return "there is no site to rewrite"
    if not fixes.changes:
        return f"0 of {counted(sites, 'site')} can be rewritten for certain"
    return f"{fixes.fixed} of {counted(sites, 'site')} in {counted(len(fixes.changes), 'file')} {done}"


def _plain_refusal(refusal: Refusal) -> dict[str, Any]:
    site = refusal.site
    found = {"id": site.id, "rule": site.rule.value, "ssot": site.ssot, "target": site.target}
    return {**found, "path": site.path, "line": site.line, "text": site.text, "reason": refusal.reason}


def _by_cause(refusals: Iterable[Refusal]) -> dict[str, list[Refusal]]:
    """Return what each cause holds back, the one that holds most first."""
    by_cause = grouped(refusals, lambda refusal: refusal.cause)
    return dict(sorted(by_cause.items(), key=lambda item: -len(item[1])))


def _as_git_spells(path: str) -> str:
    """Return a path as `git apply` reads it: in quotes, each odd byte written out, where one is odd.

    See https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath.
    """
    if path.isprintable() and not {'"', "\\"} & set(path):
        return path
    odd = {ord('"'): '\\"', ord("\\"): "\\\\"}
    data = os.fsencode(path)
    return '"' + "".join(odd.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data) + '"'


def _lines(content: bytes) -> list[str]:
    # Byte by byte, whatever its encoding and with the mark that it may begin with: `git apply` compares bytes.
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]
