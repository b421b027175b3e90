import importlib

import shop.legacy as old  #: both deprecated-import
from shop.legacy import OrderLog as Log  #: both deprecated-import
from shop.tracker import Tracker

from . import legacy  #: both deprecated-import


def pay():
    log = Log()  #: both deprecated-use
    log.write("paid")
    return log.lines


def refund():
    return old.get_log()  #: both deprecated-use


def cancel():
    return legacy.OrderLog()  #: both deprecated-use


def late():
    return importlib.import_module("shop.legacy").get_log()  #: both deprecated-import, deprecated-use


def new():
    return Tracker()
