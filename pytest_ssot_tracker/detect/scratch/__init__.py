"""Plugins for runs in a scratch copy of the tree: something is gone, every tool id is taken, a use is planted.

The doors are `blocked`, `crowded` and `planted`.
"""
