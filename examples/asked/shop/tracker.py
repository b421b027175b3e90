# shop/tracker.py


class OrderTracker:
    """The single source of truth: the state of every order, in one place."""

    def __init__(self):
        self.states = {}

    def move(self, order, state):
        self.states[order] = state


_tracker = OrderTracker()


def get_tracker():
    return _tracker
