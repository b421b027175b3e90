"""Put together what several places say of the same deprecated target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.model import Target, TargetError
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.suggestions import removal_in, replacement_in

__all__ = ["Harvested", "Said", "merged", "target_of"]


class Said(NamedTuple):
    """What one place says of a deprecated target: `new` as it is written, `removal` a version.

    `allowed` are patterns of the paths that may use it all the same.
    """

    kind: str
    target: Target
    where: str
    message: str = ""
    new: str = ""
    removal: str = ""
    allowed: tuple[str, ...] = ()


class Harvested(NamedTuple):
    """A deprecated target, what replaces it and when it goes, as far as anybody says so; `said` are all who do."""

    target: Target
    new: Target | None
    removal: str
    said: tuple[Said, ...]

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return the patterns of the paths that may use it all the same: where nobody says otherwise."""
        return self.said[0].allowed if len(self.said) == 1 else ()


def target_of(module: str, attribute: str) -> Target | None:
    """Return the target that is called so, `None` where that is no way to spell one."""
    try:
        return Target.parse(f"{module}:{attribute}" if attribute else module)
    except TargetError:
        return None


Find = Callable[[str, Target], "Target | None"]
"""Returns what a name means that is to replace a target."""


def merged(said: Iterable[Said], find: Find) -> list[Harvested]:
    """Return each target once."""
    return [_merged(target, found, find) for target, found in grouped(said, lambda each: each.target).items()]


def _merged(target: Target, said: list[Said], find: Find) -> Harvested:
    named = filter(None, chain.from_iterable((each.new, replacement_in(each.message)) for each in said))
    new = next(filter(None, (find(name, target) for name in named)), None)
    removal = next(filter(None, (_version(each.removal or removal_in(each.message) or "") for each in said)), "")
    return Harvested(target, new, removal, tuple(said))


def _version(text: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(text)) if text else ""
    except InvalidVersion:
        return ""
