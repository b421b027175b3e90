"""Tests that prove absence stay as they are, and so does what they take from the old module."""

from __future__ import annotations

import textwrap

import pytest

from fix.conftest import Project

FAILS = "the test around it fails where the import succeeds"
IN = "it stands in {}, which proves something about the old thing"
LOOKS = "the import stands in a try, and only looks whether app.old{} is there"

PROOFS = {
    "a name": ("try:\n    from app.old import OrderLog\n    pytest.fail()\nexcept ImportError:\n    pass\n", FAILS),
    "a module": ("try:\n    import app.old\n    self.fail('there')\nexcept ModuleNotFoundError:\n    pass\n", FAILS),
    "by an assert": (
        "try:\n    from app.old import OrderLog\n    assert False\nexcept ImportError:\n    pass\n",
        FAILS,
    ),
    "in an else": (
        "try:\n    from app.old import OrderLog\nexcept (ImportError, KeyError):\n    pass\nelse:\n    pytest.fail()\n",
        FAILS,
    ),
    "in an else that raises": (
        "try:\n    import app.old\nexcept ImportError:\n    pass\nelse:\n    raise AssertionError\n",
        FAILS,
    ),
    "by text": (
        "try:\n    importlib.import_module('app.old')\n    pytest.fail()\nexcept ImportError:\n    pass\n",
        FAILS,
    ),
    "under suppress": ("with suppress(ImportError):\n    from app.old import OrderLog\n    pytest.fail()\n", FAILS),
    "that looks": (
        "try:\n    from app.old import OrderLog\n    found = True\nexcept ImportError:\n    found = False\n",
        LOOKS.format(":OrderLog"),
    ),
    "that looks for a module": (
        "try:\n    import app.old\nexcept ImportError:\n    old = None\n",
        LOOKS.format(""),
    ),
    "in a block of raises": (
        "with pytest.raises(ImportError):\n    from app.old import OrderLog\n",
        IN.format("a block of raises"),
    ),
    "in a block of raises, by text": (
        "with pytest.raises(ImportError):\n    importlib.import_module('app.old')\n",
        IN.format("a block of raises"),
    ),
    "in a block of assertRaises": (
        "with self.assertRaises(ImportError):\n    import app.old\n",
        IN.format("a block of assertRaises"),
    ),
    "that a use is refused": (
        "from app.old import OrderLog\n\nwith pytest.raises(TypeError):\n    OrderLog(1, 2, 3)\n",
        IN.format("a block of raises"),
    ),
    "that a use is refused, by a call": (
        "from app.old import OrderLog\n\npytest.raises(TypeError, OrderLog, 1, 2, 3)\n",
        IN.format("a call of raises"),
    ),
    "that a use of a module is refused": (
        "import app.old as o\n\nwith pytest.raises(TypeError):\n    o.get_log(1)\n",
        IN.format("a block of raises"),
    ),
    "that a use warns": (
        "from app.old import get_log\n\nwith pytest.deprecated_call():\n    get_log()\n",
        IN.format("a block of deprecated_call"),
    ),
    "that a use warns, with a category": (
        "from app.old import get_log\n\nwith pytest.warns(DeprecationWarning):\n    get_log()\n",
        IN.format("a block of warns"),
    ),
}


@pytest.mark.parametrize(("text", "reason"), PROOFS.values(), ids=list(PROOFS))
def test_a_proof_is_left_alone(project: Project, text: str, reason: str) -> None:
    text = f"import importlib\n\n\ndef test_it(self):\n{textwrap.indent(text, '    ')}"
    assert project.rewrite(text, "tests/test_use.py") == text
    assert reason in project.reasons


REWRITTEN = {
    "an exception that is expected": (
        "from app.old import LogError\n\nwith pytest.raises(LogError):\n    pass\n",
        "from app.core import TrackerError\n\nwith pytest.raises(TrackerError):\n    pass\n",
    ),
    "what stands beside a block": (
        "from app.old import get_log\n\nget_log()\nwith pytest.raises(ValueError):\n    int('x')\n",
        "from app.core import get_tracker\n\nget_tracker()\nwith pytest.raises(ValueError):\n    int('x')\n",
    ),
    "a try that is about something else": (
        "try:\n    from app.old import get_log\n    get_log()\nexcept KeyError:\n    pytest.fail()\n",
        "try:\n    from app.core import get_tracker\n    get_tracker()\nexcept KeyError:\n    pytest.fail()\n",
    ),
    "a guarded import that is used": (
        "try:\n    from app.old import get_log\nexcept ImportError:\n    pytest.skip()\nget_log()\n",
        "try:\n    from app.core import get_tracker\nexcept ImportError:\n    pytest.skip()\nget_tracker()\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), REWRITTEN.values(), ids=list(REWRITTEN))
def test_what_proves_nothing_is_rewritten(project: Project, before: str, after: str) -> None:
    assert project.rewrite(before, "tests/test_use.py") == after
