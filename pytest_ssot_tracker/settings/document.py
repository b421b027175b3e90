"""Read the TOML document that a configuration stands in, and keep what was read for these very bytes.

To load a parser takes ten million instructions, and to parse a `pyproject.toml` some more: each run would pay for them
where nobody changes what is written there.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.kept import digest, seal, unsealed
from pytest_ssot_tracker.toml_documents import toml_document

__all__ = ["document"]

_FORM = 1
_DAY = "\0"
"""Stands before a day, which JSON does not know, in a table of its own."""


def document(data: bytes, folder: Path | None) -> dict[str, Any]:
    """Return the TOML document `data`; raise `ValueError` or `RecursionError` for what is none.

    It is kept in `folder`, and found there by its content, where that folder is there.
    """
    file = None if folder is None else folder / f"document-{digest(b'%d ' % _FORM + data)}.json"
    found = None if file is None else _kept(file)
    if found is None:
        found = toml_document(data.decode())
        if file is not None and file.parent.is_dir():
            _keep(file, found)
    return found


def _kept(file: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError, RecursionError):
        text = unsealed(file.read_bytes())
        if text is not None:
            return json.loads(text, object_hook=_with_days)  # type: ignore[no-any-return]
    return None


def _with_days(table: dict[str, Any]) -> Any:
    return datetime.date.fromisoformat(table[_DAY]) if _DAY in table else table


def _keep(file: Path, found: Mapping[str, Any]) -> None:
    """Keep a document that JSON can hold: times of day, and keys like our own sign, are parsed again each time."""
    days: list[datetime.date] = []

    def plain(value: object) -> dict[str, str]:
        if type(value) is not datetime.date:
            raise TypeError(value)
        days.append(value)
        return {_DAY: value.isoformat()}

    with suppress(TypeError, ValueError, RecursionError):
        text = json.dumps(found, default=plain)
        if text.count(json.dumps(_DAY)) == len(days):
            seal(file, text, siblings="document-*.json")
