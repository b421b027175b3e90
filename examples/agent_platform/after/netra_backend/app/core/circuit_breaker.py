"""Stop calling what keeps failing, and try again after a while."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["BreakerStatus", "CircuitBreaker", "CircuitOpenError"]


class BreakerStatus(str, Enum):
    """Be what a breaker lets through: everything, nothing, or one call to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"

    __str__ = str.__str__


class CircuitOpenError(RuntimeError):
    """Say that the breaker `name` is open, so the call was not made."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the circuit {self.name!r} is open"


@dataclass(slots=True)
class CircuitBreaker:
    """Open after `failure_threshold` failures in a row; half open `recovery_seconds` later."""

    name: str
    failure_threshold: int = 3
    recovery_seconds: float = 30.0
    failures: int = 0
    opened_at: float | None = field(default=None, repr=False)

    @property
    def status(self) -> BreakerStatus:
        """Return what the breaker lets through now."""
        if self.opened_at is None:
            return BreakerStatus.CLOSED
        waited = time.monotonic() - self.opened_at
        return BreakerStatus.HALF_OPEN if waited >= self.recovery_seconds else BreakerStatus.OPEN

    def check(self) -> None:
        """Raise `CircuitOpenError` while the breaker is open."""
        if self.status is BreakerStatus.OPEN:
            raise CircuitOpenError(self.name)

    def record_failure(self) -> None:
        """Count a failure; a failure of the one call let through opens the breaker again."""
        self.failures += 1
        if self.failures >= self.failure_threshold or self.status is BreakerStatus.HALF_OPEN:
            self.opened_at = time.monotonic()

    def reset(self) -> None:
        """Close the breaker, as after a success."""
        self.failures = 0
        self.opened_at = None
