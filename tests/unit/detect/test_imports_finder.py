"""The finder calls back when a wanted module is loaded, and leaves no mark on it."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import pickle
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from pytest_ssot_tracker.detect.imports.finder import Finder
from pytest_ssot_tracker.loaded import namespace_of

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return what writes modules into a folder that imports search."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def write(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        importlib.invalidate_caches()

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def loaded() -> Iterator[list[ModuleType]]:
    """Return the modules reported so far; the finder wants every module that starts with `fi_`."""
    seen: list[ModuleType] = []
    undo = Finder(lambda name: name.startswith("fi_"), on_loaded=seen.append).install()
    yield seen
    undo()


def test_a_wanted_module_is_reported_after_it_was_executed(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_mod="x = 1", other="y = 2")
    import fi_mod
    import other

    assert loaded == [fi_mod]
    assert other.y == 2
    assert namespace_of(loaded[0])["x"] == 1  # type: ignore[index]


def test_loader_and_spec_look_as_without_us_while_and_after_loading(write: Write, loaded: list[ModuleType]) -> None:
    text = "kinds = [type(__loader__).__name__, type(__spec__.loader).__name__]\n"
    write(fi_mod=text)
    import fi_mod

    assert fi_mod.kinds == ["SourceFileLoader"] * 2
    assert type(fi_mod.__spec__.loader) is SourceFileLoader
    assert fi_mod.__loader__ is fi_mod.__spec__.loader
    assert fi_mod.__spec__.cached == fi_mod.__cached__
    assert fi_mod.__loader__.get_source("fi_mod") == text
    assert fi_mod.__loader__.get_data(fi_mod.__file__) == text.encode()
    assert type(importlib.util.find_spec("fi_mod").loader) is SourceFileLoader  # type: ignore[union-attr]


def test_a_spec_that_is_only_looked_up_acts_like_its_loader(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_mod="x = 1")
    spec = importlib.util.find_spec("fi_mod")
    assert spec is not None
    assert isinstance(spec.loader, SourceFileLoader)
    assert spec.loader.get_source("fi_mod") == "x = 1"
    assert spec.loader.is_package("fi_mod") is False
    assert "SourceFileLoader" in repr(spec)
    assert loaded == []
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert loaded == [module]
    assert type(module.__loader__) is SourceFileLoader


def test_a_spec_that_was_looked_up_equals_that_of_the_module_loaded_after(
    write: Write, loaded: list[ModuleType]
) -> None:
    """As celery's own tests and lazy loaders compare them; so are copies, and what is set on the loader stays there."""
    write(fi_mod="x = 1", fi_other="y = 1")
    spec, again, other = map(importlib.util.find_spec, ("fi_mod", "fi_mod", "fi_other"))
    assert spec is not None
    assert spec == again != other
    copied = copy.deepcopy(spec)
    kept = {spec.loader: "kept"}
    spec.loader.note = "set before"  # type: ignore[union-attr]
    del again.loader.path  # type: ignore[union-attr]
    assert vars(spec.loader).keys() == {"name", "path", "note"}
    assert "note" in dir(spec.loader)
    del spec.loader.note  # type: ignore[union-attr]
    import fi_mod

    assert fi_mod.__spec__ == spec == copied
    assert spec == fi_mod.__spec__ == pickle.loads(pickle.dumps(spec))
    assert fi_mod.__loader__ == spec.loader != again.loader  # type: ignore[union-attr]
    assert kept[fi_mod.__loader__] == "kept"
    assert [type(one.loader) for one in (copied, fi_mod.__spec__)] == [SourceFileLoader] * 2


def test_resources_of_a_wanted_package_can_be_read(write: Write, loaded: list[ModuleType], tmp_path: Path) -> None:
    import importlib.resources

    write(fi_pkg____init__="")
    (tmp_path / "fi_pkg").mkdir(exist_ok=True)
    (tmp_path / "fi_pkg" / "__init__.py").write_text("")
    (tmp_path / "fi_pkg" / "data.txt").write_text("hello")
    assert importlib.resources.files("fi_pkg").joinpath("data.txt").read_text() == "hello"
    assert [module.__name__ for module in loaded] == ["fi_pkg"]


def test_a_reload_is_reported_again(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_mod="")
    import fi_mod

    importlib.reload(fi_mod)
    assert loaded == [fi_mod, fi_mod]
    assert type(fi_mod.__loader__) is SourceFileLoader
    assert type(fi_mod.__spec__.loader) is SourceFileLoader


def test_a_module_deleted_and_imported_again_is_reported_again(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_mod="")
    import fi_mod as first

    del sys.modules["fi_mod"]
    import fi_mod as second

    assert loaded == [first, second]
    assert first is not second


def test_a_module_whose_execution_raises_is_not_reported_and_is_loaded_afresh(
    write: Write, loaded: list[ModuleType]
) -> None:
    write(fi_mod="import fi_switch\nif fi_switch.bad: raise RuntimeError('bad')\n", fi_switch="bad = True")
    import fi_switch

    with pytest.raises(RuntimeError, match="bad"):
        import fi_mod
    assert "fi_mod" not in sys.modules
    assert loaded == [fi_switch]
    fi_switch.bad = False
    import fi_mod

    assert loaded == [fi_switch, fi_mod]


def test_a_module_that_puts_another_in_its_place_is_reported_with_it(write: Write, loaded: list[ModuleType]) -> None:
    write(
        fi_mod="""
import sys, types
first = sys.modules[__name__]
other = types.ModuleType(__name__)
other.mine = 1
sys.modules[__name__] = other
"""
    )
    import fi_mod

    assert fi_mod.mine == 1
    assert [module is fi_mod for module in loaded] == [False, True]


def test_an_object_in_the_place_of_a_module_is_not_reported(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_mod="import sys\nsys.modules[__name__] = object()\n")
    import fi_mod

    assert type(fi_mod) is object
    assert len(loaded) == 1


def test_circular_imports_report_each_module_once(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_a="import fi_b\nx = 1", fi_b="import fi_a\ny = 2")
    import fi_a

    assert [module.__name__ for module in loaded] == ["fi_b", "fi_a"]
    assert fi_a.fi_b.fi_a is fi_a


def test_a_namespace_package_is_left_alone_and_its_modules_are_reported(
    write: Write, loaded: list[ModuleType], tmp_path: Path
) -> None:
    (tmp_path / "fi_space").mkdir()
    (tmp_path / "fi_space" / "part.py").write_text("x = 1")
    write()
    import fi_space.part

    assert [module.__name__ for module in loaded] == ["fi_space.part"]
    assert not hasattr(fi_space, "x")


def test_a_module_from_a_zip_file_is_reported(
    loaded: list[ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("fi_zipped.py", "x = 1")
    monkeypatch.syspath_prepend(tmp_path / "archive.zip")
    import fi_zipped

    assert loaded == [fi_zipped]
    assert type(fi_zipped.__loader__).__name__ == "zipimporter"
    del sys.modules["fi_zipped"]


def test_c_extensions_and_built_in_modules_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("_json", "_bisect", "_ssot_no_such", "xxsubtype", "_opcode")
    seen: list[ModuleType] = []
    undo = Finder(names.__contains__, on_loaded=seen.append).install()
    try:
        for name in ("xxsubtype", "_json"):
            monkeypatch.delitem(sys.modules, name, raising=False)
            assert importlib.import_module(name) is seen[-1]
            assert namespace_of(seen[-1])["__spec__"].loader is namespace_of(seen[-1])["__loader__"]  # type: ignore[index]
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("_ssot_no_such")
    finally:
        undo()
    assert len(seen) == 2


def test_a_lazy_module_is_reported_when_it_is_executed_not_before(write: Write, loaded: list[ModuleType]) -> None:
    class Lazily:
        """Make every module that `PathFinder` finds a lazy one."""

        def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
            spec = PathFinder.find_spec(name)
            if spec is not None:
                spec.loader = importlib.util.LazyLoader(spec.loader)  # type: ignore[arg-type]
            return spec

    write(fi_lazy="x = 1")
    finder = Lazily()
    sys.meta_path.insert(1, finder)  # type: ignore[arg-type]
    try:
        import fi_lazy
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
    assert loaded == []
    assert namespace_of(fi_lazy) is None
    assert fi_lazy.x == 1
    assert loaded == [fi_lazy]
    assert type(fi_lazy) is ModuleType
    assert type(fi_lazy.__spec__.loader) is type(fi_lazy.__loader__) is SourceFileLoader


def test_a_covered_loader_can_be_made_lazy(write: Write, loaded: list[ModuleType]) -> None:
    write(fi_lazy="x = 1")
    spec = importlib.util.find_spec("fi_lazy")
    assert spec is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)  # type: ignore[arg-type]
    module = importlib.util.module_from_spec(spec)
    sys.modules["fi_lazy"] = module
    spec.loader.exec_module(module)
    assert loaded == []
    assert module.x == 1
    assert loaded == [module]
    assert type(module.__spec__.loader) is SourceFileLoader  # type: ignore[union-attr]


def test_finders_that_stand_before_us_or_behind_us_keep_their_say(write: Write, loaded: list[ModuleType]) -> None:
    class Instrumenting(SourceFileLoader):
        """Change the source, as an instrumenting import hook does."""

        def get_data(self, path: str) -> bytes:
            return super().get_data(path).replace(b"1", b"100") if path.endswith(".py") else b""

    class Hook:
        def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
            spec = PathFinder.find_spec(name)
            if spec is not None and name.startswith("fi_"):
                spec.loader = Instrumenting(name, spec.origin)  # type: ignore[arg-type]
            return spec

    write(fi_mod="x = 1")
    hook = Hook()
    sys.meta_path.insert(1, hook)  # type: ignore[arg-type]
    try:
        import fi_mod
    finally:
        sys.meta_path.remove(hook)  # type: ignore[arg-type]
    assert fi_mod.x == 100
    assert type(fi_mod.__loader__) is Instrumenting
    assert loaded == [fi_mod]


def test_undo_removes_our_finder_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(sys.meta_path)
    theirs = PathFinder()
    undo = Finder(lambda name: False, on_loaded=lambda module: None).install()
    sys.meta_path.insert(0, theirs)  # type: ignore[arg-type]
    undo()
    assert sys.meta_path == [theirs, *before]
    undo()
    assert sys.meta_path == [theirs, *before]
    sys.meta_path.remove(theirs)  # type: ignore[arg-type]


def test_every_wanted_module_that_can_be_found_is_known(write: Write) -> None:
    write(fi_mod="raise RuntimeError")
    finder = Finder(lambda name: name.startswith("fi_"), on_loaded=lambda module: None)
    undo = finder.install()
    try:
        for name in ("fi_mod", "fi_gone"):
            with pytest.raises((RuntimeError, ModuleNotFoundError)):
                importlib.import_module(name)
    finally:
        undo()
    assert finder.found == {"fi_mod"}


PROJECT = """
import sys
from pytest_ssot_tracker.detect.imports.finder import Finder

def pytest_load_initial_conftests(early_config):
    seen = early_config._seen = []
    undo = Finder(lambda name: name.rpartition(".")[2] in ("conftest", "test_it"), on_loaded=seen.append).install()
    early_config.add_cleanup(undo)

def pytest_terminal_summary(terminalreporter, config):
    for module in config._seen:
        name, loader = module.__name__.rpartition(".")[2], module.__spec__.loader
        terminalreporter.write_line(f"LOADED {name} {type(loader).__name__} {module.__loader__ is loader}")
"""


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_assertion_rewriting_goes_on_in_every_import_mode(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(
        **{
            "early": PROJECT,
            "tests/conftest": "import pytest\n@pytest.fixture\ndef three(): return 3\n",
            "tests/test_it": "def test_it(three):\n    left = three\n    assert left == 4\n",
        }
    )
    result = pytester.runpytest_subprocess("-p", "early", f"--import-mode={mode}", "tests", "-p", "no:randomly")
    result.stdout.fnmatch_lines(
        [
            "*assert 3 == 4*",
            "LOADED conftest AssertionRewritingHook True",
            "LOADED test_it AssertionRewritingHook True",
        ]
    )
