"""Cases of `deprecated-use`: a deprecated class used through its class methods and static methods."""

from __future__ import annotations

from ..case import Case, Site, call, collected
from .legacy import MODULE, NAME

RULE = "deprecated-use"
TRACKER = "proj.old:Tracker"
LINE = "with a class deprecated, calls of its static and class methods are uses"

OLD = """
class Tracker:
    _instance = None

    def __init__(self, name="t"):
        self.name = name

    @classmethod
    def of(cls, name):
        return cls(name)

    @staticmethod
    def create(name):
        return Tracker(name)

    @classmethod
    def get_instance(cls):
        if Tracker._instance is None:
            Tracker._instance = cls()
        return Tracker._instance

    @classmethod
    def default(cls):
        return cls.of("default")

    @staticmethod
    def version():
        return 1

    def run(self):
        return self.name

    def again(self):
        return self.of(self.name)
"""


def one(slug: str, says: str, test: str, *, old: str = OLD, **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": LINE,
        "files": {"old.py": old, "test_it.py": test},
        "config": NAME,
        "sites": (Site("here", RULE, TRACKER, "test_it"),),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


CASES = [
    one(
        "factory_of_a_class",
        "a class method that constructs is one use, at its caller",
        """
        from proj import old

        def test_it():
            assert old.Tracker.of("a").name == "a"  # site: here
        """,
    ),
    one(
        "static_factory",
        "a static method that constructs is one use, at its caller",
        """
        from proj import old

        def test_it():
            assert old.Tracker.create("a").name == "a"  # site: here
        """,
    ),
    one(
        "static_without_instance",
        "a static method that constructs nothing is a use of its class as well",
        """
        from proj import old

        def test_it():
            assert old.Tracker.version() == 1  # site: here
        """,
    ),
    one(
        "get_instance_each_call",
        "each call of a class's own get_instance is a use, not only the one that constructs",
        """
        from proj import old

        def test_it():
            old.Tracker.get_instance()  # site: here

        def test_again():
            old.Tracker.get_instance()  # site: again
        """,
        sites=(
            Site("here", RULE, TRACKER, "test_it"),
            Site("again", RULE, TRACKER, "test_again", (call(test="test_again"),)),
        ),
    ),
    one(
        "factory_of_a_factory",
        "a class method that calls another of its class is one use",
        """
        from proj import old

        def test_it():
            assert old.Tracker.default().name == "default"  # site: here
        """,
    ),
    one(
        "factory_of_a_module",
        "with a module deprecated, class methods and static methods of its classes are uses of these classes",
        """
        from proj import old  # site: import

        def test_it():
            old.Tracker.of("a")  # site: here
            old.Tracker.create("a")  # site: static
        """,
        config=MODULE,
        sites=(
            Site("import", "deprecated-import", "proj.old", seen=(collected(),)),
            Site("here", RULE, TRACKER, "test_it"),
            Site("static", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "factory_through_subclass",
        "a class method and a static method called through a subclass are uses of the deprecated class",
        "",
        files={
            "old.py": OLD,
            "sub.py": """
            from proj import old

            class Sub(old.Tracker):  # site: base
                pass

            def make():
                return Sub.of("a"), Sub.create("b")  # site: here
            """,
            "test_it.py": """
            def test_it():
                from proj import sub
                sub.make()
            """,
        },
        sites=(
            Site("base", "deprecated-base", TRACKER),
            Site("here", RULE, TRACKER, "make", (call(2),)),
        ),
    ),
    one(
        "factory_overridden",
        "a class method that a subclass overrides is no use; calling the overridden one, and constructing, are",
        "",
        files={
            "old.py": OLD,
            "sub.py": """
            from proj import old

            class Sub(old.Tracker):  # site: base
                @staticmethod
                def create(name):
                    return name

                @classmethod
                def of(cls, name):
                    return super().of(name)  # site: here
            """,
            "test_it.py": """
            def test_it():
                from proj.sub import Sub
                assert Sub.create("a") == "a"
                assert Sub.of("b").name == "b"
            """,
        },
        sites=(Site("base", "deprecated-base", TRACKER), Site("here", RULE, TRACKER, "Sub.of")),
    ),
    one(
        "factory_inherited",
        "a class method that a deprecated class inherits is a use through it, and through no other class",
        """
        from proj import old

        def test_it():
            assert old.Tracker.of("a").name == "a"  # site: here

        def test_base():
            assert old.Base.of("a").name == "a"
        """,
        old="""
        class Base:
            def __init__(self, name="t"):
                self.name = name

            @classmethod
            def of(cls, name):
                return cls(name)

        class Tracker(Base):
            pass
        """,
    ),
    one(
        "static_inherited",
        "an inherited static method does not know through which class it was called: a blind spot",
        """
        from proj import old

        def test_it():
            assert old.Tracker.version() == 1
        """,
        rule=RULE,
        old="""
        class Base:
            @staticmethod
            def version():
                return 1

        class Tracker(Base):
            pass
        """,
        sites=(),
        blind_spots={"proj.old:Tracker.version": "inherited from Base"},
    ),
    one(
        "static_lent",
        "a function that a class only lends its name is not watched: others call it too; a blind spot",
        """
        import json
        from proj import old

        def test_it():
            assert old.Tracker.parse("1") == json.loads("1")
        """,
        rule=RULE,
        old="""
        import json

        class Tracker:
            parse = staticmethod(json.loads)
        """,
        sites=(),
        blind_spots={"proj.old:Tracker.parse": "others call too"},
    ),
    one(
        "method_is_no_use",
        "an instance method is no use of its class, also where it calls a class method",
        """
        from proj import old

        def test_it():
            tracker = old.Tracker()  # site: here
            assert tracker.run() == "t"
            assert tracker.again().name == "t"
        """,
    ),
    one(
        "factory_named_too",
        "a class method that is declared beside its class is one site, of the more exact target",
        """
        from proj import old

        def test_it():
            old.Tracker.of("a")  # site: here
        """,
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:Tracker.of"]}},
        sites=(Site("here", RULE, "proj.old:Tracker.of", "test_it"),),
    ),
    one(
        "static_decorated",
        "static methods and class methods behind one decorator are told apart",
        """
        from proj import old

        def test_it():
            old.Tracker.first()  # site: first
            old.Tracker.second()  # site: second
            old.Other.first()
        """,
        old="""
        import functools

        def traced(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper

        class Tracker:
            @staticmethod
            @traced
            def first():
                return 1

            @classmethod
            @traced
            def second(cls):
                return 2

        class Other:
            @staticmethod
            @traced
            def first():
                return 1
        """,
        sites=(Site("first", RULE, TRACKER, "test_it"), Site("second", RULE, TRACKER, "test_it")),
    ),
    one(
        "namedtuple_make_and_replace",
        "_make and _replace of a deprecated named tuple make one",
        """
        from proj import old

        def test_it():
            row = old.Tracker._make(["a"])  # site: make
            assert row._replace(name="b").name == "b"  # site: replace
            assert old.Tracker("a")._replace(name="b")  # site: both

        def test_other():
            assert old.Other._make(["a"])._replace(name="b").name == "b"
        """,
        old="""
        from typing import NamedTuple

        class Tracker(NamedTuple):
            name: str

        class Other(NamedTuple):
            name: str
        """,
        sites=(
            Site("make", RULE, TRACKER, "test_it"),
            Site("replace", RULE, TRACKER, "test_it"),
            Site("both", RULE, TRACKER, "test_it", (call(), call())),
        ),
    ),
]
