"""Cases of `out-of-band-id`: calls of forbidden sources of identifiers."""

from __future__ import annotations

from ..case import Case, Site, call, collected

RULE = "out-of-band-id"
UUID4 = "uuid:uuid4"
LINE = "contract 3: out-of-band-id"
CONFIG = {"ids.identifiers": {"forbidden": ["uuid:uuid4", "uuid:uuid1"], "generators": ["proj.ids:make_id"]}}

IDS = """
import uuid

def make_id():
    return inner()

def inner():
    return str(uuid.uuid4())
"""

CALL = """
from proj.app import work

def test_it():
    assert work.new()
"""


def one(slug: str, says: str, work: str, *, test: str = CALL, **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in `new` of `app/work.py`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": LINE,
        "files": {"ids.py": IDS, "app/work.py": work, "test_it.py": test},
        "config": CONFIG,
        "source": ("app", "ids.py"),
        "sites": (Site("here", RULE, UUID4, "new"),),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


C_CALLS = {"in-place": "a function written in C has no code of its own; what a statement calls is told from 3.12"}

CASES = [
    one(
        "uuid4",
        "uuid.uuid4() in source is seen",
        """
        import uuid

        def new():
            return uuid.uuid4()  # site: here
        """,
    ),
    one(
        "uuid4_alias",
        "uuid4 bound by from uuid import uuid4 is seen",
        """
        from uuid import uuid4 as fresh

        def new():
            return str(fresh())  # site: here
        """,
        about="trap 2",
    ),
    one(
        "uuid4_hex",
        "uuid4().hex cut to size is seen",
        """
        from uuid import uuid4

        def new():
            return f"run_{uuid4().hex[:8]}"  # site: here
        """,
    ),
    one(
        "uuid1",
        "uuid1 is seen under its own name",
        """
        import uuid

        def new():
            return uuid.uuid1()  # site: here
        """,
        sites=(Site("here", RULE, "uuid:uuid1", "new"),),
    ),
    one(
        "uuid4_bound_early",
        "uuid4 bound by a plugin that was there before the hooks is seen",
        "",
        files={
            "ids.py": IDS,
            "early.py": "from uuid import uuid4\n",
            "app/work.py": """
            from proj.early import uuid4

            def new():
                return uuid4()  # site: here
            """,
            "test_it.py": CALL,
        },
        about="trap 2: every alias bound before",
        early=("proj.early",),
    ),
    one(
        "uuid4_default_factory",
        "default_factory=uuid4 of a dataclass, called when the dataclass is made, is seen where it was handed on",
        """
        from dataclasses import dataclass, field
        from uuid import uuid4

        @dataclass
        class Job:
            id: object = field(default_factory=uuid4)  # site: here

        def new():
            return Job()
        """,
        about="trap 2; issue 2: default_factory=uuid4",
        sites=(Site("here", RULE, UUID4, "Job"),),
    ),
    one(
        "uuid4_attrs_factory",
        "factory=uuid4 of an attrs field, and a default of attr.ib, are seen where they were handed on",
        """
        import attr
        import attrs
        import uuid
        from uuid import uuid4

        @attrs.define
        class Job:
            id: object = attrs.field(factory=uuid4)  # site: here

        @attr.s
        class Task:
            id = attr.ib(default=attr.Factory(uuid.uuid4))  # site: attr

        def new():
            return Job(), Task()
        """,
        sites=(Site("here", RULE, UUID4, "Job"), Site("attr", RULE, UUID4, "Task")),
    ),
    one(
        "uuid4_default_of_the_generator",
        "what a generator has as a default of its own is no site, and the same source in another function is",
        "",
        files={
            "ids.py": """
            import functools
            from uuid import uuid4

            def traced(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    return function(*args, **kwargs)
                return wrapper

            def make_id(make=uuid4):
                return str(make())

            @traced
            def traced_id(*, make=lambda: uuid4()):
                return str(make())

            class Ids:
                @classmethod
                def new(cls, make=uuid4):
                    return str(make())

            def other():
                return str(uuid4())  # site: here
            """,
            "app/work.py": """
            from proj.ids import Ids, make_id, other, traced_id

            def new():
                return [make_id(), make_id(), traced_id(), Ids.new(), other()]
            """,
            "test_it.py": CALL,
        },
        config={
            "ids.identifiers": {
                "forbidden": ["uuid:uuid4"],
                "generators": ["proj.ids:make_id", "proj.ids:traced_id", "proj.ids:Ids.new"],
            }
        },
        sites=(Site("here", RULE, UUID4, "other"),),
    ),
    one(
        "uuid4_partial",
        "functools.partial(uuid4) and map are seen where they are called",
        """
        import functools
        import uuid

        fresh = functools.partial(uuid.uuid4)

        def new():
            return fresh()  # site: here
        """,
        about="trap 2",
    ),
    one(
        "uuid4_default_argument",
        "a default argument made at import is seen once, at the function's statement",
        """
        import uuid

        def new(run=uuid.uuid4()):  # site: here
            return run
        """,
        sites=(Site("here", RULE, UUID4, seen=(collected(),)),),
    ),
    one(
        "uuid4_in_class_body",
        "a class attribute made at import is seen in the scope of the class",
        """
        import uuid

        class Run:
            id = uuid.uuid4()  # site: here

        def new():
            return Run.id
        """,
        sites=(Site("here", RULE, UUID4, "Run", (collected(),)),),
    ),
    one(
        "uuid4_in_generator",
        "what happens inside a generator, at any depth, is no site",
        """
        from proj import ids

        def new():
            return [ids.make_id() for _ in range(3)]
        """,
        rule=RULE,
        about="issue 2: what happens inside accessors and generators is no violation",
        sites=(),
    ),
    one(
        "uuid4_beside_generator",
        "the generator's own helper called around the generator is seen",
        """
        from proj import ids

        def new():
            return ids.inner()
        """,
        files={
            "ids.py": """
            import uuid

            def make_id():
                return inner()

            def inner():
                return str(uuid.uuid4())  # site: here
            """,
            "app/work.py": """
            from proj import ids

            def new():
                return ids.inner()
            """,
            "test_it.py": CALL,
        },
        about="issue 2: what happens inside generators is no violation",
        sites=(Site("here", RULE, UUID4, "inner"),),
    ),
    one(
        "uuid4_outside_source",
        "a call in code outside of source, as in the tests themselves, is no site",
        "def new(): return 1\n",
        test="""
        import uuid
        from proj.app import work

        def test_it():
            assert work.new()
            assert uuid.uuid4()
        """,
        rule=RULE,
        about="contract 2: source, where ID rules hold",
        sites=(),
    ),
    one(
        "uuid4_by_library",
        "what a library calls on its own account is no site, also when source calls it; what source hands to it is",
        "",
        files={
            "ids.py": IDS,
            "/site-packages/vendor_proj/__init__.py": """
            import uuid
            from dataclasses import dataclass, field

            def new():
                return uuid.uuid4()

            def build(factory):
                return factory()

            @dataclass
            class Job:
                id: object = field(default_factory=uuid.uuid4)
            """,
            "app/work.py": """
            import uuid
            import vendor_proj

            def new():
                return vendor_proj.new(), vendor_proj.Job()

            def build():
                assert vendor_proj.Job() and vendor_proj.new()
                return vendor_proj.build(uuid.uuid4)  # site: here
            """,
            "test_it.py": """
            import uuid
            import vendor_proj
            from proj.app import work

            def test_it():
                assert work.build()

            def test_library():
                assert work.new() and vendor_proj.build(uuid.uuid4)
            """,
        },
        about="issue 2: calls from site-packages are not violations",
        sites=(Site("here", RULE, UUID4, "build"),),
    ),
    one(
        "uuid4_patched",
        "a test that replaces uuid.uuid4 makes no identifier, and none is reported",
        """
        import uuid

        def new():
            return uuid.uuid4()
        """,
        test="""
        from unittest import mock
        from proj.app import work

        def test_it():
            with mock.patch("uuid.uuid4", return_value="x"):
                assert work.new() == "x"
        """,
        rule=RULE,
        about="trap 8",
        sites=(),
    ),
    one(
        "uuid4_many",
        "a loop counts",
        """
        import uuid

        def new():
            return [uuid.uuid4() for _ in range(50)]  # site: here
        """,
        about="contract 3: an observation has a count",
        sites=(Site("here", RULE, UUID4, "new", (call(50),)),),
    ),
    one(
        "token_hex",
        "a forbidden function of another module of the standard library is seen",
        """
        import secrets

        def new():
            return secrets.token_hex(4)  # site: here
        """,
        config={"ids.proj": {"forbidden": ["secrets:token_hex"]}},
        sites=(Site("here", RULE, "secrets:token_hex", "new"),),
    ),
    one(
        "id_allowed",
        "a call in allow_in is listed as allowed",
        """
        import secrets

        def new():
            return secrets.token_urlsafe(4)  # site: here
        """,
        config={"ids.proj": {"forbidden": ["secrets:token_urlsafe"], "allow_in": ["proj.app.work"]}},
        about="contract 2: allow_in",
        sites=(Site("here", RULE, "secrets:token_urlsafe", "new", status="allowed"),),
    ),
    one(
        "c_function",
        "a forbidden function written in C is seen where the project calls it; what libraries call is a blind spot",
        """
        import os

        def new():
            return os.urandom(4)  # site: here
        """,
        config={"ids.proj": {"forbidden": ["os:urandom"]}},
        about="trap 5; issue 2: what could not be watched is a blind spot",
        sites=(Site("here", RULE, "os:urandom", "new"),),
        limits=C_CALLS,
        blind_spots={"os:urandom": "no Python code to watch"},
    ),
    one(
        "c_function_alias",
        "a forbidden function written in C is seen under a name that another module gave it before the hooks",
        "",
        files={
            "early.py": "from os import getpid as fresh\n",
            "app/work.py": """
            from proj import early

            def new():
                return early.fresh()  # site: here
            """,
            "test_it.py": CALL,
        },
        config={"ids.proj": {"forbidden": ["os:getpid"]}},
        early=("proj.early",),
        about="trap 2: every alias bound before",
        source=("app",),
        sites=(Site("here", RULE, "os:getpid", "new"),),
        limits=C_CALLS,
        blind_spots={"os:getpid": "no Python code to watch"},
    ),
    one(
        "c_function_in_a_container",
        "a forbidden function written in C, called out of a container that was filled before the hooks",
        "",
        files={
            "early.py": "import os\nSOURCES = [os.getppid]\n",
            "app/work.py": """
            from proj import early

            def new():
                return early.SOURCES[0]()  # site: here
            """,
            "test_it.py": CALL,
        },
        config={"ids.proj": {"forbidden": ["os:getppid"]}},
        early=("proj.early",),
        about="trap 2: every alias bound before",
        source=("app",),
        sites=(Site("here", RULE, "os:getppid", "new"),),
        limits=C_CALLS,
        blind_spots={"os:getppid": "no Python code to watch"},
    ),
    one(
        "c_function_pattern",
        "a forbidden pattern covers a function written in C that a module of the standard library takes from elsewhere",
        "",
        files={
            "app/work.py": """
            import os

            def new():
                return os.getppid()  # site: here
            """,
            "test_it.py": CALL,
        },
        config={"ids.proj": {"forbidden": ["os:getpp*"]}},
        about="contract 2: * matches within one dotted part",
        source=("app",),
        sites=(Site("here", RULE, "os:getppid", "new"),),
        limits=C_CALLS,
        blind_spots={"os:getppid": "no Python code to watch"},
    ),
]
