"""Cases of `singleton-bypass` and `incomplete-ssot`."""

from __future__ import annotations

from ..case import Case, Seen, Site, call, setup
from .legacy import CORE

RULE = "singleton-bypass"
REGISTRY = "proj.core:Registry"
LINE = "contract 3 and 10: singleton-bypass"
CONFIG = {"ssot.proj": {"canonical": REGISTRY, "accessors": ["proj.core:get_registry"]}}


def one(slug: str, says: str, test: str, *, core: str = CORE, **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": LINE,
        "files": {"core.py": core, "test_it.py": test},
        "config": CONFIG,
        "sites": (Site("here", RULE, REGISTRY, "test_it"),),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


CASES = [
    one(
        "bypass_direct",
        "the canonical class constructed directly is a bypass",
        """
        from proj import core

        def test_it():
            core.Registry()  # site: here
        """,
    ),
    one(
        "bypass_accessor",
        "a construction written in the accessor is no site",
        """
        from proj import core

        def test_it():
            assert core.get_registry() is core.get_registry()
        """,
        rule=RULE,
        sites=(),
    ),
    one(
        "bypass_accessor_at_depth",
        "a construction any number of calls below the accessor is allowed, the same function called elsewhere is not",
        "",
        files={
            "core.py": """
            class Registry:
                def __init__(self):
                    pass

            def get_registry():
                return outer()

            def outer():
                return [inner() for _ in range(1)][0]
            """
            """
            def inner():
                from proj import factory
                return factory.build()
            """,
            "factory.py": """
            from proj import core

            def build():
                return core.Registry()  # site: inside

            def again():
                return core.Registry()  # site: outside
            """,
            "test_it.py": """
            from proj import core, factory

            def test_it():
                assert core.get_registry()

            def test_outside():
                assert factory.again()
            """,
        },
        sites=(
            Site("inside", RULE, REGISTRY, "build", status="allowed"),
            Site("outside", RULE, REGISTRY, "again", (call(test="test_outside"),)),
        ),
    ),
    one(
        "bypass_same_line_in_and_out",
        "a construction reached both through the accessor and around it is new, and only the second test fails",
        "",
        files={
            "core.py": """
            class Registry:
                def __init__(self):
                    pass

            def build():
                return Registry()  # site: here

            def get_registry():
                return build()
            """,
            "test_it.py": """
            from proj import core

            def test_it():
                assert core.get_registry()

            def test_around():
                assert core.build()
            """,
        },
        sites=(Site("here", RULE, REGISTRY, "build", (call(), call(test="test_around"))),),
        outcomes={"test_it": "passed"},
    ),
    one(
        "bypass_after_accessor_raised",
        "an accessor that raised leaves no door open",
        """
        import pytest
        from proj import core

        def test_it():
            with pytest.raises(RuntimeError):
                core.get_registry()
            core.Registry()  # site: here
        """,
        core="""
        class Registry:
            def __init__(self):
                pass

        def get_registry():
            raise RuntimeError("not yet")
        """,
    ),
    one(
        "bypass_subclass",
        "the construction of a subclass of the canonical class is a bypass",
        """
        from proj import core

        class Sub(core.Registry):
            pass

        def test_it():
            Sub()  # site: here
        """,
    ),
    one(
        "bypass_class_method_accessor",
        "a class method can be the accessor",
        """
        from proj import core

        def test_it():
            assert core.Registry.instance()

        def test_around():
            core.Registry()  # site: here
        """,
        core="""
        class Registry:
            _one = None

            def __init__(self):
                pass

            @classmethod
            def instance(cls):
                if cls._one is None:
                    cls._one = cls()
                return cls._one
        """,
        config={"ssot.proj": {"canonical": REGISTRY, "accessors": ["proj.core:Registry.instance"]}},
        sites=(Site("here", RULE, REGISTRY, "test_around", (call(test="test_around"),)),),
    ),
    one(
        "bypass_accessor_of_many_parts",
        "a construction in a nested function, a lambda or a comprehension of the accessor is no site either",
        """
        from proj import core

        def test_it():
            assert core.get_registry()
        """,
        core="""
        class Registry:
            def __init__(self):
                pass

        def get_registry():
            def build():
                return [Registry() for _ in range(1)]
            return (lambda: Registry())(), build()
        """,
        rule=RULE,
        sites=(),
    ),
    one(
        "bypass_context_manager",
        "an accessor behind contextlib.contextmanager, or its asynchronous twin, is an accessor",
        """
        import asyncio
        from proj import core

        def test_it():
            with core.get_registry() as registry:
                assert registry

        def test_async():
            async def ask():
                async with core.later() as registry:
                    assert registry
            asyncio.run(ask())

        def test_around():
            with core.other():
                pass
        """,
        core="""
        import contextlib

        class Registry:
            def __init__(self):
                pass

        @contextlib.contextmanager
        def get_registry():
            yield Registry()

        @contextlib.asynccontextmanager
        async def later():
            yield Registry()

        @contextlib.contextmanager
        def other():
            yield Registry()  # site: here
        """,
        config={
            "ssot.proj": {"canonical": REGISTRY, "accessors": ["proj.core:get_registry", "proj.core:later"]},
        },
        sites=(Site("here", RULE, REGISTRY, "other", (call(test="test_around"),)),),
    ),
    one(
        "bypass_decorated_accessor",
        "an accessor behind a decorator of ours lets in nobody else behind it",
        """
        from proj import core

        def test_it():
            assert core.get_registry()

        def test_around():
            core.other()
        """,
        core="""
        import functools

        class Registry:
            def __init__(self):
                pass

        def logged(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args)
            return wrapper

        @logged
        def get_registry():
            return Registry()

        @logged
        def other():
            return Registry()  # site: here
        """,
        sites=(Site("here", RULE, REGISTRY, "other", (call(test="test_around"),)),),
    ),
    one(
        "bypass_cached_accessor",
        "an accessor behind functools.lru_cache is an accessor",
        """
        from proj import core

        def test_it():
            assert core.get_registry() is core.get_registry()

        def test_around():
            core.Registry()  # site: here
        """,
        core="""
        import functools

        class Registry:
            def __init__(self):
                pass

        @functools.lru_cache(maxsize=None)
        def get_registry():
            return Registry()
        """,
        sites=(Site("here", RULE, REGISTRY, "test_around", (call(test="test_around"),)),),
    ),
    one(
        "bypass_async_accessor",
        "an accessor that is a coroutine function is an accessor",
        """
        import asyncio
        from proj import core

        def test_it():
            assert asyncio.run(core.get_registry())

        def test_around():
            core.Registry()  # site: here
        """,
        core="""
        import asyncio

        class Registry:
            def __init__(self):
                pass

        async def get_registry():
            await asyncio.sleep(0)
            return Registry()
        """,
        sites=(Site("here", RULE, REGISTRY, "test_around", (call(test="test_around"),)),),
    ),
    one(
        "bypass_without_accessors",
        "without accessors the rule is off",
        """
        from proj import core

        def test_it():
            core.Registry()
        """,
        core="class Registry: pass\n",
        rule=RULE,
        config={"ssot.proj": {"canonical": REGISTRY}},
        sites=(),
    ),
    one(
        "bypass_in_fixture",
        "a construction inside a fixture of ours is a bypass of the test's set-up",
        """
        import pytest
        from proj import core

        @pytest.fixture
        def registry():
            return core.Registry()  # site: here

        def test_it(registry):
            assert registry
        """,
        sites=(Site("here", RULE, REGISTRY, "registry", (setup("registry"),)),),
    ),
    one(
        "bypass_second_instance",
        "a second instance made while the fixture hands out the singleton is a bypass",
        """
        from proj import core

        def test_it(the_proj_registry):
            assert the_proj_registry is core.get_registry()
            core.Registry()  # site: here
        """,
        about="issue 2: a second instance made during the test is a singleton-bypass",
        config={"ssot.proj": {**CONFIG["ssot.proj"], "fixture": "the_proj_registry"}},
        sites=(Site("here", RULE, REGISTRY, "test_it"),),
    ),
    one(
        "bypass_dataclass",
        "a canonical dataclass constructed directly is a bypass",
        """
        from proj import core

        def test_it():
            assert core.get_registry()
            core.Registry()  # site: here
        """,
        core="""
        from dataclasses import dataclass

        @dataclass(frozen=True, slots=True)
        class Registry:
            size: int = 1

        def get_registry():
            return Registry()
        """,
        sites=(Site("here", RULE, REGISTRY, "test_it"),),
    ),
    one(
        "bypass_allowed",
        "a construction in allow_in is listed as allowed",
        "",
        files={
            "core.py": CORE,
            "wiring.py": """
            from proj import core

            def wire():
                return core.Registry()  # site: here
            """,
            "test_it.py": """
            from proj import wiring

            def test_it():
                assert wiring.wire()
            """,
        },
        config={"ssot.proj": {**CONFIG["ssot.proj"], "allow_in": ["proj.wiring"]}},
        sites=(Site("here", RULE, REGISTRY, "wire", status="allowed"),),
    ),
    one(
        "bypass_by_library",
        "a library that constructs what it was given bypasses the accessors for whoever gave it",
        "",
        files={
            "core.py": CORE,
            "/site-packages/vendor_proj/__init__.py": """
            def build(kind):
                return kind()
            """,
            "test_it.py": """
            import vendor_proj
            from proj import core

            def test_it():
                assert vendor_proj.build(core.Registry)  # site: here
            """,
        },
        sites=(Site("here", RULE, REGISTRY, "test_it"),),
    ),
    one(
        "incomplete",
        "a canonical class that lacks something of provides is a site at its class statement, and fails the session",
        "",
        files={
            "core.py": """
            class Registry:  # site: here
                def get_state(self): ...
            """,
            "test_it.py": """
            from proj import core

            def test_it():
                assert core.Registry()
            """,
        },
        about="contract 3 and 10: incomplete-ssot",
        config={"ssot.proj": {"canonical": REGISTRY, "provides": ["get_state", "set_timeout"]}},
        sites=(
            Site(
                "here",
                "incomplete-ssot",
                "proj.core:Registry.set_timeout",
                seen=(Seen(None, "collect", 1, None, "collection"),),
            ),
        ),
        alone=True,
        exit=1,
    ),
    one(
        "complete",
        "a canonical class that offers all of provides, some of it inherited or set as an attribute, is no site",
        "",
        files={
            "core.py": """
            class Base:
                def get_state(self): ...

            class Registry(Base):
                set_timeout = print

                @property
                def size(self): ...
            """,
            "test_it.py": """
            from proj import core

            def test_it():
                assert core.Registry()
            """,
        },
        rule="incomplete-ssot",
        about="contract 3 and 10: incomplete-ssot",
        config={"ssot.proj": {"canonical": REGISTRY, "provides": ["get_state", "set_timeout", "size"]}},
        sites=(),
    ),
]
