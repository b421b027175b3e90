"""Watch who requests a pytest fixture: a test or another fixture by a parameter, or code by `getfixturevalue`.

A fixture runs once for many who request it, so its own start says nothing. Every request goes through two functions of
pytest (8 and 9): `FixtureRequest._get_active_fixturedef`, and where nobody has asked before, `FixtureDef.execute`.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType, FunctionType
from typing import Any, cast

from pytest_ssot_tracker.detect.live.resolve import innermost
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError
from pytest_ssot_tracker.detect.plant.sentinels import Claim
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import moved_to, written_scope
from pytest_ssot_tracker.records import replace

__all__ = ["Requests", "fixture_of"]

_AUTOUSE = "every test uses it without asking, as it is autouse: only those that request it by name are seen"


def fixture_of(value: object) -> FunctionType | None:
    """Return the function that `pytest.fixture` was put on, `None` for what is no fixture."""
    pytest = sys.modules.get("_pytest.fixtures")
    if pytest is None:
        return None
    if type(value) is FunctionType:  # before pytest 8.4
        wrapped: Any = vars(value).get("__pytest_wrapped__")
        return innermost(getattr(wrapped, "obj", None))
    kind = vars(pytest).get("FixtureFunctionDefinition")
    return innermost(cast("Any", value)._get_wrapped_function()) if kind is not None and type(value) is kind else None


class Requests:
    """Book claims at whoever requests a fixture: the `def` with the parameter, or the call of `getfixturevalue`."""

    def __init__(self, planting: Planting, recorder: Recorder, scope: Scope) -> None:
        self._planting = planting
        self._recorder = recorder
        self._scope = scope
        self._claims: dict[int, tuple[FunctionType, list[Claim]]] = {}
        self._executing: list[tuple[object, str]] = []
        self._moved: dict[int, tuple[CodeType, CodeType]] = {}
        self._filename = ""

    def watch(self, function: FunctionType, claim: Claim, value: object) -> str:
        """Book `claim` for each request of the fixture made from `function`; return the name of the back end."""
        if not self._claims:
            self._install()
        _, claims = self._claims.setdefault(id(function), (function, []))
        claims.append(claim)
        self._planting.then(lambda: claims.remove(claim))
        marker = getattr(value, "_fixture_function_marker", None) or getattr(value, "_pytestfixturefunction", None)
        if getattr(marker, "autouse", False):
            self._planting.blind(claim, _AUTOUSE)
        return self._planting.backend_name

    def _install(self) -> None:
        pytest = vars(sys.modules["_pytest.fixtures"])
        asked = getattr(pytest.get("FixtureRequest"), "_get_active_fixturedef", None)
        executed = getattr(pytest.get("FixtureDef"), "execute", None)
        if not isinstance(asked, FunctionType) or not isinstance(executed, FunctionType):
            raise UnwatchableError("this version of pytest hands out fixtures in a way that is not known")
        self._filename = executed.__code__.co_filename
        self._planting.announce(executed, self._executes, matters=True)
        self._planting.returns(asked, self._answered)
        self._planting.then(self._claims.clear)

    def _executes(self, frame: FrameType) -> None:
        """Note that a fixture is asked for the first time, whatever comes of it."""
        definition = frame.f_locals.get("self")
        claims = self._claims_of(definition)
        if claims:
            self._executing.append((definition, str(getattr(definition, "argname", ""))))
            self._book(claims, frame, getattr(definition, "argname", ""))

    def _answered(self, frame: FrameType, definition: object) -> None:
        """Book a request that was answered with what is there already."""
        claims = self._claims_of(definition)
        if not claims:
            return
        name = str(frame.f_locals.get("argname"))
        if (definition, name) in self._executing:
            self._executing.remove((definition, name))
        else:
            self._book(claims, frame, name)

    def _claims_of(self, definition: object) -> list[Claim]:
        function = innermost(getattr(definition, "func", None))
        known = self._claims.get(id(function))
        return [] if known is None else known[1]

    def _book(self, claims: list[Claim], frame: FrameType, name: str) -> None:
        site = self._requester(frame.f_back, name)
        if site is None:
            return
        for claim in claims:
            spelled = claim.watch.spelled
            if spelled in ("", name):
                named = claim if not spelled else replace(claim, watch=claim.watch._replace(spelled=""), numbers={})
                self._planting.sentinels.called(named, site)

    def _requester(self, frame: FrameType | None, name: str) -> FrameType | Caller | None:
        """Return who made the request that pytest answers in the callee of `frame`; `None` where nobody names it."""
        while frame is not None and frame.f_code.co_filename == self._filename:
            what, outer = frame.f_code.co_name, frame.f_back
            if what == "execute":
                return self._definition(getattr(frame.f_locals["self"], "func", None))
            if what == "_fillfixtures":
                item = frame.f_locals["self"]._pyfuncitem
                return self._definition(getattr(item, "function", None)) if _asks(item, name) else None
            if what == "getfixturevalue" and outer is not None and outer.f_code.co_filename != self._filename:
                return self._planting.sentinels.callers.of_call(frame)
            frame = outer
        return None

    def _definition(self, requester: object) -> Caller | None:
        """Return where a function is defined, which runs no code of its own now."""
        function = innermost(requester)
        place = None if function is None else self._scope.place(function.__code__.co_filename)
        if function is None or place is None:
            return None
        code = function.__code__
        if id(code) not in self._moved:
            file = self._recorder.sites.file(code.co_filename)
            statement = None if file is None else file.definition(written_scope(function.__qualname__))
            self._moved[id(code)] = code, code if statement is None else moved_to(code, statement.line)
        return Caller(self._moved[id(code)][1], 0, function.__module__, place)


def _asks(item: Any, name: str) -> bool:
    """Whether a test names the fixture itself, by a parameter or by `usefixtures`."""
    names = getattr(getattr(item, "_fixtureinfo", None), "argnames", ())
    return name in names or any(name in mark.args for mark in item.iter_markers("usefixtures"))
