from functools import partial

from shop.mail import Mail, send


def by_name():
    return send("a", urgent=True)  #: both deprecated-argument


def by_position():
    return send("a", True)  #: both deprecated-argument


def by_value():
    return send("a", mode="old")  #: both deprecated-argument


def by_mapping(options):
    return send("a", **options)  #: run deprecated-argument


def by_partial():
    return partial(send, urgent=True)("a")  #: both deprecated-argument


def by_constructor():
    return Mail("a", True).text  #: both deprecated-argument


def defaulted():
    return send("a") + send("a", mode="new") + Mail("a").text
