"""What is imported, patched or looked up by a text is found where the file tells the text, put together or not."""

from __future__ import annotations

import pytest

from .conftest import SHOP, Scan, found

IMPORTS = "import importlib, pytest, sys; from importlib import import_module; from unittest import mock\n"


def sites(scanned: Scan, code: str, *targets: str, whole: bool = True) -> list[str]:
    """Return the sites of a file of `code` as rule, target and line, counted from the first line of it."""
    result = scanned({**SHOP, "app.py": IMPORTS + code + "\n"}, deprecated=[*targets], options={"whole": whole})
    return [f"{site.rule} {site.target} {site.line - 1}" for site in result.sites if site.path == "app.py"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    "code",
    [
        "NAME = 'shop.old'\nimport_module(NAME)",
        "NAME = 'shop.old'\ndef load(): import_module(NAME)",
        "def load():\n    name = 'shop.old'; import_module(name)",
        "import_module('shop.' 'old')",
        "import_module('shop.' + 'old')",
        "PACKAGE = 'shop'\nimport_module(f'{PACKAGE}.old')",
        "PACKAGE = 'shop'\nimport_module(PACKAGE + '.old')",
        "PACKAGE = 'shop'\nimport_module('%s.old' % PACKAGE)",
        "for name in ('json', 'shop.old'):\n    import_module(name)",
        "[import_module(name) for name in ['shop.old']]",
        "name = 'json' if sys else 'shop.old'\nimport_module(name)",
        "@pytest.mark.parametrize('name', ['json', 'shop.old'])\ndef test_it(name): import_module(name)",
        "TARGET = 'shop.old.get_tracker'\nmock.patch(TARGET)",
        "MODULE = 'shop.old'\nmock.patch(f'{MODULE}.get_tracker')",
        "MODULE = 'shop.old'\n@mock.patch(MODULE + '.get_tracker')\ndef test_it(_): pass",
        "NAME = 'shop.old'\ndef test_it(monkeypatch): monkeypatch.setattr(f'{NAME}.LEGACY', 1)",
    ],
)
def test_a_module_is_imported_by_a_text_that_the_file_tells(code: str, whole: bool, scanned: Scan) -> None:
    [site] = sites(scanned, code, "shop.old", whole=whole)
    assert site.startswith("deprecated-import shop.old")
    assert int(site.rpartition(" ")[2]) >= code.count("\n")


@pytest.mark.parametrize(
    "code",
    [
        "NAME = 'shop.old'\ndef load(NAME): import_module(NAME)",
        "NAME = 'shop.old'\ndef load():\n    NAME = 'json'; import_module(NAME)",
        "NAME = 'shop.old'\nprint(NAME)",
        "NAME = ''\nimport_module(NAME)  # not old",
        "def one(): name = 'shop.old'\ndef two(): import_module(name)",
        "import_module('%s.%s' % ('shop',))",
        "name = name + '.old'\nimport_module(name)",
    ],
)
def test_a_text_of_another_scope_or_one_that_imports_nothing_is_no_site(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old") == []


@pytest.mark.parametrize(
    "code",
    [
        "from shop import old; NAME = 'get_tracker'; getattr(old, NAME)()",
        "from shop import old; vars(old)['get_tracker']()",
        "from shop import old; old.__dict__['get_tracker']()",
        "sys.modules['shop.old'].get_tracker()",
        "NAME = 'shop.old'; import_module(NAME).get_tracker()",
    ],
)
def test_what_is_looked_up_by_a_text_is_used(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old:get_tracker") == ["deprecated-use shop.old:get_tracker 1"]


def test_a_relative_text_is_resolved_from_the_package(scanned: Scan) -> None:
    code = "from importlib import import_module\nNAME = '.old'\nimport_module(NAME, __package__)\n"
    more = "from importlib import import_module\nimport_module(f'{__package__}.old')\nimport_module(__name__ + '.no')\n"
    result = scanned({**SHOP, "shop/use.py": code, "shop/more.py": more}, deprecated=["shop.old"])
    assert found(result, "shop/use.py") == ["deprecated-import shop.old 3"]
    assert found(result, "shop/more.py") == ["deprecated-import shop.old 2"]
