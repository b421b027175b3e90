"""Tell which names of a module other files take from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.fix.outside import Outside
from pytest_ssot_tracker.settings import Tree

TAKES = [
    "from app.use import name",
    "from app.use import (\n    other,\n    name,\n)",
    "from .use import name as mine",
    "from app.use import *\nname()",
    "import app.use\napp.use.name",
    "from app import use\nuse.name()",
    "from app import use as u\nu.name()",
    "import app.use as u\npatch.object(u, 'name')",
    "monkeypatch.setattr(use, 'name', 1)",
    "patch('app.use.name.method')",
]
TAKES_NOT = [
    "from app.old import name\nfrom app.use import other",
    "from app import use\nname = use.other",
    "from app.use_more import name",
    "use(name)",
]


@pytest.mark.parametrize("text", [*TAKES, *TAKES_NOT])
def test_a_name_is_taken_by_import_attribute_or_string(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.py").write_text(text)
    outside = Outside(Tree.of(tmp_path), ["other.py", "gone.py"], [("name", "app.use"), ("never", "app.use")])
    assert outside("name", "app.use") == (text in TAKES)
    assert not outside("never", "app.use")
