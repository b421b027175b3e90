"""Find out whether what is gone was ever there: in the baseline file, in git's history, in tests of its absence."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from pytest_ssot_tracker.imported import BY_STRING, named_by_statement
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.modules import Modules, python_files
from pytest_ssot_tracker.names.syntax import UNREADABLE, last_name, literal_text, literal_texts, parsed
from pytest_ssot_tracker.records import NamedTuple, regex
from pytest_ssot_tracker.source import decode

__all__ = ["Evidence"]

_GUARDS = frozenset({"ImportError", "ModuleNotFoundError"})
_GUARDING = frozenset({"raises", "suppress", "assertRaises", "assertRaisesRegex"})
_ASKING = frozenset({*(name.rpartition(".")[2] for name in BY_STRING), "find_spec"})
_MAKING = frozenset({"setattr", "globals", "exec", "ModuleType", "module_from_spec", "SourceFileLoader", "setitem"})


class TargetHistory(NamedTuple):
    """What is known of a target that its source does not show: in words, how it is known to have been there.

    `proved` tells that somebody says that it is gone now, `made` is a file that may make it at run time.
    """

    was: str = ""
    proved: bool = False
    made: str = ""


class Evidence:
    """What speaks for it that a target was there once, or is made at run time.

    `baseline` is the file of known sites. The files of the project are read once for all targets of a question, and
    git is started once for those of which neither they nor the baseline tell anything. It may take `patience` seconds;
    `trouble` says afterwards why it could not tell.
    """

    def __init__(self, modules: Modules, baseline: Path | None, *, patience: float = 20.0) -> None:
        self._modules = modules
        self._baseline = baseline
        self._patience = patience
        self.trouble = ""

    def of(self, missing: Mapping[Target, str]) -> Mapping[Target, TargetHistory]:
        """Return what is known of each target; with it goes the dotted name of that part of it that is missing."""
        found = dict(self._in_tree(missing))
        for look in (self._in_baseline, self._in_history):
            left = [target for target, verdict in found.items() if verdict == TargetHistory()]
            found.update((target, TargetHistory(was)) for target, was in look(left))
        return found

    # --- The baseline

    def _in_baseline(self, targets: Sequence[Target]) -> Iterator[tuple[Target, str]]:
        remembered = list(_remembered(self._baseline)) if targets else []
        for target in targets:
            if any(target.covers(module, name or None) for module, _, name in remembered):
                yield target, "remembered by the baseline"

    # --- The tree

    def _in_tree(self, missing: Mapping[Target, str]) -> Iterator[tuple[Target, TargetHistory]]:
        """Yield each target with what the files of the project say of it.

        Where a test proves its absence its import is guarded. In other code that may as well mean a library that is not
        installed here, so that it proves nothing of what may be one.
        """
        yield from ((target, TargetHistory()) for target in missing if target.is_pattern)
        left = [
            _Wanted(target, name, self._modules.find(name.partition(".")[0]) is not None)
            for target, name in missing.items()
            if not target.is_pattern
        ]
        for path, tree in self._mentioning(left):
            module = self._modules.name_of(path)
            guarded = list(_guarded(tree, module, is_package=path.endswith("__init__.py")))
            shown = os.path.relpath(path, self._modules.root).replace(os.sep, "/")
            for wanted in list(left):
                lines = (line for line, names in guarded if any(wanted.is_asked_for_by(*name) for name in names))
                line = next(lines, None) if wanted.own or _is_test(shown) else None
                if line is not None:
                    yield wanted.target, TargetHistory(f"its import is guarded at {shown}:{line}", proved=True)
                elif _makes(tree, wanted):
                    yield wanted.target, TargetHistory(made=shown)
                else:
                    continue
                left.remove(wanted)
        yield from ((wanted.target, TargetHistory()) for wanted in left)

    def _mentioning(self, wanted: Sequence[_Wanted]) -> Iterator[tuple[str, ast.Module]]:
        """Yield the files of the project, parsed, that hold the last part of the name of what is still `wanted`."""
        words = [asked.name.encode() for asked in wanted]
        for path in python_files(self._modules.root) if words else ():
            try:
                with open(path, "rb", buffering=0) as stream:
                    data = stream.read()
                if any(word in data for word in words):
                    yield path, parsed(decode(data))
                    words = [asked.name.encode() for asked in wanted]
            except (OSError, *UNREADABLE):
                continue
            if not words:
                return

    # --- History

    def _in_history(self, targets: Sequence[Target]) -> Iterator[tuple[Target, str]]:
        """Yield those that git knows to have been there."""
        wanted = {target: _files_of(target, self._modules) for target in targets}
        specs = sorted({spec for readings in wanted.values() for files, _ in readings for spec in files})
        names = sorted({word for readings in wanted.values() for _, word in readings if word})
        if not specs:
            return
        seen = _History(self._modules.root, specs, names, self._patience)
        self.trouble = seen.trouble
        for target, readings in wanted.items():
            if any(seen.knows(files, word) for files, word in readings):
                yield target, "known to git"


class _Wanted(NamedTuple):
    """A target that is looked for in the tree by the dotted name of what is `missing`: a module, or a name in one.

    `own` tells that the package it would be in belongs to the project.
    """

    target: Target
    missing: str
    own: bool

    @property
    def name(self) -> str:
        """Return the last part of what is missing."""
        return self.missing.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """Return the last part of the name of what it would be in."""
        return self.missing.rpartition(".")[0].rpartition(".")[2]

    def is_asked_for_by(self, module: str, attribute: str) -> bool:
        """Whether the import of `module`, or of a name in it, asks for what is missing."""
        dotted = f"{module}.{attribute}" if attribute else module
        return f"{dotted}.".startswith(f"{self.missing}.")


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return (
        not {"test", "tests"}.isdisjoint(folders)
        or name.startswith("test_")
        or name.endswith(("_test.py", "conftest.py"))
    )


def _remembered(baseline: Path | None) -> Iterator[tuple[str, str, str]]:
    """Yield the targets of the sites in a baseline file, split; one that is damaged is complained of elsewhere."""
    if baseline is None:
        return
    with suppress(OSError, ValueError):
        text = baseline.read_text(encoding="utf-8")
        for name in dict.fromkeys(re.findall(r'"target": ("(?:[^"\\]|\\.)*")', text)):
            yield json.loads(name).partition(":")


def _last(target: Target) -> str:
    """Return the word that a file must hold which has the target: of a parameter its name."""
    parameter = target.parameter
    word = target.name if parameter is None else parameter.name
    return word if word.strip("*") else ""  # where any name is meant the file is enough


def _files_of(target: Target, modules: Modules) -> list[tuple[tuple[str, ...], str]]:
    """Return in which files of the history `target` would stand, and as which word; `""` where the file is enough.

    With the whole module gone, any file of it tells. With its name alone gone, the name must have stood in it. One that
    is written with dots alone may have been a module, or a name in the one above.
    """
    module, attribute = target.module, target.attribute or ""
    there = modules.find(module) if "*" not in module else next(modules.matching(module), None)
    readings = [(module, _last(target) if there is not None else "")]
    above, dot, last = module.rpartition(".")
    if not attribute and dot and there is None:
        readings.append((above, last))
    return [(tuple(_specs(name, modules)), word) for name, word in readings]


def _specs(module: str, modules: Modules) -> Iterator[str]:
    """Yield patterns of git for the files that a module has, or had where the folders lay otherwise."""
    path = module.replace(".", "/").replace("**", "*")
    anywhere = ["**/"] if "/" in path else []
    inside = (os.path.relpath(folder, modules.root).replace(os.sep, "/") for folder in modules.roots)
    for folder in dict.fromkeys(["", *("" if folder == "." else f"{folder}/" for folder in inside), *anywhere]):
        if not folder.startswith(".."):
            yield f"{folder}{path}.py"
            yield f"{folder}{path}/**"


class _History:
    """The files of a git history that match some patterns, with which of some words stood in each."""

    def __init__(self, root: str, specs: Sequence[str], words: Sequence[str], patience: float) -> None:
        self.trouble = ""
        self._patience = patience
        self._words = regex(rf"\b(?:{'|'.join(map(_word, words))})\b") if words else None
        self._found: dict[str, set[str]] = {}
        # Patterns are relative to the folder where git is started, and so are the paths that `--relative` gives.
        command = ["git", "-c", "core.quotePath=false", "log", "--all", "--format=", "--no-renames", "--no-color"]
        command += ["--no-ext-diff", "--no-textconv", "--relative", "-U0", "--src-prefix=a/", "--dst-prefix=b/"]
        command += ["-p" if words else "--name-only"]
        if _holds(root, "config", "promisor"):
            self.trouble = "the git clone is partial, and its history would have to be fetched"
            return
        try:
            self._run([*command, "--", *(f":(glob){spec}" for spec in specs)], root)
        except OSError:
            self.trouble = "git is not installed"

    def knows(self, specs: Iterable[str], word: str) -> bool:
        """Whether a file matching one of `specs` was there, with `word` in it unless that is empty."""
        patterns = [re.compile(_regex(spec)) for spec in specs] if self._found else ()
        return any(
            (not word or any(re.fullmatch(_word(word), seen) for seen in words))
            and any(pattern.fullmatch(path) for pattern in patterns)
            for path, words in self._found.items()
        )

    def _run(self, command: Sequence[str], root: str) -> None:
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        timer = threading.Timer(self._patience, process.kill)
        timer.start()
        with process, process.stdout as stream:
            self._read(stream)
        timer.cancel()
        if process.returncode < 0:
            self.trouble = "git's history is too long to be searched"
        elif process.returncode > 0:
            self.trouble = "this is no git repository"
        elif _holds(root, "shallow"):
            self.trouble = "the git clone is shallow: git fetch --unshallow gets the rest"

    def _read(self, stream: IO[bytes]) -> None:
        """Take what git prints."""
        path = ""
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            if self._words is None:
                self._found.setdefault(line, set())
            elif line.startswith(("--- a/", "+++ b/")):
                path = line[6:].rstrip("\t")
                self._found.setdefault(path, set())
            elif line.startswith(("+", "-")) and path:
                self._found[path].update(self._words.findall(line))


def _word(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", r"\w*")


def _regex(spec: str) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return "".join(wild.get(part) or re.escape(part) for part in re.split(r"(\*\*/|\*\*|\*)", spec))


def _holds(root: str, file: str, word: str = "") -> bool:
    """Whether the git folder of the clone around `root` has a `file`, with `word` in it; nothing is started for it."""
    for folder in (Path(root), *Path(root).parents):
        git = folder / ".git"
        with suppress(OSError, ValueError):
            if git.is_file():  # a work tree, or a submodule
                git = folder / git.read_text(encoding="utf-8").partition("gitdir: ")[2].strip()
                common = git / "commondir"
                git = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
            if git.exists():
                return (git / file).is_file() and word in (git / file).read_text(encoding="utf-8")
    return False


# --- What a tree says


def _guarded(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Yield the line of each guarded import, with what it names."""
    for node in ast.walk(tree):
        blocks: list[ast.stmt] = []
        if isinstance(node, ast.Try):
            if any(_catches(handler.type) for handler in node.handlers):
                blocks = node.body
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            if any(_expects(item.context_expr) for item in node.items):
                blocks = node.body
        elif isinstance(node, ast.Call) and (last_name(node.func) in ("importorskip", "find_spec") or _expects(node)):
            yield node.lineno, [(text, "") for text in _texts(node)]
        for inner in (inner for statement in blocks for inner in ast.walk(statement)):
            named = list(_imported(inner, module, is_package=is_package))
            if named:
                yield getattr(inner, "lineno", 1), named


def _imported(node: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[str, str]]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        named = named_by_statement(node, module=module, is_package=is_package)
        yield from ((imported.module, imported.attribute or "") for imported in named)
    elif isinstance(node, ast.Call) and last_name(node.func) in _ASKING:
        yield from ((text, "") for text in _texts(node))


def _catches(node: ast.expr | None) -> bool:
    return node is not None and any(last_name(part) in _GUARDS for part in ast.walk(node))


def _expects(node: ast.expr) -> bool:
    """Whether an expression expects an import to fail: `pytest.raises(ImportError)` and its like."""
    return isinstance(node, ast.Call) and last_name(node.func) in _GUARDING and any(map(_catches, node.args))


def _texts(node: ast.Call) -> Iterator[str]:
    passed = (*node.args, *(keyword.value for keyword in node.keywords))
    return (text.replace(":", ".") for text in literal_texts(passed))


def _makes(tree: ast.AST, wanted: _Wanted) -> bool:
    """Whether a file sets what is wanted on what it imports, or makes names at run time and speaks of this one."""
    spoken = makes = False
    owners = {wanted.owner}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            owners.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == wanted.name and isinstance(node.ctx, ast.Store):
            if last_name(node.value) in owners:
                return True
        elif (text := literal_text(node)) is not None:
            spoken = spoken or text.rpartition(".")[2] == wanted.name
        elif isinstance(node, ast.Call):
            makes = makes or last_name(node.func) in _MAKING
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            makes = makes or last_name(node.value) == "modules"
    return spoken and makes
