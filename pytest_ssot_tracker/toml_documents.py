"""Read TOML with what this Python has for it."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["toml_document"]


def toml_document(text: str) -> dict[str, Any]:
    """Return the document in `text`; raise `ValueError`, or `RecursionError` for as many brackets as that takes."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    document: dict[str, Any] = tomllib.loads(text)
    return document
