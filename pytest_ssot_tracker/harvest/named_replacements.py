"""Find what a declaration says to use instead: in its class, its module, the project, or what is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import product

from pytest_ssot_tracker.model import Target, TargetError
from pytest_ssot_tracker.names.definitions import Definitions
from pytest_ssot_tracker.names.looking import Names, There
from pytest_ssot_tracker.names.signatures import Signatures
from pytest_ssot_tracker.records import regex

__all__ = ["NamedReplacements"]

_DEFINED = regex(r"(?m)^(?:async[ \t]+def|def|class)[ \t]+(\w+)")


class NamedReplacements:
    """Answers what a name means that a declaration names as the replacement.

    `modules` yields the modules of the project with their text, which are read where a name is found nowhere near.
    """

    def __init__(self, names: Names, modules: Callable[[], Iterable[tuple[str, str]]]) -> None:
        self._names = names
        self._signatures = Signatures(Definitions(names.modules))
        self._modules = modules

    def find(self, name: str, target: Target) -> Target | None:
        """Return the thing called `name` that is meant where `target` is declared deprecated, `None` for none.

        A module is replaced by a module only, a parameter by one of the same callable.
        """
        if target.use:
            return self._parameter(name, target)
        for guessed, spelled in product((False, True), [*_spellings(name, target)]):
            found = self._there(spelled, guessed=guessed)
            if found is not None and found != target:
                origin = self._names.origin(found) if found.module == target.module else found
                found = found if origin == target else origin
                return None if found.attribute is not None and target.attribute is None else found
        return self._anywhere(name, target) if target.attribute is not None else None

    def _parameter(self, name: str, target: Target) -> Target | None:
        """Return the parameter called `name` of what takes the one that `target` speaks of."""
        parameter = target.parameter
        signature = None if parameter is None else self._signatures.of(target.thing)
        if parameter is None or parameter.value is not None or signature is None or name == parameter.name:
            return None
        takes = name in signature.names or name in signature.positions
        return target.thing.used(f"({name})") if takes else None

    def _there(self, spelled: str, *, guessed: bool = False) -> Target | None:
        """Return the target that is spelled so, `None` where it is not there, or only `guessed` to be."""
        try:
            target = self._names.resolve(Target.parse(spelled))
        except TargetError:
            return None
        module = self._names.modules.find(target.module)
        if module is None or (module.own and module.guessed and not guessed):
            return None
        if target.is_pattern or self._names.look(target).there is not There.YES:
            return None
        return target

    def _anywhere(self, name: str, target: Target) -> Target | None:
        """Return what only one module of the project defines under that name."""
        first = name.split(".")[0]
        homes = self._homes.get(first, ())
        if len(homes) != 1 or (homes[0], name) == (target.module, target.attribute):
            return None
        return self._there(f"{homes[0]}:{name}")

    @cached_property
    def _homes(self) -> dict[str, list[str]]:
        """The modules that define each name at their top level."""
        found: dict[str, list[str]] = {}
        for module, text in self._modules():
            for name in set(_DEFINED.findall(text)):
                found.setdefault(name, []).append(module)
        return found


def _spellings(name: str, target: Target) -> Iterator[str]:
    """Yield how `name` may be spelled in full, what is nearest first."""
    name = name.replace(":", ".")
    around = (target.attribute or "").split(".")[:-1]
    if target.attribute is not None:
        for end in range(len(around), -1, -1):
            yield f"{target.module}:{'.'.join([*around[:end], name])}"
    if "." in name:
        yield name
    package = target.module
    while "." in package:
        package = package.rpartition(".")[0]
        if "." in name or target.attribute is None:
            yield f"{package}.{name}"
