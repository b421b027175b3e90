"""Cases of `deprecation-warning`: whatever becomes of the warning, it is put down to the first frame of ours."""

from __future__ import annotations

from ..case import Case, Site, call

WARNING = "deprecation-warning"
ABOUT = "the first frame of ours, recorded and never raised, beside filters, pytest.warns and in threads"
TARGET = "builtins:DeprecationWarning"

LIBRARY = """
import warnings

class MovedWarning(DeprecationWarning):
    pass

def query():
    warnings.warn("warned_at_the_caller: Query.get() is legacy", MovedWarning, stacklevel=2)
"""

CORE = """
import warnings

def old():
    warnings.warn("proj: old is deprecated, use new instead", DeprecationWarning, stacklevel=2)
"""


def asked(**table: object) -> dict[str, dict[str, object]]:
    """Return the configuration that asks for warnings."""
    return {"warnings.proj": table}


CASES = [
    Case(
        slug="warned_in_what_was_handed_over",
        says="what a thread or an executor runs that was handed to it warns where that was done",
        about=ABOUT,
        files={
            "core.py": CORE,
            "/site-packages/lending_library.py": LIBRARY.replace("warned_at_the_caller", "proj"),
            "use.py": """
            import threading
            from concurrent.futures import ThreadPoolExecutor
            import lending_library
            from proj import core

            def ours():
                thread = threading.Thread(target=core.old)
                thread.start()  # site: ours
                thread.join()

            def theirs():
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(lending_library.query).result()  # site: theirs
            """,
            "test_it.py": """
            from proj import use

            def test_it():
                use.ours()
                use.theirs()
            """,
        },
        config=asked(message="proj: (old|Query)"),
        sites=(
            Site("ours", WARNING, TARGET, "ours"),
            Site("theirs", WARNING, "lending_library:MovedWarning", "theirs"),
        ),
    ),
    Case(
        slug="warned_at_the_caller",
        says="a function of ours that warns means its caller; a library that warns means who calls it",
        about=ABOUT,
        files={
            "core.py": CORE,
            "/site-packages/warned_library.py": LIBRARY,
            "use.py": """
            import warned_library
            from proj import core

            def ours():
                core.old()  # site: ours

            def theirs():
                warned_library.query()  # site: theirs
            """,
            "test_it.py": """
            from proj import use

            def test_it():
                use.ours()
                use.theirs()
            """,
        },
        config=asked(message="proj: (old|Query.get)"),
        sites=(
            Site("ours", WARNING, TARGET, "ours"),
            Site("theirs", WARNING, "warned_library:MovedWarning", "theirs"),
        ),
    ),
    Case(
        slug="warned_and_hidden",
        says="warnings that are ignored, expected, recorded, raised or given in a thread",
        about=ABOUT,
        files={
            "core.py": CORE,
            "test_it.py": """
            import threading
            import warnings

            import pytest

            from proj import core

            def test_ignored():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    core.old()  # site: ignored

            def test_expected():
                with pytest.warns(DeprecationWarning, match="old is"):
                    core.old()  # site: expected

            def test_raised():
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    with pytest.raises(DeprecationWarning):
                        core.old()  # site: raised

            def test_thread():
                def work():
                    core.old()  # site: thread
                thread = threading.Thread(target=work)
                thread.start()
                thread.join()

            def test_another_kind():
                with pytest.warns(UserWarning):
                    warnings.warn("another kind", UserWarning)
            """,
        },
        config=asked(category=["DeprecationWarning"], message="proj: old is"),
        sites=(
            Site("ignored", WARNING, TARGET, "test_ignored", (call(test="test_ignored"),)),
            Site("expected", WARNING, TARGET, "test_expected", (call(test="test_expected"),)),
            Site("raised", WARNING, TARGET, "test_raised", (call(test="test_raised"),)),
            Site("thread", WARNING, TARGET, "test_thread.work", (call(test="test_thread"),)),
        ),
    ),
    Case(
        slug="warned_otherwise",
        says="a warning of another category, with another text or of another module is none",
        about="category, message and module of a `warnings` table",
        files={
            "core.py": CORE,
            "other.py": "",
            "test_it.py": """
            import warnings

            import pytest

            from proj import core

            def test_it():
                with pytest.warns(DeprecationWarning):
                    warnings.warn("proj: something else", DeprecationWarning)
                with pytest.warns(DeprecationWarning):
                    core.old()
                with pytest.warns(UserWarning):
                    warnings.warn("proj: old", UserWarning)
            """,
        },
        config=asked(message="proj: (something|old)", module=["proj.other"]),
        rule=WARNING,
    ),
]
