"""Cases of `deprecated-use` where the target is no plain function or class."""

from __future__ import annotations

from ..case import Case, Seen, Site, call, collected, never, setup

USE = "deprecated-use"
IMPORT = "deprecated-import"
ACCESS = "deprecated-access"
ITSELF = "contract 10: nothing that is watched is replaced by something of another type"
CALLS = {"in-place": "it has no Python code of its own; what a statement calls is told from 3.12"}

WRAPPED = ("one", "two", "Plain.run", "Plain.static", "Plain.of_class")

FIXTURES = """
import pytest

@pytest.fixture
def plain():
    return "old"

@pytest.fixture(scope="session")
def wide():
    return "old"

@pytest.fixture(name="renamed")
def _named():
    yield "old"

@pytest.fixture
def failing():
    pytest.skip("it has always been skipped")
"""


def deprecated(*targets: str) -> dict[str, dict[str, list[str]]]:
    """Return the configuration that deprecates `targets`."""
    return {"ssot.proj": {"deprecated": list(targets)}}


CASES = [
    Case(
        slug="fixture_requests",
        says="a deprecated fixture is used by whoever requests it: test, fixture, usefixtures or getfixturevalue",
        about=ITSELF,
        files={
            "old.py": FIXTURES,
            "conftest.py": """
            import pytest
            from proj.old import plain, wide, _named  # site: import

            @pytest.fixture
            def between(plain):  # site: between
                return plain
            """,
            "test_it.py": """
            import pytest

            def test_direct(plain):  # site: direct
                assert plain == "old"

            def test_between(between):
                assert between == "old"

            @pytest.mark.usefixtures("plain")
            def test_marked():  # site: marked
                pass

            def test_asks(request):
                assert request.getfixturevalue("plain") == "old"  # site: asks
                assert request.getfixturevalue("plain") == "old"  # site: again

            class TestWide:
                def test_one(self, wide):  # site: one
                    pass

                def test_two(self, wide, between):  # site: two
                    pass

            @pytest.mark.parametrize("n", [1, 2])
            def test_named(n, renamed):  # site: named
                assert renamed == "old"

            def test_fine():
                pass
            """,
        },
        config=deprecated("proj.old:plain", "proj.old:wide", "proj.old:_named"),
        sites=(
            *(Site("import", IMPORT, f"proj.old:{name}", seen=(collected(),)) for name in ("plain", "wide", "_named")),
            Site(
                "between",
                USE,
                "proj.old:plain",
                seen=(
                    setup(None, "test_between"),
                    Seen("proj/test_it.py::TestWide::test_two", "setup"),
                ),
            ),
            Site("direct", USE, "proj.old:plain", seen=(setup(None, "test_direct"),)),
            Site("marked", USE, "proj.old:plain", seen=(setup(None, "test_marked"),)),
            Site("asks", USE, "proj.old:plain", "test_asks", (call(test="test_asks"),)),
            Site("again", USE, "proj.old:plain", "test_asks", (call(test="test_asks"),)),
            Site(
                "one",
                USE,
                "proj.old:wide",
                "TestWide",
                (Seen("proj/test_it.py::TestWide::test_one", "setup"),),
            ),
            Site(
                "two",
                USE,
                "proj.old:wide",
                "TestWide",
                (Seen("proj/test_it.py::TestWide::test_two", "setup"),),
            ),
            Site(
                "named",
                USE,
                "proj.old:_named",
                seen=(setup(None, "test_named[1]"), setup(None, "test_named[2]")),
            ),
        ),
    ),
    Case(
        slug="fixture_that_skips",
        says="a deprecated fixture that skips the test has been requested all the same",
        about=ITSELF,
        files={
            "old.py": FIXTURES,
            "conftest.py": "from proj.old import failing  # site: import\n",
            "test_it.py": """
            def test_it(failing):  # site: here
                pass
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:failing"], "phase": "baseline"}},
        sites=(
            Site("import", IMPORT, "proj.old:failing", seen=(collected(),)),
            Site("here", USE, "proj.old:failing", seen=(setup(None),)),
        ),
        outcomes={"test_it": "skipped"},
    ),
    Case(
        slug="fixture_autouse",
        says="a deprecated fixture that is autouse is a blind spot, and a site where it is requested by name",
        about=ITSELF,
        files={
            "conftest.py": """
            import pytest

            @pytest.fixture(autouse=True)
            def everywhere():
                return 1
            """,
            "test_it.py": """
            def test_it(everywhere):  # site: here
                assert everywhere == 1

            def test_without():
                pass
            """,
        },
        config=deprecated("proj.conftest:everywhere"),
        sites=(Site("here", USE, "proj.conftest:everywhere", seen=(setup(None),)),),
        blind_spots={"proj.conftest:everywhere": "autouse"},
    ),
    Case(
        slug="other_name",
        says="of something good with a deprecated other name, uses by that name are sites and by its own are none",
        about="contract 10: the deprecated name, not the thing",
        files={
            "core.py": """
            class Tracker:
                def notify_all(self):
                    return 1

                notifyAll = notify_all

            OldTracker = Tracker

            def get_tracker():
                return Tracker()

            get_log = get_tracker
            """,
            "test_it.py": """
            from proj import core

            def test_class():
                core.Tracker()
                core.OldTracker()  # site: class

            def test_function():
                core.get_tracker()
                core.get_log()  # site: function

            def test_method():
                core.Tracker().notify_all()
                core.Tracker().notifyAll()  # site: method

            def test_base():
                class Fine(core.Tracker):
                    pass

                class Sub(core.OldTracker):  # site: base
                    pass

            def test_fine():
                core.get_tracker().notify_all()
            """,
        },
        config=deprecated("proj.core:OldTracker", "proj.core:get_log", "proj.core:Tracker.notifyAll"),
        sites=(
            Site("class", USE, "proj.core:OldTracker", "test_class", (call(test="test_class"),)),
            Site("function", USE, "proj.core:get_log", "test_function", (call(test="test_function"),)),
            Site("method", USE, "proj.core:Tracker.notifyAll", "test_method", (call(test="test_method"),)),
            Site("base", "deprecated-base", "proj.core:OldTracker", "test_base", (call(test="test_base"),)),
        ),
    ),
    Case(
        slug="other_name_in_a_shim",
        says="a shim that hands something good on under its old name is the site of whoever takes it from there",
        about="contract 10: the deprecated name, not the thing",
        files={
            "core.py": """
            class Tracker:
                pass
            """,
            "shim.py": "from proj.core import Tracker as OldTracker\n",
            "hub.py": "from proj.shim import OldTracker  # site: hub\n",
            "test_it.py": """
            from proj.core import Tracker
            from proj.hub import OldTracker  # site: import

            def test_it():
                OldTracker()  # site: here

            def test_fine():
                Tracker()
            """,
        },
        config=deprecated("proj.shim:OldTracker"),
        sites=(
            Site("hub", IMPORT, "proj.shim:OldTracker", seen=(collected(),)),
            Site("import", IMPORT, "proj.shim:OldTracker", seen=(collected(),)),
            Site("here", USE, "proj.shim:OldTracker", "test_it"),
        ),
    ),
    Case(
        slug="handed_on_by_a_module",
        says="what a module only hands on is seen where it is read from there, and not where it is defined",
        about="contract 10: the deprecated name, not the thing",
        files={
            "core.py": """
            class Tracker:
                @classmethod
                def create(cls):
                    return cls()

            def make():
                return Tracker()
            """,
            "hub.py": "from proj.core import Tracker, make\n",
            "test_it.py": """
            import threading
            import proj.hub
            from proj import core, hub

            def test_class():
                core.Tracker()
                hub.Tracker()  # site: class

            def test_function():
                core.make()
                proj.hub.make()  # site: function

            def test_class_method():
                core.Tracker.create()
                hub.Tracker.create()  # site: factory

            def test_base():
                class Fine(core.Tracker):
                    pass

                class Sub(hub.Tracker):  # site: base
                    pass

            def test_imported():
                from proj.hub import Tracker  # site: import
                Tracker()

            def test_bound():
                made = hub.Tracker
                made()  # site: bound
            """,
        },
        config=deprecated("proj.hub:Tracker", "proj.hub:make"),
        sites=(
            Site("class", USE, "proj.hub:Tracker", "test_class", (call(test="test_class"),)),
            Site("function", USE, "proj.hub:make", "test_function", (call(test="test_function"),)),
            Site("factory", USE, "proj.hub:Tracker", "test_class_method", (call(test="test_class_method"),)),
            Site("base", "deprecated-base", "proj.hub:Tracker", "test_base", (call(test="test_base"),)),
            Site("import", IMPORT, "proj.hub:Tracker", "test_imported", (call(test="test_imported"),)),
            Site("bound", USE, "proj.hub:Tracker", "test_bound", (call(test="test_bound"),)),
        ),
    ),
    Case(
        slug="other_name_given_to_a_thread",
        says="a thread that was given a deprecated other name uses it where it is started",
        about="contract 10: the deprecated name, not the thing",
        files={
            "core.py": """
            class Tracker:
                pass

            OldTracker = Tracker
            """,
            "test_it.py": """
            import threading
            from proj import core

            def test_it():
                worker = threading.Thread(target=core.OldTracker)
                worker.start()  # site: start
                worker.join()

            def test_fine():
                worker = threading.Thread(target=core.Tracker)
                worker.start()
                worker.join()
            """,
        },
        config=deprecated("proj.core:OldTracker"),
        sites=(Site("start", USE, "proj.core:OldTracker", "test_it"),),
    ),
    Case(
        slug="two_behind_one_decorator",
        says="functions, methods, coroutine functions and classes behind one decorator are each watched",
        about="neither back end may miss",
        files={
            "deco.py": """
            import functools

            def noisy(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    return function(*args, **kwargs)
                return wrapper

            def caller():
                from proj import old
                return old.one()  # site: caller
            """,
            "old.py": """
            from proj.deco import noisy

            @noisy
            def one():
                return 1

            @noisy
            def two():
                return 2

            @noisy
            def fine():
                return 3

            class Plain:
                @noisy
                def run(self):
                    return 4

            class Other:
                @noisy
                def __init__(self):
                    pass

            @noisy
            async def later():
                return 5
            """,
            "test_it.py": """
            import asyncio
            from proj import deco, old

            def test_one():
                old.one()  # site: one

            def test_two():
                old.two()  # site: two

            def test_run():
                old.Plain().run()  # site: run

            def test_other():
                old.Other()  # site: other

            def test_later():
                async def go():
                    return await old.later()  # site: later
                assert asyncio.run(go()) == 5

            def test_caller():
                deco.caller()

            def test_fine():
                old.fine()
            """,
        },
        config=deprecated("proj.old:one", "proj.old:two", "proj.old:Plain.run", "proj.old:Other", "proj.old:later"),
        sites=(
            Site("one", USE, "proj.old:one", "test_one", (call(test="test_one"),)),
            Site("two", USE, "proj.old:two", "test_two", (call(test="test_two"),)),
            Site("run", USE, "proj.old:Plain.run", "test_run", (call(test="test_run"),)),
            Site("other", USE, "proj.old:Other", "test_other", (call(test="test_other"),)),
            Site("later", USE, "proj.old:later", "test_later.go", (call(test="test_later"),)),
            Site("caller", USE, "proj.old:one", "caller", (call(test="test_caller"),)),
        ),
    ),
    Case(
        slug="pep_702",
        says="functions, methods and classes that are marked as PEP 702 has it are each watched",
        about="neither back end may miss",
        files={
            "old.py": """
            from typing_extensions import deprecated

            @deprecated("use new")
            def one():
                return 1

            @deprecated("use new")
            def two():
                return 2

            @deprecated("use new")
            class First:
                pass

            @deprecated("use new")
            class Second:
                def __init__(self):
                    pass
            """,
            "test_it.py": """
            import pytest
            from proj import old

            pytestmark = pytest.mark.filterwarnings("ignore:use new")

            def test_one():
                old.one()  # site: one

            def test_two():
                old.two()  # site: two

            def test_first():
                old.First()  # site: first

            def test_second():
                old.Second()  # site: second

            def test_base():
                class Sub(old.Second):  # site: base
                    pass
            """,
        },
        config=deprecated("proj.old:one", "proj.old:two", "proj.old:First", "proj.old:Second"),
        sites=(
            Site("one", USE, "proj.old:one", "test_one", (call(test="test_one"),)),
            Site("two", USE, "proj.old:two", "test_two", (call(test="test_two"),)),
            Site("first", USE, "proj.old:First", "test_first", (call(test="test_first"),)),
            Site("second", USE, "proj.old:Second", "test_second", (call(test="test_second"),)),
            Site("base", "deprecated-base", "proj.old:Second", "test_base", (call(test="test_base"),)),
        ),
    ),
    Case(
        slug="metaclass_target",
        says="class statements and calls with a deprecated metaclass construct it, whichever of its methods are Python",
        about="contract 3: construction of a deprecated class",
        files={
            "old.py": """
            import abc

            class Plain(type):
                pass

            class Singleton(type):
                _all = {}

                def __call__(cls, *args):
                    if cls not in cls._all:
                        cls._all[cls] = super().__call__(*args)
                    return cls._all[cls]

            class Making(type):
                def __new__(mcls, name, bases, names, **more):
                    return super().__new__(mcls, name, bases, names)

                def __init__(cls, name, bases, names, **more):
                    super().__init__(name, bases, names)

            class Below(abc.ABCMeta):
                pass

            class Home(metaclass=Plain):
                pass
            """,
            "test_it.py": """
            import copy
            import pickle

            from proj import old

            class Kept(metaclass=old.Singleton):  # site: kept
                pass

            def test_statements():
                class A(metaclass=old.Plain):  # site: plain
                    pass

                class B(metaclass=old.Making, more=1):  # site: making
                    pass

                class C(metaclass=old.Below):  # site: below
                    pass

            def test_call():
                old.Plain("Q", (), {})  # site: call

            def test_fine():
                assert Kept() is Kept()
                assert pickle.loads(pickle.dumps(Kept())) and copy.copy(old.Home()) and copy.deepcopy(Kept)
            """,
        },
        config=deprecated("proj.old:Plain", "proj.old:Singleton", "proj.old:Making", "proj.old:Below"),
        sites=(
            Site("kept", USE, "proj.old:Singleton", seen=(collected(),)),
            Site("plain", USE, "proj.old:Plain", "test_statements", (call(test="test_statements"),)),
            Site("making", USE, "proj.old:Making", "test_statements", (call(test="test_statements"),)),
            Site("below", USE, "proj.old:Below", "test_statements", (call(test="test_statements"),)),
            Site("call", USE, "proj.old:Plain", "test_call", (call(test="test_call"),)),
        ),
    ),
    Case(
        slug="metaclass_inherited",
        says="a class that inherits a deprecated metaclass is made by it too",
        about="contract 3: construction of a deprecated class",
        files={
            "old.py": """
            class Plain(type):
                pass

            class Home(metaclass=Plain):
                pass
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                class Sub(old.Home):  # site: here
                    pass
            """,
        },
        config=deprecated("proj.old:Plain"),
        sites=(Site("here", USE, "proj.old:Plain", "test_it"),),
    ),
    Case(
        slug="descriptors",
        says="reading, setting and deleting a deprecated property or other descriptor is seen",
        about="contract 3: run for properties and descriptors",
        files={
            "old.py": """
            import functools

            class Field:
                def __set_name__(self, owner, name):
                    self.name = f"_{name}"

                def __get__(self, instance, owner=None):
                    return self if instance is None else getattr(instance, self.name, 0)

                def __set__(self, instance, value):
                    setattr(instance, self.name, value)

                def __delete__(self, instance):
                    delattr(instance, self.name)

            class Money:
                field = Field()
                fine = Field()

                @property
                def amount(self):
                    return getattr(self, "_amount", 1)

                @amount.setter
                def amount(self, value):
                    self._amount = value

                @amount.deleter
                def amount(self):
                    del self._amount

                @functools.cached_property
                def total(self):
                    return 5
            """,
            "test_it.py": """
            from proj.old import Money

            def test_property():
                money = Money()
                money.amount = 4  # site: set
                assert money.amount == 4  # site: get
                del money.amount  # site: delete

            def test_field():
                money = Money()
                money.field = 4  # site: set-field
                assert money.field == 4  # site: get-field
                money.field += 1  # site: both-field
                del money.field  # site: delete-field

            def test_total():
                money = Money()
                assert money.total == 5  # site: total
                assert money.total == 5

            def test_fine():
                money = Money()
                money.fine = 1
                assert money.fine == 1
                assert Money.field is not Money.fine
            """,
        },
        config=deprecated("proj.old:Money.amount", "proj.old:Money.field", "proj.old:Money.total"),
        sites=(
            Site("set", USE, "proj.old:Money.amount", "test_property", (call(test="test_property"),)),
            Site("get", USE, "proj.old:Money.amount", "test_property", (call(test="test_property"),)),
            Site("delete", USE, "proj.old:Money.amount", "test_property", (call(test="test_property"),)),
            Site("set-field", ACCESS, "proj.old:Money.field", "test_field", (call(test="test_field"),)),
            Site("get-field", ACCESS, "proj.old:Money.field", "test_field", (call(test="test_field"),)),
            Site("both-field", ACCESS, "proj.old:Money.field", "test_field", (call(2, "test_field"),)),
            Site("delete-field", ACCESS, "proj.old:Money.field", "test_field", (call(test="test_field"),)),
            Site("total", USE, "proj.old:Money.total", "test_total", (call(test="test_total"),)),
        ),
        blind_spots={"proj.old:Money.total": "what it has kept"},
    ),
    Case(
        slug="descriptor_of_the_class",
        says="reading from the class what a descriptor works out for it is seen; naming the descriptor itself is not",
        about="contract 3: run for properties and descriptors",
        files={
            "old.py": """
            class ForTheClass:
                def __init__(self, function):
                    self.function = function

                def __get__(self, instance, owner=None):
                    return self.function(owner)

            class Money:
                @ForTheClass
                def unit(cls):
                    return cls.__name__

                @ForTheClass
                def fine(cls):
                    return 1
            """,
            "test_it.py": """
            from unittest import mock
            from proj.old import Money

            class Euro(Money):
                pass

            def test_it():
                assert Money.unit == "Money"  # site: of-class
                assert Money().unit == "Money"  # site: of-object
                assert Euro.unit == getattr(Euro, "unit") == "Euro"  # site: of-subclass
                assert Money.fine

            def test_spec():
                assert mock.Mock(spec=Money)
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Money.unit"]}},
        sites=(
            Site("of-class", "deprecated-access", "proj.old:Money.unit", "test_it"),
            Site("of-object", "deprecated-access", "proj.old:Money.unit", "test_it"),
            Site("of-subclass", "deprecated-access", "proj.old:Money.unit", "test_it", (call(2),)),
        ),
    ),
    Case(
        slug="slots",
        says="a deprecated slot is a blind spot",
        about="what cannot be watched is a named blind spot",
        files={
            "old.py": """
            class Money:
                __slots__ = ("amount",)
            """,
            "test_it.py": """
            from proj.old import Money

            def test_it():
                money = Money()
                money.amount = 4
                assert money.amount == 4  # site: here
            """,
        },
        config=deprecated("proj.old:Money.amount"),
        sites=(Site("here", ACCESS, "proj.old:Money.amount", "test_it"),),
        limits=never("a slot is read and set by C code"),
        blind_spots={"proj.old:Money.amount": "no Python code"},
    ),
    Case(
        slug="library_wrappers",
        says="functions and methods behind wrapt are seen where they are called, past the wrapper",
        about="neither back end may miss",
        files={
            "old.py": """
            import wrapt

            @wrapt.decorator
            def passing(wrapped, instance, args, kwargs):
                return wrapped(*args, **kwargs)

            @passing
            def one():
                return 1

            @passing
            def two():
                return 2

            @passing
            def fine():
                return 3

            class Plain:
                @passing
                def run(self):
                    return 4

                @staticmethod
                @passing
                def static():
                    return 5

                @classmethod
                @passing
                def of_class(cls):
                    return 6
            """,
            "test_it.py": """
            from proj import old

            def test_one():
                old.one()  # site: one

            def test_two():
                old.two()  # site: two

            def test_run():
                old.Plain().run()  # site: run

            def test_static():
                old.Plain.static()  # site: static

            def test_of_class():
                old.Plain.of_class()  # site: of-class

            def test_fine():
                assert old.fine() == 3
            """,
        },
        config=deprecated(*(f"proj.old:{name}" for name in WRAPPED)),
        sites=(
            Site("one", USE, "proj.old:one", "test_one", (call(test="test_one"),)),
            Site("two", USE, "proj.old:two", "test_two", (call(test="test_two"),)),
            Site("run", USE, "proj.old:Plain.run", "test_run", (call(test="test_run"),)),
            Site("static", USE, "proj.old:Plain.static", "test_static", (call(test="test_static"),)),
            Site("of-class", USE, "proj.old:Plain.of_class", "test_of_class", (call(test="test_of_class"),)),
        ),
    ),
    Case(
        slug="click_command",
        says="a deprecated click command stays one, and is seen where it is called and where a runner invokes it",
        about=ITSELF,
        files={
            "old.py": """
            import click

            @click.command()
            def clean():
                click.echo("done")

            @click.command()
            def fine():
                pass
            """,
            "test_it.py": """
            from click.testing import CliRunner
            from proj import old

            def test_called():
                old.clean(args=[], standalone_mode=False)  # site: called

            def test_invoked():
                result = CliRunner().invoke(old.clean, [])  # site: invoked
                assert result.output == "done\\n"
                assert old.clean.name == "clean"

            def test_fine():
                CliRunner().invoke(old.fine, [])
            """,
        },
        config=deprecated("proj.old:clean"),
        sites=(
            Site("called", USE, "proj.old:clean", "test_called", (call(test="test_called"),)),
            Site("invoked", USE, "proj.old:clean", "test_invoked", (call(test="test_invoked"),)),
        ),
    ),
    Case(
        slug="fixture_by_its_other_name",
        says="of a fixture with a deprecated other name, requests by that name are sites and by its own are none",
        about="contract 10: the deprecated name, not the thing",
        files={
            "conftest.py": """
            import pytest

            @pytest.fixture
            def client():
                return 1

            old_client = client
            """,
            "test_it.py": """
            def test_old(old_client):  # site: here
                assert old_client == 1

            def test_new(client):
                assert client == 1
            """,
        },
        config=deprecated("proj.conftest:old_client"),
        sites=(Site("here", USE, "proj.conftest:old_client", seen=(setup(None, "test_old"),)),),
    ),
    Case(
        slug="told_by_text",
        says="of functions that one function has made and that differ by a text alone, only the deprecated one is seen",
        about="neither back end may miss",
        files={
            "old.py": """
            TABLE = {"old": 1, "new": 2}

            def by_name(name):
                calls = 0
                def reader():
                    nonlocal calls
                    calls += 1
                    return TABLE[name]
                return reader

            old = by_name("old")
            new = by_name("new")
            """,
            "test_it.py": """
            from proj import old

            def test_old():
                assert old.old() == 1  # site: first
                assert old.old() == 1  # site: second

            def test_new():
                assert old.new() == 2
            """,
        },
        config=deprecated("proj.old:old"),
        sites=(
            Site("first", USE, "proj.old:old", "test_old", (call(test="test_old"),)),
            Site("second", USE, "proj.old:old", "test_old", (call(test="test_old"),)),
        ),
    ),
]
