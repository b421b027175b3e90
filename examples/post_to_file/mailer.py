"""Two ways to make a ticket; the second is the one to use."""


class OldTicket:
    def __init__(self, title: str) -> None:
        self.title = title


class Ticket:
    def __init__(self, title: str) -> None:
        self.title = title


def open_ticket(title: str) -> OldTicket:
    return OldTicket(title)
