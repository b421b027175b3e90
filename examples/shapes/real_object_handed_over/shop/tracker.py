class Tracker:
    def __init__(self):
        self.states = {}

    def move(self, order, state):
        self.states[order] = state


_tracker = None


def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker
