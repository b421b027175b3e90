from parcels.labels import label
from parcels.register import Register


class ParcelView:
    def __init__(self, register=None):
        self.register = register or Register()

    def show(self, number):
        return {"label": label(number), "state": self.register.state(number)}
