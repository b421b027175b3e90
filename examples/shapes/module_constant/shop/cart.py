from shop import settings
from shop.settings import MAX_ITEMS  #: both deprecated-import


def full(items):
    return len(items) >= settings.MAX_ITEMS  #: scan deprecated-access


def left(items):
    return MAX_ITEMS - len(items)  #: scan deprecated-access


def new(items):
    return settings.LIMITS["items"] - len(items)
