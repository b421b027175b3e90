from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from shop.legacy import OrderLog  #: both deprecated-import


@dataclass
class Cart:
    log: object = field(default_factory=OrderLog)


def cart():
    return Cart().log  #: run deprecated-use


def logs():
    return defaultdict(OrderLog)["a"]  #: run deprecated-use


def elsewhere():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(OrderLog).result()  #: both deprecated-use


def named():
    return isinstance(1, OrderLog)
