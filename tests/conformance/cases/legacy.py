"""Hold the deprecated modules that most cases share."""

from __future__ import annotations

__all__ = ["CORE", "MODULE", "NAME", "OLD"]

OLD = """
class Tracker:
    def __init__(self, name="t"):
        self.name = name

    def run(self):
        return self.name


def make():
    return Tracker()
"""

CORE = """
_registry = None


class Registry:
    def __init__(self, size=1):
        self.size = size


def get_registry():
    global _registry
    if _registry is None:
        _registry = Registry()
    return _registry
"""

MODULE = {"ssot.proj": {"deprecated": ["proj.old"]}}
NAME = {"ssot.proj": {"deprecated": ["proj.old:Tracker"]}}
