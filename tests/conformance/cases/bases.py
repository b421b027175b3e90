"""Cases of `deprecated-base`."""

from __future__ import annotations

from ..case import Case, Site, call, collected
from .legacy import NAME, OLD

RULE = "deprecated-base"
USE = "deprecated-use"
TRACKER = "proj.old:Tracker"
LINE = "contract 3 and 10: deprecated-base"


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
        "class_statement",
        "a class statement that derives from a deprecated class is seen",
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker):  # site: here
                pass
        """,
    ),
    one(
        "class_statement_at_import",
        "a class statement at the top of a module is booked on whoever imports the module",
        "",
        files={
            "old.py": OLD,
            "app.py": """
            from proj import old

            class Sub(old.Tracker):  # site: here
                pass
            """,
            "test_it.py": """
            def test_it():
                import proj.app
            """,
        },
        sites=(Site("here", RULE, TRACKER),),
    ),
    one(
        "base_by_type",
        "type(name, bases, namespace) with a deprecated base is seen",
        """
        from proj import old

        def test_it():
            type("Sub", (old.Tracker,), {})  # site: here
        """,
    ),
    one(
        "base_by_new_class",
        "types.new_class with a deprecated base is seen at its caller",
        """
        import types
        from proj import old

        def test_it():
            types.new_class("Sub", (old.Tracker,))  # site: here
        """,
    ),
    one(
        "derived_of_derived",
        "a class derived from a derived one is seen too, its target the deprecated class",
        """
        from proj import old

        class First(old.Tracker):  # site: first
            pass

        def test_it():
            class Second(First):  # site: second
                pass
        """,
        sites=(Site("first", RULE, TRACKER, seen=(collected(),)), Site("second", RULE, TRACKER, "test_it")),
    ),
    one(
        "one_of_several_bases",
        "a deprecated class among several bases is seen",
        """
        from proj import old

        class Fine:
            pass

        def test_it():
            class Sub(Fine, old.Tracker):  # site: here
                pass
        """,
    ),
    one(
        "own_init_subclass",
        "a deprecated class with an __init_subclass__ of its own keeps it, and the class statement is seen",
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker, tag="x"):  # site: here
                pass
            assert Sub.tag == "x"
        """,
        old="""
        class Tracker:
            def __init_subclass__(cls, tag, **more):
                super().__init_subclass__(**more)
                cls.tag = tag
        """,
    ),
    one(
        "base_with_metaclass",
        "a class statement below a deprecated class with a metaclass is seen",
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker):  # site: here
                pass
            assert Sub in old.made
        """,
        old="""
        made = []

        class Meta(type):
            def __new__(meta, name, bases, namespace):
                cls = super().__new__(meta, name, bases, namespace)
                made.append(cls)
                return cls

        class Tracker(metaclass=Meta):
            pass
        """,
    ),
    one(
        "base_generic",
        "a class statement with a subscripted deprecated generic as base is seen",
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker[int]):  # site: here
                pass
        """,
        old="""
        from typing import Generic, TypeVar

        T = TypeVar("T")

        class Tracker(Generic[T]):
            pass
        """,
    ),
    one(
        "base_enum",
        "an Enum derived from a deprecated one without members is seen",
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker):  # site: here
                ON = 1
        """,
        old="""
        import enum

        class Tracker(enum.Enum):
            pass
        """,
    ),
    one(
        "base_enum_called_with_names",
        "an Enum that a call of a deprecated one makes is seen",
        """
        from proj import old

        def test_it():
            old.Tracker("Sub", ["ON", "OFF"])  # site: here
        """,
        old="""
        import enum

        class Tracker(enum.Enum):
            pass
        """,
    ),
    one(
        "base_given_to_a_library",
        "a class that a library derives from what a statement gives it is seen once; slots do not make it another",
        """
        import attrs
        from proj import old

        def test_it():
            attrs.make_class("Sub", ["size"], bases=(old.Tracker,))  # site: here

        def test_slots():
            @attrs.define
            class Sub(old.Tracker):  # site: slots
                size: int = 1
        """,
        sites=(
            Site("here", RULE, TRACKER, "test_it"),
            Site("slots", RULE, TRACKER, "test_slots", (call(test="test_slots"),)),
        ),
    ),
    one(
        "base_exception",
        "an exception derived from a deprecated one is seen",
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker):  # site: here
                pass
        """,
        old="""
        class Tracker(Exception):
            pass
        """,
    ),
    one(
        "base_in_the_defining_module",
        "a class that the defining module derives from its own is no site, its construction elsewhere is a use",
        """
        from proj import old

        def test_it():
            old.Special()  # site: here
        """,
        old="""
        class Tracker:
            def __init__(self):
                pass

        class Special(Tracker):
            pass
        """,
        sites=(Site("here", USE, TRACKER, "test_it"),),
    ),
    one(
        "base_in_a_library",
        "a class that site-packages derives from a deprecated one is no site",
        "",
        rule=RULE,
        files={
            "old.py": OLD,
            "/site-packages/vendor_proj/__init__.py": """
            from proj import old

            class Theirs(old.Tracker):
                pass
            """,
            "test_it.py": """
            import vendor_proj

            def test_it():
                assert vendor_proj.Theirs
            """,
        },
        sites=(),
    ),
    one(
        "base_allowed",
        "a class statement in a module of allow_in is listed as allowed",
        "",
        files={
            "old.py": OLD,
            "core/bridge.py": """
            from proj import old

            class Sub(old.Tracker):  # site: here
                pass
            """,
            "test_it.py": """
            def test_it():
                import proj.core.bridge
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "allow_in": ["proj.core.**"]}},
        sites=(Site("here", RULE, TRACKER, status="allowed"),),
    ),
    one(
        "inits_that_call_each_other",
        "an __init__ that calls the one of a base by name is a part of its construction, whatever came before",
        "",
        files={
            "old.py": OLD,
            "middle.py": """
            from proj import old

            class Middle(old.Tracker):  # site: middle
                def __init__(self):
                    old.Tracker.__init__(self, "m")
            """,
            "last.py": """
            from proj.middle import Middle

            class Last(Middle):  # site: last
                def __init__(self):
                    Middle.__init__(self)

            def build():
                return Last(), Middle(), Last()  # site: build
            """,
            "test_it.py": """
            def test_it():
                from proj import last
                last.build()
                last.build()
            """,
        },
        sites=(
            Site("middle", RULE, TRACKER),
            Site("last", RULE, TRACKER),
            Site("build", USE, TRACKER, "build", (call(6),)),
        ),
    ),
    one(
        "canonical_derives",
        "what the canonical, a class that may use what is deprecated, or a class derived from them makes is no use",
        "",
        files={
            "old.py": """
            class Tracker:
                def __init__(self, name="t"):
                    self.name = name

                @classmethod
                def of(cls, name):
                    return cls(name)

            class Plain:
                pass
            """,
            "core.py": """
            from proj import old

            class Canonical(old.Tracker):  # site: canonical
                def __init__(self):
                    super().__init__("c")

            class Bridge(old.Tracker):  # site: bridge
                pass

            class Simple(old.Plain):  # site: simple
                pass
            """,
            "app.py": """
            from proj import core, old

            class Sub(core.Canonical):
                pass

            class Other(core.Bridge):
                def __init__(self):
                    super().__init__()

            def build():
                made = [core.Canonical(), core.Bridge(), core.Simple(), Sub(), Other()]
                made.append(core.Bridge.of("b"))
                return made

            def old_one():
                return old.Tracker(), old.Plain()  # site: here, plain
            """,
            "test_it.py": """
            def test_it():
                from proj import app
                app.old_one()
                assert len(app.build()) == len(app.build()) == 6

            def test_old_again():
                from proj import app
                app.old_one()
            """,
        },
        config={
            "ssot.proj": {
                "canonical": "proj.core:Canonical",
                "deprecated": ["proj.old:Tracker", "proj.old:Plain"],
                "allow_in": ["proj.core"],
            }
        },
        spread=False,
        sites=(
            Site("canonical", RULE, TRACKER, status="allowed"),
            Site("bridge", RULE, TRACKER, status="allowed"),
            Site("simple", RULE, "proj.old:Plain", status="allowed"),
            Site("here", USE, TRACKER, "old_one", (call(), call(test="test_old_again"))),
            Site("plain", USE, "proj.old:Plain", "old_one", (call(), call(test="test_old_again"))),
        ),
    ),
]
