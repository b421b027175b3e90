"""What is gone is known to have been there: by the baseline, by git, by a test of its absence."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.evidence import Evidence, TargetHistory
from pytest_ssot_tracker.names.looking import Names, There

from .conftest import Lay

FILES = {"shop/__init__.py": "", "shop/log.py": "class Log:\n    def write(self): pass\n"}
GONE = "shop.old:OrderLog"


def asked(names: Names, *targets: str, baseline: Path | None = None) -> dict[str, TargetHistory]:
    """Return what is known of targets of which none is there."""
    missing = {}
    for spelled in targets:
        target = Target.parse(spelled)
        look = names.look(target)
        assert look.there is There.NO, spelled
        missing[target] = look.missing
    found = Evidence(names.modules, baseline).of(missing)
    return {str(target): verdict for target, verdict in found.items()}


def was(names: Names, *targets: str, baseline: Path | None = None) -> list[str]:
    found = asked(names, *targets, baseline=baseline)
    return [found[target].was for target in targets]


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., None]:
    """Return what calls git in the project, which it makes a repository."""

    def call(*args: str, at: Path = tmp_path) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *who, *args], cwd=at, check=True, capture_output=True)

    call("init")
    return call


def test_of_what_nothing_tells_nothing_is_known(lay: Lay) -> None:
    assert asked(lay(FILES), GONE, "shop.log:Gone", "later", "shop.q*") == dict.fromkeys(
        (GONE, "shop.log:Gone", "later", "shop.q*"), TargetHistory()
    )


def test_the_baseline_remembers(lay: Lay, tmp_path: Path) -> None:
    baseline = tmp_path / "known.json"
    baseline.write_text('{"format": 1, "sites": [["a.py", {"rule": "x", "target": "shop.old:OrderLog"}, null]]}')
    names = lay(FILES)
    remembered = "remembered by the baseline"
    assert was(names, GONE, "shop.old", "shop.old:Other", "shop.o*", baseline=baseline) == [remembered] * 2 + [
        "",
        remembered,
    ]
    assert was(names, GONE, baseline=tmp_path / "none.json") == [""]
    baseline.write_bytes(b"\xff broken")
    assert was(names, GONE, baseline=baseline) == [""]


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from shop.old import OrderLog\nexcept ImportError:\n    pass\n",
        "try:\n    import shop.old as old\nexcept (ImportError, AttributeError):\n    pass\n",
        "try:\n    from shop import old\nexcept ModuleNotFoundError:\n    pass\n",
        "import pytest\ndef test():\n    with pytest.raises(ImportError):\n        import shop.old\n",
        "import pytest\ndef test():\n    old = pytest.importorskip('shop.old')\n",
        "import importlib.util\nassert importlib.util.find_spec('shop.old') is None\n",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    __import__('shop.old')\n",
        "import pytest, importlib\npytest.raises(ImportError, importlib.import_module, 'shop.old')\n",
    ],
)
def test_a_guarded_import_proves_the_absence(lay: Lay, code: str) -> None:
    names = lay({**FILES, "tests/test_it.py": code})
    (found,) = was(names, GONE)
    assert found.startswith("its import is guarded at tests/test_it.py:")


def test_a_relative_import_may_be_guarded_and_other_imports_prove_nothing(lay: Lay) -> None:
    names = lay(
        {
            **FILES,
            "shop/use.py": "try:\n    from .old import OrderLog\nexcept ImportError:\n    pass\n",
            "shop/more.py": "import shop.older\ntry:\n    import old, shop.log\nexcept ImportError:\n    pass\n",
        }
    )
    assert was(names, GONE, "shop.older", "shop.log:old") == ["its import is guarded at shop/use.py:2", "", ""]


def test_a_library_that_may_not_be_installed_is_not_proved_absent_by_code_that_can_do_without(lay: Lay) -> None:
    guarded = "try:\n    import simplejsn\nexcept ImportError:\n    pass\n"
    assert was(lay({**FILES, "shop/use.py": guarded}), "simplejsn:loads") == [""]
    assert was(lay({"tests/test_gone.py": guarded}), "simplejsn:loads") == [
        "its import is guarded at tests/test_gone.py:2"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "import sys, shop.log\nsys.modules['shop.old'] = shop.log\n",
        "import sys, types\nsys.modules.setdefault('shop.old', types.ModuleType('shop.old'))\n",
        "import shop\nshop.old = object()\n",
        "import importlib.util as u\nspec = u.spec_from_file_location('shop.old', 'x.py')\nu.module_from_spec(spec)\n",
        "def test(monkeypatch):\n    import sys\n    monkeypatch.setitem(sys.modules, 'shop.old', object())\n",
    ],
)
def test_what_is_made_at_run_time_is_not_called_gone(lay: Lay, code: str) -> None:
    assert asked(lay({**FILES, "tests/conftest.py": code}), GONE) == {GONE: TargetHistory(made="tests/conftest.py")}


def test_an_attribute_of_anything_else_makes_nothing(lay: Lay) -> None:
    assert asked(lay({**FILES, "shop/use.py": "class A:\n    def f(self):\n        self.old = 1\n"}), GONE) == {
        GONE: TargetHistory()
    }


def test_git_knows_a_module_that_was_removed_and_a_name_that_stood_in_one(
    lay: Lay, git: Callable[..., None], tmp_path: Path
) -> None:
    names = lay({**FILES, "shop/old.py": "class OrderLog: pass\n", "src/core/gone.py": "x = 1\n"})
    (tmp_path / "shop/log.py").write_text("def get_log(): pass\nclass Log:\n    def speak(self): pass\n")
    git("add", ".")
    git("commit", "-qm", "one")
    for name in ("shop/old.py", "src/core/gone.py"):
        (tmp_path / name).unlink()
    (tmp_path / "shop/log.py").write_text(FILES["shop/log.py"])
    (tmp_path / "src/core/__init__.py").write_text("")
    git("add", ".")
    git("commit", "-qm", "two")
    known = {
        "shop.old": True,
        GONE: True,
        "core.gone": True,
        "shop.log:get_log": True,
        "shop.log:Log.speak": True,
        "shop.old.OrderLog": True,
        "shop.o*": True,
        "shop.*:OrderLog": True,
        "shop.*:get_l*": True,
        "shop.log:*_log": True,
        "shop.log:Log.speak=": True,
        "shop.never": False,
        "shop.*:Never": False,
        "shop.log:nev*": False,
        "shop.log:never": False,
        "old": False,
        "gone": False,
    }
    fresh = Names(type(names.modules)(str(tmp_path), ("src", "")))
    assert was(fresh, *known) == ["known to git" if it_is else "" for it_is in known.values()]


def test_git_is_asked_from_a_folder_inside_a_repository(lay: Lay, git: Callable[..., None], tmp_path: Path) -> None:
    lay({"sub/shop/__init__.py": "", "sub/shop/old.py": "x = 1\n"})
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "sub/shop/old.py").unlink()
    inside = Names(type(lay({}).modules)(str(tmp_path / "sub"), ("",)))
    assert was(inside, "shop.old") == ["known to git"]


def test_without_git_or_repository_or_history_nothing_is_known_and_it_is_said_why(
    lay: Lay, git: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = lay({**FILES, "shop/old.py": "x = 1\n"})
    assert trouble(names) == ""  # no commit yet
    git("add", ".")
    git("commit", "-qm", "one")
    git("rm", "-q", "shop/old.py")
    git("commit", "-qm", "two")
    git("clone", "-q", "--depth", "1", f"file://{tmp_path}", "shallow")
    shallow = Names(type(names.modules)(str(tmp_path / "shallow"), ("",)))
    assert trouble(shallow) == "the git clone is shallow: git fetch --unshallow gets the rest"
    config = tmp_path / "shallow/.git/config"
    config.write_text(config.read_text() + '[remote "origin"]\n\tpromisor = true\n')
    assert trouble(shallow) == "the git clone is partial, and its history would have to be fetched"
    (tmp_path / ".git").rename(tmp_path / "not.git")
    assert trouble(Names(type(names.modules)(str(tmp_path), ("",)))) == "this is no git repository"
    monkeypatch.setenv("PATH", "")
    assert trouble(Names(type(names.modules)(str(tmp_path), ("",)))) == "git is not installed"


def trouble(names: Names, **more: float) -> str:
    looked = Evidence(names.modules, None, **more)
    assert looked.of({Target.parse("shop.gone"): "shop.gone"}) == {Target.parse("shop.gone"): TargetHistory()}
    return looked.trouble


def test_a_history_that_takes_too_long_stays_untold(lay: Lay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=":")
    assert trouble(lay(FILES), patience=0.2) == "git's history is too long to be searched"
