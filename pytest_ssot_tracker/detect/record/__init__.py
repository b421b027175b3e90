"""Book what is seen, as text and numbers, on the moment it happened in, and turn that into sites and observations.

The doors are `recorder`, `sites`, `scope`, `callers`, `remembered` and `metering`.
"""
