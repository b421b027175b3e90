"""Cases of rules that look at whole files: `deprecated-text` and `duplicate-ssot`. The scan alone finds their sites."""

from __future__ import annotations

from ..case import Case, Site, never

TEXT = "deprecated-text"
DUPLICATE = "duplicate-ssot"
SCANNED = never("a text runs nothing; the scan finds it")
DEFINED = never("a definition is no use; the scan finds it")

TRACKER = """
class Tracker:
    def move(self, order, state):
        self.states[order] = state
        self.log.append(order)
        return state

    def history(self, order):
        found = [one for one in self.log if one == order]
        found.sort()
        return found

    def cancel(self, order):
        return self.move(order, "cancelled")
"""

CASES = [
    Case(
        slug="texts_in_strings",
        says="a text in strings, f-strings, joined literals and bytes; none in longer words, docstrings and comments",
        about="in string constants, never in docstrings or comments",
        source=("app",),
        files={
            "app/use.py": '''
            """It reads legacy_orders."""

            PLAIN = "SELECT * FROM legacy_orders"  # site: plain
            BYTES = b"legacy_orders"  # site: bytes
            OTHER = "legacy_orders_2019"  # not legacy_orders itself

            def query(verb):
                "It asks legacy_orders."
                joined = "legacy_" "orders"  # site: joined
                added = "FROM " + "legacy_" + "orders"  # site: added
                return f"{verb} FROM legacy_orders WHERE {joined} {added}"  # site: formatted
            ''',
            "test_it.py": """
            from proj.app import use

            def test_it():
                assert "legacy_orders" in use.query("SELECT")
            """,
        },
        config={"ssot.proj": {"deprecated": ["text:legacy_orders"]}},
        sites=(
            Site("plain", TEXT, "text:legacy_orders"),
            Site("bytes", TEXT, "text:legacy_orders"),
            Site("joined", TEXT, "text:legacy_orders", "query"),
            Site("added", TEXT, "text:legacy_orders", "query"),
            Site("formatted", TEXT, "text:legacy_orders", "query"),
        ),
        limits=SCANNED,
    ),
    Case(
        slug="texts_of_addresses",
        says="an address with signs of its own, and a key of the environment",
        about="tables, URLs, keys, environment variables",
        files={
            "use.py": """
            import os

            URL = "https://old.example.com/orders?all"  # site: url
            NEW = "https://older.example.com/orders"

            def key():
                return os.environ.get("OLD_KEY")  # site: key
            """,
            "test_it.py": """
            from proj import use

            def test_it():
                assert use.key() is None
            """,
        },
        config={"ssot.proj": {"deprecated": ["text:https://old.example.com", "text:OLD_KEY"]}},
        sites=(
            Site("url", TEXT, "text:https://old.example.com"),
            Site("key", TEXT, "text:OLD_KEY", "key"),
        ),
        limits=SCANNED,
    ),
    Case(
        slug="defined_twice",
        says="a second definition by the same name, by the same methods and by the same bodies; what derives is none",
        about="no second definition of what the canonical is, by name, by methods and by bodies",
        files={
            "core.py": TRACKER,
            "named.py": """
            class Tracker:  # site: named
                pass
            """,
            "methods.py": """
            class Journal:  # site: methods
                def move(self): pass
                def history(self): pass
                def cancel(self): pass
            """,
            "fine.py": """
            from proj.core import Tracker

            class Quick(Tracker):
                pass

            class Quicker(Quick):
                def move(self): pass
                def history(self): pass
                def cancel(self): pass

            class Cart:
                def move(self): pass
            """,
            "test_it.py": """
            from proj import fine, methods, named

            def test_it():
                assert named.Tracker and methods.Journal and fine.Quick
            """,
        },
        config={"ssot.proj": {"canonical": "proj.core:Tracker", "single": True}},
        sites=(
            Site("named", DUPLICATE, "proj.core:Tracker", text="class Tracker:"),
            Site("methods", DUPLICATE, "proj.core:Tracker", text="class Journal:"),
        ),
        limits=DEFINED,
    ),
    Case(
        slug="second_definition_of_what_a_package_hands_on",
        says="a second definition is found of what a package hands on, wherever that is defined, and no class below it",
        about="`single = true`: a second definition of what the canonical is",
        files={
            "api.py": "from proj.core import *\n",
            "core.py": """
            try:
                from fast import Tracker
            except ImportError:
                class Tracker:
                    def move(self): pass
                    def history(self): pass
                    def cancel(self): pass
            """,
            "named.py": """
            from proj import other

            class Tracker(other.Tracker):  # site: named
                pass
            """,
            "other.py": """
            class Tracker:  # site: other
                pass
            """,
            "fine.py": """
            from proj.api import Tracker as Old

            class Quick(Old):
                def move(self): pass
                def history(self): pass
                def cancel(self): pass
            """,
            "test_it.py": """
            from proj import fine, named

            def test_it():
                assert named.Tracker and fine.Quick
            """,
        },
        config={"ssot.proj": {"canonical": "proj.api:Tracker", "single": True}},
        sites=(
            Site("named", DUPLICATE, "proj.api:Tracker", text="class Tracker(other.Tracker):"),
            Site("other", DUPLICATE, "proj.api:Tracker", text="class Tracker:"),
        ),
        limits=DEFINED,
    ),
]
