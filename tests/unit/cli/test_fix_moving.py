"""Test `ssot-tracker fix --move`: a diff by default, the files with --write."""

from __future__ import annotations

import subprocess

import pytest

OLD = "class OrderLog:\n    pass\n"
NEW = "class OrderLog:\n    pass\n"


@pytest.fixture
def shop(project):
    project.write("shop/old.py", OLD)
    return project


def test_a_diff_is_shown_that_git_applies(shop):
    assert shop.call("fix", "--move", "shop.old:OrderLog=shop.fresh") == 1
    assert shop.err == "2 files would change; --write changes them\n"
    assert not (shop.root / "shop/fresh.py").exists()
    subprocess.run(["git", "apply"], input=shop.out, text=True, cwd=shop.root, check=True)
    assert (shop.root / "shop/fresh.py").read_text(encoding="utf-8") == NEW
    assert (shop.root / "shop/old.py").read_text(encoding="utf-8") == "from shop.fresh import OrderLog as OrderLog\n"


def test_the_files_are_written(shop):
    assert shop.call("fix", "--write", "--move", "shop.old.OrderLog=shop.fresh") == 0
    assert (shop.root / "shop/fresh.py").read_text(encoding="utf-8") == NEW


def test_it_goes_where_the_configuration_says(shop):
    shop.configure(table='[tool.ssot_tracker.ssot.orders.replace]\n"shop.old:OrderLog" = "shop.core:Log"\n')
    assert shop.call("fix", "--write", "--move", "shop.old:OrderLog") == 0, shop.err
    assert "class Log:\n" in (shop.root / "shop/core.py").read_text(encoding="utf-8")
    assert (shop.root / "shop/old.py").read_text(encoding="utf-8") == "from shop.core import Log as OrderLog\n"


def test_a_project_without_configuration_has_definitions_too(shop):
    (shop.root / "pyproject.toml").unlink()
    assert shop.call("fix", "--root", str(shop.root), "--move", "shop.old:OrderLog=shop.fresh") == 1


def test_what_the_canonical_is_already_is_said(refused, project):
    project.write("shop/old.py", OLD)
    assert refused("fix", "--move", "shop.old:OrderLog") == "ssot-tracker: --move: shop.core has a Tracker already\n"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (
            ["shop.other:Thing"],
            "nothing says where shop.other:Thing goes; write --move shop.other:Thing=pkg.new",
        ),
        (["shop old"], "'shop old' is not a target"),
        (
            ["shop.old:OrderLog=shop.x", "--move", "shop.old:B=shop.y"],
            "move what is in one module to one other module",
        ),
    ],
)
def test_bad_arguments_are_refused(refused, argv, why):
    assert refused("fix", "--move", *argv).startswith(f"ssot-tracker: --move: {why}")
