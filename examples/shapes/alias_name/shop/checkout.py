from shop.tracker import OldTracker, Tracker  #: both deprecated-import


def old():
    return OldTracker()  #: both deprecated-use


def new():
    return Tracker()
