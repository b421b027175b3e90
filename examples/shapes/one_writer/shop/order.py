class Order:
    def __init__(self):
        self.state = "new"
