from shop.colour import Colour


def by_attribute():
    return Colour.RED  #: both deprecated-access


def by_name():
    return Colour["RED"]  #: both deprecated-access


def by_value(value):
    return Colour(value)


def by_written_value():
    return Colour("red")  #: both deprecated-access


def new():
    return Colour.CRIMSON
