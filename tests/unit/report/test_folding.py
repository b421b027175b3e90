from __future__ import annotations

import pytest

from pytest_ssot_tracker.report.folding import Folded, folded, reading_width


def test_a_line_is_broken_between_words_and_goes_on_further_to_the_right() -> None:
    line = "    app/b.py:12  pkg.old:Thing  7 times by 2 tests; use pkg.new:Thing (platform, #220)"
    assert folded(line, 40) == [
        "    app/b.py:12  pkg.old:Thing  7 times",
        "      by 2 tests; use pkg.new:Thing",
        "      (platform, #220)",
    ]


def test_a_line_that_fits_stays_as_it_is_and_so_does_any_line_where_no_width_is_known() -> None:
    assert folded("  a  b", 80) == ["  a  b"]
    assert folded("word " * 50, None) == ["word " * 50]


def test_a_word_longer_than_the_line_stays_whole_and_moves_to_the_left() -> None:
    path = "a/" * 18 + "x.py:1"  # 42 characters
    assert folded(f"    {path}  b", 44) == [f"  {path}", "  b"]
    assert folded(f"    see {path} there", 30) == ["see", path, "there"]


@pytest.mark.parametrize("width", range(1, 90))
def test_no_width_loses_or_breaks_a_word(width: int) -> None:
    line = "      shop/checkout.py:13  shop.legacy:OrderLog  1 time by 1 test; use shop.tracker:OrderTracker"
    parts = folded(line, width)
    assert " ".join(parts).split() == line.split()
    assert all(len(part) <= max(width, max(map(len, line.split()))) for part in parts)


@pytest.mark.parametrize(
    ("columns", "tty", "width"), [(None, True, 80), (None, False, None), ("80", False, 80), ("", False, None)]
)
def test_lines_are_folded_for_a_terminal_and_where_a_width_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, columns: str | None, tty: bool, width: int | None
) -> None:
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", columns)
    assert reading_width(80, tty=tty) == width


def test_a_folded_screen_keeps_colours_and_empty_lines() -> None:
    lines: list[tuple[str, dict[str, bool]]] = []

    class Plain:
        def section(self, title: str, sep: str = "=", **markup: bool) -> None:
            lines.append((title, markup))

        def write_line(self, line: str, **markup: bool) -> None:
            lines.append((line, markup))

    screen = Folded(Plain(), 8)
    screen.section("heading that is long", red=True)
    screen.write_line("one two three", bold=True)
    screen.write_line("")
    assert lines == [
        ("heading that is long", {"red": True}),
        ("one two", {"bold": True}),
        ("  three", {"bold": True}),
        ("", {}),
    ]
