"""Rewrite import statements in all their forms, and what they bring with them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from .conftest import Project

FORMS = {
    "a name": (
        "from app.old import OrderLog\n\nlog = OrderLog()\n",
        "from app.core import get_tracker\n\nlog = get_tracker()\n",
    ),
    "a function": (
        "from app.old import get_log\n\nlog = get_log()\n",
        "from app.core import get_tracker\n\nlog = get_tracker()\n",
    ),
    "a name with an alias": (
        "from app.old import LogError as Broken\n\nassert Broken\n",
        "from app.core import TrackerError as Broken\n\nassert Broken\n",
    ),
    "a relative name": (
        "from .old import LogError\n\nassert LogError\n",
        "from app.core import TrackerError\n\nassert TrackerError\n",
    ),
    "into a relative import that is there": (
        "from .core import Tracker\nfrom app.old import get_log\n\nassert get_log() is Tracker\n",
        "from .core import Tracker, get_tracker\n\nassert get_tracker() is Tracker\n",
    ),
    "a module": (
        "import app.old\n\nraise app.old.LogError()\n",
        "import app.core\n\nraise app.core.TrackerError()\n",
    ),
    "a module with an alias": (
        "import app.old as o\n\nraise o.LogError()\n",
        "import app.core as o\n\nraise o.TrackerError()\n",
    ),
    "a submodule": (
        "from app import old\n\nraise old.LogError()\n",
        "from app import core\n\nraise core.TrackerError()\n",
    ),
    "a relative submodule with an alias": (
        "from . import old as o\n\nraise o.LogError()\n",
        "from app import core as o\n\nraise o.TrackerError()\n",
    ),
    "one of several modules": (
        "import json, app.old as o\n\nraise o.LogError(json)\n",
        "import json, app.core as o\n\nraise o.TrackerError(json)\n",
    ),
    "in a function": (
        "def f():\n    from app.old import get_log\n\n    return get_log()\n",
        "def f():\n    from app.core import get_tracker\n\n    return get_tracker()\n",
    ),
    "under TYPE_CHECKING": (
        """\
        from __future__ import annotations
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from app.old import LogError

        def f(error: LogError): ...
        """,
        """\
        from __future__ import annotations
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from app.core import TrackerError

        def f(error: TrackerError): ...
        """,
    ),
    "in a try that catches the missing module": (
        "try:\n    from app.old import get_log\nexcept ImportError:\n    raise SystemExit\nget_log()\n",
        "try:\n    from app.core import get_tracker\nexcept ImportError:\n    raise SystemExit\nget_tracker()\n",
    ),
    "over several lines, with comments": (
        """\
        # Trackers
        from app.old import (  # all of them
            LogError,  # the error
            get_log,
        )

        get_log(), LogError
        """,
        """\
        # Trackers
        from app.core import (  # all of them
            TrackerError,  # the error
            get_tracker,
        )

        get_tracker(), TrackerError
        """,
    ),
    "a module that is imported already": (
        "import app.core\nimport app.old\n\nraise app.old.LogError(app.core)\n",
        "import app.core\n\nraise app.core.TrackerError(app.core)\n",
    ),
    "a submodule beside its replacement": (
        "from app import core, old as o\n\nraise o.LogError(core)\n",
        "from app import core, core as o\n\nraise o.TrackerError(core)\n",
    ),
    "two on one line": (
        "from app.old import get_log; import json\nget_log()\n",
        "from app.core import get_tracker; import json\nget_tracker()\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), FORMS.values(), ids=FORMS)
def test_an_import_is_rewritten_with_what_it_brings(project: Project, before: str, after: str) -> None:
    assert project.rewrite(dedent(before)) == dedent(after)
    assert project.reasons == []


def test_a_name_moves_into_an_import_of_the_new_module(project: Project) -> None:
    before = """\
    from app.core import environ
    from app.old import get_log

    get_log(), environ
    """
    assert project.rewrite(before) == "from app.core import environ, get_tracker\n\nget_tracker(), environ\n"


def test_a_name_moves_into_an_import_over_several_lines(project: Project) -> None:
    before = """\
    from app.core import (
        TrackerError,  # first
        environ  # last
    )
    from app.old import get_log

    get_log(), environ
    """
    after = """\
    from app.core import (
        TrackerError,  # first
        environ,  # last
        get_tracker
    )

    get_tracker(), environ
    """
    assert project.rewrite(before) == dedent(after)


def test_what_is_imported_already_is_not_imported_twice(project: Project) -> None:
    before = "from app.core import get_tracker\nfrom app.old import get_log\n\nget_log() or get_tracker()\n"
    assert project.rewrite(before) == "from app.core import get_tracker\n\nget_tracker() or get_tracker()\n"


IN_ONE_MODULE = """\
[tool.ssot_tracker]
source = ["shop"]

[tool.ssot_tracker.ssot.logs]
deprecated = ["shop.log:Old"]
replace    = { "shop.log:Old" = "shop.log:New" }
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [("Old, New", "New"), ("New, Old", "New"), ("(\n    New,\n    Old,  # gone\n)", "(\n    New,\n)")],
)
def test_what_a_statement_brings_already_it_brings_once(project: Project, before: str, after: str) -> None:
    project.lay_out(IN_ONE_MODULE, log="class New: ...\nclass Old: ...\n")
    text = f"from shop.log import {before}\n\nlogs = Old(), New()\n"
    assert project.rewrite(text, "shop/use.py") == f"from shop.log import {after}\n\nlogs = New(), New()\n"


def test_names_of_one_statement_part(project: Project) -> None:
    project.configure('"app.old:Unmapped" = "app.other:Thing"')
    project.write("app/other.py", "class Thing:\n    pass\n")
    before = "from app.old import Unmapped, get_log\n\nget_log(), Unmapped()\n"
    after = "from app.other import Thing\nfrom app.core import get_tracker\n\nget_tracker(), Thing()\n"
    assert project.rewrite(before) == after


def test_an_alias_keeps_a_name_that_others_take_from_the_module(project: Project) -> None:
    project.write("tests/test_use.py", 'from unittest.mock import patch\n\npatch("app.use.get_log")\n')
    assert project.rewrite("from app.old import get_log\n\nget_log()\n") == (
        "from app.core import get_tracker as get_log\n\nget_log()\n"
    )


@pytest.mark.parametrize(
    "rest",
    ["def f(get_tracker):\n    return get_log(), get_tracker\n", 'get_log()\n__all__ = ["get_log"]\n'],
    ids=["the new name is taken", "the old name is public"],
)
def test_an_alias_keeps_the_name_where_another_would_be_wrong(project: Project, rest: str) -> None:
    assert project.rewrite(f"from app.old import get_log\n\n{rest}") == (
        f"from app.core import get_tracker as get_log\n\n{rest}"
    )


def test_the_docstring_and_the_future_stay_first(project: Project) -> None:
    before = '"""Say."""\n\nfrom __future__ import annotations\nimport os\n\nVALUE = os.environ\n'
    after = '"""Say."""\n\nfrom __future__ import annotations\nfrom app.core import environ\n\nVALUE = environ\n'
    assert project.rewrite(before) == after


REFUSED = {
    "from app.old import *\n\nget_log()\n": "a star import: import by name first",
    "from app.old import get_log\nget_log = get_log()\n": "get_log is bound elsewhere in the file as well",
    "try:\n    from app.old import get_log\nexcept ImportError:\n    get_log = None\n": (
        "get_log is bound elsewhere in the file as well"
    ),
    "from app.old import get_log_of\n": (
        "app.core:Tracker replaces classes, and app.old:get_log_of is a function: "
        'add it to "replace" of [tool.ssot_tracker.ssot.orders]'
    ),
    "from app.old import get_log_of, get_log\nget_log()\n": (
        "get_log_of, which shares OrderLog with it, stays: app.core:Tracker replaces classes, and app.old:get_log_of "
        'is a function: add it to "replace" of [tool.ssot_tracker.ssot.orders]'
    ),
    "from app.old import OtherError\n": (
        "app.core:Tracker is no exception, as app.old:OtherError is: "
        'add it to "replace" of [tool.ssot_tracker.ssot.orders]'
    ),
    "import app.old as o\nprint(o, o.LogError)\n": (
        "app.old is handed on as a whole, and nothing replaces it as a whole"
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=REFUSED.values())
def test_what_is_not_certain_is_left_alone(project: Project, text: str, reason: str) -> None:
    assert project.rewrite(text) == text
    assert reason in project.reasons


def test_a_replacement_that_does_not_exist_is_left_alone(project: Project) -> None:
    project.configure('"app.old:Unmapped" = "app.core:Gone"')
    text = "from app.old import Unmapped\n"
    assert project.rewrite(text) == text
    assert project.reasons == ["app.core:Gone, which is to replace app.old:Unmapped, does not exist"]


def test_an_import_in_a_circle_is_left_alone(project: Project) -> None:
    project.write("app/core.py", f"import app.use\n\n{(project.root / 'app/core.py').read_text()}")
    text = "from app.old import get_log\n\nget_log()\n"
    assert project.rewrite(text) == text
    assert set(project.reasons) == {"app.core imports this module: importing it here goes in a circle"}


def test_a_guarded_import_of_a_module_that_is_gone_is_left_alone(project: Project) -> None:
    (project.root / "app/old.py").unlink()
    text = "try:\n    from app.old import get_log\nexcept ImportError:\n    raise SystemExit\n"
    assert project.rewrite(text) == text
    assert project.reasons == ["app.old:get_log is gone, and the import stands in a try for that"]
