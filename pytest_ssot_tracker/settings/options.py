"""Hold the one table of pytest options: it makes the command line and the ini keys alike, and reads both.

The command line wins over ini. Nothing has a default on the command line, where it would hide what ini says.

Every run of everybody who has the plugin installed loads this, so the records here are named tuples: a frozen
dataclass takes two milliseconds to define, a named tuple half of one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.records import NamedTuple, regex
from pytest_ssot_tracker.settings.problems import ConfigurationError, Problem, Spot, nearest
from pytest_ssot_tracker.settings.reports import BY_NAME, REPORTERS

if TYPE_CHECKING:
    from typing import Literal, Protocol, TypeAlias

    from pytest_ssot_tracker.model import Phase
    from pytest_ssot_tracker.settings.question import Question

    Kind: TypeAlias = Literal["group", "path", "phase", "reports", "switch", "targets", "text", "traces"]

    class Config(Protocol):
        """What of pytest's configuration is used, early (before conftests) and later."""

        @property
        def known_args_namespace(self) -> Any:
            """Return the parsed command line."""

        @property
        def rootpath(self) -> Path:
            """Return the rootdir."""

        @property
        def inipath(self) -> Path | None:
            """Return the ini file, if any."""

        @property
        def invocation_params(self) -> Any:
            """Return how pytest was invoked."""

        def getini(self, name: str) -> Any:
            """Return an ini value; an exception for one of a wrong type."""


__all__ = [
    "GROUPS",
    "OPTIONS",
    "PLACE",
    "REPORTS",
    "Option",
    "Options",
    "ReportError",
    "ReportRequest",
    "add_to",
    "check_baseline",
    "parse_report",
    "read",
    "strange",
]

_ALL = "?all"
_COMMAND_LINE = "command line"

GROUPS = ("rule", "target", "owner", "path")
"""What sites can be listed by."""

REPORTS = tuple(BY_NAME)
"""The types of reports."""


class ReportError(ValueError):
    """Say that a report cannot be asked for like this: `spelling`, what is wrong with it, what to write."""

    def __init__(self, spelling: str, problem: str, todo: str) -> None:
        super().__init__(spelling, problem, todo)
        self.spelling = spelling
        self.problem = problem
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.problem}; {self.todo}"


class ReportRequest(NamedTuple):
    """One report that was asked for: its `type` and where it goes, `None` for what has no file of its own.

    `everything` asks for what passes as well, where a report has only what fails.
    """

    type: str
    dest: Path | None = None
    everything: bool = False


def parse_report(spelling: str) -> ReportRequest:
    """Return the report that `TYPE[:DEST][?all]` asks for, with the type's own destination where none is given.

    Raises `ReportError` for an unknown type, and for a destination or a suffix that is empty or of no use.
    """
    asked, everything = spelling.removesuffix(_ALL), spelling.endswith(_ALL)
    kind, colon, dest = asked.partition(":")
    if kind not in BY_NAME:
        raise ReportError(spelling, f"there is no report {kind!r}", nearest(kind, BY_NAME))
    if everything and not BY_NAME[kind].failures_only:
        raise ReportError(spelling, f"the report {kind!r} has everything already", f"write {asked!r} without '{_ALL}'")
    usual = BY_NAME[kind].dest
    if not colon:
        return ReportRequest(kind, None if usual is None else Path(usual), everything)
    if usual is None:
        raise ReportError(spelling, f"the report {kind!r} goes to no file of its own", f"write {kind!r} alone")
    if not dest.strip():
        raise ReportError(spelling, "the destination after ':' is missing", f"write '{kind}:{usual}' or {kind!r} alone")
    return ReportRequest(kind, Path(dest), everything)


PLACE = regex(r"(?P<path>.+):(?P<line>\d+)")
"""How the place of a statement is written."""


_REPEATED = ("reports", "targets", "traces")
"""Kinds that may be given more than once."""


class Option(NamedTuple):
    """One option: `--name` on the command line, `name` with `_` in ini, `field` in `Options`.

    `kind` is what its value is, by a plain word: every run loads this, and an enum takes half a million instructions.
    `negative` is the flag that turns a switch off.
    """

    name: str
    field: str
    kind: Kind
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    negative: str | None = None

    @property
    def flag(self) -> str:
        """Return the spelling on the command line."""
        return f"--{self.name}"

    @property
    def ini(self) -> str:
        """Return the key in ini, which is also where argparse keeps the value."""
        return self.name.replace("-", "_")

    @property
    def negative_ini(self) -> str | None:
        """Return the key in ini that turns a switch off, `None` where there is no such flag."""
        return None if self.negative is None else self.negative.removeprefix("--").replace("-", "_")

    @property
    def valid(self) -> str:
        """Return what to write as a value, for messages."""
        return {
            "group": f"write one of {', '.join(self.choices)}",
            "phase": f"write one of {', '.join(self.choices)}",
            "path": "write a path",
            "reports": "write one TYPE[:DEST] a line",
            "switch": "write true or false",
            "targets": "write one TARGET[=NEW] a line",
            "traces": "write one TARGET or PATH:LINE a line",
            "text": "write a text",
        }[self.kind]


OPTIONS = (
    Option(
        name="ssot-phase",
        field="phase",
        kind="phase",
        choices=("baseline", "ratchet", "enforce"),  # those of `Phase`, which a run without configuration never loads
        help="Hold every table to this phase of the migration: baseline records, ratchet fails what is new, enforce "
        "fails all (default: what the configuration says, else enforce).",
    ),
    Option(
        name="ssot-config",
        field="config",
        kind="path",
        metavar="FILE",
        help="Read the configuration from FILE: its [tool.ssot_tracker] or else its top level (default: pyproject.toml "
        "or ssot_tracker.toml in the rootdir).",
    ),
    Option(
        name="ssot-baseline",
        field="baseline",
        kind="path",
        metavar="FILE",
        help="Compare with the known sites in FILE (default: the configured one, else ssot-baseline.json).",
    ),
    Option(
        name="ssot-since",
        field="since",
        kind="text",
        metavar="REF",
        help="Take for new what stands in lines that changed since the work tree parted from REF, such as origin/main, "
        "and for known everything else: no baseline file is needed. The phase is ratchet where none is named.",
    ),
    Option(
        name="ssot-update-baseline",
        field="update_baseline",
        kind="switch",
        help="Take fixed sites out of the baseline file, which only shrinks: `ssot-tracker baseline --grow` adds.",
    ),
    Option(
        name="ssot-report",
        field="reports",
        kind="reports",
        metavar="TYPE[:DEST]",
        help=f"Write a report; repeat it for more: {', '.join(reporter.shown for reporter in REPORTERS)}. "
        f"{', '.join(reporter.name for reporter in REPORTERS if reporter.failures_only)} have only what fails; with "
        "?all at the end, as in sarif:FILE?all, what passes as well.",
    ),
    Option(
        name="ssot-group",
        field="group",
        kind="group",
        choices=GROUPS,
        help="List the sites of the summary by rule, by what is used, by owner or by folder (default: rule).",
    ),
    Option(
        name="ssot-scan",
        field="scan",
        kind="switch",
        negative="--no-ssot-scan",
        help="Read the source too, for sites that no test runs; --no-ssot-scan watches the run only (default: scan).",
    ),
    Option(
        name="ssot-coverage",
        field="coverage",
        kind="path",
        metavar="FILE",
        help="Take from the coverage data in FILE, recorded with contexts, which tests reach sites this run did not.",
    ),
    Option(
        name="ssot-deprecate",
        field="deprecate",
        kind="targets",
        metavar="TARGET[=NEW]",
        help="Ask who uses TARGET, such as app.old.Thing, and by which tests; repeat it for more. Nothing fails "
        "for it, no configuration is needed, and the answer ends with the lines that keep asking.",
    ),
    Option(
        name="ssot-warnings",
        field="warnings",
        kind="switch",
        help="Ask who makes anything warn of its deprecation, and by which tests; nothing fails for it.",
    ),
    Option(
        name="ssot-explain",
        field="explain",
        kind="text",
        metavar="SITE",
        help="Tell everything about one site at the end of the run: what it is, why it matters, which tests reach it, "
        "how to fix it and how to allow it. SITE is path:line or an id; `ssot-tracker explain RULE` tells of a rule.",
    ),
    Option(
        name="ssot-trace",
        field="trace",
        kind="traces",
        metavar="TARGET|PATH:LINE",
        help="Tell at the end of the run what was decided about a target, or about what stands at PATH:LINE, step by "
        "step: why it is a site, and why it is none. Repeat it for more.",
    ),
    Option(
        name="ssot-subprocess",
        field="subprocess",
        kind="switch",
        help="Watch the processes that tests start as well (default: each is a blind spot of its test).",
    ),
    Option(
        name="ssot-otel",
        field="otel",
        kind="switch",
        help="Count what is seen by an OpenTelemetry meter too, as ssot.observations by rule, target and site.",
    ),
    Option(
        name="ssot-strict-blind-spots",
        field="strict_blind_spots",
        kind="switch",
        help="Fail the session when something declared could not be watched (default: only say so).",
    ),
    Option(
        name="no-ssot",
        field="off",
        kind="switch",
        help="Do nothing at all, as if there were no configuration.",
    ),
)


class Options(NamedTuple):
    """What command line and ini asked for; paths are absolute, `None` and `()` where nothing was said."""

    phase: Phase | None = None
    config: Path | None = None
    baseline: Path | None = None
    since: str | None = None
    update_baseline: bool = False
    reports: tuple[ReportRequest, ...] = ()
    group: str = "rule"
    scan: bool = True
    coverage: Path | None = None
    deprecate: tuple[str, ...] = ()
    warnings: bool = False
    explain: str | None = None
    trace: tuple[str, ...] = ()
    subprocess: bool = False
    otel: bool = False
    strict_blind_spots: bool = False
    off: bool = False

    @property
    def question(self) -> Question | None:
        """Return what is asked without a configuration, `None` where nothing is."""
        if not (self.deprecate or self.warnings):
            return None
        from pytest_ssot_tracker.settings.question import Question

        return Question(self.deprecate, self.warnings)


def add_to(parser: Any) -> None:
    """Add every option and its ini twin to `parser`, a `pytest.Parser`."""
    group = parser.getgroup("ssot", "single source of truth tracker")
    for option in OPTIONS:
        shared = {"dest": option.ini, "default": None, "help": option.help}
        if option.kind == "switch":
            group.addoption(option.flag, action="store_true", **shared)
            if option.negative:
                group.addoption(option.negative, action="store_false", **{**shared, "help": f"See {option.flag}."})
        elif option.kind in _REPEATED:
            group.addoption(option.flag, action="append", metavar=option.metavar, **shared)
        else:
            # Only plain text is stored: pytest-xdist sends the namespace to its workers.
            more = {"choices": option.choices} if option.choices else {"metavar": option.metavar}
            group.addoption(option.flag, action="store", **more, **shared)
        ini_type = "bool" if option.kind == "switch" else "linelist" if option.kind in _REPEATED else "string"
        parser.addini(option.ini, option.help, type=ini_type, default=None)
        if option.negative_ini:
            parser.addini(option.negative_ini, f"The opposite of {option.ini}.", type="bool", default=None)


def strange(words: Iterable[str]) -> list[str]:
    """Return a line for each of the `words` of a command line that is nearly one of our options, and none."""
    known = [flag for option in OPTIONS for flag in (option.flag, option.negative) if flag]
    lines = []
    for word in words:
        spelled = word.partition("=")[0]
        if spelled.startswith(("--ssot", "--no-ssot")) and spelled not in known:
            hint = nearest(spelled, known)
            if hint.startswith("did you mean"):
                lines.append(f"ssot: there is no option {spelled!r}; {hint}")
    return lines


def read(config: Config) -> Options:
    """Return what the command line and ini ask for; raise `ConfigurationError` with every problem at once.

    A path on the command line is relative to where the user stands, one in ini to the rootdir.
    """
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    given = config.known_args_namespace
    for option in OPTIONS:
        value = getattr(given, option.ini, None)
        file, key, base = _COMMAND_LINE, option.flag, config.invocation_params.dir
        if value is None:
            file, key, base = _ini_name(config), option.ini, config.rootpath
            value = _ini_value(config, option, problems.append)
        if value is not None and value not in ("", []):
            found[option.field] = _READERS[option.kind](value, Spot(file, key, problems.append), base)
    if problems:
        raise ConfigurationError(problems)
    return Options(**found)


def check_baseline(config: Config, flag: str = "--ssot-baseline") -> None:
    """Refuse a file of known sites that the command line names and that is not there: everything would be new."""
    named = getattr(config.known_args_namespace, "ssot_baseline", None)
    if named and not os.path.isfile(config.invocation_params.dir / named):
        todo = "name one that is there; `ssot-tracker baseline` writes one"
        raise ConfigurationError([Problem(_COMMAND_LINE, flag, f"there is no file {named!r}", todo)])


def _ini_value(config: Config, option: Option, report: Callable[[Problem], None]) -> Any:
    """Return what ini says, `None` for nothing; of a switch and its opposite the opposite wins."""
    for key in filter(None, (option.negative_ini, option.ini)):
        try:
            value = config.getini(key)
        except Exception as error:  # pytest's own check: ValueError, TypeError, and since 9.2 UsageError
            Spot(_ini_name(config), key, report).wrong(str(error).partition("\n")[0], option.valid)
            continue
        if value is not None:
            return not value if key == option.negative_ini else value
    return None


def _ini_name(config: Config) -> str:
    return "ini" if config.inipath is None else config.inipath.name


def _phase(value: object, spot: Spot, base: Path) -> Phase | None:
    from pytest_ssot_tracker.model import Phase
    from pytest_ssot_tracker.settings.checks import member

    phase: Phase | None = member(Phase, "phase")(value, spot)
    return phase


def _group(value: object, spot: Spot, base: Path) -> str | None:
    from pytest_ssot_tracker.settings.checks import read_one_of

    return read_one_of(GROUPS, "group", value, spot)


def _path(value: object, spot: Spot, base: Path) -> Path | None:
    if isinstance(value, str):
        return base / value
    spot.wrong(f"{value!r} is no path", "write a path")
    return None


def _text(value: object, spot: Spot, base: Path) -> str | None:
    if isinstance(value, str):
        return value.strip()
    spot.wrong(f"{value!r} is no text", "write a text")
    return None


def _reports(value: Iterable[str], spot: Spot, base: Path) -> tuple[ReportRequest, ...]:
    asked: dict[ReportRequest, None] = {}
    for spelling in value:
        try:
            request = parse_report(spelling)
        except ReportError as error:
            spot.wrong(error.problem, error.todo)
        else:
            asked[request if request.dest is None else request._replace(dest=base / request.dest)] = None
    return tuple(asked)


def _traces(value: Iterable[str], spot: Spot, base: Path) -> tuple[str, ...]:
    from pytest_ssot_tracker.model import Target, TargetError

    asked = [text.strip() for text in value]
    for text in asked:
        if not PLACE.fullmatch(text):
            try:
                Target.parse(text)
            except TargetError as error:
                spot.wrong(f"{text!r} is neither a target ({error.problem}) nor a place", "write TARGET or PATH:LINE")
    return tuple(asked)


_READERS: dict[Kind, Callable[[Any, Spot, Path], Any]] = {
    "group": _group,
    "phase": _phase,
    "path": _path,
    "switch": lambda value, spot, base: bool(value),
    "text": _text,
    "reports": _reports,
    "targets": lambda value, spot, base: tuple(text.strip() for text in value),
    "traces": _traces,
}
