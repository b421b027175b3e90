"""Where parcels were kept before, by each part of the program for itself."""

import warnings


class Register:
    def __init__(self):
        warnings.warn("Register is deprecated, use parcels.store.Store", DeprecationWarning, stacklevel=2)
        self.parcels = {}

    def put(self, number, state):
        self.parcels[number] = state

    def state(self, number):
        return self.parcels.get(number)


def open_register():
    warnings.warn("open_register() is deprecated, use parcels.store.get_store()", DeprecationWarning, stacklevel=2)
    return Register()
