from shop.legacy import OrderLog
from shop.rates import rate
from shop.tracker import get_tracker


def pay(order):
    get_tracker().move(order, "paid")
    return rate("standard")


def refund(order):
    log = OrderLog()
    log.write(order, "refunded")
    return log.lines
