"""Look a target up in the source: whether what it names is there, and what may have been meant where it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import Enum
from importlib import import_module
from inspect import getattr_static

from pytest_ssot_tracker.imported import Imported
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.contents import Contents, Known, built_in, contents_of, defines, plain_bases
from pytest_ssot_tracker.names.modules import Module, Modules
from pytest_ssot_tracker.names.near import nearest_of
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import decode

__all__ = ["Look", "Names", "There"]

_DEPTH = 12


class There(str, Enum):
    """Whether something is there, by the source: `MAYBE` is a name made at run time that the source speaks of."""

    YES = "yes"
    MAYBE = "maybe"
    UNKNOWN = "unknown"
    NO = "no"


class Look(NamedTuple):
    """What a look at the source said of a target.

    `missing` is the dotted name of the first part of it that is not there, `lacks` says so in words, or why nobody can
    tell. `near` is the spelling that was probably meant, and `beside` are the names that are there instead. `package`
    tells whether the package is there in which it would have to be.
    """

    there: There
    missing: str = ""
    lacks: str = ""
    near: str | None = None
    beside: tuple[str, ...] = ()
    package: bool = True


_THERE = Look(There.YES)


class _Part(NamedTuple):
    """What became of the first of some parts of a name: the look so far, and those names that are beside it."""

    there: There
    at: int = 0
    beside: tuple[str, ...] = ()
    why: str = ""


class Names:
    """Looks targets up, each module being read once."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._texts: dict[str, str] = {}
        self._contents: dict[str, Contents | None] = {}

    # --- Spelling

    def resolve(self, target: Target) -> Target:
        """Return `target` with the colon where it belongs: behind the longest part that is a module.

        One that is written with dots alone, or has its colon too early, means the same as one that is not.
        """
        if target.attribute is not None:
            return self._moved(target)
        parts = target.module.split(".")
        ends = range(len(parts) - 1, 0, -1)
        if "*" in parts[0]:  # any module of the project may match: by its looks alone, since every start asks this
            ends = range(0)
        elif len(parts) == 1 or self._is_module(target.module):
            return target
        end = next((end for end in ends if self._is_module(".".join(parts[:end]))), 0)
        end = self._first_attribute(parts, end)
        return target if end == len(parts) else Target(".".join(parts[:end]), ".".join(parts[end:]))

    def _moved(self, target: Target) -> Target:
        """Return `pkg.mod:Name` for `pkg:mod.Name`, unless `pkg` itself says what `mod` is."""
        module, parts = target.module, (target.attribute or "").split(".")
        while parts and not target.is_pattern:
            found = self.modules.find(module)
            if found is None or not found.folders or self.modules.find(f"{module}.{parts[0]}") is None:
                break
            contents = self._read(found)
            if contents is not None and parts[0] in contents.names:
                break
            module = f"{module}.{parts.pop(0)}"
        return Target(module, ".".join(parts) or None)

    def _is_module(self, name: str) -> bool:
        """Whether `name` is a module, or a pattern that some module matches."""
        return any(True for _ in self.modules.matching(name)) if "*" in name else self.modules.find(name) is not None

    def _first_attribute(self, parts: list[str], end: int) -> int:
        """Return how many of `parts` are the module, of which the first `end` are found to be one."""
        if end == len(parts):
            return end
        found = ".".join(parts[:end])
        module = self.modules.find(found) if end else None
        if "*" in found:
            return end
        if module is not None and (not module.folders or self._says(module, parts[end])):
            return end
        # It is not there. By its looks it is a class or a constant, or else a module.
        return next((at for at in range(max(end, 1), len(parts)) if parts[at][:1].isupper()), len(parts))

    def _says(self, module: Module, name: str) -> bool:
        """Whether the source of a package speaks of `name` as one of its own."""
        contents = self._read(module)
        if contents is None:
            return False
        if "*" in name:
            return any(Target(name, "x").covers(known, "x") for known in contents.names)
        return name in contents.names or (bool(contents.makes) and contents.speaks_of(name))

    def origin(self, target: Target) -> Target:
        """Return `target` under the name that it has where the project defines it: imports are followed."""
        for _ in range(_DEPTH):
            module = self.modules.find(target.module)
            contents = None if module is None else self._read(module)
            first, *rest = (target.attribute or "").split(".")
            known = None if contents is None else contents.names.get(first)
            if not isinstance(known, Imported):
                break
            found = self._moved(Target(known.module, ".".join(filter(None, (known.attribute, *rest))) or None))
            if self.look(found).there is not There.YES:
                break
            home = self.modules.find(found.module)
            if home is None or not home.own:
                return found
            target = found
        return target

    def by_own_name(self, target: Target) -> Target:
        """Return `target` by the name that its files have: `app` for `src.app`, where `src` is no package."""
        base = target.module
        if "*" in base:
            base = base.partition("*")[0].rpartition(".")[0]
        module = self.modules.find(base) if base else None
        if module is None or not module.own:
            return target
        paths = (module.file, *(f"{folder}/__init__.py" for folder in module.folders))
        name = next((self.modules.name_of(path) for path in paths if path is not None), "")
        found = f"{name}{target.module[len(base) :]}".lstrip(".")
        return Target(found, target.attribute) if found else target

    # --- Looking

    def look(self, target: Target) -> Look:
        """Return whether what `target` names is there."""
        literal = target.module.partition("*")[0].rpartition(".")[0] if "*" in target.module else target.module
        module = self.modules.find(literal)
        if literal and module is None:
            return self._missing_module(target, literal)
        if module is None or "*" in target.module:
            return self._anywhere(target)
        return _THERE if target.attribute is None else self._attribute(target, module)

    def _anywhere(self, target: Target) -> Look:
        """Return whether any of the modules that a pattern matches has what is meant, or may have it."""
        pattern, attribute = target.module, target.attribute
        found = Look(There.NO, pattern, f"no module matches {pattern!r}")
        for module in self.modules.matching(pattern):
            look = _THERE if attribute is None else self._attribute(Target(module.name, attribute), module)
            if look.there is There.YES:
                return _THERE
            if look.there is There.NO:
                near = found.near or (look.near and f"{pattern}:{look.near.partition(':')[2]}")
                look = Look(There.NO, f"{pattern}.{attribute}", f"nothing in {pattern} is {attribute!r}", near)
            if found.there is There.NO:
                found = look
        return found

    def _missing_module(self, target: Target, literal: str) -> Look:
        above = self.modules.around(literal)
        parts = literal.split(".")
        at = 0 if above is None else above.name.count(".") + 1
        missing = ".".join(parts[: at + 1])
        beside = self.modules.below(above)
        contents = None if above is None else self._read(above)
        if contents is not None:
            beside = [*beside, *contents.names]
        near = nearest_of(parts[at], beside)
        if near is not None:
            spelled = ".".join([*parts[:at], near, *target.module.split(".")[at + 1 :]])
            near = str(self.resolve(Target(spelled, target.attribute)))
        sure = above is None or not (above.guessed or self._may_hold(above, contents))
        package = above is not None and at >= len(parts) - 1
        why = f"there is no module {missing!r}"
        return Look(There.NO if sure else There.UNKNOWN, missing, why, near, _public(beside), package)

    def _may_hold(self, package: Module, contents: Contents | None) -> bool:
        """Whether a package may have submodules that lie in none of its folders."""
        if contents is None:
            return bool(package.compiled) or not package.own
        return bool(contents.makes) or "__path__" in self._text(package)

    def _attribute(self, target: Target, module: Module) -> Look:
        attribute = target.attribute or ""
        if "*" in attribute:
            return self._pattern(target, module)
        if module.file is not None and attribute.isascii() and defines(self._text(module), attribute):
            return _THERE
        parts = attribute.split(".")
        part = self._find(module, parts, 0)
        if part.there is There.YES:
            return _THERE
        owner = ":".join(filter(None, (target.module, ".".join(parts[: part.at]))))
        near = nearest_of(parts[part.at], part.beside)
        if near is not None:
            near = str(Target(target.module, ".".join([*parts[: part.at], near, *parts[part.at + 1 :]])))
        lacks = f"{owner} has no {parts[part.at]!r}" + (
            f", as far as its source tells: it {part.why}" if part.why else ""
        )
        missing = ".".join([target.module, *parts[: part.at + 1]])
        return Look(part.there, missing, lacks, near, _public(part.beside))

    def _pattern(self, target: Target, module: Module) -> Look:
        attribute = target.attribute or ""
        there = self._matched(module, attribute, 0)
        if there is There.YES:
            return _THERE
        lacks = f"nothing in {target.module} matches {attribute!r}"
        told = "" if there is There.NO else ", as far as its source tells"
        return Look(there, f"{target.module}.{attribute}", f"{lacks}{told}")

    def _matched(self, module: Module, pattern: str, depth: int) -> There:
        """Return whether a module has a name that the pattern of names matches."""
        live = None if module.own else _live(module)
        contents = self._read(module) if live is None else Contents(dict.fromkeys(dir(live)))
        if contents is None or depth > _DEPTH:
            return There.UNKNOWN
        found = [_among(contents, pattern)]
        for star in contents.stars:
            other = self.modules.find(star)
            found.append(There.UNKNOWN if other is None else self._matched(other, pattern, depth + 1))
        if There.YES in found:
            return There.YES
        return There.UNKNOWN if There.UNKNOWN in found or contents.makes or module.guessed else There.NO

    def _find(self, module: Module, parts: list[str], depth: int) -> _Part:
        """Follow `parts` from a module on."""
        live = None if module.own else _live(module)
        if live is not None:
            return _in_object(live, parts)
        contents = self._read(module)
        if contents is None:
            return self._compiled(module, parts)
        if parts[0] in contents.names:
            return _deeper(self._follow(contents.names[parts[0]], parts[1:], contents, depth))
        below = self.modules.find(f"{module.name}.{parts[0]}") if module.folders else None
        if below is not None:
            return _Part(There.YES) if len(parts) == 1 else _deeper(self._find(below, parts[1:], depth + 1))
        beside = [*contents.names, *self.modules.below(module)] if module.folders else list(contents.names)
        why = contents.makes or ("lies where no import is known to look" if module.guessed else "")
        there = There.NO
        for star in contents.stars:
            part = self._starred(star, parts, depth)
            if part.there is There.YES:
                return part
            beside += part.beside
            if part.there is not There.NO:
                there, why = part.there, why or f"takes over the names of {star}"
        if contents.makes:
            beside += contents.strings - {parts[0]}
            there = There.MAYBE if contents.speaks_of(parts[0]) else There.UNKNOWN
        elif module.guessed:
            there = There.UNKNOWN
        return _Part(there, 0, tuple(beside), why if there is not There.NO else "")

    def _starred(self, star: str, parts: list[str], depth: int) -> _Part:
        module = self.modules.find(star)
        if module is None or depth > _DEPTH:
            return _Part(There.UNKNOWN)
        return self._find(module, parts, depth + 1)

    def _follow(self, known: Known, rest: list[str], around: Contents, depth: int) -> _Part:
        """Follow the `rest` of a name from what its first part is."""
        if not rest:
            return _Part(There.YES)
        if depth > _DEPTH:
            return _Part(There.UNKNOWN, why="is defined too far away")
        if isinstance(known, Contents):
            return self._in_class(known, rest, around, depth)
        if isinstance(known, Imported):
            return self._referred(known, rest, depth)
        return _Part(There.UNKNOWN, why="is no class whose source says what it has")

    def _referred(self, known: Imported, rest: list[str], depth: int) -> _Part:
        module = self.modules.find(known.module)
        if module is None:
            return _Part(There.UNKNOWN, why=f"comes from {known.module}, which cannot be found")
        if known.attribute is None:
            return self._find(module, rest, depth + 1)
        part = self._find(module, [known.attribute, *rest], depth + 1)
        return part if part.there is There.YES or not part.at else part._replace(at=part.at - 1)

    def _in_class(self, known: Contents, rest: list[str], around: Contents, depth: int) -> _Part:
        if rest[0] in known.names:
            return _deeper(self._follow(known.names[rest[0]], rest[1:], around, depth + 1))
        beside = list(known.names)
        why = known.makes
        for base in plain_bases(known.bases):
            part = self._in_base(base, rest, around, depth + 1)
            if part.there is There.YES:
                return part
            beside += part.beside
            if part.there is not There.NO:
                why = why or f"derives from {base}"
        return _Part(There.UNKNOWN if why else There.NO, 0, tuple(beside), why)

    def _in_base(self, base: str, rest: list[str], around: Contents, depth: int) -> _Part:
        top, *more = base.split(".")
        if top in around.names:
            part = self._follow(around.names[top], [*more, *rest], around, depth)
            return part._replace(at=max(part.at - len(more), 0))
        cls = None if more else built_in(top)
        if cls is None:
            return _Part(There.UNKNOWN)
        there = getattr_static(cls, rest[0], _ABSENT) is not _ABSENT
        return _Part(There.YES) if there else _Part(There.NO, 0, tuple(dir(cls)))

    def _compiled(self, module: Module, parts: list[str]) -> _Part:
        """Follow `parts` in a module without source, of which the bytes tell something."""
        if module.folders and not module.compiled:
            below = self.modules.below(module)
            return _Part(There.UNKNOWN if module.guessed or not module.own else There.NO, 0, tuple(below))
        if module.compiled is not None:
            data = _bytes(module.compiled)
            if all(part.encode() in data for part in parts):
                return _Part(There.MAYBE, why="is compiled")
        return _Part(There.UNKNOWN, why="is compiled" if module.compiled else "was made at run time")

    # --- Reading

    def _text(self, module: Module) -> str:
        file = module.file or ""
        if file not in self._texts:
            try:
                self._texts[file] = decode(_bytes(file))
            except (SyntaxError, ValueError):
                self._texts[file] = ""
        return self._texts[file]

    def _read(self, module: Module) -> Contents | None:
        """Return the names of a module, `None` where it has no source."""
        if module.file is None:
            return None
        if module.name not in self._contents:
            is_package = bool(module.folders)
            self._contents[module.name] = contents_of(self._text(module), module.name, is_package=is_package)
        return self._contents[module.name]


_ABSENT = object()


def _live(module: Module) -> object | None:
    """Return a module of somebody else's to be asked itself: loaded under this name only, or compiled and Python's own.

    To import one of those runs no code of the project.
    """
    if module.guessed and module.name in sys.modules:
        return sys.modules[module.name]
    top = module.name.partition(".")[0]
    if module.file is not None or module.folders or top not in sys.stdlib_module_names:
        return None
    try:
        return import_module(module.name)
    except ImportError:
        return None


def _in_object(found: object, parts: Iterable[str]) -> _Part:
    for at, part in enumerate(parts):
        inner = getattr_static(found, part, _ABSENT)
        if inner is _ABSENT:
            return _Part(There.NO, at, tuple(dir(found)))
        found = inner
    return _Part(There.YES)


def _public(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if not name.startswith("_")}))


def _deeper(part: _Part) -> _Part:
    return part if part.there is There.YES else part._replace(at=part.at + 1)


def _among(contents: Contents, pattern: str, above: str = "") -> There:
    """Return whether a module or class has a name that the pattern matches; what is defined elsewhere may have any."""
    parts = pattern.split(".")
    found = There.NO
    for name, known in contents.names.items():
        dotted = f"{above}{name}"
        leads = any(Target(".".join(parts[:end]), "x").covers(dotted, "x") for end in range(1, len(parts)))
        inside = There.NO
        if leads and isinstance(known, Contents) and not (known.makes or known.bases):
            inside = _among(known, pattern, f"{dotted}.")
        elif leads:
            inside = There.UNKNOWN if known is None else There.YES
        if inside is There.YES or Target("x", pattern).covers("x", dotted):
            return There.YES
        found = inside if found is There.NO else found
    return found


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""
