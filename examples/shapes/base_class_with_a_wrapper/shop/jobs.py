import threading

from shop.base import Worker


class Direct(threading.Thread):  #: both deprecated-base
    pass


class Wrapped(Worker):
    pass
