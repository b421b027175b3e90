"""Test `ssot-tracker init`: what it proposes loads, what is there is kept, what is configured is left."""

from __future__ import annotations

import io
import sys

import pytest

from pytest_ssot_tracker.model import Phase
from pytest_ssot_tracker.settings import load

STORE = """\
import uuid

class {name}:
    def put_order(self, order_id, order):
        self.orders[order_id] = order

    def take_order(self, order_id):
        return self.orders.pop(order_id)

    def count_orders(self):
        return len(self.orders)

_it = {name}()

def get_{module}():
    return _it

def new_{module}_id():
    return uuid.uuid4()
"""

PROJECT = """\
# about us
[project]
name = "shop" # ours

# how it is built
[build-system]
requires = []
"""


@pytest.fixture
def twice(project):
    project.write("shop/store.py", STORE.format(name="OrderStore", module="store"))
    project.write("shop/store_new.py", STORE.format(name="NewOrderStore", module="new_store"))
    project.write("shop/user.py", "from shop.store import get_store\n")
    project.write("pyproject.toml", PROJECT)
    return project


def test_a_table_is_proposed_for_each_group_and_one_for_identifiers(twice):
    assert twice.call("init") == 0
    lines = twice.out.splitlines()
    assert lines[:4] == [
        "[tool.ssot_tracker]",
        "# Proposed by `ssot-tracker init` from 7 files: keep what is right, delete the rest.",
        'phase  = "baseline" # records only; go on to "ratchet", then to "enforce"',
        'source = ["shop"]',
    ]
    assert lines[5].startswith("# shop.store_new:NewOrderStore: names share order, store and differ in new; ")
    assert lines[6:13] == [
        "[tool.ssot_tracker.ssot.order_store]",
        'canonical  = "shop.store:OrderStore" # a guess: used by 1 file',
        'accessors  = ["shop.store:get_store"]',
        'deprecated = ["shop.store_new:NewOrderStore", "shop.store_new:get_new_store"]',
        'competing  = ["shop.store:OrderStore", "shop.store_new:NewOrderStore"]',
        'fixture    = "order_store"',
        "",
    ]
    assert lines[13:] == [
        "# uuid:uuid4: 2 sites in 2 files",
        "[tool.ssot_tracker.ids.identifiers]",
        'generators = ["shop.store:new_store_id"]',
        'forbidden  = ["uuid:uuid4"]',
    ]
    assert (twice.root / "pyproject.toml").read_text() == PROJECT


def test_what_is_written_loads_and_the_rest_of_the_file_is_as_it_was(twice):
    assert twice.call("init", "--write") == 0
    assert (twice.root / "pyproject.toml").read_text().startswith(PROJECT + "\n[tool.ssot_tracker]\n")
    settings = load(twice.root)
    assert settings.phase is Phase.BASELINE
    assert [table.name for table in settings.tables] == ["order_store", "identifiers"]
    assert settings.warnings == ()
    assert twice.err.splitlines()[-1].endswith(
        "pyproject.toml; `pytest` records from now on, and fails nothing before the phase is changed"
    )
    assert twice.call("scan") == 0


def test_line_ends_of_windows_are_kept(twice):
    file = twice.root / "pyproject.toml"
    file.write_bytes(b'[project]\r\nname = "shop"')
    assert twice.call("init", "--write") == 0
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    assert load(twice.root).active


def test_without_a_pyproject_a_file_of_our_own_is_written(twice):
    (twice.root / "pyproject.toml").unlink()
    assert twice.call("init", "--write", "shop") == 0
    assert (twice.root / "ssot_tracker.toml").read_text().startswith("# Proposed by `ssot-tracker init` from ")
    assert [table.name for table in load(twice.root).ssots] == ["order_store"]


def test_a_generator_of_a_class_that_is_to_go_is_not_proposed(twice):
    store = STORE.partition("\ndef new_")[0]
    store = store.replace("\n_it", "\n    def new_order_id(self):\n        return uuid.uuid4()\n\n_it")
    twice.write("shop/store.py", store.format(name="OrderStore", module="store"))
    twice.write("shop/store_new.py", store.format(name="NewOrderStore", module="new_store"))
    twice.write("shop/third.py", "from shop.store_new import get_new_store\nget_new_store().new_order_id()\n")
    assert twice.call("init") == 0
    lines = twice.out.splitlines()
    canonical = next(line for line in lines if line.startswith("canonical")).split('"')[1]
    assert f'generators = ["{canonical}.new_order_id"]' in lines


def test_without_a_generator_the_table_for_identifiers_is_a_comment(twice):
    twice.write("shop/store.py", "import uuid\ndef work():\n    return uuid.uuid4()\n")
    (twice.root / "shop/store_new.py").unlink()
    assert twice.call("init") == 0
    assert "# [tool.ssot_tracker.ids.identifiers]" in twice.out.splitlines()
    assert '# generators = ["pkg.ids:new_id"]' in twice.out.splitlines()


def test_what_is_configured_already_is_left_alone(project, refused):
    before = (project.root / "pyproject.toml").read_text()
    assert refused("init", "--write") == (
        f"ssot-tracker: {project.root}/pyproject.toml configures ssot_tracker already; "
        "`ssot-tracker discover` shows what else there is\n"
    )
    assert (project.root / "pyproject.toml").read_text() == before


def test_a_wrong_configuration_is_left_alone_too(project, refused):
    project.configure(top='phase = "rachet"')
    assert "there is a configuration already, and it is wrong:" in refused("init")


def test_a_pyproject_that_is_no_toml_is_left_alone(twice, refused):
    twice.write("pyproject.toml", "[project\n")
    assert "pyproject.toml: the file cannot be read: " in refused("init", "--write")
    assert (twice.root / "pyproject.toml").read_text() == "[project\n"


def test_a_pyproject_to_which_no_table_can_be_added_is_left_alone(twice, refused):
    twice.write("pyproject.toml", "tool = {}\n")
    assert "pyproject.toml cannot be added to: " in refused("init", "--write")
    assert (twice.root / "pyproject.toml").read_text() == "tool = {}\n"


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("\n", False), ("", False)])
def test_at_a_terminal_it_asks_before_it_writes(twice, monkeypatch, answer, written):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert twice.call("init") == 0
    assert load(twice.root).active is written
    assert "pyproject.toml? [y/N] " in twice.err


@pytest.mark.parametrize("code", ["", "import uuid\ndef work():\n    return uuid.uuid4()\n"])
def test_a_configuration_that_declares_nothing_is_not_written(twice, refused, code):
    """What there is may be a comment only: identifiers are made, but nobody makes them for all."""
    twice.write("shop/store.py", code)
    (twice.root / "shop/store_new.py").unlink()
    assert refused("init", "--write").splitlines()[-1] == (
        "ssot-tracker: nothing is marked deprecated and nothing looks like one job done twice, so there is nothing to "
        "declare yet: nothing was written; "
        "write [tool.ssot_tracker.ssot.NAME] with 'canonical' and 'deprecated' yourself"
    )
    assert (twice.root / "pyproject.toml").read_text() == PROJECT
    assert twice.call("init") == 0
    assert "there is nothing to declare yet; write" in twice.err


API = """\
import warnings
from typing_extensions import deprecated

def total(): ...

@deprecated("Use total instead.")
def sum_up(): ...

@deprecated("gone in time \x1b[31m")
class Log: ...

def old():
    warnings.warn("old() will be removed in 3.0, use total()", DeprecationWarning)
    return 1

def __getattr__(name):
    if name == "RATE":
        warnings.warn("RATE is deprecated", DeprecationWarning)
        return 3
    raise AttributeError(name)
"""

NEIGHBOURS = """
[tool.ruff.lint.flake8-tidy-imports.banned-api]
"shop.api.total".msg = "use math.fsum"
"no_such_package.thing".msg = "use anything else"

[[tool.importlinter.contracts]]
name = "Use knows no store"
type = "forbidden"
source_modules = ["shop.user"]
forbidden_modules = ["shop.store", "shop.gone"]
ignore_imports = ["shop.api -> shop.store"]
"""


@pytest.fixture
def declaring(twice):
    twice.write("shop/api.py", API)
    twice.write("shop/user.py", "from shop import api\napi.sum_up()\n")
    (twice.root / "shop/store_new.py").unlink()
    return twice


def test_what_code_declares_deprecated_is_proposed_first(declaring):
    declaring.write("shop/store_new.py", STORE.format(name="NewOrderStore", module="new_store"))
    declaring.write("shop/user.py", "from shop.store import get_store\n")
    assert declaring.call("init") == 0
    lines = declaring.out.splitlines()
    assert lines[5:17] == [
        '# Declared already: harvest = ["deprecated", "warnings", "getattr"] above would keep it up to date.',
        "[tool.ssot_tracker.ssot.shop]",
        "deprecated = [",
        '    "shop.api:sum_up", # shop/api.py:6',
        '    "shop.api:Log", # shop/api.py:9: gone in time [31m',
        '    "shop.api:old", # shop/api.py:13',
        '    "shop.api:RATE", # shop/api.py:18: RATE is deprecated',
        "]",
        '# the project\'s own version is not known: removed_in = { "shop.api:old" = "3.0" }',
        "",
        "[tool.ssot_tracker.ssot.shop.replace]",
        '"shop.api:sum_up" = "shop.api:total"',
    ]
    assert lines.index("[tool.ssot_tracker.ssot.order_store]") > 17


def test_what_is_proposed_is_what_harvest_makes_of_it(declaring):
    declaring.write("pyproject.toml", PROJECT.replace("[build", 'version = "1.0"\n[build') + NEIGHBOURS)
    assert declaring.call("init", "--write") == 0
    proposed = load(declaring.root).ssots
    kinds = '["deprecated", "warnings", "getattr", "docstring", "banned-api", "import-linter"]'
    text = PROJECT.replace("[build", 'version = "1.0"\n[build') + NEIGHBOURS
    declaring.write("pyproject.toml", f'{text}\n[tool.ssot_tracker]\nsource = ["shop"]\nharvest = {kinds}\n')
    live = {table.name: table for table in load(declaring.root).ssots}
    assert [table.name for table in proposed] == ["shop", "shop-use-knows-no-store"]
    for table in proposed:
        kept = live[table.name]
        told = (table.replace, table.removed_in, table.within, table.allow_in, table.rules)
        assert told == (kept.replace, kept.removed_in, kept.within, kept.allow_in, kept.rules)
        assert set(table.deprecated) <= set(kept.deprecated)
    assert [str(target) for target in proposed[1].deprecated] == ["shop.store"]


def test_what_was_proposed_is_found(declaring):
    assert declaring.call("init", "--write") == 0
    assert declaring.statuses("--all") == {"shop/user.py:2 deprecated-use": "new"}


def test_no_guess_is_made_of_what_the_code_says_itself(twice):
    text = STORE.format(name="NewOrderStore", module="new_store")
    twice.write(
        "shop/store_new.py",
        f"from warnings import deprecated\n@deprecated('use OrderStore')\n{text}".replace("import uuid\n\n", "", 1),
    )
    assert twice.call("init") == 0
    assert '"shop.store_new:NewOrderStore" = "shop.store:OrderStore"' in twice.out
    assert "[tool.ssot_tracker.ssot.order_store]" not in twice.out


def test_an_exception_of_a_contract_that_names_nothing_is_not_proposed(declaring):
    text = NEIGHBOURS.replace('"shop.api -> shop.store"', '"shop.api -> shop.store", "shop.user.inner -> shop.store"')
    declaring.write("pyproject.toml", PROJECT + text)
    assert declaring.call("init", "--write") == 0
    (table,) = (table for table in load(declaring.root).ssots if table.allow_in)
    assert list(map(str, table.allow_in)) == ["shop.api"]
