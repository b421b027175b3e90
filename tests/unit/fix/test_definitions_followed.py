"""What a site and its replacement are is found through names, stars and bases; what is not there is not used."""

from __future__ import annotations

from textwrap import dedent

import pytest

from .conftest import CORE, OLD, Project

USE = "from app.old import Unmapped\n\nlog = Unmapped()\n"


@pytest.mark.parametrize(
    "more",
    [
        "Unmapped.shared = None\n",
        "if Unmapped:\n    Unmapped.shared = None\n",
        "try:\n    from fast import Unmapped\nexcept ImportError:\n    pass\n",
    ],
)
def test_a_class_stays_one_whatever_is_put_into_it_or_may_replace_it(project: Project, more: str) -> None:
    project.write("app/old.py", OLD + more)
    assert project.rewrite(USE) == "from app.core import get_tracker\n\nlog = get_tracker()\n"


@pytest.mark.parametrize("base", ["dict", "ABC", "bases.Base", "bases.Base[int]"])
def test_a_member_that_no_base_of_the_new_class_has_is_missed(project: Project, base: str) -> None:
    before = "from app.old import OrderLog\nlog = OrderLog()\nlog.weigh()\n"
    core = CORE.replace("class Tracker:", f"class Tracker({base}):")
    project.write("app/bases.py", "from typing import Generic\nclass Base(Generic[T]):\n    pass\n")
    project.write("app/core.py", f"from abc import ABC\nfrom . import bases\n{core}")
    assert project.rewrite(before) == before
    assert any("Tracker has no weigh" in reason for reason in project.reasons)


def test_a_name_that_a_star_import_leaves_out_does_not_exist(project: Project) -> None:
    project.write("app/impl.py", f'__all__ = ["Tracker"]\n{CORE}')
    project.write("app/core.py", "from .impl import *\n")
    before = dedent("""\
        from app.old import get_log
        get_log()
        """)
    assert project.rewrite(before) == before
    assert project.reasons == ["app.core:get_tracker, which is to replace app.old:get_log, does not exist"] * 2


def test_a_call_is_held_against_what_stands_behind_another_name(project: Project) -> None:
    before = "from app.old import get_log_of\nget_log_of('a')\n"
    project.write("app/core.py", f"{CORE}\n\ndef _of():\n    pass\n\n\nget_log_of = _of\n")
    project.configure('"app.old:get_log_of" = "app.core:get_log_of"')
    assert project.rewrite(before) == before
    assert any("does not take these arguments" in reason for reason in project.reasons)
