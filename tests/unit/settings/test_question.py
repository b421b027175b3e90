"""A question on the command line says the same as the tables that keep asking it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase, Target
from pytest_ssot_tracker.settings import ConfigurationError, load
from pytest_ssot_tracker.settings.question import Question

THING = Question(("app.old:Thing=app.new:Thing", "app.old:make_thing"), warnings=True)


def test_without_a_question_nothing_is_asked() -> None:
    assert not Question()


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("app.old:Thing", "thing"), ("app.old.OrderLog", "order_log"), ("app.old", "old"), ("uuid:*", "asked")],
)
def test_the_table_is_called_after_the_first_target(spelling: str, name: str) -> None:
    assert Question((spelling,)).name == name


def test_an_equals_sign_within_parentheses_belongs_to_the_target(tmp_path: Path) -> None:
    asked = Question(("app.old:send(mode='a=b')=app.old:send(kind)", "app.old:send(urgent)"))
    assert asked.targets == ("app.old:send(mode='a=b')", "app.old:send(urgent)")
    settings = load(tmp_path, question=asked)
    assert settings.ssots[0].arguments == {'app.old:send(mode="a=b")': "app.old:send(kind)"}
    (tmp_path / "pyproject.toml").write_text("\n".join(asked.toml()))
    assert load(tmp_path).ssots == settings.ssots


def test_an_equals_sign_at_the_end_belongs_to_the_target(tmp_path: Path) -> None:
    asked = Question(("app.old:Thing.state=", "app.old:Thing.kind==app.new:Thing.move"))
    assert asked.targets == ("app.old:Thing.state=", "app.old:Thing.kind=")
    assert asked.name == "state"
    settings = load(tmp_path, question=asked)
    assert [str(target) for target in settings.ssots[0].writes] == ["app.old:Thing.state=", "app.old:Thing.kind="]


def test_it_is_all_there_is_where_nothing_is_configured(tmp_path: Path) -> None:
    settings = load(tmp_path, question=THING)
    assert settings.phase is Phase.BASELINE
    assert [str(target) for target in settings.ssots[0].deprecated] == ["app.old:Thing", "app.old:make_thing"]
    assert settings.ssots[0].replace == {"app.old:Thing": "app.new:Thing"}
    assert [table.name for table in settings.warned] == ["all"]


def test_it_is_added_to_what_is_configured_and_only_recorded(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ssot_tracker.ssot.logs]\ndeprecated = ["app.logs"]\n')
    settings = load(tmp_path, question=THING)
    assert {table.name: table.phase for table in settings.ssots} == {"logs": None, "thing": Phase.BASELINE}
    assert settings.phase is Phase.ENFORCE


def test_the_lines_that_keep_asking_load_as_what_was_asked(tmp_path: Path) -> None:
    asked = load(tmp_path, question=THING)
    (tmp_path / "pyproject.toml").write_text("\n".join(THING.toml()))
    kept = load(tmp_path)
    assert (kept.ssots, kept.warned) == (asked.ssots, asked.warned)


def test_what_is_asked_badly_is_refused_as_a_configuration_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, question=Question(("app.old:",)))
    assert str(caught.value).startswith("command line: ssot.asked.deprecated[0]: 'app.old:' is not a target")


def test_a_replacement_is_the_one_named(tmp_path: Path) -> None:
    assert load(tmp_path, question=THING).ssots[0].replacement("app.old:Thing") == "app.new:Thing"
    assert Target("app.old", "Thing") in load(tmp_path, question=THING).ssots[0].deprecated
