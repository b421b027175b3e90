"""docs/limits.md has a row for every kind of blind spot: what the code says of one stands here, by rows of the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import pytest_ssot_tracker

PACKAGE = Path(pytest_ssot_tracker.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")

MAKERS = {"BlindSpot", "UnwatchableError", "_blind", "blind", "_trouble", "trouble", "unwatched"}
"""What is called with the reason of a blind spot."""

REASONS = {"why", "_why"}
"""Variables that hold such a reason."""

ADVICE = ("no site", "a site", "; did you mean", "have {} do it", "name a function that does")
"""What such texts begin with that are no reasons: decisions of a trace, and what to do."""

WHERE = ("detect", "isolate", "judge", "plugin", "report", "scan")

ROWS: dict[str, tuple[str, ...]] = {
    "what runs when the interpreter exits": ("atexit calls it when the interpreter exits",),
    "what runs in a subinterpreter": ("a subinterpreter", "it has modules of its own, which nothing can watch"),
    "slots (`__slots__`), and descriptors without Python code": (
        "of a base class is not asked for which class it answers",
        "property has no Python code to watch",
        "has no Python code to watch when it is read or set",
    ),
    "other uses of an object than calls of it": ("calls of this {} are seen, and of its methods",),
    "functions, classes and objects without Python code": (
        "has no Python code to watch, and what a statement calls is told from Python 3.12 on only",
        "has no Python code to watch",
    ),
    "calls of such things by a library or by C code": (
        "its calls are seen where the project's own code makes them",
        ": seen where the project calls it, not where a library does",
        "a class written in C cannot be watched itself",
    ),
    "what `functools.lru_cache` wraps": (
        "with what it has kept, without running any Python code",
        "lru_cache answers a repeated call without calling it",
    ),
    "a method of a class that a module only hands on": ("only hands its class on",),
    "what is constructed inside an accessor or generator without Python code": ("what happens in it is its caller's",),
    "a static method that a deprecated class inherits": (
        "it is inherited from {}, and nothing tells through which class",
        "which others call too",
        "of a class has no Python code to watch",
    ),
    "an instance that is made without `__init__`": (
        "an instance that __new__ makes alone",
        "pydantic makes an instance",
        "SQLAlchemy makes an instance",
    ),
    "a look-up of a member of an enum": (
        "is not seen, because {why}: the scan reads it",
        "its metaclass has no Python {} to watch",
    ),
    "where something deprecated is written to": ("what is written to there cannot be told while the tests run",),
    "a deprecated parameter of something without Python code": (
        "that the parameter is passed is seen where the project's own code writes it into the call",
        "nothing tells with which value a call passes the parameter",
        "pytest passes what a fixture asks for",
        "it has no parameter {}: correct the name, or list it under 'retired'",
    ),
    "keys, states and consumers": ("it has no parameter {}", "a value it returned could not be read"),
    "identifiers issued where the hooks are not": ("what an asynchronous generator yields is not seen",),
    "a context that is no Python function": ("it is not known when it runs",),
    "everything, where there is nothing to watch with": (
        "no tool id of sys.monitoring is free, and the package bytecode is not installed",
        "the interpreter has no means to watch them",
        "no tool id of sys.monitoring is free for what reads and writes attributes",
        "the class is immutable",
    ),
    "who uses a deprecated fixture": (
        "every test uses it without asking, as it is autouse",
        "this version of pytest hands out fixtures in a way that is not known",
    ),
    "import statements that ran before this plugin was loaded": (
        "imported before the plugin was active",
        "loaded past our import hook",
    ),
    "imports by an `__import__` that somebody took before": ("imported by an __import__ that was taken before",),
    "what stands in `sys.modules` and is no module": ("what stands in sys.modules under this name is no module",),
    "a call made while a test has replaced something that nothing can do without": (
        "a call of {} could not be placed",
        "a call of __new__ could not be placed",
        "a copy could not be placed",
        "a name that a module made was not placed",
        "a warning could not be placed",
    ),
    "what is called while a test has the thing itself replaced": (
        "was replaced or cleared, and left so",
        "sys.monitoring was taken from it meanwhile",
        "was replaced meanwhile: not every call was seen",
        "whether they were still watched could not be told",
    ),
    "child processes (`subprocess`": ("child processes are watched with --ssot-subprocess only", "multiprocessing ("),
    "child interpreters started with": (
        "os.system hands a child nothing",
        "it has another pytest-ssot-tracker than the one that runs the tests",
        "it is an interpreter without this pytest-ssot-tracker",
        "it could not begin to watch",
    ),
    "what a child does as another user": (
        "it could not write what it saw: another user",
        "it ended and never said that it watched",
    ),
    "a test whose process ends before it does": ("the process it ran in ended before it had told what the test used",),
    "an instance that `pickle` makes": ("something of its module is unpickled",),
    "what a child that lacks `opentelemetry-api` observes": ("no meter counts here",),
    "children forked by a server": ("the server that forks it was started before this run watched",),
    "what the cells of a notebook use": ("its cells run in a Jupyter kernel",),
    "code of the project that runs from another place": ("it was loaded from {}, where",),
    "code outside the root": ("it was loaded from {}, outside the project",),
    "a category of warnings that is not there": ("there is no such category of warnings here",),
    "a target that is nowhere": (
        "so nothing of it is watched; write it, or correct the name",
        "it never appeared in this run",
        "correct the name, or list it under 'retired' where it is gone for good",
        "a marker of this test names it",
        "there is no such module or attribute",
    ),
    "whether a canonical is complete": ("what it provides could not be looked at",),
    "a scan that finds nothing to read": ("no Python file lies in {}",),
    "constants that are read, texts and values of the clock, in a run without a scan": (
        "a constant is read without running code",
        "only the scan sees that, and this run leaves it out",
    ),
    "what a fixture holds that no reset reaches": (
        "it was looked at first when a test may have changed it already",
        "it is not what it was in the beginning",
        "does not reset it",
        "what other threads have put into it stays with them",
        "it was there before the singleton and keeps what tests have put into it",
        "it still returns the old one",
        "what was written to an open file",
    ),
}
"""What rows of the page begin with, and what the code says of the blind spots that they speak of."""


def reasons(module: Path) -> Iterator[str]:
    """Yield the texts in a module that are given as the reason of a blind spot."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: text
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if (text := text_of(node.value, {})) is not None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in MAKERS:
            given = [*node.args[name_of(node.func) == "BlindSpot" :], *(keyword.value for keyword in node.keywords)]
            yield from filter(None, (text_of(value, constants) for value in given))
        elif isinstance(node, ast.Assign) and module.parent.name not in ("plugin", "report", "scan"):
            yield from (text_of(value, constants) or "" for name, value in bound(node) if name in REASONS)
    if module.name in ("unseen.py", "absent_targets.py", "untouched.py"):  # what these yield or return are reasons
        yield from constants.values()
        yield from (text_of(node.value, {}) or "" for node in ast.walk(tree) if isinstance(node, ast.Return))


def bound(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """Yield what an assignment binds to which value."""
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        yield from ((name_of(one), value) for one, value in zip(target.elts, node.value.elts, strict=True))
    else:
        yield name_of(target), node.value


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.expr | None, constants: Mapping[str, str]) -> str | None:
    """Return the text that an expression is, with `{}` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return text_of(node.func.value, constants)
    return text_of(node.body, constants) if isinstance(node, ast.IfExp) else None


def every_reason() -> dict[str, str]:
    """Return each reason with the module that gives it; a few words are a name, and no reason."""
    modules = [path for room in WHERE for path in sorted((PACKAGE / room).rglob("*.py"))]
    found = {text: path.relative_to(PACKAGE).as_posix() for path in modules for text in reasons(path)}
    return {text: path for text, path in found.items() if text.count(" ") > 2 and not text.startswith(ADVICE)}


def test_every_reason_of_a_blind_spot_is_of_a_row() -> None:
    known = [fragment for fragments in ROWS.values() for fragment in fragments]
    strange = {text: path for text, path in every_reason().items() if not any(part in text for part in known)}
    assert strange == {}, "add a row to docs/limits.md, and to ROWS here"


def test_every_reason_that_the_table_knows_is_given_somewhere() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    given = [*every_reason(), *texts]
    idle = [part for parts in ROWS.values() for part in parts if not any(part in text for text in given)]
    assert idle == []


@pytest.mark.parametrize("row", list(ROWS))
def test_the_page_has_the_row(row: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert any(row in line.split("|")[1] for line in rows)
