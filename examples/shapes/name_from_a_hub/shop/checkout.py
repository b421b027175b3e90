from shop.hub import Tracker  #: both deprecated-import
from shop.tracker import Tracker as Direct


def through_the_hub():
    return Tracker()


def direct():
    return Direct()
