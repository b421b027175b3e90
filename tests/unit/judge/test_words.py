from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.judge import Advice, advice, harmless, sentence
from pytest_ssot_tracker.model import Rule, Site, Target
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree


def site(rule: Rule, target: str = "pkg.old:Thing", **more: str) -> Site:
    return Site(rule, "execution", target, "app/b.py", 12, "f", "text", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "target", "text"),
    [
        (Rule.DEPRECATED_IMPORT, "pkg.old", "imports pkg.old"),
        (Rule.DEPRECATED_USE, "pkg.old:Thing", "constructs pkg.old:Thing"),
        (Rule.DEPRECATED_USE, "pkg.old:_Thing", "constructs pkg.old:_Thing"),
        (Rule.DEPRECATED_USE, "pkg.old:get_thing", "calls pkg.old:get_thing"),
        (Rule.DEPRECATED_USE, "pkg.old:Thing.method", "calls pkg.old:Thing.method"),
        (Rule.DEPRECATED_BASE, "pkg.old:Thing", "derives a class from pkg.old:Thing"),
        (Rule.DEPRECATED_ACCESS, "os:environ", "reads os:environ"),
        (Rule.SINGLETON_BYPASS, "pkg.new:T", "constructs pkg.new:T past its accessors"),
        (Rule.OUT_OF_BAND_ID, "uuid:uuid4", "takes an id from uuid:uuid4"),
        (Rule.OUT_OF_BAND_ID, "time-format", "builds an id from the clock (time-format)"),
        (Rule.FOREIGN_ID, "pkg.new:T.go", "passes an id that no generator issued to pkg.new:T.go"),
        (Rule.COMPETING_MODULES, "pkg.b", "has pkg.b beside its competitors"),
        (Rule.INCOMPLETE_SSOT, "pkg.new:T", "finds pkg.new:T incomplete"),
        (Rule.SPLIT_BRAIN, "pkg.new:T.go", "handles one key in two classes with pkg.new:T.go"),
        (Rule.ILLEGAL_TRANSITION, "pkg.new:T.go", "makes an illegal change of state with pkg.new:T.go"),
        (Rule.STATE_LEAK, "pkg.new:T", "leaves state behind in pkg.new:T"),
        (Rule.UNREADABLE_SOURCE, "python>=3.12", "cannot be read (python>=3.12)"),
    ],
)
def test_each_rule_has_its_words(rule: Rule, target: str, text: str) -> None:
    assert sentence("t.py::x", site(rule, target), Advice()) == f"t.py::x {text} at app/b.py:12"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (Advice(), ""),
        (Advice("pkg.new:T"), "; use pkg.new:T"),
        (Advice(owner="platform"), " (platform)"),
        (Advice("pkg.new:T", None, "#220"), "; use pkg.new:T (#220)"),
        (Advice("pkg.new:T", "platform", "#220"), "; use pkg.new:T (platform, #220)"),
    ],
)
def test_advice_names_what_is_known(told: Advice, text: str) -> None:
    assert str(told) == text


SETTINGS = Settings(
    root=Path("/p"),
    file=None,
    tree=Tree("/p"),
    ssots=(
        Ssot(
            name="execution",
            canonical=Target.parse("pkg.new:Tracker"),
            accessors=(Target.parse("pkg.new:get_tracker"),),
            replace={"pkg.old:get": "pkg.new:get_tracker", "pkg.old": "pkg.new"},
            owner="platform",
        ),
    ),
    ids=(Ids(name="execution", generators=(Target.parse("pkg.ids:generate"),), owner="identity"),),
)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (site(Rule.DEPRECATED_USE, "pkg.old:get"), Advice("pkg.new:get_tracker", "platform")),
        (site(Rule.DEPRECATED_USE, "pkg.old:Thing", declared="pkg.old"), Advice("pkg.new:Thing", "platform")),
        (site(Rule.DEPRECATED_USE, "pkg.older:Thing"), Advice("pkg.new:Tracker", "platform")),
        (site(Rule.SINGLETON_BYPASS, "pkg.new:Tracker"), Advice("pkg.new:get_tracker", "platform")),
        (site(Rule.SPLIT_BRAIN, "pkg.new:Tracker.go"), Advice(None, "platform")),
        (site(Rule.STATE_LEAK, "pkg.new:Tracker"), Advice('ssot["execution"]', "platform")),
        (site(Rule.OUT_OF_BAND_ID, "uuid:uuid4"), Advice("pkg.ids:generate", "identity")),
        (Site(Rule.UNREADABLE_SOURCE, "", "a.py", "a.py", 1, "<module>", ""), Advice()),
    ],
)
def test_advice_comes_from_the_table_that_the_rule_speaks_of(found: Site, told: Advice) -> None:
    assert advice(SETTINGS, found) == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("größe 名前", "größe 名前"),
        ("two\nlines\r\n", "two\\nlines\\r\\n"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("a\u200bb\u2028c\u00a0d", "a\\u200bb\\u2028c\\xa0d"),
        ("broken \udcff name", "broken \\udcff name"),
        ("\x9b31m \x07", "\\x9b31m \\x07"),
    ],
)
def test_hostile_text_is_written_out(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_sentence_is_harmless_whatever_it_is_made_of() -> None:
    hostile = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Th\ning", "app/\x1b[2Jb.py", 12, "f", "text")
    text = sentence("t.py::x[\u202e]", hostile, Advice("new\r", "o\x00wner"))
    assert text.isprintable()
