from shop.tracker import Tracker, get_tracker


def pay(order):
    get_tracker().move(order, "paid")


def preview(order):
    tracker = Tracker()  #: both singleton-bypass
    tracker.move(order, "paid")
    return tracker.states
