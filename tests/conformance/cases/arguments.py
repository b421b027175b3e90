"""Cases of `deprecated-argument`: a parameter passed, or passed with a value, and not its default."""

from __future__ import annotations

from ..case import Case, Site, call

ARGUMENT = "deprecated-argument"
ABOUT = "a parameter is passed by name, by position or within `*` and `**`, and not its default"

MAIL = """
def send(text, urgent=False, mode="new", *, copy=None):
    return text

def again(text):
    return send(text, urgent=True)
"""


def deprecated(*targets: str) -> dict[str, dict[str, list[str]]]:
    """Return the configuration that deprecates `targets`."""
    return {"ssot.proj": {"deprecated": list(targets)}}


CASES = [
    Case(
        slug="argument_ways",
        says="a parameter is passed by name, by position or by a mapping, its default too where that is written out",
        about=ABOUT,
        files={
            "mail.py": MAIL,
            "orders.py": """
            from proj.mail import again, send

            def by_name():
                send("a", urgent=True)  # site: name

            def by_position():
                send("a", True)  # site: position

            def by_mapping():
                send("a", **{"urgent": True})  # site: mapping

            def written_default():
                send("a", urgent=False)  # site: default
                send("a", False)  # site: second

            def left_out():
                send("a")
                send("a", mode="new", copy=1)
                again("a")
            """,
            "test_it.py": """
            from proj import orders

            def test_it():
                orders.by_name()
                orders.by_position()
                orders.by_mapping()
                orders.written_default()
                orders.left_out()
            """,
        },
        config=deprecated("proj.mail:send(urgent)"),
        sites=(
            Site("name", ARGUMENT, "proj.mail:send(urgent)", "by_name"),
            Site("position", ARGUMENT, "proj.mail:send(urgent)", "by_position"),
            Site("mapping", ARGUMENT, "proj.mail:send(urgent)", "by_mapping"),
            Site("default", ARGUMENT, "proj.mail:send(urgent)", "written_default"),
            Site("second", ARGUMENT, "proj.mail:send(urgent)", "written_default"),
        ),
    ),
    Case(
        slug="argument_handed_on",
        says="a parameter of what a package hands on, by a star or under another name, is seen where it is passed",
        about=ABOUT,
        files={
            "mail.py": """
            def send(text, urgent=False):
                return text

            def take(text, at_once=False):
                return send(text, True)

            class Letter:
                def __init__(self, text, stamp=None):
                    self.text = text

                def post(self, fast=False):
                    return self.text
            """,
            "hub.py": """
            from . import mail
            from .mail import *

            fetch = mail.take
            deliver = send
            Parcel = mail.Letter
            """,
            "orders.py": """
            from proj.hub import Parcel, deliver, fetch, send

            def by_star():
                send("a", True)  # site: star
                send("a")

            def by_another_name():
                fetch("a", True)  # site: other
                fetch("a")

            def by_a_second_name():
                deliver("a", True)  # site: second
                deliver("a")

            def by_the_second_name_of_a_class():
                Parcel("a", 1)  # site: letter
                Parcel("a")

            def by_a_method_of_that():
                Parcel("a").post(fast=True)  # site: method
                Parcel("a").post()
            """,
            "test_it.py": """
            from proj import orders

            def test_it():
                orders.by_star()
                orders.by_another_name()
                orders.by_a_second_name()
                orders.by_the_second_name_of_a_class()
                orders.by_a_method_of_that()
            """,
        },
        config=deprecated(
            "proj.hub:send(urgent)", "proj.hub:fetch(at_once)", "proj.mail:Letter(stamp)", "proj.hub:Parcel.post(fast)"
        ),
        sites=(
            Site("star", ARGUMENT, "proj.hub:send(urgent)", "by_star"),
            Site("other", ARGUMENT, "proj.hub:fetch(at_once)", "by_another_name"),
            Site("second", ARGUMENT, "proj.hub:send(urgent)", "by_a_second_name"),
            Site("letter", ARGUMENT, "proj.mail:Letter(stamp)", "by_the_second_name_of_a_class"),
            Site("method", ARGUMENT, "proj.hub:Parcel.post(fast)", "by_a_method_of_that"),
        ),
    ),
    Case(
        slug="argument_unknown_mapping",
        says="what a mapping holds that is passed on is seen, whoever has put it in",
        about=ABOUT,
        files={
            "mail.py": MAIL,
            "orders.py": """
            from proj.mail import send

            def forward(*args, **options):
                return send(*args, **options)  # site: forward
            """,
            "test_it.py": """
            from proj.orders import forward

            def test_it():
                forward("a", urgent=True)
                forward("a", urgent=False)
                forward("a", False)
                forward("a", mode="new")
                forward("a")
            """,
        },
        config=deprecated("proj.mail:send(urgent)"),
        sites=(Site("forward", ARGUMENT, "proj.mail:send(urgent)", "forward", seen=(call(3),)),),
    ),
    Case(
        slug="argument_value",
        says="a parameter with one value: that value only, whatever its default is",
        about=ABOUT,
        files={
            "mail.py": """
            import enum

            class Mode(enum.Enum):
                OLD = "old"

            def send(text, mode="old", level=1):
                return text
            """,
            "test_it.py": """
            from proj.mail import Mode, send

            def test_it():
                send("a", mode="old")  # site: name
                send("a", "old")  # site: position
                send("a", mode="".join(["o", "ld"]))  # site: made
                send("a", mode=Mode.OLD)  # site: member
                send("a", level=-1)  # site: level
                send("a", mode="new", level=1)
                send("a", level=True)
                send("a")
            """,
        },
        config=deprecated("proj.mail:send(mode='old')", "proj.mail:send(level=-1)"),
        sites=(
            Site("name", ARGUMENT, 'proj.mail:send(mode="old")', "test_it"),
            Site("position", ARGUMENT, 'proj.mail:send(mode="old")', "test_it"),
            Site("made", ARGUMENT, 'proj.mail:send(mode="old")', "test_it"),
            Site("member", ARGUMENT, 'proj.mail:send(mode="old")', "test_it"),
            Site("level", ARGUMENT, "proj.mail:send(level=-1)", "test_it"),
        ),
    ),
    Case(
        slug="argument_two",
        says="two deprecated parameters that one call passes are two sites of one statement",
        about=ABOUT,
        files={
            "mail.py": MAIL,
            "test_it.py": """
            from proj.mail import send

            def test_it():
                send("a", True, copy="b")  # site: urgent, copy
            """,
        },
        config=deprecated("proj.mail:send(urgent)", "proj.mail.send(copy)"),
        sites=(
            Site("urgent", ARGUMENT, "proj.mail:send(urgent)", "test_it"),
            Site("copy", ARGUMENT, "proj.mail:send(copy)", "test_it"),
        ),
    ),
    Case(
        slug="argument_of_methods",
        says="methods of every kind, bound or not, inherited or not",
        about=ABOUT,
        files={
            "mail.py": """
            class Box:
                def send(self, text, urgent=False):
                    return text

                @classmethod
                def of(cls, text, urgent=False):
                    return cls()

                @staticmethod
                def check(text, urgent=False):
                    return text

            class Inbox(Box):
                pass

            class Other(Box):
                def send(self, text, urgent=False):
                    return text
            """,
            "test_it.py": """
            from proj.mail import Box, Inbox, Other

            def test_it():
                box = Box()
                box.send("a", True)  # site: bound
                box.send("a", False)  # site: bound_default
                Box.send(box, "a", False)  # site: unbound
                Box.of("a", True)  # site: of
                Box.check("a", True)  # site: check
                Box.check("a", False)  # site: check_default
                inbox = Inbox()
                inbox.send("a", urgent=True)  # site: inherited
                Box.send(box, "a")
                box.send("a")
                Box.of("a")
                Box.check("a")
                Other().send("a", urgent=True)
            """,
        },
        config=deprecated("proj.mail:Box.send(urgent)", "proj.mail:Box.of(urgent)", "proj.mail:Box.check(urgent)"),
        sites=(
            Site("bound", ARGUMENT, "proj.mail:Box.send(urgent)", "test_it"),
            Site("bound_default", ARGUMENT, "proj.mail:Box.send(urgent)", "test_it"),
            Site("unbound", ARGUMENT, "proj.mail:Box.send(urgent)", "test_it"),
            Site("of", ARGUMENT, "proj.mail:Box.of(urgent)", "test_it"),
            Site("check", ARGUMENT, "proj.mail:Box.check(urgent)", "test_it"),
            Site("check_default", ARGUMENT, "proj.mail:Box.check(urgent)", "test_it"),
            Site("inherited", ARGUMENT, "proj.mail:Box.send(urgent)", "test_it"),
        ),
    ),
    Case(
        slug="argument_of_constructors",
        says="constructors: of the class, of a subclass without its own, and where a subclass passes it on",
        about=ABOUT,
        files={
            "mail.py": """
            from dataclasses import dataclass
            from typing import NamedTuple

            class Mail:
                def __init__(self, text, urgent=False):
                    self.text = text

            @dataclass
            class Row:
                text: str
                urgent: bool = False

            class Pair(NamedTuple):
                text: str
                urgent: bool = False
            """,
            "letters.py": """
            from proj.mail import Mail

            class Letter(Mail):
                pass

            class Express(Mail):
                def __init__(self, text):
                    super().__init__(text, urgent=True)  # site: on

            class Slow(Mail):
                def __init__(self, text):
                    Mail.__init__(self, text)

            class Old(Mail):
                def __init__(self, text):
                    Mail.__init__(self, text, False)  # site: unbound
            """,
            "test_it.py": """
            from proj import mail
            from proj.letters import Express, Letter, Old, Slow
            from proj.mail import Mail, Pair, Row

            def test_it():
                Mail("a", True)  # site: position
                Mail("a", urgent=False)  # site: default
                mail.Mail("a", False)  # site: attribute
                Letter("a", True)  # site: inherited
                Row("a", True)  # site: row
                Pair("a", urgent=True)  # site: pair
                Express("a")
                Old("a")
                Slow("a")
                Mail("a")
                Letter("a")
                Row("a")
                Pair("a")
            """,
        },
        config=deprecated("proj.mail:Mail(urgent)", "proj.mail:Row(urgent)", "proj.mail:Pair(urgent)"),
        sites=(
            Site("on", ARGUMENT, "proj.mail:Mail(urgent)", "Express.__init__"),
            Site("unbound", ARGUMENT, "proj.mail:Mail(urgent)", "Old.__init__"),
            Site("position", ARGUMENT, "proj.mail:Mail(urgent)", "test_it"),
            Site("default", ARGUMENT, "proj.mail:Mail(urgent)", "test_it"),
            Site("attribute", ARGUMENT, "proj.mail:Mail(urgent)", "test_it"),
            Site("inherited", ARGUMENT, "proj.mail:Mail(urgent)", "test_it"),
            Site("row", ARGUMENT, "proj.mail:Row(urgent)", "test_it"),
            Site("pair", ARGUMENT, "proj.mail:Pair(urgent)", "test_it"),
        ),
    ),
    Case(
        slug="argument_wrapped",
        says="functions behind a decorator, that say what they wrap or take any name",
        about=ABOUT,
        files={
            "tools.py": """
            import functools

            def traced(function):
                @functools.wraps(function)
                def around(*args, **kwargs):
                    return function(*args, **kwargs)
                return around
            """,
            "mail.py": """
            from proj.tools import traced

            @traced
            def send(text, urgent=False):
                return text

            @traced
            def ring(text, urgent=False):
                return text

            def push(text, **options):
                return text
            """,
            "test_it.py": """
            from proj.mail import push, ring, send

            def test_it():
                send("a", urgent=False)  # site: name
                send("a", False)  # site: position
                push("a", urgent=False)  # site: any
                send("a")
                ring("a", urgent=True)
                push("a", other=1)
            """,
        },
        config=deprecated("proj.mail:send(urgent)", "proj.mail:push(urgent)"),
        sites=(
            Site("name", ARGUMENT, "proj.mail:send(urgent)", "test_it"),
            Site("position", ARGUMENT, "proj.mail:send(urgent)", "test_it"),
            Site("any", ARGUMENT, "proj.mail:push(urgent)", "test_it"),
        ),
    ),
    Case(
        slug="argument_partial",
        says="a partial passes it wherever it is called, and a library on behalf of who handed it the function",
        about=ABOUT,
        files={
            "mail.py": MAIL,
            "test_it.py": """
            import asyncio
            from concurrent.futures import ThreadPoolExecutor
            from functools import partial

            from proj.mail import send

            def test_partial():
                partial(send, urgent=True)("a")  # site: partial

            def test_pool():
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(send, "a", True).result()  # site: pool

            def test_thread():
                asyncio.run(asyncio.to_thread(send, "a", urgent=True))  # site: thread

            def test_map():
                assert list(map(send, ["a"], [True])) == ["a"]  # site: map

            def test_none():
                partial(send, mode="new")("a")
                assert list(map(send, ["a"])) == ["a"]
                assert sorted(["a"], key=send) == ["a"]
            """,
        },
        config=deprecated("proj.mail:send(urgent)"),
        sites=(
            Site("partial", ARGUMENT, "proj.mail:send(urgent)", "test_partial", (call(test="test_partial"),)),
            Site("pool", ARGUMENT, "proj.mail:send(urgent)", "test_pool", (call(test="test_pool"),)),
            Site("thread", ARGUMENT, "proj.mail:send(urgent)", "test_thread", (call(test="test_thread"),)),
            Site("map", ARGUMENT, "proj.mail:send(urgent)", "test_map", (call(test="test_map"),)),
        ),
    ),
    Case(
        slug="argument_suspended",
        says="coroutines and generators, where they are awaited or first asked",
        about=ABOUT,
        files={
            "mail.py": """
            async def send(text, urgent=False):
                return text

            def rows(limit=None):
                yield 1
            """,
            "test_it.py": """
            import asyncio

            from proj.mail import rows, send

            async def work():
                await send("a", urgent=True)  # site: awaited
                await send("a")

            def test_it():
                asyncio.run(work())
                assert list(rows(limit=3)) == [1]  # site: rows
                assert list(rows()) == [1]
            """,
        },
        config=deprecated("proj.mail:send(urgent)", "proj.mail:rows(limit)"),
        sites=(
            Site("awaited", ARGUMENT, "proj.mail:send(urgent)", "work"),
            Site("rows", ARGUMENT, "proj.mail:rows(limit)", "test_it"),
        ),
    ),
    Case(
        slug="argument_of_a_library",
        says="a parameter of somebody else's function: who calls it in `source`, not what a library does for itself",
        about=ABOUT,
        source=("app",),
        files={
            "app/orders.py": """
            import json

            def shown():
                return json.dumps({}, indent=2)  # site: ours

            def plain():
                return json.dumps({})
            """,
            "test_it.py": """
            import json

            from proj.app import orders

            def test_it():
                assert orders.shown() == orders.plain() == json.dumps({}, indent=3)
            """,
        },
        config=deprecated("json:dumps(indent)"),
        sites=(Site("ours", ARGUMENT, "json:dumps(indent)", "shown"),),
    ),
    Case(
        slug="argument_of_odd_callables",
        says="lambdas, objects that can be called, classes with a metaclass of their own, and methods bound to a name",
        about=ABOUT,
        files={
            "mail.py": """
            class Counted(type):
                def __call__(cls, *args, **kwargs):
                    return super().__call__(*args, **kwargs)

            class Mail(metaclass=Counted):
                def __init__(self, text, urgent=False):
                    self.text = text

                def ring(self, urgent=False):
                    return urgent

            class Sender:
                def __call__(self, text, urgent=False):
                    return text

            send = Sender()
            short = lambda text, urgent=False: text
            """,
            "test_it.py": """
            from proj import mail

            def test_it():
                mail.short("a", False)  # site: lambda
                mail.send("a", False)  # site: object
                mail.Mail("a", True)  # site: position
                mail.Mail("a", urgent=False)  # site: metaclass
                ring = mail.Mail("a").ring
                ring(False)  # site: bound
                mail.short("a")
                mail.send("a")
                ring()
            """,
        },
        config=deprecated(
            "proj.mail:short(urgent)", "proj.mail:send(urgent)", "proj.mail:Mail(urgent)", "proj.mail:Mail.ring(urgent)"
        ),
        sites=(
            Site("lambda", ARGUMENT, "proj.mail:short(urgent)", "test_it"),
            Site("object", ARGUMENT, "proj.mail:send(urgent)", "test_it"),
            Site("position", ARGUMENT, "proj.mail:Mail(urgent)", "test_it"),
            Site("metaclass", ARGUMENT, "proj.mail:Mail(urgent)", "test_it"),
            Site("bound", ARGUMENT, "proj.mail:Mail.ring(urgent)", "test_it"),
        ),
    ),
]
