"""Random programs give the same results after `fix` as before, and a second `fix` changes nothing.

The old functions and classes and their replacements do the same under other names, with other parameters in another
order. Each program notes what it is given, what it gets back, and in which order arguments are evaluated.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_ssot_tracker.fix import Fixes, fix
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import load

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["planted"]
scan   = ["planted"]

[tool.ssot_tracker.ssot.x]
canonical  = "planted.new:Tracker"
deprecated = ["planted.old"]

[tool.ssot_tracker.ssot.x.replace]
"planted.old:Log"                   = "planted.new:Tracker"
"planted.old:Log.note(text, level)" = "planted.new:Tracker.record(severity=level, message=text)"
"planted.old:Log.size"              = "planted.new:Tracker.width"
"planted.old:add(a, b, c)"          = "planted.new:total(c, b, a)"
"planted.old:one(a, unused)"        = "planted.new:single(value=a)"
"planted.old:LIMIT"                 = "planted.new:MAXIMUM"
"planted.old:Wrong"                 = "planted.new:Failure"
"planted.old:same"                  = "planted.new:equal"
"""
OLD = """\
from planted.new import given

LIMIT = 7

class Wrong(Exception):
    pass

class Log:
    size = 4

    def __init__(self, name="n"):
        self.name = name

    def note(self, text, level=0):
        return ["note", self.name, text, level]

    def close(self):
        return ["close", self.name]

def add(a, b=1, *, c=2):
    return ["add", a, b, c]

def one(a, unused=None):
    return ["one", a]

def same(a, *rest, **named):
    return ["same", a, rest, sorted(named.items())]

def handed(a, b="b"):
    return given("handed", b, a)

def fail():
    raise Wrong("no")
"""
NEW = """\
MAXIMUM = 7

class Failure(Exception):
    pass

class Tracker:
    width = 4

    def __init__(self, name="n"):
        self.name = name

    def record(self, severity=0, message=None):
        return ["note", self.name, message, severity]

    def close(self):
        return ["close", self.name]

def total(c=2, b=1, a=None):
    return ["add", a, b, c]

def single(*, value):
    return ["one", value]

def equal(a, *rest, **named):
    return ["same", a, rest, sorted(named.items())]

def given(what, b, a):
    return [what, a, b]
"""
NAMES = ("Log", "add", "one", "same", "handed", "LIMIT", "Wrong")
NEW_NAMES = ("Tracker", "total", "single", "equal", "given", "MAXIMUM", "Failure", "new", "old", "planted")
TAKEN = st.sampled_from([*NAMES, *NEW_NAMES, "x", "log"])


HAND_MADE = r"""
Log Wrong:
class C{n}:
    {other} = 1
log = {old}('l') if x else C{n}()
out(log.__class__ is C{n})

Log:
class C{n}:
    def note(self, *given):
        return given
log = {old}()
out(log.note(1))
log = C{n}()
out(log.note({value}))

Log:
class C{n}:
    def note(self, *given):
        return given
log = C{n}() if x else {old}()
out(log.note({value}, 2))

Log:
class C{n}:
    def record(self, *given):
        return given
class D{n}(C{n}, {old}):
    pass
out(D{n}().note(1))

Log:
class C{n}({old}):
    def {other}(self):
        return super().note({value})
out(C{n}('c').{other}())

Log:
class C{n}({old}):
    width = 3
    def go(self):
        return self.size, self.note(1)
out(C{n}().go())

Log:
log = {old}('l')
log.record = lambda *given, **named: 'set'
out(log.note(1))

Log:
log = {old}('l')
log.size = {value}
out(log.size, {old}.size)

Log:
out(getattr({old}('g'), 'no' + 'te')(1))

Log:
match {old}('m'):
    case {old}(size=4):
        out('four')
    case {old}() as {other}:
        out('other')

Log:
out('{{0.size}} {{0.name}}'.format({old}('f')))

Log:
import contextlib
with contextlib.nullcontext({old}('w')) as {other}:
    out({other}.note(1))

Log:
def f{n}(log: {old} | int):
    return log if isinstance(log, int) else log.note({value})
out(f{n}(3), f{n}({old}()))

Log:
def f{n}(*logs: {old}, **named):
    return [log.close() for log in logs]
out(f{n}({old}(), {old}('b')))

Log:
class C{n}:
    log = None
    @classmethod
    def get(cls):
        cls.log = cls.log or {old}('s')
        return cls.log
out(C{n}.get().note({value}))

add one same:
out(eval('{old}(1)'))

add one same:
out(globals()[{old!r}](1))

add one same:
class C{n}:
    go = {old}
out(C{n}.go(1))

add one same:
import functools
out(functools.partial({old}, 1)())

add one same:
def f{n}(call=lambda: {old}({value})):
    {other} = 4
    return call()
out(f{n}())

add one same:
out(f'{{{old}(1)=}}')

add one same:
out([{old}({other}) for {other} in (1, 2) if {old}({other})])

add one same:
out((lambda {other}: {old}({other}))(1))

add one same:
def f{n}(*{other}):
    def g():
        nonlocal {other}
        {other} = 1
        return {old}({other})
    return g()
out(f{n}())

add one same:
@(lambda f: {old}(f()))
def f{n}():
    return {value}
out(f{n})

add one same LIMIT:
if not x:
    {old} = None
out({old} is None)

add one same LIMIT:
try:
    {other} = {old}
finally:
    out(shown({other}))

add one same LIMIT Log Wrong:
from planted.new import *
out(total(3))

add one same:
import planted.old as set_{n}
kept_{n} = set_{n}.same
set_{n}.same = max
out(set_{n}.same(1, 2))
set_{n}.same = kept_{n}

LIMIT:
out('%(LIMIT)s' % {{'LIMIT': {old}}}, f'{{3:{{{old}}}d}}')

Wrong:
class W{n}({old}):
    pass
try:
    raise W{n}(1)
except (ValueError, {old}) as {other}:
    out(len({other}.args))

Wrong:
def f{n}():
    raise {old}
try:
    f{n}()
except Exception as error:
    out(isinstance(error, {old}))
""".strip().split("\n\n")
"""What a program may do with a name beside calling it; each is for the old names in its first line."""


@st.composite
def values(draw: st.DrawFn, spelled: dict[str, str], depth: int = 2) -> str:
    """Return an expression that uses old names as they are `spelled` here."""
    plain = st.one_of(
        st.integers(0, 9).map(str),
        st.sampled_from(["'t'", "x", "(x)", "mark(1)", "mark(2)", "[y for y in (1, 2)]", "lambda: 3"]),
    )
    if depth == 0 or not spelled:
        return draw(plain)
    inner = values(spelled, depth - 1)
    kind = draw(st.sampled_from([*spelled, "plain", "text", "condition", "comprehension"]))
    if kind == "plain":
        return draw(plain)
    if kind == "text":
        return f'f"{{{draw(values(spelled, 0))}}} {{shown({draw(inner)})}}"'.replace("'", "'")
    if kind == "condition":
        return f"({draw(inner)} if x else {draw(inner)})"
    if kind == "comprehension":
        return f"[{draw(inner)} for {draw(TAKEN.filter(lambda name: name != 'x'))} in (1,)]"
    name = spelled[kind]
    if kind == "LIMIT":
        return name
    if kind == "Wrong":
        return f"{name}.__base__.__name__"
    if kind == "Log":
        method = draw(
            st.sampled_from([".close()", ".size", ".note({0})", ".note({0}, {1})", ".note(level={0}, text={1})"])
        )
        return f"{name}({draw(st.sampled_from(['', draw(inner)]))}){method.format(draw(inner), draw(inner))}"
    forms = {
        "add": [
            "({0})",
            "({0}, {1})",
            "({0}, b={1})",
            "({0}, c={1})",
            "(c={0}, a={1})",
            "({0}, {1}, c={0})",
            "(*[{0}])",
        ],
        "one": ["({0})", "(a={0})", "({0}, {1})", "(unused=1, a={0})", "((z for z in (1,)) and {0})"],
        "same": ["({0})", "({0}, *[{1}])", "({0}, k={1})", "({0}, **{{}})"],
        "handed": ["({0})", "({0}, {1})", "(b={0}, a={1})", "(a={0},)"],
    }
    return name + draw(st.sampled_from(forms[kind])).format(draw(inner), draw(inner))


@st.composite
def imports(draw: st.DrawFn) -> tuple[list[str], dict[str, str]]:
    """Return import statements, and how each old name is spelled with them."""
    lines: list[str] = []
    spelled: dict[str, str] = {}
    for names in draw(
        st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), min_size=1, max_size=2)
    ):
        form = draw(st.integers(0, 6))
        if form == 0:
            lines.append("import planted.old")
            spelled.update((name, f"planted.old.{name}") for name in names)
        elif form == 1:
            lines.append("import json, planted.old as o")
            spelled.update((name, f"o.{name}") for name in names)
        elif form == 2:
            lines.append("from planted import old")
            spelled.update((name, f"old.{name}") for name in names)
        elif form == 3:
            lines.append(f"from planted.old import {', '.join(f'{name} as a_{name}' for name in names)}")
            spelled.update((name, f"a_{name}") for name in names)
        elif form == 4:
            lines.append("from .old import (\n    {},  # the last\n)".format(",\n    ".join(names)))
            spelled.update((name, name) for name in names)
        elif form == 5:
            lines.append(f"from planted.old import {', '.join(names)}; import json")
            spelled.update((name, name) for name in names)
        else:
            lines.append(f"from planted.new import MAXIMUM, total as t\nfrom planted.old import {', '.join(names)}")
            spelled.update((name, name) for name in names)
    return lines, spelled


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for text in lines for line in text.split("\n")]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Return a program; it gives its results to `out`."""
    head, spelled = draw(imports())
    lines = [*head, "from planted.new import Tracker" if draw(st.booleans()) else "import sys", "x = 1"]
    for number in range(draw(st.integers(1, 5))):
        value = draw(values(spelled))
        form = draw(st.integers(0, 25 + len(HAND_MADE)))
        other = draw(TAKEN)
        if form == 0:
            lines += [f"def f{number}({other}=0):", f"    x = 2\n    return {value}", f"out(f{number}())"]
        elif form == 1:
            own, inner = draw(imports())
            lines += [
                f"def f{number}():",
                *indented([*own, "x = 3"]),
                f"    return {draw(values(inner))}",
                f"out(f{number}())",
            ]
        elif form == 2:
            lines += [
                f"class C{number}:",
                f"    {other} = 1",
                f"    value = {draw(values(spelled, 1))}",
                f"out(C{number}.value)",
            ]
        elif form == 3 and "Log" in spelled:
            log = spelled["Log"]
            lines += [f"log = {log}('l')", f"out(log.note({value}, 5))", "out(log.close(), log.size)"]
        elif form == 4 and "Log" in spelled:
            log = spelled["Log"]
            annotation = draw(st.sampled_from([log, repr(log), f"{log} | None"]))
            lines += [
                f"class H{number}:\n    def __init__(self, log: {annotation}):",
                "        self.log = log\n",
                f"    def go(self):\n        return self.log.note({value})",
                f"out(H{number}({log}()).go())",
            ]
        elif form == 5 and "Wrong" in spelled:
            wrong = spelled["Wrong"]
            lines += [f"try:\n    raise {wrong}({value})", f"except {wrong} as error:\n    out(len(error.args))"]
        elif form == 6 and other not in ("x",):
            lines += [f"def g{number}():\n    {other} = 5\n    return {other}", f"out(g{number}(), {value})"]
        elif form == 7 and "add" in spelled:
            lines.append(f"out(list(map({spelled['add']}, [{value}])))")
        elif form == 8 and "Log" in spelled:
            lines += [f"class D{number}({spelled['Log']}):\n    pass", f"out(D{number}({value}).note(1))"]
        elif form == 9:
            lines += [f"if x:\n    out({value})  # one\nelse:\n    pass"]
        elif form == 10:
            lines.append(f"__all__ = [{', '.join(map(repr, spelled.values()))}]")
        elif form == 11:
            lines.append(f"out((lambda a={value}: a)(), (y := {draw(values(spelled))}), y)")
        elif form in (12, 13, 14) and "Log" in spelled:
            log = spelled["Log"]
            made = {
                12: f"def m{number}():\n    return {log}({value})\n\n\nout(m{number}().note(1))",
                13: f"logs = [{log}({value})]\nout(logs[0].note(1), logs[0].close())",
                14: f"class Held{number}:\n    def __init__(self):\n        self.log = {log}()\n\n\n"
                f"out(Held{number}().log.note({value}))",
            }
            lines.append(made[form])
        elif form == 15:
            lines.append("try:\n    from planted.old import add\nexcept ImportError:\n    add = None\nout(add(1, 2))")
        elif form == 16:
            lines.append("if x: from planted.old import add, LIMIT\nout(add(LIMIT))")
        elif form == 17:
            lines += [f"class K{number}:", "    from planted.old import one, same", "    value = one(same(1), mark(3))"]
            lines.append(f"out(K{number}.value, K{number}.same(1))")
        elif form == 18:
            lines += [f"def n{number}(a={value}):", "    from planted.old import add as plus, one"]
            lines += ["    def inner(b=plus(1, c=2)):", "        return plus(one(a), b)", "    return inner()"]
            lines.append(f"out(n{number}())")
        elif form == 19:
            lines += [f"async def co{number}():", f"    return {value}", "try:", f"    co{number}().send(None)"]
            lines += ["except StopIteration as stop:", "    out(stop.value)"]
        elif form == 20 and "add" in spelled and "." not in spelled["add"]:
            lines += [
                f"def r{number}():",
                f"    global {spelled['add']}",
                f"    {spelled['add']} = max",
                f"r{number}()",
            ]
        elif form == 21 and "one" in spelled and "." not in spelled["one"]:
            lines += [f"out({spelled['one']}(1))", f"del {spelled['one']}"]
        elif form == 22:
            lines.append(
                f"match {value}:\n    case [*{draw(TAKEN)}]:\n        out('list')\n    case _:\n        out('other')"
            )
        elif form == 23:
            lines.append(f"for {draw(TAKEN.filter(lambda name: name != 'planted'))} in (1, 2):\n    out({value})")
        elif form == 24:
            lines.append("import planted.old as whole\nout(getattr(whole, 'add')(1), whole.one(2, 3))")
        elif form > 25:
            name = draw(st.sampled_from(sorted(spelled)))
            text = HAND_MADE[form - 26]
            if name in text.partition(":\n")[0].split() and "." not in spelled[name] + other:
                parts = {"n": number, "old": spelled[name], "other": other, "value": value}
                lines.append(text.partition(":\n")[2].format(**parts))
        else:
            lines.append(f"out(\n    {value},  # a comment\n    {draw(values(spelled))}\n)")
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


def run(program: bytes) -> list[Any]:
    """Return what `program` gave to `out`, and marked, as text; an exception by its kind."""
    results: list[Any] = []

    def mark(number: int) -> int:
        results.append(("mark", number))
        return number

    def shown(value: object) -> object:
        return "function" if callable(value) else value

    def out(*values: object) -> None:
        results.append(repr([shown(value) if callable(value) else value for value in values]).partition(" at 0x")[0])

    with modules() as module:
        names = {"mark": mark, "shown": shown, "out": out, "__name__": "planted.use", "__package__": "planted"}
        module.__dict__.update(names)
        try:
            exec(compile(program, "<use>", "exec", dont_inherit=True), module.__dict__)
        except Exception as error:
            results.append(type(error).__name__)
    return results


@contextmanager
def modules() -> Iterator[ModuleType]:
    """Have the package loaded, fresh; yield the module of the program."""
    made = {name: ModuleType(name) for name in ("planted", "planted.new", "planted.old", "planted.use")}
    made["planted"].__path__ = []
    sys.modules.update(made)
    try:
        for name, text in (("new", NEW), ("old", OLD)):
            exec(text, made[f"planted.{name}"].__dict__)
            setattr(made["planted"], name, made[f"planted.{name}"])
        yield made["planted.use"]
    finally:
        for name in made:
            del sys.modules[name]


def fixed(root: Path) -> Fixes:
    configured = load(root)
    return fix(configured, scan(configured).sites)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(program=programs())
def test_a_rewritten_program_does_what_it_did(program: str) -> None:
    check(program)


def check(program: str) -> None:
    """Insist that `program` gives the same when it is rewritten, and is not rewritten a second time."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        Path(root, "planted").mkdir()
        files = {
            "pyproject.toml": CONFIGURATION,
            "planted/__init__.py": "",
            "planted/old.py": OLD,
            "planted/new.py": NEW,
        }
        for path, text in {**files, "planted/use.py": program}.items():
            Path(root, path).write_text(text, encoding="utf-8")
        for change in fixed(root).changes:
            assert change.path == "planted/use.py"
            assert run(change.after) == run(change.before), change.after.decode()
            Path(root, change.path).write_bytes(change.after)
            assert fixed(root).changes == ()
