"""The schema for editors says the same as the checks: both take the same, and refuse the same."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_ssot_tracker.cli import main
from pytest_ssot_tracker.settings import ConfigurationError, checks, load
from pytest_ssot_tracker.settings.schema import WORDS, in_pyproject, schema

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]
TABLE = "[ssot.orders]\n"
IDS = "[ids.orders]\n"


def problems(text: str) -> list[str]:
    document = json.loads(json.dumps(tomllib.loads(text), default=datetime.date.isoformat))
    return [error.message for error in jsonschema.Draft7Validator(schema()).iter_errors(document)]


def loads(text: str, tmp_path: Path) -> bool:
    (tmp_path / "ssot_tracker.toml").write_text(text, encoding="utf-8")
    try:
        load(tmp_path, verify=False)
    except ConfigurationError:
        return False
    return True


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    jsonschema.Draft7Validator.check_schema(in_pyproject())


def test_every_key_is_in_it_with_a_line_for_people() -> None:
    keys = {
        key
        for fields in ("TOP", "SSOT", "IDS", "WARNINGS", "CONTEXT", "GATE", "STATES")
        for key in getattr(checks, fields)
    }
    assert set(WORDS) == keys


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("pyproject.toml")), ids=str)
def test_the_examples_are_valid(path: Path) -> None:
    document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    plain = json.loads(json.dumps(document, default=datetime.date.isoformat))
    jsonschema.Draft7Validator(in_pyproject()).validate(plain)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'phase = "ratchet"\nsource = ["app", "./lib"]\nexclude = ["**/migrations/**"]',
        TABLE + 'canonical = "a.b:C"\ndeprecated = ["a.*.old", "**.legacy:get_*", "os:environ"]',
        TABLE + """deprecated = ["a.b:c(d)", "a.b.C.d( e = 'f' )"]\nreplace = { "a.b:c(d)" = "a.b:c(e)" }""",
        TABLE + 'reset = "instance"',
        TABLE + 'reset = "a.b:clear"',
        TABLE + "until = 2026-12-31",
        TABLE + 'max = { "deprecated-import" = 4 }',
        TABLE + 'canonical = "a:B"\nprovides = ["one"]\nfixture = "orders"',
        TABLE + 'keys = { "a.b:C.move" = "context.order" }',
        TABLE + 'states = { method = "a:B.c", key = "k", state = "s", allowed = { "" = ["A"], A = [] } }',
        TABLE + 'deprecated = ["a.old:x"]\nreplace = { "a.old:x" = "a.new:x" }',
        IDS + 'generators = ["a:b"]\nforbidden = ["uuid:uuid4"]\npatterns = ["time-format"]',
        '[[gate]]\nname = "n"\nmeasure = "sites"\nmax = 4',
    ],
)
def test_what_loads_is_valid(text: str, tmp_path: Path) -> None:
    assert loads(text, tmp_path)
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'phase = "rachet"',
        "sauce = []",
        'source = "app"',
        'source = [""]',
        'source = ["/app"]',
        'source = ["app/../lib"]',
        "[orders]",
        TABLE + 'canonical = "a.*:B"',
        TABLE + 'canonical = "a.b:"',
        TABLE + 'deprecated = ["a..b"]',
        TABLE + 'deprecated = ["a-b"]',
        TABLE + 'deprecated = ["a.b:c(d"]',
        TABLE + 'allow_in = ["a.b:c(d)"]',
        TABLE + 'accessors = ["a"]',
        TABLE + 'reset = "sometimes"',
        TABLE + "until = 2026-12-31T10:00:00" + "\nphase = 1",
        TABLE + 'max = { "deprecated-imports" = 4 }',
        TABLE + 'max = { "deprecated-import" = -1 }',
        TABLE + 'fixture = "ssot"',
        TABLE + 'fixture = "tmp_path"',
        TABLE + 'fixture = "two words"',
        TABLE + 'keys = { a = "order" }',
        TABLE + 'states = { method = "a:B.c", key = "k", state = "s" }',
        TABLE + 'owner = ""',
        IDS + 'patterns = ["time"]',
        '[[gate]]\nname = "n"\nmeasure = "sites"',
        '[[gate]]\nmeasure = "sites"\nmax = 4',
    ],
)
def test_what_is_refused_is_invalid(text: str, tmp_path: Path) -> None:
    assert not loads(text, tmp_path)
    assert problems(text) != []


@pytest.mark.parametrize(("more", "expected"), [([], schema()), (["--pyproject"], in_pyproject())])
def test_the_command_prints_it(more: list[str], expected: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", *more]) == 0
    assert json.loads(capsys.readouterr().out) == expected
