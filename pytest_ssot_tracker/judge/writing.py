"""Write a file in one step."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_bytes", "replace_text"]


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8 (see `replace_bytes`)."""
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, so that a reader sees the old file or the whole new one; raise `OSError`.

    The folder is made where it is missing. A file that is there keeps its permissions; nothing is left behind when
    writing fails.
    """
    import tempfile

    path = Path(os.path.realpath(path))  # a link stays a link: what it names is replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o644
