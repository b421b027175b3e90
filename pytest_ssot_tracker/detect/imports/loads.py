"""See modules that are executed by hand, past the import system: by their loader, or as a script by their path.

`spec.loader.exec_module(module)`, `SourceFileLoader(…).load_module()`, `zipimporter(…).load_module(…)` and
`runpy.run_path(…)` end in a few functions of the standard library, which import statements end in as well: who stands
behind tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.detect.imports.disguised import INTERNAL
from pytest_ssot_tracker.detect.live.objects import outwards
from pytest_ssot_tracker.detect.live.resolve import found_at
from pytest_ssot_tracker.loaded import file_of, name_of

if TYPE_CHECKING:
    from typing import Protocol

    class Announcer(Protocol):
        """What can have a callable called with the frame of each start of a function."""

        def announce(self, function: Any, call: Callable[[FrameType], None], *, deaf: frozenset[str]) -> None:
            """Call `call` with the frame of each start of `function`, but by code in the files `deaf`."""

        def ends(self, function: Any, call: Callable[[FrameType, object], None]) -> Returns:
            """Call `call` with the frame and the value of each return of `function`, while somebody listens."""

    class Returns(Protocol):
        """What tells of returns."""

        @property
        def listen(self) -> Callable[[], None]:
            """Return what begins to listen; calls that run already are told as well."""


__all__ = ["Loads"]

_BY_MODULE = (
    ("_frozen_importlib_external", "_LoaderBasics.exec_module"),
    ("_frozen_importlib_external", "ExtensionFileLoader.exec_module"),
    ("importlib.util", "LazyLoader.exec_module"),
)
_BY_SPEC = (("_frozen_importlib", "_load"), ("_frozen_importlib", "_exec"))
_BY_NAME = ("zipimport", "zipimporter.load_module")
_BY_PATH = ("runpy", "run_path")
_MACHINERY = {
    *("importlib", "importlib._bootstrap", "importlib._bootstrap_external", "importlib.util", "zipimport"),
    *("_frozen_importlib", "_frozen_importlib_external"),
}
_BY_IMPORT = {"_find_and_load_unlocked", "_find_and_load", "reload", "__getattribute__"}
"""Functions of `importlib` by which an import, a reload, or a look at a lazy module executes one."""

_BOOTSTRAP = "<frozen importlib._bootstrap>"
"""The file of what executes a module for an import, and for what is called by hand and is watched itself."""

_DEAF = frozenset({_BOOTSTRAP})


class Loads:
    """Tell `begun` of each module executed by hand: the frame that does it, the module's name, and its file.

    Either may be unknown: a script has no name, what lies in an archive no file. `ended` is told of the module itself
    when its loader has executed it.
    """

    modules = ("runpy", "zipimport", "importlib.util")
    """Whose loading matters."""

    def __init__(
        self, begun: Callable[[FrameType, str | None, str | None], None], ended: Callable[[object], None]
    ) -> None:
        self._begun = begun
        self._ended = ended
        self._announcer: Announcer | None = None
        self._known: set[int] = set()
        self._ends: list[Returns] = []
        self._any_by_hand = False

    def install(self, announcer: Announcer) -> None:
        """Watch by means of `announcer` from now on, to its end."""
        self._announcer = announcer
        self.plant()

    def plant(self) -> None:
        """Watch the functions that are there by now."""
        announcer = self._announcer
        if announcer is None:
            return
        for way, told in (
            *((way, self._module_executes) for way in _BY_MODULE),
            *((way, self._spec_executes) for way in _BY_SPEC),
            (_BY_NAME, self._name_loads),
            (_BY_PATH, self._path_runs),
        ):
            function = found_at(*way)
            if isinstance(function, FunctionType) and id(function) not in self._known:
                self._known.add(id(function))
                announcer.announce(function, told, deaf=_DEAF if way in _BY_MODULE else frozenset())
                if way in _BY_MODULE:
                    self._ends.append(announcer.ends(function, self._module_executed))
                    if self._any_by_hand:
                        self._ends[-1].listen()

    def _module_executes(self, frame: FrameType) -> None:
        caller = frame.f_back
        if caller is None or caller.f_code.co_filename == _BOOTSTRAP:
            return  # an import, or what is told of by `_spec_executes`
        by_hand = _by_hand(caller)
        if by_hand is not None:
            self._listen()
            module = _argument(frame, 1)
            self._begun(by_hand, name_of(module), file_of(module))

    def _spec_executes(self, frame: FrameType) -> None:
        by_hand = _by_hand(frame.f_back)
        spec = _argument(frame, 0)
        if by_hand is not None and isinstance(spec, ModuleSpec):
            self._listen()
            self._begun(by_hand, spec.name, spec.origin)

    def _listen(self) -> None:
        """Hear from now on when a module has been executed, too."""
        if not self._any_by_hand:
            self._any_by_hand = True
            for ends in self._ends:
                ends.listen()

    def _module_executed(self, frame: FrameType, _value: object) -> None:
        if _by_hand(frame.f_back) is not None:
            self._ended(_argument(frame, 1))

    def _name_loads(self, frame: FrameType) -> None:
        by_hand, name = _by_hand(frame.f_back), _argument(frame, 1)
        if by_hand is not None and isinstance(name, str):
            self._begun(by_hand, name, None)

    def _path_runs(self, frame: FrameType) -> None:
        path = _argument(frame, 0)
        if frame.f_back is not None and isinstance(path, str):
            self._begun(frame.f_back, None, path)


def _argument(frame: FrameType, index: int) -> object:
    """Return an argument of the function that starts in `frame`."""
    names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    return frame.f_locals.get(names[index]) if index < len(names) else None


def _by_hand(called: FrameType | None) -> FrameType | None:
    """Return the frame that called a loader, `None` where an import or a reload did."""
    for frame in outwards(called):
        code = frame.f_code
        if code.co_filename == INTERNAL and code.co_name == "exec_module":
            continue  # our own cover
        if frame.f_globals.get("__name__") not in _MACHINERY:
            return frame
        if code.co_name in _BY_IMPORT:
            return None
    return None
