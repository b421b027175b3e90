"""Run the test suites of other projects without the plugin, twice, and with it, and print what differs.

    python benchmarks/harm/suites.py FOLDER [--python PATH]... [NAME...]

FOLDER keeps a virtual environment for each interpreter, and the sources. Each suite comes from its project's source
distribution and runs on the code in it. With the plugin means: phase `baseline`, with `uuid.uuid4` and some of the
project's own classes, fixtures, commands and the like declared deprecated, configured from outside.
What already differs between the two runs without it (flaky) is left out. Compared are outcomes and their order,
captured output, tracebacks, warnings with their places, and the exit status.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
KINDS = ("outcome", "order", "output", "traceback", "warning", "exit")

CONFIGURATION = """\
phase = "baseline"
[ssot.classes]
deprecated = {deprecated}
[ids.ids]
forbidden = ["uuid:uuid4"]
patterns = ["time-format"]
"""


@dataclass(frozen=True)
class Suite:
    """Be a suite: its distribution, where its code and the chosen tests are, and what is declared deprecated."""

    name: str
    deprecated: tuple[str, ...]
    tests: tuple[str, ...] = ("tests",)
    code: tuple[str, ...] = ("src",)
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    autoload: bool = False


SUITES = (
    Suite(
        "attrs",
        ("attr._make:Attribute", "attr._make:Factory", "attr._make:_CountingAttr"),
        tests=(
            "tests/test_make.py",
            "tests/test_funcs.py",
            "tests/test_validators.py",
            "tests/test_slots.py",
            "tests/test_dunders.py",
        ),
        needs=("hypothesis", "cloudpickle"),
    ),
    Suite("click", ("click.core:Command", "click.core:Option", "click.core:Context", "click.types:Choice")),
    Suite("pluggy", ("pluggy._hooks:HookimplMarker", "pluggy._manager:PluginManager"), tests=("testing",)),
    Suite(
        "structlog",
        ("structlog._base:BoundLoggerBase", "structlog.processors:JSONRenderer", "structlog.testing:LogCapture"),
        needs=("pretend", "freezegun", "pytest-asyncio"),
        plugins=("pytest_asyncio.plugin",),
    ),
    Suite(
        "networkx",
        ("networkx.classes.graph:Graph", "networkx.classes.digraph:DiGraph", "networkx.utils.union_find:UnionFind"),
        tests=("networkx/classes", "networkx/algorithms/shortest_paths"),
        code=(".",),
        needs=("numpy",),
    ),
    Suite(
        "packaging",
        ("packaging.specifiers:Specifier", "packaging.tags:Tag", "packaging.markers:Marker"),
        tests=(
            "tests/test_markers.py",
            "tests/test_requirements.py",
            "tests/test_tags.py",
            "tests/test_utils.py",
            "tests/test_metadata.py",
        ),
        needs=("pretend", "hypothesis", "tomli-w"),
    ),
    Suite(
        "werkzeug",
        ("werkzeug.wrappers.request:Request", "werkzeug.datastructures.structures:MultiDict", "werkzeug.test:Client"),
        tests=(
            "tests/test_datastructures.py",
            "tests/test_routing.py",
            "tests/test_test.py",
            "tests/test_wrappers.py",
            "tests/test_http.py",
        ),
        needs=("watchdog", "cryptography", "ephemeral-port-reserve"),
    ),
    Suite("tomlkit", ("tomlkit.items:Table", "tomlkit.container:Container"), code=(".",), needs=("pyyaml",)),
    Suite("itsdangerous", ("itsdangerous.signer:Signer", "itsdangerous.serializer:Serializer"), needs=("freezegun",)),
    Suite(
        "jinja2", ("jinja2.environment:Environment", "jinja2.lexer:Token", "jinja2.runtime:Context"), needs=("trio",)
    ),
    Suite(
        "sqlalchemy",
        ("sqlalchemy.sql.schema:Column", "sqlalchemy.sql.elements:BindParameter", "sqlalchemy.util:immutabledict"),
        tests=("test/base", "test/sql/test_operators.py", "test/sql/test_text.py", "test/engine/test_parseconnect.py"),
        code=("lib",),
        options=("-p", "no:logging"),
    ),
    Suite(
        "pytest",
        (
            "_pytest.tmpdir:tmp_path",
            "_pytest.capture:capsys",
            "_pytest.monkeypatch:monkeypatch",
            "_pytest.recwarn:recwarn",
            "_pytest.pytester:pytester",
            "_pytest.mark.structures:Mark",
            "_pytest.mark.structures:MARK_GEN",
            "_pytest.mark.structures:get_unpacked_marks",
            "_pytest.scope:Scope",
            "_pytest.config:ExitCode",
            "_pytest.config:hookimpl",
            "_pytest.compat:NOTSET",
            "_pytest.fixtures:FixtureDef",
            "_pytest.monkeypatch:MonkeyPatch.context",
            "_pytest.outcomes:skip",
            "_pytest.outcomes:fail",
            "_pytest.warning_types:PytestDeprecationWarning",
            "_pytest.nodes:Item.location",
            "os:getcwd",
        ),
        tests=(
            "testing/test_mark.py",
            "testing/test_monkeypatch.py",
            "testing/test_scope.py",
            "testing/python/raises.py",
            "testing/python/fixtures.py::TestFillFixtures",
        ),
        needs=("attrs", "hypothesis", "xmlschema", "pygments", "requests", "setuptools"),
    ),
    Suite(
        "pytest-xdist",
        (
            "xdist.plugin:worker_id",
            "xdist.plugin:testrun_uid",
            "xdist.workermanage:NodeManager",
            "xdist.workermanage:WorkerController",
            "xdist.remote:WorkerInteractor",
            "xdist.dsession:DSession",
            "xdist.dsession:WorkerStatus",
            "xdist.scheduler.load:LoadScheduling",
            "xdist.plugin:is_xdist_worker",
            "xdist.workermanage:parse_tx_spec_config",
            "execnet:makegateway",
            "os:getpid",
        ),
        tests=("testing/test_dsession.py", "testing/test_plugin.py"),
        needs=("psutil", "setproctitle", "filelock"),
        autoload=True,
    ),
    Suite(
        "pytest-asyncio",
        (
            "pytest_asyncio.plugin:unused_tcp_port",
            "pytest_asyncio.plugin:unused_udp_port",
            "pytest_asyncio.plugin:unused_tcp_port_factory",
            "pytest_asyncio.plugin:event_loop_policy",
            "pytest_asyncio.plugin:fixture",
            "pytest_asyncio.plugin:is_async_test",
            "pytest_asyncio.plugin:Mode",
            "pytest_asyncio.plugin:FixtureFunction",
            "pytest_asyncio.plugin:Coroutine",
            "asyncio:get_event_loop",
            "asyncio:Runner",
            "asyncio:get_running_loop",
        ),
        tests=("tests/async_fixtures", "tests/test_simple.py", "tests/test_port_factories.py"),
        needs=("hypothesis",),
        autoload=True,
    ),
    Suite(
        "django",
        (
            "django.conf:settings",
            "django.utils.functional:cached_property",
            "django.utils.functional:SimpleLazyObject",
            "django.utils.functional:lazystr",
            "django.utils.functional:classproperty",
            "django.utils.translation:gettext_lazy",
            "django.utils.translation:pgettext_lazy",
            "django.utils.safestring:SafeString",
            "django.utils.safestring:mark_safe",
            "django.utils.datastructures:MultiValueDict",
            "django.test.utils:override_settings",
            "django.test.utils:isolate_apps",
            "django.dispatch:Signal",
            "django.core.signals:setting_changed",
            "django.urls:reverse_lazy",
            "django.utils.html:format_html",
            "django.template.engine:Engine",
            "django.db.models.enums:TextChoices",
            "django.utils.deconstruct:deconstructible",
            "django.utils.autoreload:autoreload_started",
            "math:floor",
            "zlib:crc32",
            "time:time",
        ),
        tests=(
            "tests/utils_tests/test_functional.py",
            "tests/utils_tests/test_lazyobject.py",
            "tests/utils_tests/test_datastructures.py",
            "tests/utils_tests/test_safestring.py",
            "tests/utils_tests/test_html.py",
            "tests/utils_tests/test_decorators.py",
            "tests/dispatch",
            "tests/urlpatterns",
            "tests/decorators",
            "tests/template_tests/test_library.py",
            "tests/deprecation/tests.py",
            "tests/forms_tests/field_tests",
            "tests/model_enums",
            "tests/signing",
        ),
        code=(".", "tests"),
        needs=("jinja2", "tblib", "pytz", "pyyaml"),
        # The first need a database; the other sets a trace function, which sees our frames before 3.12 (docs/harm.md).
        options=(
            "--deselect=tests/utils_tests/test_lazyobject.py::SimpleLazyObjectPickleTestCase",
            "--deselect=tests/utils_tests/test_lazyobject.py::SimpleLazyObjectTestCase::test_trace",
        ),
        plugins=("django_setup",),
    ),
    Suite(
        "trio",
        (
            "trio._tests.pytest_plugin:mock_clock",
            "trio._tests.pytest_plugin:autojump_clock",
            "trio.testing:MockClock",
            "trio:Event",
            "trio:CancelScope",
            "trio:Lock",
            "trio:open_nursery",
            "trio:open_memory_channel",
            "trio:fail_after",
            "trio:move_on_after",
            "trio:sleep",
            "trio.lowlevel:checkpoint",
            "trio.lowlevel:RunVar",
            "trio._core._ki:enable_ki_protection",
            "trio._core._run:GLOBAL_RUN_CONTEXT",
            "trio:TASK_STATUS_IGNORED",
            "trio:to_thread",
            "trio._util:NoPublicConstructor",
            "time:perf_counter",
            "math:inf",
        ),
        tests=(
            "src/trio/_tests/test_sync.py",
            "src/trio/_tests/test_channel.py",
            "src/trio/_tests/test_util.py",
            "src/trio/_tests/test_testing.py",
            "src/trio/_tests/test_deprecate.py",
            "src/trio/_core/_tests/test_cancelled.py",
            "src/trio/_core/_tests/test_ki.py",
            "src/trio/_core/_tests/test_local.py",
            "src/trio/_core/_tests/test_parking_lot.py",
            "src/trio/_core/_tests/test_mock_clock.py",
        ),
        needs=("async_generator", "astor", "trustme", "pyopenssl"),
    ),
    Suite(
        "pydantic",
        (
            "pydantic:BaseModel",
            "pydantic:Field",
            "pydantic:TypeAdapter",
            "pydantic:RootModel",
            "pydantic:ConfigDict",
            "pydantic:validate_call",
            "pydantic:computed_field",
            "pydantic.types:StrictInt",
            "pydantic.types:PositiveInt",
            "pydantic.types:conint",
            "pydantic.types:SecretStr",
            "pydantic.types:Json",
            "pydantic.types:UUID4",
            "pydantic.fields:FieldInfo",
            "pydantic.functional_validators:BeforeValidator",
            "pydantic.functional_validators:SkipValidation",
            "pydantic.functional_validators:ModelWrapValidatorHandler",
            "pydantic.annotated_handlers:GetCoreSchemaHandler",
            "typing:Optional",
            "typing:TypedDict",
            "typing:NamedTuple",
            "typing:TypeVar",
            "typing:NewType",
            "datetime:datetime",
        ),
        tests=(
            "tests/test_generics.py",
            "tests/test_annotated.py",
            "tests/test_typing.py",
            "tests/test_type_adapter.py",
            "tests/test_pickle.py",
            "tests/test_types_typeddict.py",
            "tests/test_private_attributes.py",
            "tests/test_root_model.py",
        ),
        code=(".",),
        needs=(
            "dirty-equals",
            "pytest-mock",
            "hypothesis",
            "jsonschema",
            "email-validator",
            "cloudpickle",
            "pytest-benchmark",
            "pytz",
            "pytest-timeout",
            "pytest-run-parallel",
        ),
        plugins=("pytest_mock", "pytest_benchmark.plugin", "pytest_timeout", "pytest_run_parallel.plugin"),
    ),
    Suite(
        "celery",
        (
            "celery:current_app",
            "celery:current_task",
            "celery:shared_task",
            "celery:group",
            "celery:chord",
            "celery:signature",
            "celery.canvas:Signature",
            "celery.canvas:_chain",
            "celery.app.builtins:add_backend_cleanup_task",
            "celery.app.task:Task",
            "celery.local:Proxy",
            "celery.local:PromiseProxy",
            "celery.contrib.pytest:celery_app",
            "celery.contrib.pytest:depends_on_current_app",
            "celery.bin.celery:celery",
            "celery.bin.worker:worker",
            "celery.bin.base:CeleryOption",
            "celery.utils:cached_property",
            "celery.utils:uuid",
            "celery.signals:task_prerun",
            "time:time",
        ),
        tests=(
            "t/unit/app/test_app.py",
            "t/unit/tasks/test_tasks.py",
            "t/unit/tasks/test_chord.py",
            "t/unit/bin",
            "t/unit/utils/test_local.py",
            "t/unit/utils/test_functional.py",
        ),
        code=(".",),
        needs=("pytest-click", "pytest-subtests", "pytest-timeout", "freezegun", "pytz"),
        plugins=("pytest_click", "pytest_timeout"),
    ),
    Suite(
        "anyio",
        (
            "anyio.pytest_plugin:anyio_backend",
            "anyio.pytest_plugin:anyio_backend_name",
            "anyio.pytest_plugin:free_tcp_port",
            "anyio:Event",
            "anyio:Lock",
            "anyio:CapacityLimiter",
            "anyio:CancelScope",
            "anyio:create_task_group",
            "anyio:create_memory_object_stream",
            "anyio:fail_after",
            "anyio:move_on_after",
            "anyio:sleep",
            "anyio:TASK_STATUS_IGNORED",
            "anyio.lowlevel:RunVar",
            "anyio.lowlevel:checkpoint",
            "anyio.from_thread:start_blocking_portal",
            "anyio.streams.memory:MemoryObjectReceiveStream",
            "anyio:TypedAttributeSet",
            "anyio:typed_attribute",
            "asyncio:current_task",
            "math:inf",
        ),
        tests=(
            "tests/test_synchronization.py",
            "tests/test_lowlevel.py",
            "tests/test_typedattr.py",
            "tests/test_from_thread.py",
            "tests/streams/test_memory.py",
            "tests/streams/test_text.py",
        ),
        needs=("trio", "pytest-mock", "pytest-timeout", "psutil", "trustme", "hypothesis", "blockbuster", "uvloop"),
    ),
    Suite(
        "typing_extensions",
        (
            "typing_extensions:TypeVar",
            "typing_extensions:ParamSpec",
            "typing_extensions:NewType",
            "typing_extensions:Protocol",
            "typing_extensions:TypedDict",
            "typing_extensions:NamedTuple",
            "typing_extensions:Annotated",
            "typing_extensions:Literal",
            "typing_extensions:Self",
            "typing_extensions:Never",
            "typing_extensions:Required",
            "typing_extensions:Unpack",
            "typing_extensions:TypeAliasType",
            "typing_extensions:runtime_checkable",
            "typing_extensions:deprecated",
            "typing_extensions:override",
            "typing_extensions:get_type_hints",
            "typing_extensions:dataclass_transform",
            "typing_extensions:Doc",
            "typing_extensions:SupportsInt",
            "typing:Optional",
            "typing:Generic",
            "collections:deque",
            "functools:partial",
        ),
        tests=("src/test_typing_extensions.py",),
    ),
    Suite(
        "kombu",
        (
            "kombu:Connection",
            "kombu:Exchange",
            "kombu:Queue",
            "kombu.utils.objects:cached_property",
            "kombu.utils.functional:lazy",
            "kombu.utils.functional:memoize",
            "kombu.utils.functional:LRUCache",
            "kombu.utils.uuid:uuid",
            "kombu.pools:connections",
            "kombu.pools:producers",
            "kombu.abstract:MaybeChannelBound",
            "kombu.serialization:registry",
            "kombu.serialization:dumps",
            "kombu.transport.memory:Transport",
            "kombu.utils.compat:entrypoints",
            "kombu.clocks:LamportClock",
            "socket:socket",
            "time:monotonic",
        ),
        tests=(
            "t/unit/test_entity.py",
            "t/unit/test_messaging.py",
            "t/unit/test_pools.py",
            "t/unit/utils/test_objects.py",
            "t/unit/utils/test_functional.py",
            "t/unit/utils/test_uuid.py",
        ),
        code=(".",),
        needs=("hypothesis", "pytest-freezer", "pyyaml", "msgpack", "requests"),
        plugins=("pytest_freezer",),
    ),
    Suite(
        "typer",
        (
            "typer:Option",
            "typer:Typer",
            "typer.core:TyperCommand",
            "typer.core:TyperGroup",
            "typer.main:get_command",
            "typer.testing:CliRunner",
            "typer.models:OptionInfo",
            "typer.completion:install_callback",
            "docs_src.commands.index.tutorial001_py310:app",
            "typer.colors:BLUE",
            "typer.utils:get_params_from_function",
            "click:command",
        ),
        tests=(
            "tests/test_types.py",
            "tests/test_others.py",
            "tests/test_core.py",
            "tests/test_ambiguous_params.py",
            "tests/test_param_meta_empty.py",
            "tests/test_annotated.py",
            "tests/test_exit_errors.py",
            "tests/test_tutorial/test_commands",
        ),
        code=(".",),
        needs=("shellingham", "rich", "coverage"),
    ),
    Suite(
        "cattrs",
        (
            "cattrs:structure",
            "cattrs:unstructure",
            "cattrs:global_converter",
            "cattrs:Converter",
            "cattrs.gen:make_dict_structure_fn",
            "cattrs.gen:override",
            "cattrs.dispatch:MultiStrategyDispatch",
            "cattrs.fns:identity",
            "attrs:field",
            "attrs:define",
            "attrs:fields",
            "attrs:asdict",
            "typing:Generic",
        ),
        tests=(
            "tests/test_converter.py",
            "tests/test_gen_dict.py",
            "tests/test_generics.py",
            "tests/test_newtypes.py",
            "tests/test_defaultdicts.py",
            "tests/test_disambiguators.py",
            "tests/strategies",
        ),
        needs=("hypothesis", "immutables", "pytest-benchmark", "msgspec"),
        plugins=("pytest_benchmark.plugin",),
    ),
)


class Place:
    """Be the folder that holds everything: a virtual environment, the sources, the records."""

    def __init__(self, folder: Path, python: str) -> None:
        self.version = subprocess.run(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        self.folder = folder
        self.records = folder / self.version
        self.records.mkdir(parents=True, exist_ok=True)
        self._base = python
        self.python = folder / f"venv-{self.version}" / "bin" / "python"

    def install(self, needs: Iterable[str]) -> None:
        """Install what is missing, the plugin from this checkout."""
        if not self.python.exists():
            subprocess.run([self._base, "-m", "venv", self.python.parent.parent], check=True)
            self._pip("install", "-e", str(PROJECT))
            backends = (
                "flit_core",
                "hatchling",
                "hatch-vcs",
                "hatch-fancy-pypi-readme",
                "setuptools-scm",
                "poetry-core",
                "pdm-backend",
            )
            self._pip("install", "setuptools", *backends)
        self._pip("install", *needs)

    def source(self, suite: Suite) -> Path:
        """Return the unpacked source distribution, of the version that is installed."""
        version = subprocess.run(
            [self.python, "-c", f"from importlib.metadata import version; print(version({suite.name!r}))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        name = f"{suite.name.replace('-', '_')}-{version}"
        folder = self.folder / "sources" / name
        if not folder.exists():
            down = self.folder / "downloads"
            if not list(down.glob(f"{name}*.tar.gz")):
                options = ("--no-binary", ":all:", "--no-deps", "--no-build-isolation", "-d", str(down))
                self._pip("download", *options, f"{suite.name}=={version}")
            with tarfile.open(next(down.glob(f"{name}*.tar.gz"))) as archive:
                archive.extractall(folder.parent, filter="data")
        return folder

    def _pip(self, *words: str) -> None:
        subprocess.run([self.python, "-m", "pip", "-q", *words], check=True)


@dataclass(frozen=True)
class Record:
    """Be what a run showed."""

    lines: dict[tuple[str, str], list[str]]
    order: list[str]
    exit: int
    seconds: float


def run(place: Place, suite: Suite, *more: str) -> Record:
    """Return what the suite shows when it is run with `more` arguments."""
    source = place.source(suite)
    record = place.records / "record.jsonl"
    record.unlink(missing_ok=True)
    environment = os.environ | {
        "HARM_RECORD": str(record),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join((*(str(source / path) for path in suite.code), str(HERE))),
    }
    if not suite.autoload:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    words = [
        place.python,
        "-m",
        "pytest",
        "-q",
        "-p",
        "watcher",
        "-p",
        "no:cacheprovider",
        "--continue-on-collection-errors",
    ]
    for plugin in suite.plugins:
        words += ["-p", plugin]
    words += ["--basetemp", place.records / "tmp", *suite.options, *more, *suite.tests]
    before = children()
    done = subprocess.run(words, cwd=source, env=environment, capture_output=True, text=True, timeout=900)
    seconds = children() - before
    (place.records / f"{suite.name}{'.with' if more else ''}.log").write_text(done.stdout + done.stderr)
    return read_record(record, done.returncode, seconds)


def children() -> float:
    """Return the CPU time that child processes have taken: of a busy machine the clock says nothing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read_record(file: Path, exit_: int, seconds: float = 0) -> Record:
    """Return what the watcher wrote into `file`, nothing where it wrote none."""
    lines: dict[tuple[str, str], list[str]] = {}
    order = []
    for kind, key, text in map(json.loads, file.read_text(encoding="utf-8").splitlines() if file.exists() else ()):
        lines.setdefault((kind, key), []).append(text)
        if kind == "outcome":
            order.append(key)
    return Record(lines, order, exit_, seconds)


def differences(one: Record, other: Record) -> Iterator[tuple[str, str]]:
    """Yield kind and key of everything that differs."""
    for kind, key in sorted({*one.lines, *other.lines}):
        if Counter(one.lines.get((kind, key), ())) != Counter(other.lines.get((kind, key), ())):
            yield kind, key
    if one.order != other.order and sorted(one.order) == sorted(other.order):
        yield "order", ""
    if one.exit != other.exit:
        yield "exit", f"{one.exit} and {other.exit}"


def with_plugin(place: Place, suite: Suite) -> tuple[Record, int, int]:
    """Return what the suite shows with the plugin, and how many sites and occurrences that recorded."""
    configuration = place.records / f"ssot-{suite.name}.toml"
    configuration.write_text(CONFIGURATION.format(deprecated=json.dumps(suite.deprecated)))
    result = place.records / f"{suite.name}.json"
    result.unlink(missing_ok=True)
    report = f"--ssot-report=json:{result}"
    found = run(place, suite, "-p", "ssot_tracker", "--ssot-config", str(configuration), report)
    sites = json.loads(result.read_text())["sites"] if result.exists() else []
    seen = [site for site in sites if site["count"]]
    return found, len(seen), sum(site["count"] for site in seen)


def main(arguments: Sequence[str]) -> int:
    """Print the table of each interpreter; return 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--python", action="append", metavar="PATH", help="an interpreter; may be repeated")
    asked = parser.parse_intermixed_args(arguments)
    chosen = [suite for suite in SUITES if not asked.names or suite.name in asked.names]
    places = [Place(asked.folder.absolute(), python) for python in asked.python or [sys.executable]]
    return max([compared(place, chosen) for place in places])


def compared(place: Place, chosen: Iterable[Suite]) -> int:
    """Print the rows of one interpreter; return 1 where something differs."""
    place.install({name for suite in chosen for name in (suite.name, *suite.needs)})
    print(
        f"{'suite':22} {'tests':>6} {'flaky':>6} {'sites':>6} {'seen':>9}  {'without':>8} {'with':>8}  differs",
        flush=True,
    )
    harmed = False
    for suite in chosen:
        first, second = run(place, suite), run(place, suite)
        watched, sites, seen = with_plugin(place, suite)
        flaky = set(differences(first, second))
        harm = [one for one in differences(second, watched) if one not in flaky]
        tests = len({key.rpartition(" ")[0] for key in second.order})
        told = ", ".join(f"{count} {kind}" for kind, count in Counter(kind for kind, _ in harm).items()) or "nothing"
        name = f"{place.source(suite).name}, {place.version}"
        figures = f"{name:22} {tests:6} {len(flaky):6} {sites:6} {seen:9}"
        print(f"{figures}  {second.seconds:6.1f} s {watched.seconds:6.1f} s  {told}", flush=True)
        for kind, key in harm[:10]:
            print(f"    {kind}: {key}")
            for record in (second, watched):
                print(f"        {record.lines.get((kind, key), [])!r:.300}")
        harmed = harmed or bool(harm) or not tests
    return int(harmed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
