"""Change pieces of a text by their place."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.fix.editing import OverlapError, Span, applied


def test_pieces_are_changed_and_the_rest_stays() -> None:
    assert applied(b"abcdef", {Span(1, 2): ("x",), Span(4, 4): ("yz",), Span(5, 6): ()}) == b"axcdyze"


def test_what_stands_within_another_is_changed_where_that_keeps_it() -> None:
    edits = {Span(0, 6): (Span(3, 6), "-", Span(0, 2)), Span(1, 2): ("x",), Span(4, 5): ("y",), Span(2, 3): ("z",)}
    assert applied(b"abcdef", edits) == b"dyf-ax"


def test_what_is_put_before_something_that_changes_is_put_there() -> None:
    assert applied(b"abc", {Span(1, 2): ("x",), Span(1, 1): ("y",)}) == b"ayxc"


def test_what_overlaps_is_refused() -> None:
    with pytest.raises(OverlapError):
        applied(b"abcdef", {Span(0, 3): ("x",), Span(2, 5): ("y",)})


def test_places_are_bytes() -> None:
    assert applied("é=a".encode(), {Span(3, 4): ("ü",)}).decode() == "é=ü"
