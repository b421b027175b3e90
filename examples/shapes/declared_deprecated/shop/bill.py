import shop.legacy  #: both deprecated-import
from shop import api


def bill():
    return api.old_total()  #: both deprecated-use


def added():
    return api.sum_up()  #: both deprecated-use


def rate():
    return api.RATE  #: both deprecated-access


def receipt():
    receipt = api.Receipt()
    receipt.put("tea")  #: both deprecated-use
    return receipt.lines


def ticket():
    return api.Ticket().lines  #: both deprecated-use


def discount():
    return shop.legacy.discount()  #: both deprecated-use


def new():
    receipt = api.Receipt()
    receipt.write("tea")
    return api.total()
