"""Keep the sites a project has agreed to live with for now: the baseline file.

The file is made to be read in a diff and to merge: one site a line, no line numbers, no counts (see `judge.layout`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.model import FileError, Moves, Rule, Site
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, replace

if TYPE_CHECKING:
    from pytest_ssot_tracker.judge.layout import Layout
    from pytest_ssot_tracker.scan import ScanResult

__all__ = ["Baseline", "BaselineError", "Looked"]

FORMAT = 1
_KEYS = ("rule", "ssot", "target", "scope", "text")


class BaselineError(FileError):
    """Why the baseline file cannot be used."""


class Looked(NamedTuple):
    """What was looked at, for only that can be called fixed.

    `scanned(path)` tells whether the scan read that file (or would have, were it not gone); `stands(site)` whether
    the statement of a site still stands in its file; `all_tests_ended` that every test of the suite was asked for and
    ran to its end; `complete` that nothing was lost. By default nothing was looked at.
    """

    scanned: Callable[[str], bool] = lambda path: False
    stands: Callable[[Site], bool] = lambda site: True
    all_tests_ended: bool = False
    complete: bool = True

    def absence_proves_fixed(self, site: Site) -> bool:
        """Whether a site that neither scan nor run showed is known to be fixed."""
        if not self.complete:
            return False
        scanned, found_by = self.scanned(site.path), site.rule.about.found_by
        if not self.stands(site):
            return scanned or self.all_tests_ended
        return (scanned or "scan" not in found_by) and (self.all_tests_ended or "run" not in found_by)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known sites, by their identity.

    Those of `doubtful` may have moved to where an equal site is new, so that nothing calls them fixed. `layout` is that
    of the file they were read from, which is kept when it is written again.
    """

    sites: Mapping[str, Site] = field(default_factory=lambda: MappingProxyType({}))
    doubtful: Collection[str] = frozenset()
    layout: Layout = field(default=(), compare=False, repr=False)

    @classmethod
    def of(cls, sites: Iterable[Site]) -> Baseline:
        """Return the baseline of these sites."""
        return cls({site.id: site for site in sites})

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Return the baseline in the file at `path`, an empty one when there is none; raise `BaselineError`."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:  # no UTF-8, or a name that no file can have
            raise BaselineError(str(path), f"the baseline cannot be read: {error}") from error
        from pytest_ssot_tracker.judge.layout import layout_of

        blocks = _parse(text, str(path))
        return replace(cls.of(_sites(blocks, str(path))), layout=layout_of(blocks))

    def save(self, path: Path) -> None:
        """Write the file in one step, so that a reader sees the old or the new one; raise `OSError`.

        Lines that stand in the file at `path` already stay in their order.
        """
        from pytest_ssot_tracker.judge.writing import replace_text

        before = self.layout
        if not before:
            with suppress(BaselineError):
                before = Baseline.load(path).layout
        replace_text(path, replace(self, layout=before).dumps())

    def dumps(self) -> str:
        """Return the text of the file: equal baselines, laid out alike before, give equal bytes."""
        from pytest_ssot_tracker.judge import layout

        files: dict[str, list[dict[str, object]]] = {}
        for site in _sorted(self.sites.values()):
            files.setdefault(site.path, []).append(_entry(site))
        return layout.dumps(files, self.layout, FORMAT)

    def __len__(self) -> int:
        return len(self.sites)

    def known(self, site: Site) -> bool:
        """Whether `site` is in the baseline."""
        return site.id in self.sites

    def fixed(self, seen: Iterable[Site], looked: Looked) -> tuple[Site, ...]:
        """Return the known sites that are gone: not `seen`, and looked for."""
        ids = {site.id for site in seen}
        gone = (site for key, site in self.sites.items() if key not in ids and key not in self.doubtful)
        return tuple(site for site in _sorted(gone) if looked.absence_proves_fixed(site))

    def without(self, fixed: Iterable[Site]) -> Baseline:
        """Return this baseline without the sites in `fixed`."""
        gone = {site.id for site in fixed}
        return replace(self, sites={key: site for key, site in self.sites.items() if key not in gone})

    def grow(self, sites: Iterable[Site]) -> Baseline:
        """Return this baseline with `sites` added; what it knows already stays as it is written."""
        return replace(self, sites={site.id: site for site in sites} | dict(self.sites))

    def follow(self, result: ScanResult) -> Moves:
        """Return where the known sites stand in the tree that `result` is the scan of."""
        if not self.sites:
            return Moves()
        from pytest_ssot_tracker.judge.moved_sites import moves

        return moves(self.sites.values(), result)

    def moved(self, moves: Moves) -> Baseline:
        """Return this baseline with the sites named in `moves` standing where they are now."""
        if not (moves.sites or moves.doubtful):
            return self
        now = (moves.sites.get(key, site) for key, site in self.sites.items())
        return Baseline({site.id: site for site in now}, frozenset(moves.doubtful), self.layout)


def _sorted(sites: Iterable[Site]) -> list[Site]:
    return sorted(
        sites,
        key=lambda site: (site.path, site.scope, site.rule.value, site.ssot, site.target, site.squeezed, site.ordinal),
    )


def _entry(site: Site) -> dict[str, object]:
    entry: dict[str, object] = {
        "rule": site.rule.value,
        "ssot": site.ssot,
        "target": site.target,
        "scope": site.scope,
        "text": site.text,
    }
    if site.ordinal:
        entry["ordinal"] = site.ordinal
    return entry


def _parse(text: str, path: str) -> list[object]:
    """Return what stands under `sites` in the text of the file at `path`; raise `BaselineError`."""
    if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in text.splitlines()):
        raise BaselineError(
            path, "the baseline holds merge-conflict markers; keep the site lines of both sides that still apply"
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BaselineError(path, f"the baseline is no JSON ({error}); restore it or write it anew") from error
    if not isinstance(data, dict) or not isinstance(data.get("format"), int) or not isinstance(data.get("sites"), list):
        raise BaselineError(
            path, "this is no baseline: 'format' or 'sites' is missing; write it with ssot-tracker baseline"
        )
    if data["format"] > FORMAT:
        raise BaselineError(
            path, f"it has format {data['format']}, this version reads up to {FORMAT}; update pytest-ssot-tracker"
        )
    blocks: list[object] = data["sites"]
    return blocks


def _sites(blocks: Iterable[object], path: str) -> Iterator[Site]:
    """Yield the sites in the blocks of the file at `path`; raise `BaselineError`."""
    for block in blocks:
        if isinstance(block, str):
            continue
        if not isinstance(block, list) or not block or not isinstance(block[0], str):
            raise BaselineError(path, f"an entry of 'sites' is not a file with its sites: {block!r:.80}")
        for entry in block[1:]:
            if entry is not None:
                yield _site(entry, block[0], path)


def _site(entry: object, file: str, path: str) -> Site:
    if not isinstance(entry, dict) or any(not isinstance(entry.get(key), str) for key in _KEYS):
        raise BaselineError(path, f"a site of {file} lacks one of {', '.join(_KEYS)}: {entry!r:.120}")
    ordinal = entry.get("ordinal", 0)
    if not isinstance(ordinal, int) or ordinal < 0:
        raise BaselineError(path, f"a site of {file} has the ordinal {ordinal!r}; it is a number from 0")
    try:
        rule = Rule(entry["rule"])
    except ValueError:
        problem = f"a site of {file} has the unknown rule {entry['rule']!r}; update pytest-ssot-tracker"
        raise BaselineError(path, problem) from None
    return Site(rule, entry["ssot"], entry["target"], file, 0, entry["scope"], entry["text"], ordinal)
