"""What OpenTelemetry knows of whoever asks, carried over a WebSocket by its handshake; no instrumentation does that.

Without OpenTelemetry nothing is carried, and all else works as it does with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

try:
    from opentelemetry import context, propagate
except ImportError:
    context = propagate = None

__all__ = ["continued", "handshake"]


def handshake() -> dict[str, str]:
    """Return the headers by which a client takes its context along."""
    headers: dict[str, str] = {}
    if propagate is not None:
        propagate.inject(headers)
    return headers


@contextmanager
def continued(headers: Iterable[tuple[str, str]]) -> Iterator[None]:
    """Go on inside the block in the context of the client that sent `headers`."""
    if propagate is None:
        yield
        return
    token = context.attach(propagate.extract({name.lower(): value for name, value in headers}))
    try:
        yield
    finally:
        context.detach(token)
