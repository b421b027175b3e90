"""Of a large tree a file is read without the bodies in which nothing stands that is looked for."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

import pytest

from pytest_ssot_tracker.garbage import uncollected
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.scan.reducing import Hits, Trimming

from .conftest import settings_of, write

FILE = """
def plain(a, b=(1,
          2)): return a

@word
def decorated():
    x = 1

class Kept:
    def uses(self):
        word()

        def inner():
            y = 1

    def other(self):
        z = 1
    # word

if True:
    async def nested(): pass
else:
    class Empty:
        '''
text
        '''
match a:
    case 1:
        def matched():
            b = 1
try:
    pass
except E:
    def caught():
        word = 1
"""


def test_a_body_is_taken_out_where_no_word_stands_in_it_or_its_header() -> None:
    tree = ast.parse(FILE)
    assert Trimming(tree, Hits(FILE, {"word"})).take_out(()) == 6
    assert ast.unparse(tree) == ast.unparse(
        ast.parse(
            "def plain(): pass\n@word\ndef decorated(): pass\n"
            "class Kept:\n def uses(self):\n  word()\n  def inner(): y = 1\n def other(): pass\n"
            "if True:\n async def nested(): pass\nelse:\n class Empty: pass\n"
            "match a:\n case 1:\n  def matched(): pass\n"
            "try: pass\nexcept E:\n def caught(): word = 1\n"
        )
    )


def test_a_body_is_put_back_where_a_word_is_looked_for_that_stands_in_it() -> None:
    tree, whole = ast.parse(FILE), ast.parse(FILE)
    trimming = Trimming(tree, Hits(FILE, {"absent"}))
    assert trimming.take_out(()) == 7
    assert trimming.take_out({"a", "x", "y", "z", "nested", "Empty", "b", "word"}) == 0
    assert ast.dump(tree, include_attributes=True) == ast.dump(whole, include_attributes=True)


def test_what_is_taken_out_leaves_its_first_line_behind() -> None:
    tree = ast.parse(FILE)
    Trimming(tree, Hits(FILE, {"absent"})).take_out(())
    kept = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    assert (kept.body[0].lineno, kept.body[0].col_offset) == (10, 4)


@pytest.mark.parametrize("on", [True, False])
def test_a_scan_leaves_the_collector_of_cycles_as_it_was(tmp_path: Path, on: bool) -> None:
    write(tmp_path, {"a.py": "import os\n"})
    before = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        scan(settings_of(tmp_path, {}))
        assert gc.isenabled() is on
    finally:
        (gc.enable if before else gc.disable)()


def test_the_collector_is_off_within_and_on_again_after_an_error() -> None:
    within = []

    @uncollected()
    def interrupted() -> None:
        within.append(gc.isenabled())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (within, gc.isenabled()) == ([False], True)
