"""See every import of what is deprecated, with its own file and line, and tell when a module of interest was loaded.

The first `import` of a module goes through `sys.meta_path`, the later ones do not: statements are seen where they call
`__import__`, in the files of the project only. What a statement means is worked out the first time it runs.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from inspect import getattr_static
from itertools import islice
from types import CodeType, FrameType, FunctionType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_ssot_tracker.detect.imports.disguised import INTERNAL
from pytest_ssot_tracker.detect.imports.finder import Finder
from pytest_ssot_tracker.detect.imports.importing import StandIns
from pytest_ssot_tracker.detect.imports.loads import Loads
from pytest_ssot_tracker.detect.imports.meaning import Learned, Meaning, Suspects
from pytest_ssot_tracker.detect.imports.strings import ByString, Decorated, asked_by, ran_by
from pytest_ssot_tracker.detect.live.objects import outwards
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.sites import Watch, moved_to
from pytest_ssot_tracker.imported import Imported, Named, absolute, at_home, decorator_line, named_by_text, package_of
from pytest_ssot_tracker.loaded import (
    file_of,
    folders_of,
    is_waiting,
    loaded_names,
    name_of,
    namespace_of,
    spec_of,
    standing,
)
from pytest_ssot_tracker.model import BlindSpot, Rule, Target

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.imports.loads import Announcer
    from pytest_ssot_tracker.detect.record.recorder import Recorder
    from pytest_ssot_tracker.detect.record.scope import Scope
    from pytest_ssot_tracker.settings import Place, Settings, Ssot, Tree

__all__ = ["Imports"]

_DOCTEST = "<doctest "
_LIBRARY = os.path.join(os.path.dirname(os.__file__), "")
_PACKAGES = "-packages"  # of which one may be a link into the project; the standard library is the interpreter's own
_EARLY = "imported before the plugin was active: who imported it until then was not seen"
_OF_ANY_MODULE = frozenset(dir(ModuleType))
_NO_MODULE = "what stands in sys.modules under this name is no module but a {kind}, which makes it when it is asked"
_MISSING = object()
_HELD = (
    "imported by an __import__ that was taken before the plugin was active: that is seen where it loads a module, "
    "and not where the module is loaded already"
)
_MACHINERY = ("importlib._bootstrap", "_frozen_importlib", f"{__package__}.finder", __name__)
"""The modules between whoever imports and the finder that is asked for the module."""

_PAST_US = "loaded past our import hook: what it did until it was noticed was not seen"


Importer: TypeAlias = dict[tuple[str, Any, int], tuple[int, ...]]
"""Maps each import statement of one file that ran before to the numbers to book."""


class _Importers(dict[str, "Importer | None"]):
    """Map the file name of running code to what is known of its statements, `None` where it is surely not ours.

    Whether another file is ours is only asked once one of its imports matters: most files have none.
    """

    def __init__(self, tree: Tree) -> None:
        super().__init__()
        root = os.path.normcase(os.path.join(tree.root, ""))
        self._tree = tree
        self._libraries = tuple(library for library in tree.libraries if not root.startswith(library))

    def __missing__(self, filename: str) -> Importer | None:
        if not isinstance(filename, str):  # of a namespace that somebody has made by hand
            raise TypeError(filename)
        foreign = filename.startswith("<frozen ")  # other code in brackets was made by somebody, perhaps by us
        if filename.startswith(self._libraries):
            foreign = self._tree.relative(filename) is None
        found: Importer | None = None if foreign else {}
        self[filename] = found
        return found


class _ImportedNames(dict[str, bool]):
    """Whether a call that imports this name may be an import of something deprecated, or the first step of one."""

    def __init__(self, suspects: Suspects, more: Suspects | None, is_own: Callable[[str], bool]) -> None:
        super().__init__()
        self._is_own = is_own
        self._suspects = suspects
        self._more = suspects if more is None else more

    def __missing__(self, name: str) -> bool:
        roots = self._more.roots
        suspect = name.startswith(self._more.starts) and bool(self._suspects[name] or self._more[name])
        # Any module of the project may hand on what is deprecated: what it holds is asked when it is loaded.
        first = roots is None or name.partition(".")[0] in roots or self._is_own(name)
        found = self[name] = suspect or first
        return found


class Imports:
    """Book `deprecated-import` on a recorder, and call `on_loaded` with each module that holds a target.

    `on_loaded` is called right after the module was executed or reloaded, at once for modules loaded before
    `install`, and must not raise. `on_unpickled` is called with each module of the project of which something is
    unpickled, and the frame that does so. `starter` returns who has handed over what a frame runs. `also` says what to
    call whenever another module of this name was loaded.
    `blind_spots` grows with what could not be seen.
    """

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        scope: Scope,
        *,
        on_loaded: Callable[[ModuleType], object],
        on_unpickled: Callable[[str, FrameType], object] = lambda _module, _frame: None,
        starter: Callable[[FrameType], Caller | None] = lambda _frame: None,
        also: Mapping[str, Callable[[], None]] = MappingProxyType({}),
    ) -> None:
        self.blind_spots: list[BlindSpot] = []
        self._recorder = recorder
        self._scope = scope
        self._report_loaded = on_loaded
        self._report_unpickled = on_unpickled
        self._starter = starter
        self._tables = {table.name: table for table in settings.ssots}
        deprecated = {table.name: table.deprecated for table in settings.ssots}
        self._meaning = Meaning(deprecated, self._is_module, self._is_foreign)
        self._aliases = scope.aliases
        aliases = [Target(name) for name in scope.aliases.names]
        self._wanted = Suspects({"": [*(target for table in settings.tables for target in table.watched()), *aliases]})
        self._loads = Loads(self._executes, self._executed)
        self._also = {**also, **dict.fromkeys(Loads.modules, self._loads.plant)}
        starts = (*self._wanted.starts, *self._also)
        self._finder = Finder(self._wants, starts=starts, on_loaded=self._loaded, on_found=self._found)
        self._known: dict[str, weakref.ref[ModuleType]] = {}
        self._made: dict[str, tuple[int, int]] = {}
        self._awaited = {name for name in self._wanted.names if name not in sys.modules}
        self._foreign: dict[str, bool] = {}
        self._decorators: dict[tuple[CodeType, str], CodeType] = {}
        self._importers = _Importers(scope.tree)
        self._strings = _ImportedNames(self._meaning.suspects, self._wanted if aliases else None, scope.tree.defines)
        self._parents = self._wanted.parents if aliases else self._meaning.suspects.parents
        self.starts = self._wanted.starts

    def install(self) -> Callable[[], None]:
        """Start to see imports; return what ends it and leaves `sys.meta_path` and `__import__` as they were."""
        self._take_what_is_loaded()
        self._stand_ins = StandIns(
            self.starts,
            importers=self._importers,
            strings=self._strings,
            known=self._meaning.known,
            parents=self._parents,
            learn=self._learn,
            again=self._again,
            by_hand=self._by_hand,
            text=self._text_asked,
            failed=self._failed,
            text_failed=self._text_asked_failed,
        )
        undo = [self._finder.install(), self._stand_ins.install()]

        def undo_all() -> None:
            while undo:
                undo.pop()()

        return undo_all

    def watch_loads(self, announcer: Announcer) -> None:
        """See what is executed past the import system as well, by means of `announcer`."""
        self._loads.install(announcer)

    def stands(self) -> bool:
        """Whether every import goes through what was put there."""
        return self._stand_ins.stand and self._finder.stands

    def heal(self) -> Iterator[BlindSpot]:
        """Yield what imports no longer go through since a test has replaced it; what is only gone is put back."""
        missing = self._stand_ins.missing()
        if not self._finder.stands:
            missing.append("sys.meta_path")
            self._finder.insert()
            self.sweep()
        for name in missing:
            yield BlindSpot("imports", f"{name} was replaced or cleared, and left so: not every import was seen")

    def sweep(self) -> None:
        """Report modules of interest that got loaded without our finder being asked."""
        for name in self._wanted_ones():
            self._notice(name)

    def _wanted_ones(self) -> list[str]:
        """Return the names of the modules of interest that are loaded."""
        return [name for name in loaded_names() if name.startswith(self.starts) and self._wanted[name]]

    # What the finder tells

    def _wants(self, name: str) -> object:
        return name in self._also or self._wanted[name]

    def _is_module(self, name: str) -> bool:
        return name in sys.modules or name in self._finder.found or name in self._aliases.met

    def _loaded(self, module: ModuleType) -> None:
        name = name_of(module)
        if name is not None:
            self._known[name] = weakref.ref(module)
            called = self._aliases.of(name)
            if self._meaning.suspects[called]:
                self._meaning.know(module, called)
                # What was no deprecated object may be one now.
                for importer in list(self._importers.values()):
                    if importer is not None:
                        importer.clear()
        self._report_loaded(module)
        if name in self._also:
            self._also[name]()
        if name is not None and self._wanted[name] and sys.modules.get(name) is not module:
            self._notice(name)  # it has put something else in its place

    def _found(self, name: str) -> None:
        if not self._meaning.suspects[name]:
            return
        imports = False
        for frame in islice(outwards(sys._getframe(1)), 12):
            if frame.f_code.co_filename == INTERNAL:
                return  # one of our stand-ins sees it
            if frame.f_code.co_name == "_get_module_details" and frame.f_globals.get("__name__") == "runpy":
                # `runpy.run_module` looks a module up and executes it without importing it.
                self._text_failed(frame, name)
                return
            inside = frame.f_globals.get("__name__") in _MACHINERY
            if imports and not inside:
                self._imported_past_us(frame, name)
                return
            imports = imports or (inside and frame.f_code.co_name == "_find_and_load_unlocked")

    def _imported_past_us(self, frame: FrameType, name: str) -> None:
        """See an import by an `__import__` that somebody took before ours stood in for it: only its first is told."""
        self._hand(frame, name, ())
        self._blind(name, _HELD)

    def _notice(self, name: str) -> None:
        module = sys.modules.get(name)
        names = namespace_of(module)
        if module is None or is_waiting(module):
            return
        if names is None:
            self._take_object(name, module)
            return
        known = self._known.get(name)
        if known is not None and known() is module:
            return
        spec = spec_of(module)
        if getattr(spec, "_initializing", False):
            return
        if spec is None:
            self._take_made(name, module, len(names))
            return
        loaded_so = getattr(spec, "name", name) == name
        if loaded_so and (file_of(module) or "__path__" not in names):  # a namespace package has no code to have run
            self._blind(name, _PAST_US)
        self._loaded_as(name, module)

    def _take_made(self, name: str, module: ModuleType, size: int) -> None:
        """Take a module made by hand, which is perhaps not filled yet: it is looked at again when it has grown."""
        if self._made.get(name) != (id(module), size):
            self._made[name] = id(module), size
            self._loaded_as(name, module)
            self._known.pop(name, None)

    def _take_object(self, name: str, thing: object) -> None:
        """Take what stands under the name of a module and is none: what it and its class plainly hold is its names."""
        if self._made.get(name) == (id(thing), 0):
            return
        self._made[name] = id(thing), 0
        names: dict[str, Any] = {}
        answers = getattr_static(type(thing), "__getattr__", None)
        if isinstance(answers, FunctionType):
            names["__getattr__"] = answers
        for target in self._targets_in(name):
            part = (target.attribute or "").split(".")[0]
            value = getattr_static(thing, part, _MISSING)
            if value is not _MISSING and not hasattr(type(value), "__set__"):
                names[part] = value
            elif value is not _MISSING or not names:
                self._blind(name, _NO_MODULE.format(kind=type(thing).__name__), only=target)
        self._report_loaded(standing(self._aliases.of(name), names, None))

    def _targets_in(self, name: str) -> list[Target]:
        return [target for _, targets in self._wanted[name] for target in targets if target.attribute is not None]

    @property
    def met(self) -> list[tuple[str, str]]:
        """Return table and spelling of the deprecated modules that were loaded, or stood under their names."""
        there = {self._aliases.of(name) for name in (*self._known, *self._made)}
        held = (pair for name in there for pair in self._meaning.suspects[name])
        return [(table, str(target)) for table, targets in held for target in targets if target.attribute is None]

    def appeared(self) -> None:
        """Take notice of modules that somebody has put where they are looked for."""
        if sys.modules.keys().isdisjoint(self._awaited):
            return
        for name in [name for name in self._awaited if name in sys.modules]:
            self._notice(name)
            if name in self._known:
                self._awaited.discard(name)

    def _take_what_is_loaded(self) -> None:
        for name in self._wanted_ones():
            module = sys.modules.get(name)
            if module is not None and namespace_of(module) is not None:
                if not self._is_foreign(name) or self._source_is_loaded():
                    self._blind(name, _EARLY)
                self._loaded_as(name, module)

    def _loaded_as(self, name: str, module: ModuleType) -> None:
        """Take a module that stands under `name`, which need not be the one it has: `os.path` is called `posixpath`."""
        self._loaded(module)
        self._known[name] = weakref.ref(module)
        called = self._aliases.of(name)
        if called != self._aliases.name_of(module):
            self._report_loaded(standing(called, dict(namespace_of(module) or {}), file_of(module)))

    def _blind(self, module: str, why: str, *, only: Target | None = None) -> None:
        for table, targets in self._meaning.suspects[self._aliases.of(module)]:
            for target in targets if only is None else {only} & set(targets):
                spot = BlindSpot(str(target) if target.attribute else module, why, table)
                if spot not in self.blind_spots:
                    self.blind_spots.append(spot)

    def _source_is_loaded(self) -> bool:
        for name in loaded_names():
            file = None if name.startswith(self._scope.passes) else file_of(sys.modules.get(name))
            if file is not None and not (file.startswith(_LIBRARY) and _PACKAGES not in file):
                place = self._scope.place(file)
                if place is not None and place.in_source:
                    return True
        return False

    # What the stand-ins tell (see `StandIns`)

    def _learn(
        self, frame: FrameType, importer: Importer, name: str, namespace: dict[str, Any], fromlist: Any, level: int
    ) -> None:
        """Book a statement that runs for the first time, and remember what to book when it runs again."""
        base = absolute(name, level, _package(namespace)) if level else name
        if base is None:
            return
        if base.startswith(self.starts) and self._wanted[base]:
            self._notice(base)
        called = self._aliases.imported(base, fromlist)
        if self._meaning.is_dull(called, fromlist):
            importer[name, fromlist, level] = ()
            return
        running = _written_in(frame, namespace)
        learned = self._meaning.of_statement(called, fromlist)
        numbers = self._seen(learned, running)
        if learned.settled and not _is_executing(base) and running.f_code.co_filename == namespace.get("__file__"):
            importer[name, fromlist, level] = numbers

    def _again(self, frame: FrameType, numbers: tuple[int, ...], namespace: dict[str, Any]) -> None:
        """Book a statement that ran before."""
        running = _written_in(frame, namespace)
        filename = running.f_code.co_filename
        if filename.startswith(_DOCTEST):
            # Each example is code of its own, and only the frame tells where it is written.
            self._scope.place_of(running)
        elif filename != namespace.get("__file__"):  # code that was made here, with the names of this module
            found = self._behind(running)
            running = running if found is None else found[0]
        self._book(running, numbers)

    def _by_hand(self, frame: FrameType, name: str, namespace: Any, fromlist: Any, level: int) -> None:
        """See a call of `__import__` by hand."""
        running = _written_in(frame, namespace)
        base = absolute(name, level, _package(namespace))
        if base is None:
            return
        if _unpickles(frame, fromlist):
            self._report_unpickled(base, frame)
        if self._is_ours(running.f_code.co_filename):
            self._hand(running, base, fromlist)
        else:
            self._text(running, base)

    def _failed(
        self, frame: FrameType, name: str, namespace: Any, fromlist: Any, level: int, error: BaseException
    ) -> None:
        """See an import that raised: it counts, unless what it asked for is not there any more."""
        running = _written_in(frame, namespace)
        base = absolute(name, level, _package(namespace))
        if base is None or _is_gone(base, error):
            return
        if not isinstance(namespace, dict) or self._importers[running.f_code.co_filename] is not None:
            self._hand(running, base, fromlist)
        elif self._meaning.suspects[base] and (namespace is None or isinstance(fromlist, list)):
            self._text_failed(running, base)

    def _text_asked(self, frame: FrameType, name: str, package: str | None, level: int) -> None:
        """See an import by `importlib.import_module` and all that is built on it."""
        base = absolute(name, level, package or "")
        if base is not None:
            self._text(frame, base)

    def _text_asked_failed(
        self, frame: FrameType, name: str, package: str | None, level: int, error: BaseException
    ) -> None:
        """See such an import that raised."""
        base = absolute(name, level, package or "") if isinstance(name, str) else None
        if base is not None and self._meaning.suspects[base] and not _is_gone(base, error):
            self._text_failed(frame, base)

    def _executes(self, frame: FrameType, name: str | None, filename: str | None) -> None:
        """See a module that `frame` begins to execute past the import system."""
        place = None if filename is None else self._scope.place(filename)
        found = ran_by(frame, self._is_ours)
        for base in dict.fromkeys([place.module if place is not None else name, name]):
            called = None if base is None else self._aliases.of(base)
            if called is None or found is None or not self._meaning.suspects[called]:
                continue
            self._book(found[0], self._numbers(self._meaning.of_statement(called, None), found[0], of_library=found[1]))
            return

    def _executed(self, module: object) -> None:
        """Take a module that was executed so, which need not be the one that stands under its name."""
        name = name_of(module)
        if name is not None and self._wanted[name] and isinstance(module, ModuleType):
            if sys.modules.get(name) is module:
                self._loaded(module)
            else:
                self._report_loaded(module)

    def is_watched(self, name: str, value: object) -> bool:
        """Whether `value`, which goes by `name` somewhere, is deprecated or a module that holds something watched."""
        module = name_of(value)
        return id(value) in self._meaning.known or bool(self._wanted[module or name])

    # Booking

    def _seen(self, learned: Learned, running: FrameType) -> tuple[int, ...]:
        """Book what was `learned` of a statement; return the numbers, none where it is nobody's of ours.

        What stands in no file, or in none that is a module (code made for `exec`, a script that is run), is put down to
        the code of ours that runs it.
        """
        if not learned.named:
            return ()
        found = self._behind(running)
        if found is None:
            return ()
        frame, of_library = found
        numbers = self._numbers(learned, frame, of_library=of_library)
        self._book(frame, numbers)
        return numbers

    def _behind(self, frame: FrameType) -> tuple[FrameType, bool] | None:
        """Return by which frame of ours the code in `frame` runs, and whether a library stands between."""
        filename = frame.f_code.co_filename
        if self._is_ours(filename):
            return frame, False
        if filename[:1] != "<" and frame.f_globals.get("__spec__") is not None:
            return None  # somebody else's module, whoever has it do what it does
        return ran_by(frame, self._is_ours)

    def _is_ours(self, filename: str) -> bool:
        if self._importers[filename] is None:
            return False
        return self._scope.place(filename) is not None or filename.startswith(_DOCTEST)

    def _hand(self, frame: FrameType, base: str, fromlist: Any) -> None:
        names = [name for name in fromlist or () if isinstance(name, str)]
        base = self._aliases.imported(base, names)
        numbers = self._seen(self._meaning.of_statement(base, names), frame)
        if not numbers and names:
            # `__import__("pkg.old", fromlist=["_"])` is how one asks for the last part of a dotted name.
            self._seen(self._meaning.of_statement(base, None), frame)

    def _text(self, frame: FrameType, name: str) -> None:
        if self._wanted[name]:
            self._notice(name)
        found = asked_by(frame, name, self._is_ours, self._starter)
        if found is None:
            return
        imported = named_by_text(
            found.text, lambda module: module in sys.modules or f"{name}.".startswith(f"{module}.")
        )
        if _arrived(imported, name, found.text, by_attribute=found.by_attribute):
            self._book_text(found, imported)

    def _text_failed(self, frame: FrameType, name: str) -> None:
        found = asked_by(frame, name, self._is_ours, self._starter)
        if found is not None:
            self._book_text(found, Imported(name))

    def _book_text(self, found: ByString, imported: Imported) -> None:
        learned = self._meaning.of_text(imported._replace(module=self._aliases.of(imported.module)))
        if not learned.named:
            return
        if isinstance(found.place, FrameType):
            self._book(found.place, self._numbers(learned, found.place, of_library=found.of_library))
            return
        if isinstance(found.place, Caller):
            code, lasti = found.place.code, found.place.lasti
        else:
            code = self._decorator(found.place) if isinstance(found.place, Decorated) else found.place
            lasti = 0
        place = self._scope.place(code.co_filename)
        for number in () if place is None else self._allowed(learned, place, None, of_library=found.of_library):
            self._recorder.book_at(number, code, lasti)

    def _book(self, frame: FrameType, numbers: tuple[int, ...]) -> None:
        for number in numbers:
            self._recorder.book(number, frame)

    def _numbers(self, learned: Learned, frame: FrameType, *, of_library: bool = False) -> tuple[int, ...]:
        """Return the numbers to book for what was `learned` of an import by `frame`."""
        place = self._scope.place_of(frame) if learned.named else None
        if place is None:
            return ()
        return self._allowed(learned, place, frame.f_globals.get("__name__"), of_library=of_library)

    def _allowed(self, learned: Learned, place: Place, me: object, *, of_library: bool) -> tuple[int, ...]:
        return tuple(
            self._number(self._tables[table], named, place)
            for table, named in learned.named
            if not self._is_excused(named, place, me, of_library=of_library)
        )

    def _number(self, table: Ssot, named: Named, place: Place) -> int:
        watch = Watch(Rule.DEPRECATED_IMPORT, table.name, named.name, str(named.declared))
        return self._recorder.number(watch, exempt=self._scope.exempt(table, place))

    def _is_excused(self, named: Named, place: Place, me: object, *, of_library: bool) -> bool:
        if at_home(named, place.module) or (isinstance(me, str) and at_home(named, me)):
            return True
        foreign = self._is_foreign(named.name.partition(":")[0])
        return foreign and (of_library or not place.in_source)

    def _is_foreign(self, name: str) -> bool:
        """Whether the module lies outside the project; one that is not loaded counts as the project's."""
        known = self._foreign.get(name)
        if known is None:
            module = sys.modules.get(name)
            if namespace_of(module) is None:
                return False
            places = [file_of(module) or "", *(folders_of(module) or [])]
            place = next(filter(None, places), None)
            known = self._foreign[name] = place is None or not self._scope.tree.is_own(place)
        return known

    def _decorator(self, decorated: Decorated) -> CodeType:
        """Return the code of the function as if it stood where the decorator does, the same one each time."""
        key = (decorated.code, decorated.text)
        if key not in self._decorators:
            file = self._recorder.sites.file(decorated.code.co_filename)
            first = decorated.code.co_firstlineno
            line = first if file is None else decorator_line(file.tree, first, decorated.text)
            self._decorators[key] = moved_to(decorated.code, line)
        return self._decorators[key]


def _package(namespace: Any) -> str:
    """Return the package that relative imports of a module with this `namespace` start from, if it is any."""
    if not isinstance(namespace, dict):
        return ""
    package = namespace.get("__package__")
    if isinstance(package, str):
        return package
    spec, name = namespace.get("__spec__"), namespace.get("__name__")
    if spec is not None:
        return str(getattr(spec, "parent", ""))
    return package_of(name, is_package="__path__" in namespace) if isinstance(name, str) else ""


def _written_in(frame: FrameType, namespace: Any) -> FrameType:
    """Return the frame that imports: `frame`, or the one whose `namespace` it passes on (a faked `__import__` does)."""
    if isinstance(namespace, dict) and namespace is not frame.f_globals:
        return next((outer for outer in islice(outwards(frame), 40) if outer.f_globals is namespace), frame)
    return frame


def _is_executing(name: str) -> bool:
    spec = spec_of(sys.modules.get(name))
    return getattr(spec, "_initializing", False) is True


def _unpickles(frame: FrameType, fromlist: Any) -> bool:
    """Whether it is an unpickler that imports: C code passes a list (`PyImport_Import`), Python's has a name."""
    if type(fromlist) is list:
        return not fromlist
    return frame.f_code.co_name == "find_class" and frame.f_globals.get("__name__") == "pickle"


def _is_gone(name: str, error: BaseException) -> bool:
    """Whether `error` says that the module `name`, or a package above it, is not there."""
    missing = error.name if isinstance(error, ImportError) else None
    return missing is not None and f"{name}.".startswith(f"{missing}.")


def _arrived(imported: Imported, name: str, text: str, *, by_attribute: bool) -> bool:
    """Whether the import of `name`, one step along `text`, is the one that gets to what `text` names."""
    module, attribute = imported
    if attribute is not None:
        names = namespace_of(sys.modules.get(module))
        first = attribute.partition(".")[0]
        if names is not None and first not in names and "__getattr__" not in names and first not in _OF_ANY_MODULE:
            return False
    if name == module:
        return True
    # What is loaded already is followed by attribute, after the first step or (`runpy`) but for the last.
    return by_attribute and name in (text.partition(".")[0], text.rpartition(".")[0]) and module in sys.modules
