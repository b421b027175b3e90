"""Test `ssot-tracker fix`: a diff by default, the files with --write, and a reason for what is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

REPLACE = '[tool.ssot_tracker.ssot.orders.replace]\n"shop.old:OrderLog" = "shop.core:Tracker"\n'
DIFF = """\
--- a/shop/use.py
+++ b/shop/use.py
@@ -1,4 +1,4 @@
 def log():
-    from shop.old import OrderLog
+    from shop.core import Tracker
\x20
-    return OrderLog()
+    return Tracker()
"""
FIXED = "def log():\n    from shop.core import Tracker\n\n    return Tracker()\n"


@pytest.fixture
def mapped(project):
    project.configure(table=REPLACE)
    return project


def used(project):
    return (project.root / "shop/use.py").read_text(encoding="utf-8")


def test_a_diff_is_shown_and_nothing_is_changed(mapped):
    before = used(mapped)
    assert mapped.call("fix") == 1
    assert mapped.out == DIFF
    assert mapped.err == "2 of 2 sites in 1 file would change; --write changes them\n"
    assert used(mapped) == before


def test_the_diff_is_one_that_git_applies(mapped):
    mapped.call("fix")
    subprocess.run(["git", "apply"], input=mapped.out, text=True, cwd=mapped.root, check=True)
    assert used(mapped) == FIXED


@pytest.mark.parametrize(
    "before",
    [
        "\ufefffrom shop.old import OrderLog\nname = 'é'; OrderLog()\n".encode(),
        "# coding: latin-1\nfrom shop.old import OrderLog\nname = 'é'; OrderLog()\n".encode("latin-1"),
        "# coding: cp1252\nname = '€'\nfrom shop.old import OrderLog\nOrderLog()\n".encode("cp1252"),
        "from shop.old import OrderLog\r\nname = 'é'\r\nOrderLog()\r\n".encode(),
    ],
    ids=["mark", "latin-1", "cp1252", "CRLF"],
)
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_git_applies_the_diff_of_a_file_in_whatever_encoding(mapped, before, locale):
    mapped.write("shop/core.py", "class Tracker:\n    pass\n")
    (mapped.root / "shop/use.py").write_bytes(before)
    command = [sys.executable, "-X", "utf8=0", "-m", "pytest_ssot_tracker", "fix"]
    env = {**os.environ, "LC_ALL": locale, "PYTHONCOERCECLOCALE": "0"}
    shown = subprocess.run(command, cwd=mapped.root, env=env, stdout=subprocess.PIPE, check=False).stdout
    subprocess.run(["git", "apply"], input=shown, cwd=mapped.root, check=True)
    after = before.replace(b"shop.old", b"shop.core").replace(b"OrderLog", b"Tracker")
    assert (mapped.root / "shop/use.py").read_bytes() == after


def test_the_diff_is_coloured_on_demand(mapped):
    assert mapped.call("fix", "--color", "always") == 1
    assert "\033[31m-    return OrderLog()\033[0m\n\033[32m+    return Tracker()\033[0m\n" in mapped.out


def test_the_end_of_a_file_without_a_newline_is_shown_as_such(mapped):
    mapped.write("shop/use.py", "from shop.old import OrderLog")
    mapped.call("fix")
    assert mapped.out.endswith(
        "-from shop.old import OrderLog\n\\ No newline at end of file\n"
        "+from shop.core import Tracker\n\\ No newline at end of file\n"
    )


def test_the_files_are_changed_once(mapped):
    assert mapped.call("fix", "--write") == 0
    assert (mapped.out, mapped.err) == ("", "2 of 2 sites in 1 file changed\n")
    assert used(mapped) == FIXED
    assert mapped.call("fix") == 0
    assert mapped.err == "there is no site to rewrite\n"


GET = "from shop.old import get_log\n\nget_log()\n"


def test_what_is_left_alone_is_listed_with_its_reason(project):
    project.write("shop/old.py", "def get_log():\n    pass\n")
    project.write("shop/use.py", GET)
    assert project.call("fix") == 0
    reason = (
        "shop.core:Tracker replaces classes, and shop.old:get_log is a function: "
        'add it to "replace" of [tool.ssot_tracker.ssot.orders]'
    )
    assert project.err.splitlines() == [
        f"left alone, 2 sites: {reason}",
        "  shop/use.py:1: deprecated-import",
        "  shop/use.py:3: deprecated-use",
        "0 of 2 sites can be rewritten for certain",
    ]


def test_a_cause_is_named_once_with_what_it_holds_back(project):
    project.write("shop/old.py", "class Log:\n    pass\n\n\ndef get_log():\n    return Log()\n")
    project.write("shop/use.py", "from shop.old import Log, get_log\n\n" + "Log()\n" * 12)
    project.call("fix")
    cause, *held = project.err.splitlines()
    assert cause.startswith("left alone, 14 sites: shop.core:Tracker replaces classes")
    assert "  shop/use.py:1: deprecated-import: get_log, which shares Log with it, stays" in held
    assert held[10] == "  and 4 more; --format json lists them"


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("ValueError", "who catches the new one does not catch that"),
        ("Enum", "its members equal no member of the new one"),
        ("object", None),
    ],
)
def test_what_others_go_on_using_and_is_told_apart_is_named(mapped, base, told):
    mapped.write("shop/old.py", f"from enum import Enum\n\n\nclass OrderLog({base}):\n    RED = 1\n")
    mapped.write("shop/core.py", f"from enum import Enum\n\n\nclass Tracker({base}):\n    RED = 1\n")
    mapped.write("shop/use.py", "from shop.old import OrderLog\n\nOrderLog.RED\n")
    mapped.write("shop/stays.py", "from shop.old import *\n\nOrderLog.RED\n")
    mapped.call("fix")
    lines = [line for line in mapped.err.splitlines() if line.startswith("shop/use.py: ")]
    assert lines == ([] if told is None else [f"shop/use.py: shop/stays.py:3 still uses shop.old:OrderLog: {told}"])


def test_a_program_is_told_all_of_it(mapped):
    mapped.write("shop/more.py", GET)
    assert mapped.call("fix", "--format", "json") == 1
    told = json.loads(mapped.out)
    assert told["totals"] == {"sites": 4, "fixed": 2, "files": 1, "left": 2}
    assert told["changes"][0]["diff"] == DIFF.replace("\\x20", " ")
    (refusal,) = told["refusals"]
    assert refusal["count"] == 2
    assert [site["line"] for site in refusal["sites"]] == [1, 3]
    assert refusal["sites"][0]["reason"] == refusal["cause"]
    assert not told["written"]
    assert mapped.call("fix", "--format", "json", "--write") == 0
    assert json.loads(mapped.out)["written"]
    assert used(mapped) == FIXED


@pytest.mark.parametrize(
    ("file", "header", "named"),
    [
        ("ssot_tracker.toml", "[ssot.orders]", "[ssot.orders]"),
        ("pyproject.toml", '[tool.ssot_tracker.ssot."my orders"]', '[tool.ssot_tracker.ssot."my orders"]'),
        ("other.toml", "[ssot.orders]", "[ssot.orders]"),
        ("other.toml", "[tool.ssot_tracker.ssot.orders]", "[tool.ssot_tracker.ssot.orders]"),
    ],
)
def test_a_reason_names_the_header_under_which_an_entry_belongs(project, file, header, named):
    (project.root / "pyproject.toml").unlink()
    project.write(file, f'{header}\ndeprecated = ["shop.old"]\n')
    project.write("shop/use.py", GET)
    project.call("fix", "--root", str(project.root), *(("--config", file) if file == "other.toml" else ()))
    assert f'nothing replaces shop.old:get_log: add it to "replace" of {named}\n' in project.err


def test_what_reports_advise_is_what_a_class_is_rewritten_to(project):
    advised = {site["replacement"] for site in project.scanned()["sites"]}
    assert advised == {"shop.core:Tracker"}
    assert project.call("fix") == 1
    assert "+    from shop.core import Tracker\n" in project.out


@pytest.mark.parametrize("narrowed", [["tests"], ["--rule", "singleton-bypass"]])
def test_what_is_not_asked_for_is_not_rewritten(mapped, narrowed):
    assert mapped.call("fix", *narrowed) == 0
    assert mapped.err == "there is no site to rewrite\n"


@pytest.mark.parametrize("narrowed", [["shop"], ["shop/use.py"], ["."], ["--ssot", "orders"]])
def test_what_is_asked_for_is_rewritten(mapped, narrowed):
    assert mapped.call("fix", *narrowed) == 1


def test_what_is_allowed_stays(mapped):
    mapped.configure(table=f'allow_in = ["shop.use"]\n{REPLACE}')
    assert mapped.call("fix") == 0


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--ssot", "order"], "ssot-tracker: --ssot: there is no table 'order'; did you mean 'orders'?\n"),
        (["gone.py"], "ssot-tracker: there is no 'gone.py'; name files or folders that exist\n"),
        (["--verify"], "ssot-tracker: --verify runs tests on changed files; give --write too\n"),
    ],
)
def test_bad_arguments_are_refused(refused, argv, why):
    assert refused("fix", *argv) == why


def test_verifying_needs_a_result(refused):
    assert "ssot-result.json: there is no such result file" in refused("fix", "--write", "--verify")


TYPED = """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.old import OrderLog{allow}

def use(log: "OrderLog"): ...
"""


@pytest.mark.parametrize(
    ("allow", "table", "rewritten"),
    [
        ("", "", True),
        ("  # ssot: allow[deprecated-import] for now", "", False),
        ("", 'allow_in = ["shop.use"]\n', False),
    ],
)
def test_what_only_type_checkers_import_is_rewritten_unless_somebody_allows_it(project, allow, table, rewritten):
    project.configure(table=table + REPLACE)
    before = TYPED.format(allow=allow)
    project.write("shop/use.py", before)
    assert project.call("fix", "--write") == 0
    assert (used(project) != before) is rewritten
    assert ("shop.core" in used(project)) is rewritten


def test_what_only_type_checkers_import_needs_no_allow(project):
    project.configure(table=REPLACE)
    project.write("shop/use.py", TYPED.format(allow=""))
    assert project.call("fix", "--write", "--allow", "goes with #220") == 0
    assert used(project) == TYPED.format(allow="")
