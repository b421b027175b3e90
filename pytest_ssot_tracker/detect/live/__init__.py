"""Find live objects, and read them, without importing or calling anything of the program's.

The doors are `arguments`, `objects`, `resolve` and `standin`.
"""
