"""What a module answers for when it is asked is read wherever its `__getattr__` stands, and however it asks."""

from __future__ import annotations

import ast
from textwrap import indent

import pytest

from pytest_ssot_tracker.names.module_getattr import leads, served

ASKED = {
    "if": 'if name == "Old":\n    return New\n',
    "match": 'match name:\n    case "Old" | "Older":\n        return New\n',
    "a table": "return TABLE[name]\n",
}


@pytest.mark.parametrize("branch", ["", "if not TYPE_CHECKING:\n", "try:\n    pass\nfinally:\n"])
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_name_is_answered_with_its_kind(branch: str, asked: str) -> None:
    function = f"def __getattr__(name):\n{indent(asked, '    ')}"
    text = f'class New: ...\nTABLE = {{"Old": New}}\n{branch}{indent(function, "    " if branch else "")}'
    assert served(ast.parse(text))["Old"] == "class"


@pytest.mark.parametrize(
    "answering",
    [
        'if name == "Log":\n    from .log import Log\n    return Log\n',
        'if name == "Log":\n    return log.Log\n',
        'if name == "Log":\n    return getattr(log, name)\n',
        'if name == "Log":\n    return import_module(".log", __name__).Log\n',
        'match name:\n    case "Log":\n        return log.Log\n',
        'return {"Log": log.Log}[name]\n',
        'return getattr(import_module({"Log": ".log"}[name], __name__), name)\n',
        'return getattr(import_module({"Log": "shop.log"}[name]), name)\n',
        'return load({"Log": "shop.log.Log"}[name])\n',
        'return load({"Log": "shop.log:Log"}[name])\n',
        'return load(*{"Log": ("shop.log", "Log")}[name])\n',
        'return load({"log": ["Log", "total"]})\n',
    ],
)
def test_a_name_that_is_answered_from_elsewhere_leads_there(answering: str) -> None:
    text = f"from . import log\ndef __getattr__(name):\n{indent(answering, '    ')}"
    assert dict(leads(ast.parse(text), "shop"))["Log"] == "shop.log.Log"


@pytest.mark.parametrize("value", ['"use New instead"', '"New"', "New", "None", '("a", New)', '"...log"'])
def test_a_name_whose_origin_is_not_written_down_leads_nowhere(value: str) -> None:
    text = f'class New: ...\nTABLE = {{"Log": {value}}}\ndef __getattr__(name):\n    return TABLE[name]\n'
    assert dict(leads(ast.parse(text), "shop")) == {}
