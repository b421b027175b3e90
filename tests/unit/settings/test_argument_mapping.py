"""Read what becomes of the arguments of what is replaced, and refuse what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.settings import load
from pytest_ssot_tracker.settings.argument_mapping import NewArgument, Passing
from pytest_ssot_tracker.settings.problems import ConfigurationError

PAIRS = {
    ("config", "timeout_config"): [NewArgument("timeout_config", "config")],
    ("text, level", "text"): [NewArgument("text", "text")],
    ("a, b", "b, a"): [NewArgument("b", "b"), NewArgument("a", "a")],
    ("a, b", "b, c"): [NewArgument("b", "b"), NewArgument("c", "a")],
    ("a, b,", "c=b"): [NewArgument("c", "b")],
    ("", "strict=True, n=-1"): [NewArgument("strict", text="True"), NewArgument("n", text="-1")],
    ("a", ""): [],
}


@pytest.mark.parametrize(("sides", "gives"), PAIRS.items(), ids=map(str, PAIRS))
def test_names_that_are_not_the_old_ones_take_what_is_left(sides: tuple[str, str], gives: list[NewArgument]) -> None:
    assert list(Passing.parse(*sides).gives) == gives


BAD = {
    '"app.old:f(a)" = "app.new:g"': ("the arguments after the sign are missing", 'write "app.new:g(...)"'),
    '"app.old:f" = "app.new:g(a)"': ("the arguments before the sign are missing", 'write "app.old:f(...)"'),
    '"app.old:f(a, b)" = "app.new:g(c)"': ("it is not clear which argument 'c' gets", "write c=OLD"),
    '"app.old:f(a)" = "app.new:g(x=b)"': ("'b' is no parameter of what is replaced", "write one of a"),
    '"app.old:f(a, a)" = "app.new:g(a)"': ("the parameter 'a' is there twice", "name each of them once"),
    '"app.old:f(1)" = "app.new:g(a)"': ("'1' is no name of a parameter", "write names with commas between"),
    '"app.old:f(a)" = "app.new:g(a, *b)"': ("(a, *b) is no list of arguments", "write (text)"),
    '"app.old:f(a)" = "app.new:g(a, b=f())"': ("b is given neither a parameter nor a literal", "write (text)"),
    '"app.old:f(a)" = "app.new:g(a, x=a)"': ("'a' is there twice", "pass each argument on once"),
    '"app.old:f(a)" = "app.new:g(a"': ("'app.new:g(a' is not a target", ""),
    '"app.old:f(a)" = "app.new:g(a)"\n"app.old:f" = "app.new:g"': ("app.old:f is replaced twice", "leave one"),
}


@pytest.mark.parametrize(("entry", "said"), BAD.items(), ids=list(BAD))
def test_an_entry_that_does_not_fit_is_refused(tmp_path: Path, entry: str, said: tuple[str, str]) -> None:
    Path(tmp_path, "app").mkdir()
    Path(tmp_path, "app", "old.py").write_text("def f(a, b): ...\n", encoding="utf-8")
    Path(tmp_path, "app", "new.py").write_text("def g(a, b=0): ...\n", encoding="utf-8")
    text = f'[tool.ssot_tracker.ssot.x]\ndeprecated = ["app.old"]\n[tool.ssot_tracker.ssot.x.replace]\n{entry}\n'
    Path(tmp_path, "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    (problem,) = caught.value.problems
    assert said[0] in str(problem)
    assert said[1] in str(problem)
    assert "ssot.x.replace" in str(problem)
