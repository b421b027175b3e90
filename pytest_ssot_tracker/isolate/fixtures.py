"""Make the fixtures that hand out the real singletons: `execution_tracker`, one per `fixture =`, and `ssot`.

`execution_tracker` is the singleton of the table whose `fixture` has that name. Where no table claims the name and
there is exactly one, it is that one's; where there are several, asking for it is an error that says what to add.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ssot_tracker.isolate.refusing import NOT_CONFIGURED, refusing, unconfigured
from pytest_ssot_tracker.settings import Settings, Ssot

if TYPE_CHECKING:
    from pytest_ssot_tracker.isolate.isolation import Isolation

__all__ = ["NOT_CONFIGURED", "Singletons", "UnknownTableError", "fixtures"]

DEFAULT = "execution_tracker"

_NOT_CLAIMED = """\
execution_tracker: no table has this fixture, and there are several: {tables}. \
Add to the table that is meant:

[tool.ssot_tracker.ssot.{first}]
fixture = "execution_tracker"

or ask for the fixture `ssot` and take ssot["{first}"].
"""

Report = Callable[[pytest.FixtureRequest, str, tuple[str, ...]], None]
"""Takes the request, the name of the table, and what the test left running or could not be put back."""


class UnknownTableError(KeyError):
    """Say that `ssot[name]` was asked for a table that is not there; `tables` are those that are."""

    def __init__(self, name: object, tables: tuple[str, ...]) -> None:
        super().__init__(name, tables)
        self.name = name
        self.tables = tables

    def __str__(self) -> str:
        return f"no table [tool.ssot_tracker.ssot.{self.name}]; there are: {', '.join(self.tables)}"


class Singletons(Mapping[str, Any]):
    """The fixture `ssot`: each table's singleton by the table's name, fetched and reset when first asked for."""

    def __init__(self, tables: Mapping[str, Ssot], lend: Callable[[Ssot], Any]) -> None:
        self._tables = tables
        self._lend = lend
        self._lent: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._tables:
            raise UnknownTableError(name, tuple(self._tables))
        if name not in self._lent:
            self._lent[name] = self._lend(self._tables[name])
        return self._lent[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        return f"<ssot: {', '.join(self._tables)}>"


def fixtures(
    settings: Settings | None = None,
    isolation: Callable[[], Isolation] | None = None,
    *,
    report: Report | None = None,
    taken: Container[str] = (),
) -> ModuleType:
    """Return a plugin to register with pytest that holds the fixtures of this configuration.

    `isolation` is called when a singleton is asked for. Without it, or with no `ssot` table, there are
    `execution_tracker` and `ssot`, and asking for either is an error that shows the lines to add. `report` is told what
    a test left running; by default it is added to the test's report as a section. `taken` are fixtures of other
    plugins: what no table claims takes the place of none of them.
    """
    tables = {} if settings is None or isolation is None else {ssot.name: ssot for ssot in settings.ssots}
    if isolation is None or not tables:
        return unconfigured(taken)
    plugin = ModuleType("ssot_tracker_fixtures", "The fixtures of this configuration.")
    lending = _Lending(isolation, report or _add_section)
    if DEFAULT not in taken:
        setattr(plugin, DEFAULT, _default(tables, lending))
    for ssot in tables.values():
        if ssot.fixture is not None:
            setattr(plugin, ssot.fixture, _of_table(ssot.fixture, ssot, lending))
    if "ssot" not in taken:
        plugin.ssot = _of_all(tables, lending)  # type: ignore[attr-defined]
    return plugin


class _Lending:
    """Lend for the time of one request, and give back when it ends, whatever happened."""

    def __init__(self, isolation: Callable[[], Isolation], report: Report) -> None:
        self._isolation = isolation
        self._report = report

    def lend(self, request: pytest.FixtureRequest, ssot: Ssot) -> Any:
        from pytest_ssot_tracker.isolate.access import IsolationError

        problem, isolation = None, self._isolation()
        try:
            instance = isolation.enter(ssot)
        except IsolationError as error:
            problem = str(error)
        if problem is not None:  # out here, or what the accessor raised would be shown twice
            pytest.fail(problem, pytrace=False)

        def give_back() -> None:
            left = isolation.leave(ssot)
            if left:
                self._report(request, ssot.name, left)

        request.addfinalizer(give_back)
        return instance


def _add_section(request: pytest.FixtureRequest, table: str, left: tuple[str, ...]) -> None:
    request.node.add_report_section("teardown", f"ssot {table}", "\n".join(left))


def _default(tables: Mapping[str, Ssot], lending: _Lending) -> Any:
    if len(tables) == 1:
        return _of_table(DEFAULT, next(iter(tables.values())), lending)
    names = tuple(tables)
    told = f'Hand out the singleton of the table with `fixture = "{DEFAULT}"`; none of several has it.'
    return refusing(DEFAULT, _NOT_CLAIMED.format(tables=", ".join(names), first=names[0]), told)


def _of_table(name: str, ssot: Ssot, lending: _Lending) -> Any:
    def singleton(request: pytest.FixtureRequest) -> Any:
        return lending.lend(request, ssot)

    singleton.__doc__ = f"Hand out the real singleton {ssot.canonical or ssot.name}, reset, and put it back afterwards."
    return pytest.fixture(name=name)(singleton)


def _of_all(tables: Mapping[str, Ssot], lending: _Lending) -> Any:
    def ssot(request: pytest.FixtureRequest) -> Singletons:
        """Hand out the real singleton of any table, as `ssot["name"]`, reset, and put it back afterwards."""
        return Singletons(tables, lambda table: lending.lend(request, table))

    return pytest.fixture(name="ssot")(ssot)
