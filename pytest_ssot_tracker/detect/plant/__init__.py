"""Plant sentinels into functions and classes, by either back end, and book each call that a sentinel sees.

The doors are `planting`, `sentinels`, `passing`, `hearing` and `tool`.
"""
