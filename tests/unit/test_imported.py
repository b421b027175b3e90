"""What an import names, and which target that is."""

from __future__ import annotations

import ast

import pytest

from pytest_ssot_tracker.imported import (
    Imported,
    Named,
    absolute,
    at_home,
    matched,
    matched_by_text,
    named_by_call,
    named_by_statement,
    named_by_text,
)
from pytest_ssot_tracker.model import Target


def statement(text: str, module: str = "pkg.app", *, is_package: bool = False) -> list[tuple[str, str | None]]:
    node = ast.parse(text).body[0]
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    return [tuple(one) for one in named_by_statement(node, module=module, is_package=is_package)]


def call(callee: str, text: str, module: str = "pkg.app", *, is_package: bool = False) -> str | None:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    return named_by_call(callee, node, module=module, is_package=is_package)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("import pkg.old", [("pkg.old", None)]),
        ("import pkg.old as o, os", [("pkg.old", None), ("os", None)]),
        ("from pkg import old", [("pkg", "old")]),
        ("from pkg.old import A, B as C", [("pkg.old", "A"), ("pkg.old", "B")]),
        ("from pkg.old import *", [("pkg.old", "*")]),
        ("from . import old", [("pkg", "old")]),
        ("from .old import A", [("pkg.old", "A")]),
        ("from .. import old", []),
    ],
)
def test_a_statement_names_modules_and_attributes(text: str, named: list[tuple[str, str | None]]) -> None:
    assert statement(text) == named


def test_in_a_package_one_dot_is_the_package_itself() -> None:
    assert statement("from .old import A", "pkg.sub", is_package=True) == [("pkg.sub.old", "A")]
    assert statement("from ..old import A", "pkg.sub", is_package=True) == [("pkg.old", "A")]


@pytest.mark.parametrize(
    ("name", "level", "package", "found"),
    [
        ("a.b", 0, "x.y", "a.b"),
        ("a", 1, "x.y", "x.y.a"),
        ("", 1, "x.y", "x.y"),
        ("a", 2, "x.y", "x.a"),
        ("a", 3, "x.y", None),
        ("a", 1, "", None),
    ],
)
def test_dots_lead_up_from_the_package(name: str, level: int, package: str, found: str | None) -> None:
    assert absolute(name, level, package) == found


@pytest.mark.parametrize(
    ("callee", "text", "named"),
    [
        ("importlib.import_module", "f('pkg.old')", "pkg.old"),
        ("importlib.import_module", "f(name='pkg.old')", "pkg.old"),
        ("importlib.import_module", "f('.old', package='pkg')", "pkg.old"),
        ("importlib.import_module", "f('..old', 'pkg.sub')", "pkg.old"),
        ("importlib.import_module", "f('.old', __package__)", "pkg.old"),
        ("importlib.import_module", "f('.old', __name__)", "pkg.app.old"),
        ("importlib.import_module", "f('.old', package=somewhere)", None),
        ("importlib.import_module", "f(name)", None),
        ("unittest.mock.patch", "f('pkg.old.Thing', 3)", "pkg.old.Thing"),
        ("unittest.mock.patch.dict", "f(in_dict='pkg.old.registry')", "pkg.old.registry"),
        ("pkgutil.resolve_name", "f('pkg.old:Thing')", "pkg.old:Thing"),
        ("monkeypatch.setattr", "f('pkg.old.Thing', 3)", "pkg.old.Thing"),
        ("monkeypatch.setattr", "f(thing, 'name', 3)", None),
        ("somebody.else_", "f('pkg.old')", None),
        ("importlib.import_module", "f()", None),
    ],
)
def test_a_call_names_what_its_string_says(callee: str, text: str, named: str | None) -> None:
    assert call(callee, text) == named


@pytest.mark.parametrize(
    ("text", "module", "attribute"),
    [
        ("pkg.old.Thing.method", "pkg.old", "Thing.method"),
        ("pkg.old", "pkg.old", None),
        ("pkg.other", "pkg", "other"),
        ("unknown.thing", "unknown", "thing"),
        ("pkg.old:Thing", "pkg.old", "Thing"),
        ("pkg.old:", "pkg.old", None),
    ],
)
def test_a_text_names_the_longest_module_in_it(text: str, module: str, attribute: str | None) -> None:
    assert named_by_text(text, {"pkg", "pkg.old"}.__contains__) == Imported(module, attribute)


def match(targets: list[str], module: str, attribute: str | None = None, *, submodule: bool = False) -> str | None:
    found = matched([Target.parse(one) for one in targets], Imported(module, attribute), submodule=submodule)
    return None if found is None else f"{found.name} <- {found.declared}"


@pytest.mark.parametrize(
    ("targets", "module", "attribute", "submodule", "found"),
    [
        (["pkg.old"], "pkg.old", None, False, "pkg.old <- pkg.old"),
        (["pkg.old"], "pkg.old.sub", None, False, "pkg.old.sub <- pkg.old"),
        (["pkg.old"], "pkg", None, False, None),
        (["pkg.old"], "pkg.older", None, False, None),
        (["pkg.old"], "pkg.old", "*", False, "pkg.old <- pkg.old"),
        (["pkg.old"], "pkg.old", "Thing", False, "pkg.old:Thing <- pkg.old"),
        (["pkg.old"], "pkg.old", "sub", True, "pkg.old.sub <- pkg.old"),
        (["pkg.old"], "pkg", "old", True, "pkg.old <- pkg.old"),
        (["pkg.old"], "pkg", "old", False, None),
        (["pkg.mod:Name"], "pkg.mod", None, False, None),
        (["pkg.mod:Name"], "pkg", "mod", True, None),
        (["pkg.mod:Name"], "pkg.mod", "Name", False, "pkg.mod:Name <- pkg.mod:Name"),
        (["pkg.mod:Name"], "pkg.mod", "Other", False, None),
        (["pkg.mod:Name.method"], "pkg.mod", "Name", False, None),
        (["pkg.mod", "pkg.mod:Name"], "pkg.mod", "Name", False, "pkg.mod:Name <- pkg.mod:Name"),
        (["pkg.*_old"], "pkg.a_old", None, False, "pkg.a_old <- pkg.*_old"),
        (["pkg.*:Old*"], "pkg.mod", "OldThing", False, "pkg.mod:OldThing <- pkg.*:Old*"),
        (["**.legacy"], "pkg.legacy", "Thing", False, "pkg.legacy:Thing <- **.legacy"),
    ],
)
def test_a_target_means_what_is_imported(
    targets: list[str], module: str, attribute: str | None, submodule: bool, found: str | None
) -> None:
    assert match(targets, module, attribute, submodule=submodule) == found


@pytest.mark.parametrize(
    ("target", "attribute", "found"),
    [
        ("pkg.old", "Thing.method", "pkg.old"),
        ("pkg.old:Thing", "Thing.method", "pkg.old:Thing"),
        ("pkg.old:Thing.method", "Thing.method", "pkg.old:Thing.method"),
        ("pkg.old:Thing.method", "Thing", None),
        ("pkg.old", None, "pkg.old"),
    ],
)
def test_a_string_imports_the_module_unless_only_a_name_is_deprecated(
    target: str, attribute: str | None, found: str | None
) -> None:
    named = matched_by_text([Target.parse(target)], Imported("pkg.old", attribute))
    assert (named and named.name) == found


@pytest.mark.parametrize(
    ("declared", "name", "importer", "own"),
    [
        ("pkg.old", "pkg.old:Thing", "pkg.old", True),
        ("pkg.old", "pkg.old.sub", "pkg.old.other.deep", True),
        ("pkg.old", "pkg.old", "pkg.older", False),
        ("pkg.old", "pkg.old", "pkg", False),
        ("**.legacy", "a.legacy.sub:Thing", "a.legacy.other", True),
        ("**.legacy", "a.legacy.sub", "b.legacy", False),
        ("pkg.mod:Name", "pkg.mod:Name", "pkg.mod", True),
        ("pkg:Name", "pkg:Name", "pkg.mod", False),
    ],
)
def test_what_belongs_to_a_target_is_at_home_there(declared: str, name: str, importer: str, own: bool) -> None:
    assert at_home(Named(name, Target.parse(declared)), importer) is own
