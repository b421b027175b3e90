from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

import pytest

from pytest_ssot_tracker.judge import Allowed, Expect, MarkError, Marks, read_mark, read_marks
from pytest_ssot_tracker.judge.markers import ALLOW, ENFORCE, EXPECT, ROLLBACK
from pytest_ssot_tracker.model import Rule, Site, Target


@dataclass
class Mark:
    name: str
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = field(default_factory=dict)


def test_every_argument_of_an_expectation_is_read() -> None:
    read = read_mark(
        EXPECT,
        ("deprecated-use", "deprecated-import"),
        {
            "ssot": "execution",
            "target": "pkg.old:Thing",
            "reason": "moving",
            "issue": "#220",
            "until": "2026-12-31",
            "strict": True,
            "raises": (ValueError, KeyError),
        },
    )
    assert read == Expect(
        (Rule.DEPRECATED_USE, Rule.DEPRECATED_IMPORT),
        "execution",
        Target("pkg.old", "Thing"),
        "moving",
        "#220",
        datetime.date(2026, 12, 31),
        True,
        (ValueError, KeyError),
    )


def test_a_bare_expectation_means_any_violation() -> None:
    assert read_mark(EXPECT, (), {}) == Expect()


def test_one_exception_type_needs_no_tuple() -> None:
    read = read_mark(EXPECT, (), {"raises": ValueError, "until": datetime.date(2026, 1, 2)})
    assert isinstance(read, Expect)
    assert (read.raises, read.until) == ((ValueError,), datetime.date(2026, 1, 2))


def test_the_clock_can_be_a_target() -> None:
    assert read_mark(ALLOW, (), {"target": "time-format", "reason": "r"}) == Allowed(
        (), None, Target("time-format"), "r"
    )


RULES = ", ".join(Rule)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "text"),
    [
        (EXPECT, ("deprecated-uses",), {}, "there is no rule 'deprecated-uses', did you mean 'deprecated-use'?"),
        (EXPECT, ("zzz",), {}, f"there is no rule 'zzz'; the rules are {RULES}"),
        (EXPECT, (3,), {}, "3 is no rule; write its name as text, such as 'deprecated-import'"),
        (EXPECT, (), {"reson": "x"}, "there is no argument 'reson', did you mean 'reason'?"),
        (ALLOW, (), {"strict": True, "reason": "x"}, "there is no argument 'strict'; it takes ssot, target, reason"),
        (ALLOW, ("deprecated-use",), {}, 'a reason is mandatory; write reason="…"'),
        (ALLOW, (), {"reason": "  "}, 'a reason is mandatory; write reason="…"'),
        (EXPECT, (), {"reason": 3}, 'reason=3 is no text; write reason="…"'),
        (
            EXPECT,
            (),
            {"ssot": "executoin"},
            "there is no table 'executoin' in the configuration, did you mean 'execution'?",
        ),
        (EXPECT, (), {"ssot": "q"}, "there is no table 'q' in the configuration; the tables are execution, websocket"),
        (
            EXPECT,
            (),
            {"target": "pkg:"},
            "'pkg:' is not a target: the name after ':' is missing; "
            "write pkg.mod, pkg.mod:Name or pkg.mod:Class.method",
        ),
        (EXPECT, (), {"until": "soon"}, "until: 'soon' is no date; write one such as 2026-12-31"),
        (EXPECT, (), {"until": 20261231}, "until: 20261231 is no date; write one such as 2026-12-31"),
        (EXPECT, (), {"strict": "yes"}, "strict='yes' is neither True, False nor None"),
        (
            EXPECT,
            (),
            {"raises": "ValueError"},
            "raises holds 'ValueError', which is no exception type; write raises=ValueError",
        ),
        (
            EXPECT,
            (),
            {"raises": (ValueError, int)},
            "raises holds <class 'int'>, which is no exception type; write raises=ValueError",
        ),
        (ENFORCE, ("x",), {}, "it takes no arguments; write @pytest.mark.ssot_enforce"),
        (ROLLBACK, (), {"reason": "x"}, "it takes no arguments; write @pytest.mark.ssot_rollback_trigger"),
    ],
)
def test_a_bad_argument_is_named_with_what_to_write(
    name: str, args: tuple[object, ...], kwargs: dict[str, Any], text: str
) -> None:
    with pytest.raises(MarkError) as caught:
        read_mark(name, args, kwargs, tables=("execution", "websocket"))
    assert str(caught.value) == f"@pytest.mark.{name}: {text}"


def test_the_marks_of_a_test_are_read_together() -> None:
    marks = read_marks(
        [
            Mark(EXPECT, ("deprecated-use",)),
            Mark("slow", (1,), {"any": "thing"}),
            Mark(ALLOW, (), {"reason": "kept"}),
            Mark(ENFORCE),
            Mark(ROLLBACK),
        ]
    )
    assert marks == Marks(
        (Expect((Rule.DEPRECATED_USE,)),),
        (Allowed(reason="kept"),),
        True,
        True,
        ("slow", "ssot_allow", "ssot_enforce", "ssot_expect_violation", "ssot_rollback_trigger"),
    )


@pytest.mark.parametrize(
    ("spelled", "covered"),
    [
        ("pkg.old:Thing", True),
        ("pkg.old.Thing", True),
        ("pkg.old.Thing.run", False),
        ("pkg.old", True),
        ("pkg.*.Thing", True),
        ("pkg.old.T*", True),
        ("pkg.old.Thin", False),
        ("old.Thing", False),
    ],
)
def test_a_target_with_dots_alone_covers_what_it_names(spelled: str, covered: bool) -> None:
    expect = read_mark(EXPECT, (), {"target": spelled})
    assert isinstance(expect, Expect)
    assert expect.covers(Site(Rule.DEPRECATED_USE, "a", "pkg.old:Thing", "a.py", 1, "f", "Thing()")) is covered


@pytest.mark.parametrize(
    ("spelled", "covered"),
    [
        ("app.old:send(mode)", True),
        ("app.old.send(mode='x')", True),
        ("app.old:send", True),
        ("app.old", True),
        ("app.old:send(other)", False),
        ("app.old.other(mode)", False),
    ],
)
def test_a_parameter_can_be_a_target(spelled: str, covered: bool) -> None:
    site = Site(Rule.DEPRECATED_ARGUMENT, "a", 'app.old:send(mode="x")', "a.py", 1, "<module>", "send(mode='x')")
    mark = read_mark(ALLOW, (), {"target": spelled, "reason": "it is"})
    assert isinstance(mark, Allowed)
    assert mark.covers(site) is covered


def test_the_closer_of_two_equal_claims_holds() -> None:
    marks = read_marks(
        [
            Mark(EXPECT, ("deprecated-use", "deprecated-base"), {"strict": False}),
            Mark(EXPECT, ("deprecated-base", "deprecated-use"), {"strict": True}),
            Mark(EXPECT, ("deprecated-import",)),
        ]
    )
    assert [one.strict for one in marks.expects] == [False, None]
