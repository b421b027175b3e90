"""Run what is planted under each back end, scan it, and say of each use whether it was seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_ssot_tracker.model import Rule, Target
from pytest_ssot_tracker.names.looking import Names, There
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.prove.answers import SCAN, Answer, Answers, Proof
from pytest_ssot_tracker.prove.planting_places import STEM, Places
from pytest_ssot_tracker.prove.plants import Plant, plants, wanted
from pytest_ssot_tracker.prove.scratch_copy import Scratch
from pytest_ssot_tracker.prove.shapes import Shape, loads
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.settings import Settings

__all__ = ["ProofError", "Prover"]

_PATIENCE = 600
"""Seconds that one run of pytest may take."""

_DROPPED = regex(r"PYTEST_(ADDOPTS|XDIST_\w+)\Z|COVERAGE_PROCESS_|COV_CORE_")
"""What must not reach the runs: options of somebody else's run, and what writes coverage data beside the original."""


class ProofError(Exception):
    """Nothing could be proved: the text is why."""


class Prover:
    """What proves that the configuration of a project bites, in a copy of it.

    `config` is the configuration file, where it is not the usual one, and `ini` pytest's, both in the original;
    `pythonpath` are pytest's own import roots, `options` more arguments for it.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        testpaths: Sequence[str] = (),
        config: str | None = None,
        ini: Path | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self._settings = settings
        self._folder = folder
        self.scratch = Scratch.of(settings.tree, folder / "copy")
        self._root = self.scratch.root
        self._tests = next((path for path in (*testpaths, "tests") if (self._root / path).is_dir()), "")
        self._places = Places(settings, self._root, self._tests)
        self._answers = Answers(settings, self._places)
        self._options = list(options)
        if ini is not None:
            self._options += ["-c", self.scratch.moved(str(ini))]
        if config is not None:
            self._options += [f"--ssot-config={self.scratch.moved(config)}"]
        self._config = [] if config is None else [f"--config={self.scratch.moved(config)}"]

    def backends(self) -> list[str]:
        """Return the back ends that this interpreter offers."""
        return ["monitoring", "in-place"] if hasattr(sys, "monitoring") else ["in-place"]

    def plants(self) -> list[Plant]:
        """Return everything that can be planted; raise `ProofError` where the project's tests cannot be run at all."""
        return [*plants(self._settings, self._shapes(), self._places), *self._always()]

    def prove(self, asked: Sequence[Plant]) -> list[Proof]:
        """Return what became of each of the plants."""
        for plant in asked:
            if plant.code:
                self._write(plant.path, plant.code)
        answers: list[list[Answer]] = [[] for _ in asked]
        running = _looked_for("run", asked)
        for backend in self.backends() if running else ():
            for number, answer in self._run(backend, asked, running):
                answers[number].append(answer)
        for found, plant in zip(answers, asked, strict=True):
            found += (Answer(by, None, why) for by, why in plant.why.items())
            # A module whose being there is the fault is made last: an import may be guarded against its absence.
            if plant.rule is Rule.COMPETING_MODULES and plant.path and not (self._root / plant.path).exists():
                self._write(plant.path, "")
        scanned = _looked_for(SCAN, asked)
        for number, answer in self._scan(asked, scanned) if scanned else ():
            answers[number].append(answer)
        return [Proof(plant, tuple(found)) for plant, found in zip(asked, answers, strict=True)]

    def _write(self, path: str, text: str) -> None:
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    # --- What is to be planted

    def _shapes(self) -> list[Shape]:
        """Ask a process that has loaded what the project's tests load what each target is."""
        roots = [os.fspath(self._root / base) for base in self._settings.tree.import_roots]
        names = Names(Modules(str(self._root), roots))
        asked = [(str(target), _concrete(target, names)) for target in dict.fromkeys(wanted(self._settings))]
        file = self._folder / "shapes.json"
        test = (
            "from pytest_ssot_tracker.prove.shapes import tell\n\n\n"
            f"def test_shapes():\n    tell({asked!r}, {str(file)!r})\n"
        )
        path = self._places.test()
        self._write(path, test)
        output = self._pytest([path], ["--no-ssot"])
        (self._root / path).unlink()
        if not file.is_file():
            raise ProofError(f"the tests cannot be run in a copy of the project\n{_end(output)}")
        return loads(file.read_text(encoding="utf-8"))

    def _always(self) -> Iterator[Plant]:
        """Yield what is planted whatever the tables say."""
        path = self._places.new(None)
        yield Plant(
            "",
            Rule.DOUBLE_IMPORT,
            "",
            "import it, and load its file by another name",
            "LOADED = True\n",
            call=f"planted.twice(use, {STEM + '_again'!r})",
            path=path,
            looks=frozenset({"run"}),
        )
        path = self._places.new(None)
        yield Plant("", Rule.UNREADABLE_SOURCE, "", "def (:", "def (:\n", path=path, looks=frozenset({SCAN}))

    # --- Running

    def _run(self, backend: str, asked: Sequence[Plant], numbers: Sequence[int]) -> Iterator[tuple[int, Answer]]:
        result, notes = self._folder / f"{backend}.json", self._folder / f"{backend}.notes"
        paths = [self._test(asked, numbers, notes)]
        paths += [asked[number].path for number in numbers if not asked[number].call]
        crowded = backend == "in-place" and hasattr(sys, "monitoring")
        output = self._pytest(
            paths,
            ["--ssot-phase=baseline", "--no-ssot-scan", f"--ssot-report=json:{result}"],
            first=["-p", "pytest_ssot_tracker.detect.scratch.crowded"] if crowded else [],
        )
        (self._root / paths[0]).unlink()
        try:
            plain = json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise ProofError(f"the planted tests cannot be run\n{_end(output)}") from None
        raised = dict(json.loads(line) for line in _lines(notes))
        for number in numbers:
            yield number, self._answers.of(backend, asked[number], plain, raised.get(number, "the test did not run"))

    def _test(self, asked: Sequence[Plant], numbers: Sequence[int], notes: Path) -> str:
        """Write the test module that does what is planted; return its path."""
        lines = ["import asyncio", "", "from pytest_ssot_tracker.detect.scratch.planted import Planted", ""]
        lines += [f"planted = Planted({str(self._root)!r}, {str(notes)!r})", ""]
        # What is taken away from the canonical is missing for all that comes after.
        for number in sorted(numbers, key=lambda number: asked[number].rule is Rule.INCOMPLETE_SSOT):
            plant = asked[number]
            if not plant.call:
                continue
            module = self._settings.tree.module(plant.path) if plant.path else ""
            lines += ["", f"def test_{number}():", f"    with planted.use({number}):"]
            if plant.call.startswith("planted.twice"):
                above, _, last = module.rpartition(".")
                lines += [f"        from {above} import {last} as use" if above else f"        import {last} as use"]
            elif module:
                lines += [f"        from {module} import use"]
            lines += [f"        {plant.call}", ""]
        path = self._places.test()
        self._write(path, "\n".join(lines) + "\n")
        return path

    def _pytest(
        self, paths: Sequence[str], ours: Sequence[str], *, first: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run the tests in `paths`; `first` are options that have to stand before those that load this plugin."""
        usual = ["-q", f"--rootdir={self._root}", "-p", "no:cacheprovider", "-p", "no:randomly"]
        usual += ["-o", "addopts=", "-o", "python_functions=test", "-o", "ssot_since=", "-p", "ssot_tracker"]
        return self._call([sys.executable, "-m", "pytest", *first, *usual, *ours, *self._options, *paths])

    def _call(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                cwd=self._root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=_PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 1, "", f"it took longer than {_PATIENCE} seconds")

    def _environment(self) -> Mapping[str, str]:
        """Return an environment in which the copy is imported, whatever is installed of the project."""
        kept = {name: value for name, value in os.environ.items() if not _DROPPED.match(name)}
        roots = [os.path.normpath(self._root / base) for base in self._settings.tree.import_roots]
        before = [self.scratch.moved(path) for path in kept.get("PYTHONPATH", "").split(os.pathsep) if path]
        return {**kept, "PYTHONPATH": os.pathsep.join(dict.fromkeys((*roots, *before)))}

    # --- Scanning

    def _scan(self, asked: Sequence[Plant], numbers: Sequence[int]) -> Iterator[tuple[int, Answer]]:
        command = [sys.executable, "-m", "pytest_ssot_tracker", "scan", "--format=json", "--phase=baseline"]
        output = self._call([*command, f"--root={self._root}", *self._config])
        try:
            plain = json.loads(output.stdout)
        except ValueError:
            raise ProofError(f"the copy of the project cannot be scanned\n{_end(output)}") from None
        for number in numbers:
            yield number, self._answers.of(SCAN, asked[number], plain)


def _looked_for(by: str, asked: Sequence[Plant]) -> list[int]:
    """Return the numbers of the plants that a run, or the scan, has to see."""
    return [number for number, plant in enumerate(asked) if by in plant.looks and not plant.unproved]


def _concrete(target: Target, names: Names) -> str:
    """Return the module that a target names: of those that match a pattern the first that has what is meant."""
    if "*" not in target.module:
        return target.module
    found = [Target(module.name, target.attribute) for module in names.modules.matching(target.module)]
    having = (each for each in found if each.attribute is None or names.look(each).there is There.YES)
    return next((each.module for each in (*having, *found)), target.module)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _end(output: subprocess.CompletedProcess[str]) -> str:
    return "\n".join((output.stdout + output.stderr).splitlines()[-20:])
