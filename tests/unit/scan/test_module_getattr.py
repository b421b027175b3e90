"""What a module answers for when it is asked is read wherever its `__getattr__` stands, and however it asks."""

from __future__ import annotations

import ast
from textwrap import indent

import pytest

from pytest_ssot_tracker.scan.module_getattr import served

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
