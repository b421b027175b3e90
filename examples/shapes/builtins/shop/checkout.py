from shop.log import say


def pay():
    print("paid")  #: both deprecated-use


def refund():
    say("refunded")
