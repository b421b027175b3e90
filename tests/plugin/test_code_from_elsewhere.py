"""What runs need not be what stands in the tree: installed and built copies, links, code beside the root, two names."""

from __future__ import annotations

import json
import os
import py_compile
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.cli import main

CONFIGURATION = """\
[tool.ssot_tracker]
source = {source}
scan = {source}

[tool.ssot_tracker.ssot.shop]
canonical  = "shop.core:Tracker"
accessors  = ["shop.core:get_tracker"]
deprecated = ["shop.old"]

[tool.ssot_tracker.ids.shop]
forbidden = ["uuid:uuid4"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = {pythonpath}
addopts = "-p no:cacheprovider"
"""

SHOP = {
    "shop/__init__.py": "",
    "shop/old.py": "def log():\n    return 1\n",
    "shop/core.py": "class Tracker:\n    pass\n\n\n_one = Tracker()\n\n\ndef get_tracker():\n    return _one\n",
    "shop/service.py": "import uuid\n\nfrom shop import core, old\n\n\ndef log():\n    return old.log()\n\n\n"
    "def another():\n    return core.Tracker()\n\n\ndef ident():\n    return uuid.uuid4()\n",
}
TESTS = (
    "from shop import service\n\n\ndef test_log():\n    service.log()\n\n\n"
    "def test_another():\n    service.another()\n\n\ndef test_ident():\n    service.ident()\n"
)
FOUND = {
    "deprecated-import {}shop/service.py:3": "exercised",
    "deprecated-use {}shop/service.py:7": "exercised",
    "singleton-bypass {}shop/service.py:11": "exercised",
    "out-of-band-id {}shop/service.py:15": "exercised",
}


class Project:
    """A project at `root`, in a folder of its own, with whatever lies around it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.around = pytester.path
        self.root = pytester.path / "root"
        self.root.mkdir()
        self.result: dict[str, Any] = {}
        self.output = ""

    def write(self, folder: str, files: dict[str, str] = SHOP) -> Path:
        for name, text in files.items():
            file = self.around / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return self.around / folder

    def configure(self, *, source: list[str], pythonpath: list[str] = []) -> None:  # noqa: B006 - never changed
        text = CONFIGURATION.format(source=json.dumps(source), pythonpath=json.dumps(pythonpath))
        (self.root / "pyproject.toml").write_text(text, encoding="utf-8")

    def run(self, *args: str, path: Path | None = None) -> dict[str, str]:
        """Run the tests in a process of their own; return how each site was reached."""
        os.chdir(self.root)
        if path is not None:
            self.pytester._monkeypatch.setenv("PYTHONPATH", str(path))
        done = self.pytester.runpytest_subprocess("--ssot-report=json", *args)
        self.output = done.stdout.str() + done.stderr.str()
        file = self.root / "ssot-result.json"
        assert file.exists(), self.output
        self.result = json.loads(file.read_text(encoding="utf-8"))
        return {f"{one['rule']} {one['path']}:{one['line']}": one["exercise"] for one in self.result["sites"]}

    def blind(self) -> dict[str, str]:
        return {one["target"]: one["why"] for one in self.result["run"].get("blind_spots", ())}


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """Return an empty project."""
    return Project(pytester)


def expected(prefix: str) -> dict[str, str]:
    return {site.format(prefix): how for site, how in FOUND.items()}


@pytest.mark.parametrize(
    ("copy", "layout"),
    [("env/site-packages", "src/"), ("root/.nox/x/site-packages", ""), ("root/build/lib", ""), ("elsewhere", "src/")],
)
def test_a_copy_that_says_the_same_is_the_code_of_the_tree(project: Project, copy: str, layout: str) -> None:
    project.write(f"root/{layout}")
    copied = project.write(copy)
    project.write("root", {"tests/test_it.py": TESTS})
    project.configure(source=[f"{layout}shop"])
    assert project.run("-p", "ssot_tracker", "--import-mode=importlib", path=copied) == expected(layout)
    assert {one["outcome"] for one in project.result["tests"]} == {"failed"}
    assert project.blind() == {}


def test_a_copy_that_says_something_else_is_a_blind_spot_that_names_package_and_place(project: Project) -> None:
    project.write("root/src")
    stale = SHOP["shop/service.py"].replace("return old.log()", "return 1")
    copied = project.write("env/site-packages", {**SHOP, "shop/service.py": stale})
    project.write("root", {"tests/test_it.py": TESTS})
    project.configure(source=["src/shop"])
    sites = project.run(path=copied)
    assert set(sites.values()) == {"unexercised"}
    why = project.blind()["shop"]
    assert str(copied / "shop") in why
    assert "service.py says something else than src/shop/service.py" in why
    project.run("--no-ssot-scan", path=copied)
    assert "shop" in project.blind()
    assert "ssot: clean" not in project.output


def test_a_compiled_module_is_a_blind_spot(project: Project) -> None:
    project.write("root/src")
    copied = project.write("env/site-packages")
    py_compile.compile(str(copied / "shop/service.py"), cfile=str(copied / "shop/service.pyc"))
    (copied / "shop/service.py").unlink()
    project.write("root", {"tests/test_it.py": TESTS})
    project.configure(source=["src/shop"])
    project.run(path=copied)
    assert "service.pyc is compiled, and is not src/shop/service.py" in project.blind()["shop"]


def test_a_file_that_only_the_installed_copy_has_is_none(project: Project) -> None:
    project.write("root/src")
    copied = project.write("env/site-packages", {**SHOP, "shop/_version.py": "version = '1'\n"})
    project.write("root", {"tests/test_it.py": f"from shop import _version\n{TESTS}"})
    project.configure(source=["src/shop"])
    assert project.run(path=copied) == expected("src/")
    assert project.blind() == {}


def test_linked_files_and_folders_are_watched_where_they_stand(project: Project) -> None:
    elsewhere = project.write("elsewhere")
    project.write("root", {"shop/__init__.py": "", "tests/test_it.py": TESTS})
    for name in ("old.py", "core.py", "service.py"):
        (project.root / "shop" / name).symlink_to(elsewhere / "shop" / name)
    project.configure(source=["shop"], pythonpath=["."])
    assert project.run() == expected("")


def test_a_linked_package_is_watched_where_it_stands(project: Project) -> None:
    elsewhere = project.write("elsewhere")
    project.write("root", {"tests/test_it.py": TESTS})
    (project.root / "shop").symlink_to(elsewhere / "shop", target_is_directory=True)
    project.configure(source=["."], pythonpath=["."])
    assert project.run() == expected("")


def test_code_beside_the_root_is_ours_where_it_is_declared(project: Project) -> None:
    project.write("libs")
    project.write("root", {"tests/test_it.py": TESTS})
    project.configure(source=["../libs", "tests"], pythonpath=["../libs"])
    assert project.run("--ssot-report=html") == expected("../libs/")
    assert (project.root / "ssot_html" / "index.html").exists()
    assert main(["baseline"]) == 0
    known = json.loads((project.root / "ssot-baseline.json").read_text(encoding="utf-8"))
    assert "../libs/shop/service.py" in json.dumps(known)
    project.run("--ssot-phase=ratchet")
    assert {one["status"] for one in project.result["sites"]} == {"known"}


def test_code_beside_the_root_that_nobody_declares_is_a_blind_spot_if_it_speaks_of_what_is_watched(
    project: Project,
) -> None:
    project.write("libs", {"util/__init__.py": "from shop import old\n\n\ndef use():\n    return old.log()\n"})
    project.write("libs", {"plain/__init__.py": "x = 1\n"})
    project.write("root")
    project.write("root", {"tests/test_it.py": "import plain\nimport util\n\n\ndef test_it():\n    pass\n"})
    project.configure(source=["shop"], pythonpath=[".", "../libs"])
    project.run()
    assert list(project.blind()) == ["util"]
    assert "add '../libs/util' to source" in project.blind()["util"]


def test_a_file_under_two_names_is_a_finding(project: Project) -> None:
    project.write("root")
    tests = "import core\nfrom shop import core as other\n\n\ndef test_it():\n    assert core is not other\n"
    project.write("root", {"tests/test_it.py": tests})
    project.configure(source=["shop"], pythonpath=[".", "shop"])
    assert "double-import shop/core.py:1" in project.run()
    (site,) = (one for one in project.result["sites"] if one["rule"] == "double-import")
    assert (site["target"], site["ssot"], site["status"]) == ("shop.core", "shop", "new")
    assert "is loaded as shop.core and as core" in json.dumps(site)


SHORT = """\
import importlib

import core
import old
from core import Tracker
from old import log
from unittest import mock


def use():
    old.log()
    log()
    Tracker()
    core.Tracker()
    importlib.import_module("old")


def fake():
    with mock.patch("old.log"):
        pass
"""


@pytest.mark.parametrize("first", ["shop.old", "old"])
def test_both_copies_of_a_file_under_two_names_are_watched(project: Project, first: str) -> None:
    project.write("root", {**SHOP, "shop/short.py": SHORT})
    tests = (
        f"import {first}\nfrom shop import service, short\nimport shop.core\n\n\ndef test_use():\n    short.use()\n\n\n"
    )
    tests += "def test_fake():\n    short.fake()\n\n\ndef test_service():\n    service.log()\n    service.another()\n"
    project.write("root", {"tests/test_it.py": tests})
    project.configure(source=["shop"], pythonpath=[".", "shop"])
    sites = {site: how for site, how in project.run().items() if "/short.py" in site or site.startswith("double")}
    assert sites == {
        "deprecated-import shop/short.py:4": "exercised",
        "deprecated-import shop/short.py:6": "exercised",
        "deprecated-use shop/short.py:11": "exercised",
        "deprecated-use shop/short.py:12": "exercised",
        "singleton-bypass shop/short.py:13": "exercised",
        "singleton-bypass shop/short.py:14": "exercised",
        "deprecated-import shop/short.py:15": "exercised",
        "deprecated-import shop/short.py:19": "exercised",
        "double-import shop/core.py:1": "dynamic",
        "double-import shop/old.py:1": "dynamic",
    }
    targets = {site["target"] for site in project.result["sites"]}
    assert targets == {"shop.old", "shop.old:log", "shop.core:Tracker", "shop.core", "uuid:uuid4"}
    assert project.blind() == {}


def test_a_library_with_the_short_name_of_a_target_is_none(project: Project) -> None:
    installed = project.write("env/site-packages", {"old.py": "def log():\n    return 1\n"})
    project.write("root", {**SHOP, "shop/short.py": "import old\n\n\ndef use():\n    return old.log()\n"})
    project.write("root", {"tests/test_it.py": "from shop import short\n\n\ndef test_it():\n    short.use()\n"})
    project.configure(source=["shop"], pythonpath=["."])
    assert not [site for site in project.run(path=installed) if "/short.py" in site]
    assert project.blind() == {}


@pytest.mark.parametrize(
    "code",
    [
        "import importlib\nfrom shop import core\n\n\ndef test_it():\n    importlib.reload(core)\n",
        "import sys\nfrom shop import core\nsys.modules['core'] = core\n\n\ndef test_it():\n    import core\n",
        "import sys\n\n\ndef test_it():\n    from shop import core\n    del sys.modules['shop.core']\n"
        "    import shop.core\n",
    ],
    ids=["reloaded", "under an alias", "imported again"],
)
def test_one_module_object_after_another_is_no_double_import(project: Project, code: str) -> None:
    project.write("root")
    project.write("root", {"tests/test_it.py": code})
    project.configure(source=["shop"], pythonpath=["."])
    assert not [site for site in project.run() if site.startswith("double-import")]


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_no_import_mode_of_pytest_loads_a_file_twice(project: Project, mode: str) -> None:
    project.write("root")
    project.write("root", {"tests/conftest.py": "import shop.core\n"})
    project.write("root", {"tests/a/test_it.py": "from shop import core\n\n\ndef test_it():\n    pass\n"})
    project.configure(source=["."], pythonpath=["."])
    assert not [site for site in project.run(f"--import-mode={mode}") if site.startswith("double-import")]
