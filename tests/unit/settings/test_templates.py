"""Read the expressions that replace identifiers made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.settings import ConfigurationError, load
from pytest_ssot_tracker.settings.templates import Template, TemplateError

TABLE = '[tool.ssot_tracker.ids.order]\nforbidden = ["uuid:uuid4"]\npatterns = ["time-format"]\nfix = {fix}\n'


def test_the_names_of_an_expression_come_from_its_module() -> None:
    template = Template.parse("pkg.ids:Issuer().issue(Kind.RUN, str(1))")
    assert (template.module, template.names, template.takes_prefix) == ("pkg.ids", ("Issuer", "Kind"), False)
    assert template.expression == "Issuer().issue(Kind.RUN, str(1))"


def test_an_expression_may_take_a_prefix() -> None:
    assert Template.parse("ids:issue({prefix})").takes_prefix


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("issue()", "the module before ':' is missing"),
        ("a b:issue()", "the module before ':' is missing"),
        ("ids:issue(", "'issue(' is no expression"),
        ("ids:str(1)", "'str(1)' uses nothing of ids"),
    ],
)
def test_what_is_no_template_is_refused(text: str, problem: str) -> None:
    with pytest.raises(TemplateError) as info:
        Template.parse(text)
    assert str(info.value) == f"{text!r} is no template: {problem}"


@pytest.mark.parametrize(
    ("fix", "read"),
    [
        ('"ids:issue()"', {"": "ids:issue()"}),
        ('{ "uuid:uuid4" = "ids:a()", time-format = "ids:b()" }', {"uuid:uuid4": "ids:a()", "time-format": "ids:b()"}),
    ],
)
def test_there_is_one_expression_or_one_for_each(tmp_path: Path, fix: str, read: dict[str, str]) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE.format(fix=fix))
    assert load(tmp_path).ids[0].fix == read


@pytest.mark.parametrize(
    ("fix", "problem"),
    [
        (
            '"issue()"',
            "pyproject.toml: ids.order.fix: 'issue()' is no template: the module before ':' is missing; "
            'write it as "pkg.ids:issue()"',
        ),
        (
            '{ "uuid:uuid5" = "ids:a()" }',
            "pyproject.toml: ids.order.fix.\"uuid:uuid5\": 'uuid:uuid5' is neither in 'forbidden' nor in 'patterns'; "
            "did you mean 'uuid:uuid4'?",
        ),
    ],
)
def test_a_bad_expression_is_refused_with_its_key(tmp_path: Path, fix: str, problem: str) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE.format(fix=fix))
    with pytest.raises(ConfigurationError) as info:
        load(tmp_path)
    assert str(info.value) == problem
