"""Cases of `deprecated-access` that a run sees: members of enums looked up, and attributes written."""

from __future__ import annotations

from ..case import HERE, Case, Site, call

ACCESS = "deprecated-access"
MEMBER = "proj.old:Colour.RED"
WRITE = "proj.old:Order.state="
OUT_OF_SIGHT = {"proj.old:Order.status=": "proj/test_it.py:4"} if HERE == "monitoring" else {}


def deprecated(*targets: str, **more: list[str]) -> dict[str, dict[str, list[str]]]:
    """Return the configuration that deprecates `targets`."""
    return {"ssot.proj": {"deprecated": list(targets), **more}}


CASES = [
    Case(
        slug="enum_members",
        says="a member of an enum is looked up by attribute, by name and by value; the other members are none",
        about="run for enum look-ups, without changing what vars, inspect or pickles show",
        files={
            "old.py": """
            from enum import Enum, IntEnum

            class Colour(Enum):
                RED = "red"
                BLUE = "blue"

            class Level(IntEnum):
                LOW = 1
                HIGH = 2

            def default():
                return Colour.RED
            """,
            "test_it.py": """
            import inspect
            import pickle

            import pytest

            from proj import old
            from proj.old import Colour, Level

            def test_attribute():
                assert Colour.RED.value == "red"  # site: attribute
                assert old.Colour.RED is old.default()  # site: module

            def test_name():
                assert Colour["RED"].name == "RED"  # site: name

            def test_value():
                text = "".join(["r", "ed"])
                assert Colour(text).name == "RED"  # site: value
                assert Level(2).name == "HIGH"  # site: level

            def test_match():
                match old.default():
                    case Colour.RED:  # site: match
                        pass

            def test_others():
                assert Colour.BLUE is Colour["BLUE"] is Colour("blue")
                assert Level(1) is Level.LOW
                with pytest.raises(ValueError):
                    Colour("green")

            def test_nothing_shows():
                assert sorted(vars(Colour)["_member_map_"]) == ["BLUE", "RED"]
                assert [one.name for one in Colour] == ["RED", "BLUE"]
                assert "__getattribute__" not in vars(Colour)
                assert inspect.getsource(type(Colour).__call__)
                assert pickle.loads(pickle.dumps(Colour.BLUE)) is Colour.BLUE
            """,
        },
        config=deprecated(MEMBER, "proj.old:Level.HIGH"),
        sites=(
            Site("attribute", ACCESS, MEMBER, "test_attribute", (call(test="test_attribute"),)),
            Site("module", ACCESS, MEMBER, "test_attribute", (call(test="test_attribute"),)),
            Site("name", ACCESS, MEMBER, "test_name", (call(test="test_name"),)),
            Site("value", ACCESS, MEMBER, "test_value", (call(test="test_value"),)),
            Site("level", ACCESS, "proj.old:Level.HIGH", "test_value", (call(test="test_value"),)),
            Site("match", ACCESS, MEMBER, "test_match", (call(test="test_match"),)),
        ),
    ),
    Case(
        slug="enum_other_name",
        says="with another name of a member deprecated, the member by its own name and by its value is none",
        about="the deprecated name, not the thing",
        files={
            "old.py": """
            from enum import Enum

            class Colour(Enum):
                CRIMSON = "red"
                RED = "red"
            """,
            "test_it.py": """
            from proj.old import Colour

            def test_it():
                assert Colour.RED is Colour.CRIMSON  # site: attribute
                assert Colour["RED"] is Colour("red")  # site: name
                assert Colour["CRIMSON"] is Colour.CRIMSON
            """,
        },
        config=deprecated(MEMBER),
        sites=(
            Site("attribute", ACCESS, MEMBER, "test_it"),
            Site("name", ACCESS, MEMBER, "test_it"),
        ),
    ),
    Case(
        slug="written_attributes",
        says="an attribute of objects and their class is written, augmented, deleted or unpacked into; reading is none",
        about="a deprecated attribute written (`pkg.mod:Class.attr=`), by all but the one writer",
        files={
            "old.py": """
            class Order:
                count = 0

                def __init__(self):
                    self.state = "new"

                def close(self):
                    self.state = "closed"

            class Special(Order):
                __slots__ = ()
            """,
            "machine.py": """
            from proj.old import Order

            def move(order: Order, state):
                order.state = state  # site: writer
            """,
            "shop.py": """
            from proj.old import Order, Special

            class Cart:
                def __init__(self):
                    self.order = Order()
                    self.state = "own"

                def pay(self):
                    self.order.state = "paid"  # site: chain
                    self.state = "paid"

            def write():
                order = Order()
                order.state = "paid"  # site: plain
                order.state += "!"  # site: augmented
                order.other, order.state = 1, 2  # site: unpacked
                del order.state  # site: deleted
                special = Special()
                special.state = "special"  # site: derived
                Order.state = "every"  # site: of_class
                del Order.state  # site: off_class
                return order

            def read():
                order = Order()
                order.close()
                order.count = 2
                return order.state, getattr(order, "state")
            """,
            "test_it.py": """
            import pickle

            from proj import machine, shop
            from proj.old import Order

            def test_it():
                cart = shop.Cart()
                cart.pay()
                shop.write()
                shop.read()
                machine.move(Order(), "moved")

            def test_nothing_shows():
                order = Order()
                assert vars(order) == {"state": "new"}
                assert "__setattr__" not in vars(Order) and "state" not in vars(Order)
                assert vars(pickle.loads(pickle.dumps(order))) == {"state": "new"}
            """,
        },
        config=deprecated(WRITE, allow_in=["proj.machine:move"]),
        sites=(
            Site("writer", ACCESS, WRITE, "move", status="allowed"),
            Site("chain", ACCESS, WRITE, "Cart.pay"),
            Site("plain", ACCESS, WRITE, "write"),
            Site("augmented", ACCESS, WRITE, "write"),
            Site("unpacked", ACCESS, WRITE, "write"),
            Site("deleted", ACCESS, WRITE, "write"),
            Site("derived", ACCESS, WRITE, "write"),
            Site("of_class", ACCESS, WRITE, "write"),
            Site("off_class", ACCESS, WRITE, "write"),
        ),
    ),
    Case(
        slug="written_items",
        says="what is written to an item of a list or a dictionary, by a literal or a variable",
        about="a deprecated attribute written",
        files={
            "old.py": """
            class Order:
                level = 1
            """,
            "test_it.py": """
            from proj.old import Order

            class Shop:
                def __init__(self):
                    self.orders = {"a": [Order()]}

                def raise_all(self, key, number):
                    self.orders["a"][0].level = 2  # site: literals
                    self.orders[key][number].level = 3  # site: variables
                    orders = self.orders[key]
                    orders[number].level += 1  # site: augmented

            def test_it():
                Shop().raise_all("a", -1)
            """,
        },
        config=deprecated("proj.old:Order.level="),
        sites=(
            Site("literals", ACCESS, "proj.old:Order.level=", "Shop.raise_all"),
            Site("variables", ACCESS, "proj.old:Order.level=", "Shop.raise_all"),
            Site("augmented", ACCESS, "proj.old:Order.level=", "Shop.raise_all"),
        ),
    ),
    Case(
        slug="written_module",
        says="an attribute of a module is written from elsewhere",
        about="a deprecated attribute written",
        files={
            "old.py": """
            LIMIT = 1

            def reset():
                global LIMIT
                LIMIT = 1
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                old.LIMIT = 2  # site: here
                assert old.LIMIT == 2
                old.reset()
            """,
        },
        config=deprecated("proj.old:LIMIT="),
        sites=(Site("here", ACCESS, "proj.old:LIMIT=", "test_it"),),
    ),
    Case(
        slug="read_by_name",
        says="getattr reads a constant or a member of an enum by a name in a variable; a default of that name is none",
        about="run where a statement calls getattr",
        files={
            "old.py": """
            import enum

            LIMIT = 3

            class Order:
                SIZE = 1

            class Express(Order):
                SIZE = 2

            class Kind(enum.Enum):
                PLAIN = 1
                LARGE = 2
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                for name in ("LIMIT", "Order"):
                    getattr(old, name)  # site: constant
                size = "SIZE"
                assert getattr(old.Order(), size, 0) == 1  # site: of-object
                assert getattr(old.Express, size) == 2
                assert getattr(old, "OTHER", "LIMIT")
                for kind in ("PLAIN", "LARGE"):
                    getattr(old.Kind, kind)  # site: member
            """,
        },
        config=deprecated("proj.old:LIMIT", "proj.old:Order.SIZE", "proj.old:Kind.PLAIN"),
        sites=(
            Site("constant", ACCESS, "proj.old:LIMIT", "test_it"),
            Site("of-object", ACCESS, "proj.old:Order.SIZE", "test_it"),
            Site("member", ACCESS, "proj.old:Kind.PLAIN", "test_it"),
        ),
        limits={"in-place": "what a statement calls is told from 3.12 on"},
    ),
    Case(
        slug="written_by_a_mock",
        says="an attribute that a mock or monkeypatch replaces is written where that is done, or by the decorated test",
        about="a deprecated attribute written",
        files={
            "old.py": """
            LIMIT = 1

            class Order:
                level = "new"
            """,
            "test_it.py": """
            from unittest import mock
            from proj import old

            def test_it(monkeypatch):
                monkeypatch.setattr(old, "LIMIT", 2)  # site: monkeypatch
                monkeypatch.setattr("proj.old.Order.level", "b")  # site: by-text
                with mock.patch.object(old.Order, "level", "c"):  # site: patch
                    pass
                monkeypatch.setattr(old, "OTHER", 2, raising=False)

            @mock.patch("proj.old.LIMIT", 3)  # site: decorator
            def test_decorated():
                assert old.LIMIT == 3
            """,
        },
        config=deprecated("proj.old:Order.level=", "proj.old:LIMIT="),
        sites=(
            Site("monkeypatch", ACCESS, "proj.old:LIMIT=", "test_it"),
            Site("by-text", ACCESS, "proj.old:Order.level=", "test_it"),
            Site("patch", ACCESS, "proj.old:Order.level=", "test_it"),
            Site("decorator", ACCESS, "proj.old:LIMIT=", seen=(call(test="test_decorated"),)),
        ),
    ),
    Case(
        slug="written_by_setattr",
        says="an attribute is written by setattr, delattr and object.__setattr__, its name in quotes or in a variable",
        about="a deprecated attribute written",
        files={
            "old.py": """
            class Order:
                stage = "new"
            """,
            "test_it.py": """
            from proj.old import Order

            def test_it():
                order = Order()
                setattr(order, "stage", "paid")  # site: setattr
                object.__setattr__(order, "stage", "sent")  # site: past
                delattr(order, "stage")  # site: delattr
                for name in ("place", "stage"):
                    setattr(order, name, 1)  # site: variable
                setattr(order, "place", 1)
                setattr(test_it, "stage", 1)
            """,
        },
        config=deprecated("proj.old:Order.stage="),
        sites=(
            Site("setattr", ACCESS, "proj.old:Order.stage=", "test_it"),
            Site("past", ACCESS, "proj.old:Order.stage=", "test_it"),
            Site("delattr", ACCESS, "proj.old:Order.stage=", "test_it"),
            Site("variable", ACCESS, "proj.old:Order.stage=", "test_it"),
        ),
        limits={"in-place": "what a statement calls is told from 3.12 on: a named blind spot"},
        blind_in_place={"proj.old:Order.stage=": "proj/test_it.py: what setattr writes"},
    ),
    Case(
        slug="written_handed_on",
        says="an attribute is written of a class that the target names by a module which only hands it on",
        about="a deprecated attribute written",
        files={
            "mail.py": """
            class Letter:
                stamp = None

                def __init__(self):
                    self.state = "new"
            """,
            "hub.py": """
            from .mail import Letter

            Parcel = Letter
            """,
            "shop.py": """
            from proj import hub

            def write():
                letter = hub.Letter()
                letter.stamp = 1  # site: object
                hub.Letter.stamp = 2  # site: of_class
                parcel = hub.Parcel()
                parcel.stamp = 3  # site: second
                letter.other = letter.stamp
                letter.state = "sent"  # site: instance
            """,
            "test_it.py": """
            from proj import shop

            def test_it():
                shop.write()
            """,
        },
        config=deprecated("proj.hub:Letter.stamp=", "proj.hub:Letter.state="),
        sites=(
            Site("object", ACCESS, "proj.hub:Letter.stamp=", "write"),
            Site("of_class", ACCESS, "proj.hub:Letter.stamp=", "write"),
            Site("second", ACCESS, "proj.hub:Letter.stamp=", "write"),
            Site("instance", ACCESS, "proj.hub:Letter.state=", "write"),
        ),
    ),
    Case(
        slug="written_out_of_sight",
        says="what is written to the result of a call is seen in place; monitoring says that it cannot tell to what",
        about="a deprecated attribute written; what cannot be told is named",
        files={
            "old.py": """
            class Order:
                status = "new"

            ORDERS = {"a": Order()}

            def get(key) -> Order:
                return ORDERS[key]
            """,
            "test_it.py": """
            from proj.old import get

            def test_it():
                get("a").status = "paid"  # site: here
            """,
        },
        config=deprecated("proj.old:Order.status="),
        sites=(Site("here", ACCESS, "proj.old:Order.status=", "test_it"),),
        limits={
            "monitoring": "what an instruction is about to write to is told of variables and their attributes only"
        },
        blind_spots=OUT_OF_SIGHT,
    ),
]
