"""Hold the published table to the rows."""

from __future__ import annotations

from .rows import GROUPS, ROWS
from .table import DOC, render, written


def test_the_page_has_the_table_that_the_rows_make() -> None:
    assert DOC.read_text(encoding="utf-8") == written(), "run: python -m tests.state.table --write"
    assert render() in DOC.read_text(encoding="utf-8")


def test_every_row_is_in_one_group_and_has_a_name_of_its_own() -> None:
    assert [row for _, rows in GROUPS for row in rows] == list(ROWS)
    assert len({row.name for row in ROWS}) == len(ROWS)
