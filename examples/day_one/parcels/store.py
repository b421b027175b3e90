"""Where parcels are kept."""


class Store:
    def __init__(self):
        self.parcels = {}

    def put(self, number, state):
        self.parcels[number] = state

    def state(self, number):
        return self.parcels.get(number)


_store = Store()


def get_store():
    return _store
