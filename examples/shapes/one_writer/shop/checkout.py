from shop.machine import move
from shop.order import Order


def pay():
    order = Order()
    move(order, "paid")
    return order.state


def cheat():
    order = Order()
    order.state = "paid"  #: both deprecated-access
    return order.state
