"""A module is replaced by one that answers for names when it is asked: by `__getattr__`, or by a star import."""

from __future__ import annotations

import pytest

from .conftest import Project

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]
scan   = ["shop"]

[tool.ssot_tracker.ssot.orders]
deprecated = ["shop.old"]

[tool.ssot_tracker.ssot.orders.replace]
"shop.old" = "shop.new"
"""
OLD = """\
from shop.new import load

def add(a):
    pass

def forwarded(a):
    return load(a)
"""
ASKED = "def __getattr__(name):\n"
ELSE = "    raise AttributeError(name)\n"
NAMED = {
    "in a tuple": f"{ASKED}    if name in ('add', 'other'):\n        return load\n{ELSE}",
    "alone": "def __getattr__(name):\n    if name == 'add':\n        return load\n    raise AttributeError(name)\n",
    "in a table": "_TABLE = {'add': load}\n\n\ndef __getattr__(name):\n    'Deprecated.'\n"
    "    if name in _TABLE:\n        return _TABLE[name]\n    raise AttributeError(name)\n",
    "by a star import": "from shop.impl import *\n",
}
NOT_NAMED = {
    "in a tuple": f"{ASKED}    if name in ('other',):\n        return load\n{ELSE}",
    "anywhere": "def __getattr__(name):\n    raise AttributeError(name)\n",
    "by a star import": "from shop.empty import *\n",
}
DOUBTFUL = {
    "by another module": "from shop import impl\n\n\ndef __getattr__(name):\n    return getattr(impl, name)\n",
    "by how it begins": f"{ASKED}    if name.startswith('a'):\n        return load\n{ELSE}",
    "in a table that is made": "_TABLE = {name: load for name in names()}\n\n\ndef __getattr__(name):\n"
    "    if name in _TABLE:\n        return _TABLE[name]\n    raise AttributeError(name)\n",
    "in a table from elsewhere": "from shop.impl import TABLE\n\n\ndef __getattr__(name):\n"
    "    if name in TABLE:\n        return TABLE[name]\n    raise AttributeError(name)\n",
    "that is no function here": "from shop.impl import answer as __getattr__\n",
    "by a star import from elsewhere": "from lib.impl import *\n",
}


@pytest.fixture
def shop(project: Project) -> Project:
    return project.lay_out(CONFIGURATION, old=OLD, impl="def add(a):\n    pass\n", empty="")


USE = "from shop.old import add\n\nadd(1)\n"


@pytest.mark.parametrize("answering", NAMED.values(), ids=list(NAMED))
def test_a_name_goes_to_a_module_that_answers_for_it(shop: Project, answering: str) -> None:
    shop.write("shop/new.py", f"def load(a):\n    pass\n\n\n{answering}")
    assert shop.rewrite(USE, "shop/use.py") == USE.replace("old", "new")


@pytest.mark.parametrize("answering", NOT_NAMED.values(), ids=list(NOT_NAMED))
def test_a_name_that_the_module_has_no_answer_for_stays(shop: Project, answering: str) -> None:
    shop.write("shop/new.py", f"def load(a):\n    pass\n\n\n{answering}")
    assert shop.rewrite(USE, "shop/use.py") == USE
    assert "shop.new:add, which is to replace shop.old:add, does not exist" in shop.reasons


@pytest.mark.parametrize("answering", DOUBTFUL.values(), ids=list(DOUBTFUL))
def test_a_name_that_the_module_may_have_an_answer_for_needs_an_entry(shop: Project, answering: str) -> None:
    shop.write("shop/new.py", f"def load(a):\n    pass\n\n\n{answering}")
    assert shop.rewrite(USE, "shop/use.py") == USE
    assert any(reason.startswith("shop.new may answer for add when it is asked, or not") for reason in shop.reasons)
    shop.write("pyproject.toml", f'{CONFIGURATION}"shop.old:add" = "shop.new:add"\n')
    assert shop.rewrite(USE, "shop/use.py") == USE.replace("old", "new")


def test_what_only_hands_on_goes_there_where_the_new_module_has_no_such_name(shop: Project) -> None:
    shop.write("shop/new.py", "def load(a):\n    pass\n")
    assert shop.rewrite("from shop.old import forwarded\n\nforwarded(1)\n", "shop/use.py") == (
        "from shop.new import load\n\nload(1)\n"
    )
