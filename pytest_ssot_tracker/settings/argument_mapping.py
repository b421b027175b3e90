"""Read how arguments are passed on: `shop.old:Log.note(text, level)` becomes `shop.new:Tracker.record(text)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["NewArgument", "Passing", "PassingError", "has_value", "parted", "plain", "speaks_of_one"]

_CALLED = regex(r"(?P<name>[^()]*?)\s*\((?P<arguments>.*)\)\s*", re.DOTALL)


class PassingError(ValueError):
    """Two sides of a replacement that do not fit: `problem` says why, `hint` what to do."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem}; {self.hint}"


class NewArgument(NamedTuple):
    """One argument of the new call, for its parameter `name`: what `source` was given, or the literal `text`."""

    name: str
    source: str | None = None
    text: str | None = None


class Passing(NamedTuple):
    """How arguments are passed on: `takes` are parameters of the old one, `gives` the arguments of the new one.

    What neither names is passed on as it is. What `takes` has and `gives` has not is dropped. `defaults` are what the
    old one gives where nothing is passed, as it is written, `None` where that cannot be written elsewhere.
    """

    takes: tuple[str, ...]
    gives: tuple[NewArgument, ...]
    defaults: Mapping[str, str | None] = MappingProxyType({})

    @classmethod
    def parse(cls, takes: str, gives: str) -> Passing:
        """Return how `(takes)` is passed on as `(gives)`; raise `PassingError` where they do not fit."""
        old = _names(takes)
        given = _arguments(gives)
        named = {argument.source for argument in given if argument.source in old}
        strange = [argument for argument in given if argument.text is None and argument.source not in old]
        waiting = [name for name in old if name not in named]
        explicit = [argument.source for argument in strange if argument.source != argument.name]
        if explicit:
            raise PassingError(
                f"{explicit[0]!r} is no parameter of what is replaced", f"write one of {', '.join(old) or 'none'}"
            )
        if strange and len(strange) != len(waiting):
            name = strange[0].name
            raise PassingError(f"it is not clear which argument {name!r} gets", f"write {name}=OLD")
        renamed = dict(zip([argument.name for argument in strange], waiting, strict=False))
        return cls(
            old, tuple(argument._replace(source=renamed.get(argument.name, argument.source)) for argument in given)
        )

    def given(self, source: str) -> NewArgument | None:
        """Return the argument that takes what `source` was given, `None` where nothing does."""
        return next((argument for argument in self.gives if argument.source == source), None)


def parted(spelling: str) -> tuple[str, str | None]:
    """Return the name in `pkg.mod:name(arguments)`, and the arguments as they are written, `None` without them."""
    match = _CALLED.fullmatch(spelling)
    return (spelling, None) if match is None else (match["name"], match["arguments"])


def plain(spelling: str) -> str:
    """Return the name in `pkg.mod:name(arguments)`."""
    return parted(spelling)[0]


def has_value(spelling: str) -> bool:
    """Whether `pkg.mod:name(mode="old")` speaks of one value of a parameter, which nothing is passed on from."""
    return "=" in (parted(spelling)[1] or "")


def speaks_of_one(spelling: str) -> bool:
    """Whether `pkg.mod:name(arguments)` speaks of one parameter, or of one value of it."""
    arguments = parted(spelling)[1]
    return arguments is not None and (has_value(spelling) or "," not in arguments) and bool(arguments.strip())


def _names(text: str) -> tuple[str, ...]:
    """Return the parameters that `text` lists."""
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    if names and not names[-1]:
        names.pop()
    for name in names:
        if not name.isidentifier():
            raise PassingError(f"{name!r} is no name of a parameter", "write names with commas between: (text, level)")
        if names.count(name) > 1:
            raise PassingError(f"the parameter {name!r} is there twice", "name each of them once")
    return tuple(names)


def _arguments(text: str) -> list[NewArgument]:
    import ast

    problem = f"({text}) is no list of arguments"
    hint = "write (text), (message=text) or (text, strict=True)"
    try:
        call = ast.parse(f"_({text})", mode="eval").body
    except (SyntaxError, ValueError):
        raise PassingError(problem, hint) from None
    if not isinstance(call, ast.Call) or not all(isinstance(arg, ast.Name) for arg in call.args):
        raise PassingError(problem, hint)
    found = [NewArgument(arg.id, arg.id) for arg in call.args if isinstance(arg, ast.Name)]
    for keyword in call.keywords:
        if keyword.arg is None:
            raise PassingError(problem, hint)
        if isinstance(keyword.value, ast.Name):
            found.append(NewArgument(keyword.arg, keyword.value.id))
            continue
        try:
            ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError):
            raise PassingError(f"{keyword.arg} is given neither a parameter nor a literal", hint) from None
        found.append(NewArgument(keyword.arg, text=ast.unparse(keyword.value)))
    names = [argument.name for argument in found]
    sources = [argument.source for argument in found if argument.source is not None]
    twice = next((name for name in (*names, *sources) if max(names.count(name), sources.count(name)) > 1), None)
    if twice is not None:
        raise PassingError(f"{twice!r} is there twice", "pass each argument on once")
    return found
