"""The base classes of the platform's test cases: plain pytest classes with a fresh environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from shared.isolated_environment import isolated

__all__ = ["SSotAsyncTestCase", "SSotBaseTestCase"]


class SSotBaseTestCase:
    """Tests with an environment of their own each; state that a test needs is set in `setup_method`."""

    @pytest.fixture(autouse=True)
    def _isolated_environment(self) -> Iterator[None]:
        with isolated(TESTING="1"):
            yield


@pytest.mark.asyncio
class SSotAsyncTestCase(SSotBaseTestCase):
    """The same for `async def` tests, each in an event loop of its own."""
