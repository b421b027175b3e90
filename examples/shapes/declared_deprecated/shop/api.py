"""The shop's interface."""

import warnings

NEW_RATE = 3


def total():
    return 1


def sum_up():
    """Add up.

    .. deprecated:: 1.2
       Use total instead.
    """
    return 1


def old_total():
    warnings.warn("old_total() is deprecated, use total instead", DeprecationWarning, stacklevel=2)
    return total()


class Receipt:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)

    def put(self, line):
        warnings.warn("Receipt.put() will be removed in 3.0, use write() instead", DeprecationWarning, stacklevel=2)
        self.write(line)


class Ticket(Receipt):
    def __init__(self):
        warnings.warn("Ticket is deprecated in favor of Receipt", DeprecationWarning, stacklevel=2)
        super().__init__()


def __getattr__(name):
    if name == "RATE":
        warnings.warn("RATE is deprecated, use NEW_RATE instead", DeprecationWarning, stacklevel=2)
        return NEW_RATE
    raise AttributeError(name)
