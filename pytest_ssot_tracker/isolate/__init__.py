"""Hand the real singleton to a test in the state a fresh process has, and put it back afterwards."""

from __future__ import annotations
