from __future__ import annotations

import copy
import inspect
import pickle
import re
import sys

import pytest

KINDS = {
    "plain": ("class Old:\n    def __init__(self, x=1):\n        self.x = x\n", "Old(2)"),
    "no_init": ("class Old:\n    pass\n", "Old()"),
    "no_init_with_slots": ("class Old:\n    __slots__ = ('x',)\n", "Old()"),
    "dataclass": ("import dataclasses\n@dataclasses.dataclass\nclass Old:\n    x: int = 1\n", "Old(2)"),
    "slots": ("import dataclasses\n@dataclasses.dataclass(slots=True)\nclass Old:\n    x: int = 1\n", "Old(2)"),
    "frozen": (
        "import dataclasses\n@dataclasses.dataclass(frozen=True, slots=True)\nclass Old:\n    x: int = 1\n",
        "Old(2)",
    ),
    "replaced": ("import dataclasses\n@dataclasses.dataclass\nclass Old:\n    x: int = 1\n", "DC.replace(HELD, x=3)"),
    "attrs": ("import attrs\n@attrs.define\nclass Old:\n    x: int = 1\n", "Old(2)"),
    "metaclass": (
        "class Meta(type):\n    def __call__(cls, *args):\n        return super().__call__(*args)\n"
        "class Old(metaclass=Meta):\n    def __init__(self):\n        pass\n",
        "Old()",
    ),
    "generic": (
        "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Old(Generic[T]):\n    pass\n",
        "Old[int]()",
    ),
    "generic_init": (
        "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Old(Generic[T]):\n    def __init__(self): pass\n",
        "Old[int]()",
    ),
    "named_tuple": ("from typing import NamedTuple\nclass Old(NamedTuple):\n    x: int = 1\n", "Old(2)"),
    "collections_namedtuple": ("import collections\nOld = collections.namedtuple('Old', 'x')\n", "Old(2)"),
    "enum": ("import enum\nclass Old(enum.Enum):\n    A = 1\n", "Old(1)"),
    "abc": ("import abc\nclass Old(abc.ABC):\n    pass\n", "Old()"),
    "exception": ("class Old(Exception):\n    pass\n", "Old('x')"),
    "dict": ("class Old(dict):\n    pass\n", "Old(x=1)"),
    "str": ("class Old(str):\n    pass\n", "Old('x')"),
    "own_new": ("class Old:\n    def __new__(cls, x):\n        return super().__new__(cls)\n", "Old(2)"),
    "new_and_init": (
        "class Old:\n    def __new__(cls, x):\n        return super().__new__(cls)\n    def __init__(self, x):\n        self.x = x\n",
        "Old(2)",
    ),
    "new_dict": (
        "class Old(dict):\n    def __new__(cls, x):\n        return super().__new__(cls)\n    def __init__(self, x): pass\n",
        "Old(2)",
    ),
    "inherited_init": ("import argparse\nclass Old(argparse.Namespace):\n    pass\n", "Old()"),
    "wrapped_init": (
        "import functools\ndef deco(f):\n    @functools.wraps(f)\n    def wrapper(*a, **k):\n        return f(*a, **k)\n    return wrapper\n"
        "class Old:\n    @deco\n    def __init__(self, x): pass\nclass Not:\n    @deco\n    def __init__(self, x): pass\n",
        "Old(2)",
    ),
    "keyword_only": ("class Old:\n    def __init__(self, *, x):\n        self.x = x\n", "Old(x=1)"),
    "star_self": ("class Old:\n    def __init__(*args):\n        pass\n", "Old(1)"),
    "captured_self": ("class Old:\n    def __init__(self):\n        self.f = lambda: self\n", "Old()"),
    "classmethod_maker": ("class Old:\n    @classmethod\n    def make(cls):\n        return cls()\n", "Old.make()"),
    "protocol": ("from typing import Protocol\nclass P(Protocol):\n    x: int\nclass Old(P):\n    x = 1\n", "Old()"),
}
HELD = {"replaced"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_construction_of_a_class_of_any_kind_is_seen_once_and_leaves_it_as_it_was(project, kind):
    definition, use = KINDS[kind]
    if "attrs" in definition:
        pytest.importorskip("attrs")
    held = "HELD = Old()" if kind in HELD else ""
    project.write(
        app=f"import dataclasses as DC\nfrom old import Old\n{held}\n\ndef go():\n    one = {use}\n    return one\n"
    )
    project.write(old=definition)
    app = project.load("app")
    made = type(app.go())
    before = dict(vars(app.Old)), made, _signature(app.Old), _code(app.Old)
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        first = app.go()
        again = app.go()
        assert seen.sites() == [f"deprecated-use old:Old app.py:6 go | one = {use} × 2"]
        assert seen.spots() == {}
        assert type(first) is type(again) is before[1]
        assert _signature(app.Old) == before[2]
    assert (dict(vars(app.Old)), type(app.go()), _signature(app.Old), _code(app.Old)) == before
    assert seen.sites() == []


def _signature(cls):
    try:
        return str(inspect.signature(cls))
    except ValueError:
        return None


def _code(cls):
    return getattr(cls.__init__, "__code__", None), getattr(cls.__new__, "__code__", None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_subclass_of_a_class_of_any_kind_is_seen_as_the_class_that_is_configured(project, kind):
    definition, use = KINDS[kind]
    if kind in ("enum", "replaced", "classmethod_maker", "collections_namedtuple", "generic", "generic_init"):
        return
    if "attrs" in definition:
        pytest.importorskip("attrs")
    project.write(
        old=definition,
        app="from old import Old\nclass Sub(Old):\n    pass\n",
        late="from old import Old\nclass Sub(Old):\n    pass\n",
    )
    project.write(use=f"import app\n\ndef go(Old):\n    return {use}\n")
    app, use_ = project.load("app"), project.load("use")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        late = project.load("late", seen.calls)
        assert seen.sites() == ["deprecated-base old:Old late.py:2 <module> | class Sub(Old):"]
        use_.go(app.Sub)
        use_.go(late.Sub)
        assert seen.sites() == [f"deprecated-use old:Old use.py:4 go | return {use} × 2"]


def test_a_class_method_of_a_subclass_of_ours_is_the_caller_whatever_constructed_before(project):
    project.write(
        old="class Old:\n    def __init__(self, x):\n        self._fill(x)\n    def _fill(self, x):\n        self.x = x\n",
        app="""
        from old import Old
        class Sub(Old):
            @classmethod
            def create(cls):
                return cls(1)
        def go():
            Sub.create()
            Sub(2)
            Sub.create()
        """,
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app = project.load("app", seen.calls)
        seen.sites()
        app.go()
        assert seen.sites() == [
            "deprecated-use old:Old app.py:6 Sub.create | return cls(1) × 2",
            "deprecated-use old:Old app.py:9 go | Sub(2)",
        ]


def test_neighbours_that_share_a_base_or_a_wrapper_are_not_confused(project):
    project.write(
        base="class Base:\n    def __init__(self):\n        pass\n",
        old="from base import Base\nclass Old(Base):\n    pass\nclass Other(Base):\n    pass\n",
        app="import old, base\ndef go():\n    old.Other()\n    base.Base()\n    old.Old()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        project.load("app", seen.calls).go()
        assert seen.lines() == [("app.py", 5, 1)]


@pytest.mark.parametrize(
    "base",
    [
        "",
        "    def __init__(self):\n        self.base = 1\n",
        "    def __new__(cls, *args):\n        return object.__new__(cls)\n",
    ],
    ids=["nothing", "init", "new"],
)
@pytest.mark.parametrize("supers", [True, False], ids=["calls super", "skips super"])
def test_a_subclass_with_its_own_init_is_one_construction(project, base, supers):
    body = "super().__init__()" if supers else "pass"
    project.write(
        old=f"class Old:\n    x = 1\n{base}",
        app=f"""
        from old import Old
        class Sub(Old):
            def __init__(self):
                {body}
        class SubSub(Sub):
            def __init__(self):
                super().__init__()
        def go():
            Sub()
            return SubSub()
        """,
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.go()
        assert seen.sites() == [
            "deprecated-use old:Old app.py:10 go | Sub()",
            "deprecated-use old:Old app.py:11 go | return SubSub()",
        ]


def test_with_two_deprecated_classes_in_a_line_the_nearest_is_the_target(project):
    project.write(
        old="""
        class Old:
            def __init__(self): pass
        class Older(Old):
            pass
        class Oldest(Old):
            def __init__(self): super().__init__()
        """,
        app="import old\ndef go():\n    old.Old()\n    old.Older()\n    old.Oldest()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["old"]})) as seen:
        project.load("app", seen.calls).go()
        assert [site.split(" ")[1:3] for site in seen.sites()] == [
            ["old:Old", "app.py:3"],
            ["old:Older", "app.py:4"],
            ["old:Oldest", "app.py:5"],
        ]


def test_deriving_is_seen_at_the_class_statement_however_it_is_made(project):
    project.write(
        meta="class Meta(type):\n    def __new__(mcls, name, bases, space, **k):\n        return super().__new__(mcls, name, bases, space)\n",
        old="from meta import Meta\nclass Old(metaclass=Meta):\n    pass\n",
        mid="from old import Old\nclass Mid(Old):\n    def __init_subclass__(cls, **k):\n        pass\n",
        app="""
        import dataclasses, types, functools
        from mid import Mid
        from old import Old
        from meta import Meta

        class Sub(
            Old,
        ):
            pass

        @dataclasses.dataclass(slots=True)
        class Data(Old):
            x: int = 1

        class Leaf(Mid):
            pass

        Made = Meta("Made", (Old,), {})
        New = types.new_class("New", (Old,))
        """,
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        project.load("old", seen.calls)
        project.load("app", seen.calls)
        assert [site.split(" ", 2)[2] for site in seen.sites()] == [
            "app.py:13 <module> | class Data(Old):",
            "app.py:16 <module> | class Leaf(Mid):",
            'app.py:19 <module> | Made = Meta("Made", (Old,), {})',
            'app.py:20 <module> | New = types.new_class("New", (Old,))',
            "app.py:7 <module> | class Sub( Old, ):",
            "mid.py:2 <module> | class Mid(Old):",
        ]


def test_an_init_subclass_of_its_own_is_kept_and_called(project):
    project.write(
        old="class Old:\n    made = []\n    def __init_subclass__(cls, **k):\n        Old.made.append((cls.__name__, k))\n",
        app="from old import Old\nclass Sub(Old, key=1):\n    pass\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        project.load("old", seen.calls)
        app = project.load("app", seen.calls)
        assert app.Old.made == [("Sub", {"key": 1})]
        assert seen.sites() == ["deprecated-base old:Old app.py:2 <module> | class Sub(Old, key=1):"]


def test_a_planted_init_subclass_passes_keywords_on_and_refuses_as_before(project):
    project.write(
        base="class Base:\n    def __init_subclass__(cls, *, key=None, **k):\n        cls.key = key\n        super().__init_subclass__(**k)\n",
        old="import base\nclass Old:\n    pass\nclass Mixed(Old, base.Base, key=0):\n    pass\n",
        app="import old, base\nclass Sub(old.Old, base.Base, key=3):\n    pass\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        assert project.load("app", seen.calls).Sub.key == 3
        with pytest.raises(TypeError, match=r"__init_subclass__\(\) takes no keyword arguments"):
            type("X", (sys.modules["old"].Old,), {}, unknown=1)


def test_a_class_made_in_a_test_can_go_when_the_test_is_over(project):
    import gc
    import weakref

    project.write(old="class Old:\n    def __init__(self):\n        pass\n")
    old = project.load("old")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})):

        class Sub(old.Old):
            def __init__(self):
                super().__init__()

        Sub()
        gone = weakref.ref(Sub)
        del Sub
        gc.collect()
        assert gone() is None


MADE = {
    "by type": "type('Sub', (Old,), {})",
    "in a text": "exec(TEXT) or Sub",
    "in a text, as of this module": "exec(TEXT, globals()) or globals().pop('Sub')",
    "as a dataclass": "dataclasses.make_dataclass('Sub', ['x'], bases=(Old,))",
    "as a generic": "types.new_class('Sub', (Old, typing.Generic[T]))",
}


@pytest.mark.parametrize("made", MADE)
def test_a_class_made_by_a_call_can_go_too(project, made):
    """Its name does not say that it is made within a function."""
    import gc
    import weakref

    text = "class Sub(Old):\n    def __init__(self, *args):\n        super().__init__()\n"
    project.write(
        old="class Old:\n    def __init__(self, *args):\n        pass\n",
        app=f"""
        import dataclasses, types, typing
        from old import Old
        T = typing.TypeVar("T")
        TEXT = {text!r}
        def make():
            namespace = dict(globals())
            return eval({MADE[made].replace("globals()", "real")!r}, namespace | {{"real": globals()}}, namespace)
        """,
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        cls = app.make()
        cls(1)
        seen.observations()
        assert list(seen.calls.heal()) == []
        gone = weakref.ref(cls)
        del cls
        gc.collect()
        assert gone() is None


BUILT_IN = {
    "tuple": ["()", "((1, 2))", "((1, 2), typo=1)", "(typo=1)", "(1)"],
    "frozenset": ["([1])", "([1], typo=1)", "(1, 2)"],
    "float": ["(1)", "(1.5, typo=1)", "('x')"],
    "int": ["('z', base=36)", "(1, typo=1)", "('zz')"],
    "complex": ["(real=1)", "(1, typo=1)"],
    "str": ["(b'x', encoding='ascii')", "('x', typo=1)"],
    "bytes": ["([1])", "('x', encoding='ascii')", "([1], typo=1)"],
    "bytearray": ["([1])", "([1], typo=1)"],
    "list": ["((1, 2))", "((1, 2), typo=1)"],
    "set": ["((1, 2))", "((1, 2), typo=1)"],
    "dict": ["(a=1)", "(1)", "([('a', 1)], b=2)"],
    "object": ["()", "(1)", "(typo=1)"],
    "Exception": ["(1)", "(1, typo=1)", "()"],
    "OSError": ["(2, 'x', 'f')", "(2, typo=1)", "(1, 2, 3, 4, 5, 6, 7)"],
    "ImportError": ["('x', name='n')", "('x', typo=1)"],
    "UnicodeDecodeError": ["('x', b'', 1, 2, 'y')", "()"],
    "collections.deque": ["((1,), maxlen=2)", "((1,), typo=1)"],
    "collections.OrderedDict": ["(a=1)", "(1)"],
    "collections.defaultdict": ["(list, a=1)", "(1)"],
    "datetime.datetime": ["(2024, 1, day=2)", "(2024, 1, 2, typo=1)", "()"],
    "datetime.timedelta": ["(days=2)", "(typo=1)"],
    "datetime.tzinfo": ["()", "(1)", "(typo=1)"],
    "decimal.Decimal": ["('1')", "('1', typo=1)"],
    "fractions.Fraction": ["(1, 2)", "(1, typo=1)"],
    "itertools.count": ["(1)", "(start=1)", "(1, typo=1)"],
    "itertools.chain": ["([1])", "([1], typo=1)"],
    "itertools.cycle": ["([1])", "([1], typo=1)"],
    "map": ["(str, [1])", "(str, [1], typo=1)"],
    "zip": ["([1], strict=True)", "([1], typo=1)"],
    "enumerate": ["([1], start=2)", "([1], typo=1)"],
    "reversed": ["([1])", "([1], typo=1)"],
    "array.array": ["('i', [1])", "('i', [1], typo=1)"],
    "types.SimpleNamespace": ["(a=1)", "(1, 2)"],
    "weakref.ref": ["(len.__class__)", "(1)", "(len.__class__, typo=1)"],
    "property": ["(doc='x')", "(typo=1)"],
    "threading.local": ["()", "(1)", "(typo=1)"],
    "uuid.UUID": ["(int=1)", "(typo=1)"],
    "pathlib.PurePosixPath": ["('a', 'b')", "('a', typo=1)"],
    "io.StringIO": ["('a', newline='')", "('a', typo=1)"],
    "random.Random": ["(1)", "(typo=1)"],
    "type": ["('x', (), {})", "(1, 2)", "('x', (), {}, typo=1)"],
}


@pytest.mark.parametrize("base", BUILT_IN)
def test_a_class_below_one_of_c_takes_and_refuses_what_it_did_before(project, base):
    module = base.rpartition(".")[0]
    project.write(
        old=f"""
        {f"import {module}" if module else ""}
        class Old({base}): pass
        class Sub(Old): pass
        """,
        app=f"""
        from old import Old, Sub
        def outcome(make):
            try:
                made = make()
                return type(made), repr(made) if type(made).__repr__ is not object.__repr__ else None
            except Exception as error:
                return type(error), str(error)
        def go():
            return [outcome(make) for make in ({"".join(f"lambda: Old{call}, lambda: Sub{call}," for call in BUILT_IN[base])})]
        """,
    )
    app = project.load("app")
    address = re.compile(r"0x[0-9a-f]+")
    before = address.sub("", str(app.go()))
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})):
        assert address.sub("", str(app.go())) == before
    assert address.sub("", str(app.go())) == before


def test_the_making_of_a_thread_local_is_seen_once_whichever_threads_look_at_it(project):
    project.write(
        old="import threading\nclass Old(threading.local): pass\n",
        app="""
        import threading
        import old
        def go():
            held = old.Old()
            thread = threading.Thread(target=lambda: vars(held))
            thread.start()
            thread.join()
        """,
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.go()
        assert seen.lines() == ([("app.py", 5, 1)] if project.back_end == "monitoring" else [])
        assert "a class written in C" in seen.spots()["old:Old"]


def test_a_dataclass_that_derives_is_seen_once_its_decorator_is_done(project):
    project.write(
        old="class Old:\n    def __init__(self):\n        pass\n",
        app="import dataclasses\nfrom old import Old\n@dataclasses.dataclass\nclass Data(Old):\n    x: int = 1\ndef go():\n    return Data()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app = project.load("app", seen.calls)
        seen.sites()
        app.go()
        assert seen.sites() == ["deprecated-use old:Old app.py:7 go | return Data()"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ("Old(1)", "Old() takes no arguments"),
        ("Old(x=1)", "Old() takes no arguments"),
        ("Sub(1)", "Sub() takes no arguments"),
        ("WithNew(1)", None),
        ("WithInit(1)", "object.__init__() takes exactly one argument (the instance to initialize)"),
    ],
)
def test_a_planted_init_refuses_what_the_class_refused_before(project, make, message):
    project.write(
        old="class Old:\n    pass\n",
        app=f"""
        from old import Old
        class Sub(Old): pass
        class WithNew(Old):
            def __new__(cls, x): return super().__new__(cls)
        class WithInit(Old):
            def __init__(self, x): super().__init__(x)
        def go():
            try:
                return type({make}) and None
            except TypeError as error:
                return str(error)
        """,
    )
    app = project.load("app")
    assert app.go() == message
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})):
        assert app.go() == message
    assert app.go() == message


def test_an_init_that_raises_was_a_construction_all_the_same(project):
    project.write(
        old="class Old:\n    def __init__(self):\n        raise ValueError('no')\n",
        app="from old import Old\ndef go():\n    try:\n        Old()\n    except Exception:\n        pass\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 4, 1)]


def test_recursion_counts_every_construction(project):
    project.write(
        old="class Old:\n    def __init__(self, n):\n        if n: self.child = make(n - 1)\nmake = None\n",
        app="import old\ndef make(n):\n    return old.Old(n)\nold.make = make\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.make(4)
        assert seen.lines() == [("app.py", 3, 5)]


COPIES = """
import copy, pickle
from old import {cls} as Old
def make():
    return Old(1)
def go(one):
    copy.copy(one)
    copy.deepcopy({{"k": [one]}})
    pickle.loads(pickle.dumps(one))
    Old.__new__(Old)
"""


@pytest.mark.parametrize(
    ("definition", "lines"),
    [
        ("class Old:\n    def __init__(self, x): self.x = x\n", [7, 8]),
        (
            "class Old:\n    def __init__(self, x): self.x = x\n    def __setstate__(self, s): self.__dict__ = s\n",
            [7, 8, 9],
        ),
        ("class Old:\n    def __init__(self, x): self.x = x\n    def __reduce__(self): return Old, (1,)\n", [7, 8, 9]),
        ("class Old:\n    def __new__(cls, x=0): return super().__new__(cls)\n", [7, 8, 9, 10]),
        ("import dataclasses\n@dataclasses.dataclass(frozen=True, slots=True)\nclass Old:\n    x: int\n", [7, 8, 9]),
    ],
    ids=["plain", "setstate", "reduce", "new", "frozen slots"],
)
def test_making_one_anew_is_a_use_where_it_can_be_seen(project, definition, lines):
    project.write(old=definition, app=COPIES.format(cls="Old"))
    app = project.load("app")
    one = app.make()
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.go(one)
        seen.calls.sweep()
        told = project.back_end == "monitoring" and 10 not in lines
        assert seen.lines() == [("app.py", line, 1) for line in (*lines, *([10] if told else []))]
        assert ("old:Old" in seen.spots()) == (10 not in lines and not told)


def test_instances_that_a_c_metaclass_makes_without_init_are_seen_by_their_calls_or_a_blind_spot(project):
    pytest.importorskip("msgspec")
    project.write(
        old="import msgspec\nclass Old(msgspec.Struct):\n    x: int = 1\n",
        app="from old import Old\ndef go():\n    return Old(2)\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        assert app.go().x == 2
        assert seen.lines() == ([("app.py", 3, 1)] if project.back_end == "monitoring" else [])
        assert "old:Old" in seen.spots()


def test_a_model_of_pydantic_is_a_blind_spot_for_the_instances_inside_of_others(project):
    pytest.importorskip("pydantic")
    project.write(
        old="from pydantic import BaseModel\nclass Old(BaseModel):\n    x: int = 1\n",
        app="""
        from old import Old
        def go():
            Old(x=1)
            Old.model_validate({"x": 2})
            return Old.model_construct(x=3)
        """,
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.go()
        seen.calls.sweep()
        assert seen.lines() == [("app.py", line, 1) for line in (4, 5, 6)]
        assert "part of another model" in seen.spots()["old:Old"]


def test_copies_of_other_things_are_none_of_our_business(project):
    project.write(
        old="class Old:\n    def __init__(self, x): self.x = x\nclass Other(Old.__base__):\n    pass\n", app=""
    )
    old = project.load("old")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        copy.deepcopy([old.Other()])
        pickle.loads(pickle.dumps(1))
        assert seen.sites() == []


def test_a_class_that_cannot_be_changed_is_a_blind_spot(project):
    project.write(
        old="from typing import TypedDict\nclass Old(TypedDict):\n    x: int\n",
        app="import decimal\nimport old\ndef go():\n    old.Old(x=1)\n    decimal.Decimal(1)\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old", "decimal:Decimal"]})) as seen:
        app.go()
        told = project.back_end == "monitoring"
        assert seen.lines() == ([("app.py", 4, 1), ("app.py", 5, 1)] if told else [])
        assert seen.spots().keys() == {"old:Old", "decimal:Decimal"}
        assert all(why.startswith("a class written in C") for why in seen.spots().values())
        assert len(seen.calls.guards) == (2 if told else 0)


def test_after_a_reload_the_old_and_the_new_class_are_watched(project):
    import importlib

    project.write(
        old="class Old:\n    def __init__(self):\n        pass\n",
        app="import old\nfrom old import Old\ndef go():\n    Old()\n    old.Old()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        seen.calls.plant(importlib.reload(sys.modules["old"]))
        assert app.Old is not sys.modules["old"].Old
        app.go()
        assert seen.lines() == [("app.py", 4, 1), ("app.py", 5, 1)]


def test_a_mock_with_the_class_as_its_spec_constructs_nothing(project):
    from unittest import mock

    project.write(old="class Old:\n    def __init__(self):\n        pass\n")
    old = project.load("old")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        mock.Mock(spec=old.Old)
        mock.create_autospec(old.Old)()
        assert seen.sites() == []


@pytest.mark.parametrize(
    "own",
    [
        "typing.Generic.__dict__['__init_subclass__']",
        "classmethod(functools.partial(note, 'told'))",
        "classmethod(note)",
        "functools.partial(note, 'told', None)",
        "staticmethod(functools.partial(note, 'told', None))",
    ],
)
def test_an_init_subclass_without_python_code_of_its_own_still_does_its_part(project, own):
    """`typing.Generic` has one of C from 3.12 on, without which no subclass has parameters."""
    project.write(
        old=f"""
        import functools, typing
        T = typing.TypeVar("T")
        noted = []
        def note(*seen, **words):
            noted.append((len(seen), words))
        class Old(typing.Generic[T]):
            __init_subclass__ = {own}
        """,
        app="""
        import old
        class Sub(old.Old[int]):
            pass
        class Generic(old.Old[old.T]):
            pass
        """,
    )
    if not sys.version_info >= (3, 12) and "typing" in own:
        pytest.skip("it has Python code before 3.12")
    plain = project.load("old"), project.load("app")
    expected = plain[0].noted, plain[1].Generic.__parameters__, plain[1].Sub.__parameters__
    del sys.modules["old"], sys.modules["app"]
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        old = project.load("old", seen.calls)
        app = project.load("app", seen.calls)
        assert [len(app.Generic.__parameters__), len(app.Sub.__parameters__)] == [len(expected[1]), len(expected[2])]
        assert old.noted == expected[0]


@pytest.mark.parametrize("init", ["", "    def __init__(self):\n        pass\n"])
def test_a_class_that_is_made_by_a_base_beside_the_deprecated_one_is_seen(project, init):
    """The base beside comes first and does not call the next `__init__`."""
    project.write(
        old=f"class Old:\n    kept = 1\n{init}",
        app="""
        from old import Old
        class Beside:
            def __init__(self):
                self.text = "x"
        class Both(Beside, Old):
            pass
        class Below(Both):
            pass
        def go():
            Beside()
            Both()
            return Below()
        """,
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        app.go()
        assert seen.sites() == [
            "deprecated-use old:Old app.py:12 go | Both()",
            "deprecated-use old:Old app.py:13 go | return Below()",
        ]
        assert seen.spots() == {}


def test_a_metaclass_that_compares_and_hashes_as_it_likes_is_not_in_the_way(project):
    project.write(
        meta="""
        class Meta(type):
            def __eq__(cls, other):
                raise NameError("this class is not ready to be compared")
            __hash__ = None
        """,
        old="from meta import Meta\nclass Base(metaclass=Meta):\n    pass\nclass Old(Base):\n    pass\n",
        app="from old import Old\nclass Sub(Old):\n    pass\ndef go():\n    return Sub(), Old()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        project.load("old", seen.calls)
        app = project.load("app", seen.calls)
        app.go()
        assert seen.sites() == [
            "deprecated-base old:Old app.py:2 <module> | class Sub(Old):",
            "deprecated-use old:Old app.py:5 go | return Sub(), Old() × 2",
        ]
        assert seen.spots() == {}


def test_what_typing_gives_a_protocols_classes_to_be_made_by_is_no_change(project):
    project.write(
        old="from typing import Protocol\nclass Old(Protocol):\n    pass\n",
        app="""
        from typing import Protocol
        from old import Old
        class Wide(Protocol):
            pass
        class Beside:
            def __init__(self):
                pass
        class One(Wide, Old):
            pass
        class Two(Wide, Beside, Old):
            pass
        def go():
            return One(), Two(), One(), Two()
        """,
    )
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        project.load("old", seen.calls)
        app = project.load("app", seen.calls)
        app.go()
        assert list(seen.calls.heal()) == []
        assert seen.sites()[-1].endswith("return One(), Two(), One(), Two() × 4")
