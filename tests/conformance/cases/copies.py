"""Cases of re-creation: copying, unpickling and `__new__` are constructions where they can be seen."""

from __future__ import annotations

from ..case import Case, Site, call, never
from .legacy import NAME, OLD

RULE = "deprecated-use"
TRACKER = "proj.old:Tracker"
LINE = "trap 4; issue 2: re-creation"
C_NEW = "__new__ is object's, written in C, and what a statement calls is told from 3.12 on: a named blind spot"


def one(slug: str, says: str, test: str, *, old: str = OLD, base: str = "", **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": LINE,
        "files": {"old.py": old, "test_it.py": test, **({"base.py": base} if base else {})},
        "config": NAME,
        "sites": (Site("here", RULE, TRACKER, "test_it"),),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


OWN_HOOKS = """
class Tracker:
    def __init__(self, name="x"):
        self.name = name

    def __copy__(self):
        return Tracker(self.name)

    def __reduce__(self):
        return (Tracker, (self.name,))

def make():
    return Tracker()
"""

CASES = [
    one(
        "copied",
        "copy.copy of an instance of a deprecated class is seen at its caller",
        """
        import copy
        from proj import old

        def test_it():
            assert copy.copy(old.make()).name == "t"  # site: here
        """,
    ),
    one(
        "deep_copied",
        "copy.deepcopy of an instance of a deprecated class is seen at its caller",
        """
        import copy
        from proj import old

        def test_it():
            assert copy.deepcopy(old.make()).name == "t"  # site: here
        """,
    ),
    one(
        "deep_copied_inside",
        "copy.deepcopy of something that holds an instance is seen",
        """
        import copy
        from proj import old

        def test_it():
            assert copy.deepcopy({"t": [old.make()]})["t"][0].name == "t"  # site: here
        """,
    ),
    one(
        "copy_bound_before",
        "copy under an alias bound at import is seen",
        """
        from copy import copy
        from proj import old

        def test_it():
            assert copy(old.make()).name == "t"  # site: here
        """,
    ),
    one(
        "unpickled",
        "pickle.loads of an instance of a deprecated class without a __setstate__",
        """
        import pickle
        from proj import old

        def test_it():
            data = pickle.dumps(old.make())
            assert pickle.loads(data).name == "t"  # site: here
        """,
        limits=never("the C unpickler fills the instance's __dict__ itself: a named blind spot"),
        blind_spots={TRACKER: "something of its module is unpickled, as in proj/test_it.py"},
    ),
    one(
        "unpickled_with_setstate",
        "pickle.loads of an instance of a deprecated class with a __setstate__ is seen at its caller",
        """
        import pickle
        from proj import old

        def test_it():
            data = pickle.dumps(old.make())
            assert pickle.loads(data).name == "t"  # site: here
        """,
        old="""
        class Tracker:
            def __init__(self):
                self.name = "t"

            def __setstate__(self, state):
                self.__dict__.update(state)

        def make():
            return Tracker()
        """,
    ),
    one(
        "unpickled_dataclass",
        "pickle.loads of a deprecated frozen dataclass with slots is seen at its caller",
        """
        import pickle
        from proj import old

        def test_it():
            data = pickle.dumps(old.make())
            assert pickle.loads(data).name == "x"  # site: here
        """,
        old="""
        from dataclasses import dataclass

        @dataclass(frozen=True, slots=True)
        class Tracker:
            name: str = "x"

        def make():
            return Tracker()
        """,
    ),
    one(
        "unpickled_in_python",
        "the unpickler written in Python, for a deprecated class without a __setstate__",
        """
        import io
        import pickle
        from proj import old

        def test_it():
            data = pickle.dumps(old.make())
            assert pickle._Unpickler(io.BytesIO(data)).load().name == "t"  # site: here
        """,
        limits=never("the unpickler calls the class's C __new__ and fills its __dict__: a named blind spot"),
        blind_spots={TRACKER: "something of its module is unpickled"},
    ),
    one(
        "unpickled_by_protocol_0",
        "pickle.loads of the oldest protocol is seen at its caller",
        """
        import pickle
        from proj import old

        def test_it():
            data = pickle.dumps(old.make(), protocol=0)
            assert pickle.loads(data).name == "t"  # site: here
        """,
        blind_spots={TRACKER: "something of its module is unpickled"},
    ),
    one(
        "dunder_new",
        "Cls.__new__(Cls) of a class without a __new__ of its own",
        """
        from proj import old

        def test_it():
            assert old.Tracker.__new__(old.Tracker)  # site: here
        """,
        limits={"in-place": C_NEW},
        blind_in_place={TRACKER: "__new__ makes alone"},
    ),
    one(
        "dunder_new_of_its_own",
        "Cls.__new__(Cls) of a class with a __new__ of its own is seen",
        """
        from proj import old

        def test_it():
            assert old.Tracker.__new__(old.Tracker)  # site: here
        """,
        old="""
        class Tracker:
            def __new__(cls):
                return super().__new__(cls)
        """,
    ),
    one(
        "dunder_new_beside_init",
        "Cls.__new__(Cls) of a class with a __new__ and an __init__ of its own (Cls() is seen, and counts once)",
        """
        from proj import old

        def test_it():
            old.Tracker.__new__(old.Tracker)  # site: new
            old.Tracker()  # site: both
        """,
        old="""
        class Tracker:
            def __new__(cls):
                return super().__new__(cls)

            def __init__(self):
                pass
        """,
        sites=(Site("new", RULE, TRACKER, "test_it"), Site("both", RULE, TRACKER, "test_it")),
    ),
    one(
        "object_new",
        "object.__new__(Cls)",
        """
        from proj import old

        def test_it():
            assert object.__new__(old.Tracker)  # site: here
        """,
        limits={"in-place": C_NEW},
        blind_in_place={TRACKER: "__new__ makes alone"},
    ),
    one(
        "new_past_its_own",
        "object.__new__(Cls), tuple.__new__(Row) and super().__new__ past a __new__ that the class has of its own",
        """
        from proj import old

        def test_it():
            assert object.__new__(old.Tracker)  # site: here
            assert super(old.Tracker, old.Tracker).__new__(old.Tracker)  # site: super
            assert tuple.__new__(old.Row, ("x",)).name == "x"  # site: row

        def test_its_own():
            assert old.Tracker("a").name == "a"  # site: own
        """,
        old="""
        import typing

        class Tracker:
            def __new__(cls, name="x"):
                return super().__new__(cls)

            def __init__(self, name="x"):
                self.name = name

        class Row(typing.NamedTuple):
            name: str
        """,
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:Row"]}},
        sites=(
            Site("here", RULE, TRACKER, "test_it"),
            Site("super", RULE, TRACKER, "test_it"),
            Site("row", RULE, "proj.old:Row", "test_it"),
            Site("own", RULE, TRACKER, "test_its_own", (call(test="test_its_own"),), certain=True),
        ),
        limits={"in-place": C_NEW},
        blind_in_place={TRACKER: "__new__ makes alone", "proj.old:Row": "__new__ makes alone"},
    ),
    one(
        "copy_by_own_hooks",
        "copies and pickles that go through __copy__ and __reduce__ of the class are seen",
        """
        import copy
        import pickle
        from proj import old

        def test_it():
            made = old.make()
            assert copy.deepcopy(made).name == "x"  # site: deep
            assert pickle.loads(pickle.dumps(made)).name == "x"  # site: pickle
        """,
        old=OWN_HOOKS,
        sites=(Site("deep", RULE, TRACKER, "test_it"), Site("pickle", RULE, TRACKER, "test_it")),
    ),
    one(
        "copy_by_own_method",
        "copies that __copy__ and __deepcopy__ of the class or of a base make are seen; what gives out itself is none",
        """
        import copy
        import pickle
        from proj import old

        def test_it():
            made = old.make()
            assert copy.copy(made).name == "x"  # site: own
            assert copy.deepcopy(made).name == "x"  # site: deep
            assert copy.deepcopy([made])[0].name == "x"  # site: inside

        def test_the_same():
            same = old.Same()  # site: same
            assert copy.copy(same) is same and copy.deepcopy(same) is same
        """,
        old="""
        from proj.base import Base

        class Tracker(Base):
            def __init__(self, name="x"):
                self.name = name

            def __copy__(self):
                return Tracker(self.name)

        class Same:
            def __copy__(self):
                return self

            def __deepcopy__(self, memo):
                memo[id(self)] = self
                return object.__new__(Same) if memo is None else self

        def make():
            return Tracker()
        """,
        base="""
        class Base:
            def __deepcopy__(self, memo):
                made = type(self).__new__(type(self))
                made.__dict__.update(self.__dict__)
                return made
        """,
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:Same"]}},
        sites=(
            Site("own", RULE, TRACKER, "test_it"),
            Site("deep", RULE, TRACKER, "test_it"),
            Site("inside", RULE, TRACKER, "test_it"),
            Site("same", RULE, "proj.old:Same", "test_the_same", (call(test="test_the_same"),)),
        ),
    ),
    one(
        "copy_of_a_model",
        "copies of a deprecated pydantic model are seen, by its own method and by copy; so is create_model from it",
        """
        import copy
        import pydantic
        from proj import old

        def test_it():
            made = old.make()
            assert made.model_copy(update={"name": "y"}).name == "y"  # site: model
            assert made.model_copy(deep=True).name == "x"  # site: deep_model
            assert copy.copy(made).name == copy.deepcopy(made).name == "x"  # site: copy

        def test_derived():
            for _ in range(2):
                pydantic.create_model("Mine", __base__=old.Tracker, size=(int, 1))  # site: derived
        """,
        old="""
        import pydantic

        class Tracker(pydantic.BaseModel):
            name: str = "x"

        def make():
            return Tracker()
        """,
        sites=(
            Site("model", RULE, TRACKER, "test_it"),
            Site("deep_model", RULE, TRACKER, "test_it"),
            Site("copy", RULE, TRACKER, "test_it", (call(2),)),
            Site("derived", "deprecated-base", TRACKER, "test_derived", (call(2, "test_derived"),)),
        ),
        blind_spots={TRACKER: "pydantic makes an instance"},
    ),
    one(
        "copy_of_a_dataclass",
        "copy.copy of a deprecated dataclass with slots is seen",
        """
        import copy
        from proj import old

        def test_it():
            assert copy.copy(old.make()).name == "x"  # site: here
        """,
        old="""
        from dataclasses import dataclass

        @dataclass(slots=True)
        class Tracker:
            name: str = "x"

        def make():
            return Tracker()
        """,
    ),
    one(
        "copy_of_a_canonical",
        "copy.copy of the canonical singleton bypasses its accessors",
        """
        import copy
        from proj import core

        def test_it():
            assert copy.copy(core.get_registry()) is not core.get_registry()  # site: here
        """,
        files={
            "core.py": """
            class Registry:
                def __init__(self):
                    pass

            _registry = None

            def get_registry():
                global _registry
                if _registry is None:
                    _registry = Registry()
                return _registry
            """,
            "test_it.py": """
            import copy
            from proj import core

            def test_it():
                assert copy.copy(core.get_registry()) is not core.get_registry()  # site: here
            """,
        },
        config={"ssot.proj": {"canonical": "proj.core:Registry", "accessors": ["proj.core:get_registry"]}},
        sites=(Site("here", "singleton-bypass", "proj.core:Registry", "test_it"),),
    ),
    one(
        "new_in_a_class_method",
        "a class method of a subclass that calls __new__ is the caller, the class's own __new__ and copies are none",
        "",
        files={
            "old.py": """
            class Tracker:
                name = "t"

                def again(self):
                    return type(self).__new__(type(self))
            """,
            "sub.py": """
            from proj import old

            class Sub(old.Tracker):  # site: base
                def __new__(cls):
                    return super().__new__(cls)

                @classmethod
                def load(cls):
                    return old.Tracker.__new__(old.Tracker)  # site: load
            """,
            "test_it.py": """
            def test_it():
                from proj.sub import Sub
                sub = Sub()  # site: here
                assert sub.again()
                assert Sub.load()
            """,
        },
        sites=(
            Site("base", "deprecated-base", TRACKER, certain=True),
            Site("here", RULE, TRACKER, "test_it", certain=True),
            Site("load", RULE, TRACKER, "Sub.load"),
        ),
        limits={"in-place": C_NEW},
        blind_in_place={TRACKER: "__new__ makes alone"},
    ),
]
