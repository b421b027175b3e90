import time
from time import monotonic  #: both deprecated-import

from shop.clock import now


def stamp():
    return time.time()  #: both deprecated-use


def started():
    return monotonic()  #: both deprecated-use


def placed():
    return now()
