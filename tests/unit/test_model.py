"""Targets match part by part, and a statement's identity survives its formatter."""

from __future__ import annotations

import datetime
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_ssot_tracker.model import Flag, Rule, Site, Status, Target, TargetError, parse_until, squeeze

NAMES = st.sampled_from(["a", "b", "ab", "ba", "abc", "app", "app_vendor", "x1"])
PARTS = NAMES | st.sampled_from(["*", "**", "a*", "*b", "a*b", "***"])


def dotted(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=5).map(".".join)


def part_matches(pattern: str, part: str) -> bool:
    """Match one part the slow and obvious way."""
    if not pattern:
        return not part
    if pattern[0] == "*":
        return any(part_matches(pattern[1:], part[index:]) for index in range(len(part) + 1))
    return part[:1] == pattern[0] and part_matches(pattern[1:], part[1:])


def dotted_matches(pattern: list[str], name: list[str], *, below: bool) -> bool:
    """Match dotted parts the slow and obvious way."""
    if not pattern:
        return below or not name
    if pattern[0] == "**":
        return any(dotted_matches(pattern[1:], name[index:], below=below) for index in range(len(name) + 1))
    return bool(name) and part_matches(pattern[0], name[0]) and dotted_matches(pattern[1:], name[1:], below=below)


@given(pattern=dotted(PARTS), name=dotted(NAMES))
@example(pattern="**.a", name="a")
@example(pattern="*.b", name="b")
@example(pattern="**.**.a", name="a")
@example(pattern="a.**.b", name="a.b")
def test_a_module_is_covered_as_the_obvious_matcher_says(pattern: str, name: str) -> None:
    expected = dotted_matches(pattern.split("."), name.split("."), below=True)
    assert Target(pattern).covers(name) is expected
    assert Target(pattern).covers_module(name) is expected


@given(module=dotted(PARTS), attribute=dotted(PARTS), name=dotted(NAMES), thing=dotted(NAMES))
def test_a_name_is_covered_in_exactly_its_module_and_with_all_below_it(
    module: str, attribute: str, name: str, thing: str
) -> None:
    in_module = dotted_matches(module.split("."), name.split("."), below=False)
    is_named = dotted_matches(attribute.split("."), thing.split("."), below=True)
    assert Target(module, attribute).covers(name, thing) is (in_module and is_named)


@given(dotted(NAMES), NAMES)
def test_a_module_target_never_covers_a_name_that_only_starts_like_it(name: str, more: str) -> None:
    assert not Target(name).covers(f"{name}_{more}")
    assert Target(name).covers(f"{name}.{more}")


@given(dotted(NAMES), dotted(NAMES))
def test_a_spelled_target_reads_back_as_it_was_written(module: str, attribute: str) -> None:
    assert str(Target.parse(f"{module}:{attribute}")) == f"{module}:{attribute}"
    assert str(Target.parse(module)) == module


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("app", ["app", "app.a", "app.a.b"], ["app_vendor", "vendor.app", "ap"]),
        ("app.*", ["app.a", "app.a.b"], ["app", "app_vendor.a"]),
        ("app.**", ["app", "app.a", "app.a.b"], ["app_vendor"]),
        ("**.old", ["old", "a.old", "a.b.old.c"], ["a.older", "bold"]),
        ("app.get_*", ["app.get_x", "app.get_"], ["app.a.get_x", "app.forget_x"]),
    ],
)
def test_a_star_stays_in_its_part_and_two_stars_cross_parts(
    pattern: str, covered: list[str], not_covered: list[str]
) -> None:
    target = Target.parse(pattern)
    assert [name for name in covered if not target.covers(name)] == []
    assert [name for name in not_covered if target.covers(name)] == []


def test_a_class_covers_its_methods_but_not_its_module_nor_its_namesakes() -> None:
    target = Target.parse("pkg.mod:Class")
    assert target.covers("pkg.mod", "Class")
    assert target.covers("pkg.mod", "Class.method")
    assert not target.covers("pkg.mod")
    assert not target.covers("pkg.mod", "ClassB")
    assert not target.covers("pkg.mod.below", "Class")
    assert not target.covers_module("pkg.mod")


@pytest.mark.parametrize(
    ("spelling", "problem"),
    [
        ("", "the module is missing"),
        (":Name", "the module is missing"),
        ("pkg.mod:", "the name after ':' is missing"),
        ("pkg..mod", "a dotted part is empty"),
        ("pkg.mod:Class.", "a dotted part is empty"),
        ("pkg/mod", "'pkg/mod' is no identifier"),
        ("pkg.1mod", "'1mod' is no identifier"),
        ("pkg.mod:a:b", "'a:b' is no identifier"),
        ("pkg. mod", "' mod' is no identifier"),
        ("pkg.mod\n", "'mod\\n' is no identifier"),
    ],
)
def test_a_spelling_that_is_no_target_is_refused_with_its_reason(spelling: str, problem: str) -> None:
    with pytest.raises(TargetError) as caught:
        Target.parse(spelling)
    assert str(caught.value) == (
        f"{spelling!r} is not a target: {problem}; write pkg.mod, pkg.mod:Name or pkg.mod:Class.method"
    )
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("spelling", "thing", "name", "value"),
    [
        ("a.b:c(d)", "a.b:c", "d", None),
        ("a.b:C.d( e = 'f' )", "a.b:C.d", "e", '"f"'),
        ("a.b.c(d)", "a.b:c", "d", None),
        ('a.b:c(d="x(y):*.z)")', "a.b:c", "d", '"x(y):*.z)"'),
        ("a.b:c(d=None)", "a.b:c", "d", "None"),
        ("a.b:c(d=-1.50)", "a.b:c", "d", "-1.5"),
        ("a.*:get_*(d)", "a.*:get_*", "d", None),
    ],
)
def test_a_target_may_speak_of_a_parameter(spelling: str, thing: str, name: str, value: str | None) -> None:
    target = Target.parse(spelling)
    assert target.parameter is not None
    assert (str(target.thing), target.parameter.name, target.parameter.value) == (thing, name, value)
    assert Target.parse(str(target)) == target
    assert target.is_pattern is ("*" in thing)


@pytest.mark.parametrize("spelling", ["a.b:C.d=", "a.b.C.d =", "a.*:d="])
def test_a_target_may_speak_of_writing(spelling: str) -> None:
    target = Target.parse(spelling)
    assert (target.use, target.thing.use, target.parameter) == ("=", "", None)
    assert Target.parse(str(target)) == target


@pytest.mark.parametrize(
    "spelling", ["=", "d=", "a.b:=", "c(d)", "a.b:(d)", "a.b:c()", "a.b:c(d", "a.b:c(1)", "a.b:c(d=e)", "a.b:c(d=[1])"]
)
def test_what_is_no_parameter_is_refused(spelling: str) -> None:
    with pytest.raises(TargetError):
        Target.parse(spelling)


@pytest.mark.parametrize(
    ("target", "covered"),
    [
        ("a.b:c(d)", {"c(d)", 'c(d="x")'}),
        ('a.b:c(d="x")', {'c(d="x")'}),
        ("a.b:c", {"c", "c(d)", 'c(d="x")', "c.e(d)", "c="}),
        ("a.*:c(e)", set()),
        ("a.b:*(d)", {"c(d)", 'c(d="x")', "f(d)"}),
        ("a.b:c=", {"c="}),
        ("a.b:c.e=", set()),
    ],
)
def test_a_thing_covers_its_parameters_and_a_parameter_its_values(target: str, covered: set[str]) -> None:
    every = ["c", "c(d)", 'c(d="x")', "f(d)", "c.e(d)", "c="]
    assert {name for name in every if Target.parse(target).covers("a.b", name)} == covered


def test_a_target_with_a_star_is_a_pattern() -> None:
    assert Target.parse("a.*:b").is_pattern
    assert Target.parse("a:get_*").is_pattern
    assert not Target.parse("a.b:c").is_pattern


@pytest.mark.parametrize(
    "spelling",
    [
        "x = f(a, b)",
        "x=f( a,b )",
        "x = f(\n    a,\n    b,\n)",
        "x = f(  # why\n    a,  # because\n    b\n)",
        "x = \\\n    f(a, b)",
        "x = \\\r\n    f(a, b)",
    ],
)
def test_layout_comments_and_trailing_commas_are_no_part_of_the_identity(spelling: str) -> None:
    assert squeeze(spelling) == "x=f(a,b)"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f('a')", 'f("a")'),
        ("f(F'a{b}')", 'f(f"a{b}")'),
        ("f('')", 'f("")'),
    ],
)
def test_quotes_that_a_formatter_would_change_are_no_part_of_the_identity(one: str, other: str) -> None:
    assert squeeze(one) == squeeze(other) == other


@pytest.mark.parametrize("string", ["'\"'", r"'\n'", "'''a'''", '"""it\'s"""', "'# no comment'", '"a  b"'])
def test_the_inside_of_a_string_is_left_alone(string: str) -> None:
    inside = string.strip("'\"")
    assert inside in squeeze(f"f({string})")


@pytest.mark.parametrize("text", ["return x", "not x", "a in b", "import a.b as c", "await f()", "x if y else z"])
def test_words_stay_apart(text: str) -> None:
    assert squeeze(text) == text


CODE = st.lists(
    st.sampled_from(["a", "b1", "if", "(", ")", "[", "]", ",", ".", "=", "+", "'s'", '"t"', "1", "not"]), max_size=12
)
SPACE = st.sampled_from([" ", "  ", "\n", "\t", " # note\n", "\\\n", "\f"])


@given(CODE, st.data())
def test_however_tokens_are_laid_out_the_identity_is_one(tokens: list[str], data: st.DataObject) -> None:
    other = "".join(token + data.draw(SPACE) for token in tokens)
    assert squeeze(" ".join(tokens)) == squeeze(other)


@given(CODE)
def test_what_is_squeezed_stays_as_it_is(tokens: list[str]) -> None:
    once = squeeze(" ".join(tokens))
    assert "\n" not in once
    assert squeeze(once) == once


def site(**changes: object) -> Site:
    given_parts: dict[str, object] = {
        "rule": Rule.DEPRECATED_USE,
        "ssot": "execution",
        "target": "pkg.old:Thing",
        "path": "app/b.py",
        "line": 12,
        "scope": "f",
        "text": "x = Thing()",
    }
    return Site(**{**given_parts, **changes})  # type: ignore[arg-type]


def test_the_line_the_spelling_and_the_flags_are_no_part_of_a_site() -> None:
    other = site(line=99, text="x  =  Thing( )", declared="pkg.*:Thing").flagged(Flag.GUARDED)
    assert other == site()
    assert other.id == site().id == "4c4c6acf12c19b65"
    assert hash(other) == hash(site())
    assert other.where == "app/b.py:99"


@pytest.mark.parametrize(
    "change",
    [
        {"rule": Rule.DEPRECATED_BASE},
        {"ssot": "other"},
        {"target": "pkg.old:Other"},
        {"path": "app/c.py"},
        {"scope": "g"},
        {"text": "y = Thing()"},
        {"ordinal": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_part_of_the_identity_makes_another_site(change: dict[str, object]) -> None:
    assert site(**change) != site()
    assert site(**change).id != site().id


def test_a_site_survives_pickling_whole() -> None:
    flagged = site().flagged(Flag.TYPE_CHECKING, Flag.GUARDED).flagged(Flag.GUARDED)
    copy = pickle.loads(pickle.dumps(flagged))
    assert copy == flagged
    assert (copy.line, copy.text, copy.flags) == (12, "x = Thing()", (Flag.TYPE_CHECKING, Flag.GUARDED))


def test_the_worst_status_wins() -> None:
    assert Status.worst(Status.ALLOWED, Status.KNOWN, Status.EXPECTED) is Status.KNOWN
    assert Status.worst(*Status) is Status.NEW
    assert Status.worst() is Status.ALLOWED


def test_an_enum_prints_as_its_text() -> None:
    assert str(Rule.DEPRECATED_USE) == f"{Rule.DEPRECATED_USE}" == "deprecated-use"
    assert f"{Rule.SPLIT_BRAIN:<14}|" == "split-brain   |"


def test_until_takes_a_date_or_iso_text() -> None:
    day = datetime.date(2026, 12, 31)
    assert parse_until(day) == parse_until("2026-12-31") == day


@pytest.mark.parametrize("value", ["soon", "31.12.2026", "2026-13-01", 20261231, 1.5, True, None, ""])
def test_until_takes_nothing_else(value: object) -> None:
    with pytest.raises(ValueError, match="no date; write one such as 2026-12-31"):
        parse_until(value)


def test_until_refuses_a_date_with_a_time() -> None:
    with pytest.raises(ValueError, match="is a date with a time; write a plain date such as 2026-12-31"):
        parse_until(datetime.datetime(2026, 12, 31, 12))


@pytest.mark.parametrize("text", ["20261231", "2026-W53-4"])
def test_iso_text_means_the_same_on_every_python(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        parse_until(text)
