"""What a name is: something in a module, or a module."""

from __future__ import annotations

from pytest_ssot_tracker.records import dataclass

__all__ = ["Name"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a module, or with `attribute` `None` the module."""

    module: str
    attribute: str | None = None

    @classmethod
    def of(cls, spelling: str) -> Name:
        """Return the name spelled as a target."""
        module, _, attribute = spelling.partition(":")
        return cls(module, attribute or None)

    def __str__(self) -> str:
        return self.module if self.attribute is None else f"{self.module}:{self.attribute}"

    @property
    def dotted(self) -> str:
        """Return the name as an import and a chain of attributes would spell it."""
        return self.module if self.attribute is None else f"{self.module}.{self.attribute}"

    @property
    def top(self) -> Name:
        """Return what the name is, or is of, right in its module."""
        return Name(self.module, None if self.attribute is None else self.attribute.partition(".")[0])

    def member(self, name: str) -> Name:
        """Return the name of a member of what this one names."""
        return Name(self.module, f"{self.attribute}.{name}")

    @property
    def last(self) -> str:
        """Return the last part of it."""
        return self.dotted.rpartition(".")[2]
