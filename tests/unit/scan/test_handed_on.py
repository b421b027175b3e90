"""What derives from something deprecated, or holds it, is found wherever it is taken from."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.scan import ScanResult, scan
from pytest_ssot_tracker.scan.heirs import heirs

from .conftest import settings_of, write

TREE = {
    "shop/__init__.py": "from shop.parts import *\n",
    "shop/parts/__init__.py": "from .old import Old\nfrom .newer import Newer\n",
    "shop/parts/old.py": "class Old:\n    pass\n",
    "shop/parts/newer.py": "from . import old\n\n\nclass Newer(\n    old.Old,  # for now\n):\n    pass\n",
    "store/__init__.py": "from shop.parts.newer import *\n",
    "store/through.py": "from .explicit import Newer as Fresh\n",
    "store/explicit.py": "from shop.parts.newer import Newer\n",
    "holds/__init__.py": "from holds.impl import Holder\n",
    "holds/impl.py": "from shop.parts.old import Old\n\n\nclass Holder:\n    kind = Old\n",
    "tests/test_base.py": "from shop.parts.old import Old\n\n\nclass Mine(Old):\n    pass\n\n\nmine = Mine()\n",
}
USES = (
    "import shop as s\ns.Newer()\n",
    "from shop import Newer\nNewer()\n",
    "from shop import Newer as N\nN()\n",
    "from shop.parts import Newer\nNewer()\n",
    "import store\nstore.Newer()\n",
    "import store.explicit as e\ne.Newer()\n",
    "from store.through import Fresh\nFresh()\n",
    "from holds import Holder\nHolder.kind()\n",
    "from tests.test_base import Mine\nMine()\n",
)


@pytest.mark.parametrize("use", USES, ids=lambda use: use.partition("\n")[0])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "trimmed"])
def test_it_is_found(tmp_path: Path, use: str, whole: bool) -> None:
    write(tmp_path, {**TREE, "use.py": use})
    settings = settings_of(tmp_path, {"ssot.orders": {"deprecated": ["shop.parts.old:Old"]}}, source=["."])
    found = [(site.path, site.line) for site in scan(settings, whole=whole).sites if site.rule is Rule.DEPRECATED_USE]
    assert found == [("tests/test_base.py", 8), ("use.py", 2)]


def test_what_is_called_like_what_a_test_module_holds_is_something_else(tmp_path: Path) -> None:
    write(tmp_path, {**TREE, "tests/test_base.py": TREE["holds/impl.py"], "use.py": "kind = dict\nkind()\n"})
    settings = settings_of(tmp_path, {"ssot.orders": {"deprecated": ["shop.parts.old:Old"]}}, source=["."])
    assert not [site for site in scan(settings).sites if site.path == "use.py"]


def test_heirs_are_known_by_their_bases() -> None:
    texts = [
        b"class A(Old): pass\nclass B (pkg.A, metaclass=Meta):\n    class C(\n        B[int],\n    ): pass\n",
        b"class Z(Y): pass\nclass Y(Z): pass\n# class D(A)\nclass E: pass\nclass Meta(type): pass\n",
        b"class Old(A): pass\n",
    ]
    assert heirs(texts, ["Old"]) == ["A", "B", "C", "D"]
    assert heirs(texts, ["Y"]) == ["Z"]
    assert heirs(texts, []) == []


def test_a_class_that_comes_to_derive_from_it_later_is_found_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, {**TREE, "use.py": "from late import Late\nLate()\n", "late.py": "class Late:\n    pass\n"})
    settings = settings_of(tmp_path, {"ssot.orders": {"deprecated": ["shop.parts.old:Old"]}}, source=["."])
    before = scan(settings, cache_dir=tmp_path / "cache").sites
    write(tmp_path, {"late.py": "from shop import Newer\n\n\nclass Late(Newer):\n    pass\n"})
    after = scan(settings, cache_dir=tmp_path / "cache").sites
    assert [site.path for site in after if site not in before] == ["late.py", "use.py"]


@pytest.mark.parametrize("changed", ["mine.py", "use.py", "free.py"])
def test_what_is_kept_of_each_round_is_as_good_as_a_new_look(tmp_path: Path, changed: str) -> None:
    more = {
        "mine.py": "from shop import Newer\nshorthand = Newer\n",
        "use.py": "from mine import shorthand\n\n\ndef made():\n    return shorthand()\n",
        "free.py": "from shop import Newer\nNewer()\n",
    }
    write(tmp_path, {**TREE, **more})
    settings = settings_of(tmp_path, {"ssot.orders": {"deprecated": ["shop.parts.old:Old"]}}, source=["."])
    kept = lines(scan(settings, cache_dir=tmp_path / "cache", whole=False))
    assert ("use.py", 5) in kept
    write(tmp_path, {changed: f"# one line more\n{more[changed]}"})
    again = lines(scan(settings, cache_dir=tmp_path / "cache", whole=False))
    assert again == lines(scan(settings, whole=False))
    assert (again == kept) is (changed == "mine.py")  # in which no site stands


def lines(result: ScanResult) -> list[tuple[str, int]]:
    return [(site.path, site.line) for site in result.sites]
