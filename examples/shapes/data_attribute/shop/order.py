class Order:
    STATES = ("new", "paid")

    def __init__(self):
        self.status = "new"
