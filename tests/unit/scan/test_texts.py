"""A text that is to go is found in strings, however they are put together, and in nothing else."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.scan.texts import find, may_hold
from pytest_ssot_tracker.source import SourceFile


def found(source: str, text: str = "legacy_orders") -> list[int]:
    """Return the lines on which the text is found; the quick look must not pass the file over where it is."""
    lines = [one.line for one in find(SourceFile("a.py", source), [text])]
    assert may_hold(source, [text]) or not lines
    return sorted(lines)


@pytest.mark.parametrize(
    "source",
    [
        "x = 'legacy_orders'",
        "x = 'SELECT * FROM legacy_orders WHERE a'",
        "x = b'legacy_orders'",
        "x = f'FROM legacy_orders {a}'",
        "x = f'{a} legacy_orders'",
        "x = 'legacy_' 'orders'",
        "x = ('legacy_'\n     'orders')",
        "x = 'legacy_' + 'orders'",
        "x = ('legacy_'  # old\n     + 'orders')",
        "x = ''.join(['legacy_', 'orders'])",
        "x = f'a{b}' 'legacy_orders'",
        "x = a + 'legacy_orders'",
        "x = {'legacy_orders': 1}",
        "x['legacy_orders'] = 1",
        "f(table='legacy_orders')",
        "x = f'{y[\"legacy_orders\"]}'",
        "x = 'a' + f('legacy_orders') + 'b'",
        "def f(a='legacy_orders'): pass",
        "@f('legacy_orders')\ndef g(): pass",
        'x = """\n  legacy_orders\n"""',
    ],
)
def test_a_string_that_holds_it_is_found_once(source: str) -> None:
    assert len(found(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""legacy_orders is a docstring."""',
        'def f():\n    "legacy_orders"',
        "class A:\n    x = 1\n    'legacy_orders, told of an attribute'",
        "# legacy_orders",
        "legacy_orders = 1",
        "x = 'legacy_orders_2'",
        "x = 'old_legacy_orders'",
        "x = f'legacy_{a}orders'",
        "x = 'legacy_' + a + 'orders'",
        "x = ['legacy_', 'orders']",
    ],
)
def test_what_is_no_such_string_is_none(source: str) -> None:
    assert found(source) == []


def test_one_statement_is_one_site_and_two_are_two() -> None:
    assert found("f('legacy_orders', 'legacy_orders')\nf('legacy_orders')") == [1, 2]


def test_a_text_of_signs_is_found_between_any_others() -> None:
    assert found("x = 'see https://old/y'", "https://old/") == [1]
