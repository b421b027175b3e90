"""Name what a conformance case is made of.

A case is a small project, its configuration, and everything the result file must say about it: no site more, no site
less. Texts are written for a package called `proj`; when a case is laid out, that word becomes the case's slug, so that
many cases share one run. A line of source that a site stands at ends in a comment: `old.make()  # site: plain`.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = [
    "ANY",
    "BACKENDS",
    "HERE",
    "Case",
    "Seen",
    "Site",
    "call",
    "collected",
    "late",
    "never",
    "setup",
    "teardown",
]

ANY = "*"
"""Stands for a fixture whose name is pytest's own business."""

BACKENDS = {"in-place": "3.11", "monitoring": "3.13"}
"""The back ends, with the interpreter on which each is held to these cases."""

HERE = "monitoring" if sys.version_info >= (3, 12) else "in-place"
"""The back end of the running interpreter."""

_LABEL = re.compile(r"\s*#\s*site:\s*(?P<labels>[\w-]+(?:,\s*[\w-]+)*)\s*$")
_WORD = re.compile(r"proj(?![a-z])")


@dataclass(frozen=True, slots=True)
class Seen:
    """Be one observation: the test's id (`None` outside tests), the step, the fixture, the bucket, how often."""

    test: str | None
    step: str
    count: int = 1
    fixture: str | None = None
    bucket: str | None = None

    @property
    def test_id(self) -> str | None:
        """Return the node id; a bare name stands for a test in `test_it.py`."""
        if self.test is None or "::" in self.test:
            return self.test
        return f"proj/test_it.py::{self.test}"


def call(count: int = 1, test: str = "test_it") -> Seen:
    """Return what is seen in the body of `test`."""
    return Seen(test, "call", count)


def setup(fixture: str | None, test: str = "test_it", count: int = 1) -> Seen:
    """Return what is seen while `fixture` is set up for `test`."""
    return Seen(test, "setup", count, fixture)


def teardown(fixture: str | None, test: str = "test_it", count: int = 1) -> Seen:
    """Return what is seen while `fixture` of `test` alone is torn down."""
    return Seen(test, "teardown", count, fixture)


def late(fixture: str | None, count: int = 1) -> Seen:
    """Return what is seen while a fixture wider than one test is torn down."""
    return Seen(None, "teardown", count, fixture, "teardown")


def collected(count: int = 1) -> Seen:
    """Return what is seen while test modules and conftests are imported."""
    return Seen(None, "collect", count, None, "collection")


@dataclass(frozen=True, slots=True)
class Site:
    """Be one expected site: at the line labelled `label`, with all that was seen there.

    `text` is the statement's text where it is more than the labelled line. `certain` sites are there in spite of the
    limit of their case.
    """

    label: str
    rule: str
    target: str
    scope: str = "<module>"
    seen: tuple[Seen, ...] = (call(),)
    text: str | None = None
    status: str = "new"
    certain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Be one small project and what must be found in it.

    `says` is the sentence shown in the table, `about` the line of the issue or the trap it comes from. `files` are
    laid out below `proj/`, those that start with `/` at the root; `config` maps a table (`ssot.proj`) to its keys.
    `outcomes` are the tests' outcomes where they do not follow from the sites. `limits` gives, per back end, the
    reason why the sites cannot be seen there. `blind_spots` maps a target to a part of the reason given,
    `blind_in_place` those that the back end in place has besides.
    `early` are plugins named before ours, `args` more of pytest's arguments, `alone` asks for a run of its own, and
    `output` and `exit` (with `alone`) what that run prints and returns. `spread` tells that `-n 2` gives the same,
    `fallback` that another back end than the interpreter's own guards it. `python` is the oldest interpreter the case
    can be written for.
    """

    slug: str
    says: str
    about: str
    files: Mapping[str, str]
    config: Mapping[str, Mapping[str, Any]]
    rule: str = ""
    sites: tuple[Site, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    blind_spots: Mapping[str, str] = field(default_factory=dict)
    blind_in_place: Mapping[str, str] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    source: tuple[str, ...] = (".",)
    early: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    alone: bool = False
    output: tuple[str, ...] = ()
    exit: int | None = None
    spread: bool = True
    fallback: bool = False
    python: tuple[int, int] = (3, 10)

    def named(self, text: str) -> str:
        """Return `text` with this case's package in the place of `proj`."""
        return _WORD.sub(self.slug, text)

    @property
    def rules(self) -> str:
        """Return the rules this case speaks of, for the table."""
        return self.rule or ", ".join(dict.fromkeys(site.rule for site in self.sites))

    @property
    def runs_here(self) -> bool:
        """Tell whether the running interpreter can run this case at all."""
        return sys.version_info >= self.python

    def limit(self, backend: str) -> str | None:
        """Return why the sites cannot be seen by `backend`, `None` where they are."""
        return self.limits.get(backend)

    def sources(self) -> dict[str, str]:
        """Return every file by its path from the root, packages' `__init__.py` included."""
        files: dict[str, str] = {}
        for name, text in self.files.items():
            path = self.named(name[1:] if name.startswith("/") else f"proj/{name}")
            files[path] = self.named(textwrap.dedent(text).lstrip("\n"))
        for path in list(files):
            if path.startswith(f"{self.slug}/"):
                parts = path.split("/")[:-1]
                for depth in range(1, len(parts) + 1):
                    files.setdefault("/".join((*parts[:depth], "__init__.py")), "")
        return files

    def write(self, root: Path) -> None:
        """Lay this case's files out below `root`."""
        for path, text in self.sources().items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def labels(self) -> dict[str, tuple[str, int, str]]:
        """Return path, line and the line's own text for every label in the files."""
        found: dict[str, tuple[str, int, str]] = {}
        for path, text in self.sources().items():
            for number, line in enumerate(text.splitlines(), 1):
                match = _LABEL.search(line)
                for label in re.split(r",\s*", match["labels"]) if match else ():
                    assert label not in found, f"{self.slug}: label {label!r} stands twice"
                    found[label] = (path, number, line[: match.start()].strip())
        return found

    def expected_sites(self, backend: str) -> list[dict[str, Any]]:
        """Return what the result file must hold for this case on `backend`, in the form of `actual_sites`."""
        limited = self.limit(backend) is not None
        labels = self.labels()
        found = []
        for site in self.sites:
            if limited and not site.certain:
                continue
            path, line, text = labels[site.label]
            found.append(
                {
                    "rule": site.rule,
                    "target": self.named(site.target),
                    "path": path,
                    "line": line,
                    "scope": self.named(site.scope),
                    "text": self.named(site.text) if site.text is not None else text,
                    "status": site.status,
                    "seen": sorted(self._seen(one) for one in site.seen),
                }
            )
        return sorted(found, key=_order)

    def _seen(self, one: Seen) -> str:
        test = None if one.test_id is None else self.named(one.test_id)
        fixture = None if one.fixture is None else self.named(one.fixture)
        return _seen(test, one.step, fixture, one.bucket, one.count)

    def expected_outcomes(self, backend: str, tests: Iterable[str]) -> dict[str, str]:
        """Return the outcome of each of `tests`, from the new sites seen in it unless `outcomes` says other.

        What is seen in set-up or body fails the test; what is seen only in its teardown is an error.
        """
        limited = self.limit(backend) is not None
        given = {self.named(Seen(name, "call").test_id or ""): outcome for name, outcome in self.outcomes.items()}
        steps: dict[str, set[str]] = {}
        for site in self.sites:
            for one in site.seen if site.status == "new" and (site.certain or not limited) else ():
                if one.test_id is not None:
                    steps.setdefault(self.named(one.test_id), set()).add(one.step)
        follows = {test: "error" if seen == {"teardown"} else "failed" for test, seen in steps.items()}
        return {test: given.get(test, follows.get(test, "passed")) for test in sorted({*tests, *given, *follows})}

    def actual_sites(self, result: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the sites of `result` that belong to this case, by their path or by their table."""
        found = [
            {
                **{key: site[key] for key in ("rule", "target", "path", "line", "scope", "text", "status")},
                "seen": sorted(
                    _seen(
                        one["id"],
                        one["step"],
                        ANY if one["fixture"] and self._any_fixture else one["fixture"],
                        one.get("bucket"),
                        one["count"],
                    )
                    for one in site["tests"]
                ),
            }
            for site in result["sites"]
            if self.owns(site)
        ]
        return sorted(found, key=_order)

    @property
    def _any_fixture(self) -> bool:
        return any(one.fixture == ANY for site in self.sites for one in site.seen)

    def owns(self, site: Mapping[str, Any]) -> bool:
        """Tell whether `site` of a result belongs to this case."""
        return site["path"].startswith(f"{self.slug}/") or site["ssot"] == self.slug or self.alone

    def tests_of(self, result: Mapping[str, Any]) -> dict[str, str]:
        """Return this case's tests with their outcomes."""
        return {
            test["id"]: test["outcome"]
            for test in result["tests"]
            if self.alone or test["id"].startswith(f"{self.slug}/")
        }


def never(reason: str) -> dict[str, str]:
    """Return the limits of a case that no back end can see, for one `reason`."""
    return dict.fromkeys(BACKENDS, reason)


def _seen(test: str | None, step: str, fixture: str | None, bucket: str | None, count: int) -> str:
    """Return one observation as a text that reads well in a failed comparison."""
    where = test if test is not None else f"({bucket})"
    return f"{where} {step}{f' of {fixture}' if fixture else ''} x{count}"


def _order(site: Mapping[str, Any]) -> tuple[Any, ...]:
    return (site["path"], site["line"], site["rule"], site["target"], site["text"])


def toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return `tables` as TOML below `[tool.ssot_tracker]`; values are strings, numbers, lists and mappings."""
    lines = []
    for name, keys in tables.items():
        lines.append(f"[tool.ssot_tracker.{name}]" if name else "[tool.ssot_tracker]")
        lines += [f"{json.dumps(key)} = {_inline(value)}" for key, value in keys.items()]
        lines.append("")
    return "\n".join(lines)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{json.dumps(key)} = {_inline(one)}' for key, one in value.items())} }}"
    return json.dumps(value)
