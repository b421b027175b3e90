"""Issue and check every identifier of the platform: the single source of truth for ids."""

from __future__ import annotations

import itertools
import re
import uuid
from enum import Enum

__all__ = ["IDType", "UnifiedIDManager"]


class IDType(str, Enum):
    """Say what an identifier stands for."""

    EXECUTION = "execution"
    AGENT = "agent"
    USER = "user"
    THREAD = "thread"
    RUN = "run"
    CONNECTION = "connection"


class UnifiedIDManager:
    """Issue identifiers of the form `<type>_<number>_<eight hexadecimal digits>`.

    The number counts in this process, so that ids sort by age; the digits tell processes apart.
    """

    _FORM = re.compile(r"(?P<type>[a-z]+)_(?P<number>\d+)_(?P<digits>[0-9a-f]{8})\Z")
    _numbers = itertools.count(1)

    def generate_id(self, id_type: IDType) -> str:
        """Return a new identifier of the given type."""
        return f"{IDType(id_type).value}_{next(self._numbers)}_{uuid.uuid4().hex[:8]}"

    def validate_id(self, value: object, id_type: IDType) -> bool:
        """Tell whether `value` has the form of an identifier of the given type."""
        match = self._FORM.match(value) if isinstance(value, str) else None
        return match is not None and match["type"] == IDType(id_type).value
