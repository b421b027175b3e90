"""However a target is spelled, the longest part of it that is a module is the module."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.looking import Names

from .conftest import Lay

FILES = {
    "shop/__init__.py": "from shop.tools import helper\n",
    "shop/log.py": "class Log:\n    def write(self): pass\n",
    "shop/tools.py": "def helper(): pass\n",
    "shop/sub/__init__.py": "def __getattr__(name):\n    if name == 'Late':\n        return 1\n",
    "shop/sub/deep.py": "LIMIT = 1\n",
    "space/part.py": "def work(): pass\n",
    "src/inner/__init__.py": "",
    "src/inner/core.py": "class Core: pass\n",
}


@pytest.fixture
def names(lay: Lay) -> Names:
    return lay(FILES)


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("shop", "shop"),
        ("shop.log", "shop.log"),
        ("shop.log.Log", "shop.log:Log"),
        ("shop.log.Log.write", "shop.log:Log.write"),
        ("shop.sub.deep.LIMIT", "shop.sub.deep:LIMIT"),
        ("shop.helper", "shop:helper"),
        ("space.part.work", "space.part:work"),
        ("inner.core.Core", "inner.core:Core"),
        # made at run time, and spoken of
        ("shop.sub.Late", "shop.sub:Late"),
        # Python's own, and what is installed
        ("os.path.join", "os.path:join"),
        ("os.environ", "os:environ"),
        ("time.time", "time:time"),
        ("sys.path", "sys:path"),
        ("logging.handlers.RotatingFileHandler", "logging.handlers:RotatingFileHandler"),
        ("uuid.uuid4", "uuid:uuid4"),
        ("pytest.fixture", "pytest:fixture"),
        ("_pytest.fixtures.fixture", "_pytest.fixtures:fixture"),
        # nothing of it is there
        ("shop.gone", "shop.gone"),
        ("shop.gone.Thing", "shop.gone:Thing"),
        ("shop.gone.LEGACY", "shop.gone:LEGACY"),
        ("shop.gone.get_it", "shop.gone.get_it"),
        ("shop.log.gone", "shop.log:gone"),
        ("later.core.Thing.run", "later.core:Thing.run"),
        ("later", "later"),
        # the colon too early, and where it belongs
        ("shop:log.Log", "shop.log:Log"),
        ("shop:log", "shop.log"),
        ("shop.log:Log.write", "shop.log:Log.write"),
        ("os:path.join", "os:path.join"),
        ("shop:tools.helper", "shop.tools:helper"),
        # patterns
        ("shop.*", "shop.*"),
        ("shop.**", "shop.**"),
        ("shop.log.Lo*", "shop.log:Lo*"),
        ("shop.l*", "shop.l*"),
        ("shop.help*", "shop:help*"),
        ("shop.*.Log", "shop.*:Log"),
        ("shop.*.get_*", "shop.*:get_*"),
        ("shop.**.LIMIT", "shop.**:LIMIT"),
        ("shop.log:Lo*", "shop.log:Lo*"),
        ("uuid.uuid*", "uuid:uuid*"),
        ("**.legacy", "**.legacy"),
        ("*", "*"),
    ],
)
def test_the_longest_part_that_is_a_module_is_the_module(names: Names, spelled: str, meant: str) -> None:
    assert str(names.resolve(Target.parse(spelled))) == meant


def test_what_a_package_binds_itself_is_not_its_submodule(lay: Lay) -> None:
    names = lay(
        {"shop/__init__.py": "from shop.impl import log\n", "shop/impl.py": "log = 1\n", "shop/log.py": "x = 1\n"}
    )
    assert str(names.resolve(Target.parse("shop:log.x"))) == "shop:log.x"


def test_nothing_is_imported_to_find_out(lay: Lay, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    names = lay({"wakes/__init__.py": "raise AssertionError\n", "wakes/old.py": "raise AssertionError\nOld = 1\n"})
    assert str(names.resolve(Target.parse("wakes.old.Old"))) == "wakes.old:Old"
    assert "wakes" not in sys.modules
    assert str(tmp_path / "wakes") not in sys.path_importer_cache
