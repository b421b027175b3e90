"""Breakers that stop calls to what keeps failing, and try again after a while."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["BreakerStatus", "CircuitBreaker", "CircuitOpenError"]


class BreakerStatus(str, Enum):
    """What a breaker lets through: everything, nothing, or one call to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"

    __str__ = str.__str__


class CircuitOpenError(RuntimeError):
    """A call that was not made, because the breaker `name` is open."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the circuit {self.name!r} is open"


@dataclass(slots=True)
class CircuitBreaker:
    """One breaker: open after `failure_threshold` failures in a row, half open `recovery_seconds` later."""

    name: str
    failure_threshold: int = 3
    recovery_seconds: float = 30.0
    failures: int = 0
    opened_at: float | None = field(default=None, repr=False)

    @property
    def status(self) -> BreakerStatus:
        """What the breaker lets through now."""
        if self.opened_at is None:
            return BreakerStatus.CLOSED
        waited = time.monotonic() - self.opened_at
        return BreakerStatus.HALF_OPEN if waited >= self.recovery_seconds else BreakerStatus.OPEN

    def check(self) -> None:
        """Raise `CircuitOpenError` unless the call may go through: half open, only the first may."""
        status = self.status
        if status is BreakerStatus.OPEN:
            raise CircuitOpenError(self.name)
        if status is BreakerStatus.HALF_OPEN:
            self.opened_at = time.monotonic()

    def record_failure(self) -> None:
        """Count a failure; from the threshold on, each opens the breaker, that of the one call let through as well."""
        self.failures += 1
        if self.failures >= self.failure_threshold:
            self.opened_at = time.monotonic()

    def reset(self) -> None:
        """Close the breaker, as after a success."""
        self.failures = 0
        self.opened_at = None
