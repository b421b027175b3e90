"""Cases of `deprecated-import` without a statement in a file: by a string, by made code, by a loader."""

from __future__ import annotations

from ..case import Case, Site, call, collected
from .legacy import MODULE, OLD

RULE = "deprecated-import"
BY_STRING = "contract 3: any statement or call that imports, by string as well"


def one(slug: str, says: str, body: str, *, target: str = "proj.old", **files: str) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`."""
    hub = "from proj.old import make  # site: inner\n"
    body = body if "def test_it" in body else "def test_it():\n    " + body.strip().replace("\n", "\n    ") + "\n"
    sites = (Site("here", RULE, target, "test_it"),)
    if "proj.hub" in body:
        files["hub.py"] = hub
        sites += (Site("inner", RULE, "proj.old:make", seen=(collected(),)),)
        body = "import proj.hub\n" + body
    return Case(
        slug=slug,
        says=says,
        about=BY_STRING,
        files={"old.py": OLD, "test_it.py": body, **files},
        config=MODULE,
        sites=sites,
    )


CASES = [
    one(
        "import_in_exec",
        "an import in a string that is executed is charged to the statement that executes it",
        'exec("from proj.old import make", {})  # site: here',
        target="proj.old:make",
    ),
    one(
        "import_in_exec_with_own_names",
        "an import in a string that is executed with the names of its module is charged to the statement",
        'exec("import proj.old")  # site: here',
    ),
    one(
        "relative_import_in_exec",
        "a relative import in executed code starts from the package that the code was given",
        'exec("from .old import make", {"__package__": "proj"})  # site: here',
        target="proj.old:make",
    ),
    one(
        "star_import_in_exec",
        "a star import in executed code is seen",
        'exec("from proj.old import *", {})  # site: here',
    ),
    one(
        "import_in_compiled_code",
        "an import in code that was compiled under a name of no file is charged to who executes it",
        """
code = compile("import proj.old", "/nowhere/made.py", "exec")
exec(code, {"__file__": "/nowhere/made.py"})  # site: here
""",
    ),
    one(
        "import_in_eval",
        "an import within eval is charged to the statement that evaluates",
        """eval("__import__('proj.old')")  # site: here""",
    ),
    one(
        "import_in_a_made_function",
        "an import in a function that executed code has defined is charged to its caller",
        """
names = {}
exec("def made():\\n    import proj.old", names)
names["made"]()  # site: here
""",
    ),
    one(
        "import_by_timeit",
        "an import in a string that the standard library executes is charged to the call",
        """
import timeit
timeit.timeit("make", setup="from proj.old import make", number=1)  # site: here
""",
        target="proj.old:make",
    ),
    Case(
        slug="import_handed_to_a_thread",
        says="an import that is handed to a thread, an executor or a task is seen where that is done",
        about=BY_STRING,
        files={
            "old.py": OLD,
            "test_it.py": """
            import asyncio, importlib, threading
            from concurrent.futures import ThreadPoolExecutor

            def test_it():
                thread = threading.Thread(target=importlib.import_module, args=("proj.old",))
                thread.start()  # site: here
                thread.join()

            def test_executor():
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(__import__, "proj.old").result()  # site: submit
                    list(pool.map(importlib.import_module, ["proj.old"]))  # site: map

            def test_task():
                asyncio.run(asyncio.to_thread(importlib.import_module, "proj.old"))  # site: task
            """,
        },
        config=MODULE,
        sites=(
            Site("here", RULE, "proj.old", "test_it"),
            Site("submit", RULE, "proj.old", "test_executor", (call(test="test_executor"),)),
            Site("map", RULE, "proj.old", "test_executor", (call(test="test_executor"),)),
            Site("task", RULE, "proj.old", "test_task", (call(test="test_task"),)),
        ),
    ),
    one(
        "import_in_a_script",
        "an import in a script outside the project, run by its path, is charged to who runs it",
        """
def test_it(tmp_path):
    import runpy
    (tmp_path / "script.py").write_text("import proj.old")
    runpy.run_path(str(tmp_path / "script.py"))  # site: here
""",
    ),
    one(
        "loaded_from_its_file",
        "a deprecated module loaded from its file by its loader is seen where that is called",
        """
import importlib.util, pathlib
path = pathlib.Path(__file__).parent / "old.py"
spec = importlib.util.spec_from_file_location("proj.old", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)  # site: here
""",
    ),
    one(
        "loaded_by_its_loader",
        "a deprecated module loaded by load_module is seen where that is called",
        """
import importlib.machinery, pathlib
path = str(pathlib.Path(__file__).parent / "old.py")
importlib.machinery.SourceFileLoader("proj.old", path).load_module()  # site: here
""",
    ),
    one(
        "found_and_executed",
        "a deprecated module found by find_spec and executed is seen, loaded before or not",
        """
import importlib.util
spec = importlib.util.find_spec("proj.old")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)  # site: here
""",
    ),
    one(
        "run_by_its_path",
        "a deprecated module run by runpy.run_path is seen where that is called",
        """
import pathlib, runpy
runpy.run_path(str(pathlib.Path(__file__).parent / "old.py"))  # site: here
""",
    ),
    one(
        "loaded_from_an_archive",
        "a deprecated module loaded from an archive by hand is seen where that is called",
        """
def test_it(tmp_path):
    import zipfile, zipimport
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr("proj/old.py", "X = 1")
    importer = zipimport.zipimporter(str(tmp_path / "old.zip") + "/proj")
    spec = importer.find_spec("proj.old")
    import importlib.util
    spec.loader.exec_module(importlib.util.module_from_spec(spec))  # site: here
""",
    ),
    one(
        "patched_reexport",
        "mock.patch of a name that is re-exported from a deprecated module is seen with the name it has there",
        """
from unittest import mock
with mock.patch("proj.hub.make"):  # site: here
    pass
""",
        target="proj.old:make",
    ),
    one(
        "monkeypatched_reexport",
        "monkeypatch of such a name, by a string, is seen",
        """
def test_it(monkeypatch):
    monkeypatch.setattr("proj.hub.make", None)  # site: here
""",
        target="proj.old:make",
    ),
    one(
        "deleted_by_string",
        "monkeypatch.delattr of a string is seen",
        """
def test_it(monkeypatch):
    monkeypatch.delattr("proj.old.make")  # site: here
""",
    ),
    one(
        "patched_dict_of_a_module",
        "mock.patch.dict of a deprecated module's names is seen",
        """
from unittest import mock
with mock.patch.dict("proj.old.__dict__", {"more": 1}):  # site: here
    pass
""",
    ),
    one(
        "resolved_reexport",
        "pkgutil.resolve_name of a re-exported name is seen",
        """
import pkgutil
pkgutil.resolve_name("proj.hub:make")  # site: here
""",
        target="proj.old:make",
    ),
    one(
        "entry_point",
        "an entry point that names what is deprecated is seen where it is loaded",
        """
from importlib.metadata import EntryPoint
EntryPoint("x", "proj.old:make", "group").load()  # site: here
""",
    ),
    one(
        "entry_point_of_a_reexport",
        "an entry point that names a re-exported name is seen where it is loaded",
        """
from importlib.metadata import EntryPoint
EntryPoint("x", "proj.hub:make [extra]", "group").load()  # site: here
""",
        target="proj.old:make",
    ),
    one(
        "located_by_pydoc",
        "pydoc.locate is seen at its caller",
        """
import pydoc
pydoc.locate("proj.old.make")  # site: here
""",
    ),
    Case(
        slug="plugin_named_in_a_test_module",
        says="a deprecated plugin that pytest_plugins names is seen at that statement",
        about=BY_STRING,
        files={
            "old.py": "import pytest\n\n\n@pytest.fixture\ndef plug():\n    return 1\n",
            "test_it.py": """
            pytest_plugins = ["proj.old"]  # site: here

            def test_it():
                pass
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", seen=(collected(),)),),
    ),
    Case(
        slug="plugin_named_in_a_conftest",
        says="and in the conftest at the root, in one string among others",
        about=BY_STRING,
        files={
            "old.py": "import pytest\n\n\n@pytest.fixture\ndef plug():\n    return 1\n",
            "/conftest.py": """
            pytest_plugins = ()
            pytest_plugins += ("pytester", "proj.old")  # site: here
            """,
            "test_it.py": """
            def test_it():
                pass
            """,
        },
        config=MODULE,
        alone=True,
        sites=(Site("here", RULE, "proj.old", seen=(collected(),)),),
    ),
]
