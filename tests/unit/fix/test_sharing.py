"""What shares state leaves a module together; a plain function or a constant goes alone."""

from __future__ import annotations

import pytest

from .conftest import Project

OLD = """\
import logging
from enum import Enum

from app.core import get_tracker
from app.registry import REGISTRY, OddWarning, helped

logger = logging.getLogger(__name__)
LIMIT = 3
SIZES = (1, 2)
_count = 0
_cache = {}


class Color(Enum):
    RED = 1


class Odd:
    pass


def add(a, b):
    logger.info("adding")
    return a + b + LIMIT


def count():
    global _count
    _count += 1
    return _count


def counted():
    return _count


def cached(key):
    return _cache.get(key)


def paint() -> "Color":
    return Color.RED


def registered():
    return REGISTRY


def register(name):
    REGISTRY.append(name)


def handed_on():
    return get_tracker()


@overload
def either(a: int) -> int: ...


@overload
def either(a: str) -> str: ...


def either(a):
    warnings.warn("use other", category=OddWarning)
    return helped(a)


@deprecated("use nothing", category=OddWarning)
def other():
    return helped(2) + 1
"""
REGISTRY_MODULE = """\
REGISTRY = []


class OddWarning(Warning):
    pass


def helped(a):
    return a
"""
NAMES = (
    "LIMIT",
    "SIZES",
    "Color",
    "add",
    "count",
    "counted",
    "cached",
    "paint",
    "registered",
    "register",
    "handed_on",
    "either",
    "other",
)
REPLACE = "".join(f'"app.old:{name}" = "app.fresh:{name}"\n' for name in NAMES)


@pytest.fixture
def shared(project: Project) -> Project:
    project.configure(REPLACE)
    project.write("app/old.py", OLD)
    project.write("app/registry.py", REGISTRY_MODULE)
    project.write("app/fresh.py", OLD.replace("class Odd", "class Even"))
    return project


TOGETHER = {
    "functions that set and read a variable": (("count", "counted"), "_count"),
    "a function and the class of what it returns": (("paint", "Color"), "Color"),
    "functions of a variable of another module": (("register", "registered"), "REGISTRY"),
}


@pytest.mark.parametrize(("names", "what"), TOGETHER.values(), ids=list(TOGETHER))
def test_what_shares_state_stays_together(shared: Project, names: tuple[str, str], what: str) -> None:
    moving, staying = names
    shared.configure("\n".join(line for line in REPLACE.splitlines() if f":{staying}" not in line))
    shared.write("app/core.py", (shared.root / "app/core.py").read_text())
    text = f"from app.old import {moving}, {staying}\n\n{moving}, {staying}\n"
    assert shared.rewrite(text) == text
    assert any(f"{staying}, which shares {what} with it, stays: " in reason for reason in shared.reasons)


@pytest.mark.parametrize("name", ["LIMIT", "SIZES", "add", "handed_on", "either"])
def test_what_has_no_state_goes_alone(shared: Project, name: str) -> None:
    assert shared.rewrite(f"from app.old import Odd, {name}, get_it\n\n{name}, Odd, get_it\n") == (
        f"from app.old import Odd, get_it\nfrom app.fresh import {name}\n\n{name}, Odd, get_it\n"
    )


def test_a_warning_and_a_helper_without_state_hold_nothing_together(shared: Project) -> None:
    shared.configure("\n".join(line for line in REPLACE.splitlines() if ":other" not in line))
    assert shared.rewrite("from app.old import either, other\n\neither(1), other()\n") == (
        "from app.old import other\nfrom app.fresh import either\n\neither(1), other()\n"
    )


def test_classes_of_one_module_stay_together(shared: Project) -> None:
    text = "from app.old import Color, Odd\n\nColor.RED, Odd\n"
    shared.configure(REPLACE + '"app.old:Odd" = "app.fresh:Odd"\n')
    assert shared.rewrite(text) == text
    assert "Odd, of the same module, stays: app.fresh:Odd, which is to replace app.old:Odd, does not exist" in (
        shared.reasons
    )


def test_a_cause_is_the_same_for_all_that_it_holds_back(shared: Project) -> None:
    shared.write("app/use.py", "from app.old import Color, Odd\n\nColor.RED\nColor.RED.value\nOdd\n")
    shared.configure(REPLACE + '"app.old:Odd" = "app.fresh:Odd"\n')
    refusals = [refusal for refusal in shared.fix().refusals if refusal.site.path == "app/use.py"]
    assert len(refusals) > 1
    assert {refusal.cause for refusal in refusals} == {"app.fresh:Odd, which is to replace app.old:Odd, does not exist"}
