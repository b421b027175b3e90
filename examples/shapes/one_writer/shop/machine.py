from shop.order import Order


def move(order: Order, state):
    order.state = state  #: both allowed deprecated-access
