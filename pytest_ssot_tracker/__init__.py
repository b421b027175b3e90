"""Tell a team, at test time and for certain, who still uses what a single source of truth replaces.

PYTEST_DONT_REWRITE: a pytest that runs in a watched child finds this loaded, and would warn that it is.
"""

# Written here and read by the build: asking the installed metadata loads the `email` package, in every run.
__version__ = "0.1.0"
