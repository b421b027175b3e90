"""What is not there is told from what the source cannot tell, and the nearest name is known."""

from __future__ import annotations

import sys

import pytest

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.looking import Look, Names, There

from .conftest import Lay

LEGACY = """
import enum
import typing
from collections import OrderedDict
from dataclasses import dataclass

from shop.base import Base

LIMIT: int = 3
first, *others = 1, 2

if typing.TYPE_CHECKING:
    from shop.types import OnlyTyped
try:
    import simplejson as fast
except ImportError as error:
    fast = None
with open(__file__) as stream:
    pass
for index in ():
    pass
(walrus := 1)


def get_log():
    global made
    made = 1


class Log(Base):
    SIZE = 1
    level: int
    __slots__ = ("slot",)

    def __init__(self):
        self.lines, self.size = [], 0

    @property
    def name(self):
        return ""

    class Inner:
        def deep(self): pass


Log.patched = 1


@dataclass
class Data:
    number: int


class Color(enum.Enum):
    RED = 1


class Ordered(OrderedDict):
    pass


class Wrong(ValueError):
    pass


class Meta(metaclass=type):
    pass


class Dynamic:
    def __getattr__(self, name): pass


class Filled:
    def __init__(self, **given):
        for key, value in given.items():
            setattr(self, key, value)


class Typed(typing.Protocol[int]):
    def run(self): pass


@some.decorator
class Decorated:
    pass


log = Log()
"""

FILES = {
    "shop/__init__.py": "",
    "shop/legacy.py": LEGACY,
    "shop/base.py": "class Root:\n    def close(self): pass\n\nclass Base(Root):\n    def open(self): pass\n",
    "shop/hub.py": "from shop.legacy import *\nfrom shop.legacy import Log as Book\nimport shop.base as base\n",
    "shop/served.py": "def __getattr__(name):\n    if name == 'OldThing':\n        return 1\n",
    "shop/lazy.py": "import shop.legacy as impl\n\ndef __getattr__(name):\n    return getattr(impl, name)\n",
    "shop/tricks.py": "globals().update(a=1)\n",
    "shop/setting.py": "import sys\nfor n in 'ab':\n    setattr(sys.modules[__name__], n, 1)\n",
    "shop/swapped.py": "import sys\nsys.modules[__name__] = object()\n",
    "shop/executed.py": "exec('a = 1')\n",
    "shop/broken.py": "def (:\n    speaks = 1\n",
    "shop/starred.py": "from nowhere.at.all import *\n",
    "shop/plain.py": "import sys\nif 'x' in sys.modules:\n    pass\n",
    "shop/moving/__init__.py": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
    "shop/open/__init__.py": "def __getattr__(name): pass\n",
    "space/part.py": "def work(): pass\n",
    "tests/helpers/tools.py": "def helper(): pass\n",
    "src/inner/core.py": "class Core: pass\n",
}


@pytest.fixture
def names(lay: Lay) -> Names:
    return lay(FILES)


def look(names: Names, spelled: str) -> Look:
    return names.look(Target.parse(spelled))


@pytest.mark.parametrize(
    "spelled",
    [
        "shop",
        "shop.legacy",
        "space.part",
        "inner.core:Core",
        *(
            f"shop.legacy:{name}"
            for name in (
                *("LIMIT", "first", "others", "OnlyTyped", "fast", "error", "stream", "index", "walrus", "made", "log"),
                *("get_log", "Log", "Log.SIZE", "Log.level", "Log.slot", "Log.lines", "Log.size", "Log.name"),
                *("Log.Inner", "Log.Inner.deep", "Log.patched", "Log.open", "Log.close", "Data.number", "Color.RED"),
                *("Ordered.move_to_end", "Wrong.add_note", "Wrong.args", "Typed.run", "enum", "Base"),
            )
            if sys.version_info >= (3, 11) or name != "Wrong.add_note"
        ),
        *(f"shop.hub:{name}" for name in ("LIMIT", "Book.open", "get_log", "Log.Inner.deep", "base.Root", "Color.RED")),
        "shop.lazy:Log.close",
        "shop.*",
        "shop.l*:*Log",
        "**.base",
        "*.legacy:Log",
        "**:get_log",
        "shop.legacy:get_*",
        "shop.legacy:Log.in*",
        "shop.legacy:Log.I*.deep",
        "shop.legacy:**.RED",
        "shop.hub:Bo*.open",
        "shop.hub:get_*",
        "time:t*",
        # of Python and of what is installed
        *(
            "os:environ",
            "os.path:join",
            "time:time",
            "sys:path",
            "uuid:uuid4",
            "json:JSONEncoder.default",
            "math:floor",
        ),
        *("pytest:fixture", "_pytest.fixtures:FixtureRequest.getfixturevalue", "collections:OrderedDict.move_to_end"),
        "logging:Logger.warning",
    ],
)
def test_what_is_there_is_found(names: Names, spelled: str) -> None:
    assert look(names, spelled) == Look(There.YES)


@pytest.mark.parametrize(
    ("spelled", "lacks", "near"),
    [
        ("shop.legcy:Log", "there is no module 'shop.legcy'", "shop.legacy:Log"),
        ("shop.legcy", "there is no module 'shop.legcy'", "shop.legacy"),
        ("shpo.legacy:Log", "there is no module 'shpo'", "shop.legacy:Log"),
        ("inner.coer:Core", "there is no module 'inner.coer'", "inner.core:Core"),
        ("shop.legacy:Lgo", "shop.legacy has no 'Lgo'", "shop.legacy:Log"),
        ("shop.legacy:Log.opne", "shop.legacy:Log has no 'opne'", "shop.legacy:Log.open"),
        ("shop.legacy:Log.Inner.dep", "shop.legacy:Log.Inner has no 'dep'", "shop.legacy:Log.Inner.deep"),
        ("shop.legacy:get_lgo", "shop.legacy has no 'get_lgo'", "shop.legacy:get_log"),
        ("shop.hub:LIMTI", "shop.hub has no 'LIMTI'", "shop.hub:LIMIT"),
        ("shop.hub:Book.opne", "shop.hub:Book has no 'opne'", "shop.hub:Book.open"),
        ("shop.legacy:Wrong.ars", "shop.legacy:Wrong has no 'ars'", "shop.legacy:Wrong.args"),
        ("shop.plain:gone", "shop.plain has no 'gone'", None),
        ("shop.gone", "there is no module 'shop.gone'", None),
        ("shop.legacy.sub:Thing", "there is no module 'shop.legacy.sub'", None),
        ("space.prat:work", "there is no module 'space.prat'", "space.part:work"),
        ("shop.q*", "no module matches 'shop.q*'", None),
        ("shop.legacy:gte_*", "nothing in shop.legacy matches 'gte_*'", None),
        ("shop.legacy:Data.gon*", "nothing in shop.legacy matches 'Data.gon*'", None),
        ("shop.le*:Lgo", "nothing in shop.le* is 'Lgo'", "shop.le*:Log"),
        ("shop.le*:Lg*", "nothing in shop.le* is 'Lg*'", None),
        ("**.old", "no module matches '**.old'", None),
        ("*.old:Log", "no module matches '*.old'", None),
        ("space.**:wrok", "nothing in space.** is 'wrok'", "space.**:work"),
        ("gone.*", "there is no module 'gone'", None),
        # of Python and of what is installed
        ("time:tme", "time has no 'tme'", "time:time"),
        ("os.path:joim", "os.path has no 'joim'", "os.path:join"),
        ("uuid:uuid9", "uuid has no 'uuid9'", None),
        ("math:flor", "math has no 'flor'", "math:floor"),
        ("json:JSONEncoder.defalt", "json:JSONEncoder has no 'defalt'", "json:JSONEncoder.default"),
        ("_pytest.fixtures:fixtur", "_pytest.fixtures has no 'fixtur'", "_pytest.fixtures:fixture"),
        ("_pytest.fixturs:fixture", "there is no module '_pytest.fixturs'", "_pytest.fixtures:fixture"),
    ],
)
def test_what_is_not_there_is_missed_with_the_nearest_name(
    names: Names, spelled: str, lacks: str, near: str | None
) -> None:
    found = look(names, spelled)
    assert (found.there, found.lacks, found.near) == (There.NO, lacks, near)


@pytest.mark.parametrize(
    "spelled",
    [
        "shop.served:Other",
        "shop.tricks:other",
        "shop.setting:other",
        "shop.swapped:other",
        "shop.executed:other",
        "shop.starred:other",
        "shop.s*:other",
        "shop.starred:oth*",
        "shop.served:oth*",
        "shop.legacy:log.oth*",
        "shop.moving.other:Thing",
        "shop.open.other:Thing",
        "shop.legacy:Meta.other",
        "shop.legacy:Dynamic.other",
        "shop.legacy:Filled.other",
        "shop.legacy:Decorated.other",
        "shop.legacy:log.other",
        "shop.legacy:get_log.other",
    ],
)
def test_where_the_source_cannot_tell_nothing_is_called_missing(names: Names, spelled: str) -> None:
    assert look(names, spelled).there is There.UNKNOWN


def test_a_name_that_is_made_at_run_time_and_spoken_of_may_be_there(names: Names) -> None:
    assert look(names, "shop.served:OldThing").there is There.MAYBE
    assert look(names, "shop.broken:speaks").there is There.MAYBE
    typo = look(names, "shop.served:OldTing")
    assert (typo.there, typo.near) == (There.UNKNOWN, "shop.served:OldThing")


def test_folders_that_pytest_puts_on_the_path_hold_modules_too(names: Names) -> None:
    assert look(names, "tools:helper") == Look(There.YES)
    assert look(names, "helpers.tools:helper") == Look(There.YES)
    assert look(names, "tools:helpr").there is There.UNKNOWN


def test_it_is_told_whether_even_the_package_is_missing(names: Names) -> None:
    there = {"shop.gone:Thing": True, "shop.gone.core:Thing": False, "later.core:Thing": False, "later:Thing": False}
    assert {spelled: look(names, spelled).package for spelled in there} == there


def test_a_name_of_the_project_is_not_near_to_what_may_be_installed_elsewhere(lay: Lay) -> None:
    names = lay({"jsn.py": "", "shop/__init__.py": ""})
    assert look(names, "uuidd:uuid4").near is None
