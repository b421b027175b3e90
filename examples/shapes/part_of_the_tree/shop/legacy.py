class OrderLog:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)


def get_log():
    return OrderLog()
