"""Follow known sites to where their code has gone: a file or folder moved or renamed, a class renamed.

Only what the scan shows says so: a site that is gone, and an equal one that nobody knew. One known site stands for one
found site at most, and where two answers are equally good there is none: the found site is new, and the known one is
not called fixed. A new site that passes for a known one would be worse than a known one that has to be looked at. For
the same reason a renamed function is not followed: one of them fixed and an equal one written looks just like that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.judge.retested import is_test_file, is_within_test, retested
from pytest_ssot_tracker.model import Moves, Site
from pytest_ssot_tracker.records import NamedTuple, regex, replace

if TYPE_CHECKING:
    from pytest_ssot_tracker.scan import ScanResult

__all__ = ["Moves", "moves"]

ScopeParts = tuple[str, ...]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

_MANY = 50
"""How many files may hold equal statements before these say nothing of which file is which."""

_NAMED = regex(r"\A(?P<before>(?:async def|def|class) )(?P<name>\w+)")
_RELATIVE = regex(r"\Afrom\.+[\w.]*")


def moves(known: Iterable[Site], tree: ScanResult) -> Moves:
    """Return where the sites of `known` stand now in `tree`, going by what the scan of it shows."""
    known, found = list(known), list(tree.sites)
    known_ids, found_ids = {site.id for site in known}, {site.id for site in found}
    lost = _by_path(site for site in known if site.id not in found_ids)
    if not lost:
        return Moves()
    fresh = _by_path(site for site in found if site.id not in known_ids)
    taken = _by_path(site for site in known if site.id in found_ids)
    gone = {path: sites for path, sites in lost.items() if not tree.exists(path)}
    now = {path: path for path in lost.keys() - gone.keys()} | _pairs(gone, fresh, {site.path for site in known}, tree)
    here: dict[str, Site] = {}
    for path in filter(now.__contains__, lost):
        here |= _FileNow(now[path], fresh.get(now[path], ()), taken.get(now[path], ()), tree).holds(lost[path])
    here |= retested(
        known,
        here,
        now=lambda path: now.get(path, None if path in gone else path),
        holds=tree.holds,
        places=tree.places,
    )
    times = Counter(site.id for site in here.values())
    here = {key: site for key, site in here.items() if times[site.id] == 1 and site.id not in known_ids}
    return Moves(here, _doubtful(lost, fresh, here, gone, tree))


def _by_path(sites: Iterable[Site]) -> dict[str, list[Site]]:
    return grouped(sites, lambda site: site.path)


# What is equal about two sites


@lru_cache(maxsize=65536)
def _statement(squeezed: str) -> str:
    """Return a statement without what a move changes in it: the name that it defines, and how it spells a near module.

    Which module a relative import means, its target says.
    """
    return _NAMED.sub(r"\g<before>_", _RELATIVE.sub("from.", squeezed))


def _deed(site: Site) -> tuple[Hashable, ...]:
    """Return what a site does, wherever it stands."""
    return (site.rule, site.ssot, site.target, _statement(site.squeezed), site.ordinal)


def _content(site: Site) -> tuple[Hashable, ...]:
    return (*_deed(site), _scope(site))


def _scope(site: Site) -> ScopeParts:
    """Return the scope of a site, part by part; a statement that defines something belongs to what it defines."""
    defined = _NAMED.match(site.squeezed)
    return _parts(site.scope) if defined is None else (*_parts(site.scope), defined["name"])


# Files


def _pairs(
    gone: Mapping[str, Sequence[Site]],
    fresh: Mapping[str, Sequence[Site]],
    known: Collection[str],
    tree: ScanResult,
) -> dict[str, str]:
    """Return which file each of `gone` is now, as far as that is known; the files `known` are none of them."""
    pairs = _pairs_of_scans(gone, fresh)
    rest = {path: sites for path, sites in gone.items() if path not in pairs}
    if rest:
        others = {*tree.paths()}.difference(known, pairs.values())
        pairs |= _pairs_of_runs(rest, pairs, others, tree)
        rest = {path: sites for path, sites in rest.items() if path not in pairs}
        pairs |= _pairs_of_tests(rest, others.difference(pairs.values()), tree)
    return pairs


def _pairs_of_scans(gone: Mapping[str, Sequence[Site]], fresh: Mapping[str, Sequence[Site]]) -> dict[str, str]:
    """Return which file each of `gone` is now: by its statements, its name, and the folders known to be renamed."""
    shared = _shared(gone, fresh, _content)
    alike = _shared(gone, fresh, _deed)  # a class in it may be renamed as well
    pairs: dict[str, str] = {}
    _settle(pairs, {pair: number for pair, number in shared.items() if _suffix(*pair)})
    _settle(pairs, shared)
    _settle(pairs, {pair: number for pair, number in alike.items() if _suffix(*pair)})
    return pairs


def _pairs_of_runs(
    gone: Mapping[str, Sequence[Site]], pairs: Mapping[str, str], others: Iterable[str], tree: ScanResult
) -> dict[str, str]:
    """Return which file those of `gone` are now of which only runs show the sites: one of that name that holds them."""
    by_name = grouped(others, _name)
    held = {
        (old, new): sum(tree.stands(replace(site, path=new)) for site in sites)
        for old, sites in gone.items()
        for new in by_name.get(_name(old), ())
    }
    found = dict(pairs)
    _settle(found, {pair: number for pair, number in held.items() if number})
    return found


def _pairs_of_tests(gone: Mapping[str, Sequence[Site]], others: Iterable[str], tree: ScanResult) -> dict[str, str]:
    """Return which file those of `gone` are now of which runs show sites in tests: the only one that holds them all."""
    likely = list(filter(is_test_file, others))
    found: dict[str, str] = {}
    for old, sites in gone.items():
        within = [site for site in sites if is_within_test(site)]
        same = _alike(old, within, likely, tree) if within else ()
        if len(same) == 1:
            found[old] = same[0]
    taken = Counter(found.values())
    return {old: new for old, new in found.items() if taken[new] == 1}


def _alike(old: str, sites: Sequence[Site], likely: Iterable[str], tree: ScanResult) -> Sequence[str]:
    """Return which of the files `likely` hold all `sites`; in one called as `old` was, tests may be cut anew too."""
    texts = {site.squeezed for site in sites}
    same = [new for new in likely if _name(new) == _name(old) and texts <= {text for _, text in tree.places(new)}]
    return same or [new for new in likely if tree.holds(new, [replace(site, path=new) for site in sites])]


def _shared(
    gone: Mapping[str, Sequence[Site]], fresh: Mapping[str, Sequence[Site]], what: Callable[[Site], Hashable]
) -> dict[tuple[str, str], int]:
    """Return how many sites a file that is gone and another one share by `what` of them, where they share any."""
    holders: dict[Hashable, list[str]] = {}
    for path, sites in fresh.items():
        for content in {what(site) for site in sites}:
            holders.setdefault(content, []).append(path)
    shared: Counter[tuple[str, str]] = Counter()
    for old, sites in gone.items():
        for content in {what(site) for site in sites}:
            found = holders.get(content, ())
            likely = found if len(found) <= _MANY else [new for new in found if _name(new) == _name(old)]
            shared.update((old, new) for new in likely)
    return dict(shared)


def _settle(pairs: dict[str, str], shared: Mapping[tuple[str, str], int]) -> None:
    """Add to `pairs` what is the one best pair for both of its files, again and again: each may settle another."""
    while True:
        folders = {_folders(old, new) for old, new in pairs.items()}
        taken = set(pairs.values())
        scores = {
            (old, new): (_folders(old, new) in folders, _suffix(old, new), number)
            for (old, new), number in shared.items()
            if old not in pairs and new not in taken
        }
        best = _best(scores)
        if not best:
            return
        pairs |= best


def _best(scores: Mapping[tuple[K, V], tuple[int, ...]]) -> dict[K, V]:
    """Return the pairs that score higher than any other pair of either side."""
    by_old: dict[K, list[tuple[int, ...]]] = {}
    by_new: dict[V, list[tuple[int, ...]]] = {}
    for (old, new), score in scores.items():
        by_old.setdefault(old, []).append(score)
        by_new.setdefault(new, []).append(score)
    tops_old = {old: max(found) for old, found in by_old.items()}
    tops_new = {new: max(found) for new, found in by_new.items()}
    return {
        old: new
        for (old, new), score in scores.items()
        if score == tops_old[old] == tops_new[new] and by_old[old].count(score) == by_new[new].count(score) == 1
    }


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _suffix(old: str, new: str) -> int:
    """Return how many parts two paths have in common at their ends: none where the names of the files differ."""
    count = 0
    for one, other in zip(reversed(old.split("/")), reversed(new.split("/")), strict=False):
        if one != other:
            break
        count += 1
    return count


def _folders(old: str, new: str) -> tuple[str, ...]:
    """Return what of two paths differs, their common end and beginning left out: the renamed folder."""
    common = _suffix(old, new)
    return tuple("/".join(path.split("/")[: len(path.split("/")) - common]) for path in (old, new))


# Classes


class _FileNow(NamedTuple):
    """A file as it is now: its sites that nobody knew, those that have never gone, and what can be asked of it."""

    path: str
    fresh: Sequence[Site]
    taken: Sequence[Site]
    tree: ScanResult

    def holds(self, lost: Iterable[Site]) -> dict[str, Site]:
        """Return where the sites `lost` stand in it: in the scope they had, or in one that was renamed."""
        fresh: dict[Hashable, Site] = {_content(site): site for site in self.fresh}
        here: dict[str, Site] = {}
        left: list[Site] = []
        for site in lost:
            same = fresh.pop(_content(site), None) or self._standing(site, replace(site, path=self.path))
            if same is None:
                left.append(site)
            else:
                here[site.id] = same
        if left and fresh:
            kept = {_scope(site) for site in (*self.taken, *here.values())}
            renamed = _renamed(left, list(fresh.values()), _scopes(self.tree, self.path), kept)
            here |= {site.id: new for site in left for new in self._renamed(site, fresh, renamed)}
        return here

    def _standing(self, site: Site, moved: Site) -> Site | None:
        return moved if moved.id != site.id and self.tree.stands(moved) else None

    def _renamed(
        self, site: Site, fresh: Mapping[Hashable, Site], renamed: Mapping[ScopeParts, ScopeParts]
    ) -> Iterator[Site]:
        """Yield what a site is now that stands in a renamed scope."""
        scope = _scope(site)
        for old, new in renamed.items():
            if scope[: len(old)] == old:
                now = (*new, *scope[len(old) :])
                same = fresh.get((*_deed(site), now))
                same = same or self._standing(site, replace(site, path=self.path, scope=".".join(now)))
                if same is not None:
                    yield same


def _parts(scope: str) -> ScopeParts:
    return () if scope == "<module>" else tuple(scope.split("."))


def _scopes(tree: ScanResult, path: str) -> Mapping[ScopeParts, bool]:
    """Return the scopes of a file, each with whether it is a class."""
    return {_parts(scope): is_class for scope, is_class in tree.scopes(path).items()}


def _renamed(
    lost: Sequence[Site], fresh: Sequence[Site], stand: Mapping[ScopeParts, bool], kept: Collection[ScopeParts]
) -> dict[ScopeParts, ScopeParts]:
    """Return which class is now called what: the old one is gone, and the new one held no known site."""
    found = _candidates(lost, fresh, stand)
    return _best({pair: (number,) for pair, number in found.items() if not _any_below(pair[1], kept)})


def _candidates(
    lost: Iterable[Site], fresh: Iterable[Site], stand: Mapping[ScopeParts, bool]
) -> Mapping[tuple[ScopeParts, ScopeParts], int]:
    """Return which class that is gone may be which one now, and how many sites say so."""
    by_deed: dict[Hashable, list[ScopeParts]] = {}
    for site in fresh:
        by_deed.setdefault(_deed(site), []).append(_scope(site))
    found: Counter[tuple[ScopeParts, ScopeParts]] = Counter()
    for site in lost:
        for scope in by_deed.get(_deed(site), ()):
            pair = _one_renamed(_scope(site), scope)
            if pair is not None and stand.get(pair[1]) and not _any_below(pair[0], stand):
                found[pair] += 1
    return found


def _one_renamed(old: ScopeParts, new: ScopeParts) -> tuple[ScopeParts, ScopeParts] | None:
    """Return the renamed scope, before and after, where two scopes differ in one part only."""
    differ = [number for number, (one, other) in enumerate(zip(old, new, strict=False)) if one != other]
    if len(old) != len(new) or len(differ) != 1:
        return None
    return old[: differ[0] + 1], new[: differ[0] + 1]


def _any_below(scope: ScopeParts, scopes: Collection[ScopeParts]) -> bool:
    return any(known[: len(scope)] == scope for known in scopes)


def _doubtful(
    lost: Mapping[str, Sequence[Site]],
    fresh: Mapping[str, Sequence[Site]],
    here: Mapping[str, Site],
    gone: Collection[str],
    tree: ScanResult,
) -> frozenset[str]:
    """Return the known sites whose file or class is gone, while an equal statement nobody knew stands elsewhere."""
    placed = {site.id for site in here.values()}
    left = _by_path(site for sites in fresh.values() for site in sites if site.id not in placed)
    anywhere = {_deed(site) for sites in left.values() for site in sites}
    doubtful: list[Site] = []
    for path, sites in lost.items():
        unplaced = [site for site in sites if site.id not in here]
        if path in gone:
            doubtful += (site for site in unplaced if _deed(site) in anywhere)
        elif unplaced and path in left:
            classes = [old for old, _ in _candidates(unplaced, left[path], _scopes(tree, path))]
            doubtful += (site for site in unplaced if any(_any_below(old, [_scope(site)]) for old in classes))
    return frozenset(site.id for site in doubtful)
