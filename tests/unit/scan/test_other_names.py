"""Where a deprecated name is another name of something good, only uses by that name are sites."""

from __future__ import annotations

import pytest

from .conftest import Scan, found

FILES = {
    "app/__init__.py": "from app.core import OldTracker\n",
    "app/core.py": """
    from enum import Enum

    class Tracker:
        def notify_all(self): return 1
        notifyAll = notify_all
        @property
        def amount(self): return 1
        total = amount
        @classmethod
        def create(cls): return cls()

    class Color(Enum):
        RED = 1

    OldTracker = Tracker

    def get_tracker(): return Tracker()
    get_log = get_tracker
    LIMIT = 3
    OLD_LIMIT = LIMIT
    """,
    "app/shim.py": "from app.core import Tracker as Shimmed, Tracker, get_tracker, LIMIT, Color\n",
    "app/hub.py": "from app.shim import Tracker\n",
}


@pytest.mark.parametrize(
    ("deprecated", "code", "lines"),
    [
        ("app.core:OldTracker", "from app import core\ncore.OldTracker()\ncore.Tracker()\n", ["use 2"]),
        (
            "app.core:OldTracker",
            "from app.core import OldTracker as T, Tracker\nT()\nTracker()\n",
            ["import 1", "use 2"],
        ),
        ("app.core:OldTracker", "from app import OldTracker\nOldTracker()\n", ["import 1", "use 2"]),
        (
            "app.core:OldTracker",
            "from app import core\nclass A(core.OldTracker): pass\nclass B(core.Tracker): pass\n",
            ["base 2"],
        ),
        ("app.core:get_log", "from app import core\ncore.get_log()\ncore.get_tracker()\n", ["use 2"]),
        (
            "app.core:Tracker.notifyAll",
            "from app import core\ncore.Tracker().notifyAll()\ncore.Tracker().notify_all()\n",
            ["use 2"],
        ),
        ("app.shim:Shimmed", "from app.shim import Shimmed\nShimmed()\n", ["import 1", "use 2"]),
        ("app.shim:Tracker", "from app.shim import Tracker\nTracker()\n", ["import 1"]),
        ("app.shim:Tracker", "from app.core import Tracker\nTracker()\n", []),
        (
            "app.core:Tracker",
            "from app.core import OldTracker, Tracker\nOldTracker()\nTracker()\n",
            ["import 1", "use 2", "use 3"],
        ),
        ("app.shim:Tracker", "from app import shim\nshim.Tracker()\n", ["use 2"]),
        ("app.shim:Tracker", "import app.shim as s\nclass A(s.Tracker): pass\n", ["base 2"]),
        ("app.shim:Tracker", "import app.shim\nmake = app.shim.Tracker\nmake()\n", ["use 3"]),
        ("app.shim:Tracker", "from app import shim\nshim.Tracker.create()\n", ["use 2"]),
        ("app.shim:Tracker", "from app import hub\nhub.Tracker()\n", []),
        (
            "app.shim:Tracker",
            "from app import shim\ndef a():\n from app.shim import Tracker\n Tracker()\ndef b():\n shim.Tracker()\n",
            ["import 3", "use 6"],
        ),
        ("app.shim:get_tracker", "from app import shim\nshim.get_tracker()\n", ["use 2"]),
        ("app.shim:LIMIT", "from app import core, shim\nshim.LIMIT\ncore.LIMIT\n", ["access 2"]),
        ("app.shim:Color", "from app import core, shim\nshim.Color.RED\ncore.Color.RED\n", ["access 2"]),
        ("app.core:OldTracker", "from app import core\ncore.OldTracker.create()\ncore.Tracker.create()\n", ["use 2"]),
        ("app.core:Tracker.total", "from app import core\ncore.Tracker().total\ncore.Tracker().amount\n", ["use 2"]),
        ("app.core:OLD_LIMIT", "from app import core\ncore.OLD_LIMIT\ncore.LIMIT\n", ["access 2"]),
        ("app.core:OLD_LIMIT", "from app.core import OLD_LIMIT, LIMIT\nOLD_LIMIT\nLIMIT\n", ["import 1", "access 2"]),
    ],
)
def test_what_is_deprecated_is_the_name_and_not_the_thing(
    deprecated: str, code: str, lines: list[str], scanned: Scan
) -> None:
    sites = found(scanned({**FILES, "caller.py": code}, deprecated=[deprecated]), "caller.py")
    assert [f"{rule.partition('-')[2]} {line}" for rule, _, line in map(str.split, sites)] == lines


@pytest.mark.parametrize("target", ["shop.log:Log", "shop:Log"])
def test_what_a_package_hands_out_when_it_is_asked_is_used_where_it_is_taken(scanned: Scan, target: str) -> None:
    files = {
        "shop/__init__.py": """
            from importlib import import_module

            _WHERE = {"Log": ".log"}

            def __getattr__(name):
                return getattr(import_module(_WHERE[name], __name__), name)
            """,
        "shop/log.py": "class Log: ...\n",
        "app.py": "import shop\nfrom shop import Log\nLog()\nshop.Log()\n",
    }
    assert found(scanned(files, deprecated=[target]), "app.py") == [
        f"deprecated-import {target} 2",
        f"deprecated-use {target} 3",
        f"deprecated-use {target} 4",
    ]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import app.starred\napp.starred.Tracker()\napp.starred.get_tracker()\n", ["use 2"]),
        ("from app.starred import Tracker\nTracker()\n", ["import 1"]),
        ("from app import starred as s\nclass Mine(s.Tracker): pass\n", ["base 2"]),
        ("from app.core import Tracker\nTracker()\n", []),
    ],
)
def test_a_name_that_a_module_hands_on_by_a_star_import_is_a_name_of_its_own(
    code: str, lines: list[str], scanned: Scan
) -> None:
    files = {**FILES, "app/starred.py": "from app.core import *\n", "use.py": code}
    sites = found(scanned(files, deprecated=["app.starred:Tracker"]), "use.py")
    assert [f"{rule.removeprefix('deprecated-')} {line}" for rule, _, line in map(str.split, sites)] == lines
    assert {target for _, target, _ in map(str.split, sites)} <= {"app.starred:Tracker"}
