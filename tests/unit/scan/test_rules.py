"""Every rule that the scan finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Exempt

from .conftest import SHOP, Scan, found, write

ID = "out-of-band-id"
UUID = f"{ID} uuid:uuid4"
CLOCK = f"{ID} time-format"


def test_with_a_module_deprecated_all_it_defines_is(scanned: Scan) -> None:
    code = "from shop import old\nold.get_tracker()\nold.Tracker()\nprint(old.LEGACY)\nold.Tracker.LIMIT\n"
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old"])
    assert found(result, "app.py") == [
        "deprecated-import shop.old 1",
        "deprecated-use shop.old:get_tracker 2",
        "deprecated-use shop.old:Tracker 3",
        "deprecated-access shop.old:LEGACY 4",
        "deprecated-access shop.old:Tracker.LIMIT 5",
    ]


def test_what_a_deprecated_module_only_imports_is_not_deprecated(scanned: Scan) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/old.py": "from shop.fine import Fine\n",
        "shop/fine.py": "class Fine: pass\n",
        "app.py": "import shop.old\nshop.old.Fine()\n",
    }
    assert found(scanned(files, deprecated=["shop.old"])) == ["deprecated-import shop.old 1"]


FALLBACK = """\
try:
    {first}
except ImportError:
    {second}
{more}
Tracker()
"""
USED = ["deprecated-import shop.old:Tracker 4", "deprecated-use shop.old:Tracker 6"]


@pytest.mark.parametrize(
    ("first", "more", "expected"),
    [
        ("from shop.fine import Tracker", "", USED[:1]),
        ("from shop.handed import Tracker", "", USED[:1]),
        ("from shop.fine import Other", "", USED),
        ("from shop.gone import Tracker", "", USED),
        ("from library.fine import Tracker", "", USED),
        ("print()", "", USED),
        ("from shop.fine import Tracker", "import shop.old", [*USED[:1], "deprecated-import shop.old 5", *USED[1:]]),
    ],
)
def test_a_fallback_import_is_used_unless_the_first_import_is_sure(
    first: str, more: str, expected: list[str], scanned: Scan
) -> None:
    code = FALLBACK.format(first=first, second="from shop.old import Tracker", more=more)
    files = {
        **SHOP,
        "shop/fine.py": "class Tracker: pass\n",
        "shop/handed.py": "from shop.fine import Tracker\n",
        "app.py": code,
    }
    assert found(scanned(files, deprecated=["shop.old"]), "app.py") == expected


def test_who_takes_a_name_from_a_file_with_a_fallback_takes_what_the_first_import_gives(scanned: Scan) -> None:
    code = FALLBACK.format(first="import shop.fine as found", second="import shop.old as found", more="")
    files = {
        **SHOP,
        "shop/fine.py": "class Tracker: pass\n",
        "app.py": code.replace("Tracker()", "Tracker = found.Tracker"),
        "user.py": "from app import Tracker, found\nTracker()\nfound.Tracker()\n",
    }
    assert found(scanned(files, deprecated=["shop.old"])) == ["deprecated-import shop.old 4"]


def test_a_class_that_is_deprecated_too_hides_what_it_derives_from_nowhere(scanned: Scan) -> None:
    code = """
        from shop.old import Tracker, Maker
        class Book(Tracker): pass
        class Leaf(Book): pass
        class Press(Maker): pass
        def make():
            Book()
            Leaf()
            Press.make()
        """
    files = {
        **SHOP,
        "shop/old.py": SHOP["shop/old.py"] + "class Maker:\n    @classmethod\n    def make(cls): pass\n",
        "shop/book.py": code,
        "app.py": "from shop import book\nclass Mine(book.Leaf): pass\nbook.Book()\nbook.Press.make()\n",
    }
    bases = ["shop.old:Tracker", "shop.old:Maker"]
    alone = found(scanned(files, deprecated=bases), "shop/book.py")
    assert alone[2:] == [
        *(f"deprecated-base shop.old:{name} {line}" for name, line in [("Tracker", 2), ("Tracker", 3), ("Maker", 4)]),
        *(f"deprecated-use shop.old:{name} {line}" for name, line in [("Tracker", 6), ("Tracker", 7), ("Maker", 8)]),
    ]
    among = scanned(files, deprecated=[*bases, "shop.book:Book", "shop.book:Press"])
    assert found(among, "shop/book.py") == alone
    assert found(among, "app.py") == [
        "deprecated-base shop.book:Book 2",
        "deprecated-use shop.book:Book 3",
        "deprecated-use shop.book:Press 4",
    ]


def test_the_defining_module_is_no_site(scanned: Scan) -> None:
    assert found(scanned(SHOP, deprecated=["shop.old", "shop.old:Tracker"])) == []


def test_a_deprecated_property_is_used_where_it_is_read(scanned: Scan) -> None:
    code = "from shop import old\nold.Tracker().size\n"
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old:Tracker.size"])
    assert found(result, "app.py") == ["deprecated-use shop.old:Tracker.size 2"]


@pytest.mark.parametrize(
    "used", ["LEVEL", "LEVEL.upper()", "print(LEVEL)", "LEVEL[0]", "not LEVEL", "LEVEL.size", "LEVEL.fill().size"]
)
@pytest.mark.parametrize(
    ("target", "made"),
    [
        ("os:environ", "os.environ.get('LEVEL')"),
        ("shop.old:LEGACY", "old.LEGACY.copy()"),
        ("shop.old:LEGACY", "old.LEGACY.copy()[0]"),
        ("shop.old:Tracker.LIMIT", "old.Tracker.LIMIT.bit_length()"),
    ],
)
def test_what_a_constant_has_answered_is_not_the_constant(scanned: Scan, target: str, made: str, used: str) -> None:
    code = f"import os\nfrom shop import old\nLEVEL = {made}\n{used}\ndef use():\n    return {used}\n"
    result = scanned({**SHOP, "app.py": code}, deprecated=[target])
    assert found(result, "app.py") == [f"deprecated-access {target} 3"]


@pytest.mark.parametrize(
    ("target", "code", "expected"),
    [
        (
            "os:environ",
            "import os\nos.environ['A']\nos.environ.get('B')",
            ["deprecated-access os:environ 2", "deprecated-access os:environ 3"],
        ),
        (
            "logging:getLogger",
            "import logging\nlogging.getLogger()\nf = logging.getLogger",
            ["deprecated-use logging:getLogger 2"],
        ),
        ("sys:argv", "import sys\nprint(sys.argv)", ["deprecated-access sys:argv 2"]),
        (
            "textwrap",
            "import textwrap\ntextwrap.fill('x')",
            ["deprecated-import textwrap 1", "deprecated-use textwrap:fill 2"],
        ),
    ],
)
def test_a_target_of_a_library_is_judged_in_source_only(
    scanned: Scan, target: str, code: str, expected: list[str]
) -> None:
    files = {"src/app.py": code + "\n", "tests/test_a.py": code + "\n"}
    result = scanned(files, top={"source": ["src"], "scan": ["."]}, deprecated=[target])
    assert found(result) == expected
    assert {one.path for one in result.sites} == {"src/app.py"}


def test_a_pattern_covers_what_it_matches(scanned: Scan) -> None:
    code = "from shop import old\nold.get_tracker()\nold.Tracker()\n"
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.*:get_*"])
    assert found(result, "app.py") == ["deprecated-use shop.old:get_tracker 2"]


CORE = {
    "core.py": """
        class Registry:
            pass

        def _build():
            return Registry()

        def get_registry():
            return _build()
        """,
    "app.py": "import core\ncore.Registry()\nclass Sub(core.Registry): pass\nSub()\n",
}


def test_the_canonical_is_constructed_by_its_accessors_only(scanned: Scan) -> None:
    result = scanned(CORE, canonical="core:Registry", accessors=["core:get_registry"])
    assert found(result, "app.py") == ["singleton-bypass core:Registry 2", "singleton-bypass core:Registry 4"]
    inside = [one for one in result.sites if one.path == "core.py"]
    assert [(one.line, result.exempt.get(one.id)) for one in inside] == [(5, Exempt.ACCESSOR)]


def test_without_accessors_nothing_is_a_bypass(scanned: Scan) -> None:
    assert found(scanned(CORE, canonical="core:Registry")) == []


def test_what_allow_in_names_is_exempt_and_still_a_site(scanned: Scan) -> None:
    code = "from shop import old\ndef bridge(): old.Tracker()\ndef other(): old.Tracker()\n"
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old:Tracker"], allow_in=["app:bridge"])
    assert [result.exempt.get(one.id) for one in result.sites] == [Exempt.ALLOW_IN, None]


def test_inline_allows_are_given_with_the_sites_they_speak_of(scanned: Scan) -> None:
    code = """
        from shop import old
        old.Tracker()  # ssot: allow[deprecated-use] for now
        # ssot: allow[deprecated-use] above
        old.Tracker("x")
        old.Tracker("y")  # ssot: allow[deprecated-use]
        """
    files = {**SHOP, "app.py": code, "idle.py": "x = 1  # ssot: allow[deprecated-use] nothing\n"}
    result = scanned(files, deprecated=["shop.old:Tracker"])
    spoken = {one.line: result.allowed.get(one.id) for one in result.sites}
    assert {line: allow and allow.reason for line, allow in spoken.items()} == {2: "for now", 4: "above", 5: None}
    assert [(one.path, one.line, one.problem is None) for one in result.allows] == [
        ("app.py", 2, True),
        ("app.py", 3, True),
        ("app.py", 5, False),
        ("idle.py", 1, True),
    ]


def test_more_than_one_competing_module_is_a_site_each(scanned: Scan) -> None:
    files = {"a.py": "", "b.py": "x = 1\n", "c.py": ""}
    assert found(scanned(files, competing=["a", "b", "gone"])) == ["competing-modules a 1", "competing-modules b 1"]
    assert found(scanned(files, competing=["a", "gone"])) == []


IDS = {"generators": ["ids:new"], "forbidden": ["uuid:uuid4"], "patterns": ["time-format"]}
GENERATOR = {
    "ids.py": """
        import uuid

        def new():
            return _inner()

        def _inner():
            return str(uuid.uuid4())
        """
}


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import uuid\nuuid.uuid4()", [2]),
        ("from uuid import uuid4 as u\nstr(u())", [2]),
        ("import uuid\nx = uuid.uuid4().hex[:8]", [2]),
        ("import uuid\nf'{uuid.uuid4()}'", [2]),
        ("from uuid import uuid4\nclass A:\n    id = Field(default_factory=uuid4)", [3]),
        ("import uuid\nclass A:\n    id = Column(UUID, primary_key=True, default=uuid.uuid4)", [3]),
        ("import uuid\nclass A:\n    id = field(default_factory=lambda: str(uuid.uuid4()))", [3]),
        ("import uuid\ndef f(make=uuid.uuid4): ...", [2]),
        ("import uuid\nmakers = [uuid.uuid4]", [2]),
        ("import uuid\nmake = uuid.uuid4\nmake()", [3]),
        ("import uuid\ndef f(uuid): uuid.uuid4()", []),
        ("import uuid\nuuid.UUID('x')", []),
        ("import ids\nids.new()", []),
    ],
)
def test_a_forbidden_source_of_ids_is_found_however_it_is_reached(scanned: Scan, code: str, lines: list[int]) -> None:
    result = scanned({**GENERATOR, "app.py": code + "\n"}, ids=IDS)
    assert found(result) == [f"{UUID} {line}" for line in lines]


@pytest.mark.parametrize(
    "code",
    [
        'x = f"run_{int(time.time() * 1000)}"',
        'x = f"{a}_{b}_{int(time.time())}"',
        'x = f"{a}_{time.time_ns()}"',
        'x = "run_%d" % int(time.time())',
        'x = "%s_%s" % (a, int(time.time() * 1000))',
        'x = "{}_{}".format(a, int(time.time()))',
        'x = "run_" + str(int(time.time() * 1000))',
        'x = a + "_" + str(round(time.time()))',
        'x = "_".join([a, str(int(time.time()))])',
        'x = f"{a}_{datetime.now().timestamp()}"',
        'x = f"{a}_{datetime.now(timezone.utc).strftime(fmt)}"',
        'x = f"{a}_{datetime.utcnow():%Y%m%d%H%M%S}"',
        'x = f"{a}_{time.strftime(fmt)}"',
        'ts = int(time.time() * 1000)\n    x = f"{a}_{ts}"',
        'now = datetime.now()\n    x = f"{a}_{now.strftime(fmt)}"',
        'start = time.time()\n    x = f"{a}_{int(start * 1000)}"',
        'x = f"{a}_{int(time.time())}"\n    log.info(x)\n    return x',
        'ts = f"{int(time.time())}"\n    x = a + ts',
        'x = a + "%d" % int(time.time())',
        'x = a + "{}".format(time.time_ns())',
        'x = "_".join([a, f"{int(time.time())}"])',
        "x = a + time.strftime(fmt, time.gmtime())",
        "now = time.localtime(time.time())\n    x = a + time.strftime(fmt, now)",
        'x = f"{a}_{str(time.time()).replace(".", "")}"'
        if __import__("sys").version_info >= (3, 12)
        else 'x = f\'{a}_{str(time.time()).replace(".", "")}\'',
    ],
)
def test_an_id_built_from_the_clock_is_found(scanned: Scan, code: str) -> None:
    head = "import time\nfrom datetime import datetime, timezone\ndef make(a, b, fmt, log):\n    "
    result = scanned({"app.py": head + code + "\n"}, ids=IDS)
    line = 4 + code[: code.index("x = ")].count("\n")
    assert found(result) == [f"{CLOCK} {line}"]


IDENTIFIERS = """
import hashlib
import time
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from hashlib import sha256
from time import monotonic, perf_counter as tick, time_ns


"""


@pytest.mark.parametrize(
    "code",
    [
        # hashed, and returned as an identifier
        "def _generate_request_id(self):\n    return hashlib.md5(datetime.now().isoformat().encode()).hexdigest()",
        "def make_id(user):\n    return sha256(f'{user}{datetime.utcnow()}'.encode()).hexdigest()[:12]",
        "def new_token():\n    at = str(time.time()).encode()\n    return hashlib.new('md5', at).hexdigest()",
        "def cacheKey():\n    return b64encode(str(time_ns()).encode()).decode()",
        "def new_id(a):\n    return str(uuid.uuid5(uuid.NAMESPACE_DNS, datetime.now(timezone.utc).isoformat()))",
        "def new_id(a):\n    h = hashlib.sha1()\n    h.update(str(time.time()).encode())\n    return h.hexdigest()",
        "def new_id(a):\n    return uuid.uuid5(a, str(tick())).hex",
        # as it is
        "def request_id():\n    return datetime.now().isoformat()",
        "def request_id():\n    return f'req-{datetime.now().isoformat()}'",
        "def request_id():\n    return 'req-' + datetime.now().isoformat()",
        "def request_id():\n    return 'req-%s' % datetime.now().isoformat()",
        "def request_id():\n    return 'req-{}'.format(datetime.now())",
        "def request_id():\n    return '-'.join(['req', datetime.now().isoformat()])",
        "def requestid():\n    now = datetime.now()\n    return now.isoformat().replace(':', '')",
        "def next_id():\n    return int(time.time() * 1000)",
        "def next_id():\n    return time_ns()",
        "def next_id():\n    return str(monotonic())",
        "def next_uid():\n    return hex(time.perf_counter_ns())",
        # stored under a name
        "def f(a):\n    session_key = datetime.now().isoformat()\n    return session_key",
        "def f(a):\n    a.trace_id = f'{a.name}@{datetime.now()}'",
        "def f(a):\n    a['token'] = hashlib.md5(datetime.now().isoformat().encode()).hexdigest()",
        "def f(a):\n    return {'request_id': datetime.now().isoformat()}",
        "def f(a):\n    return a(correlation_id=datetime.now().isoformat())",
        "def f(a):\n    runId, other = datetime.now().isoformat(), 1\n    return runId, other",
        "def f(a):\n    key: str = datetime.now().isoformat()\n    return key",
        "def f(a):\n    request_id = 'req-'\n    request_id += datetime.now().isoformat()\n    return request_id",
        "def f(a):\n    if (run_id := str(datetime.now())):\n        return run_id",
        "@dataclass\nclass A:\n    id: str = field(default_factory=lambda: datetime.now().isoformat())",
        "class A:\n    request_id = str(time_ns())",
        "new_id = lambda: str(time_ns())",
        # in other text, under any name
        "def f(a):\n    return f'{a}_{monotonic()}'",
        "def f(a):\n    name = f'{a}-{int(tick() * 1000)}'\n    return name",
        "def f(a):\n    return a + str(time.monotonic_ns())",
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_clock_that_is_returned_as_an_identifier_or_stored_as_one_is_found(
    scanned: Scan, code: str, whole: bool
) -> None:
    result = scanned({"app.py": IDENTIFIERS + code + "\n"}, ids=IDS, options={"whole": whole})
    assert len(found(result)) == 1
    assert found(result)[0].startswith(CLOCK)


@pytest.mark.parametrize(
    "code",
    [
        "def f(a):\n    started = tick()\n    a.run()\n    return tick() - started",
        "def f(a):\n    a.info(f'took {tick() - a.started:.3f} s')",
        "def f(a):\n    a.info(f'{a.id} at {monotonic()}')",
        "def f(a):\n    took = f'{tick() - a.started:.2f}s'\n    return took",
        "def f(a):\n    deadline = monotonic() + 30\n    while monotonic() < deadline:\n        a()",
        "def f(a):\n    return {'id': a.id, 'timestamp': datetime.now().isoformat()}",
        "def f(a):\n    a.created_at = datetime.now().isoformat()\n    return a",
        "def f(a):\n    return datetime.now().isoformat()",
        "def get_by_id(a, id):\n    return {'value': a[id], 'at': datetime.now().isoformat()}",
        "def token_expires_at(a):\n    return (datetime.now() + a).isoformat()",
        "def token_expiry(a):\n    return time.time() + a",
        "def key_updated(a):\n    return datetime.now().isoformat()",
        "def f(a):\n    id_time = datetime.now().isoformat()\n    return id_time",
        "def f(a):\n    date_key = datetime.now().strftime('%Y-%m-%d')\n    return date_key",
        "def f(a):\n    key = int(time.time() // 60)\n    return a[key]",
        "def f(a):\n    width = valid = monkey = str(time_ns())\n    return width, valid, monkey",
        "def f(a):\n    return hashlib.md5(a.isoformat().encode()).hexdigest()",
        "def make_id(a):\n    return hashlib.md5(a.name.encode()).hexdigest()",
        "def make_id(a):\n    at = time.time()\n    a.at = at\n    return a.name",
        "def make_id(a):\n    print(datetime.now().isoformat())\n    return a.name",
        "def make_id(a):\n    return datetime(2020, 1, 1).isoformat()",
        "def f(a):\n    return sorted(a, key=lambda one: time.time() - one.at)",
        "def f(a):\n    return a.set(key='x', value=datetime.now().isoformat())",
        "def f(a):\n    seed = hash(time.time())\n    return seed",
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_clock_that_measures_dates_or_orders_is_no_identifier(scanned: Scan, code: str, whole: bool) -> None:
    assert found(scanned({"app.py": IDENTIFIERS + code + "\n"}, ids=IDS, options={"whole": whole})) == []


def test_a_constant_that_a_pattern_covers_is_handed_on_freely(scanned: Scan) -> None:
    code = "import uuid\nfrom lib import ids\ndef f(make):\n    make(uuid.NAMESPACE_DNS, ids.PREFIX, uuid.uuid4)\n"
    files = {"lib/ids.py": "PREFIX = 'a'\ndef new(): pass\n", "app.py": code}
    assert found(scanned(files, ids={"forbidden": ["uuid:*", "lib.ids:*"]}), "app.py") == [f"{UUID} 4"]


@pytest.mark.parametrize(
    "code",
    [
        'print(f"{a} at {time.time()}")',
        'log.info(f"done {int(time.time())}")',
        'logger.warning("at %s" % time.time())',
        'raise ValueError(f"late: {time.time()}")',
        'assert a, f"late: {time.time()}"',
        'x = f"took {time.time() - a:.2f}s"',
        'took = time.time() - a\n    x = f"{took}"',
        'x = f"{a}_{b}"',
        "x = str(int(time.time()))",
        'x = f"{int(time.time())}"',
        "x = int(time.time() * 1000)",
        'message = f"now {time.time()}"\n    log.info(message)',
        'x = f"{datetime(2020, 1, 1).strftime(fmt)}_a"',
        'x = f"{a.timestamp()}_a"',
        "x = time.strftime(fmt, time.localtime(b)) + a",
        'x = "%d" % int(time.time())',
        "x = {'at': time.time()}",
    ],
)
def test_a_clock_that_makes_no_id_is_none(scanned: Scan, code: str) -> None:
    head = "import time\nfrom datetime import datetime, timezone\ndef make(a, b, fmt, log, logger):\n    "
    assert found(scanned({"app.py": head + code + "\n"}, ids=IDS)) == []


@pytest.mark.parametrize(
    ("definition", "lines"),
    [
        ("def new(make=uuid4): ...", []),
        ("def new(*, make=uuid4): ...", []),
        ("async def new(make=lambda: uuid4()): ...", []),
        ("@traced\ndef new(first, make=uuid4): ...", []),
        ("def other(make=uuid4): ...", [3]),
        ("@traced(uuid4())\ndef new(): ...", [3]),
    ],
)
def test_what_a_generator_has_as_a_default_of_its_own_is_no_site(
    definition: str, lines: list[int], scanned: Scan
) -> None:
    code = f"from uuid import uuid4\nfrom util import traced\n{definition}\n"
    result = scanned({"gen.py": code}, ids={**IDS, "generators": ["gen:new"]})
    assert found(result) == [f"{UUID} {line}" for line in lines]


def test_ids_are_judged_in_source_and_outside_the_generators_only(scanned: Scan) -> None:
    code = 'import uuid, time\ndef make():\n    return uuid.uuid4(), f"a_{time.time()}"\n'
    files = {"src/app.py": code, "src/gen.py": code, "tests/test_a.py": code}
    ids = {**IDS, "generators": ["gen:make"]}
    result = scanned(files, ids=ids, top={"source": ["src"], "scan": ["."]})
    assert {one.path for one in result.sites} == {"src/app.py"}
    assert found(result) == [f"{CLOCK} 3", f"{UUID} 3"]


def test_an_object_that_is_made_an_instance_of_a_deprecated_class_is_a_use_of_it(scanned: Scan) -> None:
    code = "from shop import old\ndef make(thing):\n    thing.__class__ = old.Tracker\n    thing.kind = old.Tracker\n"
    assert found(scanned({**SHOP, "app.py": code}, deprecated=["shop.old:Tracker"])) == [
        "deprecated-use shop.old:Tracker 3"
    ]


def test_a_deprecated_class_handed_on_as_a_factory_is_no_use_of_it_and_its_import_is_a_site(scanned: Scan) -> None:
    code = """
        from collections import defaultdict
        from dataclasses import dataclass, field
        from shop.old import Tracker

        made = defaultdict(Tracker)

        @dataclass
        class Order:
            tracker: Tracker = field(default_factory=Tracker)
        """
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old:Tracker"])
    assert found(result) == ["deprecated-import shop.old:Tracker 3"]


def test_a_class_that_a_library_imports_when_it_is_asked_for_is_no_constant(
    scanned: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy = """
        _WHERE = {"Model": (__name__, ".main"), "Field": ".fields", "LIMIT": ".limits"}

        def __getattr__(name):
            raise AttributeError(name)
        """
    write(tmp_path / "libraries", {"lazy_library/__init__.py": lazy})
    monkeypatch.syspath_prepend(tmp_path / "libraries")
    files = {
        "app.py": """
        import lazy_library
        from lazy_library import Field, Model

        def check(value):
            return isinstance(value, Model) or value is Field or value == lazy_library.LIMIT

        def make():
            return Model()
        """
    }
    targets = ["lazy_library:Model", "lazy_library:Field", "lazy_library:LIMIT"]
    assert found(scanned(files, deprecated=targets), "app.py") == [
        "deprecated-import lazy_library:Field 2",
        "deprecated-import lazy_library:Model 2",
        "deprecated-access lazy_library:LIMIT 5",
        "deprecated-use lazy_library:Model 8",
    ]


def test_a_library_may_lie_in_folders_of_folders_without_init(
    scanned: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "libraries", {"vendor/inner/limits.py": "LEVEL = 1\n\n\ndef Level():\n    pass\n"})
    monkeypatch.syspath_prepend(tmp_path / "libraries")
    code = "import vendor.inner.limits\nprint(vendor.inner.limits.LEVEL, vendor.inner.limits.Level)\n"
    targets = ["vendor.inner.limits:LEVEL", "vendor.inner.limits:Level"]
    result = scanned({"app.py": code}, deprecated=targets)
    assert found(result) == ["deprecated-access vendor.inner.limits:LEVEL 2"]


def test_a_text_names_a_module_or_name_of_a_library_below_a_package(scanned: Scan) -> None:
    code = """
        from importlib import import_module
        from unittest import mock

        import_module("library.server.engine")
        import_module("library.server.engine.deep")
        import_module("library.server")
        mock.patch("library.types.Product")
        mock.patch("library.types.Product.name")
        mock.patch("library.types.Other")
        """
    result = scanned({"app.py": code}, deprecated=["library.server.engine", "library.types:Product"])
    assert found(result, "app.py") == [
        "deprecated-import library.server.engine 4",
        "deprecated-import library.server.engine 5",
        "deprecated-import library.types:Product 7",
        "deprecated-import library.types:Product 8",
    ]
