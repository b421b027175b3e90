from shop.log import say


def pay():
    print("paid")  #: scan deprecated-use; run from 3.12 deprecated-use


def refund():
    say("refunded")
