"""Run the neighbours of this plugin on one project, and write down what each of them finds.

    scripts/neighbours.py [--write]

Every case is a module of its own with one thing in it that somebody would want to know, and one test that runs it
(two are run by no test). A static tool finds a case when it names the case's file, a tool of the run when the case's
test fails. The table stands in docs/comparison.md; without `--write` a table that is out of date is printed, and the
exit status is 1.

Needs Python 3.13 for `warnings.deprecated`, and ruff, import-linter and tach beside pytest.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "comparison.md"
TABLE = re.compile(r"(<!-- table: neighbours -->\n).*?(?=\n<!-- end -->)", re.DOTALL)


class Case(NamedTuple):
    """One thing to be found: what it is, the module that holds it, and whether a test calls its `run`."""

    what: str
    code: str
    tested: bool


def sheets(text: str) -> dict[str, str]:
    """Return the texts under the headings `==== name`."""
    parts = re.split(r"^==== (.+)\n", text, flags=re.MULTILINE)
    return {name: body.strip() + "\n" for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def case(what: str, code: str) -> Case:
    """Return the case of a heading and what stands below it."""
    return Case(what.removesuffix(" (untested)"), code, not what.endswith(" (untested)"))


CASES = {
    heading.partition(": ")[0]: case(heading.partition(": ")[2], code)
    for heading, code in sheets(r"""
==== plain: `import shop.legacy`
import shop.legacy


def run():
    shop.legacy

==== name: `from shop.legacy import OrderLog as Log`
from shop.legacy import OrderLog as Log


def run():
    Log

==== relative: a relative import, inside a function
def run():
    from .. import legacy

    legacy

==== exported: through a re-export: `from shop import OrderLog`
from shop import OrderLog


def run():
    OrderLog

==== by_string: `import_module("shop.legacy")`
import importlib


def run():
    importlib.import_module("shop.legacy")

==== put_together: a module name put together at run time
import importlib


def run():
    importlib.import_module(".".join(["shop", "legacy"]))

==== patched: `mock.patch("shop.legacy.OrderLog")`
from unittest import mock


def run():
    with mock.patch("shop.legacy.OrderLog"):
        pass

==== handed_in: a class handed in as an argument
from shop.kinds import kinds


def run():
    kinds()[0]()

==== subclass: a subclass of it, made elsewhere
from shop.kinds import Audit


def run():
    Audit()

==== swallowed: a use behind `except Exception`
from shop.kinds import kinds


def run():
    try:
        kinds()[0]()
    except Exception:
        pass

==== in_a_thread: a use in a thread
import threading

from shop.kinds import kinds


def work():
    kinds()[0]()


def run():
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

==== callback: a class that a library calls: `Thread(target=kind)`
import threading

from shop.kinds import kinds


def run():
    thread = threading.Thread(target=kinds()[0])
    thread.start()
    thread.join()

==== untested: an import that no test reaches (untested)
def run():
    import shop.legacy

    shop.legacy

==== bypass: the singleton constructed past its accessor
from shop.tracker import OrderTracker


def run():
    OrderTracker()

==== dotted_id: `uuid.uuid4()`
import uuid


def run():
    uuid.uuid4()

==== bare_id: `uuid4()` after `from uuid import uuid4`
from uuid import uuid4


def run():
    uuid4()

==== clock_id: an identifier made from the clock (untested)
import time


def run():
    return f"run_{int(time.time() * 1000)}"
""").items()
}

PROJECT = sheets(r"""
==== shop/__init__.py
from shop.legacy import OrderLog  # ssot: allow[deprecated-import] until all have moved

==== shop/legacy.py
class OrderLog:
    def __init__(self):
        self.lines = []


def get_log():
    return OrderLog()

==== shop/kinds.py
from shop.legacy import OrderLog  # ssot: allow[deprecated-import] until all have moved


class Audit(OrderLog):  # ssot: allow[deprecated-base] until all have moved
    pass


def kinds():
    return [OrderLog]

==== shop/tracker.py
class OrderTracker:
    def __init__(self):
        self.states = {}


_tracker = OrderTracker()


def get_tracker():
    return _tracker

==== pyproject.toml
[tool.pytest.ini_options]
pythonpath = ["."]

[tool.ruff.lint]
select = ["TID251"]

[tool.ruff.lint.flake8-tidy-imports.banned-api]
"shop.legacy".msg = "use shop.tracker"
"uuid.uuid4".msg = "use shop.ids"

[tool.importlinter]
root_package = "shop"
include_external_packages = true

[[tool.importlinter.contracts]]
name = "nobody imports the old one"
type = "forbidden"
source_modules = ["shop.cases"]
forbidden_modules = ["shop.legacy", "uuid"]
allow_indirect_imports = true

==== ssot_tracker.toml
source = ["shop"]

[ssot.orders]
canonical = "shop.tracker:OrderTracker"
accessors = ["shop.tracker:get_tracker"]
deprecated = ["shop.legacy"]

[ids.order]
generators = ["shop.ids:new_id"]
forbidden = ["uuid:uuid4"]
patterns = ["time-format"]

==== shop/ids.py
def new_id():
    return '1'

==== tach.toml
source_roots = ["."]

[[modules]]
path = "shop.cases"
depends_on = ["shop.kinds", "shop.tracker", "shop"]

[[modules]]
path = "shop.legacy"
depends_on = []

[[modules]]
path = "shop.kinds"
depends_on = ["shop.legacy"]

[[modules]]
path = "shop.tracker"
depends_on = []

[[modules]]
path = "shop"
depends_on = ["shop.legacy"]
""")


def lay_out(folder: Path, changes: dict[str, str]) -> None:
    """Write the project: one module and one test a case."""
    files = PROJECT | changes | {"shop/cases/__init__.py": ""}
    for name, one in CASES.items():
        files[f"shop/cases/{name}.py"] = one.code
        if one.tested:
            files[f"tests/test_{name}.py"] = f"def test_{name}():\n    import shop.cases.{name} as it\n\n    it.run()\n"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def printed(folder: Path, *command: str) -> str:
    """Return what `command` prints in `folder`; a tool that finds something exits with 1."""
    environment = os.environ | {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def named(text: str) -> set[str]:
    """Return the cases whose file or module `text` names."""
    return {name for name in CASES if re.search(rf"shop[./]cases[./]{name}\b", text)}


def failed(text: str) -> set[str]:
    """Return the cases whose test failed."""
    return {name for name in CASES if re.search(rf"^(FAILED|ERROR) tests/test_{name}\.py", text, re.MULTILINE)}


def ours(folder: Path) -> set[str]:
    """Find what a run tells: tests that fail, and sites that only the scan sees."""
    text = printed(folder, "pytest", "-q", "-p", "ssot_tracker", "-p", "no:cacheprovider")
    return failed(text) | named(text)


def deprecated(folder: Path) -> set[str]:
    """Find what fails when the old class and function carry `warnings.deprecated`, and its warning is an error."""
    marked = (
        PROJECT["shop/legacy.py"]
        .replace("class ", "@deprecated('use shop.tracker')\nclass ")
        .replace("def get", "@deprecated('')\ndef get")
    )
    (folder / "shop/legacy.py").write_text("from warnings import deprecated\n" + marked, encoding="utf-8")
    # A class that is derived while it is imported would end every test that imports it.
    kinds = PROJECT["shop/kinds.py"].replace(
        "class Audit",
        "import warnings\n\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    class Audit",
    )
    kinds = kinds.replace("    pass\n", "        pass\n", 1)
    (folder / "shop/kinds.py").write_text(kinds, encoding="utf-8")
    return failed(printed(folder, "pytest", "-q", "-rfE", "-p", "no:cacheprovider", "-W", "error"))


TOOLS: dict[str, Callable[[Path], set[str]]] = {
    "this plugin": ours,
    "ruff TID251": lambda folder: named(
        printed(folder, "ruff", "check", "--no-cache", "--output-format", "concise", "shop")
    ),
    "import-linter": lambda folder: named(printed(folder, "lint-imports", "--no-cache", "--no-logo")),
    "tach": lambda folder: named(printed(folder, "tach", "check")),
    "`warnings.deprecated`, `-W error`": deprecated,
}


def table() -> str:
    """Return the table: a row a case, a column a tool."""
    found = {}
    for tool, run in TOOLS.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            lay_out(folder, {} if tool == "this plugin" else {"ssot_tracker.toml": ""})
            found[tool] = run(folder)
    lines = [f"| case | {' | '.join(TOOLS)} |", "|---" * (len(TOOLS) + 1) + "|"]
    for name, one in CASES.items():
        marks = ["found" if name in found[tool] else "–" for tool in TOOLS]
        lines.append(f"| {one.what} | {' | '.join(marks)} |")
    lines.append(f"| **of {len(CASES)}** | {' | '.join(str(len(found[tool])) for tool in TOOLS)} |")
    return "\n".join(lines)


def main() -> int:
    """Check or write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the table into docs/comparison.md")
    arguments = parser.parse_args()
    before = PAGE.read_text(encoding="utf-8")
    made = table()
    after = TABLE.sub(lambda match: f"{match[1]}\n{made}\n", before)
    if arguments.write:
        PAGE.write_text(after, encoding="utf-8")
    elif before != after:
        print(f"{PAGE.name} is out of date; run `make comparison`. It should say:\n\n{made}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
