"""Watch calls that pass a deprecated parameter; loaded only where a configuration names one."""

from __future__ import annotations

from types import CodeType, FrameType, FunctionType, MethodType

from pytest_ssot_tracker.detect.calls.requests import fixture_of
from pytest_ssot_tracker.detect.live.objects import around, behind, cells_of, maker_of, method_of
from pytest_ssot_tracker.detect.live.resolve import function_of, is_cached, unbound
from pytest_ssot_tracker.detect.plant.passing import Calling, written_at
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError
from pytest_ssot_tracker.detect.plant.sentinels import Claim
from pytest_ssot_tracker.model import Parameter, Target
from pytest_ssot_tracker.records import replace

__all__ = ["lacks", "watch_parameter"]

_MAKERS = frozenset({"__init__", "__new__"})
_KEPT = "it answers a repeated call with what it has kept, without running any Python code: the scan reads its calls"
_OF_C = (
    "{kind} has no Python code to watch: that the parameter is passed is seen where the project's own code writes it "
    "into the call, not where it comes from a variable or a library calls"
)
_VALUE_OF_C = "{kind} has no Python code to watch, and nothing tells with which value a call passes the parameter"


def watch_parameter(
    planting: Planting, value: object, claim: Claim, parameter: Parameter, *, owner: type | None
) -> list[str]:
    """Book `claim` for each call of `value`, found on the class `owner` if any, that passes `parameter`.

    Returns the names of the back ends in use; raises `UnwatchableError`.
    """
    if fixture_of(value) is not None:
        raise UnwatchableError("pytest passes what a fixture asks for: deprecate the fixture of that name")
    if is_cached(unbound(value)):
        planting.blind(claim, _KEPT)
    function = callee_of(value)
    if function is None:
        return [_written_in_c(planting, value, claim, parameter)]
    is_class = issubclass(type(value), type)
    between = _between(value, function)
    names = _names(value) | {Target.parse(claim.watch.target).name}
    calling = Calling(function, parameter, names=names, bound=_is_bound(value, owner), around=between)
    kept = replace(
        claim,
        cls=value if is_class else _through(value, owner),  # type: ignore[arg-type]
        cells=() if is_class else cells_of(function),
        subject=_subject(value, function),
        around=between,
        unless=calling.leaves_out,
    )
    return [planting.claim(function, kept, shared=True)]


def _written_in_c(planting: Planting, value: object, claim: Claim, parameter: Parameter) -> str:
    """Watch where the project's code calls something that has no Python code."""
    kind = "a class written in C" if issubclass(type(value), type) else type(value).__name__
    if parameter.value is not None:
        raise UnwatchableError(_VALUE_OF_C.format(kind=kind))

    def called(frame: FrameType) -> None:
        call = written_at(frame.f_code, frame.f_lasti)
        if call is not None and call.passes(parameter.name, None, frame, bound=False):
            planting.sentinels.called(claim, frame)

    planting.calls_of(value, called)
    planting.blind(claim, _OF_C.format(kind=kind))
    return "monitoring"


def lacks(value: object, parameter: Parameter) -> bool:
    """Whether it is certain that no call of `value` may pass the parameter."""
    function = callee_of(value)
    return function is not None and not Calling(function, parameter, names=frozenset(), bound=False).exists


def callee_of(value: object) -> FunctionType | None:
    """Return the function that starts with what a call of `value` passes."""
    if issubclass(type(value), type):
        return maker_of(value)[1]  # type: ignore[arg-type]
    function = function_of(value)
    if function is None and callable(value):
        function = method_of(value, "__call__") or behind(value)
    return function


def _names(value: object) -> frozenset[str]:
    return _MAKERS | {value.__name__} if issubclass(type(value), type) else frozenset()  # type: ignore[attr-defined]


def _is_bound(value: object, owner: type | None) -> bool:
    """Whether the first parameter is filled in where `value` is called by a name of its holder."""
    if issubclass(type(value), staticmethod):
        return False
    return owner is not None or type(value) is not FunctionType


def _through(value: object, owner: type | None) -> type | None:
    """Return the class through which alone a call counts: of a method that it inherits."""
    inherited = owner is not None and not any(held is value for held in list(vars(owner).values()))
    return owner if inherited and not issubclass(type(value), staticmethod) else None


def _subject(value: object, function: FunctionType) -> object:
    """Return the only first argument that is meant, `None` where any is."""
    if type(value) is MethodType:
        return value.__self__
    return value if method_of(value, "__call__") is function else None


def _between(value: object, function: FunctionType) -> tuple[CodeType, ...]:
    """Return the code that runs between the call and the function, and is nobody's call."""
    if issubclass(type(value), type):
        meta = method_of(value, "__call__")
        return () if meta is None else (meta.__code__,)
    return around(value) if function is not function_of(value) else ()
