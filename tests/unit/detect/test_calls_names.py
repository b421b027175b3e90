"""Where a deprecated name is another name of something good, only uses by that name are sites."""

from __future__ import annotations

import sys

import pytest

COLUMNS = pytest.mark.skipif(sys.version_info < (3, 11), reason="before 3.11 an instruction has no column")

CORE = """
class Tracker:
    def __init__(self):
        self.x = 1

    @classmethod
    def create(cls):
        return cls()

    def notify_all(self):
        return 1

    notifyAll = notify_all

    @property
    def amount(self):
        return 1

    total = amount

OldTracker = Tracker
OlderTracker = Tracker

def get_tracker():
    return 1

get_log = get_tracker
"""


@pytest.fixture
def seen_of(project):
    """Return the lines of `go` in a module with these statements that were seen, for these targets."""

    def seen_of(
        *statements: str, targets: tuple[str, ...] = ("core:OldTracker", "core:get_log"), head: str = ""
    ) -> list:
        project.write(core=CORE)
        body = "".join(f"    {statement}\n" for statement in statements)
        project.write(app=f"{head or 'from core import *; import core, functools'}\ndef go():\n{body}")
        app = project.load("app")
        with project.watched(project.settings(ssot={"deprecated": list(targets)})) as seen:
            app.go()
            return [line - 2 for _, line, _ in seen.lines()]

    return seen_of


def test_the_old_name_is_seen_and_the_new_one_is_not(seen_of):
    assert seen_of(
        "OldTracker()", "Tracker()", "core.OldTracker()", "core.Tracker()", "get_log()", "get_tracker()"
    ) == [
        1,
        3,
        5,
    ]


def test_of_several_old_names_each_is_seen(seen_of):
    targets = ("core:OldTracker", "core:OlderTracker")
    assert seen_of("OldTracker()", "OlderTracker()", "Tracker()", targets=targets) == [1, 2]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="an instruction has no column there")
def test_of_two_calls_in_one_statement_each_goes_by_its_own_name(seen_of):
    assert seen_of("[Tracker(), get_tracker()]", "[Tracker(), OldTracker()]", "Tracker(*[get_tracker][:0])") == [2]


def test_what_a_file_binds_to_the_old_name_goes_by_it(seen_of):
    assert seen_of(
        "made = OldTracker; made()",
        "made = Tracker; made",
        "def inner(make=OldTracker): make()",
        "inner()",
        "{'a': OldTracker}['a']()",
        "[make() for make in [OldTracker]]",
    ) == [1, 3, 5, 6]


def test_an_import_under_a_third_name_goes_by_the_old_one(seen_of):
    assert seen_of("OT()", "T()", head="from core import OldTracker as OT, Tracker as T") == [1]


def test_what_is_handed_on_by_its_old_name_is_seen(seen_of):
    assert seen_of(
        "list(map(lambda _: OldTracker(), 'a'))", "functools.partial(OldTracker)()", "sorted('a', key=len)"
    ) == [
        1,
        2,
    ]


@COLUMNS
def test_what_was_given_the_old_name_uses_it_when_it_is_told_to(seen_of):
    assert seen_of(
        "p = functools.partial(OldTracker); p()",
        "def good(): p = functools.partial(Tracker); p()",
        "good()",
        "self = types.SimpleNamespace()",
        "self.make = functools.partial(OldTracker)",
        "self.make()",
        head="from core import *; import types, functools",
    ) == [1, 6]


@pytest.fixture
def seen_of_hub(project):
    """Return the lines of `go` that were seen, where `pkg.hub` hands on what `pkg.core` defines."""

    def seen_of_hub(*statements: str, target: str = "pkg.hub:Tracker", head: str = "") -> list:
        project.write(
            **{"pkg/__init__": "", "pkg/core": CORE, "pkg/hub": "from pkg.core import Tracker, get_tracker\n"}
        )
        body = "".join(f"    {statement}\n" for statement in statements)
        project.write(app=f"{head or 'from pkg import core, hub; import pkg.hub'}\ndef go():\n{body}")
        app = project.load("app")
        with project.watched(project.settings(ssot={"deprecated": [target]})) as seen:
            app.go()
            return [line - 2 for _, line, _ in seen.lines()]

    return seen_of_hub


@COLUMNS
def test_what_is_read_from_a_module_that_hands_it_on_goes_by_the_name_there(seen_of_hub):
    assert seen_of_hub(
        "hub.Tracker()",
        "core.Tracker()",
        "pkg.hub.Tracker()",
        "make = hub.Tracker; make()",
        "class A(hub.Tracker): pass",
        "hub.Tracker.create()",
        "core.Tracker.create()",
        "getattr(hub, 'Tracker')()",
    ) == [1, 3, 4, 5, 6, 8]


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("import pkg.hub as h", "h.Tracker()"),
        ("from pkg import hub as h", "h.Tracker()"),
        ("import pkg as p, pkg.hub", "p.hub.Tracker()"),
        ("import importlib, pkg.hub", "importlib.import_module('pkg.hub').Tracker()"),
        ("import sys, pkg.hub", "sys.modules['pkg.hub'].Tracker()"),
    ],
)
def test_the_module_that_hands_it_on_may_go_by_any_name(head, call, seen_of_hub):
    assert seen_of_hub(call, "core.Tracker()", head=f"{head}; from pkg import core") == [1]


def test_a_function_that_is_handed_on_goes_by_the_name_there(seen_of_hub):
    assert seen_of_hub("hub.get_tracker()", "core.get_tracker()", target="pkg.hub:get_tracker") == [1]


@pytest.mark.parametrize("head", ["from pkg.hub import Tracker", "from pkg.core import Tracker; from pkg import hub"])
def test_of_what_is_imported_from_there_by_its_name_the_import_is_the_site(head, seen_of_hub):
    assert seen_of_hub("Tracker()", head=head) == []


def test_a_method_of_a_class_that_is_only_handed_on_is_a_blind_spot(project):
    project.write(core=CORE, hub="from core import Tracker\n")
    project.load("hub")
    with project.watched(project.settings(ssot={"deprecated": ["hub:Tracker.notify_all"]})) as seen:
        (spot,) = seen.calls.blind_spots
        assert spot.target == "hub:Tracker.notify_all"
        assert spot.why == "hub only hands its class on: name it where the class is defined"


def test_a_method_that_a_class_inherits_from_another_module_is_seen(project):
    project.write(
        core=CORE,
        old="from core import Tracker\nclass Old(Tracker):\n    pass\n",
        app="import old\ndef go():\n    call = old.Old().notify_all\n    call()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old.notify_all"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 4, 1)]


def test_a_class_statement_and_a_class_method_go_by_the_name_that_stands_there(seen_of):
    assert seen_of(
        "class A(OldTracker): pass", "class B(Tracker): pass", "OldTracker.create()", "Tracker.create()"
    ) == [1, 3]


def test_another_name_of_a_method_or_property_is_seen_alone(seen_of):
    targets = ("core:Tracker.notifyAll", "core:Tracker.total")
    assert seen_of("t = Tracker()", "t.notifyAll()", "t.notify_all()", "t.total", "t.amount", targets=targets) == [2, 4]


def test_a_thing_that_is_deprecated_by_its_own_name_too_is_seen_under_any(seen_of):
    targets = ("core:OldTracker", "core:Tracker")
    assert seen_of("OldTracker()", "Tracker()", targets=targets) == [1, 2]
    assert seen_of("OldTracker()", "Tracker()", targets=("core",)) == [1, 2]


def test_what_has_only_a_private_name_of_its_own_is_the_thing(project):
    project.write(
        old="def _make():\n    return 1\nmake = _make\n",
        app="import old\nheld = [old.make]\ndef go():\n    held[0]()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:make"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 4, 1)]


def test_a_method_that_is_only_inherited_is_no_other_name(project):
    project.write(
        old="class Base:\n    def run(self):\n        pass\nclass Old(Base):\n    pass\n",
        app="import old\ndef go():\n    call = old.Old().run\n    call()\n    old.Base().run()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old.run"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 4, 1)]


def test_a_doctest_and_code_without_a_file_are_told_by_what_they_name(project):
    project.write(core=CORE, app="from core import *\ndef go():\n    exec('OldTracker()')\n    exec('Tracker()')\n")
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["core:OldTracker"]})) as seen:
        app.go()
        assert seen.lines() == []


def test_the_file_of_a_decorator_is_nobody_elses_home(project):
    project.write(
        util="""
        import functools
        def traced(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper
        def bare(function):
            def wrapper(*args):
                return function(*args)
            return wrapper
        def caller():
            import old
            old.wrapped()
            old.unwrapped()
            old.made()
        """,
        old="""
        from util import traced, bare
        @traced
        def wrapped(): return 1
        @bare
        def unwrapped(): return 2
        made = bare(lambda: 3)
        def inside():
            wrapped()
            unwrapped()
        """,
    )
    util = project.load("util")
    old = project.load("old")
    with project.watched(project.settings(ssot={"deprecated": ["old:wrapped", "old:unwrapped", "old:made"]})) as seen:
        util.caller()
        old.inside()
        assert seen.lines() == [("util.py", 14, 1), ("util.py", 15, 1), ("util.py", 16, 1)]
