"""Damaged results, baselines and configurations end in a refusal or a right verdict: no traceback, no wrong all-clear.

The dice are seeded, so that every run throws the same. A few hundred throws belong to each run of the suite, the ten
thousand to `slow`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.cli import main

JUNK: Sequence[Any] = [
    None,
    True,
    False,
    -1,
    0,
    1,
    2**70,
    10**400,
    1.5,
    -0.0,
    float("inf"),
    float("nan"),
    "",
    "..",
    "../../etc/passwd",
    "/",
    "a.b:C",
    "*",
    "\ud800",
    "\udcff",
    "\0",
    "\x1b[31m\n::error::x",
    "x" * 5000,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    [[]],
    {},
    {"a": 1},
    [None],
    "2026-99-99",
    "format",
    "new",
    "passed",
    "enforce",
]

CONFIGURATION = """\
[tool.ssot_tracker]
phase = "ratchet"
source = ["app"]
scan = ["app"]
exclude = ["**/x/**"]
baseline = "known.json"
[tool.ssot_tracker.ssot.it]
canonical = "app.new:Thing"
accessors = ["app.new:get"]
deprecated = ["app.old", "app.*.old:Thing"]
allow_in = ["app.core.**"]
replace = { "app.old:make" = "app.new:get" }
max = { "deprecated-base" = 4 }
until = 2999-12-31
owner = "platform"
[tool.ssot_tracker.ssot.it.keys]
"app.new:Thing.set" = "key"
[tool.ssot_tracker.ids.it]
generators = ["app.new:get"]
forbidden = ["uuid:uuid4"]
patterns = ["time-format"]
[[tool.ssot_tracker.gate]]
name = "none is left"
measure = "sites"
max = 0
[[tool.ssot_tracker.gate]]
name = "all pass"
measure = "passed_percent"
min = 100
"""
FILES = {
    "pyproject.toml": CONFIGURATION,
    "app/__init__.py": "",
    "app/core/__init__.py": "",
    "app/old.py": "class Thing:\n    pass\n\n\ndef make():\n    return Thing()\n",
    "app/new.py": "class Thing:\n    def set(self, key):\n        pass\n\n\ndef get():\n    return Thing()\n",
    "app/use.py": "from app.old import make\n\n\ndef use():\n    return make()\n",
}


def tampered(value: Any, dice: random.Random) -> Any:
    """Return `value` with something in it replaced, removed or doubled."""
    if dice.random() < 0.15:
        return dice.choice(JUNK)
    if isinstance(value, dict) and value:
        key = dice.choice(list(value))
        changed = {**value, key: tampered(value[key], dice)}
        if dice.random() < 0.1:
            del changed[key]
        return changed
    if isinstance(value, list) and value:
        index = dice.randrange(len(value))
        return [*value[:index], tampered(value[index], dice), *value[index + (dice.random() < 0.9) :]]
    return dice.choice(JUNK)


def spoiled(data: bytes, dice: random.Random) -> bytes:
    """Return `data` with some bytes changed, taken out or put in."""
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5])):
        place = dice.randrange(len(changed) + 1)
        changed[place : place + dice.choice([0, 1, 1, 3])] = dice.choice(
            [b"", b"\0", b"\xff", b'"', b"{", b"]", b"\n", b"9" * 5000, b"\\ud800", bytes([dice.randrange(256)])]
        )
    return bytes(changed)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to everything in `value`."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """Return `value` with `junk` at `path`."""
    if not path:
        return junk
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], junk)
    return copy


def variants(text: str, number: int, seed: int) -> Iterator[bytes]:
    """Yield damaged versions of a JSON text: one place replaced, several tampered with, bytes changed."""
    dice = random.Random(seed)
    said = json.loads(text)
    everywhere = [(path, junk) for path in places(said) for junk in JUNK]
    dice.shuffle(everywhere)
    for count in range(number):
        if count % 3 == 0 and everywhere:
            value = replaced(said, *everywhere.pop())
        elif count % 3 == 1:
            value = said
            for _ in range(dice.choice([1, 1, 2, 4])):
                value = tampered(value, dice)
        else:
            yield spoiled(text.encode(), dice)
            continue
        yield json.dumps(value).encode("utf-8", "surrogatepass")


def of_toml(number: int, seed: int) -> Iterator[bytes]:
    """Yield damaged versions of the configuration: line by line, and of its bytes."""
    dice = random.Random(seed)
    for count in range(number):
        lines = CONFIGURATION.splitlines()
        for _ in range(dice.choice([1, 1, 2, 4])):
            index = dice.randrange(len(lines))
            key, equals, _ = lines[index].partition(" = ")
            value = (
                json.dumps(dice.choice(JUNK)).replace("null", '"x"').replace("NaN", "nan").replace("Infinity", "inf")
            )
            lines[index] = f"{key} = {value}" if equals else dice.choice(lines)
        text = "\n".join(lines).encode("utf-8", "surrogatepass")
        yield text if count % 3 else spoiled(text, dice)


def truncations(text: str, number: int) -> Iterator[bytes]:
    data = text.encode()
    yield from (data[: len(data) * part // number] for part in range(number))


class Tree:
    """A project whose command line is called; every call has to end with a status and without a traceback."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys
        for name, text in FILES.items():
            self.write(name, text.encode())

    def write(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def call(self, *argv: str) -> tuple[int, str]:
        try:
            status = main([*argv])
        except BaseException as error:
            raise AssertionError(f"{argv} raised {type(error).__name__}: {error}") from error
        out, err = self._capsys.readouterr()
        assert status in (0, 1, 2, 3)
        assert status != 2 or err, f"{argv} refused without a word"
        assert all(char.isprintable() or char in "\n\t" for char in err), err
        return status, out

    def complete(self) -> None:
        """Write what nothing matched: git is asked for a target that is not there, by each of thousands of calls."""
        self.write("app/core/old.py", b"class Thing:\n    pass\n")

    def result(self) -> str:
        """Return a result in which a test reached the site, one failed for it, and one is a rollback trigger."""
        _, out = self.call("scan", "--format", "json", "--phase", "enforce")
        plain = json.loads(out)
        ids = [site["id"] for site in plain["sites"]]
        seen = {"step": "call", "fixture": None, "thread": None, "count": 1}
        for site in plain["sites"]:
            site["tests"] = [{"id": "tests/test_a.py::test_b", **seen}, {"id": None, "bucket": "collection", **seen}]
            site["found_by"] = ["scan", "run"]
            site["exercise"] = "exercised"
            site["count"] = 2
        row = {"reason": None, "markers": [], "sites": []}
        plain["tests"] = [
            {**row, "id": "tests/test_a.py::test_b", "outcome": "failed", "reason": "ssot", "sites": ids},
            {**row, "id": "tests/test_a.py::test_c", "outcome": "passed", "markers": ["ssot_rollback_trigger"]},
        ]
        self.complete()
        return json.dumps(plain)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tree:
    monkeypatch.chdir(tmp_path)
    return Tree(tmp_path, capsys)


def may_pass(data: bytes) -> bool:
    """Whether a result that says this may pass the gate, by the plainest reading of it."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return False
    sites = [site for site in plain["sites"] if site["status"] != "allowed"]
    last: Mapping[str, Any] = {test["id"]: test for test in plain["tests"]}
    seen = [site for test in last.values() for site in test.get("seen", ()) if site["status"] != "allowed"]
    passed = all(test["outcome"] in ("passed", "xpassed", "skipped") for test in last.values())
    return not sites and not seen and passed and bool(last) and plain["run"]["complete"] is True


REPORTS = (
    "term",
    "term-verbose",
    "github?all",
    "sarif:out.sarif?all",
    "gitlab:out.json?all",
    "html:out",
    "json:o.json",
)


def check_result(tree: Tree, data: bytes, dice: random.Random) -> None:
    file = str(tree.write("r.json", data))
    status, _ = tree.call("gate", file)
    assert status or may_pass(data), "the gate passes what does not pass"
    refused = status == 2
    assert (tree.call("report", dice.choice(REPORTS), file)[0] == 2) is refused
    assert (tree.call("combine", file, file, "-o", "both.json")[0] == 2) is refused
    if not refused:
        assert tree.call("gate", "both.json")[0] == status, "combining with itself changes the verdict"
    if dice.random() < 0.25:
        (tree.root / "known.json").unlink(missing_ok=True)
        tree.call("baseline", file)


def check_baseline(tree: Tree, data: bytes, known: Sequence[Mapping[str, Any]]) -> None:
    tree.write("known.json", data)
    status, _ = tree.call("scan")
    if status == 0:
        text = "".join(json.dumps(json.loads(data)).split())
        assert all("".join(json.dumps(entry["target"]).split()) in text for entry in known)


def check_configuration(tree: Tree, data: bytes) -> None:
    tree.write("pyproject.toml", data)
    tree.call("scan")
    tree.call("gate", "r.json")


@pytest.mark.parametrize("number", [60, pytest.param(4000, marks=pytest.mark.slow)])
def test_a_damaged_result_is_refused_or_judged_rightly(tree: Tree, number: int) -> None:
    for count, data in enumerate(variants(tree.result(), number, seed=1)):
        check_result(tree, data, random.Random(count))


@pytest.mark.parametrize("number", [40, pytest.param(3000, marks=pytest.mark.slow)])
def test_a_damaged_baseline_is_refused_or_knows_what_it_says(tree: Tree, number: int) -> None:
    tree.call("baseline")
    tree.complete()
    text = (tree.root / "known.json").read_text()
    blocks = [block for block in json.loads(text)["sites"] if isinstance(block, list)]
    known = [entry for block in blocks for entry in block if isinstance(entry, dict)]
    assert known
    for data in variants(text, number, seed=2):
        check_baseline(tree, data, known)


@pytest.mark.parametrize("number", [40, pytest.param(3000, marks=pytest.mark.slow)])
def test_a_damaged_configuration_is_refused_or_read(tree: Tree, number: int) -> None:
    tree.write("r.json", tree.result().encode())
    for data in of_toml(number, seed=3):
        check_configuration(tree, data)


@pytest.mark.parametrize("number", [20, pytest.param(170, marks=pytest.mark.slow)])
def test_what_was_cut_off_passes_nothing(tree: Tree, number: int) -> None:
    result = tree.result()
    tree.call("baseline")
    baseline = (tree.root / "known.json").read_text()
    for data in truncations(result, number):
        file = str(tree.write("r.json", data))
        assert tree.call("gate", file)[0] != 0
    for data in truncations(baseline, number):
        tree.write("known.json", data)
        assert tree.call("scan")[0] == 2
    (tree.root / "known.json").unlink()
    for data in truncations(CONFIGURATION, number):
        check_configuration(tree, data)
