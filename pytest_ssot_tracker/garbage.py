"""Hold Python's search for cycles off while many objects are made that stay, or that no cycle holds.

What is made of source text is of that kind: syntax trees, what a file says, sites. Looking through them again and again
takes an eighth of a cold scan and a tenth of a warm one.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Have no cycles looked for, unless nobody looks for them anyway; what nothing refers to is freed as always."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
