"""Turn what was discovered into tables of a configuration, with the evidence beside them as comments."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_ssot_tracker.discover.discovery import Discovery
from pytest_ssot_tracker.discover.grouping import Group
from pytest_ssot_tracker.discover.outline import Candidate
from pytest_ssot_tracker.discover.subjects import subject
from pytest_ssot_tracker.discover.toml import listed, text
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import replace

if TYPE_CHECKING:
    from pytest_ssot_tracker.discover.declarations import Declared

__all__ = ["proposal"]

_SURE = 1.0
"""The likeness from which on a member is proposed as deprecated; below, it is only named in a comment."""
_FORBIDDEN = ("uuid:uuid1", "uuid:uuid3", "uuid:uuid4", "uuid:uuid5")
_GENERATORS = 5


def proposal(
    found: Discovery, declared: Declared | None = None, *, source: Sequence[str], prefix: str, limit: int = 5
) -> str:
    """Return TOML text that proposes what is `declared` deprecated, the first `limit` groups, and identifiers.

    `prefix` stands before every table's name: `tool.ssot_tracker`, or nothing in a file of our own. `source` are the
    paths of the project's code. The text is a valid configuration as it stands, in the phase that only records.
    """
    lines = [
        *([f"[{prefix}]"] if prefix else []),
        f"# Proposed by `ssot-tracker init` from {found.files} files: keep what is right, delete the rest.",
        'phase  = "baseline" # records only; go on to "ratchet", then to "enforce"',
        f"source = {listed(source)}",
    ]
    names: set[str] = {"ssot", "request", "ssot_race", "ssot_violations"}
    if declared is not None:
        names.update(declared.tables)
        lines += declared.lines(_dotted(prefix, "ssot"))
        found = replace(found, groups=tuple(group for group in found.groups if not _is_settled(group, declared)))
    for group in found.groups[:limit]:
        lines += ["", *_table(group, _dotted(prefix, "ssot"), names)]
    lines += _ids(found, _dotted(prefix, "ids"), _generators(found, limit))
    return "\n".join(lines) + "\n"


def _is_settled(group: Group, declared: Declared) -> bool:
    """Whether the code itself says of a group which members are to go: no guess is better than that."""
    targets = [Target.parse(member.candidate.target) for member in group.members]
    return any(declared.covers(target) for target in targets)


def _dotted(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key


def _table(group: Group, prefix: str, taken: set[str]) -> Iterator[str]:
    canonical, *others = (member.candidate for member in group.members)
    sure = _sure(group)
    name = _name(group.subject, taken)
    for place, other in enumerate(others, 1):
        why = "; ".join(reason.text for reason in group.strongest(place).evidence[:2])
        doubt = "" if other in sure else " (not sure, left out)"
        yield f"# {other.target}{doubt}: {why}"
    yield f"[{prefix}.{name}]"
    yield f"canonical  = {text(canonical.target)} # a guess: used by {_files(group.members[0].users)}"
    if canonical.accessors:
        yield f"accessors  = {listed(_handed_out(canonical))}"
    if sure:
        targets = [target for candidate in sure for target in (candidate.target, *_handed_out(candidate))]
        yield f"deprecated = {listed(targets)}"
    versions = [
        candidate.target for candidate in sure if subject(candidate.title).is_same_thing(subject(canonical.title))
    ]
    if versions:
        yield f"competing  = {listed([canonical.target, *versions])}"
    if canonical.accessors:
        yield f"fixture    = {text(name)}"


def _sure(group: Group) -> list[Candidate]:
    """Return the members that are proposed as deprecated."""
    canonical, *others = (member.candidate for member in group.members)
    return [
        other
        for place, other in enumerate(others, 1)
        if group.strongest(place).score >= _SURE and other.target != canonical.target
    ]


def _name(wanted: str, taken: set[str]) -> str:
    """Return a name for a table, and for its fixture, that nobody has."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", wanted)
    if not name.isidentifier() or keyword.iskeyword(name):
        name = f"ssot_{name}"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    taken.add(free)
    return free


def _handed_out(candidate: Candidate) -> list[str]:
    return [f"{candidate.module}:{name}" for name in candidate.accessors]


def _ids(found: Discovery, prefix: str, generators: Sequence[str]) -> Iterator[str]:
    used = {source.target: source for source in found.ids}
    forbidden = [target for target in _FORBIDDEN if target in used]
    patterns = ["time-format"] if "time-format" in used else []
    if not forbidden and not patterns:
        return
    yield ""
    for source in found.ids:
        yield f"# {source.target}: {source.sites} {'site' if source.sites == 1 else 'sites'} in {_files(source.files)}"
    mark = "" if generators else "# "
    if not generators:
        yield "# No function was found that makes identifiers for all: write one, name it here, and take away the '#'."
    yield f"{mark}[{prefix}.identifiers]"
    yield f"{mark}generators = {listed(generators or ['pkg.ids:new_id'])}"
    if forbidden:
        yield f"{mark}forbidden  = {listed(forbidden)}"
    if patterns:
        yield f"{mark}patterns   = {listed(patterns)}"


def _generators(found: Discovery, limit: int) -> list[str]:
    """Return the most used generator of what is to stay, and those that stand in one class or module with it."""
    going = tuple(f"{candidate.target}." for group in found.groups[:limit] for candidate in _sure(group))
    staying = [target for target, _ in found.generators if not target.startswith(going)]
    if not staying:
        return []
    home = staying[0].rpartition(".")[0] if "." in staying[0].partition(":")[2] else ""
    home = home or staying[0].partition(":")[0] + ":"
    return [target for target in staying if target.startswith(home)][:_GENERATORS]


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
