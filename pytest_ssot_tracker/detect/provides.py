"""Check that each canonical class offers what its table says it provides."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

from pytest_ssot_tracker.detect.finder import namespace_of
from pytest_ssot_tracker.detect.resolve import members
from pytest_ssot_tracker.detect.sites import Sites, written_scope
from pytest_ssot_tracker.model import Observation, Rule, Site, Step
from pytest_ssot_tracker.settings import Settings, Ssot

__all__ = ["check_provides"]


def check_provides(settings: Settings, *, sites: Sites) -> list[Observation]:
    """Return an observation of the session for each name of `provides` that a loaded canonical lacks.

    It stands at the canonical's class statement, its target is `canonical.name`. A canonical that is not loaded,
    or is no class, is passed over.
    """
    found = []
    for ssot in settings.ssots:
        for cls in _canonical(ssot):
            for name in ssot.provides:
                if not _offers(cls, name):
                    site = _statement(cls, f"{ssot.canonical}.{name}", ssot, sites)
                    detail = (f"{ssot.canonical} has no {name}",)
                    found.append(Observation(site, None, Step.COLLECT, bucket="collection", detail=detail))
    return found


def _canonical(ssot: Ssot) -> Iterator[type]:
    module = None if ssot.canonical is None else sys.modules.get(ssot.canonical.module)
    if ssot.canonical is not None and isinstance(module, ModuleType):
        for _, _, value in members(module, ssot.canonical):
            if isinstance(value, type):
                yield value


def _offers(cls: type, name: str) -> bool:
    """Tell whether instances of `cls` have `name`, without running any code of theirs."""
    try:
        inspect.getattr_static(cls, name)
    except AttributeError:
        return any(name in vars(one).get("__annotations__", ()) for one in cls.__mro__)
    return True


def _statement(cls: type, target: str, ssot: Ssot, sites: Sites) -> Site:
    """Return the site of the class statement, line 1 of its module when that cannot be found."""
    module = sys.modules.get(cls.__module__)
    filename = str((namespace_of(module) or {}).get("__file__") or "")
    file = sites.file(filename)
    declared = str(ssot.canonical)
    if file is None:
        return Site(Rule.INCOMPLETE_SSOT, ssot.name, target, sites.path(filename), 1, "<module>", "", 0, declared)
    scope, _, name = written_scope(cls.__qualname__).rpartition(".")
    statement = None
    for one in file.statements:
        if isinstance(one.node, ast.ClassDef) and one.node.name == name and one.scope == (scope or "<module>"):
            statement = one
    line = 1 if statement is None else statement.line
    return file.site(
        Rule.INCOMPLETE_SSOT, ssot=ssot.name, target=target, declared=declared, statement=statement, line=line
    )
