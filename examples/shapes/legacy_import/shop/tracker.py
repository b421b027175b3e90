class Tracker:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)


def get_tracker():
    return Tracker()
