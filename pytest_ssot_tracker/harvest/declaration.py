"""What one file declares deprecated, as plain facts that can be kept."""

from __future__ import annotations

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Declaration", "FileDeclarations", "Helper"]


class Declaration(NamedTuple):
    """One thing that is declared deprecated, and where.

    `attribute` is its name in the module, empty for the module itself. `new` is what the declaration names as a
    replacement, as it is written or as its import says. `depends` is the warning class, or with `()` the helper, that
    has to be looked up elsewhere before it is known whether this declares anything; `given` are the texts that the
    helper is called with, by position or name.
    """

    kind: str
    attribute: str
    line: int
    message: str = ""
    new: str = ""
    removal: str = ""
    depends: str = ""
    given: dict[str, str] | None = None


class Helper(NamedTuple):
    """A function that does nothing but warn of something else's deprecation.

    `template` is its message, in which a parameter stands as `{name}`; `depends` is its warning class, where that has
    to be looked up elsewhere. `defaults` are the texts of parameters that nothing is given for.
    """

    parameters: tuple[str, ...]
    template: str
    depends: str = ""
    defaults: dict[str, str] | None = None


class FileDeclarations(NamedTuple):
    """What one file says: what it declares, its warning classes with their bases, its helpers, by name."""

    module: str
    declared: tuple[Declaration, ...] = ()
    warnings: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - never written to
    helpers: dict[str, Helper] = {}  # noqa: RUF012 - never written to
