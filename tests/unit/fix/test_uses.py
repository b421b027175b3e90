"""Rewrite what is used: calls, methods, strings, identifiers; leave alone what would not be the same."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import load

from .conftest import CORE, OLD, Project

IDS = """
[tool.ssot_tracker.ids.order]
generators = ["app.ids:issue"]
forbidden  = ["uuid:uuid4"]
patterns   = ["time-format"]
fix        = "app.ids:issue({prefix})"
"""


def test_a_method_is_called_by_its_new_name(project: Project) -> None:
    before = """\
    from app.old import OrderLog

    class Shop:
        def __init__(self):
            self.log = OrderLog()

        def sell(self):
            self.log.note("sold")
            self.log.close()
    """
    after = before.replace("app.old", "app.core").replace("OrderLog", "get_tracker").replace(".note(", ".record(")
    assert project.rewrite(before) == dedent(after)


USES = {
    "log = OrderLog()\nlog.weigh()\n": "Tracker has no weigh",
    "OrderLog().weigh()\n": "Tracker has no weigh",
    "log: OrderLog = None or OrderLog()\nlog.weigh()\n": "Tracker has no weigh",
    "log, other = OrderLog(), 1\nlog.weigh()\n": "Tracker has no weigh",
    "OrderLog(2)\n": "constructing app.core:Tracker bypasses get_tracker, which does not take these arguments",
    "class Mine(OrderLog):\n    pass\n": None,
    "isinstance(1, OrderLog)\n": None,
    "OrderLog.level\n": None,
    "OrderLog.weigh\n": "Tracker has no weigh",
}


@pytest.mark.parametrize(("use", "reason"), USES.items(), ids=USES)
def test_a_class_is_replaced_by_a_class_that_offers_the_same(project: Project, use: str, reason: str | None) -> None:
    text = f"from app.old import OrderLog\n\n{use}"
    expected = text if reason else text.replace("app.old", "app.core").replace("OrderLog", "Tracker")
    assert project.rewrite(text) == expected
    assert set(project.reasons) == ({reason} if reason else set())


def test_a_call_that_fails_either_way_is_no_reason_to_leave_it(project: Project) -> None:
    text = "from app.old import LogError\n\nLogError(size=1)\n"
    project.write("app/core.py", CORE.replace("(Exception)", "") + "\n\ndef note():\n    pass\n")
    project.write("app/old.py", OLD.replace("(Exception)", ""))
    assert project.rewrite(text) == text.replace("app.old", "app.core").replace("LogError", "TrackerError")


TO_FUNCTION = {
    "OrderLog(3)\n": "app.core:get_tracker does not take these arguments",
    "class Mine(OrderLog):\n    pass\n": "a class derives from OrderLog, and app.core:get_tracker is no class",
    "isinstance(1, OrderLog)\n": "OrderLog is not only called here, and app.core:get_tracker is a function",
    "OrderLog.level\n": "level is taken of OrderLog, and app.core:get_tracker is a function",
}


@pytest.mark.parametrize(("use", "reason"), TO_FUNCTION.items(), ids=TO_FUNCTION)
def test_a_class_is_replaced_by_a_function_only_where_it_is_called_alike(
    project: Project, use: str, reason: str
) -> None:
    configuration = (project.root / "pyproject.toml").read_text()
    project.write(
        "pyproject.toml",
        configuration.replace(
            '"app.old:OrderLog"      = "app.core:Tracker"', '"app.old:OrderLog" = "app.core:get_tracker"'
        ),
    )
    text = f"from app.old import OrderLog\n\n{use}"
    assert project.rewrite(text) == text
    assert set(project.reasons) == {reason}


def test_a_singleton_is_taken_from_its_accessor(project: Project) -> None:
    before = "from app.core import Tracker\n\nlog = Tracker()\nassert isinstance(log, Tracker)\n"
    after = "from app.core import Tracker, get_tracker\n\nlog = get_tracker()\nassert isinstance(log, Tracker)\n"
    assert project.rewrite(before) == after


def test_a_singleton_made_with_arguments_is_left_alone(project: Project) -> None:
    text = "from app.core import Tracker\n\nlog = Tracker(3)\n"
    assert project.rewrite(text) == text
    assert project.reasons == ["app.core:get_tracker does not take these arguments"]


def test_what_a_refused_rewriting_would_have_imported_is_not_imported(project: Project) -> None:
    text = "from app.old import OrderLog, get_log_of\nimport os\n\nOrderLog(), OrderLog.level, get_log_of, os.environ\n"
    after = text.replace("import os\n", "from app.core import environ\n").replace("os.environ", "environ")
    assert project.rewrite(text) == after


def test_a_class_without_an_entry_goes_to_the_canonical(project: Project) -> None:
    before = (
        "from app.old import Unmapped\n\n\nclass Mine(Unmapped):\n    pass\n\n\nUnmapped()\nisinstance(1, Unmapped)\n"
    )
    after = (
        "from app.core import Tracker, get_tracker\n\n\nclass Mine(Tracker):\n    pass\n\n\n"
        "get_tracker()\nisinstance(1, Tracker)\n"
    )
    assert project.rewrite(before) == after
    assert project.rewrite("import app.old\n\napp.old.Unmapped.level\n") == (
        "import app.core\n\napp.core.Tracker.level\n"
    )


def test_a_class_that_is_gone_is_known_by_its_name(project: Project) -> None:
    project.write("app/old.py", "")
    text = "from app.old import Unmapped, get_it\n\nUnmapped()\n"
    assert project.rewrite(text) == text
    assert "app.core:Tracker replaces classes, and app.old:get_it is gone: add it to" in project.reasons[0]
    assert project.rewrite("from app.old import Unmapped\n\nUnmapped()\n") == (
        "from app.core import get_tracker\n\nget_tracker()\n"
    )


def test_without_a_canonical_nothing_replaces_a_class(project: Project) -> None:
    text = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", "\n".join(line for line in text.splitlines() if "canonical" not in line))
    project.rewrite("from app.old import Unmapped\n")
    assert project.reasons == [
        'nothing replaces app.old:Unmapped: add it to "replace" of [tool.ssot_tracker.ssot.orders]'
    ]


def test_the_own_module_of_the_replacement_is_left_alone(project: Project) -> None:
    text = (
        project.root / "app/core.py"
    ).read_text() + "\n\ndef other():\n    from app.old import get_log\n    get_log()\n"
    assert project.rewrite(text, "app/core.py") == text
    assert "app.core is where the replacement is defined" in project.reasons


def test_a_name_is_not_used_before_it_is_imported(project: Project) -> None:
    text = "import os\n\nfirst = os.environ\n\nimport json\nfrom app.core import environ\n\nsecond = os.environ\n"
    assert project.rewrite(text) == text.replace("second = os.environ", "second = environ")
    assert project.reasons == ["environ would have to be imported before this line"]
    assert project.rewrite(project.rewrite(text)) == project.rewrite(text)


@pytest.mark.parametrize("head", ["if TYPE_CHECKING", "def g()", "try"])
def test_a_name_that_is_not_there_in_any_case_is_imported(project: Project, head: str) -> None:
    rest = "finally:\n    pass\n" if head == "try" else ""
    text = f"import os\n\n{head}:\n    from app.core import environ\n{rest}\n\ndef f():\n    return os.environ\n"
    changed = project.rewrite(text)
    assert changed.startswith("from app.core import environ\n")
    assert changed.endswith("return environ\n")


def test_a_constant_of_a_library_is_replaced_and_its_import_kept_where_needed(project: Project) -> None:
    before = 'import os\n\nhome = os.environ["HOME"]\nos.getcwd()\n'
    after = 'import os\nfrom app.core import environ\n\nhome = environ["HOME"]\nos.getcwd()\n'
    assert project.rewrite(before) == after


STRINGS = {
    'patch("app.old.get_log")': 'patch("app.core.get_tracker")',
    "patch('app.old.OrderLog.note')": "patch('app.core.Tracker.record')",
    'patch.dict("app.old.OrderLog.level", {})': 'patch.dict("app.core.Tracker.level", {})',
}


@pytest.mark.parametrize(("before", "after"), STRINGS.items(), ids=STRINGS)
def test_a_patch_is_aimed_at_the_replacement(project: Project, before: str, after: str) -> None:
    head = "from unittest.mock import patch\n\n"
    assert project.rewrite(f"{head}{before}\n", "tests/test_use.py") == f"{head}{after}\n"


def test_a_patch_stays_while_something_uses_what_it_patches(project: Project) -> None:
    project.write("app/use.py", "from app.old import get_log\n\nget_log = get_log()\n")
    text = 'from unittest.mock import patch\n\npatch("app.old.get_log")\n'
    assert project.rewrite(text, "tests/test_use.py") == text
    reason = "app/use.py:1 still uses app.old:get_log: what replaces it must not be patched in its place"
    assert reason in project.reasons


def test_a_patch_of_what_is_used_within_its_module_stays_while_anything_of_that_is_used(project: Project) -> None:
    project.configure('"app.old:LEVEL" = "app.core:environ"')
    project.write("app/use.py", "from app.old import get_log_of\n\nget_log_of(1)\n")
    text = 'from unittest.mock import patch\n\npatch("app.old.LEVEL")\n'
    assert project.rewrite(text, "tests/test_use.py") == text
    assert "app/use.py:1 still uses app.old:LEVEL: what replaces it must not be patched in its place" in project.reasons
    project.write("app/use.py", "")
    assert project.rewrite(text, "tests/test_use.py") == text.replace("app.old.LEVEL", "app.core.environ")


def test_a_patch_moves_together_with_all_that_uses_what_it_patches(project: Project) -> None:
    project.write("app/use.py", "def f():\n    from app.old import get_log\n\n    return get_log()\n")
    text = 'from unittest.mock import patch\n\npatch("app.old.get_log")\n'
    assert "app.core.get_tracker" in project.rewrite(text, "tests/test_use.py")
    assert project.reasons == []


def test_a_patch_of_what_a_module_imports_goes_with_the_import(project: Project) -> None:
    project.write("app/use.py", "from app.old import get_log\n\nget_log()\n")
    text = 'from unittest.mock import patch\n\npatch("app.use.get_log")\n'
    assert project.rewrite(text, "tests/test_use.py") == text
    assert project.reasons == []
    project.apply()
    assert (project.root / "app/use.py").read_text().startswith("from app.core import get_tracker as get_log\n")
    assert scan(load(project.root)).sites == ()


def test_a_patch_of_what_a_module_goes_on_importing_stays(project: Project) -> None:
    project.write("app/use.py", "from app.old import get_log_of\n\nget_log_of(1)\n")
    text = 'from unittest.mock import patch\n\npatch("app.use.get_log_of")\n'
    assert project.rewrite(text, "tests/test_use.py") == text
    assert "it names get_log_of in app.use, and goes with the import there" in project.reasons


def test_an_attribute_of_the_module_is_patched_by_its_new_name(project: Project) -> None:
    before = "from unittest.mock import patch\nimport app.old\n\npatch.object(app.old, 'get_log')\n"
    project.configure('"app.old" = "app.core"')
    after = "from unittest.mock import patch\nimport app.core\n\npatch.object(app.core, 'get_tracker')\n"
    assert project.rewrite(before, "tests/test_use.py") == after


def test_a_module_is_imported_by_its_new_name(project: Project) -> None:
    project.configure('"app.old" = "app.core"')
    before = 'from importlib import import_module\n\nimport_module("app.old")\n'
    assert project.rewrite(before) == before.replace("app.old", "app.core")


def test_a_string_made_at_run_time_is_no_site(project: Project) -> None:
    text = 'from importlib import import_module\n\nimport_module("app." + "old")\n'
    assert project.rewrite(text) == text


IDENTIFIERS = {
    "str(uuid.uuid4())": 'issue("order")',
    "uuid.uuid4().hex": 'issue("order")',
    "f'{uuid.uuid4()}!'": "f'{issue(\"order\")}!'",
    'f"{uuid.uuid4()}!"': "f\"{issue('order')}!\"",
    'f"run_{uuid.uuid4().hex[:8]}"': 'issue("run")',
    "field(default_factory=lambda: str(uuid.uuid4()))": 'field(default_factory=lambda: issue("order"))',
    'f"job_{int(time.time() * 1000)}"': 'issue("job")',
    'f"{user}_{run.id!r}_{uuid.uuid4().hex[:8]}"': 'issue(f"{user}_{run.id!r}")',
    "f'job-{user}-{int(time.time())}'": "issue(f'job-{user}')",
    'f"{int(time.time())}_{user}"': "f\"{issue('order')}_{user}\"",
    'f"{run(uuid.uuid4().hex)}_x"': "f\"{run(issue('order'))}_x\"",
    '"run_{}".format(uuid.uuid4())': 'issue("run")',
    '"run_{0}".format(uuid.uuid4().hex)': 'issue("run")',
    '"{}_{}".format(user, uuid.uuid4())': '"{}_{}".format(user, issue("order"))',
    '"run_{}".format(int(time.time()))': 'issue("run")',
    '"run_{:.0f}".format(time.time())': 'issue("run")',
    '"run_%s" % uuid.uuid4()': 'issue("run")',
    '"run_%d" % (time.time() * 1000)': 'issue("run")',
    '"%s_%s" % (user, uuid.uuid4().hex)': '"%s_%s" % (user, issue("order"))',
    '"_".join(["run", "x", uuid.uuid4().hex])': 'issue("run_x")',
    '"_".join((user, str(uuid.uuid4())))': '"_".join((user, issue("order")))',
    '"-".join(("run", str(int(time.time()))))': 'issue("run")',
    'f"run_{time.time_ns()}"': 'issue("run")',
    'f"run_{int(time.monotonic() * 1000)}"': 'issue("run")',
    '"run_" + uuid.uuid4().hex': 'issue("run")',
    '"run_" + str(int(time.time() * 1000))': 'issue("run")',
}


@pytest.mark.parametrize(("before", "after"), IDENTIFIERS.items(), ids=IDENTIFIERS)
def test_an_identifier_comes_from_the_generator(project: Project, before: str, after: str) -> None:
    project.configure(IDS)
    project.write("app/ids.py", "import uuid\n\ndef issue(prefix):\n    return f'{prefix}_{uuid.uuid4().hex}'\n")
    module = "time" if "time" in before else "uuid"
    head = "from dataclasses import field\n"
    assert project.rewrite(f"{head}import {module}\n\nvalue = {before}\n") == (
        f"{head}from app.ids import issue\n\nvalue = {after}\n"
    )


NO_IDENTIFIERS = {
    "uuid.uuid4()": "the UUID itself is used, not its text",
    "str(uuid.uuid4())[:8]": "only a part of the identifier is used",
    "uuid.uuid4().hex.upper()": "only a part of the identifier is used",
    "f'{uuid.uuid4():>8}'": "only a part of the identifier is used",
    "'{:.8}_{}'.format(uuid.uuid4(), 1)": "only a part of the identifier is used",
    "'%.8s_%s' % (uuid.uuid4(), 1)": "only a part of the identifier is used",
    "'_'.join((user, uuid.uuid4().hex[:8]))": "only a part of the identifier is used",
    "field(default_factory=uuid.uuid4)": "uuid4 is handed on, not called",
}


@pytest.mark.parametrize(("text", "reason"), NO_IDENTIFIERS.items(), ids=NO_IDENTIFIERS)
def test_what_is_no_whole_identifier_is_left_alone(project: Project, text: str, reason: str) -> None:
    project.configure(IDS)
    project.write("app/ids.py", "def issue(prefix):\n    return prefix\n")
    whole = f"from dataclasses import field\nimport uuid\n\nvalue = {text}\n"
    assert project.rewrite(whole) == whole
    assert project.reasons == [reason]


@pytest.mark.parametrize(
    ("taken", "call"),
    [
        ("def issue():\n    pass\n\n\n", "ids_issue"),
        ("from app.core import environ as issue\n\n", "ids_issue"),
        ("from app.ids import issue as make\n\n", "make"),
    ],
)
def test_a_generator_has_another_name_where_its_own_is_taken(project: Project, taken: str, call: str) -> None:
    project.configure(IDS)
    project.write("app/ids.py", "def issue(prefix):\n    return prefix\n")
    changed = project.rewrite(f"import uuid\n{taken}value = f'issue_{{uuid.uuid4()}}'\n")
    assert f'value = {call}("issue")' in changed
    assert f"from app.ids import issue as {call}" in changed


PATCHED = [
    "@patch('app.use.uuid.uuid4', return_value=1)\ndef test_it(mocked):\n    pass\n",
    "def test_it(monkeypatch):\n    monkeypatch.setattr(use, 'uuid', fake)\n",
    "def test_it(monkeypatch):\n    monkeypatch.setattr(\n        'app.use.uuid.uuid4', fake\n    )\n",
    "def test_it():\n    with mock.patch.object(app.use, 'uuid'):\n        pass\n",
    "def test_it():\n    app.use.uuid = fake\n",
]


@pytest.mark.parametrize("test", PATCHED)
def test_an_identifier_that_a_test_replaces_stays(project: Project, test: str) -> None:
    project.configure(IDS)
    project.write("app/ids.py", "def issue(prefix):\n    return prefix\n")
    project.write("tests/test_use.py", f"from app import use\n\n\n{test}")
    text = "import uuid\n\nvalue = str(uuid.uuid4())\n"
    assert project.rewrite(text) == text
    assert "a test replaces uuid of this module, and would replace nothing" in project.reasons


@pytest.mark.parametrize("other", ["from app.use import uuid\n", "from app import use\n\nuse.uuid.uuid4() == 1\n"])
def test_an_identifier_whose_module_others_only_take_is_rewritten(project: Project, other: str) -> None:
    project.configure(IDS)
    project.write("app/ids.py", "def issue(prefix):\n    return prefix\n")
    project.write("tests/test_use.py", other)
    text = "import uuid\n\nvalue = str(uuid.uuid4())\n"
    assert project.rewrite(text).startswith("import uuid\nfrom app.ids import issue\n")


def test_identifiers_without_an_expression_are_left_alone(project: Project) -> None:
    project.write("app/ids.py", "def issue(prefix):\n    return prefix\n")
    project.configure(IDS.replace("fix ", "# fix "))
    text = "import uuid\n\nvalue = str(uuid.uuid4())\n"
    assert project.rewrite(text) == text
    assert project.reasons == ['no expression replaces uuid:uuid4: add it to "fix" of [tool.ssot_tracker.ids.order]']


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", "# coding: latin-1\n# é\n".encode("latin-1")])
def test_encoding_and_line_ends_stay(project: Project, head: bytes, newline: str) -> None:
    text = head + b"from app.old import get_log\nget_log()"
    project.write("app/use.py", text.replace(b"\n", newline.encode()))
    (change,) = project.fix().changes
    after = head + b"from app.core import get_tracker\nget_tracker()"
    assert change.after == after.replace(b"\n", newline.encode())


def test_a_second_time_nothing_changes(project: Project) -> None:
    project.write("app/use.py", "from app.old import get_log, get_log_of\nget_log()\n")
    project.write("app/more.py", "import app.old as o\nfrom app.core import Tracker\no.get_log(), Tracker()\n")
    project.apply()
    assert "core" in (project.root / "app/more.py").read_text()
    assert project.fix().changes == ()


def test_every_site_is_either_rewritten_or_left_alone_with_a_reason(project: Project) -> None:
    project.configure(IDS)
    project.write("app/ids.py", "def issue(prefix):\n    return prefix\n")
    project.write("app/use.py", "from app.old import *\nimport os, uuid\nos.environ, uuid.uuid4()\nget_log()\n")
    fixes = project.fix()
    told = [site for change in fixes.changes for site in change.sites] + [one.site for one in fixes.refusals]
    found = [one for one in scan(load(project.root)).sites if one.path == "app/use.py"]
    assert sorted(one.id for one in told) == sorted(one.id for one in found)


DERIVED = {
    "what it inherits is called by its new name": (
        "class Mine(OrderLog):\n    def f(self):\n        return self.note(super().note(1))\n\n\nMine().note(2)\n",
        "class Mine(Tracker):\n    def f(self):\n        return self.record(super().record(1))\n\n\nMine().record(2)\n",
    ),
    "and so is what a further one does": (
        "class Mine(OrderLog):\n    pass\n\n\nclass More(Mine):\n    pass\n\n\nmore = More()\nmore.note(2)\n",
        "class Mine(Tracker):\n    pass\n\n\nclass More(Mine):\n    pass\n\n\nmore = More()\nmore.record(2)\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), DERIVED.values(), ids=list(DERIVED))
def test_a_class_derives_from_the_replacement(project: Project, before: str, after: str) -> None:
    assert (
        project.rewrite(f"from app.old import OrderLog\n\n\n{before}") == f"from app.core import Tracker\n\n\n{after}"
    )


def test_a_class_with_a_member_in_the_place_of_a_renamed_one_stays(project: Project) -> None:
    text = "from app.old import OrderLog\n\n\nclass Mine(OrderLog):\n    def note(self, text):\n        pass\n"
    assert project.rewrite(text) == text
    assert "Mine has a note of its own in the place of that of OrderLog" in project.reasons


@pytest.mark.parametrize("given", ["log = OrderLog()", "log: object = OrderLog()", "class log(OrderLog): ..."])
def test_what_others_call_by_old_names_stays(project: Project, given: str) -> None:
    project.write("app/other.py", "from app.use import log\n\nlog.note('x')\n")
    text = f"from app.old import OrderLog\n\n{given}\n"
    assert project.rewrite(text) == text
    assert "log is used from elsewhere, and its note is called otherwise from now on" in project.reasons


UNSEEN = {
    "through a function": "def make():\n    return OrderLog()\n\n\nmake().note(1)\n",
    "through a list": "logs = [OrderLog()]\nlogs[0].note(1)\n",
    "through an attribute of something else": "class A:\n    pass\n\n\nA.log = OrderLog()\nA.log.note(1)\n",
    "through a parameter without annotation": "def f(log):\n    log.note(1)\n\n\nf(OrderLog())\n",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=list(UNSEEN))
def test_a_member_that_is_renamed_and_taken_of_who_knows_what_holds_the_class_back(project: Project, text: str) -> None:
    text = f"from app.old import OrderLog\n\n\n{text}"
    assert project.rewrite(text) == text
    assert any("takes note of something that may be a OrderLog" in reason for reason in project.reasons)


SEEN = {
    "of a module": "import logging\n\nlogging.note(1)\n",
    "of a text": '"".note(1)\n',
    "of another class's own": "class A:\n    def f(self):\n        return self.note(1)\n",
}


@pytest.mark.parametrize("text", SEEN.values(), ids=list(SEEN))
def test_a_member_of_something_else_holds_nothing_back(project: Project, text: str) -> None:
    before = f"from app.old import OrderLog\n\nlog = OrderLog()\n\n\n{text}"
    assert "get_tracker()" in project.rewrite(before), project.reasons


OTHERS = {
    "what is returned": ("def make():\n    return OrderLog()\n", "from app.use import make\n\nmake().note(1)\n"),
    "what is held": (
        "class Shop:\n    def __init__(self):\n        self.log = OrderLog()\n",
        "def f(shop):\n    shop.log.note(1)\n",
    ),
}


@pytest.mark.parametrize(("text", "other"), OTHERS.values(), ids=list(OTHERS))
def test_what_other_files_call_by_the_old_name_holds_the_class_back(project: Project, text: str, other: str) -> None:
    project.write("app/other.py", other)
    text = f"from app.old import OrderLog\n\n\n{text}"
    assert project.rewrite(text) == text
    assert len(project.reasons) == 2


RESULTS = {
    "by its return": "def get_log():\n    return OrderLog()\n",
    "by a variable of the module": (
        "_log = None\n\n\ndef get_log():\n    global _log\n    if _log is None:\n        _log = OrderLog()\n"
        "    return _log\n"
    ),
}


@pytest.mark.parametrize("accessor", RESULTS.values(), ids=list(RESULTS))
def test_what_a_function_gives_is_seen_in_its_body(project: Project, accessor: str) -> None:
    old = OLD.replace("def get_log():\n    return OrderLog()\n", accessor)
    project.write("app/old.py", old)
    text = "from app.old import get_log\n\nlog = get_log()\nlog.note(1)\nget_log().note(2)\n"
    expected = text.replace("app.old", "app.core").replace("get_log", "get_tracker").replace("note", "record")
    assert project.rewrite(text) == expected


UNKNOWN = ["get_log().note(1)", "log = get_log()\nlog.note(1)", "logs = [get_log()]\nlogs[0].note(1)"]


@pytest.mark.parametrize("use", UNKNOWN)
def test_what_gives_nobody_knows_what_stays_where_a_renamed_member_is_taken_of_it(project: Project, use: str) -> None:
    old = OLD.replace("def get_log():\n    return OrderLog()\n", "def get_log():\n    return make(OrderLog)\n")
    project.write("app/old.py", old)
    text = f"from app.old import get_log\n\n{use}\n"
    assert project.rewrite(text) == text
    assert any("note" in reason for reason in project.reasons)


def test_a_member_of_an_enum_is_looked_up_by_its_new_name(project: Project) -> None:
    enum = "from enum import Enum\n\n\nclass Color(Enum):\n    RED = 1\n    BLUE = 2\n\n\n"
    project.write("app/old.py", f"{enum}{OLD}")
    project.write("app/core.py", f"{enum.replace('Color', 'Hue').replace('RED', 'CRIMSON')}{CORE}")
    project.configure('"app.old:Color" = "app.core:Hue"', '"app.old:Color.RED" = "app.core:Hue.CRIMSON"')
    text = "from app.old import Color\n\nColor.RED, Color['RED'], Color['BLUE'], Color(1)\n"
    expected = text.replace("app.old", "app.core").replace("Color", "Hue").replace("RED", "CRIMSON")
    assert project.rewrite(text) == expected
    assert project.rewrite(text.replace("'RED'", "name")) == text.replace("'RED'", "name")


def test_a_quoted_annotation_needs_no_second_name(project: Project) -> None:
    text = "from app.old import OrderLog\n\n\ndef f(log: 'OrderLog') -> \"OrderLog | None\": ...\n"
    assert project.rewrite(text) == text.replace("app.old", "app.core").replace("OrderLog", "Tracker")


def test_a_member_that_is_named_by_a_text_is_named_by_its_new_name(project: Project) -> None:
    text = "from app.old import OrderLog\nfrom unittest.mock import patch\n\npatch.object(OrderLog, 'note')\n"
    expected = text.replace("app.old", "app.core").replace("OrderLog", "Tracker").replace("note", "record")
    assert project.rewrite(text, "tests/test_use.py") == expected


def test_a_member_that_is_named_by_a_text_and_taken_of_who_knows_what_holds_back(project: Project) -> None:
    text = "from app.old import OrderLog\n\nlog = OrderLog()\ngetattr(log, 'note')(1)\n"
    assert project.rewrite(text) == text
    assert "line 4 takes note of something that may be a OrderLog" in project.reasons


def test_a_name_that_is_handed_on_stays_while_others_use_it_by_its_old_members(project: Project) -> None:
    project.write("app/other.py", "import app.use as u\n\nu.OrderLog().note(1)\n")
    text = "from app.old import OrderLog\n\n__all__ = ['OrderLog']\n"
    assert project.rewrite(text) == text
    assert any("still uses app.old:OrderLog, perhaps through this module" in reason for reason in project.reasons)


def test_a_name_that_is_handed_on_goes_with_those_who_use_it(project: Project) -> None:
    project.write("app/other.py", "from app.use import OrderLog\n\nlog = OrderLog()\nlog.note(1)\n")
    text = "from app.old import OrderLog\n\n__all__ = ['OrderLog']\n"
    assert project.rewrite(text) == "from app.core import Tracker as OrderLog\n\n__all__ = ['OrderLog']\n"
    assert project.reasons == []


THROUGH = {
    "a class that derives": "class D(OrderLog):\n    pass\n\n\nclass E(D):\n    pass\n\n\nE()\n",
    "a second name": "Second = OrderLog\nSecond()\n",
    "a second name of a class that derives": "class D(OrderLog):\n    pass\n\n\nSecond = Third = D\nThird()\n",
}


@pytest.mark.parametrize("text", THROUGH.values(), ids=list(THROUGH))
def test_what_comes_through_another_name_goes_with_what_that_names(project: Project, text: str) -> None:
    text = f"from app.old import OrderLog\n\n\n{text}"
    assert project.rewrite(text) == text.replace("OrderLog", "Tracker").replace("app.old", "app.core")
    assert project.reasons == []


def test_what_comes_through_a_name_that_stays_is_left_alone(project: Project) -> None:
    text = "from app.old import OrderLog\n\nSecond = OrderLog\nx.note(Second())\n"
    assert project.rewrite(text) == text
    assert "OrderLog is not named here: it comes through another name" in project.reasons


def test_several_things_that_may_have_a_deprecated_method_are_told_apart_by_nobody(project: Project) -> None:
    project.write("pyproject.toml", PARTS)
    text = "from app.core import Tracker\n\n\ndef f(other):\n    Tracker().old_name(other.old_name(1))\n"
    project.write("app/core.py", CORE_WITH_A_SECOND_NAME)
    assert project.rewrite(text) == text
    assert "several things are called here that may be Tracker.old_name" in project.reasons


PARTS = """\
[tool.ssot_tracker]
source = ["app"]

[tool.ssot_tracker.ssot.orders]
deprecated = ["app.core:Tracker.old_name"]
replace = { "app.core:Tracker.old_name" = "app.core:Tracker.record" }
"""
CORE_WITH_A_SECOND_NAME = """\
class Tracker:
    def record(self, text):
        return text

    def old_name(self, text):
        return text
"""


NAMED = """
[tool.ssot_tracker]
source = ["app"]

[tool.ssot_tracker.ssot.orders]
deprecated = ["app.old:OrderLog", "app.old:LogError", "app.old:LEVEL"]

[tool.ssot_tracker.ssot.orders.replace]
"app.old:OrderLog" = "app.core:Tracker"
"app.old:LogError" = "app.core:TrackerError"
"app.old:LEVEL"    = "app.core:HEIGHT"
"""


@pytest.fixture
def named(project: Project) -> Project:
    """Deprecate single names of a module that stays, so that no import of it is a site."""
    project.write("pyproject.toml", NAMED)
    project.write(
        "app/core.py",
        "HEIGHT = 1\nclass Tracker: pass\nclass TrackerError(Exception): pass\n",
    )
    project.write(
        "app/old.py",
        "LEVEL = 1\nclass OrderLog:\n    def __init__(self, size=0): pass\nclass LogError(Exception): pass\n",
    )
    return project


@pytest.mark.parametrize(
    "use",
    [
        "try:\n    raise OLD.LogError\nexcept OLD.LogError:\n    pass\n",
        "def made():\n    return OLD.OrderLog()\n\ndef is_one(log: OLD.OrderLog): isinstance(log, OLD.OrderLog)\n",
        "KNOWN = (OLD.OrderLog, int)\n\nOLD.OrderLog()\n",
    ],
)
def test_a_class_that_is_used_through_its_module_is_replaced_wherever_the_file_names_it(
    named: Project, use: str
) -> None:
    after = use
    for old, new in (("OrderLog", "Tracker"), ("LogError", "TrackerError")):
        after = after.replace(f"OLD.{old}", new)
    done = named.rewrite(f"from app import old\n\n{use.replace('OLD', 'old')}")
    assert done.partition("\n\n")[2] == after


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        ("old.OrderLog()\nold.OrderLog(3)\n", "app.core:Tracker does not take these arguments"),
        ("old.LEVEL += 1\n", "line 3 sets LEVEL of app.old"),
        ("old.LEVEL = 2\nprint(old.LEVEL)\n", "line 3 sets LEVEL of app.old"),
        ("old.OrderLog()\nold.OrderLog = int\n", "line 4 sets OrderLog of app.old"),
        ("print(old.LEVEL)\ndel old.LEVEL\n", "line 4 sets LEVEL of app.old"),
        (
            "import pytest\nold.OrderLog()\nwith pytest.raises(TypeError):\n    isinstance(1, old.OrderLog)\n",
            "it stands in a block of raises, which proves something about the old thing",
        ),
    ],
)
def test_a_class_that_cannot_be_replaced_everywhere_in_a_file_stays_there(
    named: Project, use: str, reason: str
) -> None:
    text = f"from app import old\n\n{use}"
    assert named.rewrite(text) == text
    assert set(named.reasons) == {reason}


def test_what_comes_through_a_name_that_leads_elsewhere_now_goes_with_it(named: Project) -> None:
    use = "for cls in KNOWN:\n    cls()\n(cls := KNOWN[0])()\nfirst, second = KNOWN\nsecond()\n"
    text = f"from app import old\n\nKNOWN = [OLD, OLD]\nOLD()\n{use}"
    after = text.replace("OLD", "Tracker").replace("import old", "import Tracker").replace("app ", "app.core ")
    assert named.rewrite(text.replace("OLD", "old.OrderLog")) == after
    assert named.reasons == []
