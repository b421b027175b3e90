import time
from time import monotonic  #: both deprecated-import

from shop.clock import now


def stamp():
    return time.time()  #: scan deprecated-use; run from 3.12 deprecated-use


def started():
    return monotonic()  #: scan deprecated-use; run from 3.12 deprecated-use


def placed():
    return now()
