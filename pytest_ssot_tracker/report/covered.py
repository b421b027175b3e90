"""Read from coverage data which tests ran the lines where the scan found something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.model import FileError, Observation, Site, Step
from pytest_ssot_tracker.records import dataclass

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.gather import GatheredTest
    from pytest_ssot_tracker.settings import Tree

__all__ = ["CoverageError", "Covered"]

_STEPS = {"run": Step.CALL, "setup": Step.SETUP, "teardown": Step.TEARDOWN}


class CoverageError(FileError):
    """Why coverage data cannot be used."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The contexts in which lines ran, by relative path and line; those without a name left out."""

    contexts: dict[str, dict[int, list[str]]]
    tree: Tree

    @classmethod
    def read(cls, path: Path, tree: Tree, paths: Iterable[str]) -> Covered:
        """Return what the data in `path` says of the files at the relative `paths`; raise `CoverageError`."""
        if not path.is_file():
            raise CoverageError(str(path), "there is no such file; name coverage data that is there")
        wanted = set(paths)
        contexts: dict[str, dict[int, list[str]]] = {}
        with closing(_data(path)) as data:
            _read(data, path)
            for name in data.measured_files():
                relative = tree.relative(name)
                if relative in wanted:
                    contexts[relative] = data.contexts_by_lineno(name)
        return cls(contexts, tree)

    def observations(self, sites: Iterable[Site], tests: Iterable[GatheredTest]) -> Iterator[Observation]:
        """Yield for each site and test whose line that test ran: a fact about the line, which decides nothing."""
        functions = {
            self._qualified(function): function for function in dict.fromkeys(_function(test.id) for test in tests)
        }
        for site in sites:
            for context in sorted(filter(None, self.contexts.get(site.path, {}).get(site.line, ()))):
                test, step = _test(context, functions)
                yield Observation(site, test, step)

    def _qualified(self, function: str) -> str:
        """Return the dotted name of the function of a test, from the only thing every test tells: its node id."""
        path, *names = function.split("::")
        return ".".join((self.tree.module(path), *names))


def _data(path: Path) -> Any:
    try:
        from coverage import CoverageData
    except ImportError:
        raise CoverageError(
            str(path), "coverage is not installed here; pip install 'pytest-ssot-tracker[coverage]'"
        ) from None
    return CoverageData(basename=str(path))


def _read(data: Any, path: Path) -> None:
    from coverage.exceptions import CoverageException

    try:
        data.read()
    except CoverageException as error:
        raise CoverageError(str(path), f"it is no coverage data: {error}") from None
    if not set(data.measured_contexts()) - {""}:
        problem = "it holds no contexts; record with --cov-context=test, or with dynamic_context = test_function"
        raise CoverageError(str(path), problem)


def _test(context: str, functions: dict[str, str]) -> tuple[str, Step]:
    """Return the node id and the step that a context names.

    pytest-cov writes `node id|run`; `dynamic_context = test_function` writes `module.Class.function`, where the module
    may lack the packages above it.
    """
    test, bar, step = context.rpartition("|")
    if bar and step in _STEPS:
        return test, _STEPS[step]
    ending = [test for name, test in functions.items() if name == context or name.endswith(f".{context}")]
    return (ending[0] if len(ending) == 1 else context), Step.CALL


def _function(test: str) -> str:
    """Return the node id of a test's function, without its parameters."""
    return test.partition("[")[0]
