"""Know where a file takes members that are called otherwise from now on, and whether each of them is looked after."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from pytest_ssot_tracker.fix.fixes import Unfollowed
from pytest_ssot_tracker.fix.origins import ReplacedExpressions
from pytest_ssot_tracker.fix.parsed_file import File, callee, dotted
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.records import regex

__all__ = ["BY_NAME", "Members"]

BY_NAME = frozenset({"object", "getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller"})
"""The last part of the names of what takes a member of something by its name."""
_FORMATTED = regex(r"\{\w*(?:\[[^]{}]*\]|\.\w+)+")
"""What `str.format` takes of an argument: `{0.name}`, `{log.name}`."""
_TAKING = frozenset({"getattr", "setattr", "delattr"})
_LISTING = frozenset({"vars", "dir", "getmembers", "getattr_static"})
_LISTED = frozenset({"__dict__", "__dir__", "__getattribute__", "__members__"})


class Members:
    """The members that `file` takes of what is replaced.

    `moved` are those that are called otherwise from now on, `arriving` those that they become, each with its owner.
    """

    def __init__(self, file: File) -> None:
        self._file = file
        self._origins = ReplacedExpressions(file)
        self._moved: dict[str, str] = {}
        self._arriving: dict[str, str] = {}
        self._followed: set[ast.AST] = set()

    def move(self, names: Mapping[str, str] | Iterable[str], owner: str) -> None:
        """Note that members of `owner` are called otherwise from now on, with their new names where these are known."""
        self._moved.update(dict.fromkeys(names, owner))
        if isinstance(names, Mapping):
            self._arriving.update({new: owner for old, new in names.items() if new != old})

    def follow(self, node: ast.AST, *origins: ast.AST) -> None:
        """Note that what takes a member at `node` is looked after, and which expressions are what it is taken of."""
        self._followed.add(node)
        for origin in origins:
            self._origins.note(origin)

    def note(self, origin: ast.AST) -> None:
        """Note that `origin` is what is replaced, gives an object of it, or says so in an annotation."""
        self._origins.note(origin)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Forget what was to be called otherwise within the block where the block raises."""
        before = dict(self._moved), dict(self._arriving)
        try:
            with self._origins.all_or_nothing():
                yield
        except BaseException:
            self._moved, self._arriving = before
            raise

    # --- Checks

    def check_followed(self) -> None:
        """Raise `Unfollowed` where a member that is called otherwise from now on is taken of who knows what.

        It may be an object that went through a function, a list or an attribute of something else.
        """
        if not self._moved:
            return
        self._check_attributes()
        self._check_patterns()
        self._check_texts()
        for call in self._file.nodes(ast.Call):
            assert isinstance(call, ast.Call)
            made = callee(call) in _TAKING and len(call.args) > 1 and self._may_be_moved(call.args[1])
            if made and not self._is_of_another(call.args[0]):
                raise self._unfollowed(call, "a member", next(iter(self._moved.values())))

    def _check_texts(self) -> None:
        """Raise `Unfollowed` where a member is taken by its name as a text, or in the format of one."""
        listed = next(filter(_lists, self._file.nodes(ast.Call, ast.Attribute)), None)
        for text in self._file.strings:
            owner = self._moved.get(str(text.value), "")
            call = self._file.parents.get(text)
            named = listed is not None or (isinstance(call, ast.Call) and callee(call) in BY_NAME)
            if owner and text not in self._followed and named:
                raise self._unfollowed(text, str(text.value), owner)
            for match in _FORMATTED.finditer(str(text.value)):
                for name in self._moved.keys() & set(match[0].split(".")[1:]):
                    raise self._unfollowed(text, name, self._moved[name])

    def _check_attributes(self) -> None:
        for name, owner in sorted(self._moved.items()):
            for attribute in self._file.attributes(name):
                is_sure = self._origins.is_known if attribute in self._followed else self._is_of_another
                if not is_sure(attribute.value):
                    raise self._unfollowed(attribute, name, owner)
        for name, owner in sorted(self._arriving.items()):
            for attribute in self._file.attributes(name):
                stores = not isinstance(attribute.ctx, ast.Load) and name not in self._moved
                if stores and not self._is_of_another(attribute.value):
                    line = self._file.statement_line(attribute)
                    raise Unfollowed(f"line {line} sets {name} of something that may be a {owner}")

    def _may_be_moved(self, text: ast.expr) -> bool:
        """Whether a text that is made at run time may be the name of a member that is called otherwise from now on."""
        if literal_text(text) is not None:
            return False  # it has been asked for
        if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
            parts: list[ast.expr] = [text.left, text.right]
        else:
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
        shape = "".join(".*" if (part := literal_text(value)) is None else re.escape(part) for value in parts)
        return any(re.fullmatch(shape, name) for name in self._moved)

    def _check_patterns(self) -> None:
        """Raise `Unfollowed` where a pattern takes a member: its name there has no place of its own in the tree."""
        for pattern in self._file.nodes(ast.MatchClass):
            assert isinstance(pattern, ast.MatchClass)
            for name in pattern.kwd_attrs:
                if name in self._moved:
                    raise self._unfollowed(pattern, name, self._moved[name])

    def _unfollowed(self, node: ast.AST, name: str, owner: str) -> Unfollowed:
        line = self._file.statement_line(node)
        return Unfollowed(f"line {line} takes {name} of something that may be a {owner}")

    def _is_of_another(self, node: ast.expr) -> bool:
        """Whether a member is plainly taken of something that has nothing to do with what is replaced."""
        root: ast.expr = node
        if isinstance(root, (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set)):
            return True
        if dotted(root) in ("self", "cls") or (isinstance(root, ast.Call) and callee(root) == "super"):
            return True  # what a class inherits of what is replaced has been followed
        while isinstance(root, ast.Attribute):
            root = root.value
        return any(chain.root is root for chain in self._file.chains)


def _lists(node: ast.AST) -> bool:
    """Whether `node` asks for all members of something by their names."""
    if isinstance(node, ast.Call):
        return callee(node) in _LISTING and len(node.args) > 0
    return isinstance(node, ast.Attribute) and node.attr in _LISTED
