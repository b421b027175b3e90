"""Keep in a folder of the project what was learned, and tell whether a file has changed since.

A file of the tree is known unchanged by its size, its inode, the time of its content and the time of its last change
(`st_ctime`). The last nobody can set, so that neither `os.utime`, nor a copy that keeps times, nor a clock that was put
back hides what was written since. Two changes within one tick of the clock look alike, though: a file that was changed
shortly before it was read, or after, is compared by content (git calls such an entry racy, and does the same). Where
the system does not tell when a file was last changed, as on Windows, contents are always compared.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pytest_ssot_tracker.hashing import blake2b

__all__ = ["FOLDER", "RACY", "digest", "replaced", "seal", "state", "surely_older", "unsealed"]

FOLDER = ".ssot_cache"
"""The folder in the project's root."""

RACY = 2_000_000_000
"""Nanoseconds: a file changed this shortly before the reading began is compared by content."""

_NEWEST = 4
_TELLS_CHANGES = os.name != "nt"


def digest(data: bytes) -> str:
    """Return what tells one content from another."""
    return blake2b(data, digest_size=12).hexdigest()


def state(info: os.stat_result) -> list[int]:
    """Return what changes when a file does, as plain data."""
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]


def surely_older(changed: int, began: int) -> bool:
    """Whether what was last `changed` was so long before `began` that a later change would show in its state."""
    return _TELLS_CHANGES and changed < began - RACY


def unsealed(data: bytes) -> bytes | None:
    """Return what `seal` wrote, `None` where it was damaged since: what is read late could not say so any more."""
    told, _, text = data.partition(b"\n")
    return text if told == digest(text).encode() else None


def seal(file: Path, text: str, *, siblings: str) -> None:
    """Write `file` as `replaced` does, with what shows whether it is as it was written."""
    replaced(file, f"{digest(text.encode())}\n{text}", siblings=siblings)


def replaced(file: Path, text: str, *, siblings: str) -> None:
    """Write `file` in one step, and remove all but the newest of its `siblings`; leave a folder that is not writable.

    The siblings, a pattern, are the files of other configurations and versions.
    """
    folder = file.parent
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        descriptor, temporary = tempfile.mkstemp(prefix=".kept-", dir=folder)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as stream:
                stream.write(text)
            os.replace(temporary, file)
        except BaseException:
            os.unlink(temporary)
            raise
        old = sorted(folder.glob(siblings), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in old[_NEWEST:]:
            path.unlink()
