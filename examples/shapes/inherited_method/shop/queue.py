from shop.handler import Handler, MailHandler, OwnHandler


def direct():
    return Handler().process("a")  #: both deprecated-use


def inherited():
    return MailHandler().process("a")  #: both deprecated-use


def overridden():
    return OwnHandler().process("a")


def new():
    return MailHandler().handle("a")
