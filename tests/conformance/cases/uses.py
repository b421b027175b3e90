"""Cases of `deprecated-use`: constructions and calls."""

from __future__ import annotations

from ..case import Case, Site, call, collected
from .legacy import MODULE, NAME, OLD

RULE = "deprecated-use"
IMPORT = "deprecated-import"
BASE = "deprecated-base"
TRACKER = "proj.old:Tracker"
FORMS = "issue 2: whatever is declared: classes, functions, modules, methods"
NONE_MISSED = "issue 2: neither back end may miss"


def one(slug: str, says: str, old: str, test: str, **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`, for `proj.old:Tracker`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": NONE_MISSED,
        "files": {"old.py": old, "test_it.py": test},
        "config": NAME,
        "sites": (Site("here", RULE, TRACKER, "test_it"),),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


FROM_CACHE = {
    "in-place": "a repeated call is answered from the cache by C code; what a statement calls is told from 3.12"
}


def deprecated(*targets: str) -> dict[str, dict[str, list[str]]]:
    """Return the configuration that deprecates `targets`."""
    return {"ssot.proj": {"deprecated": list(targets)}}


CACHED = """
import functools

@functools.lru_cache(maxsize=None)
def get_tracker():
    return 1
"""

PLAIN = """
from proj import old

def test_it():
    old.Tracker()  # site: here
"""

CASES = [
    one("plain_class", "the construction of a deprecated class is seen", OLD, PLAIN, about=FORMS),
    one(
        "plain_function",
        "the call of a deprecated function is seen",
        OLD,
        """
        from proj import old

        def test_it():
            old.make()  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:make"),
        sites=(Site("here", RULE, "proj.old:make", "test_it"),),
    ),
    one(
        "plain_method",
        "the call of a deprecated method is seen, the construction of its class is not",
        OLD,
        """
        from proj import old

        def test_it():
            tracker = old.Tracker()
            tracker.run()  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:Tracker.run"),
        sites=(Site("here", RULE, "proj.old:Tracker.run", "test_it"),),
    ),
    one(
        "inherited_method",
        "a deprecated method called through a subclass is seen",
        OLD,
        """
        from proj import old

        class Sub(old.Tracker):
            pass

        def test_it():
            Sub().run()  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:Tracker.run"),
        sites=(Site("here", RULE, "proj.old:Tracker.run", "test_it"),),
    ),
    one(
        "class_method",
        "the call of a deprecated class method is seen",
        """
        class Tracker:
            @classmethod
            def make(cls):
                return cls()
        """,
        """
        from proj import old

        def test_it():
            old.Tracker.make()  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:Tracker.make"),
        sites=(Site("here", RULE, "proj.old:Tracker.make", "test_it"),),
    ),
    one(
        "static_method",
        "the call of a deprecated static method is seen",
        """
        class Tracker:
            @staticmethod
            def make():
                return 1
        """,
        """
        from proj import old

        def test_it():
            old.Tracker.make()  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:Tracker.make"),
        sites=(Site("here", RULE, "proj.old:Tracker.make", "test_it"),),
    ),
    one(
        "property",
        "reading a deprecated property calls it",
        """
        class Tracker:
            @property
            def size(self):
                return 1

            @property
            def fine(self):
                return self.size
        """,
        """
        from proj import old

        def test_it():
            tracker = old.Tracker()
            assert tracker.size == tracker.fine  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:Tracker.size"),
        sites=(Site("here", RULE, "proj.old:Tracker.size", "test_it"),),
    ),
    one(
        "nested_class",
        "the construction of a deprecated class inside a class is seen",
        """
        class Outer:
            class Inner:
                def __init__(self):
                    pass
        """,
        """
        from proj import old

        def test_it():
            old.Outer()
            old.Outer.Inner()  # site: here
        """,
        about=FORMS,
        config=deprecated("proj.old:Outer.Inner"),
        sites=(Site("here", RULE, "proj.old:Outer.Inner", "test_it"),),
    ),
    one(
        "whole_module",
        "with a module deprecated its classes and functions are, called through the module",
        OLD,
        """
        from proj import old  # site: import

        def test_it():
            old.Tracker()  # site: class
            old.make()  # site: function
        """,
        about=FORMS,
        config=MODULE,
        sites=(
            Site("import", IMPORT, "proj.old", seen=(collected(),)),
            Site("class", RULE, TRACKER, "test_it"),
            Site("function", RULE, "proj.old:make", "test_it"),
        ),
    ),
    one(
        "whole_module_nested",
        "with a module deprecated, the classes within its classes are: made, derived from, and by their static methods",
        """
        class Tracker:
            class Entry:
                def __init__(self, text=""):
                    self.text = text

                class Part:
                    @staticmethod
                    def parse():
                        return 1

            class Error(Exception):
                pass

            def entry(self):
                return self.Entry()
        """,
        """
        import pytest
        from proj import old  # site: import

        def test_it():
            assert old.Tracker.Entry("a").text == "a"  # site: entry
            old.Tracker.Entry.Part()  # site: part
            old.Tracker.Entry.Part.parse()  # site: parse

        def test_error():
            with pytest.raises(old.Tracker.Error):
                raise old.Tracker.Error  # site: error

        def test_derived():
            class Mine(old.Tracker.Entry):  # site: base
                pass

            Mine()  # site: mine

        def test_what_they_do_themselves():
            old.Tracker().entry()  # site: outer
        """,
        about=FORMS,
        config=MODULE,
        sites=(
            Site("import", IMPORT, "proj.old", seen=(collected(),)),
            Site("entry", RULE, "proj.old:Tracker.Entry", "test_it"),
            Site("part", RULE, "proj.old:Tracker.Entry.Part", "test_it"),
            Site("parse", RULE, "proj.old:Tracker.Entry.Part", "test_it"),
            Site("error", RULE, "proj.old:Tracker.Error", "test_error", (call(test="test_error"),)),
            Site("base", BASE, "proj.old:Tracker.Entry", "test_derived", (call(test="test_derived"),)),
            Site("mine", RULE, "proj.old:Tracker.Entry", "test_derived", (call(test="test_derived"),)),
            Site(
                "outer",
                RULE,
                TRACKER,
                "test_what_they_do_themselves",
                (call(test="test_what_they_do_themselves"),),
            ),
        ),
    ),
    one(
        "whole_module_callable_object",
        "with a module deprecated, an object of its own that can be called is, one that it has from elsewhere is not",
        "",
        "",
        files={
            "fine.py": """
            class Fine:
                def __call__(self):
                    return 1

            fine = Fine()
            """,
            "old.py": """
            from proj.fine import fine

            class Query:
                def __call__(self):
                    return 1

            query = Query()
            """,
            "test_it.py": """
            from proj import old  # site: import

            def test_it():
                old.query()  # site: called
                old.fine()
            """,
        },
        about=FORMS,
        config=MODULE,
        sites=(
            Site("import", IMPORT, "proj.old", seen=(collected(),)),
            Site("called", RULE, "proj.old:query", "test_it"),
        ),
    ),
    one(
        "whole_module_not_imported_names",
        "with a module deprecated, what it only imports from elsewhere is not",
        """
        from proj.fine import Fine
        """,
        """
        from proj import old  # site: import

        def test_it():
            old.Fine()
        """,
        files={
            "fine.py": """
            class Fine:
                def __init__(self):
                    pass
            """,
            "old.py": "from proj.fine import Fine\n",
            "test_it.py": """
            from proj import old  # site: import

            def test_it():
                old.Fine()
            """,
        },
        about="contract 10: with a module deprecated, all it defines is",
        config=MODULE,
        sites=(Site("import", IMPORT, "proj.old", seen=(collected(),)),),
    ),
    one(
        "accessor",
        "the get_* accessor of a deprecated module is one thing that is deprecated, charged to each of its callers",
        "",
        "",
        files={
            "old.py": """
            _tracker = None

            class Tracker:
                def __init__(self):
                    pass

            def get_tracker():
                global _tracker
                if _tracker is None:
                    _tracker = Tracker()
                return _tracker
            """,
            "test_it.py": """
            from proj.old import get_tracker  # site: import

            def test_one():
                get_tracker()  # site: one

            def test_two():
                assert get_tracker() is get_tracker()  # site: two
            """,
        },
        about="trap 19; contract 3: its get_* accessors included",
        config=MODULE,
        sites=(
            Site("import", IMPORT, "proj.old:get_tracker", seen=(collected(),)),
            Site("one", RULE, "proj.old:get_tracker", "test_one", (call(test="test_one"),)),
            Site("two", RULE, "proj.old:get_tracker", "test_two", (call(2, "test_two"),)),
        ),
    ),
    one(
        "cached_accessor",
        "an accessor behind functools.lru_cache is seen at every call, cached or not",
        """
        import functools

        class Tracker:
            def __init__(self):
                pass

        @functools.lru_cache(maxsize=None)
        def get_tracker():
            return Tracker()
        """,
        """
        from proj import old

        def test_it():
            old.get_tracker()  # site: first
            old.get_tracker()  # site: second
        """,
        about="trap 19; contract 3: its get_* accessors included",
        config=deprecated("proj.old:get_tracker"),
        sites=(
            Site("first", RULE, "proj.old:get_tracker", "test_it", certain=True),
            Site("second", RULE, "proj.old:get_tracker", "test_it"),
        ),
        limits=FROM_CACHE,
        blind_spots={"proj.old:get_tracker": "what it has kept"},
    ),
    one(
        "cached_accessor_still_works",
        "an accessor behind functools.lru_cache keeps its cache, its name and its methods",
        """
        import functools

        @functools.lru_cache(maxsize=None)
        def get_tracker(name="x"):
            return [name]
        """,
        """
        from proj import old

        def test_it():
            first = old.get_tracker()  # site: first
            assert old.get_tracker() is first  # site: second
            assert old.get_tracker.cache_info().hits == 1
            assert old.get_tracker.__name__ == "get_tracker"
            assert old.get_tracker.__wrapped__.__name__ == "get_tracker"
            old.get_tracker.cache_clear()
            assert old.get_tracker.cache_info().hits == 0
        """,
        about="trap 19; contract 3: its get_* accessors included",
        config={"ssot.proj": {"deprecated": ["proj.old:get_tracker"], "phase": "baseline"}},
        sites=(
            Site("first", RULE, "proj.old:get_tracker", "test_it", certain=True),
            Site("second", RULE, "proj.old:get_tracker", "test_it"),
        ),
        outcomes={"test_it": "passed"},
        limits=FROM_CACHE,
        blind_spots={"proj.old:get_tracker": "what it has kept"},
    ),
    one(
        "cached_accessor_alias_before",
        "an accessor behind functools.lru_cache is seen under a name another module gave it before the hooks",
        "",
        "",
        files={
            "old.py": CACHED,
            "early.py": "from proj.old import get_tracker as fresh\n",
            "test_it.py": """
            from proj import early

            def test_it():
                early.fresh()  # site: first
                early.fresh()  # site: second
            """,
        },
        about="trap 2",
        config=deprecated("proj.old:get_tracker"),
        early=("proj.early",),
        sites=(
            Site("first", RULE, "proj.old:get_tracker", "test_it", certain=True),
            Site("second", RULE, "proj.old:get_tracker", "test_it"),
        ),
        limits=FROM_CACHE,
        blind_spots={"proj.old:get_tracker": ""},
    ),
    one(
        "cached_accessor_in_a_container",
        "an accessor behind functools.lru_cache, called out of a container that was filled before the hooks",
        "",
        "",
        files={
            "old.py": CACHED,
            "early.py": "from proj import old\nACCESSORS = [old.get_tracker]\n",
            "test_it.py": """
            from proj import early

            def test_it():
                early.ACCESSORS[0]()  # site: first
                early.ACCESSORS[0]()  # site: second
            """,
        },
        about="trap 2",
        config=deprecated("proj.old:get_tracker"),
        early=("proj.early",),
        sites=(
            Site("first", RULE, "proj.old:get_tracker", "test_it", certain=True),
            Site("second", RULE, "proj.old:get_tracker", "test_it"),
        ),
        limits=FROM_CACHE,
        blind_spots={"proj.old:get_tracker": ""},
    ),
    one(
        "context_manager",
        "a deprecated function behind contextlib.contextmanager is seen, others behind it are not",
        """
        import contextlib

        @contextlib.contextmanager
        def session():
            yield 1

        @contextlib.contextmanager
        def fine():
            yield 2
        """,
        """
        from proj import old

        def test_it():
            with old.session() as one:  # site: here
                assert one == 1
            with old.fine() as two:
                assert two == 2
        """,
        config=deprecated("proj.old:session"),
        sites=(Site("here", RULE, "proj.old:session", "test_it"),),
    ),
    one(
        "single_dispatch",
        "a deprecated function behind functools.singledispatch is seen",
        """
        import functools

        @functools.singledispatch
        def show(value):
            return "any"

        @show.register
        def _(value: int):
            return "number"
        """,
        """
        from proj import old

        def test_it():
            assert old.show("x") == "any"  # site: any
            assert old.show(1) == "number"  # site: number
        """,
        config=deprecated("proj.old:show"),
        sites=(Site("any", RULE, "proj.old:show", "test_it"), Site("number", RULE, "proj.old:show", "test_it")),
    ),
    one(
        "partial_object",
        "a deprecated name that is a functools.partial of a private function is seen where it is called",
        """
        import functools

        def _build(name, size):
            return name, size

        make = functools.partial(_build, "x")
        """,
        """
        from proj import old

        def test_it():
            assert old.make(1) == ("x", 1)  # site: here
        """,
        config=deprecated("proj.old:make"),
        sites=(Site("here", RULE, "proj.old:make", "test_it"),),
    ),
    one(
        "callable_object",
        "a deprecated name that is an object with a __call__ is seen, other objects of its class are not",
        """
        class _Maker:
            def __call__(self):
                return 1

        make = _Maker()
        fine = _Maker()
        """,
        """
        from proj import old

        def test_it():
            assert old.make() == 1  # site: here
            assert old.fine() == 1
        """,
        config=deprecated("proj.old:make"),
        sites=(Site("here", RULE, "proj.old:make", "test_it"),),
    ),
    one(
        "decorated_init",
        "a deprecated class whose __init__ is decorated by ours is seen at the constructing statement",
        "",
        "",
        files={
            "deco.py": """
            import functools

            def logged(function):
                @functools.wraps(function)
                def wrapper(*args):
                    return function(*args)
                return wrapper
            """,
            "old.py": """
            from proj.deco import logged

            class Tracker:
                @logged
                def __init__(self):
                    pass

            class Fine:
                @logged
                def __init__(self):
                    pass
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                old.Tracker()  # site: here
                old.Fine()
            """,
        },
    ),
    one(
        "attrs_class",
        "a deprecated class made by attrs is seen",
        """
        import attrs

        @attrs.define
        class Tracker:
            name: str = "x"
        """,
        PLAIN,
        about=NONE_MISSED,
    ),
    one(
        "mixin_before_it",
        "a subclass with a cooperative mixin is one construction, at the constructing statement",
        "",
        "",
        files={
            "old.py": OLD,
            "mixin.py": """
            class Mixin:
                def __init__(self, *args):
                    super().__init__(*args)
            """,
            "test_it.py": """
            from proj import old
            from proj.mixin import Mixin

            class Sub(Mixin, old.Tracker):  # site: base
                pass

            def test_it():
                Sub("x")  # site: here
            """,
        },
        sites=(Site("base", BASE, TRACKER, seen=(collected(),)), Site("here", RULE, TRACKER, "test_it")),
    ),
    one(
        "factory_of_a_subclass",
        "a class method of our own subclass that constructs is the caller",
        OLD,
        """
        from proj import old

        class Sub(old.Tracker):  # site: base
            @classmethod
            def create(cls):
                return cls("x")  # site: here

        def test_it():
            assert Sub.create().name == "x"
        """,
        sites=(Site("base", BASE, TRACKER, seen=(collected(),)), Site("here", RULE, TRACKER, "Sub.create")),
    ),
    one(
        "exec_string",
        "code in a string is charged to the statement that executes it",
        OLD,
        """
        from proj import old

        def test_it():
            exec("old.Tracker()")  # site: exec
            eval("old.Tracker()")  # site: eval
        """,
        about="contract 3: where it stands",
        sites=(Site("exec", RULE, TRACKER, "test_it"), Site("eval", RULE, TRACKER, "test_it")),
    ),
    one(
        "function_of_text",
        "what a function does that executed text defines is charged to who calls that function",
        OLD,
        """
        from proj import old

        FUNCTION = "def made():\\n    return old.Tracker()\\n"
        CLASS = "class Made:\\n    def __init__(self):\\n        old.Tracker()\\n"

        def test_it():
            own = {"old": old}
            exec(FUNCTION + CLASS, own)
            own["made"]()  # site: function
            own["Made"]()  # site: class
            eval("lambda: old.Tracker()")()  # site: lambda
            list(map(lambda _: own["made"](), [1]))  # site: handed
        """,
        sites=(
            Site("function", RULE, TRACKER, "test_it"),
            Site("class", RULE, TRACKER, "test_it"),
            Site("lambda", RULE, TRACKER, "test_it"),
            Site("handed", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "decorated_function",
        "a deprecated function behind a decorator of ours is seen, others behind the same decorator are not",
        "",
        "",
        files={
            "deco.py": """
            import functools

            def logged(function):
                @functools.wraps(function)
                def wrapper(*args):
                    return function(*args)
                return wrapper
            """,
            "old.py": """
            from proj.deco import logged

            @logged
            def make():
                return 1

            @logged
            def fine():
                return 2
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                old.make()  # site: here

            def test_fine():
                old.fine()
            """,
        },
        config=deprecated("proj.old:make"),
        sites=(Site("here", RULE, "proj.old:make", "test_it"),),
    ),
    one(
        "alias_bound_at_import",
        "a class under an alias bound at import is seen",
        OLD,
        """
        from proj.old import Tracker as T  # site: import

        def test_it():
            T()  # site: here
        """,
        about="trap 2",
        sites=(
            Site("import", IMPORT, TRACKER, seen=(collected(),)),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "alias_in_a_container",
        "a class kept in a dictionary and as a default argument is seen",
        OLD,
        """
        from proj import old

        MAKERS = {"tracker": old.Tracker}

        def build(maker=old.Tracker):
            return maker("x")  # site: default

        def test_it():
            MAKERS["tracker"]()  # site: mapping
            build()
        """,
        about="trap 2",
        sites=(Site("default", RULE, TRACKER, "build"), Site("mapping", RULE, TRACKER, "test_it")),
    ),
    one(
        "reexported_use",
        "a deprecated function called through a module that re-exports it keeps its own name",
        "",
        "",
        files={
            "old.py": OLD,
            "api.py": "from proj.old import make  # site: import\n",
            "test_it.py": """
            from proj import api

            def test_it():
                api.make()  # site: here
            """,
        },
        about=FORMS,
        config=deprecated("proj.old:make"),
        sites=(
            Site("import", IMPORT, "proj.old:make", seen=(collected(),)),
            Site("here", RULE, "proj.old:make", "test_it"),
        ),
    ),
    one(
        "partial",
        "functools.partial of a deprecated class is seen where the partial is called",
        OLD,
        """
        import functools
        from proj import old

        build = functools.partial(old.Tracker, "x")

        def test_it():
            assert build().name == "x"  # site: here
        """,
        about="trap 2",
    ),
    one(
        "map_and_sorted",
        "a deprecated function called by map or sorted is seen at the statement that calls those",
        OLD,
        """
        from proj import old

        def test_it():
            list(map(old.Tracker, "ab"))  # site: map
            sorted("ba", key=old.Tracker.key)  # site: sorted
        """,
        files={
            "old.py": """
            class Tracker:
                def __init__(self, name):
                    pass

                @staticmethod
                def key(text):
                    return text
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                list(map(old.Tracker, "ab"))  # site: map
                sorted("ba", key=old.Tracker.key)  # site: sorted
            """,
        },
        config=deprecated("proj.old:Tracker", "proj.old:Tracker.key"),
        sites=(
            Site("map", RULE, TRACKER, "test_it", (call(2),)),
            Site("sorted", RULE, "proj.old:Tracker.key", "test_it", (call(2),)),
        ),
    ),
    one(
        "comprehension_scope",
        "comprehensions and lambdas belong to the named scope around them",
        OLD,
        """
        from proj import old

        def test_it():
            [old.Tracker() for _ in range(2)]  # site: list
            make = lambda: old.Tracker()  # site: lambda
            make()
        """,
        about="contract 10: identity",
        sites=(Site("list", RULE, TRACKER, "test_it", (call(2),)), Site("lambda", RULE, TRACKER, "test_it")),
    ),
    one(
        "nested_scope",
        "a nested function and a method are named by their qualified names",
        OLD,
        """
        from proj import old

        class TestShop:
            def test_it(self):
                def inner():
                    return old.Tracker()  # site: here
                inner()
        """,
        about="contract 10: scope is __qualname__ without <locals>",
        sites=(
            Site("here", RULE, TRACKER, "TestShop.test_it.inner", (call(test="proj/test_it.py::TestShop::test_it"),)),
        ),
    ),
    one(
        "multi_line",
        "a statement over several lines is one site, its text on one line without comments",
        OLD,
        """
        from proj import old

        def test_it():
            made = old.Tracker(  # site: here
                # a remark
                "name",
            )
            assert made
        """,
        about="contract 10: identity",
        sites=(Site("here", RULE, TRACKER, "test_it", text='made = old.Tracker( "name", )'),),
    ),
    one(
        "equal_statements",
        "equal statements in one scope are two sites",
        OLD,
        """
        from proj import old

        def test_it():
            old.Tracker()  # site: first
            old.Tracker()  # site: second
        """,
        about="contract 10: equal statements in one scope carry an ordinal",
        sites=(Site("first", RULE, TRACKER, "test_it"), Site("second", RULE, TRACKER, "test_it")),
    ),
    one(
        "twice_in_a_statement",
        "two constructions in one statement are one site with a count of two",
        OLD,
        """
        from proj import old

        def test_it():
            old.Tracker(), old.Tracker()  # site: here
        """,
        about="contract 3: an observation has a count",
        sites=(Site("here", RULE, TRACKER, "test_it", (call(2),)),),
    ),
    one(
        "through_type",
        "type(instance)() is seen",
        OLD,
        """
        from proj import old

        def test_it():
            type(old.make())()  # site: here
        """,
        about="trap 2",
    ),
    one(
        "arguments_untouched",
        "positional, keyword, default and variable arguments arrive as they were sent",
        """
        class Tracker:
            def __init__(self, a, /, b, *rest, c=3, **more):
                self.seen = (a, b, rest, c, more)
        """,
        """
        import inspect
        from proj import old

        def test_it():
            assert old.Tracker(1, 2, 4, c=5, d=6).seen == (1, 2, (4,), 5, {"d": 6})  # site: here
            assert str(inspect.signature(old.Tracker)) == "(a, /, b, *rest, c=3, **more)"
        """,
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "phase": "baseline"}},
        outcomes={"test_it": "passed"},
    ),
    one(
        "closure_untouched",
        "a function with a closure, defaults and annotations works as before while it is watched",
        """
        def _build():
            calls = []

            def make(name: str = "x", *, times: int = 1) -> list:
                calls.append(name * times)
                return calls
            return make

        make = _build()
        """,
        """
        from proj import old

        def test_it():
            assert old.make("a", times=2) == ["aa"]  # site: here
            assert old.make.__annotations__ == {"name": str, "times": int, "return": list}
            assert old.make.__defaults__ == ("x",)
            assert old.make.__kwdefaults__ == {"times": 1}
        """,
        config={"ssot.proj": {"deprecated": ["proj.old:make"], "phase": "baseline"}},
        sites=(Site("here", RULE, "proj.old:make", "test_it"),),
        outcomes={"test_it": "passed"},
    ),
    one(
        "generator_function",
        "a deprecated generator function is seen where it is used",
        """
        def items():
            yield 1
            yield 2
        """,
        """
        from proj import old

        def test_it():
            assert list(old.items()) == [1, 2]  # site: here
        """,
        config=deprecated("proj.old:items"),
        sites=(Site("here", RULE, "proj.old:items", "test_it"),),
    ),
    one(
        "generator_not_advanced",
        "a deprecated generator function that is called and whose generator is never advanced",
        """
        def items():
            yield 1
        """,
        """
        from proj import old

        def test_it():
            old.items()  # site: here
        """,
        config=deprecated("proj.old:items"),
        sites=(Site("here", RULE, "proj.old:items", "test_it"),),
    ),
    one(
        "generator_advanced_later",
        "a generator or a coroutine is one use, where its function is called and not where it is advanced",
        """
        class Old:
            @staticmethod
            def items():
                yield 1

        def items():
            yield 1
            yield 2

        async def rows():
            yield 1

        async def fetch(number=1):
            return number

        def all_items():
            return items()
        """,
        """
        import asyncio
        from proj import old

        def advance(generator):
            return list(generator)

        async def later():
            rows, one = old.rows(), old.fetch()  # site: rows, fetch
            assert [each async for each in rows] == [1]
            assert await one == 1
            return await asyncio.gather(*map(old.fetch, [2, 3]))  # site: mapped

        def test_it():
            generator = old.items()  # site: here
            assert next(generator) == 1
            assert advance(generator) == [2]
            assert advance(old.Old.items()) == [1]  # site: static
            assert [advance(each) for each in [old.items(), old.items()]]  # site: two
            assert advance(old.all_items()) == [1, 2]

        def test_later():
            assert asyncio.run(later()) == [2, 3]

        def test_unadvanced():
            old.items()  # site: unadvanced

        def test_after():
            exec("list(old.items())")  # site: text
        """,
        config=deprecated("proj.old:items", "proj.old:rows", "proj.old:fetch", "proj.old:Old"),
        sites=(
            Site("here", RULE, "proj.old:items", "test_it"),
            Site("static", RULE, "proj.old:Old", "test_it"),
            Site("two", RULE, "proj.old:items", "test_it", (call(2),)),
            Site("rows", RULE, "proj.old:rows", "later", (call(test="test_later"),)),
            Site("fetch", RULE, "proj.old:fetch", "later", (call(test="test_later"),)),
            Site("mapped", RULE, "proj.old:fetch", "later", (call(2, test="test_later"),)),
            Site("unadvanced", RULE, "proj.old:items", "test_unadvanced", (call(test="test_unadvanced"),)),
            Site("text", RULE, "proj.old:items", "test_after", (call(test="test_after"),)),
        ),
        python=(3, 11),
    ),
    one(
        "awaited_coroutine",
        "a deprecated coroutine function that ours awaits is seen at the await",
        """
        async def make():
            return 1
        """,
        """
        import asyncio
        from proj import old

        async def work():
            return await old.make()  # site: here

        def test_it():
            assert asyncio.run(work()) == 1
        """,
        config=deprecated("proj.old:make"),
        sites=(Site("here", RULE, "proj.old:make", "work"),),
    ),
    one(
        "coroutine_run_by_the_loop",
        "a deprecated coroutine function handed to asyncio.run is seen at the call",
        """
        async def make():
            return 1
        """,
        """
        import asyncio
        from proj import old

        def test_it():
            assert asyncio.run(old.make()) == 1  # site: here
        """,
        config=deprecated("proj.old:make"),
        sites=(Site("here", RULE, "proj.old:make", "test_it"),),
    ),
    one(
        "subclass_made_earlier",
        "a subclass made before the hooks were in is seen when constructed, its class statement cannot be",
        "",
        "",
        files={
            "old.py": OLD,
            "early.py": """
            from proj import old

            class Sub(old.Tracker):
                def __init__(self):
                    super().__init__("sub")
            """,
            "test_it.py": """
            from proj.early import Sub

            def test_it():
                assert Sub().name == "sub"  # site: here
            """,
        },
        early=("proj.early",),
        blind_spots={"proj.old:Tracker": "import"},
        sites=(Site("here", RULE, TRACKER, "test_it"),),
    ),
    one(
        "subclass_made_at_import",
        "a subclass made when the application is imported is seen when constructed",
        "",
        "",
        files={
            "old.py": OLD,
            "app.py": """
            from proj import old

            class Sub(old.Tracker):  # site: base
                pass
            """,
            "test_it.py": """
            from proj.app import Sub

            def test_it():
                Sub()  # site: here
            """,
        },
        sites=(Site("base", BASE, TRACKER, seen=(collected(),)), Site("here", RULE, TRACKER, "test_it")),
    ),
    one(
        "subclass_with_super",
        "a subclass that calls super().__init__ is one construction, at the constructing statement",
        OLD,
        """
        from proj import old

        class Sub(old.Tracker):  # site: base
            def __init__(self):
                super().__init__("sub")

        class SubSub(Sub):  # site: base2
            def __init__(self):
                super().__init__()

        def test_it():
            SubSub()  # site: here
        """,
        about="contract 10: a subclass's construction is a site at the constructing statement",
        sites=(
            Site("base", BASE, TRACKER, seen=(collected(),)),
            Site("base2", BASE, TRACKER, seen=(collected(),)),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "subclass_made_later",
        "a subclass made inside a test is seen, the class statement and the construction",
        OLD,
        """
        from proj import old

        def test_it():
            class Sub(old.Tracker):  # site: base
                pass
            Sub()  # site: here
        """,
        sites=(Site("base", BASE, TRACKER, "test_it"), Site("here", RULE, TRACKER, "test_it")),
    ),
    one(
        "subclass_that_skips_super",
        "a subclass whose __init__ never calls super is seen when constructed",
        OLD,
        """
        from proj import old

        class Sub(old.Tracker):  # site: base
            def __init__(self):
                self.name = "own"

        def test_it():
            Sub()  # site: here
        """,
        about="trap 4",
        sites=(
            Site("base", BASE, TRACKER, seen=(collected(),), certain=True),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "subclass_with_new_only",
        "a subclass with a __new__ of its own is seen when constructed",
        OLD,
        """
        from proj import old

        class Sub(old.Tracker):  # site: base
            def __new__(cls):
                return super().__new__(cls)

        def test_it():
            Sub()  # site: here
        """,
        about="trap 3",
        sites=(
            Site("base", BASE, TRACKER, seen=(collected(),), certain=True),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "new_only",
        "a deprecated class that has only a __new__ is seen",
        """
        class Tracker:
            def __new__(cls, name="x"):
                self = super().__new__(cls)
                self.name = name
                return self
        """,
        PLAIN,
        about="trap 3",
    ),
    one(
        "singleton_new",
        "a deprecated singleton by __new__ is seen each time it is asked for",
        """
        class Tracker:
            _one = None

            def __new__(cls):
                if cls._one is None:
                    cls._one = super().__new__(cls)
                return cls._one

            def __init__(self):
                self.ready = True
        """,
        """
        from proj import old

        def test_it():
            for _ in range(3):
                old.Tracker()  # site: here
        """,
        about="trap 3",
        sites=(Site("here", RULE, TRACKER, "test_it", (call(3),)),),
    ),
    one(
        "dataclass_plain",
        "a deprecated dataclass is seen",
        """
        from dataclasses import dataclass

        @dataclass
        class Tracker:
            name: str = "x"
        """,
        PLAIN,
        about="trap 5; " + NONE_MISSED,
    ),
    one(
        "dataclass_slots",
        "a deprecated dataclass with slots is seen",
        """
        from dataclasses import dataclass

        @dataclass(slots=True)
        class Tracker:
            name: str = "x"
        """,
        PLAIN,
        about="trap 5; " + NONE_MISSED,
    ),
    one(
        "dataclass_frozen",
        "a deprecated frozen dataclass is seen",
        """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class Tracker:
            name: str = "x"
        """,
        PLAIN,
        about="trap 5; " + NONE_MISSED,
    ),
    one(
        "dataclass_frozen_slots",
        "a deprecated frozen dataclass with slots is seen, and equality, hash and repr still work",
        """
        from dataclasses import dataclass

        @dataclass(frozen=True, slots=True)
        class Tracker:
            name: str = "x"
        """,
        """
        from proj import old

        def test_it():
            one = old.Tracker()  # site: one
            two = old.Tracker("x")  # site: two
            assert one == two
            assert hash(one) == hash(two)
            assert repr(one) == "Tracker(name='x')"
        """,
        about="trap 5; " + NONE_MISSED,
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "phase": "baseline"}},
        sites=(Site("one", RULE, TRACKER, "test_it"), Site("two", RULE, TRACKER, "test_it")),
        outcomes={"test_it": "passed"},
    ),
    one(
        "dataclass_replace",
        "dataclasses.replace of a deprecated dataclass is seen at its caller",
        """
        from dataclasses import dataclass

        @dataclass
        class Tracker:
            name: str = "x"

        def make():
            return Tracker()
        """,
        """
        import dataclasses
        from proj import old

        def test_it():
            dataclasses.replace(old.make(), name="y")  # site: here
        """,
        about="contract 10: frames of dataclasses are not the site",
    ),
    one(
        "dataclass_subclass",
        "a dataclass with slots derived from a deprecated class is one class statement",
        """
        class Tracker:
            __slots__ = ()

            def __init__(self):
                pass
        """,
        """
        from dataclasses import dataclass
        from proj import old

        @dataclass(slots=True)
        class Sub(old.Tracker):  # site: base
            size: int = 1

        def test_it():
            assert Sub().size == 1  # site: here
        """,
        about="trap 5",
        sites=(
            Site("base", BASE, TRACKER, seen=(collected(),)),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "no_init",
        "a deprecated class without an __init__ is seen",
        """
        class Tracker:
            pass
        """,
        PLAIN,
        about="trap 3; " + NONE_MISSED,
    ),
    one(
        "no_init_subclass",
        "a subclass without an __init__, of a deprecated class without one, is seen",
        """
        class Tracker:
            pass
        """,
        """
        from proj import old

        class Sub(old.Tracker):  # site: base
            pass

        def test_it():
            Sub()  # site: here
        """,
        about="trap 3; " + NONE_MISSED,
        sites=(
            Site("base", BASE, TRACKER, seen=(collected(),), certain=True),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "no_init_bad_arguments",
        "a class without an __init__ still refuses arguments with the same message while it is watched",
        """
        class Tracker:
            pass
        """,
        """
        import pytest
        from proj import old

        def test_it():
            with pytest.raises(TypeError, match=r"Tracker\\(\\) takes no arguments"):
                old.Tracker(1)  # site: here
        """,
        about="trap 3",
    ),
    one(
        "inherited_init",
        "a deprecated class that inherits its __init__ from one that is not is seen, the other is not",
        """
        class Base:
            def __init__(self):
                pass

        class Tracker(Base):
            pass
        """,
        """
        from proj import old

        def test_it():
            old.Base()
            old.Tracker()  # site: here
        """,
        about=NONE_MISSED,
    ),
    one(
        "exception_class",
        "a deprecated exception class is seen where it is raised",
        """
        class Tracker(Exception):
            pass
        """,
        """
        import pytest
        from proj import old

        def test_it():
            with pytest.raises(old.Tracker):
                raise old.Tracker("gone")  # site: here
        """,
        about=NONE_MISSED,
    ),
    one(
        "metaclass_call",
        "behind a metaclass of ours with a __call__ the construction is seen at the statement outside it",
        "",
        "",
        files={
            "meta.py": """
            class Meta(type):
                def __call__(cls, *args, **kwargs):
                    return super().__call__(*args, **kwargs)
            """,
            "old.py": """
            from proj.meta import Meta

            class Tracker(metaclass=Meta):
                def __init__(self, name="x"):
                    self.name = name
            """,
            "test_it.py": PLAIN,
        },
        about="contract 10: frames of metaclasses are not the site",
    ),
    one(
        "metaclass_singleton",
        "a singleton by metaclass is seen where it is constructed; a call that hands it out constructs nothing",
        "",
        "",
        files={
            "meta.py": """
            class Meta(type):
                def __call__(cls):
                    if "_one" not in cls.__dict__:
                        cls._one = super().__call__()
                    return cls._one
            """,
            "old.py": """
            from proj.meta import Meta

            class Tracker(metaclass=Meta):
                def __init__(self):
                    pass
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                first = old.Tracker()  # site: here
                assert old.Tracker() is first
            """,
        },
        about="contract 10: frames of metaclasses are not the site",
    ),
    one(
        "abstract_class",
        "a deprecated ABC with a concrete subclass is seen",
        """
        import abc

        class Tracker(abc.ABC):
            @abc.abstractmethod
            def run(self): ...
        """,
        """
        from proj import old

        class Sub(old.Tracker):  # site: base
            def run(self): ...

        def test_it():
            Sub()  # site: here
        """,
        sites=(
            Site("base", BASE, TRACKER, seen=(collected(),), certain=True),
            Site("here", RULE, TRACKER, "test_it"),
        ),
    ),
    one(
        "named_tuple",
        "a deprecated NamedTuple is seen",
        """
        from typing import NamedTuple

        class Tracker(NamedTuple):
            name: str = "x"
        """,
        PLAIN,
        about=NONE_MISSED,
    ),
    one(
        "collections_namedtuple",
        "a deprecated collections.namedtuple is seen",
        """
        from collections import namedtuple

        Tracker = namedtuple("Tracker", "name", defaults=("x",))
        """,
        PLAIN,
        about=NONE_MISSED,
    ),
    one(
        "enum_lookup",
        "a call of a deprecated Enum, which looks a member up, is seen; naming a member is not",
        """
        import enum

        class Tracker(enum.Enum):
            ON = 1
        """,
        """
        from proj import old

        def test_it():
            assert old.Tracker(1) is old.Tracker.ON  # site: here
            assert old.Tracker.ON is old.Tracker["ON"]
        """,
        about="contract 3: construction of a deprecated class; deprecated-access is for the scan",
    ),
    one(
        "typed_dict",
        "a deprecated TypedDict that is called",
        """
        from typing import TypedDict

        class Tracker(TypedDict):
            name: str
        """,
        """
        from proj import old

        def test_it():
            old.Tracker(name="x")  # site: here
        """,
        about=NONE_MISSED,
        limits={"in-place": "a TypedDict has no code of its own: calling one is calling dict"},
        blind_spots={"proj.old:Tracker": ""},
    ),
    one(
        "generic",
        "a deprecated generic class is seen, plain and with a type argument",
        """
        from typing import Generic, TypeVar

        T = TypeVar("T")

        class Tracker(Generic[T]):
            def __init__(self):
                pass
        """,
        """
        from proj import old

        def test_it():
            old.Tracker()  # site: plain
            old.Tracker[int]()  # site: argument
        """,
        about="contract 10: frames of typing are not the site",
        sites=(Site("plain", RULE, TRACKER, "test_it"), Site("argument", RULE, TRACKER, "test_it")),
    ),
    one(
        "protocol_implementation",
        "a class that implements a deprecated Protocol without deriving from it is no use",
        """
        from typing import Protocol, runtime_checkable

        @runtime_checkable
        class Tracker(Protocol):
            def run(self): ...
        """,
        """
        from proj import old

        class Mine:
            def run(self): ...

        def test_it():
            assert isinstance(Mine(), old.Tracker)
        """,
        rule=RULE,
        about="contract 3: construction of a deprecated class",
        sites=(),
    ),
    one(
        "init_that_raises",
        "a construction whose __init__ raises is seen",
        """
        class Tracker:
            def __init__(self):
                raise ValueError("no")
        """,
        """
        import pytest
        from proj import old

        def test_it():
            with pytest.raises(ValueError, match="no"):
                old.Tracker()  # site: here
        """,
        about=NONE_MISSED,
    ),
    one(
        "reload_old_and_new",
        "after a reload the old and the new class are both watched",
        OLD,
        """
        import importlib
        from proj import old

        def test_it():
            before = old.Tracker
            importlib.reload(old)
            assert old.Tracker is not before
            before()  # site: old
            old.Tracker()  # site: new
        """,
        about="contract 10: after a reload old and new class are watched",
        sites=(Site("old", RULE, TRACKER, "test_it"), Site("new", RULE, TRACKER, "test_it")),
    ),
    one(
        "reload_function",
        "after a reload the old and the new function are both watched",
        OLD,
        """
        import importlib
        from proj import old

        def test_it():
            before = old.make
            importlib.reload(old)
            before()  # site: old
            old.make()  # site: new
        """,
        about="contract 10: after a reload old and new are watched",
        config=deprecated("proj.old:make"),
        sites=(Site("old", RULE, "proj.old:make", "test_it"), Site("new", RULE, "proj.old:make", "test_it")),
    ),
    one(
        "imported_afresh",
        "a module dropped from sys.modules and imported again is watched again",
        OLD,
        """
        import importlib
        import sys
        import proj

        def test_it():
            for _ in range(2):
                sys.modules.pop("proj.old", None)
                vars(proj).pop("old", None)
                from proj import old
                old.Tracker()  # site: here
        """,
        about="contract 10: after a reload old and new class are watched",
        sites=(Site("here", RULE, TRACKER, "test_it", (call(2),)),),
    ),
    one(
        "third_party_function",
        "a deprecated function of a third-party package is judged for callers in source only",
        "",
        "",
        files={
            "/site-packages/vendor_proj/__init__.py": """
            def decode(text):
                return text

            def loads(text):
                return decode(text)
            """,
            "app/work.py": """
            import vendor_proj

            def work():
                return vendor_proj.decode("x")  # site: here
            """,
            "test_it.py": """
            import vendor_proj
            from proj.app import work

            def test_it():
                work.work()

            def test_elsewhere():
                vendor_proj.decode("x")
                vendor_proj.loads("x")
            """,
        },
        about="contract 2: a deprecated target outside the project's own packages",
        config=deprecated("vendor_proj:decode"),
        source=("app",),
        sites=(Site("here", RULE, "vendor_proj:decode", "work"),),
    ),
    one(
        "third_party_class",
        "a deprecated class of a third-party package is judged for callers in source only",
        "",
        "",
        files={
            "/site-packages/vendor_proj/__init__.py": """
            class Client:
                def __init__(self):
                    pass
            """,
            "app/work.py": """
            import vendor_proj

            def work():
                return vendor_proj.Client()  # site: here
            """,
            "test_it.py": """
            import vendor_proj
            from proj.app import work

            def test_it():
                work.work()

            def test_elsewhere():
                vendor_proj.Client()
            """,
        },
        about="contract 2: a deprecated target outside the project's own packages",
        config=deprecated("vendor_proj:Client"),
        source=("app",),
        sites=(Site("here", RULE, "vendor_proj:Client", "work"),),
    ),
    one(
        "stdlib_function",
        "a deprecated function of the standard library is seen in source; the standard library's own calls are not",
        "",
        "",
        files={
            "test_it.py": """
            import argparse
            import textwrap

            def test_it():
                textwrap.fill("x")  # site: here

            def test_stdlib_calls_it():
                argparse.ArgumentParser(description="x " * 90).format_help()
            """,
        },
        about="issue 2: calls from the standard library are not violations",
        config=deprecated("textwrap:fill"),
        sites=(Site("here", RULE, "textwrap:fill", "test_it"),),
    ),
    one(
        "library_callers",
        "construction and calls by site-packages, which imports what it uses, are no sites",
        "",
        "",
        rule=RULE,
        files={
            "old.py": OLD,
            "/site-packages/vendor_proj/__init__.py": """
            from proj import old
            from proj.old import Tracker as Other

            def go():
                return old.Tracker(), old.make(), Other()

            def late():
                from proj import old
                return old.make()
            """,
            "test_it.py": """
            import vendor_proj

            def test_it():
                assert vendor_proj.go() and vendor_proj.late()
            """,
        },
        about="issue 2: calls from site-packages are not violations",
        config=deprecated("proj.old:Tracker", "proj.old:make"),
        sites=(),
    ),
    one(
        "allowed_callers",
        "callers in allow_in are listed as allowed and fail nothing",
        "",
        "",
        files={
            "old.py": OLD,
            "core/bridge.py": """
            from proj import old

            def build():
                return old.Tracker()  # site: here
            """,
            "test_it.py": """
            from proj.core import bridge

            def test_it():
                assert bridge.build()
            """,
        },
        about="contract 2: allow_in",
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "allow_in": ["proj.core.**"]}},
        sites=(Site("here", RULE, TRACKER, "build", status="allowed"),),
    ),
    one(
        "defining_module",
        "what the defining module does with its own is no site",
        OLD,
        """
        from proj import old

        def test_it():
            assert old.make().run() == "t"
        """,
        rule=RULE,
        about="contract 10: code of the module that defines a deprecated target is no site for that target",
        sites=(),
    ),
    Case(
        slug="package_uses_itself",
        says="code anywhere below a deprecated package is no site for it, in whatever folder, code beside it is",
        about="contract 10: code of the module that defines a deprecated target is no site for that target",
        files={
            "oldpkg/__init__.py": "",
            "oldpkg/part.py": """
            class Tracker:
                pass

            def get_tracker():
                return Tracker()
            """,
            "oldpkg/inner/__init__.py": "",
            "oldpkg/inner/deep.py": """
            from proj.oldpkg import part
            from ..part import Tracker

            class Deeper(Tracker):
                pass

            def build():
                return [part.get_tracker(), Tracker(), Deeper()]
            """,
            "oldpkgs.py": """
            import proj.oldpkg.inner.deep as deep  # site: import

            def build():
                return deep.build()  # site: build
            """,
            "test_it.py": """
            def test_it():
                from proj import oldpkgs
                assert len(oldpkgs.build()) == 3
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.oldpkg"]}},
        sites=(
            Site("import", IMPORT, "proj.oldpkg.inner.deep", "<module>"),
            Site("build", RULE, "proj.oldpkg.inner.deep:build", "build"),
        ),
    ),
    one(
        "mock_spec",
        "Mock(spec=…) and mock.patch.object construct nothing",
        OLD,
        """
        from unittest import mock
        from proj import old

        def test_it():
            mock.Mock(spec=old.Tracker)
            mock.create_autospec(old.Tracker)()
            with mock.patch.object(old, "Tracker"):
                old.Tracker()
        """,
        rule=RULE,
        about="trap 8",
        sites=(),
    ),
    one(
        "unpatched_again",
        "after mock.patch.object is undone the real class is watched as before",
        OLD,
        """
        from unittest import mock
        from proj import old

        def test_it():
            with mock.patch.object(old, "Tracker"):
                old.Tracker()
            with mock.patch.object(old.Tracker, "__init__", lambda self: None):
                pass
            old.Tracker()  # site: here
        """,
        about="trap 8",
    ),
    one(
        "isinstance_and_pickle",
        "isinstance, issubclass and pickling of a watched class work as before",
        OLD,
        """
        import pickle
        from proj import old

        def test_it():
            made = old.Tracker("x")  # site: here
            assert type(made) is old.Tracker
            assert isinstance(made, old.Tracker)
            assert pickle.dumps(made)
            assert pickle.loads(pickle.dumps(old.Tracker)) is old.Tracker
            assert old.Tracker.__init__.__qualname__ == "Tracker.__init__"
        """,
        about="trap 2: replacing a class object breaks isinstance and pickling",
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "phase": "baseline"}},
        outcomes={"test_it": "passed"},
        blind_spots={TRACKER: "something of its module is unpickled"},
    ),
    one(
        "two_targets_one_class",
        "two tables that deprecate one class each get their site",
        OLD,
        PLAIN,
        about="contract 2: one table per single source of truth",
        config={
            "ssot.proj": {"deprecated": ["proj.old:Tracker"]},
            "ssot.proj_too": {"deprecated": ["proj.old:Tracker"]},
        },
        sites=(Site("here", RULE, TRACKER, "test_it"), Site("here", RULE, TRACKER, "test_it")),
    ),
    one(
        "names_alike",
        "a class of the same name in another module, and a module whose name only starts alike, are no sites",
        "",
        "",
        rule=RULE,
        files={
            "old.py": OLD,
            "older.py": OLD,
            "test_it.py": """
            from proj import older

            def test_it():
                older.Tracker()
                older.make()
            """,
        },
        about="architecture: prefix match done right",
        config=deprecated("proj.old", "proj.old:Tracker"),
        sites=(),
    ),
]
