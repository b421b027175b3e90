"""Hold the package to the house rules that no linter knows: who may import pytest, and who may write global state."""

from __future__ import annotations

import ast
import collections
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import pytest_ssot_tracker

PACKAGE = Path(pytest_ssot_tracker.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
WINGS = [module for module in MODULES if module.endswith("/__init__.py") and module.count("/") > 1]

MAY_IMPORT_PYTEST = ("plugin/", "isolate/fixtures.py", "isolate/refusing.py", "report/terminal.py")
MAY_WRITE_GLOBALS = ("detect/", "isolate/", "plugin/__init__.py")  # the last finds our own modules
NOT_IN_A_RUN = ("cli/", "discover/", "fix/", "harvest/", "prove/", "report/html/")
READ_BY_ANY_PYTHON = "detect/children/startup/sitecustomize.py"
MAY_SHARE_ITS_NAME = {
    "watch": "the door of each wing of `detect`",
    **dict.fromkeys(
        ("baseline", "combine", "discover", "fix", "gate", "prove", "report", "scan", "schema"),
        "a command is called after what it commands",
    ),
}
FORBIDDEN_NAMES = {"utils", "helpers", "misc", "common"}
FORBIDDEN_SUFFIXES = ("Manager", "Handler", "Engine", "Processor")

MUTATORS = {
    name for kind in (list, dict, set, collections.deque) for name in vars(kind) if not name.startswith("_")
} - {
    *(
        "copy",
        "count",
        "difference",
        "fromkeys",
        "get",
        "index",
        "intersection",
        "isdisjoint",
        "issubset",
        "issuperset",
    ),
    *("items", "keys", "maxlen", "symmetric_difference", "union", "values"),
}
SYS_SETTERS = {"addaudithook", "setprofile", "setrecursionlimit", "setswitchinterval", "settrace"}
READ_ONLY_MONITORING = {"get_events", "get_local_events", "get_tool"}
CONTAINERS = {
    "Counter",
    "OrderedDict",
    "WeakKeyDictionary",
    "WeakSet",
    "WeakValueDictionary",
    "defaultdict",
    "deque",
    "dict",
    "list",
    "set",
}


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_bytes())


@pytest.fixture(scope="module", autouse=True)
def trees_for_this_module_alone() -> Iterator[None]:
    """Keep each tree for as long as tests here ask for it: seven of them look at each module, in any order."""
    yield
    tree.cache_clear()


def imported_modules(syntax: ast.AST) -> Iterator[str]:
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def imported_names(syntax: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything that is imported, each name of a `from` statement for itself."""
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(module: str) -> str:
    return f"{PACKAGE.name}.{module.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"


def named_doors(wing: str) -> set[str]:
    """Return the modules that the `__init__` of a wing calls its doors."""
    sentence = re.search(r"[Tt]he doors? (?:is|are) ([^.;]*)", ast.get_docstring(tree(wing)) or "")
    return set() if sentence is None else set(re.findall(r"`(\w+)`", sentence[1]))


@functools.cache
def doors(wing: str) -> set[str]:
    """Return by what a wing is entered: its doors, or where it has none the names that it hands out."""
    if named_doors(wing):
        return named_doors(wing)
    given = [node for node in tree(wing).body if ast.unparse(write_targets(node)) == "__all__"]
    return {name for node in given for name in ast.literal_eval(node.value)}  # type: ignore[attr-defined]


def wrong_doors(module: str, syntax: ast.AST) -> Iterator[str]:
    """Yield `line: name` for each import from a wing, which is a package in a room, past its doors."""
    for line, name in imported_names(syntax):
        for wing in WINGS:
            inside = f"{dotted(wing)}."
            if name.startswith(inside) and not f"{dotted(module)}.".startswith(inside):
                door = name.removeprefix(inside).partition(".")[0]
                if door not in doors(wing):
                    yield f"{line}: {name}, but the doors of {inside[:-1]} are {', '.join(sorted(doors(wing)))}"


def module_names(syntax: ast.AST) -> set[str]:
    """Return the local names that an `import` statement of the file binds: writing to their attributes is foreign."""
    return {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(syntax)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def root_name(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def write_targets(node: ast.AST) -> list[ast.expr]:
    """Return what `node` assigns to or deletes, tuples taken apart."""
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)):
        targets = [node.target]
    else:
        return []
    flat: list[ast.expr] = []
    while targets:
        target = targets.pop()
        if isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
        else:
            flat.append(target)
    return flat


def names_own_attribute(name: ast.expr) -> bool:
    """Tell whether `setattr` names a plain attribute, as one of our own objects has it (a lambda cannot assign)."""
    return isinstance(name, ast.Constant) and isinstance(name.value, str) and not name.value.startswith("__")


def global_writes(syntax: ast.AST) -> Iterator[str]:
    """Yield `line: text` for every write to another module's attributes, or to an object named at run time."""
    foreign = module_names(syntax)
    for node in ast.walk(syntax):
        for target in write_targets(node):
            if isinstance(target, (ast.Attribute, ast.Subscript)) and root_name(target) in foreign:
                yield f"{node.lineno}: {ast.unparse(target)} is written"
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in ("setattr", "delattr"):
            if not names_own_attribute(node.args[1]):
                yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(called, ast.Attribute) and root_name(called) in foreign:
            owner = ast.unparse(called.value)
            if (
                (called.attr in MUTATORS and "." in owner)
                or (owner == "sys.monitoring" and called.attr not in READ_ONLY_MONITORING)
                or (owner == "sys" and called.attr in SYS_SETTERS)
            ):
                yield f"{node.lineno}: {ast.unparse(called)}()"


def mutable_module_state(syntax: ast.Module) -> Iterator[str]:
    """Yield `line: text` for state that a module keeps between calls: a `global`, or a container that is changed."""
    bound = {
        target.id: statement
        for statement in syntax.body
        for target in write_targets(statement)
        if isinstance(target, ast.Name)
    }
    for name, statement in bound.items():
        if is_empty_container(getattr(statement, "value", None)):
            yield f"{statement.lineno}: {name} is an empty container"
    for node in ast.walk(syntax):
        if isinstance(node, ast.Global):
            yield f"{node.lineno}: global {', '.join(node.names)}"
        for target in write_targets(node):
            if isinstance(target, ast.Subscript) and root_name(target) in bound:
                yield f"{node.lineno}: {ast.unparse(target)} is written"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in MUTATORS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in bound
            and node.func.value.id not in local_names(syntax)
        ):
            yield f"{node.lineno}: {ast.unparse(node.func)}()"


def is_empty_container(value: ast.expr | None) -> bool:
    """Tell whether a module-level name starts as an empty container: there is no use for one but to fill it."""
    if isinstance(value, ast.Call):
        made = ast.unparse(value.func).rpartition(".")[2]
        return made == "defaultdict" or (made in CONTAINERS and not value.args)
    return isinstance(value, (ast.Dict, ast.List)) and not (value.keys if isinstance(value, ast.Dict) else value.elts)


def local_names(syntax: ast.Module) -> set[str]:
    """Return the names that some function of the module binds for itself, which may shadow a module-level one."""
    return {
        name.id
        for function in ast.walk(syntax)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for name in ast.walk(function)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    } | {argument.arg for argument in ast.walk(syntax) if isinstance(argument, ast.arg)}


def module_places() -> Iterator[tuple[str, str]]:
    """Yield the name of each module and package with its path; a package stands for its `__init__`."""
    for module in MODULES:
        path = Path(module)
        if path.stem == "__init__":
            yield path.parent.name, module
        elif path.stem != "__main__":
            yield path.stem, module


def class_places() -> Iterator[tuple[str, str]]:
    """Yield the name of each class with its path and line."""
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ClassDef):
                yield node.name, f"{module}:{node.lineno}"


def doubles(places: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names that stand in several places, with these."""
    found: dict[str, list[str]] = {}
    for name, place in places:
        found.setdefault(name, []).append(place)
    return {name: where for name, where in found.items() if len(where) > 1}


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith(MAY_IMPORT_PYTEST)])
def test_pytest_is_imported_only_by_the_plugin_the_fixtures_and_the_terminal(module: str) -> None:
    tops = {name.partition(".")[0] for name in imported_modules(tree(module))}
    assert not tops & {"pytest", "_pytest"}


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith(MAY_WRITE_GLOBALS)])
def test_global_state_is_written_where_one_looks_for_it_alone(module: str) -> None:
    assert list(global_writes(tree(module))) == []


@pytest.mark.parametrize(
    "module",
    [name for name in MODULES if not name.startswith((*NOT_IN_A_RUN, "records.py"))],
)
def test_records_and_patterns_are_not_compiled_before_they_are_used(module: str) -> None:
    syntax = tree(module)
    taken = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(syntax)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert "dataclasses" not in imported_modules(syntax)
    assert "typing.NamedTuple" not in taken
    assert "re.compile" not in {
        ast.unparse(node.value.func)
        for node in syntax.body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call)
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_wing_is_entered_by_its_doors(module: str) -> None:
    assert list(wrong_doors(module, tree(module))) == []


@pytest.mark.parametrize("wing", list(filter(named_doors, WINGS)))
def test_each_door_of_a_wing_is_used(wing: str) -> None:
    inside = wing.removesuffix("__init__.py")
    outside = "".join((PACKAGE / module).read_text() for module in MODULES if not module.startswith(inside))
    assert [door for door in named_doors(wing) if f"{dotted(wing)}.{door}" not in outside] == []


@pytest.mark.parametrize("module", MODULES)
def test_no_module_keeps_mutable_state(module: str) -> None:
    assert list(mutable_module_state(tree(module))) == []


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_a_thing_is(module: str) -> None:
    assert FORBIDDEN_NAMES.isdisjoint(module.removesuffix(".py").split("/"))
    classes = [node.name for node in ast.walk(tree(module)) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if name.endswith(FORBIDDEN_SUFFIXES)] == []


def test_no_two_modules_have_one_name_for_different_things() -> None:
    found = doubles(module_places())
    assert {name: where for name, where in found.items() if name not in MAY_SHARE_ITS_NAME} == {}
    assert MAY_SHARE_ITS_NAME.keys() - found.keys() == set(), "excepted, but no longer double"


def test_no_two_classes_have_one_name() -> None:
    assert doubles(class_places()) == {}


def test_a_double_name_is_told_with_its_places() -> None:
    places = [("a", "x/a.py"), ("b", "x/b.py"), ("a", "y/a.py")]
    assert doubles(places) == {"a": ["x/a.py", "y/a.py"]}


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ("__init__.py", READ_BY_ANY_PYTHON)])
def test_annotations_are_never_evaluated(module: str) -> None:
    body = tree(module).body
    if len(body) > 1:
        assert "from __future__ import annotations" in {ast.unparse(statement) for statement in body[:2]}


@pytest.mark.parametrize(
    "text",
    [
        "from pytest_ssot_tracker.detect.calls.classes import Classes",
        "from pytest_ssot_tracker.detect.calls import classes",
        "import pytest_ssot_tracker.detect.calls.classes",
        "def f():\n from pytest_ssot_tracker.report.html.folder import write",
    ],
)
def test_a_wrong_door_is_seen(text: str) -> None:
    assert len(list(wrong_doors("detect/install.py", ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from pytest_ssot_tracker.detect.calls.watch import Calls",
        "from pytest_ssot_tracker.detect.live import objects",
        "from pytest_ssot_tracker.report.html import write",
    ],
)
def test_a_door_is_there_to_be_used(text: str) -> None:
    assert list(wrong_doors("detect/install.py", ast.parse(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nsys.meta_path.insert(0, finder)",
        "import sys\nsys.modules['x'] = thing",
        "import sys\ndel sys.modules['x']",
        "import sys\nsys.modules.pop('x')",
        "import sys\nsys.monitoring.use_tool_id(3, 'x')",
        "import sys\nsys.settrace(f)",
        "import builtins\nbuiltins.__import__ = f",
        "import a.b as m\nm.thing, other = 1, 2",
        "def f(cls_): setattr(cls_, '__init__', g)",
        "def f(thing, name): delattr(thing, name)",
    ],
)
def test_a_write_to_global_state_is_seen(text: str) -> None:
    assert len(list(global_writes(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nfor finder in sys.meta_path: found = finder",
        "import sys\nsys.modules.get('x')",
        "import sys\nsys.monitoring.get_tool(3)",
        "class A:\n def f(self): self.x = 1; setattr(self, 'y', 2)",
        "import os\nos.remove('file')",
    ],
)
def test_reading_global_state_is_fine(text: str) -> None:
    assert list(global_writes(ast.parse(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "seen = []",
        "seen: dict[str, int] = {}",
        "import collections\nseen = collections.deque()",
        "seen = {1: 2}\ndef f(): seen[3] = 4",
        "seen = {1}\ndef f(): seen.add(2)",
        "def f():\n global counter\n counter = 1",
    ],
)
def test_mutable_state_is_seen(text: str) -> None:
    assert len(list(mutable_module_state(ast.parse(text)))) == 1


def test_a_constant_table_is_no_state() -> None:
    assert list(mutable_module_state(ast.parse("table = {1: 2}\nlist_ = [1]\ndef f(x): return table[x]"))) == []
