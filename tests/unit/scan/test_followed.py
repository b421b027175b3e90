"""What is used through containers, loops, branches, results and annotations is followed to what it is."""

from __future__ import annotations

import sys

import pytest

from .conftest import SHOP, Scan, found

IMPORTS = "import asyncio, contextlib, copy, functools, pytest, re, typing; from shop import old\n"


def sites(scanned: Scan, code: str, target: str, **options: object) -> list[str]:
    """Return the sites of a file of `code`, without their rule and target: the lines, counted from the first of it."""
    result = scanned({**SHOP, "app.py": IMPORTS + code + "\n"}, deprecated=[target], options=options)
    return [str(site.line - 1) for site in result.sites if site.path == "app.py"]


THROUGH = [
    "first, *rest = old.Tracker, 1\nfirst()",
    "*rest, last = 1, old.Tracker\nlast()",
    "*rest, last = 1, old.Tracker\nfor each in rest: each()",
    "one, (two, three) = 1, (2, old.Tracker)\nthree()",
    "pair = one, two = 1, old.Tracker\ntwo()",
    "pair = 1, old.Tracker\npair[1]()",
    "table = {'a': old.Tracker}\ntable['a']()",
    "table = {'a': old.Tracker}\ntable[name]()",
    "table = {'a': old.Tracker}\ntable.get('a')()",
    "table = {name: old.Tracker}\ntable['a']()",
    "table = {**{'a': old.Tracker}}\ntable['a']()",
    "table = dict(a=old.Tracker)\ntable['a']()",
    "table = {}\ntable['a'] = old.Tracker; table['a']()",
    "table = {}\ntable.update({'a': old.Tracker}); table['a']()",
    "table = {}\ndef add(): table['a'] = old.Tracker\ndef use(): table['a']()",
    "row = []\nrow.append(old.Tracker); row[0]()",
    "row = []\nrow += [old.Tracker]; row[0]()",
    "row = [old.Tracker]\nrow.pop()()",
    "row = [1] + [old.Tracker]\nrow[-1]()",
    "row = [*[old.Tracker]]\nrow[0]()",
    "row = [old.Tracker]\nrow[:1][0]()",
    "row = sorted([old.Tracker])\nnext(iter(row))()",
    "for cls in (old.Tracker, int):\n    cls()",
    "for name, cls in [('a', old.Tracker)]:\n    cls()",
    "for name, cls in {'a': old.Tracker}.items():\n    cls()",
    "for cls in {'a': old.Tracker}.values():\n    cls()",
    "for place, cls in enumerate([old.Tracker]):\n    cls()",
    "for place, cls in zip([1], [old.Tracker]):\n    cls()",
    "row = [old.Tracker for _ in range(3)]\nrow[0]()",
    "table = {name: old.Tracker for name in 'ab'}\ntable['a']()",
    "row = [[old.Tracker]]\n[cls() for inner in row for cls in inner]",
    "rows = {'a': [old.Tracker]}\nrows['a'][0]()",
    "with contextlib.nullcontext(old.Tracker) as cls:\n    cls()",
    "cls = copy.copy(old.Tracker)\ncls()",
    "make = functools.lru_cache(old.Tracker)\nmake()",
    "class Log: make = staticmethod(old.Tracker)\nLog.make()",
    "class Log:\n    rows = [old.Tracker]\n    def note(self): [cls() for cls in self.rows]",
    "class Log:\n    @classmethod\n    def set(cls): cls.make = old.Tracker\nLog.make()",
    "cls = int\nfor _ in range(2): cls(); cls = old.Tracker",
    "match old.Tracker:\n    case cls: cls()",
    "match (1, old.Tracker):\n    case (_, cls): cls()",
    "match {'a': old.Tracker}:\n    case {'a': cls}: cls()",
    "def choose(): return old.Tracker\nchoose()()",
    "def choose(): yield old.Tracker\nfor cls in choose(): cls()",
    "@contextlib.contextmanager\ndef lend(): yield old.Tracker\nwith lend() as cls: cls()",
    "@pytest.mark.parametrize('cls', [old.Tracker, int])\ndef test_it(cls): cls()",
    "@pytest.mark.parametrize('n, cls', [(1, old.Tracker)])\ndef test_it(n, cls): cls()",
    "@pytest.mark.parametrize(['n', 'cls'], [pytest.param(1, old.Tracker, id='x')])\ndef test_it(n, cls): cls()",
    "@pytest.mark.parametrize('cls', argvalues=[old.Tracker])\ndef test_it(cls): cls()",
    "@pytest.mark.parametrize(argvalues=[old.Tracker], argnames='cls')\ndef test_it(cls): cls()",
    "@pytest.mark.parametrize('cls', [pytest.param(old.Tracker)])\ndef test_it(cls): cls()",
    "@pytest.mark.parametrize('cls', [old.Tracker])\nclass TestIt:\n    def test_it(self, cls): cls()",
    "@pytest.fixture\ndef cls(): return old.Tracker\ndef test_it(cls): cls()",
    "@pytest.fixture()\ndef cls(): yield old.Tracker\ndef test_it(cls): cls()",
    "row = [old.Tracker]\nclass Log(*row): pass",
    "row = (old.Tracker,)\ntype('Log', row, {})",
    "log = old.Tracker\nlog.__call__()",
]


@pytest.mark.parametrize("code", THROUGH)
def test_a_class_that_goes_through_a_container_a_loop_or_a_result_is_used_where_it_is_called(
    code: str, scanned: Scan
) -> None:
    assert sites(scanned, code, "shop.old:Tracker") == [str(code.count("\n") + 1)]
    assert sites(scanned, code, "shop.old:Tracker", whole=False) == [str(code.count("\n") + 1)]


@pytest.mark.parametrize(
    "code",
    [
        "one, two = 1, old.Tracker\none()",
        "pair = int, old.Tracker\npair[0]()",
        "for make, cls in [(int, old.Tracker)]:\n    make()",
        "table = {'a': old.Tracker, 'b': int}\ntable['b']()",
        "for name in {'a': old.Tracker}:\n    name()",
        "row = [old.Tracker]\nrow()",
        "row = [old.Tracker]\nrow.index(1)()",
        "row = [old.Tracker]\nprint(row, len(row), row[0], row == [int])",
        "@pytest.mark.parametrize('make, cls', [(int, old.Tracker)])\ndef test_it(make, cls): make()",
        "match (int, old.Tracker):\n    case (make, _): make()",
        "def choose(): return old.Tracker\nchoose()",
        "row = [old.Tracker]\nisinstance(1, tuple(row))",
    ],
)
def test_what_is_taken_from_beside_it_or_not_called_is_no_use(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old:Tracker") == []


@pytest.mark.parametrize(
    "code",
    [
        "old.Tracker().run()",
        "copy.copy(old.Tracker()).run()",
        "row = [old.Tracker()]\nrow[0].run()",
        "for log in [old.Tracker()]:\n    log.run()",
        "def use(log: typing.Union[int, old.Tracker]): log.run()",
        "def use(log: typing.Annotated[old.Tracker, 1]): log.run()",
        "def use(logs: list[old.Tracker]): logs[0].run()",
        "def use(logs: 'typing.Sequence[old.Tracker]'):\n    for log in logs: log.run()",
        "def use(logs: dict[str, old.Tracker]): logs['a'].run()",
        "def use(logs: dict[str, list[old.Tracker]]): logs['a'][0].run()",
        "def use(pair: tuple[int, old.Tracker]): pair[1].run()",
        "def use(logs: tuple[old.Tracker, ...]): logs[3].run()",
        "def use(*logs: old.Tracker):\n    for log in logs: log.run()",
        "def use(**logs: old.Tracker): logs['a'].run()",
        "def use(cls: type[old.Tracker]): cls().run()",
        "def use(log):\n    if isinstance(log, old.Tracker): log.run()",
        "def use(log):\n    if log and isinstance(log, (int, old.Tracker)): log.run()",
        "def use(log):\n    return isinstance(log, old.Tracker) and log.run()",
        "def use(log):\n    return log.run() if isinstance(log, old.Tracker) else 1",
        "def use(log):\n    assert isinstance(log, old.Tracker); log.run()",
        "def use(log):\n    match log:\n        case old.Tracker() as it: it.run()",
        "def use(log): typing.cast(old.Tracker, log).run()",
        "try: pass\nexcept old.Tracker as log: log.run()",
        "try: pass\nexcept (ValueError, old.Tracker) as log: log.run()",
        "def use(log): typing.cast('old.Tracker', log).run()",
        "def make() -> old.Tracker: ...\nmake().run()",
        "def make(): return old.Tracker()\nlog = make(); log.run()",
        "def make() -> typing.Iterator[old.Tracker]: ...\nfor log in make(): log.run()",
        "@contextlib.contextmanager\ndef lend() -> typing.Iterator[old.Tracker]: ...\nwith lend() as log: log.run()",
        "class Log:\n    def get(self): return old.Tracker()\n    def use(self): self.get().run()",
        "class Log:\n    @property\n    def it(self) -> old.Tracker: ...\n    def use(self): self.it.run()",
        "class A:\n    @classmethod\n    def set_up(cls): cls.log = old.Tracker()\n    def test(self): self.log.run()",
        "@pytest.fixture\ndef log(): return old.Tracker()\ndef test_it(log): log.run()",
    ],
)
def test_a_method_is_used_where_the_file_says_of_what_class_the_object_is(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old:Tracker.run") == [str(code.count("\n") + 1)]


@pytest.mark.parametrize(
    "code",
    [
        "def use(log):\n    if isinstance(log, old.Tracker): pass\n    log.run()",
        "def use(log):\n    if not isinstance(log, old.Tracker): log.run()",
        "def use(log):\n    if isinstance(log, old.Tracker):\n        log = int; log.run()",
        "def use(logs: list[old.Tracker]): logs.run()",
        "def use(log: typing.Callable[[], old.Tracker]): log.run()",
    ],
)
def test_a_method_of_something_else_is_no_use(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old:Tracker.run") == []


@pytest.mark.parametrize(
    "code",
    [
        "list(map(old.get_tracker, []))",
        "sorted([], key=old.get_tracker)",
        "[].sort(key=old.get_tracker)",
        "max([], key=old.get_tracker)",
        "functools.reduce(old.get_tracker, [])",
        "re.sub('a', old.get_tracker, 'b')",
        "pytest.raises(ValueError, old.get_tracker, 1)",
        "asyncio.to_thread(old.get_tracker)",
        "pool.submit(old.get_tracker, 1)",
        "loop.run_in_executor(None, old.get_tracker)",
        "loop.call_later(1, old.get_tracker)",
    ],
)
def test_what_is_called_at_once_by_what_it_is_handed_to_is_a_use_there(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old:get_tracker") == ["1"]


@pytest.mark.parametrize(
    "code",
    ["print(old.get_tracker)", "map(int, [old.get_tracker])", "re.sub(old.get_tracker, 'a', 'b')", "sorted(old.make)"],
)
def test_what_is_only_handed_on_is_no_use(code: str, scanned: Scan) -> None:
    assert sites(scanned, code, "shop.old:get_tracker") == []


@pytest.mark.parametrize("whole", [True, False])
def test_what_a_function_of_another_file_gives_back_is_followed(whole: bool, scanned: Scan) -> None:
    files = {
        **SHOP,
        "shop/make.py": """
        from shop import old

        SHARED = old.Tracker()
        ROW = [old.Tracker]

        def told() -> old.Tracker: ...

        def given():
            return old.Tracker()

        class Maker:
            def make(self):
                return old.Tracker()
        """,
        "shop/more.py": "from shop.make import Maker\n\nclass More(Maker): pass\n",
        "app.py": """
        from shop import make, more
        from shop.make import given
        make.told().run()
        given().run()
        make.Maker().make().run()
        more.More().make().run()
        make.SHARED.run()
        make.given()
        """,
    }
    result = scanned(files, deprecated=["shop.old:Tracker.run"], options={"whole": whole})
    assert found(result, "app.py") == [f"deprecated-use shop.old:Tracker.run {line}" for line in range(3, 8)]


@pytest.mark.parametrize("whole", [True, False])
def test_what_a_container_of_another_file_holds_is_followed(whole: bool, scanned: Scan) -> None:
    files = {
        **SHOP,
        "shop/table.py": """
        from shop import old

        TABLE = {"a": old.Tracker}
        ROW = (old.Tracker, int)

        class Log:
            rows = [old.Tracker]

        def choose(): return old.Tracker
        """,
        "shop/more.py": "from shop.table import *\nfrom shop.table import TABLE as KNOWN\n",
        "app.py": """
        from shop import more, table
        from shop.table import ROW, TABLE
        TABLE["a"]()
        for cls in ROW: cls()
        for cls in table.TABLE.values(): cls()
        for name, cls in table.TABLE.items(): cls()
        table.TABLE.get("b")()
        [cls() for cls in table.Log.rows]
        more.KNOWN["a"]()
        more.ROW[0]()
        table.choose()()
        print(TABLE, ROW, table.TABLE, TABLE["a"], ROW[0], len(ROW), TABLE.get("a"))
        name()
        """,
    }
    result = scanned(files, deprecated=["shop.old:Tracker"], options={"whole": whole})
    assert found(result, "app.py") == [f"deprecated-use shop.old:Tracker {line}" for line in range(3, 12)]
    assert found(result, "shop/more.py") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("size = log.size\nprint(size, size[0], size.real, size())", ["2"]),
        ("size = log.size.real\nsize.real", ["2"]),
        ("def use(size=log.size): size.real", ["2"]),
        ("other = log\nother.size", ["3"]),
        ("log.size.real()\nprint([log.size])", ["2", "3"]),
        ("for each in log.size: each.size", ["2"]),
    ],
)
def test_a_property_is_used_where_it_is_read_and_not_where_its_value_is(
    code: str, expected: list[str], scanned: Scan
) -> None:
    assert sites(scanned, f"log = old.Tracker()\n{code}", "shop.old:Tracker.size") == expected


@pytest.mark.parametrize(
    "code",
    [
        "for level in (old.LEGACY, 2): \n    print(level)",
        "levels = [old.LEGACY]\nprint([level for level in levels], levels[0])",
        "one, *rest = old.LEGACY, 2\nprint(one)",
        "@pytest.mark.parametrize('level', [old.LEGACY])\ndef test_it(level): print(level)",
        "@pytest.fixture\ndef level(): return old.LEGACY\ndef test_it(level): print(level)",
        "def get(): return old.LEGACY\nlevel = get()\nprint(level)",
    ],
)
def test_a_constant_is_read_where_it_is_put_and_not_where_it_comes_out_again(code: str, scanned: Scan) -> None:
    assert len(sites(scanned, code, "shop.old:LEGACY")) == 1
    assert len(sites(scanned, code.replace("LEGACY", "Tracker.LIMIT"), "shop.old:Tracker.LIMIT")) == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement exists from 3.12 on")
def test_a_type_alias_is_another_name(scanned: Scan) -> None:
    code = "type Log = old.Tracker\ndef use[T](log: Log, other: T): log.run()"
    assert sites(scanned, code, "shop.old:Tracker.run") == ["2"]
