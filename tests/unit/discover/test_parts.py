"""The parts of which a comparison is made: names, accessors, users, bodies."""

from __future__ import annotations

import textwrap

import pytest

from pytest_ssot_tracker.discover.bodies import Bodies
from pytest_ssot_tracker.discover.outline import Outline, outline
from pytest_ssot_tracker.discover.subjects import Subject, subject


@pytest.mark.parametrize(
    ("name", "words", "role", "qualifiers"),
    [
        ("OrderTracker", ("order",), "tracker", ()),
        ("ConsolidatedOrderTrackerV2", ("order",), "tracker", ("consolidated", "v2")),
        ("LegacyHTTPSessionManager", ("http", "session"), "manager", ("legacy",)),
        ("IExecutionEngine", ("execution",), "engine", ()),
        ("ExecutionEngineFactory", ("execution", "engine"), "factory", ()),
        ("order_states_old", ("order",), "state", ("old",)),
        ("Registry", (), "registry", ()),
        ("_private_ids", ("private", "id"), "", ()),
    ],
)
def test_a_name_is_taken_apart(name, words, role, qualifiers):
    assert subject(name) == Subject(words, role, qualifiers)


def read(text: str, path: str = "pkg/mod.py") -> Outline:
    return outline(path, path.removesuffix(".py").replace("/", "."), textwrap.dedent(text).encode())


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    def a(self): ...\n_it = A()\ndef get_it():\n    return _it\n",
        "class A:\n    def a(self): ...\n_it: A = None\ndef get_it():\n    global _it\n    _it = A()\n    return _it\n",
        "class A:\n    def a(self): ...\ntry:\n    it = A()\nfinally:\n    pass\ndef current_it():\n    return it\n",
    ],
)
def test_a_function_that_hands_out_the_modules_one_object_is_an_accessor(text):
    (one,) = read(text).candidates
    assert len(one.accessors) == 1


def test_a_class_method_that_hands_out_the_classes_one_object_is_an_accessor():
    text = """\
    class A:
        _instance = None
        @classmethod
        def get_instance(cls):
            if cls._instance is None:
                cls._instance = cls()
            return cls._instance
    """
    (one,) = read(text).candidates
    assert one.accessors == ("A.get_instance",)


def test_a_file_that_no_import_can_name_offers_nothing_and_uses_what_it_uses():
    text = "from pkg.mod import Thing\nclass A:\n    def a(self): ...\n    def b(self): ...\n"
    (thing,) = read("class Thing:\n    def a(self): ...\n    def b(self): ...\n").candidates
    found = read(text, "pkg/66e0_add.py")
    assert found.candidates == ()
    assert found.uses(thing)


def test_a_function_that_makes_a_new_object_each_time_is_no_accessor():
    text = "class A:\n    def a(self): ...\n    def b(self): ...\ndef get_a():\n    made = A()\n    return made\n"
    (one,) = read(text).candidates
    assert one.accessors == ()


@pytest.mark.parametrize(
    ("statement", "uses"),
    [
        ("from pkg.mod import Thing", True),
        ("from .mod import Thing", True),
        ("from pkg import Thing", True),
        ("    from pkg.mod import get_thing", True),
        ("import pkg.mod\nThing", True),
        ("from pkg.mod import other", False),
        ("from elsewhere import Thing", False),
        ("from pkg.model import Thing", False),
        ("import os, pkg.mod\nThing", True),
        ("import pkg\npkg.mod.Thing", True),
        ("from pkg import mod as other\nother.Thing", True),
        ("from pkg.mod import *\nThing", True),
        ("from pkg.mod import (\n    other,\n    Thing,\n)", True),
        ("if other: from pkg.mod import Thing", True),
        ("def use():\n    try:\n        pass\n    finally:\n        from .mod import Thing", True),
        ("from pkg.mod import other  # and not Thing", False),
        ("from pkg import other\nfrom elsewhere import Thing", False),
        ('"""\nfrom pkg.mod import Thing\n"""', False),
        ("from ..mod import Thing", False),
    ],
)
def test_a_file_uses_what_it_imports_by_name(statement, uses):
    text = "class Thing:\n    def a(self): ...\n_it = Thing()\ndef get_thing():\n    return _it\n"
    (thing,) = read(text).candidates
    assert read(statement, "pkg/user.py").uses(thing) is uses


@pytest.mark.parametrize(
    "text",
    [
        "if other:\n    {}",
        "try:\n    from fast import Thing\nexcept ImportError:\n    {}",
        "try:\n    pass\nfinally:\n    {}",
        "with suppress(ImportError):\n    {}",
        "match sys.platform:\n    case _:\n        {}",
    ],
)
def test_a_class_is_offered_by_whatever_branch_of_the_module_it_is_defined_in(text):
    found = read(text.format("class Thing:\n            def a(self): ...\n            def b(self): ...\n"))
    assert [one.name for one in found.candidates] == ["Thing"]


FIRST = '''
class A:
    def work(self, number):
        """Say something."""
        total = number + 1  # a comment
        if total > 3:
            return total
        return 0
'''
SECOND = """
class B:
    def work(self, n):
        t = n + 1
        if t > 3: return t
        return 0
    def rest(self): ...
"""


def compared(first: str, second: str) -> bool:
    files = {"a.py": first, "b.py": second}
    found = [outline(path, path, text.encode()).candidates[0] for path, text in files.items()]
    return Bodies(lambda path: files[path].encode()).same(*found, "work")


def test_bodies_are_the_same_whatever_their_variables_comments_and_layout():
    assert compared(FIRST + "    def more(self): ...\n", SECOND)


def test_another_constant_or_call_is_another_body():
    assert not compared(FIRST + "    def more(self): ...\n", SECOND.replace("> 3", "> 4"))


def test_bodies_of_a_line_or_two_tell_nothing():
    short = "class A:\n    def work(self):\n        return 1\n    def rest(self): ...\n"
    assert not compared(short, short)


@pytest.mark.parametrize(
    "text",
    [
        "    x = a.b(1)\n    y = x.c\n    return y",
        "    'Say so.'\n    x = a.b(1)\n    y = x.c\n    return y",
        "    number = a.b(1)  # once\n    held = number.c\n\n    return held",
    ],
)
def test_what_does_the_same_is_built_alike(text: str) -> None:
    plain = (
        "class A:\n    def one(self): ...\n    def two(self):\n        x = a.b(1)\n        y = x.c\n        return y\n"
    )
    body = textwrap.indent(text, "    ")
    (first,), (second,) = (read(source).candidates for source in (plain, plain.partition("        x")[0] + body))
    assert first.methods["two"].build == second.methods["two"].build
    assert first.methods["one"].build != first.methods["two"].build
