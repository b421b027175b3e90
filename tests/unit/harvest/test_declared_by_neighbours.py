"""What ruff bans and what import-linter forbids is taken over as it is meant there."""

from __future__ import annotations

import pytest

BANNED = '[{above}banned-api]\n"cgi".msg = "Use multipart instead."\n"shop.old.Log".msg = "use shop.new.Log"\n'


@pytest.fixture
def shop(project):
    project.write("shop/old.py", "class Log: ...\n")
    project.write("shop/new.py", "class Log: ...\n")
    return project


@pytest.mark.parametrize(
    ("file", "above"),
    [
        ("pyproject.toml", "tool.ruff.lint.flake8-tidy-imports."),
        ("pyproject.toml", "tool.ruff.flake8-tidy-imports."),
        ("ruff.toml", "lint.flake8-tidy-imports."),
        (".ruff.toml", "lint.flake8-tidy-imports."),
    ],
)
def test_what_ruff_bans_is_deprecated(shop, file, above) -> None:
    shop.write(file, BANNED.format(above=above))
    assert shop.harvested() == {"cgi": "", "shop.old:Log": "shop.new:Log"}
    assert [str(target) for target in shop.table("cgi").deprecated] == ["cgi"]


def test_what_ruff_takes_over_from_another_file_is_banned_too(shop) -> None:
    shop.write("base.toml", BANNED.format(above="lint.flake8-tidy-imports."))
    shop.write("ruff.toml", 'extend = "base.toml"\n')
    assert shop.harvested() == {"cgi": "", "shop.old:Log": "shop.new:Log"}


def test_files_that_ruff_passes_over_may_use_what_is_banned(shop) -> None:
    ignored = '[lint.per-file-ignores]\n"tests/*" = ["TID251"]\n"shop/compat.py" = ["TID"]\n"shop/x.py" = ["E501"]\n'
    shop.write("ruff.toml", ignored + BANNED.format(above="lint.flake8-tidy-imports."))
    assert [str(target) for target in shop.table().allow_in] == ["tests", "shop.compat"]


PYPROJECT = """
[tool.importlinter]
root_package = "shop"

[[tool.importlinter.contracts]]
name = "The domain knows no database"
type = "forbidden"
source_modules = ["shop.domain"]
forbidden_modules = ["shop.db", "sqlalchemy"]
ignore_imports = ["shop.domain.legacy -> shop.db"]

[[tool.importlinter.contracts]]
name = "Layers"
type = "layers"
layers = ["shop.web", "shop.db"]
"""
INI = """
[importlinter]
root_package = shop

[importlinter:contract:one]
name = The domain knows no database
type = forbidden
source_modules =
    shop.domain
forbidden_modules =
    shop.db
    sqlalchemy
ignore_imports =
    shop.domain.legacy -> shop.db
"""


@pytest.mark.parametrize(("file", "text"), [("pyproject.toml", PYPROJECT), (".importlinter", INI), ("setup.cfg", INI)])
def test_what_import_linter_forbids_is_no_import_for_those_modules(project, file, text) -> None:
    project.write("shop/db.py", "")
    project.write("shop/domain/__init__.py", "")
    project.write(file, text)
    settings = project.load()
    told = {
        table.name: ([*map(str, table.deprecated)], table.within, [*map(str, table.allow_in)], table.rules)
        for table in settings.ssots
    }
    assert told == {
        "shop": (["shop.db"], ("shop.domain",), ["shop.domain.legacy"], ("deprecated-import",)),
        "sqlalchemy": (["sqlalchemy"], ("shop.domain",), [], ("deprecated-import",)),
    }


def test_what_is_forbidden_to_some_stands_beside_what_is_deprecated_for_all(project) -> None:
    project.write("shop/db.py", "from warnings import deprecated\n@deprecated('gone')\ndef old(): ...\n")
    project.write(".importlinter", INI)
    assert [table.name for table in project.load().ssots] == [
        "shop",
        "shop-the-domain-knows-no-database",
        "sqlalchemy",
    ]


@pytest.mark.parametrize("file", ["ruff.toml", ".importlinter", "setup.cfg", "pyproject.toml"])
def test_a_file_of_theirs_that_cannot_be_read_is_theirs_to_report(project, file) -> None:
    project.write(file, "[[[")
    assert project.harvested() == {}
