"""What needs a context is a site outside of it, and what must not run in one is a site inside, per thread and task."""

from __future__ import annotations

import json
import sys

import pytest

DB = """
import asyncio
import contextlib
import functools


@contextlib.contextmanager
def transaction():
    yield


@contextlib.asynccontextmanager
async def atransaction():
    yield


class Session:
    def __enter__(self):
        return self

    def __exit__(self, *why):
        return None


class Slotted:
    __slots__ = ()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        return None


def migrate(do):
    do()


async def amigrate(do):
    await do()


def write():
    pass


async def awrite():
    pass


class Row:
    def __init__(self):
        self.kept = []

    def save(self):
        pass
"""

FINE = """
import asyncio
import contextlib

from shop import db


def test_with():
    with db.transaction():
        db.write()


def test_deep():
    def deep(n):
        return deep(n - 1) if n else db.write()

    with db.transaction():
        deep(20)


def test_decorated():
    @db.transaction()
    def work():
        db.write()

    work()


def test_exit_stack():
    with contextlib.ExitStack() as stack:
        stack.enter_context(db.transaction())
        db.write()


def test_class():
    with db.Session():
        db.Row().save()


def test_slots():
    with db.Slotted():
        db.write()


def test_called():
    db.migrate(db.write)


def test_nested():
    with db.transaction(), db.transaction():
        pass
    with db.transaction():
        with db.transaction():
            pass
        db.write()


def test_awaited():
    async def main():
        async with db.atransaction():
            await asyncio.sleep(0)
            await db.awrite()
        await db.amigrate(db.awrite)

    asyncio.run(main())


def test_generator_inside():
    def rows():
        db.write()
        yield 1

    with db.transaction():
        list(rows())
"""

WRONG = """
import asyncio
import threading

from shop import db


def test_bare():
    db.write()


def test_after():
    with db.transaction():
        pass
    db.write()


def test_after_an_exception():
    try:
        with db.transaction():
            raise ValueError
    except ValueError:
        db.write()


def test_in_a_thread_of_its_own():
    with db.transaction():
        thread = threading.Thread(target=lambda: db.write())
        thread.start()
        thread.join()


def test_in_a_task_of_its_own():
    async def work():
        db.write()

    async def main():
        async with db.atransaction():
            await asyncio.create_task(work())

    asyncio.run(main())


def test_beside_another_task():
    async def inside(entered):
        async with db.atransaction():
            entered.set()
            await asyncio.sleep(0.01)

    async def main():
        entered = asyncio.Event()
        task = asyncio.create_task(inside(entered))
        await entered.wait()
        await db.awrite()
        await task

    asyncio.run(main())


def test_of_one_that_was_never_left():
    db.Session().__enter__()
    db.write()


def test_a_suspended_generator_that_is_no_manager():
    def inside():
        with db.transaction():
            yield

    held = inside()
    db.write()


def test_constructed():
    db.Row()


def test_method():
    db.Row.save(None)
"""

INSIDE = """
[tool.ssot_tracker.context.writes]
targets = ["shop.db:write", "shop.db:awrite", "shop.db:Row", "shop.db:Row.save"]
inside = ["shop.db:transaction", "shop.db:atransaction", "shop.db:Session", "shop.db:Slotted", "shop.db:migrate",
          "shop.db:amigrate"]
"""


def project(pytester: pytest.Pytester, table: str, **tests: str) -> pytest.Pytester:
    pytester.mkpydir("shop")
    (pytester.path / "shop/db.py").write_text(DB)
    head = f"[tool.ssot_tracker]\n{table}\n[tool.pytest.ini_options]\npythonpath = ['.']\n"
    (pytester.path / "pyproject.toml").write_text(head)
    pytester.makepyfile(**tests)
    return pytester


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:randomly", "--ssot-report=json", *arguments)


def test_inside_of_its_context_nothing_is_wrong(pytester: pytest.Pytester) -> None:
    result = run(project(pytester, INSIDE, test_fine=FINE))
    result.assert_outcomes(passed=10)
    assert result.ret == 0


def test_each_call_outside_fails_its_test(pytester: pytest.Pytester) -> None:
    result = run(project(pytester, INSIDE, test_wrong=WRONG))
    result.assert_outcomes(failed=10)
    sites = json.loads((pytester.path / "ssot-result.json").read_text())["sites"]
    assert {site["rule"] for site in sites} == {"wrong-context"}
    assert {site["path"] for site in sites} == {"test_wrong.py"}
    assert len(sites) == 10
    detail = sites[0]["tests"][0]["detail"]
    assert detail[0].endswith("shop.db:amigrate runs in this thread or task")
    result.stdout.fnmatch_lines(["*test_bare calls shop.db:write in the wrong context at test_wrong.py:*"])


def test_what_is_loaded_under_another_name_is_watched_too(pytester: pytest.Pytester) -> None:
    tests = "import db\ndef test_bare(): db.write()\ndef test_in():\n    with db.transaction():\n        db.write()\n"
    project(pytester, INSIDE, test_alias=tests)
    file = pytester.path / "pyproject.toml"
    file.write_text(file.read_text().replace("['.']", "['.', 'shop']"))
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*test_bare calls shop.db:write in the wrong context at test_alias.py:2*"])


LOOP = """
import asyncio
import threading
import time

from shop import db


def test_plain():
    db.write()
    time.sleep(0)


def test_in_a_loop():
    async def main():
        db.write()

    asyncio.run(main())


def test_in_a_callback():
    async def main():
        asyncio.get_running_loop().call_soon(lambda: db.write())
        await asyncio.sleep(0)

    asyncio.run(main())


def test_handed_to_a_thread():
    async def main():
        await asyncio.to_thread(db.write)

    asyncio.run(main())


def test_sleeps():
    async def main():
        time.sleep(0)

    asyncio.run(main())
"""


def test_never_in_an_event_loop(pytester: pytest.Pytester) -> None:
    table = '[tool.ssot_tracker.context.blocking]\ntargets = ["shop.db:write", "time:sleep"]\nnever = ["event-loop"]'
    result = run(project(pytester, table, test_loop=LOOP))
    failed = [
        name
        for name in ("in_a_loop", "in_a_callback", "sleeps")
        if f"test_loop.py::test_{name} -" in result.stdout.str()
    ]
    if sys.version_info >= (3, 12):
        result.assert_outcomes(passed=2, failed=3)
        assert failed == ["in_a_loop", "in_a_callback", "sleeps"]
    else:
        result.assert_outcomes(passed=3, failed=2)
        result.stdout.fnmatch_lines(["*blocking: time:sleep: builtin_function_or_method has no Python code to watch*"])


def test_never_inside_of_something(pytester: pytest.Pytester) -> None:
    table = '[tool.ssot_tracker.context.reads]\ntargets = ["shop.db:write"]\nnever = ["shop.db:transaction"]'
    inside = "def test_in():\n    with db.transaction():\n        db.write()\n"
    tests = f"from shop import db\n{inside}def test_out():\n    db.write()\n"
    run(project(pytester, table, test_never=tests)).assert_outcomes(passed=1, failed=1)


def test_allow_in_exempts_callers(pytester: pytest.Pytester) -> None:
    result = run(project(pytester, INSIDE + 'allow_in = ["test_wrong"]', test_wrong=WRONG))
    result.assert_outcomes(passed=10)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('targets = ["a:b"]', "the table has neither 'inside' nor 'never'; write in what the targets may run*"),
        ('inside = ["a:b"]', "the key 'targets' is missing*"),
        ('targets = ["a:b"]\nnever = ["event-lop"]', "*never?0?: 'event-lop' is not a target*"),
    ],
)
def test_a_bad_table_is_refused(pytester: pytest.Pytester, table: str, problem: str) -> None:
    result = run(project(pytester, f"[tool.ssot_tracker.context.x]\n{table}", test_fine=FINE))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*context.x*{problem}"])
