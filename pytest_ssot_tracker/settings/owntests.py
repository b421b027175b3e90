"""Know a test module of something by its name: `test_old_log.py` for `shop.old_log`, or for a class `OldLog`."""

from __future__ import annotations

from functools import lru_cache

from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import regex

__all__ = ["is_named_after"]

_TEST = regex(r"test_(?P<of>\w+)\.py|(?P<by>\w+)_test\.py")
_HUMP = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = regex(r"\w+")


def is_named_after(site: Site) -> bool:
    """Whether `site` stands in a test module named after what it uses, or after the module that has it."""
    file = site.path.rpartition("/")[2]
    match = _TEST.fullmatch(file) if "test" in file else None
    if match is None:
        return False
    name = match["of"] or match["by"]
    return any(name in _names(spelling) for spelling in (site.target, site.declared) if spelling)


@lru_cache(maxsize=256)
def _names(spelling: str) -> list[str]:
    """Return what a test module of a target may be called after: its module, and the first name in that."""
    module, _, attribute = spelling.partition(":")
    found = [module.rpartition(".")[2]]
    first = _WORD.match(attribute)
    if first is not None:
        found.append(_HUMP.sub("_", first.group()).lower())
    return found
