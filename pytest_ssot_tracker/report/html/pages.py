"""Make the text of every page of the report, one at a time, and only of those whose text may have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.model import Rule, Status
from pytest_ssot_tracker.records import NamedTuple, dataclass, regex
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.guide import allowance
from pytest_ssot_tracker.report.html import anchors
from pytest_ssot_tracker.report.html.listing import LineMark, SourceLines, listing, read, stands
from pytest_ssot_tracker.report.html.trend import Trend, point
from pytest_ssot_tracker.report.outcome import outcome
from pytest_ssot_tracker.report.progress import GROUPS, NOBODY, by_group
from pytest_ssot_tracker.report.rows import Exercise, SeenRow, SiteRow, SsotRow, TestRow

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["SHOWN", "Page", "pages"]

SHOWN = 50
"""How many tests a site shows, and how many sites a test; the JSON result has all."""

_LONG = 300
"""From how many characters on a name is cut in the middle; its tooltip has all of it."""

_SEPARATOR = regex(r"::|[/_.]")

_BUCKETS: Mapping[str | None, str] = MappingProxyType({"collection": "at collection", "teardown": "in teardown"})


class Page(NamedTuple):
    """A page: its name, a digest of all that its text is made of, and what makes the text."""

    name: str
    digest: str
    make: Callable[[], str]


def pages(report: Report, history: Iterable[Report] = (), beside: Sequence[str] = ()) -> Iterator[Page]:
    """Yield each page, the index last; sources are read below the root when it is the turn of their page.

    They are also read in the folders `beside` the root.
    """
    environment = _environment()
    book = _Book(report, beside)
    for number, file in enumerate(book.files):
        around = {
            "before": anchors.file_page(book.files[number - 1].path) if number else None,
            "after": anchors.file_page(book.files[number + 1].path) if number + 1 < len(book.files) else None,
        }
        source = read(book.root, file.path, book.beside)
        made_of: object = (source.problem, source.lines, [book.told(row) for row in file.sites], around)
        page = partial(_file, environment, book, file, source, around)
        yield Page(anchors.file_page(file.path), book.digest(made_of), page)
    for tests in book.test_files:
        context = {"title": tests.path, "tests": tests, "book": book, "shown": SHOWN}
        made_of = (len(tests.tests), [(test, *map(_listed, book.sites_of(test))) for test in tests.telling])
        yield Page(anchors.test_page(tests.path), book.digest(made_of), partial(_render, environment, "tests", context))
    for group in (*book.rules, *book.targets, *book.owners):
        context = {"title": group.name, "group": group, "book": book}
        made_of = (group.kind, group.name, list(map(_listed, group.sites)))
        yield Page(group.href, book.digest(made_of), partial(_render, environment, "group", context))
    if book.files:
        context = {"title": "Functions and classes", "book": book}
        scopes = [(scope.path, scope.name, scope.by_status, scope.failing, scope.ran) for scope in book.scopes]
        yield Page(anchors.FUNCTIONS, book.digest(scopes), partial(_render, environment, "functions", context))
    earlier = [point(result) for result in history]
    trend = Trend.of((*earlier, point(report))) if earlier else None
    context = {
        "title": "Single sources of truth",
        "book": book,
        "report": report,
        "trend": trend,
        "outcome": outcome(report),
    }
    yield Page(anchors.INDEX, "", partial(_render, environment, "index", context))


def _render(environment: Environment, template: str, context: Mapping[str, Any]) -> str:
    return environment.get_template(f"{template}.html").render(context)


def _listed(row: SiteRow) -> tuple[object, ...]:
    """Return what a page that lists a site says of it."""
    site = row.site
    told = (site.id, site.line, site.ssot, row.status, row.fails, row.replacement, row.owner, row.issue)
    return (*told, row.exercise, row.count)


def _made_by() -> str:
    """Return a digest of what makes pages: this version's templates and modules."""
    here = Path(__file__).parent
    files = sorted((*here.glob("*.py"), *here.glob("templates/*.html")))
    return blake2b(b"".join(file.read_bytes() for file in files), digest_size=16).hexdigest()


def _environment() -> Environment:
    import jinja2
    from markupsafe import Markup, escape

    def shown(value: object) -> object:
        return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    def name(value: str) -> Markup:
        text = harmless(value)
        if len(text) <= _LONG:
            return escape(text)
        half = _LONG // 2
        return Markup('<span title="{}">{} … {}</span>').format(text, text[:half], text[-half:])

    def breakable(value: str) -> Markup:
        """Return a name that a narrow column breaks behind its separators, not in the middle of a word."""
        text = name(value)
        return text if len(value) > _LONG else Markup(_SEPARATOR.sub(r"\g<0><wbr>", str(text)))

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=shown,
    )
    environment.filters.update(name=name, counted=counted, markup=Markup, rule_page=anchors.rule_page)
    environment.filters.update(standing=_standing, target_page=anchors.target_page, owner_page=anchors.owner_page)
    environment.filters.update(allowance=allowance, target=_target, breakable=breakable, file_page=anchors.file_page)
    environment.filters.update(test_anchor=anchors.test_anchor, site_anchor=anchors.site_anchor)
    return environment


@dataclass(frozen=True)
class _Sites:
    """Some sites, counted."""

    sites: Sequence[SiteRow]

    @cached_property
    def by_status(self) -> Mapping[str, int]:
        counts = Counter(row.status for row in self.sites)
        return {status.value: counts[status] for status in Status}

    @cached_property
    def failing(self) -> Mapping[str, int]:
        """Return how many of them something fails for, by status."""
        counts = Counter(row.status for row in self.sites if row.fails is not None)
        return {status.value: counts[status] for status in Status}

    @cached_property
    def ran(self) -> int:
        return sum(row.exercise is not Exercise.UNEXERCISED for row in self.sites)

    @cached_property
    def observations(self) -> int:
        return sum(row.count for row in self.sites)

    @cached_property
    def in_tests(self) -> _Sites:
        """Those that stand in tests, which are counted apart."""
        return _Sites([row for row in self.sites if row.in_tests])

    @property
    def open(self) -> int:
        return self.by_status["new"] + self.by_status["known"]


@dataclass(frozen=True)
class _FileSites(_Sites):
    path: str

    @property
    def first(self) -> str:
        """Return the anchor of the site that is to be seen first: one that fails, else the one at the top."""
        return anchors.site_anchor(next((row for row in self.sites if row.fails is not None), self.sites[0]).site.id)

    @cached_property
    def scopes(self) -> Sequence[_ScopeSites]:
        """Return the functions and classes with sites, in the order of their first lines."""
        scopes = grouped(self.sites, attrgetter("site.scope"))
        return [_ScopeSites(rows, self.path, name) for name, rows in scopes.items()]


@dataclass(frozen=True)
class _ScopeSites(_Sites):
    """A function, a method, a class or a module's own level, with its sites."""

    path: str
    name: str


@dataclass(frozen=True)
class _Group(_Sites):
    """What sites are counted and listed by: a rule, a target or an owner."""

    kind: str
    name: str
    href: str
    rule: Rule | None = None

    @cached_property
    def tests(self) -> int:
        return len({test for row in self.sites for test in row.tests})

    @cached_property
    def replacements(self) -> Sequence[str]:
        return list(dict.fromkeys(row.replacement for row in self.sites if row.replacement))


@dataclass(frozen=True)
class _Ssot(_Sites):
    row: SsotRow

    @property
    def deprecated(self) -> int:
        return len({*self.row.deprecated, *self.row.retired})


@dataclass(frozen=True)
class _TestFile:
    """A file of tests; `telling` are those with something to tell."""

    path: str
    tests: Sequence[TestRow]
    telling: Sequence[TestRow]

    @property
    def href(self) -> str:
        return anchors.test_page(self.path)

    @cached_property
    def sites(self) -> int:
        return len({site for test in self.telling for site in test.sites})

    @cached_property
    def failed(self) -> int:
        return sum(test.failed for test in self.telling)

    @cached_property
    def expected(self) -> int:
        return sum(test.reason == "ssot" and test.outcome == "xfailed" for test in self.telling)


class _Book:
    """The report, sorted into pages."""

    def __init__(self, report: Report, beside: Sequence[str] = ()) -> None:
        self.report = report
        self.root = Path(report.run.root)
        self.beside = beside
        self.all = _Sites(report.sites)
        by_path = grouped(report.sites, attrgetter("site.path"))
        self.files = [_FileSites(rows, path) for path, rows in sorted(by_path.items())]
        by_rule = grouped(report.sites, attrgetter("site.rule"))
        self.rules = [
            _Group(by_rule[rule], "rule", rule.value, anchors.rule_page(rule), rule) for rule in Rule if rule in by_rule
        ]
        self.targets = list(_groups(report.sites, "target", anchors.target_page))
        owners = list(_groups(report.sites, "owner", anchors.owner_page))
        self.owners = owners if any(owner.name != NOBODY for owner in owners) else []
        by_ssot = grouped(report.sites, attrgetter("site.ssot"))
        self.ssots = [_Ssot(by_ssot.get(row.name, ()), row) for row in report.ssots]
        tests = grouped(report.tests, lambda test: anchors.test_file(test.id))
        every = [_TestFile(path, rows, [row for row in rows if _tells(row)]) for path, rows in sorted(tests.items())]
        self.test_files = [file for file in every if file.telling]
        self.quiet_test_files = len(every) - len(self.test_files)
        self._by_id = {row.site.id: (number, row) for number, row in enumerate(report.sites)}
        self._telling = {test.id for file in self.test_files for test in file.telling}
        run = report.run
        self._made_by = (_made_by(), run.version, run.phase, run.complete, run.lost_workers, run.incomplete)

    def digest(self, made_of: object) -> str:
        """Return the digest of a page that is made of this, and of what all pages show."""
        return blake2b(repr((self._made_by, made_of)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def told(self, row: SiteRow) -> tuple[object, ...]:
        """Return everything that the page of its file says of a site."""
        seen = self.seen(row)
        links = [self.test_href(use.test) for use in seen if use.test]
        return (row.site, row.found_by, *_listed(row), self.reached(row), len(row.seen), seen, links)

    @cached_property
    def scopes(self) -> Sequence[_ScopeSites]:
        """Return the functions and classes with sites, file by file."""
        return [scope for file in self.files for scope in file.scopes]

    @property
    def failing(self) -> int:
        """Return how many sites something fails for."""
        return sum(self.all.failing.values())

    @property
    def budgets(self) -> list[str]:
        """Return a line for each budget."""
        return [f"{row.ssot}: {row.used} of {row.limit} allowed sites of {row.rule}" for row in self.report.budgets]

    @property
    def fixed(self) -> list[str]:
        """Return a line for each site that is gone."""
        return [f"{site.path}: {site.rule} {site.target}: {site.text}" for site in self.report.fixed]

    @property
    def idle(self) -> list[str]:
        """Return a line for each allow without effect."""
        return [f"{row.path}:{row.line}: {row.problem}" for row in self.report.allows]

    @property
    def blind(self) -> list[str]:
        """Return a line for each blind spot that belongs to no table or test."""
        return [f"{spot.target}: {spot.why}" for spot in self.report.blind_spots]

    def sites_of(self, test: TestRow) -> list[SiteRow]:
        """Return the first sites of a test by where they stand, as many as are shown."""
        found = sorted(self._by_id[site] for site in test.sites if site in self._by_id)
        return [row for _, row in found[:SHOWN]]

    def test_href(self, node_id: str) -> str | None:
        """Return where a test is shown; `None` where it is not."""
        if node_id not in self._telling:
            return None
        return f"{anchors.test_page(anchors.test_file(node_id))}#{anchors.test_anchor(node_id)}"

    def reached(self, row: SiteRow) -> str:
        """Return how often a site was reached, by how many tests, and in which buckets."""
        by = [f"by {counted(len(row.tests), 'test')}"] if row.tests else []
        by += dict.fromkeys(_BUCKETS.get(use.bucket, use.bucket or "") for use in row.seen if use.test is None)
        return f"{counted(row.count, 'time')} {', '.join(by)}" if by else "unexercised"

    def seen(self, row: SiteRow) -> Sequence[SeenRow]:
        """Return the first ways in which a site was reached, as many as are shown."""
        return row.seen[:SHOWN]


def _tells(test: TestRow) -> bool:
    return bool(test.sites or test.notes or test.reason or test.blind_spots)


def _groups(rows: Sequence[SiteRow], kind: str, page: Callable[[str], str]) -> Iterator[_Group]:
    """Yield the groups of one kind, the largest first."""
    found = by_group(rows, kind)
    for name in sorted(found, key=lambda name: (-len(found[name]), name)):
        yield _Group(found[name], kind, name, page(name))


def _target(row: SiteRow) -> str:
    """Return the name of the group of sites that `row` is in by its target."""
    return GROUPS["target"](row.site, row.owner)


def _standing(row: SiteRow) -> str:
    """Return the class by which a site is coloured: what fails is red, whatever its status."""
    return "fails" if row.fails is not None else str(row.status)


def _worst(rows: Iterable[SiteRow]) -> str:
    """Return the class of a line that holds `rows`."""
    standings = {_standing(row) for row in rows}
    return next(standing for standing in ("fails", *map(str, Status)) if standing in standings)


def _file(
    environment: Environment, book: _Book, file: _FileSites, source: SourceLines, around: Mapping[str, str | None]
) -> str:
    show: Any = environment.get_template("site.html").module
    shown, lost = _placed(file, source)
    marks = {
        line: LineMark(f"m {_worst(rows)}", "\n".join(str(show.site(row, book)) for row in rows))
        for line, rows in shown.items()
    }
    context = {
        "title": file.path,
        "file": file,
        "book": book,
        "problem": source.problem,
        "listing": listing(source.lines, marks, file.path) if source.lines else "",
        "lost": lost,
        "length": len(source.lines),
        "map": [(line, anchors.site_anchor(rows[0].site.id), _worst(rows)) for line, rows in shown.items()],
        **around,
    }
    return environment.get_template("file.html").render(context)


def _placed(file: _FileSites, source: SourceLines) -> tuple[dict[int, list[SiteRow]], list[SiteRow]]:
    """Return the sites by line, and those whose line no longer holds them."""
    placed: dict[int, list[SiteRow]] = {}
    lost = []
    for row in file.sites:
        if source.problem is None and stands(row.site, source.lines) and row.site.line <= len(source.lines):
            placed.setdefault(row.site.line, []).append(row)
        else:
            lost.append(row)
    return placed, lost
