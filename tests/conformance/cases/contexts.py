"""Cases of `wrong-context`: calls outside of the dynamic extent that they need, or inside one that they must not."""

from __future__ import annotations

from ..case import Case, Site, call

CONTEXT = "wrong-context"
ABOUT = "per thread and task, through await, generators and context managers"

DB = """
import contextlib

@contextlib.contextmanager
def transaction():
    yield

@contextlib.asynccontextmanager
async def atransaction():
    yield

def migrate(do):
    do()

def write():
    pass

async def awrite():
    pass
"""


def context(**table: list[str]) -> dict[str, dict[str, list[str]]]:
    """Return the configuration that says where something may be called."""
    return {"context.proj": table}


CASES = [
    Case(
        slug="context_handed_over",
        says="what is handed to a thread, a task or an event loop counts where that is done, not where it is defined",
        about=ABOUT,
        files={
            "db.py": DB,
            "test_it.py": """
            import asyncio
            import threading

            from proj import db

            def test_thread():
                with db.transaction():
                    thread = threading.Thread(target=db.write)
                    thread.start()  # site: thread
                    thread.join()

            async def work():
                async with db.atransaction():
                    await asyncio.to_thread(db.write)  # site: to-thread
                    await asyncio.create_task(db.awrite())  # site: task
                    asyncio.get_running_loop().call_soon(db.write)  # site: loop
                    await asyncio.sleep(0)

            def test_it():
                asyncio.run(work())
            """,
        },
        config=context(
            targets=["proj.db:write", "proj.db:awrite"], inside=["proj.db:transaction", "proj.db:atransaction"]
        ),
        sites=(
            Site("thread", CONTEXT, "proj.db:write", "test_thread", (call(test="test_thread"),)),
            Site("to-thread", CONTEXT, "proj.db:write", "work"),
            Site("task", CONTEXT, "proj.db:awrite", "work"),
            Site("loop", CONTEXT, "proj.db:write", "work"),
        ),
    ),
    Case(
        slug="context_by_what_it_is",
        says="of what shares its code, behind a decorator or by its class, only what is named needs a context",
        about=ABOUT,
        files={
            "db.py": DB
            + """
import functools

def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@traced
def save():
    return 1

@traced
def load():
    return 1

class Order:
    def __init__(self):
        self.size = 1

    @traced
    def send(self):
        return 1

class Express(Order):
    def __init__(self):
        super().__init__()

class Query:
    def __call__(self):
        return 1

query = Query()
other = Query()
commit = functools.partial(traced, load)
""",
            "test_it.py": """
            from proj import db

            def test_it():
                db.save()  # site: save
                db.load()
                db.query()  # site: query
                db.other()
                db.commit()  # site: commit

            def test_order():
                order = db.Express()  # site: made
                order.send()  # site: send

            def test_inside():
                with db.transaction():
                    db.save()
                    db.query()
                    db.commit()
                    db.Express().send()
            """,
        },
        config=context(
            targets=["proj.db:save", "proj.db:query", "proj.db:commit", "proj.db:Order", "proj.db:Order.send"],
            inside=["proj.db:transaction"],
        ),
        sites=(
            Site("save", CONTEXT, "proj.db:save", "test_it"),
            Site("query", CONTEXT, "proj.db:query", "test_it"),
            Site("commit", CONTEXT, "proj.db:commit", "test_it"),
            Site("made", CONTEXT, "proj.db:Order", "test_order", (call(test="test_order"),)),
            Site("send", CONTEXT, "proj.db:Order.send", "test_order", (call(test="test_order"),)),
        ),
    ),
    Case(
        slug="context_needed",
        says="a call outside of what it needs: not open any more, open in another thread or in another task",
        about=ABOUT,
        files={
            "db.py": DB,
            "test_it.py": """
            import asyncio
            import threading

            from proj import db

            def test_inside():
                with db.transaction():
                    db.write()
                db.migrate(db.write)

            def test_awaited():
                async def work():
                    async with db.atransaction():
                        await db.awrite()
                asyncio.run(work())

            def test_outside():
                db.write()  # site: outside
                with db.transaction():
                    pass
                db.write()  # site: after

            def test_thread():
                with db.transaction():
                    thread = threading.Thread(target=lambda: db.write())  # site: thread
                    thread.start()
                    thread.join()

            def test_task():
                async def other():
                    await db.awrite()  # site: task

                async def work():
                    async with db.atransaction():
                        await asyncio.create_task(other())
                asyncio.run(work())
            """,
        },
        config=context(
            targets=["proj.db:write", "proj.db:awrite"],
            inside=["proj.db:transaction", "proj.db:atransaction", "proj.db:migrate"],
        ),
        sites=(
            Site("outside", CONTEXT, "proj.db:write", "test_outside", (call(test="test_outside"),)),
            Site("after", CONTEXT, "proj.db:write", "test_outside", (call(test="test_outside"),)),
            Site("thread", CONTEXT, "proj.db:write", "test_thread", (call(test="test_thread"),)),
            Site("task", CONTEXT, "proj.db:awrite", "test_task.other", (call(test="test_task"),)),
        ),
    ),
    Case(
        slug="context_event_loop",
        says="what blocks is called while an event loop runs in the thread; in another thread it is not",
        about='`never = ["event-loop"]`',
        files={
            "client.py": """
            def fetch():
                return 1
            """,
            "test_it.py": """
            import asyncio

            from proj.client import fetch

            def test_plain():
                assert fetch() == 1

            def test_loop():
                async def work():
                    return fetch()  # site: loop
                assert asyncio.run(work()) == 1

            def test_handed_over():
                async def work():
                    return await asyncio.to_thread(fetch)
                assert asyncio.run(work()) == 1
            """,
        },
        config=context(targets=["proj.client:fetch"], never=["event-loop"]),
        sites=(Site("loop", CONTEXT, "proj.client:fetch", "test_loop.work", (call(test="test_loop"),)),),
    ),
    Case(
        slug="context_forbidden",
        says="a call inside of what it must not run in, however deep",
        about=ABOUT,
        files={
            "db.py": DB,
            "test_it.py": """
            from proj import db

            def deep():
                db.write()  # site: deep

            def test_it():
                with db.transaction():
                    deep()
                db.write()
            """,
        },
        config=context(targets=["proj.db:write"], never=["proj.db:transaction"]),
        sites=(Site("deep", CONTEXT, "proj.db:write", "deep"),),
    ),
]
