"""`ssot-tracker who` lists the users of anything, with the tests of the last run."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.fixture
def bare(project):
    """Return the project without a configuration of ours."""
    project.write("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = ["tests"]\npythonpath = ["."]\n')
    project.write("tests/test_shop.py", "from shop.use import log\n\ndef test_log():\n    log()\n")
    return project


def test_the_source_is_asked_without_a_configuration(bare):
    assert bare.call("who", "shop.old:OrderLog=shop.core:Tracker") == 0
    assert bare.out.splitlines()[1:] == [
        "shop/use.py:2  deprecated-import  use shop.core:Tracker",
        "    from shop.old import OrderLog",
        "shop/use.py:4  deprecated-use  use shop.core:Tracker",
        "    return OrderLog()",
        "2 places",
        "",
        "To keep asking, put this into pyproject.toml:",
        "",
        "  [tool.ssot_tracker.ssot.order_log]",
        '  deprecated = ["shop.old:OrderLog"]',
        '  replace = { "shop.old:OrderLog" = "shop.core:Tracker" }',
        '  phase = "baseline"',
    ]
    assert bare.err == "tests: no run has left a result here; pytest --ssot-report=json writes one\n"


def test_the_tests_are_those_of_the_last_run(bare):
    asking = ("--ssot-deprecate=shop.old:OrderLog", "--ssot-report=json", "-p", "no:cacheprovider")
    subprocess.run([sys.executable, "-m", "pytest", "-q", *asking], check=True, capture_output=True)
    assert json.loads((bare.root / "ssot-result.json").read_text())["sites"]
    assert bare.call("who", "shop.old:OrderLog") == 0
    assert "shop/use.py:4  deprecated-use  by 1 test" in bare.out
    assert "      tests/test_shop.py::test_log" in bare.out
    assert bare.err == "tests: ssot-result.json\n"


def test_nobody_is_an_answer(bare):
    assert bare.call("who", "shop.core:Tracker") == 0
    assert "nobody, as far as the source shows" in bare.out


def test_a_target_that_is_none_is_refused(refused):
    assert refused("who", "shop.old:").startswith("ssot-tracker: command line: ssot.asked.deprecated[0]: 'shop.old:'")


def test_a_parameter_can_be_asked_about(bare):
    bare.write("shop/mail.py", "def send(text, urgent=False, priority=0):\n    return text\n")
    bare.write("shop/post.py", "from shop.mail import send\n\ndef post():\n    return send('a', True) + send('a')\n")
    bare.write("tests/test_shop.py", "from shop.post import post\n\ndef test_post():\n    post()\n")
    asked = "shop.mail.send(urgent)=shop.mail:send(priority)"
    command = ["-m", "pytest", "-q", f"--ssot-deprecate={asked}", "--ssot-report=json", "-p", "no:cacheprovider"]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    assert bare.call("who", asked) == 0
    assert bare.out.splitlines()[1:5] == [
        "shop/post.py:4  deprecated-argument  by 1 test; use shop.mail:send(priority)",
        "    return send('a', True) + send('a')",
        "      tests/test_shop.py::test_post",
        "1 place, used by 1 test",
    ]
    assert '  deprecated = ["shop.mail.send(urgent)"]' in bare.out


def test_what_is_asked_is_no_table_of_the_project_though_it_be_called_like_one(project):
    project.write("shop/book.py", "class Orders:\n    pass\n")
    project.write("shop/sell.py", "from shop.book import Orders\n")
    assert project.call("who", "shop.book:Orders") == 0
    assert project.out.splitlines()[1:4] == [
        "shop/sell.py:1  deprecated-import",
        "    from shop.book import Orders",
        "1 place",
    ]
    assert "  [tool.ssot_tracker.ssot.orders_asked]" in project.out


def test_what_is_to_be_deleted_is_what_is_named(project):
    project.write("shop/use.py", "")
    project.write("shop/book.py", "class Orders:\n    pass\n\n\nclass Book:\n    pass\n")
    assert project.call("can-delete", "--no-tests", "shop.book:Orders") == 0
    assert "shop/book.py:1-2  the class Orders" in project.out
    assert project.call("fix", "--write", "--delete", "shop.book:Orders") == 0
    assert (project.root / "shop/old.py").exists()
    assert "Orders" not in (project.root / "shop/book.py").read_text()
