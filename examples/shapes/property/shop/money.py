class Money:
    def __init__(self, cents):
        self.cents = cents

    @property
    def amount(self):
        return self.cents / 100

    @amount.setter
    def amount(self, value):
        self.cents = value * 100
