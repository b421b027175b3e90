"""Notebooks are read cell by cell, whatever their format, and what IPython adds to Python does not get in the way."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.source import SourceFile, read_source
from pytest_ssot_tracker.source.notebook import Notebook, plain_python

from .conftest import SHOP, Scan, found, settings_of, write

USE = "deprecated-use shop.old:Tracker"
BAD = "unreadable-source"


def notebook(*cells: str | Mapping[str, Any], indent: int | None = 1, **more: Any) -> str:
    """Return a notebook with these code cells as Jupyter writes it."""
    plain = [cell if isinstance(cell, Mapping) else code(cell) for cell in cells]
    document = {"cells": plain, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}
    return json.dumps(document, indent=indent, sort_keys=True, ensure_ascii=False) + "\n"


def code(source: str, **more: Any) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines, **more}


def line_of(text: str, piece: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


@pytest.mark.parametrize("indent", [1, 2, None])
@pytest.mark.parametrize("whole", [True, False])
def test_a_site_stands_at_its_line_of_the_file_in_its_cell(scanned: Scan, indent: int | None, whole: bool) -> None:
    text = notebook(
        {"cell_type": "markdown", "metadata": {}, "source": ["# `old.Tracker()`\n", "from shop import old"]},
        code("from shop import old\nx = 1", outputs=[{"text": ["old.Tracker()\n"], "source": ["x\n"]}]),
        code("def f():\n    return old.Tracker()\n\nold.Tracker()\n", id="a1"),
        code("old.Tracker()\nold.Tracker()\n", id="b2"),
        indent=indent,
    )
    result = scanned({**SHOP, "lab/x.ipynb": text}, deprecated=["shop.old:Tracker"], options={"whole": whole})
    assert sorted((one.scope, one.text, one.ordinal) for one in result.sites) == [
        ("cell a1", "old.Tracker()", 0),
        ("cell a1.f", "return old.Tracker()", 0),
        ("cell b2", "old.Tracker()", 0),
        ("cell b2", "old.Tracker()", 1),
    ]
    assert {one.path for one in result.sites} == {"lab/x.ipynb"}
    assert all(result.stands(one) for one in result.sites)
    for one in result.sites:
        assert one.text in text.splitlines()[one.line - 1]
    if indent is not None:
        assert len({one.line for one in result.sites}) == 4


def test_a_cell_keeps_its_sites_where_others_are_put_before_it(scanned: Scan) -> None:
    cells = [code("from shop import old\n", id="first"), code("old.Tracker()\n", id="second")]
    before = scanned({**SHOP, "x.ipynb": notebook(*cells)}, deprecated=["shop.old"])
    cells[1:1] = [code("old.get_tracker()\n", id="new"), code("old.Tracker()\n", id="other")]
    after = scanned({"x.ipynb": notebook(*cells)}, deprecated=["shop.old"])
    assert {one.id for one in before.sites} < {one.id for one in after.sites}


def test_notebooks_of_format_3_and_without_metadata_are_read(scanned: Scan) -> None:
    cell = {"cell_type": "code", "language": "python", "input": ["from shop import old\n", "old.Tracker()"]}
    third = {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [cell]}]}
    bare = {"nbformat": 4, "nbformat_minor": 0, "cells": [{"cell_type": "code", "source": "from shop import old"}]}
    files = {**SHOP, "third.ipynb": json.dumps(third, indent=1), "bare.ipynb": json.dumps(bare)}
    result = scanned(files, deprecated=["shop.old"])
    assert [(one.path, one.rule, one.scope) for one in result.sites] == [
        ("bare.ipynb", Rule.DEPRECATED_IMPORT, "cell 1"),
        ("third.ipynb", Rule.DEPRECATED_IMPORT, "cell 1"),
        ("third.ipynb", Rule.DEPRECATED_USE, "cell 1"),
    ]


@pytest.mark.parametrize(
    "metadata",
    [{"kernelspec": {"language": "R"}}, {"language_info": {"name": "julia"}}, {"kernelspec": {"language": "bash"}}],
)
def test_a_notebook_in_another_language_says_nothing(scanned: Scan, metadata: dict[str, Any]) -> None:
    text = notebook("library(shop)\nold <- Tracker()", metadata=metadata)
    assert found(scanned({**SHOP, "x.ipynb": text}, deprecated=["shop.old"])) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is no JSON"),
        (b"{", "the file is no JSON"),
        (b"[]", "the file is no notebook"),
        (b'{"nbformat": "x"}', "the file is no notebook"),
        (b'{"nbformat": 2, "worksheets": []}', "the notebook has format 2"),
        (b'{"nbformat": 4, "cells": {}}', "the notebook has no list of cells"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "the code of cell 1 is no text"),
        (b'{"nbformat": 4, "cells": []}\xff', "the file cannot be decoded"),
        (b"[" * 100_000, "the file is no JSON"),
    ],
)
def test_what_is_no_notebook_is_named(scanned: Scan, content: bytes, said: str) -> None:
    (site,) = scanned({**SHOP, "x.ipynb": content}, deprecated=["shop.old"]).sites
    assert site.rule is Rule.UNREADABLE_SOURCE
    assert said in site.text


def test_a_cell_that_cannot_be_parsed_is_named_and_the_others_are_read(scanned: Scan, tmp_path: Path) -> None:
    text = notebook("from shop import old\n", "def f(:\n", "old.Tracker()\n")
    result = scanned({**SHOP, "x.ipynb": text}, deprecated=["shop.old:Tracker"])
    assert [(one.rule, one.scope, one.text, one.line) for one in result.sites] == [
        (Rule.UNREADABLE_SOURCE, "cell 2", "the cell cannot be parsed", line_of(text, "def f(:")),
        (Rule.DEPRECATED_USE, "cell 3", "old.Tracker()", line_of(text, "old.Tracker()")),
    ]
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    assert scan(configured, cache_dir=folder).sites == scan(configured, cache_dir=folder).sites == result.sites


def test_an_inline_allow_holds_in_a_cell(scanned: Scan) -> None:
    text = notebook("from shop import old\n", "old.Tracker()  # ssot: allow[deprecated-use] a lesson\nold.Tracker()\n")
    result = scanned({**SHOP, "x.ipynb": text}, deprecated=["shop.old:Tracker"])
    first, second = result.sites
    assert [result.allowed.get(one.id) is not None for one in (first, second)] == [True, False]
    assert [allow.line for allow in result.allows] == [line_of(text, "a lesson")]


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("%matplotlib inline\nold.f()", "pass\nold.f()"),
        ("%time old.f()", "old.f()"),
        ("%timeit -n 10 -r3 old.f()", "old.f()"),
        ("if x:\n    %time y = old.f()\n", "if x:\n    y = old.f()\n"),
        ("x = %time old.f()", "x = old.f()"),
        ("files = !ls *.csv", "files = None"),
        ("!pip install \\\n    old\nold.f()", "pass\n\nold.f()"),
        ("!!ls", "pass"),
        ("old.f?", "pass"),
        ("?old.f", "pass"),
        ("old.f??", "pass"),
        ("x = %sql select 1", "x = None"),
        ("%%time\nold.f()", "\nold.f()"),
        ("\n%%capture out\nold.f()", "\n\nold.f()"),
        ("%%bash\nold.f() | wc", "\n"),
        ("%%writefile a.py\nold.f()", "\n"),
        ("x = ('a'\n     % old.f())\n%pwd", "x = ('a'\n     % old.f())\npass"),
        ('"""\n%time no\n!no\n"""\n%pwd', '"""\n%time no\n!no\n"""\npass'),
        ("x = 5 \\\n% 3", "x = 5 \\\n% 3"),
        ("await old.f()", "await old.f()"),
        ("plt.plot(old.f());", "plt.plot(old.f());"),
    ],
)
def test_what_ipython_adds_is_made_plain_python_line_by_line(cell: str, plain: str) -> None:
    made = plain_python(cell)
    assert made == plain
    assert made.count("\n") == cell.count("\n")
    ast.parse(made)


@given(st.text(alphabet="ab=%!?()'\"\n \\#:x", max_size=40))
def test_no_cell_makes_reading_raise_anything_else_or_changes_its_lines(cell: str) -> None:
    try:
        made = plain_python(cell)
    except (SyntaxError, ValueError):
        return
    assert made.count("\n") == cell.count("\n")


@given(st.lists(st.text(alphabet="ab\n\"'\\é\u2028", max_size=12), max_size=4), st.sampled_from([None, 1]))
def test_each_line_is_found_where_it_stands_in_the_json(cells: Sequence[str], indent: int | None) -> None:
    text = notebook(*[f"'''{cell}'''\nmark{number}\n" for number, cell in enumerate(cells)], indent=indent)
    file = read_source("x.ipynb", text.encode())
    assert isinstance(file, Notebook)
    for number, cell in enumerate(file.cells):
        if cell.error is None:
            (line,) = (one.line for one in file.statements if ast.unparse(one.node) == f"mark{number}")
            assert file.shown(line, "<module>")[0] == next(
                place for place, shown in enumerate(text.split("\n"), 1) if f"mark{number}\\n" in shown
            )


def test_a_module_is_read_as_before(tmp_path: Path) -> None:
    file = read_source("a.py", b"x = 1\n")
    assert type(file) is SourceFile
    assert file.shown(3, "f") == (3, "f")
    write(tmp_path, {"a.py": ""})
