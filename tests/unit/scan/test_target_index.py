"""Many targets, words and tables are looked up at once; what is found is what each of them would find by itself."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.scan.needles import normalized_names, words_in
from pytest_ssot_tracker.scan.reducing import Hits, alone
from pytest_ssot_tracker.scan.target_index import TargetIndex

from .conftest import settings_of, write

PARTS = ("shop", "old", "Log", "note", "sh", "Old")
SPELLED = (
    *(
        "shop",
        "shop.old",
        "shop:Log",
        "shop.old:Log.note",
        "sh*:Log",
        "*.old",
        "shop:*",
        "**.note:Log",
        "Old:note=",
        "old:Log",
    ),
    *("shop.old:Log(text)", "shop.old:Log.note(level=2)", "shop:Log="),
)


@pytest.mark.parametrize("seed", range(20))
def test_what_covers_a_name_is_among_what_is_near_it(seed: int) -> None:
    chance = random.Random(seed)
    targets = tuple(Target.parse(chance.choice(SPELLED)) for _ in range(12))
    many = TargetIndex(targets)
    for _ in range(200):
        module = ".".join(chance.choices(PARTS, k=chance.randrange(1, 4)))
        attribute = ".".join(chance.choices(PARTS, k=chance.randrange(1, 3)))
        near = list(many.near(module, attribute))
        whole = list(many.near("", f"{module}.{attribute}"))
        covering = [target for target in targets if target.covers(module, attribute) or target.covers_module(module)]
        assert [target for target in near if target in covering] == covering
        assert near == whole == [target for target in targets if target in near]
        assert many.is_above(module) == any(f"{target.module}.".startswith(f"{module}.") for target in targets)


TEXTS = (
    r"a = Old; b = 'Old\nOld\\nNew' + OldNew",
    "Œuvre.Old(²Old, Old·, Old…)\tx_Old\r\nOld",
    r"'\éOld \xOld \\Old' # Neuf:Œuf Neuf",
    "Old",
    "",
)


@pytest.mark.parametrize("text", TEXTS, ids=["escapes", "letters", "backslashes", "bare", "empty"])
def test_a_word_that_stands_alone_is_among_the_words_of_the_text(text: str) -> None:
    words = {"Old", "New", "nOld", "OldNew", "Œuvre", "Œuf", "Neuf", "x_Old", "a", "b"}
    there = words_in(text.encode())
    assert {word for word in words if word.isascii() and list(alone(text, word))} <= there
    few = sorted(place for word in words for place in alone(text, word))
    more = {f"padding{number}" for number in range(100)}
    assert sorted(Hits(text, words | more).places) == few


FILES = {
    "shop/__init__.py": "from shop.old import Log as Diary, LIMIT\n",
    "shop/old.py": """
        LIMIT = 3

        class Log:
            level = 1
            @classmethod
            def make(cls):
                return cls()

        class Fine(Log):
            pass

        def note(text, level=1):
            pass
        """,
    "shop/more.py": """
        from shop.old import *
        __all__ = ["Log", "note"]
        """,
    "use/a.py": """
        import shop
        import shop.old as o
        from shop import Diary
        Diary()
        o.Log.make()
        o.Log.level
        shop.LIMIT
        """,
    "use/b.py": """
        from shop.more import *
        from unittest import mock
        Log()
        note("x", 2)
        mock.patch("shop.old.note")
        """,
    "use/c.py": """
        from shop.old import Fine
        import os

        class Mine(Fine):
            pass

        Mine()
        Fine.make()
        os.environ["x"]
        """,
    "use/d.py": """
        from importlib import import_module
        import_module("shop.old")
        from shop import old
        old.note(level=3, text="")
        """,
}
ASKED = (
    *("shop.old:Log", "shop.old:note", "shop.old:LIMIT", "shop.old:Log.level", "shop:Diary", "os:environ"),
    *("shop.more", "shop.old:note(level)", "shop.o*:Fine"),
)


def found(root: Path, tables: dict[str, dict[str, list[str]]]) -> list[str]:
    """Return the sites of the scan of `root` in the tables that are not there for their number alone."""
    sites = scan(settings_of(root, {f"ssot.{name}": table for name, table in tables.items()}, source=["."])).sites
    return sorted(
        f"{site.rule} {site.ssot} {site.target} {site.declared} {site.where}"
        for site in sites
        if "padding" not in site.ssot + site.declared
    )


def test_targets_find_the_same_alone_and_among_many(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    padding = [f"padding.m{number}:Name{number}" for number in range(40)]
    alone_ = [site for name in ASKED for site in found(tmp_path, {"orders": {"deprecated": [name]}})]
    assert len(alone_) > 25
    among = [site for name in ASKED for site in found(tmp_path, {"orders": {"deprecated": [*padding, name]}})]
    assert among == alone_
    tables = {f"padding{number}": {"deprecated": [name]} for number, name in enumerate(padding)}
    beside = [site for name in ASKED for site in found(tmp_path, {**tables, "orders": {"deprecated": [name]}})]
    assert beside == alone_


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Old = 'Œuvre… é' # ™ \u00a0", []),
        ("Ｏld… = ﬁle\u00a0Ｏld", ["file", "Old"]),
        ("cafe\u0301 café", ["café"]),
        ("x² = Ｏ_1·ª", ["O_1·a"]),
    ],
    ids=["none", "wide", "accent", "signs"],
)
def test_names_that_python_spells_in_another_way_are_known(text: str, names: list[str]) -> None:
    assert normalized_names(text) == names
