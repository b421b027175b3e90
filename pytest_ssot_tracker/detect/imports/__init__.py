"""See each import of what is deprecated, and tell when a module of interest was loaded.

The doors are `watch`, `finder` and `strings`.
"""
