"""Cases of trap 12: whatever happens to an exception, the violation counts and the test fails."""

from __future__ import annotations

from ..case import Case, Site, call
from .legacy import NAME

RULE = "deprecated-use"
TRACKER = "proj.old:Tracker"
ABOUT = "trap 12; contract 4: the verdict does not depend on the body seeing an exception"

RAISING = """
class Tracker:
    def __init__(self, name="x"):
        raise RuntimeError("broken")
"""


def one(slug: str, says: str, test: str, scope: str = "test_it", count: int = 1) -> Case:
    """Return a case whose violation, at the label `here`, is swallowed."""
    return Case(
        slug=f"swallowed_{slug}",
        says=says,
        about=ABOUT,
        files={"old.py": RAISING, "test_it.py": test},
        config=NAME,
        sites=(Site("here", RULE, TRACKER, scope, (call(count),)),),
    )


CASES = [
    one(
        "plain",
        "swallowed by except Exception",
        """
        from proj import old

        def test_it():
            try:
                old.Tracker()  # site: here
            except Exception:
                pass
        """,
    ),
    one(
        "bare",
        "swallowed by a bare except in a function of ours",
        """
        from proj import old

        def build():
            try:
                return old.Tracker()  # site: here
            except:
                return None

        def test_it():
            assert build() is None
        """,
        "build",
    ),
    one(
        "suppress",
        "swallowed by contextlib.suppress",
        """
        import contextlib
        from proj import old

        def test_it():
            with contextlib.suppress(Exception):
                old.Tracker()  # site: here
        """,
    ),
    one(
        "retry",
        "swallowed by a decorator that tries again",
        """
        import functools
        from proj import old

        def retry(function):
            @functools.wraps(function)
            def wrapper():
                for _ in range(3):
                    try:
                        return function()
                    except Exception:
                        continue
            return wrapper

        @retry
        def build():
            return old.Tracker()  # site: here

        def test_it():
            assert build() is None
        """,
        "build",
        3,
    ),
    one(
        "gather",
        "swallowed by asyncio.gather(return_exceptions=True)",
        """
        import asyncio
        from proj import old

        async def work():
            old.Tracker()  # site: here

        async def both():
            return await asyncio.gather(work(), work(), return_exceptions=True)

        def test_it():
            assert len(asyncio.run(both())) == 2
        """,
        "work",
        2,
    ),
    one(
        "raises",
        "taken for the exception that the test expects",
        """
        import pytest
        from proj import old

        def test_it():
            with pytest.raises(Exception):
                old.Tracker()  # site: here
        """,
    ),
    one(
        "finally_return",
        "lost by a return in finally",
        """
        from proj import old

        def build():
            try:
                old.Tracker()  # site: here
            finally:
                return 1

        def test_it():
            assert build() == 1
        """,
        "build",
    ),
    one(
        "hasattr",
        "hidden in a property that hasattr asks for",
        """
        from proj import old

        class Shop:
            @property
            def tracker(self):
                try:
                    return old.Tracker()  # site: here
                except RuntimeError as error:
                    raise AttributeError from error

        def test_it():
            assert not hasattr(Shop(), "tracker")
        """,
        "Shop.tracker",
    ),
    one(
        "finalizer",
        "raised in __del__, where Python itself drops it",
        """
        import gc
        import pytest
        from proj import old

        class Shop:
            def __del__(self):
                old.Tracker()  # site: here

        @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
        def test_it():
            Shop()
            gc.collect()
        """,
        "Shop.__del__",
    ),
]
