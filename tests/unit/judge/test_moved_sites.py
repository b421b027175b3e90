"""Known sites follow their code; nothing new passes for something known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssot_tracker.judge.moved_sites import moves
from pytest_ssot_tracker.model import Moves, Rule, Site

USE, IMPORT, BASE = Rule.DEPRECATED_USE, Rule.DEPRECATED_IMPORT, Rule.DEPRECATED_BASE


def site(place: str, text: str = "return Old()", ordinal: int = 0, rule: Rule = USE) -> Site:
    """Return the site at `path:scope`."""
    path, _, scope = place.partition(":")
    return Site(rule, "orders", "app.old:Old", path, 0, scope or "<module>", text, ordinal)


class Shown:
    """What a scan shows of a tree that has `scopes`, a mapping of paths; `stands` tells what only runs see."""

    def __init__(
        self,
        sites: Iterable[Site],
        scopes: Mapping[str, Mapping[str, bool]],
        stands: Callable[[Site], bool] = lambda site: False,
    ) -> None:
        self.sites = sites
        self._scopes = scopes
        self.stands = stands

    def exists(self, path: str) -> bool:
        return path in self._scopes

    def paths(self) -> Iterable[str]:
        return list(self._scopes)

    def scopes(self, path: str) -> Mapping[str, bool]:
        return self._scopes.get(path, {})

    def holds(self, path: str, sites: Iterable[Site]) -> bool:
        return True

    def places(self, path: str) -> Mapping[tuple[str, str], int]:
        return {}


def followed(known: Iterable[Site], found: Iterable[Site], *, also: Iterable[str] = (), **more: object) -> Moves:
    """Return the moves in a tree whose files and scopes are those of `found`, and those named in `also`."""
    found = list(found)
    places = [(one.path, one.scope) for one in found] + [tuple(one.partition(":")[::2]) for one in also]
    for one in found:  # what a statement defines is a scope, too
        if one.text.startswith(("class ", "def ")):
            name = one.text.split()[1].partition("(")[0].rstrip(":")
            places.append((one.path, name if one.scope == "<module>" else f"{one.scope}.{name}"))
    scopes: dict[str, dict[str, bool]] = {}
    for path, scope in places:  # classes are called in capitals
        parts = scope.split(".")
        for name in (".".join(parts[: number + 1]) for number in range(len(parts))):
            scopes.setdefault(path, {})[name or "<module>"] = name.rpartition(".")[2][:1].isupper()
    return moves(known, Shown(found, scopes, **more))


def shown(result: Moves, known: Iterable[Site]) -> dict[str, str]:
    return {
        f"{one.path}:{one.scope}": f"{result.sites[one.id].path}:{result.sites[one.id].scope}"
        for one in known
        if one.id in result.sites
    }


FOLLOWED = {
    "a folder is renamed": (
        ["a/one.py:f", "a/two.py:f", "a/three.py:f"],
        ["b/one.py:f", "b/two.py:f", "b/three.py:f"],
    ),
    "a folder is renamed that has folders in it, each with a file of one name": (
        ["a/__init__.py:f", "a/sub/__init__.py:f", "a/sub/deep/__init__.py:f"],
        ["b/__init__.py:f", "b/sub/__init__.py:f", "b/sub/deep/__init__.py:f"],
    ),
    "two folders are renamed, told apart by other files": (
        ["a/__init__.py:f", "a/one.py:f", "c/__init__.py:f", "c/two.py:f"],
        ["b/__init__.py:f", "b/one.py:f", "d/__init__.py:f", "d/two.py:f"],
    ),
    "a folder moves into another": (["a/one.py:f", "a/two.py:f"], ["x/y/a/one.py:f", "x/y/a/two.py:f"]),
    "a folder moves up": (["x/a/one.py:f", "x/a/two.py:f"], ["one.py:f", "two.py:f"]),
    "a file moves": (["a/one.py:f"], ["b/c/one.py:f"]),
    "a file is renamed": (["a/one.py:f"], ["a/uno.py:f"]),
    "a module becomes a package": (["a/one.py:f"], ["a/one/__init__.py:f"]),
    "a class is renamed": (["a.py:A.f", "a.py:A.g"], ["a.py:B.f", "a.py:B.g"]),
    "an inner class is renamed": (["a.py:A.C.f"], ["a.py:A.D.f"]),
    "a class is renamed, and so is its file": (["a.py:A.f", "a.py:h"], ["b.py:B.f", "b.py:h"]),
    "a folder is renamed, and so is a class in it": (["a/one.py:A.f"], ["b/one.py:B.f"]),
}


@pytest.mark.parametrize(("before", "after"), FOLLOWED.values(), ids=list(FOLLOWED))
def test_known_sites_follow_their_code(before: list[str], after: list[str]) -> None:
    known, found = [site(place) for place in before], [site(place) for place in after]
    result = followed(known, found)
    assert shown(result, known) == dict(zip(before, after, strict=True))
    assert not result.doubtful


NOT_FOLLOWED = {
    "a copy": (["a/one.py:f"], ["b/one.py:f"], ["a/one.py"]),
    "two that it may be": (["a/one.py:f"], ["b/x.py:f", "c/y.py:f"], []),
    "two of its name that it may be": (["a/one.py:f"], ["b/one.py:f", "c/one.py:f"], []),
    "one that two may be": (["a/one.py:f", "b/two.py:f"], ["c/x.py:f"], []),
    "another function of a file, where the first is still there": (["a.py:f"], ["a.py:g"], ["a.py:f"]),
    "a function that may be the first by another name": (["a.py:f"], ["a.py:g"], []),
    "a method that may be the first by another name": (["a.py:A.f"], ["a.py:A.g"], []),
    "a class where the first is still there": (["a.py:A.f"], ["a.py:B.f"], ["a.py:A"]),
    "one class that two may be": (["a.py:A.f", "a.py:B.f"], ["a.py:C.f"], []),
    "two classes that it may be": (["a.py:A.f"], ["a.py:B.f", "a.py:C.f"], []),
    "another depth": (["a.py:A.f"], ["a.py:f"], []),
    "a function that is not the file's": (["a.py:f"], ["b.py:f"], ["a.py"]),
}


@pytest.mark.parametrize(("before", "after", "also"), NOT_FOLLOWED.values(), ids=list(NOT_FOLLOWED))
def test_in_doubt_what_is_found_is_new(before: list[str], after: list[str], also: list[str]) -> None:
    assert followed([site(place) for place in before], [site(place) for place in after], also=also).sites == {}


def test_another_statement_is_another_site() -> None:
    known = [site("a/one.py:f")]
    assert followed(known, [site("b/one.py:f", "return Older()")]) == Moves()
    assert followed(known, [site("b/one.py:f", rule=IMPORT)]) == Moves()


def test_of_two_equal_sites_one_moves_and_one_is_fixed() -> None:
    known = [site("a/one.py:f"), site("a/two.py:f")]
    result = followed(known, [site("b/one.py:f")])
    assert shown(result, known) == {"a/one.py:f": "b/one.py:f"}
    assert not result.doubtful


def test_of_two_equal_statements_in_one_function_one_moves_and_one_is_fixed() -> None:
    known = [site("a/one.py:f"), site("a/one.py:f", ordinal=1)]
    assert followed(known, [site("b/one.py:f")]).sites == {known[0].id: site("b/one.py:f")}


def test_what_is_added_on_the_way_is_new() -> None:
    known = [site("a/one.py:f"), site("a/one.py:g")]
    added = [site("b/one.py:h"), site("b/one.py:f", ordinal=1), site("b/one.py:f", "x = Old()")]
    result = followed(known, [site("b/one.py:f"), site("b/one.py:g"), *added])
    assert set(result.sites.values()) == {site("b/one.py:f"), site("b/one.py:g")}


def test_a_class_that_held_a_known_site_before_is_no_renamed_one() -> None:
    known = [site("a.py:A.f"), site("a.py:B.g", "import app.old")]
    assert followed(known, [site("a.py:B.f"), known[1]]).sites == {}


def test_what_may_have_moved_is_not_fixed() -> None:
    known = [site("a/one.py:f"), site("b/two.py:f"), site("c/gone.py:f", "x = Old()")]
    assert followed(known, [site("c/x.py:f")]).doubtful == {known[0].id, known[1].id}
    known = [site("a.py:A.f"), site("a.py:B.f")]
    assert followed(known, [site("a.py:C.f")]).doubtful == {one.id for one in known}


def test_what_is_gone_from_a_file_that_is_still_there_is_fixed() -> None:
    known = [site("a.py:f"), site("a.py:A.f")]
    assert followed(known, [site("a.py:g"), site("a.py:A.g")], also=["a.py:f"]) == Moves()


def test_the_name_that_a_statement_defines_is_part_of_the_renaming() -> None:
    known = [site("a.py", "class A(Old):", rule=BASE), site("a.py:A.f")]
    found = [site("a.py", "class B(Old):", rule=BASE), site("a.py:B.f")]
    assert set(followed(known, found).sites.values()) == set(found)
    assert set(followed(known[:1], found[:1]).sites.values()) == {found[0]}
    assert followed(known[:1], found[:1], also=["a.py:A"]).sites == {}


def test_a_relative_import_may_change_with_the_folder() -> None:
    known = [site("a/one.py", "from ..old import Old", rule=IMPORT)]
    found = [site("a/sub/one.py", "from ...old import Old", rule=IMPORT)]
    assert followed(known, found).sites == {known[0].id: found[0]}


def test_what_only_a_run_shows_goes_with_its_file_where_its_statement_stands() -> None:
    seen = site("a/one.py:f", "split()", rule=Rule.SPLIT_BRAIN)
    known, found = [site("a/one.py:f"), seen], [site("b/one.py:f")]
    moved = site("b/one.py:f", "split()", rule=Rule.SPLIT_BRAIN)
    assert followed(known, found, stands=lambda one: one == moved).sites == {known[0].id: found[0], seen.id: moved}
    assert followed(known, found, stands=lambda one: False).sites == {known[0].id: found[0]}


def test_a_file_of_which_only_runs_show_sites_is_known_by_its_name_and_statement() -> None:
    seen = site("a/one.py:f", "split()", rule=Rule.SPLIT_BRAIN)
    for also, now in ((["b/one.py"], "b/one.py:f"), (["b/two.py"], None), (["b/one.py", "c/one.py"], None)):
        result = followed([seen], [], also=also, stands=lambda one: True)
        assert shown(result, [seen]) == ({} if now is None else {"a/one.py:f": now})


def test_a_file_that_cannot_be_read_tells_of_no_renaming() -> None:
    known, found = [site("a.py:A.f")], [site("a.py:B.f")]
    assert moves(known, Shown(found, {"a.py": {}})) == Moves()


PLACES = st.builds(
    site,
    st.builds(
        "{}/{}:{}".format,
        st.sampled_from("abc"),
        st.sampled_from(["one.py", "two.py"]),
        st.sampled_from(["f", "g", "A.f", "B.f"]),
    ),
    st.sampled_from(["return Old()", "x = Old()"]),
    st.sampled_from([0, 1]),
)


@given(known=st.lists(PLACES, unique=True), found=st.lists(PLACES, unique=True), also=st.lists(st.sampled_from("abc")))
def test_no_more_sites_are_known_than_were(known: list[Site], found: list[Site], also: list[str]) -> None:
    """One known site stands for one found site at most, and for one that does the same."""

    def deeds(sites: Iterable[Site]) -> Counter[object]:
        return Counter((one.text, one.ordinal) for one in sites)

    result = followed(known, found, also=[f"{folder}/one.py:f" for folder in also])
    now = [result.sites.get(one.id, one) for one in known]
    assert set(result.sites) <= {one.id for one in known}
    assert len(set(result.sites.values())) == len(result.sites)
    assert not {one.id for one in known} & {one.id for one in found} & set(result.sites)
    assert deeds(one for one in found if one in set(now)) <= deeds(known)
    assert not result.doubtful & set(result.sites)


def test_a_large_folder_is_followed_in_a_moment() -> None:
    known = [site(f"a/{number // 20}/{number}.py:f") for number in range(3000)]
    found = [site(f"b/{number // 20}/{number}.py:f") for number in range(3000)]
    assert len(followed(known, found).sites) == 3000
