"""What a name is defined as, and how it can be called, is the same whoever asks: a scan, `fix` or a configuration."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.definitions import Definitions
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.names.signatures import Call, Signatures
from pytest_ssot_tracker.settings import Tree

LOG = """
    class Base:
        def __init__(self, size, name="log"): ...
        def put(self, text): ...

    class Log(Base):
        def note(self, text, *, urgent=False): ...

    def total(orders, legacy=None): ...
"""

FILES = {
    "shop/__init__.py": "",
    "shop/log.py": LOG,
    "shop/hub.py": "from .log import Log, total as sum_of\nfrom . import log\nimport shop.log as again\n",
    "shop/stars.py": "from shop.hub import *\nfrom .log import *\n",
    "shop/taker.py": "from shop.here import *\n",
    "shop/circle.py": "from shop.other_half import thing\nlast = first\nfirst = last\n",
    "shop/other_half.py": "from shop.circle import thing\n",
}

Find = Callable[[str], Definitions]


@pytest.fixture(params=["in the project", "in all that is installed"])
def find(request: pytest.FixtureRequest, tmp_path: Path) -> Find:
    """Return what lays the project out, with `shop/here.py` as it is told, and returns its definitions."""

    def lay_out(here: str) -> Definitions:
        for name, text in {**FILES, "shop/here.py": here}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        if request.param == "in the project":
            return OwnDefinitions(Tree.of(tmp_path))
        return Definitions(Modules(str(tmp_path), ("",)))

    return lay_out


@pytest.mark.parametrize(
    ("here", "name", "kind"),
    [
        ("from .hub import Log", "Log", "class"),
        ("from shop.hub import Log as Old", "Old.note", "function"),
        ("from shop.stars import Log", "Log.put", "function"),
        ("from shop.stars import sum_of", "sum_of", "function"),
        ("from . import log", "log", "module"),
        ("from . import log", "log.Log.note", "function"),
        ("import shop.log", "shop.log.total", "function"),
        ("import shop.log as log", "log.total", "function"),
        ("from .hub import again", "again.Log", "class"),
        ("from .log import Log\nOld = Log", "Old.put", "function"),
        ("from . import log\nadd = log.total", "add", "function"),
        ("from .log import Log\nLog.shared = None", "Log", "class"),
        ("from .log import Log\nif True:\n    Log.shared = None", "Log", "class"),
        ("try:\n    from fast import Log\nexcept ImportError:\n    from .log import Log", "Log", "class"),
        ("try:\n    from .log import Log\nexcept ImportError:\n    Log = None", "Log", "class"),
        (
            "try:\n    from .log import total\nexcept ImportError:\n    total = None\nelse:\n    pass",
            "total",
            "function",
        ),
        ("with suppress(ImportError):\n    def total(): ...", "total", "function"),
        ("match x:\n    case 1:\n        def total(): ...", "total", "function"),
        ("for name in ():\n    pass", "name", "value"),
        ("with open('x') as stream:\n    pass", "stream", "value"),
        ("if (found := 1):\n    pass", "found", "value"),
        ("[each for each in ()]", "each", "absent"),
        ("from . import log\nclass Here(log.Log): ...", "Here.put", "function"),
        ("from typing import Generic\nfrom .log import Log\nclass Here(Log, Generic[T]): ...", "Here.gone", "absent"),
        ("from abc import ABC as Abstract\nclass Here(Abstract): ...", "Here.gone", "absent"),
        ("class Here(dict): ...", "Here.gone", "absent"),
        ("class Here(dict): ...", "Here.update", "value"),
        ("class Here(Elsewhere): ...", "Here.gone", "unknown"),
        ("from shop.log import Log", "gone", "absent"),
        ("if x:\n    from .log import Log\nelse:\n    Log = None", "Log", "class"),
        ("def make():\n    global Log\n    from .log import Log", "Log", "unknown"),
        ("globals()['gone'] = 1", "gone", "unknown"),
        ("class Here:\n    __slots__ = ('gone',)", "Here.gone", "value"),
        ("class Here: ...\ndef make():\n    Here.gone = 1", "Here.gone", "value"),
        ("class Here:\n    def make(this):\n        this.gone = 1", "Here.gone", "value"),
        ("from elsewhere import *", "gone", "unknown"),
        ("from shop.circle import thing", "thing", "unknown"),
        ("from shop.circle import first", "first", "value"),
        ("class Here(Here.Inner): ...", "Here.gone", "unknown"),
        (
            "def __getattr__(name):\n    if name == 'Log':\n        from .log import Log\n        return Log",
            "Log.put",
            "function",
        ),
        ("WHERE = {'add': '.log:total'}\ndef __getattr__(name):\n    return load(WHERE[name])", "add", "function"),
        ("WHERE = {'add': '.here'}\ndef __getattr__(name):\n    return load(WHERE[name])", "add", "unknown"),
    ],
)
def test_a_name_is_followed_to_its_definition(find: Find, here: str, name: str, kind: str) -> None:
    assert find(here).find("shop.here", name).kind == kind


@pytest.mark.parametrize(
    ("exports", "name", "kind"),
    [
        ('__all__ = ["Log"]', "Log", "class"),
        ('__all__ = ["Log"]', "total", "absent"),
        ('__all__ = ["_hidden"]\ndef _hidden(): ...', "_hidden", "function"),
        ("def _hidden(): ...", "_hidden", "absent"),
        ('__all__ = ["Log"]\n__all__ += more()', "total", "function"),
    ],
)
def test_a_star_import_brings_what_its_module_hands_out(find: Find, exports: str, name: str, kind: str) -> None:
    definitions = find(f"from .log import Log, total\n{exports}\n")
    assert definitions.find("shop.taker", name).kind == kind


@pytest.mark.parametrize(
    ("here", "name", "places"),
    [
        ("from .stars import sum_of", "sum_of", ["orders", "legacy"]),
        ("from .stars import *", "sum_of", ["orders", "legacy"]),
        ("from . import log\nadd = log.total", "add", ["orders", "legacy"]),
        ("from .log import Log", "Log", ["size", "name"]),
        ("from . import log\nclass Here(log.Log): ...", "Here", ["size", "name"]),
        ("from .log import Log\nclass Here(Log): ...\nHere.shared = None", "Here.note", ["text"]),
        ("import functools\n@functools.lru_cache(maxsize=None)\ndef total(orders): ...", "total", ["orders"]),
        ("add = lambda one, other: one + other", "add", ["one", "other"]),
        ("class Maker:\n    def __call__(self, size): ...\nmake = Maker()", "make", ["size"]),
        ("try:\n    from fast import total\nexcept ImportError:\n    def total(orders): ...", "total", ["orders"]),
    ],
)
def test_what_is_named_is_called_as_it_is_defined(find: Find, here: str, name: str, places: list[str]) -> None:
    signature = Signatures(find(here)).of(Target("shop.here", name))
    assert signature is not None
    assert signature.places(bound=True) == places


@pytest.mark.parametrize(
    ("function", "call", "accepted"),
    [
        ("def f(a, b=1): ...", Call(1, ()), True),
        ("def f(a, b=1): ...", Call(2, ("b",)), False),
        ("def f(a, b=1): ...", Call(3, ()), False),
        ("def f(a, b=1): ...", Call(0, ("b",)), False),
        ("def f(a, *, b): ...", Call(1, ("b",)), True),
        ("def f(a, *, b): ...", Call(2, ()), False),
        ("def f(a, /): ...", Call(0, ("a",)), False),
        ("def f(*a): ...", Call(9, ()), True),
        ("def f(**a): ...", Call(0, ("x",)), True),
        ("def f(a): ...", Call(0, (), unpacked=True), None),
        ("@wrapped\ndef f(a): ...", Call(0, ()), None),
        ("@cache\ndef f(a): ...", Call(0, ()), False),
        ("class f: ...", Call(1, ()), False),
        ("class f: ...", Call(0, ()), True),
        ("class f(metaclass=M): ...", Call(1, ()), None),
        ("@made\nclass f:\n    def __init__(self): ...", Call(1, ()), None),
        ("class f:\n    def __new__(cls): ...\n    def __init__(self): ...", Call(1, ()), None),
    ],
)
def test_a_call_is_accepted_by_what_it_fits(find: Find, function: str, call: Call, accepted: bool | None) -> None:
    signature = Signatures(find(function)).of(Target("shop.here", "f"))
    found = None if signature is None else signature.accepts(call, bound=function.partition("class f")[1] != "")
    assert found is accepted
