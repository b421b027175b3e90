"""Look for everything that a configuration names, and refuse what is surely misspelt.

What is to replace something, or to do its work here, has to be there. What is deprecated may be gone, which is the
goal; then it must be known to have been there, or it may just as well be a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.evidence import Evidence, TargetHistory
from pytest_ssot_tracker.names.looking import Look, Names, There
from pytest_ssot_tracker.names.near import nearest_of
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings.argument_mapping import plain
from pytest_ssot_tracker.settings.checks import TEXT, Found
from pytest_ssot_tracker.settings.problems import Spot
from pytest_ssot_tracker.settings.tables import Unfound

if TYPE_CHECKING:
    from pytest_ssot_tracker.names.signatures import Signature

__all__ = ["unfound"]

_GOING = ("deprecated", "retired")
"""Keys of what is to go."""

_NEEDED = ("canonical", "accessors", "reset", "generators", "within")
"""Keys of what has to be there: without it there is nothing to go to, or nobody to judge."""

_USED = ("replace", "keys", "states", "consumers", "adopt", "forbidden", "targets", "inside", "never")
"""Keys of what is followed, or named as a replacement: where it is not there, that part of the work is not done."""

_MAY_USE = "allow_in"
"""The key of who may use what is deprecated: where they are not there, it allows nothing."""

_EITHER = ("competing", "module", "replaced", "followed")
"""Keys of what need not be there, nor is missed when it is not; a slip of the pen is refused all the same."""

_SHOWN = 5


class _Named(NamedTuple):
    """One target that a table names, the place where, and under which key."""

    table: str
    key: str
    target: Target
    spot: Spot


def unfound(found: Mapping[str, Found], names: Names, baseline: Path | None) -> tuple[Unfound, ...]:
    """Return the targets that the source does not show to be there; report those that are refused."""
    named = [spelled for kind in ("ssot", "ids", "warnings", "context") for spelled in _named(kind, found)]
    # Who may be anywhere in the project and may use something need not be there: nobody walks it for that.
    named = [spelled for spelled in named if spelled.key != _MAY_USE or "*" not in spelled.target.module.split(".")[0]]
    looks = _looks(names, dict.fromkeys(spelled.target for spelled in named))
    missing = {target: look.missing for target, look in looks.items() if look.there in (There.NO, There.UNKNOWN)}
    open_ended = {_plain(spelled.target) for spelled in named if spelled.key == _MAY_USE and spelled.target in missing}
    missing.update((target, target.module) for target in open_ended if target.attribute is None)
    listed = {spelled.target for spelled in named if spelled.key == "retired"}
    evidence = Evidence(names.modules, baseline)
    told = evidence.of({target: name for target, name in missing.items() if target not in listed}) if missing else {}
    told = {**told, **dict.fromkeys(listed, TargetHistory("listed as retired", proved=True))}
    going = {(spelled.spot.file, str(spelled.target)) for spelled in named if spelled.key in _GOING}
    is_begun = any(_is_own(target, names) for target, look in looks.items() if look.there is There.YES)
    rows = []
    for spelled in named:
        look, verdict = looks[spelled.target], told.get(spelled.target, TargetHistory())
        if spelled.key == _MAY_USE:
            if names.modules.find(_plain(spelled.target).module) is None or "*" not in spelled.target.module:
                _report_idle(spelled, look, told.get(_plain(spelled.target), verdict), is_begun=is_begun)
        else:
            rows.append(_row(spelled, look, verdict, going, evidence.trouble))
    return tuple(dict.fromkeys(row for row in rows if row is not None))


def _looks(names: Names, targets: Iterable[Target]) -> dict[Target, Look]:
    """Return what became of looking for each target; for a parameter, in what takes it."""
    found = {target: names.look(target.thing) for target in targets}
    parameters = [target for target, look in found.items() if target.parameter and look.there is There.YES]
    if parameters:
        from pytest_ssot_tracker.names.definitions import Definitions
        from pytest_ssot_tracker.names.signatures import Signatures

        signatures = Signatures(Definitions(names.modules))
        found.update((target, _passable(target, signatures.of(target.thing))) for target in parameters)
    return found


def _passable(target: Target, signature: Signature | None) -> Look:
    """Return whether what is there takes the parameter that `target` speaks of."""
    parameter, thing = target.parameter, target.thing
    if signature is None or parameter is None or signature.takes(parameter.name):
        return Look(There.YES)
    beside = sorted({*signature.positions, *signature.names} - {"self", "cls"})
    near = nearest_of(parameter.name, beside)
    spelled = None if near is None else f"{thing}{parameter._replace(name=near)}"
    missing = f"{thing.module}.{thing.attribute}.{parameter.name}"
    return Look(There.NO, missing, f"{thing} has no parameter {parameter.name!r}", spelled, tuple(beside))


def _row(spelled: _Named, look: Look, told: TargetHistory, going: set[tuple[str, str]], trouble: str) -> Unfound | None:
    """Return what is not known to be there; report it, where it is refused."""
    if look.there is There.YES:
        return None
    goes = spelled.key in _GOING
    # What is named for itself is not meant by another; what is asked about on the command line is named but there.
    near = None if goes and (spelled.spot.file, look.near) in going else look.near
    sure = look.there is There.NO and not told.made
    wanted = spelled.key in _NEEDED and look.package
    if sure and not (goes and told.was) and (near is not None or wanted):
        spelled.spot.wrong(look.lacks, _todo(spelled, look, near))
        return None
    if spelled.key in _EITHER:
        return None
    return Unfound(
        table=spelled.table,
        target=str(spelled.target),
        goes=goes,
        may_be_made=bool(told.made) or look.there is There.MAYBE,
        sure=sure,
        lacks=look.lacks,
        near=near,
        was=told.was if goes and (sure or told.proved) else "",  # what may be made at run time is not called gone
        trouble=trouble,
    )


def _is_own(target: Target, names: Names) -> bool:
    """Whether `target` names something of the project."""
    module = None if target.is_pattern else names.modules.find(target.module)
    return module is not None and module.own


def _plain(target: Target) -> Target:
    """Return the module that a pattern of modules speaks of, and whatever is no such pattern as it is."""
    literal = target.module.partition("*")[0].rpartition(".")[0]
    return Target(literal) if "*" in target.module and literal else target


def _report_idle(spelled: _Named, look: Look, told: TargetHistory, *, is_begun: bool) -> None:
    """Report an entry of `allow_in` that nobody answers to, nor ever did: to delete what was let in fails nothing.

    A policy pack is made for projects that differ, of what a table names nothing may be there yet (`is_begun`), and
    `pkg.core.**` allows what `pkg.core` may hold one day.
    """
    may_fit = told.was or told.made or spelled.spot.file.startswith("policy pack")
    if look.there is There.NO and (is_begun or look.near) and not may_fit:
        near = f"did you mean {look.near!r}?" if look.near else "correct it or leave it out"
        spelled.spot.wrong(f"{look.lacks}, so this allows nothing", near)


def _todo(spelled: _Named, look: Look, near: str | None) -> str:
    if near is None:
        more = f" and {len(look.beside) - _SHOWN} more" if len(look.beside) > _SHOWN else ""
        return f"it has {', '.join(look.beside[:_SHOWN])}{more}" if look.beside else "correct the name"
    gone = " Where it is gone for good, list it under 'retired'" if spelled.key in _GOING else ""
    return f"did you mean {near!r}?{gone}"


def _named(kind: str, found: Mapping[str, Found]) -> Iterator[_Named]:
    """Yield what the tables of one kind name."""
    tables = (found[kind].value or {}) if kind in found else {}
    for name, values in tables.items():
        going = [target for key in _GOING if key in values for target, _ in _targets(key, values[key])]
        for key in (*_GOING, "competing", "module", _MAY_USE, *_NEEDED, *_USED):
            for target, spot in _targets(key, values[key]) if key in values else ():
                goes = key in ("keys", "states") and any(
                    known.covers(target.module, target.attribute) for known in going
                )
                yield _Named(name, "followed" if goes else key, target, spot)
        for spelled in (values["replace"].value or ()) if "replace" in values else ():
            if spelled.startswith(TEXT):
                continue
            yield _Named(name, "replaced", Target.parse(plain(spelled)), values["replace"].spot.at(spelled))


def _targets(key: str, value: Found) -> Iterator[tuple[Target, Spot]]:
    """Yield each target in the value of a key, with the place where it stands."""
    if isinstance(value.value, Target):
        yield value.value, value.spot
    elif isinstance(value.value, tuple):
        for index, item in enumerate(value.value):
            if key == "within" and "/" not in item:
                yield Target.parse(item), value.spot.at(index)
            elif isinstance(item, Target):
                yield item, value.spot.at(index)
    elif key == "states" and value.value:
        yield from _targets("method", value.value["method"]) if "method" in value.value else ()
    elif isinstance(value.value, dict):
        for name, item in value.value.items():
            target = Target.parse(plain(item)) if key == "replace" else name
            if isinstance(target, Target):
                yield target, value.spot.at(str(name))
