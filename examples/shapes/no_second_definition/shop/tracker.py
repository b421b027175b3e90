class Tracker:
    def __init__(self):
        self.states = {}

    def start(self, order):
        self.states[order] = "started"

    def move(self, order, state):
        if order not in self.states:
            raise KeyError(order)
        self.states[order] = state

    def state_of(self, order):
        return self.states.get(order)
