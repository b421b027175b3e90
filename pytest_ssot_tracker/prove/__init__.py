"""Prove that a configuration bites: plant a use of each thing that it declares in a copy of the tree, and look."""

from __future__ import annotations
