"""Load the configuration of a project: files and rule packs to `Settings`, or every problem at once.

Loading imports nothing of the project: targets are only parsed here, they resolve at run time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from glob import iglob
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pytest_ssot_tracker.kept import FOLDER
from pytest_ssot_tracker.model import Phase, Target
from pytest_ssot_tracker.names.looking import Names
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.names.near import nearest_of
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.settings.argument_mapping import Passing, has_value, parted, plain, speaks_of_one
from pytest_ssot_tracker.settings.checks import EVENT_LOOP, TEXT, TOP, Found, table
from pytest_ssot_tracker.settings.document import document
from pytest_ssot_tracker.settings.naming import unfound
from pytest_ssot_tracker.settings.owners import PLACES, Owners
from pytest_ssot_tracker.settings.presence import OWN_FILE, PYPROJECT, names_us
from pytest_ssot_tracker.settings.problems import ConfigurationError, Problem, Spot, nearest
from pytest_ssot_tracker.settings.tables import Context, Gate, Ids, Settings, Ssot, States, Unfound, Warned
from pytest_ssot_tracker.settings.tree import Tree

if TYPE_CHECKING:
    from packaging.version import Version

    from pytest_ssot_tracker.settings.question import Question

__all__ = ["BASELINE", "load", "version_of"]

BASELINE = "ssot-baseline.json"
KINDS = ("ssot", "ids", "warnings", "context")

_read_top = table(TOP)


def load(
    root: Path,
    *,
    config_file: Path | None = None,
    phase: Phase | None = None,
    baseline: Path | None = None,
    testpaths: Iterable[str] = (),
    pythonpath: Iterable[str | os.PathLike[str]] = (),
    fixtures: Callable[[], Mapping[str, str]] = dict,
    question: Question | None = None,
    since: str | None = None,
    verify: bool = True,
    cached: bool = True,
) -> Settings:
    """Return the configuration of the project at `root`; without any, `Settings` that are not active.

    `config_file` (relative to `root`) is read instead of `pyproject.toml` and `ssot_tracker.toml`. `phase` and
    `baseline` override what is written there; `testpaths` and `pythonpath` are pytest's own settings. `fixtures` tells
    whose the fixtures of other plugins are, by name; it is called where a table claims one. What
    `question` asks is added to what is configured, or is all there is, and only recorded. With `since`, a commit, the
    phase is ratchet where none is named. Without `verify` nothing is
    looked for that the configuration names: somebody has done so. What is harvested is kept in the project where it is
    `cached`. Raises `ConfigurationError` with every problem at
    once.
    """
    problems: list[Problem] = []
    file, raw = _find(root, config_file, problems.append, root / FOLDER if cached else None)
    if problems:
        raise ConfigurationError(problems)
    if file is None and not question:
        return Settings(root=root, file=None, tree=Tree.of(root, libraries=()), phase_override=phase)
    paths = [os.fspath(path) for path in pythonpath]
    beside = [path for key in ("source", "scan") for path in _texts(raw, key) if path.startswith("../")]
    names = Names(Modules(str(root), [*_import_roots(root, paths, beside), *paths]))
    found, packs = _read(raw, Spot("" if file is None else _shown(root, file), "", problems.append, names))
    if question:
        question = question._replace(taken=frozenset(name for kind in KINDS for name in _tables(found, kind)))
        asked: dict[str, Found] = _read_top(question.tables(), Spot("command line", "", problems.append, names)) or {}
        found = _merge(found, asked)
    _check(found, fixtures)
    _check_owners(root, found)
    _mark_overdue(root, found, problems.append)
    top = {key: entry.value for key, entry in found.items()}
    known = root / (baseline or top.get("baseline") or BASELINE)
    missing: tuple[Unfound, ...] = ()
    if verify:
        _check_paths(root, found)
        missing = (*_judged_nowhere(root, found), *unfound(found, names, known))
    if problems:
        raise ConfigurationError(problems)
    source = top.get("source") or (".",)
    scan = top.get("scan") or tuple(dict.fromkeys((*source, *_relative(root, testpaths))))
    named = [path for path in (*source, *scan) if path.startswith("../")]
    tree = Tree.of(
        root,
        source=source,
        scan=scan,
        exclude=top.get("exclude", ()),
        tests=_tests(top.get("tests"), _relative(root, testpaths), source),
        import_roots=_import_roots(root, pythonpath, named),
    )
    ssots = _tables(found, "ssot")
    if top.get("harvest"):
        from pytest_ssot_tracker.settings.harvested import harvested, joined

        more = harvested(
            root,
            top["harvest"],
            tree=tree,
            names=names,
            cached=cached,
            settled=ssots,
            baseline=known,
        )
        spot = Spot("harvest", "", _nobody)
        _mark_overdue(root, {"ssot": Found(more.tables, spot)}, _nobody)
        missing += unfound({"ssot": Found(more.uncertain, spot)}, names, known) if verify else ()
        ssots = joined(ssots, more.tables)
    settings = Settings(
        root=root,
        file=file,
        tree=tree,
        phase=top.get("phase", _usual_phase(file, since)),
        phase_override=phase,
        baseline=known,
        ssots=tuple(_ssot(name, values) for name, values in ssots.items()),
        ids=tuple(Ids(name=name, **_values(values)) for name, values in top.get("ids", {}).items()),
        warned=tuple(Warned(name=name, **_values(values)) for name, values in top.get("warnings", {}).items()),
        contexts=tuple(_context(name, values) for name, values in top.get("context", {}).items()),
        gates=tuple(Gate(**_values(values)) for values in top.get("gate", ())),
        packs=packs,
        owners=_owners(root, top.get("owners")),
        unfound=missing,
        asked=question,
        tests_of=top.get("tests_of", {}),
        warnings=() if since else tuple(_unknown(known, top.get("baseline"), phase or top.get("phase"))),
    )
    warnings = (*settings.warnings, *_empty(settings))
    return replace(settings, tree=replace(settings.tree, packages=_packages(settings)), warnings=warnings)


def _empty(settings: Settings) -> Iterator[str]:
    """Yield the tables that look for nothing beside others: where none does, that is told at once."""
    for row in settings.tables if settings.active else ():
        if not row.looks_for_something:
            yield f"{row.kind}.{row.name}: nothing is declared in it, so it looks for nothing"


def _unknown(known: Path, named: str | None, phase: Phase | None) -> Iterator[str]:
    """Yield that the file of known sites is not there which the configuration names: in ratchet everything is new."""
    if named is not None and phase is Phase.RATCHET and not known.exists():
        yield f"baseline: there is no {named!r}, so nothing is known; `ssot-tracker baseline` writes it"


_TEST_FILES = ("test_*.py", "*_test.py", "conftest.py")


def _tests(named: tuple[str, ...] | None, testpaths: Iterable[str], source: Iterable[str]) -> tuple[str, ...]:
    """Return where tests are: as `named`, else in pytest's own `testpaths`.

    Where one of those holds source too, only what is called like a test is one.
    """
    if named is not None:
        return named
    found: list[str] = []
    for path in testpaths:
        above = "" if path == "." else f"{path}/"
        mixed = any(f"{folder}/".startswith(above) or folder == "." == path for folder in source)
        found += [f"{above}**/{name}" for name in _TEST_FILES] if mixed else [path]
    return tuple(dict.fromkeys(found))


def _check_owners(root: Path, found: Mapping[str, Found]) -> None:
    """Report a file of owners that is not there."""
    named = found.get("owners")
    if named is not None and named.value and not (root / named.value).is_file():
        there = [place for place in PLACES if (root / place).is_file()]
        named.spot.wrong(f"there is no file {named.value!r}", nearest(named.value, there) if there else "leave it out")


def _owners(root: Path, named: str | None) -> Owners | None:
    """Return whose the files are, by the file that is named or else found."""
    return Owners.found(root) if named is None else Owners.read(root / named)


def _mark_overdue(root: Path, found: Mapping[str, Found], report: Callable[[Problem], None]) -> None:
    """Note with each table that has `removed_in` whether the project is at that version; report a version unknown.

    A table may name a version for all, or one for each target of some.
    """
    asked = [values for kind in KINDS for values in _tables(found, kind).values() if "removed_in" in values]
    if not asked:
        return
    version = version_of(root)
    for values in asked:
        wanted = values["removed_in"]
        if version is None:
            todo = "write it as 'version' in [project] of pyproject.toml, or install the project"
            wanted.spot._replace(report=report).wrong("the version of the project is not known", todo)
        elif isinstance(wanted.value, str):
            cast("dict[str, Found]", values)["overdue"] = Found(_reached(version, wanted.value), wanted.spot)
        elif wanted.value:
            late = frozenset(target for target, each in wanted.value.items() if _reached(version, each))
            cast("dict[str, Found]", values)["late"] = Found(late, wanted.spot)


def _reached(version: Version, wanted: str) -> bool:
    from packaging.version import Version

    return version >= Version(wanted)


def _nobody(problem: Problem) -> None:
    """Tell nobody: what was harvested is not the configuration's to answer for."""


def version_of(root: Path) -> Version | None:
    """Return the version of the project: as written in pyproject.toml, else as installed; `None` where neither is."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.version import InvalidVersion, Version

    found = _parse(root / PYPROJECT, Spot(PYPROJECT, "", lambda problem: None)) or {}
    about = found.get("project")
    written = about if isinstance(about, Mapping) else {}
    try:
        if isinstance(written.get("version"), str):
            return Version(written["version"])
        return Version(version(str(written["name"]))) if "name" in written else None
    except (InvalidVersion, PackageNotFoundError, ValueError):
        return None


def _packages(settings: Settings) -> tuple[str, ...]:
    """Return the first parts of the modules that the tables name, patterns left aside."""
    named = [target for table in settings.tables for target in (*table.allow_in, *table.needed())]
    named += [target for ssot in settings.ssots for target in (*ssot.going, *ssot.competing)]
    return tuple(sorted({target.module.partition(".")[0] for target in named if "*" not in target.module}))


def _usual_phase(file: Path | None, since: str | None) -> Phase:
    """Return the phase where none is named: what is only asked is recorded, what is compared with a commit ratchets."""
    if file is None:
        return Phase.BASELINE
    return Phase.ENFORCE if since is None else Phase.RATCHET


def _find(
    root: Path, config_file: Path | None, report: Any, folder: Path | None
) -> tuple[Path | None, Mapping[str, Any]]:
    """Return the file that configures the project, with the content of its table; `None` and `{}` for none.

    What was parsed is kept in `folder`.
    """
    if config_file is not None:
        file = root / config_file
        spot = Spot(_shown(root, file), "", report)
        written = _read_file(file, spot, folder)
        if written is None:
            spot.wrong("there is no [tool.ssot_tracker] in it", "add it, or name another file")
        return file, written
    pyproject, own_file = root / PYPROJECT, root / OWN_FILE
    written = _read_file(pyproject, Spot(PYPROJECT, "", report), folder) if names_us(pyproject) else None
    if not own_file.is_file():
        return (None, {}) if written is None else (pyproject, written)
    if written is not None:
        Spot(OWN_FILE, "", report).wrong(
            f"{PYPROJECT} has [tool.ssot_tracker] too, and only one of them can hold", "keep one of the two"
        )
    return own_file, _read_file(own_file, Spot(OWN_FILE, "", report), folder)


def _read_file(file: Path, spot: Spot, folder: Path | None) -> Any:
    """Return our table in `file`, else its top level; of a `pyproject.toml` without our table `None`."""
    found = _parse(file, spot, folder)
    if found is None:
        return {}
    tool = found.get("tool")
    tables = tool if isinstance(tool, Mapping) else {}
    if "ssot_tracker" in tables:
        return tables["ssot_tracker"]
    for name in tables:
        if name.replace("-", "_").removeprefix("pytest_") == "ssot_tracker":
            spot.at("tool").at(name).wrong("nobody reads this table", "did you mean 'tool.ssot_tracker'?")
            return {}
    return None if file.name == PYPROJECT else found


def _parse(file: Path, spot: Spot, folder: Path | None = None) -> dict[str, Any] | None:
    """Return the TOML document in `file`; report why it cannot be read."""
    try:
        return document(file.read_bytes(), folder)
    except OSError as error:
        spot.wrong(f"the file cannot be read: {error.strerror}", "name a file that exists")
    except UnicodeDecodeError as error:
        spot.wrong(f"the file is not UTF-8: {error.reason} at byte {error.start}", "save it as UTF-8")
    except (ValueError, RecursionError) as error:  # of a number of 5,000 digits, or as many brackets
        spot.wrong(f"the file is not TOML: {error}", "correct it there")
    return None


def _read(raw: object, spot: Spot) -> tuple[dict[str, Found], tuple[str, ...]]:
    """Return what the project and its active rule packs say, checked and merged, and the packs' names.

    The project wins over its packs, and a pack over those named after it: key by key in tables of one name, gate
    criteria by name.
    """
    merged: dict[str, Found] = _read_top(raw, spot) or {}
    waiting = _named_packs(merged)
    packs: list[str] = []
    while waiting:
        name, named_at = waiting.pop(0)
        if name in packs:
            continue
        packs.append(name)
        from pytest_ssot_tracker.settings.packs import fetch, origin

        mapping = fetch(name, named_at)
        if mapping is not None:
            pack: dict[str, Found] = _read_top(mapping, spot._replace(file=origin(name), key="")) or {}
            waiting += _named_packs(pack)
            merged = _merge(merged, pack)
    return merged, tuple(packs)


def _named_packs(found: Mapping[str, Found]) -> list[tuple[str, Spot]]:
    named = found.get("policies")
    return [(name, named.spot.at(index)) for index, name in enumerate(named.value or ())] if named else []


def _merge(ours: Mapping[str, Found], theirs: Mapping[str, Found]) -> dict[str, Found]:
    merged = {**theirs, **ours}
    for kind in KINDS:
        mine, other = _tables(ours, kind), _tables(theirs, kind)
        if mine and other:
            tables = {name: {**other.get(name, {}), **mine.get(name, {})} for name in dict.fromkeys((*mine, *other))}
            merged[kind] = Found(tables, ours[kind].spot)
    if _gates(ours):
        named = {_name(gate) for gate in _gates(ours)}
        more = (gate for gate in _gates(theirs) if _name(gate) not in named)
        merged["gate"] = Found((*_gates(ours), *more), ours["gate"].spot)
    return merged


def _tables(found: Mapping[str, Found], kind: str) -> Mapping[str, Mapping[str, Found]]:
    return (found[kind].value or {}) if kind in found else {}


def _gates(found: Mapping[str, Found]) -> tuple[Mapping[str, Found], ...]:
    return (found["gate"].value or ()) if "gate" in found else ()


def _name(gate: Mapping[str, Found]) -> str | None:
    return gate["name"].value if "name" in gate else None


def _check(found: Mapping[str, Found], fixtures: Callable[[], Mapping[str, str]]) -> None:
    """Report what is wrong between keys that are right one by one."""
    ssots = _tables(found, "ssot")
    claimed: dict[str, str] = {}
    for name, values in ssots.items():
        if "fixture" in values and values["fixture"].value:
            _check_fixture(name, values, claimed)
            owner = fixtures().get(values["fixture"].value)
            if owner is not None:
                _shadows(values["fixture"], owner)
        if "provides" in values and "canonical" not in values:
            values["provides"].spot.wrong("there is no 'canonical' that could provide these", "add 'canonical'")
        _check_single(values)
        _check_canonical(values)
        if not ("harvest" in found and found["harvest"].value):  # what is harvested may be replaced as well
            _check_replaced(values)
    for values in _tables(found, "ids").values():
        _check_fix(values)
    _check_tests_of(found)
    names = dict.fromkeys(name for kind in KINDS for name in _tables(found, kind))
    for gate in _gates(found):
        named = gate.get("ssot")
        if named is not None and named.value and named.value not in names:
            named.spot.wrong(f"there is no table {named.value!r}", nearest(named.value, names))


def _going(values: Mapping[str, Found]) -> list[Any]:
    """Return what a table says is to go: targets, arguments and texts."""
    return [item for key in ("deprecated", "retired") if key in values for item in values[key].value or ()]


def _check_single(values: Mapping[str, Found]) -> None:
    """Report that nothing is defined twice of which there is to be one alone: what is looked for is a definition."""
    if not ("single" in values and values["single"].value):
        return
    spot, canonical = values["single"].spot, values["canonical"].value if "canonical" in values else None
    if "canonical" not in values:
        spot.wrong("there is no 'canonical' that could be defined twice", "add 'canonical'")
    elif canonical and canonical.attribute is None and spot.names and spot.names.modules.exists(canonical.module):
        spot.wrong(f"the canonical {str(canonical)!r} is a module", "name the class or function that is to be alone")


def _check_canonical(values: Mapping[str, Found]) -> None:
    """Report a canonical that is deprecated in its own table: everybody would be sent where nobody may go."""
    canonical = values["canonical"].value if "canonical" in values else None
    if not isinstance(canonical, Target):
        return
    for item in _going(values):
        if isinstance(item, Target) and not item.use and item.covers(canonical.module, canonical.attribute):
            same = "is deprecated" if item == canonical else f"is deprecated with {str(item)!r}"
            todo = "name what is to be used instead, or deprecate less"
            values["canonical"].spot.wrong(f"the canonical {str(canonical)!r} {same} in the same table", todo)
            return


def _check_replaced(values: Mapping[str, Found]) -> None:
    """Report what is replaced although the table does not deprecate it: nobody would be told of the replacement."""
    replaced = values.get("replace")
    if replaced is None or not replaced.value or replaced.spot.file.startswith("policy pack"):
        return
    going = [plain(str(item)) for item in _going(values)]
    for spelled in replaced.value:
        if not any(_about(plain(spelled), item) for item in going):
            near = nearest_of(plain(spelled), going)
            todo = f"did you mean {near!r}?" if near else "add it to 'deprecated', or leave it out"
            replaced.spot.at(spelled).wrong(f"{plain(spelled)!r} is not deprecated in this table", todo)


def _about(replaced: str, going: str) -> bool:
    """Whether the replacement of `replaced` is one of `going`, of a part of it, or of what holds it."""
    if replaced.startswith(TEXT) or going.startswith(TEXT):
        return replaced == going
    return _names(Target.parse(going), replaced) or _names(Target.parse(replaced), going)


def _check_tests_of(found: Mapping[str, Found]) -> None:
    """Report targets of `tests_of` that nothing deprecates; what is harvested is not known yet."""
    tables = _tables(found, "ssot")
    every = [item for values in tables.values() for item in _going(values)]
    asked = [(values, _going(values)) for values in tables.values()]
    asked += [] if "harvest" in found else [(found, every)]
    for values, going in asked:
        for target in (values["tests_of"].value or ()) if "tests_of" in values else ():
            if not any(_about(str(target), str(item)) for item in going):
                near = nearest_of(str(target), map(str, going))
                todo = f"did you mean {near!r}?" if near else "add it to 'deprecated', or leave it out"
                values["tests_of"].spot.at(str(target)).wrong(f"{str(target)!r} is not deprecated", todo)


def _check_fix(values: Mapping[str, Found]) -> None:
    """Report expressions for what the table does not forbid."""
    forbidden = values["forbidden"].value or () if "forbidden" in values else ()
    patterns = values["patterns"].value or () if "patterns" in values else ()
    made = [*map(str, forbidden), *patterns]
    for name in (values["fix"].value or {}) if "fix" in values else ():
        if name and name not in patterns and not any(_names(target, name) for target in forbidden):
            hint = nearest(name, made) or "add it to 'forbidden'"
            values["fix"].spot.at(name).wrong(f"{name!r} is neither in 'forbidden' nor in 'patterns'", hint)


def _names(target: Target, spelling: str) -> bool:
    module, _, attribute = spelling.partition(":")
    return target.covers(module, attribute or None)


def _check_fixture(name: str, values: Mapping[str, Found], claimed: dict[str, str]) -> None:
    fixture = values["fixture"]
    first = claimed.setdefault(fixture.value, name)
    if first != name:
        fixture.spot.wrong(f"ssot.{first} already claims the fixture {fixture.value!r}", "choose another name")
    canonical = values.get("canonical")
    if "accessors" in values:
        return
    if canonical is None:
        fixture.spot.wrong("there is nothing the fixture could hand out", "add 'accessors' or 'canonical'")
    elif isinstance(canonical.value, Target) and canonical.value.attribute is None:
        fixture.spot.wrong(
            f"the canonical {str(canonical.value)!r} is a module, nothing the fixture could hand out", "add 'accessors'"
        )


def _shadows(fixture: Found, owner: str) -> None:
    fixture.spot.wrong(f"the fixture {fixture.value!r} is {owner}, and would be replaced", "choose another name")


def _values(found: Mapping[str, Found]) -> dict[str, Any]:
    return {key: entry.value for key, entry in found.items()}


def _ssot(name: str, found: Mapping[str, Found]) -> Ssot:
    values = _values(found)
    gone = values.pop("retired", ())
    if gone:  # what comes back is as deprecated as it was
        values["deprecated"] = tuple(dict.fromkeys((*values.get("deprecated", ()), *gone)))
    if "states" in values:
        values["states"] = States(**_values(values["states"]))
    named = values.pop("deprecated", ())
    targets = tuple(target for target in named if isinstance(target, Target))
    texts = tuple(text.removeprefix(TEXT) for text in named if isinstance(text, str))
    things = tuple(target for target in targets if not target.use)
    parameters = tuple(target for target in targets if target.parameter)
    writes = tuple(target for target in targets if target.use == "=")
    spelled: Mapping[str, str] = values.pop("replace", {})
    return Ssot(
        name=name,
        deprecated=things,
        texts=texts,
        parameters=parameters,
        writes=writes,
        replace={plain(old): plain(new) for old, new in spelled.items() if not has_value(old)},
        passing=_passing(spelled),
        arguments={str(Target.parse(old)): new for old, new in spelled.items() if speaks_of_one(old)},
        **values,
    )


def _passing(spelled: Mapping[str, str]) -> dict[str, Passing]:
    """Return how arguments are passed on, by what is replaced; entries for one callable are taken together."""
    found: dict[str, Passing] = {}
    for old, new in spelled.items():
        takes, gives = parted(old)[1], parted(new)[1]
        if takes is not None and gives is not None and not has_value(old):
            known = found.get(plain(old), Passing((), ()))
            more = Passing.parse(takes, gives)
            found[plain(old)] = Passing((*known.takes, *more.takes), (*known.gives, *more.gives))
    return found


def _check_paths(root: Path, found: Mapping[str, Found]) -> None:
    """Report each path of `source` and `scan` that is not there: what is not read must not be called clean."""
    for key in ("source", "scan"):
        for index, path in enumerate(found[key].value or ()) if key in found else ():
            spot = found[key].spot.at(index)
            if {"*", "?"} & set(path):
                if next(iglob(path, root_dir=root, recursive=True), None) is None:
                    spot.wrong(f"nothing in {root} matches {path!r}", "correct the pattern or leave it out")
            elif not os.path.exists(root / path):  # of `Path`, before 3.14, a name that is too long is an error
                todo = _near_path(root, path) or "correct the path or leave it out"
                spot.wrong(f"there is no {path!r} in {root}", todo)
    if "tests" in found:  # where none is there yet, nothing is taken for one
        list(_missing_paths(root, found["tests"], found["tests"].value or ()))


def _judged_nowhere(root: Path, found: Mapping[str, Found]) -> Iterator[Unfound]:
    """Yield the paths of `within` that are not there, so that their tables judge nobody in them."""
    tables = [row for kind in KINDS for row in _tables(found, kind).items()]
    for name, within in ((name, values["within"]) for name, values in tables if "within" in values):
        paths = [path for path in within.value or () if "/" in path]
        yield from (
            Unfound(name, path, lacks=f"nothing is at {path!r}") for path in _missing_paths(root, within, paths)
        )


def _missing_paths(root: Path, named: Found, paths: Iterable[str]) -> Iterator[str]:
    """Yield each of `paths` that begins where nothing is; report a slip of the pen."""
    for path in paths:
        folder = re.split(r"/?[^/]*[*?]", path)[0]
        if folder and not os.path.exists(root / folder):
            near = _near_path(root, folder)
            if near:
                named.spot.at(named.value.index(path)).wrong(f"there is no {folder!r} in {root}", near)
            else:
                yield path


def _near_path(root: Path, path: str) -> str:
    """Return the hint that names the folder or file nearest to a `path` that is not there."""
    parts = path.split("/")
    there = next(end for end in range(len(parts) - 1, -1, -1) if os.path.isdir(root.joinpath(*parts[:end])))
    beside = [path.name for path in root.joinpath(*parts[:there]).iterdir() if path.is_dir() or path.suffix == ".py"]
    hint = nearest(parts[there], [name for name in beside if not name.startswith(".")])
    if not hint.startswith("did you mean"):
        return ""
    return hint.replace("'", f"'{'/'.join([*parts[:there], ''])}", 1)


def _context(name: str, found: Mapping[str, Found]) -> Context:
    values = _values(found)
    never = values.pop("never", ())
    targets = tuple(target for target in never if isinstance(target, Target))
    return Context(name=name, never=targets, event_loop=EVENT_LOOP in never, **values)


def _texts(raw: object, key: str) -> list[str]:
    """Return the texts of the list that is written under `key`, before anything was checked."""
    found = raw.get(key) if isinstance(raw, Mapping) else None
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _relative(root: Path, paths: Iterable[str | os.PathLike[str]]) -> Iterable[str]:
    """Yield `paths` relative to `root` and with `/`, without those around `root` and those on another drive."""
    base = os.path.realpath(root)
    for path in paths:
        try:
            relative = os.path.relpath(os.path.realpath(os.path.join(base, path)), base).replace(os.sep, "/")
        except ValueError:
            continue
        if relative.rpartition("/")[2] != "..":
            yield relative


def _import_roots(root: Path, pythonpath: Iterable[str | os.PathLike[str]], outside: Iterable[str]) -> tuple[str, ...]:
    """Return the folders modules are named from, the deepest first; `""` is the root.

    `outside` are the paths of `source` and `scan` that begin with `..`: what lies beside the root is found from there,
    or from the folder around it where it is a package itself.
    """
    declared = [path.partition("/*")[0] for path in outside]
    roots = {"" if path == "." else path for path in _relative(root, pythonpath)}
    roots = {path for path in roots if not path.startswith("../") or _is_within(path, declared)}
    if not (root / "src" / "__init__.py").exists():  # there `src` is itself the package
        roots.add("src")
    for path in declared:
        folder = path.rpartition("/")[0] if path.endswith(".py") else path
        while (root / folder / "__init__.py").exists():
            folder = folder.rpartition("/")[0]
        roots.add(folder)
    return tuple(sorted(roots | {""}, key=lambda path: (-path.count("/") - bool(path), path)))


def _is_within(path: str, folders: Iterable[str]) -> bool:
    return any(f"{path}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{path}/") for folder in folders)


def _shown(root: Path, file: Path) -> str:
    """Return how messages name `file`: relative to the root where it lies in it."""
    try:
        return file.relative_to(root).as_posix()
    except ValueError:
        return str(file)
