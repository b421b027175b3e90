"""Look at the canonical itself: does it offer what it must, and what did a test leave in it?"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.live.resolve import found_at
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.threads.watch import Lingering
from pytest_ssot_tracker.loaded import file_of
from pytest_ssot_tracker.model import BlindSpot, Observation, Rule, Site, Step, Target

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings import Ssot
    from pytest_ssot_tracker.source import SourceFile

__all__ = ["leaked", "missing"]

_ABSENT = object()


def missing(recorder: Recorder, ssots: Iterable[Ssot]) -> Iterator[Observation | BlindSpot]:
    """Yield an `incomplete-ssot` for each name of `provides` that a canonical lacks; import it if nobody has yet.

    A canonical that cannot be imported is no case of this rule: it lacks everything. One whose module raises something
    else is a blind spot.
    """
    for ssot in ssots:
        if ssot.canonical is None or not ssot.provides:
            continue
        try:
            import_module(ssot.canonical.module)
        except ImportError:
            continue
        except (Exception, SystemExit) as error:
            why = f"what it provides could not be looked at: importing it raised {type(error).__name__}: {error}"
            yield BlindSpot(str(ssot.canonical), why, ssot.name)
            continue
        canonical = _resolved(ssot.canonical)
        if canonical is None:
            continue
        for name in ssot.provides:
            if not _offers(recorder, canonical, name):
                target = f"{ssot.canonical}{'.' if ssot.canonical.attribute else ':'}{name}"
                site = _site(recorder, Rule.INCOMPLETE_SSOT, ssot, target)
                detail = (f"{ssot.canonical} has no {name}, which provides asks for",)
                yield Observation(site=site, test=None, step=Step.COLLECT, bucket="collection", detail=detail)


def leaked(
    recorder: Recorder, ssot: Ssot, changes: tuple[str, ...], moment: Moment, lingering: Lingering | None = None
) -> Observation:
    """Return the `state-leak` of the test whose moment this is, or of what an earlier one has left running."""
    site = _site(recorder, Rule.STATE_LEAK, ssot, str(ssot.canonical or ssot.accessors[0]))
    if lingering is None:
        return Observation(site=site, test=moment.test, step=moment.step, detail=changes)
    return Observation(
        site=site,
        test=None,
        step=moment.step,
        bucket="unattributed",
        origin=lingering.words,
        thread=lingering.name,
        detail=changes,
    )


def _offers(recorder: Recorder, canonical: object, name: str) -> bool:
    """Whether `canonical` or its instances have `name`; run no code of theirs.

    A class may only annotate it, or set it on its instances (`self.name = …`).
    """
    if inspect.getattr_static(canonical, name, _ABSENT) is not _ABSENT:
        return True
    mro = canonical.__mro__ if isinstance(canonical, type) else ()
    return any(name in _annotated(cls) or _sets(recorder, cls, name) for cls in mro)


def _sets(recorder: Recorder, cls: type, name: str) -> bool:
    """Whether a method of the class, as it is written, assigns the attribute `name` of its first argument."""
    import ast

    file = _file_of(recorder, cls.__module__)
    statement = None if file is None else file.definition(cls.__qualname__.replace("<locals>.", ""))
    for method in getattr(statement.node, "body", ()) if statement is not None else ():
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.args.args:
            own = f"{method.args.args[0].arg}.{name}"
            stored = (node for node in ast.walk(method) if isinstance(getattr(node, "ctx", None), ast.Store))
            if any(isinstance(node, ast.Attribute) and ast.unparse(node) == own for node in stored):
                return True
    return False


def _file_of(recorder: Recorder, module: str) -> SourceFile | None:
    filename = file_of(sys.modules.get(module))
    return None if filename is None else recorder.sites.file(filename)


def _annotated(cls: type) -> Collection[str]:
    try:
        return inspect.get_annotations(cls)
    except Exception:  # from 3.14 on they are worked out when they are asked for, and may name what is not there
        return ()


def _resolved(target: Target) -> object | None:
    """Return the loaded thing that `target` names, `None` when there is none."""
    return sys.modules.get(target.module) if target.attribute is None else found_at(target.module, target.attribute)


def _site(recorder: Recorder, rule: Rule, ssot: Ssot, target: str) -> Site:
    """Return the site at the canonical's class statement, or at line 1 of its module where there is none."""
    canonical = ssot.canonical or ssot.accessors[0]
    thing = _resolved(canonical)
    module = sys.modules.get(getattr(thing, "__module__", None) or canonical.module)
    filename = file_of(module)
    file = recorder.sites.file(filename) if isinstance(filename, str) else None
    if file is None:
        path = recorder.sites.path(filename) if isinstance(filename, str) else canonical.module
        return Site(rule, ssot.name, target, path, 1, "<module>", "", 0, str(canonical))
    name = str(getattr(thing, "__qualname__", "")).replace("<locals>.", "")
    statement = file.definition(name) or file.statement_at(1)
    line = statement.line if statement is not None else 1
    return file.site(rule, ssot=ssot.name, target=target, declared=str(canonical), statement=statement, line=line)
